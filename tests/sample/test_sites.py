"""Invented sites: the true effect is there, nothing else is, and the trends mislead whoever compares levels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insight.sample import simulate_sites
from insight.sample.sites import site_frames

SEEDS = range(60)


def log_change(sites: pd.DataFrame, first: str = "2022-04") -> pd.Series:
    """Each site's log of the mean count from a month on, less that before."""
    after = sites["month"] >= first
    mean = sites["referrals"].groupby([sites["site"], after]).mean().unstack()
    return pd.Series(np.log(mean[True] / mean[False]), mean.index)


def difference(sites: pd.DataFrame) -> float:
    change, treated = log_change(sites), sites.drop_duplicates("site").set_index("site")["start"].notna()
    return float(change[treated].mean() - change[~treated].mean())


@pytest.mark.parametrize(("effect", "n_treated"), [(0.7, 3), (1.0, 1), (0.85, 6)])
def test_the_stated_effect_is_found_on_average(effect: float, n_treated: int) -> None:
    found = [difference(simulate_sites(seed, effect, n_treated=n_treated)) for seed in SEEDS]
    error = np.std(found) / len(found) ** 0.5
    assert np.mean(found) == pytest.approx(np.log(effect), abs=3 * error)
    assert error < 0.02


def test_sites_chosen_for_their_trend_seem_to_rise_without_an_effect() -> None:
    found = [difference(simulate_sites(seed, 1.0, trend_deviation=0.002, is_chosen_rising=True)) for seed in SEEDS]
    assert np.mean(found) == pytest.approx(0.115, abs=0.03)


def test_an_effect_changes_treated_cells_and_no_other() -> None:
    without, with_effect = simulate_sites(5, 1.0, stagger=4), simulate_sites(5, 0.5, stagger=4)
    treated = without["start"].notna() & (without["month"] >= without["start"].fillna("9999-12"))
    assert treated.sum() == 24 + 20 + 16
    pd.testing.assert_frame_equal(
        without[~treated].drop(columns="referrals"), with_effect[~treated].drop(columns="referrals")
    )
    share = with_effect.loc[treated, "referrals"].sum() / without.loc[treated, "referrals"].sum()
    assert share == pytest.approx(0.5, abs=0.06)


def test_counts_children_and_starts_are_what_was_asked_for() -> None:
    sites = simulate_sites(2, n_sites=9, n_months=30, n_treated=2, first_start=12, stagger=3, first_month="2021-01")
    assert sites["site"].nunique() == 9
    assert sites["month"].iloc[[0, -1]].tolist() == ["2021-01", "2023-06"]
    assert sorted(sites["start"].dropna().unique()) == ["2022-01", "2022-04"]
    assert (sites["children"] > 0).all()
    assert len(sites.drop_duplicates(["site", "children"])) == 9
    usual = simulate_sites(2).groupby("site")["referrals"].mean()
    assert 15 < usual.min() < 30
    assert 70 < usual.max() < 115


def test_a_start_after_the_last_month_and_no_treated_site_are_possible() -> None:
    assert simulate_sites(1, n_treated=0)["start"].isna().all()
    assert simulate_sites(1, n_treated=2, first_start=59, stagger=5)["start"].dropna().unique().tolist() == ["2024-03"]


def test_the_same_seed_gives_the_same_sites_and_another_does_not() -> None:
    pd.testing.assert_frame_equal(simulate_sites(4), simulate_sites(4))
    assert not simulate_sites(4).equals(simulate_sites(5))


def test_the_three_files_hold_a_true_effect_none_and_none_on_a_trend() -> None:
    real, null, rising = (difference_at_own_start(frame) for frame in site_frames(20250930).values())
    assert real < np.log(0.8)
    assert abs(null) < 0.12
    assert rising > 0.05


def difference_at_own_start(sites: pd.DataFrame) -> float:
    starts = sites.drop_duplicates("site").set_index("site")["start"]
    found = []
    for site, first in starts.dropna().items():
        change = log_change(sites, first)
        found.append(change[str(site)] - change[starts.isna()].mean())
    return float(np.mean(found))
