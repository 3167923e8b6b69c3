"""The paper that every chart is drawn on: house style inside, nothing changed outside."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D, Transform

from insight.charts import palette
from insight.charts.layout import SIZE
from insight.charts.layout import SMALL as SMALL
from insight.charts.layout import settle as settle
from insight.charts.lettering import laid, width
from insight.charts.svg import written
from insight.charts.words import plain, wrapped

WIDTH = 6.6
POINTS = 72
_ANYWHERE = (0.1, 0.2, 0.8, 0.7)
# Of the key, in points: where it begins, a line or swatch, and the room around.
_KEY_LEFT, _KEY_BELOW, _KEY_ABOVE = 9.4, 9.4, 10.4
_HANDLE, _SWATCH, _TO_WORDS = 21.0, 7.4, 8.4
_BETWEEN, _BETWEEN_COLUMNS, _LOWERED = 5.3, 21.0, 1.0

# A user's own settings must not change a published page, so the groups that can are put back to what ships.
_GROUPS = (
    "axes", "errorbar", "figure", "font", "grid", "hatch", "legend", "lines", "markers", "mathtext", "patch", "path",
    "savefig", "scatter", "svg", "text", "xaxis", "xtick", "yaxis", "ytick",
)  # fmt: skip
_HOUSE: dict[Any, Any] = {
    "axes.edgecolor": palette.WORDS,
    "axes.labelcolor": palette.WORDS,
    "axes.labelsize": SIZE,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": palette.INK,
    "axes.titlelocation": "left",
    "axes.titlesize": SIZE,
    "figure.dpi": POINTS,
    "font.family": "DejaVu Sans",
    "font.size": SIZE,
    "grid.color": palette.GRID,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "legend.labelcolor": palette.WORDS,
    "lines.solid_capstyle": "butt",
    "svg.fonttype": "none",
    "svg.hashsalt": "insight",
    "text.color": palette.INK,
    "text.parse_math": False,
    "xtick.color": palette.WORDS,
    "xtick.labelsize": SIZE,
    "xtick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.color": palette.WORDS,
    "ytick.labelsize": SIZE,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
}


@cache
def _settings() -> dict[str, Any]:
    """What ships with the groups above, and the house's own over it, checked by matplotlib once."""
    shipped: dict[Any, Any] = {key: value for key, value in mpl.rcParamsDefault.items() if key.split(".")[0] in _GROUPS}
    with warnings.catch_warnings():
        # Putting back a setting that matplotlib is about to retire is not a use of it.
        warnings.simplefilter("ignore", mpl.MatplotlibDeprecationWarning)
        checked = mpl.RcParams({**shipped, **_HOUSE})
    return {str(key): dict.__getitem__(cast(dict[str, Any], checked), str(key)) for key in checked}


@contextmanager
def house_style() -> Iterator[None]:
    """matplotlib's settings as every chart needs them; those outside come back untouched."""
    settings, current = _settings(), cast(dict[str, Any], mpl.rcParams)
    before = {key: dict.__getitem__(current, key) for key in settings}
    # Settings that were checked before need no second check, which would take longer than a small chart.
    dict.update(current, settings)
    try:
        yield
    finally:
        dict.update(current, before)


def paper(height: float, rows: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure of the house width with ``rows`` axes below each other; ``height`` in inches."""
    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasSVG(figure)
    axes: list[Axes] = []
    for place in range(rows):
        axes.append(figure.add_axes(_ANYWHERE, label=str(place), sharex=axes[0] if axes else None))
        # Ticks are made when somebody draws these axes anew, perhaps under other settings.
        for axis in (axes[-1].xaxis, axes[-1].yaxis):
            axis.set_tick_params(length=0, labelsize=SIZE, labelcolor=palette.WORDS, grid_color=palette.GRID)
    for ax in axes[:-1]:
        ax.xaxis.set_tick_params(labelbottom=False)
    return figure, axes


def points_of(drawn: Artist) -> Transform:
    """Places in points from the lower left corner of an artist's figure, at whatever resolution that is drawn."""
    figure = drawn.figure
    if figure is None:
        raise TypeError("an artist without a figure has no place")
    return Affine2D().scale(1 / POINTS) + figure.dpi_scale_trans


def add_key(figure: Figure, entries: Sequence[Line2D | Rectangle]) -> float:
    """The key at the bottom of the paper: side by side where the words fit, else below each other.

    Returns the points that it takes, for ``settle``.
    """
    if not entries:
        return 0.0
    texts = [wrapped(plain(str(entry.get_label())), 70) for entry in entries]
    columns = 2 if len(entries) > 1 and max(map(len, texts)) <= 34 else 1
    several = -(-len(entries) // columns)
    heights = [max(_height(text) for text in texts[row::several]) for row in range(several)]
    whole = sum(heights) + _BETWEEN * (several - 1)
    where, left = points_of(figure), _KEY_LEFT
    for column in range(columns):
        mine = slice(column * several, (column + 1) * several)
        top = _KEY_BELOW + whole
        for entry, text, height in zip(entries[mine], texts[mine], heights, strict=False):
            entry.set_label(text)
            _put(figure, entry, left, top - _height(text) / 2 + _LOWERED, where)
            figure.text(left + _HANDLE + _TO_WORDS, top, text, va="top", fontsize=SMALL, color=palette.WORDS,
                        transform=where)  # fmt: skip
            top -= height + _BETWEEN
        words = (width(line, SMALL) for text in texts[mine] for line in text.split("\n"))
        left += _HANDLE + _TO_WORDS + max(words, default=0.0) + _BETWEEN_COLUMNS
    return _KEY_BELOW + whole + _KEY_ABOVE


def _height(text: str) -> float:
    found = laid(text, 0.0, 0.0, size=SMALL, across="left", up="top")
    return found.top - found.bottom


def _put(figure: Figure, entry: Line2D | Rectangle, left: float, middle: float, where: Transform) -> None:
    """The look of an entry before its words; a mark stands in the middle of its line."""
    if isinstance(entry, Rectangle):
        entry.set_bounds(left, middle - _SWATCH / 2, _HANDLE, _SWATCH)
    else:
        entry.set_data([left, left + _HANDLE / 2, left + _HANDLE], [middle] * 3)
        entry.set_markevery([1])
    entry.set_transform(where)
    figure.add_artist(entry)


def finished(figure: Figure, *, name: str, label: str) -> str:
    """The figure as SVG with the same bytes every time."""
    return written(figure, name=name, label=label)


def value_grid(ax: Axes, *, axis: str = "y", ticks: int = 5) -> None:
    """Faint lines at round values."""
    if axis == "y":
        ax.yaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
        ax.grid(axis="y", linewidth=0.8)
    else:
        ax.xaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
        ax.grid(axis="x", linewidth=0.8)
