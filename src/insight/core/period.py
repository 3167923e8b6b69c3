"""Time with a start and an end: "2025" is not a date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from insight.core.described import Described, Description
from insight.errors import PeriodError


class PeriodKind(StrEnum):
    """What a publisher's four digits stand for."""

    YEAR_TO_MARCH = "year to 31 March"
    YEAR_TO_SEPTEMBER = "year to 30 September"
    AT_SEPTEMBER = "at 30 September"
    MID_YEAR = "at 30 June"


_END = {
    PeriodKind.YEAR_TO_MARCH: (3, 31),
    PeriodKind.YEAR_TO_SEPTEMBER: (9, 30),
    PeriodKind.AT_SEPTEMBER: (9, 30),
    PeriodKind.MID_YEAR: (6, 30),
}
_WHOLE_YEARS = {PeriodKind.YEAR_TO_MARCH, PeriodKind.YEAR_TO_SEPTEMBER}


@dataclass(frozen=True, repr=False, order=True)
class Period(Described):
    """A stretch of time, or a day, with the label its publisher gives it.

    Examples
    --------
    >>> Period.of("2025", PeriodKind.YEAR_TO_MARCH).end.isoformat()
    '2025-03-31'
    >>> Period.of("2025", PeriodKind.AT_SEPTEMBER).start.isoformat()
    '2025-09-30'
    """

    end: date
    start: date
    kind: PeriodKind
    label: str

    @classmethod
    def of(cls, label: str, kind: PeriodKind) -> Period:
        """The period that a four-digit ``time_period`` stands for.

        Raises
        ------
        PeriodError
            If the label is not a year between 1990 and 2100.
        """
        if not re.fullmatch(r"[0-9]{4}", label) or not 1990 <= int(label) <= 2100:
            raise PeriodError(
                f"reading the reporting year {label[:20]!r}",
                found="not four digits between 1990 and 2100",
                todo="write the year as the publisher does, for example 2025",
            )
        month, day = _END[kind]
        end = date(int(label), month, day)
        start = date(end.year - 1, month, day) + timedelta(days=1) if kind in _WHOLE_YEARS else end
        return cls(end=end, start=start, kind=kind, label=label)

    def shifted(self, years: int) -> Period:
        """The same period, a whole number of years later (negative: earlier)."""
        return Period.of(str(int(self.label) + years), self.kind)

    def describe(self) -> Description:
        """Label, kind, start and end."""
        facts = (("kind", self.kind.value), ("start", self.start.isoformat()), ("end", self.end.isoformat()))
        return Description(f"Period {self.label}", facts)
