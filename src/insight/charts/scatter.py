"""A scatter with its fitted line: every point grey, one area's in colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from insight.charts import palette
from insight.charts.canvas import add_key, finished, house_style, paper, settle, value_grid
from insight.charts.clouds import cloud, limits, name_axes, number_ticks
from insight.charts.inputs import checked, require, table
from insight.charts.labels import label_points
from insight.charts.words import change, number, plain
from insight.core.results import Column, Drawing

_LINE = palette.COMPARISONS[0].colour


def scatter_chart(
    points: pd.DataFrame,
    *,
    line: pd.DataFrame,
    name: str,
    title: str,
    subtitle: str,
    highlight: str | None,
    x_label: str,
    y_label: str,
    line_words: str = "fitted line with its 95% interval",
    points_words: str = "every other authority and year",
    decimals: int = 2,
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """Points of areas and years, a fitted line with its interval, and one area's points labelled with their years.

    Parameters
    ----------
    points : DataFrame
        ``area`` (text), ``time_period`` (year), ``x``, ``y``, ``x__status``, ``y__status``. A row without both numbers
        is in the table and not on the chart.
    line : DataFrame
        ``x``, ``fit``, ``low``, ``high``, without gaps: the study fits, the chart draws.
    highlight : str or None
        The area whose points are coloured and labelled.

    Raises
    ------
    NotEnoughData
        If fewer than two points have both numbers, or the line fewer than two places.
    NotDisplayable
        If a column is missing, or a number is infinite or without its reason.
    """
    data = checked(points, name=name, text=["area"], numbers=["time_period", "x", "y"], status=["x", "y"])
    data["time_period"] = data["time_period"].astype(int)
    fitted = checked(line, name=name, numbers=["x", "fit", "low", "high"]).sort_values("x", ignore_index=True)
    there = data[data["x"].notna() & data["y"].notna()]
    require(len(there) > 1, name=name, found=f"{len(there)} point(s) with both numbers")
    require(len(fitted) > 1 and bool(fitted.notna().all(axis=None)), name=name, found="no complete fitted line")
    mine = there[there["area"] == highlight].sort_values("time_period")
    rest = there[there["area"] != highlight]
    alt = _words(there, mine, fitted, highlight, x_label, y_label, line_words, decimals)
    alt = plain(alt)
    with house_style():
        figure, (ax,) = paper(4.6)
        window = _window(there["x"], mine["x"]), _window(there["y"], mine["y"])
        ax.set_xlim(window[0])
        ax.set_ylim(window[1])
        beyond = _draw_rest(ax, rest)
        _draw_line(ax, fitted)
        ax.plot(
            mine["x"], mine["y"], "o", color=palette.HIGHLIGHT, markersize=7, markeredgecolor=palette.WHITE, zorder=7
        )
        value_grid(ax)
        value_grid(ax, axis="x", ticks=7)
        _zero_lines(ax)
        number_ticks(ax, "x")
        number_ticks(ax, "y")
        name_axes(ax, x_label, y_label)
        settle(figure, below=add_key(figure, _key(mine, highlight, points_words, line_words, beyond)))
        years = [str(year) for year in mine["time_period"]]
        label_points(ax, years, mine["x"].to_numpy(), mine["y"].to_numpy(), colour=palette.HIGHLIGHT, bold=True)
        svg = finished(figure, name=name, label=alt)
    columns = (
        Column("area", "Area", kind="text"),
        Column("time_period", "Year", kind="period"),
        Column("x", x_label, decimals=decimals),
        Column("y", y_label, decimals=decimals),
    )
    numbers = table(data, columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, ax, is_sample)


def _window(values: pd.Series, kept: pd.Series) -> tuple[float, float]:
    """The middle 99% and the chosen area's points: a few far ones must not flatten the rest."""
    middle = values.quantile([0.005, 0.995])
    return limits(np.array([*middle, *kept], dtype=float), 0.08)


def _draw_rest(ax: Axes, rest: pd.DataFrame) -> int:
    """The other points; those beyond the window stand at its edge as triangles. Returns how many these are."""
    places = []
    for key, (low, high), share in (("x", ax.get_xlim(), 0.012), ("y", ax.get_ylim(), 0.022)):
        room = (high - low) * share
        places.append(rest[key].clip(low + room, high - room).to_numpy())
    x, y = places
    outside = (x != rest["x"].to_numpy()) | (y != rest["y"].to_numpy())
    cloud(ax, x[~outside], y[~outside], size=3.2 if len(rest) > 400 else 4.5)
    ax.plot(x[outside], y[outside], "^", color=palette.WORDS, markersize=4.5, markerfacecolor="w", zorder=2)
    return int(outside.sum())


def _draw_line(ax: Axes, fitted: pd.DataFrame) -> None:
    x = fitted["x"].to_numpy()
    ax.fill_between(
        x,
        fitted["low"].to_numpy(),
        fitted["high"].to_numpy(),
        facecolor=_LINE,
        alpha=0.25,
        linewidth=0,
        zorder=3,
    )
    ax.plot(x, fitted["fit"].to_numpy(), color=_LINE, linewidth=2.4, zorder=4)


def _zero_lines(ax: Axes) -> None:
    """No deviation: where an area is as usual."""
    if ax.get_xlim()[0] < 0 < ax.get_xlim()[1]:
        ax.axvline(0, color=palette.WORDS, linewidth=0.8, zorder=1)
    if ax.get_ylim()[0] < 0 < ax.get_ylim()[1]:
        ax.axhline(0, color=palette.WORDS, linewidth=0.8, zorder=1)


def _key(mine: pd.DataFrame, highlight: str | None, points_words: str, line_words: str, beyond: int) -> list[Line2D]:
    key: list[Line2D] = []
    if len(mine):
        key.append(Line2D([], [], color=palette.HIGHLIGHT, marker="o", linestyle="none", markersize=7, label=highlight))
    key.append(Line2D([], [], color=palette.OTHERS, marker="o", linestyle="none", markersize=4, label=points_words))
    if beyond:
        words = f"{beyond} beyond this window, set at its edge"
        hollow = Line2D([], [], color=palette.WORDS, marker="^", linestyle="none", markersize=5, markerfacecolor="w")
        hollow.set_label(words)
        key.append(hollow)
    key.append(Line2D([], [], color=_LINE, linewidth=2.4, label=line_words))
    return key


def _words(
    there: pd.DataFrame,
    mine: pd.DataFrame,
    fitted: pd.DataFrame,
    highlight: str | None,
    x_label: str,
    y_label: str,
    line_words: str,
    decimals: int,
) -> str:
    first, last = fitted.iloc[0], fitted.iloc[-1]
    parts = [
        f"Scatter of {len(there):,} points. Across: {x_label}. Up: {y_label}.",
        f"The {line_words.removeprefix('the ')} goes from {number(first['fit'], decimals)} at"
        f" {number(first['x'], decimals)} to {number(last['fit'], decimals)} at {number(last['x'], decimals)},"
        f" {change(first['fit'], last['fit'], decimals)}.",
    ]
    if len(mine):
        start, end = mine.iloc[0], mine.iloc[-1]
        parts.append(
            f"{highlight}: {len(mine)} point(s), from {number(start['x'], decimals)} across and"
            f" {number(start['y'], decimals)} up in {start['time_period']} to {number(end['x'], decimals)} across and"
            f" {number(end['y'], decimals)} up in {end['time_period']}."
        )
    elif highlight is not None:
        parts.append(f"{highlight} has no year with both numbers.")
    return " ".join(parts)
