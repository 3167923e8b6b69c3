"""Survival curves: the share still waiting as time passes, with how sure, how many, and where one area stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, MaxNLocator
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from insight.charts import palette
from insight.charts.canvas import POINTS, SMALL, add_key, finished, house_style, paper, settle
from insight.charts.clouds import fix_ticks, name_axes
from insight.charts.curves import WHOLE, Curve, read_curves, read_risk, read_ticks
from insight.charts.inputs import records, table
from insight.charts.labels import EndLabels
from insight.charts.lanes import Lane
from insight.charts.marks import key_to_marks, mark_line
from insight.charts.words import interval, number, plain, wrapped
from insight.core.missing import Status, in_words
from insight.core.results import Column, Drawing

# Points from the foot of the axes to the numbers at risk, from line to line, and of the lanes above the curves.
_TO_RISK, _LINE, _LANE = 44.0, 14.0, 17.0


@dataclass(frozen=True)
class Stretch:
    """A stretch of time that somebody named, such as "3 to 5 years", with its words."""

    low: float
    high: float
    words: str


@dataclass(frozen=True)
class OwnTime:
    """One area's own time: how long so far, or until the event; its words name the area."""

    time: float
    is_open: bool
    words: str


def survival_chart(
    curves: pd.DataFrame,
    *,
    name: str,
    title: str,
    subtitle: str,
    x_label: str,
    y_label: str,
    intervals: pd.DataFrame | None = None,
    censored: pd.DataFrame | None = None,
    at_risk: pd.DataFrame | None = None,
    window: Stretch | None = None,
    own: OwnTime | None = None,
    start: float = WHOLE,
    level_words: str = "95% interval",
    censored_words: str = "not over when last seen",
    interval_words: str = "happened somewhere in this stretch",
    at_risk_words: str = "Number still followed",
    decimals: int = 0,
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """Steps of up to six curves, in percent.

    Parameters
    ----------
    curves : DataFrame
        ``curve`` (text), ``time`` (0 or more), ``value``, ``low``, ``high`` (percent, that hold from this time on),
        ``status``; one row per time at which something happened. A curve begins at ``start`` and ends at its last
        row, so a last row with an unchanged value says until when it was seen. The first curve is in bold.
    intervals : DataFrame, optional
        Curves of events that were seen between two looks (Turnbull 1976): ``curve``, ``left``, ``right`` (missing where
        it has no end: the curve stops there), ``value`` (percent after the stretch), ``status``. Between two stretches
        the curve is level; within one it lies anywhere in a box, drawn with a slanted line.
    censored : DataFrame, optional
        ``curve``, ``time``: ticks on the curve.
    at_risk : DataFrame, optional
        ``curve``, ``time``, ``value``, ``status``: counts under the axis, where the ticks then stand.
    window : Stretch, optional
        The claim, between two dashed lines.
    own : OwnTime, optional
        One area's own time.
    start : float
        100 for those still waiting, 0 for those with whom it has happened.

    Raises
    ------
    NotEnoughData
        If the first curve has no value, or there are seven or more.
    NotDisplayable
        If a column is missing, a number is infinite or without its reason, or lies outside 0 to 100.

    Notes
    -----
    Kaplan & Meier (1958), J Am Stat Assoc 53, 457-481; Turnbull (1976), J R Stat Soc B 38, 290-295.
    """
    drawn = read_curves(curves, intervals, start, name)
    ticks = read_ticks(censored, name)
    risk = read_risk(at_risk, name)
    named = [*([] if own is None else [own.time]), *([] if window is None else [window.high])]
    reach = max([*(float(curve.time[-1]) for curve in drawn), *named])
    gaps = [(why, float(time)) for curve in drawn for why, time in zip(curve.status, curve.time, strict=True)]
    gaps = [(why, time) for why, time in gaps if why != Status.VALUE.value]
    alt = plain(_words(drawn, window, own, x_label, y_label, decimals))
    lanes = sum(found is not None for found in (window, own))
    rows = _risk_height(risk)
    with house_style():
        figure, (ax,) = paper((300 + rows + lanes * _LANE) / POINTS)
        ax.set_xlim(0, reach * 1.02)
        # The lanes' share of the axes, whose height is about 200 points.
        ax.set_ylim(-1.5, WHOLE + 1.5 + lanes * 8.5)
        fix_ticks(ax, "y", [0, 25, 50, 75, 100])
        ax.grid(axis="y", linewidth=0.8)
        labels = EndLabels(ax)
        for place, curve in enumerate(drawn):
            _draw(ax, curve, is_first=not place)
            time, value = float(curve.time[curve.last]), float(curve.value[curve.last])
            text = wrapped(f"{curve.name} {number(value, decimals)}%", 21)
            labels.add(text, x=time, y=value, colour=curve.colour, bold=not place, joined=time > reach * 0.97)
        _draw_ticks(ax, drawn, ticks)
        kinds = _draw_risk(ax, risk, drawn, at_risk_words, reach)
        for kind in dict.fromkeys(why for why, _ in gaps):
            times = [time for why, time in gaps if why == kind]
            ax.add_line(mark_line(kind, times, [0.0] * len(times)))
            kinds.append(kind)
        written = _draw_claim(ax, window, own, lanes)
        name_axes(ax, x_label, y_label)
        key = _key(drawn, len(ticks) > 0, level_words, censored_words, interval_words)
        settle(figure, below=add_key(figure, [*key, *key_to_marks(kinds)]))
        labels.place()
        for lane in written:
            lane.place()
        svg = finished(figure, name=name, label=alt)
    columns = (
        Column("curve", "Curve", kind="text"),
        Column("time", f"{x_label}, from", decimals=2),
        Column("until", "To, where it is not known when", decimals=2),
        Column("value", y_label, decimals=max(decimals, 1)),
        Column("low", f"Low end, {level_words}", decimals=max(decimals, 1)),
        Column("high", f"High end, {level_words}", decimals=max(decimals, 1)),
        Column("at_risk", at_risk_words, decimals=0, is_count=True),
    )
    numbers = table(_told(drawn, risk), columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, ax, is_sample)


def _draw(ax: Axes, curve: Curve, *, is_first: bool) -> None:
    """The band in grey for the first curve, as thin lines for others; boxes where the height is not known."""
    banded = np.isfinite(curve.low) & np.isfinite(curve.high)
    if banded[1:].any() and not curve.is_ambiguous:
        (x, low), (_, high) = curve.corners(curve.low), curve.corners(curve.high)
        if is_first:
            ax.fill_between(x, low, high, facecolor=palette.BAND, edgecolor=palette.OTHERS, linewidth=0.6, zorder=1)
        else:
            for edge in (low, high):
                ax.plot(x, edge, color=curve.colour, linewidth=0.7, zorder=2)
    for left, right, before, after in curve.boxes:
        look: dict[str, Any] = {"facecolor": "none", "edgecolor": curve.colour, "linewidth": 0.7}
        ax.add_artist(Rectangle((left, before), right - left, after - before, zorder=3, **look))
    x, y = (curve.time, curve.value) if curve.is_ambiguous else curve.corners(curve.value)
    style: Any = (0, curve.dash) if curve.dash else "-"
    ax.plot(x, y, color=curve.colour, linewidth=2.6 if is_first else 2.0, linestyle=style, zorder=5 if is_first else 4)


def _draw_ticks(ax: Axes, curves: Sequence[Curve], ticks: Sequence[tuple[str, float]]) -> None:
    for curve in curves:
        times = [time for name, time in ticks if name == curve.name]
        heights = [curve.at(time) for time in times]
        ax.plot(times, heights, "|", color=curve.colour, markersize=8, markeredgewidth=1.2, zorder=6)


def _draw_claim(ax: Axes, window: Stretch | None, own: OwnTime | None, lanes: int) -> list[Lane]:
    """The claim's stretch and one area's own time, each with its words in a lane above the curves."""
    found = []
    foot = (WHOLE + 2.5) / (WHOLE + 3 + lanes * 8.5)
    if window is not None:
        for edge in (window.low, window.high):
            ax.plot([edge, edge], [0, WHOLE], color=palette.INK, linewidth=1.2, linestyle=(0, (4, 3)), zorder=3)
        found.append(Lane(ax, share=foot, rise=0.0))
        found[-1].add(wrapped(window.words, 60), x=(window.low + window.high) / 2, colour=palette.INK)
    if own is not None:
        rise = _LANE if window is not None else 0.0
        ax.plot([own.time] * 2, [0, WHOLE], color=palette.INK, linewidth=1.6, zorder=3)
        shape: dict[str, Any] = {"marker": ">" if own.is_open else "D", "markersize": 9, "color": palette.INK}
        ax.plot([own.time], [0], linestyle="none", clip_on=False, zorder=7, **shape)
        found.append(Lane(ax, share=foot, rise=rise))
        found[-1].add(wrapped(own.words, 60), x=own.time, colour=palette.INK, bold=True)
    return found


def _risk_height(risk: pd.DataFrame) -> float:
    several = risk["curve"].nunique()
    return _LINE * (1 + several * (2 if several > 1 else 1)) + 8 if several else 0.0


def _draw_risk(ax: Axes, risk: pd.DataFrame, curves: Sequence[Curve], words: str, reach: float) -> list[str]:
    """Numbers under the axis, each below its tick; the kinds of marks for those that are withheld."""
    if risk.empty:
        places = [float(tick) for tick in MaxNLocator(8, integer=True).tick_values(0, reach) if 0 <= tick <= reach]
        fix_ticks(ax, "x", places)
        return []
    times = sorted({float(time) for time in risk["time"]})
    fix_ticks(ax, "x", times)
    ax.xaxis.set_major_locator(FixedLocator(times))
    down, several = _TO_RISK, risk["curve"].nunique()
    _under(ax, words, down, at=None, colour=palette.WORDS)
    colours = {curve.name: curve.colour for curve in curves}
    kinds: list[str] = []
    for curve, rows in risk.groupby("curve", sort=False):
        colour = colours.get(str(curve), palette.INK)
        down += _LINE
        if several > 1:
            _under(ax, str(curve), down, at=None, colour=colour)
            down += _LINE
        for row in records(rows):
            if row["value"] == row["value"]:
                _under(ax, number(row["value"], 0), down, at=row["time"], colour=palette.INK)
                continue
            kinds.append(str(row["status"]))
            mark = mark_line(kinds[-1], [row["time"]], [0.0], colour=palette.WORDS)
            figure = ax.get_figure(root=True)
            lowered = ScaledTranslation(0, -(down + SMALL * 0.6) / POINTS, figure.dpi_scale_trans)  # type: ignore[union-attr]  # it stands on paper
            mark.set_transform(blended_transform_factory(ax.transData, ax.transAxes) + lowered)
            ax.add_artist(mark)
    return kinds


def _under(ax: Axes, text: str, down: float, *, at: float | None, colour: str) -> None:
    """Words under the axes: at a time, or from the left edge."""
    ax.annotate(
        plain(text), (0.0 if at is None else at, 0.0),
        xycoords="axes fraction" if at is None else ("data", "axes fraction"), xytext=(0, -down),
        textcoords="offset points", ha="left" if at is None else "center", va="top", fontsize=SMALL, color=colour,
        annotation_clip=False,
    )  # fmt: skip


def _key(
    curves: Sequence[Curve], has_ticks: bool, level_words: str, censored_words: str, interval_words: str
) -> list[Line2D | Rectangle]:
    found: list[Line2D | Rectangle] = []
    first, *others = curves
    look: dict[str, Any] = {"facecolor": palette.BAND, "edgecolor": palette.OTHERS, "linewidth": 0.6}
    if np.isfinite(first.low[1:]).any():
        found.append(Rectangle((0, 0), 1, 1, label=level_words, **look))
    if any(np.isfinite(curve.low[1:]).any() for curve in others):
        found.append(Line2D([], [], color=others[0].colour, linewidth=0.7, label=f"{level_words}, other curves"))
    if has_ticks:
        found.append(Line2D([], [], color=first.colour, linestyle="none", marker="|", markersize=8,
                            markeredgewidth=1.2, label=censored_words))  # fmt: skip
    boxed = [curve for curve in curves if curve.is_ambiguous]
    if boxed:
        edge: dict[str, Any] = {"facecolor": "none", "edgecolor": boxed[0].colour, "linewidth": 0.7}
        found.append(Rectangle((0, 0), 1, 1, label=interval_words, **edge))
    return found


def _words(
    curves: Sequence[Curve], window: Stretch | None, own: OwnTime | None, x_label: str, y_label: str, decimals: int
) -> str:
    parts = [f"Curve over time. Up: {y_label}. Across: {x_label}."]
    for curve in curves:
        end = float(curve.time[curve.last])
        times = [0.0, *(time for time in ([] if window is None else [window.low, window.high]) if time < end), end]
        parts.append(f"{curve.name}: {', '.join(f'{_height(curve, time, decimals)} at {time:.3g}' for time in times)}.")
        why = dict.fromkeys(why for why in curve.status if why != Status.VALUE.value)
        parts += [f"It breaks where a value is missing ({', '.join(map(in_words, why))})."] if why else []
    if window is not None:
        parts.append(f"Marked: {window.words}, from {window.low:g} to {window.high:g}.")
    if own is not None:
        parts.append(f"Marked: {own.words}, at {own.time:.3g}{', still open' if own.is_open else ''}.")
    return " ".join(parts)


def _height(curve: Curve, time: float, decimals: int) -> str:
    """The height at a time with its interval, or what it lies between."""
    box = curve.box_at(time)
    if box is not None:
        low, high = (number(end, decimals) for end in sorted(box))
        return f"between {low} and {high}"
    place = int(np.searchsorted(curve.time, time, side="right")) - 1
    if np.isnan(curve.value[place]):
        return in_words(curve.status[place])
    value, *ends = (float(found[place]) for found in (curve.value, curve.low, curve.high))
    has_none = np.isnan(ends[0]) or ends[0] == ends[1]
    return number(value, decimals) if has_none else interval(value, ends[0], ends[1], decimals)


def _told(curves: Sequence[Curve], risk: pd.DataFrame) -> pd.DataFrame:
    """A row for each step or stretch, and a row for each time with a number still followed."""
    shown, none, beside = Status.VALUE.value, Status.NOT_APPLICABLE.value, Status.NOT_AVAILABLE.value
    rows: list[dict[str, Any]] = []

    def add(curve: str, time: float, **given: float) -> None:
        row: dict[str, Any] = {"curve": curve, "time": time, "time__status": shown}
        for key, reason in (("until", none), ("value", beside), ("low", beside), ("high", beside), ("at_risk", none)):
            value = given.get(key, float("nan"))
            row |= {key: value, f"{key}__status": reason if np.isnan(value) else shown}
        rows.append(row)

    for curve in curves:
        stretches = {right: left for left, right, _, _ in curve.boxes}
        for place in range(len(curve.time)):
            time, value = float(curve.time[place]), float(curve.value[place])
            reason = curve.status[place]
            ends = {"low": float(curve.low[place]), "high": float(curve.high[place])}
            if time in stretches:
                add(curve.name, stretches[time], until=time, value=value, **ends)
            elif not curve.is_ambiguous or time not in stretches.values():
                add(curve.name, time, value=value, **ends)
                rows[-1]["value__status"] = reason
        for row in records(risk[risk["curve"] == curve.name]):
            add(curve.name, row["time"], value=curve.at(row["time"]), at_risk=row["value"])
            rows[-1]["at_risk__status"] = row["status"]
    return pd.DataFrame(rows)
