"""The cleaning of text: what it changes, that it changes nothing twice, and that graphs clean as Python does."""

import random
import sys
import unicodedata

import pytest

from kerasformer.errors import InputError
from kerasformer.interface.cleaning import CLEANINGS, LATEST, VISIBLE, WRITTEN, clean
from kerasformer.interface.rules import TextRules
from tests.odd_texts import TEXTS

STEPS = {
    "visible": VISIBLE,
    "written": WRITTEN,
    **{name: CLEANINGS[name].source for name in CLEANINGS},
}
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"  # an emoji of three, joined
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
SINHALA = "\u0dc1\u0dca\u200d\u0dbb\u0dd3"
ODD = (
    "ab .?!:;,'\"´`′″‴⁗’‘“”„«»‹›-‐–—―−…œŒÆæ\u00a0\u202f\u2009\u3000\u2028\u0085\t\n\r\x00\x07\x1c\x7f\u00ad\u200b\u2060"
    "\ufeff\u200c\u200d\u180e\u202e\u061c\u0600é\u0301\u0323ﬁ№½Ａ｡．㎏ﷺ\ufdfa\u0645\u0dc1\u0dca\u1112\u1161\u11ab가漢"
    "\U0001f469\U0001f3f4\U000e0067\U000e007f\U0001f100\ufe0fŉ﹘‼\U000e0001\u2581\ufffd"
)


@pytest.mark.parametrize("steps", [WRITTEN, *(CLEANINGS[name].source for name in CLEANINGS)])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("as it is", "as it is"),
        ("  two\u00a0 \t spaces\n", "two spaces"),
        ("e\u0301te\u0301", "été"),
        ("ﬁn…", "fin..."),
        ("ma\u00adla\u2060de in\u200bvi\ufeffsi\x00ble\x07", "malade invisible"),
        ("a \u200b b", "a b"),
        ("a\u2028b\x85c\fd", "a b c d"),
        ("e\u200d\u0301", "é"),
        ("Auf\u200clage", "Auflage"),
        ("\u200b", ""),
        ("half\ud83d", "half"),
        ("漢字 🙂", "漢字 🙂"),
    ],
)
def test_every_cleaning_removes_what_is_not_seen(text, expected, steps):
    assert clean(text, steps) == expected


@pytest.mark.parametrize("text", [FAMILY, ENGLAND, PERSIAN, SINHALA, f"{PERSIAN} {FAMILY}"])
def test_joiners_stay_where_they_spell(text):
    for name in ("visible", "written", LATEST):
        assert clean(text, STEPS[name]) == text
    assert clean(text, CLEANINGS["nfkc"].source) == text.translate(
        dict.fromkeys([0x200C, 0x200D, *range(0xE0020, 0xE0080)])
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Où est l’hôtel\u202f?", "Où est l'hôtel?"),
        ("l´hôtel", "l'hôtel"),
        ("«\u00a0Bonjour\u202f!\u00a0»", '"Bonjour!"'),
        ("Il dit « oui ».", 'Il dit "oui".'),
        ("Er sagte »Hallo« und „ja“.", 'Er sagte "Hallo" und "ja".'),
        ("“No” – he said…", '"No" - he said...'),
        ("never—or now", "never - or now"),
        ("Ma sœur, un bœuf et un œuf", "Ma soeur, un boeuf et un oeuf"),
        ("Œuvre, ŒUVRE", "Oeuvre, OEUVRE"),
    ],
)
def test_sources_have_one_typography(text, expected):
    assert clean(text, CLEANINGS[LATEST].source) == expected
    assert clean(text, CLEANINGS[LATEST].target) == unicodedata.normalize("NFKC", text)


def test_the_first_cleaning_removes_all_that_unicode_calls_controls_and_formats():
    unseen = [c for c in map(chr, range(sys.maxunicode)) if unicodedata.category(c) in ("Cc", "Cf", "Cs")]
    assert len(unseen) > 2000
    assert not [c for c in unseen if clean(c, CLEANINGS["nfkc"].source)]


@pytest.mark.parametrize("name", STEPS)
def test_cleaning_twice_is_cleaning_once_and_graphs_do_the_same(name):
    tf = pytest.importorskip("tensorflow")
    from kerasformer.exporting.graphs.signatures import clean as clean_in_graph

    rng = random.Random(0)
    texts = [*TEXTS.values(), *("".join(rng.choices(ODD, k=rng.randint(1, 12))) for _ in range(3000))]
    cleaned = [clean(text, STEPS[name]) for text in texts]
    assert [clean(text, STEPS[name]) for text in cleaned] == cleaned
    found = clean_in_graph(tf.constant(texts), STEPS[name]).numpy()
    assert [text.decode("utf-8") for text in found] == cleaned


def test_rules_of_artefacts():
    assert TextRules.of(None) == TextRules.of({}) == TextRules("nfkc", 1)
    assert TextRules.of({"cleaning": LATEST, "sentences": 3}) == TextRules(LATEST, 3)
    with pytest.raises(InputError, match="there is no cleaning 'none'; there are nfkc, "):
        TextRules("none")
    with pytest.raises(InputError, match="sentences must be at least 1, got 0"):
        TextRules(sentences=0)
    with pytest.raises(InputError, match=r"text rules of a newer kerasformer \(colours\): update it"):
        TextRules.of({"colours": True})
    with pytest.raises(InputError, match=r"text rules of a newer kerasformer \(cleaning polished\): update it"):
        TextRules.of({"cleaning": "polished"})
    with pytest.raises(InputError, match="sentences must be of type int, got '2'"):
        TextRules.of({"sentences": "2"})
