"""Returns that look partial: a year whose referrals leave 0.6 to 1.6 times those of the year before."""

from __future__ import annotations

from insight.studies._volumes import has_jumped
from insight.studies._words import number
from insight.studies.site_effect._design import Design

MONTHS_A_YEAR = 12


def partial_returns(design: Design, *, first: int, last: int) -> dict[str, str]:
    """Why a unit's figures between two months look partial, by unit; those that look whole are not in it.

    Only years to March with all twelve months are compared, so a withheld month makes no flag.

    Parameters
    ----------
    first, last : int
        Months as year * 12 + month - 1; a year counts if any of it lies between them.
    """
    known = design.cells[design.cells["count"].notna()]
    # April opens the year to March of the next calendar year.
    years = (known["period"] - 3) // MONTHS_A_YEAR + 1
    totals: dict[tuple[str, int], list[float]] = {}
    for unit, year, count in zip(known["unit"], years, known["count"], strict=True):
        totals.setdefault((str(unit), int(year)), []).append(float(count))
    volumes = {key: sum(counts) for key, counts in totals.items() if len(counts) == MONTHS_A_YEAR}
    found: dict[str, str] = {}
    for (unit, year), now in sorted(volumes.items()):
        before = volumes.get((unit, year - 1), 0.0)
        is_inside = year * MONTHS_A_YEAR + 2 >= first and year * MONTHS_A_YEAR - 9 <= last
        if is_inside and has_jumped(before, now):
            found[unit] = f"referrals went from {number(before, 0)} to {number(now, 0)} in the year to March {year}"
    return found
