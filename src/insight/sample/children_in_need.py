"""Children in need of each year: who came, who left, and who is there at 31 March.

Episodes of need start from the referrals of the same year that were not closed at once, and nothing else sets their
number. What is open at 31 March is what was open a year before, with those that started and without those that ended:
the columns of two years in a row add up. No programme has an effect of its own on them.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from insight.sample import places
from insight.sample.census import census_rows, is_small, with_abolished
from insight.sample.figures import Cells, Counts, nearest_ten
from insight.sample.referrals import FIRST_YEAR, LAST_YEAR, referral_counts

CONSTANTS = {"category": "Children in Need"}
# Our name of what is counted, by the publisher's column.
COLUMNS = {
    "Anypoint_episodes": "any_point",
    "Anypoint_child": "any_point_child",
    "Started_episodes": "start",
    "Started_child": "start_child",
    "Ended_episodes": "end",
    "Ended_child": "end_child",
    "At31_episodes": "march",
    "awaiting_assessment": "awaiting",
}
NeedCounts = dict[tuple[str, int], dict[str, int]]


def need_rows(seed: int) -> list[list[str]]:
    """Header and rows in the layout of the 2025 release, which has no rates."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    return census_rows(years, need_counts(seed), tuple(COLUMNS), CONSTANTS, printed=_printed, total=_total)


@lru_cache(maxsize=2)
def need_counts(seed: int) -> NeedCounts:
    """Episodes and children by code and year; nothing hidden. Shared: nobody changes it."""
    referrals, _ = referral_counts(seed)
    found: NeedCounts = {}
    for number, one in enumerate(places.PLACES):
        draw = np.random.default_rng([seed, 601, number])
        taken, leaving, single = draw.uniform(0.58, 0.74), draw.uniform(0.45, 0.5), draw.uniform(0.91, 0.96)
        march = 0
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            own = referrals[one.code, year]
            start = int(draw.binomial(own["referral"] - own["no_further_action"], taken))
            march = march or round(start * (1 - leaving) / leaving)
            any_point = march + start
            end = int(draw.binomial(any_point, leaving))
            march = any_point - end
            found[one.code, year] = {
                "any_point": any_point,
                "any_point_child": _children(draw, any_point, single),
                "start": start,
                "start_child": _children(draw, start, single),
                "end": end,
                "end_child": _children(draw, end, single),
                "march": march,
                "awaiting": int(draw.binomial(march, 0.04)),
            }
    with_abolished(found, range(FIRST_YEAR, LAST_YEAR + 1))
    return found


def _children(draw: np.random.Generator, episodes: int, single: float) -> int:
    return max(int(draw.binomial(episodes, single)), min(episodes, 1))


def _printed(counts: Counts) -> Cells:
    return {column: "c" if is_small(counts[name]) else str(counts[name]) for column, name in COLUMNS.items()}


def _total(counts: Counts) -> Cells:
    return {column: str(nearest_ten(counts[name])) for column, name in COLUMNS.items()}
