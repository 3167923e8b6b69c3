"""Every number of a brief for machines: figure, gap, slope and the change of those that started alike."""

from __future__ import annotations

from dataclasses import replace

from insight.core.estimate import Estimate
from insight.studies.authority_brief._looks import Brief, Look

STANDING_OUT = "stand_out"


def headline_of(brief: Brief) -> Estimate | None:
    """How many measures stand out of how many; None where nothing could be tested."""
    n = len(brief.looked_at)
    if not n:
        return None
    return Estimate(
        key=STANDING_OUT,
        term="Measures that stand out",
        value=float(len(brief.standing_out)),
        unit=f"of {n} measures looked at",
        scale="count",
        method=f"Benjamini and Hochberg at 5% over {brief.n_tests} tests; a count of tests, so it has no interval",
        n_units=n,
        decimals=0,
    )


def estimates_of(brief: Brief) -> tuple[Estimate, ...]:
    """The headline, then those of each measure, in the order of the list."""
    first = headline_of(brief)
    return (*(() if first is None else (first,)), *(each for look in brief.looks for each in _of(brief, look)))


def _of(brief: Brief, look: Look) -> list[Estimate]:
    found = [] if look.value is None else [_figure(look)]
    if look.gap is not None and look.england is not None:
        found.append(_gap(brief, look, look.gap, look.england))
    test = brief.trend(look).result
    if test is not None:
        after = f"p {test.p:.4g}, {brief.trend(look).adjusted or 0.0:.4g} after many looks"
        term = f"{look.concept.words}: change a year over {len(look.line.points)} figures"
        found.append(
            replace(test.slope, key=f"{look.concept.key}_trend", term=term, method=f"{test.method}; {after}", n_units=1)
        )
    if brief.has_moved(look) and look.change is not None and look.change.alike is not None:
        alike = look.change.alike.peer_change
        term = f"{look.concept.words}: change of those that started alike"
        found.append(replace(alike, key=f"{look.concept.key}_alike", term=term))
    return found


def _figure(look: Look) -> Estimate:
    indicator, row = look.measure.indicator, look.row or {}
    place = look.standing.method if look.standing is not None and look.row is not None else ""
    parts = ("as published" if look.concept.made is None else "one published count of another", _interval_method(look))
    return Estimate(
        key=look.concept.key,
        term=look.concept.words if look.when is None else f"{look.concept.words}, {look.when.in_words}",
        value=look.value,
        unit=indicator.unit,
        scale="percent" if indicator.unit == "percent" else "count",
        method="; ".join([*parts, *([f"rank: {place}"] if place else [])]),
        low=look.apart.low,
        high=look.apart.high,
        n_units=1,
        rank=row.get("rank"),  # type: ignore[arg-type]  # a number by construction
        rank_low=row.get("rank_low"),  # type: ignore[arg-type]
        rank_high=row.get("rank_high"),  # type: ignore[arg-type]
        rank_of=row.get("of"),  # type: ignore[arg-type]
    )


def _interval_method(look: Look) -> str:
    return f"interval: {look.apart.method}" if look.apart.low is not None else f"no interval: {look.apart.reason}"


def _gap(brief: Brief, look: Look, gap: float, england: float) -> Estimate:
    low, high = look.apart.low, look.apart.high
    adjusted = brief.adjusted(look)
    told = f"p {look.apart.p:.4g}, {adjusted:.4g} after many looks" if adjusted is not None else "not tested"
    return Estimate(
        key=f"{look.concept.key}_gap",
        term=f"{look.concept.words}: gap to England",
        value=gap,
        unit=look.measure.unit_of_change,
        scale="difference",
        method=f"figure less England's, which is taken as it is; {told}",
        low=None if low is None else low - england,
        high=None if high is None else high - england,
        null=0.0,
        n_units=1,
    )
