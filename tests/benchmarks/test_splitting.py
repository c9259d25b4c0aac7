"""The benchmark of sentence splitters counts the sentence ends that were joined, and only these."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))
from splitting import ends_of, make_texts, measure, read_sentences

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
