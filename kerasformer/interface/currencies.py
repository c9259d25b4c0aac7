"""Currency signs that a translation may have: those of the currencies that its source names. Standard library only.

A model may write "$3.5 million" for "3,5 millions d'euros". Only sources in Latin letters are judged, whose languages
have nearly the same names for currencies.
"""

import re

from kerasformer.interface.patterns import SIGNS

# What names a currency; where a source names several, the first one is taken. "livres" may be books, so it is last.
_NAMES = {
    "\u20ac": r"eur(?:[o\u00f3](?!p)\w{0,3}|a)?\b|e[vw]ro|eiro|avro",
    "$": r"d[o\u00f3\u00f2]l+[a\u00e1\u0101\u00e4]r|doolar|dola\b|\u0111\u00f4 la|usd\b|cad\b|aud\b|mxn\b|brl\b|"
    r"pesos?\b|reais\b|bucks?\b|piastre|\d[ \u00a0]?cents?\b|centavo",
    "\u00a5": r"yens?\b|ienes?\b|jeny\b|jpy\b|yuans?\b|renminbi|rmb\b|cny\b",
    "\u20bd": r"roubl|rubl|rubel|rub\b",
    "\u20b9": r"roupie|rupee|rupi|inr\b",
    "\u20a9": r"wons\b|\d[ \u00a0]?won\b|(?:thousand|[mb]illion) won\b|krw\b",
    "\u00a3": r"sterl|pounds?\b|quid\b|pfund|pund\b|funt|libras?\b|livres?\b|gbp\b",
}
_NAMED = {sign: re.compile(rf"\b(?:{names})|{re.escape(sign)}", re.IGNORECASE) for sign, names in _NAMES.items()}
_SIGN = re.compile(rf"(?:\b(?:US|CA|AU|NZ|HK|[CAR]))?([{SIGNS}])")
_OTHER_LETTERS = re.compile(r"[^\W\d_A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]")


def with_right_signs(source, translation):
    """Correct the signs of currencies that a source does not have, neither as a sign nor as a word.

    Args:
        source: str.
        translation: str.

    Returns:
        The translation, in which a wrong sign is replaced by that of the currency named, or removed if there is none;
        and whether it had a wrong one.
    """
    signs = set(_SIGN.findall(translation)).difference(source)
    if not signs or _OTHER_LETTERS.search(source):
        return translation, False
    named = [sign for sign, pattern in _NAMED.items() if pattern.search(source)]
    if signs <= set(named):
        return translation, False
    corrected = _SIGN.sub(
        lambda match: match[0] if match[1] in source or match[1] in named else named[0] if named else " ", translation
    )
    return (corrected if named else re.sub(r" +(?=[ .,;:!?)]|$)|^ +", "", corrected)), True
