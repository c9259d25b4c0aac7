"""Write the exports that tests share, with less to trace and to compile than a user's."""

import functools
import shutil
import zipfile


def write_litert(bundle, folder):
    """Write a bundle into a folder as fp32.tflite and int8.tflite, both from one graph: tracing takes seconds."""
    from kerasformer.exporting import litert

    folder.mkdir()
    with litert.keeping_graphs():
        for precision in ("fp32", "int8"):
            litert.export_litert(bundle, folder / f"{precision}.tflite", f"litert-{precision}")


def write_each(bundle, name, made_once):
    """A bundle in every form: dict of form to path."""
    from kerasformer.bundle import save_bundle
    from kerasformer.exporting.saved_model import export_saved_model

    writers = {"bundle": save_bundle, "saved_model": export_saved_model, "litert": write_litert}
    paths = {form: made_once(f"{name}/{form}", functools.partial(write, bundle)) for form, write in writers.items()}
    litert = paths.pop("litert")
    return {**paths, "tflite": litert / "fp32.tflite", "int8": litert / "int8.tflite"}


def copy_without_xla(saved_model, path):
    """Copy a SavedModel, without the marks of what XLA compiles."""
    shutil.copytree(saved_model, path)
    remove_xla(path)


def remove_xla(saved_model):
    """Remove the marks of what XLA compiles from a SavedModel."""
    from tensorflow.core.protobuf import saved_model_pb2

    file = saved_model / "saved_model.pb"
    proto = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    functions = proto.meta_graphs[0].graph_def.library.function
    for found in [*functions, *(node for function in functions for node in function.node_def)]:
        found.attr.pop("_XlaMustCompile", None)
    file.write_bytes(proto.SerializeToString())


def change_metadata(path, out, change=None, flip=None):
    """Copy a `.tflite` with other metadata.

    Args:
        path: the file.
        out: the copy.
        change: function that changes the dict of its metadata.
        flip: place of a byte of its flatbuffer that is changed; None for none.
    """
    import json

    from kerasformer.runtime.metadata import METADATA_FILE, read_flatbuffer

    flatbuffer = bytearray(read_flatbuffer(path))
    if flip is not None:
        flatbuffer[flip] ^= 1
    with zipfile.ZipFile(path) as archive:
        files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    metadata = json.loads(files[METADATA_FILE])
    if change:
        change(metadata)
    files[METADATA_FILE] = json.dumps(metadata)
    out.write_bytes(flatbuffer)
    with zipfile.ZipFile(out, "a") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out
