"""The known effect is found with honest intervals, and none is found where there is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insight.sample import simulate_workforce
from insight.stats.two_way import within_regression

SEEDS = range(200)


def with_lag(counts: pd.DataFrame) -> pd.DataFrame:
    """Opening turnover beside the caseload of the year before, as a study would line them up."""
    counts = counts.assign(caseload=counts["cases"] / counts["case_holders_fte"])
    before = counts[["authority", "time_period", "caseload", "inpost_headcount"]].assign(
        time_period=counts["time_period"] + 1
    )
    lined = counts.merge(before, on=["authority", "time_period"], suffixes=("", "_before"), validate="one_to_one")
    return lined.assign(turnover=100 * lined["leavers_headcount"] / lined["inpost_headcount_before"])


def intervals(effect: float) -> pd.DataFrame:
    found = []
    for seed in SEEDS:
        fit = within_regression(
            with_lag(simulate_workforce(seed, effect)),
            outcome="turnover",
            regressors=["caseload_before"],
            unit="authority",
            period="time_period",
        )
        found.append((fit.coef, fit.low, fit.high))
    return pd.DataFrame(found, columns=["coef", "low", "high"])


def test_intervals_cover_the_true_effect_as_often_as_they_say() -> None:
    found = intervals(0.5)
    covered = ((found["low"] <= 0.5) & (found["high"] >= 0.5)).mean()
    assert 0.91 <= covered <= 0.98
    assert found["coef"].mean() == pytest.approx(0.5, abs=0.03)  # no bias of order 1/T


def test_no_effect_is_found_where_there_is_none() -> None:
    found = intervals(0.0)
    rejected = ((found["low"] > 0) | (found["high"] < 0)).mean()
    assert 0.02 <= rejected <= 0.09
    assert found["coef"].mean() == pytest.approx(0, abs=0.03)


def test_without_authority_effects_the_answer_is_wrong_even_where_nothing_is_to_be_found() -> None:
    rows = pd.concat([with_lag(simulate_workforce(seed, 0.0)).assign(seed=seed) for seed in range(20)])
    slope = np.polyfit(rows["caseload_before"], rows["turnover"], 1)[0]
    assert slope > 0.2


def test_staff_at_the_count_are_last_years_less_leavers_plus_starters() -> None:
    counts = simulate_workforce(7)
    opening = counts.groupby("authority")["inpost_headcount"].shift(1)
    closing = opening - counts["leavers_headcount"] + counts["starters_headcount"]
    assert (closing == counts["inpost_headcount"])[opening.notna()].all()


def test_caseloads_do_not_answer_to_leavers() -> None:
    without, strong = simulate_workforce(3, 0.0), simulate_workforce(3, 2.0)
    assert not without["leavers_headcount"].equals(strong["leavers_headcount"])
    apart = without["cases"] / without["case_holders_fte"] - strong["cases"] / strong["case_holders_fte"]
    assert apart.abs().max() < 0.05  # whole cases over tenths of a worker


def test_parts_never_exceed_their_wholes() -> None:
    counts = simulate_workforce(11)
    assert (counts["inpost_fte"] <= counts["inpost_headcount"]).all()
    assert (counts["leavers_fte"] <= counts["leavers_headcount"]).all()
    assert (counts["starters_fte"] <= counts["starters_headcount"]).all()
    assert (counts["agency_cover_fte"] <= counts["agency_fte"]).all()
    assert (counts["agency_cover_fte"] <= counts["vacancy_fte"]).all()
    assert (counts.drop(columns="authority") >= 0).all(axis=None)


def test_the_same_seed_gives_the_same_rows_and_another_seed_does_not() -> None:
    pd.testing.assert_frame_equal(simulate_workforce(5), simulate_workforce(5))
    assert not simulate_workforce(5).equals(simulate_workforce(6))


def test_it_can_be_made_smaller() -> None:
    counts = simulate_workforce(1, n_authorities=4, first_year=2020, last_year=2022)
    assert counts["authority"].nunique() == 4
    assert sorted(counts["time_period"].unique()) == [2020, 2021, 2022]
