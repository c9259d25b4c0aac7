"""The faults of translators that are made up."""

import re
import warnings

import pytest

from kerasformer.errors import InputError
from kerasformer.evaluation.robustness import measure_robustness
from kerasformer.evaluation.tables import show_robustness
from kerasformer.evaluation.variants import clean_pairs
from kerasformer.interface.carrying import ProtectionWarning

PAIRS = clean_pairs("fr", "en")[:8]


class Fake:
    """Translates what it knows, whatever the capitals, and makes one of the faults of everything else."""

    source, target = "fr", "en"

    def __init__(self, fault):
        self.fault, self.known = fault, {source.lower(): target for source, target in PAIRS}

    def count_tokens(self, texts):
        return [len(text.split()) for text in texts]

    def __call__(self, texts):
        warnings.warn(ProtectionWarning("lost", []), stacklevel=2)  # an error in a test, if it is not silenced
        return [self.known.get(text.lower()) or self.fault(text) for text in texts]


@pytest.mark.parametrize(
    ("fault", "name"),
    [(lambda text: "ha " * 5, "loops"), (lambda text: text, "copies"), (lambda text: "", "empties")],
)
def test_each_fault_is_counted_under_its_name(fault, name):
    lines = []
    found, answers = measure_robustness(Fake(fault), PAIRS, say=lines.append)
    for kind in ("clean", "all capitals", "no capitals"):
        assert [found[kind][each] for each in ("loops", "copies", "empties")] == [0, 0, 0]
        assert (found[kind]["chrf"], found[kind]["chrf_lost"]) == (pytest.approx(100), pytest.approx(0))
        assert found[kind]["lost_names"] in (0, None)
    for kind in ("no final stop", "typos", "another language"):
        assert {each for each in ("loops", "copies", "empties") if found[kind][each]} == {name}
        assert found[kind][name] == 100
    assert found["number list"]["lost_numbers"] == (0 if name == "copies" else 100)
    assert found["web address"]["lost_names"] == (0 if name == "copies" else 100)
    assert found["typos"]["chrf_lost"] == pytest.approx(100 - found["typos"]["chrf"])
    assert found["another language"]["chrf"] is None
    assert len(answers) == sum(row["texts"] for row in found.values())
    assert lines[0] == f"1 of {len(found)}: clean, 8 texts"


def test_what_was_inserted_counts_as_a_name_and_not_in_chrf():
    found, _ = measure_robustness(Fake(lambda text: " ".join(re.findall(r"https\S+", text))), PAIRS[1:2])
    assert (found["web address"]["lost_names"], found["web address"]["chrf"]) == (0, 0)


def test_the_seed_gives_the_same_texts_again():
    first, again, other = (measure_robustness(Fake(str), PAIRS, seed)[1] for seed in (1, 1, 2))
    assert first == again != other


def test_the_table_has_a_row_for_each_kind_and_dashes_where_nothing_is_measured(capsys):
    found, _ = measure_robustness(Fake(str), PAIRS)
    show_robustness(found)
    heading, *rows = capsys.readouterr().out.splitlines()
    assert heading.split("  ")[0] == "kind"
    assert [row.split("  ")[0].strip() for row in rows] == list(found)
    assert rows[-1].split()[-2:] == ["-", "-"]


def test_no_pairs_are_refused():
    with pytest.raises(InputError, match="no pairs"):
        measure_robustness(Fake(str), [])
