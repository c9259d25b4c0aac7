"""Fonts for plots of many scripts: matplotlib's own, then whichever installed one has the missing glyphs.

Hangul comes with `pip install koreanize-matplotlib`, of which only the font file (NanumGothic) is read.
"""

import functools
import importlib.util
import pathlib
import warnings
from collections.abc import Sequence

from matplotlib import font_manager

_BUNDLED = ("koreanize_matplotlib", "fonts/NanumGothic.ttf")
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
MISSING_GLYPH = "\u25a1"


def families_for(texts: Sequence[str]) -> tuple[list[str], set[str]]:
    """Choose fonts that together draw every character of some texts.

    Args:
        texts: what is to be drawn.

    Returns:
        Names of font families for matplotlib's fallback, its default first, and the characters that none of
        them has. A single warning in the life of the program says what to install for those.
    """
    default = font_manager.FontProperties()
    families = list(default.get_family())
    characters = {character for text in texts for character in text if not character.isspace()}
    missing = _lacking(font_manager.findfont(default), characters)
    for family, path in _wide_fonts() if missing else ():
        still_missing = _lacking(path, missing)
        if still_missing != missing:
            families.append(family)
            missing = still_missing
    if missing:
        _warn_once()
    return families, missing


def drawable(texts: Sequence[str]) -> list[str]:
    """The texts with a box for every character that no font has."""
    _, missing = families_for(texts)
    boxes = str.maketrans(dict.fromkeys(missing, MISSING_GLYPH))
    return [text.translate(boxes) for text in texts]


def _lacking(path: str, characters: set[str]) -> set[str]:
    """Those characters for which a font has no glyph."""
    font = font_manager.get_font(path)
    return {character for character in characters if not font.get_char_index(ord(character))}


@functools.cache
def _wide_fonts() -> tuple[tuple[str, str], ...]:
    """Family and path of each installed font of many scripts, best first."""
    package, file = _BUNDLED
    spec = importlib.util.find_spec(package)
    for folder in spec.submodule_search_locations if spec else ():
        # Importing the package would change matplotlib's settings; its font file is all that is needed.
        if (path := pathlib.Path(folder, file)).is_file():
            font_manager.fontManager.addfont(path)
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return tuple(
        (name, font_manager.findfont(font_manager.FontProperties(family=[name])))
        for name in _WIDE_FAMILIES
        if name in installed
    )


@functools.cache
def _warn_once() -> None:
    warnings.warn(
        f"no installed font has some characters of a plot, which are drawn as {MISSING_GLYPH}: for Korean "
        "`pip install koreanize-matplotlib`, for other scripts install the font Noto Sans CJK",
        stacklevel=4,
    )
