"""The whole scorecard of one region: its rows, the direction of each, and the verdict by rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from insight.core.aims import JUDGEMENTS, Aim
from insight.core.area import Area
from insight.core.estimate import Estimate, Scale
from insight.core.finding import Verdict
from insight.core.panel import Panel
from insight.studies._benchmarks import Trend, Trends, trends_in
from insight.studies._words import number
from insight.studies.regional_scorecard._judged import judged_row
from insight.studies.regional_scorecard._measured import measured_row
from insight.studies.regional_scorecard._row import STATES, Row, SignTest, unmeasured, upper

REACHED = "aims_reached"


@dataclass(frozen=True)
class Direction:
    """Where a row is heading, by a stated test, after allowing for many looks.

    Parameters
    ----------
    words : str
    is_better : bool or None
        None where no direction is claimed, or there is no test.
    is_tested : bool
    estimate : Estimate or None
    stays : bool
        Whether the test finds a direction after many looks. Without ``is_better`` its slope may yet be 0.
    moving : str
        The direction in a few words; "" without one.
    """

    words: str
    is_better: bool | None
    is_tested: bool
    estimate: Estimate | None = None
    stays: bool = False
    moving: str = ""


@dataclass(frozen=True, eq=False)
class Scorecard:
    """One region's aims, held against public figures.

    Parameters
    ----------
    region : Area
    rows : tuple of Row
        In the order of the region's list.
    directions : mapping of aim key to Direction
    looks : str
        How many tests there were, and of how many a direction is claimed.
    is_own : bool
        Whether the region has a list of its own.
    whose : str
        Who set the aims; "" without any list.
    """

    region: Area
    rows: tuple[Row, ...]
    directions: Mapping[str, Direction]
    looks: str
    is_own: bool
    whose: str

    @property
    def measured(self) -> tuple[Row, ...]:
        """Rows whose aim public figures can say is reached or not."""
        return tuple(row for row in self.rows if row.is_measured)

    @property
    def with_figures(self) -> tuple[Row, ...]:
        """Rows with a figure, also of a measure that stands in."""
        return tuple(row for row in self.rows if row.has_figure)

    @property
    def reached(self) -> tuple[Row, ...]:
        """Rows whose aim is reached by the figures as published."""
        return tuple(row for row in self.measured if row.state == "reached")

    def heading(self, is_better: bool) -> tuple[Row, ...]:
        """Rows that move towards their aim, or away from it."""
        return tuple(row for row in self.rows if self.directions[row.aim.key].is_better is is_better)

    @property
    def verdict(self) -> Verdict:
        """Towards its aims (up), away from them (down), both, or no telling; by the tests of direction alone."""
        if not self.measured:
            return "not_estimable"
        towards, away = self.heading(True), self.heading(False)
        if towards and away:
            return "depends_on_measure"
        return "effect_up" if towards else "effect_down" if away else "cannot_tell"

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """The count of aims reached; then each row's figure, its distance and its direction."""
        made = [self.reached_estimate] if self.measured else []
        for row in self.rows:
            made += [_figure(row), *_distance(row)]
            direction = self.directions[row.aim.key].estimate
            made += [direction] if direction is not None else []
        return tuple(made)

    @property
    def headline_row(self) -> Row | None:
        """The first measured row whose figure has an interval or is a full count; else the first measured one."""
        sure = (row for row in self.measured if row.interval is not None or row.chance == "none")
        return next(sure, next(iter(self.measured), None))

    @property
    def headline(self) -> Estimate | None:
        """The figure of that row; None where nothing is measured."""
        return None if self.headline_row is None else _figure(self.headline_row)

    @property
    def reached_estimate(self) -> Estimate:
        """Aims reached by the figures as published; no interval, since not every place among regions has one."""
        n = len(self.measured)
        return Estimate(
            key=REACHED,
            term="Aims reached, of those that public figures can judge as worded",
            value=float(len(self.reached)),
            unit=f"of {n} aims",
            scale="count",
            method="counted by figures as published; no interval: a check says which answers chance could change",
            n_rows=n,
            n_units=1,
        )


def scorecard_of(panel: Panel, region: Area, *, judgement_years: int) -> Scorecard:
    """The scorecard of one region.

    Its own aims where a list of it is there, else those that stand for regions without one.
    """
    own = tuple(aim for aim in panel.aims if aim.region == region.code)
    aims = own or tuple(aim for aim in panel.aims if not aim.region)
    rows = tuple(_row(panel, aim, region, judgement_years) for aim in aims)
    tested = _tested_once(rows)
    lines = {row.aim.key: row.line for row in tested.values() if row.line is not None}
    signs = {row.aim.key: row.sign_test for row in tested.values() if row.sign_test is not None}
    besides = {key: test.p for key, test in signs.items() if test.p is not None}
    trends = trends_in(lines, besides=besides)
    directions = {row.aim.key: _direction(row, trends, tested) for row in rows}
    return Scorecard(region, rows, directions, trends.words, bool(own), aims[0].whose if aims else "")


def _tested_once(rows: tuple[Row, ...]) -> dict[str, Row]:
    """By measure, the first row with something to test: the same thing measured twice is one look."""
    found: dict[str, Row] = {}
    for row in rows:
        if row.has_figure and (row.line is not None or row.sign_test is not None):
            found.setdefault(row.aim.measure, row)
    return found


def _row(panel: Panel, aim: Aim, region: Area, years: int) -> Row:
    if not aim.measure:
        return unmeasured(aim)
    if aim.measure == JUDGEMENTS:
        return judged_row(panel, aim, region, years=years)
    return measured_row(panel, aim, region)


def _direction(row: Row, trends: Trends, tested: Mapping[str, Row]) -> Direction:
    stands = tested.get(row.aim.measure)
    if stands is not None and stands is not row:
        return _untested(row, stands)
    if row.sign_test is not None:
        return _by_sign_test(row, row.sign_test, row.aim.key in trends.looks.kept)
    trend = trends.all.get(row.aim.key)
    return Direction("no figure to test", None, False) if trend is None else _by_trend(row, trend)


def _untested(row: Row, tested: Row) -> Direction:
    why = f"not tested apart: “{tested.aim.title}” is the same measure, and one measure is one look"
    words = f"{upper(row.line_words)}: {why}." if row.line_words else f"{upper(why)}."
    points = row.line.points if row.line is not None else ()
    if len(points) > 1:
        (first, before), (last, now) = points[0], points[-1]
        was, is_now = (number(value, row.figure_decimals) for value in (before, now))
        words += f" It was {was} in {first} and {is_now} in {last}."
    term, unit = f"{row.aim.title}: change a year", row.short_unit or "no unit"
    return Direction(words, None, False, Estimate(f"{row.aim.key}_direction", term, None, unit, "difference", why))


def _by_sign_test(row: Row, test: SignTest, is_kept: bool) -> Direction:
    moved = f"{test.better} came to be Good or Outstanding and {test.worse} ceased to be, of {test.n}"
    span = f"between {test.since} and {test.until}"
    key = f"{row.aim.key}_direction"
    method = "authorities that came to meet the aim less those that ceased to; exact sign test"
    estimate = Estimate(
        key, f"{row.aim.title}: net change", float(test.better - test.worse), "authorities", "count", method, null=0.0,
        n_rows=test.n, n_authorities=test.n,
    )  # fmt: skip
    if test.p is None:
        return Direction(f"None changed sides {span}.", None, False, estimate)
    is_better = test.better > test.worse if is_kept and test.better != test.worse else None
    shown = "" if is_better is not None else " No direction is shown."
    p = f"exact sign test, p {test.p:.3f}"
    return Direction(
        f"{moved}. That is {span} ({p}).{shown or _claim(is_better)}",
        is_better,
        True,
        replace(estimate, method=f"{method}, p {test.p:.4f}"),
        stays=is_kept,
        moving=f"{test.better} came to be Good or Outstanding and {test.worse} ceased to be",
    )


def _claim(is_better: bool | None) -> str:
    """Which way a direction that is claimed goes, as a further sentence."""
    return "" if is_better is None else " Towards the aim." if is_better else " Away from the aim."


def _by_trend(row: Row, trend: Trend) -> Direction:
    said = f"{upper(row.line_words)}: {trend.words[:1].lower()}{trend.words[1:]}"
    words = f"{said}{_claim(trend.is_better)}{f' {row.line_note}' if row.line_note else ''}"
    if trend.result is None:
        return Direction(words, None, False)
    slope = replace(
        trend.result.slope,
        key=f"{row.aim.key}_direction",
        term=f"{row.aim.title}: change a year of {row.line_words}",
        method=f"{trend.result.method}, p {trend.result.p:.4f}, {trend.adjusted or 0.0:.4f} after many looks",
        n_units=1,
    )
    moving = trend.moving if trend.moving not in ("rising", "falling") else f"{row.line_words} is {trend.moving}"
    return Direction(words, trend.is_better, True, slope, stays=trend.stays, moving=moving)


def _figure(row: Row) -> Estimate:
    place = row.standing
    low, high, how = row.interval or (None, None, "")
    methods = [
        row.method or row.stands_for,
        f"interval: {how}" if how else "",
        f"rank: {place.method}" if place else "",
    ]
    return Estimate(
        key=row.aim.key,
        term=f"{row.figure or row.stands_for}, for the aim “{row.aim.title}”" if row.has_figure else row.aim.title,
        value=row.value,
        unit=row.unit or "no unit",
        scale="percent" if row.unit == "percent" else "count",
        method="; ".join(dict.fromkeys(method for method in methods if method)),
        low=low,
        high=high,
        n_rows=len(row.placed) or None,
        n_units=1 if row.has_figure else None,
        n_authorities=sum(member.authorities for member in row.placed) or None,
        rank=place.rank if place else None,
        rank_low=place.low if place else None,
        rank_high=place.high if place else None,
        rank_of=place.of if place else None,
        band=STATES[row.state],
        decimals=row.figure_decimals,
    )


def _distance(row: Row) -> list[Estimate]:
    """The distance by the reading that is farthest from the target, then by each where there are several."""
    key, term = f"{row.aim.key}_distance", f"{row.aim.title}: distance from the aim"
    if row.state == "not known":
        method = f"no number: {STATES[row.state]} ({row.distance})"
        return [Estimate(key, term, None, row.short_unit, "count", method)]
    if row.short_by is None:
        return []
    away = f"{number(row.short_by, row.figure_decimals)} away, by published figures"
    more = "; by the reading that is farthest" if row.readings else ""
    return [
        _away(row, key, term, row.short_by, f"{away}{more}"),
        *(
            _away(row, f"{key}_{each.key}", f"{term}, {each.words}", each.short_by, f"{each.words}: {each.away}")
            for each in row.readings
        ),
    ]


def _away(row: Row, key: str, term: str, short_by: float, words: str) -> Estimate:
    scale: Scale = "count" if row.short_unit == "authorities" else "difference"
    return Estimate(key, term, short_by, row.short_unit, scale, f"target: {row.target}; {words}", null=0.0)
