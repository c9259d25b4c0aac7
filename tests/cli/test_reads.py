"""`kerasformer translate` reads once what an artefact says of itself."""

import collections
import pathlib
import zipfile

import pytest
import tensorflow as tf

from kerasformer.cli.main import main


@pytest.fixture
def reads(monkeypatch):
    """How often each file that describes an artefact is read, by its name: Counter."""
    counts = collections.Counter()

    def count(owner, name, key):
        original = getattr(owner, name)

        def counted(*given, **options):
            counts[key(*given)] += 1
            return original(*given, **options)

        monkeypatch.setattr(owner, name, counted)

    count(pathlib.Path, "read_text", lambda path: path.name)
    count(zipfile.ZipFile, "read", lambda archive, name: name)
    count(tf.train, "load_checkpoint", lambda path: "variables")
    return counts


@pytest.mark.parametrize(
    ("fixture", "name"),
    [("bundle_path", "bundle.json"), ("tflite_path", "kerasformer.json"), ("saved_model_path", "variables")],
)
def test_a_description_is_read_once(fixture, name, request, reads, capsys):
    path = request.getfixturevalue(fixture)
    reads.clear()
    assert main(["translate", "--model", str(path), "Il pleut."]) == 0
    assert capsys.readouterr().out.strip()
    assert reads[name] == 1
