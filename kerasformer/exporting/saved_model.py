"""Write a bundle as a SavedModel, for TensorFlow Serving or any process with tensorflow_text."""

import json

import keras
import tensorflow as tf

from kerasformer.errors import InputError
from kerasformer.exporting.graphs import classification, drawing, translation
from kerasformer.system.files import whole_folder

MODULES = {
    "translation": translation.ServerModule,
    "classification": classification.ServerModule,
    "drawing": drawing.ServerModule,
}  # by task


def require_tensorflow():
    """Raise `InputError` where Keras runs on another backend, whose graphs TensorFlow cannot write."""
    if keras.backend.backend() != "tensorflow":
        raise InputError(f"exports are TensorFlow's: set KERAS_BACKEND=tensorflow, not {keras.backend.backend()}")


def export_saved_model(bundle, path):
    """Write a bundle as a SavedModel to the folder `path`, whole or not at all.

    Raises:
        InputError: if Keras runs on another backend.
        OSError: if it cannot be written.
    """
    require_tensorflow()
    task = bundle.model.config.task
    module = MODULES[task](bundle)
    about = {"task": task, "source": bundle.source, "target": bundle.target, "corpus": json.dumps(bundle.corpus)}
    for name, value in about.items():
        setattr(module, name, tf.Variable(value, trainable=False))
    with whole_folder(path) as folder:
        tf.saved_model.save(module, str(folder), signatures=module.named_signatures())
