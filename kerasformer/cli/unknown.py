"""Count the characters of texts that the tokenizer of a translator does not know."""

import collections

from kerasformer.cli.printing import complain

_SHOWN = 20


class UnknownCharacters:
    """Translates with a translator, and counts the unknown characters of what it is given.

    Args:
        translator: a `BaseTranslator`.
    """

    def __init__(self, translator):
        self.translator, self.source, self.target = translator, translator.source, translator.target
        self.counts = collections.Counter()

    def hypotheses(self, texts):
        """`BaseTranslator.hypotheses`."""
        unknown = set(self.translator.unknown_characters(texts))
        self.counts.update(character for text in texts for character in text if character in unknown)
        return self.translator.hypotheses(texts)

    def __call__(self, texts):
        """`BaseTranslator.__call__` for a list of texts."""
        return [found[0].text for found in self.hypotheses(texts)]

    def report(self):
        """Print on standard error how many characters were unknown, and which; nothing if there were none."""
        if self.counts:
            shown = ", ".join(f"{character!r} ({count:,})" for character, count in self.counts.most_common(_SHOWN))
            left = len(self.counts) - _SHOWN
            more = f" and {left} other{'s' * (left > 1)}" if left > 0 else ""
            count = f"{self.counts.total():,} character{'s' * (self.counts.total() > 1)}"
            complain(f"the tokenizer does not know {count} of the text: {shown}{more}")
