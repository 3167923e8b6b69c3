"""The paper that every chart is drawn on: house style inside, nothing changed outside."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from insight.charts import palette
from insight.charts.svg import tidied
from insight.charts.words import plain, wrapped

WIDTH = 6.6
POINTS = 72
SIZE = 11.5
SMALL = 10.5

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


@contextmanager
def house_style() -> Iterator[None]:
    """matplotlib's settings as every chart needs them; those outside come back untouched."""
    shipped: dict[Any, Any] = {key: value for key, value in mpl.rcParamsDefault.items() if key.split(".")[0] in _GROUPS}
    with warnings.catch_warnings():
        # Putting back a setting that matplotlib is about to retire is not a use of it.
        warnings.simplefilter("ignore", mpl.MatplotlibDeprecationWarning)
        context = mpl.rc_context({**shipped, **_HOUSE})
        context.__enter__()
    try:
        yield
    finally:
        context.__exit__(None, None, None)


def paper(height: float, rows: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure of the house width with ``rows`` axes below each other; ``height`` in inches."""
    figure = Figure(figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(h_pad=0.08, hspace=0.06))
    FigureCanvasSVG(figure)
    axes = figure.subplots(rows, 1, sharex=True, squeeze=False)
    return figure, [row[0] for row in axes]


def add_key(figure: Figure, entries: Sequence[Artist]) -> None:
    """The legend below the axes: side by side where the words fit, else below each other."""
    if not entries:
        return
    for entry in entries:
        text = wrapped(plain(str(entry.get_label())), 70)
        # matplotlib leaves out entries that begin with an underscore
        entry.set_label(f"\u200b{text}" if text.startswith("_") else text)
    longest = max(len(str(entry.get_label())) for entry in entries)
    figure.legend(handles=list(entries), loc="outside lower left", ncols=2 if longest <= 34 and len(entries) > 1 else 1)


def settle(figure: Figure) -> None:
    """Lay the figure out once and keep that layout, so that labels can be placed on known ground."""
    for text in _texts(figure):
        text.set_parse_math(False)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    figure.set_layout_engine("none")
    _one_line_each(figure)


def _texts(figure: Figure) -> list[Text]:
    return [found for found in figure.findobj(Text) if isinstance(found, Text)]


def _one_line_each(figure: Figure) -> None:
    """Set text of several lines line by line, where it is centred or flush right.

    matplotlib places such lines by its own font's widths; a browser has another font, and the lines would not meet.
    """
    for text in _texts(figure):
        lines = text.get_text().split("\n")
        side = text.get_horizontalalignment()
        if len(lines) == 1 or side == "left" or not text.get_visible():
            continue
        box = text.get_window_extent()
        at = {"center": (box.x0 + box.x1) / 2, "right": box.x1}[side]
        for place, line in enumerate(lines):
            figure.text(
                at,
                box.y1 - box.height * (place + 0.5) / len(lines),
                line,
                ha=side,
                va="center",
                color=text.get_color(),
                fontsize=text.get_fontsize(),
                fontweight=text.get_fontweight(),
                transform=None,
            )
        text.set_visible(False)


def finished(figure: Figure, *, name: str, label: str) -> str:
    """The figure as SVG with the same bytes every time."""
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(buffer, metadata=nothing)
    return tidied(buffer.getvalue(), name=name, label=label)


def value_grid(ax: Axes, *, axis: str = "y", ticks: int = 5) -> None:
    """Faint lines at round values."""
    if axis == "y":
        ax.yaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
        ax.grid(axis="y", linewidth=0.8)
    else:
        ax.xaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
        ax.grid(axis="x", linewidth=0.8)
