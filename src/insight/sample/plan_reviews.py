"""Child protection plans of three months or more at 31 March, and those reviewed in time; there is no trend in them."""

from __future__ import annotations

import numpy as np

from insight.sample import places
from insight.sample.census import census_rows, is_small, with_abolished
from insight.sample.children_in_need import need_counts
from insight.sample.figures import Cells, Counts, nearest_ten, ratio
from insight.sample.referrals import FIRST_YEAR, LAST_YEAR_BEFORE

CONSTANTS = {"category": "Child Protection Plans reviewed within timescales"}
COLUMNS = ("CPP_At31_3Months", "Reviewed_within_timescales", "Reviewed_within_timescales_percent")


def review_rows(seed: int) -> list[list[str]]:
    """Header and rows in the layout of the 2024 release."""
    need = need_counts(seed)
    found: dict[tuple[str, int], dict[str, int]] = {}
    years = range(FIRST_YEAR, LAST_YEAR_BEFORE + 1)
    for number, one in enumerate(places.PLACES):
        draw = np.random.default_rng([seed, 621, number])
        share, in_time = draw.uniform(0.07, 0.12), draw.beta(30, 3)
        for year in years:
            plans = int(draw.binomial(need[one.code, year]["march"], share))
            found[one.code, year] = {"plans": plans, "reviewed": int(draw.binomial(plans, in_time))}
    with_abolished(found, years)
    return census_rows(years, found, COLUMNS, CONSTANTS, printed=_printed, total=_total)


def _printed(counts: Counts) -> Cells:
    return dict.fromkeys(COLUMNS, "c") if is_small(counts["plans"]) else _cells(counts, counts)


def _total(counts: Counts) -> Cells:
    return _cells(counts, {name: nearest_ten(count) for name, count in counts.items()})


def _cells(counts: Counts, shown: Counts) -> Cells:
    percent = ratio(counts["reviewed"], counts["plans"])
    return dict(zip(COLUMNS, (str(shown["plans"]), str(shown["reviewed"]), percent), strict=True))
