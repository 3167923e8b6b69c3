"""Funnels, by hand and against a meta-analysis."""

from __future__ import annotations

import numpy as np
import pytest

from insight.errors import NotEnoughData, UsageError
from insight.stats import funnel_limits
from insight.stats.funnel import between_variance

EVENTS, SIZES = [4, 9, 16, 25], [100, 100, 100, 100]


def test_an_additive_funnel_of_rates_by_hand() -> None:
    funnel = funnel_limits(EVENTS, SIZES, kind="rate", winsorise=0)
    centre = (4 + 9 + 16 + 25) / 400
    distance = np.array([0.2, 0.3, 0.4, 0.5]) - np.sqrt(centre)
    z = distance / (1 / (2 * np.sqrt(100)))
    phi = (z**2).sum() / 4
    tau2 = (4 * phi - 3) / (4 * 400 - 4 * 400**2 / (4 * 400))
    assert (funnel.centre, funnel.phi, funnel.tau2) == pytest.approx((0.135, phi, tau2))
    assert funnel.z_unadjusted == pytest.approx(tuple(z))
    assert funnel.z_scores == pytest.approx(tuple(distance / np.sqrt(1 / 400 + tau2)))
    limits = funnel.limits([100])
    half = 2 * np.sqrt(1 / 400 + tau2)
    assert limits["low"].iloc[0] == pytest.approx(max(0, np.sqrt(0.135) - half) ** 2)
    assert limits["high"].iloc[0] == pytest.approx((np.sqrt(0.135) + half) ** 2)


def test_an_additive_funnel_of_shares_by_hand() -> None:
    funnel = funnel_limits(EVENTS, SIZES, kind="proportion", dispersion="none", multiples=[3])
    angle = np.arcsin(np.sqrt(0.135))
    assert funnel.z_scores == pytest.approx(tuple(20 * (np.arcsin(np.sqrt(np.array(EVENTS) / 100)) - angle)))
    limits = funnel.limits([400])
    assert limits["high"].iloc[0] == pytest.approx(np.sin(angle + 3 / 40) ** 2)


def test_the_variance_between_units_is_that_of_a_random_effects_meta_analysis() -> None:
    """DerSimonian & Laird's moments, where the centre is the weighted mean; statsmodels is the second opinion."""
    from statsmodels.stats.meta_analysis import combine_effects

    generator = np.random.default_rng(5)
    variances = generator.uniform(0.01, 0.2, size=20)
    effects = generator.normal(size=20) * np.sqrt(variances + 0.1)
    centre = np.average(effects, weights=1 / variances)
    phi = float(((effects - centre) ** 2 / variances).mean())
    theirs = combine_effects(effects, variances, method_re="dl")
    assert between_variance(phi, 1 / variances) == pytest.approx(theirs.tau2, rel=1e-10)


def test_winsorising_pulls_in_the_ends_before_dispersion_is_judged() -> None:
    generator = np.random.default_rng(8)
    sizes = np.full(60, 400)
    events = generator.poisson(40, size=60)
    events[0] = 400
    raw = funnel_limits(events, sizes, kind="rate", winsorise=0)
    winsorised = funnel_limits(events, sizes, kind="rate")
    low, high = np.quantile(raw.z_unadjusted, [0.1, 0.9])
    assert winsorised.z_unadjusted == pytest.approx(raw.z_unadjusted)
    assert winsorised.phi == pytest.approx(np.mean(np.clip(raw.z_unadjusted, low, high) ** 2))
    assert winsorised.tau2 < raw.tau2
    assert winsorised.z_scores[0] > 3


def test_without_dispersion_the_limits_are_those_of_chance() -> None:
    generator = np.random.default_rng(9)
    sizes = generator.integers(50, 2000, size=150)
    calm = funnel_limits(generator.poisson(sizes * 0.15), sizes, kind="rate")
    assert calm.phi < 1
    assert calm.tau2 == 0
    assert calm.limits(sizes)["high"].to_numpy() == pytest.approx(calm.limits(sizes, adjusted=False)["high"].to_numpy())
    assert np.mean(np.abs(calm.z_scores) > 2) < 0.1


def test_known_differences_between_units_are_found() -> None:
    """True standard deviation between units 0.05 on the square-root scale."""
    generator = np.random.default_rng(10)
    sizes = generator.integers(50, 2000, size=2000)
    rates = (np.sqrt(0.15) + 0.05 * generator.normal(size=2000)) ** 2
    funnel = funnel_limits(generator.poisson(sizes * rates), sizes, kind="rate", winsorise=0)
    assert np.sqrt(funnel.tau2) == pytest.approx(0.05, rel=0.1)
    assert np.mean(np.abs(funnel.z_scores) > 2) == pytest.approx(0.0455, abs=0.02)


def test_multiplicative_limits_are_wider_by_the_root_of_phi() -> None:
    funnel = funnel_limits(EVENTS, SIZES, kind="rate", dispersion="multiplicative")
    ratio = np.array(funnel.z_unadjusted) / np.array(funnel.z_scores)
    assert ratio == pytest.approx(np.sqrt(funnel.phi))
    assert funnel.tau2 == 0


def test_limits_come_one_row_per_size_and_multiple_and_never_below_zero() -> None:
    limits = funnel_limits(EVENTS, SIZES, kind="rate").limits([5, 50, 500])
    assert list(limits.columns) == ["denominator", "multiple", "low", "high"]
    assert len(limits) == 6
    assert (limits["low"] >= 0).all()


def test_events_may_exceed_the_denominator_of_a_rate_and_not_of_a_share() -> None:
    assert funnel_limits([120, 90, 80], [100, 100, 100], kind="rate").centre == pytest.approx(290 / 300)
    with pytest.raises(UsageError, match="above its denominator"):
        funnel_limits([120, 90, 80], [100, 100, 100], kind="proportion")


def test_no_event_anywhere_still_gives_a_funnel() -> None:
    funnel = funnel_limits([0, 0, 0], [10, 20, 30], kind="rate")
    assert (funnel.centre, funnel.z_scores, funnel.n_units) == (0.0, (0.0, 0.0, 0.0), 3)


@pytest.mark.parametrize(
    ("events", "sizes", "how"),
    [
        ([1, 2, 3], [10, 0, 10], {}),
        ([1, -2, 3], [10, 10, 10], {}),
        ([1, np.nan, 3], [10, 10, 10], {}),
        ([1, 2, 3], [10, 10], {}),
        ([1, 2, 3], [10, 10, 10], {"kind": "ratio"}),
        ([1, 2, 3], [10, 10, 10], {"dispersion": "some"}),
        ([1, 2, 3], [10, 10, 10], {"winsorise": 0.5}),
        ([1, 2, 3], [10, 10, 10], {"multiples": []}),
    ],
)
def test_a_wrong_call_is_refused(events: list[float], sizes: list[float], how: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        funnel_limits(events, sizes, **{"kind": "rate"} | how)


def test_two_units_are_no_funnel() -> None:
    with pytest.raises(NotEnoughData):
        funnel_limits([1, 2], [10, 10], kind="rate")
