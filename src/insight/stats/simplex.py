"""Least squares with weights that are not negative and sum to one, solved exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insight.errors import UsageError
from insight.stats.rows import Floats

EVEN = 1e-10
"""Ridge, relative to the mean squared distance of a donor, that chooses among weights that fit equally well."""


@dataclass(frozen=True, eq=False)
class SimplexFit:
    """Weights on the simplex.

    Parameters
    ----------
    weights : (k,) array
        Not negative, with the sum one.
    intercept : float
        Target less weighted donors, on average; 0 where no intercept was asked for.
    residuals : (n,) array
        Target less weighted donors less intercept.
    """

    weights: Floats
    intercept: float
    residuals: Floats


def simplex_weights(
    donors: Floats, *, target: Floats, intercept: bool = False, ridge: float = 0.0, even: float = EVEN
) -> SimplexFit:
    """Weights w that make donors w (plus an intercept) closest to the target: w >= 0 and sum(w) = 1.

    Parameters
    ----------
    donors : (n, k) array
        One column per donor, one row per thing to be matched; finite.
    target : (n,) array
    intercept : bool
        Whether a constant may separate the target from the weighted donors.
    ridge : float
        Multiplies the sum of squared weights in the objective, in the squared units of the rows.
    even : float
        A further ridge, relative to the mean squared distance of a donor from the target. It only chooses among
        weights that fit equally well: the most even ones, whatever the order of the donors. 0 leaves that open.

    Raises
    ------
    UsageError
        If there is no donor or no row, shapes differ, a number is not finite, or a ridge is negative.

    Notes
    -----
    As the weights sum to one, the residual is the same mixture of the distances d_j = donor_j - target. So w is the
    shortest vector of the cone of the d_j with one added coordinate, which the non-negative least squares of
    Lawson & Hanson (1974), Solving Least Squares Problems, chapter 23, finds in finitely many exact steps.
    """
    values, goal = np.asarray(donors, dtype=np.float64), np.asarray(target, dtype=np.float64)
    _check(values, goal, ridge, even)
    if intercept:
        values, shift = values - values.mean(axis=0), goal.mean()
        goal = goal - shift
    weights = _shortest(values - goal[:, None], ridge, even)
    residuals = goal - values @ weights
    constant = float(np.mean(np.asarray(target) - np.asarray(donors) @ weights)) if intercept else 0.0
    return SimplexFit(weights, constant, residuals)


def _shortest(distances: Floats, ridge: float, even: float) -> Floats:
    """The mixture of columns with the least length."""
    from scipy.optimize import nnls

    k = distances.shape[1]
    scale = float(np.sqrt((distances**2).sum() / k + ridge))
    if scale <= np.finfo(float).tiny ** 0.5:
        return np.full(k, 1.0 / k)
    blocks = [distances / scale]
    if ridge + even > 0:
        blocks.append(np.sqrt(ridge / scale**2 + even) * np.eye(k))
    system = np.vstack([*blocks, np.ones((1, k))])
    goal = np.zeros(len(system))
    goal[-1] = 1.0
    found, _ = nnls(system, goal, maxiter=30 * max(k, 10))
    weights: Floats = found / found.sum()
    return weights


def _check(donors: Floats, target: Floats, ridge: float, even: float) -> None:
    fits = donors.ndim == 2 and donors.size > 0 and target.shape == donors.shape[:1]
    if not fits or not (np.isfinite(donors).all() and np.isfinite(target).all()):
        raise UsageError(
            "weights on the simplex",
            found=f"donors {donors.shape} and a target {target.shape}" if not fits else "a number that is not finite",
            todo="give finite donors (rows by donors) and a target with as many rows",
        )
    if not (ridge >= 0 and even >= 0 and np.isfinite(ridge) and np.isfinite(even)):
        raise UsageError("weights on the simplex", found=f"ridge={ridge}, even={even}", todo="give ridges of 0 or more")
