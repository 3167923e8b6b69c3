"""The whole scorecard of one region: its rows, the direction of each, and the verdict by rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from insight.core.aims import JUDGEMENTS, Aim
from insight.core.area import Area
from insight.core.estimate import Estimate
from insight.core.finding import Verdict
from insight.core.panel import Panel
from insight.studies._benchmarks import Trend, Trends, trends_in
from insight.studies._words import number
from insight.studies.regional_scorecard._judged import judged_row
from insight.studies.regional_scorecard._measured import measured_row
from insight.studies.regional_scorecard._row import STATES, Row, SignTest, unmeasured

REACHED = "aims_reached"


@dataclass(frozen=True)
class Direction:
    """Where a row is heading, by a stated test, after allowing for many looks.

    ``is_better`` is None where the test shows no direction, or there is none.
    """

    words: str
    is_better: bool | None
    is_tested: bool
    estimate: Estimate | None = None


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
        How many tests there were and what is left of them.
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
        """The first measured row of the list, one whose figure has an interval before one without."""
        return next((row for row in self.measured if row.interval is not None), next(iter(self.measured), None))

    @property
    def headline(self) -> Estimate | None:
        """The figure of that row; None where nothing is measured."""
        return None if self.headline_row is None else _figure(self.headline_row)

    @property
    def reached_estimate(self) -> Estimate:
        """Aims reached: as published, and between what chance cannot undo and what it leaves open."""
        n = len(self.measured)
        sure = sum(row.is_surely_reached for row in self.measured)
        open_ = sum(row.may_be_reached for row in self.measured)
        value = len(self.reached)
        return Estimate(
            key=REACHED,
            term="Aims reached, of those that public figures can measure",
            value=float(value),
            unit=f"of {n} aims",
            scale="count",
            method="low: reached whatever chance does to ranks; high: those whose interval leaves it open",
            low=float(min(sure, value)),
            high=float(max(open_, value)),
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
    lines = {row.aim.key: row.line for row in rows if row.line is not None and row.has_figure}
    signs = {row.aim.key: row.sign_test for row in rows if row.sign_test is not None}
    besides = {key: test.p for key, test in signs.items() if test.p is not None}
    trends = trends_in(lines, besides=besides)
    directions = {row.aim.key: _direction(row, trends) for row in rows}
    return Scorecard(region, rows, directions, trends.looks.words, bool(own), aims[0].whose if aims else "")


def _row(panel: Panel, aim: Aim, region: Area, years: int) -> Row:
    if not aim.measure:
        return unmeasured(aim)
    if aim.measure == JUDGEMENTS:
        return judged_row(panel, aim, region, years=years)
    return measured_row(panel, aim, region)


def _direction(row: Row, trends: Trends) -> Direction:
    if row.sign_test is not None:
        return _by_sign_test(row, row.sign_test, row.aim.key in trends.looks.kept)
    trend = trends.all.get(row.aim.key)
    return Direction("no figure to test", None, False) if trend is None else _by_trend(row, trend)


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
        f"{moved}, {span} ({p}).{shown}", is_better, True, replace(estimate, method=f"{method}, p {test.p:.4f}")
    )


def _by_trend(row: Row, trend: Trend) -> Direction:
    words = f"{row.line_words[:1].upper()}{row.line_words[1:]}: {trend.words[:1].lower()}{trend.words[1:]}"
    if trend.result is None:
        return Direction(words, None, False)
    slope = replace(
        trend.result.slope,
        key=f"{row.aim.key}_direction",
        term=f"{row.aim.title}: change a year of {row.line_words}",
        method=f"{trend.result.method}, p {trend.result.p:.4f}, {trend.adjusted or 0.0:.4f} after many looks",
        n_units=1,
    )
    return Direction(words, trend.is_better, True, slope)


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
        term=row.aim.title,
        value=row.value,
        unit=row.unit or "no unit",
        scale="percent" if row.unit == "percent" else "count",
        method="; ".join(dict.fromkeys(method for method in methods if method)),
        low=low,
        high=high,
        n_rows=len(row.members) or None,
        n_units=1 if row.has_figure else None,
        n_authorities=len(row.members) or None,
        rank=place.rank if place else None,
        rank_low=place.low if place else None,
        rank_high=place.high if place else None,
        rank_of=place.of if place else None,
        band=STATES[row.state],
    )


def _distance(row: Row) -> list[Estimate]:
    if row.short_by is None:
        return []
    made = Estimate(
        key=f"{row.aim.key}_distance",
        term=f"{row.aim.title}: distance from the aim",
        value=row.short_by,
        unit=row.short_unit,
        scale="count" if row.short_unit == "authorities" else "difference",
        method=f"target: {row.target}; {number(row.short_by, row.decimals)} away, by published figures",
        null=0.0,
    )
    return [made]
