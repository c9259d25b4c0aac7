"""The benchmark of sentence splitters counts the sentence ends that were joined, and only these."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))
from splitting import FEW, KINDS, ends_of, make_hard_texts, make_texts, measure, read_sentences

from kerasformer.interface.segmentation import split_sentences


def test_ends_are_counted_without_white_space():
    assert ends_of(["A b.", "C!", "", "D?"]) == {3, 5}
    assert ends_of(["A b. C! D?"]) == set()


def test_precision_and_recall_by_hand():
    texts = [["Dr. Who left.", "He ran.", "Stop!"], ["No?", "We do.", "Good."]]
    scores = measure(lambda text: text.split(" "), texts)  # 8 ends, among them all 4
    assert (scores["precision"], scores["recall"], scores["exact"]) == (100 * 4 / 8, 100, 0)
    scores = measure(lambda text: [sentence for sentence, _ in split_sentences(text)], texts)
    assert (scores["precision"], scores["recall"], scores["exact"]) == (100, 100, 100)


def test_lines_that_do_not_end_like_a_sentence_are_left_out(tmp_path):
    (tmp_path / "text.en").write_text("A heading\nOne.\n« Two ! »\n\n...\nThree?\n", encoding="utf-8")
    sentences = read_sentences(tmp_path / "text.en")
    assert sentences == ["One.", "Three?"]
    [text] = make_texts([*sentences, "Four."], 1)
    assert sorted(text) == ["Four.", "One.", "Three?"]


def test_hard_lines_have_marks_inside_that_are_no_sentence_ends():
    hard = {
        "abbreviations": ["Mme. Lune est là.", "Hut usw. und mehr.", "Use fig. 3 here."],
        "quotes": ["Il dit « oui »."],
        "decimals": ["It is 3.5 km."],
        "initials": ["J. K. Rowling wrote."],
        "ellipses": ["Well... maybe.", "Non… si."],
    }
    plain = ["He ran.", "A stop...", "Oui ! Non ?"]
    for kind, pattern in KINDS.items():
        found = {of for of, lines in hard.items() for line in [*lines, *plain] if pattern.search(line)}
        assert found == {kind}
        assert all(map(pattern.search, hard[kind]))
    texts = make_hard_texts(hard["decimals"] * FEW + plain * 9, "decimals", 5)
    assert [text[1] for text in texts] == hard["decimals"] * 5
    assert make_hard_texts(hard["decimals"] + plain * 9, "decimals", 5) == []
