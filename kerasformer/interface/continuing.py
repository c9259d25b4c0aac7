"""Translations that continue a given beginning, and alternatives that differ right after it."""

import dataclasses

from kerasformer.errors import InputError
from kerasformer.interface.alignment import with_alignments

_NEXT = {"temperature": 0.0, "max_new_tokens": 1}  # options of a search for the next token only


def continued(translator, texts, request, options):
    """The hypotheses of texts of one sentence, with the prefixes or the alternatives that are asked for.

    Args:
        translator: the `BaseTranslator`.
        texts: list of str.
        request: the `Request`.
        options: dict of the other options of the call.

    Returns:
        list of lists of `Hypothesis`.

    Raises:
        InputError: for a text of several sentences or of none, for a prefix that the model cannot read, and for
            `num_hypotheses` beside alternatives.
    """
    sentences, prefixes = _sentences(translator, texts, request), _prefixes(translator, texts, request)
    if request.alternatives:
        found = _alternatives(translator, sentences, prefixes, request, options)
    else:
        found = translator.answer(sentences, request, prefix=prefixes, **options)
    return with_alignments(translator, sentences, found) if request.alignment else found


def _alternatives(translator, sentences, prefixes, request, options):
    """Search the likeliest next tokens, then the best continuation of each."""
    if "num_hypotheses" in options:
        raise InputError("alternatives and num_hypotheses both say how many translations are returned: give one")
    beam = {"beam_size": translator.beam_for(request.alternatives), "num_hypotheses": request.alternatives}
    of_next = dataclasses.replace(request, coverage_penalty=0.0)
    found = translator.answer(sentences, of_next, prefix=prefixes, **{**options, **beam, **_NEXT})
    begun = [
        (number, rank, list(hypothesis.token_ids))
        for number, hypotheses in enumerate(found)
        for rank, hypothesis in enumerate(hypotheses)
        if len(hypothesis.token_ids) > len(prefixes[number])  # the others end with the prefix
    ]
    again = [sentences[number] for number, _, _ in begun]
    ids = [ids for _, _, ids in begun]
    answers = translator.answer(again, request, prefix=ids, **{**options, "num_hypotheses": 1}) if again else []
    for (number, rank, _), (best, *_) in zip(begun, answers, strict=True):
        found[number][rank] = best
    return found


def _sentences(translator, texts, request):
    """The cleaned sentence of each text."""
    protection = translator.protection(protect=False)
    planned = translator.plan(texts, protection)
    sentences = []
    for number, (_, pieces) in enumerate(planned.groups(planned.pieces), start=1):
        if len(pieces) != 1:
            asked = "a prefix" if request.prefix else "alternatives"
            raise InputError(
                f"text {number} is translated in {len(pieces)} pieces, and {asked} can be asked for one only: "
                "give one sentence"
            )
        sentences.append(translator.clean(pieces[0]))
    return sentences


def _prefixes(translator, texts, request):
    """The token ids of the prefix of each text."""
    cleaned = [translator.clean(prefix, "target") for prefix in request.prefixes(texts)]
    rows = translator.encode(cleaned)
    for number, (row, prefix, is_known) in enumerate(
        zip(rows, cleaned, translator.knows(cleaned), strict=True), start=1
    ):
        if not is_known:
            raise InputError(f"prefix {number} has characters that the model cannot write: {prefix!r}")
        if len(row) > translator.max_tokens:
            raise InputError(
                f"prefix {number} has {len(row)} tokens, and the model writes {translator.max_tokens}: shorten it"
            )
    return rows
