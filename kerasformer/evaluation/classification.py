"""Scores of a classifier of images: accuracy, perplexity, the recall of each class, and speed."""

import time

import numpy as np

from kerasformer.errors import InputError
from kerasformer.inference.compiling import compiled_first


def score(probabilities, labels, classes):
    """Score the probabilities of images against their labels.

    Args:
        probabilities: float (images, classes).
        labels: int (images,), places in `classes`.
        classes: names of the classes.

    Returns:
        {"images": their number, "accuracy": in per cent, "perplexity": exp of the mean negative log-probability of the
        right class, "recall": dict of class to the percentage of its images that are classified right, for each class
        that has images}.

    Raises:
        InputError: if there are no images.
    """
    if not len(labels):
        raise InputError("there are no images to score: expected at least one")
    is_right = probabilities.argmax(axis=-1) == labels
    of_label = np.maximum(probabilities[np.arange(len(labels)), labels], np.finfo("float32").tiny)
    recall = {name: 100 * float(is_right[labels == i].mean()) for i, name in enumerate(classes) if (labels == i).any()}
    return {
        "images": len(labels),
        "accuracy": 100 * float(is_right.mean()),
        "perplexity": float(np.exp(-np.log(of_label).mean())),
        "recall": recall,
    }


@compiled_first()
def evaluate(reader, images, warm_up=True):
    """Classify images, score the answers and measure the speed.

    Args:
        reader: a `BaseClassifier`.
        images: `Images`, labelled by places in `reader.labels`.
        warm_up: bool, whether to classify all images once before the clock starts, so that compilation is not timed.

    Returns:
        What `score` returns, and "seconds" and "images_per_second".

    Raises:
        InputError: if there are no images.
    """
    if warm_up and len(images):
        reader.probabilities(images.pixels)
    began = time.perf_counter()
    probabilities = reader.probabilities(images.pixels) if len(images) else None
    seconds = time.perf_counter() - began
    found = score(probabilities, images.labels, reader.labels)
    return {**found, "seconds": seconds, "images_per_second": len(images) / seconds}
