"""Write a bundle as a SavedModel, for TensorFlow Serving or any process with tensorflow_text."""

import dataclasses
import json

import keras
import tensorflow as tf

from kerasformer.errors import InputError
from kerasformer.inference.checkpoint import FORMAT_VERSION
from kerasformer.system.files import whole_folder
from kerasformer.tasks import TASKS, resolve


def require_tensorflow():
    """Raise `InputError` if Keras runs on another backend: only TensorFlow can write the exported graphs."""
    if keras.backend.backend() != "tensorflow":
        raise InputError(f"exporting needs TensorFlow: set KERAS_BACKEND=tensorflow, not {keras.backend.backend()}")


def export_saved_model(bundle, path):
    """Write a bundle as a SavedModel to the folder `path`, whole or not at all.

    Args:
        bundle: the `Bundle`.
        path: the new folder, or a SavedModel to replace.

    Raises:
        InputError: if Keras runs on another backend.
        OSError: if it cannot be written.
    """
    require_tensorflow()
    task = TASKS[bundle.model.config.task]
    module = resolve(task.server_graph)(bundle)
    module.format_version = tf.Variable(FORMAT_VERSION, trainable=False)
    module.task = tf.Variable(task.name, trainable=False)
    module.source = tf.Variable(bundle.source, trainable=False)
    module.target = tf.Variable(bundle.target, trainable=False)
    module.text_rules = tf.Variable(json.dumps(dataclasses.asdict(bundle.text_rules)), trainable=False)
    module.corpus = tf.Variable(json.dumps(bundle.corpus), trainable=False)
    with whole_folder(path) as folder:
        tf.saved_model.save(module, str(folder), signatures=module.named_signatures())


def write(bundle, path, format):
    """`export_saved_model`, as a `Format` calls it."""
    export_saved_model(bundle, path)
