"""Effects of a staggered start by cohort and period, each against untreated units only, and their summaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.stats.aggregation import PART_NAMES, Aggregation, Kind, Window, summarise
from insight.stats.distributions import normal_quantile
from insight.stats.doubly_robust import Method
from insight.stats.group_time import Base, Control, Design, GroupTimes, group_times, usable_panel
from insight.stats.group_time_errors import PreTrend, can_carry_error, carries_error, pre_trend_test, refuse_few
from insight.stats.group_time_words import method_in_words, notes_on
from insight.stats.multiplier import Errors, Inference, Spread
from insight.stats.panel_columns import cluster_codes
from insight.stats.panel_matrix import LeftOut, panel_matrix
from insight.stats.rows import Floats


@dataclass(frozen=True, eq=False)
class CallawaySantAnna:
    """Group-time effects and what is made of them.

    Parameters
    ----------
    estimate : Estimate
        The mean over all treated cohort-periods, by size of cohort (``aggregate("simple")``).
    group_time : DataFrame
        One row per effect: ``cohort``, ``period``, ``event_time``, ``att``, ``std_error``, ``low``, ``high``,
        ``band_low``, ``band_high`` (uniform over all effects), ``n_treated``, ``n_control`` and ``reason`` where there
        is no estimate.
    influence : (N, K) array
        Influence of each unit on each effect; the columns stand in the order of ``group_time``.
    units : tuple
        The N units.
    pre_trend : PreTrend or None
        None without errors, or without effects before the starts that can be told apart.
    cells : DataFrame
        One row per treated unit and period from its start: observed, expected without treatment, difference.
    notes : tuple of str
        What a reader must know.
    left_out : tuple of LeftOut
    method : str
    effects : GroupTimes
        The parts that the summaries are made of.
    inference : Inference
    """

    estimate: Estimate
    group_time: pd.DataFrame
    influence: Floats
    units: tuple[Any, ...]
    pre_trend: PreTrend | None
    cells: pd.DataFrame
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    method: str
    effects: GroupTimes
    inference: Inference

    def aggregate(
        self,
        kind: Kind = "simple",
        *,
        balance: int | None = None,
        min_event: int | None = None,
        max_event: int | None = None,
    ) -> Aggregation:
        """Summarise the effects.

        Parameters
        ----------
        kind : {"simple", "group", "calendar", "dynamic"}
            Over everything, by cohort, by period, or by periods since the start.
        balance : int, optional
            With "dynamic": only cohorts that are seen for so many periods after their start, and no later event time,
            so that every event time from 0 on rests on the same cohorts.
        min_event, max_event : int, optional
            First and last event time; ``min_event`` with "dynamic" only.

        Raises
        ------
        UsageError
            If a bound has no meaning for the kind.
        NotEnoughData
            If no effect at or after a start is left.
        """
        return _aggregate(
            self.effects,
            self.inference,
            kind,
            Window(balance, min_event, max_event),
            like=self.estimate,
            method=self.method,
        )


def callaway_santanna(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    cohort: str,
    covariates: Sequence[str] = (),
    control: Control = "never_treated",
    base: Base = "varying",
    method: Method = "doubly_robust",
    anticipation: int = 0,
    cluster: str | None = None,
    weights: str | None = None,
    level: float = 0.95,
    errors: Errors = "analytic",
    n_draws: int = 999,
    seed: int = 2021,
    key: str = "callaway_santanna",
    term: str | None = None,
) -> CallawaySantAnna:
    """Effects of a staggered start, by cohort and period.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period; gaps are allowed.
    outcome, unit, period, cohort : str
        Columns. ``cohort`` is the first treated period in the terms of ``period``; missing or infinite is never.
    covariates : sequence of str
        Numbers; their value in the base period of each comparison is used.
    control : {"never_treated", "not_yet_treated"}
        Who is compared with: units never treated within the data, or also those that start later.
    base : {"varying", "universal"}
        Effects before the start: against the period just before (in the periods of anticipation too), or against the
        last period before the start and its anticipation.
    method : {"doubly_robust", "outcome_regression", "inverse_probability"}
        How covariates are used; without covariates all three are the same.
    anticipation : int
        Periods before the start in which units may already react.
    cluster : str, optional
        Column of larger groups, constant within units, by which errors are clustered; the unit by default.
    weights : str, optional
        Positive, one per unit.
    level : float
        Level of intervals and bands.
    errors : {"analytic", "bootstrap", "none"}
        Errors from influence functions, from the multiplier bootstrap, or none at all: estimates without an interval,
        which is the only choice with fewer than 6 treated units. Uniform bands come from the bootstrap in either case.
    n_draws, seed : int
        Of the multiplier bootstrap.
    key, term : str
        Of the estimate.

    Returns
    -------
    CallawaySantAnna

    Raises
    ------
    UsageError
        If a column or a choice cannot be used.
    NotEnoughData
        If nobody is treated after the first period, there is no control, or no effect can be estimated.
    MethodRefused
        If errors are asked of fewer than 6 treated units (clusters where named), or fewer than 6 controls.

    Notes
    -----
    Callaway & Sant'Anna (2021), J Econometrics 225, 200-230. A comparison of two periods uses the units seen in both.
    Event time counts the periods that occur in the data. Units treated in the first period are left out and named.
    An effect that rests on fewer than 6 treated units has no error of its own. A start in a gap between periods counts
    from the next period there is. Every effect rests on one base period; with noisy periods an imputation of the
    untreated outcome, which uses them all, is more precise.
    """
    design = Design(control, base, method, anticipation)
    laid_out = panel_matrix(
        frame, outcome=outcome, unit=unit, period=period, cohort=cohort, weights=weights, covariates=covariates
    )
    panel = usable_panel(laid_out, anticipation=anticipation)
    inference = Inference(errors, cluster_codes(frame, panel, cluster=cluster, unit=unit), level, n_draws, seed)
    effects = group_times(panel, design)
    if errors != "none":
        refuse_few(effects, inference)
    words = method_in_words(design, inference, covariates, weights, cluster)
    may_err = can_carry_error(effects, inference.clusters)
    spread = inference.spread(effects.influence, can_vary=may_err)
    like = Estimate(key, term or f"Effect on {outcome}", None, f"units of {outcome}", "difference", words, level=level)
    return CallawaySantAnna(
        estimate=_aggregate(effects, inference, "simple", Window(), like=like, method=words).estimate,
        group_time=_table(effects, spread),
        influence=effects.influence,
        units=panel.units,
        pre_trend=None if spread is None else pre_trend_test(effects, spread, may_err, anticipation),
        cells=effects.cells,
        notes=notes_on(effects, inference, len(covariates), may_err),
        left_out=panel.left_out,
        method=words,
        effects=effects,
        inference=inference,
    )


def _aggregate(
    effects: GroupTimes, inference: Inference, kind: Kind, window: Window, *, like: Estimate, method: str
) -> Aggregation:
    summary = summarise(effects, kind, window)
    n_parts = len(summary.labels)
    enough = np.array([carries_error(inference.clusters[part]) for part in summary.is_treated.T])
    spread = inference.spread(summary.influence, can_vary=enough)
    any_part = carries_error(inference.clusters[summary.is_treated.any(axis=1)])
    whole = inference.spread(summary.overall_influence[:, None], can_vary=np.array([any_part]))
    nothing = np.full(n_parts, np.nan)
    error, ends = (nothing, (nothing,) * 4) if spread is None else (spread.std_error, spread.intervals(summary.att))
    parts = pd.DataFrame({PART_NAMES[kind]: list(summary.labels), "att": summary.att, "std_error": error})
    for name, end in zip(("low", "high", "band_low", "band_high"), ends, strict=True):
        parts[name] = end
    parts["n_treated"] = summary.is_treated.sum(axis=0)
    known = whole is not None and bool(np.isfinite(whole.std_error[0]))
    overall_error = float(whole.std_error[0]) if whole is not None and known else None
    half = None if overall_error is None else normal_quantile(inference.level) * overall_error
    estimate = Estimate(
        key=like.key,
        term=like.term,
        value=summary.overall,
        unit=like.unit,
        scale="difference",
        method=f"{method}; {_OVERALL[kind]}",
        std_error=overall_error,
        low=None if half is None else summary.overall - half,
        high=None if half is None else summary.overall + half,
        level=inference.level,
        null=0.0,
        n_rows=int(effects.panel.is_there.sum()),
        n_units=len(effects.panel.units),
    )
    covariance = np.full((n_parts, n_parts), np.nan) if spread is None else spread.covariance
    critical = None if spread is None else spread.critical_value
    return Aggregation(kind, estimate, parts, covariance, critical, summary.influence, summary.overall_influence)


_OVERALL: dict[str, str] = {
    "simple": "mean over treated cohort-periods, by size of cohort",
    "group": "mean over cohorts, by size",
    "calendar": "mean over periods",
    "dynamic": "mean over event times from 0",
}


def _table(effects: GroupTimes, spread: Spread | None) -> pd.DataFrame:
    nothing = np.full(len(effects.att), np.nan)
    error, ends = (nothing, (nothing,) * 4) if spread is None else (spread.std_error, spread.intervals(effects.att))
    periods = effects.panel.periods
    return pd.DataFrame(
        {
            "cohort": [periods[place] for place in effects.cohort],
            "period": [periods[place] for place in effects.period],
            "event_time": effects.period - effects.cohort,
            "att": effects.att,
            "std_error": error,
            **dict(zip(("low", "high", "band_low", "band_high"), ends, strict=True)),
            "n_treated": effects.n_treated,
            "n_control": effects.n_control,
            "reason": pd.Series(list(effects.reasons), dtype=object),
        }
    )
