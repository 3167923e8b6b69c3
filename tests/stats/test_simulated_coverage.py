"""With one, three and six treated sites of forty, is the truth in the interval as often as it says?

A short form of ``benchmarks/few_treated_simulation.py``, on the same panels with an effect of none: where the interval
moves with the estimate, its coverage of nothing is that of any effect.
"""

from __future__ import annotations

from functools import cache
from math import log
from typing import Any

import numpy as np
import pandas as pd
import pytest

from insight.sample import simulate_sites
from insight.stats.collapsed_change import collapsed_change
from insight.stats.comparative_series import comparative_series
from insight.stats.unit_permutation import permute_units

PANELS = 150
EFFECT = 0.85


def sites(seed: int, n_treated: int, effect: float = 1.0, *, trend_deviation: float = 0.0) -> pd.DataFrame:
    """A simulated panel with months and starts as numbers."""
    made = simulate_sites(
        seed,
        effect,
        n_treated=n_treated,
        trend_deviation=trend_deviation,
        is_chosen_rising=trend_deviation > 0,
    )
    order = {label: place for place, label in enumerate(made["month"].drop_duplicates())}
    return made.assign(month=made["month"].map(order), start=made["start"].map(order))


HOW: dict[str, Any] = {"outcome": "referrals", "unit": "site", "period": "month", "cohort": "start"}


@cache
def intervals(n_treated: int, effect: float) -> pd.DataFrame:
    """Ends of both intervals, a row per panel, on the log scale."""
    rows = []
    for seed in range(PANELS):
        found = collapsed_change(sites(seed, n_treated, effect), **HOW)
        permuted = permute_units(found.cells["log_change"], treated=found.cells["is_treated"], n_draws=399, seed=seed)
        assert found.estimate.low is not None
        assert found.estimate.high is not None
        rows.append((log(found.estimate.low), log(found.estimate.high), permuted.low, permuted.high, permuted.p_value))
    return pd.DataFrame(rows, columns=["t_low", "t_high", "low", "high", "p"])


@pytest.mark.parametrize("n_treated", [1, 3, 6])
@pytest.mark.parametrize("ends", [("t_low", "t_high"), ("low", "high")])
def test_intervals_hold_the_true_effect_as_often_as_they_say(n_treated: int, ends: tuple[str, str]) -> None:
    found = intervals(n_treated, EFFECT)
    covered = ((found[ends[0]] <= log(EFFECT)) & (found[ends[1]] >= log(EFFECT))).mean()
    assert 0.91 <= covered <= 0.98


@pytest.mark.parametrize("n_treated", [1, 3, 6])
def test_nothing_is_found_where_there_is_nothing(n_treated: int) -> None:
    found = intervals(n_treated, 1.0)
    assert 0.02 <= ((found["t_low"] > 0) | (found["t_high"] < 0)).mean() <= 0.09
    assert 0.02 <= (found["p"] <= 0.05).mean() <= 0.09


def test_more_treated_sites_find_more() -> None:
    power = [float((intervals(n, EFFECT)["high"] < 0).mean()) for n in (1, 3, 6)]
    assert power == pytest.approx([0.53, 0.95, 1.0], abs=0.09)


def test_where_sites_were_chosen_because_they_rise_only_the_comparative_series_is_right() -> None:
    """Level DiD finds a rise of about 0.115 on the log scale that nobody caused."""
    level, series = [], []
    for seed in range(100):
        frame = sites(seed, 3, trend_deviation=0.002)
        level.append(collapsed_change(frame, **HOW).log_change)
        series.append(comparative_series(frame, **HOW).step)
    assert np.mean(level) == pytest.approx(0.115, abs=0.02)
    assert np.mean(series) == pytest.approx(0, abs=3 * float(np.std(series)) / len(series) ** 0.5)
