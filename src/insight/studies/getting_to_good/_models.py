"""Every estimate of the study from the spells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from insight.core.estimate import Estimate
from insight.core.judgements import Judgements
from insight.core.register import Register
from insight.errors import NotEnoughData
from insight.stats import KaplanMeier, Turnbull
from insight.studies._words import number
from insight.studies.getting_to_good._account import counted, left_out
from insight.studies.getting_to_good._ahead import chance_ahead
from insight.studies.getting_to_good._curves import (
    Row,
    found_or_reason,
    gone_by,
    placed_between,
    share_between,
    steps_of,
    stretches_of,
    until_changed,
    until_published,
)
from insight.studies.getting_to_good._national import CHANGE, CLAIM, HEADLINE, YEARS_DECIMALS, National, Step, Stretch
from insight.studies.getting_to_good._spells import (
    ABOLISHED,
    ILACS,
    Report,
    Spell,
    already_inadequate,
    as_good_at_the_end,
    earlier_frameworks,
    horizon_of,
    longest_pause,
    spells_of,
    ungraded_since,
    whole_service,
    years_between,
    years_outside,
)
from insight.studies.getting_to_good._words import day_words

_LOW, _HIGH = CLAIM
# Percent of a share that is 0 but for rounding.
_NOTHING = 1e-6


def national_of(judgements: Judgements, register: Register) -> National:
    """Every spell, curve and estimate.

    Raises
    ------
    NotEnoughData
        If no judgement of all services has a grade.
    """
    history = judgements.history()
    reports = whole_service(history)
    horizon = horizon_of(reports)
    if horizon is None:
        raise NotEnoughData(
            "the time from Inadequate to Good",
            found="no overall grade of all services in the store",
            todo="build the store with the inspectorate's files of inspections",
        )
    ends = {area.code: area.end for area in register.authorities(abolished=True) if area.end is not None}
    spells = spells_of(reports, horizon=horizon, ends=ends)
    pause = longest_pause(reports)
    earlier = already_inadequate(spells, earlier_frameworks(history))
    ilacs = [each for each in reports if each.framework == ILACS]
    good, better = _Clock(to_good(spells)), _Clock(to_better(spells))
    again = _Clock(from_ri(spells))
    estimates = [
        *_to_good(good),
        *_to_better(better),
        again.median("median_years_from_ri", "Years from the first Requires improvement to a published Good, median"),
        _naive_mean(spells),
        *_sensitivities(spells, spells_of(ilacs, horizon=horizon, ends=ends), earlier, pause),
        _official(reports, ends),
        *_counts(spells),
    ]
    return National(
        estimates=tuple(estimates),
        chances={spell.area: chance_ahead(spells, spell) for spell in spells if not spell.is_good},
        spells=spells,
        reports=reports,
        curves={name: clock.steps() for name, clock in (("good", good), ("better", better), ("from_ri", again))},
        stretches={name: clock.stretches() for name, clock in (("good", good), ("better", better))},
        horizon=horizon,
        ungraded_since=ungraded_since(reports),
        pause=pause,
        counted={**counted(judgements, reports, spells), "at_risk_at_median": good.followed_at_median()},
        rows_left_out=tuple(left_out(judgements, reports)),
    )


@dataclass(frozen=True)
class _Clock:
    """The rows of one clock, with both of its curves, each fitted once."""

    rows: list[Row]
    is_delayed: bool = False

    @cached_property
    def published(self) -> KaplanMeier:
        return until_published(self.rows, delayed=self.is_delayed)

    @cached_property
    def changed(self) -> Turnbull:
        return until_changed(self.rows)

    def median(self, key: str, term: str) -> Estimate:
        """Median years to publication."""

        def make() -> Estimate:
            found = self.published
            return replace(found.median, method=f"{found.method}; {found.n_events} of {found.n_rows} spells ended")

        return found_or_reason(key, term, self.rows, make)

    def share(self, key: str, term: str, years: float) -> Estimate:
        """Percent published by a time."""
        return found_or_reason(key, term, self.rows, lambda: gone_by(self.published.at(years)), scale="percent")

    def change(self, key: str, term: str) -> Estimate:
        """Median years to the change itself."""

        def make() -> Estimate:
            found = self.changed.median
            return replace(found, method=f"{found.method}; {_known_between(self.changed)}")

        return found_or_reason(key, term, self.rows, make)

    def share_changed(self, key: str, term: str, years: float) -> Estimate:
        """Percent changed by a time."""
        return found_or_reason(key, term, self.rows, lambda: gone_by(self.changed.at(years)), scale="percent")

    def steps(self) -> tuple[Step, ...]:
        """The curve to publication, for a chart; nothing where there is none."""
        try:
            return steps_of(self.published)
        except NotEnoughData:
            return ()

    def stretches(self) -> tuple[Stretch, ...]:
        """The curve of the change itself, for a chart; nothing where there is none."""
        try:
            return stretches_of(self.changed)
        except NotEnoughData:
            return ()

    def followed_at_median(self) -> int:
        """How many were followed at the median; 0 without one."""
        try:
            median = self.published.median.value
        except NotEnoughData:
            return 0
        return 0 if median is None else self.published.at_risk(median)


def to_good(spells: Iterable[Spell]) -> list[Row]:
    """The way to Good."""
    return [Row(each.area, each.years, each.is_good, years_between(each.start, each.last_not_good)) for each in spells]


def to_better(spells: Iterable[Spell]) -> list[Row]:
    """The way to anything better than Inadequate."""
    return [
        Row(
            each.area,
            years_between(each.start, each.first_better or each.end),
            each.first_better is not None,
            years_between(each.start, each.last_inadequate),
        )
        for each in spells
    ]


def from_ri(spells: Iterable[Spell]) -> list[Row]:
    """The way from the first Requires improvement of a spell to Good."""
    return [
        Row(each.area, years_between(each.first_ri, each.end), each.is_good)
        for each in spells
        if each.first_ri is not None
    ]


def _to_good(clock: _Clock) -> list[Estimate]:
    made = [
        replace(clock.median(HEADLINE, "Years from Inadequate to a published Good, median"), decimals=YEARS_DECIMALS),
        clock.change(CHANGE, "Years from Inadequate to the change to Good itself, median"),
    ]
    for years in (3, 5):
        term = f"Spells with a published Good within {years} years"
        made.append(clock.share(f"share_good_{years}_years", term, years))
    made.append(
        found_or_reason(
            "share_3_to_5_years",
            "Spells with a published Good after 3 and up to 5 years",
            clock.rows,
            lambda: share_between(clock.published, _LOW, _HIGH),
            scale="percent",
        )
    )
    for years in (3, 5):
        term = f"Spells in which the change to Good had come within {years} years"
        made.append(clock.share_changed(f"interval_censored_share_good_{years}_years", term, years))
    return [*made, _changed_between(clock)]


def _to_better(clock: _Clock) -> list[Estimate]:
    made = [
        clock.median("median_years_to_better", "Years from Inadequate to a published better grade, median"),
        clock.change(
            "interval_censored_median_years_to_better",
            "Years from Inadequate to the change to a better grade itself, median",
        ),
    ]
    for years in (3, 5):
        term = f"Spells with a published better grade within {years} years"
        made.append(clock.share(f"share_better_{years}_years", term, years))
    return made


def _naive_mean(spells: Sequence[Spell]) -> Estimate:
    finished = [each.years for each in spells if each.is_good]
    key, term = "naive_mean_years", "Mean of the finished spells, a mistake: those that take long are not among them"
    if not finished:
        return Estimate(key, term, None, "years", "years", "not given: no spell has finished")
    return Estimate(
        key,
        term,
        sum(finished) / len(finished),
        "years",
        "years",
        "sum of years over the number of finished spells; no interval, for its fault is not chance",
        n_rows=len(finished),
        n_units=len(finished),
        n_authorities=len({each.area for each in spells if each.is_good}),
    )


def _sensitivities(
    spells: Sequence[Spell],
    ilacs: Sequence[Spell],
    earlier: dict[tuple[str, date], date],
    pause: tuple[date, date] | None,
) -> list[Estimate]:
    began = [each for each in spells if each.framework == ILACS]
    abolished = [each for each in spells if each.cut == ABOLISHED]
    longest = max((each.years for each in spells), default=0.0)
    at_end = [as_good_at_the_end(each) if each.cut == ABOLISHED else each for each in spells]
    never = [replace(row, years=longest) if each.cut == ABOLISHED else row for each, row in _paired(spells)]
    return [
        _Clock(to_good(ilacs)).median("median_ilacs_only", "As if nothing were known but ILACS"),
        _Clock(to_good(began)).median("median_began_under_ilacs", "Spells that began under ILACS"),
        _already(spells, earlier),
        _without_pause(spells, pause),
        _Clock(to_good(at_end)).median(
            "median_good_at_abolition",
            f"{len(abolished)} abolished authorities as if Good on their last day",
        ),
        _Clock(never).median(
            "median_never_after_abolition", f"{len(abolished)} abolished authorities as if never Good"
        ),
    ]


def _paired(spells: Sequence[Spell]) -> Iterable[tuple[Spell, Row]]:
    return zip(spells, to_good(spells), strict=True)


def _official(reports: Sequence[Report], ends: Mapping[str, date]) -> Estimate:
    """The inspectorate's own files alone, followed until the newest grade in them."""
    key, term = "median_official_files", "As if nothing were known but the inspectorate's own files"
    official = [each for each in reports if each.is_official]
    until = horizon_of(official)
    if until is None or all(each.is_official for each in reports if each.grade):
        several = "no" if until is None else "every"
        return Estimate(
            key, term, None, "years", "years", f"not given: {several} grade stands in a file of the inspectorate's own"
        )
    found = _Clock(to_good(spells_of(official, horizon=until, ends=ends))).median(key, term)
    return replace(found, term=f"{term}, to {day_words(until)}")


def _already(spells: Sequence[Spell], earlier: dict[tuple[str, date], date]) -> Estimate:
    """The clock of spells that were open under an earlier framework starts there; they are watched from 2014 on."""
    rows = []
    for each in spells:
        begin = earlier.get((each.area, each.start), each.start)
        rows.append(
            Row(each.area, years_between(begin, each.end), each.is_good, entry=years_between(begin, each.start))
        )
    term = f"{len(earlier)} spells from their Inadequate under an earlier framework"
    return _Clock(rows, is_delayed=True).median("median_already_inadequate", term)


def _without_pause(spells: Sequence[Spell], pause: tuple[date, date] | None) -> Estimate:
    key = "median_without_pause"
    if pause is None:
        return Estimate(
            key, "Clock stopped in the longest stretch without a published grade", None, "years", "years",
            "not given: no half year without a graded report",
        )  # fmt: skip
    rows = [Row(each.area, years_outside(each.start, each.end, pause), each.is_good) for each in spells]
    words = " to ".join(f"{day:%B %Y}" for day in pause)
    return _Clock(rows).median(key, f"Clock stopped in the longest stretch without a published grade, {words}")


def _counts(spells: Sequence[Spell]) -> list[Estimate]:
    good = [each for each in spells if each.is_good]
    several = (
        ("spells", "Spells that began with a published Inadequate", spells),
        ("events", "Spells that ended in a published Good or Outstanding", good),
    )
    return [
        Estimate(
            key, term, float(len(kept)), "spells", "count", "counted; every authority, so no interval",
            n_rows=len(kept), n_units=len(kept), n_authorities=len({each.area for each in kept}),
        )
        for key, term, kept in several
    ]  # fmt: skip


def _known_between(found: Turnbull) -> str:
    ends = [None if end is None else number(end, 2) for end in (found.median_left, found.median_right)]
    if ends[1] is None:
        return f"the reports place it after {ends[0]}, without an upper end"
    return f"the reports place it after {ends[0]} and up to {ends[1]} years, and no nearer"


def _changed_between(clock: _Clock) -> Estimate:
    def make() -> Estimate:
        found = clock.changed.between(_LOW, _HIGH)
        if found.value is None:
            raise NotEnoughData("a share", found="the curve is not known so late", todo="see the shares")
        must, may = placed_between(clock.rows, _LOW, _HIGH)
        percent = [number(100 * each / len(clock.rows), 0) for each in (must, may)]
        allowed = f"the published reports allow {percent[0]}% to {percent[1]}%"
        counted = f"{must} of {len(clock.rows)} spells must have changed in that stretch, and {may} can have"
        method = f"{found.method}; {allowed}: {counted}"
        if found.value > _NOTHING:
            return replace(found, method=method)
        # No fall of the curve in the stretch is no finding of nobody: reports only happened to place it elsewhere.
        none = replace(found, value=None, method=f"not given: the curve's mass lies at other times; {method}")
        is_open = found.high is not None and found.high > _NOTHING
        return none if is_open else replace(none, low=None, high=None)

    term = "Spells in which the change to Good came after 3 and up to 5 years"
    return found_or_reason("interval_censored_share_3_to_5_years", term, clock.rows, make, scale="percent")
