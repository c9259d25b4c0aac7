"""What a translation must not change: a small set of patterns, by name. Standard library only."""

import functools
import re

VERSION = 3  # of what the patterns match; increase it when they change

_SPACE = r"[ \u00a0\u202f]?"
_CODES = "EUR|USD|GBP|CHF|JPY|KRW|CAD|AUD|CNY|INR|SEK|NOK|DKK|PLN|CZK|BRL|MXN"
SIGNS = r"$\u00a3\u00a5\u20a0-\u20bf"  # of currencies; to stand within brackets
CURRENCIES = rf"(?:(?:\b(?:US|CA|AU|NZ|HK|[CAR]))?\$|[{SIGNS}]|\b(?:{_CODES})(?=[ \u00a0]?\d))"
_MEASURE = (  # a decade, "the 1990s", is not in seconds
    r"(?:[kcdm\u00b5\u03bcn]?m[\u00b2\u00b3]?|[km\u00b5\u03bc]?g|t|ha|[hdcm\u00b5\u03bc]?[lL]|h|min|mn|sec|"
    r"[m\u00b5\u03bcn]s|(?<!0)s|[kMGT]?Wh?|[km]?[VA]h?|[kMG]?Hz|[kKMGT]i?[Bbo](?:ps|its?)?|[hkM]?Pa|mbar|k?cal|[kM]J|dB|"
    r"px|ft|yd|lbs?|oz|mph|rpm|tr/min|ppm|dpi|fps)(?![\w'\u2019]|-[^\W\d])"  # not "3 l'autre", "2 t-shirts"
)
UNITS = (
    rf"%(?!%)|\u2030|\u00b0[CF]?|(?:k|M|Md|Mrd)?[{SIGNS}](?:/{_MEASURE})?|(?:{_CODES})(?!\w)|"
    rf"{_MEASURE}(?:/(?:100{_SPACE})?{_MEASURE})?"
)
_PHONE = r"\+\d{1,3}(?:[ .-]\d{1,4}){2,}|\d{2,3}(?:[ .-]\d{2,4}){3,}"
_DATE = r"\d{1,4}(?P<dash>[/.-])\d{1,2}(?P=dash)\d{2,4}"
_FRACTION = r"[\u00bc-\u00be\u2150-\u215e]"
_POWER = r"[\u207a\u207b]?[\u00b2\u00b3\u00b9\u2070\u2074-\u2079]+"
_NUMBER = (  # "1 234,5", "1\u00bd", "10\u207b\u2076"
    r"(?:(?:\d{1,3}(?:[ \u00a0\u202f.,'\u2019]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
    rf"(?:{_SPACE}{_FRACTION}|{_POWER})?|{_FRACTION})"
)
_SIGN = rf"(?:[+-](?=[\d{SIGNS}])|\u2212)?"
_CLOCK = (  # "15 h 30", "2 h 5 min 10 s", "24h/24"
    rf"\d{{1,3}}{_SPACE}(?:[hH](?:{_SPACE}\d{{1,2}}(?:{_SPACE}(?:min|mn)(?:{_SPACE}\d{{1,2}}{_SPACE}s)?)?)?|"
    rf"(?:min|mn){_SPACE}\d{{1,2}}{_SPACE}s)(?:/\d{{1,2}})?(?![\w'\u2019/]|-[^\W\d])"
)
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015"
BULLET = rf"[{DASHES}*+#=~_|•·▪◦‣●○■□►▶→]+[ \t\u00a0\u202f]+"  # and the dash of a dialogue, at the beginning of a line
_FLAT = r"\{[^{}\n]*\}"
_NESTED = rf"\{{(?:[^{{}}\n]|{_FLAT})*\}}"
_DEEP = r"\{[^{}]*\}"
for _ in range(5):  # a message of ICU holds others
    _DEEP = rf"\{{[^{{}}]*(?:{_DEEP}[^{{}}]*)*\}}"
_LETTERS = (  # of scripts that separate words: of Europe, the Caucasus and the Middle East, then those of India
    r"A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u052f\u0531-\u0556\u0561-\u0587\u1e00-\u1fff\u10a0-\u10fa\u10fc-\u10ff"
    r"\u05d0-\u05f2\u0620-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f\u0904-\u0963\u0971-\u0dff"
)
_PICTURE = (
    r"[\U0001f000-\U0001faff\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f"
    r"\u2b00-\u2bff][\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\u20e3\U000e0020-\U000e007f]*"
)
_ADDRESS = r"\]\((?:[^)\s\]]|\](?!\())+\)"  # of a link, after its text
_LONGEST_LINK = 1000  # characters

# What is protected, by name; where several match in the same place, the first one applies.
PATTERNS = {
    "code": r"(?<!`)(?P<fence>`+)(?!`)[^\n]+?(?<!`)(?P=fence)(?!`)",
    "url": r"(?:(?:https?|ftp|file)://|mailto:|www\.)[^\s<>\"\u00ab\u00bb\u201c\u201d]*[\w/&=#]"
    r"|(?<![\w@.-])(?:[a-z\d-]+\.)+(?:com|org|net|edu|gov|info|io|eu|fr|de|uk|us|ca|ch|be|kr)(?:/[^\s<>\"]*[\w/&=#])?"
    r"(?![\w@-]|\.\w)",
    "email": r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "placeholder": rf"\{{\s*[\w.]+\s*,\s*(?:plural|select|selectordinal)\s*,[^{{}}]*(?:{_DEEP}[^{{}}]*)+\}}"
    rf"|[$#@%]?{_NESTED}|\$t\([^()\n]*\)|%%|%\([\w.]+\)[-#0+ ]*(?:(?!0)\d+)?(?:\.\d+)?[a-zA-Z]"
    r"|(?<![\w%])%(?:\d+\$)?[-#0+]*(?:(?!0)\d+|\*)?(?:\.(?:\d+|\*))?(?:hh?|ll?|[zjtL])?[diouxXeEfFgGcs@](?!\w)"
    r"|(?<![\w%])%L?[1-9]\d?(?![\w%]|[.,]\d)",
    "tag": r"<!--(?:[^<\n-]|<(?!!--)|-(?!->))*-->"
    r"|</?[A-Za-z][\w:-]*(?:\s[^<>\n]*)?/?>|&(?:\#\d+|\#x[\da-fA-F]+|[A-Za-z][A-Za-z\d]{1,30});",
    "markdown": rf"!?\[(?=[^\]\n]{{1,{_LONGEST_LINK}}}{_ADDRESS})|{_ADDRESS}"
    r"|^[ \t]*\#{1,6}(?=[ ])|\*\*|__|~~"
    r"|(?<![\w*])[*_](?=[^\s*_][^*_\n]*[*_])|(?<=[^\s*_])[*_](?![\w*])",
    "emoji": rf"(?:[\U0001f1e6-\U0001f1ff]{{2}}|[\d\#*]\ufe0f?\u20e3|{_PICTURE}(?:\u200d{_PICTURE})*)+",
    "time": r"(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?(?![\w:])"
    rf"|(?<![\w.])(?<!\w[.,'\u2019/:+-]){_CLOCK}(?:{_SPACE}[-\u2013]{_SPACE}{_CLOCK})?",
    "number": rf"(?<![\w.])(?<!\w[.,'\u2019/:+-])(?:{_PHONE}|{_SIGN}(?:(?P<money>{CURRENCIES})[ \u00a0]?)?"
    rf"(?:{_DATE}|{_NUMBER}(?:[-\u2013/]{_NUMBER})?)(?(money)(?:[kKMB]|bn)?)(?:[ \u00a0\u202f]?(?:{UNITS}))?)(?!\w)",
}

# A quick test: a text that it does not match has nothing to protect.
POSSIBLE = re.compile(r"[\d<&%{*_`~@$/\[\#\u00bc-\u00be]|\w\.\w|[\u203c-\u2bff\U0001f000-\U0001faff]")


@functools.lru_cache(64)
def pattern(names, terms=(), characters="", joined=""):
    """One pattern of several kinds; the name of the group that matched is the kind.

    Args:
        names: tuple of names in `PATTERNS`.
        terms: tuple of patterns of the kind "term", which come first.
        characters: str; a word with one of them is of the kind "unknown", which comes last.
        joined: str, accents, vowel signs and joiners, which are part of such a word.
    """
    kinds = {"term": "|".join(terms)} if terms else {}
    kinds |= {name: text for name, text in PATTERNS.items() if name in names}
    if characters:
        one, joined = f"[{re.escape(characters)}]", re.escape(joined)
        letter = f"[{_LETTERS}{joined}]"
        word = rf"(?<!{letter}){letter}*(?=[{_LETTERS}]){one}{letter}*"
        kinds["unknown"] = rf"{word}|{one}[{re.escape(characters)}{joined}]*"
    return re.compile("|".join(f"(?P<{kind}>{text})" for kind, text in kinds.items()), re.MULTILINE)
