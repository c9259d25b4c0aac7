"""Captions follow the rules of each language, and each is read back as the scene it describes."""

import collections
import re
import unicodedata

import numpy as np
import pytest

from kerasformer.data.images.captions import LANGUAGES, TEMPLATES, all_captions, caption, read_caption
from kerasformer.data.images.scenes import Scene, all_scenes


@pytest.mark.parametrize(
    ("scene", "language", "text"),
    [
        (Scene((7,)), "en", "a handwritten seven"),
        (Scene((7,)), "fr", "un sept manuscrit"),
        (Scene((7,)), "ko", "손글씨 칠"),
        (Scene((3, 7), "left"), "en", "a three to the left of a seven"),
        (Scene((9, 2), "above"), "en", "a nine above a two"),
        (Scene((8, 1), "below"), "en", "an eight below a one"),
        (Scene((0, 8), "right"), "en", "a zero to the right of an eight"),
        (Scene((3, 8), "left"), "fr", "un trois à gauche d'un huit"),
        (Scene((1, 1), "above"), "fr", "un un au-dessus d'un un"),
        (Scene((0, 5), "below"), "fr", "un zéro en dessous d'un cinq"),
        (Scene((3, 7), "left"), "ko", "칠의 왼쪽에 있는 삼"),
        (Scene((9, 2), "above"), "ko", "이의 위에 있는 구"),
    ],
)
def test_the_plainest_form(scene, language, text):
    assert caption(scene, language) == text
    assert read_caption(text) == scene


@pytest.mark.parametrize(
    ("text", "scene"),
    [
        ("a seven with a three to its left", Scene((3, 7), "left")),
        ("un sept avec un trois à sa droite", Scene((3, 7), "right")),
        ("au-dessus d'un deux, un neuf", Scene((9, 2), "above")),
        ("칠 왼쪽에 삼", Scene((3, 7), "left")),
        ("이가 구의 아래에 있다", Scene((2, 9), "below")),
    ],
)
def test_other_forms(text, scene):
    assert read_caption(text) == scene


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_caption_is_read_back_as_the_same_picture(language):
    for scene, text in all_captions(language):
        assert read_caption(text).picture() == scene.picture()


def test_no_two_pictures_share_a_caption():
    pictures = collections.defaultdict(set)
    for language in LANGUAGES:
        for scene, text in all_captions(language):
            pictures["".join(text.casefold().split())].add(scene.picture())
    assert {len(found) for found in pictures.values()} == {1}
    assert len(pictures) == len(LANGUAGES) * (10 * 4 + 400 * 3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_is_drawn_at_random(language):
    ways = collections.defaultdict(set)
    for scene, text in all_captions(language):
        ways[scene].add(text)
    assert set(ways) == set(all_scenes())
    rng = np.random.default_rng(0)
    for scene in (Scene((8,)), Scene((8, 1), "left"), Scene((8, 1), "below")):
        assert {caption(scene, language, rng) for _ in range(100)} == ways[scene]
        assert len(ways[scene]) == len(TEMPLATES[language][scene.relation])
        assert caption(scene, language) in ways[scene]


def test_english_articles():
    for _, text in all_captions("en"):
        assert not re.search(r"\ba eight|\ban (?!eight)", text)
        assert text == text.lower().strip()


def test_french_contractions_and_accents():
    for _, text in all_captions("fr"):
        assert not re.search(r"\bde un|\bune\b|l'un|  ", text)


def test_korean_particles_follow_the_final_consonant():
    subjects = {text.split()[0] for _, text in all_captions("ko") if text.endswith("있다")}
    assert subjects == {"영이", "일이", "이가", "삼이", "사가", "오가", "육이", "칠이", "팔이", "구가"}


@pytest.mark.parametrize(
    "text",
    [
        "A THREE  to the left\tof a Seven ",
        "UN TROIS À GAUCHE D’UN SEPT",
        unicodedata.normalize("NFD", "un trois à gauche d'un sept"),
        unicodedata.normalize("NFD", "칠의 왼쪽에 있는 삼"),
        "칠의왼쪽에 있는삼",
    ],
)
def test_case_spaces_and_composition_do_not_matter(text):
    assert read_caption(text) == Scene((3, 7), "left")


@pytest.mark.parametrize("text", ["", "a cat", "a three to the left of", "an three", "un trois above a seven"])
def test_other_text_is_not_read_as_a_caption(text):
    assert read_caption(text) is None


def test_an_unknown_language_is_refused():
    for say in (lambda: caption(Scene((3,)), "de"), lambda: next(all_captions("de"))):
        with pytest.raises(ValueError, match="language must be one of en, fr, ko, not 'de'"):
            say()
