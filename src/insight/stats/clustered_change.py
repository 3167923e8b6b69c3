"""Clustered errors for a treated-untreated contrast, on a linear scale, where the number of treated clusters allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.few_treated import refuse_cluster_errors
from insight.stats.panel_matrix import LeftOut, PanelMatrix, panel_matrix
from insight.stats.two_way import within_regression
from insight.stats.wild_bootstrap import restricted_wild_bootstrap

ClusteredErrors = Literal["CRV3", "wild"]
Form = Literal["collapsed", "panel"]

IN_WORDS = {"CRV3": "a CRV3 error", "wild": "a restricted wild bootstrap"}


@dataclass(frozen=True, eq=False)
class ClusteredChange:
    """A contrast of changes with a clustered error.

    Parameters
    ----------
    estimate : Estimate
        A rate ratio where ``log`` was asked for, else a difference.
    log_std_error : float or None
        Standard error on the log scale (CRV3); None on other scales and for the bootstrap.
    p_value : float
        Two-sided, against no effect.
    smallest_p : float or None
        The smallest p that the bootstrap's patterns can give.
    n_treated_clusters, n_clusters : int
        What the error rests on.
    errors : str
        Which error.
    cells : DataFrame
        What was regressed: ``unit``, ``cluster``, ``value``, ``is_treated``, and ``period`` in the panel form.
    left_out : tuple of LeftOut
    """

    estimate: Estimate
    log_std_error: float | None
    p_value: float
    smallest_p: float | None
    n_treated_clusters: int
    n_clusters: int
    errors: ClusteredErrors
    cells: pd.DataFrame
    left_out: tuple[LeftOut, ...]


def clustered_change(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    cohort: str,
    exposure: str | None = None,
    cluster: str | None = None,
    log: bool = False,
    form: Form = "collapsed",
    errors: ClusteredErrors = "CRV3",
    seed: int | None = None,
    draws: int = 9999,
    level: float = 0.95,
    key: str = "clustered_change",
    term: str = "Change of treated units against the others",
) -> ClusteredChange:
    """Contrast of changes by least squares with the jackknife error (CRV3) or the restricted wild bootstrap.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period.
    outcome, unit, period, cohort, exposure : str
        Columns, as for `panel_matrix`. The outcome is divided by the exposure.
    cluster : str, optional
        Column of the clusters, one per unit, such as a larger group whose units share a start; the unit by default.
    log : bool
        Regress the log of the rate; the estimate is then a rate ratio.
    form : {"collapsed", "panel"}
        "collapsed": one change per unit, from its rate before to its rate after, regressed on treatment; all starts
        must be the same. "panel": every cell, with effects of unit and period; starts may differ, and where effects
        differ too the coefficient is the weighted mean that static regressions give.
    errors : {"CRV3", "wild"}
    seed, draws
        Of the bootstrap, which uses all patterns of signs where these are few.
    level : float
    key, term : str
        Of the Estimate.

    Raises
    ------
    MethodRefused
        With fewer than 6 treated clusters.
    NotEnoughData
        If nothing is treated or untreated, or a rate of zero would need a logarithm.
    UsageError
        If a unit lies in two clusters, starts differ in the collapsed form, or an option is unknown.

    Notes
    -----
    The bootstrap: Cameron, Gelbach & Miller (2008), Rev Econ Stat 90, 414-427; the jackknife: MacKinnon, Nielsen & Webb
    (2023), J Applied Econometrics 38, 671-694. With few treated clusters the bootstrap rejects far too seldom and the
    jackknife too often (MacKinnon & Webb 2018, Econometrics Journal 21, 114-135), hence the refusal.
    """
    if errors not in IN_WORDS or form not in ("collapsed", "panel") or (errors == "wild" and seed is None):
        raise UsageError(
            "a clustered change",
            found=f"errors={errors!r}, form={form!r}, seed={seed}",
            todo='use "CRV3" or "wild" with a seed, on the "collapsed" or the "panel" form',
        )
    panel = panel_matrix(frame, outcome=outcome, unit=unit, period=period, cohort=cohort, exposure=exposure)
    clusters = _clusters(frame, panel, unit, cluster)
    treated = panel.ever_treated
    if not treated.any() or treated.all():
        raise NotEnoughData(
            "a clustered change",
            found=f"{int(treated.sum())} treated of {len(treated)} units",
            todo="give treated and untreated units",
        )
    n_treated = len({name for name, is_in in zip(clusters, treated.tolist(), strict=True) if is_in})
    refuse_cluster_errors(n_treated, len(set(clusters)), method=IN_WORDS[errors])
    cells, left_out = _collapsed(panel, clusters, log) if form == "collapsed" else _panel_cells(panel, clusters, log)
    effects = (None, None) if form == "collapsed" else ("unit", "period")
    coef, error, low, high, p_value, smallest, method = _fit(cells, effects, errors, seed, draws, level)
    note = "" if low is not None and high is not None else "; the test excludes no value on one side, so no interval"
    ends = (low, high) if not note else (None, None)
    estimate = Estimate(
        key=key,
        term=term,
        value=float(np.exp(coef)) if log else coef,
        unit="rate ratio" if log else "difference",
        scale="ratio" if log else "difference",
        method=f"{'change of each unit' if form == 'collapsed' else 'every cell'}, {method}{note}",
        std_error=None if log else error,
        low=None if ends[0] is None else float(np.exp(ends[0])) if log else ends[0],
        high=None if ends[1] is None else float(np.exp(ends[1])) if log else ends[1],
        level=level,
        null=1.0 if log else 0.0,
        n_rows=len(cells),
        n_units=int(cells["unit"].nunique()),
    )
    return ClusteredChange(
        estimate,
        error if log else None,
        p_value,
        smallest,
        n_treated,
        int(cells["cluster"].nunique()),
        errors,
        cells,
        (*panel.left_out, *left_out),
    )


def _fit(
    cells: pd.DataFrame,
    effects: tuple[str | None, str | None],
    errors: ClusteredErrors,
    seed: int | None,
    draws: int,
    level: float,
) -> tuple[float, float | None, float | None, float | None, float, float | None, str]:
    frame = cells.assign(treatment=cells["is_treated"].astype("float64"))
    if errors == "CRV3":
        fit = within_regression(
            frame,
            outcome="value",
            regressors=["treatment"],
            unit=effects[0],
            period=effects[1],
            cluster="cluster",
            errors="CRV3",
            level=level,
        )
        found = fit.of("treatment")
        return found.coef, found.std_error, found.low, found.high, found.p_value, None, fit.method
    test = restricted_wild_bootstrap(
        frame,
        outcome="value",
        regressors=["treatment"],
        unit=effects[0],
        period=effects[1],
        cluster="cluster",
        seed=0 if seed is None else seed,
        draws=draws,
        level=level,
    )
    return test.coef, None, test.low, test.high, test.p_value, test.smallest_p, test.method


def _clusters(frame: pd.DataFrame, panel: PanelMatrix, unit: str, cluster: str | None) -> list[Any]:
    if cluster is None or cluster == unit:
        return list(panel.units)
    if (frame.columns == cluster).sum() != 1:
        raise UsageError("clustering", found=f"not exactly one column {cluster!r}", todo="name a column of the frame")
    kept = frame[[unit, cluster]].dropna(subset=[unit]).reset_index(drop=True)
    groups = kept.groupby(unit, sort=True, observed=True)[cluster]
    several = groups.nunique(dropna=False).gt(1)
    unclear = int((several | groups.first().isna()).sum())
    if unclear:
        raise UsageError(
            f"clustering by {cluster!r}",
            found=f"{unclear} unit(s) in several clusters, or in none",
            todo="give each unit one cluster",
        )
    return list(groups.first().reindex(list(panel.units)).tolist())


def _collapsed(panel: PanelMatrix, clusters: list[Any], log: bool) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    """One change per unit; a unit without a cell on either side of the start is left out."""
    starts = np.unique(panel.start[panel.ever_treated])
    if len(starts) > 1:
        raise UsageError(
            "a collapsed change",
            found=f"{len(starts)} different starts",
            todo='use form="panel", or one cohort at a time',
        )
    start = int(starts[0])
    before, after = _rate(panel, slice(0, start)), _rate(panel, slice(start, None))
    there = np.isfinite(before) & np.isfinite(after)
    left_out = tuple(
        LeftOut(name, None, "no number before or after the start")
        for name, kept in zip(panel.units, there.tolist(), strict=True)
        if not kept
    )
    if not there.any():
        raise NotEnoughData(
            "a collapsed change", found="no unit with numbers on both sides of the start", todo="use a longer series"
        )
    _require_positive(np.concatenate([before[there], after[there]]), log)
    change = np.log(after[there] / before[there]) if log else after[there] - before[there]
    cells = pd.DataFrame({"unit": panel.units, "cluster": clusters, "is_treated": panel.ever_treated}).loc[there]
    return cells.assign(value=change).reset_index(drop=True), left_out


def _panel_cells(panel: PanelMatrix, clusters: list[Any], log: bool) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    rows, columns = np.nonzero(panel.is_there)
    rate = panel.outcome[rows, columns] / panel.exposure[rows, columns]
    _require_positive(rate, log)
    cells = pd.DataFrame(
        {
            "unit": pd.Series(panel.units).iloc[rows].to_numpy(),
            "cluster": pd.Series(clusters).iloc[rows].to_numpy(),
            "period": pd.Series(panel.periods).iloc[columns].to_numpy(),
            "is_treated": panel.is_treated[rows, columns],
            "value": np.log(rate) if log else rate,
        }
    )
    return cells, ()


def _rate(panel: PanelMatrix, window: slice) -> np.ndarray[Any, np.dtype[np.float64]]:
    outcome, there = panel.outcome[:, window], panel.is_there[:, window]
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(there, outcome, 0.0).sum(axis=1) / np.where(there, panel.exposure[:, window], 0.0).sum(axis=1)
    return np.asarray(rate)


def _require_positive(rates: np.ndarray[Any, np.dtype[np.float64]], log: bool) -> None:
    if log and (rates <= 0).any():
        raise NotEnoughData(
            "the logarithm of a rate",
            found=f"{int((rates <= 0).sum())} rate(s) of zero or below",
            todo='use form="collapsed", leave those units out, or ask for differences',
        )
