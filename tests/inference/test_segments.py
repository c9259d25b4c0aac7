"""A search in segments finds what a search in one piece finds."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasformer.config.presets import preset
from kerasformer.generation import SearchOptions
from kerasformer.inference import segments
from kerasformer.inference.searching import search_model
from kerasformer.inference.segments import SegmentedSearch, take_rows
from kerasformer.models import build_model


@pytest.fixture(scope="module", params=["transformer", "seq2seq"])
def model(request):
    keras.utils.set_random_seed(5)
    return build_model(preset("test", kind=request.param, vocab_size=41))


@pytest.mark.parametrize("beam", [1, 3])
def test_segments_find_what_one_piece_finds(beam, model, monkeypatch):
    monkeypatch.setattr(segments, "BATCHES", (1, 3, 7))
    monkeypatch.setattr(segments, "ROOMS", (4, 11))
    monkeypatch.setattr(segments, "STEPS", 3)
    source_ids = np.random.default_rng(2).integers(4, 41, (7, 15)).astype("int32")
    for row in range(7):  # each with a limit of its own
        source_ids[row, 2 * row + 1 :] = [3] + [0] * (13 - 2 * row)
    options = SearchOptions(beam_size=beam, num_hypotheses=beam, max_length_offset=1, max_repeats=2)
    found = SegmentedSearch(model, options)(source_ids)
    length = options.limit(14, model.config.max_length)
    whole = search_model(model, options, ops.convert_to_tensor(source_ids), length)
    assert found[0].tolist() == ops.convert_to_numpy(whole[0]).tolist()
    np.testing.assert_allclose(found[1], ops.convert_to_numpy(whole[1]), rtol=1e-5)


def test_rows_are_taken_with_the_states_of_their_hypotheses():
    progress = {"position": np.int32(4), "done": np.zeros(3, bool), "state": np.arange(12).reshape(6, 2)}
    taken = take_rows(keras.tree.map_structure(ops.convert_to_tensor, progress), np.array([2, 0]))
    assert ops.convert_to_numpy(taken["position"]) == 4
    assert ops.convert_to_numpy(taken["state"]).tolist() == [[8, 9], [10, 11], [0, 1], [2, 3]]
