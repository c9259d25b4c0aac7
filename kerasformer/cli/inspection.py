"""What `kerasformer inspect` prints for each form of artefact, in addition to the description."""

import dataclasses
import zipfile

from kerasformer.errors import InputError
from kerasformer.inference.opening import open_artefact


def inspect_bundle(description):
    """Sizes, configuration, decode defaults and metrics of a bundle: dict fit for JSON."""
    engine, metadata = open_artefact(description), description.metadata
    count = sum(graph.count_params() for graph in engine.bundle.model.parts.values())
    options = getattr(engine, "options", None)  # translators only
    return {
        **{name: metadata.get(name) for name in ("format", "kerasformer", "created", "labels", "text_rules")},
        "files": _sizes(description.path),
        "parameters": {"count": count, "bytes": 4 * count},
        "config": metadata["model"],
        "decoding": dataclasses.asdict(options) if options else {},
        "metrics": metadata["metrics"],
    }


def inspect_saved_model(description):
    """Sizes and signatures of a SavedModel, read without loading its graph: dict fit for JSON."""
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    path, metadata = description.path, description.metadata
    try:
        proto = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes())
        graph = proto.meta_graphs[0]
    except (DecodeError, IndexError) as error:
        raise InputError(f"{path} is damaged: {str(error)[:200]}; export it again") from None
    return {
        "format": "SavedModel",
        "tensorflow": graph.meta_info_def.tensorflow_version,
        "files": _sizes(path),
        "parameters": {"count": metadata["num_weights"], "bytes": 4 * metadata["num_weights"]},
        **{name: metadata[name] for name in description.task.inspected if name in metadata},
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


def inspect_litert(description):
    """Sizes, precision, configuration and signatures of a `.tflite`: dict fit for JSON."""
    from kerasformer.runtime.metadata import open_litert, read_flatbuffer

    path, metadata = description.path, description.metadata
    _, interpreter = open_litert(description)
    with zipfile.ZipFile(path) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    signatures = {}
    for name in interpreter.signatures:
        details = interpreter.details(name)
        signatures[name] = {
            side: {
                key: _tensor(tensor["dtype"].__name__, tensor["shape"].tolist())
                for key, tensor in sorted(tensors.items())
            }
            for side, tensors in details.items()
        }
    return {
        **{name: metadata.get(name) for name in ("format", "precision", "least_runtime", "created", "keras")},
        "files": {path.name: path.stat().st_size},
        "parts": {"flatbuffer": len(read_flatbuffer(path)), **sizes},
        "config": {name: metadata[name] for name in ("kind", *description.task.inspected) if name in metadata},
        "decoding": metadata.get("decoding", {}),
        "signatures": signatures,
    }


def _tensor(dtype, shape):
    return {"dtype": dtype, "shape": shape}


def _sizes(folder):
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.stat().st_size for file in files}
