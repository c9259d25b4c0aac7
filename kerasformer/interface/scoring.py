"""Score given translations: how likely a model finds each of their tokens."""

import dataclasses

from kerasformer.errors import InputError


@dataclasses.dataclass(frozen=True)
class Score:
    """How likely a translation is.

    Args:
        log_prob: its log-probability in nats, the sum over its tokens.
        score: the same divided by the length penalty, as `Hypothesis.score` is.
        tokens: tuple of str, its pieces, `</s>` last.
        token_log_probs: tuple of float, the log-probability of each token, given the source and the tokens before it.
    """

    log_prob: float
    score: float
    tokens: tuple
    token_log_probs: tuple


def normalised(log_prob, length, length_penalty):
    """A log-probability divided by the length penalty of Wu et al. 2016, equation 14; `length` counts `eos`."""
    return log_prob / ((5 + length) / 6) ** length_penalty


def score(translator, sources, targets):
    """`BaseTranslator.score`."""
    for name, texts in (("sources", sources), ("targets", targets)):
        if isinstance(texts, str):
            raise InputError(f"{name} must be a list of texts, got one text: put it into a list")
    if len(sources) != len(targets):
        raise InputError(f"there are {len(sources)} sources and {len(targets)} targets: give a target for each source")
    if not sources:
        return []
    source_ids = _encoded(translator, sources, "source")
    target_ids = _encoded(translator, targets, "target")
    found = translator.token_log_probs(source_ids, target_ids)
    tokens = translator.pieces([[*ids, translator.eos_id] for ids in target_ids])
    return [
        Score(sum(row), normalised(sum(row), len(row), translator.length_penalty), tuple(pieces), tuple(row))
        for row, pieces in zip(found, tokens, strict=True)
    ]


def with_token_log_probs(translator, pieces, found):
    """Give each `Hypothesis` of cleaned texts the log-probabilities of its tokens."""
    ranked = [hypothesis for hypotheses in found for hypothesis in hypotheses]
    sources = [ids for ids, hypotheses in zip(translator.encode(pieces), found, strict=True) for _ in hypotheses]
    rows = iter(translator.token_log_probs(sources, [hypothesis.token_ids for hypothesis in ranked]))
    return [[dataclasses.replace(x, token_log_probs=tuple(next(rows))) for x in hypotheses] for hypotheses in found]


def _encoded(translator, texts, side):
    rows = translator.encode([translator.clean(text, side) for text in texts])
    for number, row in enumerate(rows, start=1):
        if len(row) > translator.max_tokens:
            raise InputError(
                f"{side} {number} has {len(row)} tokens, and the model reads {translator.max_tokens} at once: "
                "score it sentence by sentence"
            )
        if side == "source" and not row:
            raise InputError(f"{side} {number} is empty: leave it out")
    return rows
