"""DALL-E: one sequence of words and codes, no words among the codes drawn, and a bundle with both parts."""

import dataclasses
import functools
import json

import keras
import numpy as np
import pytest
from keras import ops
from traced import traced

from kerasformer.bundle import Bundle, load_bundle, save_bundle
from kerasformer.config import DalleConfig, ImageTokenizerConfig, TrainingConfig
from kerasformer.config.presets import IMAGE_PRESETS, preset
from kerasformer.data.batches import Batches
from kerasformer.data.images.captions import LANGUAGES, all_captions
from kerasformer.errors import InputError
from kerasformer.inference.illustrator import draw_codes, score_codes
from kerasformer.models import build_model
from kerasformer.tokenizer import BOS_ID, EOS_ID, PAD_ID, train_tokenizer
from kerasformer.training import Trainer

PRESETS = IMAGE_PRESETS["dalle"]
PARAMETERS = {"test": 9_552, "tiny": 851_712, "small": 6_435_328}
# Captions of 5 ids and images of 2 x 3 codes.
TOKENIZER = ImageTokenizerConfig(height=4, width=6, patch_size=2, num_codes=11, code_dim=3, hidden_dim=5, num_layers=1)
CONFIG = DalleConfig(
    vocab_size=17, caption_length=5, num_layers=2, hidden_dim=30, intermediate_dim=13, num_heads=5,
    image_tokenizer=TOKENIZER,
)  # fmt: skip
VOCAB, CAPTION, CODES = 17, 5, 6
each_norm = pytest.mark.parametrize("norm", ["pre", "post"])


def number_of_parameters(config):
    hidden, inner = config.hidden_dim, config.intermediate_dim
    attention = 4 * (hidden * hidden + hidden)
    feed_forward = hidden * inner + inner + inner * hidden + hidden
    norm = 2 * hidden
    ids = config.vocab_size + config.image_tokenizer.num_codes
    last_norm = norm if config.norm == "pre" else 0
    return ids * hidden + config.num_layers * (attention + feed_forward + 2 * norm) + last_norm


@functools.cache
def made(norm="pre"):
    """A model that no test may change."""
    return built(dataclasses.replace(CONFIG, norm=norm))


def built(config):
    keras.utils.set_random_seed(1)
    model = build_model(config)
    rng = np.random.default_rng(2)
    for weight in model.training.weights:  # biases and gains that do something
        if len(weight.shape) == 1 and "seed" not in weight.path:
            weight.assign_add(rng.normal(size=weight.shape).astype("float32") / 4)
    return model


def captions(batch=2, length=4, seed=0):
    """Ids of words, the last `eos`."""
    words = np.random.default_rng(seed).integers(4, VOCAB, (batch, length)).astype("int32")
    words[:, -1] = EOS_ID
    return words


def targets(batch=2, seed=0, length=CODES):
    """`bos`, then codes, each counted on from the words."""
    codes = np.random.default_rng(seed).integers(VOCAB, VOCAB + TOKENIZER.num_codes, (batch, length)).astype("int32")
    codes[:, 0] = BOS_ID
    return codes


def logits(model, source, target):
    return ops.convert_to_numpy(traced(model.training)({"source_ids": source, "target_ids": target}))


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.usefixtures("zero_weights")
def test_a_preset_has_the_computed_number_of_parameters(name):
    model = build_model(preset(name, kind="dalle"))
    assert model.training.count_params() == number_of_parameters(PRESETS[name]) == PARAMETERS[name]


def test_every_preset_is_tested():
    assert set(PARAMETERS) == set(PRESETS)


@each_norm
def test_each_variant_has_the_computed_number_of_parameters(norm):
    config = dataclasses.replace(CONFIG, norm=norm)
    assert made(norm).training.count_params() == number_of_parameters(config)
    assert (config.image_length, config.max_length) == (CODES, CODES + 1)


@each_norm
def test_steps_from_the_state_give_the_logits_of_the_whole(norm):
    model, source, target = made(norm), captions(), targets()
    source[1] = [5, EOS_ID, PAD_ID, PAD_ID]
    whole = logits(model, source, target)
    assert whole.shape == (2, CODES, VOCAB + TOKENIZER.num_codes)
    state = model.begin(ops.convert_to_tensor(source), CODES)
    for begin, end in [(0, 2), *((i, i + 1) for i in range(2, CODES))]:
        part, place = ops.convert_to_tensor(target[:, begin:end]), ops.convert_to_tensor(begin, "int32")
        step, after = model.step(part, place, state)
        np.testing.assert_allclose(ops.convert_to_numpy(step), whole[:, begin:end], atol=1e-5)
        keras.tree.assert_same_structure(state, after)
        shapes = [[(x.shape, x.dtype) for x in keras.tree.flatten(nest)] for nest in (state, after)]
        assert shapes[0] == shapes[1]
        state = after


@each_norm
def test_a_later_code_changes_no_earlier_logit(norm):
    model, source, target = made(norm), captions(), targets()
    whole = logits(model, source, target)
    for place in range(1, CODES):
        changed = target.copy()
        changed[:, place] = (changed[:, place] - VOCAB + 1) % TOKENIZER.num_codes + VOCAB
        difference = np.abs(logits(model, source, changed) - whole).max(axis=(0, 2))
        assert difference[:place].max() == 0
        assert difference[place] > 0.01


@each_norm
def test_each_word_and_their_order_matter(norm):
    model, source, target = made(norm), captions(), targets()
    whole = logits(model, source, target)
    assert np.abs(logits(model, source[:, ::-1], target) - whole).max() > 0.01
    for place in range(3):
        changed = source.copy()
        changed[:, place] = (changed[:, place] - 3) % 13 + 4
        assert np.abs(logits(model, changed, target) - whole).max() > 1e-3


@each_norm
def test_padding_of_the_caption_changes_nothing(norm):
    model, source, target = made(norm), captions(length=3), targets()
    padded = np.pad(source, ((0, 0), (0, 2)))
    np.testing.assert_array_equal(logits(model, padded, target), logits(model, source, target))
    # Nor does what stands in the place of padding: its row of the table.
    words = model.training.get_layer("embedding").embeddings
    before, others = logits(model, padded, target), ops.convert_to_numpy(words).copy()
    try:
        words.assign(np.concatenate([others[:1] + 9, others[1:]]))
        np.testing.assert_allclose(logits(model, padded, target)[..., 1:], before[..., 1:], atol=1e-5)
    finally:
        words.assign(others)


def test_captions_of_any_length_are_cut_and_filled():
    model, target = made(), targets()
    long = captions(length=9)
    np.testing.assert_array_equal(logits(model, long, target), logits(model, long[:, :CAPTION], target))
    for length in range(1, CAPTION + 1):
        source = captions(length=length)
        filled = np.pad(source, ((0, 0), (0, CAPTION - length)))
        np.testing.assert_array_equal(logits(model, source, target), logits(model, filled, target))
        state = model.begin(ops.convert_to_tensor(source), CODES)
        assert state["cache"][0]["key"].shape == (2, 5, CAPTION + CODES, 6)  # (batch, heads, key, head_dim)


@each_norm
def test_a_row_does_not_depend_on_its_batch(norm):
    model, source, target = made(norm), captions(4), targets(4)
    source[1] = [7, EOS_ID, PAD_ID, PAD_ID]
    together = logits(model, source, target)
    for row in range(4):
        alone = logits(model, source[row : row + 1], target[row : row + 1])
        np.testing.assert_allclose(alone[0], together[row], atol=1e-5)


@each_norm
def test_attention_to_the_words_is_a_share_and_padding_gets_nothing(norm):
    model, source, target = made(norm), captions(), targets()
    source[1] = [5, EOS_ID, PAD_ID, PAD_ID]
    found = model.attention({"source_ids": source, "target_ids": target}, training=False)
    weights = ops.convert_to_numpy(found)
    assert weights.shape == (2, 2, 5, CODES, CAPTION)  # (batch, layers, heads, target, caption)
    assert weights.min() >= 0
    assert weights[1, ..., 2:].max() == weights[0, ..., 4:].max() == 0
    assert weights[1, ..., :2].min() > 0
    # `bos` also sees itself, each code all codes before it: the rest of a row is theirs.
    assert weights.sum(-1).max() < 1


def test_attention_adds_up_to_1_with_that_to_the_codes():
    model, source, target = made(), captions(length=CAPTION), targets()
    layer = model.training.get_layer
    token_ids = np.concatenate([source, target], axis=1)
    x = layer("position_encoding")(layer("embedding")(token_ids))
    _, _, whole = layer("decoder_0")(x, causal_mask=layer("causal_mask")(x))
    whole = ops.convert_to_numpy(whole)  # (batch, heads, query, key)
    np.testing.assert_allclose(whole.sum(-1), 1, atol=1e-5)
    found = model.attention({"source_ids": source, "target_ids": target}, training=False)
    np.testing.assert_allclose(ops.convert_to_numpy(found)[:, 0], whole[:, :, CAPTION:, :CAPTION], atol=1e-6)


def test_the_graphs_share_their_weights():
    model = made()
    owned = {id(weight) for weight in model.training.weights}
    for graph in (model.attention, model.decode_step):
        assert {id(weight) for weight in graph.weights} <= owned
    assert {id(weight) for weight in model.decode_step.trainable_weights} == {
        id(weight) for weight in model.training.trainable_weights
    }
    parts = model.parts
    assert set(parts) == {"model", "image_tokenizer"}
    assert not {id(weight) for weight in parts["image_tokenizer"].weights} & owned


@each_norm
def test_the_graphs_reload_from_keras_files(norm, tmp_path):
    model, source, target = made(norm), captions(), targets()
    model.training.save(tmp_path / "training.keras")
    again = keras.saving.load_model(tmp_path / "training.keras")
    inputs = {"source_ids": source, "target_ids": target}
    np.testing.assert_array_equal(ops.convert_to_numpy(again(inputs)), ops.convert_to_numpy(model.training(inputs)))

    model.decode_step.save(tmp_path / "decode_step.keras")
    again = keras.saving.load_model(tmp_path / "decode_step.keras")
    state = model.begin(ops.convert_to_tensor(source), CODES)
    inputs = {"token_ids": ops.convert_to_tensor(target[:, :2]), "position": ops.convert_to_tensor(1), "state": state}
    for one, other in zip(*(keras.tree.flatten(graph(inputs)) for graph in (model.decode_step, again)), strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(one), ops.convert_to_numpy(other))


def test_no_word_is_ever_drawn():
    model, source = made(), ops.convert_to_tensor(captions(40))
    # Of the first ids by the logits nearly all are words: 17 of 28.
    first = logits(model, captions(40), targets(40, length=1))[:, 0]
    assert (first.argmax(-1) < VOCAB).any()
    noise = ops.convert_to_tensor(np.random.default_rng(0).random((40, CODES)).astype("float32"))
    for options in ({}, {"noise": noise}, {"noise": noise, "temperature": 5.0}, {"noise": noise, "top_k": 3}):
        codes = ops.convert_to_numpy(draw_codes(model, source, **options))
        assert codes.shape == (40, CODES)
        assert codes.min() >= 0
        assert codes.max() < TOKENIZER.num_codes


def test_the_same_noise_draws_the_same_codes_and_another_other_ones():
    model, source = made(), ops.convert_to_tensor(captions(5))
    noises = np.random.default_rng(0).random((2, 5, CODES)).astype("float32")
    first, again, other = (
        ops.convert_to_numpy(draw_codes(model, source, ops.convert_to_tensor(noises[i]), 3.0)) for i in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def guided(guidance):
    """The model nobody may change, told to draw with so much guidance."""
    return dataclasses.replace(made(), config=dataclasses.replace(CONFIG, guidance=guidance))


@pytest.mark.parametrize("guidance", [1.0, 2.5])
def test_the_likeliest_codes_are_those_of_the_logits(guidance):
    model, source = guided(guidance), captions(7)
    codes = ops.convert_to_numpy(draw_codes(model, ops.convert_to_tensor(source)))
    target = np.concatenate([np.full((7, 1), BOS_ID), codes[:, :-1] + VOCAB], axis=1).astype("int32")
    without = logits(model, np.array([[EOS_ID]] * 7, "int32"), target)
    likely = without + guidance * (logits(model, source, target) - without)
    np.testing.assert_array_equal(likely[..., VOCAB:].argmax(-1), codes)


def test_guidance_makes_more_of_the_caption():
    source = ops.convert_to_tensor(captions(40))
    plain, more = (ops.convert_to_numpy(draw_codes(guided(guidance), source)) for guidance in (1.0, 4.0))
    assert (plain != more).any()
    # A caption that says nothing adds nothing, however often that is added.
    nothing = ops.convert_to_tensor(np.array([[EOS_ID, PAD_ID]], "int32"))
    plain, more = (ops.convert_to_numpy(draw_codes(guided(guidance), nothing)) for guidance in (1.0, 4.0))
    np.testing.assert_array_equal(plain, more)


def test_codes_are_scored_as_the_logits_say_without_guidance():
    source, codes = captions(3), targets(3, length=CODES + 1)[:, 1:] - VOCAB
    target = np.concatenate([np.full((3, 1), BOS_ID), codes[:, :-1] + VOCAB], axis=1).astype("int32")
    of_codes = logits(made(), source, target)[..., VOCAB:]
    log_probabilities = of_codes - np.log(np.exp(of_codes).sum(-1, keepdims=True))
    for guidance in (1.0, 4.0):
        scores = score_codes(guided(guidance), ops.convert_to_tensor(source), ops.convert_to_tensor(codes))
        found, is_likeliest = np.moveaxis(ops.convert_to_numpy(scores), -1, 0)
        expected = np.take_along_axis(log_probabilities, codes[..., None], axis=-1)[..., 0]
        np.testing.assert_allclose(found, expected, atol=1e-5)
        np.testing.assert_array_equal(is_likeliest > 0, of_codes.argmax(-1) == codes)


@pytest.fixture(scope="module")
def bundle():
    """A `Bundle` of a small DALL-E that nobody trained."""
    tokenizer = train_tokenizer([text for language in LANGUAGES for _, text in all_captions(language)], 120)
    return Bundle(built(dataclasses.replace(CONFIG, vocab_size=tokenizer.vocab_size)), tokenizer, "caption", "image")


def test_a_bundle_keeps_config_and_weights_of_both_parts(bundle, tmp_path):
    save_bundle(bundle, tmp_path / "dalle")
    again = load_bundle(tmp_path / "dalle")
    assert again.model.config == bundle.model.config
    assert isinstance(again.model.config.image_tokenizer, ImageTokenizerConfig)
    inputs = {"source_ids": captions(), "target_ids": targets()}
    images = np.random.default_rng(0).random((2, 4, 6, 1)).astype("float32")
    for name, x in (("training", inputs), ("attention", inputs)):
        one, other = (getattr(b.model, name)(x, training=False) for b in (bundle, again))
        np.testing.assert_array_equal(ops.convert_to_numpy(one), ops.convert_to_numpy(other))
    for name in ("training", "encode"):
        one, other = (getattr(b.model.image_tokenizer, name)(images, training=False) for b in (bundle, again))
        np.testing.assert_array_equal(ops.convert_to_numpy(one), ops.convert_to_numpy(other))


def test_a_bundle_of_another_image_tokenizer_is_refused(bundle, tmp_path):
    save_bundle(bundle, tmp_path / "dalle")
    path = tmp_path / "dalle" / "bundle.json"
    metadata = json.loads(path.read_text(encoding="utf-8"))
    metadata["model"]["image_tokenizer"]["hidden_dim"] = 6
    path.write_text(json.dumps(metadata), encoding="utf-8")
    with pytest.raises(InputError, match="image_tokenizer.weights.h5 does not belong to the model"):
        load_bundle(tmp_path / "dalle")


def test_a_vit_is_no_dalle_nor_a_dalle_a_vit(bundle, tmp_path):
    vit = build_model(preset("test", kind="vit"))
    save_bundle(Bundle(vit, None, "image", "label", labels=tuple("0123456789")), tmp_path / "vit")
    save_bundle(bundle, tmp_path / "dalle")
    paths = [tmp_path / name / "bundle.json" for name in ("vit", "dalle")]
    metadata = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    again = load_bundle(tmp_path / "vit")
    assert (again.model.config, again.tokenizer, again.labels) == (vit.config, None, tuple("0123456789"))
    for path, own, other in zip(paths, metadata, metadata[::-1], strict=True):
        path.write_text(json.dumps({**own, "model": other["model"]}), encoding="utf-8")
        with pytest.raises(InputError, match="does not belong to the model in bundle.json"):
            load_bundle(path.parent)


@pytest.mark.usefixtures("without_xla")
def test_the_smallest_model_learns_to_paint_the_caption(tmp_path):
    """Captions of three words, each of which names the code of a column."""
    rng = np.random.default_rng(0)
    config = dataclasses.replace(PRESETS["test"], vocab_size=14, dropout=0.0, image_tokenizer=TOKENIZER)

    def batches(count):
        words = rng.integers(4, 14, (count, 3))
        codes = np.tile(words - 4, 2) + config.vocab_size  # (batch, 2 rows * 3 columns)
        sizes = {"batch_tokens": 512, "num_shapes": 1, "max_length": config.max_length}
        return Batches(words.tolist(), codes.tolist(), **sizes)

    keras.utils.set_random_seed(0)
    model = build_model(config)
    training = TrainingConfig(epochs=6, learning_rate=1e-2, warmup_steps=50, label_smoothing=0.0, average_last=1)
    train = batches(5000)
    history = Trainer(model.training, training, tmp_path, len(train)).fit(train, batches(400))
    assert history[-1]["val_accuracy"] > 0.95
