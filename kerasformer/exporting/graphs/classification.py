"""The graphs of a classifier: images to labels and probabilities for servers, to probabilities for devices."""

import tensorflow as tf

from kerasformer.exporting.graphs.signatures import graph_function
from kerasformer.inference.classifier import class_probabilities


class ServerModule(tf.Module):
    """The graph of a bundle for servers.

    `serving_default` {"images": uint8 (batch, height, width, channels)} -> {"labels": string (batch,),
    "probabilities": float (batch, classes)}. The names of the classes are the variable `labels`.

    Args:
        bundle: the `Bundle` of a classifier.
    """

    def __init__(self, bundle):
        super().__init__()
        self._model = bundle.model
        self.weights = [variable.value for variable in bundle.model.training.variables]
        self.labels = tf.Variable(list(bundle.labels), trainable=False)
        self.shape = tf.Variable(bundle.model.config.shape, trainable=False)

    def named_signatures(self):
        """The signatures by name."""
        images = tf.TensorSpec((None, *self._model.config.shape), tf.uint8)
        return {"serving_default": graph_function(self._classify).get_concrete_function(images=images)}

    def _classify(self, images):
        probabilities = class_probabilities(self._model, images)
        likeliest = tf.argmax(probabilities, axis=-1, output_type=tf.int32)
        return {"labels": tf.gather(self.labels, likeliest), "probabilities": probabilities}


class DeviceModule(tf.Module):
    """The graph of a bundle for devices.

    `classify` {"images": uint8 (1, height, width, channels)} -> {"probabilities": float (1, classes)}.

    Args:
        bundle: the `Bundle` of a classifier.
    """

    def __init__(self, bundle):
        super().__init__()
        self._model, self._labels = bundle.model, bundle.labels
        self.weights = [variable.value for variable in bundle.model.training.variables]

    @property
    def num_weights(self):
        """Number of weights that the file must hold."""
        return self._model.training.count_params()

    def metadata(self):
        """What the file's metadata says about the task: the names of the classes, and the shape of the images."""
        return {"labels": list(self._labels), "shape": self._model.config.shape}

    def named_signatures(self):
        """The signatures by name."""
        images = tf.TensorSpec((1, *self._model.config.shape), tf.uint8)
        return {"classify": graph_function(self._classify).get_concrete_function(images=images)}

    def _classify(self, images):
        return {"probabilities": class_probabilities(self._model, images)}
