"""A `.tflite` that takes and gives token ids: the whole search in one Invoke, builtin operations only.

The tokenizer and what a device must know ride along in a ZIP appended to the flatbuffer, which no runtime minds.
"""

import io
import json
import tempfile
import zipfile

import keras
import tensorflow as tf

from kerasformer import atomic
from kerasformer.errors import InputError
from kerasformer.export.signatures import limits_of
from kerasformer.generation import Sampling
from kerasformer.runtime import FORMAT, FORMAT_VERSION, METADATA_FILE, TOKENIZER_FILE
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID
from kerasformer.translator import search_model, search_options

PRECISIONS = ("fp32", "int8")


class _DeviceModule(tf.Module):
    """Greedy search, sampling and attention for one sentence at a time, every shape static."""

    def __init__(self, model, options):
        super().__init__()
        self.variables_ = [variable.value for variable in model.training.variables]
        self._model, self._options = model, options

    def signatures(self):
        length = self._model.config.max_length
        ids = tf.TensorSpec((1, length), tf.int32)
        number, noise = tf.TensorSpec((), tf.float32), tf.TensorSpec((1, length), tf.float32)
        knobs = {"noise": noise, "temperature": number, "top_k": tf.TensorSpec((), tf.int32), "top_p": number}
        found = {
            "translate": tf.function(self._translate).get_concrete_function(source_ids=ids),
            "sample": tf.function(self._sample).get_concrete_function(source_ids=ids, **knobs),
        }
        if self._model.attention is not None:
            attend = tf.function(self._attention)
            found["attention"] = attend.get_concrete_function(source_ids=ids, target_ids=ids)
        return found

    def _translate(self, source_ids, sampling=None):
        length = self._model.config.max_length
        limits = limits_of(source_ids, self._options, length)
        token_ids, scores = search_model(self._model, self._options, source_ids, limits, length, sampling)
        return {"token_ids": token_ids[:, 0], "score": scores[:, 0]}

    def _sample(self, source_ids, noise, temperature, top_k, top_p):
        return self._translate(source_ids, Sampling(noise, temperature, top_k, top_p))

    def _attention(self, source_ids, target_ids):
        inputs = {"source_ids": source_ids, "target_ids": target_ids}
        return {"attention": self._model.attention(inputs, training=False)}


def export_litert(bundle, path, precision="fp32"):
    """Write a bundle as a `.tflite` file.

    Args:
        bundle: the `Bundle`; greedy search and sampling are exported, no beam.
        path: the file to write, whole or not at all.
        precision: "fp32", or "int8" for weights of 8 bits and activations quantised on the fly (dynamic range).

    Raises:
        InputError: for an unknown precision, or a model that needs more than the builtin operations.
    """
    if precision not in PRECISIONS:
        raise InputError(f"precision {precision!r} is unknown; there are {', '.join(PRECISIONS)}")
    options = search_options(**{**bundle.decoding, "beam_size": 1, "num_hypotheses": 1, "temperature": 0.0})
    module = _DeviceModule(bundle.model, options)
    flatbuffer = _convert(module, precision)
    weights = sum(variable.value.shape.num_elements() for variable in bundle.model.training.weights)
    if len(flatbuffer) < weights * (4 if precision == "fp32" else 1):
        raise InputError(f"the converter wrote {len(flatbuffer)} bytes for {weights} weights: some are missing")
    atomic.write_bytes(path, flatbuffer + _rider(bundle, precision, options))


def _convert(module, precision):
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=module.signatures())
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if precision == "int8":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        try:
            return converter.convert()
        except Exception as error:  # the converter raises many kinds, with the whole graph in the message
            lines = [line for line in str(error).splitlines() if "ops:" in line.lower()] or [str(error)[:300]]
            raise InputError(f"the model does not convert to LiteRT builtin operations: {' '.join(lines)}") from error


def _rider(bundle, precision, options):
    metadata = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "kind": bundle.model.config.kind,
        "precision": precision,
        "source": bundle.source,
        "target": bundle.target,
        "max_length": bundle.model.config.max_length,
        "pad_id": PAD_ID,
        "bos_id": BOS_ID,
        "eos_id": EOS_ID,
        "decoding": {"length_penalty": options.length_penalty},
        "corpus": bundle.corpus,
        "created": bundle.created,
        "keras": keras.__version__,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as rider:
        rider.writestr(METADATA_FILE, json.dumps(metadata, indent=2, ensure_ascii=False))
        rider.writestr(TOKENIZER_FILE, bundle.tokenizer.model)
    return buffer.getvalue()
