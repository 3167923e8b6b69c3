"""Two groups, two periods: the effect on the treated with covariates, and how much each unit moves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from insight.errors import NotEnoughData
from insight.stats.rows import Floats

Method = Literal["doubly_robust", "outcome_regression", "inverse_probability"]
Bools = NDArray[np.bool_]

LARGEST_PROPENSITY = 0.999
"""A unit this sure to be treated has no counterpart among the controls."""

_SMALLEST_EIGENVALUE = 1e-10


@dataclass(frozen=True, eq=False)
class TwoByTwo:
    """An effect on the treated from one change between two periods.

    Parameters
    ----------
    att : float
        In units of the outcome.
    influence : (n,) array
        What each unit contributes, of mean zero: the variance of ``att`` is the sum of squares over n squared.
    expected_change : (n,) array
        The change that each unit would have seen without treatment, on the method's own terms; its weighted mean over
        the treated units, taken from theirs, is ``att``.
    """

    att: float
    influence: Floats
    expected_change: Floats


def two_by_two(
    change: Floats, is_treated: Bools, *, covariates: Floats, weights: Floats, method: Method = "doubly_robust"
) -> TwoByTwo:
    """Effect on the treated: their change less the change that comparable controls saw.

    Parameters
    ----------
    change : (n,) array
        Outcome after less outcome before.
    is_treated : (n,) array of bool
        False for a control.
    covariates : (n, k) array
        Measured in the base period; k may be 0, and then all methods are the difference of two means.
    weights : (n,) array
        Positive.
    method : {"doubly_robust", "outcome_regression", "inverse_probability"}

    Raises
    ------
    NotEnoughData
        If a group is empty, the controls cannot carry the regression, or the groups do not overlap.

    Notes
    -----
    Sant'Anna & Zhao (2020), J Econometrics 219, 101-122: propensity score by logit, change of the controls by least
    squares; right if either is right. Outcome regression is Heckman, Ichimura & Todd (1997), Rev Econ Stud 64,
    605-654; inverse probability, with weights that add up to one, is Abadie (2005), Rev Econ Stud 72, 1-19.
    """
    if not is_treated.any() or is_treated.all():
        raise _refused("no treated unit" if not is_treated.any() else "no control")
    design = _design(covariates)
    uses_outcome = method != "inverse_probability" or design.shape[1] == 1
    uses_score = method != "outcome_regression" and design.shape[1] > 1
    treated = weights * is_treated
    fitted, regression = _controls_change(change, is_treated, design, weights) if uses_outcome else (0 * change, None)
    left = change - fitted
    effect, moved = _weighted_part(left, treated, design, regression)
    expected = fitted
    if uses_score:
        score, by_score = _propensity(is_treated, design, weights)
        like_treated = weights * ~is_treated * score / (1 - score)
        drift, moved_back = _weighted_part(left, like_treated, design, regression)
        slope = (like_treated * (left - drift)) @ design / len(change)
        moved_back += (by_score @ slope) / like_treated.mean()
        effect, moved, expected = effect - drift, moved - moved_back, fitted + drift
    return TwoByTwo(float(effect), moved, expected)


def _weighted_part(left: Floats, weights: Floats, design: Floats, regression: Floats | None) -> tuple[Any, Floats]:
    """A weighted mean of what the regression leaves, and its influence with that of the regression's coefficients."""
    size = weights.mean()
    mean = (weights * left).mean() / size
    influence = weights * (left - mean)
    if regression is not None:
        influence = influence - regression @ (weights @ design / len(left))
    return mean, influence / size


def _design(covariates: Floats) -> Floats:
    """A constant, and the covariates on one scale: the effect does not depend on their units of measurement."""
    ones = np.ones((len(covariates), 1))
    if not covariates.shape[1]:
        return ones
    spread = covariates.std(axis=0)
    if (spread <= 1e-12 * (1 + np.abs(covariates).max(axis=0))).any():
        raise _refused("a covariate that does not vary")
    return np.column_stack([ones, (covariates - covariates.mean(axis=0)) / spread])


def _controls_change(change: Floats, is_treated: Bools, design: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """The controls' change by least squares, for every unit, and each unit's influence on the coefficients."""
    control = weights * ~is_treated
    products = (control[:, None] * design).T @ design / len(change)
    if np.linalg.eigvalsh(products / products[0, 0])[0] < _SMALLEST_EIGENVALUE:
        raise _refused(
            f"{int((~is_treated).sum())} controls, too few or too alike for {design.shape[1] - 1} covariates"
        )
    inverse = np.linalg.inv(products)
    fitted = design @ (inverse @ (design.T @ (control * change)) / len(change))
    return fitted, (design * (control * (change - fitted))[:, None]) @ inverse


def _propensity(is_treated: Bools, design: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Chance of being treated by logit, and each unit's influence on its coefficients."""
    coefs = np.zeros(design.shape[1])
    share = np.average(is_treated, weights=weights)
    coefs[0] = np.log(share / (1 - share))
    for _ in range(60):
        score = 1 / (1 + np.exp(-np.clip(design @ coefs, -30, 30)))
        if score.max() >= LARGEST_PROPENSITY:
            break
        information = (design * (weights * score * (1 - score))[:, None]).T @ design
        if np.linalg.eigvalsh(information)[0] < _SMALLEST_EIGENVALUE * np.trace(information):
            break
        step = np.linalg.solve(information, design.T @ (weights * (is_treated - score)))
        coefs = coefs + step
        if np.abs(step).max() < 1e-12:
            inverse = np.linalg.inv(information) * len(score)
            return score, (design * (weights * (is_treated - score))[:, None]) @ inverse
    raise _refused("no overlap: some treated units have no control with covariates like theirs")


def _refused(found: str) -> NotEnoughData:
    return NotEnoughData(
        "an effect from two groups and two periods", found=found, todo="use fewer covariates, or more controls"
    )
