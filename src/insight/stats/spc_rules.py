"""The four rules that mark points of a control chart, and what each mark rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from insight.stats.rows import Floats

Rule = Literal["outside the limits", "shift", "trend", "near a limit"]
Direction = Literal["up", "down"]

RUN = 7
"""Points in a shift or a trend, as Making Data Count has it."""


@dataclass(frozen=True)
class Mark:
    """One rule that was met.

    Parameters
    ----------
    rule : {"outside the limits", "shift", "trend", "near a limit"}
    direction : {"up", "down"}
        High or rising, low or falling. Whether that is good is for the caller to say.
    points : tuple of int
        Positions in the chart, from 0, that the mark rests on.
    periods : tuple
        Their labels.
    words : str
        The mark in a sentence.
    """

    rule: Rule
    direction: Direction
    points: tuple[int, ...]
    periods: tuple[Any, ...]
    words: str


def find_marks(values: Floats, centre: Floats, low: Floats, high: Floats, periods: tuple[Any, ...]) -> tuple[Mark, ...]:
    """Every mark, rule by rule and then in order of time.

    Parameters
    ----------
    values : (n,) array
        Missing where a period has no value: runs end there.
    centre, low, high : (n,) arrays
        The chart's lines at each point.
    periods : tuple
        Labels.

    Notes
    -----
    Rules of Making Data Count (NHS England): a point outside the limits; 7 in a row on one side of the centre; 7 in a
    row that rise or fall (6 steps); 2 of 3 in a row in the outer third on one side, between two thirds of the way to
    the limit and the limit. A point on the centre ends a shift; an equal neighbour ends a trend.
    """
    side = np.sign(np.nan_to_num(values - centre))
    steps = np.sign(np.nan_to_num(np.diff(values)))
    marks = [
        *_outside(values, low, high, periods),
        *(_run("shift", start, stop, sign, periods) for start, stop, sign in _runs(side, RUN)),
        *(_run("trend", start, stop + 1, sign, periods) for start, stop, sign in _runs(steps, RUN - 1)),
        *_near(values, centre, low, high, periods),
    ]
    return tuple(marks)


def _outside(values: Floats, low: Floats, high: Floats, periods: tuple[Any, ...]) -> list[Mark]:
    with np.errstate(invalid="ignore"):
        places = np.flatnonzero((values > high) | (values < low)).tolist()
    marks = []
    for place in places:
        is_up = bool(values[place] > high[place])
        words = f"{periods[place]} lies {'above the upper' if is_up else 'below the lower'} limit."
        marks.append(Mark("outside the limits", "up" if is_up else "down", (place,), (periods[place],), words))
    return marks


def _runs(signs: Floats, length: int) -> list[tuple[int, int, float]]:
    """Stretches (start, stop past the last, sign) of at least ``length`` equal signs that are not zero."""
    found, start = [], 0
    for place in range(1, len(signs) + 1):
        if place == len(signs) or signs[place] != signs[start]:
            if signs[start] != 0 and place - start >= length:
                found.append((start, place, float(signs[start])))
            start = place
    return found


def _run(rule: Rule, start: int, stop: int, sign: float, periods: tuple[Any, ...]) -> Mark:
    points = tuple(range(start, stop))
    if rule == "shift":
        what = f"{len(points)} in a row {'above' if sign > 0 else 'below'} the centre line"
    else:
        what = f"{len(points)} in a row {'rising' if sign > 0 else 'falling'}"
    words = f"{periods[start]} to {periods[stop - 1]}: {what}."
    return Mark(rule, "up" if sign > 0 else "down", points, periods[start:stop], words)


def _near(values: Floats, centre: Floats, low: Floats, high: Floats, periods: tuple[Any, ...]) -> list[Mark]:
    """Two of three in a row within the outer third on one side; triples that share points become one mark."""
    marks = []
    for sign, limit in ((1.0, high), (-1.0, low)):
        with np.errstate(invalid="ignore"):
            beyond = sign * (values - (centre + 2 * (limit - centre) / 3)) > 0
            is_near = beyond & (sign * (limit - values) >= 0)
        groups: list[set[int]] = []
        for start in range(len(values) - 2):
            three = range(start, start + 3)
            points = {place for place in three if is_near[place]}
            if len(points) < 2 or np.isnan(values[start : start + 3]).any():
                continue
            if groups and groups[-1] & points:
                groups[-1] |= points
            else:
                groups.append(points)
        for group in groups:
            places = tuple(sorted(group))
            named = tuple(periods[place] for place in places)
            words = f"{' and '.join(map(str, named))}: near the {'upper' if sign > 0 else 'lower'} limit, 2 of 3."
            marks.append(Mark("near a limit", "up" if sign > 0 else "down", places, named, words))
    return sorted(marks, key=lambda mark: mark.points)
