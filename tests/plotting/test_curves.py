"""Pictures that compare: every model has its line, every group of lengths its place."""

import numpy as np
import pytest

from kerasformer.errors import InputError
from kerasformer.plotting import curves

ROWS = [{"from": 1, "to": 7, "sentences": 1300, "bleu": 31.0}, {"from": 8, "to": 10, "sentences": 7, "bleu": 12.5}]


def test_each_model_has_a_line_through_its_scores():
    worse = [{**row, "bleu": row["bleu"] / 2} for row in ROWS]
    figure = curves.scores_by_length({"transformer": ROWS, "seq2seq": worse})
    [axes] = figure.axes
    assert [line.get_ydata().tolist() for line in axes.lines] == [[31.0, 12.5], [15.5, 6.25]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["transformer", "seq2seq"]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["1 to 7\n(1,300)", "8 to 10\n(7)"]


def test_another_score_can_be_drawn(tmp_path):
    rows = [{"from": 1, "to": 3, "sentences": 5, "exact": 80.0}]
    figure = curves.scores_by_length({"attention": rows}, tmp_path / "exact.png", score="exact", label="exact match, %")
    assert figure.axes[0].get_ylabel() == "exact match, %"
    assert (tmp_path / "exact.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("groups", [{}, {"a": []}, {"a": ROWS, "b": ROWS[:1]}])
def test_models_with_different_groups_of_lengths_are_refused(groups):
    with pytest.raises(InputError, match="the same groups of lengths"):
        curves.scores_by_length(groups)


def test_gradient_norms_fade_on_a_logarithmic_axis(tmp_path):
    norms = {"seq2seq": [1.0, 0.01, 0.0], "attention": [0.5, 0.6, 0.7, 0.8]}
    figure = curves.gradient_norms(norms, tmp_path / "norms.png")
    [axes] = figure.axes
    assert axes.get_yscale() == "log"
    figure.draw_without_rendering()
    assert {"0.01", "0.1", "1"} <= {label.get_text() for label in axes.get_yticklabels()}
    assert [line.get_label() for line in axes.lines] == ["seq2seq", "attention"]
    np.testing.assert_array_equal(axes.lines[0].get_xydata(), [[0, 1], [1, 0.01], [2, np.nan]])
    assert all(tick == int(tick) for tick in axes.get_xticks())
    assert (tmp_path / "norms.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("norms", "said"), [({}, "no gradient norms"), ({"a": [[1.0]]}, "norms of a must have")])
def test_missing_norms_and_norms_of_two_axes_are_refused(norms, said):
    with pytest.raises(InputError, match=said):
        curves.gradient_norms(norms)
