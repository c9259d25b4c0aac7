"""The models that the package carries are complete, say where they are from, and open by name."""

import json
import pathlib
import shutil
import subprocess
import sys

import pytest

import kerasformer
from kerasformer.cli.main import main
from kerasformer.data.general import SETS
from kerasformer.documents.whole_file import translate_file
from kerasformer.errors import InputError
from kerasformer.evaluation.golden import changed_answers
from kerasformer.exporting import gate
from kerasformer.formats import describe
from kerasformer.interface.answers import Hypothesis
from kerasformer.jobs.translation import DECODING
from kerasformer.pretrained import FOLDER, available, find, locate, matching
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
    of_both = [describe(name).metadata["metrics"] for name in ("fr-en", "en-fr")]
    for split in of_both[0] | of_both[1]:
        row = next(line for line in CARD.splitlines() if line.startswith(f"| {split} |"))
        figures = row.strip("| ").split(" | ")[2:]
        for scores, shown in zip(of_both, (figures[:2], figures[4:6]), strict=True):
            assert shown == [f"{scores[split][metric]:.1f}" for metric in ("bleu", "chrf")]


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
    translator = kerasformer.Translator.load(target="fr")
    encode = translator.bundle.tokenizer.encode
    source, target = encode("Where is the station, please?"), encode("Où est la gare, s'il vous plaît?")
    assert translator.log_probabilities(source, target).argmax(-1).tolist() == [*target, EOS_ID]


@pytest.mark.parametrize("name", NAMES)
def test_golden_pairs_have_the_same_answers(name, opened_once):
    golden = describe(name).metadata["golden"]
    assert len(golden) >= 16
    sources = [source for source, *_ in golden]
    for odd in ("https://", "{name}", "!!!", "\U0001f44d", "12"):
        assert any(odd in source for source in sources)
    assert any(source.isupper() for source in sources)
    assert changed_answers(opened_once(name), golden) == []


def test_verify_tells_which_answers_changed(answer, capsys, opened_once, monkeypatch):
    counts = json.loads(answer("verify", "--model", "fr-en", "--json"))
    assert counts == {"passed": True, "source": "fr", "target": "en", "golden": counts["golden"], "changed": []}
    monkeypatch.setattr(
        opened_once("fr-en"), "decode", lambda pieces, **options: [[Hypothesis("No", 0, ())] for _ in pieces]
    )
    assert main(["verify", "--model", "fr-en"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert int(lines[1].split(" of ")[0]) < 10  # those of numbers only, which need no model
    assert lines[2].startswith("Où est la gare")


def test_an_export_is_compared_on_the_golden_pairs_where_no_data_are_named(answer, opened_once, monkeypatch, tmp_path):
    seen = []

    def export(bundle, out, held_out, **options):
        seen.extend(held_out)
        [row] = rows = [{"name": "litert-int8", "file": "translator.int8.tflite", "bytes": 1}]
        found = {"task": "translation", "sentences": len(held_out), "source": "fr", "target": "en"}
        return {**found, "artefacts": rows, "default": row["name"]}

    monkeypatch.setattr(gate, "export", export)
    answer("export", "--model", "fr-en", "--out", tmp_path / "export")
    assert seen == [(source, reference) for source, _, reference in describe("fr-en").metadata["golden"]]


def test_models_are_listed_without_loading_what_trains():
    program = (
        "import sys; from kerasformer.cli.main import main; main(sys.argv[1:]); "
        "sys.exit(str({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program, "models"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    assert listed.stderr == "set()\n"
    assert "French (fr) into English (en)" in listed.stdout
    assert "8.9 million parameters, 8.6 MB; sentences of at most 127 tokens" in listed.stdout
    assert "newstest2013 22.8, tatoeba-dev 60.2" in listed.stdout
    assert "tatoeba.org under CC-BY 2.0 FR" in listed.stdout


def test_models_are_listed_as_json(answer):
    found = json.loads(answer("models", "--json"))
    assert list(found) == NAMES
    for name, about in found.items():
        bundle = describe(name)
        assert (about["source"], about["target"]) == (bundle.source, bundle.target)
        assert about["bytes"] == sum(file.stat().st_size for file in bundle.path.iterdir())
        assert about["scores"] == bundle.metadata["metrics"]
        assert about["attribution"] == bundle.corpus["attribution"]


def test_languages_name_a_model():
    assert (find(target="en"), find("en", "fr"), matching()) == ("fr-en", "en-fr", NAMES)
    there = r"there are en-fr \(from en to fr\), fr-en \(from fr to en\)"
    with pytest.raises(InputError, match=f"there is no pretrained model from fr to de: {there}"):
        find("fr", "de")
    with pytest.raises(InputError, match="several pretrained models fit, en-fr, fr-en: name the source and the target"):
        kerasformer.Translator.load()
    with pytest.raises(InputError, match="choose a pretrained model in place of fr-en: leave them out"):
        kerasformer.Translator.load("fr-en", target="en")


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Folder of copies of the models, in place of the package's."""
    folder = tmp_path / "package" / "pretrained"
    shutil.copytree(FOLDER, folder)
    monkeypatch.setattr("kerasformer.pretrained.FOLDER", folder)
    return folder


@pytest.mark.parametrize("name", ["model.rows.npz", "tokenizer.model"])
def test_a_damaged_model_is_named_with_its_hash_and_the_command_that_restores_it(name, copied, complaint):
    (copied / "fr-en" / name).write_bytes(b"damaged")
    said = complaint("translate", "--model", "fr-en", "Oui.")
    assert f"fr-en is damaged: {name} is not the file that was saved (its SHA-256 is 41f0" in said
    assert said.endswith("from where it came: pip install --force-reinstall --no-deps WHEEL\n")
    (copied.parents[1] / "setup.cfg").touch()
    restore = f"restore it with: git -C {copied} checkout -- fr-en\n"
    assert complaint("translate", "--model", "fr-en", "Oui.").endswith(restore)
    (copied / "fr-en" / name).unlink()
    assert f"{name} is missing; restore it" in complaint("verify", "--model", "fr-en")


def test_damaged_metadata_are_named_too(copied, complaint):
    (copied / "fr-en" / "bundle.json").write_text("{")
    for command in (["translate", "--model", "fr-en", "Oui."], ["models"]):
        said = complaint(*command)
        assert "bundle.json is damaged" in said
        assert "--force-reinstall" in said


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
