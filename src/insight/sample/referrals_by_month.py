"""Referrals by month in the layout of the 2024 release, and the same months as a tidy frame with nothing hidden."""

from __future__ import annotations

import pandas as pd

from insight.sample import places
from insight.sample.figures import GEOGRAPHY, Cells, Counts, Member, nearest_ten, rows_of_year
from insight.sample.months import MONTHS, month_label
from insight.sample.places import Place
from insight.sample.process import SEED
from insight.sample.programmes import PROGRAMME_EFFECT, RISING, WAVE_1, WAVE_2, rising_areas
from insight.sample.referrals import (
    FIRST_YEAR,
    LAST_YEAR_BEFORE,
    SUPPRESSED_BELOW,
    drawn_referrals,
    population,
    referral_counts,
)

CATEGORY, WHOLE_YEAR = "Month of referral", "Referrals"
COLUMNS = ("category", WHOLE_YEAR, *MONTHS)
_HIDDEN_MONTHS = ("June", "November")  # two, so that neither follows from the year


def month_rows(seed: int) -> list[list[str]]:
    """Header and rows, newest year first; the twelve months of a printed row add up to its year."""
    _, months = referral_counts(seed)
    rows = [[*GEOGRAPHY, *COLUMNS]]
    for year in range(LAST_YEAR_BEFORE, FIRST_YEAR - 1, -1):
        members = []
        for place in places.existing(year, places.LAST_REFERRAL_YEAR):
            own, symbol = months[place.code, year], ""
            if place == places.REFERRALS_LOST and year in (2021, 2022):
                own, symbol = months[place.code, 2020], "x"
            if place == places.REFERRALS_WITHHELD and year == 2024:
                own, symbol = months[place.code, 2023], "u"
            members.append(_member(place, year, own, symbol))
        rows += rows_of_year(year, members, COLUMNS, _total)
    return rows


def simulate_authorities(seed: int = SEED, effect: float = PROGRAMME_EFFECT) -> pd.DataFrame:
    """Invented referrals of every month of the 60 authorities, April 2012 to March 2024, with nothing hidden.

    Parameters
    ----------
    seed : int
        The same seed gives the same rows.
    effect : float
        True rate ratio of wave 1, above 0 and up to 1, the latter for none (see ``insight.sample.programmes``).

    Returns
    -------
    DataFrame
        ``area``, ``month`` (text, as 2023-07), ``referrals``, ``children`` (at mid-year before the year's end),
        ``programme`` and its ``start``, both missing where there is none.
    """
    _, months = referral_counts(seed, effect)
    children = population(seed)
    part = {one.code: programme for programme in (WAVE_1, WAVE_2) for one in programme.areas}
    part |= {one.code: RISING for one in rising_areas(drawn_referrals(seed))}
    rows = []
    for place in places.PLACES:
        programme = part.get(place.code)
        joined = (None, None) if programme is None else (programme.name, programme.live)
        for year in range(FIRST_YEAR, LAST_YEAR_BEFORE + 1):
            there = children[place.code, year - 1]["population"]
            own = months[place.code, year]
            rows += [(place.code, month_label(year, m), own[m], there, *joined) for m in range(12)]
    return pd.DataFrame(rows, columns=["area", "month", "referrals", "children", "programme", "start"])


def _member(place: Place, year: int, own: tuple[int, ...], symbol: str) -> Member:
    counted = {WHOLE_YEAR: sum(own), **dict(zip(MONTHS, own, strict=True))}
    cells = {column: symbol or _printed(counted[column]) for column in COLUMNS[1:]}
    if (place, year) == (places.MONTHS_HIDDEN, places.MONTHS_HIDDEN_YEAR):
        cells |= dict.fromkeys(_HIDDEN_MONTHS, "c")
    return Member(place, {"category": CATEGORY, **cells}, counted)


def _printed(count: int) -> str:
    return "c" if 0 < count < SUPPRESSED_BELOW else str(count)


def _total(counts: Counts) -> Cells:
    return {"category": CATEGORY, **{column: str(nearest_ten(counts[column])) for column in COLUMNS[1:]}}
