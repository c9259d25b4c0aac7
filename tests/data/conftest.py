"""A local file server that can misbehave on purpose, and the folder of real data."""

import dataclasses
import hashlib
import http.server
import os
import threading
from pathlib import Path

import pytest

from kerasformer.data import download


@dataclasses.dataclass
class FileServer:
    """The files of a test server, its faults, and the requests it got."""

    url: str = ""
    files: dict[str, bytes] = dataclasses.field(default_factory=dict)
    break_after: list[int] = dataclasses.field(default_factory=list)  # bytes sent before each break to come
    honour_range: bool = True
    send_etag: bool = True
    failures: list[int] = dataclasses.field(default_factory=list)  # status codes to answer first
    requests: list[tuple[str, dict[str, str]]] = dataclasses.field(default_factory=list)

    def ranges(self):
        return [headers.get("Range") for _, headers in self.requests]


def _handler(server):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            server.requests.append((self.path, dict(self.headers)))
            data = server.files.get(self.path.lstrip("/"))
            if server.failures or data is None:
                self.send_error(server.failures.pop(0) if server.failures else 404)
                return
            etag = f'"{hashlib.md5(data).hexdigest()}"'
            start = self._start(etag)
            if start and start >= len(data):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            if server.send_etag:
                self.send_header("ETag", etag)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            stop = start + server.break_after.pop(0) if server.break_after else len(data)
            self.wfile.write(data[start:stop])

        def _start(self, etag):
            asked = self.headers.get("Range")
            if asked is None or not server.honour_range or self.headers.get("If-Range", etag) != etag:
                return 0
            return int(asked.removeprefix("bytes=").removesuffix("-"))

        def log_message(self, *args):
            pass

    return Handler


@pytest.fixture
def file_server(monkeypatch):
    monkeypatch.setattr(download, "BACKOFF_SECONDS", 0.01)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    offer = FileServer()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(offer))
    offer.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield offer
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def real_data():
    """Folder with multi30k/, tatoeba-fra-eng/ and korean-chat/."""
    folder = os.environ.get("KERASFORMER_DATA")
    if not folder:
        pytest.skip("KERASFORMER_DATA does not name a folder with multi30k/, tatoeba-fra-eng/ and korean-chat/")
    return Path(folder)


@pytest.fixture
def write(tmp_path):
    """Function of a name and bytes or text: the path of a file with them."""

    def write_file(name, data):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write_file
