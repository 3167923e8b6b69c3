"""Linear regression with effects of unit and period, and errors clustered by unit."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Literal

import numpy as np
import pandas as pd

from insight.errors import NotEnoughData, UsageError
from insight.stats.fit import Fit, check_clusters
from insight.stats.jackknife import jackknife_covariance
from insight.stats.projection import (
    Projected,
    dummies,
    independent_columns,
    least_squares,
    project,
    small_sample_factor,
)
from insight.stats.rows import Floats, Rows, Specification, complete_rows, without_singletons

Errors = Literal["CRV1", "CRV3"]


def within_regression(
    frame: pd.DataFrame,
    *,
    outcome: str,
    regressors: Sequence[str],
    unit: str | None,
    period: str | None,
    absorb: Sequence[str] | None = None,
    cluster: str | None = None,
    weights: str | None = None,
    level: float = 0.95,
    errors: Errors = "CRV1",
) -> Fit:
    """Least squares with effects of unit and period taken out.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period. Rows with a missing value are left out and counted.
    outcome, regressors : str, sequence of str
        Columns of numbers.
    unit, period : str or None
        Columns whose effects are taken out. With both None the fit is pooled least squares with a constant.
    absorb : sequence of str, optional
        Columns whose interaction is taken out in place of the period, such as ``("region", "year")``.
    cluster : str, optional
        Column of the clusters; the unit by default.
    weights : str, optional
        Column of positive weights.
    level : float
        Level of the intervals.
    errors : {"CRV1", "CRV3"}
        Clustered sandwich, or the jackknife over clusters for few of them.

    Returns
    -------
    Fit
        Intervals use Student's t with clusters - 1 degrees of freedom.

    Raises
    ------
    NotEnoughData
        If nothing is left to estimate from, or there are fewer than 3 clusters.
    MethodRefused
        If CRV1 is asked of fewer than 10 clusters.
    UsageError
        If a column is absent, or not a number where a number is needed.

    Notes
    -----
    By pyfixest. Effects that are nested in the clusters are not counted in the small-sample factor
    (Cameron & Miller 2015, J Human Resources 50, 317-372); a program that counts them gives errors up to 8% larger in
    panels of the usual length.
    """
    specification = Specification(
        outcome, tuple(regressors), unit, period, None if absorb is None else tuple(absorb), cluster, weights
    )
    rows = usable_rows(frame, specification, errors=errors)
    projected = project(rows)
    least_squares(projected)  # Says in words what pyfixest would meet as a singular matrix.
    coefs, sandwich = _by_pyfixest(rows, within_sizes(projected))
    vcov = jackknife_covariance(rows) if errors == "CRV3" else small_sample_factor(rows) * sandwich
    return make_fit(rows, coefs, vcov, level=level, method=_method("least squares", rows, errors))


def lsdv_regression(
    frame: pd.DataFrame,
    *,
    outcome: str,
    regressors: Sequence[str],
    unit: str | None,
    period: str | None,
    absorb: Sequence[str] | None = None,
    cluster: str | None = None,
    weights: str | None = None,
    level: float = 0.95,
) -> Fit:
    """The same regression with a dummy for every level, by statsmodels: the second opinion.

    Coefficients equal those of `within_regression`. Squared errors are larger by (N - K) / (N - K - nested levels + 1),
    because statsmodels counts the dummies of effects nested in the clusters.

    Parameters and errors are those of `within_regression`.
    """
    from statsmodels.regression.linear_model import WLS

    specification = Specification(
        outcome, tuple(regressors), unit, period, None if absorb is None else tuple(absorb), cluster, weights
    )
    rows = usable_rows(frame, specification, errors="CRV1")
    least_squares(project(rows))
    k = rows.regressors.shape[1]
    ones = np.ones(rows.n_rows)
    others = np.column_stack([ones, *(dummies(codes, ones) for codes in rows.effects)])
    design = np.column_stack([rows.regressors, independent_columns(others)])
    fitted = WLS(rows.outcome, design, weights=rows.weights).fit(
        cov_type="cluster", cov_kwds={"groups": rows.clusters, "use_correction": True}
    )
    vcov = np.asarray(fitted.cov_params())[:k, :k]
    method = _method("least squares with dummies", rows, "CRV1").replace("not counted", "counted")
    return make_fit(rows, np.asarray(fitted.params)[:k], vcov, level=level, method=method)


def usable_rows(frame: pd.DataFrame, specification: Specification, *, errors: str) -> Rows:
    """Complete rows without singletons, in enough clusters for the errors asked for."""
    if errors not in ("CRV1", "CRV3"):
        raise UsageError("a clustered error", found=f"errors={errors!r}", todo='ask for "CRV1" or "CRV3"')
    rows = without_singletons(complete_rows(frame, specification))
    check_clusters(rows.n_clusters, errors=errors)
    return rows


def make_fit(rows: Rows, coefs: Floats, vcov: Floats, *, level: float, method: str) -> Fit:
    """Put estimates and what they rest on together.

    Raises
    ------
    NotEnoughData
        If a number is not finite or a variance is not positive.
    """
    if not (np.isfinite(coefs).all() and np.isfinite(vcov).all() and (np.diag(vcov) > 0).all()):
        raise NotEnoughData(
            f"a regression of {rows.specification.outcome!r}",
            found=f"coefficients or errors that are not finite and positive ({rows.n_rows} rows)",
            todo="use more rows, or fewer regressors",
        )
    return Fit(
        terms=rows.specification.regressors,
        coefs=tuple(float(coef) for coef in coefs),
        vcov=tuple(tuple(float(cell) for cell in line) for line in vcov),
        level=level,
        dof=rows.n_clusters - 1,
        n_rows=rows.n_rows,
        n_units=rows.n_units,
        n_clusters=rows.n_clusters,
        n_missing=rows.n_missing,
        n_dropped_singletons=rows.n_singletons,
        n_dropped_zeros=rows.n_zeros,
        method=method,
    )


def within_sizes(projected: Projected) -> Floats:
    """Standard deviations of the regressors with the effects taken out: the scale on which they are fitted."""
    return np.asarray(np.sqrt((projected.regressors**2).mean(axis=0)))


def load_pyfixest() -> Any:
    """pyfixest, loaded late because it is slow, and without the logging that importing it sets up for everybody."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    pyfixest = import_module("pyfixest")
    import_module("pyfixest.estimation")  # pyfixest itself is lazy: this is the part that takes seconds and logs
    root.handlers[:] = handlers
    root.setLevel(level)
    return pyfixest


def pyfixest_frame(rows: Rows, sizes: Floats) -> tuple[pd.DataFrame, list[str], str]:
    """A frame with plain names, integer codes and scaled regressors, the names of these, and the formula.

    pyfixest reads names as formulas, trips over text in pandas 3 and drops a regressor whose unit of measurement is
    large; none of it can happen here. Coefficients are to be divided by ``sizes``.
    """
    terms = [f"x{place}" for place in range(len(sizes))]
    effects = [f"e{place}" for place in range(len(rows.effects))]
    scaled = (rows.regressors - rows.regressors.mean(axis=0)) / sizes
    columns = dict(zip(terms, scaled.T, strict=True)) | dict(zip(effects, rows.effects, strict=True))
    frame = pd.DataFrame(columns | {"y": rows.outcome, "g": rows.clusters, "w": rows.weights, "o": rows.offset})
    return frame, terms, f"y ~ {' + '.join(terms)}" + (f" | {' + '.join(effects)}" if effects else "")


def read_pyfixest(fitted: Any, rows: Rows, terms: list[str], sizes: Floats) -> tuple[Floats, Floats]:
    """Coefficients and sandwich of the terms, in the units of the regressors.

    Raises
    ------
    NotEnoughData
        If pyfixest dropped a term.
    """
    names = list(fitted._coefnames)
    if any(term not in names for term in terms):
        raise NotEnoughData(
            f"a regression of {rows.specification.outcome!r}",
            found="a regressor that moves together with the others once the effects are out",
            todo="use fewer regressors",
        )
    chosen = [names.index(term) for term in terms]
    sandwich = np.asarray(fitted._vcov)[np.ix_(chosen, chosen)]
    return np.asarray(fitted._beta_hat)[chosen] / sizes, sandwich / np.outer(sizes, sizes)


def _by_pyfixest(rows: Rows, sizes: Floats) -> tuple[Floats, Floats]:
    pyfixest = load_pyfixest()

    frame, terms, formula = pyfixest_frame(rows, sizes)
    # Taking effects out stops at a step that is small in absolute terms: outcomes in the thousands never get there.
    spread = float(rows.outcome.std())
    frame["y"] /= spread
    with warnings.catch_warnings():
        # pyfixest 0.60 calls pandas in ways that pandas 3.1 warns of; nothing in them concerns the numbers.
        warnings.simplefilter("ignore")
        try:
            fitted = pyfixest.feols(
                formula,
                frame,
                vcov={"CRV1": "g"},
                weights="w" if rows.specification.weights else None,
                ssc=pyfixest.ssc(k_adj=False, G_adj=False),
                fixef_rm="none",
                demeaner=pyfixest.MapDemeaner(fixef_tol=1e-12, fixef_maxiter=100_000),
            )
        except ValueError as error:
            raise NotEnoughData(
                f"a regression of {rows.specification.outcome!r}",
                found="effects that cannot be taken out: units and periods hardly overlap, or sizes are far apart",
                todo="use units that share periods, or another unit of measurement",
            ) from error
    coefs, sandwich = read_pyfixest(fitted, rows, terms, sizes)
    return coefs * spread, sandwich * spread**2


def _method(name: str, rows: Rows, errors: str) -> str:
    specification = rows.specification
    weighted = f", weighted by {specification.weights}" if specification.weights else ""
    jackknife = " (jackknife)" if errors == "CRV3" else ""
    return (
        f"{name}{weighted}, {specification.in_words}; {errors} by {specification.cluster_column}{jackknife}; "
        f"t({rows.n_clusters - 1})"
    )
