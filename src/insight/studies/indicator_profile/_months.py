"""Months of one authority as a control chart: signals only where the preconditions are met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from insight.core.period import MONTHS
from insight.errors import NotEnoughData, UsageError
from insight.studies._benchmarks import Cell

if TYPE_CHECKING:
    from insight.stats.spc import ControlChart

SHOWN, BASELINE = 60, 24
"""Months that the chart shows, the newest ones, and those of them, from the first on, that set its limits."""


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
        Whether the values are less the usual difference of their month, as learnt in the baseline.
    reason : str
    """

    chart: ControlChart | None
    cells: tuple[Cell, ...]
    season_removed: bool
    reason: str


def months_of(cells: tuple[Cell, ...]) -> Months:
    """The control chart of the newest months; the season is taken out where the months differ."""
    from insight.stats.spc import control_chart
    from insight.stats.spc_preconditions import remove_season

    shown = cells[-SHOWN:]
    frame = pd.DataFrame(
        {
            "period": [cell.period for cell in shown],
            "value": pd.array([cell.value for cell in shown], dtype="Float64").to_numpy(float, na_value=float("nan")),
            "month": [cell.period % 100 for cell in shown],
        }
    )
    try:
        plain = control_chart(
            frame, value="value", period="period", frequency="monthly", baseline=BASELINE, season="month"
        )
        if not any("months differ" in reason for reason in plain.reasons):
            return Months(plain, shown, False, "")
        adjusted = remove_season(frame["value"], seasons=frame["month"], fitted_on=BASELINE)
        chart = control_chart(
            frame.assign(value=adjusted),
            value="value",
            period="period",
            frequency="monthly",
            baseline=BASELINE,
            season="month",
            season_removed=True,
        )
    except (NotEnoughData, UsageError) as error:
        return Months(None, shown, False, error.found)
    return Months(chart, shown, True, "")


def month_words(period: int) -> str:
    """A month by its label.

    >>> month_words(202304)
    'April 2023'
    """
    return f"{MONTHS[period % 100 - 1]} {period // 100}"
