"""Days in charts: read from rows, placed along an axis of years, said in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from insight.charts.months import month_name
from insight.errors import NotDisplayable

DAYS_A_YEAR = 365.25
_MOST_TICKS = 10


def days(values: Sequence[object], *, name: str, column: str) -> list[date]:
    """Days given as YYYY-MM-DD, as dates or as timestamps.

    Raises
    ------
    NotDisplayable
        If one of them is no day.
    """
    try:
        found = pd.to_datetime(pd.Series(list(values), dtype=object), format="ISO8601")
    except (ValueError, TypeError):
        found = pd.Series([pd.NaT])
    if found.isna().any():
        raise NotDisplayable(
            f"drawing the chart {name!r}", found=f"no day in a cell of {column!r}", todo="give days as 2024-03-31"
        )
    return [day.date() for day in found]


def day_words(day: date) -> str:
    """A day in a sentence.

    >>> day_words(date(2018, 3, 12))
    '12 March 2018'
    """
    return f"{day.day} {month_name(day.year * 12 + day.month - 1)}"


def short_month(day: date) -> str:
    """A day's month in a label.

    >>> short_month(date(2018, 3, 12))
    'Mar 2018'
    """
    month, year = month_name(day.year * 12 + day.month - 1).split()
    return f"{month[:3]} {year}"


def year_ticks(ax: Axes, first: date, last: date) -> None:
    """A tick at each first of January, or at each second or third of a long time; places are ordinal days."""
    years = [year for year in range(first.year, last.year + 2) if first <= date(year, 1, 1) <= last]
    step = -(-len(years) // _MOST_TICKS) or 1
    ax.xaxis.set_major_locator(FixedLocator([date(year, 1, 1).toordinal() for year in years[::-1][::step][::-1]]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{date.fromordinal(round(value)).year}"))
