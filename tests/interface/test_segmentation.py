"""Texts are split between sentences, nothing is lost, and translations come back in order."""

import random
import time

import pytest

from kerasformer.errors import InputError
from kerasformer.interface import segmentation


def count_words(texts):
    """One token for each word."""
    return [len(text.split()) for text in texts]


def count_letters(texts):
    """One token for each character that is not white space, and an end token."""
    return [len("".join(text.split())) + 1 for text in texts]


def squeeze(text):
    return "".join(text.split())


def test_a_text_that_fits_is_split_all_the_same():
    plan = segmentation.plan(["A dog.  A cat.\nSo", " Hi. "], count_words, 5)
    assert plan.pieces == ["A dog.", "A cat.", "So", "Hi."]
    assert plan.join(["Un", "Deux", "Trois", "Quatre"]) == ["Un  Deux\nTrois", " Quatre "]


def test_white_space_between_sentences_and_around_lines_stays():
    text = "\n\t- A a.\u00a0B.  \r\n\n    C c c.\tD.\n"
    plan = segmentation.plan([text], count_words, 5)
    assert plan.pieces == ["- A a.", "B.", "C c c.", "D."]
    assert plan.join(["1", "2", "3", "4"]) == ["\n\t1\u00a02  \r\n\n    3\t4\n"]
    assert plan.join(plan.pieces) == [text]


def test_so_many_sentences_of_a_line_stay_together_as_may_and_fit():
    text = "one two.  So. Ah.\nNo. I see you. Go."
    plan = segmentation.plan([text], count_words, 9, max_sentences=2)
    assert plan.pieces == ["one two.  So.", "Ah.", "No. I see you.", "Go."]
    plan = segmentation.plan([text, "", "Hm."], count_words, 4, max_sentences=9)
    assert plan.pieces == ["one two.  So. Ah.", "No. I see you.", "Go.", "Hm."]
    assert plan.join(plan.pieces) == [text, "", "Hm."]
    assert segmentation.plan([" "], count_words, 4, max_sentences=9).join([]) == [" "]


def test_a_long_sentence_is_cut_at_commas_then_at_spaces():
    plan = segmentation.plan(["a b, c d, e f g h i j k"], count_words, 4)
    assert plan.pieces == ["a b, c d,", "e f g h", "i j k"]
    assert plan.join(["1", "2", "3"]) == ["1 2 3"]


def test_a_run_without_spaces_is_cut_between_characters():
    plan = segmentation.plan(["가나다라마바사아자차카"], count_letters, 5)
    assert plan.pieces == ["가나다라", "마바사아", "자차카"]


def test_a_combining_mark_stays_with_its_letter():
    plan = segmentation.plan(["e\u0301" * 9], count_letters, 8)
    assert all(not piece.startswith("\u0301") for piece in plan.pieces)
    assert "".join(plan.pieces) == "e\u0301" * 9


def test_a_character_that_is_too_long_by_itself_stays():
    plan = segmentation.plan(["abc"], lambda texts: [2 * len(text) for text in texts], 1)
    assert plan.pieces == ["a", "b", "c"]


@pytest.mark.parametrize("max_tokens", [2, 7, 31])
@pytest.mark.parametrize("count", [count_words, count_letters])
def test_nothing_is_lost_and_every_piece_fits(count, max_tokens):
    texts = ["".join(random.Random(seed).choices("ab .,;!?é가。\n", k=700)) for seed in range(20)]
    plan = segmentation.plan(texts, count, max_tokens)
    assert all(piece.strip() for piece in plan.pieces)
    assert max(count(plan.pieces)) <= max_tokens
    assert [squeeze(text) for text in plan.join(plan.pieces)] == [squeeze(text) for text in texts]
    assert segmentation.plan(texts, count, 700).join(segmentation.plan(texts, count, 700).pieces) == texts


def test_pieces_are_full_when_parts_alone_have_more_tokens():
    """A word alone has two tokens instead of one, and an end token, as in SentencePiece."""
    plan = segmentation.plan(["w " * 99], lambda texts: [len(text.split()) + 1 for text in texts], 10)
    assert [len(piece.split()) for piece in plan.pieces] == [9] * 11


def test_empty_texts_have_no_piece_and_stay():
    plan = segmentation.plan(["A.", "", "  \n\t ", "B."], count_words, 4)
    assert plan.pieces == ["A.", "B."]
    assert plan.join(["Un.", "Deux."]) == ["Un.", "", "  \n\t ", "Deux."]
    assert segmentation.plan([], count_words, 4).join([]) == []


def test_a_piece_translated_to_nothing_leaves_no_double_space():
    plan = segmentation.plan(["A a. B b. C c.\n  D d."], count_words, 2)
    assert plan.join(["1", "", "3", "4"]) == ["1 3\n  4"]
    assert plan.join(["1", "2", "", "4"]) == ["1 2 \n  4"]


def test_a_sentence_over_the_limit_is_refused():
    text = "word " * 20_000
    message = segmentation.too_long(text)
    assert "99,999" in message
    assert "10,000" in message
    with pytest.raises(InputError, match=r"^text 2: a single sentence of 99,999 characters .* newlines$"):
        segmentation.plan(["Short.", text], count_words, 10)


def test_a_sentence_at_the_limit_is_taken():
    limit = segmentation.MAX_SENTENCE_CHARACTERS
    assert segmentation.too_long("x" * limit + "\n" + "y" * limit) is None
    assert segmentation.too_long("x" * (limit + 1)) is not None


def test_a_long_text_of_many_sentences_is_quick_and_counted_in_few_batches():
    text = ("Un homme marche, lentement, dans la rue. " * 2500)[:100_000]
    calls = []

    def count(texts):
        calls.append(len(texts))
        return count_letters(texts)

    start = time.process_time()
    plan = segmentation.plan([text], count, 20)
    assert time.process_time() - start < 2
    assert len(calls) < 12
    assert sum(calls) < 60_000
    assert max(count_letters(plan.pieces)) <= 20
    assert squeeze("".join(plan.pieces)) == squeeze(text)


def test_hostile_texts_are_quick():
    start = time.process_time()
    spaces = [" " * 100_000, "\n" * 50_000, "a" + " " * 90_000, "a" + " " * 9_000 + "b"]
    for text in [*spaces, "." * 9_999, ". " * 4_999, ", " * 4_999, "가" * 9_999]:
        segmentation.plan([text], count_letters, 10)
    assert time.process_time() - start < 2


def test_wrong_arguments_are_named():
    with pytest.raises(InputError, match="expected 1 translations, one for each piece, got 2"):
        segmentation.plan(["A."], count_words, 4).join(["1", "2"])
    with pytest.raises(InputError, match="max_tokens must be at least 1, got 0"):
        segmentation.plan(["A."], count_words, 0)
