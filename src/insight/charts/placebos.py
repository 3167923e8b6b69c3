"""How unusual a number is among those of untreated units: a histogram with the observed one marked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator
from numpy.typing import NDArray

from insight.charts import palette
from insight.charts.canvas import SMALL, finished, house_style, paper, settle, value_grid
from insight.charts.clouds import fix_ticks, name_axes, number_ticks
from insight.charts.inputs import require, table
from insight.charts.svg import HALO
from insight.charts.words import number, plain
from insight.core.results import Column, Drawing

_BINS = 24
_TICKS = (0.25, 0.33, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 3.0, 4.0)


def placebo_chart(
    placebos: Sequence[float],
    *,
    observed: float,
    name: str,
    title: str,
    subtitle: str,
    x_label: str,
    observed_words: str,
    decimals: int = 2,
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """A histogram of placebo ratios, on a logarithmic axis, with the observed ratio as a line.

    Parameters
    ----------
    placebos : sequence of float
        Ratios above zero, one for each placebo set.
    observed : float
        The ratio of the treated units.

    Raises
    ------
    NotEnoughData
        If there are fewer than three placebos, or a ratio is not above zero.
    """
    values = np.asarray(placebos, dtype=float)
    values = values[np.isfinite(values)]
    require(len(values) > 2, name=name, found=f"{len(values)} placebo(s)")
    least = float(np.min([values.min(), observed]))
    require(least > 0, name=name, found=f"a ratio of {least}", todo="give ratios above zero")
    counts, edges = _histogram(values, observed)
    as_far = int((np.abs(np.log(values)) >= abs(np.log(observed)) * (1 - 1e-12)).sum())
    alt = plain(
        f"Histogram of {len(values)} placebo ratios, from {number(values.min(), decimals)} to "
        f"{number(values.max(), decimals)}, the middle one {number(float(np.median(values)), decimals)}. "
        f"{observed_words}: {number(observed, decimals)}; {as_far} placebos lie as far from 1 or farther."
    )
    with house_style():
        figure, (ax,) = paper(3.4)
        ax.set_xscale("log")
        ax.stairs(counts, edges, fill=True, facecolor=palette.OTHERS, edgecolor=palette.WHITE, linewidth=0.6, zorder=2)
        _mark(ax, observed, f"{observed_words} {number(observed, decimals)}", edges)
        _axes(ax, edges)
        name_axes(ax, x_label, "Placebo sets")
        settle(figure)
        svg = finished(figure, name=name, label=alt)
    frame = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "sets": counts.astype(float)})
    for key in ("from", "to", "sets"):
        frame[f"{key}__status"] = "value"
    columns = (
        Column("from", f"{x_label}, from", decimals=decimals),
        Column("to", "To", decimals=decimals),
        Column("sets", "Placebo sets", decimals=0),
    )
    numbers = table(frame, columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, ax, is_sample)


def _histogram(values: NDArray[np.float64], observed: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    logs = np.log([*values, observed])
    low, high = float(logs.min()), float(logs.max())
    room = max((high - low) * 0.02, 0.01)
    edges = np.exp(np.linspace(low - room, high + room, _BINS + 1))
    return np.histogram(values, bins=edges)[0].astype(np.int64), edges


def _mark(ax: Axes, observed: float, words: str, edges: NDArray[np.float64]) -> None:
    ax.axvline(observed, color=palette.HIGHLIGHT, linewidth=3, zorder=4)
    is_left = np.log(observed) < np.log(edges[[0, -1]]).mean()
    made = ax.annotate(
        plain(words),
        (observed, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(7 if is_left else -7, -3),
        textcoords="offset points",
        ha="left" if is_left else "right",
        va="top",
        fontsize=SMALL,
        fontweight="bold",
        color=palette.HIGHLIGHT,
        zorder=6,
    )
    made.set_gid(HALO)


def _ticks(low: float, high: float) -> list[float]:
    """Round ratios within the axis; on a narrow one the coarsest steps of which three fit."""
    ticks = [tick for tick in _TICKS if low <= tick <= high]
    for step in (0.05, 0.02, 0.01, 0.005):
        if len(ticks) > 2:
            break
        ticks = [round(step * k, 3) for k in range(int(np.ceil(low / step)), int(high / step) + 1)]
    return ticks


def _axes(ax: Axes, edges: NDArray[np.float64]) -> None:
    ax.set_xlim(float(edges[0]), float(edges[-1]))
    ticks = _ticks(float(edges[0]), float(edges[-1]))
    fix_ticks(ax, "x", ticks)
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())
    value_grid(ax)
    ax.set_ylim(0, ax.get_ylim()[1] * 1.12)
    number_ticks(ax, "y")
