"""The coverage penalty: of the hypotheses of a beam, those that leave out a part of the source lose score."""

import dataclasses

import numpy as np

from kerasformer.errors import InputError

_LEAST = 1e-9  # attention, so that a token without any has a finite penalty


def coverage(attention):
    """How well a translation covers its source: the sum over source tokens of the logarithm of their attention.

    Args:
        attention: the `answers.Attention`, of which the mean over the heads of the last layer counts.

    Returns:
        float, at most 0: of each source token but `eos` the attention of all target tokens, at most 1, counts.

    Reference: Wu et al. 2016, "Google's Neural Machine Translation System", equation 14, cp with beta 1.
    """
    weights = attention.weights[-1].mean(axis=0)  # (target, source), eos last
    return float(np.log(np.clip(weights[:, :-1].sum(axis=0), _LEAST, 1.0)).sum())


def ranked_by_coverage(translator, pieces, beta, options):
    """`BaseTranslator.decode`, with the hypotheses of the whole beam ranked by score and coverage.

    Raises:
        InputError: without a beam, or for a model without attention.
    """
    beam_size, count = translator.beam(options)
    if beam_size == 1:
        raise InputError("coverage_penalty ranks the hypotheses of a beam: give a beam_size above 1")
    ranked = []
    found = translator.decode(pieces, **{**options, "num_hypotheses": beam_size})
    for piece, hypotheses in zip(pieces, found, strict=True):
        covered = [beta * coverage(translator.attend(piece, x.text)) for x in hypotheses]
        scored = [dataclasses.replace(x, score=x.score + y) for x, y in zip(hypotheses, covered, strict=True)]
        ranked.append(sorted(scored, key=lambda x: -x.score)[:count])
    return ranked
