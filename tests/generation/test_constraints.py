"""Constraints against brute force on four words, and by hand."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasformer.generation import Constraints, SearchOptions, SpecialIds, sampler, search
from kerasformer.generation.constraints import constrain
from tests.generation.bigrams import EOS, LIMIT, PAD, SPECIAL, bigram_model, brute_force, run, words

WIDE = SearchOptions(beam_size=60, num_hypotheses=3)
PREFIXES = [[3, 4], [5, PAD], [PAD, PAD]]
FORBIDDEN = [[PAD, 4], [3, 5], [5, EOS]]  # a word, two in a row, and the end after a word


def finds(expected, token_ids, scores):
    """Whether a search found the first of what is expected for each sentence, with its scores."""
    for best, found, score in zip(expected, token_ids, scores, strict=True):
        assert [words(row) for row in found] == [said for _, said in best[: len(found)]]
        np.testing.assert_allclose(score, [score for score, _ in best[: len(found)]], atol=1e-5)
    return True


def has(said, sequence):
    return any(said[i : i + len(sequence)] == sequence for i in range(len(said)))


@pytest.mark.parametrize("seed", range(3))
def test_every_hypothesis_begins_with_its_prefix(seed):
    table, start, decode_step = bigram_model(seed)
    begun = [words(prefix) for prefix in PREFIXES]
    expected = [
        [(score, said) for score, said in brute_force(table, i, 1.0) if said[: len(prefix)] == prefix]
        for i, prefix in enumerate(begun)
    ]
    assert finds(expected, *run(start, decode_step, WIDE, prefix=PREFIXES))
    greedy, scores = run(start, decode_step, SearchOptions(), prefix=PREFIXES)
    free, _ = run(start, decode_step, SearchOptions())
    assert [words(row[0])[: len(prefix)] for row, prefix in zip(greedy, begun, strict=True)] == begun
    assert words(greedy[2, 0]) == words(free[2, 0])
    for i, (row, score) in enumerate(zip(greedy, scores, strict=True)):
        assert score[0] == pytest.approx(
            {said: score for score, said in brute_force(table, i, 1.0)}[words(row[0])], abs=1e-5
        )


def test_a_prefix_goes_before_all_other_constraints_and_holds_when_sampling():
    _, start, decode_step = bigram_model(1)
    options, prefix = SearchOptions(no_repeat_ngram=1, min_length=3), [[3, 3]] * 3
    noise = ops.convert_to_tensor(np.random.default_rng(0).random((3, LIMIT)).astype("float32"))
    for choose in (None, sampler(noise, 5.0)):
        found, _ = run(start, decode_step, options, choose=choose, prefix=prefix, suppressed=[[3]])
        for row in found[:, 0]:
            assert words(row)[:2] == (3, 3)
            assert not {3, EOS} & set(words(row)[2:3])


@pytest.mark.parametrize("seed", range(3))
def test_suppressed_sequences_do_not_occur(seed):
    table, start, decode_step = bigram_model(seed)
    sequences = [words(row) for row in FORBIDDEN]

    def is_allowed(said):
        return not any(has(said, sequence) for sequence in sequences)

    expected = [[(score, said) for score, said in brute_force(table, i, 1.0) if is_allowed(said)] for i in range(3)]
    assert finds(expected, *run(start, decode_step, WIDE, suppressed=FORBIDDEN))
    greedy, _ = run(start, decode_step, SearchOptions(), suppressed=FORBIDDEN)
    assert all(is_allowed(words(row[0])) for row in greedy)
    free, _ = run(start, decode_step, SearchOptions())
    assert any(not is_allowed(words(row[0])) for row in free)
    nothing, _ = run(start, decode_step, SearchOptions(), suppressed=[[PAD, PAD]])  # as a device pads its table
    np.testing.assert_array_equal(nothing, free)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("penalty", [1.5, 0.7])
def test_a_repetition_penalty_changes_the_distribution(seed, penalty):
    table, start, decode_step = bigram_model(seed)
    expected = [brute_force(table, i, 1.0, penalty=penalty) for i in range(3)]
    assert finds(expected, *run(start, decode_step, SearchOptions(60, 3, repetition_penalty=penalty)))
    assert expected != [brute_force(table, i, 1.0) for i in range(3)]


def test_a_penalty_worked_out_by_hand():
    logits = np.array([[2.0, -2.0, 3.0, 0.5]], "float32")
    hypotheses = {"token_ids": ops.convert_to_tensor(np.array([[[0, 1, 0, 2]]], "int32"))}
    options = SearchOptions(repetition_penalty=2.0)
    found, allowed = constrain(
        ops.convert_to_tensor(logits), 3, hypotheses, options, SpecialIds(PAD, 1, EOS), Constraints()
    )
    for values in (found, allowed):  # 0 occurs twice and is divided once; 2 is not yet said at position 3
        np.testing.assert_allclose(ops.convert_to_numpy(values), [[1.0, -4.0, 3.0, 0.5]])


@pytest.mark.parametrize("jit", [False, True])
def test_one_graph_serves_all_values(jit):
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("compiled with tf.function, so on the TensorFlow backend")
    _, start, decode_step = bigram_model(4)

    @tf.function(jit_compile=jit)
    def decode(penalty, min_length, length_penalty, prefix, suppressed):
        tensors = {"repetition_penalty": penalty, "min_length": min_length, "length_penalty": length_penalty}
        options, given = SearchOptions(3, 2).with_inputs(**tensors), Constraints(None, prefix, suppressed)
        limits = tf.constant([LIMIT] * 3)
        return search(start, decode_step, tf.range(3), limits, LIMIT, options, SPECIAL, None, given)

    for penalty, min_length, alpha in ((1.0, 0, 1.0), (1.7, 2, 0.3)):
        options = SearchOptions(3, 2, alpha, min_length, penalty)
        expected, scores = run(start, decode_step, options, prefix=PREFIXES, suppressed=FORBIDDEN)
        numbers = tf.constant(penalty), tf.constant(min_length), tf.constant(alpha)
        token_ids, found = decode(*numbers, tf.constant(PREFIXES), tf.constant(FORBIDDEN))
        np.testing.assert_array_equal(token_ids, expected)
        np.testing.assert_allclose(found, scores, atol=1e-5)
