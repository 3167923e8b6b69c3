"""The step of treated units against controls around a start, for many assignments at once.

The step is linear in the differences of log rates, so a thousand placebo assignments cost one product of matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from insight.errors import NotEnoughData, UsageError
from insight.stats.calendar_scale import calendar_scale
from insight.stats.panel_matrix import PanelMatrix
from insight.stats.rows import Floats

Flags = NDArray[np.bool_]
Weighting = Literal["event", "unit"]
SeriesScale = Literal["ratio", "difference"]


@dataclass(frozen=True)
class SeriesOptions:
    """How a comparative series is fitted.

    Parameters
    ----------
    pre, gap : float
        Calendar periods used before the start, all where None, and those left out directly before it.
    trend, slope : bool
        A trend of the difference, common to both sides of the start; a change of it there.
    weighting : {"event", "unit"}
        Pooled rates, or the mean of the units' log rates.
    scale : {"ratio", "difference"}
        Log rates, or rates.

    Raises
    ------
    UsageError
        If an option cannot be used.
    """

    pre: float | None = None
    gap: float = 0
    trend: bool = True
    slope: bool = False
    weighting: Weighting = "event"
    scale: SeriesScale = "ratio"

    def __post_init__(self) -> None:
        if self.weighting not in ("event", "unit") or self.scale not in ("ratio", "difference"):
            raise UsageError(
                "a comparative series",
                found=f"weighting={self.weighting!r}, scale={self.scale!r}",
                todo="use event or unit, and ratio or difference",
            )
        if self.gap < 0 or (self.pre is not None and self.pre <= 0) or (self.slope and not self.trend):
            raise UsageError(
                "a comparative series",
                found=f"pre={self.pre}, gap={self.gap}, trend={self.trend}, slope={self.slope}",
                todo="give positive periods, and a slope only with a trend",
            )


@dataclass(frozen=True, eq=False)
class SeriesWindow:
    """The periods around one start and the regression on them.

    Parameters
    ----------
    columns : (W,) int array
        Positions of the periods used.
    event_time : (W,) array
        Calendar distance from the start.
    design : (W, k) array
    weights : (k, W) array
        Least squares: ``weights @ d`` gives the coefficients of d.
    terms : tuple of str
        Names of the columns of ``design``: level, step, trend, slope, then seasons.
    """

    columns: NDArray[np.intp]
    event_time: Floats
    design: Floats
    weights: Floats
    terms: tuple[str, ...]

    @property
    def is_after(self) -> Flags:
        """(W,): whether a period lies at or after the start."""
        return self.event_time >= 0


def comparative_steps(
    matrix: PanelMatrix,
    *,
    start: int,
    assignments: Flags,
    controls: Flags | None = None,
    pre: float | None = None,
    gap: float = 0,
    season_codes: NDArray[np.int64] | None = None,
    trend: bool = True,
    slope: bool = False,
    weighting: Weighting = "event",
    scale: SeriesScale = "ratio",
    periods: Flags | None = None,
) -> Floats:
    """The step of many assignments of treatment that share a start.

    Parameters
    ----------
    matrix : PanelMatrix
        N units by T periods.
    start : int
        Position of the first period after.
    assignments : (M, N) bool array
        Who counts as treated, one row per assignment.
    controls : (N,) bool array, optional
        Who may be a control; the never treated where not given. In each assignment its own treated are none, nor are
        units that lack a period of the window.
    pre, gap, trend, slope, weighting, scale
        As for `SeriesOptions`.
    season_codes : (T,) int array, optional
        Season of each period, for dummies. What treated and controls share of a season is gone without them.
    periods : (T,) bool array, optional
        Periods that may be used at all.

    Returns
    -------
    (M,) array
        c in d_t = a + b (t - t0) + c post_t: log ratios, or differences. NaN for an assignment without a control, with
        a treated unit that lacks a period, or with a period in which a side has no event.

    Raises
    ------
    UsageError
        If an option cannot be used.
    NotEnoughData
        If the window has too few periods on a side of the start.

    Notes
    -----
    With ``weighting="unit"``, units that have a period without events in the window are pooled before the logarithm is
    taken, and weigh as many as they are.
    """
    options = SeriesOptions(pre, gap, trend, slope, weighting, scale)
    window = series_window(matrix, start=start, options=options, season_codes=season_codes, periods=periods)
    chosen = np.atleast_2d(np.asarray(assignments, dtype=bool))
    pool = _pool(matrix, controls) & _is_whole(matrix, window)
    differences = log_rates(matrix, window, chosen, options) - log_rates(matrix, window, pool & ~chosen, options)
    result: Floats = differences @ window.weights[1]
    return result


def staggered_steps(
    matrix: PanelMatrix,
    *,
    starts: Floats,
    controls: Flags | None = None,
    pre: float | None = None,
    gap: float = 0,
    season_codes: NDArray[np.int64] | None = None,
    trend: bool = True,
    slope: bool = False,
    weighting: Weighting = "event",
    scale: SeriesScale = "ratio",
    periods: Flags | None = None,
) -> Floats:
    """The mean step of many assignments of starts: ``starts`` is (M, N), ``numpy.inf`` for the untreated.

    Units with one start are compared together around it, and the steps averaged: by their events per period before it
    (``weighting="event"``; by exposure for differences) or by their number (``"unit"``). Nobody with a start in an
    assignment is a control in it. Other arguments, result and errors as for `comparative_steps`.
    """
    options = SeriesOptions(pre, gap, trend, slope, weighting, scale)
    table = np.atleast_2d(np.asarray(starts, dtype=float))
    treated = table < len(matrix.periods)
    pool = _pool(matrix, controls)
    total, weight = np.zeros(len(table)), np.zeros(len(table))
    for start in np.unique(table[treated]):
        rows = np.flatnonzero((table == start).any(axis=1))
        chosen = table[rows] == start
        window = series_window(matrix, start=int(start), options=options, season_codes=season_codes, periods=periods)
        others = log_rates(matrix, window, pool & _is_whole(matrix, window) & ~treated[rows], options)
        steps = (log_rates(matrix, window, chosen, options) - others) @ window.weights[1]
        share = shares(matrix, window, chosen, options)
        total[rows] += share * steps
        weight[rows] += share
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Floats = np.where(weight > 0, total / weight, np.nan)
    return result


def series_window(
    matrix: PanelMatrix,
    *,
    start: int,
    options: SeriesOptions,
    season_codes: NDArray[np.int64] | None = None,
    periods: Flags | None = None,
) -> SeriesWindow:
    """The periods around a start, and the least squares on them.

    Raises
    ------
    NotEnoughData
        If a side of the start has too few periods, or the terms cannot be told apart on them.
    """
    if not 0 <= start < len(matrix.periods):
        raise NotEnoughData(
            "a comparative series", found="a start outside the data", todo="give a start that lies within the periods"
        )
    positions = period_positions(matrix.periods)
    since = positions - positions[start]
    is_used = (since >= 0) | (since < -options.gap)
    if options.pre is not None:
        is_used &= since >= -options.gap - options.pre
    if periods is not None:
        is_used &= periods
    columns = np.flatnonzero(is_used)
    time = since[columns]
    after = (time >= 0).astype(float)
    parts = {"level": np.ones(len(columns)), "step": after}
    if options.trend:
        parts["trend"] = time
    if options.slope:
        parts["slope"] = after * time
    if season_codes is not None:
        codes = np.asarray(season_codes)[columns]
        parts |= {f"season {code}": (codes == code).astype(float) for code in np.unique(codes)[1:]}
    design = np.column_stack(list(parts.values()))
    _check_window(matrix, start, design, after)
    return SeriesWindow(columns, time, design, np.linalg.pinv(design), tuple(parts))


def period_positions(periods: Sequence[Any]) -> Floats:
    """Calendar distances of the periods from the first; their order where they have no calendar."""
    try:
        return calendar_scale(periods).positions
    except UsageError:
        return np.arange(len(periods), dtype=float)


def log_rates(matrix: PanelMatrix, window: SeriesWindow, flags: Flags, options: SeriesOptions) -> Floats:
    """(M, W): log rate (or rate) of each of M sets of units in the window.

    A row is NaN throughout where its set has no unit, lacks a period of a unit, or has a period without events. Units
    that lack a period are for the caller to leave out beforehand.
    """
    outcome, exposure = matrix.outcome[:, window.columns], matrix.exposure[:, window.columns]
    is_whole = _is_whole(matrix, window)
    outcome = np.where(is_whole[:, None], outcome, 0.0)
    exposure = np.where(is_whole[:, None], exposure, 1.0)
    chosen = flags.astype(float)
    count = chosen.sum(axis=1, keepdims=True)
    found: Floats
    with np.errstate(divide="ignore", invalid="ignore"):
        if options.weighting == "event":
            found = (chosen @ outcome) / (chosen @ exposure)
            found = np.log(found) if options.scale == "ratio" else found
        elif options.scale == "difference":
            found = (chosen @ (outcome / exposure)) / count
        else:
            has_zero = (outcome == 0).sum(axis=1) > 0
            logs = np.where(has_zero[:, None], 0.0, np.log(outcome / exposure))
            together = chosen * has_zero
            number = together.sum(axis=1, keepdims=True)
            pooled = np.where(number > 0, np.log((together @ outcome) / (together @ exposure)), 0.0)
            found = (chosen @ logs + number * pooled) / count
    useless = ~np.isfinite(found).all(axis=1) | (flags & ~is_whole).any(axis=1)
    found[useless] = np.nan
    return found


def shares(matrix: PanelMatrix, window: SeriesWindow, flags: Flags, options: SeriesOptions) -> Floats:
    """(M,): the weight of each set of treated units among several starts."""
    if options.weighting == "unit":
        counts: Floats = flags.sum(axis=1, dtype=np.float64)
        return counts
    before = window.columns[~window.is_after]
    amount = matrix.outcome[:, before] if options.scale == "ratio" else matrix.exposure[:, before]
    result: Floats = flags.astype(float) @ np.nan_to_num(amount).mean(axis=1)
    return result


def _pool(matrix: PanelMatrix, controls: Flags | None) -> Flags:
    return ~matrix.ever_treated if controls is None else np.asarray(controls, dtype=bool)


def _is_whole(matrix: PanelMatrix, window: SeriesWindow) -> Flags:
    """(N,): whether a unit has a number in every period of the window."""
    whole: Flags = matrix.is_there[:, window.columns].sum(axis=1) == len(window.columns)
    return whole


def _check_window(matrix: PanelMatrix, start: int, design: Floats, after: Floats) -> None:
    n_after, n = int(after.sum()), len(after)
    sized = design / np.sqrt((design**2).sum(axis=0)).clip(1e-300)
    enough = n > design.shape[1] and 0 < n_after < n
    if not enough or np.linalg.matrix_rank(sized, tol=1e-8) < design.shape[1]:
        raise NotEnoughData(
            f"a comparative series around {matrix.periods[start]}",
            found=f"{n - n_after} periods before and {n_after} after, for {design.shape[1]} terms",
            todo="use a longer window, or ask for fewer terms",
        )
