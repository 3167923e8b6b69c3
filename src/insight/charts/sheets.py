"""Free paper for charts of many small parts: places are points from its upper left corner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from insight.charts import palette
from insight.charts.canvas import POINTS, SMALL, WIDTH
from insight.charts.lettering import width
from insight.charts.svg import HALO
from insight.charts.words import plain

Floats = NDArray[np.float64]
ACROSS = WIDTH * POINTS
"""Width of the paper in points."""
LINE = SMALL * 1.25
"""From one line of small words to the next, in points."""


@dataclass(frozen=True)
class Scale:
    """From values to points: ``low`` stands at ``start`` and ``high`` at ``end``."""

    low: float
    high: float
    start: float
    end: float

    def at(self, values: Any) -> Floats:
        """Where values stand; a missing one has no place.

        >>> Scale(0.0, 10.0, 100.0, 200.0).at([0, 5]).tolist()
        [100.0, 150.0]
        """
        share = (np.asarray(values, dtype=float) - self.low) / (self.high - self.low)
        return np.asarray(self.start + share * (self.end - self.start), dtype=float)


def blank() -> tuple[Figure, Axes]:
    """A sheet of the house width, whose axes are all of it; ``cut`` gives it its height."""
    figure = Figure(figsize=(WIDTH, 1.0))
    FigureCanvasSVG(figure)
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    for part in (ax.xaxis, ax.yaxis, *ax.spines.values()):
        part.set_visible(False)
    cut(figure, ax, POINTS)
    return figure, ax


def cut(figure: Figure, ax: Axes, height: float) -> None:
    """Make the sheet as high as its parts need, in points."""
    figure.set_size_inches(WIDTH, height / POINTS)
    ax.set_xlim(0.0, ACROSS)
    ax.set_ylim(height, 0.0)


def say(
    ax: Axes,
    words: str,
    x: float,
    y: float,
    *,
    size: float = SMALL,
    colour: str = palette.WORDS,
    across: str = "left",
    up: str = "top",
    bold: bool = False,
    halo: bool = False,
) -> None:
    """Words at a place; a halo keeps lines from crossing them out."""
    made = ax.text(
        x, y, plain(words), fontsize=size, color=colour, ha=across, va=up, fontweight="bold" if bold else "normal",
        zorder=8,
    )  # fmt: skip
    if halo:
        made.set_gid(HALO)


def stroke(
    ax: Axes,
    x: Sequence[float] | Floats,
    y: Sequence[float] | Floats,
    *,
    colour: str,
    thick: float = 0.8,
    dash: tuple[float, ...] = (),
    above: float = 2.0,
) -> None:
    """A line in points; a missing place breaks it."""
    line = Line2D(list(x), list(y), color=colour, linewidth=thick, zorder=above, clip_on=False)
    if dash:
        line.set_linestyle((0, dash))
    ax.add_line(line)


def fitted(words: str, room: float, *, size: float = SMALL, bold: bool = False) -> str:
    """Words on as many lines as they need to be no wider than ``room`` points; only a plain space is a break.

    >>> fitted("Bath and North East Somerset", 100.0)
    'Bath and North\\nEast Somerset'
    """
    lines: list[str] = []
    for word in filter(None, words.split(" ")):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size, bold=bold) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


def round_ticks(low: float, high: float, several: int) -> list[float]:
    """Round values within a range, no more than ``several`` steps apart.

    >>> round_ticks(0.0, 103.0, 5)
    [0.0, 25.0, 50.0, 75.0, 100.0]
    """
    found = MaxNLocator(several, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    slack = (high - low) * 1e-9
    return [float(tick) for tick in found if low - slack <= tick <= high + slack]
