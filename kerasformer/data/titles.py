"""Whether a row has the titles of columns: names of languages, in several languages, and the words usual in titles."""

import re
import unicodedata

from kerasformer.data.languages import language_of_name

# Names of languages besides the English ones: their own, French, German, Spanish, Italian, Portuguese and Dutch.
_LANGUAGES = """
ar arabe arabisch arabo العربية, bg bulgare bulgarisch bulgaro български, ca catalan katalanisch catalano català,
cs tchèque tschechisch checo ceco tsjechisch čeština, da danois dänisch danés danese deens dansk,
de allemand deutsch alemán tedesco alemão duits, el grec griechisch griego greco grego grieks ελληνικά,
en anglais englisch inglés inglese inglês engels engelska angličtina angielski английский 英語 英文 영어,
es espagnol spanisch español spagnolo espanhol spaans castellano, et estonien estnisch estonio eesti,
eu basque baskisch vasco euskara, fi finnois finnisch finlandés finlandese fins suomi,
fr français französisch francés francese francês frans franska francuski французский 法語 法文 フランス語 프랑스어 불어,
ga irlandais irisch irlandés gaeilge, he hébreu hebräisch hebreo ebraico עברית, hi हिन्दी, hr croate croata hrvatski,
hu hongrois ungarisch húngaro ungherese hongaars magyar, id indonésien indonesisch indonesio, is íslenska islandais,
it italien italienisch italiano italiaans, ja japonais japanisch japonés giapponese japonês japans 日本語 日文 일본어,
ko coréen koreanisch coreano koreaans 한국어 韓国語 韩语, la latein latín latijn latino, lt lituanien lietuvių,
lv letton lettisch latviešu, nl néerlandais niederländisch neerlandés olandese holandês nederlands,
no norvégien norwegisch noruego norvegese noors norsk, pl polonais polnisch polaco polacco pools polski,
pt portugais portugiesisch portugués portoghese português portugees, ro roumain rumänisch rumano rumeno română,
ru russe russisch ruso russo русский, sk slovaque slowakisch eslovaco slovenčina, sl slovène slowenisch slovenščina,
sr serbe serbisch serbio српски srpski, sv suédois schwedisch sueco svedese zweeds svenska, th thaï ไทย,
tr turc türkisch turco turks türkçe, uk ukrainien ukrainisch ucraniano українська,
vi vietnamien vietnamesisch vietnamita việt, zh chinois chinesisch chino cinese chinês chinees 中文 汉语 漢語 중국어"""

# Words that are usual in titles, by language: for both sides, the source, and the target.
_WORDS = """
text sentence sentences string word question answer response reply input output segment lang language
/ source src original / target tgt trg translation translations translated
texte phrase phrases mot mots terme chaîne question réponse segment ligne langue
/ source original / cible traduction traductions
text satz sätze wort frage antwort sprache / quelle quelltext original ausgangstext / ziel zieltext übersetzung
texto frase oración palabra pregunta respuesta idioma lengua / origen fuente original / destino traducción
testo frase parola domanda risposta lingua / origine originale / destinazione traduzione
texto frase palavra pergunta resposta língua idioma / origem original / destino tradução
tekst zin woord vraag antwoord taal / bron origineel / doel vertaling
句子 / 原文 / 译文 翻译
文 / 原文 / 訳文 翻訳
문장 질문 답변 / 원문 / 번역 번역문"""
_NUMBERS = frozenset(["id", "no"])  # no languages beside other words
_LONGEST = 40  # characters
_MOST_WORDS = 3
_SENTENCE_MARKS = re.compile(r"[.!?…,;:。！？、\"«»“”]")


def folded(text):
    """A text in lower case without accents."""
    parts = unicodedata.normalize("NFD", text.casefold())
    return unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", parts)).strip()


def _sides(line):
    return [frozenset(map(folded, part.split())) for part in line.split("/")]


_CODES = {folded(name): code for code, *names in map(str.split, _LANGUAGES.split(",")) for name in names}
_USUAL = [_sides(line) for line in re.sub(r"\n/", " /", _WORDS).strip().split("\n")]
_SETS = [frozenset().union(*sides) for sides in _USUAL]
_SOURCES, _TARGETS = (frozenset().union(*(sides[place] for sides in _USUAL)) for place in (1, 2))


def language_of_title(title):
    """The language that a title names, alone or beside usual words ("French", "Français", "text_fr"): code or None."""
    if whole := language_of_name(title) or _CODES.get(folded(title)):
        return whole
    usual = frozenset().union(_NUMBERS, *_SETS)
    others = [word for word in _words(title) if word not in usual]
    return _language(others[0]) if len(others) == 1 and could_be_title(title) else None


def side_of_title(title):
    """ "source" or "target", if a title says it with a usual word; else None."""
    words = set(_words(title))
    return "target" if words & _TARGETS else "source" if words & _SOURCES else None


def could_be_titles(fields):
    """Whether fields are short, different from each other, and unlike sentences."""
    return all(map(could_be_title, fields)) and len(set(map(folded, fields))) == len(fields)


def could_be_title(field):
    """Whether a field has at most three words, of at most 40 characters, and no mark of a sentence."""
    words = _words(field)
    return 0 < len(words) <= _MOST_WORDS and len(field) <= _LONGEST and not _SENTENCE_MARKS.search(field)


def usual_titles(fields):
    """How many of the fields are made of words usual in titles; and whether all are, in one language."""
    by_language = [[_is_usual(field, words) for field in fields] for words in _SETS]
    return sum(map(any, zip(*by_language, strict=True))), any(map(all, by_language))


def _language(word):
    return language_of_name(word) or _CODES.get(word)


def _is_usual(field, usual):
    words = _words(field)
    others = [word for word in words if word not in usual]
    return len(others) < len(words) and all(map(_language, others))


def _words(text):
    return [word for word in re.split(r"[\W_]+", folded(text)) if any(map(str.isalpha, word))]
