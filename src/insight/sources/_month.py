"""Months as people and spreadsheets write them, where only one reading is possible."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass

from insight.core.period import MONTHS, Period, PeriodKind
from insight.errors import PeriodError

_FORMS = (
    ("year and month", re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})")),
    ("year, month and day", re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")),
    ("day, month and year", re.compile(r"(?P<day>[0-9]{2})/(?P<month>[0-9]{2})/(?P<year>[0-9]{4})")),
    ("the month's name and year", re.compile(r"(?P<name>[A-Za-z]{3,9}) (?P<year>[0-9]{4})")),
)
_NAMES = {
    name: number for number, full in enumerate(MONTHS, start=1) for name in (full.casefold(), full[:3].casefold())
}
PLAIN = "year and month"


@dataclass(frozen=True, slots=True)
class Month:
    """A month, the form in which it was written, and the day that stood with it, if any."""

    period: Period
    form: str
    day: int | None

    @property
    def is_whole(self) -> bool:
        """Whether the day says no more than the month: there is none, or it is the first or the last one."""
        return self.day in (None, 1, self.period.end.day)

    @property
    def is_certain(self) -> bool:
        """Whether a date with slashes could not be month, day, year as Americans write it."""
        swaps = self.form == "day, month and year" and self.day is not None and self.day <= len(MONTHS)
        return not swaps or self.day in (1, self.period.end.month)


def month_of(text: str) -> Month | None:
    """The month that a text stands for, or None where it stands for none, or may stand for two.

    Accepted are 2023-04, 2023-04-01, 01/04/2023, Apr 2023 and April 2023. A two-digit year is not: "Apr-23" is a day of
    April as well.

    Examples
    --------
    >>> month_of("Apr 2023").period.label, month_of("30/04/2023").day, month_of("Apr-23")
    ('202304', 30, None)
    """
    for form, pattern in _FORMS:
        found = pattern.fullmatch(text.strip(" "))
        if found is None:
            continue
        parts = found.groupdict()
        number = _NAMES.get(parts["name"].casefold(), 0) if "name" in parts else int(parts["month"])
        try:
            period = Period.of(f"{parts['year']}{number:02}", PeriodKind.MONTH)
        except PeriodError:
            return None
        day = int(parts["day"]) if "day" in parts else None
        if day is not None and not 1 <= day <= monthrange(period.end.year, period.end.month)[1]:
            return None
        return Month(period, form, day)
    return None
