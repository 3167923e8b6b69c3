"""Poisson difference-in-differences with an exposure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import check_level, t_quantile, t_tails
from insight.stats.few_treated import refuse_cluster_errors
from insight.stats.fit import check_clusters
from insight.stats.panel_columns import cluster_codes, season_codes
from insight.stats.panel_matrix import LeftOut, PanelMatrix, panel_matrix
from insight.stats.poisson import count_rows, fit_counts
from insight.stats.projection import small_sample_factor
from insight.stats.ratio_of_ratios import RatioOfRatios, ratio_of_ratios
from insight.stats.rows import Codes, Rows, Specification, close_up
from insight.stats.untreated_fit import Flags, fit_cells

__all__ = ["DidErrors", "PoissonDid", "RatioOfRatios", "poisson_did", "ratio_of_ratios"]

DidErrors = Literal["none", "CRV1"]

LARGEST_LOG = 20.0
"""A log ratio or half interval beyond this is a fit on its way to infinity."""


@dataclass(frozen=True, eq=False)
class PoissonDid:
    """A two-way Poisson difference-in-differences.

    Parameters
    ----------
    estimate : Estimate
        The rate ratio; without an interval where ``errors`` is "none".
    log_ratio : float
    log_std_error, p_value : float or None
        None without errors.
    errors : {"none", "CRV1"}
    n_treated, n_controls, n_clusters : int
        Of the rows that the fit rests on.
    cells : DataFrame
        unit, period, is_treated, observed, exposure, fitted, counterfactual: one row per cell in the fit. The
        counterfactual is the fitted count without the effect.
    left_out : tuple of LeftOut
    """

    estimate: Estimate
    log_ratio: float
    log_std_error: float | None
    p_value: float | None
    errors: DidErrors
    n_treated: int
    n_controls: int
    n_clusters: int
    cells: pd.DataFrame
    left_out: tuple[LeftOut, ...]


def poisson_did(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    cohort: str,
    exposure: str | None = None,
    cluster: str | None = None,
    season: str | None = None,
    level: float = 0.95,
    errors: DidErrors = "none",
    key: str = "poisson_did",
    term: str = "Rate after the start at treated units, over what unit and period effects give",
) -> PoissonDid:
    """Poisson regression of counts on one treated indicator, with effects of unit and period.

    Parameters
    ----------
    frame, outcome, unit, period, cohort, exposure
        As for `panel_matrix`; counts, none negative. The log of the exposure is the offset.
    cluster : str, optional
        Column of the clusters, one per unit; the unit by default.
    season : str, optional
        A column that each period has one value of, such as the calendar month: the effects are then unit by season,
        and period.
    level : float
        Level of the interval.
    errors : {"none", "CRV1"}
        With "none" the Estimate has no interval. Clustered errors are refused with few treated clusters.
    key, term : str
        Of the Estimate.

    Returns
    -------
    PoissonDid
        With several starts this is a comparison that also uses treated units as controls: see `poisson_imputation`.

    Raises
    ------
    UsageError
        If a column or an argument cannot be used.
    NotEnoughData
        If there is no treated unit, no control, no event before or after, or the estimate does not settle.
    MethodRefused
        For clustered errors with fewer than 6 treated clusters or 10 clusters in all.

    Notes
    -----
    By pyfixest. Consistent for the rate ratio whatever the distribution of the counts: Wooldridge (1999), J
    Econometrics 90, 77-97. Units treated in every period are left out: they could only serve as controls.
    """
    check_level(level)
    if errors not in ("none", "CRV1"):
        raise UsageError("a Poisson regression", found=f"errors={errors!r}", todo='ask for "none" or "CRV1"')
    matrix = panel_matrix(
        frame, outcome=outcome, unit=unit, period=period, cohort=cohort, exposure=exposure, is_count=True
    )
    seasons = season_codes(frame, matrix, season=season, period=period)
    clusters = cluster_codes(frame, matrix, cluster=cluster, unit=unit)
    used, left_out = _used_cells(matrix)
    specification = Specification(outcome, ("the treated indicator",), unit, period, cluster=cluster, offset=exposure)
    rows = _rows(matrix, used, seasons, clusters, specification)
    kept = np.isin(np.arange(used.size).reshape(used.shape), rows.labels)
    in_fit = kept.any(axis=1)
    n_treated, n_controls = int((in_fit & matrix.ever_treated).sum()), int((in_fit & ~matrix.ever_treated).sum())
    _require_contrast(matrix, kept)
    if errors == "CRV1":
        n_treated_clusters = len(np.unique(clusters[in_fit & matrix.ever_treated]))
        refuse_cluster_errors(n_treated_clusters, rows.n_clusters, method="a CRV1 error")
        check_clusters(rows.n_clusters, errors="CRV1")
    coefs, sandwich = fit_counts(rows)
    log_ratio = float(coefs[0])
    if not abs(log_ratio) < LARGEST_LOG:
        raise _too_little("an estimate that does not settle on a finite ratio")
    error = math.sqrt(small_sample_factor(rows) * float(sandwich[0, 0])) if errors == "CRV1" else None
    half = 0.0 if error is None else t_quantile(level, rows.n_clusters - 1) * error
    if half > LARGEST_LOG:
        raise _too_little("an interval too wide to write down as a ratio")
    effects = f"{unit} x {season}" if season else unit
    words = "no interval of its own: permute units" if error is None else f"CRV1 by {cluster or unit}"
    words += "" if error is None else f"; t({rows.n_clusters - 1})"
    estimate = Estimate(
        key=key,
        term=term,
        value=math.exp(log_ratio),
        unit="rate ratio",
        scale="ratio",
        method=f"Poisson{f', offset log {exposure}' if exposure else ''}, effects of {effects} and {period}; {words}",
        low=None if error is None else math.exp(log_ratio - half),
        high=None if error is None else math.exp(log_ratio + half),
        level=level,
        null=1.0,
        n_rows=rows.n_rows,
        n_units=n_treated + n_controls,
    )
    return PoissonDid(
        estimate=estimate,
        log_ratio=log_ratio,
        log_std_error=error,
        p_value=None if error is None else t_tails(log_ratio / error, rows.n_clusters - 1),
        errors=errors,
        n_treated=n_treated,
        n_controls=n_controls,
        n_clusters=rows.n_clusters,
        cells=_cells(matrix, kept, seasons, log_ratio),
        left_out=(*matrix.left_out, *left_out, *_silent(matrix, used & ~kept)),
    )


def _used_cells(matrix: PanelMatrix) -> tuple[Flags, list[LeftOut]]:
    """(N, T) cells of units that are not treated throughout, and the others by name."""
    there = matrix.is_there
    always = matrix.ever_treated & ~(there & ~matrix.is_treated).any(axis=1)
    left_out = [
        LeftOut(matrix.units[place], None, "treated in every period: it could only serve as a control")
        for place in np.flatnonzero(always)
    ]
    return there & ~always[:, None], left_out


def _rows(matrix: PanelMatrix, used: Flags, seasons: Codes, clusters: Codes, specification: Specification) -> Rows:
    if not used.any():
        raise _too_little("no unit with periods before its start")
    i, t = np.nonzero(used)
    n = len(i)
    rows = Rows(
        specification=specification,
        labels=np.flatnonzero(used),
        outcome=matrix.outcome[i, t],
        regressors=matrix.is_treated[i, t].astype(np.float64)[:, None],
        effects=(close_up(i * (int(seasons.max()) + 1) + seasons[t]), close_up(t)),
        clusters=close_up(clusters[i]),
        weights=np.ones(n),
        offset=np.log(matrix.exposure[i, t]),
        n_missing=0,
    )
    rows = count_rows(rows)
    if not rows.n_rows:
        raise _too_little("no unit and period with events to compare")
    return rows


def _require_contrast(matrix: PanelMatrix, kept: Flags) -> None:
    """Events before and after the start at treated units, in the rows that are left."""
    after = kept & matrix.is_treated
    before = kept & ~matrix.is_treated & matrix.ever_treated[:, None]
    if not after.any() or not before.any():
        raise _too_little("no treated unit with comparable periods both before and from its start")
    if not matrix.outcome[after].sum() or not matrix.outcome[before].sum():
        raise _too_little("no event at treated units before the start, or none from it")


def _cells(matrix: PanelMatrix, kept: Flags, seasons: Codes, log_ratio: float) -> pd.DataFrame:
    effect = np.exp(log_ratio * matrix.is_treated)
    fitted, _ = fit_cells(matrix.outcome, matrix.exposure * effect, kept, seasons)
    i, t = np.nonzero(kept)
    return pd.DataFrame(
        {
            "unit": np.array(matrix.units, dtype=object)[i],
            "period": [matrix.periods[each] for each in t],
            "is_treated": matrix.is_treated[i, t],
            "observed": matrix.outcome[i, t],
            "exposure": matrix.exposure[i, t],
            "fitted": fitted[i, t],
            "counterfactual": (fitted / effect)[i, t],
        }
    ).infer_objects()


def _silent(matrix: PanelMatrix, dropped: Flags) -> list[LeftOut]:
    """Units, and cells of other units, that a Poisson fit with these effects has no use for."""
    whole: Flags = np.asarray(dropped.any(axis=1) & ~(matrix.is_there & ~dropped).any(axis=1))
    reason = "no event in the unit (and season) or the period, or nothing to compare it with"
    units = [LeftOut(matrix.units[place], None, reason) for place in np.flatnonzero(whole)]
    cells = np.argwhere(dropped & ~whole[:, None])
    return units + [LeftOut(matrix.units[i], matrix.periods[t], reason) for i, t in cells]


def _too_little(found: str) -> NotEnoughData:
    return NotEnoughData(
        "a Poisson difference-in-differences",
        found=found,
        todo="use treated and untreated units with events before and after the start",
    )
