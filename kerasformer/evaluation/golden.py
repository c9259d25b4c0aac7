"""Golden pairs: texts with the answers that a translator must go on giving, and reference translations."""


def changed_answers(translator, golden):
    """The golden pairs to which a translator now gives another answer.

    Args:
        translator: a `BaseTranslator`.
        golden: the `golden` of its `Bundle`.

    Returns:
        list of {"source", "expected", "answer"}.
    """
    answers = translator([source for source, *_ in golden])
    return [
        {"source": source, "expected": expected, "answer": answer}
        for (source, expected, _), answer in zip(golden, answers, strict=True)
        if answer != expected
    ]
