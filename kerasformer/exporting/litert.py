"""Write a bundle as a `.tflite` of builtin operations only: one Invoke translates a sentence, classifies or draws.

The tokenizer and the metadata are in a ZIP appended to the flatbuffer, which LiteRT ignores.
"""

import contextlib
import contextvars
import dataclasses
import gc
import io
import json
import tempfile
import zipfile

import keras
import tensorflow as tf

from kerasformer.errors import InputError, require_one_of
from kerasformer.exporting.saved_model import require_tensorflow
from kerasformer.formats import FORMATS
from kerasformer.runtime.metadata import FORMAT, FORMAT_VERSION, METADATA_FILE, TOKENIZER_FILE
from kerasformer.system.files import write_bytes
from kerasformer.tasks import TASKS, resolve

# Within `keeping_graphs`: an `ExitStack` for the folders, and a dict of id of bundle to what `_graph` returns.
_kept = contextvars.ContextVar("kept", default=None)


@contextlib.contextmanager
def keeping_graphs():
    """Within this block, a bundle's graph is traced once for all formats; its weights must not change meanwhile."""
    if _kept.get():
        yield
        return
    with contextlib.ExitStack() as folders:
        token = _kept.set((folders, {}))
        try:
            yield
        finally:
            _kept.reset(token)


def export_litert(bundle, path, format="litert-fp32"):
    """Write a bundle as a `.tflite` file.

    Args:
        bundle: the `Bundle`; the file of a translator decodes greedily or samples, and has no beam.
        path: the file to write, whole or not at all.
        format: name of a `Format` of the form "litert" in `formats.FORMATS`: "litert-fp32", or "litert-int8" for
            weights of 8 bits and activations quantised while it runs (dynamic range).

    Raises:
        InputError: for another format, a model that needs more than the builtin operations, or if Keras runs on
            another backend.
    """
    names = [name for name, known in FORMATS.items() if known.form == "litert"]
    require_one_of(format, "format", names)
    write(bundle, path, FORMATS[format])


def write(bundle, path, format):
    """`export_litert`, as a `Format` calls it."""
    require_tensorflow()
    with keeping_graphs():
        module, folder = _graph(bundle)
        flatbuffer = _convert(folder, format)
    if len(flatbuffer) < module.num_weights * format.bytes_per_weight:
        raise InputError(
            f"the converter wrote {len(flatbuffer)} bytes for {module.num_weights} weights: some are missing"
        )
    write_bytes(path, flatbuffer + _archive(bundle, format, module.metadata()))


def dynamic_range(converter):
    """Let a converter store weights in 8 bits; activations are quantised while the model runs."""
    converter.optimizations = [tf.lite.Optimize.DEFAULT]


def _graph(bundle):
    """The module of a bundle for devices, and the folder of its SavedModel with all signatures."""
    folders, found = _kept.get()
    if id(bundle) not in found:
        module = resolve(TASKS[bundle.model.config.task].device_graph)(bundle)
        folder = folders.enter_context(tempfile.TemporaryDirectory())
        tf.saved_model.save(module, folder, signatures=module.named_signatures())
        found[id(bundle)] = module, folder, bundle  # kept alive, so that no other gets its id
    return found[id(bundle)][:2]


def _convert(folder, format):
    """The bytes of a SavedModel as a flatbuffer in a `Format`."""
    converter = tf.lite.TFLiteConverter.from_saved_model(folder)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    converter.exclude_conversion_metadata = True  # to add it, the whole file is read and written in Python
    if format.quantize:
        resolve(format.quantize)(converter)
    watched = gc.get_freeze_count() == 0
    if watched:  # the converter collects garbage, and looking through all that is in memory takes as long again
        gc.freeze()
    try:
        return converter.convert()
    except Exception as error:  # the converter raises many kinds, with the whole graph in the message
        lines = [line for line in str(error).splitlines() if "ops:" in line.lower()] or [str(error)[:300]]
        raise InputError(f"the model does not convert to LiteRT builtin operations: {' '.join(lines)}") from error
    finally:
        if watched:
            gc.unfreeze()


def _archive(bundle, format, of_task):
    """The bytes of a ZIP with the metadata and the tokenizer, without the time: always the same for a bundle."""
    metadata = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "task": bundle.model.config.task,
        "kind": bundle.model.config.kind,
        "precision": format.precision,
        "is_exact": format.is_exact,
        "source": bundle.source,
        "target": bundle.target,
        "has_tokenizer": bundle.tokenizer is not None,
        **of_task,
        "text_rules": dataclasses.asdict(bundle.text_rules),
        "corpus": bundle.corpus,
        "created": bundle.created,
        "keras": keras.__version__,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(metadata, indent=2, ensure_ascii=False)
        archive.writestr(zipfile.ZipInfo(METADATA_FILE), text, zipfile.ZIP_DEFLATED)
        if bundle.tokenizer:
            archive.writestr(zipfile.ZipInfo(TOKENIZER_FILE), bundle.tokenizer.model, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
