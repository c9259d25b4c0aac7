"""The proof of a translator's exports: each answers held-out sentences as the bundle does, token for token."""

import dataclasses

import numpy as np

from kerasformer.errors import InputError
from kerasformer.evaluation.translation import bleu
from kerasformer.exporting.proofs.proof import FEWEST, TIE, Proof, bytes_of, milliseconds
from kerasformer.inference.translator import Translator
from kerasformer.interface.sampling import Sampling
from kerasformer.interface.text import Hypothesis
from kerasformer.tokenizer import EOS_ID

MAX_BLEU_LOSS = 0.5  # what 8-bit weights may cost
SAMPLED_SENTENCES = 32
SAMPLING = {"temperature": 1.0, "top_k": 40, "seed": 0}
SAMPLES = 3
GREEDY = {"beam_size": 1, "num_hypotheses": 1}
_PLAIN = {"num_hypotheses": 1, "temperature": 0.0}
_SHOWN = 10


class TranslationProof(Proof):
    """Of a translator; `held_out` is a list of (source, target) texts."""

    def __init__(self, bundle, held_out, say, reference=None):
        self.bundle = bundle
        self.reference = reference or Translator(bundle, **_PLAIN)
        is_greedy = self.reference.options.beam_size == 1
        self.greedy = self.reference if is_greedy else Translator(bundle, beam_size=1, **_PLAIN)
        self.pairs = _fitting(self.reference, held_out)
        self.counted = f"{len(self.pairs)} sentences"
        if len(self.pairs) < FEWEST:
            say(f"note: only {len(self.pairs)} held-out sentences to prove the exports with; {FEWEST} are wanted")
        self._expected = {}

    def head(self):
        samples = [source for source, _ in self.pairs[:SAMPLES]]
        languages = {"source": self.bundle.source, "target": self.bundle.target}
        return {"sentences": len(self.pairs), **languages, "samples": samples}

    def bundle_row(self):
        texts = [found.text for found in self._answers(self.reference)]
        return {
            "bytes": bytes_of(self.bundle),
            "bleu": bleu(texts, [target for _, target in self.pairs])[0],
            "identical_share": 1.0,
            "samples": texts[:SAMPLES],
            "ms_per_sentence": milliseconds(self.reference, [source for source, _ in self.pairs]),
        }

    def row(self, format, engine):
        exact, judge = format.is_exact, self._judge(engine)
        row = compare(judge, engine, self.pairs, exact=exact, expected=self._answers(judge))
        if format.form == "saved_model":
            _compare_other_signatures(judge, engine, self.pairs, self._answers(judge), row)
        if exact and row["passed"]:
            _compare_sampled(judge, engine, self.pairs, row)
        if row["passed"]:
            row["ms_per_sentence"] = milliseconds(engine, [source for source, _ in self.pairs])
        return row

    def complaint(self, row):
        wrong = [difference for difference in row["differences"] if not difference["tie"]]
        shown = "; ".join(f"{d['source']!r} gives {d['other']!r} for {d['reference']!r}" for d in wrong[:5])
        return (
            f"{len(wrong)} sentences differ, BLEU {row['bleu']:.2f} for {row['bleu_reference']:.2f}; "
            f"nothing was exported. {shown}"
        )

    def compare(self, engine, exact):
        found = compare(self._judge(engine), engine, self.pairs, exact=exact)
        return {"sentences": len(self.pairs), "exact": exact, **found}

    def lines(self, found):
        same = f"{100 * found['identical_share']:.1f} % of {found['sentences']:,} sentences"
        yield f"{same} answered alike, BLEU {found['bleu']:.2f} to the bundle's {found['bleu_reference']:.2f}"
        for difference in found["differences"][:_SHOWN]:
            yield f"\nsource  {difference['source']}"
            yield f"bundle  {difference['reference']}\nother   {difference['other']}"
            if difference["tie"]:
                yield "a tie: both are as likely"
        if len(found["differences"]) > _SHOWN:
            yield f"\nand {len(found['differences']) - _SHOWN:,} more"
        rule = "every sentence the same, ties aside" if found["exact"] else "as good a BLEU, but for half a point"
        yield f"{'passed' if found['passed'] else 'FAILED'}: wanted was {rule}"

    def _judge(self, engine):
        """The bundle as an engine should answer: a device does not search with a beam."""
        return self.greedy if engine.is_greedy else self.reference

    def _answers(self, judge):
        if judge not in self._expected:
            self._expected[judge] = [found[0] for found in judge.hypotheses([source for source, _ in self.pairs])]
        return self._expected[judge]


def compare(reference, other, pairs, exact=True, expected=None):
    """Compare the answers of two translators.

    Args:
        reference: the `Translator` of the bundle.
        other: any `BaseTranslator`.
        pairs: (source, target) texts, of which each source fits the model.
        exact: whether every token must be the same; else `other` may lose `MAX_BLEU_LOSS` BLEU.
        expected: the reference's best hypotheses, where they are known already.

    Returns:
        {"identical_share", "bleu", "bleu_reference", "differences", "samples", "passed"}; samples are the first answers
        of `other`; a difference is {"source", "reference", "other", "tie"}, and a tie when both tokens are as likely to
        within 1e-4.
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
        "samples": [answer.text for answer in answers[:SAMPLES]],
        "passed": passed,
    }


def _fitting(translator, pairs):
    """The pairs whose source the model reads in one piece: an artefact is compared, not the splitting of texts."""
    counts = translator.count_tokens([source for source, _ in pairs])
    kept = [pair for pair, count in zip(pairs, counts, strict=True) if 0 < count <= translator.max_tokens]
    if not kept:
        raise InputError(
            "the model reads no held-out sentence in one piece: there is nothing to prove; give others with --data"
        )
    return kept


def _compare_other_signatures(judge, translator, pairs, expected, row):
    """Add to `row` what the plain signature and the beam of a SavedModel answer differently."""
    pairs = pairs[:FEWEST]
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
    options = {**GREEDY, **SAMPLING}
    drawn = [[found[0] for found in engine.hypotheses(sources, **options)] for engine in (judge, translator)]
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
    values = Sampling(**SAMPLING).inputs([source] * len(nudges), reference.max_tokens + 1)
    noise = values["noise"]
    noise[:, parting] = np.clip(noise[:, parting] + nudges, 0, 1 - TIE)
    greedy = dataclasses.replace(reference.options, **GREEDY)
    nearby = reference.search([source_ids] * len(nudges), greedy, values)
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
    if any(token_id >= reference.bundle.tokenizer.vocab_size for token_id in b.token_ids):
        return False  # of another model
    [source_ids] = reference.bundle.tokenizer.encode([source])
    likely, token_ids = [], []
    for hypothesis in (a, b):
        log_prob = reference.log_probabilities(source_ids, hypothesis.token_ids)
        token_ids.append([*hypothesis.token_ids, EOS_ID][: len(log_prob)])  # one that fills the model has no eos
        likely.append(log_prob[range(len(token_ids[-1])), token_ids[-1]])
    parting = next(i for i, (x, y) in enumerate(zip(*token_ids, strict=False)) if x != y)
    apart = abs(likely[0][parting] - likely[1][parting]), abs(likely[0].sum() - likely[1].sum())
    return bool(min(apart) <= TIE)
