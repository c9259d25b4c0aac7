"""Token ids of many sentences in one flat array, and their padded rows of a batch."""

import numpy as np

from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID


class Sentences:
    """Many token id lists in one flat array.

    Args:
        flat: int (tokens,), all lists one after the other; may be memory-mapped.
        lengths: int (sentences,), the number of tokens of each list.
        weights: of sources to train on, float32 (sentences,), how often an epoch has each of them, on average; None if
            it has each of them once.
    """

    def __init__(self, flat, lengths, weights=None):
        self.flat = flat
        self.lengths = lengths
        self.weights = weights
        self.offsets = np.concatenate([[0], np.cumsum(lengths, dtype="int64")])

    @property
    def is_weighted(self):
        """Whether an epoch has some of them more or less often than once: bool."""
        return self.weights is not None and bool((self.weights != 1).any())

    @classmethod
    def of(cls, token_ids, before=(), after=()):
        """Make them from a list of lists of int; put the ids `before` and `after` around each list."""
        extra = len(before) + len(after)
        lengths = np.fromiter((len(row) + extra for row in token_ids), "int64", len(token_ids))
        every = (i for row in token_ids for part in (before, row, after) for i in part)
        return cls(np.fromiter(every, "int32", lengths.sum()), lengths)

    def __len__(self):
        return len(self.lengths)

    def in_rows(self, numbers, rows, shape, skipped=(0, 0)):
        """Put sentences side by side in padded rows.

        Args:
            numbers: int (sentences,), indices of the sentences, in ascending order of their rows.
            rows: int (sentences,), the row of each sentence.
            shape: (batch, width).
            skipped: numbers of tokens left out at the beginning and at the end of each sentence.

        Returns:
            int32 (batch, width), with `PAD_ID` after the last sentence of a row.
        """
        lengths = self.lengths[numbers] - sum(skipped)
        begins = np.cumsum(lengths) - lengths  # as if all were in one row; then subtract where its own row begins
        _, firsts, counts = np.unique(rows, return_index=True, return_counts=True)
        begins -= np.repeat(begins[firsts], counts)
        token = count_up(lengths)
        ids = np.full(shape, PAD_ID, "int32")
        places = np.repeat(rows, lengths), np.repeat(begins, lengths) + token
        ids[places] = self.flat[np.repeat(self.offsets[numbers] + skipped[0], lengths) + token]
        return ids


def encode_pairs(pairs, encode, encode_target=None):
    """Tokenize both sides of (source, target) texts.

    Args:
        pairs: list of pairs of texts.
        encode: function from a list of texts to a list of token id lists.
        encode_target: the same for targets, if it differs.

    Returns:
        `[sources, targets]`: `Sentences` with an `eos` at the end, and targets with a `bos` at the beginning.
    """
    specials = ((), (EOS_ID,)), ((BOS_ID,), (EOS_ID,))
    encodes = encode, encode_target or encode
    return [Sentences.of(encodes[side]([pair[side] for pair in pairs]), *specials[side]) for side in (0, 1)]


def encode_taught(rows, encode, encode_target=None):
    """Tokenize (source, target, weight) as `encode_pairs` does; the sources have the weights."""
    sources, targets = encode_pairs(rows, encode, encode_target)
    sources.weights = np.array([weight for *_, weight in rows], "float32")
    return [sources, targets]


def count_up(counts):
    """Count up to each count, in one array: [2, 3] -> [0, 1, 0, 1, 2]."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
