"""A run on a few hundred pairs says what to expect, and takes options with which it soon ends."""

import pathlib
import runpy

import pytest
import tensorflow as tf

from kerasformer.config import TrainingConfig
from kerasformer.config.presets import preset
from kerasformer.data.batches import Batches
from kerasformer.data.corpora import EVERYDAY
from kerasformer.jobs.translation import FEW, FEW_RECIPE
from kerasformer.models import build_model
from kerasformer.training import Trainer, clusters

SCRIPT = runpy.run_path(str(pathlib.Path(__file__).parents[2] / "train.py"))


@pytest.fixture
def begin(phrases, tmp_path):
    """What `train.py` would train on the pairs of the tests: the job and the `TrainingConfig`."""
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{source}\t{target}\n" for source, target in phrases), encoding="utf-8")

    def run(*options):
        words = ["--data", str(path), "--preset", "test", "--out", str(tmp_path / "run"), *options]
        job, _, run, _ = SCRIPT["begin"](SCRIPT["build_parser"]().parse_args(words))
        return job, run.training

    return run


def test_a_run_on_few_pairs_takes_the_recipe_for_them_and_says_what_to_expect(begin):
    job, training = begin()
    assert {name: getattr(training, name) for name in FEW_RECIPE} == FEW_RECIPE
    [line] = [line for line in job.describe() if "training pairs are few" in line]
    assert line.startswith(f"{len(job.corpus.train)} ")
    assert "expect a model that repeats them" in line


def test_options_of_the_command_line_come_before_the_recipe(begin):
    _, training = begin("--compiled", "--epochs", "2")
    assert (training.compiled, training.epochs, training.batch_tokens) == (True, 2, FEW_RECIPE["batch_tokens"])
    assert begin("--recipe", "none")[1].batch_tokens == TrainingConfig().batch_tokens
    assert begin("--recipe", "everyday")[1].batch_tokens == EVERYDAY.recipe["batch_tokens"]


def test_enough_pairs_are_trained_on_as_before(begin, monkeypatch):
    job, _ = begin()
    assert len(job.corpus.train) < FEW
    monkeypatch.setattr("kerasformer.jobs.translation.FEW", len(job.corpus.train))
    job, training = begin()
    assert training == TrainingConfig(precision=training.precision)
    assert not any("few" in line for line in job.describe())


@pytest.mark.parametrize("compiled", [True, False])
def test_xla_compiles_only_where_it_is_asked_to(compiled, tmp_path):
    model = build_model(preset("test")).training
    config = TrainingConfig(precision="float32", compiled=compiled)
    steps = Trainer(model, config, tmp_path, steps_per_epoch=1).make_steps(Batches.signature)
    assert (steps.train._jit_compile, steps.check._jit_compile) == (compiled, compiled)


def test_clusters_of_bfloat16_are_compiled_only_where_it_is_asked_to(monkeypatch):
    monkeypatch.setattr("kerasformer.training.precision.is_compiled_whole", lambda model: False)
    for compiled, jit in ((True, "autoclustering"), (False, "")):
        with clusters(None, compiled):
            assert tf.config.optimizer.get_jit() == jit
