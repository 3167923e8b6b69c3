"""The restricted wild cluster bootstrap, for few clusters.

Where a set of effects is nested in the clusters it is taken out first, which changing a cluster's sign cannot disturb;
the other effects stay in as dummies and are estimated anew in every draw.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insight.errors import UsageError
from insight.stats.distributions import check_level
from insight.stats.fit import check_clusters
from insight.stats.projection import cluster_sums, least_squares, project, split_columns
from insight.stats.rows import Floats, Rows, Specification, complete_rows, without_singletons


@dataclass(frozen=True)
class WildTest:
    """A restricted wild cluster bootstrap test.

    Parameters
    ----------
    term : str
        The regressor tested.
    null : float
        The value tested.
    coef, statistic : float
        Estimate, and its t statistic (with the CRV1 error, small-sample factor left out: it cancels).
    p_value : float
        Share of draws at least as extreme; two-sided.
    smallest_p : float
        The smallest p-value that this many clusters or draws could give.
    low, high : float or None
        Interval by inverting the test; None where the test cannot exclude any value on that side.
    level : float
        Level of the interval.
    draws : int
        Sign patterns used.
    is_enumerated : bool
        Whether these are all patterns there are (half of them, as a pattern and its opposite give one statistic).
    n_rows, n_clusters : int
        What the test rests on.
    method : str
        The method in words.
    """

    term: str
    null: float
    coef: float
    statistic: float
    p_value: float
    smallest_p: float
    low: float | None
    high: float | None
    level: float
    draws: int
    is_enumerated: bool
    n_rows: int
    n_clusters: int
    method: str


def restricted_wild_bootstrap(
    frame: pd.DataFrame,
    *,
    outcome: str,
    regressors: Sequence[str],
    unit: str | None,
    period: str | None,
    absorb: Sequence[str] | None = None,
    cluster: str | None = None,
    weights: str | None = None,
    term: str | None = None,
    null: float = 0.0,
    seed: int,
    draws: int = 9999,
    level: float = 0.95,
) -> WildTest:
    """Test one coefficient, and find its interval, by flipping the signs of whole clusters' residuals.

    The null is imposed before the residuals are taken, and every draw estimates the full model anew, effects included.
    All sign patterns are used where they are at most ``draws`` + 1 (a pattern and its opposite counted once).

    Parameters
    ----------
    frame, outcome, regressors, unit, period, absorb, cluster, weights, level
        As for `within_regression`.
    term : str, optional
        The regressor tested; the first by default.
    null : float
        The value tested. The interval does not depend on it.
    seed : int
        Seed of the draws; unused where all patterns are used.
    draws : int
        Rademacher draws where the patterns are too many to use all.

    Raises
    ------
    NotEnoughData
        If nothing is left to estimate from, or there are fewer than 3 clusters.
    UsageError
        If a column is absent or not a number, the term is not a regressor, or ``draws`` is under 99.

    Notes
    -----
    WCR11 of Cameron, Gelbach & Miller (2008), Rev Econ Stat 90, 414-427; interval by test inversion and the algebra of
    few matrix products as in Roodman, MacKinnon, Nielsen & Webb (2019), Stata J 19, 4-60. Ties count against
    the null's rejection.
    """
    check_level(level)
    names = tuple(regressors)
    term = names[0] if term is None and names else term
    if (names and term not in names) or draws < 99 or not np.isfinite(null):
        raise UsageError(
            f"a wild bootstrap test of {term!r} at {null}",
            found=f"regressors {list(names)}, draws={draws}",
            todo="name one of the regressors, a finite value and at least 99 draws",
        )
    specification = Specification(
        outcome, names, unit, period, None if absorb is None else tuple(absorb), cluster, weights
    )
    rows = without_singletons(complete_rows(frame, specification))
    check_clusters(rows.n_clusters, errors="wild")
    least_squares(project(rows))
    place = names.index(str(term))
    signs, is_enumerated = _sign_patterns(rows.n_clusters, draws, seed)
    statistics = _Statistics(rows, place, signs)
    tail = _tail(statistics, is_enumerated)
    smallest = 1 / signs.shape[1] if is_enumerated else 1 / (signs.shape[1] + 1)
    return WildTest(
        term=str(term),
        null=null,
        coef=statistics.coef,
        statistic=statistics.observed(null),
        p_value=tail(null),
        smallest_p=smallest,
        low=_edge(tail, statistics, -1, level) if smallest <= 1 - level else None,
        high=_edge(tail, statistics, +1, level) if smallest <= 1 - level else None,
        level=level,
        draws=signs.shape[1],
        is_enumerated=is_enumerated,
        n_rows=rows.n_rows,
        n_clusters=rows.n_clusters,
        method=_method(rows, signs.shape[1], is_enumerated, seed),
    )


class _Statistics:
    """Numerators and denominators of the t statistics of every draw, as functions of the value tested.

    Restricted residuals are linear in the value tested, so scores are linear and their sums of squares quadratic: each
    value costs one pass over the draws and no new regression.
    """

    def __init__(self, rows: Rows, place: int, signs: Floats) -> None:
        outcome, regressors, others = split_columns(rows)
        others = np.column_stack([np.delete(regressors, place, axis=1), others])
        others = others / np.maximum(np.linalg.norm(others, axis=0), np.finfo(float).tiny)
        inverse = np.linalg.pinv(others.T @ others, rcond=1e-12, hermitian=True)
        tested, left = (column - others @ (inverse @ (others.T @ column)) for column in (regressors[:, place], outcome))
        groups = rows.clusters
        size = float(tested @ tested)
        self.coef = float(tested @ left) / size
        weight = cluster_sums((tested**2)[:, None], groups)[:, 0] / size
        reach = cluster_sums(tested[:, None] * others, groups) @ inverse

        def linear(residual: Floats) -> tuple[Floats, Floats]:
            scores = cluster_sums((tested * residual)[:, None], groups)[:, 0]
            matrix = np.diag(scores) - reach @ cluster_sums(others * residual[:, None], groups).T
            matrix -= np.outer(weight, scores)
            return scores, matrix

        # Residual under the value b is left - b * tested; around the estimate the numbers stay small.
        centre_scores, centre_matrix = linear(left - self.coef * tested)
        slope_scores, slope_matrix = linear(tested)
        self._signs = signs
        self._numerator = (centre_scores @ signs, slope_scores @ signs)
        first, second = centre_matrix @ signs, slope_matrix @ signs
        self._squares = ((first**2).sum(axis=0), (first * second).sum(axis=0), (second**2).sum(axis=0))
        ones = np.ones((rows.n_clusters, 1))
        self._error = float(np.sqrt(((centre_matrix @ ones) ** 2).sum()))
        self._size = size
        self.std_error = self._error / size

    def observed(self, value: float) -> float:
        """The t statistic of the data against ``value``."""
        return (self.coef - value) * self._size / self._error

    def drawn(self, value: float) -> Floats:
        """The absolute t statistics of the draws against ``value``."""
        shift = self.coef - value
        numerator = self._numerator[0] + shift * self._numerator[1]
        squares = self._squares[0] + 2 * shift * self._squares[1] + shift**2 * self._squares[2]
        with np.errstate(divide="ignore", invalid="ignore"):
            statistics = np.abs(numerator) / np.sqrt(np.maximum(squares, 0.0))
        return np.where(np.isnan(statistics), 0.0, statistics)


def _sign_patterns(n_clusters: int, draws: int, seed: int) -> tuple[Floats, bool]:
    """Signs (G x draws): every pattern with the first cluster unchanged where there are few, else drawn."""
    if n_clusters - 1 <= np.log2(draws + 1):
        patterns = 2 * np.arange(2 ** (n_clusters - 1), dtype=np.int64)
        flipped = (patterns[None, :] >> np.arange(n_clusters)[:, None]) & 1
        return np.where(flipped, -1.0, 1.0), True
    generator = np.random.default_rng(seed)
    return np.where(generator.integers(0, 2, size=(n_clusters, draws)), -1.0, 1.0), False


def _tail(statistics: _Statistics, is_enumerated: bool) -> Callable[[float], float]:
    def tail(value: float) -> float:
        # A pattern that leaves the data unchanged must tie with the data, whatever rounding says.
        threshold = abs(statistics.observed(value)) * (1 - 1e-9)
        extreme = statistics.drawn(value) >= threshold
        return float(extreme.mean()) if is_enumerated else float((extreme.sum() + 1) / (len(extreme) + 1))

    return tail


def _edge(tail: Callable[[float], float], statistics: _Statistics, side: int, level: float) -> float | None:
    """The value on one side of the estimate where the p-value falls to 1 - level; None where it never does."""
    inside, step = statistics.coef, statistics.std_error
    for _ in range(20):
        outside = statistics.coef + side * step
        if tail(outside) <= 1 - level:
            break
        inside, step = outside, step * 2
    else:
        return None
    while abs(outside - inside) > 1e-7 * statistics.std_error:
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if tail(middle) <= 1 - level else (middle, outside)
    return (inside + outside) / 2


def _method(rows: Rows, draws: int, is_enumerated: bool, seed: int) -> str:
    how = f"all {draws} patterns of signs" if is_enumerated else f"{draws} draws, seed {seed}"
    return (
        f"restricted wild cluster bootstrap on least squares, {rows.specification.in_words}, by "
        f"{rows.specification.cluster_column}; Rademacher signs, {how}; interval by test inversion"
    )
