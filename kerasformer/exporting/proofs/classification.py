"""The proof of a classifier's exports: each names held-out images as the bundle does."""

import numpy as np

from kerasformer.errors import InputError
from kerasformer.exporting.proofs.proof import FEWEST, TIE, Proof, bytes_of, milliseconds
from kerasformer.inference.classifier import Classifier

MAX_DIFFERENCE = 1e-4  # of a probability, where weights are exact
MAX_ACCURACY_LOSS = 0.5  # percentage points that 8-bit weights may cost
_SHOWN = 10


class ClassificationProof(Proof):
    """Of a classifier; `held_out` is `Images`."""

    def __init__(self, bundle, held_out, say, reference=None):
        if not len(held_out):
            raise InputError("there is no held-out image to prove the exports with: give others with --data")
        self.reference = reference or Classifier(bundle)
        self.images = held_out
        self.counted = f"{len(held_out)} images"
        if len(held_out) < FEWEST:
            say(f"note: only {len(held_out)} held-out images to prove the exports with; {FEWEST} are wanted")
        self.expected = self.reference.probabilities(held_out.pixels)

    def head(self):
        return {"images": len(self.images), "labels": list(self.reference.labels)}

    def bundle_row(self):
        perfect = {"identical_share": 1.0, "max_difference": 0.0}
        accuracy = _accuracy(self.expected, self.images.labels)
        measured = self._measured(self.reference)
        return {"bytes": bytes_of(self.reference.bundle), "accuracy": accuracy, **perfect, **measured}

    def row(self, format, engine):
        found = self._found(engine, format.is_exact)
        if format.form == "saved_model":
            wanted = [engine.labels[place] for place in engine.probabilities(self.images.pixels).argmax(axis=-1)]
            said = [label.decode() for label in engine.answers(self.images.pixels)["labels"]]
            found["passed"] = found["passed"] and said == wanted
        return {**found, **(self._measured(engine) if found["passed"] else {})}

    def complaint(self, row):
        wrong = [difference for difference in row["differences"] if not difference["tie"]]
        shown = "; ".join(f"image {d['image']} is {d['other']!r} for {d['reference']!r}" for d in wrong[:5])
        return (
            f"{len(wrong)} labels differ, probabilities by up to {row['max_difference']:.1g}, accuracy "
            f"{row['accuracy']:.1f} % for {row['accuracy_reference']:.1f} %; nothing was exported. {shown}"
        )

    def compare(self, engine, exact):
        return {"images": len(self.images), "exact": exact, **self._found(engine, exact)}

    def lines(self, found):
        same = f"{100 * found['identical_share']:.1f} % of {found['images']:,} images named alike"
        accuracy = f"accuracy {found['accuracy']:.1f} % to the bundle's {found['accuracy_reference']:.1f} %"
        yield f"{same}, {accuracy}, probabilities at most {found['max_difference']:.1g} apart"
        for difference in found["differences"][:_SHOWN]:
            tie = " (a tie: both are as likely)" if difference["tie"] else ""
            yield f"image {difference['image']}  bundle {difference['reference']}  other {difference['other']}{tie}"
        if len(found["differences"]) > _SHOWN:
            yield f"and {len(found['differences']) - _SHOWN:,} more"
        exact = f"every label the same, ties aside, and probabilities to {MAX_DIFFERENCE:g}"
        rule = exact if found["exact"] else "as good an accuracy, but for half a point"
        yield f"{'passed' if found['passed'] else 'FAILED'}: wanted was {rule}"

    def _found(self, engine, exact):
        if engine.labels != self.reference.labels or engine.shape != self.reference.shape:
            raise InputError("the artefact names other classes, or takes other images, than the bundle: export it anew")
        probabilities = engine.probabilities(self.images.pixels)
        return compare(self.expected, probabilities, self.images.labels, self.reference.labels, exact)

    def _measured(self, engine):
        return {"ms_per_image": milliseconds(lambda image: engine(image[None]), self.images.pixels)}


def compare(expected, found, labels, classes, exact=True):
    """Compare the probabilities that two classifiers give.

    Args:
        expected, found: float (images, classes), the bundle's and those of its export.
        labels: int (images,), the truth.
        classes: names of the classes.
        exact: whether labels and probabilities must be the same; else `found` may lose `MAX_ACCURACY_LOSS`.

    Returns:
        {"identical_share", "accuracy", "accuracy_reference", in per cent, "max_difference", "differences", "passed"};
        a difference is {"image", "reference", "other", "tie"}, and a tie when both are as likely to within 1e-4.
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
    got, wanted = _accuracy(found, labels), _accuracy(expected, labels)
    apart = float(np.abs(expected - found).max())
    same = all(difference["tie"] for difference in differences) and apart <= MAX_DIFFERENCE
    return {
        "identical_share": 1 - len(differences) / len(labels),
        "accuracy": got,
        "accuracy_reference": wanted,
        "max_difference": apart,
        "differences": differences,
        "passed": bool(same if exact else got >= wanted - MAX_ACCURACY_LOSS),
    }


def _accuracy(probabilities, labels):
    return 100 * float(np.mean(probabilities.argmax(axis=-1) == labels))
