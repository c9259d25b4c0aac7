"""How likely the tokens of given targets are, in batches of a few padded shapes."""

from keras import ops

from kerasformer.inference.compiling import BATCHES, fitting, padded_length
from kerasformer.tokenizer import BOS_ID, EOS_ID, pad_rows

SCORED_TOKENS = 4096  # padded tokens whose logits are in memory at once


def score_tokens(scores, sources, targets, max_length):
    """Score every token of targets, `eos` too, given the source and the target before each token.

    Args:
        scores: `teacher_forced_scores` of a model, compiled.
        sources, targets: lists of lists of token ids without special ids; what is longer than the model is cut.
        max_length: int, the most tokens of the model.

    Returns:
        For each pair float32 (2, tokens): the log-probability of each token, and 1.0 if no other is more likely.
    """
    most = max_length - 1
    rows = [
        ([*source[:most], EOS_ID], [BOS_ID, *target][:max_length], [*target, EOS_ID][:max_length])
        for source, target in zip(sources, targets, strict=True)
    ]
    found, order = [None] * len(rows), sorted(range(len(rows)), key=lambda i: -max(map(len, rows[i])))
    while order:
        width = padded_length(max_length, max(map(len, rows[order[0]])))
        size = max((size for size in BATCHES if size * width <= SCORED_TOKENS), default=1)
        batch, order = order[:size], order[size:]
        sides = zip(*(rows[i] for i in batch), strict=True)
        padded = [pad_rows(side, width, fitting(BATCHES, len(batch))) for side in sides]
        of_batch = ops.convert_to_numpy(scores(*map(ops.convert_to_tensor, padded)))
        for i, row in zip(batch, of_batch, strict=False):
            found[i] = row[:, : len(rows[i][2])]
    return found


def teacher_forced(source_ids, target_ids):
    """The inputs of a training graph for one pair of token id lists without special ids."""
    source, target = [[*source_ids, EOS_ID]], [[BOS_ID, *target_ids]]
    return {
        "source_ids": ops.convert_to_tensor(source, "int32"),
        "target_ids": ops.convert_to_tensor(target, "int32"),
    }


def teacher_forced_scores(model, source_ids, target_ids, labels):
    """Log-probability of each label (batch, target), and 1.0 if no logit is higher: float (batch, 2, target).

    Args:
        model: the training graph of a translator.
        source_ids: int32 (batch, source), padded, each source with its `eos`.
        target_ids: int32 (batch, target), `bos` and the labels but the last.
        labels: int32 (batch, target).
    """
    logits = model({"source_ids": source_ids, "target_ids": target_ids}, training=False)
    of_label, is_highest = label_scores(logits, labels)
    return ops.stack([of_label, ops.cast(is_highest, of_label.dtype)], axis=1)


def label_scores(logits, labels):
    """The log-probability of each label, and whether no logit is higher.

    Args:
        logits: float (batch, target, vocab).
        labels: int32 (batch, target).

    Returns:
        float (batch, target) and bool (batch, target).
    """
    log_probabilities = ops.log_softmax(logits, axis=-1)
    of_label = ops.take_along_axis(log_probabilities, ops.expand_dims(labels, -1), axis=-1)[..., 0]
    return of_label, of_label >= ops.max(log_probabilities, axis=-1)
