"""Many points as one path, and how axes are named: shared by scatters and funnels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter
from numpy.typing import NDArray

from insight.charts import palette
from insight.charts.words import number, plain, wrapped


def cloud(
    ax: Axes, x: NDArray[np.float64], y: NDArray[np.float64], *, size: float, colour: str = palette.OTHERS
) -> None:
    """Dots that are written as one path of zero-length strokes with round caps: a ninth of the bytes of circles."""
    if len(x):
        ax.add_line(Line2D(x, y, linestyle="none", marker=".", markersize=2 * size, color=colour, zorder=2))


def lonely(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Values with a gap on both sides, which a line cannot show.

    >>> lonely(np.array([1.0, np.nan, 2.0, np.nan, 3.0, 4.0])).tolist()
    [True, False, True, False, False, False]
    """
    there = np.concatenate([[False], np.isfinite(values), [False]])
    return np.asarray(there[1:-1] & ~there[:-2] & ~there[2:], dtype=bool)


def limits(values: NDArray[np.float64], pad: float = 0.05) -> tuple[float, float]:
    """The range of finite values with a margin; a single value gets room on both sides."""
    there = values[np.isfinite(values)]
    low, high = float(there.min()), float(there.max())
    room = (high - low) * pad or max(abs(high), 1.0) * 0.1
    return low - room, high + room


def name_axes(ax: Axes, x_label: str, y_label: str) -> None:
    """The vertical axis is named above it, so that nobody reads sideways."""
    ax.set_xlabel(plain(wrapped(x_label, 70)), loc="left")
    ax.set_title(plain(wrapped(y_label, 76)), fontweight="normal", pad=10)


def number_ticks(ax: Axes, axis: str) -> None:
    """Ticks written as everywhere else, with as many decimals as they need."""
    target = ax.xaxis if axis == "x" else ax.yaxis
    low, high = ax.get_xlim() if axis == "x" else ax.get_ylim()
    ticks = [float(tick) for tick in target.get_major_locator()() if low - 1e-9 <= tick <= high + 1e-9]
    fix_ticks(ax, axis, ticks)


def fix_ticks(ax: Axes, axis: str, ticks: Sequence[float]) -> None:
    """These ticks and no others."""
    target = ax.xaxis if axis == "x" else ax.yaxis
    decimals = decimals_of(ticks)
    target.set_major_locator(FixedLocator(list(ticks)))
    target.set_major_formatter(FuncFormatter(lambda value, _: number(value, decimals)))


def fix_words(ax: Axes, words: Sequence[str]) -> None:
    """Words at 0, 1, 2 and so on along the horizontal axis."""
    ax.xaxis.set_major_locator(FixedLocator(range(len(words))))
    ax.xaxis.set_major_formatter(FixedFormatter(words))


def decimals_of(ticks: Sequence[float]) -> int:
    """How many decimals the ticks need, at most six.

    >>> decimals_of([0.0, 2.5]), decimals_of([10, 20])
    (1, 0)
    """
    return max((len(f"{tick:.6f}".rstrip("0").split(".")[1]) for tick in ticks), default=0)
