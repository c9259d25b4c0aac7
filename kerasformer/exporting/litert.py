"""Write a bundle as a `.tflite` of builtin operations only: one Invoke translates a sentence, classifies or draws.

The tokenizer and the metadata are in a ZIP appended to the flatbuffer, which LiteRT ignores.
"""

import contextlib
import contextvars
import dataclasses
import io
import json
import pathlib
import re
import tempfile
import zipfile

import keras
import tensorflow as tf
from sentencepiece import sentencepiece_model_pb2
from tensorflow.lite.python.lite import TFLiteSavedModelConverterV2

from kerasformer import __version__
from kerasformer.errors import InputError, require_one_of
from kerasformer.exporting.saved_model import require_tensorflow
from kerasformer.exporting.slimming import slim
from kerasformer.formats import FORMATS, Format
from kerasformer.runtime.metadata import FORMAT, FORMAT_VERSION, METADATA_FILE, TOKENIZER_FILE, digest
from kerasformer.runtime.operations import least_runtime, read_model
from kerasformer.system.files import write_bytes
from kerasformer.tasks import TASKS, resolve

# An operation that LiteRT does not have, and the names of the layers around it, in what the converter says.
_FOREIGN = re.compile(r'error: loc\((?:callsite\()?fused\["(\w+):", "([^"@]+)/[^"/]*".* op is neither')
TENSORFLOW = "2.21"  # `_Converter` replaces private functions of this version, which setup.cfg asks for
# Within `keeping_graphs`: a dict of what `_converted` returns.
_kept = contextvars.ContextVar("kept", default=None)


@contextlib.contextmanager
def keeping_graphs():
    """Within this block, a bundle is converted once for the formats that share it; its weights must not change."""
    token = _kept.set({} if _kept.get() is None else _kept.get())
    try:
        yield
    finally:
        _kept.reset(token)


def export_litert(bundle, path, format="litert-fp32", **options):
    """Write a bundle as a `.tflite` file.

    Args:
        bundle: the `Bundle`.
        path: the file to write, whole or not at all.
        format: name of a `Format` of the form "litert" in `formats.FORMATS`: "litert-fp32"; "litert-int8" for
            weights of 8 bits and activations quantised while it runs (dynamic range); or "litert-int8-compat", the
            same for runtimes from 2.9 on, a little less exact.
        **options: `beam_size`, `batch` and `streaming` of a `Format`, for a translator.

    Raises:
        InputError: for another format, a model that needs more than the builtin operations, or if Keras runs on
            another backend.
    """
    names = [name for name, known in FORMATS.items() if known.form == "litert"]
    require_one_of(format, "format", names)
    write(bundle, path, dataclasses.replace(FORMATS[format], **options))


def write(bundle, path, format):
    """`export_litert`, as a `Format` calls it."""
    require_tensorflow()
    with keeping_graphs():
        module, first, flatbuffer = _converted(bundle, format)
    flatbuffer = slim(flatbuffer, first, format.store and resolve(format.store))
    if len(flatbuffer) < module.num_weights * format.bytes_per_weight:
        raise InputError(
            f"the file would have {len(flatbuffer)} bytes for {module.num_weights} weights: some are missing"
        )
    metadata = _metadata(bundle, format, module.metadata(), flatbuffer)
    golden = _golden(bundle, _with_archive(flatbuffer, metadata, bundle.tokenizer))
    write_bytes(path, _with_archive(flatbuffer, {**metadata, "golden": golden}, bundle.tokenizer))


def flatbuffer_of(bundle):
    """What a bundle becomes without the tokenizer, the metadata and all that makes a file smaller: bytes.

    Raises:
        DoesNotConvertError: if it needs more than the builtin operations.
        InputError: if Keras runs on another backend.
    """
    require_tensorflow()
    with keeping_graphs():
        return _converted(bundle, FORMATS["litert-fp32"])[2]


def _converted(bundle, format):
    """The module of a bundle for devices, the name of its first signature, and the bytes of its flatbuffer."""
    kept = _kept.get()
    options = {name: getattr(format, name) for name in ("beam_size", "batch", "streaming")}
    key = id(bundle), format.quantize, *options.values()
    if key not in kept:
        options = {name: value for name, value in options.items() if value != getattr(Format, name)}
        module = resolve(TASKS[bundle.model.config.task].device_graph)(bundle, **options)
        signatures = module.named_signatures()
        with tempfile.TemporaryDirectory() as folder:
            tf.saved_model.save(module, folder, signatures=signatures)
            flatbuffer = _convert(folder, list(signatures), format.quantize)
        kept[key] = module, next(iter(signatures)), flatbuffer, bundle  # kept alive, so that no other gets its id
    return kept[key][:3]


class _Converter(TFLiteSavedModelConverterV2):
    """Converts as `tf.lite.TFLiteConverter` does, without what takes a third of its time and is not needed here.

    It does not load the SavedModel into Python, for the names of its signatures and for debug information, and leaves
    equal buffers to `slim`.
    """

    def convert(self):
        graph, _, _ = self._load_saved_model(self.saved_model_dir, self._saved_model_tags)
        return self._convert_from_saved_model(graph)

    def _optimize_tflite_model(self, model, *_, **__):
        return model


def _convert(folder, names, quantize):
    """Signatures of a SavedModel as a flatbuffer; `quantize` names a function that sets up the converter, or is ""."""
    if not tf.__version__.startswith(f"{TENSORFLOW}."):
        wanted = f"pip install 'tensorflow=={TENSORFLOW}.*'"
        raise InputError(f"a .tflite is written with TensorFlow {TENSORFLOW}, not {tf.__version__}: {wanted}")
    converter = _Converter(folder, {tf.saved_model.SERVING}, names)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if quantize:
        resolve(quantize)(converter)
    try:
        return converter.convert()
    except Exception as error:  # the converter raises many kinds, with the whole graph in the message
        raise DoesNotConvertError(str(error)) from error


class DoesNotConvertError(InputError):
    """A model needs operations that LiteRT does not have built in, or cannot be converted for another reason.

    Args:
        said: str, what the converter says.

    Attributes:
        foreign: list of (operation, path of names of the Keras layers that have it), without repetitions.
    """

    def __init__(self, said):
        self.foreign = list(dict.fromkeys(_FOREIGN.findall(said)))
        lines = [line for line in said.splitlines() if "ops:" in line.lower()] or [said[:300]]
        reason = ", ".join(f"{name} in {layer}" for name, layer in self.foreign) or " ".join(lines)
        super().__init__(f"the model does not convert to LiteRT builtin operations: {reason}")


def _metadata(bundle, format, of_task, flatbuffer):
    """What the file says about itself: dict fit for JSON."""
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "task": bundle.model.config.task,
        "kind": bundle.model.config.kind,
        "precision": format.precision,
        "is_exact": format.is_exact,
        "source": bundle.source,
        "target": bundle.target,
        "has_tokenizer": bundle.tokenizer is not None,
        "tokenizer": bundle.tokenizer and _tokenizer_rules(bundle.tokenizer.model),
        **of_task,
        "text_rules": dataclasses.asdict(bundle.text_rules),
        "corpus": bundle.corpus,
        "metrics": bundle.metrics,
        "created": bundle.created,
        "kerasformer": __version__,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "least_runtime": least_runtime(read_model(flatbuffer)),
        "flatbuffer_sha256": digest(flatbuffer),
    }


def _tokenizer_rules(model):
    """What a reader of a SentencePiece model must know, by the names that SentencePiece gives it."""
    proto = sentencepiece_model_pb2.ModelProto.FromString(model)
    trainer, normalizer = proto.trainer_spec, proto.normalizer_spec
    return {
        "library": "sentencepiece",
        "model_type": trainer.ModelType.Name(trainer.model_type).lower(),
        "vocab_size": len(proto.pieces),
        "byte_fallback": trainer.byte_fallback,
        "treat_whitespace_as_suffix": trainer.treat_whitespace_as_suffix,
        "normalizer": normalizer.name,
        "add_dummy_prefix": normalizer.add_dummy_prefix,
        "remove_extra_whitespaces": normalizer.remove_extra_whitespaces,
        "escape_whitespaces": normalizer.escape_whitespaces,
    }


def _golden(bundle, content):
    """Golden pairs of a `.tflite` with this content: what it makes of those of the bundle, and of odd texts."""
    if not (find := TASKS[bundle.model.config.task].golden):
        return ()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.tflite"
        path.write_bytes(content)
        return resolve(find)(path, [source for source, *_ in bundle.golden])


def _with_archive(flatbuffer, metadata, tokenizer):
    """A flatbuffer and a ZIP with the metadata and the tokenizer, without the time: always the same for a bundle.

    The ZIP counts from the start of the file, as every program that reads one expects.
    """
    buffer = io.BytesIO(flatbuffer)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(metadata, indent=2, ensure_ascii=False)
        archive.writestr(zipfile.ZipInfo(METADATA_FILE), text, zipfile.ZIP_DEFLATED)
        if tokenizer:
            archive.writestr(zipfile.ZipInfo(TOKENIZER_FILE), tokenizer.model, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
