"""How far apart the periods of a series lie: a gap of three months counts as three months, not as one row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from insight.errors import UsageError
from insight.stats.rows import Floats

_NAMES = {"Y": "year", "Q": "quarter", "M": "month", "W": "week", "D": "day", "B": "working day", "h": "hour"}
_MONTHS = {1: "month", 3: "quarter", 12: "year"}
_DAY = 86_400_000_000_000
_DAYS = {_DAY: "day", 7 * _DAY: "week"}


@dataclass(frozen=True, eq=False)
class CalendarScale:
    """Periods on a line.

    Parameters
    ----------
    periods : tuple
        Labels, in order.
    positions : (T,) array
        Distance of each from the first, in steps.
    step : str
        What one step is: ``"month"``, ``"week"``, ``"period"`` for numbers, ...
    kind : {"number", "period", "months", "days"}
        How distances were told.
    size : int
        Months, or nanoseconds, in a step; 1 otherwise.
    """

    periods: tuple[Any, ...]
    positions: Floats
    step: str
    kind: str
    size: int = 1

    @property
    def gaps(self) -> tuple[tuple[Any, Any], ...]:
        """Pairs of neighbouring periods that lie more than one step apart."""
        wide = np.flatnonzero(np.diff(self.positions) > 1 + 1e-9)
        return tuple((self.periods[place], self.periods[place + 1]) for place in wide)

    @property
    def n_absent(self) -> int:
        """Steps between the first and the last period that have no period."""
        return round(float(self.positions[-1])) + 1 - len(self.positions) if self.gaps else 0

    def position_of(self, label: Any) -> float:
        """Where a label stands, in steps from the first period; one that falls between two steps stands at the later.

        Raises
        ------
        UsageError
            If the label is not in the terms of the periods.
        """
        try:
            place = self._raw_position(label)
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"placing {label!r} among the periods",
                found=f"a {type(label).__name__} where periods are {type(self.periods[0]).__name__}",
                todo="give it in the same terms as the periods",
            ) from error
        whole = bool(np.allclose(self.positions, np.round(self.positions)))
        return float(math.ceil(place - 1e-9)) if whole else place

    def _raw_position(self, label: Any) -> float:
        first = self.periods[0]
        if self.kind == "number":
            if not _is_number(label) or not math.isfinite(label):
                raise TypeError
            return float(label) - float(first)
        if self.kind == "period":
            if not isinstance(label, pd.Period | pd.Timestamp | date | np.datetime64 | str):
                raise TypeError
            other = label if isinstance(label, pd.Period) else pd.Period(_moment(label), freq=first.freq)
            if other.freqstr != first.freqstr:
                raise TypeError
            return float(other.ordinal - first.ordinal)
        if not isinstance(label, pd.Timestamp | date | np.datetime64 | str):
            raise TypeError
        moment, origin = _moment(label), _moment(first)
        if self.kind == "days":
            return (_nanoseconds(moment) - _nanoseconds(origin)) / self.size
        if origin.is_month_end and _moment(self.periods[-1]).is_month_end:
            return (_months(moment) - _months(origin)) / self.size
        late = (moment.day > origin.day) / 2
        return (_months(moment) - _months(origin) + late) / self.size


def calendar_scale(periods: Sequence[Any]) -> CalendarScale:
    """Distances between periods, from what they are.

    Numbers are taken as they stand. Pandas periods count by their own frequency. Dates that fall on one day of the
    month, or all on month ends, count in months, others in days; a step is the largest that divides all distances, so
    that Mondays count in weeks. Text is read as ISO dates.

    Parameters
    ----------
    periods : sequence
        Sorted labels without repetition, at least one.

    Raises
    ------
    UsageError
        If the labels are neither numbers, pandas periods, dates nor text that reads as a date.
    """
    labels = tuple(periods)
    if all(_is_number(each) for each in labels):
        values = np.array([float(each) for each in labels])
        return CalendarScale(labels, values - values[0], "period", "number")
    if all(isinstance(each, pd.Period) for each in labels) and len({each.freqstr for each in labels}) == 1:
        ordinals = np.array([each.ordinal for each in labels], dtype=float)
        letter = labels[0].freqstr.split("-")[0]
        return CalendarScale(labels, ordinals - ordinals[0], _NAMES.get(letter, "period"), "period")
    try:
        moments = [_moment(each) for each in labels]
    except (TypeError, ValueError) as error:
        raise UsageError(
            "the distance between periods",
            found=f"labels such as {labels[0]!r}",
            todo="give numbers, dates or pandas periods",
        ) from error
    monthly = len({each.day for each in moments}) == 1 or all(each.is_month_end for each in moments)
    if monthly and all(each == each.normalize() for each in moments):
        distances = [_months(each) - _months(moments[0]) for each in moments]
        size = math.gcd(*distances) or 1
        return CalendarScale(labels, np.array(distances) / size, _MONTHS.get(size, f"{size} months"), "months", size)
    distances = [_nanoseconds(each) - _nanoseconds(moments[0]) for each in moments]
    size = math.gcd(*distances) or 1
    words = _DAYS.get(size, f"{size // _DAY} days" if size % _DAY == 0 else "period")
    return CalendarScale(labels, np.array(distances) / size, words, "days", size)


def _is_number(label: Any) -> bool:
    return isinstance(label, int | float | np.integer | np.floating) and not isinstance(label, bool)


def _moment(label: Any) -> pd.Timestamp:
    if isinstance(label, str):
        moment = pd.Timestamp(pd.to_datetime(label, format="ISO8601"))
    elif isinstance(label, date | np.datetime64):
        moment = pd.Timestamp(label)
    else:
        raise TypeError
    if pd.isna(moment):
        raise TypeError
    # By the clock on the wall: a week with a change of clocks is no shorter than the others.
    return moment.tz_localize(None)


def _months(moment: pd.Timestamp) -> int:
    return 12 * moment.year + moment.month


def _nanoseconds(moment: pd.Timestamp) -> int:
    return int(moment.as_unit("ns").value)
