"""One authority: its own paths, its place among the others, and what the national number amounts to there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from insight.core.area import Area
from insight.core.estimate import Estimate
from insight.core.panel import Panel
from insight.errors import NotEnoughData
from insight.stats.funnel import Funnel, funnel_limits
from insight.stats.intervals import rate_interval
from insight.stats.rank import rank_counts
from insight.studies._words import number
from insight.studies.caseload_turnover._frame import Frame
from insight.studies.caseload_turnover._models import HEADLINE
from insight.studies.caseload_turnover._national import National

RANK_SEED = 20250931
ALIKE = 0.2  # the share of authorities that started closest to this one


@dataclass(frozen=True, eq=False)
class Place:
    """One year's turnover of every unit, and where this one stands in it.

    ``rows`` has ``area, name, events, denominator, rate`` (leavers per 100 people in post at the start).
    """

    year: int
    rows: pd.DataFrame
    funnel: Funnel
    multiplicative: Funnel
    turnover: Estimate
    z_score: float
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


def look_at(panel: Panel, frame: Frame, national: National, code: str) -> Here:
    """Gather an authority's own numbers.

    Raises
    ------
    UnknownArea
        If the code is in no register.
    """
    asked = panel.register.get(code)
    area = reporting_unit(panel, frame, asked)
    rows = frame.levels[frame.levels["area"] == area.code].reset_index(drop=True)
    years = panel.neighbours.model_years
    neighbours = _neighbour_units(panel, frame, asked)
    place = _place(panel, frame, area.code)
    estimates = tuple(_estimates(frame, national, rows, place))
    return Here(asked, area, rows, neighbours, years[0] if neighbours else None, place, estimates)


def reporting_unit(panel: Panel, frame: Frame, area: Area) -> Area:
    """The unit under which an authority's latest workforce figures stand: itself, or the joint return it is in."""
    last = frame.levels.groupby("area")["time_period"].max()
    units = [area, *(joint for joint in panel.register.joints if area.code in joint.members)]
    there = [unit for unit in units if unit.code in last.index]
    return max(there, key=lambda unit: last[unit.code]) if there else area


def _neighbour_units(panel: Panel, frame: Frame, area: Area) -> tuple[str, ...]:
    """Units of the ten statistical neighbours; of a joint return's member, its own neighbours."""
    codes = area.members or (area.code,)
    found = [neighbour for code in codes for neighbour in panel.neighbours.of(code)]
    units = [reporting_unit(panel, frame, panel.register.get(code)).code for code in found]
    return tuple(code for code in dict.fromkeys(units) if code != reporting_unit(panel, frame, area).code)


def _place(panel: Panel, frame: Frame, code: str) -> Place | None:
    """The newest year in which leavers and opening headcount are both numbers, of returns that look whole."""
    everyone = frame.rows[~frame.rows["is_tiny"]]
    both = everyone[everyone["leavers_headcount"].notna() & (everyone["inpost_headcount_lag1"] > 0)]
    both = both[both["flag"] == ""]  # a partial return has no rank, and is nobody's yardstick
    mine = both[both["area"] == code]
    if mine.empty:
        return None
    year = int(mine["time_period"].max())
    rows = both[both["time_period"] == year].sort_values("area").reset_index(drop=True)
    table = pd.DataFrame(
        {
            "area": rows["area"],
            "name": [panel.register.get(area).name for area in rows["area"]],
            "events": rows["leavers_headcount"],
            "denominator": rows["inpost_headcount_lag1"],
            "rate": 100 * rows["leavers_headcount"] / rows["inpost_headcount_lag1"],
        }
    )
    try:
        additive, scaled = (
            funnel_limits(table["events"], table["denominator"], kind="rate", dispersion=how)
            for how in ("additive", "multiplicative")
        )
    except NotEnoughData:
        return None
    at = int(table.index[table["area"] == code][0])
    turnover = _ranked(table, additive, at, year)
    return Place(year, table, additive, scaled, turnover, additive.z_scores[at], scaled.z_scores[at])


def _ranked(table: pd.DataFrame, funnel: Funnel, at: int, year: int) -> Estimate:
    row = table.iloc[at]
    zero = "; a zero redrawn stays zero, so its place is less sure"
    span = rate_interval(float(row["events"]), float(row["denominator"]), multiplier=100.0)
    rank = rank_counts(table["events"], table["denominator"], seed=RANK_SEED, dispersion=max(1.0, funnel.phi))[at]
    return Estimate(
        "area_turnover_opening",
        f"Turnover of people in post at the start, year to September {year}",
        float(row["rate"]),
        "leavers per 100 workers in post at the start",
        "percent",
        f"{number(row['events'], 0)} leavers of {number(row['denominator'], 0)} people; interval of the count; rank 1 "
        f"is the lowest turnover, its interval by parametric bootstrap with overdispersion, seed {RANK_SEED}"
        f"{zero if rank.is_zero else ''}",
        low=span.low,
        high=span.high,
        n_rows=1,
        n_units=1,
        rank=rank.rank,
        rank_low=rank.low,
        rank_high=rank.high,
        rank_of=rank.of,
        band=band_of(funnel.z_scores[at]),
    )


def band_of(z_score: float) -> str:
    """Inside, above or below the funnel's limits at two standard deviations, in words."""
    side = "within" if abs(z_score) <= 2 else "above" if z_score > 0 else "below"
    return f"{side} the usual range for its size"


def _estimates(frame: Frame, national: National, rows: pd.DataFrame, place: Place | None) -> Iterable[Estimate]:
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
    yield from _change(frame, rows, TURNOVER)
    yield from _change(frame, rows, CASELOAD)


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


TURNOVER = Measure("", "turnover_opening", "full-time turnover", "leavers per 100 workers")
CASELOAD = Measure("caseload_", "caseload_fte", "cases per worker", "cases per worker")


def _change(frame: Frame, rows: pd.DataFrame, measure: Measure) -> Iterable[Estimate]:
    """The newest change of a measure, and that of the authorities that started equally high or low.

    Years whose returns look partial give no change: neither the authority's own, nor those it is set beside.
    """
    whole = frame.levels[~frame.levels["is_tiny"] & (frame.levels["flag"] == "")]
    pairs = whole[["area", "time_period", measure.column]].dropna()
    before = pairs.assign(time_period=pairs["time_period"] + 1).rename(columns={measure.column: "start"})
    both = pairs.merge(before, on=["area", "time_period"], validate="1:1")
    mine = both[both["area"].isin(rows["area"].unique())]
    if mine.empty:
        return
    now = mine.sort_values("time_period").iloc[-1]
    year, start = int(now["time_period"]), float(now["start"])
    others = both[(both["time_period"] == year) & (both["area"] != now["area"])]
    count = max(10, round(ALIKE * len(others)))
    alike = others.assign(distance=(others["start"] - start).abs()).sort_values(["distance", "area"]).head(count)
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
    lowest, highest = number(float(alike["start"].min())), number(float(alike["start"].max()))
    yield Estimate(
        f"alike_{measure.key}change",
        f"The same of the authorities that started alike, {span}",
        float((alike[measure.column] - alike["start"]).mean()),
        measure.unit,
        "difference",
        f"mean of the {len(alike)} authorities that were closest in {year - 1} ({lowest} to {highest}): "
        "holds what changed everywhere, and regression to the mean",
        n_rows=2 * len(alike),
        n_units=len(alike),
    )
