"""A .tflite that translates token by token: the answers are those of its search, and what has come is shown."""

import pytest

from kerasformer.cli.main import main
from kerasformer.errors import InputError
from kerasformer.exporting.gate import proof_of
from kerasformer.formats import describe
from kerasformer.interface.answers import Hypothesis
from kerasformer.runtime import LiteRTTranslator
from kerasformer.runtime.golden import ODD, self_test

pytestmark = pytest.mark.filterwarnings("ignore::kerasformer.interface.carrying.ProtectionWarning")
TEXTS = [
    "Mon chat dort.",
    "Où est la gare ? Je paie 3,5 € à M. Dupont.\n\n  Voir https://keras.io {name}",
    "Le chat dort " * 20,
    "",
    " \n",
    "12",
]


@pytest.fixture(scope="module")
def translator(beam_path):
    return LiteRTTranslator(beam_path)


def test_the_tokens_are_those_of_the_search(translator, phrases):
    texts = [translator.clean(text) for text in [*ODD, *(source for source, _ in phrases[:20])]]
    texts = [text for text, count in zip(texts, translator.count(texts), strict=True) if count <= translator.max_tokens]
    for text in texts:
        [[best]], found = translator.decode([text]), list(translator.steps(text))
        assert found[-1].token_ids == best.token_ids
        assert found[-1].score == pytest.approx(best.score, abs=1e-4)
        assert all(step.token_ids == best.token_ids[: i + 1] for i, step in enumerate(found))


@pytest.mark.parametrize("text", TEXTS)
def test_what_has_come_grows_and_ends_with_the_translation(text, translator):
    found = list(translator.stream(text))
    assert found[-1] == translator(text)
    for best, *_ in translator.hypotheses(translator.plan([text]).pieces[:1]):
        assert len(found) > len(best.token_ids)
        assert best.text in found  # the first sentence is shown before the next one begins


def test_protection_is_that_of_a_call(translator):
    text = "Je paie 3,5 € à M. Dupont."
    *_, found = translator.stream(text, protect=False, glossary={"gare": "station"})
    assert found == translator(text, protect=False, glossary={"gare": "station"})


def test_a_file_without_it_and_other_options_are_refused(tflite_path, beam_path):
    with pytest.raises(InputError, match="cannot translate token by token: export it with --streaming"):
        next(LiteRTTranslator(tflite_path).stream("Bonjour."))
    for options in ({"beam_size": 3}, {"suppress": ["a"]}):
        with pytest.raises(InputError, match="without further options"):
            next(LiteRTTranslator(beam_path, **options).stream("Bonjour."))


def test_the_metadata_say_it_and_verify_compares_it(beam_path, tflite_path, monkeypatch, capsys):
    assert describe(beam_path).metadata["streaming"]
    assert not describe(tflite_path).metadata.get("streaming")
    assert self_test(beam_path) == (len(ODD), [])
    monkeypatch.setattr(LiteRTTranslator, "steps", lambda self, piece: iter([Hypothesis("wrong", 0.0, (4,))]))
    assert main(["verify", str(beam_path)]) == 1
    assert f"0 of {len(ODD)} golden pairs" in capsys.readouterr().out


def test_the_comparison_with_the_bundle_sees_other_tokens(translator, bundle, reference, phrases, monkeypatch):
    proof = proof_of(bundle, phrases[:6], lambda line: None, reference)
    monkeypatch.setattr(translator, "steps", lambda piece: iter([Hypothesis("wrong", 0.0, (4, 4))]))
    found = proof.compare(translator, exact=True)
    assert not found["passed"]
    assert {difference["signature"] for difference in found["differences"]} == {"token by token"}
