"""`kerasformer inspect`, `evaluate`, `verify` and `export` over each kind of artefact."""

import csv
import dataclasses
import importlib
import json

import pytest

from kerasformer.cli import held_out
from kerasformer.cli.main import build_parser, main
from kerasformer.data.corpus import load_corpus
from kerasformer.errors import one_line_errors
from kerasformer.evaluation.baselines import MostFrequentAnswer, NearestQuestion
from kerasformer.evaluation.translation import evaluate
from kerasformer.formats import describe
from kerasformer.inference.opening import open_translator

KINDS = ("bundle", "saved_model", "tflite")

pytestmark = pytest.mark.usefixtures("opened_once")


@pytest.fixture(params=KINDS)
def model(request):
    return request.getfixturevalue(f"{request.param}_path")


@pytest.fixture
def tsv(phrases, tmp_path):
    """A file of one's own pairs; ten of them are held out for the test split."""
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{source}\t{target}\n" for source, target in phrases), encoding="utf-8")
    return path


def test_inspect_tells_what_it_is(model, answer):
    about = json.loads(answer("inspect", "--model", model, "--json"))
    assert (about["source"], about["target"]) == ("fr", "en")
    assert about["format_version"] in (1, 2, 4)
    size = model.stat().st_size if model.is_file() else sum(f.stat().st_size for f in model.rglob("*") if f.is_file())
    assert sum(about["files"].values()) == size
    text = answer("inspect", "--model", model)
    assert all(f"{name:,}" in text for name in about["files"].values())


def test_inspect_tells_of_a_bundle_what_made_it(bundle, bundle_path, saved_model_path, answer):
    about = json.loads(answer("inspect", "--model", bundle_path, "--json"))
    count = bundle.model.training.count_params()
    assert about["parameters"] == {"count": count, "bytes": 4 * count}
    assert about["config"]["hidden_dim"] == 16
    assert about["decoding"]["beam_size"] == 1
    assert about["corpus"]["attribution"] == "made for the tests"
    assert about["metrics"] == {"test": {"bleu": 0.0}}
    assert json.loads(answer("inspect", "--model", saved_model_path, "--json"))["parameters"] == about["parameters"]


def test_inspect_tells_of_exports_what_goes_in_and_out(bundle, saved_model_path, tflite_path, answer):
    device = json.loads(answer("inspect", "--model", tflite_path, "--json"))
    assert (device["precision"], device["least_runtime"]) == ("fp32", "2.9")
    assert device["corpus"]["name"] == "everyday"
    assert device["parts"]["flatbuffer"] + device["parts"]["tokenizer.model"] > 0.9 * tflite_path.stat().st_size / 2
    translate = device["signatures"]["translate"]
    assert translate["inputs"] == {"source_ids": {"dtype": "int32", "shape": [1, 32]}}
    assert translate["outputs"]["score"] == {"dtype": "float32", "shape": [1]}
    server = json.loads(answer("inspect", "--model", saved_model_path, "--json"))["signatures"]
    names = ("serving_default", "serving_fast", "translate", "sample", "translate_with_options", "score", "attention")
    assert set(server) == set(names)
    assert server["serving_default"]["inputs"] == {"texts": {"dtype": "string", "shape": [None]}}
    assert "texts  string (any)" in answer("inspect", "--model", saved_model_path)


def test_evaluate_scores_each_kind_alike(bundle_path, saved_model_path, tflite_path, tsv, answer, opened_once):
    results = []
    for path in (bundle_path, saved_model_path, tflite_path):
        found = json.loads(answer("evaluate", "--model", path, "--data", tsv, "--limit", 8, "--json"))
        assert (found["source"], found["target"], list(found["splits"])) == ("fr", "en", ["test"])
        score = found["splits"]["test"]
        assert score["sentences"] == 8
        assert score["sentences_per_second"] > 0
        results.append({name: score[name] for name in ("bleu", "chrf", "moses_bleu", "exact_match", "tokens")})
    assert results[0] == results[1] == results[2]


def test_evaluate_prints_aligned_columns_and_writes_translations(tflite_path, tsv, tmp_path, answer):
    output = tmp_path / "out.en"
    data = "--data", tsv, "--split", "validation", "--limit", 4, "--output", output
    lines = answer("evaluate", "--model", tflite_path, *data).splitlines()
    assert lines[0].split()[:4] == ["split", "sentences", "BLEU", "chrF"]
    assert len(lines[0]) == len(lines[1])
    assert lines[1].split()[:2] == ["validation", "4"]
    assert any("nrefs:1|case:mixed" in line for line in lines[2:])
    assert len(output.read_text(encoding="utf-8").splitlines()) == 4


def test_scores_are_shown_before_a_file_that_cannot_be_written_is_named(tflite_path, tsv, tmp_path, capsys):
    data = "--data", str(tsv), "--split", "validation", "--limit", "2", "--output", str(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        main(["evaluate", "--model", str(tflite_path), *data])
    printed = capsys.readouterr()
    assert stopped.value.code == 2
    assert printed.err.count("\n") == 1
    assert str(tmp_path) in printed.err
    assert "nrefs:1|case:mixed" in printed.out


def test_a_package_that_is_missing_is_named_in_one_line(capsys):
    with pytest.raises(SystemExit) as stopped, one_line_errors("kerasformer"):
        importlib.import_module("no_such_package.part")
    assert stopped.value.code == 2
    message = "kerasformer: this needs the Python package no_such_package, which is not installed here: install it\n"
    assert capsys.readouterr().err == message


def test_evaluate_tells_of_a_bundle_how_well_it_foretells_tokens(bundle_path, tflite_path, tsv, answer, opened_once):
    asked = "--data", tsv, "--limit", 4
    score = json.loads(answer("evaluate", "--model", bundle_path, *asked, "--json"))["splits"]["test"]
    pairs = load_corpus([tsv], "fr", "en").tests["test"][:4]
    found = opened_once(str(bundle_path)).token_scores(pairs)
    assert (score["token_accuracy"], score["perplexity"]) == pytest.approx(tuple(found.values()))
    assert f"{found['perplexity']:,.2f}" in answer("evaluate", "--model", bundle_path, *asked)
    assert "perplexity" not in answer("evaluate", "--model", tflite_path, *asked)


def test_evaluate_scores_baselines_of_the_training_split(tflite_path, tsv, answer):
    asked = "evaluate", "--model", tflite_path, "--data", tsv, "--limit", 4, "--baselines"
    corpus = load_corpus([tsv], "fr", "en")
    found = json.loads(answer(*asked, "--json"))["splits"]["test"]["baselines"]
    for name, baseline in (("most_frequent_answer", MostFrequentAnswer), ("nearest_question", NearestQuestion)):
        score, _ = evaluate(baseline(corpus.train), corpus.tests["test"][:4], "en")
        assert found[name] == score.quality()
    names = [line.split("  ")[0] for line in answer(*asked).splitlines()]
    assert names[:4] == ["split", "test", "most frequent answer", "nearest question"]


def test_evaluate_takes_a_csv_by_its_columns(tflite_path, phrases, tmp_path, answer, complaint):
    path = tmp_path / "pairs.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [(english, number, french) for number, (french, english) in enumerate(phrases)]
        csv.writer(file).writerows([("EN", "n", "FR"), *rows])
    asked = "evaluate", "--model", tflite_path, "--data", path
    found = json.loads(answer(*asked, "--split", "all", "--limit", 2, "--json"))["splits"]["all"]
    direct, _ = evaluate(open_translator(tflite_path), phrases[:2], "en")
    assert (found["sentences"], found["chrf"]) == (2, direct.chrf)
    assert "the data has no language 'it': choose from en, fr" in complaint(*asked, "--source", "it")
    path.with_suffix(".tsv").write_text("".join(f"{en}\t{n}\t{fr}\n" for n, (fr, en) in enumerate(phrases)))
    asked = "evaluate", "--model", tflite_path, "--data", path.with_suffix(".tsv"), "--limit", 2, "--json"
    for more in (("--split", "all"), ("--columns", 3, 1)):
        found = json.loads(answer(*asked, "--split", "all", *more))["splits"]["all"]
        assert (found["sentences"], found["chrf"]) == (2, direct.chrf)
    assert "--split all has none" in complaint(*asked, "--split", "all", "--baselines")


def test_evaluate_tells_what_is_swapped_and_that_the_data_are_not_those_of_the_training(phrases, tmp_path, capsys):
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{english}\t{french}\n" for french, english in phrases), encoding="utf-8")
    arguments = build_parser().parse_args(["evaluate", "--model", "bundle", "--data", str(path)])
    for sha256, is_told in ((load_corpus([path], "fr", "en").sha256, False), ("0" * 64, True)):
        held_out.read_held_out(arguments, "fr", "en", {"name": path.name, "sha256": sha256})
        told = capsys.readouterr().err
        assert "kerasformer: swapped: column 1 looks like English" in told
        assert ("pairs that are held out now may have been trained on" in told) == is_told


def test_evaluate_takes_every_pair_of_parallel_files_in_either_order(tflite_path, phrases, tmp_path, answer):
    for side, language in enumerate(("fr", "en")):
        (tmp_path / f"news.{language}").write_text("".join(f"{pair[side]}\n" for pair in phrases[:5]), encoding="utf-8")
    found = []
    for order in (("fr", "en"), ("en", "fr")):
        files = [tmp_path / f"news.{language}" for language in order]
        said = answer("evaluate", "--model", tflite_path, "--data", *files, "--split", "all", "--json")
        found.append(json.loads(said)["splits"]["all"])
    assert found[0]["sentences"] == 5
    assert found[0]["chrf"] == found[1]["chrf"]


def test_evaluate_on_a_terminal_draws_a_table(tflite_path, tsv, answer, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert "┃" in answer("evaluate", "--model", tflite_path, "--data", tsv, "--limit", 1)


def test_evaluate_refuses_what_it_cannot_score(tflite_path, tsv, tmp_path, complaint, phrases):
    asked = "evaluate", "--model", tflite_path, "--data"
    assert "has no split 'dev'; there are train, validation, test" in complaint(*asked, tsv, "--split", "dev")
    assert "'xx'" in complaint(*asked, "everyday", "--source", "xx")
    assert "'nowhere' is neither a corpus" in complaint(*asked, "nowhere")
    assert "give these with --data" in complaint(*asked, "everyday", "--split", "all")


def test_verify_of_each_export_passes(
    bundle_path, saved_model_path, tflite_path, tsv, answer, opened_once, monkeypatch
):
    reference = "kerasformer.exporting.proofs.translation.Translator"  # it would trace its search for each export
    monkeypatch.setattr(reference, lambda bundle, **options: opened_once(bundle_path, **options))
    for path in (saved_model_path, tflite_path, bundle_path):
        asked = "verify", "--model", path, "--bundle", bundle_path, "--data", tsv, "--limit", 8
        found = json.loads(answer(*asked, "--json"))
        assert (found["passed"], found["sentences"], found["exact"]) == (True, 8, True)
        assert found["bleu"] == found["bleu_reference"]
    assert "100.0 % of 8 sentences have the same translation" in answer(*asked)
    assert "is complete" in answer("verify", "--model", bundle_path)


def test_verify_shows_what_differs_and_fails(bundle_path, tflite_path, tsv, capsys, monkeypatch):
    def compare(reference, engine, pairs, exact, expected):
        difference = {"source": "Oui.", "reference": "Yes.", "other": "No.", "tie": not exact}
        shares = {"identical_share": 0.9, "bleu": 30.0, "bleu_reference": 31.0, "chrf": 50.0, "chrf_reference": 51.0}
        shares |= {"agreement": 97.25, "least_agreement": 57.5}
        return {**shares, "differences": [difference] * 12, "passed": False}

    monkeypatch.setattr("kerasformer.exporting.proofs.translation.compare", compare)
    monkeypatch.setattr(
        "kerasformer.cli.artefacts.describe",
        lambda path, task=None: dataclasses.replace(describe(path, task), is_exact=False),
    )
    assert main(["verify", "--model", str(tflite_path), "--bundle", str(bundle_path), "--data", str(tsv)]) == 1
    out = capsys.readouterr().out
    assert "90.0 % of 9 sentences have the same translation, BLEU 30.00 (bundle 31.00), chrF 50.00" in out
    assert "source  Oui.\nbundle  Yes.\nexport  No. (a tie" in out
    assert "and 2 more" in out
    assert out.splitlines()[-1].startswith(
        "FAILED: required is BLEU and chrF at most 0.5 lower (more on fewer than 200"
    )


def test_verify_needs_a_bundle_to_compare_with(saved_model_path, tflite_path, complaint):
    assert "--bundle" in complaint("verify", "--model", saved_model_path)
    assert "is not a bundle" in complaint("verify", "--model", tflite_path, "--bundle", saved_model_path)


def test_export_hands_over_held_out_pairs(bundle_path, tmp_path, answer, monkeypatch, everyday):
    from kerasformer.exporting import gate

    asked = {}

    def export(bundle, out, pairs, formats, say, **options):
        asked.update(bundle=bundle, out=out, pairs=pairs, formats=formats, options=options)
        row = {
            "name": "litert-int8",
            "file": "translator.int8.tflite",
            "bytes": 1_500_000,
            "ms_per_sentence": 2.5,
            "bleu": 31.25,
            "identical_share": 0.5,
        }
        return {"sentences": 2, "source": "fr", "target": "en", "default": "litert-int8", "artefacts": [row]}

    monkeypatch.setattr(gate, "export", export)
    formats = "litert-int8", "saved_model", "litert-int8"
    further = "--beam-size", 4, "--streaming"
    text = answer("export", "--model", bundle_path, "--out", tmp_path / "out", "--format", *formats, *further)
    assert asked["options"] == {"beam_size": 4, "batch": 1, "streaming": True}
    assert asked["formats"] == ("litert-int8", "saved_model")
    assert asked["pairs"] == everyday.tests["test"]
    assert asked["bundle"].source == "fr"
    assert "31.25" in text
    assert "the smallest that answers as the bundle does: translator.int8.tflite" in text


def test_export_never_replaces_a_folder_that_is_no_export(bundle_path, tflite_path, tmp_path, complaint):
    (tmp_path / "thesis.tex").write_text("years of work")
    assert "holds thesis.tex, which kerasformer did not write" in complaint(
        "export", "--model", bundle_path, "--out", tmp_path
    )
    assert "is an export already" in complaint("export", "--model", tflite_path, "--out", tmp_path / "new")
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_usage(capsys):
    for given, code in (
        ([], 2),
        (["fly"], 2),
        (["evaluate"], 2),
        (["--version"], 0),
        (["export", "--help"], 0),
    ):
        with pytest.raises(SystemExit) as stopped:
            main(given)
        assert stopped.value.code == code
    assert capsys.readouterr().out.startswith("kerasformer 0.")


def test_robustness_counts_faults_with_every_engine_on_the_same_texts(model, answer, capsys):
    asked = "evaluate", "--model", model, "--robustness", "--limit", 3, "--seed", 3, "--no-protect"
    found = json.loads(answer(*asked, "--json"))
    assert (found["sentences"], found["pairs"], found["seed"], found["source"]) == ("package", 3, 3, "fr")
    assert found["kinds"]["clean"].keys() >= {"loops", "copies", "empties", "lost_numbers", "lost_names", "chrf_lost"}
    assert {"names", "typos", "300 tokens, no stop"} <= set(found["kinds"])


def test_robustness_on_other_sentences_prints_a_table_and_progress_and_writes_translations(
    tflite_path, tsv, phrases, tmp_path, answer, complaint
):
    asked = "evaluate", "--model", tflite_path, "--robustness"
    path = tmp_path / "said.tsv"
    heading, clean, *_ = answer(*asked, "--data", tsv, "--limit", 1, "--output", path).splitlines()
    assert heading.split()[-4:] == ["lost", "chrF", "chrF", "lost"]
    assert clean.split()[:2] == ["clean", "1"]
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    assert {len(row) for row in rows} == {3}
    assert rows[0][0] == "clean"
    assert "leave out one of the two" in complaint(*asked, "--baselines")
