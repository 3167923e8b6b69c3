"""Spells: from a published Inadequate to the first later Good or Outstanding, as the reports tell them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from insight.core.judgements import (
    GOOD,
    INADEQUATE,
    OUTSTANDING,
    OVERALL,
    REQUIRES_IMPROVEMENT,
    SAFEGUARDING,
    WHOLE_SERVICE,
    Judged,
)

DAYS_A_YEAR = 365.25
GOOD_GRADES = (GOOD, OUTSTANDING)
ILACS = "ILACS"
# Judgements of child protection before 2014, which came nearest to a judgement of all services.
EARLIER = (("SLAC", SAFEGUARDING), ("CPI", OVERALL))
# Why nobody looks at an open spell any longer.
NEWEST, ABOLISHED, UNGRADED = "newest report in the data", "abolished", "an inspection without a grade"
# A stretch without any graded report that is shorter than this is no pause.
SHORTEST_PAUSE_DAYS = 183


@dataclass(frozen=True, slots=True)
class Report:
    """The overall grade of one inspection; ``grade`` is "" where it gave none, ``inspected`` where no file has it."""

    area: str
    published: date
    framework: str
    inspection: str
    grade: str
    inspected: str
    source: str
    is_official: bool

    @classmethod
    def of(cls, judged: Judged) -> Report:
        """The report behind a judgement."""
        return cls(
            judged.area,
            judged.day,
            judged.framework,
            judged.inspection,
            judged.grade,
            judged.inspected,
            f"{judged.source} {judged.release}",
            judged.is_official,
        )

    @property
    def inspected_by(self) -> date:
        """The day of inspection, or where no file has it that of publication."""
        return date.fromisoformat(self.inspected) if self.inspected else self.published

    def as_plain(self) -> list[Any]:
        """Plain JSON types."""
        return [
            self.area, self.published.isoformat(), self.framework, self.inspection, self.grade, self.inspected,
            self.source, self.is_official,
        ]  # fmt: skip

    @classmethod
    def of_plain(cls, plain: Sequence[Any]) -> Report:
        """The inverse of :meth:`as_plain`."""
        area, published, *rest = plain
        return cls(area, date.fromisoformat(published), *rest)


@dataclass(frozen=True, slots=True)
class Spell:
    """One authority's way from Inadequate to Good.

    Parameters
    ----------
    area : str
    end : date
        Publication of the Good, or the last day on which nobody had seen one.
    is_good : bool
    cut : str
        Why an open spell is followed no longer: ``NEWEST``, ``ABOLISHED`` or ``UNGRADED``; "" where it ended in a Good.
    steps : tuple of (date, grade)
        The graded reports of the spell in order, the Inadequate first and the Good last.
    framework : str
        Of the report that it began with.
    is_first : bool
        Whether that was the first report with a grade of the authority.
    """

    area: str
    end: date
    is_good: bool
    cut: str
    steps: tuple[tuple[date, str], ...]
    framework: str
    is_first: bool

    @property
    def start(self) -> date:
        """Publication of the Inadequate."""
        return self.steps[0][0]

    @property
    def years(self) -> float:
        """Years from its start to its end."""
        return years_between(self.start, self.end)

    @property
    def last_not_good(self) -> date:
        """Publication of the last report that was neither Good nor Outstanding."""
        return self.steps[-2 if self.is_good else -1][0]

    @property
    def grade(self) -> str:
        """The grade of its newest report."""
        return self.steps[-1][1]

    @property
    def first_better(self) -> date | None:
        """Publication of the first report above Inadequate."""
        return next((day for day, grade in self.steps if grade != INADEQUATE), None)

    @property
    def last_inadequate(self) -> date:
        """Publication of the last Inadequate before anything better."""
        before = [day for day, _ in self.steps if self.first_better is None or day < self.first_better]
        return before[-1]

    @property
    def first_ri(self) -> date | None:
        """Publication of the first Requires improvement."""
        return next((day for day, grade in self.steps if grade == REQUIRES_IMPROVEMENT), None)

    @property
    def fell_back(self) -> bool:
        """Whether an Inadequate followed something better inside the spell."""
        return self.first_better is not None and any(
            grade == INADEQUATE and day > self.first_better for day, grade in self.steps
        )

    def grade_after(self, years: float) -> str:
        """The newest grade so many years after the start."""
        return [grade for day, grade in self.steps if years_between(self.start, day) <= years][-1]

    def as_plain(self) -> list[Any]:
        """Plain JSON types."""
        steps = [[day.isoformat(), grade] for day, grade in self.steps]
        return [self.area, self.end.isoformat(), self.is_good, self.cut, steps, self.framework, self.is_first]

    @classmethod
    def of_plain(cls, plain: Sequence[Any]) -> Spell:
        """The inverse of :meth:`as_plain`."""
        area, end, is_good, cut, steps, framework, is_first = plain
        read = tuple((date.fromisoformat(day), grade) for day, grade in steps)
        return cls(area, date.fromisoformat(end), is_good, cut, read, framework, is_first)


def years_between(start: date, end: date) -> float:
    """Years of 365.25 days.

    >>> round(years_between(date(2017, 1, 24), date(2023, 7, 14)), 2)
    6.47
    """
    return (end - start).days / DAYS_A_YEAR


def whole_service(history: Iterable[Judged]) -> tuple[Report, ...]:
    """The overall grades of all services, by area and day; inspections without a grade too."""
    kept = [each for each in history if each.subject == OVERALL and each.framework in WHOLE_SERVICE]
    return _ordered(kept)


def earlier_frameworks(history: Iterable[Judged]) -> tuple[Report, ...]:
    """The judgements of child protection before there were overall grades of all services."""
    return _ordered([each for each in history if (each.framework, each.subject) in EARLIER])


def _ordered(kept: Iterable[Judged]) -> tuple[Report, ...]:
    return tuple(sorted((Report.of(each) for each in kept), key=lambda each: (each.area, each.published)))


def horizon_of(reports: Iterable[Report]) -> date | None:
    """The newest day on which a grade was published: until then a Good could have been seen."""
    return max((each.published for each in reports if each.grade), default=None)


def ungraded_since(reports: Iterable[Report]) -> date | None:
    """The first inspection from which on none has a grade; None where the newest inspections have grades."""
    several = tuple(reports)
    last = max((each.inspected_by for each in several if each.grade), default=None)
    after = [each.inspected_by for each in several if not each.grade and (last is None or each.inspected_by > last)]
    return min(after, default=None)


def spells_of(reports: Iterable[Report], *, horizon: date, ends: Mapping[str, date]) -> tuple[Spell, ...]:
    """Every spell, by area and start.

    A spell begins with an Inadequate while none is open, and ends with the first later Good or Outstanding. An open one
    is followed until the newest graded report of the data, until its area was abolished, or, where the area's newest
    inspection gave no grade, until its own last graded report.

    Parameters
    ----------
    reports : Report
    horizon : date
    ends : mapping of area to its last day
        Of abolished areas.
    """
    by_area: dict[str, list[Report]] = defaultdict(list)
    for each in sorted(reports, key=lambda each: (each.area, each.published)):
        by_area[each.area].append(each)
    return tuple(spell for area, own in by_area.items() for spell in _spells(area, own, horizon, ends.get(area)))


def _spells(area: str, own: Sequence[Report], horizon: date, end: date | None) -> Iterable[Spell]:
    graded = [each for each in own if each.grade]
    steps: list[tuple[date, str]] = []
    framework, is_first = "", False
    for place, each in enumerate(graded):
        if not steps and each.grade != INADEQUATE:
            continue
        if not steps:
            framework, is_first = each.framework, place == 0
        steps.append((each.published, each.grade))
        if each.grade in GOOD_GRADES:
            yield Spell(area, each.published, True, "", tuple(steps), framework, is_first)
            steps = []
    if steps:
        last = graded[-1].published
        ungraded = own[-1].published > last
        cut, until = (UNGRADED, last) if ungraded else (NEWEST, horizon)
        if end is not None and end < until:
            cut, until = ABOLISHED, end
        yield Spell(area, max(until, last), False, cut, tuple(steps), framework, is_first)


def already_inadequate(spells: Iterable[Spell], earlier: Sequence[Report]) -> dict[tuple[str, date], date]:
    """When spells began under an earlier framework: by area and start, of those that were open at their start.

    The same rule makes a spell there: an Inadequate that no Good has followed.
    """
    found = {}
    for spell in spells:
        before = [each for each in earlier if each.area == spell.area and each.published < spell.start]
        opened = [each for each in spells_of(before, horizon=spell.start, ends={}) if not each.is_good]
        if spell.is_first and opened:
            found[spell.area, spell.start] = opened[-1].start
    return found


def longest_pause(reports: Iterable[Report]) -> tuple[date, date] | None:
    """The longest stretch without a graded report, from one to the next; None where it is shorter than half a year."""
    days = sorted({each.published for each in reports if each.grade})
    longest = max(pairwise(days), key=lambda pair: pair[1] - pair[0], default=None)
    return longest if longest and (longest[1] - longest[0]).days >= SHORTEST_PAUSE_DAYS else None


def years_outside(start: date, end: date, pause: tuple[date, date]) -> float:
    """Years from start to end without those inside a pause.

    >>> pause = (date(2020, 1, 1), date(2021, 1, 1))
    >>> round(years_outside(date(2019, 7, 1), date(2021, 7, 1), pause), 2)
    1.0
    """
    inside = (min(end, pause[1]) - max(start, pause[0])).days
    return years_between(start, end) - max(0, inside) / DAYS_A_YEAR


def as_good_at_the_end(spell: Spell) -> Spell:
    """A spell of an abolished area as if a Good had been published on its last day."""
    return replace(spell, is_good=True, steps=(*spell.steps, (spell.end, GOOD)))
