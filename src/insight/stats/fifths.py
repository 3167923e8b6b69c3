"""The within regression made visible: departures of outcome and regressor, as a scatter and as means of groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import check_level, t_quantile
from insight.stats.projection import cluster_sums, least_squares, project
from insight.stats.rows import Floats, Rows, Specification
from insight.stats.two_way import usable_rows


@dataclass(frozen=True, eq=False)
class WithinDeviations:
    """Departures from what the effects of unit and period would give.

    Parameters
    ----------
    frame : DataFrame
        One row per row used: the unit and period columns, ``outcome_deviation`` and ``regressor_deviation``.
    slope : float
        Of the line through the origin; equals the coefficient of `within_regression` (first regressor, no others).
    n_rows, n_units : int
        What it rests on.
    """

    frame: pd.DataFrame
    slope: float
    n_rows: int
    n_units: int


@dataclass(frozen=True)
class GroupMean:
    """Mean departure of the outcome in one group of departures of the regressor, with a clustered interval."""

    group: int
    regressor_low: float
    regressor_high: float
    regressor_mean: float
    mean: float
    std_error: float
    low: float
    high: float
    level: float
    n_rows: int
    n_units: int


def within_deviations(
    frame: pd.DataFrame,
    *,
    outcome: str,
    regressor: str,
    unit: str,
    period: str,
    absorb: Sequence[str] | None = None,
    cluster: str | None = None,
    weights: str | None = None,
) -> WithinDeviations:
    """Outcome and regressor with the effects taken out: a plain scatter of them shows what the regression sees.

    Parameters are those of `within_regression`, with one regressor.

    Raises
    ------
    NotEnoughData, UsageError
        As for `within_regression` with errors CRV3.
    """
    rows, y, x = _departures(frame, outcome, regressor, unit, period, absorb, cluster, weights)
    columns = list(dict.fromkeys([unit, period]))
    shown = frame[columns].iloc[rows.labels].reset_index(drop=True)
    shown = shown.assign(outcome_deviation=y, regressor_deviation=x)
    slope = float((rows.weights * x * y).sum() / (rows.weights * x * x).sum())
    return WithinDeviations(shown, slope, rows.n_rows, rows.n_units)


def within_deviation_groups(
    frame: pd.DataFrame,
    *,
    outcome: str,
    regressor: str,
    unit: str,
    period: str,
    absorb: Sequence[str] | None = None,
    cluster: str | None = None,
    weights: str | None = None,
    groups: int = 5,
    level: float = 0.95,
) -> tuple[GroupMean, ...]:
    """Mean departure of the outcome in each fifth (or other group) of the regressor's departure.

    Group 1 holds the lowest departures; cuts are quantiles by linear interpolation, ties on the lower side. A curve
    that a straight line hides shows here. Intervals are clustered, t with clusters - 1, and take the effects as known.

    Raises
    ------
    UsageError
        If fewer than 2 groups are asked for.
    NotEnoughData
        If a group is empty or rests on fewer than 3 clusters; otherwise as for `within_deviations`.
    """
    check_level(level)
    if groups < 2:
        raise UsageError("means by group", found=f"groups={groups}", todo="ask for at least two")
    rows, y, x = _departures(frame, outcome, regressor, unit, period, absorb, cluster, weights)
    group = np.searchsorted(np.quantile(x, np.arange(1, groups) / groups), x, side="left")
    return tuple(_group_mean(rows, y, x, group == number, number + 1, groups, level) for number in range(groups))


def _departures(
    frame: pd.DataFrame,
    outcome: str,
    regressor: str,
    unit: str,
    period: str,
    absorb: Sequence[str] | None,
    cluster: str | None,
    weights: str | None,
) -> tuple[Rows, Floats, Floats]:
    interaction = None if absorb is None else tuple(absorb)
    specification = Specification(outcome, (regressor,), unit, period, interaction, cluster, weights)
    rows = usable_rows(frame, specification, errors="CRV3")
    projected = project(rows)
    least_squares(projected)
    root = np.sqrt(rows.weights)
    return rows, projected.outcome / root, projected.regressors[:, 0] / root


def _group_mean(
    rows: Rows, y: Floats, x: Floats, chosen: NDArray[np.bool_], number: int, groups: int, level: float
) -> GroupMean:
    n_clusters = len(np.unique(rows.clusters[chosen]))
    if n_clusters < 3:
        raise NotEnoughData(
            f"the mean of group {number} of {groups}",
            found=f"{int(chosen.sum())} rows in {n_clusters} clusters",
            todo="ask for fewer groups, or use more units",
        )
    share = np.where(chosen, rows.weights, 0.0) / rows.weights[chosen].sum()
    mean = float(share @ y)
    influence = cluster_sums((share * (y - mean))[:, None], rows.clusters)[:, 0]
    error = float(np.sqrt(n_clusters / (n_clusters - 1) * (influence**2).sum()))
    half = t_quantile(level, n_clusters - 1) * error
    units = rows.clusters if rows.specification.unit is None else rows.effects[0]
    return GroupMean(
        group=number,
        regressor_low=float(x[chosen].min()),
        regressor_high=float(x[chosen].max()),
        regressor_mean=float(share @ x),
        mean=mean,
        std_error=error,
        low=mean - half,
        high=mean + half,
        level=level,
        n_rows=int(chosen.sum()),
        n_units=len(np.unique(units[chosen])),
    )
