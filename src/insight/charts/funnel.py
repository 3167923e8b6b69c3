"""A funnel: each area's figure against its size, between limits that narrow as areas grow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from insight.charts import palette
from insight.charts.canvas import add_key, finished, house_style, paper, settle, value_grid
from insight.charts.clouds import cloud, limits, name_axes, number_ticks
from insight.charts.inputs import checked, records, require, table
from insight.charts.labels import EndLabels, label_points
from insight.charts.words import number, plain
from insight.core.missing import Status, in_words
from insight.core.results import Column, Drawing

_NEIGHBOUR = palette.COMPARISONS[0].colour
_CURVES = ("low_2", "high_2", "low_3", "high_3")


def funnel_chart(
    points: pd.DataFrame,
    *,
    curves: pd.DataFrame,
    centre: float,
    name: str,
    title: str,
    subtitle: str,
    highlight: str | None,
    neighbours: Sequence[str] = (),
    unadjusted: pd.DataFrame | None = None,
    x_label: str,
    y_label: str,
    events_label: str = "Events",
    centre_words: str = "average",
    neighbours_words: str = "statistical neighbours",
    limits_words: str = "limits, with the usual spread between areas allowed for",
    unadjusted_words: str = "the same limits for chance alone",
    decimals: int = 1,
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """Every area's figure against its denominator, with curves at two and three multiples.

    Parameters
    ----------
    points : DataFrame
        ``area`` (text), ``denominator``, ``events``, ``value``, ``denominator__status``, ``events__status``,
        ``status`` (of ``value``). A row without denominator and value is in the table and not on the chart.
    curves : DataFrame
        ``denominator``, ``low_2``, ``high_2``, ``low_3``, ``high_3``, without gaps, in the unit of ``value``.
    centre : float
        Where the curves meet.
    unadjusted : DataFrame or None
        A second set of curves, drawn dotted.
    neighbours : sequence of str
        Areas marked with a diamond.

    Raises
    ------
    NotEnoughData
        If fewer than two areas can be drawn, or the curves have fewer than two places.
    NotDisplayable
        If a column is missing, or a number is infinite or without its reason.
    """
    numeric = ["denominator", "events", "value"]
    data = checked(points, name=name, text=["area"], numbers=numeric, status=numeric)
    there = data[data["value"].notna() & data["denominator"].notna()]
    require(len(there) > 1, name=name, found=f"{len(there)} area(s) with figure and denominator")
    drawn = [_curves(frame, name) for frame in (curves, unadjusted) if frame is not None]
    mine = there[there["area"] == highlight]
    near = there[there["area"].isin(list(neighbours)) & (there["area"] != highlight)]
    rest = there.drop(index=[*mine.index, *near.index])
    alt = _words(data, there, mine, near, drawn[0], centre, highlight, x_label, y_label, centre_words, decimals)
    alt = plain(alt)
    with house_style():
        figure, (ax,) = paper(4.8)
        largest = float(there["denominator"].max())
        ax.set_xlim(0, largest * 1.04)
        ax.set_ylim(_height(there, drawn[0]))
        ends = _draw_curves(ax, drawn, centre, centre_words, decimals)
        cloud(ax, rest["denominator"].to_numpy(), rest["value"].to_numpy(), size=5)
        ax.plot(
            near["denominator"], near["value"], "D", color=_NEIGHBOUR, markersize=6.5, markeredgecolor="w", zorder=5
        )
        ax.plot(
            mine["denominator"],
            mine["value"],
            "o",
            color=palette.HIGHLIGHT,
            markersize=10,
            markeredgecolor="w",
            zorder=7,
        )
        value_grid(ax)
        number_ticks(ax, "y")
        number_ticks(ax, "x")
        name_axes(ax, x_label, y_label)
        key = _key(len(near), len(rest), len(drawn) > 1, neighbours_words, limits_words, unadjusted_words)
        settle(figure, below=add_key(figure, key))
        ends.place()
        label_points(
            ax,
            [f"{row['area']} {number(row['value'], decimals)}" for row in records(mine)],
            mine["denominator"].to_numpy(),
            mine["value"].to_numpy(),
            colour=palette.HIGHLIGHT,
            bold=True,
        )
        svg = finished(figure, name=name, label=alt)
    columns = (
        Column("area", "Area", kind="text"),
        Column("denominator", x_label, decimals=0 if _whole(data["denominator"]) else 1),
        Column("events", events_label, decimals=0 if _whole(data["events"]) else 1),
        Column("value", y_label, decimals=decimals),
    )
    told = data.rename(columns={"status": "value__status"})
    numbers = table(told, columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, ax, is_sample)


def _whole(values: pd.Series) -> bool:
    there = values.dropna()
    return bool((there == there.round()).all())


def _curves(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    out = checked(frame, name=name, numbers=["denominator", *_CURVES]).sort_values("denominator", ignore_index=True)
    require(len(out) > 1 and bool(out.notna().all(axis=None)), name=name, found="no complete limits")
    return out


def _height(there: pd.DataFrame, curves: pd.DataFrame) -> tuple[float, float]:
    """From the figures, and from the limits except those of the very smallest areas."""
    values = there["value"].to_numpy()
    inside = curves[curves["denominator"] >= there["denominator"].quantile(0.1)]
    if inside.empty:
        inside = curves
    low, high = limits(np.array([*values, inside["low_3"].min(), inside["high_3"].max()]))
    return (max(low, 0.0) if values.min() >= 0 else low), high


def _draw_curves(ax: Axes, drawn: Sequence[pd.DataFrame], centre: float, centre_words: str, decimals: int) -> EndLabels:
    ends = EndLabels(ax)
    right = ax.get_xlim()[1]
    ax.axhline(centre, color=palette.INK, linewidth=1.2, zorder=1)
    ends.add(f"{centre_words} {number(centre, decimals)}", x=right, y=centre, colour=palette.INK)
    for frame, dotted in zip(drawn, (False, True), strict=False):
        x = frame["denominator"].to_numpy()
        for curve in _CURVES:
            three = curve.endswith("3")
            y = frame[curve].to_numpy()
            style = (0, (1, 2)) if dotted else "-" if three else (0, (5, 2))
            ax.plot(x, y, color=palette.WORDS, linewidth=0.9 if dotted else 1.2, linestyle=style, zorder=1)
            if not dotted:
                at = float(np.interp(min(right, x[-1]), x, y))
                ends.add(f"{'3' if three else '2'} multiples", x=min(right, float(x[-1])), y=at, colour=palette.WORDS)
    return ends


def _key(near: int, rest: int, twice: bool, neighbours: str, within: str, unadjusted: str) -> list[Line2D | Rectangle]:
    key: list[Line2D | Rectangle] = []
    if near:
        key.append(
            Line2D([], [], color=_NEIGHBOUR, marker="D", linestyle="none", markersize=6.5, label=f"{near} {neighbours}")
        )
    if rest:
        key.append(
            Line2D([], [], color=palette.OTHERS, marker="o", linestyle="none", markersize=5, label=f"{rest} others")
        )
    key.append(Line2D([], [], color=palette.WORDS, linewidth=1.2, linestyle=(0, (5, 2)), label=within))
    if twice:
        key.append(Line2D([], [], color=palette.WORDS, linewidth=0.9, linestyle=(0, (1, 2)), label=unadjusted))
    return key


def _words(
    data: pd.DataFrame,
    there: pd.DataFrame,
    mine: pd.DataFrame,
    near: pd.DataFrame,
    curves: pd.DataFrame,
    centre: float,
    highlight: str | None,
    x_label: str,
    y_label: str,
    centre_words: str,
    decimals: int,
) -> str:
    span = f"{number(there['value'].min(), decimals)} to {number(there['value'].max(), decimals)}"
    parts = [
        f"Funnel of {len(there)} areas. Up: {y_label}, from {span}; {centre_words} {number(centre, decimals)}.",
        f"Across: {x_label}.",
    ]
    if len(mine):
        row = mine.iloc[0]
        parts.append(
            f"{highlight}: {number(row['value'], decimals)} with a denominator of {number(row['denominator'], 0)},"
            f" {_place(row, curves)}."
        )
    elif highlight is not None:
        reasons = data.loc[data["area"] == highlight, "status"]
        reason = in_words(Status(reasons.iloc[0])) if len(reasons) else in_words(Status.NO_ROW)
        parts.append(f"{highlight} is not on the chart: {reason}.")
    if len(near):
        ends = f"{number(near['value'].min(), decimals)} to {number(near['value'].max(), decimals)}"
        parts.append(f"{len(near)} neighbour(s) from {ends}.")
    return " ".join(parts)


def _place(row: pd.Series, curves: pd.DataFrame) -> str:
    at = {key: float(np.interp(row["denominator"], curves["denominator"], curves[key])) for key in _CURVES}
    for multiple in ("3", "2"):
        if row["value"] > at[f"high_{multiple}"]:
            return f"above the limit at {multiple} multiples"
        if row["value"] < at[f"low_{multiple}"]:
            return f"below the limit at {multiple} multiples"
    return "between the limits at 2 multiples"
