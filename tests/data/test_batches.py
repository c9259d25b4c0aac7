"""Batches have every pair once per epoch, in a repeatable order, with little padding."""

import itertools

import numpy as np
import pytest

from kerasformer.data.batches import Batches
from kerasformer.data.packing import choose_lengths, pack
from kerasformer.data.sentences import Sentences
from kerasformer.errors import InputError
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID

OPTIONS = {"batch_tokens": 100, "num_shapes": 3, "max_length": 40}


def sentences(count, seed=0, longest=29):
    """Random token ids; the first two identify the pair."""
    rng = np.random.default_rng(seed)
    return [[4 + i // 50, 4 + i % 50, *rng.integers(4, 60, rng.integers(0, longest - 1))] for i in range(count)]


def made(count=211, seed=3, **changes):
    sources, targets = sentences(count), sentences(count, seed=1)
    return sources, targets, Batches(sources, targets, seed=seed, **{**OPTIONS, **changes})


def unpadded(rows):
    return [[int(i) for i in row if i != PAD_ID] for row in rows]


def pairs(batch):
    """(source, input, label) ids of each row that is not empty."""
    inputs, labels = batch
    columns = (unpadded(inputs["source_ids"]), unpadded(inputs["target_ids"]), unpadded(labels))
    return [row for row in zip(*columns, strict=True) if any(row)]


@pytest.mark.parametrize(
    ("lengths", "count", "expected"),
    [
        ([3, 4, 1], 1, [4]),
        ([5], 3, [8]),  # rounded up to a multiple of 4
        ([4, 8, 12], 3, [4, 8, 12]),
        ([4] * 10 + [8] + [40], 2, [4, 40]),  # 10 * 4 + 2 * 40 = 120, or 11 * 8 + 40 = 128
        ([4] * 7 + [8] + [40], 2, [8, 40]),  # 7 * 4 + 2 * 40 = 108, or 8 * 8 + 40 = 104
        ([4] * 100 + [8] * 3 + [12], 2, [4, 12]),  # 400 + 48, or 103 * 8 + 12
        ([4, 4, 36, 36, 36, 40], 2, [4, 40]),
    ],
)
def test_lengths_chosen_by_hand(lengths, count, expected):
    assert choose_lengths(lengths, count) == expected


@pytest.mark.parametrize("packed", [False, True])
def test_epochs_have_each_pair_as_often_as_its_weight_says(packed):
    sources = Sentences.of(sentences(60), after=(EOS_ID,))
    targets = Sentences.of(sentences(60, seed=1), before=(BOS_ID,), after=(EOS_ID,))
    sources.weights = np.repeat(np.array([0.5, 1, 2.5], "float32"), 20)
    batches, counts = Batches(sources, targets, packed=packed, **OPTIONS), np.zeros((40, 60), int)
    for number, found in enumerate(counts):
        for inputs, _ in batches.epoch(number):
            begins = np.argwhere(inputs["target_ids"] == BOS_ID)
            first, second = (inputs["target_ids"][begins[:, 0], begins[:, 1] + place] - 4 for place in (1, 2))
            np.add.at(found, first * 50 + second, 1)
    means = counts.reshape(40, 3, 20).mean(axis=(0, 2))
    np.testing.assert_allclose(means, [0.5, 1, 2.5], rtol=0.1)
    assert (counts[:, :20].max(axis=0) > counts[:, :20].min(axis=0)).all()  # an epoch draws others than the one before
    again = [inputs["target_ids"].tolist() for inputs, _ in batches.epoch(3)]
    assert [inputs["target_ids"].tolist() for inputs, _ in batches.epoch(3)] == again


def padded_tokens(lengths, widths):
    return sum(min(width for width in widths if width >= length) for length in lengths)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_no_other_lengths_pad_less(seed, count):
    rng = np.random.default_rng(seed)
    lengths = np.minimum(rng.geometric(0.1, 60), 32)
    possible = range(4, int(lengths.max()) + 4, 4)
    least = min(
        padded_tokens(lengths, widths)
        for widths in itertools.combinations(possible, min(count, len(possible)))
        if widths[-1] >= lengths.max()
    )
    chosen = choose_lengths(lengths, count)
    assert chosen == sorted(set(chosen))
    assert len(chosen) <= count
    assert padded_tokens(lengths, chosen) == least


def test_a_batch_by_hand():
    batches = Batches([[5, 6], [7]], [[8], [9, 10, 11]], batch_tokens=8, num_shapes=1, max_length=8)
    ((inputs, labels),) = batches.epoch(0, shuffle=False)
    assert inputs["source_ids"].tolist() == [[5, 6, EOS_ID, 0], [7, EOS_ID, 0, 0]]
    assert inputs["target_ids"].tolist() == [[BOS_ID, 8, 0, 0], [BOS_ID, 9, 10, 11]]
    assert labels.tolist() == [[8, EOS_ID, 0, 0], [9, 10, 11, EOS_ID]]
    assert {array.dtype for array in (*inputs.values(), labels)} == {np.dtype("int32")}
    assert (batches.num_tokens, batches.too_long, batches.shapes) == (5 + 6, 0, [(2, 4)])


@pytest.mark.parametrize("shuffle", [True, False])
def test_every_pair_comes_exactly_once_an_epoch(shuffle):
    sources, targets, batches = made()
    expected = [
        ([*source, EOS_ID], [BOS_ID, *target], [*target, EOS_ID])
        for source, target in zip(sources, targets, strict=True)
    ]
    for epoch in (0, 1):
        found = [row for batch in batches.epoch(epoch, shuffle=shuffle) for row in pairs(batch)]
        assert sorted(found) == sorted(expected)


def test_unshuffled_batches_of_a_shape_are_filled_alike():
    counts = {}
    for batch in made()[2].epoch(0, shuffle=False):
        counts.setdefault(batch[1].shape, []).append(len(pairs(batch)))
    assert max(map(len, counts.values())) > 2
    for shape, found in counts.items():
        assert max(found) - min(found) <= 1, shape


def test_labels_are_shifted_inputs_and_padding_is_on_the_right():
    _, _, batches = made()
    for inputs, labels in batches.epoch(0):
        target, source = inputs["target_ids"], inputs["source_ids"]
        is_word = target[:, 1:] != PAD_ID
        np.testing.assert_array_equal(labels[:, :-1][is_word], target[:, 1:][is_word])
        np.testing.assert_array_equal((labels != PAD_ID).sum(1), (target != PAD_ID).sum(1))
        for ids in (source, target, labels):
            assert not np.any((ids[:, 1:] != PAD_ID) & (ids[:, :-1] == PAD_ID))
        assert set(target[:, 0]) <= {BOS_ID, PAD_ID}


def test_batches_have_the_announced_shapes():
    _, _, batches = made()
    found = list(batches.epoch(0))
    assert len(found) == len(batches)
    shapes = {inputs["source_ids"].shape for inputs, _ in found}
    assert shapes == {inputs["target_ids"].shape for inputs, _ in found} == {labels.shape for _, labels in found}
    assert shapes == set(batches.shapes)
    assert len(shapes) == 3
    assert all(size * width <= 100 for size, width in shapes)


def test_tokens_are_counted_without_padding():
    sources, targets, batches = made()
    assert batches.num_tokens == sum(len(row) + 1 for row in [*sources, *targets])
    counted = sum((ids != 0).sum() for inputs, _ in batches.epoch(0) for ids in inputs.values())
    assert counted == batches.num_tokens


def epoch(batches, number, **options):
    return [pairs(batch) for batch in batches.epoch(number, **options)]


def test_the_order_is_a_function_of_seed_and_epoch():
    _, _, batches = made()
    first = epoch(batches, 0)
    assert epoch(batches, 0) == first
    assert epoch(made()[2], 0) == first
    assert epoch(batches, 1) != first
    assert epoch(made(seed=4)[2], 0) != first
    assert epoch(batches, 0, shuffle=False) == epoch(batches, 1, shuffle=False)


def test_an_epoch_resumes_at_any_batch():
    _, _, batches = made()
    whole = epoch(batches, 2)
    for start in (0, 1, 7, len(batches)):
        assert epoch(batches, 2, start=start) == whole[start:]


def test_redrawn_epochs_have_as_many_batches_of_the_same_shapes():
    def redraw(number):
        rng = np.random.default_rng((7, number))
        sides = [[rng.integers(4, 99, rng.integers(1, 18)).tolist() for _ in range(300)] for _ in (0, 1)]
        asked.append(number)
        return Sentences.of(sides[0], after=[EOS_ID]), Sentences.of(sides[1], before=[BOS_ID], after=[EOS_ID])

    asked = []
    batches = Batches(*redraw(0), batch_tokens=200, num_shapes=2, max_length=20, packed=True, redraw=redraw)
    epochs = {number: list(batches.epoch(number)) for number in (0, 1, 2)}
    assert asked in ([0, 1, 2], [0, 1, 2, 3])  # each once, and the next one meanwhile
    for number, made in epochs.items():
        assert len(made) == len(batches)
        assert {labels.shape for _, labels in made} <= set(batches.shapes)
        sources = redraw(number)[0]
        there = {tuple(sources.flat[a:b]) for a, b in itertools.pairwise(sources.offsets)}
        rows = [row for inputs, _ in made for row in inputs["source_ids"]]
        held = [tuple(part) for row in rows for part in np.split(row, np.flatnonzero(row == EOS_ID) + 1)[:-1]]
        assert set(held) <= there
        assert len(held) > 0.9 * len(sources)  # of as many tokens, nearly all find room
    for (_, again), (_, labels) in zip(batches.epoch(1, start=3), epochs[1][3:], strict=True):
        np.testing.assert_array_equal(again, labels)


def test_pairs_that_are_too_long_are_left_out_and_counted():
    sources = [[5] * 39, [6] * 40, [7], [8] * 41]
    targets = [[5], [6], [7] * 40, [8]]
    batches = Batches(sources, targets, **OPTIONS)
    assert batches.too_long == 3
    assert [row for batch in batches.epoch(0) for row in pairs(batch)] == [([5] * 39 + [EOS_ID], [BOS_ID, 5], [5, 3])]


@pytest.mark.parametrize("max_length", [30, 31, 33])
def test_no_batch_is_wider_than_the_model(max_length):
    _, _, batches = made(max_length=max_length)
    assert max(width for _, width in batches.shapes) <= max_length


def test_a_sentence_longer_than_a_batch_is_a_batch():
    batches = Batches([[5] * 20, [6]], [[5], [6]], batch_tokens=10, num_shapes=2, max_length=40)
    assert batches.shapes == [(2, 4), (1, 24)]


def test_an_error_if_all_pairs_are_too_long():
    for sources, targets in ([[5] * 40], [[5]]), ([], []):
        with pytest.raises(InputError, match="all pairs of sentences are longer than max_length = 40 tokens"):
            Batches(sources, targets, **OPTIONS)


def test_sources_and_targets_must_be_equally_many():
    with pytest.raises(ValueError, match="a target for each source, got 2 and 1"):
        Batches([[5], [6]], [[5]], **OPTIONS)


def test_sentences_lie_side_by_side_in_rows():
    held = Sentences.of([[5, 6], [7], [8, 9, 10]], before=(BOS_ID,), after=(EOS_ID,))
    assert (len(held), held.lengths.tolist()) == (3, [4, 3, 5])
    numbers, rows = np.array([1, 0, 2]), np.array([0, 0, 2])
    found = held.in_rows(numbers, rows, (3, 6), skipped=(0, 1))
    assert found.tolist() == [[BOS_ID, 7, BOS_ID, 5, 6, 0], [0] * 6, [BOS_ID, 8, 9, 10, 0, 0]]
    assert held.in_rows(numbers, rows, (3, 5), skipped=(1, 0)).tolist() == [
        [7, EOS_ID, 5, 6, EOS_ID],
        [0] * 5,
        [8, 9, 10, EOS_ID, 0],
    ]


@pytest.mark.parametrize(
    ("sides", "widths", "expected"),
    [
        (["33", "22", "55", "11"], [6], [["55", "11"], ["33", "22"]]),
        (["22", "22", "22"], [4], [["22", "22"], ["22"]]),
        (["77", "33", "11", "44"], [4, 8], [["77", "11"], ["44"], ["33"]]),  # longer than 4: a row of 8
        (["41", "22", "14"], [5], [["41", "14"], ["22"]]),  # both sides have room
        (["31", "22", "13", "22"], [6], [["31", "13", "22"], ["22"]]),  # what evens the sides out comes first
        (["21", "12", "21", "12"], [3], [["21", "12"], ["21", "12"]]),
    ],
)
def test_rows_packed_by_hand(sides, widths, expected):
    order, counts = pack(np.array([[*map(int, pair)] for pair in sides]), widths, np.random.default_rng(0))
    assert sorted(order) == list(range(len(sides)))
    found = np.split(np.array(sides)[order], np.cumsum(counts)[:-1])
    assert [row.tolist() for row in found] == expected


@pytest.mark.parametrize("seed", range(5))
def test_packed_rows_fit_and_have_little_padding(seed):
    rng = np.random.default_rng(seed)
    sources = rng.integers(1, 25, 2000)
    sides = np.stack([sources, np.clip(sources + rng.integers(-4, 5, 2000), 1, 40)], axis=1)
    order, counts = pack(sides, [24, 40], rng)
    assert sorted(order) == list(range(2000))
    begins = np.cumsum(counts) - counts
    longest = np.maximum.reduceat(sides.max(axis=1)[order], begins)
    widths = np.where(longest <= 24, 24, 40)
    assert (np.add.reduceat(sides[order], begins).max(axis=1) <= widths).all()
    assert sides.sum() > 0.9 * 2 * widths.sum()


def split_rows(batch):
    """(source, input, label) ids of each pair of a packed batch."""
    inputs, labels = batch
    found = []
    for source, target, label in zip(inputs["source_ids"], inputs["target_ids"], labels, strict=True):
        ends = np.flatnonzero(source == EOS_ID) + 1, np.flatnonzero(label == EOS_ID) + 1
        parts = [np.split(row, at) for row, at in ((source, ends[0]), (target, ends[1]), (label, ends[1]))]
        found += [tuple(part.tolist() for part in pair) for pair in zip(*parts, strict=True)][:-1]
        assert not any(np.any(row[-1]) for row in parts)  # padding
    return found


def test_packed_rows_hold_every_pair_once_with_less_padding():
    sources, targets, loose = made()
    packed = made(packed=True)[2]
    expected = sorted(
        ([*source, EOS_ID], [BOS_ID, *target], [*target, EOS_ID])
        for source, target in zip(sources, targets, strict=True)
    )
    for epoch in (0, 1):
        batches = list(packed.epoch(epoch))
        assert len(batches) == len(packed) < len(loose)
        assert {labels.shape for _, labels in batches} == set(packed.shapes)
        assert sorted(row for batch in batches for row in split_rows(batch)) == expected
    assert packed.num_tokens == loose.num_tokens
