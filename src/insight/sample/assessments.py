"""Assessments by the working days that they took, with one return that is not complete and bears no mark.

The chance that an assessment takes no more than 45 working days is, for authority i in the year to March y,

    logit p(i, y) = a(i) + trend * (y - 2019 if y > 2019, in the home region; else 0) + e(i, y),

with an own level a(i) around 84 per cent and independent noise of 0.1 on the logit scale.

**The true trend.** In the home region the odds of 45 days or fewer are ``ODDS_RATIO`` (1.12) times those of a year
before, from the year to March 2020 on. Nowhere else is there a trend.

Within its 45 days, and beyond them, an authority spreads its assessments in its own way, the same in every year.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from insight.sample import places
from insight.sample.census import SUPPRESSED_BELOW, WITHHELD_YEAR, census_rows, is_small, with_abolished
from insight.sample.children_in_need import need_counts
from insight.sample.figures import Cells, Counts, nearest_ten, ratio
from insight.sample.referrals import LAST_YEAR, LAST_YEAR_BEFORE, population

ODDS_RATIO, TREND_AFTER = 1.12, 2019
FIRST_YEAR = 2014
CONSTANTS = {"category": "Duration of assessment"}
# The publisher's bands with their first and last working day; the last band is drawn as if it ended somewhere.
BANDS = {
    "Same_day": (0, 0),
    "1-10_days": (1, 10),
    "11-20_days": (11, 20),
    "21-30_days": (21, 30),
    "31-40_days": (31, 40),
    "41-45_days": (41, 45),
    "46-50_days": (46, 50),
    "51-60_days": (51, 60),
    "61+_days": (61, 100),
}
WITHIN = tuple(BANDS)[:6]
QUARTERS = {"25th_Percentile_days": 0.25, "Median_days": 0.5, "75th_Percentile_days": 0.75}
COLUMNS = ("Assessments_completed", "Assessments_completed_rate", *BANDS, *QUARTERS)
_USUAL_WITHIN, _USUAL_LATER = (2, 13, 20, 19, 24, 22), (39, 30, 31)
_LEVEL, _SPREAD, _NOISE = math.log(0.84 / 0.16), 0.5, 0.1
_NOT_COMPLETE = 0.35
AssessmentCounts = dict[tuple[str, int], dict[str, int]]


def assessment_rows(seed: int) -> list[list[str]]:
    """Header and rows in the layout of the 2024 release."""
    children = population(seed)
    counts = {
        key: {**own, "population": children[key[0], key[1] - 1]["population"]}
        for key, own in assessment_counts(seed).items()
    }
    years = range(FIRST_YEAR, LAST_YEAR_BEFORE + 1)
    return census_rows(years, counts, COLUMNS, CONSTANTS, printed=_printed, total=_total, is_withheld=False)


@lru_cache(maxsize=2)
def assessment_counts(seed: int) -> AssessmentCounts:
    """Assessments of each band by code and year, to 2025; nothing hidden. Shared: nobody changes it."""
    need = need_counts(seed)
    found: AssessmentCounts = {}
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    for number, one in enumerate(places.PLACES):
        draw = np.random.default_rng([seed, 611, number])
        level, often = draw.normal(_LEVEL, _SPREAD), draw.uniform(1.05, 1.35)
        within, later = (draw.dirichlet([4 * weight for weight in usual]) for usual in (_USUAL_WITHIN, _USUAL_LATER))
        for year in years:
            trend = math.log(ODDS_RATIO) * max(year - TREND_AFTER, 0) if one.region == places.HOME_REGION else 0.0
            share = 1 / (1 + math.exp(-(level + trend + draw.normal(0, _NOISE))))
            kept = _NOT_COMPLETE if (one, year) == (places.REFERRALS_WITHHELD, WITHHELD_YEAR) else 1.0
            completed = int(draw.poisson(need[one.code, year]["start"] * often * kept))
            drawn = draw.multinomial(completed, [*(share * within), *((1 - share) * later)])
            found[one.code, year] = {band: int(count) for band, count in zip(BANDS, drawn, strict=True)}
    with_abolished(found, years)
    return found


def completed(counts: Counts) -> int:
    """All assessments."""
    return sum(counts[band] for band in BANDS)


def days_of(counts: Counts, share: float) -> int:
    """The whole number of working days within which this share of the assessments was completed.

    Within a band assessments are spread evenly over its days.
    """
    sought = share * completed(counts)
    for band, (first, last) in BANDS.items():
        if sought <= counts[band]:
            return min(last, first + int((last - first + 1) * sought / counts[band])) if counts[band] else first
        sought -= counts[band]
    return last


def _printed(counts: Counts) -> Cells:
    whole = completed(counts)
    cells = _cells(counts)
    if is_small(whole):
        hidden = dict.fromkeys(("Assessments_completed", "Assessments_completed_rate", *BANDS), "c")
        return {**cells, **hidden, **dict.fromkeys(QUARTERS, "z")}
    small = [band for band in BANDS if is_small(counts[band])]
    if len(small) == 1:
        # A second one, so that the first does not follow from the whole.
        others = [band for band in BANDS if counts[band] >= SUPPRESSED_BELOW]
        small += sorted(others, key=lambda band: (counts[band], band))[:1]
    return {**cells, **dict.fromkeys(small, "c")}


def _total(counts: Counts) -> Cells:
    rounded = {band: str(nearest_ten(counts[band])) for band in BANDS}
    return {**_cells(counts), **rounded, "Assessments_completed": str(nearest_ten(completed(counts)))}


def _cells(counts: Counts) -> Cells:
    whole = completed(counts)
    cells = {band: str(counts[band]) for band in BANDS}
    cells["Assessments_completed"] = str(whole)
    cells["Assessments_completed_rate"] = ratio(whole, counts["population"], times=10_000)
    return cells | {column: str(days_of(counts, share)) if whole else "z" for column, share in QUARTERS.items()}
