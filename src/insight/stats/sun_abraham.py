"""Event-time effects of a staggered start from one regression: every cohort has its own, then they are averaged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import check_level
from insight.stats.few_treated import refuse_cluster_errors
from insight.stats.fit import Fit, WaldTest, check_clusters
from insight.stats.group_time import usable_panel
from insight.stats.interaction_weights import InteractionWeights, count_together
from insight.stats.jackknife import jackknife_covariance
from insight.stats.panel_columns import cluster_codes
from insight.stats.panel_matrix import LeftOut, PanelMatrix, panel_matrix
from insight.stats.projection import least_squares, project, small_sample_factor
from insight.stats.rows import Codes, Floats, Specification, complete_rows, without_singletons
from insight.stats.two_way import make_fit

SunAbrahamErrors = Literal["CRV1", "CRV3", "none"]


@dataclass(frozen=True, eq=False)
class SunAbraham:
    """Interaction-weighted effects.

    Parameters
    ----------
    estimate : Estimate
        The mean over all treated cohort-periods, each by its number of rows.
    events : DataFrame
        One row per event time: ``event_time``, ``att``, ``std_error``, ``low``, ``high``, ``n_treated``. The period
        before the start is the reference and stands at 0 without an error.
    covariance : (K, K) array
        Of the event times without the reference; NaN with ``errors="none"``.
    pre_trend : WaldTest or None
        Joint test of the event times before the reference.
    cells : DataFrame
        One row per cohort and period: ``cohort``, ``period``, ``event_time``, ``effect``, ``n_rows``, ``weight`` in
        its event time.
    notes : tuple of str
    left_out : tuple of LeftOut
    """

    estimate: Estimate
    events: pd.DataFrame
    covariance: Floats
    pre_trend: WaldTest | None
    cells: pd.DataFrame
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def sun_abraham(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    cohort: str,
    cluster: str | None = None,
    weights: str | None = None,
    errors: SunAbrahamErrors = "CRV1",
    level: float = 0.95,
    key: str = "sun_abraham",
    term: str | None = None,
) -> SunAbraham:
    """Effects by event time, free of the mixing that a plain event study suffers from.

    Parameters
    ----------
    frame, outcome, unit, period, cohort, cluster, weights, level, key, term
        As for `callaway_santanna`.
    errors : {"CRV1", "CRV3", "none"}
        Clustered sandwich, jackknife, or estimates without an interval.

    Returns
    -------
    SunAbraham
        Intervals use Student's t with clusters - 1 degrees of freedom.

    Raises
    ------
    UsageError
        If a column or a choice cannot be used.
    NotEnoughData
        If nobody is treated after the first period, or a cohort has no row in the period before its start.
    MethodRefused
        If errors are asked of fewer than 6 treated units (clusters where named).

    Notes
    -----
    Sun & Abraham (2021), J Econometrics 225, 175-199; the regression takes effects of unit and period out exactly, and
    equals pyfixest's. Controls are the units never treated; without any, the cohort
    that starts last, and periods from its start on are not used. Shares of cohorts are taken as known. Units treated
    in the first period are left out and named.
    """
    if errors not in ("CRV1", "CRV3", "none"):
        raise UsageError("choosing errors", found=f"errors={errors!r}", todo='ask for "CRV1", "CRV3" or "none"')
    check_level(level)
    laid_out = panel_matrix(frame, outcome=outcome, unit=unit, period=period, cohort=cohort, weights=weights)
    panel, notes = _with_controls(usable_panel(laid_out, anticipation=0))
    rows, cells = _interacted(panel)
    clusters = cluster_codes(frame, panel, cluster=cluster, unit=unit)
    rows["cluster"] = clusters[rows["unit"]]
    if errors != "none":
        _refuse_few(panel, clusters, errors)
    coefs, fit = _fitted(rows, errors, level)
    average = InteractionWeights(cells, panel, clusters)
    by = f"{errors} by {cluster or unit}; t({fit.dof})" if fit else "no interval asked for"
    like = Estimate(
        key=key,
        term=term or f"Effect on {outcome}",
        value=None,
        unit=f"units of {outcome}",
        scale="difference",
        method=f"Sun-Abraham interaction-weighted, mean over treated cohort-periods; {by}",
        level=level,
        null=0.0,
        n_rows=int(panel.is_there.sum()),
        n_units=len(panel.units),
    )
    return SunAbraham(
        estimate=average.overall(coefs, fit, like=like),
        events=average.table(coefs, fit),
        covariance=average.covariance(fit),
        pre_trend=average.pre_trend(coefs, fit),
        cells=average.cells(coefs),
        notes=notes,
        left_out=panel.left_out,
    )


def _with_controls(panel: PanelMatrix) -> tuple[PanelMatrix, tuple[str, ...]]:
    """The panel with units that stay untreated in it: without any, it ends before the last cohort starts."""
    if not panel.ever_treated.all():
        return panel, ()
    last = int(panel.start.max())
    if (panel.start == last).all():
        raise NotEnoughData(
            "effects of a staggered start",
            found="one start only and no unit that is never treated",
            todo="add units that start later or never",
        )
    label = panel.periods[last]
    panel = replace(
        panel,
        periods=panel.periods[:last],
        outcome=panel.outcome[:, :last],
        exposure=panel.exposure[:, :last],
        covariates=panel.covariates[:, :last],
    )
    note = f"No unit is never treated: the cohort that starts last ({label}) is the control, before its own start."
    return panel, (note,)


def _interacted(panel: PanelMatrix) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Long rows with a column of zeros and ones for each cohort and period but the one before the start."""
    unit, period = np.nonzero(panel.is_there)
    start = panel.start[unit]
    columns: dict[str, Floats] = {}
    cells: list[tuple[int, int, int, int, float]] = []
    for cohort in np.unique(panel.start[panel.ever_treated]).astype(np.int64).tolist():
        if not ((start == cohort) & (period == cohort - 1)).any():
            raise NotEnoughData(
                "effects of a staggered start",
                found=f"no row of the cohort {panel.periods[cohort]} in the period before its start",
                todo="leave that cohort out, or fill the period",
            )
        for place in range(len(panel.periods)):
            there = (start == cohort) & (period == place)
            if place != cohort - 1 and there.any():
                columns[f"d{len(cells)}"] = there.astype(np.float64)
                cells.append((cohort, place, place - cohort, int(there.sum()), float(panel.weights[unit[there]].sum())))
    rows = {"outcome": panel.outcome[unit, period], "unit": unit, "period": period, "weight": panel.weights[unit]}
    named = pd.DataFrame(cells, columns=["cohort", "period", "event_time", "n_rows", "size"])
    return pd.DataFrame(rows | columns), named


def _fitted(rows: pd.DataFrame, errors: str, level: float) -> tuple[Floats, Fit | None]:
    """Least squares with effects of unit and period taken out exactly: coefficients, and the fit with its errors."""
    terms = tuple(name for name in rows.columns if name[0] == "d" and name[1:].isdigit())
    specification = Specification("outcome", terms, "unit", "period", cluster="cluster", weights="weight")
    usable = without_singletons(complete_rows(rows, specification))
    if usable.n_rows == 0:
        raise NotEnoughData(
            "effects of a staggered start", found="no unit with two periods", todo="give units seen more than once"
        )
    found = least_squares(project(usable), needs_error=errors != "none")
    if errors == "none":
        return found.coefs, None
    check_clusters(usable.n_clusters, errors=errors)
    sandwich = small_sample_factor(usable) * found.influence.T @ found.influence
    vcov = jackknife_covariance(usable) if errors == "CRV3" else sandwich
    return found.coefs, make_fit(usable, found.coefs, vcov, level=level, method=f"least squares; {errors}")


def _refuse_few(panel: PanelMatrix, clusters: Codes, errors: str) -> None:
    """Refuse errors that would rest on fewer than 6 treated units, not counting any that is alone in its cohort.

    A regression that gives a lone unit its own effect in every period fits it exactly, so its noise is in no error.
    """
    treated = count_together(panel, np.unique(panel.start[panel.ever_treated]), clusters)
    asked = f"a {errors} error of effects by cohort (a unit alone in its cohort is not counted)"
    refuse_cluster_errors(treated, len(np.unique(clusters)), method=asked)
