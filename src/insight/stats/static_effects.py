"""The static two-way fixed effects coefficient: a comparison for the others, and the weights that show why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import check_level
from insight.stats.few_treated import refuse_cluster_errors
from insight.stats.fit import Coefficient
from insight.stats.panel_columns import cluster_codes
from insight.stats.panel_matrix import LeftOut, PanelMatrix, panel_matrix
from insight.stats.projection import project
from insight.stats.rows import Codes, Floats, Specification, complete_rows, without_singletons
from insight.stats.two_way import within_regression

StaticErrors = Literal["CRV1", "CRV3", "none"]


@dataclass(frozen=True, eq=False)
class StaticEffect:
    """One coefficient of a treatment dummy.

    Parameters
    ----------
    estimate : Estimate
        For comparison only; ``method`` says so.
    cells : DataFrame
        One row per unit and period: ``unit``, ``period``, ``observed``, ``is_treated`` and ``weight``. The coefficient
        is the sum of weight times observed; the weights of treated cells add up to one.
    negative_share : float
        Share of the treated cells whose weight is negative: their effect counts the wrong way round.
    left_out : tuple of LeftOut
    """

    estimate: Estimate
    cells: pd.DataFrame
    negative_share: float
    left_out: tuple[LeftOut, ...]


def static_two_way(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    cohort: str,
    cluster: str | None = None,
    weights: str | None = None,
    errors: StaticErrors = "CRV1",
    level: float = 0.95,
    key: str = "static_two_way",
    term: str | None = None,
) -> StaticEffect:
    """Coefficient of being treated, effects of unit and period taken out.

    Parameters
    ----------
    frame, outcome, unit, period, cohort, cluster, weights, level, key, term
        As for `callaway_santanna`.
    errors : {"CRV1", "CRV3", "none"}
        Clustered sandwich, jackknife, or the coefficient without an interval.

    Returns
    -------
    StaticEffect

    Raises
    ------
    UsageError
        If a column or a choice cannot be used.
    NotEnoughData
        If treatment does not vary once the effects are out.
    MethodRefused
        If errors are asked of fewer than 6 treated units (clusters where named).

    Notes
    -----
    With staggered starts the coefficient also compares units with others already treated, and gives some treated cells
    a negative weight: de Chaisemartin & D'Haultfoeuille (2020), Am Econ Rev 110, 2964-2996. See `goodman_bacon`.
    """
    if errors not in ("CRV1", "CRV3", "none"):
        raise UsageError("choosing errors", found=f"errors={errors!r}", todo='ask for "CRV1", "CRV3" or "none"')
    check_level(level)
    panel = panel_matrix(frame, outcome=outcome, unit=unit, period=period, cohort=cohort, weights=weights)
    if not panel.ever_treated.any():
        raise NotEnoughData(
            "a static effect", found="no treated unit within the data", todo="name the periods in which units start"
        )
    clusters = cluster_codes(frame, panel, cluster=cluster, unit=unit)
    rows, weight, coef = _fitted(panel, clusters)
    found = None if errors == "none" else _with_errors(rows, panel, clusters, errors, level)
    treated = rows["treated"].to_numpy() > 0
    by = "no interval asked for" if found is None else f"{errors} by {cluster or unit}"
    estimate = Estimate(
        key=key,
        term=term or f"Effect on {outcome}",
        value=coef,
        unit=f"units of {outcome}",
        scale="difference",
        method=f"static two-way fixed effects, for comparison only: it mixes forbidden comparisons; {by}",
        std_error=None if found is None else found.std_error,
        low=None if found is None else found.low,
        high=None if found is None else found.high,
        level=level,
        null=0.0,
        n_rows=len(rows),
        n_units=int(rows["unit"].nunique()),
    )
    cells = pd.DataFrame(
        {
            "unit": [panel.units[place] for place in rows["unit"]],
            "period": [panel.periods[place] for place in rows["period"]],
            "observed": rows["outcome"].to_numpy(),
            "is_treated": treated,
            "weight": weight,
        }
    )
    return StaticEffect(estimate, cells, float((weight[treated] < 0).mean()), panel.left_out)


def _fitted(panel: PanelMatrix, clusters: Codes) -> tuple[pd.DataFrame, Floats, float]:
    """The rows that count, the weight of each in the coefficient, and the coefficient."""
    unit, period = np.nonzero(panel.is_there)
    long = pd.DataFrame(
        {
            "outcome": panel.outcome[unit, period],
            "treated": panel.is_treated[unit, period].astype(np.float64),
            "unit": unit,
            "period": period,
            "cluster": clusters[unit],
            "weight": panel.weights[unit],
        }
    )
    specification = Specification("outcome", ("treated",), "unit", "period", cluster="cluster", weights="weight")
    rows = without_singletons(complete_rows(long, specification))
    if not rows.n_rows:
        raise NotEnoughData(
            "a static effect", found="no unit with two periods", todo="give units that are seen more than once"
        )
    left = project(rows).regressors[:, 0]
    weight = left * np.sqrt(rows.weights) / (left @ left)
    return long.iloc[rows.labels].reset_index(drop=True), weight, float(weight @ rows.outcome)


def _with_errors(rows: pd.DataFrame, panel: PanelMatrix, clusters: Codes, errors: str, level: float) -> Coefficient:
    treated = len(np.unique(clusters[panel.ever_treated]))
    refuse_cluster_errors(treated, len(np.unique(clusters)), method=f"a {errors} error of the static effect")
    return within_regression(
        rows,
        outcome="outcome",
        regressors=["treated"],
        unit="unit",
        period="period",
        cluster="cluster",
        weights="weight",
        level=level,
        errors="CRV3" if errors == "CRV3" else "CRV1",
    ).of("treated")
