"""The gate lets equal artefacts pass, and stops the others without leaving anything behind."""

import dataclasses
import json

import numpy as np
import pytest
from exports import write_litert

from kerasformer.config.presets import preset
from kerasformer.errors import InputError
from kerasformer.exporting import gate
from kerasformer.exporting.proofs import translation as translation_proof
from kerasformer.exporting.proofs.translation import TranslationProof
from kerasformer.exporting.report import advice, markdown, table
from kerasformer.formats import default_formats
from kerasformer.inference.translator import Translator
from kerasformer.interface.answers import Hypothesis
from kerasformer.interface.sampling import split_sampling
from kerasformer.models import build_model
from kerasformer.runtime import LiteRTTranslator


class Altered:
    """A translator that answers some sentences otherwise than the one it wraps."""

    def __init__(self, translator, change):
        self.translator, self.change = translator, change
        self.target = translator.target

    def hypotheses(self, texts, **options):
        return [[self.change(found[0])] for found in self.translator.hypotheses(texts, **options)]


class Answering:
    """A translator with one fixed answer to each text."""

    def __init__(self, answers, target="en"):
        self.answers, self.target = answers, target

    def hypotheses(self, texts, **options):
        return [[answer] for answer in self.answers]


def test_every_format_passes_and_is_reported(
    bundle, saved_model_path, tflite_path, int8_path, phrases, tmp_path, exported_already, reference
):
    exported_already({"saved_model": saved_model_path, "tflite": tflite_path, "int8": int8_path})
    out, lines = tmp_path / "export", []
    report = gate.export(bundle, out, phrases[:40], say=lines.append, reference=reference)
    assert [row["name"] for row in report["artefacts"]] == ["bundle", *default_formats()]
    assert json.loads((out / gate.REPORT_FILE).read_text(encoding="utf-8")) == report
    for row in report["artefacts"]:
        assert row["ms_per_sentence"] > 0
        assert row["bytes"] == gate.size_of(out / row["file"]) if row["file"] else row["bytes"] > 0
    assert [row["identical_share"] for row in report["artefacts"][:3]] == [1.0, 1.0, 1.0]
    assert any(f"only {report['sentences']} held-out sentences" in line for line in lines)
    assert table(report).row_count == 4
    of_bundle, of_saved_model, *of_files = report["artefacts"]
    assert not {"loaded_megabytes", "ms_by_tokens"} & {*of_bundle, *of_saved_model}
    for row in of_files:
        assert list(row["ms_by_tokens"]) == ["5", "15", "25"]  # the model reads no 60
        assert 0 < row["ms_by_tokens"]["5"] < 1000
        assert "loaded_megabytes" not in row or 0 < row["loaded_megabytes"] < 1000  # Linux tells it
    assert len({row.get("loaded_megabytes") is None for row in of_files}) == 1
    headings, _, first, *_, last = markdown(report, on_device=True).splitlines()
    assert headings.endswith("| ms at 5 / 15 / 25 / 60 tokens |")
    assert first.endswith("| - |")
    assert last.count(" / ") == 2
    smallest = min(report["artefacts"][1:], key=lambda row: row["bytes"])
    assert report["default"] == smallest["name"]
    assert advice(report).endswith(smallest["file"])


def test_columns_about_devices_that_no_artefact_fills_are_left_out():
    row = {"name": "bundle", "bytes": 1, "ms_per_sentence": 1, "bleu": 1, "chrf": 1, "identical_share": 1}
    assert markdown({"artefacts": [row]}, on_device=True) == markdown({"artefacts": [row]})


def test_int8_is_the_smallest(bundle, tmp_path, only_signatures):
    # Of a model whose weights outweigh its graph, which is written again for every signature.
    model = build_model(preset("test", vocab_size=bundle.tokenizer.vocab_size, hidden_dim=64))
    with only_signatures("translate"):
        write_litert(dataclasses.replace(bundle, model=model), tmp_path / "litert")
    fp32, int8 = (gate.size_of(tmp_path / "litert" / f"{precision}.tflite") for precision in ("fp32", "int8"))
    assert int8 < 0.8 * fp32


def test_another_answer_fails_the_comparison(reference, phrases):
    wrong = Altered(reference, lambda found: Hypothesis("x", found.score, (5, *found.token_ids[1:])))
    foreign = Altered(reference, lambda found: Hypothesis("x", found.score, (9999,)))  # of a larger vocabulary
    assert not translation_proof.compare(reference, foreign, phrases[:1])["passed"]
    row = translation_proof.compare(reference, wrong, phrases[:7])
    assert not row["passed"]
    assert len(row["differences"]) == 7 - sum(h[0].token_ids[:1] == (5,) for h in reference.hypotheses(
        [source for source, _ in phrases[:7]]))  # fmt: skip
    assert not any(difference["tie"] for difference in row["differences"])


def test_what_searches_with_a_beam_is_compared_with_the_beam(bundle, phrases):
    with_beam = dataclasses.replace(bundle, decoding={"beam_size": 3})
    engine, proof = Translator(with_beam), gate.proof_of(with_beam, phrases[:5])
    sources = [source for source, _ in phrases[:5]]
    assert engine(sources) != engine(sources, beam_size=1)
    found = proof.compare(engine, exact=True)
    assert found["passed"]
    assert found["identical_share"] == 1.0


def test_a_tie_is_a_difference_but_no_failure(reference, phrases, monkeypatch):
    monkeypatch.setattr(reference, "log_probabilities", lambda source, target: np.full((len(target) + 1, 999), -3.0))
    other = Altered(reference, lambda found: Hypothesis(found.text, found.score, (5, *found.token_ids[1:])))
    row = translation_proof.compare(reference, other, phrases[:3])
    assert row["passed"]
    assert [difference["tie"] for difference in row["differences"]] == [True] * len(row["differences"])


class Forgetful:
    """A bundle's translator that leaves out all but the first sentence of a text, or its line ends."""

    def __init__(self, translator, forget):
        self.translator, self.forget, self.rules = translator, forget, translator.rules

    def __call__(self, texts, **options):
        return self.translator([self.forget(text) for text in texts], **options)


@pytest.mark.parametrize(
    ("forget", "wrong"),
    [(str, 0), (lambda text: text.split(".")[0] + ".", 3), (lambda text: " ".join(text.split()), 3)],
)
def test_an_export_must_translate_every_sentence_of_a_text_and_keep_its_lines(reference, phrases, forget, wrong):
    sources = [source for source, _ in phrases if source.count(".") == 1 and source.endswith(".")][:20]
    found = translation_proof.differences_of_texts(Forgetful(reference, forget), sources)
    assert len(found) == wrong
    assert all(difference["signature"] == "several sentences" and not difference["tie"] for difference in found)


def test_pairs_that_are_not_translated_in_one_piece_are_left_out(bundle, reference, phrases):
    others = [("une pomme et " * 40 + "une poire.", "apples and a pear."), ("Oui. Non.", "Yes. No."), ("", "")]
    assert TranslationProof(bundle, [*others, *phrases[:3]], lambda line: None, reference).items == phrases[:3]


class Nudged:
    """A bundle's translator that draws with slightly other numbers than it should."""

    def __init__(self, translator, by):
        self.translator, self.by = translator, by

    def hypotheses(self, texts, **options):
        texts = [self.translator.clean(text) for text in texts]
        rows = self.translator.bundle.tokenizer.encode(texts)
        values = split_sampling(options)[0].inputs(texts, 32)
        values["noise"] = np.minimum(values["noise"] + np.float32(self.by), 1 - 1e-6)
        return list(self.translator.search(rows, values=values))


def test_a_draw_may_differ_where_the_number_lies_on_a_boundary(bundle, reference, phrases, monkeypatch):
    found = []
    sources = TranslationProof(bundle, phrases, lambda line: None, reference).sources
    for by, sentences in ((0.0, 64), (translation_proof.TIE / 2, 64), (0.05, 9)):
        monkeypatch.setattr(translation_proof, "SAMPLED_SENTENCES", sentences)
        found.append(translation_proof.differences_of_samples(reference, Nudged(reference, by), sources))
    same, tied, wrong = found
    assert same == []
    assert {difference["tie"] for difference in tied} == {True}
    assert not all(difference["tie"] for difference in wrong)
    assert len(wrong) > 6
    assert wrong[0]["signature"] == "sample"


def said(texts):
    """A hypothesis for each text, each with token ids of its own."""
    return [Hypothesis(text, -1.0, (4, 5, i + 6)) for i, text in enumerate(texts)]


def test_int8_may_lose_a_little_bleu_only(phrases):
    expected = said(f"one two three four five six {i}" for i in range(60))
    pairs = [(phrases[i][0], expected[i].text) for i in range(60)]

    def passes(changed):
        texts = ["something else" if i < changed else found.text for i, found in enumerate(expected)]
        answers = [Hypothesis(text, -1.0, (9,)) for text in texts]
        return translation_proof.compare(Answering([]), Answering(answers), pairs, exact=False, expected=expected)[
            "passed"
        ]

    assert passes(changed=0)
    assert not passes(changed=6)


def test_int8_may_not_lose_chrf_where_bleu_is_0():
    expected = said(f"mot{i}" for i in range(40))  # too short for four-grams, so BLEU is 0
    worse = [Hypothesis(found.text if i % 4 else found.text[:-2], -1.0, (9,)) for i, found in enumerate(expected)]
    pairs = [("source", found.text) for found in expected]
    row = translation_proof.compare(Answering([]), Answering(worse), pairs, exact=False, expected=expected)
    assert (row["bleu"], row["bleu_reference"]) == (0, 0)
    assert row["agreement"] > row["least_agreement"]
    assert row["chrf"] < row["chrf_reference"] - 0.5
    assert not row["passed"]


def test_few_sentences_may_lose_more_because_scores_change_by_chance():
    assert [translation_proof.largest_loss(count) for count in (1000, 200, 50, 2)] == [0.5, 0.5, 1.0, 5.0]


SENTENCES = {
    "en": "The boy reads a book.|We go to the market.|She has two cats.|It rains in Paris.|They play music at home.",
    "zh": "这个男孩在看书。|我们明天去市场。|她有两只猫。|巴黎今天下雨了。|他们在家里演奏音乐。",
    "ko": "소년이 책을 읽습니다.|우리는 시장에 갑니다.|고양이가 두 마리 있어요.|파리에 비가 옵니다.|음악을 연주해요.",
    "th": "เด็กชายอ่านหนังสือ|เราไปตลาด|เธอมีแมวสองตัว|ฝนตกที่ปารีส|พวกเขาเล่นดนตรีที่บ้าน",
}


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("is_good", [True, False], ids=["of a good bundle", "of a bundle with BLEU 0"])
@pytest.mark.parametrize(("language", "word"), [("en", "the"), ("zh", "的"), ("ko", "네"), ("th", "ที่")])
def test_an_engine_of_one_answer_fails_in_every_language(language, word, is_good, exact, monkeypatch):
    monkeypatch.setattr(translation_proof, "is_tie", lambda *_: True)  # even if the bundle calls everything equal
    expected = said(SENTENCES[language].split("|"))
    pairs = [("source", found.text if is_good else "xyz") for found in expected]
    for answer in (word, expected[0].text):
        engine = Answering([Hypothesis(answer, -1.0, (4,))] * len(expected), language)
        row = translation_proof.compare(Answering([], language), engine, pairs, exact=exact, expected=expected)
        assert not row["passed"]
        assert row["agreement"] < row["least_agreement"]
    same = Answering(expected, language)
    row = translation_proof.compare(Answering([], language), same, pairs, exact=exact, expected=expected)
    assert row["passed"]
    assert row["bleu"] == (pytest.approx(100) if is_good else 0)


@pytest.mark.parametrize("text", ["", "always the same"])
def test_a_bundle_of_one_answer_may_be_exported(text):
    expected = said([text] * 5)
    pairs = [("source", f"target {i}") for i in range(5)]
    row = translation_proof.compare(Answering([]), Answering(expected), pairs, exact=False, expected=expected)
    assert row["passed"]


def test_a_failed_gate_leaves_what_was_there(
    bundle, tflite_path, phrases, tmp_path, monkeypatch, exported_already, reference
):
    monkeypatch.setattr(LiteRTTranslator, "_decode", lambda self, ids, run: [Hypothesis("wrong", 0.0, (4, 4, 4))])
    exported_already({"tflite": tflite_path})
    out = tmp_path / "export"
    out.mkdir()
    (out / "report.json").write_text('{"artefacts": []}')
    with pytest.raises(InputError, match="does not answer as the bundle does.*nothing was exported") as error:
        gate.export(bundle, out, phrases[:5], formats=["litert-fp32"], reference=reference)
    assert phrases[0][0] in str(error.value)
    assert [file.name for file in tmp_path.rglob("*")] == ["export", "report.json"]


def test_another_backend_cannot_export(bundle, phrases, tmp_path, monkeypatch):
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    with pytest.raises(InputError, match="set KERAS_BACKEND=tensorflow, not jax"):
        gate.export(bundle, tmp_path, phrases)


def test_an_unknown_format_lists_what_there_is(bundle, phrases, tmp_path):
    with pytest.raises(InputError, match=r"onnx.*saved_model"):
        gate.export(bundle, tmp_path / "out", phrases, formats=["onnx"])


@pytest.mark.parametrize("name", ["beam_size", "batch"])
def test_a_beam_or_a_batch_is_refused_where_no_file_could_have_one(name, bundle, phrases, tmp_path):
    with pytest.raises(InputError, match=f"{name} is of .tflite files"):
        gate.export(bundle, tmp_path / "out", phrases, formats=["saved_model"], **{name: 4})


def test_no_sentence_is_no_proof(bundle, tmp_path):
    with pytest.raises(InputError, match="no held-out sentence"):
        gate.export(bundle, tmp_path / "out", [("", "")])
