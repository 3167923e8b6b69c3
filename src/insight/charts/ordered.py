"""Points in the order of time: read and checked, drawn, told and put into a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator
from numpy.typing import NDArray

from insight.charts import palette
from insight.charts.canvas import value_grid
from insight.charts.clouds import limits, name_axes
from insight.charts.gaps import draw_gaps
from insight.charts.layout import SIZE
from insight.charts.lettering import width
from insight.charts.words import change, listed, number, plain, wrapped
from insight.core.missing import Status, in_words
from insight.errors import NotDisplayable

# Points that the words at the ticks have across, and letters in a line of them.
_ACROSS, _TICK_WIDE = 330.0, 11
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class OrderedPoints:
    """Points in their order, with what they are judged against.

    Parameters
    ----------
    periods, status : (n,) lists of str
    value, centre, low, high : (n,) arrays
        A centre or limit is missing where there is none.
    in_baseline : (n,) array of bool
    """

    periods: list[str]
    value: Floats
    status: list[str]
    centre: Floats
    low: Floats
    high: Floats
    in_baseline: NDArray[np.bool_]

    @property
    def x(self) -> Floats:
        """0, 1, 2 and so on."""
        return np.arange(len(self.periods), dtype=float)


def ordered_points(data: pd.DataFrame, name: str) -> OrderedPoints:
    """The points of a checked frame.

    Raises
    ------
    NotDisplayable
        If a period comes twice.
    """
    periods = data["period"].tolist()
    if len(set(periods)) < len(periods):
        raise NotDisplayable(
            f"drawing the chart {name!r}", found="a period that comes twice", todo="give one row for each period"
        )
    value, centre, low, high = (data[key].to_numpy() for key in ("value", "centre", "low", "high"))
    inside = data["in_baseline"].to_numpy() == 1
    return OrderedPoints(periods, value, data["status"].tolist(), centre, low, high, inside)


def set_scale(ax: Axes, series: Sequence[Floats]) -> None:
    """The upright scale around all of these; never below zero where no number is."""
    every = np.concatenate(series)
    low, high = limits(every, 0.08)
    ax.set_ylim(max(low, 0.0) if np.nanmin(every) >= 0 else low, high)


def draw_points(ax: Axes, found: OrderedPoints) -> None:
    """The points, joined where they follow each other."""
    ax.plot(found.x, found.value, color=palette.HIGHLIGHT, linewidth=1.4, zorder=4)
    size = 6.0 if len(found.x) <= 40 else 4.0
    ax.plot(found.x, found.value, "o", color=palette.HIGHLIGHT, markersize=size, markeredgecolor=palette.WHITE,
            markeredgewidth=0.5, zorder=5)  # fmt: skip


def finish_axes(ax: Axes, found: OrderedPoints, y_label: str) -> list[str]:
    """Ticks, names and gaps; the kinds of marks that the key must explain."""
    value_grid(ax)
    kinds = draw_gaps(ax, found.x, found.value, found.status, colour=palette.HIGHLIGHT)
    words = [wrapped(plain(period), _TICK_WIDE) for period in found.periods]
    wide = max(width(line, SIZE) for text in words for line in text.split("\n")) + 8
    step = max(1, int(np.ceil(len(words) * wide / _ACROSS)))
    shown = list(range(len(words)))[::-1][::step][::-1]
    ax.xaxis.set_major_locator(FixedLocator(shown))
    ax.xaxis.set_major_formatter(FixedFormatter([words[place] for place in shown]))
    ax.set_xlim(-0.5, len(words) - 0.5)
    name_axes(ax, "", y_label)
    return kinds


def ends_in_words(found: OrderedPoints, decimals: int) -> str:
    """First and last value, and what is missing."""
    there = np.flatnonzero(np.isfinite(found.value))
    first, last = (float(found.value[there[place]]) for place in (0, -1))
    text = f"From {number(first, decimals)} in {found.periods[there[0]]} to {number(last, decimals)} in "
    text += f"{found.periods[there[-1]]}, {change(first, last, decimals)}."
    gaps: dict[str, list[str]] = {}
    for period, value, why in zip(found.periods, found.value, found.status, strict=True):
        if np.isnan(value):
            gaps.setdefault(why, []).append(period)
    said = [f"{listed(periods)} ({in_words(why)})" for why, periods in gaps.items()]
    return f"{text} No value in {'; '.join(said)}." if said else text


def points_frame(found: OrderedPoints) -> pd.DataFrame:
    """The points as rows for a table, each number with its status."""
    out = pd.DataFrame({"period": found.periods, "value": found.value, "value__status": found.status})
    for key, values in (("centre", found.centre), ("low", found.low), ("high", found.high)):
        given = np.where(np.isfinite(values), Status.VALUE.value, Status.NOT_APPLICABLE.value)
        out = out.assign(**{key: values, f"{key}__status": given})
    return out
