"""Fonts for plots in many scripts: matplotlib takes each glyph from the first family in a list that has it.

Korean comes with `pip install koreanize-matplotlib`, of which only the font file (NanumGothic) is read.
"""

import functools
import importlib.util
import pathlib
import warnings

from matplotlib import font_manager

MISSING_GLYPH = "\u25a1"
_WIDE_FAMILIES = (
    "NanumGothic",
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Source Han Sans KR",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "AppleGothic",
    "Arial Unicode MS",
    "Unifont",
)


@functools.cache
def families() -> list[str]:
    """The font families for all texts: matplotlib's default, then each installed one that covers other scripts."""
    # Importing the package would change matplotlib's settings; only its font file is needed.
    if spec := importlib.util.find_spec("koreanize_matplotlib"):
        font_manager.fontManager.addfont(pathlib.Path(spec.origin).parent / "fonts" / "NanumGothic.ttf")
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [*font_manager.FontProperties().get_family(), *(name for name in _WIDE_FAMILIES if name in installed)]


def drawable(text: str) -> str:
    """The text with a box for each character that no font has; the first box warns what to install."""
    shown = "".join(letter if _has_glyph(letter) else MISSING_GLYPH for letter in text)
    if shown != text:
        _warn_once()
    return shown


@functools.cache
def _has_glyph(letter: str) -> bool:
    return letter.isspace() or any(font.get_char_index(ord(letter)) for font in _fonts())


@functools.cache
def _fonts() -> list:
    paths = [font_manager.findfont(font_manager.FontProperties(family=[name])) for name in families()]
    return [font_manager.get_font(path) for path in paths]


@functools.cache
def _warn_once() -> None:
    warnings.warn(
        f"no installed font has some characters of a plot; they are drawn as {MISSING_GLYPH}: for Korean run "
        "`pip install koreanize-matplotlib`, for other scripts install the font Noto Sans CJK",
        stacklevel=4,
    )
