"""Every look at one authority: by how much it surely differs from England, and what moved by a test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from insight.core.area import Area
from insight.core.missing import in_words
from insight.core.panel import Panel
from insight.core.period import Period
from insight.studies._benchmarks import (
    Benchmark,
    Cell,
    Change,
    Line,
    Measure,
    Trend,
    Trends,
    benchmarks,
    change_of,
    line_of,
    trends_in,
)
from insight.studies.authority_brief._concepts import CONCEPTS, Concept
from insight.studies.authority_brief._laid_out import measures_of
from insight.studies.authority_brief._standing import Standing, standing_of
from insight.studies.authority_brief._wobble import Apart, tell_apart

LONGEST = 10
"""Newest yearly figures over which a rise or fall is tested."""
MOST_LISTED = 6
"""Measures in a list: the brief is to stay short, and every measure stands in the table of all."""
RATE = 0.05
NEITHER = "neither way is better"
PARTIAL = "the return may be partial"
NO_CHANGE = "there is no number in both years"
_LEVEL = " beside England"


@dataclass(frozen=True, eq=False)
class Look:
    """One measure of one authority.

    Parameters
    ----------
    concept : Concept
    measure : Measure
    unit : str
        Whose figures they are: the joint return where the authority has none of its own.
    period : int or None
        The newest with figures; None where the authority never had one.
    cell : Cell or None
    standing : Standing or None
    apart : Apart
        The figure against England's.
    benches : tuple of Benchmark
    line : Line
        The newest yearly figures.
    """

    concept: Concept
    measure: Measure
    unit: str
    period: int | None
    cell: Cell | None
    standing: Standing | None
    apart: Apart
    benches: tuple[Benchmark, ...]
    line: Line

    @property
    def value(self) -> float | None:
        """The authority's figure."""
        return None if self.cell is None else self.cell.value

    @property
    def england(self) -> float | None:
        """The nation's figure of the period, as published."""
        return next((each.value for each in self.benches if each.kind == "nation"), None)

    @property
    def neighbours(self) -> Benchmark | None:
        """The middle one of the neighbours of the newest model."""
        found = [each for each in self.benches if each.kind == "neighbours"]
        return max(found, key=lambda each: each.model_year or 0, default=None)

    @property
    def gap(self) -> float | None:
        """The figure less England's."""
        return None if self.value is None or self.england is None else self.value - self.england

    @property
    def row(self) -> dict[str, float | int | str | None] | None:
        """Its place; None where it has none."""
        return None if self.standing is None else self.standing.rows.get(self.unit)

    @property
    def is_apart(self) -> bool:
        """Whether the whole interval lies on one side of England's figure."""
        low, high, other = self.apart.low, self.apart.high, self.england
        return None not in (low, high, other) and ((low or 0.0) > (other or 0.0) or (high or 0.0) < (other or 0.0))

    @property
    def is_better(self) -> bool | None:
        """Whether it lies on the better side of England; None where neither way is better or nothing can be said."""
        better = self.measure.indicator.direction
        if not self.gap or better == "neither":
            return None
        return (self.gap > 0) == (better == "higher")

    @property
    def level_p(self) -> float | None:
        """Of the test against England; None where neither way is better, or nothing could be tested."""
        return None if self.measure.indicator.direction == "neither" else self.apart.p

    @property
    def when(self) -> Period | None:
        """The period of the figure."""
        return None if self.period is None else self.measure.when(self.period)

    @property
    def missing(self) -> str:
        """Why there is no figure; "" where there is one."""
        if self.cell is None:
            return "the publisher has no figure"
        return "" if self.cell.value is not None else in_words(self.cell.status)

    @cached_property
    def change(self) -> Change | None:
        """From the first to the newest figure of the line, beside those that started alike."""
        if len(self.line.points) < 2:
            return None
        first, last = self.line.points[0][0], self.line.points[-1][0]
        return change_of(self.measure, self.unit, last, years=(last - first) // self.measure.a_year)


@dataclass(frozen=True, eq=False)
class Brief:
    """Every look at one authority, and what is left of them after allowing for how many they are.

    Parameters
    ----------
    area : Area
    looks : tuple of Look
        In the order of the list; one for each concept with figures.
    absent : tuple of Concept
        Concepts that these data have no figure of, for anybody.
    trends : Trends
        Its ``looks`` hold the tests against England too.
    """

    area: Area
    looks: tuple[Look, ...]
    absent: tuple[Concept, ...]
    trends: Trends

    def trend(self, look: Look) -> Trend:
        """Its rise or fall."""
        return self.trends.all[look.concept.key]

    def stands_apart(self, look: Look) -> bool:
        """Whether it surely differs from England, after many looks."""
        return look.is_apart and look.concept.key + _LEVEL in self.trends.looks.kept

    def adjusted(self, look: Look) -> float | None:
        """The p-value against England after many looks; None where it was not tested."""
        return self.trends.looks.adjusted.get(look.concept.key + _LEVEL)

    def has_moved(self, look: Look) -> bool:
        """Whether the test finds a steady rise or fall, after many looks, of returns that look whole."""
        if self.trend(look).towards not in ("rising", "falling"):
            return False
        return look.change is not None and look.change.may_say_moved

    def why_unmoved(self, look: Look) -> str:
        """Why it does not stand among what moved, in a few words; "" where it does."""
        trend, test = self.trend(look), self.trend(look).result
        if test is None:
            return f"not tested: {trend.reason.removesuffix(' for a test')}"
        if self.has_moved(look):
            return ""
        if trend.towards in ("rising", "falling"):
            why = "" if look.change is None else look.change.reason
            return f"{trend.towards} by the test; not listed: {why or NO_CHANGE}"
        if trend.stays:
            return "not shown: figures that tie allow a slope of 0"
        if not self._could_be_kept(look.concept.key, test.smallest_p):
            return f"{test.n_values} figures, too few for so many tests"
        return "none shown"

    def _could_be_kept(self, key: str, p: float) -> bool:
        """Whether a test would stay after many looks if its p-value were this one, beside all others as they are."""
        from insight.stats.many_looks import false_discovery

        return key in false_discovery({**self._p_values, key: p}, rate=RATE).kept

    @cached_property
    def _p_values(self) -> dict[str, float]:
        """Of every test on the page, as the looks name them."""
        levels = {look.concept.key + _LEVEL: look.level_p for look in self.looks}
        trends = {look.concept.key: test.p for look in self.looks if (test := self.trend(look).result) is not None}
        return {**trends, **{key: p for key, p in levels.items() if p is not None}}

    @cached_property
    def looked_at(self) -> tuple[Look, ...]:
        """Measures that were looked at: with at least one test."""
        return tuple(look for look in self.looks if look.level_p is not None or self.trend(look).result is not None)

    @cached_property
    def strongest(self) -> tuple[Look, ...]:
        """Surely on the better side of England; the best places first."""
        return self._listed(better=True)

    @cached_property
    def weakest(self) -> tuple[Look, ...]:
        """Surely on the other side; the worst places first."""
        return self._listed(better=False)

    @cached_property
    def moved(self) -> tuple[Look, ...]:
        """With a rise or fall that a test finds; the smallest p-value first."""
        found = [look for look in self.looks if self.has_moved(look)]
        return tuple(sorted(found, key=lambda look: self.trend(look).adjusted or 0.0))

    @property
    def standing_out(self) -> tuple[Look, ...]:
        """In any of the three."""
        return tuple(look for look in self.looks if look in {*self.strongest, *self.weakest, *self.moved})

    @property
    def n_tests(self) -> int:
        """Tests on the page; a measure may have two."""
        return self.trends.looks.n_looks

    def _listed(self, *, better: bool) -> tuple[Look, ...]:
        found = [look for look in self.looks if self.stands_apart(look) and look.is_better is better]
        sign = 1.0 if better else -1.0

        def order(look: Look) -> tuple[float, float]:
            row = look.row
            # What has no place stands behind everything that has one, in either list.
            place = math.inf if row is None else sign * float(row["rank"] or 0.0) / float(row["of"] or 1.0)
            return place, self.adjusted(look) or 0.0

        return tuple(sorted(found, key=order))


def brief_of(panel: Panel, area: Area, concepts: Sequence[Concept] = CONCEPTS) -> Brief:
    """Every look at an authority.

    All tests of the page are looks together: those against England and those of a rise or fall.
    """
    measures = measures_of(panel, concepts)
    looks = tuple(_look(panel, concept, measures[concept.key], area) for concept in concepts if concept.key in measures)
    levels = {look.concept.key + _LEVEL: look.level_p for look in looks if look.level_p is not None}
    trends = trends_in({look.concept.key: look.line for look in looks}, besides=levels)
    absent = tuple(concept for concept in concepts if concept.key not in measures)
    return Brief(area, looks, absent, trends)


def newest_periods(measures: dict[str, Measure]) -> dict[str, int]:
    """The period in which each measure is looked at: the newest in which any authority has a figure."""
    found = {}
    for key, measure in measures.items():
        local = [code for code in measure.areas if measure.register.get(code).level in ("authority", "joint")]
        newest = measure.newest(local)
        if newest is not None:
            found[key] = newest
    return found


def _look(panel: Panel, concept: Concept, measure: Measure, area: Area) -> Look:
    unit = measure.unit_of(area.code)
    period = newest_periods({concept.key: measure}).get(concept.key)
    if period is None or not area.exists_on(measure.when(period).end):
        period = measure.newest([unit])
    if period is None:
        nothing = Apart(None, None, None, "", "there is no figure")
        line = Line((), measure.unit_of_change, measure.indicator.direction, (), "there is no figure")
        return Look(concept, measure, unit, None, None, None, nothing, (), line)
    cell = measure.cell(unit, period)
    standing = standing_of(panel, concept.key, measure, period=period)
    benches = benchmarks(measure, area.code, period)
    other = next((each.value for each in benches if each.kind == "nation"), None)
    return Look(
        concept, measure, unit, period, cell, standing,
        _apart(concept, standing, cell, other), benches, _line(concept, measure, unit, period, cell),
    )  # fmt: skip


def _apart(concept: Concept, standing: Standing, cell: Cell, other: float | None) -> Apart:
    if cell.value is None or not cell.is_sound:
        return Apart(None, None, None, "", cell.doubt or "there is no figure")
    found = tell_apart(standing.wobble, cell.numerator, cell.denominator, other=other)
    if found.low is None or found.high is None:
        return found
    # A part of a whole, which full-time equivalents do not tell, is never more than all of it.
    high = min(found.high, 100.0) if concept.whole else found.high
    # The figure as published is rounded; the interval is that of its counts, and holds both.
    return replace(found, low=min(found.low, cell.value), high=max(high, cell.value))


def _line(concept: Concept, measure: Measure, unit: str, period: int, cell: Cell) -> Line:
    """The newest figures up to the period; not to be tested where the last of them is missing or partial."""
    line = line_of(measure, unit, upto=period)
    reason = concept.untested or line.reason
    if not reason and not cell.is_sound:
        reason = PARTIAL if cell.doubt else "the newest figure is missing"
    return replace(line, points=line.points[-LONGEST:], reason=reason)
