"""Do the sensitivity intervals do what they say, against slow plain versions and by simulation?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import linprog, minimize
from scipy.stats import norm

from insight.errors import NotEnoughData, UsageError
from insight.stats.event_path import EventPath, event_path, two_digits_down
from insight.stats.fixed_length import BiasAndNoise, folded_normal_quantile, lasso_corners
from insight.stats.relative_magnitudes import IDENTIFIED, relative_magnitudes, worlds
from insight.stats.sensitivity import smoothness_intervals


def event_study(*, seed: int, n_pre: int, n_post: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    size = n_pre + n_post
    root = rng.normal(size=(size, size + 2)) + 1.5 * rng.normal(size=(1, size + 2))
    return rng.normal(size=size), root @ root.T / size / 50


def worst_bias(vector: np.ndarray, *, n_pre: int, bend: float) -> float:
    """The largest bias over all paths with bounded second differences, by linear programme."""
    periods = np.insert(np.eye(len(vector)), n_pre, 0.0, axis=0)
    bends = np.diff(periods, n=2, axis=0)
    limits = np.full(2 * len(bends), bend)
    answer = linprog(-vector, A_ub=np.vstack([bends, -bends]), b_ub=limits, bounds=(None, None))
    assert answer.success
    return float(-answer.fun)


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.5, 1.0, 3.0, 12.0, 50.0])
def test_the_critical_value_holds_the_level_at_every_bias(shift: float) -> None:
    critical = folded_normal_quantile(shift, level=0.9)
    assert norm.cdf(critical - shift) - norm.cdf(-critical - shift) == pytest.approx(0.9, abs=1e-9)
    assert folded_normal_quantile(-shift, level=0.9) == critical


@pytest.mark.parametrize(("n_pre", "n_post"), [(1, 1), (2, 3), (5, 4), (12, 9)])
def test_the_worst_bias_is_that_of_the_worst_path(n_pre: int, n_post: int) -> None:
    coefs, vcov = event_study(seed=n_pre, n_pre=n_pre, n_post=n_post)
    weights = np.full(n_post, 1 / n_post)
    for bend in (0.01, 0.2):
        found = BiasAndNoise(coefs, vcov, n_pre=n_pre, weights=weights).interval(bend)
        vector = np.concatenate([found.before, weights])
        assert found.worst_bias == pytest.approx(worst_bias(vector, n_pre=n_pre, bend=bend), abs=1e-8)
        assert found.std_error == pytest.approx(math.sqrt(vector @ vcov @ vector))
        assert found.value == pytest.approx(vector @ coefs)


@pytest.mark.parametrize("seed", range(6))
def test_no_general_search_finds_a_shorter_interval(seed: int) -> None:
    n_pre, bend = 5, 0.02 * (seed + 1)
    coefs, vcov = event_study(seed=seed, n_pre=n_pre, n_post=2)
    weights = np.array([0.5, 0.5])
    trade = BiasAndNoise(coefs, vcov, n_pre=n_pre, weights=weights)
    found = trade.interval(bend)

    def half(free: np.ndarray) -> float:
        vector = trade.base + trade.from_free @ free
        noise = math.sqrt(vector @ vcov @ vector)
        return noise * folded_normal_quantile(bend * (trade.fixed_bias + np.abs(free).sum()) / noise)

    searches = [minimize(half, start, method="Powell", options={"xtol": 1e-9}) for start in trade.path]
    assert (found.high - found.low) / 2 <= min(search.fun for search in searches) + 1e-7


@pytest.mark.parametrize("seed", range(5))
def test_the_corners_of_the_path_satisfy_the_conditions_of_a_lasso(seed: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(8, 6)) + 2 * rng.normal(size=(8, 1))
    quadratic, linear = root.T @ root, rng.normal(size=6)
    corners = lasso_corners(quadratic, linear)
    for corner in corners:
        pull = -(linear + quadratic @ corner)
        penalty = np.abs(pull).max()
        used = np.abs(corner) > 1e-12
        assert np.allclose(pull[used], penalty * np.sign(corner[used]), atol=1e-9)
    assert corners[-1] == pytest.approx(-np.linalg.solve(quadratic, linear), abs=1e-9)


def test_the_interval_holds_the_truth_at_its_level_under_the_worst_path() -> None:
    """Coverage at the worst bias is exactly the level: the estimator is normal around truth plus bias."""
    coefs, vcov = event_study(seed=3, n_pre=4, n_post=3)
    found = smoothness_intervals(coefs, vcov=vcov, n_pre=4, weights=[1 / 3] * 3, grid=[0.0, 0.05, 0.3])
    for each in found.intervals:
        reach, shift = (each.high - each.low) / 2 / each.std_error, each.worst_bias / each.std_error
        assert norm.cdf(reach - shift) - norm.cdf(-reach - shift) == pytest.approx(0.95, abs=1e-9)


def test_a_straight_line_is_taken_out_whole() -> None:
    line = 0.3 * np.array([-4, -3, -2, -1, 1, 2, 3])
    effects = np.array([0, 0, 0, 0, -0.5, -0.5, -0.5])
    found = smoothness_intervals(line + effects, vcov=np.eye(7) * 1e-6, n_pre=4, weights=[1 / 3] * 3, grid=[0.0])
    assert found.estimates[0].value == pytest.approx(-0.5)


def test_the_breakdown_is_where_the_interval_first_reaches_no_effect() -> None:
    found = smoothness_intervals([0.01, -0.02, 0.0, -0.5, -0.6], vcov=np.eye(5) * 0.002, n_pre=3)
    assert found.breakdown is not None
    around = [found.breakdown * 0.999, found.breakdown * 1.001]
    again = smoothness_intervals([0.01, -0.02, 0.0, -0.5, -0.6], vcov=np.eye(5) * 0.002, n_pre=3, grid=around)
    assert [each.excludes_null for each in again.estimates] == [True, False]
    assert found.words.startswith("The conclusion stands while the difference in trend bends by less than")
    assert "hold" not in found.words


@pytest.mark.parametrize(("number", "down"), [(0.7699, 0.76), (1.2, 1.2), (0.0, 0.0), (12.9, 12.0), (0.0999, 0.099)])
def test_what_stands_is_rounded_down(number: float, down: float) -> None:
    assert two_digits_down(number) == pytest.approx(down)


def test_a_conclusion_that_a_straight_line_explains_is_said_not_to_stand() -> None:
    line = -0.3 * np.array([-4, -3, -2, -1, 1, 2])
    found = smoothness_intervals(line, vcov=np.eye(6) * 0.001, n_pre=4)
    assert found.plain.excludes_null
    assert found.breakdown is None
    assert found.words == "The conclusion does not stand once the trends may differ by a straight line."


def test_an_interval_that_spans_no_change_leaves_no_conclusion_to_test() -> None:
    found = smoothness_intervals([0.0, 0.0, 0.01], vcov=np.eye(3), n_pre=2)
    assert found.words.startswith("There is no conclusion to test")
    assert relative_magnitudes([0.0, 0.0, 0.01], vcov=np.eye(3), n_pre=2).words.startswith("There is no conclusion")


def test_coefficients_that_are_logs_give_rate_ratios_and_bends_in_percent() -> None:
    found = smoothness_intervals([0.0, 0.01, -0.4], vcov=np.eye(3) * 0.001, n_pre=2, scale="ratio", grid=[0.0])
    estimate, interval = found.estimates[0], found.intervals[0]
    assert (estimate.scale, estimate.null) == ("ratio", 1.0)
    assert (estimate.low, estimate.high) == pytest.approx((math.exp(interval.low), math.exp(interval.high)))
    assert "% per period" in found.words


def test_a_covariance_of_few_placebos_without_an_inverse_is_taken() -> None:
    placebos = np.random.default_rng(4).normal(size=(5, 9)) * 0.1
    vcov = np.cov(placebos, rowvar=False)
    found = smoothness_intervals(np.r_[np.zeros(6), -1.0, -1.0, -1.0], vcov=vcov, n_pre=6)
    assert all(math.isfinite(each.low) and each.low <= each.high for each in found.intervals)
    assert relative_magnitudes(np.r_[np.zeros(6), -1.0, -1.0, -1.0], vcov=vcov, n_pre=6).table["low"].notna().all()


def test_same_input_gives_the_same_table() -> None:
    coefs, vcov = event_study(seed=9, n_pre=6, n_post=4)
    first, second = (smoothness_intervals(coefs, vcov=vcov, n_pre=6).table for _ in range(2))
    assert first.equals(second)
    first, second = (relative_magnitudes(coefs, vcov=vcov, n_pre=6).table for _ in range(2))
    assert first.equals(second)


def test_the_identified_set_is_labelled_and_is_that_of_the_worst_steps() -> None:
    coefs, vcov = event_study(seed=5, n_pre=3, n_post=3)
    weights = np.array([0.2, 0.3, 0.5])
    found = relative_magnitudes(coefs, vcov=vcov, n_pre=3, weights=weights, grid=[0.7]).identified[0]
    steps = np.diff(np.append(coefs[:3], 0.0))
    limit = 0.7 * np.abs(steps).max()
    moves = np.tril(np.ones((3, 3)))
    ends = [linprog(sign * weights @ moves, bounds=[(-limit, limit)] * 3).fun * sign for sign in (1.0, -1.0)]
    assert found.method == IDENTIFIED
    assert "without sampling error" in found.method
    assert (found.low, found.high) == pytest.approx((weights @ coefs[3:] - ends[1], weights @ coefs[3:] - ends[0]))


def test_the_set_over_relative_magnitudes_holds_the_truth_at_least_as_often_as_it_says() -> None:
    """Truth at the edge: each step after the start is as large as the largest before it, and the effect is zero."""
    trend = np.array([0.1, 0.2, 0.2, 0.5, 0.8])  # the largest step before the start is 0.3, from the third to zero
    trend[:3] -= 0.5
    trend[3:] = [0.3, 0.6]
    vcov = 0.01 * (0.5 * np.eye(5) + 0.5)
    draws = np.random.default_rng(12).multivariate_normal(trend, vcov, size=400)
    held = [holds_nothing(event_path(draw, vcov=vcov, n_pre=3), multiple=1.0) for draw in draws]
    assert np.mean(held) >= 0.925  # 95% less two and a half Monte Carlo errors


def holds_nothing(path: EventPath, *, multiple: float) -> bool:
    return any(
        world.accepted(np.zeros(1), size=0.05, first_stage=world.first_stage(0.005))[0]
        for world in worlds(path, multiple)
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_closed_form_of_the_dual_is_what_a_linear_programme_finds(seed: int) -> None:
    """The largest form is the least slack that all inequalities need, over every path of effects with that target."""
    coefs, vcov = event_study(seed=seed, n_pre=3, n_post=4)
    weights = np.random.default_rng(seed).normal(size=4)
    path = event_path(coefs, vcov=vcov, n_pre=3, weights=weights)
    steps = np.diff(np.insert(np.eye(7), 3, 0.0, axis=0), axis=0)
    largest = [sign * step for step in steps[:3] for sign in (1.0, -1.0)]
    for world, before in zip(worlds(path, 0.8), largest, strict=True):
        rows = np.vstack([steps[3:] - 0.8 * before, -steps[3:] - 0.8 * before])
        noise = np.sqrt(np.diag(rows @ vcov @ rows.T))
        answer = linprog(
            np.append(np.zeros(4), 1.0),
            A_ub=np.column_stack([-rows[:, 3:], -noise]),
            b_ub=-rows @ coefs,
            A_eq=np.append(weights, 0.0)[None, :],
            b_eq=[0.4],
            bounds=(None, None),
        )
        assert (world.at_zero + world.slope * 0.4).max() == pytest.approx(answer.fun, abs=1e-8)


def test_the_relative_breakdown_is_where_the_set_first_holds_no_effect() -> None:
    coefs, vcov = [0.02, -0.03, 0.01, -0.4, -0.5], np.eye(5) * 0.0004
    found = relative_magnitudes(coefs, vcov=vcov, n_pre=3)
    assert found.breakdown is not None
    again = relative_magnitudes(coefs, vcov=vcov, n_pre=3, grid=[found.breakdown * 0.999, found.breakdown * 1.001])
    assert [each.excludes_null for each in again.estimates] == [True, False]
    assert found.breakdown < found.identified_breakdown
    assert "times the most that they parted before the start" in found.words


def test_trends_that_parted_hardly_at_all_leave_a_conclusion_that_stands_far() -> None:
    found = relative_magnitudes([0.0, 0.0, -1.0], vcov=np.eye(3) * 1e-6, n_pre=2)
    assert found.breakdown == 100.0
    assert found.identified_breakdown == math.inf
    assert "100 times" in found.words


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"n_pre": 0}, NotEnoughData),
        ({"n_pre": 4}, NotEnoughData),
        ({"n_post": 3}, UsageError),
        ({"vcov": np.eye(3)}, UsageError),
        ({"vcov": -np.eye(4)}, UsageError),
        ({"vcov": np.triu(np.ones((4, 4)))}, UsageError),
        ({"vcov": np.full((4, 4), np.nan)}, UsageError),
        ({"weights": [0.0, 0.0]}, UsageError),
        ({"weights": [1.0]}, UsageError),
        ({"grid": []}, UsageError),
        ({"grid": [-1.0]}, UsageError),
        ({"level": 1.0}, UsageError),
        ({"scale": "logs"}, UsageError),
    ],
)
@pytest.mark.parametrize("analysis", [smoothness_intervals, relative_magnitudes])
def test_what_cannot_be_used_is_refused_in_words(analysis, change: dict[str, object], error: type[Exception]) -> None:
    given = {"vcov": np.eye(4), "n_pre": 2} | change
    with pytest.raises(error):
        analysis([0.0, 0.1, 0.2, 0.3], **given)


def test_a_coefficient_without_error_is_refused_for_relative_magnitudes() -> None:
    with pytest.raises(UsageError, match="without sampling error"):
        relative_magnitudes([0.0, 1.0], vcov=np.zeros((2, 2)), n_pre=1)


def test_an_interval_too_wide_for_a_ratio_is_refused() -> None:
    with pytest.raises(NotEnoughData, match="log scale"):
        smoothness_intervals([0.0, 1.0], vcov=np.eye(2), n_pre=1, grid=[100.0], scale="ratio")
