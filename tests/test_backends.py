"""What was trained on JAX or PyTorch, with no TensorFlow there, answers the same here and exports from here."""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from kerasformer.exporting.saved_model import export_saved_model
from kerasformer.inference.saved_model import SavedModelTranslator
from kerasformer.inference.translator import Translator

SCRIPT = pathlib.Path(__file__).with_name("trained_elsewhere.py")
SENTENCES = ["3 4 12", "7", "11 11 121", "5 0"]


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_bundle_trained_without_tensorflow_exports_with_unchanged_answers(backend, tmp_path):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    command = [sys.executable, str(SCRIPT), str(tmp_path), *SENTENCES]
    run = subprocess.run(
        command, env={**os.environ, "KERAS_BACKEND": backend}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    expected_ids, expected_scores = zip(*json.loads(run.stdout.splitlines()[-1]), strict=True)
    assert "KERAS_BACKEND=tensorflow python export/all.py" in run.stdout
    translator = Translator.load(tmp_path / "run" / "bundle")
    export_saved_model(translator.bundle, tmp_path / "saved_model")
    for judge in (translator, SavedModelTranslator(tmp_path / "saved_model")):
        found = [best for best, *_ in judge.hypotheses(SENTENCES)]
        assert [list(best.token_ids) for best in found] == list(expected_ids)
        np.testing.assert_allclose([best.score for best in found], expected_scores, atol=1e-4)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_gradients_of_our_own_and_the_step_are_right_there_too(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    files = ("layers/test_affine.py", "training/test_loss.py", "training/test_optimizer.py")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [*command, *(str(SCRIPT.parent / file) for file in files)],
        env={**os.environ, "KERAS_BACKEND": backend}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
