"""Specifications below each other: an estimate and its interval per row, against no effect."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter, NullLocator
from numpy.typing import NDArray

from insight.charts import palette
from insight.charts.canvas import SMALL, add_key, finished, house_style, paper, settle
from insight.charts.clouds import fix_ticks
from insight.charts.inputs import checked, records, require, table, with_interval
from insight.charts.words import interval, number, plain, wrapped
from insight.core.missing import in_words
from insight.core.results import Column, Drawing

Scale = Literal["difference", "ratio"]
_LABEL = 30
Floats = NDArray[np.float64]
_STEP = 0.30
_LINE = 0.19


def forest_chart(
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    subtitle: str,
    x_label: str,
    headline: str | None = None,
    scale: Scale = "difference",
    margin: tuple[float, float] | None = None,
    margin_words: str = "too small to matter",
    lower_words: str = "",
    higher_words: str = "",
    decimals: int = 2,
    level_words: str = "95% interval",
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """Estimates with their intervals, one row per specification, in the order given.

    Parameters
    ----------
    rows : DataFrame
        ``label`` (text, wrapped as needed), ``value``, ``low``, ``high``, ``status``. A row without a value says why;
        a value without interval (both ends missing) is a dot alone.
    headline : str or None
        The label of the row in bold.
    scale : "difference" or "ratio"
        No effect is 0, or 1 on a logarithmic axis.
    margin : (low, high) or None
        The band of effects that were called small beforehand, in the axis's unit.
    lower_words, higher_words : str
        What lies to the left and to the right of no effect.

    Raises
    ------
    NotEnoughData
        If no row has a value.
    NotDisplayable
        If a column is missing, a number is infinite or without its reason, or a ratio is not above zero.
    """
    data = checked(rows, name=name, text=["label"], numbers=["value", "low", "high"], status=["value"])
    told = with_interval(data, name=name)
    there = data[data["value"].notna()]
    require(len(there) > 0, name=name, found=f"no estimate in {len(data)} row(s)")
    null = 0.0 if scale == "difference" else 1.0
    if scale == "ratio":
        least = float(np.nanmin(there[["value", "low", "high"]].to_numpy()))
        require(least > 0, name=name, found=f"a ratio of {least}", todo="give ratios above zero")
    alt = _words(data, headline, null, x_label, decimals, level_words, margin, margin_words)
    labels = [plain(wrapped(text, _LABEL)) for text in data["label"]]
    heights = [_STEP + _LINE * text.count("\n") for text in labels]
    centres = -(np.cumsum(heights) - np.array(heights) / 2)
    alt = plain(alt)
    with house_style():
        figure, (ax,) = paper(1.5 + sum(heights))
        low, high = _limits(there, null, margin, scale)
        if scale == "ratio":
            ax.set_xscale("log")
        ax.set_xlim(low, high)
        ax.set_ylim(-sum(heights), 0)
        if margin is not None:
            ax.axvspan(*margin, facecolor=palette.BAND, edgecolor=palette.OTHERS, linewidth=0.6, zorder=0)
        ax.axvline(null, color=palette.INK, linewidth=1.2, zorder=1)
        _ticks(ax, scale)
        _draw_rows(ax, labels, centres, data, headline, decimals)
        ax.set_yticks([])
        ax.set_xlabel(plain(wrapped(x_label, 60)))
        _directions(ax, lower_words, higher_words)
        settle(figure, below=add_key(figure, _key(margin, margin_words, level_words)))
        svg = finished(figure, name=name, label=alt)
    columns = (
        Column("label", "Specification", kind="text"),
        Column("value", x_label, decimals=decimals),
        Column("low", f"Low end, {level_words}", decimals=decimals),
        Column("high", f"High end, {level_words}", decimals=decimals),
    )
    numbers = table(told, columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, ax, is_sample)


def _limits(there: pd.DataFrame, null: float, margin: tuple[float, float] | None, scale: Scale) -> tuple[float, float]:
    """Room for every value and margin, and for most interval ends: one very wide interval must not flatten the rest."""
    work = np.log if scale == "ratio" else lambda found: np.asarray(found, dtype=float)
    ends = work(there[["low", "high"]].to_numpy().ravel())
    ends = ends[np.isfinite(ends)] - work(null)
    core = work(np.array([*there["value"], null, *(margin or ())])) - work(null)
    reach = 3 * float(np.quantile(np.abs(ends), 0.6)) if len(ends) else 0.0
    kept = np.clip(ends, min(-reach, core.min()), max(reach, core.max()))
    low, high = min(*kept, *core) if len(kept) else core.min(), max(*kept, *core) if len(kept) else core.max()
    room = (high - low) * 0.06 or 1.0
    left, right = float(low - room + work(null)), float(high + room + work(null))
    return (math.exp(left), math.exp(right)) if scale == "ratio" else (left, right)


def _ticks(ax: Axes, scale: Scale) -> None:
    low, high = ax.get_xlim()
    if scale == "difference":
        ticks = [float(tick) for tick in MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)]
    else:
        wanted = [0.1, 0.2, 0.25, 0.5, 0.67, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 4.0, 5.0, 10.0]
        fine = [round(1 + step / 100, 2) for step in (-5, -2, 2, 5)]
        ticks = sorted(wanted + fine if high / low < 1.6 else wanted)
    inside = [tick for tick in ticks if low <= tick <= high]
    if scale == "ratio":
        inside = _thinned(inside, low, high)
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_minor_formatter(NullFormatter())
    fix_ticks(ax, "x", inside)
    ax.xaxis.set_major_locator(FixedLocator(inside))
    ax.grid(axis="x", linewidth=0.8)


def _thinned(ticks: Sequence[float], low: float, high: float) -> list[float]:
    """Ticks of a logarithmic axis far enough apart to be read, no effect always among them."""
    apart = math.log(high / low) / 7
    kept = [1.0]
    for tick in sorted(ticks, key=lambda found: abs(math.log(found))):
        if all(abs(math.log(tick / other)) >= apart for other in kept):
            kept.append(tick)
    return sorted(kept)


def _draw_rows(
    ax: Axes, labels: Sequence[str], centres: Floats, data: pd.DataFrame, headline: str | None, decimals: int
) -> None:
    """Words left and right of each row; the dots and whiskers of all rows that look alike are one line each."""
    value, low, high = (data[key].to_numpy() for key in ("value", "low", "high"))
    for is_bold in (False, True):
        rows = np.flatnonzero(((data["label"] == headline).to_numpy() == is_bold) & ~np.isnan(value))
        if not len(rows):
            continue
        colour = palette.HIGHLIGHT if is_bold else palette.WORDS
        with_ends = rows[~np.isnan(low[rows])]
        _whiskers(ax, low[with_ends], high[with_ends], centres[with_ends], colour, 3.0 if is_bold else 1.8)
        shape, size = ("D", 8) if is_bold else ("o", 6)
        dots = Line2D(value[rows], centres[rows], ls="none", marker=shape, color=colour, markersize=size, zorder=5)
        ax.add_artist(dots)
    beside = ax.get_yaxis_transform()
    for text, centre, row in zip(labels, centres, records(data), strict=True):
        said, colour = _beside(row, decimals), palette.WORDS
        is_bold = row["label"] == headline
        if is_bold and row["value"] == row["value"]:
            colour = palette.HIGHLIGHT
        look: dict[str, Any] = {"va": "center", "fontsize": SMALL, "transform": beside}
        weight = "bold" if is_bold else "normal"
        ax.text(-0.03, centre, text, ha="right", color=palette.INK, fontweight=weight, **look)
        ax.text(1.03, centre, said, ha="left", color=colour, fontweight=weight, **look)


def _beside(row: dict[str, Any], decimals: int) -> str:
    """The number of a row and its interval, or why there is none."""
    return wrapped(in_words(row["status"]), 18) if math.isnan(row["value"]) else _said(row, decimals)


def _whiskers(ax: Axes, low: Floats, high: Floats, y: Floats, colour: str, width: float) -> None:
    """An interval per row as one broken line; one that goes beyond the axes has an arrow there."""
    left, right = ax.get_xlim()
    gap = np.full(len(y), np.nan)
    x = np.column_stack([np.maximum(low, left), np.minimum(high, right), gap]).ravel()
    look: dict[str, Any] = {"color": colour, "linewidth": width, "solid_capstyle": "butt", "zorder": 4}
    ax.add_artist(Line2D(x, np.column_stack([y, y, gap]).ravel(), **look))
    for beyond, at, shape in ((low < left, 0.02, "<"), (high > right, 0.98, ">")):
        if beyond.any():
            arrows = Line2D(
                np.full(int(beyond.sum()), at), y[beyond], linestyle="none", marker=shape, color=colour, markersize=7,
                zorder=5, transform=ax.get_yaxis_transform(),
            )  # fmt: skip
            ax.add_artist(arrows)


def _directions(ax: Axes, lower: str, higher: str) -> None:
    for words, at, side in ((f"← {lower}", 0.0, "left"), (f"{higher} →", 1.0, "right")):
        if len(words) > 2:
            ax.text(
                at,
                1.02,
                plain(words),
                ha=side,
                va="bottom",
                color=palette.WORDS,
                fontsize=SMALL,
                transform=ax.transAxes,
            )


def _key(margin: tuple[float, float] | None, margin_words: str, level_words: str) -> list[Line2D | Rectangle]:
    key: list[Line2D | Rectangle] = [
        Line2D([], [], color=palette.WORDS, marker="o", markersize=6, label=f"estimate and {level_words}")
    ]
    if margin is not None:
        text = plain(margin_words)
        key.append(Rectangle((0, 0), 1, 1, facecolor=palette.BAND, edgecolor=palette.OTHERS, linewidth=0.6, label=text))
    return key


def _words(
    data: pd.DataFrame,
    headline: str | None,
    null: float,
    x_label: str,
    decimals: int,
    level_words: str,
    margin: tuple[float, float] | None,
    margin_words: str,
) -> str:
    there = data[data["value"].notna()]
    parts = [f"Estimates with their {level_words}, {len(data)} row(s), against no effect at {null:g}. {x_label}."]
    main = there[there["label"] == headline]
    ordered = records(pd.concat([main, there[there["label"] != headline]]))
    parts += [f"{row['label']}: {_said(row, decimals)}." for row in _first_and_last(ordered)]
    if len(there) > 3:
        span = f"{number(there['value'].min(), decimals)} to {number(there['value'].max(), decimals)}"
        parts.append(f"All estimates lie from {span}.")
    both = there.dropna(subset=["low", "high"])
    across = int(((both["low"] <= null) & (both["high"] >= null)).sum())
    parts.append(f"{across} of {len(both)} interval(s) include no effect.")
    if margin is not None:
        low, high = (number(end, decimals) for end in margin)
        parts.append(f"A band from {low} to {high} marks what is {margin_words}.")
    none = records(data[data["value"].isna()])
    parts += [f"{row['label']}: no estimate, {in_words(row['status'])}." for row in none]
    return " ".join(parts)


def _first_and_last(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return rows if len(rows) < 3 else [rows[0], rows[1], rows[-1]]


def _said(row: dict[str, Any], decimals: int) -> str:
    value, low, high = (float(row[key]) for key in ("value", "low", "high"))
    return number(value, decimals) if math.isnan(low) else interval(value, low, high, decimals)
