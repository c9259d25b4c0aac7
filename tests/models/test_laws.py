"""Properties of every model: steps = whole, no look at the future or at padding, and it learns."""

import dataclasses
import functools
import itertools

import keras
import numpy as np
import pytest
from keras import ops
from traced import traced

from kerasformer.config import CONFIGS, TRANSLATORS, ModelConfig, TrainingConfig
from kerasformer.config.presets import preset
from kerasformer.data.batches import Batches
from kerasformer.errors import InputError
from kerasformer.models import BUILDERS, build_model
from kerasformer.training import Trainer

SIZES = {"vocab_size": 23, "max_length": 17, "num_layers": 2, "hidden_dim": 30, "intermediate_dim": 13, "num_heads": 5}
# For each kind its options, of which the last has nothing in common with the first.
VARIANTS = [
    {"kind": "transformer", "position": "sinusoidal", "norm": "pre"},
    {"kind": "transformer", "position": "sinusoidal", "norm": "post"},
    {"kind": "transformer", "position": "learned", "norm": "pre"},
    {"kind": "transformer", "position": "learned", "norm": "post"},
    {"kind": "seq2seq", "cell": "gru", "bidirectional": False},
    {"kind": "seq2seq", "cell": "lstm", "bidirectional": True},
    {"kind": "attention", "score": "dot", "cell": "gru", "bidirectional": False},
    {"kind": "attention", "score": "scaled", "cell": "gru", "bidirectional": True},
    {"kind": "attention", "score": "general", "cell": "lstm", "bidirectional": False},
    {"kind": "attention", "score": "additive", "cell": "lstm", "bidirectional": True},
]
OPPOSITES = [VARIANTS[i] for i in (0, 3, 4, 5, 6, 9)]


def name_of(variant):
    options = ("bidirectional" * value if isinstance(value, bool) else value for value in variant.values())
    return "-".join(filter(None, options))


def for_each(variants):
    configs = [ModelConfig(**SIZES, **variant) for variant in variants]
    return pytest.mark.parametrize("config", configs, ids=[name_of(variant) for variant in variants])


each_model, opposite_models = for_each(VARIANTS), for_each(OPPOSITES)
with_attention = for_each([variant for variant in VARIANTS if variant["kind"] != "seq2seq"])


@functools.cache
def made(config):
    """A model that no test may change."""
    return built(config)


def built(config):
    keras.utils.set_random_seed(1)
    model = build_model(config)
    rng = np.random.default_rng(2)
    for weight in model.training.weights:  # biases and gains that do something
        if len(weight.shape) == 1 and "seed" not in weight.path:
            weight.assign_add(rng.normal(size=weight.shape).astype("float32") / 4)
    return model


def ids(batch, length, seed=0):
    return np.random.default_rng(seed).integers(4, SIZES["vocab_size"], (batch, length)).astype("int32")


def logits(model, source, target):
    return ops.convert_to_numpy(traced(model.training)({"source_ids": source, "target_ids": target}))


@each_model
def test_steps_from_the_state_give_the_logits_of_the_whole(config):
    model, source, target = made(config), ids(2, 7), ids(2, 9, 1)
    source[1, 4:] = 0
    whole = logits(model, source, target)
    state = model.begin(ops.convert_to_tensor(source), 9)
    for begin, end in [(0, 5), *((i, i + 1) for i in range(5, 9))]:
        part, place = ops.convert_to_tensor(target[:, begin:end]), ops.convert_to_tensor(begin, "int32")
        step, state = model.step(part, place, state)
        np.testing.assert_allclose(ops.convert_to_numpy(step), whole[:, begin:end], atol=1e-5)


@each_model
def test_a_step_changes_neither_the_form_of_the_state_nor_its_shapes(config):
    model, source = made(config), ops.convert_to_tensor(ids(3, 7))
    state = model.begin(source, 9)
    _, after = model.step(ops.convert_to_tensor(ids(3, 1)), ops.convert_to_tensor(0, "int32"), state)
    keras.tree.assert_same_structure(state, after)
    for before, now in zip(keras.tree.flatten(state), keras.tree.flatten(after), strict=True):
        assert (before.shape, before.dtype) == (now.shape, now.dtype)
        assert before.shape[0] == 3


@for_each([variant for variant in VARIANTS if variant["kind"] == "transformer"])
def test_hypotheses_that_share_a_state_have_the_logits_of_their_tokens(config):
    model, source, tokens = made(config), ids(2, 7), ids(2, 12, 1).reshape(2, 3, 4)  # of three hypotheses
    state = model.begin(ops.convert_to_tensor(source), 4 * 3)
    ancestors, parents = np.full((2, 3, 4), -1, "int32"), [[0, 1, 2], [2, 0, 0], [1, 1, 0], [0, 2, 1]]
    said = np.zeros((2, 3, 0), "int32")
    for position, of in enumerate(parents):
        ancestors, said = ancestors[:, of], np.concatenate([said[:, of], tokens[:, :, position : position + 1]], axis=2)
        ancestors[:, :, position] = range(3)
        place = ops.convert_to_tensor(position, "int32")
        step = *map(ops.convert_to_tensor, (tokens[:, :, position],)), place, state, ops.convert_to_tensor(ancestors)
        found, state = model.beam_step(*step)
        for j in range(3):
            whole = logits(model, source, said[:, j])[:, -1]
            np.testing.assert_allclose(ops.convert_to_numpy(found)[:, j], whole, atol=1e-5)


@each_model
def test_a_later_token_changes_no_earlier_logit(config):
    model, source, target = made(config), ids(2, 7), ids(2, 13, 1)
    whole = logits(model, source, target)
    for place in (1, 6, 12):
        changed = target.copy()
        changed[:, place] = (changed[:, place] - 3) % 19 + 4
        difference = np.abs(logits(model, source, changed) - whole).max(axis=(0, 2))
        assert difference[:place].max() == 0
        assert difference[place] > 0.01


@each_model
def test_padding_of_the_source_changes_nothing(config):
    model, source, target = made(config), ids(2, 7), ids(2, 5, 1)
    padded = np.pad(source, ((0, 0), (0, 6)))
    np.testing.assert_allclose(logits(model, padded, target), logits(model, source, target), atol=1e-5)


@each_model
def test_a_row_does_not_depend_on_its_batch(config):
    model, source, target = made(config), ids(5, 7), ids(5, 11, 1)
    source[1, 3:] = source[4, 5:] = 0
    together = logits(model, source, target)
    for row in range(5):
        alone = logits(model, source[row : row + 1], target[row : row + 1])
        np.testing.assert_allclose(alone[0], together[row], atol=1e-5)


@for_each([variant for variant in VARIANTS if variant["kind"] == "transformer"])
def test_sentences_that_share_a_row_do_not_see_each_other(config):
    model = made(config)
    assert model.packs
    rng = np.random.default_rng(4)
    sources, targets = ([rng.integers(4, 23, n).tolist() for n in rng.permutation(10)] for _ in range(2))
    found = []
    for packed in (True, False):
        batches = Batches(sources, targets, batch_tokens=1000, num_shapes=1, max_length=17, packed=packed)
        ((inputs, labels),) = batches.epoch(0, shuffle=False)
        log_likelihood = ops.log_softmax(logits(model, inputs["source_ids"], inputs["target_ids"]))
        of_label = np.take_along_axis(ops.convert_to_numpy(log_likelihood), labels[..., None], -1)[..., 0]
        rows = [zip(row[row > 0].tolist(), of_label[i][row > 0], strict=True) for i, row in enumerate(labels)]
        found.append(sorted(itertools.chain(*rows)))
    np.testing.assert_allclose(*found, atol=1e-5)


def test_only_models_that_attend_everywhere_pack():
    packing = {variant["kind"]: made(ModelConfig(**SIZES, **variant)).packs for variant in OPPOSITES}
    assert packing == {"transformer": True, "seq2seq": False, "attention": False}


@each_model
def test_each_token_of_the_source_and_their_order_matter(config):
    model, source, target = made(config), ids(2, 7), ids(2, 5, 1)
    whole = logits(model, source, target)
    assert np.abs(logits(model, source[:, ::-1], target) - whole).max() > 0.01
    for place in range(7):
        changed = source.copy()
        changed[:, place] = (changed[:, place] - 3) % 19 + 4
        assert np.abs(logits(model, changed, target) - whole).max() > 1e-4


@each_model
def test_the_graphs_share_their_weights(config):
    model = made(config)
    owned = {id(weight) for weight in model.training.weights}
    for graph in filter(None, (model.attention, model.start, model.decode_step)):
        assert {id(weight) for weight in graph.weights} <= owned
    used = {id(weight) for graph in (model.start, model.decode_step) for weight in graph.trainable_weights}
    assert used == {id(weight) for weight in model.training.trainable_weights}


@with_attention
def test_attention_adds_up_to_1_and_padding_gets_nothing(config):
    model, source, target = made(config), ids(2, 7), ids(2, 11, 1)
    source[1, 4:] = 0
    weights = model.attention({"source_ids": source, "target_ids": target}, training=False)
    weights = ops.convert_to_numpy(weights)
    layers_and_heads = (2, 5) if config.kind == "transformer" else (1, 1)
    assert weights.shape == (2, *layers_and_heads, 11, 7)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-6)
    assert weights[1, ..., 4:].max() == 0
    assert weights[1, ..., :4].min() > 0


def test_only_seq2seq_has_no_attention_graph():
    graphs = {variant["kind"]: made(ModelConfig(**SIZES, **variant)).attention for variant in OPPOSITES}
    assert {kind for kind in TRANSLATORS if graphs[kind] is None} == {"seq2seq"}


@opposite_models
def test_the_graphs_reload_from_keras_files(config, tmp_path):
    model, source, target = made(config), ids(2, 7), ids(2, 11, 1)
    model.training.save(tmp_path / "training.keras")
    again = keras.saving.load_model(tmp_path / "training.keras")
    inputs = {"source_ids": source, "target_ids": target}
    np.testing.assert_array_equal(ops.convert_to_numpy(again(inputs)), ops.convert_to_numpy(model.training(inputs)))

    model.decode_step.save(tmp_path / "decode_step.keras")
    again = keras.saving.load_model(tmp_path / "decode_step.keras")
    state = model.begin(ops.convert_to_tensor(source), 11)
    inputs = {"token_ids": ops.convert_to_tensor(target[:, :3]), "position": ops.convert_to_tensor(2), "state": state}
    expected, found = model.decode_step(inputs), again(inputs)
    for one, other in zip(keras.tree.flatten(expected), keras.tree.flatten(found), strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(one), ops.convert_to_numpy(other))


@opposite_models
def test_the_gradient_reaches_every_weight(config):
    model, source, target = built(config), ids(3, 7), ids(3, 11, 1)
    # Compiling takes longer than one step.
    model.training.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse", run_eagerly=True)
    before = [np.array(ops.convert_to_numpy(weight)) for weight in model.training.trainable_weights]
    rng = np.random.default_rng(3)
    wanted = rng.normal(size=(3, 11, SIZES["vocab_size"])).astype("float32")
    model.training.train_on_batch({"source_ids": source, "target_ids": target}, wanted)
    for weight, old in zip(model.training.trainable_weights, before, strict=True):
        moved = np.abs(ops.convert_to_numpy(weight) - old).max()
        # A bias on the keys adds the same to all scores of a query, which the softmax takes away again.
        assert moved < 1e-6 if "key/bias" in weight.path else moved > 1e-6, weight.path


@opposite_models
def test_weights_and_logits_are_float32(config):
    model = made(config)
    assert keras.config.dtype_policy().name == "float32"
    assert {weight.dtype for weight in model.training.trainable_weights} == {"float32"}
    assert logits(model, ids(2, 7), ids(2, 5)).dtype == "float32"


def test_an_unknown_kind_is_named_and_every_known_one_has_a_builder():
    with pytest.raises(InputError, match="must be one of transformer, seq2seq, attention, got 'rnn'"):
        build_model(dataclasses.replace(preset("test"), kind="rnn"))
    assert set(BUILDERS) == set(CONFIGS)
    assert set(TRANSLATORS) == {variant["kind"] for variant in VARIANTS}


@pytest.mark.parametrize(("kind", "cell"), [("transformer", "gru"), ("seq2seq", "lstm"), ("attention", "gru")])
@pytest.mark.usefixtures("without_xla")
def test_the_smallest_model_learns_to_reverse_digits(kind, cell, tmp_path):
    rng = np.random.default_rng(0)
    digits = np.unique(rng.integers(4, 14, (6000, 4)), axis=0)
    rng.shuffle(digits)
    sources, held_out = digits[:-400].tolist(), digits[-400:].tolist()

    def batches(rows):
        reversed_rows = [row[::-1] for row in rows]
        return Batches(rows, reversed_rows, batch_tokens=512, num_shapes=1, max_length=32)

    keras.utils.set_random_seed(0)
    model = build_model(preset("test", kind=kind, cell=cell, vocab_size=14, dropout=0.0))
    config = TrainingConfig(epochs=3, learning_rate=1e-2, warmup_steps=100, label_smoothing=0.0, average_last=1)
    train = batches(sources)
    history = Trainer(model.training, config, tmp_path, len(train)).fit(train, batches(held_out))
    assert history[-1]["val_accuracy"] > 0.95
