"""Two associations in one regression: within units over time, and between units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from insight.errors import NotEnoughData
from insight.stats.fit import Fit
from insight.stats.projection import ROUNDING, demean, dummies, independent_columns, least_squares, project
from insight.stats.rows import Floats, Rows, Specification
from insight.stats.two_way import make_fit, usable_rows


def between_within(
    frame: pd.DataFrame,
    *,
    outcome: str,
    regressors: Sequence[str],
    unit: str,
    period: str,
    cluster: str | None = None,
    weights: str | None = None,
    level: float = 0.95,
) -> Fit:
    """Coefficients of each regressor within units and between units, effects of the period taken out.

    Parameters
    ----------
    frame, outcome, regressors, unit, period, cluster, weights, level
        As for `within_regression`.

    Returns
    -------
    Fit
        Terms are ``"<regressor> within"``, of the departure from the unit's own mean, then ``"<regressor> between"``,
        of that mean. ``within`` equals the coefficient of `within_regression` exactly.

    Raises
    ------
    NotEnoughData
        If nothing is left to estimate from, within or between units.
    MethodRefused
        With fewer than 10 clusters.

    Notes
    -----
    Mundlak (1978), Econometrica 46, 69-85. Where units lack periods, their shares of each period are held constant too,
    without which ``within`` would drift from the fixed-effects estimate (Wooldridge 2019, J Econometrics 211, 137-150).
    By statsmodels; its small-sample factor counts every column.
    """
    names = tuple(regressors)
    rows = usable_rows(frame, Specification(outcome, names, unit, period, None, cluster, weights), errors="CRV1")
    least_squares(project(rows))
    root = np.sqrt(rows.weights)
    periods = dummies(rows.effects[1], np.ones(rows.n_rows))
    means = _unit_means(rows, np.column_stack([rows.regressors, periods]))
    columns = np.column_stack([rows.regressors - means[:, : len(names)], means[:, : len(names)]])
    others = np.column_stack([periods, means[:, len(names) :]])
    terms = tuple(f"{name} within" for name in names) + tuple(f"{name} between" for name in names)
    _check_variation(columns * root[:, None], others * root[:, None], terms)
    coefs, vcov = _by_statsmodels(rows, columns, others)
    method = (
        f"least squares with unit means (Mundlak), effects of {period}; CRV1 by "
        f"{rows.specification.cluster_column}; t({rows.n_clusters - 1})"
    )
    return replace(make_fit(rows, coefs, vcov, level=level, method=method), terms=terms)


def _unit_means(rows: Rows, columns: Floats) -> Floats:
    ones = np.ones(rows.n_rows)
    return columns - demean(columns, rows.effects[0], ones)


def _check_variation(columns: Floats, others: Floats, terms: tuple[str, ...]) -> None:
    left = columns - others @ np.linalg.lstsq(others, columns, rcond=None)[0]
    sizes = np.linalg.norm(left, axis=0)
    flat = sizes <= ROUNDING * (1 + np.linalg.norm(columns, axis=0))
    unit = left / np.where(flat, 1.0, sizes)
    if flat.any() or np.linalg.eigvalsh(unit.T @ unit)[0] < 1e-10:
        raise NotEnoughData(
            f"coefficients of {', '.join(terms)}",
            found="unit means that do not vary between units, or move together",
            todo="use more units, or fewer regressors",
        )


def _by_statsmodels(rows: Rows, columns: Floats, others: Floats) -> tuple[Floats, Floats]:
    from statsmodels.regression.linear_model import WLS

    # In a balanced panel the shares of periods repeat the constant and would be counted twice.
    design = np.column_stack([columns, independent_columns(others)])
    fitted = WLS(rows.outcome, design, weights=rows.weights).fit(
        cov_type="cluster", cov_kwds={"groups": rows.clusters, "use_correction": True}
    )
    k = columns.shape[1]
    return np.asarray(fitted.params)[:k], np.asarray(fitted.cov_params())[:k, :k]
