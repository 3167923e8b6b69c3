"""One authority: the part it plays, its own change, and what a site there could show."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from insight.core.area import Area
from insight.core.estimate import Estimate
from insight.core.panel import Panel
from insight.stats.permutation import placebo_interval
from insight.studies.site_effect._effect import POWER, Effect
from insight.studies.site_effect._figures import Figures
from insight.studies.site_effect._ranked import TIMES, numbers_of

ALIKE = 0.2  # the share of untreated authorities whose rate before was closest
FEWEST_PAST = 4
FEWEST_OTHERS = 3
SMALLEST = 0.5  # share of the smallest untreated authority's size from which its like speak for one
# Shares of an authority's referrals that a site may receive.
SHARES = (0.05, 0.1, 0.2, 0.33, 0.5, 1.0)


@dataclass(frozen=True, eq=False)
class Here:
    """What the page of one authority needs beside the shared result.

    Parameters
    ----------
    asked, area : Area
        The authority of the page, and the unit under which its figures stand.
    row : dict or None
        What the comparison knows of it; None where it has no months.
    part : str
        "treated", "donor", "contaminated", "not used" or "none".
    estimates : tuple of Estimate
    treated : Estimate or None
        The headline for this authority alone, where it is treated.
    alike : float or None
        Mean change, as a ratio, of the untreated authorities that started alike.
    fifth : str
        "lowest" or "highest" where its own rate before was in that fifth.
    years : list of dict
        ``time_period, series, count, rate, status``: the authority, its neighbours together, region and nation by year.
    neighbours : tuple of str
    """

    asked: Area
    area: Area
    row: dict[str, Any] | None
    part: str
    estimates: tuple[Estimate, ...]
    treated: Estimate | None
    alike: float | None
    n_alike: int
    fifth: str
    years: list[dict[str, Any]]
    neighbours: tuple[str, ...]
    neighbours_model: int | None

    def estimate(self, key: str) -> Estimate | None:
        """An estimate of this authority alone, where there is one."""
        return next((estimate for estimate in self.estimates if estimate.key == key), None)

    @property
    def change(self) -> Estimate | None:
        """How its referrals moved: of a treated authority the headline's own number for it."""
        return self.treated or self.estimate("own_change")

    @property
    def noticeable(self) -> float | None:
        """The smallest fall of the whole authority that would be noticed, in percent."""
        found = self.estimate("smallest_noticeable_here")
        return None if found is None else found.value


def look_at(panel: Panel, effect: Effect, figures: Figures, asked: Area) -> Here:
    """Gather an authority's own numbers; nothing heavy is computed."""
    row = effect.unit(asked.code)
    joint = None if row else panel.register.joint_of(asked.code)
    area = joint or asked
    row = row or effect.unit(area.code)
    if row and asked.is_abolished and not row["used"]:
        row = None  # it had months once, and none that are compared: nothing can be said of a site there
    neighbours = tuple(code for code in panel.neighbours.of(asked.code) if code != area.code)
    alike, n_alike, fifth = _alike(effect, row)
    return Here(
        asked=asked,
        area=area,
        row=row,
        part=str(row["part"]) if row and (row["used"] or row["part"] in ("contaminated", "not used")) else "none",
        estimates=tuple(_estimates(effect, figures, row)),
        treated=next((e for e in effect.estimates if row and e.key == f"treated_{row['unit']}" and e.value), None),
        alike=alike,
        n_alike=n_alike,
        fifth=fifth,
        years=_years(panel, figures, area, neighbours),
        neighbours=neighbours,
        neighbours_model=panel.neighbours.model_years[0] if neighbours else None,
    )


def _donors(effect: Effect, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Other donors of the same third, with a change; of a unit without a third, the third nearest in size."""
    donors = [
        unit
        for unit in effect.units
        if unit["part"] == "donor" and unit["change"] is not None and unit["unit"] != row["unit"]
    ]
    third = row["third"]
    if third is None and donors:
        third = min(donors, key=lambda unit: abs(unit["size"] - row["size"]))["third"]
    return [unit for unit in donors if unit["third"] == third]


def _estimates(effect: Effect, figures: Figures, row: dict[str, Any] | None) -> list[Estimate]:
    if row is None:
        return []
    out = []
    others = np.array([unit["change"] for unit in _donors(effect, row)])
    if row["part"] != "treated" and row["change"] is not None and len(others) >= FEWEST_OTHERS:
        found = _own_change(row, others)
        # A return that looks partial has no place among others.
        out.append(replace(found, rank=None, rank_of=None) if row["flag"] else found)
    noise, past, whose = _noise(effect, row)
    half = _half_width(others)
    if noise is not None and half is not None:
        out.append(
            Estimate(
                "smallest_noticeable_here",
                f"Smallest fall of {row['name']} as a whole that would be noticed 8 times in 10",
                100 * (1 - math.exp(-half - figures.quantiles[f"{past:g}"] * noise)),
                "% fewer referrals",
                "percent",
                f"95% rank among {len(others)} untreated authorities of its size; spread: {whose}; power {POWER:.0%}",
                n_units=1,
                n_authorities=1,
            )
        )
    return out


def _own_change(row: dict[str, Any], others: np.ndarray) -> Estimate:
    test = placebo_interval(row["change"], others)
    return Estimate(
        "own_change",
        f"{row['name']} against untreated authorities",
        unit=TIMES,
        scale="ratio",
        method="change of the rate, calendar months matched; "
        f"rank among {test.n_placebos} untreated authorities of its size",
        null=1.0,
        n_units=test.n_placebos + 1,
        n_authorities=test.n_placebos + 1,
        **numbers_of(test, math.exp),
    )


def _half_width(others: np.ndarray) -> float | None:
    """How far, in logs, a change must go before it stands out among the others at the 95% level."""
    if len(others) < FEWEST_OTHERS:
        return None
    test = placebo_interval(0.0, others)
    return test.high


def _noise(effect: Effect, row: dict[str, Any]) -> tuple[float | None, float, str]:
    """Its own past changes where there are enough, else the middle of those of its size."""
    if row["noise"] is not None and row["past"] >= FEWEST_PAST:
        return row["noise"], float(row["past"]), f"its own past changes at {row['past']} pretended starts"
    donors = _donors(effect, row)
    known = [unit["noise"] for unit in donors if unit["noise"] is not None and unit["past"] >= FEWEST_PAST]
    # Nobody's past speaks for an authority much smaller than all of them, where single referrals make the change.
    if len(known) < FEWEST_OTHERS or row["size"] < SMALLEST * min(unit["size"] for unit in donors):
        return None, 0.0, ""
    return float(np.median(known)), math.inf, f"the middle of {len(known)} others, as its own past is too short"


def fall_needed(noticeable: float, share: float) -> float | None:
    """The fall at a site, in percent, that the authority's total would show; None where none is large enough.

    >>> fall_needed(30.0, 0.5), fall_needed(30.0, 0.2)
    (60.0, None)
    """
    needed = noticeable / share
    return needed if needed <= 100 else None


def site_shares(noticeable: float) -> pd.DataFrame:
    """How far referrals at a site must fall for the authority's total to show it: ``share, fall`` in percent.

    A site that receives a share of the referrals moves the total by that share of its own change, if none move on.
    """
    rows = [(100 * share, fall_needed(noticeable, share)) for share in SHARES]
    return pd.DataFrame(rows, columns=["share", "fall"]).astype(float)


def _alike(effect: Effect, row: dict[str, Any] | None) -> tuple[float | None, int, str]:
    """Mean change of the untreated authorities that started nearest in rate: regression to the mean in a number.

    With it come how many they are and, where this one started in it, "lowest" or "highest" fifth.
    """
    if row is None or row["rate"] is None or row["change"] is None:
        return None, 0, ""
    others = [
        (abs(unit["rate"] - row["rate"]), unit["change"], unit["rate"])
        for unit in effect.units
        if unit["part"] == "donor" and unit["change"] is not None and unit["rate"] and unit["unit"] != row["unit"]
    ]
    if len(others) < 10:
        return None, 0, ""
    below = sum(rate < row["rate"] for _, _, rate in others) / len(others)
    fifth = "lowest" if below < ALIKE else "highest" if below > 1 - ALIKE else ""
    nearest = sorted(others)[: max(round(ALIKE * len(others)), 1)]
    return math.exp(float(np.mean([change for _, change, _ in nearest]))), len(nearest), fifth


def _years(panel: Panel, figures: Figures, area: Area, neighbours: tuple[str, ...]) -> list[dict[str, Any]]:
    """Referrals and their rate by year to March; neighbours are those with both numbers in the year."""
    register = panel.register
    series = [(area.name, (area.code,)), ("Statistical neighbours", neighbours)]
    if area.region_code:
        series.append((register.get(area.region_code).name, (area.region_code,)))
    series.append((register.nation.name, (register.nation.code,)))
    years = sorted({cell[0] for cells in figures.by_year.values() for cell in cells})
    out = []
    for name, codes in series:
        counts = {code: {cell[0]: cell[1:] for cell in figures.by_year.get(code, [])} for code in codes}
        children = {code: figures.children_of(code) for code in codes}
        out += [_year(name, year, counts, children) for year in years]
    return [row for row in out if row is not None]


def _year(
    name: str,
    year: int,
    counts: Mapping[str, Mapping[int, tuple[float | None, str]]],
    children: Mapping[str, Mapping[int, float]],
) -> dict[str, Any] | None:
    there = {code: counts[code][year] for code in counts if year in counts[code]}
    if not there:
        return None
    known = {code: count for code, (count, _) in there.items() if count is not None}
    row: dict[str, Any] = {"time_period": year, "series": name, "status": "value"}
    if not known:
        return {**row, "count": math.nan, "rate": math.nan, "status": next(iter(there.values()))[1]}
    # The year to March t is taken over the middle of t - 1.
    people = {code: children[code].get(year - 1, math.nan) for code in known}
    rated = [code for code in known if people[code] > 0]
    events, over = sum(known[code] for code in rated), sum(people[code] for code in rated)
    return {**row, "count": sum(known.values()), "rate": 10_000 * events / over if over else math.nan}
