"""How a period is written at a tick and in a sentence, and which periods a series should have had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from insight.core.period import MONTHS, PeriodKind

_COLUMN = {
    PeriodKind.ACADEMIC_YEAR: "Academic year",
    PeriodKind.THREE_CALENDAR_YEARS: "Three calendar years",
    PeriodKind.THREE_YEARS_TO_MARCH: "Three years to March",
    PeriodKind.MONTH: "Month",
}


def period_label(period: int, kind: PeriodKind | None = None) -> str:
    """A period by its label in the data, as its kind is written; a plain year needs no more than the year of its end.

    >>> period_label(2024, PeriodKind.ACADEMIC_YEAR), period_label(2016, PeriodKind.THREE_CALENDAR_YEARS)
    ('2023/24', '2014–16')
    >>> period_label(2025), period_label(202304, PeriodKind.MONTH)
    ('2025', 'April 2023')
    """
    year = int(period)
    if kind is PeriodKind.MONTH:
        return f"{MONTHS[year % 100 - 1]} {year // 100}"
    if kind is PeriodKind.ACADEMIC_YEAR:
        return f"{year - 1}/{year % 100:02}"
    if kind is PeriodKind.THREE_CALENDAR_YEARS:
        return f"{year - 2}–{year % 100:02}"
    return str(year)


def is_plain(kind: PeriodKind | None) -> bool:
    """Whether the year of its end says the whole period.

    >>> is_plain(PeriodKind.AT_MARCH), is_plain(PeriodKind.ACADEMIC_YEAR)
    (True, False)
    """
    return kind not in (PeriodKind.ACADEMIC_YEAR, PeriodKind.THREE_CALENDAR_YEARS)


def period_column(kind: PeriodKind | None) -> str:
    """The heading above periods in a table.

    >>> period_column(PeriodKind.ACADEMIC_YEAR), period_column(None)
    ('Academic year', 'Year')
    """
    return _COLUMN.get(kind, "Year") if kind is not None else "Year"


def with_gaps(periods: Iterable[int]) -> list[int]:
    """The periods in order, and those between them that nobody has: a line must not run over them.

    The usual step is the commonest one. Where the periods do not stand on it, they stay as they are.

    >>> with_gaps([2018, 2017, 2019, 2022])
    [2017, 2018, 2019, 2020, 2021, 2022]
    >>> with_gaps([2016, 2018, 2020])
    [2016, 2018, 2020]
    """
    there = sorted({int(period) for period in periods})
    steps = Counter(later - earlier for earlier, later in pairwise(there))
    if not steps:
        return there
    step = min(steps, key=lambda each: (-steps[each], each))
    return list(range(there[0], there[-1] + 1, step)) if not any(each % step for each in steps) else there
