"""Ranks with intervals."""

from __future__ import annotations

import numpy as np
import pytest

from insight.errors import NotEnoughData, UsageError
from insight.stats import rank_counts, rank_shares, rank_with_interval
from insight.stats.rank import middle_ranks


def test_ties_share_the_middle_of_their_places() -> None:
    assert middle_ranks([3.0, 1.0, 3.0, 2.0]).tolist() == [3.5, 1.0, 3.5, 2.0]
    places = rank_with_interval([3, 1, 3, 2], [0, 0, 0, 0], seed=1)
    assert [(place.rank, place.low, place.high) for place in places] == [(3.5,) * 3, (1,) * 3, (3.5,) * 3, (2,) * 3]


def test_units_far_apart_keep_their_places_and_close_ones_do_not() -> None:
    places = rank_with_interval([0, 10, 10.1, 50], [0.5, 1, 1, 1], seed=1)
    assert [(place.rank, place.low, place.high) for place in places] == [(1, 1, 1), (2, 2, 3), (3, 2, 3), (4, 4, 4)]


def test_the_share_of_draws_behind_an_interval_is_right() -> None:
    """Two units, difference 1, errors such that the order turns with probability 1 - Phi(1/sqrt 2) = 0.24."""
    below, above = 0.5, 0.52  # the upper end is 2 once more than a tail of the draws turn
    assert rank_with_interval([0, 1], [1, 1], seed=1, level=below)[0].high == 1
    assert rank_with_interval([0, 1], [1, 1], seed=1, level=above + 0.03)[0].high == 2


def test_the_highest_comes_first_when_asked() -> None:
    places = rank_counts([1, 50, 500], [1000, 1000, 1000], seed=1, order="high first")
    assert [place.rank for place in places] == [3, 2, 1]


def test_dispersion_widens_intervals_and_keeps_the_mean() -> None:
    events, sizes = np.arange(20, 40), np.full(20, 200)
    calm = rank_counts(events, sizes, seed=1)
    noisy = rank_counts(events, sizes, seed=1, dispersion=4.0)
    width = [sum(place.high - place.low for place in places) for places in (calm, noisy)]
    assert width[1] > 1.2 * width[0]
    assert all(place.low <= place.rank <= place.high for place in (*calm, *noisy))


def test_an_exact_zero_is_flagged() -> None:
    places = rank_counts([0, 3, 5], [100, 100, 100], seed=1, dispersion=1.5)
    assert [place.is_zero for place in places] == [True, False, False]


def test_shares_vary_as_binomial_counts_do() -> None:
    """Two shares of 100, 0.2 and 0.3: their difference, 0.1, has the error sqrt(0.0016 + 0.0021), so 5% turn."""
    places = rank_shares([20, 30], denominators=[100, 100], seed=1, level=0.88)
    assert [(place.low, place.high) for place in places] == [(1, 1), (2, 2)]
    assert rank_shares([20, 30], denominators=[100, 100], seed=1, level=0.92)[0].high == 2


def test_shares_near_one_vary_less_than_counts_do() -> None:
    """At 90% the binomial error is a third of the Poisson one."""
    parts, sizes = [880, 890, 900, 910, 920], [1000] * 5
    shares, counts = rank_shares(parts, denominators=sizes, seed=1), rank_counts(parts, sizes, seed=1)
    assert sum(each.high - each.low for each in shares) < sum(each.high - each.low for each in counts)


def test_dispersion_of_shares_is_the_factor_on_their_variance() -> None:
    """A unit among two that never move: the share of draws beyond the neighbour is that of a variance 4 times as large.

    300 of 1,000 with dispersion 4 has an error of 0.029; 0.35 lies 1.73 of them above: 4.2% are beyond.
    """
    wide = rank_shares([300, 350_000], denominators=[1000, 1_000_000], seed=1, dispersion=4.0, level=0.90)
    wider = rank_shares([300, 350_000], denominators=[1000, 1_000_000], seed=1, dispersion=4.0, level=0.93)
    assert (wide[0].high, wider[0].high) == (1, 2)
    assert rank_shares([300, 350_000], denominators=[1000, 1_000_000], seed=1, level=0.99)[0].high == 1


def test_shares_of_nothing_and_of_all_are_flagged() -> None:
    places = rank_shares([0, 5, 10], denominators=[10, 10, 10], seed=1, dispersion=2.0)
    assert [place.is_zero for place in places] == [True, False, True]


def test_the_same_seed_gives_the_same_ranks() -> None:
    events, sizes = [10, 12, 9, 14], [100, 90, 95, 120]
    assert rank_counts(events, sizes, seed=3) == rank_counts(events, sizes, seed=3)


def test_what_cannot_be_ranked_is_refused() -> None:
    for call in (
        lambda: rank_with_interval([1, np.nan], [1, 1], seed=1),
        lambda: rank_with_interval([1, 2], [1, -1], seed=1),
        lambda: rank_with_interval([1, 2], [1], seed=1),
        lambda: rank_with_interval([1, 2], [1, 1], seed=1, draws=5),
        lambda: rank_counts([1, 2], [10, 0], seed=1),
        lambda: rank_counts([-1, 2], [10, 10], seed=1),
        lambda: rank_counts([1, 2], [10, 10], seed=1, dispersion=0.5),
        lambda: rank_counts([1, 2], [10, 10], seed=1, order="up"),
        lambda: rank_shares([11, 2], denominators=[10, 10], seed=1),
        lambda: rank_shares([1.5, 2], denominators=[10, 10], seed=1),
        lambda: rank_shares([1, 2], denominators=[10, 10], seed=1, dispersion=10),
        lambda: rank_shares([1, 2], denominators=[10, 10], seed=1, dispersion=0.5),
    ):
        with pytest.raises(UsageError):
            call()
    with pytest.raises(NotEnoughData):
        rank_with_interval([1], [1], seed=1)
