"""A worker process: it reads what to do from standard input, and writes what came out to standard output.

It needs no web framework, and no TensorFlow for a `.tflite`. It ends when standard input is closed.
"""

import os
import signal
import sys
import traceback
import warnings

from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.inference.opening import open_artefact
from kerasformer.interface.carrying import ProtectionWarning
from kerasformer.interface.text import join_hypotheses
from kerasformer.runtime import LiteRTTranslator
from kerasformer.serving import frames, markup

SENTENCES_AT_ONCE = 64  # of an engine that computes any batch at once; a `.tflite` has a size of its own
_BEAM = 4  # hypotheses of a search for alternatives
_DRAWN = {"temperature": 1.0, "top_p": 0.9}  # how alternatives are drawn by an engine without a beam
_DRAWS = 3  # for each alternative, because many are alike


def load(translators, name, path, threads):
    """Open and warm up a model: dict of what the service needs to know about it."""
    description = describe(path, "translation")
    options = {"num_threads": threads} if description.form.name == "litert" else {}
    translator = translators[name] = open_artefact(description, engine="auto", **options)
    is_litert, is_bundle = isinstance(translator, LiteRTTranslator), description.form.name == "bundle"
    translator("A.")
    return {
        "source": translator.source,
        "target": translator.target,
        "form": description.form.name,
        "max_tokens": translator.max_tokens,
        "at_once": translator.batch if is_litert else SENTENCES_AT_ONCE,
        "may_have_twin": is_bundle and not is_litert and bool(description.metadata.get("golden")),
    }


def plan(translators, name, items):
    """The pieces in which texts are translated, each with what stands between its translations."""
    found = []
    for text in items:
        planned = translators[name].plan([text])
        found.append({"pieces": planned.pieces, "separators": planned.separators})
    return found


def translate(translators, name, items, alternatives=0):
    """The hypotheses of each item [text, whether it is a piece that `plan` has returned].

    Returns:
        list of lists of dicts with the fields of `Hypothesis`; the translation first, then other ones, at most as many
        as there are to be alternatives.
    """
    translator = translators[name]
    best = _hypotheses(translator, items)
    if not alternatives:
        return [[vars(of_item[0])] for of_item in best]
    others = [best, *(_hypotheses(translator, items, **options) for options in _searches(translator, alternatives))]
    return [_distinct(of_item, alternatives + 1) for of_item in zip(*others, strict=True)]


def _searches(translator, alternatives):
    """The options of the searches that find alternatives."""
    size = getattr(translator, "beam_size", max(_BEAM, alternatives + 1))  # an export has only its own
    if size == 1:
        return [{**_DRAWN, "seed": seed} for seed in range(1, _DRAWS * alternatives + 1)]
    return [{"beam_size": size, "num_hypotheses": min(size, alternatives + 1)}]


def _distinct(searches, most):
    """The first hypothesis of the first search, and the most likely ones of all that differ: list of dicts."""
    (best, *_), found = searches[0], {}
    for hypothesis in sorted((one for ranked in searches for one in ranked), key=lambda one: -one.score):
        found.setdefault(hypothesis.text, hypothesis)
    others = [hypothesis for text, hypothesis in found.items() if text != best.text]
    return [vars(hypothesis) for hypothesis in [best, *others][:most]]


def _hypotheses(translator, items, **options):
    protection = translator.protection()
    planned = translator.plan([text for text, is_piece in items if not is_piece], protection)
    pieces = [*planned.pieces, *(text for text, is_piece in items if is_piece)]
    found = translator.translate_pieces(pieces, protection, **options) if pieces else []
    count = len(planned.pieces)
    whole, parts = iter(join_hypotheses(planned, found[:count])), iter(found[count:])
    return [next(parts if is_piece else whole) for _, is_piece in items]


def attend(translators, name, items):
    """What the tokens of the translation attend to, for each item [text, translation]: mean over the heads of the last
    layer."""
    found = []
    for source, target in items:
        attention = translators[name].attention(source, target)
        found.append(
            {
                "weights": attention.weights[-1].mean(axis=0).round(4).tolist(),
                "source_tokens": attention.source_tokens,
                "target_tokens": attention.target_tokens,
            }
        )
    return found


def _each(function):
    """A function of one text as one of items, each the list of its arguments."""
    return lambda translators, name, items: [function(*item) for item in items]


OPERATIONS = {function.__name__: function for function in (plan, translate, attend)} | {
    function.__name__: _each(function)
    for function in (markup.html_texts, markup.html_written, markup.file_texts, markup.file_written)
}


def answer(translators, message):
    """The answer to a message: {"found": ...}, or {"error": one line}."""
    values = dict(message)
    operation = values.pop("do")
    try:
        if operation == "load":
            return {"found": load(translators, **values)}
        if values["name"] not in translators:  # it waited while the models were exchanged
            return {"error": "the model is not served any more"}
        return {"found": _one_by_one(translators, OPERATIONS[operation], values.pop("items"), values)}
    except (InputError, OSError) as error:
        return {"error": " ".join(str(error).split())}


def _one_by_one(translators, function, items, values):
    """The answer to each item: {"found": ...}, {"error": what is wrong with it}, {"system": what the system refused} or
    {"fault": ...}; an item that fails does not stop the others."""
    try:
        return [{"found": found} for found in function(translators, items=items, **values)]
    except Exception as error:
        if len(items) > 1:
            return [answer for item in items for answer in _one_by_one(translators, function, [item], values)]
        if isinstance(error, InputError):
            return [{"error": " ".join(str(error).split())}]
        if isinstance(error, OSError):  # such as a full disk
            return [{"system": error.strerror or type(error).__name__}]
        traceback.print_exc()
        return [{"fault": type(error).__name__}]


def main():
    """Work until standard input ends; the service, not a signal, ends a worker."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    messages, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    warnings.simplefilter("ignore", ProtectionWarning)
    translators = {}
    while (message := frames.read(messages)) is not None:
        answers.write(frames.pack(answer(translators, message)))
        answers.flush()


if __name__ == "__main__":
    main()
