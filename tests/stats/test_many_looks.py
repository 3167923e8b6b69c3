"""False discovery among many looks."""

from __future__ import annotations

import numpy as np
import pytest

from insight.errors import UsageError
from insight.stats import false_discovery


def test_a_small_case_by_hand() -> None:
    """Five looks at 5%: the third smallest, 0.025, is within 3/5 of 0.05; the fourth, 0.041, not within 4/5."""
    found = false_discovery({"a": 0.041, "b": 0.001, "c": 0.025, "d": 0.5, "e": 0.012})
    assert found.kept == ("b", "c", "e")
    assert found.adjusted["c"] == pytest.approx(0.025 * 5 / 3)
    assert found.adjusted["b"] == pytest.approx(0.005)
    assert found.words == "5 looks; 3 stay at a false-discovery rate of 5%."


def test_a_value_saved_by_a_larger_one_is_kept() -> None:
    """0.04 is above 1/2 of 0.05, but 0.045 is within 2/2 of it: both stay."""
    assert false_discovery({"a": 0.04, "b": 0.045}).kept == ("a", "b")


def test_the_share_of_false_findings_is_held_down() -> None:
    """300 pages of 40 looks, 30 of them at nothing: false ones among the kept are 5% of 30/40 on average."""
    generator = np.random.default_rng(1)
    shares = []
    for _ in range(300):
        z = generator.normal(size=40) + np.where(np.arange(40) < 10, 3.5, 0.0)
        p = [float(2 * (1 - _normal(abs(each)))) for each in z]
        kept = false_discovery({str(number): value for number, value in enumerate(p)}).kept
        shares.append(float(np.mean([int(key) >= 10 for key in kept])) if kept else 0.0)
    assert np.mean(shares) == pytest.approx(0.0375, abs=0.015)


def _normal(z: float) -> float:
    from math import erf, sqrt

    return (1 + erf(z / sqrt(2))) / 2


def test_nothing_tested_is_nothing_found() -> None:
    found = false_discovery({})
    assert (found.kept, found.n_looks) == ((), 0)


@pytest.mark.parametrize("p_values", [{"a": float("nan")}, {"a": -0.1}, {"a": 1.2}])
def test_what_is_no_p_value_is_refused(p_values: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        false_discovery(p_values)


@pytest.mark.parametrize("rate", [0.0, 1.0, 5.0])
def test_a_rate_lies_between_0_and_1(rate: float) -> None:
    with pytest.raises(UsageError):
        false_discovery({"a": 0.1}, rate=rate)
