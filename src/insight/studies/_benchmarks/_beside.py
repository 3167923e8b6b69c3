"""An area's figure beside the nation's, its region's and its statistical neighbours', and the gap to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from insight.core.missing import Status
from insight.studies._benchmarks._amounts import is_amount
from insight.studies._benchmarks._measure import Cell, Measure

Kind = Literal["nation", "region", "nation_members", "region_members", "neighbours"]
_WEIGHED = "their parts added up"
_PLAIN_MEAN = "simple mean, since their parts are not published"
_NO_MEAN = "amounts of several areas have no mean that says anything of one"
_HIDDEN = (Status.SUPPRESSED.value, Status.UNSPECIFIED.value)
LARGEST_HIDDEN = 5
"""The largest count that publishers withhold because it is small."""


@dataclass(frozen=True)
class Benchmark:
    """What an area is held against, in one period.

    Parameters
    ----------
    key : str
        "nation", "region", "nation_members", "region_members", "neighbours_2025" and so on by model year.
    kind : str
    words : str
        Who it is, as it stands in a sentence.
    value, before : float or None
        In the indicator's unit; ``before`` is of the year before. None where the publisher has none, ``status`` why.
    status : str
    gap : float or None
        The area's value less this one; positive is more, whichever way is better.
    members : tuple of str
        Codes of the units behind it; empty for a figure as published.
    absent : tuple of str
        Names of the units that are not in it, for want of a number in both years or of a whole return.
    model_year : int or None
        Of the statistical neighbours.
    method : str
    """

    key: str
    kind: Kind
    words: str
    value: float | None
    before: float | None
    status: str
    gap: float | None
    members: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    model_year: int | None = None
    method: str = "as published"

    @property
    def change(self) -> float | None:
        """From the year before; None where either is missing."""
        return None if self.value is None or self.before is None else self.value - self.before


def benchmarks(measure: Measure, area: str, period: int) -> tuple[Benchmark, ...]:
    """Everything that an area is held against in a period, in the order in which a page shows it.

    Parameters
    ----------
    measure : Measure
    area : str
        Code of an authority, joint return or region; an authority that reports in a joint return is that return.
    period : int
        As the publisher labels it.

    Returns
    -------
    tuple of Benchmark
        Nation and region as published. Where a member is missing or its return looks partial, or the publisher has no
        row of the whole, also the members with numbers in both years. Not so where that would give away a figure that
        is withheld, or of amounts that may not be added up. Then the middle one of the statistical neighbours, for
        each model that lists the area.
    """
    unit = measure.unit_of(area)
    own = measure.cell(unit, period).value
    place = measure.register.get(unit)
    nation = measure.register.nation
    found = [*_together(measure, nation.code, "nation", None, own, period)]
    if place.level in ("authority", "joint") and place.region_code:
        found += _together(measure, place.region_code, "region", place.region_code, own, period)
    if place.level in ("authority", "joint"):
        found += _neighbours(measure, area, unit, own, period)
    return tuple(found)


def like_for_like(measure: Measure, period: int, *, region: str | None) -> tuple[list[str], list[str]]:
    """Units with numbers in this period and the year before, of returns that look whole; and those without."""
    units = measure.expected(period, region=region)
    both = [
        code
        for code in units
        if measure.cell(code, period).is_sound and measure.cell(code, period - measure.a_year).is_sound
    ]
    return both, [code for code in units if code not in both]


def points_at_somebody(measure: Measure, period: int, without: Sequence[str]) -> bool:
    """Whether a figure without these units, beside the whole, would give away one that is withheld among them.

    So it would where a single one is withheld to protect people, or missing for a reason that nobody gives: the whole
    less the others is that one. Of several it would where so little is left for them that all could be small.
    """
    return any(_gives_away(measure, year, without) for year in (period, period - measure.a_year))


def _gives_away(measure: Measure, period: int, without: Sequence[str]) -> bool:
    hidden = [code for code in without if measure.cell(code, period).status in _HIDDEN]
    if len(hidden) < 2:
        return bool(hidden)
    regions = {measure.register.get(code).region_code for code in hidden}
    region = next(iter(regions)) if len(regions) == 1 else None
    name = "value" if is_amount(measure) else "numerator"
    whole = getattr(measure.cell(region or measure.register.nation.code, period), name)
    if whole is None:
        return False
    others = [code for code in measure.units(period, region=region) if code not in hidden]
    left = whole - sum(getattr(measure.cell(code, period), name) or 0.0 for code in others)
    return bool(left <= LARGEST_HIDDEN * len(hidden))


def together(measure: Measure, codes: Sequence[str], period: int) -> tuple[float | None, str]:
    """One figure of several units, and how it was made: parts added up where they are published.

    A sum for counts. Where parts are not published, the simple mean. None where a unit has no number, and of amounts
    that may not be added up.
    """
    cells = [measure.cell(code, period) for code in codes]
    if not cells or any(cell.value is None for cell in cells):
        return None, "not every unit has a number"
    if measure.indicator.additive:
        return float(sum(cell.value or 0.0 for cell in cells)), "added up"
    scale = scale_of(measure)
    if scale is not None and all(cell.denominator is not None for cell in cells):
        part, whole = (sum(getattr(cell, name) or 0.0 for cell in cells) for name in ("numerator", "denominator"))
        return (None, "nobody to divide by") if whole <= 0 else (scale * part / whole, _WEIGHED)
    if is_amount(measure):
        return None, _NO_MEAN
    return float(np.mean([cell.value for cell in cells])), _PLAIN_MEAN


def scale_of(measure: Measure) -> float | None:
    """What numerator over denominator is multiplied by to give the value: 100, 10,000 or 1.

    None where parts are not published, or do not give the published values within their rounding.
    """
    found = [cell for cell in measure.cells.values() if _has_parts(cell)]
    if not found:
        return None
    unit = measure.indicator.unit
    scale = 100.0 if unit == "percent" else 10_000.0 if unit == "rate per 10,000" else 1.0
    off = [cell for cell in found if not _is_identity(cell, scale, measure.indicator.decimals)]
    # Two figures in a hundred may be the publisher's slips; more, and the parts are of something else.
    return scale if len(off) <= max(1, len(found) // 50) else None


def _has_parts(cell: Cell) -> bool:
    return cell.value is not None and cell.numerator is not None and bool(cell.denominator)


def _is_identity(cell: Cell, scale: float, decimals: int) -> bool:
    made = scale * (cell.numerator or 0.0) / (cell.denominator or 1.0)
    # Parts are rounded too: one decimal for full-time equivalents, tens for the nation.
    slack = 0.5 * 10.0**-decimals + 0.02 * abs(made) + scale * 0.5 / max(cell.denominator or 1.0, 1.0)
    return abs(made - (cell.value or 0.0)) <= slack


def _together(
    measure: Measure, code: str, kind: Literal["nation", "region"], region: str | None, own: float | None, period: int
) -> list[Benchmark]:
    name = measure.register.get(code).name
    now, before = measure.cell(code, period), measure.cell(code, period - measure.a_year)
    found = [Benchmark(kind, kind, name, now.value, before.value, now.status, _gap(own, now.value))]
    both, without = like_for_like(measure, period, region=region)
    is_whole = not without and now.status != Status.NO_ROW.value
    if is_whole or not both or points_at_somebody(measure, period, without):
        return found
    value, how = together(measure, both, period)
    if value is None and how == _NO_MEAN:
        return found
    earlier, _ = together(measure, both, period - measure.a_year)
    words = f"the {len(both)} units of {name} with whole returns in both years"
    status = Status.VALUE.value if value is not None else Status.NOT_AVAILABLE.value
    names = tuple(measure.register.get(code).name for code in without)
    members: Kind = "nation_members" if kind == "nation" else "region_members"
    gap = None if measure.indicator.additive else _gap(own, value)
    return [*found, Benchmark(members, members, words, value, earlier, status, gap, tuple(both), names, method=how)]


def _neighbours(measure: Measure, area: str, unit: str, own: float | None, period: int) -> list[Benchmark]:
    found = []
    for year in measure.neighbours.model_years:
        asked = measure.register.get(area)
        listed = measure.neighbours.of(area, model_year=year)
        if not listed and asked.members:
            listed = next(
                (near for code in asked.members if (near := measure.neighbours.of(code, model_year=year))), ()
            )
        if not listed:
            continue
        units = [code for code in dict.fromkeys(measure.unit_of(code) for code in listed) if code != unit]
        there = [code for code in units if measure.cell(code, period).is_sound]
        values = [measure.cell(code, period).value for code in there]
        earlier = [measure.cell(code, period - measure.a_year) for code in there]
        middle = float(np.median(np.array(values, dtype=float))) if values else None
        whole = bool(earlier) and all(cell.is_sound for cell in earlier)
        before = float(np.median([cell.value for cell in earlier])) if whole else None
        absent = tuple(measure.register.get(code).name for code in units if code not in there)
        made = Benchmark(
            f"neighbours_{year}",
            "neighbours",
            f"the middle one of {len(there)} statistical neighbours of the {year} model",
            middle,
            before,
            Status.VALUE.value if values else Status.NOT_AVAILABLE.value,
            _gap(own, middle),
            tuple(there),
            absent,
            year,
            "the middle one of those with a number",
        )
        found.append(made)
    return found


def _gap(own: float | None, other: float | None) -> float | None:
    return None if own is None or other is None else own - other
