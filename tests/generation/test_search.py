"""Search against brute force on four words, and each of its options."""

import math

import keras
import numpy as np
import pytest
from keras import ops

from kerasformer.generation import SearchOptions, length_limits, sampler, search
from tests.generation.bigrams import BOS, EOS, LIMIT, SPECIAL, VOCAB, bigram_model, brute_force, run, words


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_a_wide_beam_finds_what_brute_force_finds(seed, alpha):
    table, start, decode_step = bigram_model(seed)
    options = SearchOptions(beam_size=60, num_hypotheses=5, length_penalty=alpha)
    token_ids, scores = run(start, decode_step, options)
    for sentence in range(3):
        best = brute_force(table, sentence, alpha)[:5]
        assert [words(row) for row in token_ids[sentence]] == [said for _, said in best]
        np.testing.assert_allclose(scores[sentence], [score for score, _ in best], atol=1e-5)


def test_greedy_takes_the_likeliest_word_each_time():
    table, start, decode_step = bigram_model(3)
    token_ids, scores = run(start, decode_step, SearchOptions(length_penalty=0.0))
    for sentence in range(3):
        last, said, log_prob = BOS, [], 0.0
        while len(said) < LIMIT and last != EOS:
            row = table[sentence, len(said), last]
            log_prob += max(row[2:]) - math.log(np.exp(row).sum())
            last = 2 + int(np.argmax(row[2:]))
            said.append(last)
        assert words(token_ids[sentence, 0]) == tuple(said)
        assert scores[sentence, 0] == pytest.approx(log_prob, abs=1e-5)


def test_a_sentence_does_not_depend_on_its_batch():
    _, start, decode_step = bigram_model(1)
    options = SearchOptions(beam_size=3, num_hypotheses=2)
    together, _ = run(start, decode_step, options)
    for sentence in range(3):
        alone, _ = run(start, decode_step, options, [sentence])
        np.testing.assert_array_equal(alone[0], together[sentence])


def test_the_state_follows_its_hypothesis():
    _, start, decode_step = bigram_model(2)
    seen = []

    def watched(token_ids, position, state):
        logits, state = decode_step(token_ids, position, state)
        seen.append(ops.convert_to_numpy(state["said"]))
        return logits, state

    run(start, watched, SearchOptions(beam_size=4))
    # After bos the checksum is 1; whatever was said second, its hypothesis carries 1 * 7 + that word.
    assert all(value == 1 for value in seen[0])
    assert all(7 + 2 <= value <= 7 + 5 or value == 7 for value in seen[1])


def test_limits_hold_for_each_sentence():
    _, start, decode_step = bigram_model(4)
    for beam in (1, 3):
        token_ids, _ = run(start, decode_step, SearchOptions(beam_size=beam), limits=[1, 2, 4])
        assert [len(words(row[0])) <= limit for row, limit in zip(token_ids, [1, 2, 4], strict=True)] == [True] * 3


@pytest.mark.parametrize("beam", [1, 60])
def test_min_length_keeps_eos_away(beam):
    table, start, decode_step = bigram_model(0)
    options = SearchOptions(beam_size=beam, min_length=2, length_penalty=0.0)
    token_ids, _ = run(start, decode_step, options)
    assert all(EOS not in row[0][:2] for row in token_ids)
    if beam > 1:
        expected = [brute_force(table, sentence, 0.0, min_length=2)[0][1] for sentence in range(3)]
        assert [words(row[0]) for row in token_ids] == expected


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("beam", [1, 3])
def test_no_ngram_comes_twice(n, beam):
    def start(source_ids):
        return source_ids

    def stutter(token_ids, position, state):  # would say 3 3 3 3 ..., then 4, then 5; eos last
        row = ops.convert_to_tensor(np.array([[[0, 0, -9, 3, 2, 1]]], "float32"))
        return ops.repeat(row, ops.shape(token_ids)[0], axis=0), state

    options = SearchOptions(beam_size=beam, no_repeat_ngram=n)
    token_ids, _ = run(start, stutter, options, [0], limits=[8], max_length=8)
    said = words(token_ids[0, 0])
    ngrams = [said[i : i + n] for i in range(len(said) - n + 1)]
    assert len(said) >= 3
    assert len(set(ngrams)) == len(ngrams)


def test_it_runs_inside_a_compiled_graph():
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("compiled with tf.function, so on the TensorFlow backend")
    _, start, decode_step = bigram_model(5)
    options = SearchOptions(beam_size=3, num_hypotheses=3, no_repeat_ngram=2)
    limits = tf.constant([4, 4, 4])

    def decode(source):
        return search(start, decode_step, source, limits, LIMIT, options, SPECIAL)

    expected, _ = run(start, decode_step, options)
    for jit in (False, True):
        token_ids, _ = tf.function(decode, jit_compile=jit)(tf.constant([0, 1, 2]))
        np.testing.assert_array_equal(token_ids.numpy(), expected)


@pytest.mark.parametrize("constraint", [{}, {"min_length": 2}, {"no_repeat_ngram": 1}])
def test_drawing_with_zeros_is_greedy(constraint):
    _, start, decode_step = bigram_model(6)
    zeros = sampler(ops.zeros((3, LIMIT)))
    expected, drawn = (run(start, decode_step, SearchOptions(**constraint), choose=x) for x in (None, zeros))
    np.testing.assert_array_equal(drawn[0], expected[0])
    np.testing.assert_allclose(drawn[1], expected[1], atol=1e-6)


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_tokens_are_drawn_as_often_as_the_model_predicts(temperature):
    table, start, decode_step = bigram_model(7)
    count = 400
    noise = np.random.default_rng(0).random((count, LIMIT)).astype("float32")
    noise[:, 0] = (np.arange(count) + 0.5) / count
    choose = sampler(ops.convert_to_tensor(noise), temperature)
    token_ids, scores = run(start, decode_step, SearchOptions(), [1] * count, choose=choose)
    likely = np.exp(table[1, 0, BOS, 2:] / temperature)
    seen = np.bincount(token_ids[:, 0, 0], minlength=VOCAB)[2:] / count
    np.testing.assert_allclose(seen, likely / likely.sum(), atol=1.5 / count)
    # Whatever the temperature, the score is of the model as it is.
    score_of = {said: score for score, said in brute_force(table, 1, 1.0)}
    assert len({words(row[0]) for row in token_ids}) > 30
    for row, score in zip(token_ids, scores, strict=True):
        assert score[0] == pytest.approx(score_of[words(row[0])], abs=1e-5)


def test_constraints_and_limits_hold_when_sampling():
    _, start, decode_step = bigram_model(8)
    noise = np.random.default_rng(1).random((60, LIMIT)).astype("float32")
    options = SearchOptions(min_length=2, no_repeat_ngram=1)
    limits = [2 + i % 3 for i in range(60)]
    choose = sampler(ops.convert_to_tensor(noise), 3.0)
    token_ids, _ = run(start, decode_step, options, [i % 3 for i in range(60)], limits, choose=choose)
    for row, limit in zip(token_ids[:, 0], limits, strict=True):
        said = words(row)
        assert 2 <= len(said) <= limit
        assert EOS not in said[:2]
        assert len(said) == len(set(said))


def test_a_row_of_noise_belongs_to_its_sentence():
    _, start, decode_step = bigram_model(9)
    noise = np.random.default_rng(2).random((3, LIMIT + 5)).astype("float32")  # more than is needed does no harm
    together, _ = run(start, decode_step, SearchOptions(), choose=sampler(ops.convert_to_tensor(noise)))
    for sentence in range(3):
        one = sampler(ops.convert_to_tensor(noise[[sentence]]))
        alone, _ = run(start, decode_step, SearchOptions(), [sentence], choose=one)
        np.testing.assert_array_equal(alone[0], together[sentence])


def test_sampling_needs_a_beam_of_1():
    _, start, decode_step = bigram_model(0)
    with pytest.raises(ValueError, match="beam_size 1, got 2"):
        run(start, decode_step, SearchOptions(beam_size=2), choose=sampler(ops.zeros((3, LIMIT))))


def test_limits_in_the_graph_are_those_of_the_options():
    options = SearchOptions(max_length_ratio=1.3, max_length_offset=3)
    lengths = np.array([[0, 1, 2], [3, 9, 10]], "int32")
    found = ops.convert_to_numpy(length_limits(ops.convert_to_tensor(lengths), options, 11))
    assert found.tolist() == [[1, 4, 5], [6, 11, 11]]
    assert found[1].tolist() == [options.limit(length, 11) for length in (3, 9, 10)]
    padding = ops.convert_to_tensor([-1], "int32")  # a row without an `eos`
    assert ops.convert_to_numpy(length_limits(padding, options, 11)).tolist() == [1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"beam_size": 0},
        {"num_hypotheses": 2},
        {"min_length": -1},
        {"no_repeat_ngram": 101},
        {"max_length_offset": 0},
        {"max_repeats": -1},
        {"length_penalty": -0.5},
        {"max_length_ratio": math.nan},
        {"beam_size": 1.5},
    ],
)
def test_wrong_options_are_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SearchOptions(**wrong)
