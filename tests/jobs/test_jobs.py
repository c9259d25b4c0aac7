"""Each job reads its own data and no other's, holds out what it says, and shows its stages of training."""

import dataclasses

import keras
import numpy as np
import pytest

from kerasformer.config import TRANSLATORS, TrainingConfig
from kerasformer.config.presets import IMAGE_RECIPES, choose, preset
from kerasformer.data.corpora import EVERYDAY
from kerasformer.data.images.batches import NO_LABEL
from kerasformer.data.images.captions import LANGUAGES, read_caption
from kerasformer.data.images.corpus import load_images
from kerasformer.data.images.scenes import CANVAS, held_out_pictures, make_scenes
from kerasformer.errors import InputError
from kerasformer.inference.illustrator import Illustrator
from kerasformer.jobs import drawing, open_job
from kerasformer.jobs.classification import Classification
from kerasformer.jobs.drawing import Drawing
from kerasformer.jobs.job import single
from kerasformer.jobs.translation import Translation
from kerasformer.models import build_model
from kerasformer.tokenizer import BOS_ID, EOS_ID
from kerasformer.training import Trainer

pytest.importorskip("sklearn", reason='the digits need pip install -e ".[images]"')
COUNTS = {"train": 300, "validation": 60}


@pytest.fixture(scope="module")
def classification():
    return open_job(preset("test", kind="vit"), {})


@pytest.fixture(scope="module")
def job():
    """A `Drawing` of few scenes."""
    patch = pytest.MonkeyPatch()
    patch.setattr(drawing, "SCENES", COUNTS)
    patch.setattr(drawing, "VARIANTS", 1)  # digits as they are
    yield open_job(preset("test", kind="dalle"), {})
    patch.undo()


def refusal(kind, data):
    with pytest.raises(InputError) as error:
        open_job(preset("test", kind=kind), data)
    assert "\n" not in str(error.value)
    return str(error.value)


def ink(images):
    """What tells one handwritten digit from another, as bytes."""
    return {image.tobytes() for image in images.pixels}


def test_the_config_of_a_model_selects_its_job(classification, job):
    assert type(classification) is Classification
    assert type(job) is Drawing
    for kind in TRANSLATORS:
        assert preset("test", kind=kind).task == Translation.__module__.rpartition(".")[2]


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        ("vit", {"source": "fr"}, "classification reads no source: leave out --source"),
        ("vit", {"data": ["digits"], "data_dir": "x"}, "classification reads no data_dir: leave out --data-dir"),
        ("dalle", {"image_size": (8, 8)}, "drawing reads no image_size: leave out --image-size"),
        ("transformer", {"image_size": (8, 8)}, "translation reads no image_size: leave out --image-size"),
        ("vit", {"data": ["a", "b"]}, "2 data arguments: give the name of a set of images, or one folder"),
        ("dalle", {"data": []}, "0 data arguments: give the name of a set of images, or one folder"),
    ],
)
def test_an_option_of_another_job_is_refused(kind, data, message):
    assert refusal(kind, data) == message


def test_a_translator_of_the_built_in_corpus_shows_and_keeps_whom_to_credit(bundle):
    job = open_job(bundle.model.config, {})
    assert EVERYDAY.attribution in job.describe()
    about = job.bundle(bundle.model, bundle.tokenizer, {}).corpus
    assert (about["name"], about["attribution"]) == ("everyday", EVERYDAY.attribution)


def test_single_returns_the_only_item():
    assert single(["digits"]) == "digits"


@pytest.mark.parametrize("options", [Translation.options, Classification.options, Drawing.options])
def test_every_job_says_what_it_reads_and_has_a_seed(options):
    assert {"data", "seed"} <= set(options)


def test_the_data_set_the_sizes_of_a_classifier(classification):
    config, tokenizer = classification.prepare(preset("small", kind="vit", height=12, width=4, num_classes=3))
    assert tokenizer is None
    assert (config.height, config.width, config.channels, config.num_classes) == (8, 8, 1, 10)
    assert config.hidden_dim == preset("small", kind="vit").hidden_dim
    wide, _ = choose("vit", "tiny", {"patch_size": 8})
    assert classification.prepare(wide)[0].patch_size == 8
    with pytest.raises(InputError, match="patch_size must be a divisor of the image's 8 x 8 pixels, got 16"):
        classification.prepare(choose("vit", "tiny", {"patch_size": 16})[0])
    assert classification.name == "digits-labels"
    assert "training images" in classification.describe()[0]


def test_a_classifier_is_trained_on_the_training_images_alone(classification):
    corpus = classification.corpus
    model_config, training = choose("vit", "test", {})
    model = build_model(model_config)
    [stage] = classification.stages(model, None, training)
    assert (stage.name, stage.model, stage.training, stage.folder) == ("vit", model.training, training, ".")
    train, validation = stage.batches()
    assert (train.images, validation.images) == (corpus.train, corpus.validation)
    assert (train.warped, validation.warped) == (True, False)
    # 4 patches an image: so many images fill a batch of tokens.
    assert train.batch_size == min(training.batch_tokens // 4, len(corpus.train))
    assert train.num_tokens == 4 * len(corpus.train)
    pixels, labels = next(iter(train.epoch(0)))
    assert (pixels.shape[1:], set(labels) - {NO_LABEL} <= set(range(10))) == ((8, 8, 1), True)
    loss = stage.loss
    assert (loss.ignored, loss.label_smoothing) == (NO_LABEL, training.label_smoothing)


def test_a_bundle_of_a_classifier_knows_its_classes(classification):
    bundle = classification.bundle(build_model(preset("test", kind="vit")), None, {"validation": {}})
    assert (bundle.source, bundle.target, bundle.tokenizer) == ("image", "label", None)
    assert bundle.labels == tuple("0123456789")
    assert bundle.corpus["sha256"] == classification.sha256


def test_measuring_returns_the_engine_and_the_figures_and_leaves_the_bundle_as_it_is(classification):
    bundle, lines = classification.bundle(build_model(preset("test", kind="vit")), None, {"validation": {}}), []
    engine, metrics = classification.measure(bundle, lines.append)
    assert engine.bundle is bundle
    assert metrics["test"]["images"] == len(classification.corpus.test)
    assert bundle.metrics == {"validation": {}}
    assert lines[0].startswith("test: accuracy ")


def test_scenes_are_drawn_with_digits_of_their_own_split(job):
    corpus = job.corpus
    assert not ink(corpus.train) & ink(corpus.validation)
    for split, count in COUNTS.items():
        captions, pixels = job.scenes(split)
        assert len(captions) == count
        assert (pixels.shape, pixels.dtype) == ((count, CANVAS, CANVAS, 1), "uint8")
        alone = [image for image, text in zip(pixels, captions, strict=True) if len(read_caption(text).digits) == 1]
        own = ink(getattr(corpus, split))
        for image in alone:  # where nothing else is, the digit is found whole
            rows = [image[i : i + 8, j : j + 8].tobytes() for i in range(9) for j in range(9)]
            assert own & set(rows)


def test_training_shows_each_digit_in_many_variants_and_validation_as_it_is(monkeypatch):
    shown = []

    def draw(images, *options):
        shown.append(images)
        return make_scenes(images, *options)

    for name, value in (("SCENES", COUNTS), ("VARIANTS", 3), ("make_scenes", draw)):
        monkeypatch.setattr(drawing, name, value)
    job = Drawing()
    for split in COUNTS:
        job.scenes(split)
    train, validation = shown
    corpus = job.corpus
    assert validation is corpus.validation
    assert len(train) == 3 * len(corpus.train)
    np.testing.assert_array_equal(train.labels, np.tile(corpus.train.labels, 3))
    np.testing.assert_array_equal(train.pixels[: len(corpus.train)], corpus.train.pixels)
    assert train.pixels.dtype == "uint8"
    assert len(ink(train)) > 2.9 * len(ink(corpus.train))


def test_captions_say_the_scenes_that_training_may_show(job):
    captions, _ = job.scenes("train")
    scenes = [read_caption(text) for text in captions]
    assert None not in scenes
    assert not {scene.picture() for scene in scenes} & held_out_pictures()
    assert sum(len(scene.digits) == 1 for scene in scenes) == -(-COUNTS["train"] // 8)
    assert {digit for scene in scenes for digit in scene.digits} == set(range(10))


def test_all_languages_and_ways_to_say_it_occur(job):
    captions, _ = job.scenes("train")
    is_korean = np.array([any("가" <= letter <= "힣" for letter in text) for text in captions])
    assert abs(is_korean.mean() - 1 / len(LANGUAGES)) < 0.1
    assert len(set(captions)) > 150


def test_held_out_scenes_show_held_out_pairs_only(job):
    captions, pixels = job.scenes("validation", held_out=True)
    assert len(pixels) == COUNTS["validation"]
    assert {read_caption(text).picture() for text in captions} <= held_out_pictures()


def test_scenes_are_a_function_of_the_seed(job):
    captions, pixels = job.scenes("train")
    again, same_pixels = Drawing().scenes("train")
    assert captions == again
    np.testing.assert_array_equal(pixels, same_pixels)
    assert Drawing(seed=1).scenes("train")[0] != captions
    assert job.scenes("validation")[0] != captions[: COUNTS["validation"]]


def test_the_captions_decide_the_vocabulary(job):
    config, tokenizer = job.prepare(preset("test", kind="dalle", vocab_size=150))
    assert config.vocab_size == tokenizer.vocab_size <= 150
    longest = max(len(tokenizer.encode(text)) for split in COUNTS for text in job.scenes(split)[0])
    assert longest < preset("tiny", kind="dalle").caption_length
    with pytest.raises(InputError, match="caption_length must be at least [0-9]+, got 4"):
        job.prepare(preset("test", kind="dalle", caption_length=4))
    assert job.name == "digits-scenes"
    assert "300 for train, 60 for validation" in job.describe()[-1]


def test_every_caption_of_the_grammar_fits_the_presets(job):
    for name in ("test", "tiny", "small"):
        config, tokenizer = job.prepare(preset(name, kind="dalle"))
        longest = max(len(token_ids) for token_ids in tokenizer.encode(drawing.every_caption()))
        assert longest < config.caption_length, name


@pytest.mark.usefixtures("without_xla")
def test_the_second_stage_learns_the_codes_of_the_first(job, tmp_path, monkeypatch):
    monkeypatch.setitem(IMAGE_RECIPES, "image_tokenizer", {"epochs": 1, "batch_tokens": 1024, "warmup_steps": 5})
    config, tokenizer = job.prepare(preset("test", kind="dalle"))
    image = preset("test", kind="image_tokenizer")
    config = dataclasses.replace(config, image_tokenizer=image, caption_length=24)
    with pytest.raises(InputError, match="a dalle is trained by one process: leave out --workers"):
        job.check(TrainingConfig(workers=2))
    keras.utils.set_random_seed(0)
    model, training = build_model(config), TrainingConfig(batch_tokens=1024)
    before = model.training.get_weights()
    first, second = job.stages(model, tokenizer, training)
    assert [(stage.name, stage.folder) for stage in (first, second)] == [
        ("image_tokenizer", "image_tokenizer"),
        ("dalle", "."),
    ]
    assert (second.model, second.training, second.loss) == (model.training, training, None)
    images = first.batches()
    Trainer(first.model, first.training, tmp_path, len(images[0]), loss=first.loss).fit(*images)
    train, validation = second.batches()
    for one, other in zip(before, model.training.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    captions, pixels = job.scenes("validation")
    _, codes = Illustrator(job.bundle(model, tokenizer, {})).reconstruct(pixels)
    expected = {
        (*tokenizer.encode(text), EOS_ID, BOS_ID, *(row + config.vocab_size), EOS_ID)
        for text, row in zip(captions, codes, strict=True)
    }
    found = set()
    for inputs, labels in validation.epoch(0):
        for source, target in zip(inputs["source_ids"], labels, strict=True):
            found.add((*source[source > 0], BOS_ID, *target[target > 0]))
    assert found - {(BOS_ID,)} == expected
    # In training some captions are left out, so that the model can be guided.
    is_left_out = [
        source[0] == EOS_ID for inputs, _ in train.epoch(0) for source in inputs["source_ids"] if source.any()
    ]
    assert len(is_left_out) == COUNTS["train"]
    assert 0.03 < np.mean(is_left_out) < 0.2


def test_digits_come_from_the_corpus_named(classification):
    assert classification.sha256 == load_images("digits").sha256
