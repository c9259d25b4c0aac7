"""Two sentences in a row, written out by hand."""

import numpy as np
import pytest
from layer_check import check_layer, values

from kerasformer.layers import SentenceMask, SentenceNumber, SentencePosition
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID

SOURCE = np.array([[7, 5, EOS_ID, 9, EOS_ID, 0], [8, EOS_ID, 0, 0, 0, 0]], "int32")
TARGET = np.array([[BOS_ID, 7, BOS_ID, 5, 9, 0], [BOS_ID, 0, 0, 0, 0, 0]], "int32")
NUMBERS = np.array([[0, 0, 0, 1, 1, -1], [0, -1, -1, -1, -1, -1]], "int32")


@pytest.mark.parametrize(
    ("layer", "options", "inputs"),
    [
        (SentenceNumber, {"has_bos": False}, {"token_ids": SOURCE}),
        (SentenceNumber, {"has_bos": True, "pad_id": 9, "bos_id": 5, "eos_id": 7}, {"token_ids": TARGET}),
        (SentenceMask, {}, {"query": NUMBERS[:, :4], "key": NUMBERS}),
        (SentencePosition, {}, {"number": NUMBERS}),
    ],
)
def test_layer_check(layer, options, inputs):
    check_layer(layer, options, inputs, num_weights=0)


def test_eos_belongs_to_the_sentence_before_it_and_bos_to_the_one_after():
    source = values(SentenceNumber(has_bos=False)(SOURCE))
    assert source.tolist() == [[0, 0, 0, 1, 1, -1], [0, 0, -1, -1, -1, -1]]
    assert values(SentenceNumber(has_bos=True)(TARGET)).tolist() == [[0, 0, 1, 1, 1, -1], NUMBERS[1].tolist()]


def test_a_target_without_a_beginning_is_one_sentence():
    assert values(SentenceNumber(has_bos=True)(SOURCE)).tolist() == [[0, 0, 0, 0, 0, -1], [0, 0, -1, -1, -1, -1]]


def test_the_ids_are_those_of_the_tokenizer():
    config = SentenceNumber(has_bos=True).get_config()
    assert (config["pad_id"], config["bos_id"], config["eos_id"]) == (PAD_ID, BOS_ID, EOS_ID)


def test_a_sentence_sees_itself_and_no_padding():
    mask = values(SentenceMask()(np.array([[0, 1, -1]], "int32"), NUMBERS[:1]))
    assert (mask.shape, mask.dtype) == ((1, 1, 3, 6), bool)
    assert mask[0, 0].astype(int).tolist() == [[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 0], [0] * 6]


def test_each_sentence_counts_from_0():
    assert values(SentencePosition()(NUMBERS))[0, :5].tolist() == [0, 1, 2, 0, 1]
