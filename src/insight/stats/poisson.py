"""Poisson regression of counts with effects of unit and period, an offset, and errors clustered by unit."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from insight.errors import NotEnoughData, UsageError
from insight.stats.fit import Fit, check_clusters
from insight.stats.projection import project, small_sample_factor
from insight.stats.rows import Floats, Rows, Specification, complete_rows, without_singletons, without_zero_levels
from insight.stats.two_way import load_pyfixest, make_fit, pyfixest_frame, read_pyfixest, within_sizes


def poisson_regression(
    frame: pd.DataFrame,
    *,
    outcome: str,
    regressors: Sequence[str],
    unit: str | None,
    period: str | None,
    offset: str | None = None,
    absorb: Sequence[str] | None = None,
    cluster: str | None = None,
    level: float = 0.95,
) -> Fit:
    """Poisson regression of a count, effects of unit and period taken out.

    Parameters
    ----------
    frame, regressors, unit, period, absorb, cluster, level
        As for `within_regression`.
    outcome : str
        Column of counts, none negative.
    offset : str, optional
        Column with the **logarithm** of the exposure, such as the log of the opening headcount.

    Returns
    -------
    Fit
        Coefficients are on the log scale; ``fit.ratio()`` gives the rate ratio with its interval. Units and periods
        without any event are left out and counted in ``n_dropped_zeros``: they carry no information on the coefficient.

    Raises
    ------
    NotEnoughData
        If nothing is left to estimate from, there are fewer than 3 clusters, or the estimate does not settle.
    MethodRefused
        If there are fewer than 10 clusters; no jackknife or wild bootstrap is offered for Poisson.
    UsageError
        If a column is absent or not a number, or a count is negative.

    Notes
    -----
    By pyfixest. Consistent for the rate ratio whatever the distribution of the counts, so overdispersion only needs
    the clustered error (Wooldridge 1999, J Econometrics 90, 77-97).
    """
    specification = Specification(
        outcome, tuple(regressors), unit, period, None if absorb is None else tuple(absorb), cluster, offset=offset
    )
    rows = count_rows(complete_rows(frame, specification))
    check_clusters(rows.n_clusters, errors="CRV1")
    coefs, sandwich = fit_counts(rows)
    offset_words = f", offset {offset}" if offset else ""
    method = (
        f"Poisson{offset_words}, {specification.in_words}; CRV1 by {specification.cluster_column}; "
        f"t({rows.n_clusters - 1})"
    )
    return make_fit(rows, coefs, small_sample_factor(rows) * sandwich, level=level, method=method)


def count_rows(rows: Rows) -> Rows:
    """The rows less those that say nothing: units and periods without any event, and singletons.

    Raises
    ------
    UsageError
        If a count is negative.
    """
    if (rows.outcome < 0).any():
        raise UsageError(
            f"a Poisson regression of {rows.specification.outcome!r}", found="a negative count", todo="give counts"
        )
    n_before = -1
    while rows.n_rows != n_before:
        n_before = rows.n_rows
        rows = without_singletons(without_zero_levels(rows))
    return rows


def fit_counts(rows: Rows) -> tuple[Floats, Floats]:
    """Coefficients (k) and their clustered sandwich (k x k), without a small-sample factor.

    Raises
    ------
    NotEnoughData
        If there is nothing to estimate from, or the estimate does not settle.
    """
    sizes = within_sizes(project(rows))
    pyfixest = load_pyfixest()
    from pyfixest.errors import NonConvergenceError

    frame, terms, formula = pyfixest_frame(rows, sizes)
    with warnings.catch_warnings():
        # pyfixest 0.60 calls pandas in ways that pandas 3.1 warns of; overflow on the way is judged by the result.
        warnings.simplefilter("ignore")
        try:
            fitted = pyfixest.fepois(
                formula,
                frame,
                vcov={"CRV1": "g"},
                offset="o" if rows.specification.offset else None,
                ssc=pyfixest.ssc(k_adj=False, G_adj=False),
                fixef_rm="none",
                iwls_tol=1e-10,
                iwls_maxiter=200,
                demeaner=pyfixest.MapDemeaner(fixef_tol=1e-12, fixef_maxiter=100_000),
            )
        except (NonConvergenceError, ValueError, np.linalg.LinAlgError) as error:
            raise NotEnoughData(
                f"a Poisson regression of {rows.specification.outcome!r}",
                found=f"estimates that do not settle ({rows.n_rows} rows)",
                todo="use more rows, or fewer regressors",
            ) from error
    return read_pyfixest(fitted, rows, terms, sizes)
