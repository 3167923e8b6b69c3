"""The words of the interactive tool's dictionary: keys, units, which way is better, kinds of year, and days."""

from __future__ import annotations

import re
from datetime import date, timedelta

from insight.core.indicator import Direction, Unit
from insight.core.period import MONTHS, PeriodKind

PREFIX = "lait_"
# What R writes for a cell without content; "-" and "0" are what the dictionary's own authors write.
BLANK = frozenset({"", "NA", "-", "0"})
DIRECTIONS: dict[str, Direction] = {"High": "higher", "Low": "lower", "-": "neither", "NA": "neither", "": "neither"}

_OTHER = re.compile(r"[^a-z0-9]+")
_RATE = re.compile(r"rate per ([0-9,]+)\b\s*(.*)", re.IGNORECASE)
_AT_MARCH = re.compile(r"\b(?:at|on) (?:the )?31(?:st)? march\b", re.IGNORECASE)
_DURING = re.compile(
    r"during|throughout|in year|turnover|start|ceas|clos|complet|became|adopted|missing|check|immunis|convict|move|"
    r"result",
    re.IGNORECASE,
)
_FIRST_DAY = date(1899, 12, 30)
_DAYS = range(36_526, 73_051)  # 2000 to 2099
_KINDS = {
    "Academic Year": PeriodKind.ACADEMIC_YEAR,
    "Calendar Year": PeriodKind.CALENDAR_YEAR,
    "Annual - January": PeriodKind.IN_JANUARY,
    # The five measures of this kind count children in need, on plans and looked after: all of them at 31 March.
    "Annual": PeriodKind.AT_MARCH,
}
YEAR_TYPES = (*_KINDS, "Annual (end of Sept)", "Financial Year")


def plain_text(text: str) -> str:
    """A cell with white space counted once and the bullets of a symbol font as bullets.

    >>> plain_text("Children   in\\r\\r\\n need")
    'Children in need'
    """
    return " ".join(text.replace("\uf0b7", "•").split())


def key_of(short: str) -> str:
    """The key of a measure, from the short name that joins the dictionary to the figures.

    A per cent sign is written out: two measures differ in nothing else, and one is a number and the other a share.

    Examples
    --------
    >>> key_of("CPP_Total_Rateper10,000"), key_of("LAC_ceased_SGO"), key_of("LAC_ceased_SGO%")
    ('lait_cpp_total_rateper10_000', 'lait_lac_ceased_sgo', 'lait_lac_ceased_sgo_percent')
    """
    return PREFIX + _OTHER.sub("_", short.lower().replace("%", " percent ")).strip("_")


def unit_of(axis: str, title: str) -> Unit:
    """The unit in words, from the name of the chart's axis and, where that does not say it, the chart's title.

    Examples
    --------
    >>> unit_of("% of referrals", "Re-referrals (%)"), unit_of("Rate per 1000 live births", "Infant mortality")
    ('percent', 'rate per 1,000 live births')
    >>> unit_of("Turnover rate", "Social worker turnover (%)"), unit_of("Case Load", "Average number of cases (FTE)")
    ('percent', 'cases per worker')
    """
    axis = plain_text(axis)
    rate = _RATE.match(axis)
    if says_number_for_share(axis, title):
        return "count"
    if "%" in axis or "(%)" in title:
        return "percent"
    if rate:
        return f"rate per {int(rate[1].replace(',', '')):,} {rate[2]}".strip()
    if axis == "Case Load":
        return "cases per worker"
    if "(FTE)" in title or axis.endswith("FTE"):
        return "fte"
    if axis.startswith("Number") or axis == "Total cases":
        return "count"
    if axis in ("Unit Cost", "Spend"):
        return "pounds per week" if axis == "Unit Cost" else "pounds"
    return axis.lower() or "number"


def says_number_for_share(axis: str, title: str) -> bool:
    """Whether the axis speaks of a share and the title of a number: the figures are numbers."""
    return "%" in axis and title.startswith("Number of ") and "%" not in title


def decimals_of(text: str, unit: Unit) -> int:
    """The tool's decimal places; where it gives none, one, and none for what is counted."""
    if unit == "count":
        return 0
    return int(text) if text.isascii() and text.isdecimal() and text != "0" else 0 if text == "0" else 1


def kind_of(year_type: str, title: str, definition: str) -> PeriodKind | None:
    """What the years of a measure are, or None for a kind of year that is not known.

    A financial year is the year to 31 March, or that day where the title or the first sentence of the definition says
    so and the title does not speak of what happens during the year. "End of September" is the day but for what a
    workforce does during the year.

    Examples
    --------
    >>> kind_of("Financial Year", "Children in foster care", "Looked after at 31 March").value
    'at 31 March'
    >>> kind_of("Annual (end of Sept)", "Social worker turnover (%)", "").value
    'year to 30 September'
    """
    happens = bool(_DURING.search(title))
    if year_type == "Financial Year":
        is_day = not happens and _AT_MARCH.search(f"{title} {definition.partition('. ')[0]}")
        return PeriodKind.AT_MARCH if is_day else PeriodKind.YEAR_TO_MARCH
    if year_type == "Annual (end of Sept)":
        return PeriodKind.YEAR_TO_SEPTEMBER if happens or "Absence" in title else PeriodKind.AT_SEPTEMBER
    return _KINDS.get(year_type)


def day_of(text: str) -> date | None:
    """The day of a spreadsheet's serial number, or None for words ("TBC", "New Data").

    >>> day_of("46113").isoformat(), day_of("TBC")
    ('2026-04-01', None)
    """
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 5 else 0
    return _FIRST_DAY + timedelta(days=number) if number in _DAYS else None


def month_in_words(day: date) -> str:
    """The month of a day, as a page prints it."""
    return f"{MONTHS[day.month - 1]} {day.year}"
