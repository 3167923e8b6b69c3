"""Many points as one path, and how axes are named: shared by scatters and funnels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FixedLocator, FuncFormatter
from numpy.typing import NDArray

from insight.charts import palette
from insight.charts.words import number, plain, wrapped


def cloud(
    ax: Axes, x: NDArray[np.float64], y: NDArray[np.float64], *, size: float, colour: str = palette.OTHERS
) -> None:
    """Dots as one path of zero-length strokes with round caps: a ninth of the bytes of as many circles."""
    if not len(x):
        return
    corners = np.repeat(np.column_stack([x, y]), 2, axis=0)
    path = Path(corners, np.tile([Path.MOVETO, Path.LINETO], len(x)))
    path.should_simplify = False
    ax.add_patch(PathPatch(path, fill=False, edgecolor=colour, linewidth=size, capstyle="round", zorder=2))


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


def decimals_of(ticks: Sequence[float]) -> int:
    """How many decimals the ticks need, at most six.

    >>> decimals_of([0.0, 2.5]), decimals_of([10, 20])
    (1, 0)
    """
    return max((len(f"{tick:.6f}".rstrip("0").split(".")[1]) for tick in ticks), default=0)
