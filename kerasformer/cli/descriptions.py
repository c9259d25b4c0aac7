"""What an artefact tells of itself: task, sizes, configuration, what goes in and out, where it comes from."""

import dataclasses
import pathlib
import zipfile

from kerasformer.errors import InputError
from kerasformer.inference.opening import kind_of, open_artefact
from kerasformer.system.quiet import quiet_loading

_OF_TASK = ("labels", "shape", "max_tokens", "caption_length", "image_length")  # what an export of some task says


def describe(path):
    """What an artefact is: a dict fit for JSON of its form, task, version, sizes and all it tells.

    Raises:
        InputError: as `artefacts.open_artefact`.
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

    metadata, engine = read_metadata(path), open_artefact(path)
    bundle = engine.bundle
    count = sum(graph.count_params() for graph in bundle.model.parts.values())
    options = getattr(engine, "options", None)  # of search, for those that search for sentences
    return {
        **{name: metadata.get(name) for name in ("format", "format_version", "kerasformer", "created")},
        "task": bundle.model.config.task,
        "source": bundle.source,
        "target": bundle.target,
        "labels": list(bundle.labels),
        "files": _sizes(path),
        "parameters": {"count": count, "bytes": 4 * count},
        "config": metadata["model"],
        "decoding": dataclasses.asdict(options) if options else {},
        "corpus": metadata["corpus"],
        "metrics": metadata["metrics"],
    }


def _describe_saved_model(path):
    """From the graph's signatures and the checkpoint beside it, without loading the graph."""
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    from kerasformer.inference.checkpoint import Checkpoint

    checkpoint = Checkpoint(path)
    try:
        proto = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes())
        graph = proto.meta_graphs[0]
    except (DecodeError, IndexError) as error:
        raise InputError(f"{path} is damaged: {str(error)[:200]}; export it anew") from None
    count = checkpoint.count_weights()
    return {
        "format": "SavedModel",
        "format_version": proto.saved_model_schema_version,
        "tensorflow": graph.meta_info_def.tensorflow_version,
        "task": checkpoint.task,
        "source": checkpoint.value("source"),
        "target": checkpoint.value("target"),
        "files": _sizes(path),
        "parameters": {"count": count, "bytes": 4 * count},
        **{name: checkpoint.value(name) for name in _OF_TASK if checkpoint.value(name) is not None},
        "signatures": {
            name: {"inputs": _tensors(signature.inputs), "outputs": _tensors(signature.outputs)}
            for name, signature in sorted(graph.signature_def.items())
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

    metadata = open_artefact(path).metadata
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
    named = ("format", "format_version", "precision", "task", "source", "target", "created", "keras")
    return {
        **{name: metadata.get(name) for name in named},
        "files": {path.name: path.stat().st_size},
        "parts": {"flatbuffer": flatbuffer, **sizes},
        "config": {name: metadata[name] for name in ("kind", "max_length", *_OF_TASK) if name in metadata},
        "decoding": metadata.get("decoding", {}),
        "corpus": metadata["corpus"],
        "signatures": signatures,
    }


def _tensor(dtype, shape):
    return {"dtype": dtype, "shape": shape}


def _sizes(folder):
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.stat().st_size for file in files}
