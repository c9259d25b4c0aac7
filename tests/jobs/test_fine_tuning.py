"""A bundle is trained further: the new one has its sizes, tokenizer, text rules and attribution, and its weights."""

import dataclasses
import json
import pathlib
import runpy
import shutil

import numpy as np
import pytest

from kerasformer.bundle import save_bundle
from kerasformer.config.presets import preset
from kerasformer.errors import InputError
from kerasformer.interface.rules import TextRules
from kerasformer.jobs import open_job
from kerasformer.jobs.fine_tuning import FEW_RECIPE, RECIPE, FineTuning, choose_from
from kerasformer.models import build_model
from kerasformer.pretrained import FOLDER
from kerasformer.training import Run

SCRIPT = runpy.run_path(str(pathlib.Path(__file__).parents[2] / "train.py"))
NOTHING = {"model": None, "preset": None}


@pytest.fixture
def tsv(tmp_path):
    path = tmp_path / "mine.tsv"
    pairs = [(f"L’œuf n°{i} est cuit. Il a {i} ans.", f"Egg {i} is done. It is {i}.") for i in range(99)]
    path.write_text("".join(f"{source}\t{target}\n" for source, target in pairs), encoding="utf-8")
    return path


@pytest.fixture
def begin(tsv, tmp_path):
    """What `train.py` would train: the job, the tokenizer, the `Run` and the folder."""

    def run(*options):
        words = ["--data", str(tsv), "--out", str(tmp_path / "run"), *map(str, options)]
        return SCRIPT["begin"](SCRIPT["build_parser"]().parse_args(words))

    return run


def test_sizes_tokenizer_and_weights_are_those_of_the_bundle(begin, bundle, bundle_path):
    job, tokenizer, run, _ = begin("--from", bundle_path, "--vocab-size", bundle.tokenizer.vocab_size)
    assert run.model == bundle.model.config
    assert tokenizer.model == bundle.tokenizer.model
    assert {name: getattr(run.training, name) for name in FEW_RECIPE} == FEW_RECIPE
    assert run.data["from"] == str(bundle_path)
    model = job.build(run.model)
    for built, base in zip(model.training.get_weights(), bundle.model.training.get_weights(), strict=True):
        np.testing.assert_array_equal(built, base)


def test_text_is_prepared_as_the_pretrained_model_gets_it(begin):
    job, tokenizer, run, _ = begin("--from", "fr-en")
    rules = TextRules.of(json.loads((FOLDER / "fr-en" / "bundle.json").read_text(encoding="utf-8"))["text_rules"])
    assert any("L'œuf n°" in source for source, _ in job.corpus.train)  # "oe" in models that are trained now
    assert job.corpus.cleaning == rules.cleaning
    assert (tokenizer.marks, run.model.max_length) == ((), 128)
    bundle = job.bundle(None, tokenizer, {})
    assert bundle.text_rules == rules
    assert bundle.golden == ()


def test_the_bundle_names_the_model_it_began_with_and_whom_to_credit(begin):
    job, tokenizer, *_ = begin("--from", "fr-en")
    corpus = job.bundle(None, tokenizer, {}).corpus
    assert (corpus["name"], corpus["from"]["model"], corpus["from"]["name"]) == ("mine.tsv", "fr-en", "general-fra-eng")
    assert "tatoeba.org under CC-BY 2.0 FR" in corpus["from"]["attribution"]
    assert "tatoeba.org under CC-BY 2.0 FR" in job.describe()[-1]
    assert not any("few" in line for line in job.describe())


def test_characters_that_the_new_pairs_teach_are_no_longer_unseen(tsv, bundle, tmp_path):
    rules = TextRules("typography-oe", sentences=2, unseen="°ł")
    save_bundle(dataclasses.replace(bundle, text_rules=rules, decoding={"beam_size": 2}), tmp_path / "base")
    job = FineTuning(data=[str(tsv)], **{"from": str(tmp_path / "base")})
    found = job.bundle(None, bundle.tokenizer, {})
    assert found.text_rules == dataclasses.replace(rules, unseen="ł")
    assert found.decoding == {"beam_size": 2}


def test_options_come_before_the_recipe_and_dropout_may_change(bundle_path):
    config, training = choose_from(bundle_path, NOTHING, {"dropout": 0.3, "epochs": 9})
    assert config == preset("test", vocab_size=config.vocab_size, dropout=0.3)
    assert (training.epochs, training.learning_rate) == (9, RECIPE["learning_rate"])
    config, training = choose_from(bundle_path, NOTHING, {}, {"hidden_dim": 64, "batch_tokens": 99})
    assert (config.hidden_dim, training.batch_tokens) == (16, 99)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--vocab-size", "90"], "--vocab-size 90 differs from {}, which has 200: leave out --vocab-size"),
        (["--hidden-dim", "64"], "--hidden-dim 64 differs from {}, which has 16: leave out --hidden-dim"),
        (["--model", "seq2seq"], "--model seq2seq differs from {}, which has transformer: leave out --model"),
        (["--cell", "lstm"], "--model transformer does not use --cell: leave it out"),
        (["--preset", "small"], "--preset sets sizes, but --from takes those of {}: leave out --preset"),
        (["--source", "en"], "--source en: {} translates French (fr) into English (en); leave out --source"),
        (["--image-size", "8", "8"], "translation reads no image_size: leave out --image-size"),
    ],
)
def test_what_differs_from_the_bundle_is_said(begin, bundle_path, options, said):
    with pytest.raises(InputError) as error:
        begin("--from", bundle_path, *options)
    assert str(error.value) == said.format(bundle_path)


def test_data_in_other_languages_are_refused(bundle_path, tmp_path):
    files = [tmp_path / "mine.de", tmp_path / "mine.en"]
    for file in files:
        file.write_text("Ja.\n" * 50, encoding="utf-8")
    with pytest.raises(InputError, match="the data has no language 'fr': choose from de, en; .* translates French"):
        FineTuning(data=[*map(str, files)], **{"from": str(bundle_path)})


def test_only_bundles_of_translators_are_trained_further(classifier_paths, tflite_path, tsv):
    with pytest.raises(InputError, match="is a classifier of images, not a translator"):
        choose_from(classifier_paths["bundle"], NOTHING, {})
    with pytest.raises(InputError, match="is not a bundle"):
        choose_from(tflite_path, NOTHING, {})
    with pytest.raises(InputError, match="the pretrained models are en-fr, fr-en"):
        choose_from("de-en", NOTHING, {})
    with pytest.raises(InputError, match="classification reads no from: leave out --from"):
        open_job(preset("test", kind="vit"), {"data": [str(tsv)], "from": "fr-en"})


def test_a_resumed_run_needs_the_same_bundle(begin, bundle, bundle_path, tmp_path):
    job, tokenizer, run, out = begin("--from", bundle_path)
    run.save(out / "training", tokenizer)
    again, _ = Run.load(out / "training")
    again.check(open_job(again.model, again.data))
    shutil.copytree(bundle_path, tmp_path / "moved")
    moved = again.resumed_with({"from": str(tmp_path / "moved")})
    moved.check(open_job(moved.model, moved.data))
    save_bundle(dataclasses.replace(bundle, model=build_model(run.model)), tmp_path / "moved")
    with pytest.raises(InputError, match="the data of mine.tsv or the files of .*moved are not those the run was"):
        moved.check(open_job(moved.model, moved.data))
