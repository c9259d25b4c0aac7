"""Patterns of daily life: the clock, dates, the weather, feelings and small talk."""

from .actions import sometimes
from .french import agree, contract
from .grammar import NAMES, Sentence, clause, noun_phrase, sentence, somebody
from .lexicon import CITIES, COUNTRIES, NOUNS
from .numbers import DAYS, MONTH_LENGTHS, clock, date
from .verbs import AVOIR, ETRE, IL, MOVEMENT, OTHERS, REFLEXIVE

SMALL_TALK = """
bonjour ! | hello!
bonsoir ! | good evening!
bonne nuit ! | good night!
au revoir ! | goodbye!
à bientôt ! | see you soon!
à demain ! | see you tomorrow!
merci beaucoup ! | thank you very much!
de rien. | you are welcome.
excusez-moi. | excuse me.
je suis désolé. | I am sorry.
comment allez-vous ? | how are you?
je vais bien, merci. | I am well, thank you.
quelle heure est-il ? | what time is it?
quel âge avez-vous ? | how old are you?
comment vous appelez-vous ? | what is your name?
je ne comprends pas. | I do not understand.
je ne sais pas. | I do not know.
parlez-vous anglais ? | do you speak English?
pouvez-vous m'aider ? | can you help me?
pouvez-vous répéter, s'il vous plaît ? | can you repeat that, please?
joyeux anniversaire ! | happy birthday!
bon appétit ! | enjoy your meal!
bon voyage ! | have a good trip!
bonne chance ! | good luck!
félicitations ! | congratulations!
bien sûr ! | of course!
à votre santé ! | cheers!
c'est trop tard. | it is too late.
ce n'est pas grave. | it does not matter.
vous avez raison. | you are right.
l'addition, s'il vous plaît. | the bill, please.
qui est là ? | who is there?
qu'est-ce que c'est ? | what is it?
attendez un moment, s'il vous plaît. | wait a moment, please.
"""
_WEATHER = (
    ("il pleut", "it is raining"),
    ("il neige", "it is snowing"),
    ("il fait froid", "it is cold"),
    ("il fait chaud", "it is hot"),
    ("il fait beau", "the weather is nice"),
    ("il ne pleut pas", "it is not raining"),
    ("il ne neige pas", "it is not snowing"),
    ("il ne fait pas froid", "it is not cold"),
)
_FEELINGS = (
    ("faim", "hungry"),
    ("soif", "thirsty"),
    ("froid", "cold"),
    ("chaud", "hot"),
    ("peur", "afraid"),
    ("sommeil", "sleepy"),
)
_ROUTINES = (
    (REFLEXIVE["lever"], range(5, 10)),
    (REFLEXIVE["coucher"], range(8, 12)),
    (OTHERS["déjeuner"], (12, 1)),
    (OTHERS["dîner"], range(6, 10)),
)


def small_talk(rng):
    """A set phrase; it belongs to the training split alone."""
    left, right = rng.choice(SMALL_TALK.strip().split("\n")).split(" | ")
    return Sentence(left[0].upper() + left[1:], right[0].upper() + right[1:], ())


def _time(rng, hours=range(13)):
    hour, minute = rng.choice(hours), rng.choice(range(0, 60, 5))
    hour = 1 if hour == 0 and minute else hour
    left, right = clock(hour, minute)
    return left, right, f"{hour}:{minute}"


def time(rng):
    """Il est huit heures et quart. Il est dix heures du soir à Paris."""
    left, right, key = _time(rng)
    city = rng.choice(CITIES)
    there = (city.french_at, f"in {city.english}") if rng.random() < 0.6 else ("", "")
    return sentence(("il est", left, there[0]), ("it is", right, there[1]), (key,))


def departure(rng):
    """Le train pour Lyon part à huit heures et demie. Le musée ouvre à dix heures."""
    left, right, key = _time(rng)
    draw = rng.random()
    if draw < 0.4:
        means, city = rng.choice((("train", "train"), ("bus", "bus"), ("avion", "plane"))), rng.choice(CITIES)
        verb = rng.choice((("pour", "for", "part", "leaves"), ("de", "from", "arrive", "arrives")))
        return sentence(
            ("le", means[0], verb[0], city.french_at[2:], verb[2], "à", left),
            ("the", means[1], verb[1], city.english, verb[3], "at", right),
            (key,),
        )
    if draw < 0.65:
        noun = NOUNS[rng.choice(["musée", "château", "restaurant", "film", "examen", "leçon"])]
        verb = rng.choice((("ouvre", "opens"), ("ferme", "closes")))
        if noun.french in ("film", "examen", "leçon"):
            verb = ("commence", "starts")
        phrase = noun_phrase(noun, "le")
        return sentence((phrase.french, verb[0], "à", left), (phrase.english, verb[1], "at", right), (key,))
    subject, (verb, hours) = somebody(rng), rng.choice(_ROUTINES)
    left, right, key = _time(rng, hours)
    french, english = clause(subject, verb, "present")
    return sentence((french, "à", left), (english, "at", right), (key,))


def routine(rng):
    """Marie va se lever à sept heures demain. Nous allons arriver à midi."""
    subject, day = somebody(rng), sometimes(rng, DAYS)
    verb, hours = rng.choice((*_ROUTINES, (MOVEMENT["partir"], range(13)), (MOVEMENT["arriver"], range(13))))
    left, right, key = _time(rng, hours)
    french, english = clause(subject, verb, "future")
    when = (f"{day[0]} à {left}", f"at {right} on {day[1]}") if day[0] else (f"à {left}", f"at {right}")
    return sentence((french, when[0]), (english, when[1]), (key,))


def calendar(rng):
    """Nous sommes le premier juin. Marie est née le trois mai. Le concert est le lundi cinq mars."""
    month = rng.randint(1, 12)
    day = rng.randint(1, MONTH_LENGTHS[month - 1])
    left, right = date(day, month)
    key, form, subject = (
        f"{day}/{month}",
        rng.choice(("born", "birthday", "event", "event", "today")),
        somebody(rng, True),
    )
    if form == "born":
        been = ETRE.present[subject.person]
        was = "was" if subject.person == IL else "were"
        return sentence(
            (subject.french, been, agree("né", *subject.agreement), left),
            (subject.english, was, "born on", right),
            (key,),
        )
    if form == "birthday":
        whose = rng.choice(NAMES)
        return sentence(
            ("l'anniversaire", contract("de", whose.french), "est", left),
            (f"{whose.english}'s birthday is on", right),
            (key,),
        )
    if form == "today":
        return sentence(("nous sommes", left), ("today is", right), (key,))
    week = rng.choice(DAYS)
    what = rng.choice(
        (
            ("le concert", "the concert"),
            ("l'examen", "the exam"),
            ("la fête", "the party"),
            ("mon rendez-vous", "my appointment"),
            ("le mariage", "the wedding"),
        )
    )
    return sentence((what[0], "est le", week[0], left.removeprefix("le ")), (what[1], "is on", week[1], right), (key,))


def weather(rng):
    """Il pleut à Londres. Il fait beau aujourd'hui."""
    left, right = rng.choice(_WEATHER)
    spot = rng.choice(CITIES + COUNTRIES)
    day = sometimes(rng, (("aujourd'hui", "today"), ("ce matin", "this morning"), ("ce soir", "this evening")), 0.6)
    return sentence((left, spot.french_at, day[0]), (right, "in", spot.english, day[1]), (f"{left}+{spot.english}",))


def feeling(rng):
    """Paul a très faim. Je n'ai pas froid."""
    subject, word = somebody(rng), rng.choice(_FEELINGS)
    negation = "pas" if rng.random() < 0.35 else ""
    degree = sometimes(rng, (("très", "very"),), 0.0 if negation else 0.4)
    left, _ = clause(subject, AVOIR, "present", negation)
    _, right = clause(subject, ETRE, "present", negation)
    return sentence((left, degree[0], word[0]), (right, degree[1], word[1]), (f"{subject.french}+{word[0]}",))
