"""Months of one authority as a control chart: signals only where the preconditions are met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from insight.core.period import MONTHS
from insight.errors import NotEnoughData, UsageError
from insight.studies._benchmarks import Cell

if TYPE_CHECKING:
    from insight.stats.rows import Floats
    from insight.stats.spc import ControlChart

SHOWN, BASELINE = 60, 24
"""Months that the chart shows, the newest ones, and those of them, from the first on, that set its limits."""
LEARNT, FEWEST_YEARS = 60, 3
"""Months before the shown ones that a season is learnt from, and how often each calendar month must be among them."""


@dataclass(frozen=True, eq=False)
class Months:
    """Limits and signals of the newest months.

    Parameters
    ----------
    chart : ControlChart or None
        None with ``reason``.
    cells : tuple of Cell
        The months shown, oldest first.
    season_removed : bool
        Whether the values are less the usual difference of their month, as learnt before the months shown.
    reason : str
        Why there is no chart; "" where there is one.
    season_words : str
        Where the season was learnt, or why it was not; "" where the months do not differ.
    """

    chart: ControlChart | None
    cells: tuple[Cell, ...]
    season_removed: bool
    reason: str
    season_words: str = ""


def months_of(cells: tuple[Cell, ...]) -> Months:
    """The control chart of the newest months; where the months differ, the season is taken out.

    It is learnt from the months before the shown ones. Learnt from the baseline, it would take part of the chance out
    of the baseline too, so that the limits were too narrow for every later month.
    """
    from insight.stats.spc import control_chart

    shown, before = cells[-SHOWN:], cells[-SHOWN - LEARNT : -SHOWN]
    frame = pd.DataFrame({"period": [c.period for c in shown], "value": _values(shown), "month": _calendar(shown)})
    made = partial(
        control_chart, value="value", period="period", frequency="monthly", baseline=BASELINE, season="month"
    )
    try:
        plain = made(frame)
        if not any("months differ" in reason for reason in plain.reasons):
            return Months(plain, shown, False, "")
        if _years(before) < FEWEST_YEARS:
            why = f"Fewer than {FEWEST_YEARS} years before them have figures, so their season cannot be taken out."
            return Months(plain, shown, False, "", why)
        chart = made(frame.assign(value=_without_season(before, shown)), season_removed=True)
    except (NotEnoughData, UsageError) as error:
        return Months(None, shown, False, error.found)
    first, last = month_words(before[0].period), month_words(before[-1].period)
    return Months(chart, shown, True, "", f"The usual difference of each month was learnt from {first} to {last}.")


def _without_season(before: tuple[Cell, ...], shown: tuple[Cell, ...]) -> Floats:
    """The months shown, less what their calendar month usually differs by, as the months before them have it."""
    from insight.stats.spc_preconditions import remove_season

    both = (*before, *shown)
    return remove_season(_values(both), seasons=_calendar(both), fitted_on=len(before))[len(before) :]


def _values(cells: Sequence[Cell]) -> Floats:
    return np.array([np.nan if cell.value is None else cell.value for cell in cells], dtype=np.float64)


def _calendar(cells: Sequence[Cell]) -> list[int]:
    return [cell.period % 100 for cell in cells]


def _years(cells: Sequence[Cell]) -> int:
    """How many figures the calendar month with the fewest has."""
    seen = [cell.period % 100 for cell in cells if cell.value is not None]
    return min(seen.count(month) for month in range(1, 13))


def month_words(period: int) -> str:
    """A month by its label.

    >>> month_words(202304)
    'April 2023'
    """
    return f"{MONTHS[period % 100 - 1]} {period // 100}"
