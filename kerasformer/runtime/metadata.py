"""A `.tflite` of kerasformer as a device opens it: the flatbuffer, and what rides in the ZIP appended to it."""

import json
import pathlib
import zipfile
import zlib

from ai_edge_litert.interpreter import Interpreter

from kerasformer.errors import InputError
from kerasformer.tasks import check_task

FORMAT = "kerasformer-litert"
FORMAT_VERSION = 2  # 2: a task, which is translation where none is named
METADATA_FILE, TOKENIZER_FILE = "kerasformer.json", "tokenizer.model"


def read_rider(path):
    """The metadata and the tokenizer's bytes, None where there is none, that ride in a `.tflite` of ours.

    Raises:
        InputError: if there is no such file, it is damaged, not ours, or from a newer version.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise InputError(f"{path} does not exist or is no file")
    try:
        with zipfile.ZipFile(path) as rider:
            metadata = {"task": "translation", **json.loads(rider.read(METADATA_FILE))}
            tokenizer = rider.read(TOKENIZER_FILE) if metadata.get("has_tokenizer", True) else None
        version = metadata["format_version"] if metadata["format"] == FORMAT else None
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, KeyError, ValueError, TypeError):
        version = None
    if version is None:
        raise InputError(
            f"{path} is damaged or not a .tflite of kerasformer: it carries none of our metadata; export one"
        )
    if version > FORMAT_VERSION:
        raise InputError(
            f"{path} has format version {version}, this kerasformer reads up to {FORMAT_VERSION}; "
            "upgrade with: pip install -U kerasformer"
        )
    return metadata, tokenizer


def open_file(path, task, signature, num_threads=1):
    """What an engine over a `.tflite` needs; it serves one thread at a time, so give each thread its own.

    Args:
        path: the file.
        task: what the file must be for.
        signature: one that every file of that task has.
        num_threads: int, threads of the interpreter.

    Returns:
        The metadata, the tokenizer's bytes or None, and the interpreter.

    Raises:
        InputError: as `read_rider`, and for a file of another task.
    """
    metadata, tokenizer = read_rider(path)
    check_task(path, metadata["task"], task)
    try:
        interpreter = Interpreter(model_path=str(path), num_threads=num_threads)
        interpreter.get_signature_runner(signature)
    except (ValueError, RuntimeError) as error:
        raise InputError(f"{path} is damaged: the runtime cannot read it ({error}); export it anew") from None
    return metadata, tokenizer, interpreter
