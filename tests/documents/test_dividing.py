"""Where the translation of several texts is divided among them."""

import pytest

from kerasformer.documents.dividing import divided


@pytest.mark.parametrize(
    ("texts", "translation", "parts"),
    [
        (["aaaa aaaa", "bbbb bbbb"], "one two three four", ["one two", "three four"]),
        (["a", "bbbb bbbb bbbb"], "one two three four", ["one", "two three four"]),
        (["aaaa", "bbbb", "cccc"], "x y z", ["x", "y", "z"]),
        (["aaaa aaaa aaaa", "b", "c"], "x y z", ["x", "y", "z"]),
        (["aaaa aaaa", "bbbb bbbb"], "one, two three four five", ["one, two three", "four five"]),
        (["aaaa aaaa aa", "bbbb bbbb bb"], "one two three, four five six", ["one two three,", "four five six"]),
        (["Aa. Bbbbb", "bbbbb."], "A long first one. Two three.", ["A long first one. Two", "three."]),
        (["aaaa", "bbbb"], "one", ["one", "one"]),
        (["aaaa", "bbbb"], "那只黑猫，睡着了", ["那只黑猫，", "睡着了"]),
    ],
    ids=["middle", "proportion", "three", "a word each", "far comma", "near comma", "sentence", "one word", "Chinese"],
)  # fmt: skip
def test_each_text_gets_a_part_in_proportion_and_after_punctuation_where_it_is_near(texts, translation, parts):
    assert divided(translation, texts) == parts
