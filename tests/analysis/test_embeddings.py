"""Neighbours and maps of embeddings whose geometry one can see on paper."""

import numpy as np
import pytest

from kerasformer.analysis import embeddings
from kerasformer.config import TRANSLATORS
from kerasformer.errors import InputError

SPECIAL = ["<pad>", "<unk>", "<s>", "</s>"]


class Alphabet:
    """A tokenizer of a few whole words, and one piece in the middle of words."""

    words = [*SPECIAL, "▁east", "▁north", "▁northeast", "▁west", "ern", "▁nowhere"]
    vocab_size = len(words)

    def encode(self, text):
        word = f"▁{text}"
        return [self.words.index(word)] if word in self.words else [self.words.index("▁north"), 1]

    def pieces(self, token_ids):
        return [self.words[i] for i in token_ids]


#                 pad     unk     bos     eos     east    north   northeast west   ern     nowhere
TABLE = np.array([[9, 0], [9, 0], [9, 0], [9, 0], [3, 0], [0, 7], [2, 2], [-5, 0], [4, 3], [0, 0]])


@pytest.mark.parametrize(
    ("word", "neighbours"),
    [
        # cos 45° = 0.7071; of (4, 3) with (1, 0): 4/5, with (1, 1): 7 / (5 * 1.4142) = 0.9899
        ("east", [("ern", 0.8), ("▁northeast", 0.7071), ("▁north", 0.0), ("▁nowhere", 0.0), ("▁west", -1.0)]),
        ("northeast", [("ern", 0.9899), ("▁east", 0.7071), ("▁north", 0.7071), ("▁nowhere", 0.0), ("▁west", -0.7071)]),
        ("ern", [("▁northeast", 0.9899), ("▁east", 0.8), ("▁north", 0.6), ("▁nowhere", 0.0), ("▁west", -0.8)]),
    ],
)
def test_neighbours_are_those_in_the_same_direction_however_long(word, neighbours):
    found = embeddings.nearest(TABLE, Alphabet(), word)
    assert [piece for piece, _ in found] == [piece for piece, _ in neighbours]
    assert [similarity for _, similarity in found] == pytest.approx([value for _, value in neighbours], abs=1e-4)


def test_the_word_itself_and_special_tokens_are_no_neighbours():
    assert len(embeddings.nearest(TABLE, Alphabet(), "east", count=100)) == Alphabet.vocab_size - len(SPECIAL) - 1


def test_rows_are_those_of_the_words():
    assert embeddings.rows_of(TABLE, Alphabet(), ["north", "ern", "north"]).tolist() == [[0, 7], [4, 3], [0, 7]]


def test_the_error_for_a_word_without_a_row_lists_its_pieces():
    with pytest.raises(InputError, match=r"'northwest' has no row of its own, .* splits it into \['▁north', '<unk>'\]"):
        embeddings.nearest(TABLE, Alphabet(), "northwest")


def test_a_table_of_another_tokenizer_is_refused():
    with pytest.raises(InputError, match=r"the table has the shape \(9, 2\), the tokenizer 10 pieces"):
        embeddings.rows_of(TABLE[1:], Alphabet(), ["east"])


def test_points_of_a_tilted_plane_keep_their_distances():
    # In the plane of (0, 0.6, 0.8) and (1, 0, 0), about (5, 5, 5): a rectangle of 10 by 4 and its centre.
    corners = np.array([[5, 2], [5, -2], [-5, 2], [-5, -2], [0, 0]])
    vectors = corners @ [[0, 0.6, 0.8], [1, 0, 0]] + 5
    np.testing.assert_allclose(embeddings.project(vectors), corners, atol=1e-12)


def test_the_map_is_of_the_two_directions_in_which_vectors_differ_most():
    vectors = np.random.default_rng(0).normal(size=(997, 3)) * [1, 5, 3]
    points = embeddings.project(vectors)
    variances = np.linalg.eigvalsh(np.cov(vectors.T))[::-1]
    np.testing.assert_allclose(points.var(axis=0, ddof=1), variances[:2])
    assert abs(points[:, 0] @ points[:, 1]) < 1e-8


def test_mirrored_vectors_are_mirrored_on_the_map_and_shifted_ones_do_not_move():
    vectors = np.random.default_rng(0).normal(size=(11, 7))
    points = embeddings.project(vectors)
    np.testing.assert_allclose(embeddings.project(-vectors), -points, atol=1e-12)
    np.testing.assert_allclose(embeddings.project(vectors + 3), points, atol=1e-12)


@pytest.mark.parametrize("shape", [(1, 5), (5, 1), (5,), (0, 5)])
def test_projection_needs_two_vectors_of_two_numbers(shape):
    with pytest.raises(InputError, match="each at least 2, got"):
        embeddings.project(np.zeros(shape))


@pytest.mark.parametrize("kind", TRANSLATORS)
def test_the_embedding_table_of_every_kind_of_translator(bundle, kind):
    from kerasformer.bundle import Bundle
    from kerasformer.config.presets import preset
    from kerasformer.models import build_model

    config = preset("test", kind=kind, vocab_size=bundle.tokenizer.vocab_size)
    other = Bundle(build_model(config), bundle.tokenizer, "fr", "en")
    table = embeddings.table_of(other)
    assert table.shape == (config.vocab_size, config.hidden_dim)
    looked_up = other.model.training.get_layer("embedding")(np.array([[4, 11]]))
    np.testing.assert_allclose(looked_up[0], table[[4, 11]] * config.hidden_dim**0.5, rtol=1e-6)


def test_pieces_of_a_real_tokenizer_find_their_own_rows(bundle):
    table, tokenizer = embeddings.table_of(bundle), bundle.tokenizer
    ids = [i for i in range(4, tokenizer.vocab_size) if tokenizer.pieces([i])[0].startswith("▁")]
    assert len(ids) > 10
    np.testing.assert_array_equal(embeddings.rows_of(table, tokenizer, tokenizer.pieces(ids)), table[ids])
