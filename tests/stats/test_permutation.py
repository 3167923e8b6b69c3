"""Ranks among placebos, permutations of units and starts, and their intervals."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insight.errors import NotEnoughData, UsageError
from insight.stats.arrangements import arrange, draw_assignments, size_thirds
from insight.stats.ferman_pinto import ferman_pinto
from insight.stats.inversion import permutation_estimate
from insight.stats.panel_matrix import panel_matrix
from insight.stats.permutation import placebo_interval
from insight.stats.start_permutation import changes_around_starts, permute_starts
from insight.stats.unit_permutation import permute_units

# Darwin's maize, eighths of an inch, crossed less self-fertilised (Fisher 1935, The Design of Experiments, section 21).
MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
# Wing and antenna lengths of two species of midge (Ernst 2004, Stat Sci 19, 676-685; Nguyen 2009, table 4).
WINGS = ([1.72, 1.64, 1.74, 1.70, 1.82, 1.82, 1.90, 1.82, 2.08], [1.78, 1.86, 1.96, 2.00, 2.00, 1.96])
ANTENNAE = ([1.24, 1.38, 1.36, 1.40, 1.38, 1.48, 1.38, 1.54, 1.56], [1.14, 1.20, 1.30, 1.26, 1.28, 1.18])
# Recovery times, control and treatment (Nguyen 2009, table 1).
RECOVERY = ([19, 22, 25, 26], [23, 33, 40])


def two_groups(first: list[float], second: list[float]) -> tuple[np.ndarray, np.ndarray]:
    values = np.array([*first, *second], dtype=float)
    return values, np.arange(len(values)) < len(first)


def test_fisher_found_863_of_32768_arrangements_of_darwins_maize_at_least_as_extreme_on_one_side() -> None:
    heights = np.column_stack([MAIZE, np.zeros(15)]).reshape(-1)
    crossed = np.tile([True, False], 15)
    asked = {"treated": crossed, "strata": np.repeat(np.arange(15), 2), "seed": 1, "enumerate_up_to": 32768}
    one, two = (permute_units(heights, alternative=side, **asked) for side in ("greater", "two-sided"))
    assert one.n_possible == one.n_arrangements == 32768
    assert one.p_value * 32768 == pytest.approx(863)
    assert two.p_value * 32768 == pytest.approx(2 * 863)
    assert two.low is not None
    assert two.low < 0 < two.observed


def test_recovery_times_give_the_published_p_value_and_intervals() -> None:
    # Nguyen (2009), pages 5-6 and 11; the two-sided interval from the README of the R package CIPerm 0.2.3.
    values, control = two_groups(*RECOVERY)
    less = permute_units(values, treated=control, seed=1, alternative="less", level=1 - 2 / 35)
    assert less.p_value == pytest.approx(0.08571429, abs=1e-8)
    assert less.low is None
    assert less.high == pytest.approx(2)
    # CIPerm settles for 1 - 2/35 where 95% is asked for, as one of 35 in each tail is the least there can be.
    equal = permute_units(values, treated=control, seed=1, tails="equal", level=1 - 2 / 35)
    assert (equal.low, equal.high) == pytest.approx((-21, 3))


@pytest.mark.parametrize(
    ("groups", "p", "low", "high"), [(WINGS, 0.0719, -0.246, 0.010), (ANTENNAE, 0.0022, 0.087, 0.285)]
)
def test_midges_give_the_published_exact_p_value_and_interval(
    groups: tuple[list[float], list[float]], p: float, low: float, high: float
) -> None:
    # p-values: Ernst (2004). Nguyen's 0.07172827 for the wings is 359 of 5005: rounding broke a tie that whole
    # hundredths keep. Intervals: Nguyen (2009), page 15, whose -0.246 is -0.24667 cut off.
    values, first = two_groups(*groups)
    found = permute_units(values, treated=first, seed=1, enumerate_up_to=5005)
    assert (found.n_possible, found.is_enumerated) == (5005, True)
    assert found.p_value == pytest.approx(p, abs=5e-5)
    whole = permute_units((100 * values).round(), treated=first, seed=1, enumerate_up_to=5005)
    assert found.p_value == whole.p_value
    equal = permute_units(values, treated=first, seed=1, tails="equal", enumerate_up_to=5005)
    assert (equal.low, equal.high) == pytest.approx((low, high), abs=7e-4)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_enumerated_p_values_equal_those_of_scipy(alternative: str) -> None:
    from scipy.stats import permutation_test

    generator = np.random.default_rng(3)
    for n_treated in (2, 3, 4):
        values = generator.normal(size=11)
        values[:n_treated] += 1
        actual = np.arange(11) < n_treated
        found = permute_units(values, treated=actual, seed=1, alternative=alternative)

        def statistic(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
            return np.mean(x, axis=axis) - np.mean(y, axis=axis)

        # scipy doubles the smaller tail where it is asked for two; the absolute value asks for our symmetric test.
        def symmetric(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
            return np.abs(np.mean(x, axis=axis) - np.mean(y, axis=axis))

        reference = permutation_test(
            (values[:n_treated], values[n_treated:]),
            symmetric if alternative == "two-sided" else statistic,
            vectorized=True,
            n_resamples=np.inf,
            alternative="greater" if alternative == "two-sided" else alternative,
        )
        assert found.p_value == pytest.approx(reference.pvalue, abs=1e-12)


def test_equal_tails_double_the_smaller_tail_as_scipy_does() -> None:
    from scipy.stats import permutation_test

    values, first = two_groups(*WINGS)
    reference = permutation_test(WINGS, lambda x, y: np.mean(x) - np.mean(y), n_resamples=np.inf)
    found = permute_units(values, treated=first, seed=1, tails="equal", enumerate_up_to=5005)
    assert found.p_value == pytest.approx(reference.pvalue, abs=1e-12)


@pytest.mark.published
def test_california_ranks_fourth_of_39_states_by_difference_in_differences(test_data: Path) -> None:
    # Arkhangelsky et al. (2021), table 1: the difference in differences is -27.3.
    frame = pd.read_csv(test_data / "reference" / "california_prop99.csv", sep=None, engine="python")
    state, year, packs = "State", "Year", "PacksPerCapita"
    frame["after"] = frame[year] >= 1989
    means = frame.pivot_table(index=state, columns="after", values=packs)
    changes = means[True] - means[False]
    others = changes.drop("California").to_numpy()
    placebos = [others[place] - np.delete(others, place).mean() for place in range(38)]
    found = placebo_interval(changes["California"] - others.mean(), placebos)
    assert found.observed == pytest.approx(-27.349, abs=1e-3)
    assert (found.rank, found.p_value) == (4, pytest.approx(4 / 39))
    # With California among the controls of the placebos, as the exact test has it, one more state ranks ahead.
    exact = permute_units(changes.to_numpy(), treated=changes.index == "California", seed=1)
    assert exact.observed == pytest.approx(found.observed)
    assert (exact.p_value, exact.smallest_p) == pytest.approx((5 / 39, 1 / 39))


def slow_p(values: np.ndarray, actual: np.ndarray, theta: float, side: str) -> float:
    """Every choice of as many units, with the effect taken off the treated ones first."""
    moved = values - theta * actual
    sets = list(itertools.combinations(range(len(values)), int(actual.sum())))

    def statistic(chosen: tuple[int, ...]) -> float:
        inside = np.isin(np.arange(len(values)), chosen)
        return float(moved[inside].mean() - moved[~inside].mean())

    drawn = np.array([statistic(chosen) for chosen in sets])
    observed = statistic(tuple(np.flatnonzero(actual)))
    if side == "two-sided":
        return float((np.abs(drawn) >= abs(observed) - 1e-10).mean())
    return float((drawn >= observed - 1e-10).mean() if side == "greater" else (drawn <= observed + 1e-10).mean())


@pytest.mark.parametrize("side", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("n_treated", [1, 3])
def test_the_interval_is_what_a_slow_search_over_a_grid_does_not_reject(side: str, n_treated: int) -> None:
    generator = np.random.default_rng(5)
    values, actual = generator.normal(size=9).round(2), np.arange(9) < n_treated
    level = 0.75
    found = permute_units(values, treated=actual, seed=1, level=level, alternative=side)
    for end, outward in ((found.low, -1), (found.high, 1)):
        if end is None:
            assert slow_p(values, actual, found.observed + outward * 1e4, side) > 1 - level
            continue
        assert slow_p(values, actual, end - outward * 1e-6, side) > 1 - level
        assert slow_p(values, actual, end + outward * 1e-6, side) <= 1 - level
    for null in np.linspace(-3, 3, 7):
        fast = permute_units(values, treated=actual, seed=1, null=float(null), alternative=side).p_value
        assert fast == pytest.approx(slow_p(values, actual, float(null), side))


def test_weights_and_strata_are_kept_to_in_every_arrangement() -> None:
    generator = np.random.default_rng(2)
    values, weights = generator.normal(size=10), generator.uniform(1, 9, size=10)
    actual = np.isin(np.arange(10), [0, 6])
    strata = np.where(np.arange(10) < 5, "small", "large")
    found = permute_units(values, treated=actual, weights=weights, strata=strata, seed=1)
    pairs = [(a, b) for a in range(5) for b in range(5, 10)]

    def statistic(pair: tuple[int, int]) -> float:
        inside = np.isin(np.arange(10), pair)
        return float(np.average(values[inside], weights=weights[inside])) - float(
            np.average(values[~inside], weights=weights[~inside])
        )

    drawn = np.array([statistic(pair) for pair in pairs])
    assert (found.n_possible, found.n_strata) == (25, 2)
    assert found.observed == pytest.approx(statistic((0, 6)))
    assert found.p_value == pytest.approx(np.mean(np.abs(drawn) >= abs(found.observed) - 1e-12))


def test_few_arrangements_are_enumerated_and_many_are_drawn_without_repeats() -> None:
    labels, one = np.repeat([1, 0], [3, 12]), np.zeros(15, dtype=np.int64)
    every = arrange(labels, strata=one, n_draws=999, seed=1)
    assert (len(every.codes), every.n_possible, every.is_enumerated) == (455, 455, True)
    drawn = arrange(labels, strata=one, n_draws=99, seed=1, enumerate_up_to=100)
    assert not drawn.is_enumerated
    assert len(np.unique(drawn.codes, axis=0)) == len(drawn.codes) == 100
    assert (drawn.codes[0] == labels).all()
    assert (drawn.codes == arrange(labels, strata=one, n_draws=99, seed=1, enumerate_up_to=100).codes).all()
    assert (drawn.codes != arrange(labels, strata=one, n_draws=99, seed=2, enumerate_up_to=100).codes).any()


def test_enumerating_three_kinds_of_label_finds_each_arrangement_once() -> None:
    labels = np.array([0, 0, 1, 2, 2, 0, 1])
    found = arrange(labels, strata=np.array([0, 0, 0, 0, 0, 1, 1]), n_draws=10, seed=1)
    slow = {(*a, *b) for a in itertools.permutations([0, 0, 1, 2, 2]) for b in itertools.permutations([0, 1])}
    assert {tuple(row) for row in found.codes.tolist()} == slow
    assert len(found.codes) == len(slow) == 60


def test_a_drawn_test_says_so_and_counts_the_actual_arrangement() -> None:
    values = np.random.default_rng(1).normal(size=40)
    values[:3] += 30
    found = permute_units(values, treated=np.arange(40) < 3, seed=1, n_draws=199)
    assert (found.n_arrangements, found.n_possible, found.is_enumerated) == (200, 9880, False)
    assert found.p_value == found.smallest_p == 1 / 200
    assert "199 of the 9,880" in found.words[0]
    assert found == permute_units(values, treated=np.arange(40) < 3, seed=1, n_draws=199)


def test_with_one_treated_of_twelve_no_interval_at_95_per_cent_can_be_given() -> None:
    values = np.arange(12.0)
    found = permute_units(values, treated=values == 11, seed=1)
    assert (found.low, found.high, found.smallest_p, found.can_reach_level) == (None, None, 1 / 12, False)
    assert "cannot reach the 95% level" in found.words[-1]
    assert permute_units(np.arange(20.0), treated=np.arange(20) == 19, seed=1).low is not None
    estimate = permutation_estimate(found, key="k", term="t", unit="log points")
    assert not estimate.has_interval
    assert "smallest possible p is 0.083" in estimate.method


def test_as_many_treated_as_untreated_units_have_a_mirror_image() -> None:
    found = permute_units(np.arange(8.0), treated=np.arange(8) < 4, seed=1)
    assert found.smallest_p == found.p_value == pytest.approx(2 / 70)


@pytest.mark.parametrize("n_treated", [1, 3, 6])
def test_intervals_cover_the_truth_about_as_often_as_they_say(n_treated: int) -> None:
    """Forty units, sixty periods, noise that remembers (0.4): the true effect is -0.15."""
    generator = np.random.default_rng(10 + n_treated)
    covered, rounds = 0, 500
    for _ in range(rounds):
        noise = generator.normal(scale=0.15, size=(40, 60))
        for step in range(1, 60):
            noise[:, step] += 0.4 * noise[:, step - 1]
        changes = noise[:, 36:].mean(axis=1) - noise[:, :36].mean(axis=1)
        actual = np.arange(40) < n_treated
        changes[actual] -= 0.15
        found = permute_units(changes, treated=actual, seed=1, n_draws=399, enumerate_up_to=50)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= -0.15 <= found.high
    assert 0.91 <= covered / rounds <= 0.98


def test_a_placebo_interval_is_the_estimate_and_an_order_statistic() -> None:
    placebos = np.random.default_rng(1).normal(size=39)
    found = placebo_interval(2.0, placebos)
    # 40 statistics: two may be as extreme at 5%, so the second largest absolute placebo is the half width.
    half = np.sort(np.abs(placebos))[-2]
    assert (found.low, found.high) == (2.0 - half, 2.0 + half)
    for theta in (found.low + 1e-9, found.high - 1e-9):
        assert placebo_interval(2.0, placebos, null=theta).p_value > 0.05
    for theta in (found.low - 1e-9, found.high + 1e-9):
        assert placebo_interval(2.0, placebos, null=theta).p_value <= 0.05


@pytest.mark.parametrize("how", [{"tails": "equal"}, {"alternative": "greater"}, {"alternative": "less"}])
def test_other_placebo_intervals_end_where_their_test_begins_to_reject(how: dict[str, str]) -> None:
    placebos = np.random.default_rng(2).exponential(size=99)
    found = placebo_interval(0.5, placebos, **how)
    for end, outward in ((found.low, -1), (found.high, 1)):
        if end is not None:
            assert placebo_interval(0.5, placebos, null=end - outward * 1e-9, **how).p_value > 0.05
            assert placebo_interval(0.5, placebos, null=end + outward * 1e-9, **how).p_value <= 0.05
    assert (found.low is None) == (how.get("alternative") == "less")
    assert (found.high is None) == (how.get("alternative") == "greater")


def test_ties_count_as_at_least_as_extreme_whatever_rounding_says() -> None:
    third = 0.1 + 0.2
    assert placebo_interval(0.3, [third, -third, 0.1]).p_value == 3 / 4
    assert placebo_interval(third, [0.3, -0.3, 0.1]).p_value == 3 / 4
    assert placebo_interval(third, [0.3, -0.3, 0.1]).rank == 3


def test_too_few_placebos_give_words_instead_of_an_interval() -> None:
    found = placebo_interval(1.0, [0.1, -0.2])
    assert (found.low, found.high, found.smallest_p, found.can_reach_level) == (None, None, 1 / 3, False)
    assert "no interval" in found.words[-1]
    assert placebo_interval(1.0, np.linspace(-1, 1, 19)).low is not None
    assert placebo_interval(1.0, np.linspace(-1, 1, 18)).low is None
    assert placebo_interval(1.0, np.linspace(-1, 1, 38), tails="equal").low is None


def test_a_test_becomes_an_estimate_on_the_ratio_scale() -> None:
    found = placebo_interval(-0.2, np.linspace(-0.1, 0.1, 39))
    estimate = permutation_estimate(found, key="k", term="t", unit="rate ratio", scale="ratio")
    assert estimate.value == pytest.approx(np.exp(-0.2))
    assert (estimate.low, estimate.high) == pytest.approx((np.exp(-0.3), np.exp(-0.1)))
    assert (estimate.null, estimate.scale) == (1.0, "ratio")
    aside = placebo_interval(0.0, np.linspace(1, 2, 79), tails="equal")
    assert "leaves the estimate out" in permutation_estimate(aside, key="k", term="t", unit="u").method
    one_sided = placebo_interval(0.0, np.linspace(-1, 1, 79), alternative="less")
    assert "no end on one side" in permutation_estimate(one_sided, key="k", term="t", unit="u").method


def test_placebo_sets_are_drawn_from_eligible_units_and_matched_by_stratum() -> None:
    sizes = np.array([1, 2, 3, 10, 11, 12, 100, 110, 120, 130, 4, 115], dtype=float)
    treated = np.isin(np.arange(12), [10, 11])
    eligible = ~treated & (np.arange(12) != 0)
    thirds = size_thirds(sizes)
    assert thirds.tolist() == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 0, 2]
    found = draw_assignments(eligible, treated=treated, strata=thirds, seed=1)
    assert found.is_enumerated
    assert (found.n_possible, len(found.sets)) == (2 * 3, 6)
    assert not found.sets[:, ~eligible].any()
    assert (found.sets[:, thirds == 0].sum(axis=1) == 1).all()
    assert (found.sets[:, thirds == 2].sum(axis=1) == 1).all()
    assert "within the same strata" in found.words[0]


def test_drawn_placebo_sets_repeat_with_the_seed_and_never_one_another() -> None:
    first, second = (draw_assignments(np.ones(60, dtype=bool), n_treated=5, n_draws=500, seed=4) for _ in range(2))
    assert (first.sets == second.sets).all()
    assert (first.sets.shape, first.is_enumerated) == ((500, 60), False)
    assert len(np.unique(first.sets, axis=0)) == 500
    # Every unit is chosen about as often as any other.
    assert 20 <= first.sets.sum(axis=0).min() <= first.sets.sum(axis=0).max() <= 70
    assert "500 of the 5,461,512" in first.words[0]


def test_one_treated_unit_uses_every_control_once() -> None:
    found = draw_assignments(np.array([False, True, True, True]), treated=[True, False, False, False], seed=1)
    assert (np.sort(found.sets.argmax(axis=1)) == [1, 2, 3]).all()


def test_sets_that_cannot_be_drawn_are_refused_in_words() -> None:
    ones = np.ones(5, dtype=bool)
    with pytest.raises(NotEnoughData):
        draw_assignments(ones, n_treated=6, seed=1)
    with pytest.raises(NotEnoughData):
        draw_assignments(ones, n_treated=0, seed=1)
    with pytest.raises(NotEnoughData):
        draw_assignments([0, 1, 1], treated=[1, 0, 0], strata=["a", "b", "b"], seed=1)
    for wrong in ({}, {"n_treated": 1, "treated": ~ones}, {"n_treated": 1, "strata": ones}, {"treated": ones}):
        with pytest.raises(UsageError):
            draw_assignments(ones, seed=1, **wrong)
    with pytest.raises(UsageError):
        draw_assignments(ones, n_treated=1, n_draws=0, seed=1)
    with pytest.raises(UsageError):
        size_thirds([1.0, np.nan])


def slow_start_statistic(changes: np.ndarray, starts: np.ndarray) -> float:
    distinct = sorted(set(starts[np.isfinite(starts)]))
    never = ~np.isfinite(starts)
    own = [
        changes[unit, distinct.index(start)] - changes[never, distinct.index(start)].mean()
        for unit, start in enumerate(starts)
        if np.isfinite(start)
    ]
    return float(np.mean(own))


def test_permuting_starts_agrees_with_a_plain_loop_over_all_vectors() -> None:
    generator = np.random.default_rng(8)
    starts = np.array([4, 6, 6, np.inf, np.inf, np.inf, np.inf])
    changes, shares = generator.normal(size=(7, 2)), np.zeros((7, 2))
    shares[0], shares[1:3] = (1.0, 0.4), (0.3, 1.0)
    found = permute_starts(starts, changes=changes, shares=shares, seed=1, level=0.8)
    vectors = np.array(sorted(set(itertools.permutations(starts))))
    assert found.n_possible == len(vectors) == 105

    def slow(theta: float) -> float:
        moved = changes - theta * shares
        drawn = np.array([slow_start_statistic(moved, vector) for vector in vectors])
        return float((np.abs(drawn) >= abs(slow_start_statistic(moved, starts)) - 1e-10).mean())

    assert found.observed == pytest.approx(slow_start_statistic(changes, starts))
    assert found.p_value == pytest.approx(slow(0.0))
    grid = np.linspace(-8, 8, 161)
    kept = grid[[slow(theta) > 0.2 for theta in grid]]
    assert found.low == pytest.approx(kept.min(), abs=0.101)
    assert found.high == pytest.approx(kept.max(), abs=0.101)
    for end, outward in ((found.low, -1), (found.high, 1)):
        assert slow(end - outward * 1e-7) > 0.2 >= slow(end + outward * 1e-7)
    with_null = permute_starts(starts, changes=changes, shares=shares, seed=1, null=0.5)
    assert with_null.p_value == pytest.approx(slow(0.5))


def test_a_statistic_of_ones_own_gives_the_same_test_of_starts() -> None:
    generator = np.random.default_rng(9)
    starts = np.array([4, 6, np.nan, np.nan, np.nan, np.nan])
    changes, shares = generator.normal(size=(6, 2)), np.zeros((6, 2))
    shares[0], shares[1] = (1.0, 0.4), (0.3, 1.0)

    def by_loop(matrix: np.ndarray) -> object:
        return lambda vectors: np.array([slow_start_statistic(matrix, vector) for vector in vectors])

    built_in = permute_starts(starts, changes=changes, shares=shares, seed=1, level=0.8)
    own = permute_starts(starts, statistic=by_loop(changes), slope=by_loop(shares), seed=1, level=0.8)
    assert own.p_value == built_in.p_value
    assert (own.low, own.high) == pytest.approx((built_in.low, built_in.high))
    without = permute_starts(starts, statistic=by_loop(changes), seed=1, level=0.8)
    assert (without.low, without.high, without.p_value) == (None, None, own.p_value)
    assert "not known" in without.words[-1]


def test_one_common_start_is_a_permutation_of_units() -> None:
    values = np.random.default_rng(4).normal(size=25)
    treated = np.arange(25) < 2
    by_start = permute_starts(np.where(treated, 7.0, np.inf), changes=values, seed=1)
    by_unit = permute_units(values, treated=treated, seed=1)
    assert by_start.p_value == by_unit.p_value
    assert (by_start.low, by_start.high) == pytest.approx((by_unit.low, by_unit.high))


def staggered_frame(*, effect: float, seed: int = 1) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame({"site": np.repeat(np.arange(30), 24), "month": np.tile(np.arange(24), 30)})
    start = np.full(30, np.inf)
    start[:4] = [10, 10, 14, 14]
    frame["start"] = start[frame["site"]]
    level = generator.uniform(2, 4, size=30)[frame["site"]]
    frame["children"] = 100.0
    frame["count"] = 100 * np.exp(level + effect * (frame["month"] >= frame["start"]) + generator.normal(size=720) / 20)
    return frame


def test_changes_around_starts_hold_the_share_of_the_effect_that_they_say() -> None:
    columns = {"outcome": "count", "unit": "site", "period": "month", "cohort": "start", "exposure": "children"}
    still, moved = (
        changes_around_starts(
            panel_matrix(staggered_frame(effect=effect), **columns), before=6, after=6, gap=0, log=False
        )
        for effect in (0.0, 0.001)
    )
    assert still.shares[0].tolist() == pytest.approx([1.0, 1 - 4 / 6])
    assert still.shares[2].tolist() == pytest.approx([2 / 6, 1.0])
    assert (still.shares[4:] == 0).all()
    assert ((moved.changes - still.changes != 0) == (still.shares != 0)).all()
    logs = changes_around_starts(panel_matrix(staggered_frame(effect=-0.3), **columns), before=6, after=6, log=True)
    found = permute_starts(logs.starts, changes=logs.changes, shares=logs.shares, seed=1)
    assert found.low is not None
    assert found.high is not None
    assert found.low < -0.3 < found.high < 0


def test_windows_without_cells_are_refused_or_named() -> None:
    columns = {"outcome": "count", "unit": "site", "period": "month", "cohort": "start"}
    frame = staggered_frame(effect=0.0)
    gone = frame[(frame["site"] != 20) | (frame["month"] < 10)]
    found = changes_around_starts(panel_matrix(gone, **columns), before=6, after=4, log=True)
    assert [each.unit for each in found.left_out] == [20]
    with pytest.raises(NotEnoughData):
        changes_around_starts(panel_matrix(frame, **columns), before=6, after=4, gap=12, log=True)
    with pytest.raises(UsageError):
        changes_around_starts(panel_matrix(frame, **columns), before=0, after=4, log=True)
    late = panel_matrix(frame.assign(start=99), **columns)
    with pytest.raises(NotEnoughData):
        changes_around_starts(late, before=6, after=4, log=True)


def test_starts_that_cannot_be_permuted_are_refused_in_words() -> None:
    starts, changes = np.array([3, 5, np.inf, np.inf]), np.zeros((4, 2))
    with pytest.raises(NotEnoughData):
        permute_starts([np.inf, np.nan], changes=np.zeros((2, 1)), seed=1)
    with pytest.raises(NotEnoughData):
        permute_starts([3.0, 5.0], changes=np.zeros((2, 2)), seed=1)
    for wrong in (
        {},
        {"changes": changes, "statistic": len},
        {"changes": changes[:, :1]},
        {"changes": changes, "null": 1.0},
        {"changes": changes, "shares": changes},
        {"statistic": lambda vectors: np.zeros(2)},
        {"changes": changes, "null": np.nan},
        {"changes": changes, "level": 2.0},
    ):
        with pytest.raises(UsageError):
            permute_starts(starts, seed=1, **wrong)


def test_units_that_cannot_be_permuted_are_refused_in_words() -> None:
    values = np.arange(5.0)
    for treated in (np.zeros(5), np.ones(5)):
        with pytest.raises(NotEnoughData):
            permute_units(values, treated=treated, seed=1)
    some = np.arange(5) < 2
    for wrong in (
        {"weights": [1, 1, 1, 1, 0]},
        {"weights": [1, 1]},
        {"strata": ["a", "b"]},
        {"strata": ["a", "a", "b", "b", None]},
        {"n_draws": 0},
        {"alternative": "above"},
        {"tails": "both"},
        {"level": 1.5},
        {"treated": [1, 2, 0, 0, 0]},
        {"treated": [1, 0]},
    ):
        with pytest.raises(UsageError):
            permute_units(values, **{"treated": some, "seed": 1} | wrong)
    with pytest.raises(UsageError):
        permute_units([1.0, np.nan, 2.0], treated=[1, 0, 0], seed=1)
    with pytest.raises(UsageError):
        permute_units([], treated=[], seed=1)
    for text in (["a", "b"], [1e200, 1.0]):
        with pytest.raises(UsageError):
            permute_units(text, treated=[1, 0], seed=1)
    with pytest.raises(UsageError):
        permute_starts(["soon", "late"], changes=[1.0, 2.0], seed=1)
    with pytest.raises(NotEnoughData):
        placebo_interval(1.0, [])
    with pytest.raises(UsageError):
        placebo_interval(1.0, [1.0, np.nan])


def by_size(seed: int, *, per_size: float) -> tuple[np.ndarray, np.ndarray]:
    """Sixty-one units, the first of them small; noise falls with size."""
    generator = np.random.default_rng(seed)
    sizes = np.concatenate([[20.0], np.exp(generator.normal(5, 1, size=60))])
    return generator.normal(size=61) * np.sqrt(0.002 + per_size / sizes), sizes


def test_a_small_treated_unit_is_ranked_among_placebos_of_its_own_noise() -> None:
    """Unequal noise: the plain rank rejects a true null far too often, the rescaled one does not."""
    plain, rescaled, rounds = 0, 0, 200
    for seed in range(rounds):
        changes, sizes = by_size(seed, per_size=2.0)
        found = ferman_pinto(changes, treated=np.arange(61) == 0, sizes=sizes, seed=1)
        plain += found.plain.p_value <= 0.05
        rescaled += found.rescaled.p_value <= 0.05
    assert plain / rounds > 0.25
    assert 0.02 <= rescaled / rounds <= 0.13


def test_the_noise_is_the_nonnegative_least_squares_fit_of_scipy() -> None:
    from scipy.optimize import nnls

    for seed, per_size in itertools.product(range(6), (0.0, 2.0)):
        changes, sizes = by_size(seed, per_size=per_size)
        found = ferman_pinto(changes, treated=np.arange(61) == 0, sizes=sizes, seed=1)
        squares = (changes[1:] - changes[1:].mean()) ** 2 * 60 / 59
        reference, _ = nnls(np.column_stack([np.ones(60), 1 / sizes[1:]]), squares)
        assert (found.constant, found.per_size) == pytest.approx(tuple(reference), rel=1e-6, abs=1e-12)


def test_with_one_size_rescaling_changes_nothing() -> None:
    changes, _ = by_size(1, per_size=0.0)
    for treated in (np.arange(61) == 0, np.arange(61) < 3):
        found = ferman_pinto(changes, treated=treated, sizes=np.full(61, 50.0), seed=1)
        assert found.per_size == 0
        assert (found.rescaled.low, found.rescaled.high) == pytest.approx((found.plain.low, found.plain.high))
        assert found.rescaled.p_value == found.plain.p_value
        assert "changes nothing" in found.words[0]


def test_two_treated_units_use_every_ordered_pair_of_few_controls() -> None:
    changes, sizes = by_size(3, per_size=2.0)
    found = ferman_pinto(changes[:10], treated=np.arange(10) < 2, sizes=sizes[:10], seed=1, units=list("abcdefghij"))
    assert (found.rescaled.n_placebos, found.is_enumerated) == (8 * 7, True)
    assert found.cells["unit"].tolist() == list("abcdefghij")
    assert found.cells["rescaled"].isna().sum() == 2


def test_sizes_that_cannot_be_used_are_refused_in_words() -> None:
    changes, sizes = by_size(1, per_size=2.0)
    first = np.arange(61) == 0
    for wrong in ({"sizes": -sizes}, {"sizes": sizes[:4]}, {"units": [1, 2]}):
        with pytest.raises(UsageError):
            ferman_pinto(changes, **{"treated": first, "sizes": sizes, "seed": 1} | wrong)
    for short, treated in ((4, 1), (61, 0)):
        with pytest.raises(NotEnoughData):
            ferman_pinto(changes[:short], treated=np.arange(short) < treated, sizes=sizes[:short], seed=1)
    with pytest.raises(NotEnoughData):
        ferman_pinto(np.zeros(61), treated=first, sizes=sizes, seed=1)
