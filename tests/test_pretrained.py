"""The models that the package carries are complete, say where they are from, and open by name."""

import json
import pathlib
import shutil

import pytest

import kerasformer
from kerasformer.data.general import SETS
from kerasformer.documents.whole_file import translate_file
from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.jobs.translation import DECODING
from kerasformer.pretrained import FOLDER, available, locate
from kerasformer.tokenizer import EOS_ID

EXAMPLES = pathlib.Path(__file__).parents[1] / "docs" / "examples"
NAMES = ["en-fr", "fr-en"]
CARD = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_both_directions_are_there():
    assert available() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_names_its_languages_and_its_sources(name):
    about = describe(name)
    assert f"{about.source}-{about.target}" == name
    assert about.corpus["name"] == "general-fra-eng"
    assert about.metadata["decoding"] == DECODING
    assert all(part.attribution in about.corpus["attribution"] for part in SETS)
    assert sum(file.stat().st_size for file in about.path.iterdir()) < 10_000_000


def test_the_card_names_every_set_and_every_figure():
    assert all(f"`{part.name}`" in CARD for part in SETS)
    for name in NAMES:
        for split, scores in json.loads((FOLDER / name / "bundle.json").read_text(encoding="utf-8"))["metrics"].items():
            row = next(line for line in CARD.splitlines() if line.startswith(f"| {name} | {split} "))
            assert row.split(" | ")[2:4] == [f"{scores['bleu']:.1f}", f"{scores['chrf']:.1f}"], row


def test_french_is_translated_by_name_sentence_by_sentence_as_people_type_it(answer):
    text = "Où est l\u2019hôtel\u00a0?  Je suis ma\u00adlade."
    assert answer("translate", "--model", "fr-en", text) == "Where's the hotel?  I'm sick.\n"
    assert answer("translate", "--model", "fr-en", "Où est l'œuf ?") == "Where's the egg?\n"


@pytest.mark.parametrize("name", ["film.{}.srt", "page.{}.html"])
def test_whole_files_come_out_as_the_documentation_shows_them(name, tmp_path, opened_once):
    source, target = EXAMPLES / name.format("fr"), tmp_path / name.format("en")
    translate_file(source, target, opened_once("fr-en"))
    page = (EXAMPLES.parent / "translate.md").read_text(encoding="utf-8")
    lines = zip(*(path.read_text(encoding="utf-8").splitlines() for path in (source, target)), strict=True)
    shown = [f"{one:<36}{other}".rstrip() for one, other in lines] if name.endswith("srt") else [target.read_text()]
    assert "\n".join(shown) in page


def test_each_french_token_is_the_most_likely_one():
    translator = kerasformer.Translator.load("en-fr")
    encode = translator.bundle.tokenizer.encode
    source, target = encode("Where is the station, please?"), encode("Où est la gare, s'il vous plaît?")
    assert translator.log_probabilities(source, target).argmax(-1).tolist() == [*target, EOS_ID]


def test_a_path_comes_before_a_name(bundle_path, tmp_path, monkeypatch):
    assert locate("fr-en") == FOLDER / "fr-en"
    monkeypatch.chdir(tmp_path)
    shutil.copytree(bundle_path, "fr-en")
    assert locate("fr-en") == pathlib.Path("fr-en")
    assert describe("fr-en").corpus["name"] == "everyday"


def test_a_name_that_is_not_there_lists_those_that_are(complaint):
    assert "de-en does not exist" in (said := complaint("translate", "--model", "de-en", "Hallo."))
    assert said.endswith("or a pretrained model: en-fr, fr-en\n")
    with pytest.raises(InputError, match="the pretrained models are en-fr, fr-en"):
        kerasformer.Translator.load("de-en")
