"""What a job of translation records about the text that it trains on."""

import pytest

from kerasformer.config import ModelConfig
from kerasformer.interface.cleaning import LATEST
from kerasformer.interface.patterns import PATTERNS
from kerasformer.interface.rules import TextRules
from kerasformer.jobs.translation import DECODING, Translation, most_sentences, often_in_capitals
from kerasformer.tokenizer import MARKS


@pytest.mark.parametrize(
    ("counts", "most"), [([1], 1), ([1] * 91 + [2] * 9, 1), ([1] * 90 + [4] * 10, 4), ([3, 2], 3), ([], 1), ([0], 1)]
)
def test_one_source_in_ten_has_as_many_sentences_as_are_translated_at_once(counts, most):
    assert most_sentences("Oui. " * count for count in counts) == most


@pytest.mark.parametrize(("loud", "is_often"), [(0, False), (9, False), (10, True), (100, True)])
def test_a_model_with_one_source_in_ten_in_capitals_gets_capitals_as_they_are(loud, is_often):
    assert often_in_capitals(["IL PLEUT."] * loud + ["Il pleut."] * (100 - loud)) == is_often


def test_a_bundle_records_how_its_training_text_was_cleaned_and_cut(tmp_path):
    long = [(f"Il a {i} ans. Moi aussi.", f"He is {i}. So am I.") for i in range(30)]
    short = [(f"L’œuf {i} ?", f"Egg {i}?") for i in range(60)]
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{source}\t{target}\n" for source, target in long + short), encoding="utf-8")
    job = Translation([str(path)])
    assert ("L'oeuf 7?", "Egg 7?") in job.corpus.train
    _, tokenizer = job.prepare(ModelConfig(vocab_size=90))
    made = job.bundle(None, tokenizer, {})
    assert made.decoding == DECODING == {"max_repeats": 4}
    rules = made.text_rules
    assert rules == TextRules(LATEST, 2, marks=MARKS, lower_capitals=True)
    assert rules.protected == tuple(PATTERNS)
    assert any("texts will be translated 2 sentences at a time" in line for line in job.describe())


def test_nothing_is_protected_in_a_conversation(tmp_path):
    path = tmp_path / "talk.csv"
    path.write_text("Q,A\n" + "".join(f"Ça va {i} ?,Oui {i}.\n" for i in range(60)), encoding="utf-8")
    job = Translation([str(path)])
    _, tokenizer = job.prepare(ModelConfig(vocab_size=90))
    assert tokenizer.marks == ()
    assert job.bundle(None, tokenizer, {}).text_rules.protected == ()


def test_single_sentences_are_translated_one_by_one():
    job = Translation()
    assert job.sentences == 1
    assert not any("at a time" in line for line in job.describe())
