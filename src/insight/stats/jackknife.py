"""CRV3: errors from leaving out one cluster at a time."""

from __future__ import annotations

import numpy as np

from insight.errors import NotEnoughData
from insight.stats.projection import ROUNDING, split_columns
from insight.stats.rows import Floats, Rows


def jackknife_covariance(rows: Rows) -> Floats:
    """CRV3: (G-1)/G times the sum of squares of what leaving out each cluster changes (k x k).

    MacKinnon, Nielsen & Webb (2023), J Applied Econometrics 38, 671-694. The whole model is fitted anew without each
    cluster, effects of the period included.

    Raises
    ------
    NotEnoughData
        If, without one of the clusters, a coefficient cannot be estimated.
    """
    outcome, regressors, others = split_columns(rows)
    k, g = regressors.shape[1], rows.n_clusters
    columns = np.column_stack([regressors, others, outcome])
    total = columns.T @ columns
    changes = np.empty((g, k))
    whole = _coefficients(total, k)
    for cluster in range(g):
        part = columns[rows.clusters == cluster]
        without = None if whole is None else _coefficients(total - part.T @ part, k)
        if whole is None or without is None:
            raise NotEnoughData(
                f"a jackknife over {g} clusters",
                found="a cluster without which a coefficient cannot be estimated",
                todo="use more clusters, or fewer regressors",
            )
        changes[cluster] = without - whole
    return (g - 1) / g * changes.T @ changes


def _coefficients(products: Floats, k: int) -> Floats | None:
    """Coefficients of the first k columns, from cross products in the order regressors, others, outcome.

    None where they are not identified.
    """
    size = np.sqrt(np.maximum(np.diag(products), 0.0))
    size[size <= 0] = 1.0
    scaled = products / np.outer(size, size)
    inverse = np.linalg.pinv(scaled[k:-1, k:-1], rcond=1e-11, hermitian=True)
    bridge = scaled[:k, k:-1] @ inverse
    left = scaled[:k, :k] - bridge @ scaled[k:-1, :k]
    if np.linalg.eigvalsh(left)[0] < ROUNDING:
        return None
    right = scaled[:k, -1] - bridge @ scaled[k:-1, -1]
    coefs: Floats = np.linalg.solve(left, right) * size[-1] / size[:k]
    return coefs
