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
from kerasformer.exporting.report import table
from kerasformer.formats import FORMATS
from kerasformer.inference.translator import Translator
from kerasformer.interface.sampling import split_sampling
from kerasformer.interface.text import Hypothesis
from kerasformer.models import build_model
from kerasformer.runtime import LiteRTTranslator


class Altered:
    """A translator that answers some sentences otherwise than the one it wraps."""

    def __init__(self, translator, change):
        self.translator, self.change = translator, change
        self.target = translator.target

    def hypotheses(self, texts):
        return [[self.change(found[0])] for found in self.translator.hypotheses(texts)]


class Answering:
    """A translator with one fixed answer to each text."""

    target = "en"

    def __init__(self, answers):
        self.answers = answers

    def hypotheses(self, texts):
        return [[answer] for answer in self.answers]


def test_every_format_passes_and_is_reported(
    bundle, saved_model_path, tflite_path, int8_path, phrases, tmp_path, exported_already, reference
):
    exported_already({"saved_model": saved_model_path, "tflite": tflite_path, "int8": int8_path})
    out, lines = tmp_path / "export", []
    report = gate.export(bundle, out, phrases[:40], say=lines.append, reference=reference)
    assert [row["name"] for row in report["artefacts"]] == ["bundle", *FORMATS]
    assert json.loads((out / gate.REPORT_FILE).read_text(encoding="utf-8")) == report
    for row in report["artefacts"]:
        assert row["ms_per_sentence"] > 0
        assert row["bytes"] == gate.size_of(out / row["file"]) if row["file"] else row["bytes"] > 0
    assert [row["identical_share"] for row in report["artefacts"][:3]] == [1.0, 1.0, 1.0]
    assert any(f"only {report['sentences']} held-out sentences" in line for line in lines)
    assert table(report).row_count == 4


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
    other = Altered(reference, lambda found: Hypothesis("x", found.score, (5, *found.token_ids[1:])))
    row = translation_proof.compare(reference, other, phrases[:3])
    assert row["passed"]
    assert [difference["tie"] for difference in row["differences"]] == [True] * len(row["differences"])


class Nudged:
    """A bundle's translator that draws with slightly other numbers than it should."""

    def __init__(self, translator, by):
        self.translator, self.by = translator, by

    def hypotheses(self, texts, **options):
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


def test_int8_may_lose_a_little_bleu_only(reference, phrases):
    said = [Hypothesis(f"one two three four five six {i}", -1.0, (4, 5, i + 6)) for i in range(60)]
    pairs = [(phrases[i][0], said[i].text) for i in range(60)]

    def passes(changed):
        answers = iter(said)
        texts = ["something else" if i < changed else found.text for i, found in enumerate(said)]
        other = Answering([Hypothesis(text, -1.0, next(answers).token_ids + (9,)) for text in texts])
        return translation_proof.compare(reference, other, pairs, exact=False, expected=said)["passed"]

    assert passes(changed=0)
    assert not passes(changed=6)


def test_a_failed_gate_leaves_what_was_there(
    bundle, tflite_path, phrases, tmp_path, monkeypatch, exported_already, reference
):
    monkeypatch.setattr(LiteRTTranslator, "_decode", lambda self, ids, run=None: Hypothesis("wrong", 0.0, (4, 4, 4)))
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


def test_no_sentence_is_no_proof(bundle, tmp_path):
    with pytest.raises(InputError, match="no held-out sentence"):
        gate.export(bundle, tmp_path / "out", [("", "")])
