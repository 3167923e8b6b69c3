"""Simplex weights: the conditions of an optimum, and a slow second solver."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.errors import UsageError
from insight.stats.simplex import simplex_weights


def drawn(seed: int, rows: int, donors: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.normal(size=(rows, donors)), generator.normal(size=rows)


problems = st.tuples(
    st.integers(0, 10_000), st.integers(1, 25), st.integers(1, 20), st.booleans(), st.sampled_from([0.0, 0.3])
)


@settings(max_examples=60, deadline=None)
@given(problems)
def test_weights_are_not_negative_sum_to_one_and_meet_the_conditions_of_an_optimum(
    problem: tuple[int, int, int, bool, float],
) -> None:
    seed, rows, k, intercept, ridge = problem
    donors, target = drawn(seed, rows, k)
    fit = simplex_weights(donors, target=target, intercept=intercept, ridge=ridge, even=0.0)
    assert (fit.weights >= 0).all()
    assert fit.weights.sum() == pytest.approx(1.0, abs=1e-12)
    # At the optimum every donor in use has the same slope, and no other donor a lower one.
    slope = -2 * donors.T @ fit.residuals + 2 * ridge * fit.weights
    if intercept:
        assert fit.residuals.mean() == pytest.approx(0.0, abs=1e-10)
    used = fit.weights > 1e-9
    lowest = slope[used].min()
    assert np.ptp(slope[used]) < 1e-7
    assert (slope >= lowest - 1e-7).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_the_order_of_donors_does_not_matter(seed: int, intercept: bool) -> None:
    donors, target = drawn(seed, 4, 12)  # more donors than rows: many mixtures fit equally well
    order = np.random.default_rng(seed + 1).permutation(12)
    one = simplex_weights(donors, target=target * 0.1, intercept=intercept)
    other = simplex_weights(donors[:, order], target=target * 0.1, intercept=intercept)
    np.testing.assert_allclose(other.weights, one.weights[order], atol=1e-5)


def test_a_general_solver_finds_the_same_weights() -> None:
    from scipy.optimize import minimize

    donors, target = drawn(3, 30, 6)
    fit = simplex_weights(donors, target=target, intercept=True, ridge=0.5)

    def objective(x: np.ndarray) -> float:
        return float(((target - x[0] - donors @ x[1:]) ** 2).sum() + 0.5 * (x[1:] ** 2).sum())

    slow = minimize(
        objective,
        np.r_[0.0, np.full(6, 1 / 6)],
        bounds=[(None, None), *[(0, 1)] * 6],
        constraints={"type": "eq", "fun": lambda x: x[1:].sum() - 1},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    np.testing.assert_allclose(np.r_[fit.intercept, fit.weights], slow.x, atol=1e-5)


def test_a_donor_equal_to_the_target_gets_all_the_weight() -> None:
    donors, _ = drawn(5, 20, 8)
    fit = simplex_weights(donors, target=donors[:, 3])
    np.testing.assert_allclose(fit.weights, np.eye(8)[3], atol=1e-7)


def test_donors_that_all_equal_the_target_share_the_weight() -> None:
    fit = simplex_weights(np.ones((5, 4)), target=np.ones(5))
    np.testing.assert_allclose(fit.weights, 0.25)


def test_one_donor_has_the_weight_one() -> None:
    assert simplex_weights(np.arange(3.0)[:, None], target=np.ones(3)).weights.tolist() == [1.0]


@pytest.mark.parametrize(
    ("donors", "target", "ridge"),
    [
        (np.empty((3, 0)), np.ones(3), 0.0),
        (np.ones((3, 2)), np.ones(2), 0.0),
        (np.array([[1.0, np.nan]]), np.ones(1), 0.0),
        (np.ones((3, 2)), np.ones(3), -1.0),
    ],
)
def test_what_cannot_be_solved_is_refused_in_words(donors: np.ndarray, target: np.ndarray, ridge: float) -> None:
    with pytest.raises(UsageError):
        simplex_weights(donors, target=target, ridge=ridge)
