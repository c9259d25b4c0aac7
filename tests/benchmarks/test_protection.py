"""The benchmark of protection makes its sentences, and counts what stayed and what was appended."""

import pathlib
import sys
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))
from protection import MADE, made, measure, table

from kerasformer.interface.carrying import ProtectionWarning
from kerasformer.interface.patterns import PATTERNS
from kerasformer.interface.protection import Protection

KINDS = {"address": "url", "mail": "email"}  # other names than those of the patterns


class Engine:
    """Keeps the number, and with protection appends the tag."""

    def protection(self):
        return Protection(PATTERNS)

    def __call__(self, texts, protect):
        if protect:
            warnings.warn(ProtectionWarning("lost", [(texts[0], ["<b>"])]), stacklevel=1)
        return ["3 <b>" if protect else "3" for _ in texts]


def test_each_made_sentence_has_one_kind_in_its_middle():
    sentences = ["Il ne voit pas le chat.", "Oui."] * 20
    found = made(sentences, 2)
    assert set(found) == set(MADE)
    assert found["tag"] == ["Il ne voit <b>pas</b> le chat."] * len(found["tag"])
    for kind, texts in found.items():
        assert texts
        for text in texts:
            assert {span.name for span in Protection(PATTERNS).find(text)} == {KINDS.get(kind, kind)}


def test_what_stayed_and_what_was_appended_are_counted():
    sources, references = ["Il a 3 <b>"], ["3"]
    off, on = (measure(Engine(), sources, references, protect) for protect in (False, True))
    assert (off["spans"], off["kept"], off["appended"]) == (2, 1, 0)
    assert (on["spans"], on["kept"], on["appended"]) == (2, 2, 1)
    assert table([("all", off, on)]).splitlines()[-1].startswith("| all | 1 | 2 | 1 | 2 | 1 |")
