"""The JavaScript does with text what Python does: token ids, cleaning, sentences, and what must not change."""

import io
import pathlib
import runpy
import warnings
import zipfile

import pytest

from kerasformer.interface.carrying import ProtectionWarning
from kerasformer.interface.rules import TextRules
from kerasformer.interface.text import BaseTranslator, Hypothesis
from kerasformer.pretrained import FOLDER
from kerasformer.tokenizer import MARKS, Tokenizer, train_tokenizer
from tests.browser.strings import odd_texts

ROOT = pathlib.Path(__file__).parents[2]
SENTENCES, ODD = 4_000, 1_500  # strings that the tokenizers must agree on


def test_the_rules_in_javascript_are_those_of_python():
    rules = runpy.run_path(str(ROOT / "export" / "browser_rules.py"))
    assert rules["FILE"].read_text(encoding="utf-8") == rules["text"](), "run: python export/browser_rules.py"


@pytest.fixture(scope="module")
def tokenizers(phrases, tmp_path_factory):
    """Paths of the tokenizer of a pretrained model, and of one that has marks."""
    with_marks = tmp_path_factory.mktemp("tokenizer") / "tokenizer.model"
    texts = [text for pair in phrases for text in pair]
    with_marks.write_bytes(train_tokenizer(texts, 400, exact=False, symbols=MARKS).model)
    return {"pretrained": FOLDER / "fr-en" / "tokenizer.model", "with marks": with_marks}


@pytest.mark.parametrize("name", ["pretrained", "with marks"])
def test_tokens_and_decoded_texts_are_those_of_sentencepiece(node, tokenizers, everyday, name):
    texts = [text for pair in everyday.train[: SENTENCES // 2] for text in pair] + odd_texts(ODD)
    tokenizer = Tokenizer(tokenizers[name].read_bytes())
    rows = tokenizer.encode(texts)
    expected = [[row, tokenizer.decode(row)] for row in rows]
    found = node("tokens", tokenizer=str(tokenizers[name]), texts=texts)
    wrong = [(text, a, b) for text, a, b in zip(texts, expected, found, strict=True) if a != b]
    assert not wrong, f"{len(wrong)} of {len(texts)}: {wrong[:3]}"


def reworded(text):
    """A bad translation, which loses and changes what it must not."""
    words, number = text.split(" "), sum(map(ord, text)) % 6
    if number == 1:
        return " ".join(reversed(words))
    if number == 2:
        return " ".join(words[:-1])
    if number == 3:
        return text.replace("€", "$").replace(",", ".")
    if number == 4:
        return " ".join(words[1:])
    return f"{text} $5 www." if number == 5 else text


class Rewording(BaseTranslator):
    """Translates by `reworded`."""

    def __init__(self, tokenizer, max_tokens, rules):
        super().__init__("fr", "en", max_tokens, rules)
        self.tokenizer = tokenizer

    def count(self, texts):
        return [len(row) for row in self.tokenizer.encode(texts)]

    def knows(self, texts):
        return self.tokenizer.knows(texts)

    def decode(self, pieces):
        return [[Hypothesis(text, 0.0, ()) for text in (reworded(piece), piece)] for piece in pieces]


@pytest.mark.parametrize(
    ("name", "rules", "length", "count"),
    [
        ("pretrained", {"cleaning": "typography", "unseen": "<>\\{|}£ŁĀ€"}, 64, 60),
        ("with marks", {"cleaning": "typography-oe", "marks": MARKS, "sentences": 3, "lower_capitals": True}, 64, 60),
        ("with marks", {"cleaning": "nfkc", "protected": ()}, 12, 150),
    ],
)
def test_texts_are_prepared_and_put_together_as_in_python(node, tokenizers, name, rules, length, count):
    texts = odd_texts(count, seed=1)
    translator = Rewording(Tokenizer(tokenizers[name].read_bytes()), length - 1, TextRules(**rules))
    about = {"source": "fr", "target": "en", "max_length": length, "text_rules": {**rules, "patterns_version": 3}}
    found = node("text", tokenizer=str(tokenizers[name]), about=about, texts=texts)
    wrong = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ProtectionWarning)
        for text, answer in zip(texts, found, strict=True):
            cleaned = translator.clean(text), translator.clean(text, "target")
            pieces = translator.plan([text]).pieces
            others = translator.translate_pieces(pieces, translator.protection()) if pieces else []
            expected = [*cleaned, pieces, translator(text), [hypotheses[-1].text for hypotheses in others]]
            if answer != expected:
                wrong.append((text, expected, answer))
    assert not wrong, f"{len(wrong)} of {len(texts)}: {wrong[:3]}"


def test_damaged_files_and_newer_rules_are_refused(node, tokenizers):
    rules = [{"cleaning": "typography"}, {"cleaning": "newest"}, {"patterns_version": 99}, {"new": 1}]
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("labels.txt", "cat")
    files = [[], [0] * 100, list(other.getvalue())]
    found = node("errors", tokenizer=str(tokenizers["pretrained"]), files=files, rules=rules)
    assert all("damaged or not a .tflite of kerasformer" in message for message in found[:3])
    assert found[3] == "[object Object]"
    assert all("newer kerasformer" in message for message in found[4:])
