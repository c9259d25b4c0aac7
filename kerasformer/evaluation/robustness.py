"""How well a translator does on difficult texts: capitals, typing mistakes, names, long texts and so on."""

import random
import warnings

from kerasformer.errors import InputError
from kerasformer.evaluation.translation import chrf
from kerasformer.evaluation.variants import faults, make_cases
from kerasformer.interface.carrying import ProtectionWarning

COUNTED = ("loops", "copies", "empties")  # percentages of texts


def measure_robustness(translator, pairs, seed=0, say=lambda line: None):
    """Translate difficult texts made from clean pairs, and count the faults of the translations.

    Args:
        translator: a `BaseTranslator`.
        pairs: list of clean (source, target) sentences.
        seed: int, of the choices in making the texts.
        say: function of a line, called for each kind.

    Returns:
        The figures: dict of kind (see `variants.make_cases`) to dict of "texts", their number; "loops", "copies" and
        "empties", percentages of them; "lost_numbers" and "lost_names", percentages of all numbers and names (see
        `variants.faults`), None if there are none; "chrf" of lower-cased text without what was inserted, and
        "chrf_lost", how much lower it is than that of the same sentences as they were, None without references. And the
        translations: list of (kind, text, translation).

    Raises:
        InputError: if there are no pairs.
    """
    if not pairs:
        raise InputError("there are no pairs to make texts from: expected at least one")
    cases = make_cases(pairs, translator.source, translator.target, translator.count_tokens, random.Random(seed))
    figures, answers = {}, []
    for number, (kind, of_kind) in enumerate(cases.items(), start=1):
        say(f"{number} of {len(cases)}: {kind}, {len(of_kind)} texts")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ProtectionWarning)  # what was lost is counted
            said = translator([case.text for case in of_kind])
        if kind == "clean":
            clean = said
        figures[kind] = {**_rates(of_kind, said), **_quality(of_kind, said, pairs, clean)}
        answers += [(kind, case.text, text) for case, text in zip(of_kind, said, strict=True)]
    return figures, answers


def _rates(cases, said):
    found = [faults(case, text) for case, text in zip(cases, said, strict=True)]
    rates = {"texts": len(cases)}
    for name, fault in zip(COUNTED, ("loop", "copy", "empty"), strict=True):
        rates[name] = 100 * sum(row[fault] for row in found) / len(found)
    for name in ("numbers", "names"):
        lost, total = (sum(row[name][i] for row in found) for i in (0, 1))
        rates[f"lost_{name}"] = 100 * lost / total if total else None
    return rates


def _quality(cases, said, pairs, clean):
    """chrF of the translations of cases, and how much less it is than that of the clean pairs they were made from."""
    if not cases[0].twins:
        return {"chrf": None, "chrf_lost": None}
    compared = [
        [text.replace(case.inserted, "") if case.inserted else text for case, text in zip(cases, texts, strict=True)]
        for texts in (said, [case.reference for case in cases])
    ]
    found = _chrf(*compared)
    twins = [
        [" ".join(texts[i] for i in case.twins) for case in cases] for texts in (clean, [pair[1] for pair in pairs])
    ]
    return {"chrf": found, "chrf_lost": _chrf(*twins) - found}


def _chrf(texts, references):
    return chrf([text.lower() for text in texts], [text.lower() for text in references])[0]
