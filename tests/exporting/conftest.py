"""What tests of exports share."""

import shutil

import pytest

from kerasformer.inference.translator import Translator

NAMES = {"saved_model": "saved_model", "litert-fp32": "tflite", "litert-int8": "int8"}  # of formats, in fixtures


@pytest.fixture
def exported_already(monkeypatch):
    """Let the gate copy artefacts that a fixture has made, because exporting takes many seconds, and time few items."""
    monkeypatch.setattr("kerasformer.exporting.proofs.proof.TIMED", 3)

    def reuse(paths):
        def write(bundle, path, format):
            source = paths[NAMES[format.name]]
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, path)

        for module in ("litert", "saved_model"):
            monkeypatch.setattr(f"kerasformer.exporting.{module}.write", write)

    return reuse


@pytest.fixture(scope="session")
def reference(bundle):
    """The bundle's own translator, which no test changes."""
    return Translator(bundle)
