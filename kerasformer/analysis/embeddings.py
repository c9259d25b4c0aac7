"""Nearest neighbours in a table of embeddings, and its projection to two dimensions.

The table, a numpy array, and the tokenizer come from the same bundle.
"""

import numpy as np

from kerasformer.errors import InputError
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID, UNK_ID

_SPECIAL_IDS = [PAD_ID, UNK_ID, BOS_ID, EOS_ID]


def table_of(bundle):
    """The embedding table of a translator's bundle.

    Args:
        bundle: a `Bundle`.

    Returns:
        float32 (vocab, hidden), one row for each piece of `bundle.tokenizer`; a copy.
    """
    return bundle.model.training.get_layer("embedding").get_weights()[0]


def rows_of(table, tokenizer, words):
    """The rows of some words.

    Args:
        table: float (vocab, hidden).
        tokenizer: the `Tokenizer` of the same bundle.
        words: list of words, or of pieces as the tokenizer writes them, such as "ing".

    Returns:
        float (word, hidden).

    Raises:
        InputError: for a word that has no row of its own, or a table with another number of rows than the tokenizer.
    """
    table = _checked(table, tokenizer)
    return table[[_id_of(tokenizer, word) for word in words]]


def nearest(table, tokenizer, word, count=5):
    """The nearest neighbours of a word by cosine similarity.

    Args:
        table: float (vocab, hidden).
        tokenizer: the `Tokenizer` of the same bundle.
        word: a word or piece, as in `rows_of`.
        count: number of neighbours.

    Returns:
        List of (piece, similarity from -1 to 1), nearest first, without the word itself and the special tokens.

    Raises:
        InputError: as `rows_of`.

    Reference: Mikolov et al. 2013, "Linguistic Regularities in Continuous Space Word Representations", section 5.
    """
    table = _checked(table, tokenizer)
    own = _id_of(tokenizer, word)
    lengths = np.linalg.norm(table, axis=1)
    unit = table / np.where(lengths > 0, lengths, 1)[:, None]
    similarities = unit @ unit[own]  # (vocab,)
    left_out = {own, *_SPECIAL_IDS}
    ids = [i for i in np.argsort(-similarities, kind="stable") if i not in left_out][:count]
    return [(piece, float(similarities[i])) for piece, i in zip(tokenizer.pieces(ids), ids, strict=True)]


def project(vectors):
    """Project vectors to two dimensions by principal component analysis.

    The sign of a component is arbitrary; here its largest entry is positive.

    Args:
        vectors: float (point, hidden).

    Returns:
        float (point, 2), centred on the mean.

    Raises:
        InputError: for fewer than two vectors, or vectors of fewer than two numbers.

    Reference: Pearson 1901, "On lines and planes of closest fit to systems of points in space".
    """
    vectors = np.asarray(vectors, dtype=float)
    if vectors.ndim != 2 or min(vectors.shape) < 2:
        raise InputError(f"vectors must have the shape (point, hidden), each at least 2, got {vectors.shape}")
    centred = vectors - vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    directions = directions[:2]  # (2, hidden)
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    return centred @ (directions * np.sign(largest)).T


def _checked(table, tokenizer):
    table = np.asarray(table, dtype=float)
    if table.ndim != 2 or len(table) != tokenizer.vocab_size:
        raise InputError(
            f"the table has the shape {table.shape}, the tokenizer {tokenizer.vocab_size} pieces: "
            "take both from one bundle"
        )
    return table


def _id_of(tokenizer, word):
    """The row of a word, or of the piece with that spelling."""
    token_ids = tokenizer.encode(word)
    if len(token_ids) == 1 and token_ids[0] != UNK_ID:
        return token_ids[0]
    pieces = tokenizer.pieces(range(tokenizer.vocab_size))
    if word in pieces:
        return pieces.index(word)
    raise InputError(
        f"{word!r} has no row of its own, the tokenizer splits it into {tokenizer.pieces(token_ids)}: "
        "choose a more frequent word, or one of these pieces"
    )
