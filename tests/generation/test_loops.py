"""The guard against loops: by hand, and against plain Python."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

from kerasformer.generation import Constraints, SearchOptions, SpecialIds, repeat_limits, sampler, search
from kerasformer.generation.loops import LONGEST_LOOP

PAD, BOS, EOS, WORDS = 0, 1, 2, (3, 4, 5)
SPECIAL = SpecialIds(PAD, BOS, EOS, suppressed=(PAD, BOS))
LENGTH = 40


def is_loop(said, limit):
    """Whether the last tokens of a list are the same 1 to `LONGEST_LOOP` tokens more than `limit` times."""
    return any(
        len(said) >= size * (limit + 1) and said[-size * (limit + 1) :] == said[-size:] * (limit + 1)
        for size in range(1, LONGEST_LOOP + 1)
    )


def stutterer(seed):
    """A model that says a short phrase again and again, of its own for each sentence; start and step."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(3, LENGTH, 6)).astype("float32")
    for sentence, size in enumerate(rng.integers(1, 5, size=3)):
        phrase = rng.choice(WORDS, size)
        table[sentence, np.arange(LENGTH), np.resize(phrase, LENGTH)] += 4
    table[:, :-4, EOS] -= 9

    def decode_step(token_ids, position, state):
        rows = ops.take(ops.convert_to_tensor(table), position, axis=1)
        return ops.expand_dims(ops.take(rows, state, axis=0), 1), state

    return table, lambda source_ids: source_ids, decode_step


def run(start, decode_step, limits, options=None, choose=None):
    sentences, lengths = (ops.convert_to_tensor(np.array(x, "int32")) for x in ([0, 1, 2], [LENGTH] * 3))
    limits = None if limits is None else ops.convert_to_tensor(np.array(limits, "int32"))
    options = options or SearchOptions(length_penalty=0.0)
    found, _ = search(start, decode_step, sentences, lengths, LENGTH, options, SPECIAL, choose, Constraints(limits))
    return [[int(i) for i in row[0] if i != PAD] for row in ops.convert_to_numpy(found)]


def greedy(rows, limit):
    """What plain Python says: at each place the most likely token that makes no loop."""
    said = []
    for row in rows:
        allowed = [token for token in (EOS, *WORDS) if not is_loop([*said, token], limit)]
        said.append(max(allowed, key=lambda token: row[token]))
        if said[-1] == EOS:
            break
    return said


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("limits", [(4, 4, 4), (1, 2, 3)])
def test_greedy_search_says_what_plain_python_says(seed, limits):
    table, start, decode_step = stutterer(seed)
    assert run(start, decode_step, limits) == [greedy(*both) for both in zip(table, limits, strict=True)]
    free = run(start, decode_step, None)
    assert free == [greedy(rows, LENGTH) for rows in table]
    assert free != run(start, decode_step, limits)


@pytest.mark.parametrize("limit", [1, 4])
def test_no_loop_by_beam_or_by_sampling(limit):
    _, start, decode_step = stutterer(7)
    noise = sampler(ops.convert_to_tensor(np.random.default_rng(0).random((3, LENGTH)).astype("float32")), 0.5)
    for options, choose in ((SearchOptions(beam_size=3), None), (SearchOptions(), noise)):
        free = run(start, decode_step, None, options, choose)
        assert any(is_loop(said[:end], limit) for said in free for end in range(len(said) + 1))
        kept = run(start, decode_step, [limit] * 3, options, choose)
        assert not any(is_loop(said[:end], limit) for said in kept for end in range(len(said) + 1))


def test_a_wide_beam_finds_the_best_of_all_that_do_not_loop():

    rows = np.random.default_rng(3).normal(size=(4, 6)).astype("float32")
    rows[:, EOS] = -20
    rows[:, 3] += 2

    def decode_step(token_ids, position, state):
        row = ops.take(ops.convert_to_tensor(rows), ops.minimum(position, 3), axis=0)
        return ops.tile(ops.reshape(row, (1, 1, 6)), (ops.shape(token_ids)[0], 1, 1)), state

    one = ops.ones((1,), "int32")
    options = SearchOptions(beam_size=81, num_hypotheses=5, length_penalty=0.0)
    found, _ = search(lambda ids: ids, decode_step, one, 4 * one, 4, options, SPECIAL, None, Constraints(one))
    every = [said for said in itertools.product(WORDS, repeat=4) if not any(is_loop(said[:i], 1) for i in range(5))]
    every.sort(key=lambda said: sum(rows[range(4), said]), reverse=True)
    assert ops.convert_to_numpy(found)[0].tolist() == [list(said) for said in every[:5]]


@pytest.mark.parametrize("jit", [False, True])
def test_a_compiled_graph_answers_alike(jit):
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("compiled with tf.function, so on the TensorFlow backend")
    _, start, decode_step = stutterer(1)
    sources = np.array([[3, 3, 3, 3, 3, 3], [3, 4, 5, 3, 4, 2], [3, 4, 3, 2, 0, 0]], "int32")

    def decode(source_ids):
        limits, lengths = repeat_limits(source_ids, 4, PAD), tf.constant([LENGTH] * 3)
        return search(
            start, decode_step, tf.range(3), lengths, LENGTH, SearchOptions(), SPECIAL, None, Constraints(limits)
        )

    expected = run(start, decode_step, [6, 4, 4])
    found, _ = tf.function(decode, jit_compile=jit)(tf.constant(sources))
    assert [[int(i) for i in row[0] if i != PAD] for row in found.numpy()] == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ([3, 4, 5, 2], 4),
        ([3, 3, 3, 3, 3, 2], 5),  # ha ha ha ha ha
        ([3, 4] * 7 + [2], 7),  # non, non, non, ...
        ([3, 4, 5] * 6 + [2], 6),
        ([3, 0, 0, 0, 0, 0, 0, 0], 4),  # padding is no repetition
        ([2], 4),
        (list(range(3, 12)) * 6, 4),  # nine tokens are too many
    ],
)
def test_a_source_that_repeats_itself_allows_as_much(source, expected):
    padded = np.array([source + [PAD] * 5], "int32")
    assert ops.convert_to_numpy(repeat_limits(ops.convert_to_tensor(padded), 4, PAD)).tolist() == [expected]
