"""Numbers from 0 to 999, the clock and the calendar, in words in both languages."""

_FRENCH = [
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
    "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
]  # fmt: skip
_FRENCH_TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante"}
_ENGLISH = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_ENGLISH_TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
             "nine": "ninth", "twelve": "twelfth", "twenty": "twentieth", "thirty": "thirtieth"}  # fmt: skip
MONTHS = (("janvier", "January"), ("février", "February"), ("mars", "March"), ("avril", "April"),
          ("mai", "May"), ("juin", "June"), ("juillet", "July"), ("août", "August"),
          ("septembre", "September"), ("octobre", "October"), ("novembre", "November"),
          ("décembre", "December"))  # fmt: skip
DAYS = (("lundi", "Monday"), ("mardi", "Tuesday"), ("mercredi", "Wednesday"), ("jeudi", "Thursday"),
        ("vendredi", "Friday"), ("samedi", "Saturday"), ("dimanche", "Sunday"))  # fmt: skip
MONTH_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MINUTES = {5: ("cinq", "five"), 10: ("dix", "ten"), 20: ("vingt", "twenty"),
            25: ("vingt-cinq", "twenty-five")}  # fmt: skip


def french_number(number, feminine=False):
    """Spell a number below 1000 in the traditional way: deux cent quarante-sept, quatre-vingts."""
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        head = "cent" if hundreds == 1 else f"{_FRENCH[hundreds]} cent" + ("" if rest else "s")
        return f"{head} {french_number(rest, feminine)}" if rest else head
    if number < 20:
        return "une" if number == 1 and feminine else _FRENCH[number]
    if number >= 80:
        rest = number - 80
        return f"quatre-vingt-{french_number(rest, feminine)}" if rest else "quatre-vingts"
    tens = min(number // 10, 6)
    rest = number - 10 * tens
    if rest in (1, 11):
        return f"{_FRENCH_TENS[tens]} et {french_number(rest, feminine)}"
    return f"{_FRENCH_TENS[tens]}-{_FRENCH[rest]}" if rest else _FRENCH_TENS[tens]


def english_number(number):
    """Spell a number below 1000 in the British way: two hundred and forty-seven."""
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        return f"{_ENGLISH[hundreds]} hundred" + (f" and {english_number(rest)}" if rest else "")
    if number < 20:
        return _ENGLISH[number]
    tens, rest = divmod(number, 10)
    return _ENGLISH_TENS[tens] + (f"-{_ENGLISH[rest]}" if rest else "")


def english_ordinal(number):
    """Spell an ordinal below 100: first, twenty-second, thirtieth."""
    head, hyphen, last = english_number(number).rpartition("-")
    return head + hyphen + _ORDINALS.get(last, last + "th")


def date(day, month):
    """Return a date, "le premier juin" and "the first of June"; months count from 1."""
    french, english = MONTHS[month - 1]
    spelled = "premier" if day == 1 else french_number(day)
    return f"le {spelled} {french}", f"the {english_ordinal(day)} of {english}"


def clock(hour, minute):
    """Return a time on the twelve-hour clock; hour 0 is midnight, 12 noon; minutes in steps of five."""
    named = 1 if hour == 12 and minute > 30 else hour + (minute > 30)
    english = english_number(named)
    french = "midi" if named == 12 else f"{french_number(named, feminine=True)} heure" + "s" * (named > 1)
    if minute == 0:
        return {0: ("minuit", "midnight"), 12: ("midi", "noon")}.get(hour, (french, f"{english} o'clock"))
    if minute == 30:
        return f"{french} et demi" + "e" * (named != 12), f"half past {english}"
    if minute == 15:
        return f"{french} et quart", f"quarter past {english}"
    if minute == 45:
        return f"{french} moins le quart", f"quarter to {english}"
    spelled = _MINUTES[min(minute, 60 - minute)]
    if minute < 30:
        return f"{french} {spelled[0]}", f"{spelled[1]} past {english}"
    return f"{french} moins {spelled[0]}", f"{spelled[1]} to {english}"
