"""Has a figure risen or fallen over the years? A stated test for each measure, and what stays of many looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from insight.core.indicator import Direction
from insight.core.period import PeriodKind
from insight.errors import NotEnoughData
from insight.studies._benchmarks._measure import Cell, Measure
from insight.studies._words import number

if TYPE_CHECKING:
    from insight.stats.many_looks import FalseDiscovery
    from insight.stats.trend_test import TrendTest

RATE = 0.05
Towards = Literal["rising", "falling", "no trend shown", "not tested"]


@dataclass(frozen=True, eq=False)
class Trend:
    """One measure of one area over the years.

    Parameters
    ----------
    key : str
        The concept.
    test : TrendTest or None
        Mann-Kendall and Theil-Sen's slope per year over figures of whole returns; None with ``reason``.
    towards : "rising", "falling", "no trend shown" or "not tested"
        After many looks: a trend that does not stay is "no trend shown".
    is_better : bool or None
        Whether it moves the better way; None without a trend, or where neither way is better.
    adjusted : float or None
        The p-value after many looks.
    first, last : int or None
        Periods of the first and last figure used.
    left_out : tuple of int
        Periods with a figure whose return looks partial.
    words : str
    reason : str
    """

    key: str
    test: TrendTest | None
    towards: Towards
    is_better: bool | None
    adjusted: float | None
    first: int | None
    last: int | None
    left_out: tuple[int, ...]
    words: str
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Trends:
    """Several measures of one area, looked at together.

    Parameters
    ----------
    all : mapping of concept to Trend
    looks : FalseDiscovery
        Benjamini and Hochberg's choice at 5% among the measures tested; its ``words`` print the number of looks.
    """

    all: Mapping[str, Trend]
    looks: FalseDiscovery


def trends_of(measures: Mapping[str, Measure], area: str, *, upto: int | None = None) -> Trends:
    """The trends of an area, with the share of false ones held at 5% over all looks.

    Parameters
    ----------
    measures : mapping of concept to Measure
        One measure per concept: the same thing measured twice is one look.
    area : str
        Code; an authority that reports in a joint return is that return.
    upto : int, optional
        The last period that counts.

    Returns
    -------
    Trends
        A series of fewer than four figures, one that never changes, or one of months (which have seasons) is not
        tested and is no look.
    """
    from insight.stats.many_looks import false_discovery

    tested: dict[str, tuple[TrendTest | None, str, list[Cell], list[Cell]]] = {}
    for key, measure in measures.items():
        cells = [cell for cell in measure.series(measure.unit_of(area)) if upto is None or cell.period <= upto]
        there = [cell for cell in cells if cell.value is not None]
        sound = [cell for cell in there if cell.is_sound]
        test, why = _test(measure, sound)
        tested[key] = (test, why, sound, [cell for cell in there if not cell.is_sound])
    looks = false_discovery({key: test.p for key, (test, *_) in tested.items() if test is not None}, rate=RATE)
    made = {key: _trend(key, measures[key], *found, looks) for key, found in tested.items()}
    return Trends(made, looks)


def _test(measure: Measure, sound: list[Cell]) -> tuple[TrendTest | None, str]:
    from insight.stats.trend_test import trend_test

    if measure.indicator.period_kind is PeriodKind.MONTH:
        return None, "months have seasons, which this test does not know"
    try:
        test = trend_test(
            [cell.value for cell in sound if cell.value is not None],
            times=[float(cell.period) for cell in sound],
            unit=measure.unit_of_change,
        )
    except NotEnoughData:
        few = len(sound) < 4
        return None, f"{len(sound)} yearly figures are too few" if few else "the figure never changed"
    return test, ""


def _trend(
    key: str,
    measure: Measure,
    test: TrendTest | None,
    why: str,
    sound: list[Cell],
    doubtful: list[Cell],
    looks: FalseDiscovery,
) -> Trend:
    first, last = (sound[0].period, sound[-1].period) if sound else (None, None)
    left_out = tuple(cell.period for cell in doubtful)
    if test is None:
        return Trend(key, None, "not tested", None, None, first, last, left_out, f"Not tested: {why}.", why)
    towards: Towards = test.direction if key in looks.kept else "no trend shown"
    words = _words(test, towards, measure, key in looks.kept)
    better = _is_better(towards, measure.indicator.direction)
    return Trend(key, test, towards, better, looks.adjusted[key], first, last, left_out, words)


def _is_better(towards: Towards, direction: Direction) -> bool | None:
    if direction == "neither" or towards not in ("rising", "falling"):
        return None
    return (towards == "rising") == (direction == "higher")


def _words(test: TrendTest, towards: Towards, measure: Measure, is_kept: bool) -> str:
    if towards in ("rising", "falling"):
        size = f"{number(abs(test.slope.value or 0.0), 2)} {measure.unit_of_change} a year"
        return f"{towards.title()} by {size} over {test.n_values} years (p {test.p:.3f})."
    if test.smallest_p > RATE:
        return f"No trend could be shown: with {test.n_values} years the smallest possible p is {test.smallest_p:.2f}."
    if test.direction != "no trend shown" and not is_kept:
        return f"No trend is left after allowing for many looks (p {test.p:.3f} alone, {test.n_values} years)."
    return f"No steady trend shown over {test.n_values} years (p {test.p:.2f}); that is no proof that there is none."
