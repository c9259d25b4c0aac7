"""What a translator answers: hypotheses, and the attention between a text and its translation."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Hypothesis:
    """One translation.

    Args:
        text: the translation.
        score: its length-normalised log-probability in nats; for several sentences, their mean.
        token_ids: tuple of int, its tokens without special ids; for several sentences, all of them in order.
        token_log_probs: tuple of float, if asked for: the log-probability in nats of each token by the model as it is,
            and of the end after it; for several sentences, those of all sentences in order.
        alignments: tuple of `alignment.Alignment`, if asked for: one for each sentence, in order.
    """

    text: str
    score: float
    token_ids: tuple
    token_log_probs: tuple = ()
    alignments: tuple = ()


@dataclasses.dataclass(frozen=True)
class Attention:
    """How much each target token attends to each source token.

    Args:
        weights: float (layers, heads, target, source).
        source_tokens: list of str, pieces of the source, `</s>` last.
        target_tokens: list of str, pieces of the target, `</s>` last.
    """

    weights: object
    source_tokens: list
    target_tokens: list


def join_hypotheses(planned, found):
    """The hypotheses of texts from those of their pieces.

    Args:
        planned: the `Plan` of the texts.
        found: for each piece the list of its `Hypothesis`, best first.

    Returns:
        list of lists of `Hypothesis`, best first, as `BaseTranslator.hypotheses` describes them.
    """
    count = max(map(len, found), default=1)
    joined = [planned.join([part[min(rank, len(part) - 1)].text for part in found]) for rank in range(count)]
    return [
        [_merge(parts, rank, joined[rank][i]) for rank in range(max(map(len, parts), default=1))]
        for i, (_, parts) in enumerate(planned.groups(found))
    ]


def _merge(parts, rank, text):
    """The hypothesis of a text from those of its sentences.

    Args:
        parts: list of lists of `Hypothesis`, for each sentence, best first.
        rank: int, which one of each is taken; the last, where there are fewer.
        text: str, the translation of the text.
    """
    ranked = [part[min(rank, len(part) - 1)] for part in parts]
    score = sum(hypothesis.score for hypothesis in ranked) / max(len(ranked), 1)
    token_ids = tuple(i for hypothesis in ranked for i in hypothesis.token_ids)
    log_probs = tuple(x for hypothesis in ranked for x in hypothesis.token_log_probs)
    alignments = tuple(x for hypothesis in ranked for x in hypothesis.alignments)
    return Hypothesis(text, score, token_ids, log_probs, alignments)
