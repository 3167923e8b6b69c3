"""One authority: its own paths, its place among the others, and what the national number amounts to there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insight.core.area import Area
from insight.core.estimate import Estimate
from insight.core.panel import Panel
from insight.studies._words import number
from insight.studies.caseload_turnover import _figures
from insight.studies.caseload_turnover._figures import Figures, year_before
from insight.studies.caseload_turnover._national import HEADLINE, National
from insight.studies.caseload_turnover._places import RANK_SEED, Places

ALIKE = 0.2  # the share of authorities that started closest to this one


@dataclass(frozen=True, eq=False)
class Place:
    """One year's turnover of every unit, and where this one stands in it."""

    places: Places
    turnover: Estimate
    events: float
    denominator: float
    z_multiplicative: float


@dataclass(frozen=True, eq=False)
class Here:
    """What the page of one authority needs beside the national model; ``area`` is the unit that reports."""

    asked: Area
    area: Area
    rows: pd.DataFrame
    neighbours: tuple[str, ...]
    neighbours_model: int | None
    place: Place | None
    estimates: tuple[Estimate, ...]

    @property
    def is_joint(self) -> bool:
        """Whether the figures are of a joint return that the authority is part of."""
        return self.area.code != self.asked.code

    @property
    def reported_as(self) -> str:
        """The name that the figures go by."""
        return self.area.name


def look_at(
    panel: Panel, figures: Figures, places: Callable[[int], Places | None], national: National, code: str
) -> Here:
    """Gather an authority's own numbers; nothing national is computed.

    Parameters
    ----------
    panel : Panel
    figures : Figures
    places : function that gives the places of a year
    national : National
    code : register code

    Raises
    ------
    UnknownArea
        If the code is in no register.
    """
    asked = panel.register.get(code)
    area = reporting_unit(panel, figures, asked)
    rows = figures.of(area.code)
    years = panel.neighbours.model_years
    neighbours = _neighbour_units(panel, figures, asked)
    year = figures.place_years.get(area.code)
    found = None if year is None else places(year)
    place = None if found is None else _place(found, area.code)
    estimates = tuple(_estimates(figures, national, rows, place))
    return Here(asked, area, rows, neighbours, years[0] if neighbours else None, place, estimates)


def reporting_unit(panel: Panel, figures: Figures, area: Area) -> Area:
    """The unit under which an authority's latest workforce figures stand: itself, or the joint return it is in."""
    units = [area, *(joint for joint in panel.register.joints if area.code in joint.members)]
    there = [unit for unit in units if unit.code in figures.spans]
    return max(there, key=lambda unit: figures.last_year_of(unit.code) or 0) if there else area


def _neighbour_units(panel: Panel, figures: Figures, area: Area) -> tuple[str, ...]:
    """Units of the ten statistical neighbours; of a joint return's member, its own neighbours."""
    codes = area.members or (area.code,)
    found = [neighbour for code in codes for neighbour in panel.neighbours.of(code)]
    units = [reporting_unit(panel, figures, panel.register.get(code)).code for code in found]
    return tuple(code for code in dict.fromkeys(units) if code != reporting_unit(panel, figures, area).code)


def _place(places: Places, code: str) -> Place:
    """Where a unit stands among the others of its newest year with both numbers."""
    row = places.of(code)
    zero = "; a zero redrawn stays zero, so its place is less sure"
    turnover = Estimate(
        "area_turnover_opening",
        f"Turnover of people in post at the start, year to September {places.year}",
        row["rate"],
        "leavers per 100 workers in post at the start",
        "percent",
        f"{number(row['events'], 0)} leavers of {number(row['denominator'], 0)} people; interval of the count; rank 1 "
        f"is the lowest turnover, its interval by parametric bootstrap with overdispersion, seed {RANK_SEED}"
        f"{zero if row['is_zero'] else ''}",
        low=row["low"],
        high=row["high"],
        n_rows=1,
        n_units=1,
        rank=row["rank"],
        rank_low=row["rank_low"],
        rank_high=row["rank_high"],
        rank_of=len(places.rows),
        band=band_of(row["z_score"]),
    )
    return Place(places, turnover, row["events"], row["denominator"], row["z_multiplicative"])


def band_of(z_score: float) -> str:
    """Inside, above or below the funnel's limits at two standard deviations, in words."""
    side = "within" if abs(z_score) <= 2 else "above" if z_score > 0 else "below"
    return f"{side} the usual range for its size"


def _estimates(figures: Figures, national: National, rows: pd.DataFrame, place: Place | None) -> Iterable[Estimate]:
    if place is not None:
        yield place.turnover
    caseload = rows[rows["caseload_fte"].notna()]
    if not caseload.empty:
        last = caseload.iloc[-1]
        yield Estimate(
            "area_caseload",
            f"Cases per worker on 30 September {int(last['time_period'])}",
            float(last["caseload_fte"]),
            "cases per worker",
            "count",
            "as published; a count of everybody, so no interval",
            n_rows=1,
            n_units=1,
        )
    yield from _amounts(national, rows, caseload["caseload_fte"])
    yield from _change(figures, rows, TURNOVER)
    yield from _change(figures, rows, CASELOAD)


def _amounts(national: National, rows: pd.DataFrame, caseloads: pd.Series[float]) -> Iterable[Estimate]:
    """What the national association amounts to in leavers a year, at this authority's newest stock."""
    stock = rows[rows["inpost_fte"].notna()]
    headline = national.estimate(HEADLINE)
    if stock.empty or headline.value is None or headline.low is None or headline.high is None:
        return
    workers, year = float(stock.iloc[-1]["inpost_fte"]), int(stock.iloc[-1]["time_period"])
    spread = float(caseloads.max() - caseloads.min()) if len(caseloads) else 0.0
    for cases, word in ((1, "one case"), (3, "three cases")):
        key, term = f"leavers_{word.replace(' ', '_')}", f"Leavers a year that go with {word} more or fewer"
        why = (
            "so few social workers that the national association does not rest on it" if stock["is_tiny"].any() else ""
        )
        if cases == 3 and spread < 3:
            why = why or f"the authority's caseload has moved by {number(spread)} cases in these years, not by three"
        if why:
            yield Estimate(key, term, None, "leavers a year", "count", f"not given: {why}")
            continue
        scale = cases * workers / 100
        yield Estimate(
            key,
            f"{term} (not a forecast)",
            scale * headline.value,
            "leavers a year",
            "count",
            f"the national association times {number(workers)} full-time workers in post on 30 September {year}",
            low=scale * headline.low,
            high=scale * headline.high,
            null=0.0,
            n_rows=headline.n_rows,
            n_units=headline.n_units,
        )


@dataclass(frozen=True)
class Measure:
    """A measure whose newest change is set beside that of authorities that started alike."""

    key: str
    column: str
    words: str
    unit: str


TURNOVER = Measure("", _figures.TURNOVER, "full-time turnover", "leavers per 100 workers")
CASELOAD = Measure("caseload_", _figures.CASELOAD, "cases per worker", "cases per worker")


def _change(figures: Figures, rows: pd.DataFrame, measure: Measure) -> Iterable[Estimate]:
    """The newest change of a measure, and that of the authorities that started equally high or low.

    Years whose returns look partial give no change: neither the authority's own, nor those it is set beside.
    """
    before = year_before(measure.column)
    mine = rows[rows[before].notna()]
    if mine.empty:
        return
    now = mine.iloc[-1]
    year, start = int(now["time_period"]), float(now[before])
    starts, ends = figures.columns[before], figures.columns[measure.column]
    areas = figures.columns["area"]
    there = (figures.columns["time_period"] == year) & ~np.isnan(starts) & (areas != now["area"])
    others = [(abs(starts[place] - start), areas[place], place) for place in np.flatnonzero(there)]
    count = max(10, round(ALIKE * len(others)))
    alike = [place for _, _, place in sorted(others)[:count]]
    span, end = f"{year - 1} to {year}", float(now[measure.column])
    yield Estimate(
        f"area_{measure.key}change",
        f"Change of {measure.words}, {span}",
        end - start,
        measure.unit,
        "difference",
        f"from {number(start)} to {number(end)}; one authority's change of one year has no interval",
        n_rows=2,
        n_units=1,
    )
    if len(alike) < 5:
        return
    lowest, highest = number(float(starts[alike].min())), number(float(starts[alike].max()))
    yield Estimate(
        f"alike_{measure.key}change",
        f"The same of the authorities that started alike, {span}",
        float((ends[alike] - starts[alike]).mean()),
        measure.unit,
        "difference",
        f"mean of the {len(alike)} authorities that were closest in {year - 1} ({lowest} to {highest}): "
        "holds what changed everywhere, and regression to the mean",
        n_rows=2 * len(alike),
        n_units=len(alike),
    )
