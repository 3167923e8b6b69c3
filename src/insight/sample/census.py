"""Tables of the census of children in need: the returns that are lost or withheld, and small counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from insight.sample import places
from insight.sample.figures import GEOGRAPHY, Cells, Counts, Member, rows_of_year
from insight.sample.places import Place

LOST_YEARS, LOST_REPLACED_BY = (2021, 2022), 2020
WITHHELD_YEAR, WITHHELD_REPLACED_BY = 2024, 2023
SUPPRESSED_BELOW = 6  # counts of 1 to 5 are printed as "c"
PrintedBy = Callable[[Counts], Cells]
ByPlaceAndYear = Mapping[tuple[str, int], dict[str, int]]


def is_small(count: int) -> bool:
    """Whether a count of children is withheld.

    >>> is_small(0), is_small(5), is_small(6)
    (False, True, False)
    """
    return 0 < count < SUPPRESSED_BELOW


def census_rows(
    years: Sequence[int],
    counts: ByPlaceAndYear,
    columns: Sequence[str],
    constants: Cells,
    *,
    printed: PrintedBy,
    total: PrintedBy,
    is_withheld: bool = True,
) -> list[list[str]]:
    """Header and rows, newest year first.

    Parameters
    ----------
    years : sequence of int
    counts : mapping
        By code and year; what totals need, and what ``printed`` and ``total`` make cells of.
    columns : sequence of str
        The measures, after the constants.
    constants : dict
        Columns that are the same in every row.
    printed, total : callable
        Cells of an authority, and of a region or the nation.
    is_withheld : bool
        Whether the publisher withholds the return that was not complete.
    """

    def member(one: Place, year: int) -> Member:
        own = counts[one.code, year]
        if one == places.REFERRALS_LOST and year in LOST_YEARS:
            lost = dict.fromkeys(columns, "x")
            return Member(one, {**constants, **lost}, counts[one.code, LOST_REPLACED_BY])
        if one == places.REFERRALS_WITHHELD and year == WITHHELD_YEAR and is_withheld:
            withheld = dict.fromkeys(columns, "u")
            return Member(one, {**constants, **withheld}, counts[one.code, WITHHELD_REPLACED_BY])
        return Member(one, {**constants, **printed(own)}, own)

    rows = [[*GEOGRAPHY, *constants, *columns]]
    for year in sorted(years, reverse=True):
        members = [member(one, year) for one in places.existing(year, places.LAST_REFERRAL_YEAR)]
        rows += rows_of_year(year, members, (*constants, *columns), lambda counted: {**constants, **total(counted)})
    return rows


def with_abolished(counts: dict[tuple[str, int], dict[str, int]], years: Sequence[int]) -> None:
    """Give the abolished authority what its successors have between them, up to its last year."""
    for year in years:
        if year <= places.LAST_REFERRAL_YEAR:
            heirs = [counts[one.code, year] for one in places.SUCCESSORS]
            counts[places.ABOLISHED.code, year] = {name: sum(heir[name] for heir in heirs) for name in heirs[0]}
