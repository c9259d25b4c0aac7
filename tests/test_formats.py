"""The records of tasks, forms and formats name code that exists, and each engine opens its own form and task only."""

import dataclasses

import pytest

import kerasformer
from kerasformer.bundle import save_bundle
from kerasformer.errors import InputError
from kerasformer.formats import FORMATS, FORMS, describe, form_of
from kerasformer.tasks import TASKS, resolve


def strings(value):
    """All strings in nested dicts and tuples."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings(tuple(value.values()))
    elif isinstance(value, tuple):
        for item in value:
            yield from strings(item)


def test_every_reference_in_a_record_can_be_resolved():
    records = [*TASKS.values(), *FORMS.values(), *FORMATS.values()]
    references = {text for text in strings(tuple(map(dataclasses.astuple, records))) if text.startswith("kerasformer.")}
    assert len(references) > 20
    for reference in references:
        found = resolve(reference)
        assert callable(found) or hasattr(found, "add_commands"), reference


def test_records_are_registered_by_their_names():
    for records in (TASKS, FORMS, FORMATS):
        assert all(record.name == name for name, record in records.items())
    assert all(set(task.engines) == set(FORMS) for task in TASKS.values())
    assert {format.form for format in FORMATS.values()} < set(FORMS)


def test_a_path_is_recognised_by_its_looks(tmp_path):
    (tmp_path / "a.tflite").touch()
    (tmp_path / "of no known suffix").touch()
    (tmp_path / "folder").mkdir()
    assert form_of(tmp_path / "a.tflite").name == form_of(tmp_path / "of no known suffix").name == "litert"
    assert form_of(tmp_path / "folder").name == "bundle"
    with pytest.raises(InputError, match="a bundle folder, a SavedModel folder or a .tflite file"):
        form_of(tmp_path / "gone")


def test_load_opens_a_bundle_for_its_own_task_only(bundle_path, classifier_bundle, tmp_path):
    save_bundle(classifier_bundle, tmp_path / "classifier")
    assert kerasformer.Classifier.load(tmp_path / "classifier").labels == classifier_bundle.labels
    with pytest.raises(InputError, match="is a classifier of images, not a translator: use it with `kerasformer class"):
        kerasformer.Translator.load(tmp_path / "classifier")
    with pytest.raises(InputError, match="is a translator, not a model that draws: use it with `kerasformer trans"):
        kerasformer.Illustrator.load(bundle_path)
    assert kerasformer.Translator.load(bundle_path).source == describe(bundle_path).source
