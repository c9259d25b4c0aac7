"""Downloads that resume after a break, are checked by SHA-256, and are put into the cache only when complete."""

import contextlib
import hashlib
import os
import time
from pathlib import Path

from kerasformer.errors import InputError

USER_AGENT = "Mozilla/5.0 (compatible; kerasformer)"  # some hosts refuse the default of urllib
BLOCK_BYTES = 1 << 16
ATTEMPTS = 4
BACKOFF_SECONDS = 0.5  # before the second attempt; doubled for each further one
OFFLINE_HINT = "without a network, copy the files from elsewhere and give their folder with --data-dir"


def cache_folder(cache_dir=None):
    """Return the folder of downloads and prepared corpora: `cache_dir`, $KERASFORMER_CACHE or ~/.cache/kerasformer."""
    return Path(cache_dir or os.environ.get("KERASFORMER_CACHE") or "~/.cache/kerasformer").expanduser()


class BrokenConnection(Exception):
    """A transfer failed; another attempt may succeed."""


def fetch(url, path, *, sha256=None, transform=None, progress=True, timeout=30, opener=None):
    """Download a file, unless an undamaged copy exists.

    Args:
        url: URL of the file.
        path: Where to put it; `path.part` holds an incomplete download.
        sha256: Expected SHA-256 in hexadecimal, None if it is unknown.
        transform: Function from the bytes of the file to the bytes that are hashed, such as `gzip.decompress`; the
            file is damaged if it raises an exception. None hashes the file itself.
        progress: Whether to show a progress bar on stderr.
        timeout: Seconds without data after which a connection is given up.
        opener: Function of a `urllib.request.Request` and `timeout` that returns the response; None for
            `urllib.request.urlopen`.

    Returns:
        `pathlib.Path` of the file.

    Raises:
        InputError: if the download failed or the file is not the expected one.
    """
    path = Path(path)
    if path.exists() and find_defect(path, sha256, transform) is None:
        return path
    with _disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    download = _Download(url, part, sha256 is not None, progress, timeout, opener)
    _download_checked(download, lambda: find_defect(part, sha256, transform))
    with _disk_errors(path):
        os.replace(part, path)
        _validator_path(part).unlink(missing_ok=True)
    return path


def _download_checked(download, find_part_defect):
    """Download the complete and undamaged `.part`, or raise and remove it."""
    resumed = download.run()
    defect = find_part_defect()
    if defect and resumed:  # the file may have changed on the server: download all of it again
        _discard(download.part)
        download.run()
        defect = find_part_defect()
    if defect:
        _discard(download.part)
        raise InputError(f"{download.url} is not the expected file: {defect}; try again, or {OFFLINE_HINT}")


def find_defect(path, sha256=None, transform=None):
    """Say what is wrong with a downloaded file; None if nothing is."""
    with _disk_errors(path):
        data = Path(path).read_bytes()
    if transform is not None:
        try:
            data = transform(data)
        except Exception as error:  # the transform cannot read damaged bytes
            return f"it is damaged ({error})"
    found = hashlib.sha256(data).hexdigest()
    if sha256 is not None and found != sha256:
        return f"expected SHA-256 {sha256}, got {found}"
    return None


class _Download:
    """The transfer of one file from a URL to its `.part`, over several connections if they break."""

    def __init__(self, url, part, has_checksum, progress, timeout, opener):
        self.url = url
        self.part = part
        self.has_checksum = has_checksum
        self.progress = progress
        self.timeout = timeout
        self.opener = opener

    def run(self):
        """Transfer the file; return whether the last connection resumed an earlier one."""
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(BACKOFF_SECONDS * 2 ** (attempt - 1))
            try:
                return self._transfer()
            except BrokenConnection as error:
                reason = str(error)
        raise InputError(f"cannot download {self.url}: {reason}; try again, or {OFFLINE_HINT}")

    def _transfer(self):
        import urllib.request  # takes longer to load than a command that downloads nothing

        offset, validator = self._resume_point()
        request = urllib.request.Request(self.url, headers={"User-Agent": USER_AGENT})
        if offset:
            request.add_header("Range", f"bytes={offset}-")
        if offset and validator:
            request.add_header("If-Range", validator)  # if the file has changed, the server sends all of it
        with self._open(request) as response:
            resumed = response.status == 206
            if resumed and not response.headers.get("Content-Range", "").startswith(f"bytes {offset}-"):
                _discard(self.part)
                raise BrokenConnection("the server resumed at the wrong position")
            if not resumed:
                offset = 0
                self._start_over(response.headers)
            self._save(response, offset)
        return resumed

    def _resume_point(self):
        """Return how many bytes of `.part` can be kept, and the ETag or date of their file."""
        try:
            size = self.part.stat().st_size
        except OSError:
            return 0, None
        record = _validator_path(self.part)
        validator = record.read_text(encoding="ascii") if record.exists() else None
        return (size, validator) if validator or self.has_checksum else (0, None)

    def _open(self, request):
        import http.client
        import urllib.error
        import urllib.request

        try:
            return (self.opener or urllib.request.urlopen)(request, timeout=self.timeout)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416:  # `.part` is longer than the file
                _discard(self.part)
            answer = f"the server answered {error.code} {error.reason}"
            if error.code in (408, 416, 429) or error.code >= 500:
                raise BrokenConnection(answer) from error
            raise InputError(f"cannot download {self.url}: {answer}; {OFFLINE_HINT}") from error
        except (OSError, http.client.HTTPException) as error:
            raise BrokenConnection(str(getattr(error, "reason", error)) or type(error).__name__) from error

    def _start_over(self, headers):
        _discard(self.part)
        etag = headers.get("ETag", "")
        validator = headers.get("Last-Modified") if not etag or etag.startswith("W/") else etag
        if validator:
            with _disk_errors(self.part):
                _validator_path(self.part).write_text(validator, encoding="ascii", errors="ignore")

    def _save(self, response, offset):
        length = response.headers.get("Content-Length")
        total = offset + int(length) if length else None
        received = offset
        with _disk_errors(self.part), open(self.part, "ab") as file, self._bar(offset, total) as advance:
            while block := _read_block(response):
                file.write(block)
                received += len(block)
                advance(len(block))
            file.flush()
            os.fsync(file.fileno())
        if total is not None and received != total:
            raise BrokenConnection(f"the connection broke after {received:,} of {total:,} bytes")

    @contextlib.contextmanager
    def _bar(self, offset, total):
        from rich import progress as rich
        from rich.console import Console

        named = rich.TextColumn("{task.description}")
        columns = named, rich.BarColumn(), rich.DownloadColumn(), rich.TransferSpeedColumn(), rich.TimeRemainingColumn()
        with rich.Progress(*columns, console=Console(stderr=True), disable=not self.progress) as progress:
            task = progress.add_task(self.part.stem, total=total, completed=offset)
            yield lambda count: progress.advance(task, count)


def _read_block(response):
    import http.client

    try:
        return response.read(BLOCK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise BrokenConnection(f"the connection broke ({error or type(error).__name__})") from error


def _validator_path(part):
    return part.with_name(part.name + ".validator")


def _discard(part):
    with _disk_errors(part):
        part.unlink(missing_ok=True)
        _validator_path(part).unlink(missing_ok=True)


@contextlib.contextmanager
def _disk_errors(path):
    """Turn a disk error into an `InputError` that names the path."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot read or write {path}: {error.strerror or error}; "
            "choose another cache folder with KERASFORMER_CACHE"
        ) from error
