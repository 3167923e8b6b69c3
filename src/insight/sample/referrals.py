"""Children and referrals: the mid-year population, and the referral table in its 2025 and 2024 layouts.

Referrals follow an authority's own rate with a slow drift. Neither caseload nor turnover has any effect on them; one
invented programme has (``insight.sample.programmes``), and it takes its share month by month.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from insight.sample import places
from insight.sample.figures import (
    GEOGRAPHY,
    Cells,
    Counts,
    Member,
    added,
    nearest_ten,
    ratio,
    rows_of_year,
)
from insight.sample.months import Months, monthly_counts
from insight.sample.places import Place
from insight.sample.programmes import PROGRAMME_EFFECT, WAVE_1

FIRST_YEAR, LAST_YEAR, LAST_YEAR_BEFORE = 2013, 2025, 2024
CATEGORY, AGE_GROUP = "Referrals and Re-referrals", "Children aged 0 to 17 years"
NATIONAL_YEAR = {2021: 0.93}  # the year in which everybody stayed at home
SUPPRESSED_BELOW = 6  # counts of 1 to 5 are printed as "c", and so is their percentage

_AMOUNTS = ("referral", "rereferral", "no_further_action", "not_in_need", "referral_child", "rereferral_child")
_PERCENT_OF = {
    "rereferral": "referral",
    "no_further_action": "referral",
    "not_in_need": "referral",
    "rereferral_child": "referral_child",
}
COLUMNS = [
    "category",
    "referral_count",
    "rereferral_count",
    "rereferral_percent",
    "no_further_action_count",
    "no_further_action_percent",
    "not_in_need_count",
    "not_in_need_percent",
    "referral_child_count",
    "rereferral_child_count",
    "rereferral_child_percent",
]
COLUMNS_BEFORE = {
    "category": "category",
    "Referrals": "referral_count",
    "Referrals_rate": "referral_rate",
    "Re_referrals": "rereferral_count",
    "Re_referrals_percent": "rereferral_percent",
    "No_Further_Action": "no_further_action_count",
    "No_Further_Action_percent": "no_further_action_percent",
    "Not_in_Need": "not_in_need_count",
    "Not_in_Need_percent": "not_in_need_percent",
    "Referrals_child": "referral_child_count",
    "Referrals_child_rate": "referral_child_rate",
    "Re_referrals_child": "rereferral_child_count",
    "Re_referrals_child_percent": "rereferral_child_percent",
}
_REREFERRALS = ("rereferral_count", "rereferral_percent", "rereferral_child_count", "rereferral_child_percent")
_ALL = tuple(column for column in COLUMNS_BEFORE.values() if column != "category")
Children = dict[tuple[str, int], dict[str, int]]


def population_rows(seed: int) -> list[list[str]]:
    """Header and rows of the mid-year estimates, newest first; the abolished authority has no estimate of its own."""
    children = population(seed)
    columns = ("age_group", "population_estimate")
    rows = [[*GEOGRAPHY, *columns]]
    for year in range(LAST_YEAR - 1, FIRST_YEAR - 2, -1):
        members = []
        for place in places.existing(year, places.LAST_POPULATION_YEAR):
            counted = children[place.code, year]
            printed = "x" if place == places.ABOLISHED else str(counted["population"])
            members.append(Member(place, {"age_group": AGE_GROUP, "population_estimate": printed}, counted))
        rows += rows_of_year(year, members, columns, _population_total)
    return rows


def referral_rows(seed: int) -> list[list[str]]:
    """Header and rows of the 2025 release: no rate."""
    rows = [[*GEOGRAPHY, *COLUMNS]]
    return rows + referral_table(seed, LAST_YEAR, COLUMNS, rebased=True)


def referral_rows_before(seed: int) -> list[list[str]]:
    """Header and rows of the 2024 release: other names, and rates on the population before it was rebased."""
    rows = [[*GEOGRAPHY, *COLUMNS_BEFORE]]
    return rows + referral_table(seed, LAST_YEAR_BEFORE, tuple(COLUMNS_BEFORE.values()), rebased=False)


def referral_table(
    seed: int, last_year: int, columns: tuple[str, ...] | list[str], *, rebased: bool
) -> list[list[str]]:
    """Rows of some columns, rates among them, newest year first.

    Parameters
    ----------
    seed, last_year : int
    columns : sequence of str
        Of ``COLUMNS``, or the rates ``referral_rate`` and ``referral_child_rate``.
    rebased : bool
        Whether rates are over the population of the newest estimates.
    """
    children, (referrals, _) = population(seed), referral_counts(seed)
    rows = []
    for year in range(last_year, FIRST_YEAR - 1, -1):
        members = []
        for place in places.existing(year, places.LAST_REFERRAL_YEAR):
            there = children[place.code, year - 1]["population"]
            if not rebased:
                there = there * 995 // 1000
            members.append(_member(place, year, referrals, there))
        rows += rows_of_year(year, members, columns, _total)
    return rows


def population(seed: int) -> Children:
    """Children at mid-year, by code of the authority and year."""
    draw = np.random.default_rng([seed, 201])
    found: Children = {}
    for place in places.PLACES:
        size = float(np.clip(np.exp(draw.normal(np.log(58_000), 0.55)), 15_000, 240_000))
        size = {places.TINY: 1_900.0, places.NOBODY_EMPLOYED: 410.0}.get(place, size)
        growth = float(draw.normal(0.003, 0.004))
        for year in range(FIRST_YEAR - 1, LAST_YEAR):
            size *= 1 + growth + float(draw.normal(0, 0.002))
            found[place.code, year] = {"population": round(size)}
    for year in range(FIRST_YEAR - 1, places.LAST_POPULATION_YEAR + 1):
        found[places.ABOLISHED.code, year] = added(found[place.code, year] for place in places.SUCCESSORS)
    return found


def drawn_referrals(seed: int) -> dict[tuple[str, int], int]:
    """Each authority's referrals of a year before any programme had an effect, by code and year."""
    return {key: own["referral"] for key, own in _without_effect(seed)[0].items()}


@lru_cache(maxsize=2)
def referral_counts(seed: int, effect: float = PROGRAMME_EFFECT) -> tuple[Children, Months]:
    """Referrals of each year with their parts, and of each month, by code and year; nothing hidden.

    The abolished authority has what its successors have between them, up to its last year. Drawn once for a seed, and
    shared: nobody changes it.
    """
    found, shares = _without_effect(seed)
    months = monthly_counts(seed, {key: own["referral"] for key, own in found.items()}, effect)
    for place in WAVE_1.areas:
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            left = sum(months[place.code, year])
            if left != found[place.code, year]["referral"]:
                draw = np.random.default_rng([seed, 203, int(place.old_la_code), year])
                found[place.code, year] = _parts(draw, left, *shares[place.code])
    for year in range(FIRST_YEAR, places.LAST_REFERRAL_YEAR + 1):
        heirs = [(place.code, year) for place in places.SUCCESSORS]
        found[places.ABOLISHED.code, year] = added(found[key] for key in heirs)
        months[places.ABOLISHED.code, year] = tuple(sum(pair) for pair in zip(*(months[k] for k in heirs), strict=True))
    return found, months


def _without_effect(seed: int) -> tuple[Children, dict[str, tuple[float, float, float]]]:
    """Referrals by code and year, and each authority's shares of re-referrals, no further action and no need."""
    draw, children = np.random.default_rng([seed, 202]), population(seed)
    found: Children = {}
    shares: dict[str, tuple[float, float, float]] = {}
    for place in places.PLACES:
        usual = float(np.clip(draw.normal(540, 120), 280, 950)) / 10_000
        again, closed, refused = draw.uniform(0.14, 0.28), draw.choice([0.002, 0.03, 0.09]), draw.uniform(0.1, 0.45)
        shares[place.code] = (float(again), float(closed), float(refused))
        drift = 0.0
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            drift = 0.7 * drift + float(draw.normal(0, 0.05))
            expected = children[place.code, year - 1]["population"] * usual * (1 + max(min(drift, 0.3), -0.3))
            expected *= NATIONAL_YEAR.get(year, 1)
            if (place, year) == (places.REFERRALS_WITHHELD, 2023):
                expected *= 0.55  # a return that was not complete, printed all the same
            found[place.code, year] = _parts(draw, int(draw.poisson(expected)), *shares[place.code])
    return found, shares


def _parts(draw: np.random.Generator, referral: int, again: float, closed: float, refused: float) -> dict[str, int]:
    rereferral = int(draw.binomial(referral, again))
    no_further_action = int(draw.binomial(referral, closed))
    child = int(draw.binomial(referral, 0.88))
    return {
        "referral": referral,
        "rereferral": rereferral,
        "no_further_action": no_further_action,
        "not_in_need": int(draw.binomial(referral - no_further_action, refused)),
        "referral_child": child,
        "rereferral_child": min(int(draw.binomial(rereferral, 0.84)), child),
    }


def _member(place: Place, year: int, referrals: Children, population: int) -> Member:
    own = referrals[place.code, year]
    cells = _cells({**own, "population": population})
    for name in _AMOUNTS:
        if 0 < own[name] < SUPPRESSED_BELOW:
            cells |= {column: "c" for column in cells if column in (f"{name}_count", f"{name}_percent", f"{name}_rate")}
    if place == places.ABOLISHED:
        cells |= dict.fromkeys(("referral_rate", "referral_child_rate"), "x")
    if place in places.SUCCESSORS and year == places.LAST_REFERRAL_YEAR + 1:
        cells |= dict.fromkeys(_REREFERRALS, "x")  # no twelve months to look back on
    counted = own
    if place == places.REFERRALS_LOST and year in (2021, 2022):
        cells |= dict.fromkeys(_ALL, "x")
        counted = referrals[place.code, 2020]
    if place == places.REFERRALS_WITHHELD and year == 2024:
        cells |= dict.fromkeys(_ALL, "u")
        counted = referrals[place.code, 2023]
    if place == places.REFERRALS_WITHHELD and year == 2023:
        cells |= dict.fromkeys(_REREFERRALS, "u")
    return Member(place, cells, {**counted, "population": population})


def _total(counts: Counts) -> Cells:
    """A nation or region: amounts to the nearest ten, rates from the amounts before rounding."""
    rounded = {f"{name}_count": str(nearest_ten(counts[name])) for name in _AMOUNTS}
    return _cells(counts) | rounded


def _cells(counts: Counts) -> Cells:
    cells = {"category": CATEGORY} | {f"{name}_count": str(counts[name]) for name in _AMOUNTS}
    cells |= {f"{part}_percent": ratio(counts[part], counts[whole]) for part, whole in _PERCENT_OF.items()}
    cells |= {f"{name}_rate": ratio(counts[name], counts["population"], times=10_000) for name in _AMOUNTS}
    return cells


def _population_total(counts: Counts) -> Cells:
    return {"age_group": AGE_GROUP, "population_estimate": str(counts["population"])}
