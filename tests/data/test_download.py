import gzip
import hashlib
import os
import random
import socket

import pytest

from kerasformer.data.download import fetch
from kerasformer.errors import InputError

TEXT = random.Random(0).randbytes(300_007)
DIGEST = hashlib.sha256(TEXT).hexdigest()


@pytest.fixture
def server(file_server):
    file_server.files["text.bin"] = TEXT
    return file_server


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache" / "text.bin"


def get(server, path, **options):
    return fetch(f"{server.url}/text.bin", path, progress=False, **options)


def left_behind(path):
    return sorted(item.name for item in path.parent.iterdir())


def test_a_file_is_downloaded_and_nothing_else_is_left(server, path):
    assert get(server, path, sha256=DIGEST) == path
    assert path.read_bytes() == TEXT
    assert left_behind(path) == ["text.bin"]
    assert server.ranges() == [None]


def test_progress_is_shown_on_stderr(server, path, capsys):
    fetch(f"{server.url}/text.bin", path)
    out, err = capsys.readouterr()
    assert out == ""
    assert "text.bin" in err
    assert "300.0/300.0 kB" in err


@pytest.mark.parametrize("with_etag", [True, False])
def test_broken_connection_is_resumed(server, path, with_etag):
    server.break_after = [100_003, 50_021]
    server.send_etag = with_etag
    get(server, path, sha256=DIGEST)
    assert path.read_bytes() == TEXT
    assert server.ranges() == [None, "bytes=100003-", "bytes=150024-"]
    assert ("If-Range" in server.requests[1][1]) == with_etag


def test_resumed_by_a_later_call(server, path):
    server.break_after = [100_003, 0, 0, 0]
    with pytest.raises(InputError, match="the connection broke after 100,003 of 300,007 bytes"):
        get(server, path)
    assert left_behind(path) == ["text.bin.part", "text.bin.part.validator"]
    get(server, path)
    assert server.ranges()[-1] == "bytes=100003-"
    assert path.read_bytes() == TEXT
    assert left_behind(path) == ["text.bin"]


def test_server_that_ignores_range_starts_over(server, path):
    server.break_after = [100_003]
    server.honour_range = False
    get(server, path, sha256=DIGEST)
    assert server.ranges() == [None, "bytes=100003-"]
    assert path.read_bytes() == TEXT


def test_without_validator_or_checksum_nothing_is_spliced(server, path):
    server.break_after = [100_003]
    server.send_etag = False
    get(server, path)
    assert server.ranges() == [None, None]
    assert path.read_bytes() == TEXT


@pytest.mark.parametrize("with_etag", [True, False])
def test_file_changed_meanwhile_is_not_spliced(server, path, with_etag):
    server.send_etag = with_etag
    server.break_after = [100_003, 0, 0, 0]
    with pytest.raises(InputError):
        get(server, path, sha256=DIGEST)
    server.files["text.bin"] = changed = TEXT[::-1]
    get(server, path, sha256=hashlib.sha256(changed).hexdigest())
    assert path.read_bytes() == changed


def test_part_longer_than_the_file_is_discarded(server, path):
    path.parent.mkdir()
    path.with_name("text.bin.part").write_bytes(TEXT + b"more")
    get(server, path, sha256=DIGEST)
    assert path.read_bytes() == TEXT


def test_wrong_checksum_leaves_nothing(server, path):
    with pytest.raises(InputError, match=f"expected SHA-256 {'0' * 64}, got {DIGEST}"):
        get(server, path, sha256="0" * 64)
    assert left_behind(path) == []


def test_checksum_of_the_decompressed_text(server, path):
    server.files["text.bin"] = gzip.compress(TEXT, mtime=1)
    get(server, path, sha256=DIGEST, transform=gzip.decompress)
    assert gzip.decompress(path.read_bytes()) == TEXT


def test_damaged_archive_is_refused(server, path):
    server.files["text.bin"] = gzip.compress(TEXT)[:-9]
    with pytest.raises(InputError, match="is damaged"):
        get(server, path, transform=gzip.decompress)
    assert left_behind(path) == []


def test_missing_file_is_not_retried(server, path):
    with pytest.raises(InputError, match=r"/nothing\.gz: the server answered 404 .*--data-dir"):
        fetch(f"{server.url}/nothing.gz", path, progress=False)
    assert len(server.requests) == 1


def test_busy_server_is_asked_again(server, path):
    server.failures = [503, 429]
    get(server, path, sha256=DIGEST)
    assert len(server.requests) == 3


def test_refused_connection(file_server, path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/text.bin"
        with pytest.raises(InputError, match=rf"cannot download {url}: .*refused.*--data-dir"):
            fetch(url, path, progress=False)


def test_an_undamaged_copy_is_not_downloaded_again(server, path):
    get(server, path, sha256=DIGEST)
    get(server, path, sha256=DIGEST)
    assert len(server.requests) == 1


def test_a_damaged_copy_is_downloaded_again(server, path):
    path.parent.mkdir()
    path.write_bytes(TEXT[:-1])
    get(server, path, sha256=DIGEST)
    assert path.read_bytes() == TEXT


def test_a_full_disk_is_reported(server, path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InputError, match=r"text\.bin: No space left on device.*KERASFORMER_CACHE"):
        get(server, path)
    assert not path.exists()


def test_cache_folder_that_cannot_be_made(server, tmp_path):
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(InputError, match="cannot read or write"):
        get(server, tmp_path / "cache" / "folder" / "text.bin")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_unwritable_folder(server, path):
    path.parent.mkdir(mode=0o500)
    with pytest.raises(InputError, match="Permission denied"):
        get(server, path)
