"""Intervals for counts, rates and shares, against printed values."""

from __future__ import annotations

import pytest

from insight.errors import NotEnoughData, UsageError
from insight.stats import poisson_interval, rate_interval, share_interval


@pytest.mark.parametrize(
    ("events", "low", "high"),
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (2, 0.242, 7.225), (5, 1.623, 11.668), (9, 4.115, 17.085)],
)
def test_small_counts_have_the_tabulated_exact_interval(events: int, low: float, high: float) -> None:
    """Garwood (1936), as printed in the usual tables of Poisson limits to three decimals."""
    found = poisson_interval(events)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-4)
    assert "exact" in found.method


@pytest.mark.parametrize("events", [10, 11, 20, 65, 300, 1045])
def test_byar_lies_within_a_fifth_of_a_per_cent_of_the_exact_limits_from_ten_events(events: int) -> None:
    """Public Health England, Technical Guide: Confidence Intervals (2018), which sets the rule."""
    from scipy.stats import chi2

    found = poisson_interval(events)
    assert found.low == pytest.approx(chi2.ppf(0.025, 2 * events) / 2, rel=0.002)
    assert found.high == pytest.approx(chi2.ppf(0.975, 2 * events + 2) / 2, rel=0.002)
    assert "Byar" in found.method


def test_a_rate_carries_the_interval_of_its_count() -> None:
    found, count = rate_interval(65, 100, multiplier=1000), poisson_interval(65)
    assert (found.value, found.low, found.high) == pytest.approx((650, count.low * 10, count.high * 10))
    assert rate_interval(120, 100).value == 1.2


def test_a_share_has_wilsons_interval() -> None:
    found = share_interval(24, 120)
    assert (round(found.value, 1), round(found.low, 1), round(found.high, 1)) == (20.0, 13.8, 28.0)


@pytest.mark.parametrize(("part", "whole"), [(0, 7), (7, 7), (1, 1), (0, 100_000)])
def test_a_share_at_the_edge_stays_inside_its_interval_and_inside_0_to_100(part: int, whole: int) -> None:
    found = share_interval(part, whole)
    assert 0 <= found.low <= found.value <= found.high <= 100


def test_a_level_of_998_is_wider() -> None:
    assert poisson_interval(65, level=0.998).low < poisson_interval(65).low


def test_what_has_no_interval_is_refused() -> None:
    for call in (lambda: rate_interval(3, 0), lambda: share_interval(0, 0)):
        with pytest.raises(NotEnoughData):
            call()
    for call in (
        lambda: poisson_interval(-1),
        lambda: poisson_interval(float("nan")),
        lambda: poisson_interval(3, level=95),
        lambda: share_interval(5, 4),
        lambda: share_interval(-1, 4),
        lambda: rate_interval(1, -2),
    ):
        with pytest.raises(UsageError):
            call()
