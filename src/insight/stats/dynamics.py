"""Answers to feedback: what if the outcome moves the regressor of the next period?

Effects of the unit are estimated from the same rows as the coefficient, so feedback biases a within regression by an
amount of order one over the number of periods. First differences are biased too, but differently; the split-panel
jackknife takes the leading term of the bias out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insight.errors import NotEnoughData, UsageError
from insight.stats.fit import Fit
from insight.stats.projection import LinearFit, least_squares, project, small_sample_factor
from insight.stats.rows import Codes, Floats, Rows, Specification, as_floats
from insight.stats.two_way import Errors, make_fit, usable_rows, within_regression


def first_differences(
    frame: pd.DataFrame,
    *,
    outcome: str,
    regressors: Sequence[str],
    unit: str,
    period: str,
    absorb: Sequence[str] | None = None,
    cluster: str | None = None,
    weights: str | None = None,
    step: int = 1,
    level: float = 0.95,
    errors: Errors = "CRV1",
) -> Fit:
    """Regress changes on changes, effects of the period taken out.

    A change is the difference between a period and the one ``step`` before it, by the period's number and never by
    the order of rows: a gap gives no change.

    Parameters
    ----------
    frame, outcome, regressors, unit, absorb, cluster, weights, level, errors
        As for `within_regression`; weights are those of the later period.
    period : str
        Column of whole numbers, such as years; at most one row per unit and period.
    step : int
        Distance between consecutive periods.

    Returns
    -------
    Fit
        ``n_rows`` counts changes; ``n_missing`` counts rows without a change to the period before.

    Raises
    ------
    UsageError
        If the periods are not whole numbers, or a unit has two rows in one period.
    NotEnoughData, MethodRefused
        As for `within_regression`.
    """
    values = [outcome, *regressors]
    changes = _changes(frame, values, unit, period, step)
    fit = within_regression(
        changes,
        outcome=outcome,
        regressors=regressors,
        unit=None,
        period=period,
        absorb=absorb,
        cluster=unit if cluster is None else cluster,
        weights=weights,
        level=level,
        errors=errors,
    )
    return replace(fit, method=f"first differences by {period} (step {step}), {fit.method}")


def split_panel_jackknife(
    frame: pd.DataFrame,
    *,
    outcome: str,
    regressors: Sequence[str],
    unit: str,
    period: str,
    absorb: Sequence[str] | None = None,
    cluster: str | None = None,
    weights: str | None = None,
    level: float = 0.95,
) -> Fit:
    """Twice the within estimate less the mean of the two half panels' estimates.

    Parameters
    ----------
    frame, outcome, regressors, unit, absorb, cluster, weights, level
        As for `within_regression`.
    period : str
        Column whose order cuts the panel in two, at one period common to all units. With an odd number of periods the
        middle one joins each half in turn and the two answers are averaged.

    Returns
    -------
    Fit
        The error is clustered and analytic: each cluster's influence on the three estimates is combined with the same
        weights as the estimates, so their correlation is counted, and no random numbers are needed.

    Raises
    ------
    NotEnoughData
        If a half cannot be estimated; otherwise as for `within_regression`.
    MethodRefused
        With fewer than 10 clusters.

    Notes
    -----
    Dhaene & Jochmans (2015), Rev Econ Studies 82, 991-1030. Halves are weighted by their rows, which is their rule
    where the panel is balanced.
    """
    specification = Specification(
        outcome, tuple(regressors), unit, period, None if absorb is None else tuple(absorb), cluster, weights
    )
    rows = usable_rows(frame, specification, errors="CRV1")
    order = _order_of(frame, period, rows)
    n_periods = int(order.max()) + 1
    cuts = sorted({n_periods // 2, (n_periods + 1) // 2})
    if n_periods < 4:
        raise NotEnoughData(
            "a split-panel jackknife", found=f"{n_periods} periods", todo="use at least four, two in each half"
        )
    whole = least_squares(project(rows))
    coefs, influence = 2 * whole.coefs, 2 * whole.influence
    for cut in cuts:
        halves = [_half(rows, chosen) for chosen in (order < cut, order >= cut)]
        total = sum(n for n, _, _ in halves)
        for n, half, places in halves:
            share = n / total / len(cuts)
            coefs = coefs - share * half.coefs
            influence[places] -= share * half.influence
    vcov = small_sample_factor(rows) * influence.T @ influence
    method = (
        f"split-panel jackknife of least squares, {specification.in_words}, cut after "
        f"{' and '.join(str(cut) for cut in cuts)} of {n_periods} periods; CRV1 of the combined influence by "
        f"{specification.cluster_column}; t({rows.n_clusters - 1})"
    )
    return make_fit(rows, coefs, vcov, level=level, method=method)


def _changes(frame: pd.DataFrame, values: Sequence[str], unit: str, period: str, step: int) -> pd.DataFrame:
    absent = [column for column in (*values, unit, period) if column not in frame.columns]
    if absent or step < 1:
        raise UsageError(
            "first differences", found=f"absent columns {absent}, step {step}", todo="name columns and a step above 0"
        )
    numbers = as_floats(frame[period])
    placed = np.isfinite(numbers) & frame[unit].notna().to_numpy(dtype=bool)
    if (numbers[placed] != np.round(numbers[placed])).any():
        raise UsageError(
            "first differences", found=f"{period!r} is not a whole number", todo="number the periods one by one"
        )
    floats = {column: as_floats(frame[column])[placed] for column in values}
    later = frame.loc[placed].assign(**floats)
    keys = pd.MultiIndex.from_arrays([later[unit], numbers[placed]])
    if keys.has_duplicates:
        raise UsageError(
            "first differences", found="two rows for one unit and period", todo="give one row per unit and period"
        )
    before = pd.DataFrame(floats, index=keys).reindex(pd.MultiIndex.from_arrays([later[unit], numbers[placed] - step]))
    return later.assign(**{column: later[column].to_numpy() - before[column].to_numpy() for column in values})


def _order_of(frame: pd.DataFrame, period: str, rows: Rows) -> Floats:
    """Place of each row's period among those that are left: 0, 1, ..."""
    kept = frame[period].iloc[rows.labels]
    try:
        ranks = kept.rank(method="dense")
    except TypeError as error:
        raise UsageError(
            "a split-panel jackknife", found=f"{period!r} cannot be put in order", todo="give numbers or dates"
        ) from error
    return np.asarray(ranks, dtype=np.float64) - 1


def _half(rows: Rows, chosen: NDArray[np.bool_]) -> tuple[int, LinearFit, Codes]:
    half = rows.keep(chosen)
    return half.n_rows, least_squares(project(half)), np.unique(rows.clusters[chosen])
