"""Run charts: points and their median, without signals, for series too short or too rare for limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insight.errors import NotEnoughData, UsageError
from insight.stats.rows import as_floats


@dataclass(frozen=True, eq=False)
class RunChart:
    """Points around their median.

    Parameters
    ----------
    cells : DataFrame
        One row per period, in order: period, value, side ("above", "below", "on", or "" where there is no value).
    median : float
        Of the values that are there.
    n_points, n_missing : int
    n_above, n_below : int
    words : str
        Where the last point lies, in a sentence. No signal is claimed.
    """

    cells: pd.DataFrame
    median: float
    n_points: int
    n_missing: int
    n_above: int
    n_below: int
    words: str


def run_chart(frame: pd.DataFrame, *, value: str, period: str) -> RunChart:
    """Points and their median, as annual series get.

    Parameters
    ----------
    frame : DataFrame
        One row per period; left as it was.
    value, period : str
        Columns; a missing value stays as a gap.

    Raises
    ------
    UsageError
        If a column cannot be used or a period stands twice.
    NotEnoughData
        With fewer than two values.

    Notes
    -----
    Perla, Provost & Murray (2011), The run chart, BMJ Qual Saf 20, 46-51. Their rules for signals need more points than
    an annual series has, so none are applied.
    """
    wrong = [name for name in (value, period) if (frame.columns == name).sum() != 1]
    if wrong:
        raise UsageError("a run chart", found=f"not exactly one column {wrong}", todo="name columns of the frame")
    rows = frame.sort_values(period, kind="stable")
    if rows[period].isna().any() or rows[period].duplicated().any():
        raise UsageError("a run chart", found="a period that is missing or stands twice", todo="give one row each")
    values = as_floats(rows[value])
    seen = values[~np.isnan(values)]
    if len(seen) < 2:
        raise NotEnoughData("a run chart", found=f"{len(seen)} values", todo="wait for a second")
    median = float(np.median(seen))
    sides = [
        "" if np.isnan(each) else "above" if each > median else "below" if each < median else "on" for each in values
    ]
    last = int(np.flatnonzero(~np.isnan(values))[-1])
    where = {"above": "above the median", "below": "below the median", "on": "at the median"}[sides[last]]
    return RunChart(
        cells=pd.DataFrame({"period": rows[period].tolist(), "value": values, "side": sides}),
        median=median,
        n_points=len(seen),
        n_missing=len(values) - len(seen),
        n_above=sides.count("above"),
        n_below=sides.count("below"),
        words=f"The last of {len(seen)} points lies {where}; so few points allow no signal.",
    )
