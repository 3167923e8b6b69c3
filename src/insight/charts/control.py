"""Points in the order of time: control charts with limits and signals, and run charts with a median and none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from insight.charts import palette
from insight.charts.canvas import add_key, finished, house_style, paper, settle
from insight.charts.inputs import checked, records, require, table
from insight.charts.labels import EndLabels
from insight.charts.marks import key_to_marks
from insight.charts.ordered import (
    Floats,
    OrderedPoints,
    draw_points,
    ends_in_words,
    finish_axes,
    ordered_points,
    points_frame,
    set_scale,
)  # fmt: skip
from insight.charts.words import listed, number, plain, wrapped
from insight.core.results import Column, Drawing
from insight.errors import NotDisplayable

# One shape for each rule, so that no rule is told by colour alone.
_SHAPES = ("D", "s", "^", "o", "v")
_SIGNAL = palette.COMPARISONS[0].colour
# From one mark of a point to the next above it, as a share of the axis.
_STACK = 0.055


def control_chart(
    points: pd.DataFrame,
    *,
    name: str,
    title: str,
    subtitle: str,
    y_label: str,
    signals: pd.DataFrame | None = None,
    centre_words: str = "mean of the baseline",
    limit_words: str = "limit",
    baseline_words: str = "baseline that mean and limits are from",
    decimals: int = 1,
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """A statistical process control chart.

    Parameters
    ----------
    points : DataFrame
        In the order of time: ``period`` (text, each once), ``value``, ``status``, ``centre``, ``low``, ``high`` (a
        limit is missing where there is none, such as below zero), ``in_baseline``. Limits that differ from point to
        point, as those of shares and rates do, are drawn as steps.
    signals : DataFrame, optional
        ``period``, ``rule`` (in words, at most five rules): every point that a signal rests on. Each rule has a shape
        of its own, in the key; a point under several rules carries several marks.

    Raises
    ------
    NotEnoughData
        If fewer than two points have a value, or there are more than five rules.
    NotDisplayable
        If a column is missing, a number is infinite or without its reason, a period comes twice, or a signal rests on a
        period without a value.

    Notes
    -----
    The chart draws limits and signals as they are given, and works out neither.
    """
    data = checked(points, name=name, text=["period"], numbers=["value", "centre", "low", "high", "in_baseline"],
                   status=["value"])  # fmt: skip
    found = ordered_points(data, name)
    several = int(data["value"].notna().sum())
    require(several > 1, name=name, found=f"{several} point(s) with a value")
    marks = _marks(signals, found, name)
    alt = plain(_control_words(found, marks, y_label, centre_words, decimals))
    with house_style():
        figure, (ax,) = paper(4.4)
        set_scale(ax, [found.value, found.centre, found.low, found.high])
        _draw_baseline(ax, found)
        labels = _draw_limits(ax, found, centre_words, limit_words, decimals)
        draw_points(ax, found)
        _draw_marks(ax, found, marks)
        kinds = finish_axes(ax, found, y_label)
        key = _control_key(found, marks, baseline_words)
        settle(figure, below=add_key(figure, [*key, *key_to_marks(kinds)]))
        labels.place()
        svg = finished(figure, name=name, label=alt)
    columns = (
        Column("period", "Period", kind="text"),
        Column("value", y_label, decimals=decimals),
        Column("centre", f"{centre_words[:1].upper()}{centre_words[1:]}", decimals=decimals),
        Column("low", f"Lower {limit_words}", decimals=decimals),
        Column("high", f"Upper {limit_words}", decimals=decimals),
        Column("baseline", "In the baseline", kind="text"),
        Column("signal", "Signal", kind="text"),
    )
    numbers = table(_control_told(found, marks), columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, ax, is_sample)


def run_chart(
    points: pd.DataFrame,
    *,
    median: float,
    name: str,
    title: str,
    subtitle: str,
    y_label: str,
    highlight: str = "",
    median_words: str = "median",
    decimals: int = 1,
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """Annual points around their median. So few points give no signals, and the chart looks for none.

    Parameters
    ----------
    points : DataFrame
        In the order of time: ``period`` (text, each once), ``value``, ``status``.
    median : float
        In the unit of ``value``.
    highlight : str
        Whose points these are, for the label of the last one.

    Raises
    ------
    NotEnoughData
        If there are fewer than two periods, or no value.
    NotDisplayable
        If a column is missing, a number is infinite or without its reason, or a period comes twice.
    """
    data = checked(points, name=name, text=["period"], numbers=["value"], status=["value"])
    none = np.nan
    found = ordered_points(data.assign(centre=float(median), low=none, high=none, in_baseline=0.0), name)
    require(len(data) > 1, name=name, found=f"{len(data)} period(s)")
    require(data["value"].notna().any() and np.isfinite(median), name=name, found="no value")
    alt = plain(_run_words(found, float(median), y_label, median_words, decimals))
    with house_style():
        figure, (ax,) = paper(4.0)
        set_scale(ax, [found.value, found.centre])
        labels = EndLabels(ax)
        ax.axhline(median, color=palette.INK, linewidth=1.4, zorder=2)
        text = wrapped(f"{median_words} {number(float(median), decimals)}", 18)
        labels.add(text, x=float(found.x[-1]), y=float(median), colour=palette.INK)
        draw_points(ax, found)
        _label_last(labels, found, highlight, decimals)
        kinds = finish_axes(ax, found, y_label)
        settle(figure, below=add_key(figure, key_to_marks(kinds)))
        labels.place()
        svg = finished(figure, name=name, label=alt)
    columns = (
        Column("period", "Period", kind="text"),
        Column("value", y_label, decimals=decimals),
        Column("centre", f"{median_words[:1].upper()}{median_words[1:]}", decimals=decimals),
    )
    numbers = table(points_frame(found), columns, name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, ax, is_sample)


def _marks(signals: pd.DataFrame | None, found: OrderedPoints, name: str) -> dict[str, list[int]]:
    """The places that each rule marks, rules in the order given."""
    if signals is None:
        return {}
    data = checked(signals, name=name, text=["period", "rule"])
    marks: dict[str, list[int]] = {}
    with_value = {period: at for at, period in enumerate(found.periods) if np.isfinite(found.value[at])}
    astray = sorted(set(data["period"]) - set(with_value))
    if astray:
        raise NotDisplayable(
            f"drawing the chart {name!r}",
            found=f"signals at {listed(astray)}, without a value",
            todo="let a signal rest on points that have a value",
        )
    for row in records(data.drop_duplicates()):
        marks.setdefault(row["rule"], []).append(with_value[row["period"]])
    most = len(_SHAPES)
    require(len(marks) <= most, name=name, found=f"{len(marks)} rules", todo=f"use {most} rules at most")
    return {rule: sorted(places) for rule, places in marks.items()}


def _draw_baseline(ax: Axes, found: OrderedPoints) -> None:
    inside = np.flatnonzero(found.in_baseline)
    if len(inside):
        look: dict[str, Any] = {"facecolor": palette.BAND, "edgecolor": palette.OTHERS, "linewidth": 0.6}
        ax.axvspan(inside[0] - 0.5, inside[-1] + 0.5, zorder=0, **look)


def _stairs(values: Floats) -> tuple[Floats, Floats]:
    """A level half a place to both sides of each point, without corners where nothing changes."""
    x = np.repeat(np.arange(len(values) + 1) - 0.5, 2)[1:-1]
    y = np.repeat(values, 2)
    same = (y[1:-1] == y[:-2]) & (y[1:-1] == y[2:])
    kept = np.concatenate([[True], ~same, [True]])
    return x[kept], y[kept]


def _draw_limits(ax: Axes, found: OrderedPoints, centre_words: str, limit_words: str, decimals: int) -> EndLabels:
    labels = EndLabels(ax)
    looks = (
        (found.centre, centre_words, "-", 1.4),
        (found.low, f"lower {limit_words}", (0, (5, 2)), 1.2),
        (found.high, f"upper {limit_words}", (0, (5, 2)), 1.2),
    )
    for values, words, style, wide in looks:
        there = np.flatnonzero(np.isfinite(values))
        if not len(there):
            continue
        x, y = _stairs(values)
        ax.plot(x, y, color=palette.INK, linewidth=wide, linestyle=style, zorder=3)
        last = int(there[-1])
        labels.add(wrapped(f"{words} {number(float(values[last]), decimals)}", 18), x=last + 0.5, y=float(values[last]),
                   colour=palette.INK, joined=last == len(values) - 1)  # fmt: skip
    return labels


def _draw_marks(ax: Axes, found: OrderedPoints, marks: dict[str, list[int]]) -> None:
    """Marks of a point's rules: the first around it, the others above each other."""
    step = (ax.get_ylim()[1] - ax.get_ylim()[0]) * _STACK
    stacked: dict[int, int] = {}
    for shape, places in zip(_SHAPES, marks.values(), strict=False):
        heights = []
        for place in places:
            heights.append(float(found.value[place]) + step * stacked.get(place, 0))
            stacked[place] = stacked.get(place, 0) + 1
        ax.add_line(_signal(shape, [float(place) for place in places], heights))
    low, high = ax.get_ylim()
    most = max((found.value[place] + step * several for place, several in stacked.items()), default=low)
    ax.set_ylim(low, max(high, float(most)))


def _signal(shape: str, x: Sequence[float], y: Sequence[float], label: str = "") -> Line2D:
    return Line2D(x, y, linestyle="none", marker=shape, markersize=10, markerfacecolor="none", markeredgecolor=_SIGNAL,
                  markeredgewidth=2.0, zorder=6, label=label)  # fmt: skip


def _label_last(labels: EndLabels, found: OrderedPoints, highlight: str, decimals: int) -> None:
    last = int(np.flatnonzero(np.isfinite(found.value))[-1])
    is_end = last == len(found.periods) - 1
    when = "" if is_end else f" in {found.periods[last]}"
    text = f"{highlight} {number(float(found.value[last]), decimals)}{when}".strip()
    labels.add(wrapped(text, 18), x=float(last), y=float(found.value[last]), colour=palette.HIGHLIGHT, bold=True,
               joined=is_end)  # fmt: skip


def _control_key(found: OrderedPoints, marks: dict[str, list[int]], baseline_words: str) -> list[Line2D | Rectangle]:
    key: list[Line2D | Rectangle] = []
    if found.in_baseline.any():
        look: dict[str, Any] = {"facecolor": palette.BAND, "edgecolor": palette.OTHERS, "linewidth": 0.6}
        key.append(Rectangle((0, 0), 1, 1, label=wrapped(plain(baseline_words), 60), **look))
    for shape, rule in zip(_SHAPES, marks, strict=False):
        key.append(_signal(shape, [], [], wrapped(plain(rule), 60)))
    return key


def _control_words(
    found: OrderedPoints, marks: dict[str, list[int]], y_label: str, centre_words: str, decimals: int
) -> str:
    parts = [f"Control chart of {len(found.periods)} points. {y_label}. {ends_in_words(found, decimals)}"]
    for words, values in ((centre_words, found.centre), ("lower limit", found.low), ("upper limit", found.high)):
        there = values[np.isfinite(values)]
        if len(there):
            low, high = (number(float(end), decimals) for end in (there.min(), there.max()))
            parts.append(f"{words[:1].upper()}{words[1:]}: {low if low == high else f'{low} to {high}'}.")
    inside = np.flatnonzero(found.in_baseline)
    if len(inside):
        parts.append(f"Baseline: {found.periods[inside[0]]} to {found.periods[inside[-1]]}.")
    for rule, places in marks.items():
        parts.append(f"{rule[:1].upper()}{rule[1:]}: {listed([found.periods[place] for place in places])}.")
    return " ".join(parts if marks else [*parts, "No point is marked."])


def _run_words(found: OrderedPoints, median: float, y_label: str, median_words: str, decimals: int) -> str:
    there = found.value[np.isfinite(found.value)]
    above, below = int((there > median).sum()), int((there < median).sum())
    on_line = len(there) - above - below
    return (
        f"Run chart. {y_label}. {ends_in_words(found, decimals)} The {median_words} is {number(median, decimals)}: "
        f"{above} of {len(there)} points above it, {below} below{f', {on_line} on it' if on_line else ''}."
    )


def _control_told(found: OrderedPoints, marks: dict[str, list[int]]) -> pd.DataFrame:
    said = [[rule for rule, places in marks.items() if at in places] for at in range(len(found.periods))]
    return points_frame(found).assign(
        baseline=["yes" if inside else "" for inside in found.in_baseline], signal=["; ".join(rules) for rules in said]
    )
