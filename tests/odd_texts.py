"""Texts with all that a tokenizer and a cleaning may stumble over."""

import unicodedata

ACCENTS = "Où est passé l'élève ? À côté du cœur, garçon naïf."
TEXTS = {
    "a sentence": "Je mange une pomme rouge.",
    "accents, composed": unicodedata.normalize("NFC", ACCENTS),
    "accents, decomposed": unicodedata.normalize("NFD", ACCENTS),
    "emoji": "J'aime 🍎🍎 et 👩‍👩‍👧‍👦, 🇫🇷 ❤️!",
    "Korean": "파란 티셔츠를 입은 소년",
    "Korean, decomposed": unicodedata.normalize("NFD", "파란 소년"),
    "no-break space": "Bonjour\u00a0! Ça va\u202f?",
    "thin spaces": "12\u2009000\u2006pommes\u200aet\u2003plus",
    "ideographic space": "une\u3000pomme",
    "invisible": "une\u200b pom\u00admes \ufeffrouges\u2060",
    "empty": "",
    "only spaces": "  \u00a0\t \u3000 ",
    "many spaces": "   une    pomme  ",
    "control characters": "une\x00 po\x07mme\x1b\x7f rouge\x85",
    "newlines": "une\npomme\r\nrouge\u2028et\u2029verte",
    "unknown scripts": "ありがとう спасибо ⴰⵣⵓⵍ ᚠᚢᚦ 𐍈 ﷺ",
    "what NFKC changes": "ﬁn № ½ Ａｂｃ ① ㎏ x² …",
    "marks of the vocabulary": "<s> </s> <unk> <pad> ▁une▁pomme ⁇",
    "right to left": "\u202eemmop enu\u202c שלום",
    "10,000 characters": ("une pomme, deux poires ; " * 400)[:10_000],
    "one long word": "anticonstitutionnellement" * 40,
}
