"""Children looked after: who started, who is looked after at 31 March, who ceased, each with a rate in whole numbers.

Those at 31 March are those of a year before, with the starts and without the ends. Each authority has a rate of its
own around which it stays; nothing has an effect on it. The file has a row for every area in every year, without a
figure where the area did not exist.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from insight.sample import places
from insight.sample.census import with_abolished
from insight.sample.figures import GEOGRAPHY, Cells, Counts, Member, nearest_ten, rows_of_year
from insight.sample.places import Place
from insight.sample.referrals import LAST_YEAR, population

FIRST_YEAR = 2021
KINDS = {
    "Children ceasing to be looked after each year": "end",
    "Children looked after on 31 March each year": "march",
    "Children starting to be looked after each year": "start",
}
COLUMNS = ("population_type", "population_estimate", "children_count", "rate_per_10000")
_CODE, _NAME = GEOGRAPHY.index("new_la_code"), GEOGRAPHY.index("la_name")
_OPENING_YEARS = 3  # before the first year of the file, so that it does not begin with the draw of a level
LookedAfterCounts = dict[tuple[str, int], dict[str, int]]


def looked_after_rows(seed: int) -> list[list[str]]:
    """Header and rows, newest year first; the name stands before the code."""
    counts = looked_after_counts(seed)
    rows = [[*GEOGRAPHY, *COLUMNS]]
    for year in range(LAST_YEAR, FIRST_YEAR - 1, -1):
        for words, kind in KINDS.items():
            members = [_member(one, year, words, kind, counts) for one in (*places.PLACES, places.ABOLISHED)]
            rows += rows_of_year(year, members, COLUMNS, partial(_total, words=words))
    for row in rows:
        row[_CODE], row[_NAME] = row[_NAME], row[_CODE]
    return rows


def looked_after_counts(seed: int) -> LookedAfterCounts:
    """Children by code of the authority and year, with the population of mid-year before; nothing hidden."""
    children = population(seed)
    found: LookedAfterCounts = {}
    years = range(FIRST_YEAR - _OPENING_YEARS, LAST_YEAR + 1)
    for number, one in enumerate(places.PLACES):
        draw = np.random.default_rng([seed, 631, number])
        level = float(np.clip(np.exp(draw.normal(np.log(72), 0.28)), 35, 170)) / 10_000
        leaving = draw.uniform(0.26, 0.32)
        march = round(level * children[one.code, years[0] - 1]["population"])
        for year in years:
            there = children[one.code, year - 1]["population"]
            expected = level * there * leaving / (1 - leaving)
            start = int(draw.poisson(expected * float(np.exp(draw.normal(0, 0.05)))))
            end = int(draw.binomial(march + start, leaving))
            march += start - end
            found[one.code, year] = {"start": start, "march": march, "end": end, "population": there}
    with_abolished(found, years)
    return found


def rate(count: int, there: int) -> str:
    """Children per 10,000 in whole numbers, halves up.

    >>> rate(131, 21090), rate(1, 20000)
    ('62', '1')
    """
    return str((20_000 * count + there) // (2 * there))


def _member(one: Place, year: int, words: str, kind: str, counts: LookedAfterCounts) -> Member:
    if one not in places.existing(year, places.LAST_REFERRAL_YEAR):
        return Member(one, dict(zip(COLUMNS, (words, "x", "z", "z"), strict=True)), {})
    own = counts[one.code, year]
    counted = {"count": own[kind], "population": own["population"]}
    if one == places.NOBODY_EMPLOYED:
        cells = dict(zip(COLUMNS, (words, str(own["population"]), "z", "z"), strict=True))
        return Member(one, cells, {"population": own["population"]})
    return Member(one, _cells(counted, words, small="c"), counted)


def _total(counts: Counts, words: str) -> Cells:
    return {**_cells(counts, words), "children_count": str(nearest_ten(counts["count"]))}


def _cells(counts: Counts, words: str, small: str = "") -> Cells:
    count, there = counts["count"], counts["population"]
    is_hidden = small and 0 < count < 6
    shown = (small, small) if is_hidden else (str(count), rate(count, there))
    return dict(zip(COLUMNS, (words, str(there), *shown), strict=True))
