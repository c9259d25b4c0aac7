"""Unpack files: gzip, xz, bzip2, zstd and zip, told apart by their first bytes; names do not matter."""

import bz2
import gzip
import io
import lzma
import pathlib
import re
import zipfile

from kerasformer.errors import InputError

# Text shrinks to a tenth, rarely to a hundredth. What expands more than that is refused before it fills the memory.
MAX_EXPANSION = 200
ALWAYS_ALLOWED = 2**28  # bytes
_BLOCK = 2**20
# Files of an archive that are not sentences: READMEs, licences, hidden files, the alignments of OPUS.
_NOT_SENTENCES = re.compile(r"([._].*|readme.*|licen[cs]e.*|copying.*|.*\.(md|xml|ids|info|scores|pdf|html?))", re.I)


def _open_zstd(stream):
    try:
        from compression import zstd  # Python 3.14
    except ImportError:
        try:
            from backports import zstd
        except ImportError:
            raise InputError("the package that reads zstd is missing: pip install backports.zstd") from None
    return zstd.ZstdFile(stream)


_OPENERS = {  # first bytes, and the function that opens a stream
    rb"\x1f\x8b": gzip.open,
    rb"\xfd7zXZ\x00": lzma.open,
    rb"BZh[1-9]1AY&SY": bz2.open,
    rb"\x28\xb5\x2f\xfd": _open_zstd,
}


def decompress(data, name="the data"):
    """Return bytes as they are, or decompressed if they are gzip, xz, bzip2 or zstd, of one or several parts.

    Args:
        data: bytes.
        name: the name of the file in error messages.

    Raises:
        InputError: if the data are damaged, or expand to more than `MAX_EXPANSION` times their size.
    """
    opened = next((opened for magic, opened in _OPENERS.items() if re.match(magic, data)), None)
    return _read(lambda: opened(io.BytesIO(data)), len(data), name) if opened else data


def members(data, name):
    """The files in the bytes of a file: one, or what a zip archive holds besides its README and the like.

    Returns:
        Dict of file name to decompressed bytes, with one or two entries.

    Raises:
        InputError: as `decompress`; and for an archive of no or of many files.
    """
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return {pathlib.Path(name).name: decompress(data, name)}
    with _open_zip(data, name) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        paths = {info.filename for info in infos}
        if paths & {"[Content_Types].xml", "mimetype"}:
            raise InputError(f"{name} is a document of an office program: save it as CSV or as plain text (UTF-8)")
        infos = [info for info in infos if not _NOT_SENTENCES.fullmatch(pathlib.PurePosixPath(info.filename).name)]
        if len(infos) not in (1, 2):
            listed = f" ({', '.join(sorted(paths)[:4])}{', ...' if len(paths) > 4 else ''})" if paths else ""
            raise InputError(
                f"{name} is a zip archive with {len(infos)} files of text{listed}, but one or two are needed: unpack "
                "it, and give one file, two files or the folder"
            )
        unpacked = {}
        for info in infos:
            held = _read(lambda info=info: archive.open(info), info.compress_size, f"{name}, {info.filename}")
            unpacked[info.filename] = decompress(held, f"{name}, {info.filename}")
        return unpacked


def _open_zip(data, name):
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile as error:
        raise InputError(f"{name} is a damaged archive ({error}): copy or download it again") from error


def _read(opened, size, name):
    """Read all of a stream, which has `size` bytes on disk."""
    blocks, allowed = [], max(ALWAYS_ALLOWED, MAX_EXPANSION * size)
    try:
        with opened() as stream:
            while block := stream.read(_BLOCK):
                blocks.append(block)
                allowed -= len(block)
                if allowed < 0:
                    raise InputError(
                        f"{name} expands to more than {MAX_EXPANSION} times its size, which text does not: if it is "
                        "meant, unpack it and give the unpacked file"
                    )
    except (InputError, MemoryError):
        raise
    except Exception as error:  # decoders raise many kinds of exceptions
        raise InputError(f"{name} is damaged or encrypted ({error}): copy or download it again") from error
    return b"".join(blocks)
