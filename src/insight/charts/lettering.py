"""How much room words take and where their lines stand, from the font's own measures.

matplotlib measures every text anew, several times a picture; here each distinct text is measured once a process.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
from matplotlib.ft2font import FT2Font
from matplotlib.text import Annotation, Text

# Of DejaVu Sans, in font sizes: from the baseline up and down, and between the lines of one text.
_ASCENT, _DESCENT, _GAP = 0.76, 0.24, 0.2
_WIDE = 1.0
_FONTS = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}
_SHARE = {"left": 0.0, "center": 0.5, "right": 1.0}


@dataclass(frozen=True)
class Lettering:
    """A text on the paper: each line with its baseline, and the box around all; points from the lower left corner."""

    x: float
    lines: tuple[tuple[str, float], ...]
    left: float
    right: float
    bottom: float
    top: float


def lettering(text: Text) -> Lettering:
    """Where a text of matplotlib stands. It must be level; its place must not depend on a drawn object."""
    if isinstance(text, Annotation):
        text.update_positions(None)  # type: ignore[arg-type]  # an offset in points needs no renderer
    x, y = text.get_transform().transform(text.get_unitless_position())
    return laid(
        text.get_text(),
        float(x),
        float(y),
        size=float(text.get_fontsize()),
        bold=text.get_fontweight() == "bold",
        across=text.get_horizontalalignment(),
        up=text.get_verticalalignment(),
    )


def laid(text: str, x: float, y: float, *, size: float, bold: bool = False, across: str, up: str) -> Lettering:
    """Lines of words around a place, aligned as matplotlib aligns them.

    Parameters
    ----------
    x, y : float
        The place in points.
    size : float
        Font size in points.
    across : "left", "center" or "right"
    up : "top", "bottom", "center", "baseline" (of the last line) or "center_baseline" (half way up to the first top)
    """
    lines = text.split("\n")
    room = 0.0 if len(lines) == 1 else _GAP / 2
    step, below = (_ASCENT + _DESCENT + 2 * room) * size, (_DESCENT + room) * size
    height = step * len(lines)
    top = (
        y
        + {
            "top": 0.0,
            "bottom": height,
            "center": height / 2,
            "baseline": height - below,
            "center_baseline": (height - below) / 2,
        }[up]
    )
    wide = max(width(line, size, bold=bold) for line in lines)
    left = x - wide * _SHARE[across]
    first = top - step + below
    placed = tuple((line, first - step * place) for place, line in enumerate(lines))
    return Lettering(x, placed, left, left + wide, top - height, top)


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a line of words is, in points.

    >>> round(width("Oakshire", 10.0), 1), width("", 10.0)
    (44.4, 0.0)
    """
    return _ems(text, bold) * size


@lru_cache(maxsize=8192)
def _ems(text: str, bold: bool) -> float:
    return sum(_advance(character, bold) for character in text)


@cache
def _font(bold: bool) -> FT2Font:
    # A font object of our own: matplotlib's are shared, and setting their size would be seen by others. From memory:
    # letters are read as they are asked for, and forked children would share, and move, one place in an open file.
    font = FT2Font(BytesIO(Path(mpl.get_data_path(), "fonts", "ttf", _FONTS[bold]).read_bytes()))
    font.set_size(100, 72)
    return font


@cache
def _advance(character: str, bold: bool) -> float:
    """How far a character moves the pen, in font sizes; one that the font lacks counts as a wide one."""
    font = _font(bold)
    index = font.get_char_index(ord(character))
    # This measure is the one that hinting leaves alone: in 65,536ths of a pixel, at 100 pixels.
    return font.load_glyph(index).linearHoriAdvance / 6_553_600 if index else _WIDE
