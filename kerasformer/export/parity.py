"""The gate: no artefact leaves before it has answered held-out sentences as the bundle does."""

import json
import pathlib
import time

import numpy as np

from kerasformer import atomic
from kerasformer.errors import InputError
from kerasformer.evaluation import bleu
from kerasformer.export.litert import export_litert
from kerasformer.export.saved_model import SavedModelTranslator, export_saved_model
from kerasformer.quiet import quiet_loading
from kerasformer.runtime import LiteRTTranslator
from kerasformer.texts import Hypothesis, uniform_noise
from kerasformer.tokenizer import EOS_ID
from kerasformer.translator import Translator

FORMATS = ("saved_model", "litert-fp32", "litert-int8")
REPORT_FILE = "report.json"
MIN_SENTENCES = 200
TIE = 1e-4  # two tokens whose log-probabilities lie closer may come out either way
MAX_BLEU_LOSS = 0.5  # what 8-bit weights may cost
TIMED_SENTENCES = 30
SAMPLED_SENTENCES = 32
SAMPLING = {"beam_size": 1, "num_hypotheses": 1, "temperature": 1.0, "top_k": 40, "seed": 0}
SAMPLES = 3


def export_all(bundle, out, pairs, formats=FORMATS, say=print, reference=None):
    """Export a bundle, prove every artefact equal to it, and only then put them in place.

    Args:
        bundle: the `Bundle`.
        out: folder for the artefacts and `report.json`, whole or not at all.
        pairs: held-out (source, target) texts, at least 200 of them for the proof to mean something.
        formats: which of `FORMATS`.
        say: called with a line of progress now and then.
        reference: the `Translator` of the bundle with its own options, where there is one already.

    Returns:
        The report: {"sentences", "source", "target", "samples": the first texts, "artefacts": [{"name", "file",
        "bytes", "ms_per_sentence", "bleu", "identical_share", "differences", "passed", "samples"}, ...]}, the
        bundle first.

    Raises:
        InputError: if an artefact differs; it names the sentences, and nothing is left in place.
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown:
        raise InputError(f"format {', '.join(unknown)} is unknown; there are {', '.join(FORMATS)}")
    plain = {"num_hypotheses": 1, "temperature": 0.0}
    reference = reference or Translator(bundle, **plain)
    greedy = reference if reference.options.beam_size == 1 else Translator(bundle, beam_size=1, **plain)
    pairs = _fitting(reference, pairs)
    if len(pairs) < MIN_SENTENCES:
        say(f"note: only {len(pairs)} held-out sentences to prove the exports with; {MIN_SENTENCES} are wanted")
    sources = [source for source, _ in pairs]
    expected = {judge: [found[0] for found in judge.hypotheses(sources)] for judge in {reference, greedy}}
    rows = [_bundle_row(reference, pairs, expected[reference])]
    with atomic.whole_folder(out) as folder:
        for name in formats:
            say(f"exporting {name} and comparing {len(pairs)} sentences with the bundle")
            judge = reference if name == "saved_model" else greedy  # a device does not search with a beam
            rows.append(_proved_row(judge, name, folder, pairs, expected[judge]))
        languages = {"source": bundle.source, "target": bundle.target}
        report = {"sentences": len(pairs), **languages, "samples": sources[:SAMPLES], "artefacts": rows}
        (folder / REPORT_FILE).write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return report


def _bundle_row(reference, pairs, expected):
    bundle = reference.bundle
    return {
        "name": "bundle",
        "file": "",
        "bytes": 4 * bundle.model.training.count_params() + len(bundle.tokenizer.model),
        "bleu": bleu([found.text for found in expected], [target for _, target in pairs])[0],
        "identical_share": 1.0,
        **_measured(reference, pairs),
    }


def _proved_row(judge, name, folder, pairs, expected):
    """Export to `folder` and compare; the row of the report, or an `InputError`."""
    file, translator = _export(judge.bundle, name, folder)
    exact = name != "litert-int8"
    row = compare(judge, translator, pairs, exact=exact, expected=expected)
    if name == "saved_model":
        _compare_other_signatures(judge, translator, pairs, expected, row)
    if exact and row["passed"]:
        _compare_sampled(judge, translator, pairs, row)
    if not row["passed"]:
        raise InputError(_complaint({"name": name, **row}))
    return {"name": name, "file": file.name, "bytes": size_of(file), **row, **_measured(translator, pairs)}


def _measured(translator, pairs):
    samples = [source for source, _ in pairs[:SAMPLES]]
    return {"ms_per_sentence": milliseconds(translator, pairs), "samples": translator(samples)}


def compare(reference, other, pairs, exact=True, expected=None):
    """Compare the answers of two translators.

    Args:
        reference: the `Translator` of the bundle.
        other: any `TextTranslator`.
        pairs: (source, target) texts, of which each source fits the model.
        exact: whether every token must be the same; else `other` may lose `MAX_BLEU_LOSS` BLEU.
        expected: the reference's best hypotheses, where they are known already.

    Returns:
        {"identical_share", "bleu", "bleu_reference", "differences", "passed"}; a difference is {"source",
        "reference", "other", "tie"}, and a tie when both tokens are as likely to within 1e-4.
    """
    sources, targets = [source for source, _ in pairs], [target for _, target in pairs]
    expected = expected or [found[0] for found in reference.hypotheses(sources)]
    answers = [found[0] for found in other.hypotheses(sources)]
    differences = [
        {"source": source, "reference": a.text, "other": b.text, "tie": exact and _is_tie(reference, source, a, b)}
        for source, a, b in zip(sources, expected, answers, strict=True)
        if a.token_ids != b.token_ids
    ]
    got, wanted = (bleu([hypothesis.text for hypothesis in found], targets)[0] for found in (answers, expected))
    passed = all(difference["tie"] for difference in differences) if exact else got >= wanted - MAX_BLEU_LOSS
    return {
        "identical_share": 1 - len(differences) / len(pairs),
        "bleu": got,
        "bleu_reference": wanted,
        "differences": differences,
        "passed": passed,
    }


def milliseconds(translator, pairs):
    """Median milliseconds for one sentence at a time, after each has been translated once."""
    sources, took = [source for source, _ in pairs[:TIMED_SENTENCES]], []
    for source in sources:
        translator(source)
    for source in sources:
        began = time.perf_counter()
        translator(source)
        took.append(1000 * (time.perf_counter() - began))
    return sorted(took)[len(took) // 2]


def size_of(path):
    """Bytes of a file, or of all files of a folder."""
    path = pathlib.Path(path)
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def _fitting(translator, pairs):
    """The pairs whose source the model reads in one piece: an artefact is compared, not the splitting of texts."""
    counts = translator.count_tokens([source for source, _ in pairs])
    kept = [pair for pair, count in zip(pairs, counts, strict=True) if 0 < count <= translator.max_tokens]
    if not kept:
        raise InputError("there is no held-out sentence to prove the exports with")
    return kept


def _export(bundle, name, folder):
    if name == "saved_model":
        export_saved_model(bundle, folder / name)
        return folder / name, SavedModelTranslator(folder / name)
    precision = name.removeprefix("litert-")
    path = folder / f"translator.{precision}.tflite"
    export_litert(bundle, path, precision)
    with quiet_loading():
        translator = LiteRTTranslator(path)
        translator(".")  # the runtime announces itself when it first runs
    return path, translator


def _compare_other_signatures(judge, translator, pairs, expected, row):
    """Add to `row` what the plain signature and the beam of a SavedModel answer differently."""
    pairs = pairs[:MIN_SENTENCES]
    answers = translator.plain([source for source, _ in pairs])  # texts only, so token ids are those of the text
    for (source, _), text, wanted in zip(pairs, answers, expected, strict=False):
        if text != wanted.text:
            answer = Hypothesis(text, 0.0, tuple(judge.bundle.tokenizer.encode(text)))
            difference = {"source": source, "reference": wanted.text, "other": text, "signature": "serving_default"}
            row["differences"].append({**difference, "tie": _is_tie(judge, source, wanted, answer)})
    beam = compare(Translator(judge.bundle, beam_size=translator.beam_size), _Beam(translator), pairs)
    row["differences"] += [{**difference, "signature": "translate"} for difference in beam["differences"]]
    row["passed"] = all(difference["tie"] for difference in row["differences"])


def _compare_sampled(judge, translator, pairs, row):
    """Add to `row` what the two draw differently from the same noise."""
    sources = [source for source, _ in pairs[:SAMPLED_SENTENCES]]
    drawn = [[found[0] for found in drawing.hypotheses(sources, **SAMPLING)] for drawing in (judge, translator)]
    for source, a, b in zip(sources, *drawn, strict=True):
        if a.token_ids != b.token_ids:
            is_tie = _is_tied_draw(judge, source, a, b) or _is_tie(judge, source, a, b)
            difference = {"source": source, "reference": a.text, "other": b.text, "tie": is_tie}
            row["differences"].append({**difference, "signature": "sample"})
    row["passed"] = all(difference["tie"] for difference in row["differences"])


def _is_tied_draw(reference, source, a, b):
    """Whether the reference too draws what `b` did where they part, from a number within 1e-4 of the one given."""
    [source_ids] = reference.bundle.tokenizer.encode([source])
    drawn, other = ([*hypothesis.token_ids, EOS_ID] for hypothesis in (a, b))
    parting = next(i for i, (x, y) in enumerate(zip(drawn, other, strict=False)) if x != y)
    nudges = [sign * TIE / 2**i for i in range(16) for sign in (-1, 1)]
    noise = uniform_noise([source] * len(nudges), SAMPLING["seed"], reference.max_tokens + 1)
    noise[:, parting] = np.clip(noise[:, parting] + nudges, 0, 1 - TIE)
    nearby = reference.search([source_ids] * len(nudges), noise, **SAMPLING)
    return any([*found.token_ids, EOS_ID][: parting + 1] == other[: parting + 1] for [found] in nearby)


class _Beam:
    """A SavedModel that answers by its signature `translate`."""

    def __init__(self, translator):
        self.translator = translator
        self.target = translator.target

    def hypotheses(self, texts):
        return self.translator.hypotheses(texts, beam_size=self.translator.beam_size)


def _is_tie(reference, source, a, b):
    """Whether two hypotheses are to the reference as likely, as a whole or in the first token in which they part."""
    [source_ids] = reference.bundle.tokenizer.encode([source])
    likely, token_ids = [], []
    for hypothesis in (a, b):
        log_prob = reference.log_probabilities(source_ids, hypothesis.token_ids)
        token_ids.append([*hypothesis.token_ids, EOS_ID][: len(log_prob)])  # one that fills the model has no eos
        likely.append(log_prob[range(len(token_ids[-1])), token_ids[-1]])
    parting = next(i for i, (x, y) in enumerate(zip(*token_ids, strict=False)) if x != y)
    apart = abs(likely[0][parting] - likely[1][parting]), abs(likely[0].sum() - likely[1].sum())
    return bool(min(apart) <= TIE)


def _complaint(row):
    wrong = [difference for difference in row["differences"] if not difference["tie"]]
    shown = "; ".join(f"{d['source']!r} gives {d['other']!r} for {d['reference']!r}" for d in wrong[:5])
    return (
        f"{row['name']} does not answer as the bundle does: {len(wrong)} sentences differ, BLEU {row['bleu']:.2f} for "
        f"{row['bleu_reference']:.2f}; nothing was exported. {shown}"
    )
