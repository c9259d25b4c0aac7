"""Compare the exports of a translator with its bundle: the same tokens for held-out sentences, and texts of several."""

import dataclasses
import functools

from kerasformer.evaluation.translation import bleu, chrf
from kerasformer.exporting.proofs.device import milliseconds_by_tokens, streamed_otherwise
from kerasformer.exporting.proofs.limits import MAX_LOSS, largest_loss, least_agreement
from kerasformer.exporting.proofs.proof import (
    FEWEST,
    TIE,
    Proof,
    all_ties,
    bytes_of,
    first_difference,
    is_tied_draw,
    milliseconds,
)
from kerasformer.inference.translator import Translator
from kerasformer.interface.answers import Hypothesis
from kerasformer.interface.sampling import Sampling
from kerasformer.interface.segmentation import split_sentences, too_long
from kerasformer.tokenizer import EOS_ID

SAMPLED_SENTENCES = 32
SAMPLING = {"temperature": 1.0, "top_k": 40, "seed": 0}
GREEDY = {"beam_size": 1, "num_hypotheses": 1}
SAMPLES = 3
SENTENCES = (2, 3, 5)  # of the texts that are made of held-out sentences
SEPARATORS = (" ", "\n\n    ", "  ", "\n")
_PLAIN = {"num_hypotheses": 1, "temperature": 0.0}
_UNPROTECTED = {"protect": False}  # what the models make of a text is compared


class TranslationProof(Proof):
    """The comparison for a translator; `held_out` is a list of (source, target) texts.

    Pairs whose source is not translated in one piece are left out, but texts are made of the others: each export must
    translate them sentence by sentence, with the white space between the sentences.
    """

    noun = "sentence"
    required = "the same translation of every sentence, ties aside"
    required_inexact = (
        f"BLEU and chrF at most {MAX_LOSS} lower (more on fewer than {FEWEST} sentences), "
        "and enough agreement with the bundle"
    )

    def __init__(self, bundle, held_out, say, reference=None):
        reference = reference or Translator(bundle, **_PLAIN)
        super().__init__(reference, _in_one_piece(reference, held_out), say)
        is_greedy = reference.options.beam_size == 1
        self.greedy = reference if is_greedy else Translator(bundle, beam_size=1, **_PLAIN)
        self.sources = [source for source, _ in self.items]
        self._expected = {}

    def summary(self):
        languages = {"source": self.reference.source, "target": self.reference.target}
        return {**super().summary(), **languages, "samples": self.sources[:SAMPLES]}

    def bundle_row(self):
        texts = [found.text for found in self._answers(self.reference)]
        quality = _quality(texts, [target for _, target in self.items], self.reference.target)
        figures = {**quality, "agreement": 100.0, "identical_share": 1.0, "samples": texts[:SAMPLES]}
        return {"bytes": bytes_of(self.reference.bundle), **figures, **self.speed(self.reference)}

    def measure(self, engine, exact):
        reference = self._reference_for(engine)
        found = compare(reference, engine, self.items, exact=exact, expected=self._answers(reference))
        wrong = differences_of_texts(engine, self.sources)
        found = {**found, "differences": found["differences"] + wrong, "passed": found["passed"] and not wrong}
        if engine.is_greedy and getattr(engine, "beam_size", 1) > 1:
            self._compare_beam(reference, engine, exact, found)
        if _has_batches(engine):  # which translated what was compared so far
            alone = compare(reference, _Alone(engine), self.items[:FEWEST], exact, self._answers(reference)[:FEWEST])
            _add(found, alone, "one by one")
        if getattr(engine, "can_stream", False):
            others = streamed_otherwise(engine, self.sources)
            streamed = [_difference(*other, is_tie(reference, *other)) for other in others]
            _add(found, {"differences": streamed, "passed": all_ties(streamed)}, "token by token")
        return found

    def row(self, format, engine):
        row = super().row(format, engine)
        if format.is_exact and row["passed"]:
            sampled = differences_of_samples(self._reference_for(engine), engine, self.sources)
            row["differences"] += sampled
            row["passed"] = all_ties(sampled)
        if format.form == "litert" and row["passed"]:
            row["ms_by_tokens"] = milliseconds_by_tokens(engine, self.sources)
        return row

    def check_signatures(self, engine, found):
        """Compare the signatures `serving_default` and `translate` of a SavedModel as well."""
        reference, sources = self._reference_for(engine), self.sources[:FEWEST]
        answers = self._answers(reference)[:FEWEST]
        for source, text, wanted in zip(sources, engine.plain(sources), answers, strict=True):
            if text != wanted.text:  # this signature gives texts only
                answer = Hypothesis(text, 0.0, tuple(reference.bundle.tokenizer.encode(text)))
                difference = _difference(source, wanted, answer, is_tie(reference, source, wanted, answer))
                found["differences"].append({**difference, "signature": "serving_default"})
        self._compare_beam(reference, engine, True, found)
        found["passed"] = found["passed"] and all_ties(found["differences"])

    def _compare_beam(self, reference, engine, exact, found):
        """Compare the answers that an export finds with its beam, and add the result to the dict `found`."""
        beam = Translator(reference.bundle, beam_size=engine.beam_size)
        options = {"expected": _best(beam, self.sources[:FEWEST]), "beam_size": engine.beam_size}
        _add(found, compare(beam, engine, self.items[:FEWEST], exact, **options), "beam")
        if _has_batches(engine):
            _add(found, compare(beam, _Alone(engine), self.items[:FEWEST], exact, **options), "beam, one by one")

    def speed(self, engine):
        return {"ms_per_sentence": milliseconds(functools.partial(engine, **_UNPROTECTED), self.sources)}

    def headline(self, found):
        return (
            f"{100 * found['identical_share']:.1f} % of {found['sentences']:,} sentences have the same translation, "
            f"BLEU {found['bleu']:.2f} (bundle {found['bleu_reference']:.2f}), "
            f"chrF {found['chrf']:.2f} (bundle {found['chrf_reference']:.2f}), "
            f"agreement {found['agreement']:.1f} (at least {found['least_agreement']:.1f})"
        )

    def difference(self, difference):
        return f"\nsource  {difference['source']}\nbundle  {difference['reference']}\nexport  {difference['other']}"

    def _reference_for(self, engine):
        """The bundle's engine, searching as the export does: some exports have no beam."""
        return self.greedy if engine.is_greedy else self.reference

    def _answers(self, reference):
        if reference not in self._expected:
            self._expected[reference] = _best(reference, self.sources)
        return self._expected[reference]


def _has_batches(engine):
    return getattr(engine, "batch", 1) > 1


class _Alone:
    """A translator that gets one text at a time."""

    def __init__(self, translator):
        self._translator = translator

    def hypotheses(self, texts, **options):
        return [self._translator.hypotheses([text], **options)[0] for text in texts]


def _add(found, other, signature):
    """Add another comparison, of what a signature answers, to the dict of one."""
    found["differences"] += [{**difference, "signature": signature} for difference in other["differences"]]
    found["passed"] = found["passed"] and other["passed"]


def compare(reference, engine, pairs, exact=True, expected=None, **options):
    """Compare the translations of an export with those of its bundle.

    Args:
        reference: the `Translator` of the bundle.
        engine: the translator of the export.
        pairs: (source, target) texts, of which each source is translated in one piece.
        exact: bool, whether every token must be the same; otherwise BLEU and chrF may lose `largest_loss`.
        expected: the best hypotheses of the reference, if they are known already.
        **options: what the export searches with.

    Returns:
        {"identical_share", "bleu", "chrf", "bleu_reference", "chrf_reference", "agreement", "least_agreement",
        "differences", "samples", "passed"}. "agreement" is 100 if all texts are the same, else the chrF of those of the
        export against those of the bundle; see `least_agreement`. Samples are the first translations of the export. A
        difference is {"source", "reference", "other", "tie"}, and a tie if both are equally likely within 1e-4.
    """
    sources, targets = [source for source, _ in pairs], [target for _, target in pairs]
    expected = expected or _best(reference, sources)
    answers = _best(engine, sources, **options)
    differences = [
        _difference(source, a, b, exact and is_tie(reference, source, a, b))
        for source, a, b in zip(sources, expected, answers, strict=True)
        if a.token_ids != b.token_ids
    ]
    texts, wanted = ([answer.text for answer in found] for found in (answers, expected))
    quality, quality_reference = (_quality(found, targets, reference.target) for found in (texts, wanted))
    agreement, least = 100.0 if texts == wanted else chrf(texts, wanted)[0], least_agreement(wanted)
    lost = max(quality_reference[name] - quality[name] for name in quality)
    return {
        "identical_share": 1 - len(differences) / len(pairs),
        **quality,
        **{f"{name}_reference": value for name, value in quality_reference.items()},
        "agreement": agreement,
        "least_agreement": least,
        "differences": differences,
        "samples": texts[:SAMPLES],
        "passed": agreement >= least and (all_ties(differences) if exact else lost <= largest_loss(len(pairs))),
    }


def _quality(texts, targets, language):
    """BLEU and chrF of translations by name."""
    return {"bleu": bleu(texts, targets, language)[0], "chrf": chrf(texts, targets)[0]}


def differences_of_texts(engine, sources):
    """The differences between what an export makes of texts, and of their sentences one by one: list of dicts."""
    sentences = [source.strip() for source in sources[: 2 * sum(SENTENCES)]]
    answers = engine(sentences, **_UNPROTECTED)
    sentences = [source for source, answer in zip(sentences, answers, strict=True) if answer]
    sentences = sentences[: sum(SENTENCES)]
    rows = list(zip(sentences, engine(sentences, **_UNPROTECTED), strict=True))  # in the same batches as the texts
    made = []
    for count in SENTENCES:
        of_text, rows = rows[:count], rows[count:]
        made.append(tuple(map("".join, zip(*_laid_out(of_text, engine.rules.sentences), strict=True))))
    made = [pair for pair in made if pair]
    found = engine([text for text, _ in made], **_UNPROTECTED)
    return [
        {"source": text, "reference": expected, "other": answer, "tie": False, "signature": "several sentences"}
        for (text, expected), answer in zip(made, found, strict=True)
        if answer != expected
    ]


def _laid_out(pairs, at_once):
    """Yield sentences and their translations as parts of a text, with spaces where they may be, or newlines."""
    for place, (source, answer) in enumerate(pairs):
        separator = SEPARATORS[place % len(SEPARATORS)]
        if "\n" not in separator and (at_once > 1 or split_sentences(f"{source} A")[-1][0] != "A"):
            separator = "\n"
        yield source, answer
        yield separator, separator


def _in_one_piece(reference, pairs):
    """The pairs whose source is translated in one piece."""
    pairs = [pair for pair in pairs if not too_long(pair[0])]
    sources = [source for source, _ in pairs]
    counts, planned = reference.count_tokens(sources), reference.plan(sources, reference.protection(**_UNPROTECTED))
    return [
        pair
        for pair, count, (_, *pieces) in zip(pairs, counts, planned.separators, strict=True)
        if count and len(pieces) == 1
    ]


def differences_of_samples(reference, engine, sources):
    """The differences between what a bundle and its export sample with the same noise: list of dicts."""
    sources, differences = sources[:SAMPLED_SENTENCES], []
    samples, others = (_best(translator, sources, **GREEDY, **SAMPLING) for translator in (reference, engine))
    for source, a, b in zip(sources, samples, others, strict=True):
        if a.token_ids != b.token_ids:
            tie = _is_tied_sample(reference, source, a, b) or is_tie(reference, source, a, b)
            differences.append({**_difference(source, a, b, tie), "signature": "sample"})
    return differences


def is_tie(reference, source, a, b):
    """Whether two hypotheses are equally likely, as a whole or in the first token that differs, to the reference."""
    if any(token_id >= reference.bundle.tokenizer.vocab_size for token_id in b.token_ids):
        return False  # of another model
    [source_ids] = reference.bundle.tokenizer.encode([reference.clean(source)])

    def scores(hypothesis):
        """Token ids with eos, where it fits, and the log-probability of each."""
        log_prob = reference.log_probabilities(source_ids, hypothesis.token_ids)
        token_ids = [*hypothesis.token_ids, EOS_ID][: len(log_prob)]
        return token_ids, log_prob[range(len(token_ids)), token_ids]

    (ids, likely), (other_ids, other_likely) = scores(a), scores(b)
    place = first_difference(ids, other_ids)
    gaps = abs(likely[place] - other_likely[place]), abs(likely.sum() - other_likely.sum())
    return bool(min(gaps) <= TIE)


def _is_tied_sample(reference, source, a, b):
    """Whether the reference samples the tokens of `b` too, from slightly other noise than gave those of `a`."""
    [source_ids] = reference.bundle.tokenizer.encode([reference.clean(source)])
    ids, other_ids = [*a.token_ids, EOS_ID], [*b.token_ids, EOS_ID]
    values = Sampling(**SAMPLING).inputs([reference.clean(source)], reference.max_tokens + 1)
    greedy = dataclasses.replace(reference.options, **GREEDY)

    def draw(noise):
        found = reference.search([source_ids] * len(noise), greedy, {**values, "noise": noise})
        return [[*best.token_ids, EOS_ID] for [best] in found]

    return is_tied_draw(values["noise"][0], first_difference(ids, other_ids), other_ids, draw)


def _best(translator, texts, **options):
    """The best hypothesis for each text."""
    return [found[0] for found in translator.hypotheses(texts, **_UNPROTECTED, **options)]


def _difference(source, a, b, tie):
    return {"source": source, "reference": a.text, "other": b.text, "tie": tie}
