"""Taking effects out of columns, exactly: what is left is what a within regression works with (Frisch & Waugh 1933).

The second set of effects is projected out by its normal equations: as many as it has levels, however many rows there
are, and solved again on what was left, so that the result is exact to rounding with no tolerance to choose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insight.errors import NotEnoughData
from insight.stats.rows import Codes, Floats, Rows, count_codes

ROUNDING = 1e-9
"""Share of a column's own variation below which what is left after the effects is rounding."""

TIMES_SOLVED = 3
"""Times that the normal equations are solved on what was left: each takes the error down by as much as the first."""


@dataclass(frozen=True, eq=False)
class Projected:
    """Outcome (n) and regressors (n x k) with the effects taken out, both multiplied by the root of the weight."""

    rows: Rows
    outcome: Floats
    regressors: Floats


@dataclass(frozen=True, eq=False)
class LinearFit:
    """Least squares on projected columns: coefficients (k), residuals (n), influence of each cluster (G x k)."""

    coefs: Floats
    residuals: Floats
    influence: Floats


def project(rows: Rows) -> Projected:
    """Take the effects (or the mean, where there are none) out of outcome and regressors.

    Raises
    ------
    NotEnoughData
        If a column does not vary once the effects are out, or regressors move together.
    """
    root = np.sqrt(rows.weights)
    columns = np.column_stack([rows.outcome, rows.regressors])
    # Dividing by each column's size keeps dummies and regressors on one scale: a headcount beside a share is harmless.
    centred = columns - np.average(columns, axis=0, weights=rows.weights)
    scale = np.sqrt((rows.weights[:, None] * centred**2).sum(axis=0))
    flat = scale <= ROUNDING * (1 + np.abs(columns).max(axis=0))
    safe = np.where(flat, 1.0, scale)
    left = _residuals(rows, root[:, None] * centred / safe, root)
    left[:, flat] = 0.0
    _check_variation(rows, left)
    left *= safe
    return Projected(rows, left[:, 0], left[:, 1:])


def least_squares(projected: Projected, *, needs_error: bool = True) -> LinearFit:
    """Fit the projected columns.

    Raises
    ------
    NotEnoughData
        If an error is needed and the rows are fitted exactly, so that there is none to measure.
    """
    x, y = projected.regressors, projected.outcome
    scale = np.linalg.norm(x, axis=0)
    inverse = np.linalg.inv((x / scale).T @ (x / scale)) / np.outer(scale, scale)
    coefs = inverse @ (x.T @ y)
    residuals = y - x @ coefs
    is_exact = residuals @ residuals <= (ROUNDING**2) * (y @ y) or projected.rows.n_rows <= n_parameters(projected.rows)
    if needs_error and is_exact:
        raise _nothing_left(projected.rows, "every row is fitted exactly, so there is no error to measure")
    scores = cluster_sums(x * residuals[:, None], projected.rows.clusters)
    return LinearFit(coefs, residuals, scores @ inverse)


def small_sample_factor(rows: Rows) -> float:
    """G/(G-1) x (N-1)/(N-K), where K leaves out effects that are nested in the clusters.

    An effect whose levels each lie in one cluster costs no freedom when errors are clustered (Cameron & Miller 2015,
    section III.B); counting it makes errors a few per cent larger.
    """
    g, n = rows.n_clusters, rows.n_rows
    return g / (g - 1) * (n - 1) / (n - n_parameters(rows))


def n_parameters(rows: Rows) -> int:
    """Regressors, a constant, and the levels of effects that are not nested in the clusters."""
    free = [count_codes(codes) - 1 for codes in rows.effects if not is_nested(codes, rows.clusters)]
    return int(rows.regressors.shape[1]) + 1 + sum(free)


def is_nested(codes: Codes, clusters: Codes) -> bool:
    """Whether every level of an effect lies inside one cluster."""
    cluster_of = np.zeros(count_codes(codes), dtype=np.int64)
    cluster_of[codes] = clusters
    return bool((cluster_of[codes] == clusters).all())


def cluster_sums(values: Floats, clusters: Codes) -> Floats:
    """Sums of the rows of an n x k array by cluster: G x k."""
    n_clusters = count_codes(clusters)
    sums = [np.bincount(clusters, weights=column, minlength=n_clusters) for column in values.T]
    return np.column_stack(sums) if sums else np.zeros((n_clusters, 0))


def demean(columns: Floats, codes: Codes, root: Floats) -> Floats:
    """Columns (already multiplied by ``root``) less their weighted mean within each level."""
    sums = cluster_sums(columns * root[:, None], codes)
    return columns - root[:, None] * (sums / np.bincount(codes, weights=root**2)[:, None])[codes]


def dummies(codes: Codes, root: Floats) -> Floats:
    """One column for each level, multiplied by ``root``."""
    columns = np.zeros((len(codes), count_codes(codes)))
    columns[np.arange(len(codes)), codes] = root
    return columns


def independent_columns(columns: Floats) -> Floats:
    """As many of the columns as are linearly independent, so that a program that counts columns counts right."""
    from scipy.linalg import qr

    diagonal, pivots = qr(columns, mode="r", pivoting=True)
    size = np.abs(np.diag(diagonal))
    chosen = np.sort(pivots[: int((size > ROUNDING * size[0]).sum())])
    return np.asarray(columns[:, chosen], dtype=np.float64)


def split_columns(rows: Rows) -> tuple[Floats, Floats, Floats]:
    """Outcome, regressors, and the columns of effects that stay in; weighted, nested effects taken out, scaled."""
    root = np.sqrt(rows.weights)
    nested = [place for place, codes in enumerate(rows.effects) if is_nested(codes, rows.clusters)][:1]
    stay = [codes for place, codes in enumerate(rows.effects) if place not in nested]
    others = np.column_stack([dummies(codes, root) for codes in stay] or [root[:, None]])
    columns = np.column_stack([rows.outcome, rows.regressors])
    # The constant is among the effects, so centring changes no estimate and spares the cross products their rounding.
    columns = (columns - np.average(columns, axis=0, weights=rows.weights)) * root[:, None]
    for place in nested:
        columns = demean(columns, rows.effects[place], root)
        others = demean(others, rows.effects[place], root)
    return columns[:, 0], columns[:, 1:], others


def _residuals(rows: Rows, columns: Floats, root: Floats) -> Floats:
    if not rows.effects:
        return columns.copy()
    first, *others = rows.effects
    left = demean(columns, first, root)
    for codes in others:
        together = _weights_together(first, codes, root)
        if _is_balanced(together):
            left = demean(demean(left, codes, root), first, root)
            continue
        inverse = _inverse_of_second(together)
        for _ in range(TIMES_SOLVED):
            sums = cluster_sums(left * root[:, None], codes)
            left = left - demean(root[:, None] * (inverse @ sums)[codes], first, root)
    return left


def _weights_together(first: Codes, second: Codes, root: Floats) -> Floats:
    """Total weight of each pair of levels."""
    shape = (count_codes(first), count_codes(second))
    flat = np.bincount(first * shape[1] + second, weights=root**2, minlength=shape[0] * shape[1])
    return np.asarray(flat.reshape(shape), dtype=np.float64)


def _is_balanced(together: Floats) -> bool:
    """Whether every level of one meets the levels of the other in the same mix: then one after the other is exact."""
    expected = np.outer(together.sum(axis=1), together.sum(axis=0) / together.sum())
    return bool((np.abs(together - expected) <= 1e-13 * expected).all())


def _inverse_of_second(together: Floats) -> Floats:
    """Inverse, almost, of the cross products of the second effects' dummies, less the first effects' means."""
    products = np.diag(together.sum(axis=0)) - (together / together.sum(axis=1)[:, None]).T @ together
    # The effects are defined up to a constant, and so is the answer before `demean` takes it out again: any multiple of
    # ones may be added. Panels in several parts have more such constants; for these a ridge far below the effects' size
    # lets the equations be solved, and solving again takes its trace away.
    size = products.diagonal().max()
    return np.asarray(np.linalg.inv(products + size / len(products) + 1e-11 * size * np.eye(len(products))))


def _check_variation(rows: Rows, left: Floats) -> None:
    names = (rows.specification.outcome, *rows.specification.regressors)
    sizes = np.linalg.norm(left, axis=0)
    for name, size in zip(names, sizes, strict=True):
        if size <= ROUNDING * 10:
            raise _nothing_left(rows, f"{name!r} does not vary once the effects are out")
    unit = left[:, 1:] / sizes[1:]
    if np.linalg.eigvalsh(np.einsum("ni,nj->ij", unit, unit))[0] < 1e-10:
        raise _nothing_left(rows, "the regressors move together exactly once the effects are out")


def _nothing_left(rows: Rows, found: str) -> NotEnoughData:
    return NotEnoughData(
        f"a regression of {rows.specification.outcome!r} on {', '.join(rows.specification.regressors)}",
        found=f"{found} ({rows.n_rows} rows)",
        todo="use more units or periods, or fewer regressors",
    )
