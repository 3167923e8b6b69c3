"""Trends of short series: exact chances, gaps, ties, and what so few values cannot show."""

from __future__ import annotations

import math
from itertools import permutations
from typing import Any

import numpy as np
import pytest

from insight.errors import NotEnoughData, UsageError
from insight.stats import trend_test
from insight.stats.trend_test import arrangements_by_inversions


def test_the_exact_chance_by_going_through_every_order() -> None:
    values = [3.0, 1.0, 4.0, 2.0, 6.0, 5.0]

    def statistic(order: tuple[float, ...]) -> int:
        return sum((b > a) - (b < a) for place, a in enumerate(order) for b in order[place + 1 :])

    own = statistic(tuple(values))
    beyond = sum(abs(statistic(order)) >= abs(own) for order in permutations(values))
    found = trend_test(values)
    assert found.s == own
    assert found.is_exact
    assert found.p == pytest.approx(beyond / math.factorial(6))


def test_orders_are_counted_as_mahon_did() -> None:
    """OEIS A008302, row 4: 1, 3, 5, 6, 5, 3, 1."""
    assert arrangements_by_inversions(4) == [1, 3, 5, 6, 5, 3, 1]


def test_a_fall_is_given_in_its_own_units_per_year() -> None:
    found = trend_test([20.0, 18.0, 16.5, 14.0, 12.5, 10.0], unit="% points", term="Change in turnover per year")
    assert found.direction == "falling"
    assert found.slope.unit == "% points per year"
    assert found.slope.value == pytest.approx(-2.0, abs=0.1)
    assert found.slope.excludes_null
    assert found.words.startswith("Falling by")


def test_gaps_between_years_count_in_the_slope() -> None:
    assert trend_test([1.0, 2.0, 3.0, 7.0], times=[2010, 2011, 2012, 2016]).slope.value == pytest.approx(1.0)
    with_gap = trend_test([1.0, 2.0, 3.0, float("nan"), float("nan"), float("nan"), 7.0])
    assert with_gap.slope.value == pytest.approx(1.0)
    assert (with_gap.n_values, with_gap.n_missing) == (4, 3)


def test_times_may_come_in_any_order() -> None:
    forwards, backwards = trend_test([1, 2, 4, 3, 5]), trend_test([5, 3, 4, 2, 1], times=[4, 3, 2, 1, 0])
    assert (forwards.s, forwards.p, forwards.slope.value) == (backwards.s, backwards.p, backwards.slope.value)


def test_four_values_can_never_show_a_trend_and_the_words_say_so() -> None:
    found = trend_test([1.0, 2.0, 3.0, 4.0])
    assert found.p == pytest.approx(2 / 24)
    assert found.direction == "no trend shown"
    assert "could never show one" in found.words
    assert found.slope.low is None
    assert "too few values for an interval" in found.slope.method


def test_no_trend_shown_is_not_called_no_trend() -> None:
    assert "no proof that there is none" in trend_test([3, 1, 4, 1.5, 9, 2, 6, 5]).words


def test_without_ties_the_interval_and_the_test_are_of_one_mind() -> None:
    generator = np.random.default_rng(3)
    for _ in range(300):
        n = int(generator.integers(5, 16))
        found = trend_test(generator.normal(size=n) + 0.2 * generator.normal() * np.arange(n))
        assert found.slope.excludes_null == (found.p <= 0.05)


def test_tied_values_make_the_chance_a_normal_one() -> None:
    found = trend_test([1, 2, 2, 3, 4, 4])
    assert not found.is_exact
    assert "ties" in found.method


def test_the_level_of_the_test_holds_without_a_trend() -> None:
    """2,000 series of 8 independent values: 5% or a little less are called a trend."""
    generator = np.random.default_rng(4)
    share = np.mean([trend_test(generator.normal(size=8)).direction != "no trend shown" for _ in range(2000)])
    assert 0.025 < share < 0.06


def test_memory_is_not_judged_in_a_short_series_and_is_in_a_long_one() -> None:
    generator = np.random.default_rng(5)
    short = trend_test(generator.normal(size=9))
    assert short.memory.passed is None
    assert short.p_with_memory is None
    assert "too few to tell" in short.memory.meaning
    series = np.zeros(60)
    for place in range(1, 60):
        series[place] = 0.8 * series[place - 1] + generator.normal()
    long: Any = trend_test(series)
    assert long.memory.passed is False
    assert long.p_with_memory > long.p
    assert trend_test(generator.normal(size=60)).memory.passed is True


@pytest.mark.parametrize(
    ("values", "how", "error"),
    [
        ([1, 2, 3], {}, NotEnoughData),
        ([2, 2, 2, 2, 2], {}, NotEnoughData),
        ([], {}, NotEnoughData),
        ([1, 2, 3, 4], {"times": [1, 2, 3]}, UsageError),
        ([1, 2, 3, 4], {"times": [1, 2, 2, 3]}, UsageError),
        ([1, 2, 3, math.inf], {}, UsageError),
        ([1, 2, 3, 4], {"level": 95}, UsageError),
    ],
)
def test_what_has_no_trend_to_test_is_refused(values: list[float], how: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        trend_test(values, **how)
