"""How a year's referrals fall into its months, and what a programme takes away from them.

The model, for authority i in month m of the year to March y:

- The year's referrals are drawn first (see ``insight.sample.referrals``) and fall into the twelve months as a
  multinomial draw. A month's share is proportional to

      season(m) * shock(y, m) * exp(u(i, t)),

  a season that all share (low in August and at Christmas, high in term), a national month (normal noise of 3% on the
  log scale, and March to May 2020 far below their season), and an AR(1) of the authority (coefficient 0.6, stationary
  standard deviation 0.2) which runs on over the years.
- In an area of the programme with a real effect each referral of a month from the start on is then kept with the
  chance ``effect``. The year's referrals are the sum of what is left.

The year to March 2025 is split too, though no file prints its months. As the years carry little noise of their own,
the change of nine months against the same months of three years before differs between authorities with a standard
deviation of about 0.1; in published figures it is nearer 0.2.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from insight.sample import places
from insight.sample.process import ar1
from insight.sample.programmes import WAVE_1

MONTHS = (
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "January",
    "February",
    "March",
)
SEASON = (0.90, 1.05, 1.07, 1.06, 0.82, 1.01, 1.08, 1.08, 0.88, 1.03, 0.96, 1.06)
SHOCKS = {(2020, 11): 0.82, (2021, 0): 0.72, (2021, 1): 0.85, (2021, 2): 0.95}  # March to June 2020, at home
NATIONAL_DEVIATION, CORRELATION, DEVIATION = 0.03, 0.6, 0.2
_STOPPED_FROM, _AFTERWARDS = 6, 0.1  # the return that was not complete stops in October

Months = dict[tuple[str, int], tuple[int, ...]]


def month_label(year: int, place_in_year: int) -> str:
    """The month that is number 0 to 11 of a year to March.

    >>> month_label(2024, 0), month_label(2024, 11)
    ('2023-04', '2024-03')
    """
    number = place_in_year + 4
    return f"{year - 1}-{number:02d}" if number <= 12 else f"{year}-{number - 12:02d}"


def monthly_counts(seed: int, yearly: Mapping[tuple[str, int], int], effect: float) -> Months:
    """Referrals of each month from April to March, by code of the authority and year to March.

    Parameters
    ----------
    seed : int
    yearly : mapping
        Referrals before any effect, by code and year; every authority in the same years, one after the other.
    effect : float
        Chance, above 0 and up to 1, that a referral to an area of wave 1 is kept from its start on.
    """
    years = sorted({year for _, year in yearly})
    national = _national(seed, years)
    found: Months = {}
    for number, place in enumerate(places.PLACES):
        draw = np.random.default_rng([seed, 401, number])  # one stream each: an effect here changes nothing there
        own = np.exp(ar1(draw, (12 * len(years), 1), CORRELATION, DEVIATION)).reshape(len(years), 12)
        for row, year in enumerate(years):
            share = national[row] * own[row]
            if (place, year) == (places.REFERRALS_WITHHELD, 2023):
                share[_STOPPED_FROM:] *= _AFTERWARDS
            counts = draw.multinomial(yearly[place.code, year], share / share.sum())
            kept = [effect if is_treated(place, month_label(year, m)) else 1.0 for m in range(12)]
            found[place.code, year] = tuple(int(count) for count in draw.binomial(counts, kept))
    return found


def is_treated(place: places.Place, month: str) -> bool:
    """Whether the programme with a real effect runs in an authority in a month written as 2023-07."""
    return place in WAVE_1.areas and month >= WAVE_1.live


def _national(seed: int, years: list[int]) -> npt.NDArray[np.float64]:
    noise = np.random.default_rng([seed, 402]).normal(0, NATIONAL_DEVIATION, (len(years), 12))
    shock = np.array([[SHOCKS.get((year, m), 1.0) for m in range(12)] for year in years])
    national: npt.NDArray[np.float64] = np.array(SEASON) * shock * np.exp(noise)
    return national
