"""Captions of scenes in English, French and Korean: write them by a small grammar, and read them back."""

import functools
import unicodedata

from kerasformer.data.images.scenes import Scene, all_scenes

DIGITS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "fr": ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
    "ko": ("영", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구"),
}
LANGUAGES = tuple(DIGITS)
# {a} is the first digit of a scene, {b} the second; {an_a}, {an_b} have the English article, {a_subject} the Korean
# subject particle. The plainest form comes first.
TEMPLATES = {
    "en": {
        None: ("a handwritten {a}", "{an_a}", "{an_a} written by hand", "the digit {a}"),
        "left": ("{an_a} to the left of {an_b}", "{an_a} left of {an_b}", "{an_b} with {an_a} to its left"),
        "right": ("{an_a} to the right of {an_b}", "{an_a} right of {an_b}", "{an_b} with {an_a} to its right"),
        "above": ("{an_a} above {an_b}", "{an_a} over {an_b}", "{an_b} with {an_a} above it"),
        "below": ("{an_a} below {an_b}", "{an_a} under {an_b}", "{an_b} with {an_a} below it"),
    },
    "fr": {
        None: ("un {a} manuscrit", "un {a}", "un {a} écrit à la main", "le chiffre {a}"),
        "left": ("un {a} à gauche d'un {b}", "à gauche d'un {b}, un {a}", "un {b} avec un {a} à sa gauche"),
        "right": ("un {a} à droite d'un {b}", "à droite d'un {b}, un {a}", "un {b} avec un {a} à sa droite"),
        "above": ("un {a} au-dessus d'un {b}", "au-dessus d'un {b}, un {a}", "un {b} avec un {a} au-dessus"),
        "below": ("un {a} en dessous d'un {b}", "un {a} sous un {b}", "un {b} avec un {a} en dessous"),
    },
    "ko": {
        None: ("손글씨 {a}", "손으로 쓴 {a}", "손으로 쓴 숫자 {a}", "숫자 {a}"),
        "left": ("{b}의 왼쪽에 있는 {a}", "{b} 왼쪽에 {a}", "{a_subject} {b}의 왼쪽에 있다"),
        "right": ("{b}의 오른쪽에 있는 {a}", "{b} 오른쪽에 {a}", "{a_subject} {b}의 오른쪽에 있다"),
        "above": ("{b}의 위에 있는 {a}", "{b} 위에 {a}", "{a_subject} {b}의 위에 있다"),
        "below": ("{b}의 아래에 있는 {a}", "{b} 아래에 {a}", "{a_subject} {b}의 아래에 있다"),
    },
}
HANGUL, FINALS = ord("가"), 28  # code points enumerate the 28 finals (the first is none) of each initial and vowel


def caption(scene, language, rng=None):
    """Write a caption of a scene.

    Args:
        scene: `Scene`.
        language: One of `LANGUAGES`.
        rng: `numpy.random.Generator` that picks a template; None takes the plainest.

    Returns:
        The caption, without a full stop.
    """
    templates = _templates(language)[scene.relation]
    return _fill(templates[0 if rng is None else rng.integers(len(templates))], scene, language)


def all_captions(language):
    """Yield (scene, caption) for every scene and every template, in one of `LANGUAGES`."""
    for scene in all_scenes():
        for template in _templates(language)[scene.relation]:
            yield scene, _fill(template, scene, language)


def read_caption(text) -> Scene | None:
    """Return the scene that a caption in any of the languages describes, None if the grammar has no such caption.

    Case, spaces, the form of apostrophes and Unicode composition do not matter.
    """
    return _scenes_by_caption().get(_key(text))


@functools.cache
def _scenes_by_caption():
    return {_key(text): scene for language in LANGUAGES for scene, text in all_captions(language)}


def _key(text):
    return "".join(unicodedata.normalize("NFC", text).split()).casefold().replace("’", "'")


def _templates(language):
    if language not in TEMPLATES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, not {language!r}")
    return TEMPLATES[language]


def _fill(template, scene, language):
    words = [DIGITS[language][digit] for digit in scene.digits]
    a, b = words[0], words[-1]
    return template.format(a=a, b=b, an_a=_with_article(a), an_b=_with_article(b), a_subject=_as_subject(a))


def _with_article(word):
    return f"an {word}" if word == "eight" else f"a {word}"


def _as_subject(word):
    """A Korean word with its subject particle: 이 after a final consonant, 가 after a vowel."""
    return word + ("이" if (ord(word[-1]) - HANGUL) % FINALS else "가")
