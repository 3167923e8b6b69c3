"""How the publisher writes numbers, rates and the rows above the authorities, in integers so that bytes never vary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from insight.sample.places import NATION, PARTS, REGIONS, Place

GEOGRAPHY = (
    "time_period",
    "time_identifier",
    "geographic_level",
    "country_code",
    "country_name",
    "region_code",
    "region_name",
    "old_la_code",
    "new_la_code",
    "la_name",
)
NOT_APPLICABLE = "z"

Counts = Mapping[str, int]
Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Member:
    """One authority in one year: its printed cells, and the counts that enter the totals in its name."""

    place: Place
    cells: Cells
    counted: Counts


def tenths(value: int) -> str:
    """A number of tenths as the publisher prints it: one decimal place, and none where it is zero.

    >>> tenths(1825), tenths(1820), tenths(0)
    ('182.5', '182', '0')
    """
    whole, part = divmod(value, 10)
    return f"{whole}.{part}" if part else str(whole)


def ratio(numerator: int, denominator: int, *, times: int = 100) -> str:
    """A ratio to one decimal place, halves up; "z" where there is nothing to divide by.

    >>> ratio(142900, 632830), ratio(1, 0), ratio(1, 1600, times=1)
    ('22.6', 'z', '0')
    """
    if denominator == 0:
        return NOT_APPLICABLE
    return tenths((20 * times * numerator + denominator) // (2 * denominator))


def nearest_ten(value: int) -> int:
    """Rounded to ten, halves up, as national and regional counts of children are."""
    return (value + 5) // 10 * 10


def added(parts: Iterable[Counts]) -> dict[str, int]:
    """The sum of several authorities' counts."""
    total: Counter[str] = Counter()
    for counts in parts:
        total.update(counts)
    return dict(total)


def rows_of_year(
    year: int, members: Sequence[Member], columns: Sequence[str], total_cells: Callable[[Counts], Cells]
) -> list[list[str]]:
    """The rows of one year in the publisher's order: nation, regions, parts of regions, authorities."""

    def row(level: str, area: tuple[str, str], authority: tuple[str, str, str], cells: Cells) -> list[str]:
        head = [str(year), "Reporting year", level, *NATION, *area, *authority]
        return [*head, *(cells[column] for column in columns)]

    def total(level: str, area: tuple[str, str], chosen: Iterable[Member]) -> list[str]:
        return row(level, area, ("", "", ""), total_cells(added(member.counted for member in chosen)))

    rows = [total("National", ("", ""), members)]
    for code, name in REGIONS.items():
        rows.append(total("Regional", (code, name), [one for one in members if one.place.region == code]))
    for code, (name, _, _) in PARTS.items():
        rows.append(total("Regional", (code, name), [one for one in members if one.place.area == code]))
    for one in sorted(members, key=lambda member: (member.place.area, member.place.name)):
        place = one.place
        codes = (place.old_la_code, place.code, place.name)
        rows.append(row("Local authority", (place.area, place.area_name), codes, one.cells))
    return rows
