"""Monthly series around a start: one in bold, a few beside it, and the stretches of time that a comparison uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter

from insight.charts import palette
from insight.charts.canvas import SMALL, add_key, finished, house_style, paper, settle, value_grid
from insight.charts.clouds import fix_ticks, lonely, name_axes
from insight.charts.inputs import checked, records, require, table
from insight.charts.labels import EndLabels
from insight.charts.svg import HALO
from insight.charts.words import change, number, plain, wrapped
from insight.core.missing import Status, in_words
from insight.core.results import Column, Drawing

_MOST = len(palette.COMPARISONS)
_NAMES = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


@dataclass(frozen=True)
class Span:
    """A stretch of months in grey, both ends included, as year * 12 + month - 1; ``words`` stand in the key."""

    first: int
    last: int
    words: str


def month_name(month: int) -> str:
    """A month, given as year * 12 + month - 1.

    >>> month_name(2023 * 12 + 6)
    'July 2023'
    """
    return f"{_NAMES[month % 12]} {month // 12}"


def month_chart(
    frame: pd.DataFrame,
    *,
    name: str,
    title: str,
    subtitle: str,
    y_label: str,
    highlight: str,
    comparisons: Sequence[str] = (),
    start: int | None = None,
    start_words: str = "start",
    spans: Sequence[Span] = (),
    decimals: int = 1,
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """Series by month.

    Parameters
    ----------
    frame : DataFrame
        ``series`` (text), ``month`` (year * 12 + month - 1), ``value``, ``status``; one row per series and month.
    highlight : str
        The series in bold.
    comparisons : sequence of str
        Up to five, each with its own colour, dash and label.
    start : int, optional
        A line stands before this month, with ``start_words``.
    spans : sequence of Span
        Up to two stretches in grey and in white.

    Returns
    -------
    Drawing
        A line breaks where a month has no value; the table says why.

    Raises
    ------
    NotEnoughData
        If there are fewer than two months, or the highlighted series has no value.
    NotDisplayable
        If a column is missing, a number is infinite or without its reason, or six or more series are to be named.
    """
    data = checked(frame, name=name, text=["series"], numbers=["month", "value"], status=["value"])
    require(len(comparisons) <= _MOST, name=name, found=f"{len(comparisons)} comparisons", todo=f"name {_MOST} at most")
    months = np.arange(int(data["month"].min()), int(data["month"].max()) + 1) if len(data) else np.array([], dtype=int)
    require(len(months) > 1, name=name, found=f"{len(months)} month(s)")
    named = {series: _whole(data[data["series"] == series], months) for series in (highlight, *comparisons)}
    require(named[highlight]["value"].notna().any(), name=name, found=f"no value for {highlight}")
    alt = plain(_words(named, y_label, start, start_words, decimals))
    with house_style():
        figure, (ax,) = paper(4.3)
        for place, (series, rows) in enumerate(named.items()):
            _draw(ax, rows, None if series == highlight else palette.COMPARISONS[place - 1])
        value_grid(ax)
        bottom, top = ax.get_ylim()
        fix_ticks(ax, "y", [float(tick) for tick in ax.yaxis.get_major_locator()() if bottom <= tick <= top])
        ax.set_ylim(bottom, top)
        key = _shade(ax, spans)
        if start is not None:
            _mark(ax, start, f"{start_words}, {month_name(start)}")
        _axis(ax, months)
        name_axes(ax, "", y_label)
        labels = _label(ax, named, highlight, decimals)
        settle(figure, below=add_key(figure, key))
        labels.place()
        svg = finished(figure, name=name, label=alt)
    columns = (
        Column("month", "Month", kind="text"),
        *(Column(f"v{place}", series, decimals=decimals) for place, series in enumerate(named)),
    )
    numbers = table(_side_by_side(named, months), columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, ax, is_sample)


def _whole(rows: pd.DataFrame, months: np.ndarray) -> pd.DataFrame:
    """A row for every month: one that was not published is a gap."""
    whole = rows.astype({"month": int}).set_index("month")[["value", "status"]].reindex(months).reset_index()
    whole["status"] = whole["status"].astype(object).where(whole["status"].notna(), Status.NO_ROW.value)
    return whole


def _draw(ax: Axes, rows: pd.DataFrame, style: palette.Style | None) -> None:
    x, y = rows["month"].to_numpy(float), rows["value"].to_numpy()
    if style is None:
        ax.plot(x, y, color=palette.HIGHLIGHT, linewidth=2.4, solid_capstyle="round", zorder=5)
    else:
        ax.plot(x, y, color=style.colour, linestyle=(0, style.dash), linewidth=style.width * 0.8, zorder=3)
    lone = lonely(y)
    if lone.any():
        colour, above = (palette.HIGHLIGHT, 5) if style is None else (style.colour, 3)
        ax.plot(x[lone], y[lone], "o", color=colour, markersize=4, zorder=above)


def _shade(ax: Axes, spans: Sequence[Span]) -> list[Rectangle]:
    """The first stretch in grey, the second in white with a dashed edge."""
    key = []
    for span, face, dash in zip(spans, (palette.BAND, palette.WHITE), ("-", (0, (3, 2))), strict=False):
        look: dict[str, Any] = {"facecolor": face, "edgecolor": palette.OTHERS, "linewidth": 0.8, "linestyle": dash}
        ax.axvspan(span.first - 0.5, span.last + 0.5, zorder=0, **look)
        key.append(Rectangle((0, 0), 1, 1, label=wrapped(plain(span.words), 60), **look))
    return key


def _mark(ax: Axes, start: int, words: str) -> None:
    ax.axvline(start - 0.5, color=palette.INK, linewidth=1.4, zorder=2)
    made = ax.annotate(
        plain(words),
        (start - 0.5, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(-5, -3),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=SMALL,
        color=palette.INK,
        zorder=6,
    )
    made.set_gid(HALO)


def _axis(ax: Axes, months: np.ndarray) -> None:
    """A tick at each January, or at each third month of a short series."""
    januaries = [int(month) for month in months if month % 12 == 0]
    if len(januaries) >= 3:
        step = -(-len(januaries) // 8)
        ticks, show = januaries[::-1][::step][::-1], lambda value, _: f"{round(value) // 12}"
    else:
        ticks, show = (
            [int(m) for m in months[::3]],
            lambda value, _: f"{_NAMES[round(value) % 12][:3]} {round(value) // 12}",
        )
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_major_formatter(FuncFormatter(show))
    ax.set_xlim(months[0] - 0.5, months[-1] + 0.5)


def _label(ax: Axes, named: dict[str, pd.DataFrame], highlight: str, decimals: int) -> EndLabels:
    labels = EndLabels(ax)
    for place, (series, rows) in enumerate(named.items()):
        there = rows[rows["value"].notna()]
        if there.empty:
            continue
        last = there.iloc[-1]
        is_end = int(last["month"]) == int(rows["month"].iloc[-1])
        colour = palette.HIGHLIGHT if series == highlight else palette.COMPARISONS[place - 1].colour
        labels.add(
            wrapped(f"{series} {number(last['value'], decimals)}", 21),
            x=float(last["month"]),
            y=float(last["value"]),
            colour=colour,
            bold=series == highlight,
            joined=is_end,
        )
    return labels


def _words(named: dict[str, pd.DataFrame], y_label: str, start: int | None, start_words: str, decimals: int) -> str:
    parts = [f"Line chart by month. {y_label}."]
    for series, rows in named.items():
        there = rows[rows["value"].notna()]
        if there.empty:
            reasons = ", ".join(in_words(status) for status in dict.fromkeys(rows["status"]))
            parts.append(f"{series}: no value ({reasons}).")
            continue
        first, last = there.iloc[0], there.iloc[-1]
        moved = change(first["value"], last["value"], decimals)
        text = f"{series}: from {number(first['value'], decimals)} in {month_name(int(first['month']))} "
        text += f"to {number(last['value'], decimals)} in {month_name(int(last['month']))}, {moved}"
        gaps = rows.loc[rows["value"].isna(), "status"]
        why = ", ".join(in_words(status) for status in dict.fromkeys(gaps))
        count = f"{len(gaps)} month{'s' if len(gaps) > 1 else ''}"
        parts.append(f"{text}; {count} without a value ({why})." if len(gaps) else f"{text}.")
    if start is not None:
        parts.append(f"{start_words[:1].upper()}{start_words[1:]}: {month_name(start)}.")
    return " ".join(parts)


def _side_by_side(named: dict[str, pd.DataFrame], months: np.ndarray) -> pd.DataFrame:
    out = pd.DataFrame({"month": [f"{month // 12}-{month % 12 + 1:02d}" for month in months]})
    for place, rows in enumerate(named.values()):
        out[f"v{place}"] = rows["value"].to_numpy()
        out[f"v{place}__status"] = [row["status"] for row in records(rows)]
    return out
