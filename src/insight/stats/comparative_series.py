"""Comparative interrupted series: treated units against controls, with a trend of the difference between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import check_level
from insight.stats.panel_matrix import NEVER, LeftOut, PanelMatrix, panel_matrix
from insight.stats.permutation import PlaceboTest, placebo_interval
from insight.stats.rows import Floats
from insight.stats.series_steps import (
    Flags,
    SeriesOptions,
    SeriesScale,
    SeriesWindow,
    Weighting,
    comparative_steps,
    log_rates,
    period_positions,
    series_window,
    shares,
    staggered_steps,
)

__all__ = ["ComparativeSeries", "comparative_series", "comparative_steps", "staggered_steps"]

Codes = NDArray[np.int64] | None
_TERMS = ("step", "trend", "slope")
Inference = Literal["none", "permutation"]


@dataclass(frozen=True, eq=False)
class ComparativeSeries:
    """A comparative interrupted series.

    Parameters
    ----------
    estimate : Estimate
        The step, as a rate ratio (or a difference). It has an interval only where placebos were asked for and are
        enough.
    step : float
        The step on the scale of the regression: the logarithm of the ratio, or the difference.
    trend, slope : float or None
        Change per period of the difference between treated and controls, and change of that at the start; None where
        not asked for. Means over the starts, weighted as the step.
    by_unit : tuple of Estimate
        Each treated unit alone against the same controls, with key ``treated_<unit>``; ``value`` is None where that
        cannot be had, and the method says why.
    cells : DataFrame
        One row per start and period of its window: start, period, event_time, observed, exposure, treated_rate,
        control_rate, difference, fitted, expected, is_after. ``expected`` is what ``observed`` would be had the
        difference kept to its level and trend. Rates are geometric means for ``weighting="unit"``.
    controls : tuple
        The units compared with.
    placebos : array
        The step of each placebo choice, on the scale of ``step``; empty without inference.
    placebo_test : PlaceboTest or None
        How unusual the step is among them.
    method : str
    notes : tuple of str
    left_out : tuple of LeftOut
    """

    estimate: Estimate
    step: float
    trend: float | None
    slope: float | None
    by_unit: tuple[Estimate, ...]
    cells: pd.DataFrame
    controls: tuple[Any, ...]
    placebos: Floats
    placebo_test: PlaceboTest | None
    method: str
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, eq=False)
class _Case:
    """Everything that one call works on."""

    matrix: PanelMatrix
    treated: Flags
    controls: Flags
    periods: Flags
    codes: Codes
    options: SeriesOptions


def comparative_series(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    cohort: str,
    exposure: str | None = None,
    season: str | int | None = None,
    pre: float | None = None,
    gap: float = 0,
    trend: bool = True,
    slope: bool = False,
    weighting: Weighting = "event",
    scale: SeriesScale = "ratio",
    level: float = 0.95,
    inference: Inference = "none",
    draws: int = 999,
    seed: int | None = None,
    key: str = "comparative_its",
    term: str = "Change at the start, beyond trend and controls",
) -> ComparativeSeries:
    """Comparative interrupted series of treated units against never-treated ones.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period; left as it was.
    outcome, unit, period, cohort, exposure : str
        Columns, as for `panel_matrix`.
    season : str or int, optional
        Dummies of season on the difference: a column with each period's season, or the number of periods in a cycle.
        Treated and controls are always compared in the same period, so what they share of a season needs none.
    pre, gap, trend, slope, weighting, scale
        As for `SeriesOptions`. Without a trend, this is a difference-in-differences of log rates. With a slope, the
        step is read at the start itself.
    level : float
    inference : {"none", "permutation"}
        ``"permutation"`` gives the treated units' starts to untreated ones: every choice where at most ``draws`` are
        possible, otherwise ``draws`` of them drawn by ``seed``.
    draws : int
    seed : int, optional
        Needed only where choices are drawn.
    key, term : str

    Returns
    -------
    ComparativeSeries
        c in d_t = a + b (t - t0) + c post_t by least squares, every period alike; d_t is the log rate of the treated
        less that of the controls, t the calendar. c is how far d_t lies after the start from its own line. One b holds
        on both sides, so both inform it. Starts are fitted apart, each with all periods from it on, and averaged as
        `staggered_steps` says.

    Raises
    ------
    UsageError
        If a column or option cannot be used, or a seed is needed.
    NotEnoughData
        If there is no treated unit, no control, too few periods, or a period without any event.

    Notes
    -----
    Lopez Bernal, Cummins & Gasparrini (2018), Int J Epidemiology 47, 2082-2093, on controls in interrupted series;
    Linden (2015), Stata Journal 15, 480-500, for the form with a slope. No standard error is given: with few treated
    units it would rest on the residuals of one series. Rank the step among placebos instead.
    """
    check_level(level)
    options = SeriesOptions(pre, gap, trend, slope, weighting, scale)
    if inference not in ("none", "permutation") or draws < 1:
        raise UsageError(
            "a comparative series",
            found=f"inference={inference!r}, draws={draws}",
            todo="use none or permutation, and at least one draw",
        )
    matrix = panel_matrix(
        frame, outcome=outcome, unit=unit, period=period, cohort=cohort, exposure=exposure, is_count=scale == "ratio"
    )
    case, left_out = _case(matrix, options, _season_codes(frame, matrix.periods, period, season))
    coefs, cells = _fit(case)
    placebos, test = np.empty(0), None
    if inference == "permutation":
        placebos, n_lost = _placebo_steps(case, draws, seed)
        test = placebo_interval(coefs["step"], placebos, level=level)
    method = _method(options, season, inference, len(placebos))
    alone = _method(options, season, "none", 0)
    n_units = int(case.treated.sum() + case.controls.sum())
    n_rows = n_units * cells["period"].nunique()
    ends = (None, None) if test is None else (test.low, test.high)
    notes = _notes(case)
    if test is not None:
        notes += test.words + ((f"{n_lost} placebo choices have no number.",) if n_lost else ())
    return ComparativeSeries(
        estimate=_estimate(key, term, coefs["step"], ends, method, scale, level, n_rows, n_units),
        step=coefs["step"],
        trend=coefs.get("trend"),
        slope=coefs.get("slope"),
        by_unit=tuple(_alone(case, int(place), alone, level) for place in np.flatnonzero(case.treated)),
        cells=cells,
        controls=tuple(matrix.units[place] for place in np.flatnonzero(case.controls)),
        placebos=placebos,
        placebo_test=test,
        method=method,
        notes=notes,
        left_out=(*matrix.left_out, *left_out),
    )


def _season_codes(frame: pd.DataFrame, periods: tuple[Any, ...], period: str, season: str | int | None) -> Codes:
    if season is None:
        return None
    if isinstance(season, int):
        if season < 2:
            raise UsageError("dummies of season", found=f"season={season}", todo="give 2 or more periods in a cycle")
        return np.rint(period_positions(periods)).astype(np.int64) % season
    if season not in frame.columns:
        raise UsageError("dummies of season", found=f"no column {season!r}", todo="name a column of the frame")
    table = frame[[period, season]].dropna().drop_duplicates()
    if table[period].duplicated().any() or not set(periods) <= set(table[period]):
        raise UsageError(
            "dummies of season",
            found=f"periods without exactly one {season!r}",
            todo="give each period one season, the same for all units",
        )
    codes = pd.Series(pd.factorize(table[season], sort=True)[0], index=pd.Index(table[period]))
    return codes.loc[list(periods)].to_numpy(dtype=np.int64)


def _case(matrix: PanelMatrix, options: SeriesOptions, codes: Codes) -> tuple[_Case, tuple[LeftOut, ...]]:
    """Treated units, periods that all of them have, and the controls that are whole on those."""
    treated = matrix.ever_treated & (matrix.start > 0)
    asked = "a comparative series"
    left_out = [
        LeftOut(matrix.units[place], None, "treated in every period")
        for place in np.flatnonzero(matrix.ever_treated & ~treated)
    ]
    if not treated.any():
        raise NotEnoughData(
            asked,
            found="no unit with periods both before and after its start",
            todo="give a start that lies within the data",
        )
    if matrix.ever_treated.all():
        raise NotEnoughData(
            asked, found=f"all {len(matrix.units)} units treated", todo="add units that are never treated"
        )
    starts = sorted({int(each) for each in matrix.start[treated]})
    needed = np.zeros(matrix.outcome.shape, dtype=bool)
    for start in starts:
        rows = treated & (matrix.start == start)
        needed[np.ix_(rows, series_window(matrix, start=start, options=options, season_codes=codes).columns)] = True
    lacking = needed & ~matrix.is_there
    periods = ~lacking.any(axis=0)
    left_out += [
        LeftOut(None, matrix.periods[place], "a treated unit has no number") for place in np.flatnonzero(~periods)
    ]
    used = needed.any(axis=0) & periods
    whole = matrix.is_there[:, used].all(axis=1)
    controls = ~matrix.ever_treated & whole
    left_out += [
        LeftOut(matrix.units[place], None, "a control that lacks a period of the window")
        for place in np.flatnonzero(~matrix.ever_treated & ~whole)
    ]
    if not controls.any():
        raise NotEnoughData(
            asked, found="no control with a number in every period", todo="use a shorter window, or fill the gaps"
        )
    return _Case(matrix, treated, controls, periods, codes, options), tuple(left_out)


def _fit(case: _Case) -> tuple[dict[str, float], pd.DataFrame]:
    """Coefficients averaged over the starts, and the cells of each."""
    matrix, options = case.matrix, case.options
    found: list[dict[str, float]] = []
    weights, cells = [], []
    for start in sorted({int(each) for each in matrix.start[case.treated]}):
        window = series_window(matrix, start=start, options=options, season_codes=case.codes, periods=case.periods)
        chosen = case.treated & (matrix.start == start)
        ours = log_rates(matrix, window, chosen[None, :], options)[0]
        theirs = log_rates(matrix, window, case.controls[None, :], options)[0]
        if np.isnan(ours).any() or np.isnan(theirs).any():
            side = "treated units" if np.isnan(ours).any() else "controls"
            raise NotEnoughData(
                f"a comparative series around {matrix.periods[start]}",
                found=f"a period without any event among the {side}",
                todo="use longer periods, or a method for counts with zeros",
            )
        coefs = window.weights @ (ours - theirs)
        found.append(dict(zip(window.terms, coefs.tolist(), strict=True)))
        weights.append(float(shares(matrix, window, chosen[None, :], options)[0]))
        cells.append(_cells(case, window, start, ours, theirs, coefs))
    if sum(weights) <= 0:
        weights = [1.0] * len(weights)
    names = [name for name in _TERMS if name in found[0]]
    means = {name: float(np.average([each[name] for each in found], weights=weights)) for name in names}
    return means, pd.concat(cells, ignore_index=True)


def _cells(case: _Case, window: SeriesWindow, start: int, ours: Floats, theirs: Floats, coefs: Floats) -> pd.DataFrame:
    matrix, is_ratio = case.matrix, case.options.scale == "ratio"
    chosen = case.treated & (matrix.start == start)
    observed = matrix.outcome[np.ix_(chosen, window.columns)].sum(axis=0)
    exposed = matrix.exposure[np.ix_(chosen, window.columns)].sum(axis=0)
    changes = [place for place, name in enumerate(window.terms) if name in ("step", "slope")]
    fitted = window.design @ coefs
    beyond = ours - theirs - fitted + window.design[:, changes] @ coefs[changes]
    return pd.DataFrame(
        {
            "start": [matrix.periods[start]] * len(window.columns),
            "period": [matrix.periods[place] for place in window.columns],
            "event_time": window.event_time,
            "observed": observed,
            "exposure": exposed,
            "treated_rate": np.exp(ours) if is_ratio else ours,
            "control_rate": np.exp(theirs) if is_ratio else theirs,
            "difference": ours - theirs,
            "fitted": fitted,
            # Taken off on the scale of the regression, so that it keeps to the weighting chosen.
            "expected": observed * np.exp(-beyond) if is_ratio else observed - exposed * beyond,
            "is_after": window.is_after,
        }
    )


def _placebo_steps(case: _Case, draws: int, seed: int | None) -> tuple[Floats, int]:
    """The step of each placebo choice that has one, and how many have none."""
    starts = _placebo_starts(case, draws, seed)
    options = case.options
    steps = staggered_steps(
        case.matrix,
        starts=starts,
        controls=case.controls,
        pre=options.pre,
        gap=options.gap,
        season_codes=case.codes,
        trend=options.trend,
        slope=options.slope,
        weighting=options.weighting,
        scale=options.scale,
        periods=case.periods,
    )
    kept = steps[np.isfinite(steps)]
    return kept, len(steps) - len(kept)


def _placebo_starts(case: _Case, draws: int, seed: int | None) -> Floats:
    """(M, N) start positions of placebo choices, enumerated where they are few."""
    given = np.sort(case.matrix.start[case.treated])
    places = np.flatnonzero(case.controls)
    n, k = len(places), len(given)
    if k >= n:
        raise NotEnoughData(
            "placebo choices", found=f"{n} controls for {k} treated units", todo="use more controls than treated units"
        )
    is_common = given[0] == given[-1]
    if (math.comb(n, k) if is_common else math.perm(n, k)) <= draws:
        # Orders that give the same units the same starts are one choice.
        choices = combinations(places, k) if is_common else permutations(places, k)
        found = {tuple(sorted(zip(given.tolist(), each, strict=True))): each for each in choices}
        chosen = np.array(list(found.values()))
    else:
        if seed is None:
            raise UsageError(
                "placebo choices", found=f"more than {draws} of them and no seed", todo="give a seed, or more draws"
            )
        generator = np.random.default_rng(seed)
        chosen = np.array([generator.permutation(places)[:k] for _ in range(draws)])
    starts = np.full((len(chosen), len(case.matrix.units)), NEVER)
    np.put_along_axis(starts, chosen, np.broadcast_to(given, chosen.shape), axis=1)
    return starts


def _alone(case: _Case, place: int, method: str, level: float) -> Estimate:
    matrix, options = case.matrix, case.options
    flags = np.zeros(len(matrix.units), dtype=bool)
    flags[place] = True
    step = comparative_steps(
        matrix,
        start=int(matrix.start[place]),
        assignments=flags[None, :],
        controls=case.controls,
        pre=options.pre,
        gap=options.gap,
        season_codes=case.codes,
        trend=options.trend,
        slope=options.slope,
        weighting=options.weighting,
        scale=options.scale,
        periods=case.periods,
    )[0]
    name = matrix.units[place]
    return _estimate(
        f"treated_{name}",
        f"{name} alone, beyond trend and controls",
        float(step) if np.isfinite(step) else None,
        (None, None),
        method if np.isfinite(step) else f"{method}; no number: this unit has a period without events",
        options.scale,
        level,
        None,
        1 + int(case.controls.sum()),
    )


def _estimate(
    key: str,
    term: str,
    step: float | None,
    ends: tuple[float | None, float | None],
    method: str,
    scale: SeriesScale,
    level: float,
    n_rows: int | None,
    n_units: int,
) -> Estimate:
    is_ratio = scale == "ratio"
    values = [None if each is None else math.exp(each) if is_ratio else each for each in (step, *ends)]
    return Estimate(
        key=key,
        term=term,
        value=values[0],
        unit="rate ratio" if is_ratio else "units of the outcome",
        scale="ratio" if is_ratio else "difference",
        method=method,
        low=values[1],
        high=values[2],
        level=level,
        null=1.0 if is_ratio else 0.0,
        n_rows=n_rows,
        n_units=n_units,
    )


def _method(options: SeriesOptions, season: str | int | None, inference: str, n_placebos: int) -> str:
    terms = ["a step"] + ["a trend"] * options.trend + ["a slope"] * options.slope
    terms += ["seasons"] * (season is not None)
    measure = "log rates" if options.scale == "ratio" else "rates"
    units = "pooled over units" if options.weighting == "event" else "averaged over units"
    said = f"placebo interval from {n_placebos} choices of controls" if inference == "permutation" else "no interval"
    return (
        f"difference of {measure}, {units}, between treated and controls on {', '.join(terms)}; "
        f"least squares, every period alike; {said}"
    )


def _notes(case: _Case) -> tuple[str, ...]:
    options, matrix = case.options, case.matrix
    units = case.treated | case.controls
    zeros = (matrix.outcome[:, case.periods] == 0).any(axis=1) & units
    notes = []
    if options.scale == "ratio" and zeros.any():
        how = "pooled with others" if options.weighting == "event" else "pooled with one another, and weigh as many"
        notes.append(f"{int(zeros.sum())} units have a period without events; they are {how}.")
    n_treated = int(case.treated.sum())
    if n_treated < 6:
        notes.append(f"With {n_treated} treated, rank the step among placebos; no standard error is given.")
    return tuple(notes)
