"""Time with a start and an end: "2025" is not a date."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from insight.core.described import Described, Description
from insight.errors import PeriodError


class PeriodKind(StrEnum):
    """What a publisher's label stands for: four digits of a year, or year and month."""

    YEAR_TO_MARCH = "year to 31 March"
    AT_MARCH = "at 31 March"
    YEAR_TO_SEPTEMBER = "year to 30 September"
    AT_SEPTEMBER = "at 30 September"
    MID_YEAR = "at 30 June"
    ACADEMIC_YEAR = "academic year"
    CALENDAR_YEAR = "calendar year"
    IN_JANUARY = "in January"
    THREE_CALENDAR_YEARS = "three calendar years"
    THREE_YEARS_TO_MARCH = "three years to 31 March"
    MONTH = "month"


_END = {
    PeriodKind.YEAR_TO_MARCH: (3, 31),
    PeriodKind.AT_MARCH: (3, 31),
    PeriodKind.YEAR_TO_SEPTEMBER: (9, 30),
    PeriodKind.AT_SEPTEMBER: (9, 30),
    PeriodKind.MID_YEAR: (6, 30),
    PeriodKind.ACADEMIC_YEAR: (8, 31),
    PeriodKind.CALENDAR_YEAR: (12, 31),
    PeriodKind.IN_JANUARY: (1, 31),
    PeriodKind.THREE_CALENDAR_YEARS: (12, 31),
    PeriodKind.THREE_YEARS_TO_MARCH: (3, 31),
}
# How many years a period lasts; one that is not here is a day, or January.
_LENGTH = {
    PeriodKind.YEAR_TO_MARCH: 1,
    PeriodKind.YEAR_TO_SEPTEMBER: 1,
    PeriodKind.ACADEMIC_YEAR: 1,
    PeriodKind.CALENDAR_YEAR: 1,
    PeriodKind.THREE_CALENDAR_YEARS: 3,
    PeriodKind.THREE_YEARS_TO_MARCH: 3,
}
_FIRST, _LAST = 1990, 2100
# Not the calendar module's names, which follow the machine's language.
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MONTH = re.compile(r"([0-9]{4})-?(0[1-9]|1[0-2])")


@dataclass(frozen=True, repr=False, order=True)
class Period(Described):
    """A stretch of time, or a day, with the label its publisher gives it; the year of a label is that of its end.

    Examples
    --------
    >>> Period.of("2025", PeriodKind.YEAR_TO_MARCH).end.isoformat()
    '2025-03-31'
    >>> Period.of("2025", PeriodKind.AT_SEPTEMBER).start.isoformat()
    '2025-09-30'
    >>> Period.of("2024-02", PeriodKind.MONTH).end.isoformat()
    '2024-02-29'
    """

    end: date
    start: date
    kind: PeriodKind
    label: str

    @classmethod
    def of(cls, label: str, kind: PeriodKind) -> Period:
        """The period that a ``time_period`` stands for: four digits of a year, or six of a month (202304, 2023-04).

        Raises
        ------
        PeriodError
            If the label is not a year, or a month of one, between 1990 and 2100.
        """
        if kind is PeriodKind.MONTH:
            return cls._month(label)
        if not re.fullmatch(r"[0-9]{4}", label) or not _FIRST <= int(label) <= _LAST:
            raise PeriodError(
                f"reading the reporting year {label[:20]!r}",
                found=f"not four digits between {_FIRST} and {_LAST}",
                todo="write the year as the publisher does, for example 2025",
            )
        month, day = _END[kind]
        end = date(int(label), month, day)
        start = date(end.year - _LENGTH[kind], month, day) + timedelta(days=1) if kind in _LENGTH else end
        start = start.replace(day=1) if kind is PeriodKind.IN_JANUARY else start
        return cls(end=end, start=start, kind=kind, label=label)

    @classmethod
    def _month(cls, label: str) -> Period:
        found = _MONTH.fullmatch(label)
        if not found or not _FIRST <= int(found[1]) <= _LAST:
            raise PeriodError(
                f"reading the month {label[:20]!r}",
                found=f"not a year between {_FIRST} and {_LAST} and a month from 01 to 12",
                todo="write year and month, for example 202304 or 2023-04",
            )
        year, month = int(found[1]), int(found[2])
        end = date(year, month, monthrange(year, month)[1])
        return cls(end=end, start=date(year, month, 1), kind=PeriodKind.MONTH, label=f"{year}{month:02}")

    @property
    def in_words(self) -> str:
        """How a reader says it.

        >>> Period.of("202304", PeriodKind.MONTH).in_words, Period.of("2025", PeriodKind.YEAR_TO_MARCH).in_words
        ('April 2023', 'year to 31 March 2025')
        >>> Period.of("2024", PeriodKind.ACADEMIC_YEAR).in_words
        'academic year 2023/24'
        >>> Period.of("2016", PeriodKind.THREE_CALENDAR_YEARS).in_words
        'three calendar years 2014 to 2016'
        """
        if self.kind is PeriodKind.MONTH:
            return f"{MONTHS[self.end.month - 1]} {self.end.year}"
        if self.kind is PeriodKind.ACADEMIC_YEAR:
            return f"{self.kind.value} {self.start.year}/{self.end.year % 100:02}"
        if self.kind is PeriodKind.THREE_CALENDAR_YEARS:
            return f"{self.kind.value} {self.start.year} to {self.end.year}"
        return f"{self.kind.value} {self.label}"

    def shifted(self, years: int) -> Period:
        """The same period, a whole number of years later (negative: earlier); a month stays that month."""
        return Period.of(str(int(self.label) + years * steps_in_a_year(self.kind)), self.kind)

    def describe(self) -> Description:
        """Label, kind, start and end."""
        facts = (("kind", self.kind.value), ("start", self.start.isoformat()), ("end", self.end.isoformat()))
        return Description(f"Period {self.label}", facts)


def steps_in_a_year(kind: PeriodKind) -> int:
    """By how much a label grows in one year: 1 for years, 100 for months (202304 to 202404)."""
    return 100 if kind is PeriodKind.MONTH else 1
