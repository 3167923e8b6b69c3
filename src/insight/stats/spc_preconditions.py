"""What a series must meet before a control chart may mark a point, each in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from insight.core.check import Check
from insight.errors import UsageError
from insight.stats.distributions import f_tail
from insight.stats.rows import Codes, Floats

Frequency = Literal["weekly", "monthly", "quarterly", "annual"]

FEWEST_POINTS = 20
FEWEST_IN_BASELINE = 12
TWO_YEARS = {"weekly": 104, "monthly": 24}


@dataclass(frozen=True)
class Preconditions:
    """Whether a series may carry signals.

    Parameters
    ----------
    checks : tuple of Check
        In a fixed order: points, frequency, baseline, memory (correlation of neighbours), season.
    autocorrelation : float or None
        Of neighbouring points in the baseline.
    autocorrelation_p : float or None
        Ljung-Box test of it.
    season_p : float or None
        F test of the seasons, where two years are there.
    """

    checks: tuple[Check, ...]
    autocorrelation: float | None
    autocorrelation_p: float | None
    season_p: float | None

    @property
    def are_met(self) -> bool:
        """Whether no check failed."""
        return not self.reasons

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why there are no signals, a sentence each; empty where there may be."""
        return tuple(check.meaning for check in self.checks if check.passed is False)


def chart_preconditions(
    values: ArrayLike,
    *,
    frequency: Frequency,
    baseline: int = FEWEST_IN_BASELINE,
    seasons: ArrayLike | None = None,
    season_removed: bool = False,
    level: float = 0.05,
) -> Preconditions:
    """Whether a series may carry the signals of a control chart.

    Parameters
    ----------
    values : (n,) array of float
        In order of time; missing where a period has no value. For shares and rates, distances from the centre in
        standard deviations, so that sizes do not matter.
    frequency : {"weekly", "monthly", "quarterly", "annual"}
    baseline : int
        Points from the first on that set the limits.
    seasons : (n,) array, optional
        The calendar month of each point. Monthly points without it are taken to follow each other, so that every
        twelfth is of one month.
    season_removed : bool
        True where the values are already free of season, as by `remove_season`.
    level : float
        Below which a p-value fails a check.

    Raises
    ------
    UsageError
        If the frequency or a length is wrong.

    Notes
    -----
    Memory is tested within the baseline alone: a real change later would look like memory. Ljung & Box (1978),
    Biometrika 65, 297-303, at lag 1. Season: F test of the calendar months beside a straight line, over
    all points, from two years on.
    """
    series = np.asarray(values, dtype=np.float64).reshape(-1)
    if frequency not in ("weekly", "monthly", "quarterly", "annual"):
        raise UsageError(
            "a control chart", found=f"frequency={frequency!r}", todo="say weekly, monthly, quarterly or annual"
        )
    months = None if seasons is None else pd.factorize(np.asarray(seasons).reshape(-1))[0].astype(np.int64)
    if months is not None and len(months) != len(series):
        raise UsageError("a control chart", found=f"{len(series)} values, {len(months)} seasons", todo="give one each")
    if months is None and frequency == "monthly":
        months = np.arange(len(series), dtype=np.int64) % 12
    memory, correlation, memory_p = _memory(series[:baseline], level)
    season, season_p = _season(series, months, frequency, season_removed, level)
    checks = (_enough(series), _often(frequency), _frozen(series, baseline), memory, season)
    return Preconditions(checks, correlation, memory_p, season_p)


def remove_season(values: ArrayLike, *, seasons: ArrayLike, fitted_on: int | None = None) -> Floats:
    """Values less the usual difference of their season, so that only change is left.

    Parameters
    ----------
    values : (n,) array of float
        In order of time, missing where a period has no value.
    seasons : (n,) array
        The calendar month, or quarter, of each.
    fitted_on : int, optional
        Points from the first on that the seasons are learnt from; all where None. Limits ask for a season that was
        learnt from points before their baseline: see the notes.

    Returns
    -------
    (n,) array of float
        With the same mean over the points learnt from.

    Raises
    ------
    UsageError
        If lengths differ, or a season is not seen in two years among the points learnt from.

    Notes
    -----
    Least squares of the values on seasons and a straight line (seasonal dummies: Hyndman & Athanasopoulos, Forecasting:
    Principles and Practice). Unlike a moving average it keeps the ends, and two years suffice.

    The points learnt from come out less spread than they were, and all others more. After two years of months it is
    about 0.7 and 1.2 standard deviations. Limits that were set by the former would mark the latter far too often.
    """
    series = np.asarray(values, dtype=np.float64).reshape(-1)
    codes = pd.factorize(np.asarray(seasons).reshape(-1))[0].astype(np.int64)
    upto = len(series) if fitted_on is None else fitted_on
    seen = np.flatnonzero(~np.isnan(series[:upto]))
    counts = np.bincount(codes[seen], minlength=int(codes.max(initial=-1)) + 1)
    if len(codes) != len(series) or not len(seen) or counts.min() < 2 or len(counts) < 2:
        raise UsageError(
            "taking the season out",
            found=f"{len(series)} values, {len(codes)} seasons, and a season seen less than twice in {upto} points",
            todo="give two whole years to learn the seasons from",
        )
    effects = _season_effects(series[seen], codes[seen], seen.astype(float), len(counts))
    effects = effects - effects[codes[seen]].mean()
    return np.asarray(series - effects[codes], dtype=np.float64)


def _season_effects(values: Floats, codes: Codes, times: Floats, n_seasons: int) -> Floats:
    design = np.column_stack([np.eye(n_seasons)[codes], times - times.mean()])
    return np.asarray(np.linalg.lstsq(design, values, rcond=None)[0][:-1], dtype=np.float64)


def _enough(series: Floats) -> Check:
    n = int((~np.isnan(series)).sum())
    return Check("enough points", n >= FEWEST_POINTS, f"{n} points; signals need at least {FEWEST_POINTS}.")


def _often(frequency: str) -> Check:
    fine = frequency in TWO_YEARS
    words = f"The points are {frequency}." if fine else f"{frequency.title()} points get a run chart, without signals."
    return Check("weekly or monthly", fine, words)


def _frozen(series: Floats, baseline: int) -> Check:
    n = int((~np.isnan(series[:baseline])).sum())
    words = f"The limits are set by the first {n} points and stay."
    if n < FEWEST_IN_BASELINE:
        words = f"The limits rest on {n} points; at least {FEWEST_IN_BASELINE} are needed."
    return Check("frozen baseline", n >= FEWEST_IN_BASELINE, words)


def _memory(series: Floats, level: float) -> tuple[Check, float | None, float | None]:
    name, seen = "points without memory", series[~np.isnan(series)]
    if len(seen) < FEWEST_IN_BASELINE or np.ptp(seen) == 0:
        words = "Whether neighbouring points depend on each other cannot be tested: too few points that differ."
        return Check(name, False, words), None, None
    # A pair across a gap is no pair of neighbours.
    away = np.where(np.isnan(series), 0.0, series - seen.mean())
    correlation = float((away[1:] * away[:-1]).sum() / (away**2).sum())
    n = len(seen)
    p = math.erfc(math.sqrt(n * (n + 2) * correlation**2 / (n - 1) / 2))
    if p < level:
        words = f"Neighbouring points depend on each other (correlation {correlation:.2f}): the limits would mislead."
        return Check(name, False, words), correlation, p
    words = f"No sign that neighbouring points depend on each other (correlation {correlation:.2f}, p {p:.2f})."
    if n < FEWEST_POINTS:
        words += f" With {n} points only a strong one would show."
    return Check(name, True, words), correlation, p


def _season(
    series: Floats, months: Codes | None, frequency: str, season_removed: bool, level: float
) -> tuple[Check, float | None]:
    name = "no season"
    if season_removed:
        return Check(name, True, "The season was taken out beforehand."), None
    if frequency not in TWO_YEARS:
        return Check(name, None, "Not looked for."), None
    seen = np.flatnonzero(~np.isnan(series))
    if months is None or len(seen) < TWO_YEARS[frequency]:
        if frequency == "weekly":
            return Check(name, None, "Fewer than two years: a season cannot be told from a change."), None
        words = "Fewer than two years of months: a season cannot be told from a change."
        return Check(name, False, words), None
    p = _season_p(series[seen], pd.factorize(months[seen])[0].astype(np.int64), seen.astype(float))
    if p is None:
        return Check(name, False, "Whether there is a season cannot be tested: too few points of each month."), None
    if p < level:
        return Check(name, False, f"The months differ (p {p:.3f}): take the season out first."), p
    return Check(name, True, f"No sign of a season (p {p:.2f})."), p


def _season_p(values: Floats, codes: Codes, times: Floats) -> float | None:
    n_seasons = int(codes.max()) + 1
    free = len(values) - n_seasons - 1
    if n_seasons < 2 or free < n_seasons:
        return None
    line = np.column_stack([np.ones(len(values)), times - times.mean()])
    full = np.column_stack([np.eye(n_seasons)[codes], times - times.mean()])
    left_over = [
        float(((values - design @ np.linalg.lstsq(design, values, rcond=None)[0]) ** 2).sum())
        for design in (line, full)
    ]
    if left_over[1] <= 1e-12 * max(float(((values - values.mean()) ** 2).sum()), 1e-300):
        return 0.0
    statistic = (left_over[0] - left_over[1]) / (n_seasons - 1) / (left_over[1] / free)
    return f_tail(statistic, n_seasons - 1, free)
