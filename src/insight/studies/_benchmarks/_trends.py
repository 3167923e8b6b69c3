"""Has a figure risen or fallen over the years? A stated test for each measure, and what stays of many looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from insight.core.indicator import Direction
from insight.core.period import PeriodKind
from insight.errors import NotEnoughData
from insight.studies._benchmarks._measure import Measure
from insight.studies._words import number

if TYPE_CHECKING:
    from insight.stats.many_looks import FalseDiscovery
    from insight.stats.trend_test import TrendTest

RATE = 0.05
Towards = Literal["rising", "falling", "no trend shown", "not tested"]


@dataclass(frozen=True)
class Line:
    """A yearly series to be tested.

    Parameters
    ----------
    points : tuple of (year, value)
        Of returns that look whole; gaps count.
    unit : str
        Of a change.
    better : "higher", "lower" or "neither"
    left_out : tuple of int
        Years with a figure whose return looks partial.
    reason : str
        Why it cannot be tested whatever it holds; "" where it may be.
    beside : str
        Whose figures the points are the gap to, so that words say above or below whom; "" for figures themselves.
    """

    points: tuple[tuple[int, float], ...]
    unit: str
    better: Direction
    left_out: tuple[int, ...] = ()
    reason: str = ""
    beside: str = ""


@dataclass(frozen=True, eq=False)
class Trend:
    """One measure of one area over the years.

    Parameters
    ----------
    key : str
        The concept.
    result : TrendTest or None
        Mann-Kendall and Theil-Sen's slope per year over figures of whole returns; None with ``reason``.
    towards : "rising", "falling", "no trend shown" or "not tested"
        After many looks: a trend that does not stay, or whose interval of the slope reaches 0 (as ties may make it), is
        "no trend shown".
    is_better : bool or None
        Whether it moves the better way; None without a trend, or where neither way is better.
    adjusted : float or None
        The p-value after many looks.
    first, last : int or None
        Periods of the first and last figure used.
    left_out : tuple of int
        Periods with a figure whose return looks partial.
    words : str
    stays : bool
        Whether the test finds a direction after many looks; without ``towards`` the slope may yet be 0.
    moving : str
        The direction in a few words, "rising" or "less far above England"; "" where the test finds none.
    reason : str
    """

    key: str
    result: TrendTest | None
    towards: Towards
    is_better: bool | None
    adjusted: float | None
    first: int | None
    last: int | None
    left_out: tuple[int, ...]
    words: str
    stays: bool = False
    moving: str = ""
    reason: str = ""

    @property
    def is_flat(self) -> bool:
        """Whether it was tested and no direction is claimed."""
        return self.towards == "no trend shown"


@dataclass(frozen=True, eq=False)
class Trends:
    """Several measures of one area, looked at together.

    Parameters
    ----------
    all : mapping of concept to Trend
    looks : FalseDiscovery
        Benjamini and Hochberg's choice at 5% among everything tested. Its ``words`` know nothing of slopes: print
        those of this class.
    """

    all: Mapping[str, Trend]
    looks: FalseDiscovery

    @property
    def words(self) -> str:
        """The number of looks, how many stay, and of how many of those no direction is claimed all the same."""
        said, flat = self.looks.words, sum(trend.stays and trend.is_flat for trend in self.all.values())
        if not flat:
            return said
        which = "it has" if flat == len(self.looks.kept) == 1 else f"of those {flat} {'has' if flat == 1 else 'have'}"
        claimed = "for it" if flat == 1 else "for them"
        return (
            f"{said.removesuffix('.')}; {which} an interval of the slope that reaches 0, "
            f"so no direction is claimed {claimed}."
        )


def trends_of(
    measures: Mapping[str, Measure], area: str, *, upto: int | None = None, besides: Mapping[str, float] | None = None
) -> Trends:
    """The trends of an area, with the share of false ones held at 5% over all looks.

    Parameters
    ----------
    measures : mapping of concept to Measure
        One measure per concept: the same thing measured twice is one look.
    area : str
        Code; an authority that reports in a joint return is that return.
    upto : int, optional
        The last period that counts.
    besides : mapping of concept to p-value, optional
        Other tests of the same page, which are looks as well.

    Returns
    -------
    Trends
        A series of fewer than four figures, one that never changes, or one of months (which have seasons) is not
        tested and is no look.
    """
    lines = {key: line_of(measure, measure.unit_of(area), upto=upto) for key, measure in measures.items()}
    return trends_in(lines, besides=besides)


def line_of(measure: Measure, area: str, *, upto: int | None = None) -> Line:
    """The figures of one area as a series to be tested."""
    there = [cell for cell in measure.series(area) if cell.value is not None and (upto is None or cell.period <= upto)]
    is_month = measure.indicator.period_kind is PeriodKind.MONTH
    return Line(
        tuple((cell.period, cell.value) for cell in there if cell.is_sound and cell.value is not None),
        measure.unit_of_change,
        measure.indicator.direction,
        tuple(cell.period for cell in there if not cell.is_sound),
        "months have seasons, which this test does not know" if is_month else "",
    )


def trends_in(lines: Mapping[str, Line], *, besides: Mapping[str, float] | None = None) -> Trends:
    """The trends of several series; see `trends_of`."""
    from insight.stats.many_looks import false_discovery

    tested = {key: _test(line) for key, line in lines.items()}
    p_values = {key: test.p for key, (test, _) in tested.items() if test is not None}
    looks = false_discovery({**p_values, **(besides or {})}, rate=RATE)
    return Trends({key: _trend(key, line, *tested[key], looks) for key, line in lines.items()}, looks)


def _test(line: Line) -> tuple[TrendTest | None, str]:
    from insight.stats.trend_test import trend_test

    if line.reason:
        return None, line.reason
    years, values = ([point[place] for point in line.points] for place in (0, 1))
    try:
        test = trend_test(values, times=[float(year) for year in years], unit=line.unit)
    except NotEnoughData:
        few = "1 yearly figure is" if len(values) == 1 else f"{len(values)} yearly figures are"
        return None, "the figure never changed" if len(values) >= 4 else f"{few} too few for a test"
    return test, ""


def _trend(key: str, line: Line, test: TrendTest | None, why: str, looks: FalseDiscovery) -> Trend:
    first, last = (line.points[0][0], line.points[-1][0]) if line.points else (None, None)
    if test is None:
        words = f"Not tested: {why}."
        return Trend(key, None, "not tested", None, None, first, last, line.left_out, words, reason=why)
    is_kept = key in looks.kept
    towards: Towards = test.direction if is_kept and test.slope.excludes_null else "no trend shown"
    moving = _moving(line, test)
    words = _words(test, towards, line, moving, is_kept)
    better = _is_better(towards, line.better)
    adjusted = looks.adjusted[key]
    return Trend(key, test, towards, better, adjusted, first, last, line.left_out, words, is_kept, moving)


def _moving(line: Line, test: TrendTest) -> str:
    """Which way the points go; of a gap, how the area lies beside those that it is held against."""
    is_rising = test.direction == "rising"
    if test.direction == "no trend shown" or not line.beside:
        return "" if test.direction == "no trend shown" else test.direction
    first, last = line.points[0][1], line.points[-1][1]
    if first * last < 0:
        return f"from {'below' if is_rising else 'above'} {line.beside} to {'above' if is_rising else 'below'} it"
    is_above = first + last > 0
    return f"{'farther' if is_rising == is_above else 'less far'} {'above' if is_above else 'below'} {line.beside}"


def _is_better(towards: Towards, better: Direction) -> bool | None:
    if better == "neither" or towards not in ("rising", "falling"):
        return None
    return (towards == "rising") == (better == "higher")


def _words(test: TrendTest, towards: Towards, line: Line, moving: str, is_kept: bool) -> str:
    over = f"in {test.n_values} yearly figures, {line.points[0][0]} to {line.points[-1][0]}"
    if towards in ("rising", "falling"):
        size = f"by {number(abs(test.slope.value or 0.0), 2)} {line.unit} a year"
        return f"{moving[:1].upper()}{moving[1:]}{',' if line.beside else ''} {size} {over} ({_p(test)})."
    if test.smallest_p > RATE:
        return f"No trend could be shown {over}: the smallest possible p is {test.smallest_p:.2f}."
    if moving and not is_kept:
        return f"No trend is left after allowing for many looks ({_p(test)} alone, {over})."
    if moving:
        return (
            f"{moving[:1].upper()}{moving[1:]} by the test ({_p(test)}, {over}). "
            "Figures that tie let its slope be as small as 0, so no direction is claimed."
        )
    return f"No steady trend shown {over} ({_p(test)}); that is no proof that there is none."


def _p(test: TrendTest) -> str:
    return "p under 0.001" if test.p < 0.0005 else f"p {test.p:.3f}" if test.p < 0.1 else f"p {test.p:.2f}"
