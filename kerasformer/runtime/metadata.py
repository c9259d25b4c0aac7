"""The metadata of a `.tflite`, in a ZIP appended to the flatbuffer; and its interpreter."""

import hashlib
import json
import zipfile
import zlib

from kerasformer.errors import InputError
from kerasformer.formats import FORMS, Description, check_version, describe
from kerasformer.runtime.interpreter import SharedInterpreter
from kerasformer.tasks import find_task

FORMAT = "kerasformer-litert"
FORMAT_VERSION = 2  # 2: a task, which is translation where none is named
METADATA_FILE, TOKENIZER_FILE = "kerasformer.json", "tokenizer.model"


def describe_litert(path):
    """The `Description` of a `.tflite`, with the bytes of its tokenizer if it has one.

    Raises:
        InputError: if there is no such file, it is damaged, not written by kerasformer, from a newer version, or for no
            known task.
    """
    if not path.is_file():
        raise InputError(f"{path} does not exist or is not a file")
    try:
        with zipfile.ZipFile(path) as archive:
            metadata = {"task": "translation", **json.loads(archive.read(METADATA_FILE))}
            tokenizer = archive.read(TOKENIZER_FILE) if metadata.get("has_tokenizer", True) else None
        version = metadata["format_version"] if metadata["format"] == FORMAT else None
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, KeyError, ValueError, TypeError):
        version = None
    if version is None:
        raise InputError(f"{path} is damaged or not a .tflite of kerasformer: it has none of our metadata; export one")
    check_version(path, version, FORMAT_VERSION)
    return Description(
        path,
        FORMS["litert"],
        find_task(metadata["task"], path),
        metadata["source"],
        metadata["target"],
        is_exact=metadata.get("is_exact", metadata["precision"] == "fp32"),
        format_version=version,
        corpus=metadata.get("corpus", {}),
        metadata=metadata,
        tokenizer=tokenizer,
    )


def read_flatbuffer(path):
    """The bytes of the flatbuffer of a `.tflite`, without the ZIP after it."""
    with zipfile.ZipFile(path) as archive:
        size = min(entry.header_offset for entry in archive.infolist())
    return path.read_bytes()[:size]


def digest(flatbuffer):
    """SHA-256 of the bytes of a flatbuffer: str of hexadecimal digits."""
    return hashlib.sha256(flatbuffer).hexdigest()


def check_digest(description):
    """Compare the flatbuffer of a `.tflite` with the digest in its metadata.

    Args:
        description: its `Description`.

    Raises:
        InputError: if it differs, or there is none.
    """
    path, expected = description.path, description.metadata.get("flatbuffer_sha256")
    if expected is None:
        raise InputError(f"{path} does not record its digest, because an older kerasformer wrote it: export it again")
    if digest(read_flatbuffer(path)) != expected:
        raise InputError(f"{path} is damaged: its flatbuffer is not the one that was exported; export it again")


def open_litert(path, task=None, signature=None, num_threads=1, most=None):
    """What an engine over a `.tflite` needs; any number of threads may use it.

    Args:
        path: the file, or its `Description`.
        task: name of the task that the file must be for; None for any.
        signature: a signature that the file must have; None for those that it has.
        num_threads: int, threads of each interpreter.
        most: int, the most interpreters, see `SharedInterpreter`.

    Returns:
        The `Description`, and the `SharedInterpreter`.

    Raises:
        InputError: as `describe_litert`, and for a file for another task.
    """
    description = describe(path, task, "litert")
    interpreter = SharedInterpreter(description.path, num_threads, most, description.metadata["precision"] != "fp32")
    if signature and signature not in interpreter.signatures:
        raise InputError(f"{description.path} is damaged: it has no signature {signature}; export it again")
    return description, interpreter
