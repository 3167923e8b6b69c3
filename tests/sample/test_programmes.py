"""The programme that does something does what is stated, and those that do nothing leave every number alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insight.sample import SEED, places, simulate_authorities
from insight.sample.programmes import RISING, WAVE_1, rising_areas
from insight.sample.referrals import drawn_referrals, referral_counts

SEEDS = range(40)


def nine_month_change(rows: pd.DataFrame, last: int) -> pd.Series:
    """Log referrals of July ``last`` - 1 to March ``last``, less the log of the same months of three years before."""
    year = rows["month"].str[:4].astype(int) + (rows["month"].str[5:].astype(int) >= 4)
    late = rows[(rows["month"].str[5:].astype(int) >= 7) | (rows["month"].str[5:].astype(int) < 4)]
    yearly = late["referrals"].groupby([late["area"], year]).sum().unstack()
    return pd.Series(np.log(yearly[last] / yearly[[last - 3, last - 2, last - 1]].mean(axis=1)), yearly.index)


def test_the_effect_of_wave_1_is_found_on_average_as_stated() -> None:
    hidden = [one.code for one in (places.REFERRALS_WITHHELD, places.NOBODY_EMPLOYED, places.TINY)]
    found = []
    for seed in SEEDS:
        rows = simulate_authorities(seed)
        change = nine_month_change(rows[~rows["area"].isin(hidden)], 2024)
        treated = change.index.isin([one.code for one in WAVE_1.areas])
        found.append(change[treated].mean() - change[~treated].mean())
    error = np.std(found) / len(found) ** 0.5
    assert np.mean(found) == pytest.approx(np.log(0.75), abs=3 * error)
    assert error < 0.015


def test_an_effect_changes_the_treated_months_and_no_other() -> None:
    without, with_effect = simulate_authorities(3, effect=1.0), simulate_authorities(3, effect=0.5)
    treated = without["area"].isin([one.code for one in WAVE_1.areas]) & (without["month"] >= WAVE_1.live)
    pd.testing.assert_frame_equal(without[~treated], with_effect[~treated])
    kept = with_effect.loc[treated, "referrals"].sum() / without.loc[treated, "referrals"].sum()
    assert kept == pytest.approx(0.5, abs=0.02)


def test_years_before_a_start_and_areas_without_one_are_as_they_were_drawn() -> None:
    counts, months = referral_counts(SEED)
    for (code, year), drawn in drawn_referrals(SEED).items():
        assert sum(months[code, year]) == counts[code, year]["referral"]
        if code not in [one.code for one in WAVE_1.areas] or year < 2024:
            assert counts[code, year]["referral"] == drawn


def test_parts_never_exceed_the_referrals_that_an_effect_left() -> None:
    counts, _ = referral_counts(SEED, 0.1)
    for own in counts.values():
        assert own["rereferral"] + own["rereferral_child"] <= own["referral"] + own["referral_child"]
        assert own["no_further_action"] + own["not_in_need"] <= own["referral"]


def test_the_rising_pilot_took_the_areas_that_had_risen_most() -> None:
    drawn = drawn_referrals(SEED)
    chosen = [one.code for one in rising_areas(drawn)]
    rows = simulate_authorities(SEED)
    assert sorted(chosen) == sorted(rows.loc[rows["programme"] == RISING.name, "area"].unique())
    rise = {one.code: drawn[one.code, 2022] / drawn[one.code, 2018] for one in places.PLACES}
    assert min(rise[code] for code in chosen) > 1.15 > np.median(list(rise.values()))


def test_whoever_compares_levels_finds_a_rise_that_the_rising_pilot_did_not_cause() -> None:
    found = []
    for seed in SEEDS:
        rows = simulate_authorities(seed)
        year = rows["month"].str[:4].astype(int) + (rows["month"].str[5:].astype(int) >= 4)
        yearly = rows["referrals"].groupby([rows["area"], year]).sum().unstack()
        ratio = yearly[[2023, 2024]].sum(axis=1) / yearly[[2019, 2020, 2021]].sum(axis=1)
        change = pd.Series(np.log(ratio), ratio.index)
        joined = rows.drop_duplicates("area").set_index("area")["programme"]
        found.append(change[joined == RISING.name].mean() - change[joined.isna()].median())
    assert np.mean(found) > 0.05


def test_authorities_change_as_unevenly_as_the_module_says() -> None:
    rows = simulate_authorities(SEED, effect=1.0)
    change = nine_month_change(rows[rows.groupby("area")["referrals"].transform("min") > 20], 2022)
    assert 0.06 < change.std() < 0.14
