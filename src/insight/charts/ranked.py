"""Areas below each other by their figure: a dot and its interval each, beside the lines of region and nation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from insight.charts import palette
from insight.charts.canvas import POINTS, SMALL, add_key, finished, house_style, paper, settle, value_grid
from insight.charts.clouds import cloud, limits, number_ticks
from insight.charts.inputs import checked, records, require, table, with_interval
from insight.charts.labels import EndLabels
from insight.charts.lanes import Lane
from insight.charts.marks import ZERO, key_to_marks, mark_line
from insight.charts.words import interval, listed, number, plain, wrapped
from insight.core.missing import Status, in_words
from insight.core.results import Column, Drawing

Order = Literal["high first", "low first", "as given"]
# Up to so many areas each has its name; beyond, only those that matter here.
_MOST_NAMED, _MOST_LINES, _MOST_NEIGHBOURS = 40, 3, 15
# Points from row to row, with and without names, and what stands around the rows.
_NAMED, _BARE, _AROUND = 15.5, 3.2, 92.0
_NAME_WIDE = 27
_NEIGHBOUR = palette.COMPARISONS[0].colour
_LINES: tuple[tuple[str, Any], ...] = (
    (palette.INK, "-"),
    (palette.COMPARISONS[1].colour, (0, (5, 2))),
    (palette.COMPARISONS[2].colour, (0, (2, 2))),
)
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Level:
    """A figure that all areas are held against, such as the nation's, with the words at its line."""

    words: str
    value: float


def ranked_chart(
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    subtitle: str,
    x_label: str,
    highlight: str | None,
    neighbours: Sequence[str] = (),
    levels: Sequence[Level] = (),
    order: Order = "high first",
    neighbours_words: str = "statistical neighbours",
    others_words: str = "others",
    level_words: str = "95% interval",
    decimals: int = 1,
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """A ranked dot plot.

    Parameters
    ----------
    rows : DataFrame
        ``area`` (text, each once), ``value``, ``low``, ``high``, ``status``. Up to 40 rows each has its name and its
        number, or a mark for why it has none; of more rows only the highlighted area and its neighbours are named, and
        those without a number are counted under the chart. An interval may be missing.
    highlight : str or None
        The area in bold.
    neighbours : sequence of str
        Up to 15 areas marked with a diamond.
    levels : sequence of Level
        Up to three upright lines.
    order : "high first", "low first" or "as given"
        Equal figures stand in the order of their names. Areas without a number stand last.

    Raises
    ------
    NotEnoughData
        If no area has a value, an area comes twice, or there are too many neighbours or lines.
    NotDisplayable
        If a column is missing, or a number is infinite or without its reason.
    """
    data = checked(rows, name=name, text=["area"], numbers=["value", "low", "high"], status=["value"])
    with_interval(data, name=name)
    twice = bool(data["area"].duplicated().any())
    require(not twice, name=name, found="an area that comes twice", todo="give each area once")
    require(data["value"].notna().any(), name=name, found=f"no value in {len(data)} row(s)")
    require(len(levels) <= _MOST_LINES, name=name, found=f"{len(levels)} lines", todo=f"draw {_MOST_LINES} at most")
    near = [area for area in neighbours if area != highlight]
    require(len(near) <= _MOST_NEIGHBOURS, name=name, found=f"{len(near)} neighbours",
            todo=f"mark {_MOST_NEIGHBOURS} at most")  # fmt: skip
    data = _ordered(data, order)
    there = data[data["value"].notna()].reset_index(drop=True)
    is_named = len(data) <= _MOST_NAMED
    shown = data if is_named else there
    alt = plain(_words(data, highlight, near, levels, order, x_label, level_words, decimals))
    with house_style():
        pitch = _NAMED if is_named else _BARE
        figure, (ax,) = paper((_AROUND + pitch * len(shown) + (60 if near else 40)) / POINTS)
        ax.set_ylim(len(shown) - 0.3, -0.7)
        ax.set_xlim(_reach(there, levels))
        lane = _draw_levels(ax, levels, decimals)
        _draw_rows(ax, shown, highlight, near, is_named)
        value_grid(ax, axis="x", ticks=6)
        number_ticks(ax, "x")
        ax.set_yticks([])
        ax.set_xlabel(plain(wrapped(x_label, 70)), loc="left")
        key = _key(shown, highlight, near, neighbours_words, others_words, level_words)
        if is_named:
            labels, kinds = EndLabels(ax), _name_rows(ax, shown, highlight, near, decimals)
        else:
            labels, kinds = _name_some(ax, there, highlight, near, decimals), []
            key += _gone(data[data["value"].isna()])
        kinds += [ZERO] if (there["value"] == 0).any() else []
        settle(figure, below=add_key(figure, [*key, *key_to_marks(kinds)]))
        lane.place()
        labels.place()
        svg = finished(figure, name=name, label=alt)
    columns = (
        Column("area", "Area", kind="text"),
        Column("value", x_label, decimals=decimals),
        Column("low", f"Low end, {level_words}", decimals=decimals),
        Column("high", f"High end, {level_words}", decimals=decimals),
    )
    told = pd.concat([data, _level_rows(levels)], ignore_index=True) if levels else data
    numbers = table(with_interval(told, name=name), columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, ax, is_sample)


def _ordered(data: pd.DataFrame, order: Order) -> pd.DataFrame:
    """By value, then by name; those without a value last, by name."""
    if order == "as given":
        return data.sort_values("value", key=pd.isna, kind="stable", ignore_index=True)
    by_name = data.sort_values("area", kind="stable")
    return by_name.sort_values("value", ascending=order == "low first", kind="stable", ignore_index=True)


def _reach(there: pd.DataFrame, levels: Sequence[Level]) -> tuple[float, float]:
    """Room for every figure and most intervals: that of a very small area must not flatten the rest."""
    core = np.array([*there["value"], *(level.value for level in levels)], dtype=float)
    ends = there[["low", "high"]].to_numpy()
    half = np.abs(ends - there[["value"]].to_numpy()).max(axis=1)
    half = half[np.isfinite(half)]
    beyond = max(0.4 * float(np.ptp(core)), 2.5 * float(np.median(half))) if len(half) else 0.0
    kept = np.clip(ends.ravel(), core.min() - beyond, core.max() + beyond)
    low, high = limits(np.array([*core, *kept]))
    # A dot at zero would be cut in half by an edge at zero.
    return (max(low, -0.02 * high) if np.nanmin([*core, *kept]) >= 0 else low), high


def _draw_levels(ax: Axes, levels: Sequence[Level], decimals: int) -> Lane:
    """Upright lines, each with its words at its top."""
    lane = Lane(ax, rise=9.0, is_joined=True)
    for level, (colour, style) in zip(levels, _LINES, strict=False):
        ax.axvline(level.value, color=colour, linewidth=1.5, linestyle=style, zorder=2)
        lane.add(wrapped(f"{level.words} {number(level.value, decimals)}", 24), x=level.value, colour=colour)
    return lane


def _draw_rows(ax: Axes, shown: pd.DataFrame, highlight: str | None, near: Sequence[str], is_named: bool) -> None:
    """The whiskers and dots of all rows that look alike are one line each."""
    areas = shown["area"]
    kinds = (
        (~areas.isin([*near, highlight]), palette.OTHERS if not is_named else palette.WORDS, "o", 5.5, 1.2),
        (areas.isin(list(near)), _NEIGHBOUR, "D", 6.5, 1.8),
        (areas == highlight, palette.HIGHLIGHT, "o", 9.0, 3.0),
    )
    value, low, high = (shown[key].to_numpy() for key in ("value", "low", "high"))
    for above, (chosen, colour, shape, size, wide) in enumerate(kinds):
        places = np.flatnonzero(chosen.to_numpy() & np.isfinite(value))
        if not len(places):
            continue
        y = places.astype(float)
        wide = wide if is_named or above == 2 else wide / 2
        _whiskers(ax, low[places], high[places], y, colour=colour, width=wide, above=above)
        if above == 0 and not is_named:
            cloud(ax, value[places], y, size=4.0, colour=palette.WORDS)
            continue
        dots = Line2D(value[places], y, linestyle="none", marker=shape, markersize=size, color=colour,
                      markeredgecolor=palette.WHITE, markeredgewidth=0.6, zorder=5 + above)  # fmt: skip
        ax.add_line(dots)
    zeros = np.flatnonzero(value == 0)
    if len(zeros):
        ax.add_line(mark_line(ZERO, [0.0] * len(zeros), zeros.astype(float)))


def _whiskers(ax: Axes, low: Floats, high: Floats, y: Floats, *, colour: str, width: float, above: int) -> None:
    """The intervals as one broken line; one that goes beyond the axes has an arrow there."""
    left, right = ax.get_xlim()
    gap = np.full(len(y), np.nan)
    x = np.column_stack([np.maximum(low, left), np.minimum(high, right), gap]).ravel()
    if np.isfinite(x).any():
        ax.add_line(Line2D(x, np.column_stack([y, y, gap]).ravel(), color=colour, linewidth=width, zorder=3 + above))
    for beyond, at, shape in ((low < left, 0.01, "<"), (high > right, 0.99, ">")):
        if beyond.any():
            arrows = Line2D(np.full(int(beyond.sum()), at), y[beyond], linestyle="none", marker=shape, color=colour,
                            markersize=5, zorder=5, transform=ax.get_yaxis_transform())  # fmt: skip
            ax.add_artist(arrows)


def _name_rows(ax: Axes, shown: pd.DataFrame, highlight: str | None, near: Sequence[str], decimals: int) -> list[str]:
    """The name of each row to its left, its number to its right, or a mark; the kinds of marks used."""
    beside = ax.get_yaxis_transform()
    kinds = []
    for place, row in enumerate(records(shown)):
        is_bold, is_near = row["area"] == highlight, row["area"] in near
        colour = palette.HIGHLIGHT if is_bold else palette.INK
        look: dict[str, Any] = {"va": "center", "fontsize": SMALL, "transform": beside, "color": colour}
        look["fontweight"] = "bold" if is_bold else "normal"
        name = _shortened(row["area"])
        ax.text(-0.02, place, f"◆ {name}" if is_near else name, ha="right", **look)
        if np.isnan(row["value"]):
            mark = mark_line(row["status"], [0.03], [place])
            mark.set_transform(beside)
            ax.add_artist(mark)
            kinds.append(str(row["status"]))
        ax.text(1.02, place, "no value" if np.isnan(row["value"]) else _said(row, decimals), ha="left", **look)
    return kinds


def _shortened(area: str) -> str:
    """A name that fits beside its row; the table has the whole of it."""
    area = plain(area)
    return area if len(area) <= _NAME_WIDE else f"{area[: _NAME_WIDE - 1].rstrip(' ,&')}…"


def _said(row: dict[str, Any], decimals: int) -> str:
    value, low, high = (float(row[key]) for key in ("value", "low", "high"))
    if np.isnan(value):
        return in_words(row["status"])
    return number(value, decimals) if np.isnan(low) else interval(value, low, high, decimals)


def _name_some(ax: Axes, there: pd.DataFrame, highlight: str | None, near: Sequence[str], decimals: int) -> EndLabels:
    """Labels for the highlighted area and its neighbours alone."""
    labels, right = EndLabels(ax), ax.get_xlim()[1]
    for place, row in enumerate(records(there)):
        is_bold = row["area"] == highlight
        if is_bold or row["area"] in near:
            labels.add(
                wrapped(f"{row['area']} {number(row['value'], decimals)}", 26), y=float(place),
                x=row["value"] if np.isnan(row["high"]) else min(row["high"], right),
                colour=palette.HIGHLIGHT if is_bold else palette.WORDS, bold=is_bold,
            )  # fmt: skip
    return labels


def _gone(gone: pd.DataFrame) -> list[Line2D]:
    """How many areas are not on the chart, for each reason."""
    counts = gone["status"].value_counts(sort=False)
    marks = [mark_line(str(why), [], []) for why in counts.index]
    for mark, (why, several) in zip(marks, counts.items(), strict=True):
        mark.set_label(f"{several} not on the chart: {in_words(str(why))}")
    return marks


def _key(
    shown: pd.DataFrame,
    highlight: str | None,
    near: Sequence[str],
    neighbours_words: str,
    others_words: str,
    level_words: str,
) -> list[Line2D | Rectangle]:
    with_value = shown[shown["value"].notna()]
    several = int(with_value["area"].isin(list(near)).sum())
    rest = int((~with_value["area"].isin([*near, highlight])).sum())
    has_ends = bool(with_value["low"].notna().any())
    key: list[Line2D | Rectangle] = []
    look: dict[str, Any] = {"linewidth": 1.2 if has_ends else 0.0, "markeredgecolor": palette.WHITE}
    if several:
        words = f"{several} {neighbours_words}"
        key.append(Line2D([], [], color=_NEIGHBOUR, marker="D", markersize=6.5, label=words, **look))
    if rest:
        words = f"{rest} {others_words}" if several or highlight is not None else others_words
        key.append(Line2D([], [], color=palette.WORDS, marker="o", markersize=5.5, label=words, **look))
    if has_ends:
        key.append(Line2D([], [], color=palette.WORDS, linewidth=1.8, label=level_words))
    return key


def _level_rows(levels: Sequence[Level]) -> pd.DataFrame:
    rows = [(level.words, level.value, np.nan, np.nan, Status.VALUE.value) for level in levels]
    return pd.DataFrame(rows, columns=["area", "value", "low", "high", "status"])


def _words(
    data: pd.DataFrame,
    highlight: str | None,
    near: Sequence[str],
    levels: Sequence[Level],
    order: Order,
    x_label: str,
    level_words: str,
    decimals: int,
) -> str:
    there = records(data[data["value"].notna()])
    first, last = there[0], there[-1]
    how = {"high first": "highest first", "low first": "lowest first", "as given": "in the order given"}[order]
    parts = [f"Dots for {len(there)} area(s) with their {level_words}, {how}. {x_label}."]
    parts.append(f"First {first['area']} {_said(first, decimals)}, last {last['area']} {_said(last, decimals)}.")
    mine = [row for row in records(data) if row["area"] == highlight]
    if mine:
        parts.append(f"{highlight}: {_said(mine[0], decimals)}.")
    elif highlight is not None:
        parts.append(f"{highlight} is not on the chart: {in_words(Status.NO_ROW)}.")
    close = [row["value"] for row in there if row["area"] in near]
    if close:
        parts.append(f"{len(close)} neighbours from {number(min(close), decimals)} to {number(max(close), decimals)}.")
    parts += [f"{level.words}: {number(level.value, decimals)}." for level in levels]
    gone: dict[str, list[str]] = {}
    for row in records(data[data["value"].isna()]):
        if row["area"] != highlight:
            gone.setdefault(row["status"], []).append(row["area"])
    parts += [f"No value for {listed(areas)} ({in_words(why)})." for why, areas in gone.items()]
    return " ".join(parts)
