"""Languages: their codes and names, the direction of a translation, and which language a text is in.

Texts are identified by py3langid, a naive Bayes classifier of character n-grams (Lui and Baldwin, 2012).
"""

import functools
import re

from kerasformer.errors import InputError

# Code, code of three letters, English name.
_LANGUAGES = """
af afr Afrikaans, am amh Amharic, ar ara Arabic, az aze Azerbaijani, be bel Belarusian, bg bul Bulgarian,
bn ben Bengali, br bre Breton, bs bos Bosnian, ca cat Catalan, cs ces Czech, cy cym Welsh, da dan Danish, de deu German,
el ell Greek, en eng English, eo epo Esperanto, es spa Spanish, et est Estonian, eu eus Basque, fa pes Persian,
fi fin Finnish, fr fra French, ga gle Irish, gd gla Gaelic, gl glg Galician, gu guj Gujarati, ha hau Hausa,
he heb Hebrew, hi hin Hindi, hr hrv Croatian, hu hun Hungarian, hy hye Armenian, id ind Indonesian, ig ibo Igbo,
is isl Icelandic, it ita Italian, ja jpn Japanese, ka kat Georgian, kk kaz Kazakh, km khm Khmer, kn kan Kannada,
ko kor Korean, ku kur Kurdish, ky kir Kyrgyz, la lat Latin, lb ltz Luxembourgish, lo lao Lao, lt lit Lithuanian,
lv lvs Latvian, mg mlg Malagasy, mk mkd Macedonian, ml mal Malayalam, mn mon Mongolian, mr mar Marathi, ms zsm Malay,
mt mlt Maltese, my mya Burmese, ne nep Nepali, nl nld Dutch, no nob Norwegian, oc oci Occitan, pa pan Punjabi,
pl pol Polish, ps pus Pashto, pt por Portuguese, ro ron Romanian, ru rus Russian, rw kin Kinyarwanda, si sin Sinhala,
sk slk Slovak, sl slv Slovenian, so som Somali, sq sqi Albanian, sr srp Serbian, sv swe Swedish, sw swh Swahili,
ta tam Tamil, te tel Telugu, tg tgk Tajik, th tha Thai, tl tgl Tagalog, tr tur Turkish, tt tat Tatar, ug uig Uyghur,
uk ukr Ukrainian, ur urd Urdu, uz uzb Uzbek, vi vie Vietnamese, xh xho Xhosa, yo yor Yoruba,
zh cmn Chinese, zu zul Zulu"""
_ENTRIES = [entry.split(maxsplit=2) for entry in _LANGUAGES.replace("\n", " ").split(",")]
NAMES = {code: name for code, _, name in _ENTRIES}
_CODES = {key.casefold(): code for code, *others in _ENTRIES for key in (code, *others)}
_FEWEST_LETTERS = 100  # of a text that is identified
_SAMPLE = 300  # sentences
# Of `guess`: the least probability of a language, its least share of that of all expected ones, and what suffices for
# another language.
_LIKELY, _CLEAR, _SURE = 0.15, 0.75, 0.5


class UnknownLanguage(InputError):
    """A language that data do not have."""


def language_of_name(name):
    """The language that a word names: "fr" and "fr-CA" as they are, "fr" for "fra" and "French"; None for others."""
    if re.fullmatch("[a-z]{2}([-_][A-Za-z]{2,4})?", name):
        return name
    return _CODES.get(name.strip().casefold())


def shown(code):
    """A language in words: "French (fr)"."""
    return f"{NAMES[code]} ({code})" if code in NAMES else code


def choose_direction(languages, source, target, default=None):
    """Choose the source and target language of a corpus.

    Args:
        languages: The language codes of the corpus.
        source: Language asked for, or None.
        target: Language asked for, or None.
        default: (source, target) where None was asked for; None if both must be given.

    Returns:
        `(source, target)`.
    """
    listed = ", ".join(languages)
    for language in (source, target):
        if language is not None and language not in languages:
            raise UnknownLanguage(f"the data has no language {language!r}: choose from {listed}")
    if source is not None and source == target:
        raise InputError(f"source and target are both {source!r}: choose two of {listed}")
    if default is None and None in (source, target):
        raise InputError(f"give both source and target language: choose from {listed}")
    if source is None:
        source = default[0] if default[0] != target else default[1]
    if target is None:
        target = default[1] if default[1] != source else default[0]
    return source, target


def identify(texts):
    """Identify the language of texts.

    Args:
        texts: list of str, sentences of one language.

    Returns:
        Its code, such as "fr"; None if there are fewer than 100 letters.
    """
    text = "\n".join(texts[:: max(1, len(texts) // _SAMPLE)])
    if sum(map(str.isalpha, text)) < _FEWEST_LETTERS:
        return None
    return _identifier().classify(text)[0]


def guess(text, expected):
    """Guess the language of a text, which may be one short sentence, where a few languages are expected.

    Args:
        text: str.
        expected: codes of the languages that it is most likely in.

    Returns:
        Its code, which is not among those expected if the text is clearly in another language; None if it is not clear.
    """
    found = ranked(text)
    chances = {code: chance for code, chance in found if code in expected}
    best, chance = next(iter(chances.items()), (None, 0.0))
    if found[0][0] not in expected and found[0][1] >= _SURE:
        return found[0][0]
    return best if chance >= max(_LIKELY, _CLEAR * sum(chances.values())) else None


def ranked(text):
    """The languages that a text may be in, the most likely first: list of (code, probability), which add up to 1."""
    return [(code, float(chance)) for code, chance in _identifier().rank(text)]


@functools.cache
def _identifier():
    from py3langid import langid

    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    identifier.set_languages(NAMES)  # not dialects, which it takes for languages
    return identifier


def base_of(code):
    """The language of a code without its region or script: "fr" for "fr-CA"."""
    return re.split("[-_]", code)[0].lower()
