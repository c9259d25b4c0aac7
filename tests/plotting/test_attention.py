"""Plots show what they are given, can be read with 30 tokens a side, and are written whole or not at all."""

import importlib.util
import itertools
import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
from matplotlib.text import Text

from kerasformer import plotting
from kerasformer.errors import InputError
from kerasformer.plotting import figure as figures
from kerasformer.plotting import fonts

FRENCH = ["▁L", "'", "œuvre", "▁où", "▁Noël", "▁dépêche", "</s>"]
KOREAN = ["▁파란", "▁티셔츠를", "▁입은", "▁소년", "</s>"]
HISTORY = [
    {"epoch": 1, "loss": 3.0, "accuracy": 0.2, "perplexity": 20.0, "val_loss": 3.1, "val_perplexity": 22.0},
    {"epoch": 2, "loss": 2.0, "accuracy": 0.4, "perplexity": 7.4, "val_loss": 2.5, "val_perplexity": None},
]


@pytest.fixture(autouse=True)
def _warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        yield


def weights(*shape):
    return np.random.default_rng(0).dirichlet(np.ones(shape[-1]), shape[:-1])


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def overlapping(figure, axis):
    """How many neighbouring tick labels of an axis touch."""
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in axis.get_ticklabels()]
    return sum(one.overlaps(other) for one, other in zip(boxes, boxes[1:], strict=False))


def test_an_attention_map_has_the_target_in_rows_and_the_source_in_columns(tmp_path):
    values = weights(5, 7)
    path = tmp_path / "map.png"
    figure = plotting.attention_map(values, FRENCH, KOREAN, path, "Head 1", "French", "Korean")
    axes, colour_bar = figure.axes
    np.testing.assert_array_equal(axes.images[0].get_array(), values)
    assert labels(axes.xaxis) == ["L", "'", "œuvre", "où", "Noël", "dépêche", "⟨end⟩"]
    assert labels(axes.yaxis) == ["파란", "티셔츠를", "입은", "소년", "⟨end⟩"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("source (French)", "target (Korean)")
    assert (axes.get_title(), colour_bar.get_ylabel()) == ("Head 1", "attention weight")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert os.listdir(tmp_path) == ["map.png"]


def test_thirty_tokens_a_side_can_be_read():
    tokens = ["▁anticonstitutionnellement", "▁été"] * 15
    figure = plotting.attention_map(weights(30, 30), tokens, tokens)
    small = plotting.attention_map(weights(3, 3), tokens[:3], tokens[:3])
    assert figure.get_figwidth() > 2 * small.get_figwidth() > 0
    axes = figure.axes[0]
    assert overlapping(figure, axes.xaxis) == overlapping(figure, axes.yaxis) == 0


@pytest.mark.parametrize(
    ("token", "label"),
    [
        ("▁chat", "chat"),
        ("chat", "chat"),
        ("▁", "␣"),
        ("", ""),
        ("</s>", "⟨end⟩"),
        ("<s>", "⟨start⟩"),
        ("a\nb", "a b"),
    ],
)
def test_tokens_are_shown_as_readers_know_them(token, label):
    assert figures.readable(token) == label


def test_a_long_token_is_cut_and_a_dollar_is_a_dollar(tmp_path):
    assert figures.readable("x" * 100) == "x" * 23 + "…"
    plotting.attention_map([[1.0]], ["$\\frac$"], ["$5$"], tmp_path / "dollar.svg")
    assert (tmp_path / "dollar.svg").stat().st_size > 1000


def test_every_glyph_of_korean_and_french_is_drawn_with_pip_fonts_alone():
    figure = plotting.attention_map(weights(5, 7), FRENCH, KOREAN, title="한국어 été")
    figure.draw_without_rendering()
    assert not any(fonts.MISSING_GLYPH in text.get_text() for text in figure.findobj(Text))
    assert fonts.drawable("한국어 été") == "한국어 été"


@pytest.fixture
def _no_wide_fonts(monkeypatch):
    """Only matplotlib's default font is installed."""

    def forget():
        for function in (fonts.families, fonts._fonts, fonts._has_glyph, fonts._warn_once):
            function.cache_clear()

    forget()
    monkeypatch.setattr(fonts, "_WIDE_FAMILIES", ())
    yield
    forget()


@pytest.mark.usefixtures("_no_wide_fonts")
def test_a_missing_glyph_is_a_box_and_one_warning(tmp_path):
    with pytest.warns(UserWarning, match="pip install koreanize-matplotlib") as caught:
        figure = plotting.attention_map([[1.0]], ["▁파란"], ["▁bleu"], tmp_path / "map.png", "소년 a")
    assert len(caught) == 1
    assert "\n" not in str(caught[0].message)
    plotting.attention_map([[1.0]], ["▁파란"], ["▁bleu"])
    figure.draw_without_rendering()
    assert labels(figure.axes[0].xaxis) == ["□□"]
    assert figure.axes[0].get_title() == "□□ a"


def test_the_font_package_is_found_but_not_imported():
    assert importlib.util.find_spec("koreanize_matplotlib") is not None
    code = (
        "import sys, kerasformer.plotting.attention as p; p.attention_map([[1.0]], ['한'], ['a']);"
        "sys.exit('koreanize_matplotlib' in sys.modules or 'matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("heads", [1, 5, 8])
def test_attention_heads_has_a_map_for_each_head_in_the_same_colours(heads, tmp_path):
    values = weights(heads, 5, 7)
    figure = plotting.attention_heads(values, FRENCH, KOREAN, tmp_path / "heads.png", "French", "Korean")
    maps = [axes for axes in figure.axes if axes.images]
    assert len(maps) == heads
    assert maps[0].get_title() == "head 1"
    assert {axes.images[0].get_clim() for axes in maps} == {(0, values.max())}
    np.testing.assert_array_equal(maps[-1].images[0].get_array(), values[-1])
    assert (tmp_path / "heads.png").is_file()


def test_learning_curves_show_training_and_validation():
    figure = plotting.learning_curves(HISTORY)
    loss, accuracy, perplexity = figure.axes
    assert [axes.get_title() for axes in figure.axes] == ["loss", "accuracy", "perplexity"]
    assert [line.get_label() for line in loss.lines] == ["training", "validation"]
    np.testing.assert_array_equal(loss.lines[1].get_xydata(), [[1, 3.1], [2, 2.5]])
    assert [line.get_label() for line in accuracy.lines] == ["training"]
    np.testing.assert_array_equal(perplexity.lines[1].get_xydata(), [[1, 22]])
    assert (loss.get_yscale(), perplexity.get_yscale()) == ("linear", "log")


@pytest.mark.parametrize("epochs", [1, 2, 40])
def test_epochs_are_whole_numbers_at_any_length(epochs, tmp_path):
    history = [{"epoch": e, "loss": 1 / e, "perplexity": 1 + 99 / e} for e in range(1, epochs + 1)]
    figure = plotting.learning_curves(history, tmp_path / "curves.pdf")
    assert len(figure.axes) == 2
    for axes in figure.axes:
        assert overlapping(figure, axes.xaxis) == overlapping(figure, axes.yaxis) == 0
        assert all(tick == int(tick) for tick in axes.get_xticks())
    assert (tmp_path / "curves.pdf").read_bytes().startswith(b"%PDF")


def test_a_history_without_curves_is_refused():
    with pytest.raises(InputError, match="expected a history"):
        plotting.learning_curves([{"epoch": 1, "loss": float("nan")}])


def test_an_embedding_map_has_a_point_for_each_word_in_the_colour_of_its_group(tmp_path):
    points = np.array([[0.0, 1.0], [2.0, 3.0], [5.0, -7.0]])
    words = ["▁파란", "▁Noël", "▁été"]
    figure = plotting.embedding_map(points, words, ["색", "fête", "색"], tmp_path / "words.png", "before")
    axes = figure.axes[0]
    np.testing.assert_array_equal(axes.collections[0].get_offsets(), points[[0, 2]])
    np.testing.assert_array_equal(axes.collections[1].get_offsets(), points[[1]])
    assert {text.get_text(): tuple(text.xy) for text in axes.texts} == {"파란": (0, 1), "Noël": (2, 3), "été": (5, -7)}
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["색", "fête"]
    assert (axes.get_title(), (tmp_path / "words.png").is_file()) == ("before", True)
    figure.draw_without_rendering()  # in which a missing glyph would warn
    assert plotting.embedding_map(points, words).axes[0].get_legend() is None


def test_labels_of_points_that_lie_together_do_not_touch():
    points = [[0, 0], [0.01, 0], [0, 0.01], [0.01, 0.01], [1, 1]]
    figure = plotting.embedding_map(points, ["▁파란", "▁Noël", "▁été", "▁chien", "▁chat"])
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert len(boxes) == 5
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    everything = plotting.embedding_map(np.zeros((20, 2)), ["▁œuf"] * 20)
    assert len(everything.axes[0].texts) == 20  # none is left out where there is no room


def test_a_position_table_is_shown_with_positions_downwards(tmp_path):
    table = np.arange(35.0).reshape(5, 7) - 11
    axes = plotting.position_table(table, tmp_path / "positions.png").axes[0]
    np.testing.assert_array_equal(axes.images[0].get_array(), table)
    assert axes.images[0].get_clim() == (-23, 23)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("hidden dimension", "position")


def test_a_mask_is_shown_with_its_labels(tmp_path):
    mask = np.tril(np.ones((3, 2), bool))
    figure = plotting.mask_table(mask, ["▁a", "▁b", "</s>"], ["▁c", "<pad>"], tmp_path / "mask.png")
    axes = figure.axes[0]
    np.testing.assert_array_equal(axes.images[0].get_array(), mask)
    assert labels(axes.xaxis) == ["c", "⟨pad⟩"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["may attend", "may not attend"]


def test_wrong_shapes_are_named():
    with pytest.raises(ValueError, match=r"weights must have the shape \(target 5, source 7\), .* got \(7, 5\)"):
        plotting.attention_map(weights(7, 5), FRENCH, KOREAN)
    with pytest.raises(ValueError, match=r"\(heads, target 5, source 7\), each at least 1, got \(0, 5, 7\)"):
        plotting.attention_heads(np.ones((0, 5, 7)), FRENCH, KOREAN)
    with pytest.raises(ValueError, match=r"table must have the shape \(length, hidden\), .* got \(3,\)"):
        plotting.position_table(np.ones(3))
    with pytest.raises(ValueError, match=r"mask must have the shape \(query 1, key 2\), .* got \(2, 1\)"):
        plotting.mask_table(np.ones((2, 1)), ["a"], ["b", "c"])
    with pytest.raises(ValueError, match=r"points must have the shape \(word 2, x and y 2\), .* got \(2, 3\)"):
        plotting.embedding_map(np.ones((2, 3)), ["a", "b"])
    with pytest.raises(ValueError, match="groups must be as many as labels, 2, got 1"):
        plotting.embedding_map(np.ones((2, 2)), ["a", "b"], ["c"])


def test_a_picture_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "map.png"
    path.write_bytes(b"before")

    def fail(figure, file, **_):
        file.write_bytes(b"half")
        raise OSError(28, "No space left on device", str(file))

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", fail)
    with pytest.raises(OSError, match="No space left on device: '.*/map.png'"):
        plotting.position_table(np.ones((2, 3)), path)
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["map.png"]


def test_places_and_kinds_that_cannot_be_written_are_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        plotting.position_table(np.ones((2, 3)), tmp_path / "file" / "map.png")
    with pytest.raises(InputError, match=r"cannot write a picture as \.docx: expected one of .*png"):
        plotting.position_table(np.ones((2, 3)), tmp_path / "map.docx")
    assert os.listdir(tmp_path) == ["file"]
    plotting.position_table(np.ones((2, 3)), tmp_path / "new" / "map.png")
    assert os.listdir(tmp_path / "new") == ["map.png"]
