"""Golden pairs of a `.tflite`: texts with the answers that it gave when it was written, for tests of its clients"""

from kerasformer.errors import InputError
from kerasformer.formats import describe
from kerasformer.runtime.litert import LiteRTTranslator

# Texts that clients get wrong easily: numbers, signs, links, spaces, other scripts, characters without a token.
ODD = (
    "12",
    "1 000,50 €",
    "3 × 4 = 12",
    "!!!",
    "« … »",
    "OK",
    "  A  B  ",
    "É",
    "ﬁn",
    "ＡＢＣ",
    "日本語",
    "🙂",
    "https://example.org/a?b=1",
    "name@example.org",
    "a a a a a a a a a a a a",
    "x" * 20,
)
_MAX_DIFFERENCE = 0.05  # of scores: processors round 8-bit products differently


def golden_pairs(path, texts=()):
    """What a `.tflite` makes of texts and of `ODD`, each alone, in one piece and without protection.

    Args:
        path: the file.
        texts: list of str; those that are too long for the model are left out.

    Returns:
        list of {"text", "source_ids", "token_ids", "answer", "score"}: the tokens of the source without `eos`, those of
        the answer, and its length-normalised log-probability.
    """
    return _answers(LiteRTTranslator(path), [*texts, *ODD])


def self_test(path):
    """Compare what a `.tflite` makes of its golden pairs with what it made of them when it was written.

    A file that translates token by token must give the same in that way.

    Args:
        path: the file, or its `Description`.

    Returns:
        The number of pairs, and those that changed: list of {"source", "expected", "answer"}.

    Raises:
        InputError: if it is damaged, or has no golden pairs.
    """
    description = describe(path, "translation", "litert")
    expected = description.metadata.get("golden")
    if not expected:
        raise InputError(f"{description.path} has no golden pairs: an older kerasformer wrote it; export it again")
    translator, changed = LiteRTTranslator(description), {}
    for answer in (_at_once, _streamed) if translator.can_stream else (_at_once,):
        found = _answers(translator, [one["text"] for one in expected], answer)
        changed |= {
            then["text"]: {"source": then["text"], "expected": then["answer"], "answer": now["answer"]}
            for then, now in zip(expected, found, strict=True)
            if now["source_ids"] != then["source_ids"]
            or now["token_ids"] != then["token_ids"]
            or abs(now["score"] - then["score"]) > _MAX_DIFFERENCE
        }
    return len(expected), list(changed.values())


def _at_once(translator, text):
    [[found]] = translator.decode([text])
    return found


def _streamed(translator, text):
    *_, found = translator.steps(text)
    return found


def _answers(translator, texts, answer=_at_once):
    cleaned = [translator.clean(text) for text in texts]
    kept = [i for i, count in enumerate(translator.count(cleaned)) if count <= translator.max_tokens]
    cleaned = [cleaned[i] for i in kept]
    rows, found = translator.tokenizer.encode(cleaned), [answer(translator, text) for text in cleaned]
    return [
        {
            "text": texts[i],
            "source_ids": list(row),
            "token_ids": list(best.token_ids),
            "answer": best.text,
            "score": round(best.score, 4),
        }
        for i, row, best in zip(kept, rows, found, strict=True)
    ]
