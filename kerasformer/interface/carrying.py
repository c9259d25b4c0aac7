"""Carry what must not change through a translator: each sentence in its forms, until a translation has all of it."""

import dataclasses
import warnings


class ProtectionWarning(UserWarning):
    """Translations lacked spans that must not change, which were appended.

    Args:
        message: str.
        lacking: list of (source text, list of the spans that its translation lacked).
    """

    def __init__(self, message, lacking):
        super().__init__(message)
        self.lacking = lacking


@dataclasses.dataclass(frozen=True)
class _Attempt:
    """What came of one form of a sentence.

    Args:
        hypotheses: list of `Hypothesis` as the engine gave them.
        restored: for each, its text with the spans, the list of those that it lacks, and the number of its faults.
    """

    hypotheses: list
    restored: list

    @property
    def faults(self):
        return self.restored[0][2]


def carry(sentences, fits, decode):
    """Translate sentences with spans that must not change.

    A sentence is translated in its next form if the best translation of the last one has a fault, and the attempt
    with the fewest faults is taken.

    Args:
        sentences: list of `protection.Sentence`.
        fits: function of a list of texts that returns for each whether the model can read it at once.
        decode: function of a list of texts that returns the list of `Hypothesis` of each, best first.

    Returns:
        For each sentence the list of `Hypothesis`, best first, or None if there was nothing to translate; and for
        each the list of spans (str) that were missing and are appended.
    """
    best = {}
    asked = _first(sentences, fits)
    while asked:
        found, again = decode([form.text for _, form, _ in asked]), []
        for (index, form, others), hypotheses in zip(asked, found, strict=True):
            attempt = _Attempt(hypotheses, [form.restore(hypothesis.text) for hypothesis in hypotheses])
            if index not in best or attempt.faults < best[index].faults:
                best[index] = attempt
            if attempt.faults and others:
                again.append((index, others[0], others[1:]))
        asked = again
    return [_finished(sentence, best.get(index)) for index, sentence in enumerate(sentences)]


def warn_of(texts, missing):
    """Warn of what was appended to translations, once for all of them.

    Args:
        texts: list of str, the sources.
        missing: for each, the list of spans (str).
    """
    lacking = [(text, spans) for text, spans in zip(texts, missing, strict=True) if any(spans)]
    if lacking:
        (text, spans), more = lacking[0], f", and so on for {len(lacking) - 1} more" if lacking[1:] else ""
        message = f"the translation of {text!r} lacked {', '.join(map(repr, spans))}, which was appended{more}"
        warnings.warn(ProtectionWarning(message, lacking), stacklevel=4)


def _first(sentences, fits):
    """The first form of each sentence that fits, and the others: list of (index, form, forms)."""
    several = [index for index, sentence in enumerate(sentences) if len(sentence.forms) > 1]
    forms = [form for index in several for form in sentences[index].forms]
    fitting = iter(fits([form.text for form in forms]) if forms else [])
    chosen = []
    for index, sentence in enumerate(sentences):
        kept = sentence.forms
        if len(kept) > 1:
            kept = [form for form, fit in zip(kept, [next(fitting) for _ in kept], strict=True) if fit] or kept[-1:]
        if kept:
            chosen.append((index, kept[0], kept[1:]))
    return chosen


def _finished(sentence, attempt):
    if attempt is None:
        return None, []
    finished = []
    for hypothesis, (text, missing, _) in zip(attempt.hypotheses, attempt.restored, strict=True):
        text = " ".join([sentence.before + text + sentence.after, *missing])
        finished.append(dataclasses.replace(hypothesis, text=text))
    return finished, attempt.restored[0][1]
