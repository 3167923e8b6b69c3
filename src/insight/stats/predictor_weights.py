"""How much each predictor counts in a synthetic control, chosen so that outcomes before the start are met best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insight.errors import UsageError
from insight.stats.rows import Floats
from insight.stats.simplex import simplex_weights

STEPS_PER_PREDICTOR = 50
"""Trials of one round of the search, for each predictor."""

FIRST_STRETCH = 1.5
"""First step of the search, on the log scale: importance differs by orders of magnitude."""

LEAST = 1e-6


@dataclass(frozen=True, eq=False)
class PredictorFit:
    """Donor weights (k,), importance of each predictor (K,) with the sum one, and the mean squared error before."""

    weights: Floats
    importance: Floats
    error: float


def predictor_weights(
    donors: Floats,
    *,
    target: Floats,
    donor_paths: Floats,
    target_path: Floats,
    importance: Floats | None = None,
) -> PredictorFit:
    """Donor weights that match predictors, with the importance of the predictors searched for or given.

    Parameters
    ----------
    donors : (K, k) array
        Predictors of the donors, one row each.
    target : (K,) array
        Predictors of the treated unit.
    donor_paths : (S, k) array
        Outcomes of the donors before the start.
    target_path : (S,) array
    importance : (K,) array, optional
        Fixed importance of the standardised predictors, not negative; searched for where None.

    Raises
    ------
    UsageError
        If importance is negative, all zero, or not one number per predictor.

    Notes
    -----
    Abadie, Diamond & Hainmueller (2010), J Am Stat Assoc 105, 493-505: predictors are divided by their standard
    deviation over all units; the matrix V is diagonal; given V the weights minimise the distance of the predictors,
    and V minimises the mean squared gap of the outcome before the start. The search begins at equal importance and at
    that of a regression of the outcomes on the predictors, and goes on by Nelder-Mead, twice, on the log scale; it
    uses no random numbers. Another search may end at another V (Malo, Eskelinen, Zhou & Kuosmanen 2024, Comput Econ
    64, 1113-1136). Where V leaves the weights open they are the most even ones.
    """
    spread = np.column_stack([donors, target]).std(axis=1, ddof=1)
    spread[spread <= 0] = 1.0
    search = _Search(donors / spread[:, None], target / spread, donor_paths, target_path)
    if importance is not None:
        given = np.asarray(importance, dtype=np.float64)
        if given.shape != target.shape or not (np.isfinite(given).all() and (given >= 0).all() and given.sum() > 0):
            raise UsageError(
                "a synthetic control with given predictor weights",
                found=f"{given.size} weight(s) for {len(target)} predictor(s), or a negative one",
                todo="give one weight of 0 or more per predictor, not all 0",
            )
        return search.fit(given / given.sum())
    return search.best()


class _Search:
    """Weights and outcome error as functions of the importance of the predictors."""

    def __init__(self, donors: Floats, target: Floats, donor_paths: Floats, target_path: Floats) -> None:
        self._donors, self._target = donors, target
        self._donor_paths, self._target_path = donor_paths, target_path

    def fit(self, importance: Floats) -> PredictorFit:
        """Weights and error at one importance."""
        size = np.sqrt(importance)
        fit = simplex_weights(self._donors * size[:, None], target=self._target * size)
        gaps = self._target_path - self._donor_paths @ fit.weights
        return PredictorFit(fit.weights, importance, float((gaps**2).mean()))

    def best(self) -> PredictorFit:
        """The best of the starts and of where Nelder-Mead leads from them."""
        count = len(self._target)
        starts = [self.fit(start) for start in (np.full(count, 1.0 / count), *self._from_regression())]
        if count == 1:
            return starts[0]
        ends = [self._improved(self._improved(start)) for start in starts]
        return min([*starts, *ends], key=lambda each: each.error)

    def _from_regression(self) -> list[Floats]:
        """Importance as the sum of squared coefficients of the outcomes of all units on their predictors."""
        units = np.column_stack([self._donors, self._target]).T
        paths = np.column_stack([self._donor_paths, self._target_path]).T
        if len(units) <= units.shape[1] + 1:
            return []
        columns = np.column_stack([np.ones(len(units)), units])
        coefs = np.linalg.lstsq(columns, paths, rcond=None)[0][1:]
        size = (coefs**2).sum(axis=1)
        return [size / size.sum()] if size.sum() > 0 else []

    def _improved(self, start: PredictorFit) -> PredictorFit:
        from scipy.optimize import minimize

        def importance(logs: Floats) -> Floats:
            size = np.exp(logs - logs.max())
            shares: Floats = size / size.sum()
            return shares

        logs = np.log(np.maximum(start.importance, LEAST))
        options = {
            "maxfev": STEPS_PER_PREDICTOR * len(logs),
            "xatol": 1e-4,
            "fatol": 1e-9 * max(start.error, np.finfo(float).tiny),
            "initial_simplex": np.vstack([logs, logs + FIRST_STRETCH * np.eye(len(logs))]),
        }
        found = minimize(lambda x: self.fit(importance(x)).error, logs, method="Nelder-Mead", options=options)
        return self.fit(importance(found.x))
