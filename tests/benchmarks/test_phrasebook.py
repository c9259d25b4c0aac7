"""The built-in corpus: its counts, its held-out combinations, and its grammar in both languages."""

import lzma
import re
from collections import Counter

import pytest

from benchmarks import phrasebook
from benchmarks.phrasebook import english, french, grammar, numbers, verbs
from benchmarks.phrasebook.__main__ import PATH, packed
from benchmarks.phrasebook.lexicon import ADJECTIVES, NOUNS
from kerasformer.data.corpus import load_corpus
from kerasformer.errors import InputError


@pytest.fixture(scope="module")
def corpus():
    return phrasebook.generate(seed=0)


@pytest.fixture(scope="module")
def pairs(corpus):
    return [pair for split in corpus.values() for pair in split]


def test_counts(corpus):
    assert {name: len(split) for name, split in corpus.items()} == {
        "train": 28500,
        "validation": 500,
        "test": 1000,
    }
    assert len(phrasebook.generate(size=12000)["train"]) == 10500
    with pytest.raises(InputError, match="size"):
        phrasebook.generate(size=100)


def test_the_package_ships_what_the_grammar_makes(corpus):
    assert lzma.decompress(PATH.read_bytes()) == lzma.decompress(packed(corpus))  # compressed alike or not
    shipped = load_corpus(["phrasebook"])
    assert shipped.tests["test"] == corpus["test"]
    assert shipped.validation == corpus["validation"]


def test_every_sentence_occurs_once_on_either_side(pairs):
    assert len({left for left, _ in pairs}) == len({right for _, right in pairs}) == len(pairs)


def test_the_grammar_is_unambiguous_before_any_filter():
    forth, back = {}, {}
    for made, _ in zip(phrasebook.sentences(3), range(30000), strict=False):
        assert forth.setdefault(made.french, made.english) == made.english
        assert back.setdefault(made.english, made.french) == made.french


def test_a_seed_decides_everything(corpus):
    assert phrasebook.generate(seed=0) == corpus
    other = phrasebook.generate(seed=1)
    assert other["test"] != corpus["test"]
    assert len(set(other["train"]) & set(corpus["train"])) < 15000


def test_reserved_combinations_never_occur_in_training(corpus):
    keys = {made.french: made.keys for made, _ in zip(phrasebook.sentences(0), range(60000), strict=False)}
    used = {name: {k for left, _ in split for k in keys[left]} for name, split in corpus.items()}
    for name in ("test", "validation"):
        for left, _ in corpus[name]:
            assert any(key not in used["train"] for key in keys[left]), left
    assert phrasebook.split_of(0, ()) == "train"


def test_a_reserved_noun_and_adjective_are_literally_apart(corpus):
    reserved = 0
    texts = [f" {left} " for left, _ in corpus["train"]]
    joined = "\n".join(texts).lower()
    for noun in NOUNS.values():
        for adjective in ADJECTIVES.values():
            key = f"{noun.french}+{adjective.masculine}"
            if adjective.before or not adjective.tags & noun.tags or phrasebook.split_of(0, (key,)) != "test":
                continue
            reserved += 1
            assert f" {noun.french} {adjective.agree(noun.gender, False)} " not in joined
    assert reserved > 10


def test_every_held_out_word_was_seen_in_training(corpus):
    seen = Counter(word for pair in corpus["train"] for text in pair for word in phrasebook.words(text))
    for name in ("validation", "test"):
        assert all(seen[word] >= 10 for pair in corpus[name] for text in pair for word in phrasebook.words(text))


def test_lengths(pairs):
    lengths = [len(phrasebook.words(left)) for left, _ in pairs]
    assert max(lengths) <= 16
    assert 6 < sum(lengths) / len(lengths) < 8


@pytest.mark.parametrize(
    ("number", "left", "right"),
    [
        (0, "zéro", "zero"),
        (21, "vingt et un", "twenty-one"),
        (61, "soixante et un", "sixty-one"),
        (70, "soixante-dix", "seventy"),
        (71, "soixante et onze", "seventy-one"),
        (80, "quatre-vingts", "eighty"),
        (81, "quatre-vingt-un", "eighty-one"),
        (91, "quatre-vingt-onze", "ninety-one"),
        (99, "quatre-vingt-dix-neuf", "ninety-nine"),
        (100, "cent", "one hundred"),
        (101, "cent un", "one hundred and one"),
        (200, "deux cents", "two hundred"),
        (201, "deux cent un", "two hundred and one"),
        (247, "deux cent quarante-sept", "two hundred and forty-seven"),
        (280, "deux cent quatre-vingts", "two hundred and eighty"),
        (999, "neuf cent quatre-vingt-dix-neuf", "nine hundred and ninety-nine"),
    ],
)
def test_awkward_numbers(number, left, right):
    assert numbers.french_number(number) == left
    assert numbers.english_number(number) == right


def test_numbers_are_distinct_and_agree():
    for spell in (numbers.french_number, numbers.english_number):
        assert len({spell(number) for number in range(1000)}) == 1000
    assert numbers.french_number(21, feminine=True) == "vingt et une"
    assert numbers.french_number(81, feminine=True) == "quatre-vingt-une"
    assert numbers.french_number(301, feminine=True) == "trois cent une"


def test_clock_and_calendar():
    assert numbers.clock(8, 15) == ("huit heures et quart", "quarter past eight")
    assert numbers.clock(1, 30) == ("une heure et demie", "half past one")
    assert numbers.clock(12, 30) == ("midi et demi", "half past twelve")
    assert numbers.clock(0, 0) == ("minuit", "midnight")
    assert numbers.clock(9, 45) == ("dix heures moins le quart", "quarter to ten")
    assert numbers.clock(12, 55) == ("une heure moins cinq", "five to one")
    assert numbers.clock(11, 35) == ("midi moins vingt-cinq", "twenty-five to twelve")
    assert numbers.date(1, 6) == ("le premier juin", "the first of June")
    assert numbers.date(22, 8) == ("le vingt-deux août", "the twenty-second of August")


def _phrase(noun, kind, *adjectives, **features):
    made = grammar.noun_phrase(NOUNS[noun], kind, tuple(ADJECTIVES[a] for a in adjectives), **features)
    return made.french, made.english


def test_noun_phrases_agree_and_elide():
    assert _phrase("arbre", "un", "beau") == ("un bel arbre", "a beautiful tree")
    assert _phrase("homme", "ce", "vieux") == ("ce vieil homme", "this old man")
    assert _phrase("oiseau", "ce") == ("cet oiseau", "this bird")
    assert _phrase("fleur", "un", "beau", plural=True) == ("de belles fleurs", "some beautiful flowers")
    assert _phrase("robe", "un", "petit", "rouge") == ("une petite robe rouge", "a small red dress")
    assert _phrase("eau", "du", "froid") == ("de l'eau froide", "some cold water")
    assert _phrase("écharpe", "mon", owner=grammar.ME) == ("mon écharpe", "my scarf")
    assert _phrase("écharpe", "mon", "nouveau", owner=grammar.ME) == ("ma nouvelle écharpe", "my new scarf")
    assert _phrase("orange", "un") == ("une orange", "an orange")
    assert _phrase("livre", "un", "utile") == ("un livre utile", "a useful book")
    assert _phrase("cheval", "le", plural=True) == ("les chevaux", "the horses")
    assert _phrase("chaussure", "un", "marron", plural=True)[0] == "des chaussures marron"
    assert _phrase("chat", "de", some="any") == ("de chat", "a cat")


def test_possession_follows_the_owner():
    marie, paul = (next(name for name in grammar.NAMES if name.french == who) for who in ("Marie", "Paul"))
    assert _phrase("frère", "mon", owner=marie) == ("son frère", "her brother")
    assert _phrase("sœur", "mon", owner=paul) == ("sa sœur", "his sister")


def test_contraction_and_elision():
    assert french.contract("à", "le marché") == "au marché"
    assert french.contract("de", "les chats") == "des chats"
    assert french.contract("à côté de", "le lit") == "à côté du lit"
    assert french.contract("de", "l'hôtel") == "de l'hôtel"
    assert french.contract("de", "Alice") == "d'Alice"
    assert french.elide("je ne le ai pas parce que elle est là") == "je ne l'ai pas parce qu'elle est là"
    assert french.elide("le onze mai et le huit juin, puis-je avoir") == ("le onze mai et le huit juin, puis-je avoir")


def test_verb_groups():
    make, eat, go = french.verb_group, verbs.TRANSITIVE["manger"], verbs.MOVEMENT["aller"]
    assert make(eat, verbs.NOUS, "present", "jamais") == "ne mangeons jamais"
    assert make(eat, verbs.IL, "past", "pas", "la", agreement=("f", False)) == "ne la a pas mangée"
    assert make(eat, verbs.JE, "future", "pas", "le") == "ne vais pas le manger"
    assert make(go, verbs.ILS, "past", agreement=("f", True)) == "sont allées"
    assert make(verbs.OTHERS["prendre"], verbs.IL, "past", agreement=("m", True)) == "a pris"
    assert make(verbs.REFLEXIVE["lever"], verbs.JE, "future") == "vais me lever"
    assert english.clause("she", eat, verbs.IL, "present", "plus") == "she no longer eats"
    assert english.clause("she", eat, verbs.IL, "past", "pas") == "she did not eat"
    assert english.clause("you", eat, verbs.VOUS, "past", question=True) == "did you eat"
    assert english.clause("I", verbs.TRANSITIVE["chercher"], verbs.JE, "now") == "I am looking for"
    assert english.clause("he", eat, verbs.IL, "can", "pas") == "he cannot eat"


_VOWEL = "[aeiouéèêâîôûœ]"
FRENCH_MISTAKES = (
    r"\b(de|à) les?\b",
    rf"(?<![-'])\b([jJ]e|[nN]e|[lL]e|[lL]a|[dD]e|[qQ]ue) (?!onze|huit){_VOWEL}",
    r"\b[Ss]i ils?\b",
    rf"\b[mst]a {_VOWEL}",
    rf"\bce {_VOWEL}",
    rf"\b(un|le|ce|mon|son|notre) (beau|nouveau|vieux) {_VOWEL}",
    r"\bpas (un|une|des|du)\b",
    r"\bdes (petit|grand|beau|bel|bon|joli|vieil|vieux|nouve)",
    r"  |[^ ][?!]| [.,]|' ",
    r"^[a-zéèà]|[^.?!]$",
)
ENGLISH_MISTAKES = (
    r"(past|to) thirteen|zero",
    r"\b[Aa] [aeio]",
    r"\b[Aa]n [^aeiouAEIOU]",
    r"  | [?!.,]|n't\b|\bi\b",
    r"^[a-z]|[^.?!]$",
    r"(?<!Does )(?<!did )(?<!must )(?<!does )\b(he|she|it) (are|have|do)\b",
    r"\b(we|they|you) (is|has|does)\b",
    r"\bsome (a|the)\b",
)


@pytest.mark.parametrize("mistake", FRENCH_MISTAKES)
def test_no_french_mistake(pairs, mistake):
    assert [left for left, _ in pairs if re.search(mistake, left)] == []


@pytest.mark.parametrize("mistake", ENGLISH_MISTAKES)
def test_no_english_mistake(pairs, mistake):
    assert [right for _, right in pairs if re.search(mistake, right)] == []
