"""Figures that only the tool has: care applications, attainment, road casualties, free meals, the cost of care.

Each authority has its own level in each, around that of its region and drawn apart from everything else, and years that
all share; there is no trend but in prices, and no effect of anything on anything. The cost of care in 2024-25 is that
of the outturn.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from insight.sample import places
from insight.sample.looked_after import looked_after_counts
from insight.sample.places import NATION, REGIONS, Place
from insight.sample.places import PARTS as PARTS_OF_REGIONS
from insight.sample.referrals import population
from insight.sample.spending import CANNOT_DIVIDE, CARE_SPENDING, NO_RETURN, YEAR, spent_by_council

FIRST_YEAR, LAST_YEAR = 2016, 2025
NO_TESTS = (2020, 2021)
PRICES = 1.05  # a year, on the cost of care
# A figure by code of the area and year, or a dash.
Figures = dict[tuple[str, int], str]
_Draw = Callable[[np.random.Generator, float, int], tuple[float, float]]


def own_figures(seed: int, effect: float) -> dict[str, Figures]:
    """The figures by the short name of the measure."""
    children = population(seed)

    def there(one: Place, year: int) -> float:
        return float(children[one.code, min(year - 1, LAST_YEAR - 1)]["population"])

    def applications(draw: np.random.Generator, level: float, size: float) -> tuple[float, float]:
        return float(draw.poisson(11.0 * math.exp(0.3 * level) * size / 10_000)), size / 10_000

    def pupils(draw: np.random.Generator, level: float, size: float) -> tuple[float, float]:
        tested = max(round(size * 0.055), 1)
        return 100.0 * draw.binomial(tested, 1 / (1 + math.exp(-(0.47 + 0.16 * level)))), float(tested)

    def casualties(draw: np.random.Generator, level: float, size: float) -> tuple[float, float]:
        return float(draw.poisson(3 * 17.0 * math.exp(0.25 * level) * size / 100_000)), 3 * size / 100_000

    def meals(draw: np.random.Generator, level: float, size: float) -> tuple[float, float]:
        on_roll = max(round(size * 0.4), 1)
        return 100.0 * draw.binomial(on_roll, 1 / (1 + math.exp(1.3 - 0.4 * level))), float(on_roll)

    drawn = {
        "CareApplications": _figures(seed, 671, applications, there, decimals=1),
        "KS2RWM_Expected_STD": _figures(seed, 672, pupils, there, decimals=0, without=NO_TESTS),
        "RTA": _figures(seed, 673, casualties, there, decimals=2),
        "PriFSM": _figures(seed, 674, meals, there, decimals=1, is_recast=True),
    }
    return {**drawn, "LACFinance": _costs(seed, effect)}


def as_printed(value: float) -> str:
    """A number with the noise of a spreadsheet.

    >>> as_printed(9.37), as_printed(12.0)
    ('9.3699999999999992', '12')
    """
    return f"{value:.17g}"


def _figures(
    seed: int,
    stream: int,
    drawn: Callable[[np.random.Generator, float, float], tuple[float, float]],
    there: Callable[[Place, int], float],
    *,
    decimals: int,
    without: tuple[int, ...] = (),
    is_recast: bool = False,
) -> Figures:
    """Figures of authorities, regions and the nation: what was counted over what it is counted in.

    ``is_recast`` gives the successors of the abolished authority figures for the years before they began.
    """
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    national = np.random.default_rng([seed, stream]).normal(0, 0.15, len(years))
    regional = dict(zip(REGIONS, np.random.default_rng([seed, stream, 1000]).normal(0, 0.6, len(REGIONS)), strict=True))
    parts: dict[tuple[str, int], npt.NDArray[np.float64]] = {}
    for number, one in enumerate(places.PLACES):
        draw = np.random.default_rng([seed, stream, number])
        level = regional[one.region] + 0.8 * draw.normal()
        for place, year in enumerate(years):
            parts[one.code, year] = np.array(drawn(draw, level + national[place], there(one, year)))
    found: Figures = {}
    for year in years:
        listed = [one for one in places.PLACES if is_recast or one in places.existing(year, places.LAST_REFERRAL_YEAR)]
        own = {one.code: parts[one.code, year] for one in listed}
        if year <= places.LAST_REFERRAL_YEAR:
            own[places.ABOLISHED.code] = np.sum([parts[one.code, year] for one in places.SUCCESSORS], axis=0)
        own |= _totals({one: parts[one.code, year] for one in places.PLACES})
        for code, (counted, whole) in own.items():
            small = code in (places.NOBODY_EMPLOYED.code, places.TINY.code)
            found[code, year] = "-" if year in without or small else as_printed(round(counted / whole, decimals))
    return found


def _totals(parts: dict[Place, npt.NDArray[np.float64]]) -> dict[str, npt.NDArray[np.float64]]:
    groups = {code: [one for one in parts if one.region == code] for code in REGIONS}
    groups |= {code: [one for one in parts if one.area == code] for code in PARTS_OF_REGIONS}
    groups[NATION[0]] = list(parts)
    return {code: np.sum([parts[one] for one in own], axis=0) for code, own in groups.items()}


def _costs(seed: int, effect: float) -> Figures:
    """Pounds a week for one child, to the nearest five."""
    care, spent = looked_after_counts(seed), spent_by_council(seed, effect)
    draw = np.random.default_rng([seed, 675])
    parts = {one: np.array([spent[one][CARE_SPENDING] * 10 / 52, care[one.code, YEAR]["march"] * 1.0]) for one in spent}
    found: Figures = {}
    own = {one.code: each for one, each in parts.items()} | _totals(parts)
    for code, (pounds, children) in own.items():
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            wobble = 1.0 if year == YEAR else float(np.exp(draw.normal(0, 0.05)))
            is_hidden = code in (NO_RETURN.code, CANNOT_DIVIDE.code, places.NOBODY_EMPLOYED.code)
            before = year <= places.LAST_REFERRAL_YEAR and code in [one.code for one in places.SUCCESSORS]
            cost = 5 * round(pounds / max(children, 1.0) * wobble / PRICES ** (YEAR - year) / 5)
            found[code, year] = "-" if is_hidden or before else str(cost)
    return found
