"""Directly standardised rates."""

from __future__ import annotations

import numpy as np
import pytest

from insight.errors import NotEnoughData, UsageError
from insight.stats import rate_interval, standardised_rate


def test_one_stratum_is_the_plain_rate_with_byars_interval() -> None:
    plain = rate_interval(65, 1000, multiplier=100)
    found = standardised_rate([65], populations=[1000], standard=[7], multiplier=100)
    assert (found.value, found.low, found.high) == pytest.approx((plain.value, plain.low, plain.high))


def test_two_strata_by_hand() -> None:
    """Rates 0.02 and 0.03 with weights 3 and 1: 0.0225; variance 9/16 x 20/10^6 + 1/16 x 30/10^6."""
    found = standardised_rate([20, 30], populations=[1000, 1000], standard=[3, 1])
    assert found.value == pytest.approx(0.0225)
    scale = np.sqrt((9 / 16 * 20 + 1 / 16 * 30) / 1e6 / 50)
    total = rate_interval(50, 1)
    assert (found.low, found.high) == pytest.approx(
        (0.0225 + scale * (total.low - 50), 0.0225 + scale * (total.high - 50))
    )


def test_the_interval_covers_the_true_rate() -> None:
    """2,000 draws with about 46 events in four strata: 95% within two points."""
    generator = np.random.default_rng(1)
    sizes, standard = np.array([4000, 3000, 2000, 500]), np.array([1, 2, 3, 4])
    risks = np.array([0.002, 0.004, 0.008, 0.02])
    truth = (risks * standard).sum() / standard.sum()
    inside = 0
    for events in generator.poisson(risks * sizes, size=(2000, 4)):
        found = standardised_rate(events, populations=sizes, standard=standard)
        inside += found.low <= truth <= found.high
    assert inside / 2000 == pytest.approx(0.95, abs=0.02)


def test_fewer_than_ten_events_give_no_standardised_rate() -> None:
    with pytest.raises(NotEnoughData, match="fewer than 10"):
        standardised_rate([4, 5], populations=[100, 100], standard=[1, 1])
    assert standardised_rate([5, 5], populations=[100, 100], standard=[1, 1]).value == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("events", "sizes", "standard"),
    [
        ([20, np.nan], [100, 100], [1, 1]),
        ([20, -1], [100, 100], [1, 1]),
        ([20, 20], [100, 0], [1, 1]),
        ([20, 20], [100, 100], [1, -1]),
        ([20, 20], [100, 100], [0, 0]),
        ([20, 20], [100, 100], [1]),
        ([], [], []),
    ],
)
def test_strata_that_cannot_be_are_refused(events: list[float], sizes: list[float], standard: list[float]) -> None:
    with pytest.raises(UsageError):
        standardised_rate(events, populations=sizes, standard=standard)
