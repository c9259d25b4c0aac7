"""How much quality an inexact export of a translator may lose, and how close its answers must be to the bundle's."""

from collections import Counter

from kerasformer.evaluation.translation import chrf
from kerasformer.exporting.proofs.proof import FEWEST

MAX_LOSS = 0.5  # of BLEU and of chrF, for an inexact export; see `largest_loss`


def largest_loss(count):
    """How much BLEU and chrF of an inexact export may lose on `count` sentences.

    On few sentences, scores change by chance: their standard error is inverse to the square root of the number.
    """
    return MAX_LOSS * max(1.0, (FEWEST / count) ** 0.5)


def least_agreement(texts):
    """The agreement that an export must have at least with the answers `texts` of the bundle.

    It is halfway between 100 and the agreement of an export that gives the bundle's most frequent answer to everything.
    So no such export passes, in any language and however bad the bundle is, unless the bundle itself does so.
    """
    [(most_frequent, _)] = Counter(texts).most_common(1)
    return (chrf([most_frequent] * len(texts), texts)[0] + 100) / 2
