"""Classify images with a bundle, on any backend of Keras."""

import functools

import numpy as np
from keras import ops

from kerasformer.bundle import load_bundle
from kerasformer.formats import describe
from kerasformer.inference.compiling import BATCHES, compile_function, fitting
from kerasformer.interface.image import BaseClassifier
from kerasformer.system.processes import check_not_forked


class Classifier(BaseClassifier):
    """Classifies images with a bundle.

    Args:
        bundle: a `Bundle` of an `ImageClassifier`.
    """

    def __init__(self, bundle):
        super().__init__(bundle.labels, bundle.model.config.shape)
        self.bundle = bundle

    @classmethod
    def load(cls, path):
        """Load the bundle in the folder `path` as a classifier.

        `open_artefact` opens a SavedModel or a `.tflite` as well.

        Raises:
            InputError: if there is no bundle, it is damaged, too new, or for another task.
        """
        return cls(load_bundle(describe(path, "classification", "bundle")))

    def probabilities(self, images):
        return in_batches(self._classify, images)

    @functools.cached_property
    def _classify(self):
        return compile_function(functools.partial(class_probabilities, self.bundle.model))


def class_probabilities(model, images):
    """The class probabilities, float (batch, classes), of images uint8 (batch, height, width, channels)."""
    return ops.softmax(model.training(ops.cast(images, "float32") / 255.0, training=False), axis=-1)


def in_batches(function, *arrays):
    """Apply a compiled function to arrays (batch, ...), in batches of a few sizes.

    Args:
        function: tensors (batch, ...) -> tensor (batch, ...).
        *arrays: (batch, ...), one row or more.

    Returns:
        The results of all batches, an array (batch, ...).
    """
    check_not_forked()
    size, results = fitting(BATCHES, len(arrays[0])), []
    for begin in range(0, len(arrays[0]), size):
        parts = [array[begin : begin + size] for array in arrays]
        missing = size - len(parts[0])
        padded = [np.concatenate([part, np.repeat(part[:1], missing, axis=0)]) for part in parts]
        found = function(*map(ops.convert_to_tensor, padded))
        results.append(ops.convert_to_numpy(found)[: size - missing])
    return np.concatenate(results)
