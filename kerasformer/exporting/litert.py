"""A `.tflite` of builtin operations only: one Invoke translates a sentence, names what an image shows, or draws one.

The tokenizer and what a device must know ride along in a ZIP appended to the flatbuffer, which no runtime minds.
"""

import io
import json
import tempfile
import zipfile

import keras
import tensorflow as tf

from kerasformer.errors import InputError
from kerasformer.exporting.graphs import classification, drawing, translation
from kerasformer.exporting.saved_model import require_tensorflow
from kerasformer.runtime import FORMAT, FORMAT_VERSION, METADATA_FILE, TOKENIZER_FILE
from kerasformer.system.files import write_bytes

PRECISIONS = ("fp32", "int8")
MODULES = {
    "translation": translation.DeviceModule,
    "classification": classification.DeviceModule,
    "drawing": drawing.DeviceModule,
}  # by task


def export_litert(bundle, path, precision="fp32"):
    """Write a bundle as a `.tflite` file.

    Args:
        bundle: the `Bundle`; of a translator greedy search and sampling are exported, no beam.
        path: the file to write, whole or not at all.
        precision: "fp32", or "int8" for weights of 8 bits and activations quantised on the fly (dynamic range).

    Raises:
        InputError: for an unknown precision, a model that needs more than the builtin operations, or if Keras runs on
            another backend.
    """
    require_tensorflow()
    if precision not in PRECISIONS:
        raise InputError(f"precision {precision!r} is unknown; there are {', '.join(PRECISIONS)}")
    module = MODULES[bundle.model.config.task](bundle)
    flatbuffer = _convert(module, precision)
    if len(flatbuffer) < module.num_weights * (4 if precision == "fp32" else 1):
        raise InputError(
            f"the converter wrote {len(flatbuffer)} bytes for {module.num_weights} weights: some are missing"
        )
    write_bytes(path, flatbuffer + _rider(bundle, precision, module.metadata()))


def _convert(module, precision):
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=module.named_signatures())
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if precision == "int8":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        try:
            return converter.convert()
        except Exception as error:  # the converter raises many kinds, with the whole graph in the message
            lines = [line for line in str(error).splitlines() if "ops:" in line.lower()] or [str(error)[:300]]
            raise InputError(f"the model does not convert to LiteRT builtin operations: {' '.join(lines)}") from error


def _rider(bundle, precision, of_task):
    metadata = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "task": bundle.model.config.task,
        "kind": bundle.model.config.kind,
        "precision": precision,
        "source": bundle.source,
        "target": bundle.target,
        "has_tokenizer": bundle.tokenizer is not None,
        **of_task,
        "corpus": bundle.corpus,
        "created": bundle.created,
        "keras": keras.__version__,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as rider:
        rider.writestr(METADATA_FILE, json.dumps(metadata, indent=2, ensure_ascii=False))
        if bundle.tokenizer:
            rider.writestr(TOKENIZER_FILE, bundle.tokenizer.model)
    return buffer.getvalue()
