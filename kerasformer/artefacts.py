"""Whatever a path holds: a bundle, a SavedModel or a `.tflite`, told apart, opened and described.

Nothing heavy is imported before the path asks for it: a `.tflite` needs no TensorFlow.
"""

import dataclasses
import functools
import math
import pathlib
import zipfile

from kerasformer.errors import InputError
from kerasformer.quiet import quiet_loading


def kind_of(path):
    """What a path is by its looks: "bundle", "saved_model" or "litert"; opening it tells whether it is whole.

    Raises:
        InputError: if there is nothing.
    """
    path = pathlib.Path(path)
    if path.is_file():
        return "litert"
    if (path / "saved_model.pb").is_file():
        return "saved_model"
    if path.is_dir():
        return "bundle"
    raise InputError(f"{path} does not exist: give a bundle folder, a SavedModel folder or a .tflite file")


def open_translator(path, **options):
    """Open a bundle folder, a SavedModel folder or a `.tflite` file.

    Args:
        path: the folder or file.
        **options: fields of `generation.SearchOptions` for every call, where the artefact allows them.

    Returns:
        A `TextTranslator`.

    Raises:
        InputError: if it is missing, damaged, not ours or too new, or an option has a wrong value.
    """
    kind = kind_of(path)
    with quiet_loading():
        if kind == "bundle":
            from kerasformer.translator import Translator

            return Translator.load(path, **options)
        if kind == "saved_model":
            from kerasformer.export.saved_model import SavedModelTranslator

            translator = SavedModelTranslator(path)
        else:
            from kerasformer.runtime import LiteRTTranslator

            translator = LiteRTTranslator(path)
            translator(".")  # the runtime announces itself when it first runs
    translator.decode = functools.partial(translator.decode, **options)
    return translator


def corpus_of(translator):
    """What an opened artefact says of its training corpus: name, SHA-256, attribution; {} if nothing."""
    if hasattr(translator, "bundle"):
        return translator.bundle.corpus
    return getattr(translator, "metadata", {}).get("corpus", {})


def is_exact(path):
    """Whether an artefact should answer token for token as its bundle; one with 8-bit weights need not."""
    if kind_of(path) != "litert":
        return True
    from kerasformer.runtime.litert import read_rider

    return read_rider(path)[0]["precision"] == "fp32"


def check_replaceable(folder, marker):
    """Raise `InputError` if writing a folder whole would delete what was not written by the same command.

    Args:
        folder: where the new folder is to be.
        marker: name of a file that the command always writes into it.
    """
    folder = pathlib.Path(folder)
    if folder.exists() and not (folder / marker).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} exists and holds something else: choose another folder, not to lose it")


def describe(path):
    """What an artefact is: a dict fit for JSON of its kind, version, languages, sizes and all it tells.

    Raises:
        InputError: as `open_translator`.
    """
    kind = kind_of(path)
    with quiet_loading():
        if kind == "bundle":
            about = _describe_bundle(pathlib.Path(path))
        elif kind == "saved_model":
            about = _describe_saved_model(pathlib.Path(path))
        else:
            about = _describe_litert(pathlib.Path(path))
    return {"path": str(path), "kind": kind, **about}


def _describe_bundle(path):
    from kerasformer.bundle import read_metadata
    from kerasformer.translator import Translator

    metadata, translator = read_metadata(path), Translator.load(path)
    count = translator.bundle.model.training.count_params()
    return {
        **{name: metadata.get(name) for name in ("format", "format_version", "kerasformer", "created")},
        "source": translator.source,
        "target": translator.target,
        "files": _sizes(path),
        "parameters": {"count": count, "bytes": 4 * count},
        "config": metadata["model"],
        "decoding": dataclasses.asdict(translator.options),
        "corpus": metadata["corpus"],
        "metrics": metadata["metrics"],
    }


def _describe_saved_model(path):
    """From the graph's signatures and the checkpoint beside it, without loading the graph."""
    import tensorflow as tf
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    try:
        proto = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes())
        checkpoint = tf.train.load_checkpoint(str(path / "variables" / "variables"))
        values = {name.partition("/.ATTR")[0]: name for name in checkpoint.get_variable_to_shape_map()}
        source, target = (checkpoint.get_tensor(values[name]).decode() for name in ("source", "target"))
        max_tokens = int(checkpoint.get_tensor(values["max_tokens"]))
    except KeyError:
        raise InputError(f"{path} is a SavedModel, but not of kerasformer") from None
    except (tf.errors.OpError, ValueError, RuntimeError, DecodeError) as error:
        raise InputError(f"{path} is damaged: {str(error)[:200]}; export it anew") from None
    shapes, dtypes = checkpoint.get_variable_to_shape_map(), checkpoint.get_variable_to_dtype_map()
    # Of the weights, not of the states of random generators beside them.
    count = sum(
        math.prod(shapes[full])
        for name, full in values.items()
        if name.startswith("weights/") and dtypes[full].is_floating
    )
    return {
        "format": "SavedModel",
        "format_version": proto.saved_model_schema_version,
        "tensorflow": proto.meta_graphs[0].meta_info_def.tensorflow_version,
        "source": source,
        "target": target,
        "files": _sizes(path),
        "parameters": {"count": count, "bytes": 4 * count},
        "max_tokens": max_tokens,
        "signatures": {
            name: {"inputs": _tensors(signature.inputs), "outputs": _tensors(signature.outputs)}
            for name, signature in sorted(proto.meta_graphs[0].signature_def.items())
            if not name.startswith("__")
        },
    }


def _tensors(infos):
    import tensorflow as tf

    return {
        name: _tensor(
            tf.as_dtype(info.dtype).name,
            [None if axis.size < 0 else axis.size for axis in info.tensor_shape.dim],
        )
        for name, info in sorted(infos.items())
    }


def _describe_litert(path):
    from ai_edge_litert.interpreter import Interpreter

    from kerasformer.runtime.litert import LiteRTTranslator

    metadata = LiteRTTranslator(path).metadata
    interpreter = Interpreter(model_path=str(path))
    with zipfile.ZipFile(path) as rider:
        flatbuffer = min(entry.header_offset for entry in rider.infolist())
        sizes = {entry.filename: entry.file_size for entry in rider.infolist()}
    signatures = {}
    for name in interpreter.get_signature_list():
        runner = interpreter.get_signature_runner(name)
        details = {"inputs": runner.get_input_details(), "outputs": runner.get_output_details()}
        signatures[name] = {
            side: {
                key: _tensor(tensor["dtype"].__name__, tensor["shape"].tolist())
                for key, tensor in sorted(tensors.items())
            }
            for side, tensors in details.items()
        }
    named = ("format", "format_version", "precision", "source", "target", "created", "keras")
    return {
        **{name: metadata.get(name) for name in named},
        "files": {path.name: path.stat().st_size},
        "parts": {"flatbuffer": flatbuffer, **sizes},
        "config": {"kind": metadata["kind"], "max_length": metadata["max_length"]},
        "decoding": metadata["decoding"],
        "corpus": metadata["corpus"],
        "signatures": signatures,
    }


def _tensor(dtype, shape):
    return {"dtype": dtype, "shape": shape}


def _sizes(folder):
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.stat().st_size for file in files}
