"""kerasformer: train translators and image models in Keras, and run the same model on servers and on phones.

`Translator.load`, `Classifier.load` and `Illustrator.load` open a bundle; `open_artefact` opens a SavedModel or a
`.tflite` as well. `export` writes a bundle in other formats, and `evaluate` scores a translator.

A name is imported when it is first used, so that a device that only needs `kerasformer.runtime` never imports
TensorFlow or Keras.
"""

import importlib
import os

__version__ = "0.1.0"

_HOMES = {
    "Bundle": "kerasformer.bundle",
    "Illustrator": "kerasformer.inference.illustrator",
    "Classifier": "kerasformer.inference.classifier",
    "Corpus": "kerasformer.data.corpus",
    "InputError": "kerasformer.errors",
    "LiteRTClassifier": "kerasformer.runtime",
    "LiteRTIllustrator": "kerasformer.runtime",
    "LiteRTTranslator": "kerasformer.runtime",
    "ModelConfig": "kerasformer.config",
    "SearchOptions": "kerasformer.generation",
    "Tokenizer": "kerasformer.tokenizer",
    "Trainer": "kerasformer.training",
    "TrainingConfig": "kerasformer.config",
    "Translator": "kerasformer.inference.translator",
    "build_model": "kerasformer.models",
    "build_transformer": "kerasformer.models",
    "describe": "kerasformer.formats",
    "evaluate": "kerasformer.evaluation.translation",
    "export": "kerasformer.exporting.gate",
    "gradients_by_distance": "kerasformer.analysis.gradients",
    "load_bundle": "kerasformer.bundle",
    "load_corpus": "kerasformer.data.corpus",
    "open_artefact": "kerasformer.inference.opening",
    "open_translator": "kerasformer.inference.opening",
    "preset": "kerasformer.config.presets",
    "save_bundle": "kerasformer.bundle",
    "source_gradients": "kerasformer.analysis.gradients",
    "train_tokenizer": "kerasformer.tokenizer",
}

__all__ = list(_HOMES)
# TensorFlow reads this when it is imported: it then writes fatal errors only, and raises the others all the same.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module kerasformer has no attribute {name!r}")
    with importlib.import_module("kerasformer.system.quiet").quiet_loading():
        return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__():
    return __all__
