"""Strips: every member of a group as a dot on a line, with a target and what others have marked on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from insight.charts import palette
from insight.charts.canvas import add_key, finished, house_style
from insight.charts.inputs import checked, records, require, table
from insight.charts.marks import ZERO, key_to_marks
from insight.charts.sheets import blank, cut
from insight.charts.strip_lanes import MARKS, Lane
from insight.charts.strip_lanes import Strip as Strip
from insight.charts.words import listed, plain
from insight.core.missing import Status
from insight.core.results import Column, Drawing
from insight.errors import NotDisplayable

# Between strips, in points.
_GAP = 17.0


def strip_chart(
    rows: pd.DataFrame,
    *,
    strips: Sequence[Strip],
    name: str,
    title: str,
    subtitle: str,
    highlight: str | None = None,
    notes: Sequence[str] = (),
    is_sample: bool = False,
) -> Drawing:
    """One strip below the other: members as dots, from the lowest on the left to the highest on the right.

    Parameters
    ----------
    rows : DataFrame
        ``strip`` (text), ``area`` (text), ``value``, ``status``; one row for each strip and area.
    strips : sequence of Strip
        From the top.
    highlight : str, optional
        The area in bold.

    Returns
    -------
    Drawing
        Names stand beside the dots where they fit, otherwise numbers with a key under the strip. Dots that would
        cover each other move up or down; members that share a figure are one dot that says how many.

    Raises
    ------
    NotEnoughData
        If no strip has a value.
    NotDisplayable
        If a column is missing, a number is infinite or without its reason, a strip has two rows of one area, or more
        than three marks.
    """
    data = checked(rows, name=name, text=["strip", "area"], numbers=["value"], status=["value"])
    data = data[data["strip"].isin([strip.key for strip in strips])].reset_index(drop=True)
    require(data["value"].notna().any(), name=name, found="no value of any member")
    _require_sound(data, strips, name)
    lanes = [Lane(strip, data[data["strip"] == strip.key], highlight) for strip in strips]
    alt = plain(
        " ".join([f"{len(lanes)} strip{'s' if len(lanes) > 1 else ''} of dots.", *(lane.told() for lane in lanes)])
    )
    with house_style():
        figure, ax = blank()
        below = add_key(figure, _key(lanes, highlight))
        tops = np.cumsum([4.0, *(lane.height + _GAP for lane in lanes)]).tolist()
        cut(figure, ax, tops[-1] - _GAP + 8.0 + below)
        for lane, top in zip(lanes, tops, strict=False):
            lane.draw(ax, top)
        svg = finished(figure, name=name, label=alt)
    numbers = table(_rows(lanes), _columns(strips), name=name, title=title, notes=notes, is_sample=is_sample)
    return Drawing(name, title, subtitle, svg, alt, numbers, ax, is_sample)


def _require_sound(data: pd.DataFrame, strips: Sequence[Strip], name: str) -> None:
    repeated = int(data.duplicated(["strip", "area"]).sum())
    crowded = [strip for strip in strips if len(strip.marks) > len(MARKS)]
    endless = [strip for strip in strips if not all(np.isfinite(value) for _, value in strip.marks)]
    found = [
        f"{repeated} repeated row(s) of one strip and area" if repeated else "",
        f"{len(crowded[0].marks)} marks on one strip" if crowded else "",
        "a mark whose number is not finite" if endless else "",
    ]
    if any(found):
        raise NotDisplayable(
            f"drawing the chart {name!r}",
            found=listed([words for words in found if words]),
            todo=f"give one row for each strip and area, and at most {len(MARKS)} marks with a number each",
        )


def _key(lanes: Sequence[Lane], highlight: str | None) -> list[Line2D | Rectangle]:
    key: list[Line2D | Rectangle] = []
    if highlight is not None and any(group.is_mine for lane in lanes for group in lane.groups):
        key.append(Line2D([], [], color=palette.HIGHLIGHT, marker="o", linestyle="none", markersize=9, label=highlight))
    zeros = [ZERO] if any(group.is_zero for lane in lanes for group in lane.groups) else []
    return [*key, *key_to_marks(zeros)]


def _columns(strips: Sequence[Strip]) -> list[Column]:
    columns = [
        Column("area", "Area", kind="text"),
        Column("label", "Measure", kind="text"),
        Column("value", "Value", decimals=max(strip.decimals for strip in strips)),
    ]
    if any(strip.ticks for strip in strips):
        columns.append(Column("said", "In words", kind="text"))
    return columns


def _rows(lanes: Sequence[Lane]) -> pd.DataFrame:
    """Every member of every strip from the lowest, then the strip's marks."""
    made = []
    for lane in lanes:
        for row in records(lane.rows):
            there = row["status"] == Status.VALUE.value
            said = lane.strip.said(row["value"]) if there else ""
            made.append((row["area"], lane.strip.label, row["value"], row["status"], said))
        for words, value in lane.strip.marks:
            made.append((words, lane.strip.label, value, Status.VALUE.value, lane.strip.said(value)))
    return pd.DataFrame(made, columns=["area", "label", "value", "value__status", "said"])
