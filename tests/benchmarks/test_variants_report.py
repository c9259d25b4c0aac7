"""The report of the variants: a row for each, and BLEU by the length of the source for the first of each kind."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks"))
from variants import table

GROUP = {"from": 1, "to": 3, "sentences": 7, "bleu": 41.25, "chrf": 50.0}


def test_the_report_has_a_row_for_each_variant_and_a_column_for_each_length():
    rows = [{"kind": "seq2seq", "variant": "LSTM", "parameters": 1234, "exact_match": 5, "bleu": 9, "perplexity": 2}]
    groups = {"seq2seq": [GROUP, {**GROUP, "from": 4, "to": 5, "bleu": 30.0}], "attention": [GROUP, GROUP]}
    lines = table(rows, groups).splitlines()
    assert lines[2] == "| `seq2seq` | LSTM | 1,234 | 5.0 % | 9.0 | 2.000 |"
    assert lines[4] == "| BLEU | 1-3 words (7 sentences) | 4-5 words (7 sentences) |"
    assert lines[6] == "| `seq2seq` | 41.2 | 30.0 |"
