"""A few groups with their intervals, and two counts a year side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from insight.charts import palette
from insight.charts.canvas import SMALL, add_key, finished, house_style, paper, settle, value_grid
from insight.charts.clouds import fix_words, limits, name_axes, number_ticks
from insight.charts.inputs import checked, records, require, table, with_interval
from insight.charts.marks import ZERO, key_to_marks, mark_line
from insight.charts.svg import HALO
from insight.charts.words import interval, number, plain, series_words, wrapped
from insight.core.missing import Status, in_words
from insight.core.results import Column, Drawing

# Half the width of a column; two stand beside each other at a year.
_SHIFT = 0.205
_PAIR = (palette.HIGHLIGHT, palette.COMPARISONS[0].colour)


def group_chart(
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    subtitle: str,
    x_label: str,
    y_label: str,
    highlight: str | None = None,
    reference: float | None = None,
    reference_words: str = "",
    decimals: int = 1,
    level_words: str = "95% interval",
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """Dots with whiskers for two to ten groups, such as fifths, in the order given.

    Parameters
    ----------
    rows : DataFrame
        ``label`` (text), ``value``, ``low``, ``high``, ``status``. A group without a value stands there with
        its reason.
    highlight : str or None
        The group in colour.
    reference : float or None
        A line across, such as the mean of all, with its words.

    Raises
    ------
    NotEnoughData
        If fewer than two groups have a value, or there are more than ten.
    NotDisplayable
        If a column is missing, or a number is infinite or without its reason.
    """
    data = checked(rows, name=name, text=["label"], numbers=["value", "low", "high"], status=["value"])
    told = with_interval(data, name=name)
    there = data[data["value"].notna()]
    require(len(there) > 1, name=name, found=f"{len(there)} group(s) with a value")
    require(len(data) <= 10, name=name, found=f"{len(data)} groups", todo="show ten groups at most, or a forest chart")
    alt = _group_words(data, x_label, y_label, level_words, decimals)
    alt = plain(alt)
    with house_style():
        figure, (ax,) = paper(4.2)
        ends = [*there[["value", "low", "high"]].to_numpy().ravel(), *([] if reference is None else [reference])]
        ax.set_xlim(-0.6, len(data) - 0.4)
        ax.set_ylim(limits(np.array(ends, dtype=float), 0.1))
        if reference is not None:
            ax.axhline(reference, color=palette.INK, linewidth=1.2, zorder=1)
        for place, row in enumerate(records(data)):
            _draw_group(ax, place, row, bold=row["label"] == highlight, decimals=decimals)
        width = max(8, 68 // len(data))
        fix_words(ax, [plain(wrapped(text, width)) for text in data["label"]])
        value_grid(ax)
        number_ticks(ax, "y")
        name_axes(ax, x_label, y_label)
        words = f"estimate and {level_words}"
        key = [Line2D([], [], color=palette.WORDS, marker="o", markersize=6, linewidth=1.8, label=words)]
        if reference is not None:
            text = f"{reference_words} {number(reference, decimals)}".strip()
            key.append(Line2D([], [], color=palette.INK, linewidth=1.2, label=text))
        settle(figure, below=add_key(figure, key))
        svg = finished(figure, name=name, label=alt)
    columns = (
        Column("label", x_label, kind="text"),
        Column("value", y_label, decimals=decimals),
        Column("low", f"Low end, {level_words}", decimals=decimals),
        Column("high", f"High end, {level_words}", decimals=decimals),
    )
    numbers = table(told, columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, ax, is_sample)


def _draw_group(ax: Axes, place: int, row: dict[str, Any], *, bold: bool, decimals: int) -> None:
    value, low, high = (float(row[key]) for key in ("value", "low", "high"))
    colour = palette.HIGHLIGHT if bold else palette.WORDS
    if np.isnan(value):
        said = wrapped(in_words(row["status"]), 12)
        middle = sum(ax.get_ylim()) / 2
        ax.text(place, middle, said, ha="center", va="center", color=palette.WORDS, fontsize=SMALL).set_gid(HALO)
        return
    if not np.isnan(low):
        ax.plot([place, place], [low, high], color=colour, linewidth=3.0 if bold else 1.8, zorder=4)
    ax.plot([place], [value], marker="D" if bold else "o", color=colour, markersize=8 if bold else 6.5, zorder=5)
    made = ax.annotate(
        number(value, decimals),
        (place, value),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        color=colour,
        fontsize=SMALL,
        fontweight="bold" if bold else "normal",
        zorder=6,
    )
    made.set_gid(HALO)


def _group_words(data: pd.DataFrame, x_label: str, y_label: str, level_words: str, decimals: int) -> str:
    parts = [f"{y_label}, with its {level_words}, by {x_label}."]
    for row in records(data):
        if np.isnan(row["value"]):
            parts.append(f"{row['label']}: {in_words(row['status'])}.")
        elif np.isnan(row["low"]):
            parts.append(f"{row['label']}: {number(row['value'], decimals)}.")
        else:
            parts.append(f"{row['label']}: {interval(row['value'], row['low'], row['high'], decimals)}.")
    return " ".join(parts)


def column_chart(
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    subtitle: str,
    first: str,
    second: str,
    y_label: str,
    decimals: int = 0,
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """Two counts a year side by side, such as starters and leavers of one area.

    Parameters
    ----------
    rows : DataFrame
        ``series`` (text: ``first`` or ``second``), ``time_period`` (year), ``value`` (0 or more), ``status``.
    first, second : str
        The two series, in their order.

    Raises
    ------
    NotEnoughData
        If neither has a value, or a value is below zero.
    NotDisplayable
        If a column is missing, or a number is infinite or without its reason.
    """
    data = checked(rows, name=name, text=["series"], numbers=["time_period", "value"], status=["value"])
    data = data[data["series"].isin([first, second])].astype({"time_period": int})
    require(data["value"].notna().any(), name=name, found=f"no count of {first} or {second}")
    require(not (data["value"] < 0).any(), name=name, found="a count below zero", todo="give counts of 0 or more")
    years = sorted(data["time_period"].unique())
    whole = _both(data, years, (first, second))
    alt = f"Columns by year. {y_label}. " + " ".join(
        series_words(series, whole[whole["series"] == series], decimals=decimals) for series in (first, second)
    )
    alt = plain(alt)
    with house_style():
        figure, (ax,) = paper(4.2)
        for offset, series, colour in zip((-_SHIFT, _SHIFT), (first, second), _PAIR, strict=True):
            own = whole[(whole["series"] == series) & whole["value"].notna()]
            places = [years.index(year) + offset for year in own["time_period"]]
            for place, value in zip(places, own["value"], strict=True):
                ax.add_artist(Rectangle((place - _SHIFT, 0), 2 * _SHIFT, value, color=colour, linewidth=0))
        ax.set_xlim(-0.5, len(years) - 0.5)
        fix_words(ax, [str(year) for year in years])
        ax.set_ylim(0, float(whole["value"].max()) * 1.12 or 1.0)
        kinds = _label_columns(ax, whole, years, (first, second), decimals)
        value_grid(ax)
        number_ticks(ax, "y")
        name_axes(ax, "", y_label)
        pairs = zip((first, second), _PAIR, strict=True)
        key = [Rectangle((0, 0), 1, 1, color=colour, label=plain(text)) for text, colour in pairs]
        settle(figure, below=add_key(figure, [*key, *key_to_marks(kinds)]))
        svg = finished(figure, name=name, label=alt)
    columns = (
        Column("series", "Who", kind="text"),
        Column("time_period", "Year", kind="period"),
        Column("value", y_label, decimals=decimals),
    )
    told = whole.rename(columns={"status": "value__status"})
    numbers = table(told, columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, ax, is_sample)


def _both(data: pd.DataFrame, years: Sequence[int], pair: tuple[str, str]) -> pd.DataFrame:
    """A row for each series and year; a year of one alone is a gap of the other."""
    index = pd.MultiIndex.from_product([pair, years], names=["series", "time_period"])
    whole = data.set_index(["series", "time_period"])[["value", "status"]].reindex(index).reset_index()
    whole["status"] = whole["status"].astype(object).where(whole["status"].notna(), Status.NO_ROW.value)
    return whole


def _label_columns(
    ax: Axes, whole: pd.DataFrame, years: Sequence[int], pair: tuple[str, str], decimals: int
) -> list[str]:
    """A count on each column, a mark where there is none; the kinds of marks used."""
    kinds: list[str] = []
    size = SMALL if len(years) <= 6 else SMALL - 1
    for offset, series, colour in zip((-_SHIFT, _SHIFT), pair, _PAIR, strict=True):
        for row in records(whole[whole["series"] == series]):
            at = years.index(row["time_period"]) + offset
            if np.isnan(row["value"]) or row["value"] == 0:
                kind = ZERO if row["value"] == 0 else str(row["status"])
                kinds.append(kind)
                ax.add_line(mark_line(kind, [at], [ax.get_ylim()[1] * 0.03], colour=colour))
                continue
            text = number(row["value"], decimals)
            if len(text) > 3 and len(years) > 6 and row["time_period"] not in (years[0], years[-1]):
                continue  # no room; the table has it
            ax.annotate(
                text,
                (at, row["value"]),
                xytext=(0, 2),
                textcoords="offset points",
                ha="center",
                va="bottom",
                color=colour,
                fontsize=size,
            )
    return kinds
