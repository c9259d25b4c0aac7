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


@pytest.fixture(scope="module", params=["jax", "torch"])
def elsewhere(request, tmp_path_factory):
    """What a process on another backend printed, and the folder in which it trained."""
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    folder = tmp_path_factory.mktemp(request.param)
    command = [sys.executable, str(SCRIPT), str(folder), *SENTENCES]
    own = {"KERAS_BACKEND": request.param, "JAX_COMPILATION_CACHE_DIR": str(folder / "compiled")}  # it trains twice
    run = subprocess.run(command, env={**os.environ, **own}, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout, folder


def test_a_bundle_trained_without_tensorflow_exports_with_unchanged_answers(elsewhere, tmp_path):
    printed, folder = elsewhere
    answers, _ = json.loads(printed.splitlines()[-1])
    expected_ids, expected_scores = zip(*answers, strict=True)
    assert "KERAS_BACKEND=tensorflow python export/all.py" in printed
    translator = Translator.load(folder / "further" / "bundle")
    export_saved_model(translator.bundle, tmp_path / "saved_model")
    for judge in (translator, SavedModelTranslator(tmp_path / "saved_model")):
        found = [best for best, *_ in judge.hypotheses(SENTENCES)]
        assert [list(best.token_ids) for best in found] == list(expected_ids)
        np.testing.assert_allclose([best.score for best in found], expected_scores, atol=1e-4)


def test_gradients_of_our_own_and_the_step_are_right_there_too(elsewhere):
    printed, _ = elsewhere
    _, exit_code = json.loads(printed.splitlines()[-1])
    assert exit_code == 0, printed
    assert "passed" in printed
