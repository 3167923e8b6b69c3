"""Event time: the treated against the untreated, quarter by quarter around the start, and how far placebos go."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

from insight.charts import palette
from insight.charts.canvas import add_key, finished, house_style, paper, settle
from insight.charts.clouds import fix_ticks, name_axes
from insight.charts.inputs import checked, records, require, table
from insight.charts.words import number, plain, wrapped
from insight.core.missing import Status
from insight.core.results import Column, Drawing

_TICKS = (0.25, 0.33, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 3.0, 4.0)


def event_time_chart(
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    subtitle: str,
    x_label: str,
    y_label: str,
    band_words: str,
    left_out_words: str = "left out: between announcement and start",
    decimals: int = 2,
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """Ratios by period since the start, with the middle 95% of the placebos as a band.

    Parameters
    ----------
    rows : DataFrame
        ``event_time`` (integer, 0 is the first period after the start), ``value`` (ratio above zero), ``low``, ``high``
        (the placebos' band), ``is_left_out``, ``status``.

    Raises
    ------
    NotEnoughData
        If fewer than two periods have a value.
    NotDisplayable
        If a column is missing, a number is infinite or without its reason, or a ratio is not above zero.
    """
    numeric = ["event_time", "value", "low", "high", "is_left_out"]
    data = checked(rows, name=name, numbers=numeric, status=["value"]).astype({"is_left_out": bool})
    data = data.astype({"event_time": int}).sort_values("event_time", ignore_index=True)
    there = data[data["value"].notna()]
    require(len(there) > 1, name=name, found=f"{len(there)} period(s) with a value")
    least = float(np.nanmin(there[["value", "low", "high"]].to_numpy()))
    require(least > 0, name=name, found=f"a ratio of {least}", todo="give ratios above zero")
    alt = plain(_words(there, y_label, band_words, decimals))
    with house_style():
        figure, (ax,) = paper(4.2)
        ax.set_yscale("log")
        _draw(ax, data)
        _axes(ax, data)
        name_axes(ax, x_label, y_label)
        settle(figure, below=add_key(figure, _key(data, band_words, left_out_words)))
        svg = finished(figure, name=name, label=alt)
    columns = (
        Column("event_time", x_label, decimals=0),
        Column("value", y_label, decimals=decimals),
        Column("low", "Lower edge of the band", decimals=decimals),
        Column("high", "Upper edge of the band", decimals=decimals),
    )
    told = _told(data)
    numbers = table(told, columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, ax, is_sample)


def _draw(ax: Axes, data: pd.DataFrame) -> None:
    x = data["event_time"].to_numpy(float) + 0.5
    ax.fill_between(
        x, data["low"].to_numpy(), data["high"].to_numpy(), facecolor=palette.BAND, edgecolor=palette.OTHERS,
        linewidth=0.6, zorder=1,
    )  # fmt: skip
    ax.axhline(1.0, color=palette.INK, linewidth=1.2, zorder=2)
    ax.axvline(0.0, color=palette.INK, linewidth=1.4, zorder=2)
    ax.plot(x, data["value"].to_numpy(), color=palette.HIGHLIGHT, linewidth=1.6, zorder=4)
    for left_out, face in ((False, palette.HIGHLIGHT), (True, palette.WHITE)):
        own = (data["is_left_out"] == left_out).to_numpy()
        ax.plot(
            x[own], data["value"].to_numpy()[own], "o", markersize=6.5, markerfacecolor=face,
            markeredgecolor=palette.HIGHLIGHT, markeredgewidth=1.5, zorder=5,
        )  # fmt: skip


def _axes(ax: Axes, data: pd.DataFrame) -> None:
    values = data[["value", "low", "high"]].to_numpy()
    low, high = float(np.nanmin(values)) * 0.95, float(np.nanmax(values)) * 1.05
    ax.set_ylim(min(low, 0.9), max(high, 1.1))
    ticks = [tick for tick in _TICKS if ax.get_ylim()[0] <= tick <= ax.get_ylim()[1]]
    if len(ticks) > 7:
        ticks = [tick for place, tick in enumerate(ticks) if tick == 1.0 or (place - ticks.index(1.0)) % 2 == 0]
    fix_ticks(ax, "y", ticks)
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.grid(axis="y", linewidth=0.8)
    times = data["event_time"].to_numpy()
    step = -(-len(times) // 16)
    shown = [int(time) for time in times if time % step == 0]
    ax.xaxis.set_major_locator(FixedLocator([time + 0.5 for time in shown]))
    ax.set_xticklabels([number(time, 0) for time in shown])
    ax.set_xlim(float(times[0]), float(times[-1]) + 1)


def _key(data: pd.DataFrame, band_words: str, left_out_words: str) -> list[Line2D | Rectangle]:
    found: list[Line2D | Rectangle] = []
    if data["low"].notna().any():
        look = {"facecolor": palette.BAND, "edgecolor": palette.OTHERS, "linewidth": 0.6}
        found.append(Rectangle((0, 0), 1, 1, label=wrapped(plain(band_words), 60), **look))  # type: ignore[arg-type]  # mixed settings
    if data["is_left_out"].any():
        found.append(
            Line2D(
                [], [], linestyle="none", marker="o", markersize=6.5, markerfacecolor=palette.WHITE,
                markeredgecolor=palette.HIGHLIGHT, markeredgewidth=1.5, label=wrapped(plain(left_out_words), 60),
            )
        )  # fmt: skip
    return found


def _words(there: pd.DataFrame, y_label: str, band_words: str, decimals: int) -> str:
    parts = [f"Points by quarter around the start. {y_label}."]
    for row in (there.iloc[0], there.iloc[-1]):
        parts.append(f"{number(row['value'], decimals)} in period {number(row['event_time'], 0)}.")
    before, after = there[there["event_time"] < 0], there[there["event_time"] >= 0]
    if len(before):
        parts.append(
            f"Before the start it lies between {number(before['value'].min(), decimals)} and "
            f"{number(before['value'].max(), decimals)}."
        )
    banded = after[after["low"].notna() & after["high"].notna()]
    outside = [row for row in records(banded) if not row["low"] <= row["value"] <= row["high"]]
    if len(banded):
        parts.append(f"After it, {len(outside)} of {len(banded)} periods lie outside the band: {band_words}.")
    return " ".join(parts)


def _told(data: pd.DataFrame) -> pd.DataFrame:
    """The band is not an interval around the value, so it has statuses of its own."""
    told = data.rename(columns={"status": "value__status"})
    for edge in ("low", "high"):
        told[f"{edge}__status"] = np.where(told[edge].notna(), Status.VALUE.value, Status.NOT_AVAILABLE.value)
    return told.assign(event_time__status=Status.VALUE.value)
