"""Curves that fall or rise over time: steps, and stretches in which the height is not known; read and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insight.charts import palette
from insight.charts.inputs import checked, records, require, with_interval
from insight.core.missing import Status
from insight.errors import NotDisplayable

WHOLE = 100.0
_MOST = 1 + len(palette.COMPARISONS)
Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Curve:
    """A curve's name and look, its heights from the start on, and the boxes in which its height is not known.

    Parameters
    ----------
    time, value, low, high : (n,) arrays
        Values hold from their time on. Of a curve with boxes they are corners, joined by straight lines.
    status : tuple of str
        Of each value; from a value that is withheld on, the line is broken until the next.
    boxes : tuple of (left, right, before, after)
    """

    name: str
    colour: str
    dash: tuple[float, ...]
    time: Floats
    value: Floats
    low: Floats
    high: Floats
    status: tuple[str, ...]
    boxes: tuple[Box, ...]

    @property
    def is_ambiguous(self) -> bool:
        """Whether there are stretches in which its height is not known."""
        return bool(self.boxes)

    def box_at(self, time: float) -> tuple[float, float] | None:
        """The heights between which the curve lies at a time, where it is not known better."""
        found = [(before, after) for left, right, before, after in self.boxes if left < time < right]
        return found[0] if found else None

    def at(self, time: float) -> float:
        """The curve's height at a time; missing inside a box and beyond the last time seen."""
        if time > self.time[-1] or self.box_at(time) is not None:
            return float("nan")
        return float(self.value[np.searchsorted(self.time, time, side="right") - 1])

    @property
    def last(self) -> int:
        """Place of the last value that is known."""
        return int(np.flatnonzero(np.isfinite(self.value))[-1])

    def corners(self, values: Floats) -> tuple[Floats, Floats]:
        """A step line through values that hold from their time on."""
        return np.repeat(self.time, 2)[1:], np.repeat(values, 2)[:-1]


def read_curves(curves: pd.DataFrame, intervals: pd.DataFrame | None, start: float, name: str) -> list[Curve]:
    """All curves in the order in which they are first named, steps before intervals.

    Raises
    ------
    NotEnoughData
        If the first has no value, one is given twice, or there are too many.
    NotDisplayable
        If a column is missing, or a number cannot be drawn.
    """
    steps = checked(curves, name=name, text=["curve"], numbers=["time", "value", "low", "high"], status=["value"])
    with_interval(steps, name=name)
    steps = steps.sort_values("time", kind="stable")
    found: dict[str, tuple[list[list[float]], list[str], list[Box]]] = {}
    shown = Status.VALUE.value
    for curve in dict.fromkeys(curves["curve"].astype(str)):
        rows = steps[steps["curve"] == curve]
        corners = rows[["time", "value", "low", "high"]].to_numpy().tolist()
        found[curve] = ([[0.0, start, start, start], *corners], [shown, *rows["status"]], [])
    between = [] if intervals is None else _checked_intervals(intervals, name)
    both = found.keys() & {curve for curve, *_ in between}
    require(not both, name=name, found=f"{len(both)} curve(s) given twice", todo="give steps or intervals of a curve")
    for curve, left, right, value in between:
        corners, reasons, boxes = found.setdefault(curve, ([[0.0, start, np.nan, np.nan]], [shown], []))
        before = corners[-1][1]
        added = [[left, before, np.nan, np.nan]] + ([] if np.isnan(right) else [[right, value, np.nan, np.nan]])
        corners += added
        reasons += [shown] * len(added)
        boxes += [(left, right, before, value)] if right > left else []
    require(len(found) <= _MOST, name=name, found=f"{len(found)} curves", todo=f"show {_MOST} curves at most")
    looks = [(palette.HIGHLIGHT, ()), *((style.colour, style.dash) for style in palette.COMPARISONS)]
    made = []
    for (curve, (corners, reasons, boxes)), (colour, dash) in zip(found.items(), looks, strict=False):
        time, value, low, high = np.array(corners, dtype=float).T
        made.append(Curve(curve, colour, dash, time, value, low, high, tuple(reasons), tuple(boxes)))
    first = made[0].name if made else "any curve"
    require(made and np.isfinite(made[0].value[1:]).any(), name=name, found=f"no value of {first}")
    _refuse_numbers(made, name)
    return made


def _checked_intervals(intervals: pd.DataFrame, name: str) -> list[tuple[str, float, float, float]]:
    data = checked(intervals, name=name, text=["curve"], numbers=["left", "right", "value"], status=["value"])
    require(data["value"].notna().all(), name=name, found="a stretch without its value", todo="leave the curve out")
    data = data.sort_values("left", kind="stable")
    return [(row["curve"], row["left"], row["right"], row["value"]) for row in records(data)]


def _refuse_numbers(curves: Sequence[Curve], name: str) -> None:
    times = np.concatenate([curve.time for curve in curves])
    values = np.concatenate([np.concatenate([curve.value, curve.low, curve.high]) for curve in curves])
    is_back = any((np.diff(curve.time) < 0).any() for curve in curves)
    if not np.isfinite(times).all() or (times < 0).any() or is_back or (values < 0).any() or (values > WHOLE).any():
        raise NotDisplayable(
            f"drawing the chart {name!r}",
            found="a time that is missing, below 0 or inside another stretch, or a share outside 0 to 100",
            todo="give times from 0 on in order, and shares in percent",
        )


def read_ticks(censored: pd.DataFrame | None, name: str) -> list[tuple[str, float]]:
    """Curve and time of each tick, each once."""
    if censored is None:
        return []
    data = checked(censored, name=name, text=["curve"], numbers=["time"])
    return [(row["curve"], row["time"]) for row in records(data.drop_duplicates(["curve", "time"]))]


def read_risk(at_risk: pd.DataFrame | None, name: str) -> pd.DataFrame:
    """The numbers under the axis, in the order of time."""
    if at_risk is None:
        return pd.DataFrame({"curve": [], "time": [], "value": [], "status": []})
    data = checked(at_risk, name=name, text=["curve"], numbers=["time", "value"], status=["value"])
    return data.sort_values("time", kind="stable", ignore_index=True)
