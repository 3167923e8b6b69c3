"""Where the axes stand on the paper: margins as wide as the words around them, measured and never drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis, XAxis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from insight.charts.lettering import Lettering, laid, lettering

SIZE = 11.5
SMALL = 10.5
# Points around all, under the axes' own words, and between the axes and the words at their ticks.
_BESIDE, _ABOVE, _LABEL_PAD, _TICK_PAD = 3.0, 5.8, 4.0, 3.5
Floats = NDArray[np.float64]


def settle(figure: Figure, *, below: float = 0.0) -> None:
    """Give the axes the room that the words around them leave, and keep it, so that labels stand on known ground.

    Parameters
    ----------
    figure : Figure
        Its axes stand below each other, and share their horizontal axis.
    below : float
        Points that the key takes at the bottom.
    """
    _first_guess(figure, below)
    # Words tied to data move with the axes, so the second round starts from nearly the right place.
    for _ in range(2):
        _fit(figure, below)


def _first_guess(figure: Figure, below: float) -> None:
    """Words at the ticks and the title are known beforehand; the second round does the rest."""
    several, height, wide = len(figure.axes), figure.bbox.height, figure.bbox.width
    each = (height - below - 4 * SIZE) / several
    for place, ax in enumerate(figure.axes):
        bottom = below + 3 * SIZE + (several - 1 - place) * each
        _stand(ax, figure, (0.1 * wide, 0.85 * wide, bottom, bottom + 0.85 * each))


def _stand(ax: Axes, figure: Figure, sides: tuple[float, float, float, float]) -> None:
    left, right, bottom, top = sides
    wide, high = figure.bbox.width, figure.bbox.height
    ax.set_position((left / wide, bottom / high, (right - left) / wide, (top - bottom) / high))


def _fit(figure: Figure, below: float) -> None:
    margins = [_margins(ax) for ax in figure.axes]
    left = _BESIDE + max(margin[0] for margin in margins)
    right = figure.bbox.width - _BESIDE - max(margin[1] for margin in margins)
    rests = [(under + _ABOVE, over + _ABOVE) for _, _, under, over in margins]
    each = max((figure.bbox.height - below - sum(map(sum, rests))) / len(rests), 1.0)
    top = figure.bbox.height
    for ax, (under, over) in zip(figure.axes, rests, strict=True):
        top -= over
        _stand(ax, figure, (left, max(right, left + 1.0), top - each, top))
        top -= each + under


def _margins(ax: Axes) -> tuple[float, float, float, float]:
    """How far words stand out to the left, the right, below and above, in points."""
    box = ax.bbox
    ticks = [*tick_words(ax.xaxis), *tick_words(ax.yaxis)]
    _name_below(ax, ticks)
    there = [*ticks, *(lettering(text) for text in words_of(ax))]
    if not there:
        return 0.0, 0.0, 0.0, 0.0
    return (
        max(0.0, *(box.x0 - words.left for words in there)),
        max(0.0, *(words.right - box.x1 for words in there)),
        max(0.0, *(box.y0 - words.bottom for words in there)),
        max(0.0, *(words.top - box.y1 for words in there)),
    )


def _name_below(ax: Axes, ticks: Sequence[Lettering]) -> None:
    """The name of the horizontal axis under the words at its ticks."""
    box, label = ax.bbox, ax.xaxis.label
    lowest = min((words.bottom for words in ticks if words.top <= box.y0), default=box.y0)
    ax.xaxis.set_label_coords(float(label.get_position()[0]), (lowest - _LABEL_PAD - box.y0) / box.height)


def words_of(ax: Axes) -> list[Text]:
    """The texts of the axes that are seen, apart from those at the ticks."""
    titles = [child for child in ax.get_children() if isinstance(child, Text)]
    return [text for text in (*titles, ax.xaxis.label) if text.get_text() and text.get_visible()]


def tick_places(axis: Axis, *, minor: bool = False) -> tuple[Floats, list[str]]:
    """Where the ticks of an axis stand, in data, and what they say; none outside the axes.

    Raises
    ------
    ValueError
        If matplotlib would set a common factor apart from the ticks.
    """
    locator = axis.get_minor_locator() if minor else axis.get_major_locator()
    if isinstance(locator, NullLocator):
        return np.array([]), []
    places = np.asarray(axis.get_minorticklocs() if minor else axis.get_majorticklocs(), dtype=float)
    formatter = axis.get_minor_formatter() if minor else axis.get_major_formatter()
    words = formatter.format_ticks(places.tolist())
    if formatter.get_offset():
        # Written nowhere, it would make every tick wrong by a factor.
        raise ValueError("the ticks need a factor beside the axis; write them out with number_ticks or fix_ticks")
    low, high = sorted(axis.get_view_interval())
    slack = (high - low) * 1e-9
    inside = (places >= low - slack) & (places <= high + slack)
    return places[inside], [word for word, kept in zip(words, inside, strict=True) if kept]


def tick_words(axis: Axis) -> list[Lettering]:
    """The words at the ticks of an axis, where the axes stand now."""
    looks, box, is_across = axis.get_tick_params(), axis.axes.bbox, isinstance(axis, XAxis)
    made = []
    for minor in (False, True):
        places, words = tick_places(axis, minor=minor)
        for at, text in zip(across(axis, places), words, strict=True):
            if not text:
                continue
            if not is_across and looks.get("labelleft", True):
                made.append(laid(text, box.x0 - _TICK_PAD, at, size=SIZE, across="right", up="center_baseline"))
            if is_across and looks.get("labelbottom", True):
                made.append(laid(text, at, box.y0 - _TICK_PAD, size=SIZE, across="center", up="top"))
            if is_across and looks.get("labeltop", False):
                made.append(laid(text, at, box.y1 + _TICK_PAD, size=SIZE, across="center", up="bottom"))
    return made


def across(axis: Axis, places: Floats) -> list[float]:
    """Places in data along an axis, as points on the paper."""
    if not len(places):
        return []
    is_across = isinstance(axis, XAxis)
    other = axis.axes.get_ylim()[0] if is_across else axis.axes.get_xlim()[0]
    others = np.full(len(places), other)
    pairs = np.column_stack([places, others] if is_across else [others, places])
    found: list[float] = axis.axes.transData.transform(pairs)[:, 0 if is_across else 1].tolist()
    return found
