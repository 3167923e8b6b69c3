"""Control charts with limits that are set once: single values, shares and rates, plain and after Laney."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from insight.errors import NotEnoughData, UsageError
from insight.stats.rows import Floats, as_floats
from insight.stats.spc_preconditions import FEWEST_IN_BASELINE, Frequency, Preconditions, chart_preconditions
from insight.stats.spc_rules import Mark, find_marks

__all__ = ["ControlChart", "Mark", "control_chart"]

Kind = Literal["xmr", "p", "p_prime", "u", "u_prime"]

X_FACTOR = 2.66
"""Three standard deviations in mean moving ranges (3 / 1.128), as it is printed."""
RANGE_FACTOR = 3.267
"""Upper limit of a moving range, in mean moving ranges."""
RANGE_TO_SIGMA = 1.128
"""Expected range of two normal values, in standard deviations."""
_NAMES = {
    "xmr": "single values and moving ranges",
    "p": "shares (p chart)",
    "p_prime": "shares, Laney's p' chart",
    "u": "rates (u chart)",
    "u_prime": "rates, Laney's u' chart",
}


@dataclass(frozen=True, eq=False)
class ControlChart:
    """A control chart.

    Parameters
    ----------
    cells : DataFrame
        One row per period, in order: period, value, denominator (missing for single values), moving_range (of the value
        itself, or of the standardised one), centre, low, high, in_baseline.
    kind : str
    baseline : int
        Rows from the first on that set the limits. They are never set anew.
    centre : float
    mean_range : float
        Mean moving range in the baseline, after screening where that was asked for.
    range_limit : float
        Above which a moving range is itself unusual.
    sigma_z : float or None
        For shares and rates: by how many times the points vary more than chance alone would have them. Above 1 the
        plain chart's limits are too narrow: use p' or u'.
    n_screened : int
        Moving ranges that were left out of their mean.
    preconditions : Preconditions
    marks : tuple of Mark
        Empty unless every precondition is met.
    method : str
    notes : tuple of str
    """

    cells: pd.DataFrame
    kind: Kind
    baseline: int
    centre: float
    mean_range: float
    range_limit: float
    sigma_z: float | None
    n_screened: int
    preconditions: Preconditions
    marks: tuple[Mark, ...]
    method: str
    notes: tuple[str, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why no point may be marked; empty where points may be."""
        return self.preconditions.reasons


def control_chart(
    frame: pd.DataFrame,
    *,
    value: str,
    period: str,
    frequency: Frequency,
    kind: Kind = "xmr",
    denominator: str | None = None,
    baseline: int = FEWEST_IN_BASELINE,
    screen: bool = False,
    season: str | None = None,
    season_removed: bool = False,
    multiplier: float = 1.0,
) -> ControlChart:
    """A control chart whose limits are set by its first points.

    Parameters
    ----------
    frame : DataFrame
        One row per period; left as it was.
    value, period : str
        Columns: single values for ``xmr``, counts for the others; and what orders the rows.
    frequency : {"weekly", "monthly", "quarterly", "annual"}
        Quarterly and annual points get limits but never marks; `run_chart` suits them better.
    kind : {"xmr", "p", "p_prime", "u", "u_prime"}
        Single values; shares of a denominator; counts per unit of exposure. Laney's take in what varies beyond chance.
    denominator : str, optional
        Column, for all but ``xmr``.
    baseline : int
        Periods from the first on that set the limits, 12 or more. Never set anew by the program.
    screen : bool
        Leave moving ranges above 3.267 times their mean out of the mean, once.
    season : str, optional
        Column of the calendar month. ``season_removed`` says that the values are free of season already.
    multiplier : float
        Shares and rates are given per so many, such as 100.

    Raises
    ------
    UsageError
        If a column or option cannot be used, a period stands twice, or a count cannot be.
    NotEnoughData
        With fewer than 12 values in the baseline, or values that never change.

    Notes
    -----
    Limits of single values at 2.66 mean moving ranges (Shewhart 1931; Wheeler 2000). Laney (2002), Improved control
    charts for attributes, Qual Eng 14, 531-537: limits of chance times the mean moving range of the standardised values
    over 1.128. Rules as in `find_marks`.
    """
    _check_call(frame, value, period, kind, denominator, season, multiplier)
    rows = frame.sort_values(period, kind="stable")
    if rows[period].isna().any() or rows[period].duplicated().any():
        raise UsageError("a control chart", found="a period that is missing or stands twice", todo="give one row each")
    counts = as_floats(rows[value])
    sizes = None if denominator is None else _sizes(as_floats(rows[denominator]), counts, kind)
    shown = counts if sizes is None else counts / sizes
    n_used = int((~np.isnan(shown[:baseline])).sum())
    if baseline < FEWEST_IN_BASELINE or n_used < FEWEST_IN_BASELINE:
        raise NotEnoughData(
            "a control chart",
            found=f"{n_used} values in a baseline of {baseline} periods",
            todo=f"set the limits by {FEWEST_IN_BASELINE} or more",
        )
    if np.ptp(shown[:baseline][~np.isnan(shown[:baseline])]) == 0:
        raise NotEnoughData("a control chart", found="a baseline that never changes", todo="use another measure")
    lines = _lines(shown, sizes, counts, kind, baseline, screen)
    preconditions = chart_preconditions(
        lines.standard,
        frequency=frequency,
        baseline=baseline,
        seasons=None if season is None else rows[season].to_numpy(),
        season_removed=season_removed,
    )
    periods = tuple(rows[period].tolist())
    marks = find_marks(shown, lines.centre, lines.low, lines.high, periods) if preconditions.are_met else ()
    cells = pd.DataFrame(
        {
            "period": periods,
            "value": shown * multiplier,
            "denominator": np.nan if sizes is None else sizes,
            "moving_range": lines.ranges * (multiplier if sizes is None else 1.0),
            "centre": lines.centre * multiplier,
            "low": lines.low * multiplier,
            "high": lines.high * multiplier,
            "in_baseline": np.arange(len(shown)) < baseline,
        }
    )
    scale = multiplier if sizes is None else 1.0
    return ControlChart(
        cells=cells,
        kind=kind,
        baseline=baseline,
        centre=float(lines.centre[0]) * multiplier,
        mean_range=lines.mean_range * scale,
        range_limit=RANGE_FACTOR * lines.mean_range * scale,
        sigma_z=None if sizes is None else lines.mean_range / RANGE_TO_SIGMA,
        n_screened=lines.n_screened,
        preconditions=preconditions,
        marks=marks,
        method=f"control chart of {_NAMES[kind]}; limits set by the first {baseline} periods"
        + (", moving ranges screened" if screen else ", moving ranges not screened"),
        notes=_notes(shown, lines, kind, screen),
    )


@dataclass(frozen=True, eq=False)
class _Lines:
    centre: Floats
    low: Floats
    high: Floats
    ranges: Floats
    standard: Floats
    mean_range: float
    n_screened: int


def _lines(shown: Floats, sizes: Floats | None, counts: Floats, kind: str, baseline: int, screen: bool) -> _Lines:
    first = slice(0, baseline)
    used = ~np.isnan(shown[first])
    if sizes is None:
        middle, spread = float(shown[first][used].mean()), np.ones(len(shown))
    else:
        middle = float(counts[first][used].sum() / sizes[first][used].sum())
        spread = np.sqrt(middle * (1 - middle if kind in ("p", "p_prime") else 1.0) / sizes)
    standard = (shown - middle) / spread
    ranges = np.concatenate([[np.nan], np.abs(np.diff(standard))])
    mean_range, n_screened = _mean_range(ranges[first], screen)
    if kind in ("p", "u"):
        half = 3 * spread
    else:
        half = (X_FACTOR * mean_range if sizes is None else 3 * mean_range / RANGE_TO_SIGMA) * spread
    low, high = middle - half, middle + half
    if sizes is not None:
        low = np.clip(low, 0.0, None)
    if kind in ("p", "p_prime"):
        high = np.clip(high, None, 1.0)
    return _Lines(np.full(len(shown), middle), low, high, ranges, standard, mean_range, n_screened)


def _mean_range(ranges: Floats, screen: bool) -> tuple[float, int]:
    seen = ranges[~np.isnan(ranges)]
    if not len(seen) or seen.mean() == 0:
        raise NotEnoughData("a control chart", found="no two neighbouring values that differ", todo="fill the gaps")
    kept = seen[seen < RANGE_FACTOR * seen.mean()] if screen else seen
    return float(kept.mean()), len(seen) - len(kept)


def _sizes(sizes: Floats, counts: Floats, kind: str) -> Floats:
    there = ~np.isnan(counts)
    bad = there & ((counts < 0) | (sizes <= 0) | (kind in ("p", "p_prime") and counts > sizes))
    if bad.any():
        raise UsageError(
            "a control chart",
            found="a negative count, a denominator that is not positive, or a count above its denominator",
            todo="mend those rows, or leave their value missing",
        )
    return np.asarray(np.where(there, sizes, np.nan))


def _check_call(
    frame: pd.DataFrame,
    value: str,
    period: str,
    kind: str,
    denominator: str | None,
    season: str | None,
    multiplier: float,
) -> None:
    names = [name for name in (value, period, denominator, season) if name is not None]
    wrong = [name for name in names if (frame.columns == name).sum() != 1]
    needs_sizes = kind != "xmr"
    if kind not in _NAMES or wrong or needs_sizes != (denominator is not None) or not multiplier > 0:
        raise UsageError(
            "a control chart",
            found=f"kind={kind!r}, denominator={denominator!r}, multiplier={multiplier}, no column {wrong}",
            todo="choose xmr without a denominator, or p, p_prime, u or u_prime with one; name columns of the frame",
        )


def _notes(shown: Floats, lines: _Lines, kind: str, screen: bool) -> tuple[str, ...]:
    notes = []
    gaps = int(np.isnan(shown).sum())
    if gaps:
        notes.append(f"{gaps} periods have no value: no moving range and no run goes across them.")
    if screen:
        notes.append(f"{lines.n_screened} moving ranges above {RANGE_FACTOR} times their mean do not count.")
    if kind == "xmr":
        return tuple(notes)
    sigma_z = lines.mean_range / RANGE_TO_SIGMA
    words = f"Neighbouring points differ {sigma_z:.2f} times as much as chance alone would have them (sigma z)."
    if kind in ("p", "u") and sigma_z > 1.1:
        words += f" These limits are too narrow: use {kind}'."
    if kind in ("p_prime", "u_prime") and sigma_z < 1:
        words += f" A plain {kind[0]} chart would do."
    return (*notes, words)
