"""Which cues are one sentence, and what comes into each of them."""

import pytest
from file_texts import texts_of, translated

NEXT = "Je voulais te dire que le train", "pour Paris ne part pas demain."
ENGLISH = "I wanted to tell you that the train for Paris doesn't leave tomorrow."


def subtitles(*cues, pause=0.1):
    """A SubRip file of cues of two seconds."""
    rows = []
    for number, text in enumerate(cues):
        begin = number * (2 + pause)
        rows.append(f"{number + 1}\n00:00:{begin:06.3f} --> 00:00:{begin + 2:06.3f}\n{text}\n".replace(".", ",", 2))
    return "\n".join(rows)


def lines_of(text):
    """The lines of the cues without numbers and times."""
    return [line for line in text.split("\n") if line and not line[0].isdigit()]


def test_a_sentence_that_goes_on_is_translated_as_one_and_divided_among_its_cues():
    text = subtitles(*NEXT)
    assert texts_of(text, ".srt") == [" ".join(NEXT)]
    changed = translated(text, ".srt", {" ".join(NEXT): ENGLISH}.get)
    assert changed == text.replace(NEXT[0], "I wanted to tell you that the train").replace(
        NEXT[1], "for Paris doesn't leave tomorrow."
    )


def test_three_cues_of_two_lines_keep_their_lines_and_tags():
    text = subtitles("<i>un deux\ntrois quatre</i>", "cinq <b>six</b>\nsept huit", "neuf dix\nonze douze.")
    assert len([one for one in texts_of(text, ".srt") if " neuf " in one]) == 1
    assert translated(text, ".srt", str.upper).lower() == text
    other = lines_of(translated(text, ".srt", lambda said: "a b c d e f g h i j k l." if " neuf " in said else said))
    assert other == ["<i>a b", "c d</i>", "e <b>f</b>", "g h", "i j", "k l."]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Si tu viens,", "Marie viendra."),
        ("Il a", "30 ans."),
        ("Il dit « non", "merci » et part."),
        ("- Oui.\n- Je n'ai rien", "vu hier."),
        ("{\\an8}Il est", "{\\an8}là."),
    ],
)
def test_a_sentence_goes_on_in(one, other):
    assert len(texts_of(subtitles(one, other), ".srt")) == one.count("- ") or 1


def test_the_ellipses_between_two_cues_of_a_sentence_stay():
    text = subtitles("<i>Je voulais te dire...</i>", "…que je viens…", "... demain.")
    assert texts_of(text, ".srt")[0] == "Je voulais te dire que je viens demain."
    assert translated(text, ".srt", str.upper).lower() == text.lower()
    commas = translated(
        text, ".srt", lambda said: "I wanted to tell you, that I come, tomorrow." if "..." not in said else said
    )
    assert lines_of(commas) == ["<i>I wanted to tell you...</i>", "…that I come…", "... tomorrow."]
    assert len(texts_of(subtitles("Je ne sais pas...", "et toi ?"), ".srt")) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Je viens.", "et toi ?"),
        ("Je viens !»", "et toi ?"),
        ("Paris", "Il pleut."),
        ("- Tu viens", "- non merci"),
        ("♪ Je t'aime", "moi aussi ♪"),
        ("Je viens.", "♪ la la"),
        ("Je viens", "(rires)"),
        ("[musique]", "je viens"),
        ("Je pensais —", "enfin non."),
        ("{\\an8}PARIS", "je viens"),
        ("...", "...je viens."),
    ],
)
def test_texts_of_two_cues_stay_two_where(one, other):
    assert len(texts_of(subtitles(one, other), ".srt")) <= 2
    assert translated(subtitles(one, other), ".srt", lambda _: "AA BB CC").count("AA BB") == 2 - (one == "...")


def test_cues_that_are_far_from_each_other_or_overlap_are_no_sentence():
    assert len(texts_of(subtitles(*NEXT, pause=2.5), ".srt")) == len(texts_of(subtitles(*NEXT, pause=-1), ".srt")) == 2


def test_a_sentence_of_many_cues_is_cut():
    texts = texts_of(subtitles(*["mot " * 12 + "a"] * 5, "fin.", "fin."), ".srt")
    assert [len(text) for text in texts] == [199, 54, 4]


def test_subtitles_without_punctuation_are_translated_cue_by_cue():
    assert texts_of(subtitles("bonjour à tous", "je suis là"), ".srt") == ["bonjour à tous", "je suis là"]


def test_the_english_i_may_stand_within_a_sentence():
    assert len(texts_of(subtitles("You know that", "I am here."), ".srt", source="en")) == 1
    assert len(texts_of(subtitles("You know that", "I am here."), ".srt", source="it")) == 2


def test_a_sentence_ends_where_another_speaker_of_webvtt_begins():
    cues = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Jean>Je &amp; toi\n\n00:02.000 --> 00:03.000\n<v Jean>et lui.\n"
    assert texts_of(cues, ".vtt") == ["Je & toi et lui."]
    assert texts_of(cues.replace("Jean>et", "Marie>et"), ".vtt") == ["Je & toi", "et lui."]
    assert translated(cues, ".vtt", lambda _: "a & b c & d").count("&amp;") == 2
