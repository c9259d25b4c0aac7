"""The LiteRT twin of a bundle: found by what the bundle says, and used for what it can do."""

import json
import shutil

import pytest

from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.inference.opening import check_replaceable, open_translator
from kerasformer.inference.translator import Translator
from kerasformer.inference.twin import find_twin, keep_twin
from kerasformer.inference.twin_translator import TwinTranslator
from kerasformer.pretrained import FOLDER
from kerasformer.runtime import LiteRTTranslator

TEXTS = ["Je mange une pomme.", "Il est trois heures."]


@pytest.fixture(scope="module")
def reference(bundle):
    return Translator(bundle)


@pytest.fixture
def copy(bundle_path, tmp_path):
    """A copy of the bundle that a test may change."""
    return shutil.copytree(bundle_path, tmp_path / "copy")


@pytest.fixture
def with_twin(copy, tflite_path):
    keep_twin(describe(copy), tflite_path)
    return copy


def change(path, **changes):
    metadata = json.loads((path / "bundle.json").read_text(encoding="utf-8"))
    (path / "bundle.json").write_text(json.dumps({**metadata, **changes}), encoding="utf-8")


def test_it_lies_in_the_bundle_and_the_bundle_may_still_be_replaced(copy, tflite_path):
    assert find_twin(describe(copy)) is None
    path = keep_twin(describe(copy), tflite_path)
    assert (path.parent, path.read_bytes()) == (copy, tflite_path.read_bytes())
    assert find_twin(describe(copy)) == path
    check_replaceable(copy)


def test_where_the_folder_cannot_be_written_to_and_for_models_of_the_package_it_is_in_the_cache(
    copy, tflite_path, monkeypatch, tmp_path
):
    monkeypatch.setattr("kerasformer.inference.twin.cache_folder", lambda: tmp_path / "cache")
    packaged = keep_twin(describe("fr-en"), tflite_path)
    assert packaged.parent == tmp_path / "cache" / "twins"
    assert find_twin(describe("fr-en")) == packaged
    assert not list(FOLDER.rglob("*.tflite"))
    original = shutil.copyfile
    monkeypatch.setattr(shutil, "copyfile", lambda file, path: _read_only(copy, path) or original(file, path))
    kept = keep_twin(describe(copy), tflite_path)
    assert kept.parent == packaged.parent
    assert kept != packaged
    assert find_twin(describe(copy)) == kept


def _read_only(folder, path):
    if path.is_relative_to(folder):
        raise PermissionError(13, "Permission denied", str(path))


def test_the_twin_of_another_model_is_never_taken(with_twin):
    change(with_twin, decoding={"max_repeats": 2})
    assert find_twin(describe(with_twin)) is None


def test_a_damaged_bundle_is_damaged_with_its_twin_too(with_twin):
    (with_twin / "model.weights.h5").write_bytes(b"of something else")
    with pytest.raises(InputError, match=r"is damaged: model.weights.h5"):
        open_translator(with_twin, engine="auto")


def test_without_a_twin_the_bundle_translates(copy):
    assert type(open_translator(copy, engine="auto")) is type(Translator.load(copy, engine="auto")) is Translator
    with pytest.raises(InputError, match=r"has no LiteRT twin: make one with `kerasformer export`, or use engine"):
        open_translator(copy, engine="litert")
    with pytest.raises(InputError, match="engine must be one of auto, litert, xla, got 'xls'"):
        open_translator(copy, engine="xls")


def test_the_twin_gives_the_tokens_of_the_bundle_and_the_bundle_is_not_loaded(with_twin, reference, monkeypatch):
    expected = [found[0].token_ids for found in reference.hypotheses(TEXTS, beam_size=1, num_hypotheses=1)]
    monkeypatch.setattr("kerasformer.bundle.load_bundle", None)
    for translator in (open_translator(with_twin, engine="auto"), Translator.load(with_twin, engine="litert")):
        assert isinstance(translator, LiteRTTranslator)
        assert [found[0].token_ids for found in translator.hypotheses(TEXTS)] == expected
        assert translator.attention(TEXTS[0], TEXTS[1]).weights.ndim == 4


def test_what_the_twin_cannot_do_the_bundle_does(with_twin, reference):
    options = {"beam_size": 3, "num_hypotheses": 2}
    assert type(open_translator(with_twin, engine="xla")) is Translator
    translator = open_translator(with_twin, engine="auto")
    assert isinstance(translator, TwinTranslator)
    expected = [[found.token_ids for found in one] for one in reference.hypotheses(TEXTS, **options)]
    assert [[found.token_ids for found in one] for one in translator.hypotheses(TEXTS, **options)] == expected
    pairs = [("Je mange une pomme.", "I eat an apple.")]
    assert translator.token_scores(pairs) == reference.token_scores(pairs)
    with pytest.raises(InputError, match="cannot do beam_size=3"):
        open_translator(with_twin, engine="litert", **options)(TEXTS)
    with pytest.raises(AttributeError):
        translator.nothing_of_the_kind  # noqa: B018


def test_a_bundle_that_searches_with_a_beam_does_so_itself(copy, tflite_path, reference):
    change(copy, decoding={"max_repeats": 4, "beam_size": 3})
    keep_twin(describe(copy), tflite_path)
    found = open_translator(copy, engine="auto").hypotheses(TEXTS)
    assert [one[0].token_ids for one in found] == [one[0].token_ids for one in reference.hypotheses(TEXTS, beam_size=3)]
