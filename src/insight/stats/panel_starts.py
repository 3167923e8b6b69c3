"""Where each unit's treatment starts among the periods of a panel, however periods and starts are written."""

from __future__ import annotations

import re
from itertools import pairwise
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insight.errors import UsageError
from insight.stats.rows import Floats

NEVER = np.inf
"""The start of a unit that is never treated."""

_MONTH = r"(?<![a-z])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
# A day, month, quarter or term before its year, apart or joined ("Q42010", "012004"); a day before a short year.
_YEAR_LAST = (
    r"^\D*\d{1,2}\D+(?:\d{1,2}\D+)?\d{4}(?!\d)"
    r"|^[a-z]+ *\d{1,2}(?:19|20)\d{2}$|^(?:0[1-9]|1[0-2])(?:19|20)\d{2}$"
    r"|^\d{1,2}(?P<mark>[/.\-])\d{1,2}(?P=mark)\d{2}$"
)


def check_text_order(periods: tuple[Any, ...], column: str) -> None:
    """Refuse text whose order is not that of time; not for an ordered categorical, which says its order itself.

    Raises
    ------
    UsageError
        If a period is named by its month or puts its year last, or "10" would stand before "2".
    """
    if len(periods) < 2 or not all(isinstance(each, str) for each in periods):
        return
    pattern = re.compile(f"{_MONTH}|{_YEAR_LAST}", flags=re.IGNORECASE)
    wrong = next((each for each in periods if pattern.search(each)), None)
    if wrong is None:
        wrong = next((later for one, later in pairwise(periods) if _by_number(one) > _by_number(later)), None)
    if wrong is not None:
        raise UsageError(
            f"the order of the periods in {column!r}",
            found=f"text such as {wrong!r}, which does not sort in time",
            todo="give numbers, dates, pandas periods, an ordered categorical, or text such as 2004-01",
        )


def is_ordered(column: pd.Series) -> bool:
    """Whether a column is a categorical with an order of its own."""
    return isinstance(column.dtype, pd.CategoricalDtype) and bool(column.dtype.ordered)


def starts_of(cohort: pd.Series, rows: NDArray[np.intp], period: pd.Series, periods: tuple[Any, ...]) -> Floats:
    """Position of each unit's start; a start in a gap between periods stands at the next one there is.

    Parameters
    ----------
    cohort, period : (n,) Series
    rows : (n,) array
        Position of each row's unit.
    periods : (T,) tuple
        Labels, in order.

    Raises
    ------
    UsageError
        If a unit has more than one start, or a start is not in the terms of the periods.
    """
    codes, labels = pd.factorize(cohort.astype(object))
    known = labels.tolist()
    order = {label: place for place, label in enumerate(period.cat.categories)} if is_ordered(period) else None
    places = np.array([*(_position(label, periods, order, cohort.name) for label in known), NEVER])
    codes = np.where(np.isinf(places[codes]), -1, codes)
    first = np.zeros(int(rows.max()) + 1, dtype=np.intp)
    first[rows[::-1]] = codes[::-1]
    several = np.unique(rows[codes != first[rows]])
    if len(several):
        raise UsageError(
            f"reading the starts in {cohort.name!r}",
            found=f"{len(several)} unit(s) with more than one start",
            todo="give each unit one start, the same in all its rows",
        )
    return places[first]


def _position(label: Any, periods: tuple[Any, ...], order: dict[Any, int] | None, column: Any) -> float:
    is_number = _is_number(label)
    if (is_number and label == np.inf) or (isinstance(label, str) and not label.strip()):
        return NEVER
    if is_number and label == 0 and not (_is_number(periods[0]) and periods[0] <= 0):
        return NEVER
    try:
        if isinstance(label, bool | np.bool_) or (is_number and label == -np.inf):
            raise TypeError
        if order is not None:
            return float(sum(order[each] < order[label] for each in periods))
        if isinstance(label, str) and not _is_like(label, periods):
            raise TypeError
        return float(sum(each < label for each in periods))
    except (TypeError, KeyError) as error:
        raise UsageError(
            f"reading the starts in {column!r}",
            found=f"a start of {_shown(label)} where periods are {_shown(periods[0])}",
            todo="give starts in the same terms as the periods, and leave them empty where never treated",
        ) from error


def _is_number(label: Any) -> bool:
    return isinstance(label, Number)


def _is_like(label: str, periods: tuple[Any, ...]) -> bool:
    """Whether text is written as the periods are, or as their beginning: a year among months."""
    shape = _shape(label)
    return label in periods or any(_shape(str(each)).startswith(shape) for each in periods)


def _shape(label: str) -> str:
    return re.sub(r"\d", "9", label)


def _shown(label: Any) -> str:
    is_plain = isinstance(label, str | bool) or (_is_number(label) and label == -np.inf)
    return repr(label) if is_plain else f"type {type(label).__name__}"


def _by_number(label: str) -> list[tuple[int, str]]:
    """A key that puts "2" before "10"."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", label)]
