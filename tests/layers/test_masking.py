"""Masks written out by hand."""

import keras
import numpy as np
import pytest
from layer_check import check_layer, floats, values

from kerasformer.layers import CausalMask, HypothesisMask, PaddingMask

IDS = np.array([[7, 5, 3, 0, 0], [9, 0, 8, 1, 2]], "int32")


@pytest.mark.parametrize("layer", [PaddingMask, CausalMask])
def test_layer_check(layer):
    name = "token_ids" if layer is PaddingMask else "query"
    check_layer(layer, {}, {name: IDS}, num_weights=0)


def test_padding_is_hidden_at_every_position():
    mask = values(PaddingMask()(IDS))
    assert mask.shape == (2, 1, 1, 5)
    assert mask.dtype == bool
    assert mask[:, 0, 0].tolist() == [[True, True, True, False, False], [True, False, True, True, True]]


def test_another_id_can_be_padding():
    assert values(PaddingMask(pad_id=9)(IDS))[:, 0, 0].tolist() == [[True] * 5, [False] + [True] * 4]
    assert PaddingMask.from_config(PaddingMask(pad_id=9).get_config()).pad_id == 9


def test_a_query_sees_itself_and_the_past():
    assert values(CausalMask()(IDS))[0, 0].astype(int).tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 1, 1, 0],
        [1, 1, 1, 1, 1],
    ]


def test_queries_in_the_middle_of_a_cache_see_all_before_them():
    query, key = floats(2, 3, 5), floats(2, 1, 7, 5)
    assert values(CausalMask()(query, key, position=2))[0, 0].astype(int).tolist() == [
        [1, 1, 1, 0, 0, 0, 0],
        [1, 1, 1, 1, 0, 0, 0],
        [1, 1, 1, 1, 1, 0, 0],
    ]


def test_the_position_may_be_a_tensor():
    mask = CausalMask()(floats(2, 1, 5), floats(2, 1, 3, 5), position=keras.ops.convert_to_tensor(1, "int32"))
    assert values(mask)[0, 0].tolist() == [[True, True, False]]


def test_a_hypothesis_sees_the_keys_that_it_descends_from():
    ancestors = np.array([[[0, 1, 0, -1], [0, 0, 1, -1]]], "int32")  # of two hypotheses, three steps
    mask = values(HypothesisMask()(ancestors, floats(1, 3, 6, 5)))
    assert mask.shape == (1, 1, 2, 6)
    assert mask[0, 0].astype(int).tolist() == [[1, 0, 0, 1, 1, 0], [1, 0, 1, 0, 0, 1]]


def test_a_hypothesis_sees_no_step_to_come():
    ancestors = np.array([[[0, -1, -1], [1, -1, -1]]], "int32")
    mask = values(HypothesisMask()(ancestors, floats(1, 3, 6, 5)))
    assert mask[0, 0].astype(int).tolist() == [[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]]
