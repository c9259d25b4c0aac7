"""Compare the exports of a classifier with its bundle: the same labels and probabilities for held-out images."""

import numpy as np

from kerasformer.errors import InputError
from kerasformer.exporting.proofs.proof import TIE, Proof, all_ties, bytes_of, milliseconds
from kerasformer.inference.classifier import Classifier

MAX_DIFFERENCE = 1e-4  # of a probability
MAX_ACCURACY_LOSS = 0.5  # percentage points that an inexact export may lose


class ClassificationProof(Proof):
    """The comparison for a classifier; `held_out` is labelled `Images`."""

    noun = "image"
    required = f"the same label for every image, ties aside, and probabilities within {MAX_DIFFERENCE:g}"
    required_inexact = f"an accuracy at most {MAX_ACCURACY_LOSS} points lower"

    def __init__(self, bundle, held_out, say, reference=None):
        super().__init__(reference or Classifier(bundle), held_out, say)
        self.expected = self.reference.probabilities(held_out.pixels)

    def summary(self):
        return {**super().summary(), "labels": list(self.reference.labels)}

    def bundle_row(self):
        same = {"identical_share": 1.0, "max_difference": 0.0}
        accuracy, size = _accuracy(self.expected, self.items.labels), bytes_of(self.reference.bundle)
        return {"bytes": size, "accuracy": accuracy, **same, **self.speed(self.reference)}

    def measure(self, engine, exact):
        if engine.labels != self.reference.labels or engine.shape != self.reference.shape:
            raise InputError("the export has other classes or another image size than the bundle: export it again")
        probabilities = engine.probabilities(self.items.pixels)
        return compare(self.expected, probabilities, self.items.labels, self.reference.labels, exact)

    def check_signatures(self, engine, found):
        likeliest = engine.probabilities(self.items.pixels).argmax(axis=-1)
        labels = [label.decode() for label in engine.answers(self.items.pixels)["labels"]]
        found["passed"] = found["passed"] and labels == [engine.labels[i] for i in likeliest]

    def speed(self, engine):
        return {"ms_per_image": milliseconds(lambda image: engine(image[None]), self.items.pixels)}

    def headline(self, found):
        return (
            f"{100 * found['identical_share']:.1f} % of {found['images']:,} images have the same label, accuracy "
            f"{found['accuracy']:.1f} % (bundle {found['accuracy_reference']:.1f} %), probabilities differ by at most "
            f"{found['max_difference']:.1g}"
        )

    def difference(self, difference):
        return f"image {difference['image']}  bundle {difference['reference']}  export {difference['other']}"


def compare(expected, found, labels, classes, exact=True):
    """Compare the probabilities of two classifiers.

    Args:
        expected, found: float (images, classes), from the bundle and from the export.
        labels: int (images,), the true classes.
        classes: names of the classes.
        exact: bool, whether labels and probabilities must be the same; otherwise the export may lose
            `MAX_ACCURACY_LOSS`.

    Returns:
        {"identical_share", "accuracy", "accuracy_reference" (per cent), "max_difference", "differences", "passed"}; a
        difference is {"image", "reference", "other", "tie"}, and a tie if both labels are equally likely within 1e-4.
    """
    ours, theirs = expected.argmax(axis=-1), found.argmax(axis=-1)
    differences = [
        {
            "image": int(i),
            "reference": classes[ours[i]],
            "other": classes[theirs[i]],
            "tie": bool(exact and expected[i, ours[i]] - expected[i, theirs[i]] <= TIE),
        }
        for i in np.flatnonzero(ours != theirs)
    ]
    accuracy, accuracy_reference = _accuracy(found, labels), _accuracy(expected, labels)
    max_difference = float(np.abs(expected - found).max())
    if exact:
        passed = all_ties(differences) and max_difference <= MAX_DIFFERENCE
    else:
        passed = accuracy >= accuracy_reference - MAX_ACCURACY_LOSS
    return {
        "identical_share": 1 - len(differences) / len(labels),
        "accuracy": accuracy,
        "accuracy_reference": accuracy_reference,
        "max_difference": max_difference,
        "differences": differences,
        "passed": passed,
    }


def _accuracy(probabilities, labels):
    return 100 * float(np.mean(probabilities.argmax(axis=-1) == labels))
