"""Translate with a `.tflite` token by token, so that a long text can be read while it is being translated."""

import copy


def stream(translator, text, protection):
    """Yield the translation of a text as far as it has come; see `LiteRTTranslator.stream`.

    Args:
        translator: a `BaseTranslator` with `steps`: function of a cleaned piece of a text that yields a `Hypothesis`
            after each token, of which the last is what `decode` finds.
        text: str.
        protection: the `Protection`.

    Yields:
        str.
    """
    planned, done, known = translator.plan([text], protection), [], {}
    answering = copy.copy(translator)  # a translator that knows some answers
    answering.decode = lambda pieces, **_: [_known(known, piece) for piece in pieces]
    for piece in planned.pieces:
        found = None
        while found is None:  # it may be translated in several forms, see `carrying`
            try:
                [[found, *_]] = answering.translate_pieces([piece], protection)
            except _UnknownError as asked:
                for hypothesis in translator.steps(asked.piece):
                    yield _join(planned, [*done, hypothesis.text])
                known[asked.piece] = [hypothesis]
        done.append(found.text)
        yield _join(planned, done)
    if not done:
        yield planned.join([])[0]


class _UnknownError(Exception):
    def __init__(self, piece):
        super().__init__(piece)
        self.piece = piece


def _known(answers, piece):
    if piece not in answers:
        raise _UnknownError(piece)
    return answers[piece]


def _join(planned, translations):
    """The translation of the first pieces of the only text, with nothing after it if there are more."""
    missing = len(planned.pieces) - len(translations)
    text = planned.join([*translations, *[""] * missing])[0]
    return text.rstrip() if missing else text
