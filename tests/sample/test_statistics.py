"""The other invented statistics: their identities, their true effects, and that every file of the folder is read."""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.contingency_tables import StratifiedTable

from insight.core.register import Register
from insight.sample import places
from insight.sample.assessments import BANDS, ODDS_RATIO, TREND_AFTER, WITHIN, assessment_counts, days_of
from insight.sample.children_in_need import need_counts
from insight.sample.ethnicity import GROUPS, MANAGER_ODDS_RATIO, MANAGERS, NOT_ASKED, ROLES, group_counts
from insight.sample.looked_after import looked_after_counts, rate
from insight.sample.process import EFFECT, SEED
from insight.sample.spending import CANNOT_DIVIDE, NO_RETURN, NOT_CERTIFIED, WEEKLY_COST
from insight.sources import (
    assessments_by_duration,
    children_in_need,
    looked_after,
    plan_reviews,
    regional_aims,
    revenue_outturn,
    revenue_summary,
    school_places,
    workforce_by_ethnicity,
)
from insight.sources._reading import Reading

FOLDER = Path(__file__).resolve().parents[2] / "data" / "raw" / "sample"
READERS = {
    "sample_b1_children_in_need_2013_to_2025.csv": children_in_need,
    "sample_c2_children_in_need_assessments_duration_2014_to_2024.csv": assessments_by_duration,
    "sample_d6_cpps_reviewed_within_timescales_2013_to_2024.csv": plan_reviews,
    "sample_cla_number_and_rate_per_10k_children.csv": looked_after,
    "sample_csww_workforce_role_by_ethnicity_2019_to_2022.csv": workforce_by_ethnicity,
    "sample_scorecard_data_2025_2023.csv": school_places,
    "sample_RO3_LA_Data_2024-25.ods": revenue_outturn,
    "sample_RSX_LA_Data_2024-25.ods": revenue_summary,
}
NEED, ASSESSMENTS, REVIEWS, LOOKED_AFTER, ETHNICITY, SCHOOLS, RO3, RSX = READERS
NATION = places.NATION[0]


@cache
def register() -> Register:
    return Register.read(FOLDER / "authorities.csv")


@cache
def reading_of(name: str) -> Reading:
    reading: Reading = READERS[name].read(FOLDER / name, register())
    return reading


def rows(name: str) -> pd.DataFrame:
    return reading_of(name).rows


def values(name: str, indicator: str, breakdown: str = "") -> pd.Series:
    """Values by area and year."""
    chosen = rows(name)
    chosen = chosen[(chosen["indicator"] == indicator) & (chosen["breakdown"] == breakdown)]
    return chosen.set_index(["area", "time_period"])["value"]


def cell(name: str, indicator: str, place: places.Place, year: int, breakdown: str = "") -> tuple[float, str]:
    chosen = rows(name)
    found = chosen[
        (chosen["indicator"] == indicator)
        & (chosen["breakdown"] == breakdown)
        & (chosen["area"] == place.code)
        & (chosen["time_period"] == year)
    ]
    assert len(found) == 1
    return float(found["value"].iloc[0]), str(found["symbol"].iloc[0])


@pytest.mark.parametrize("name", READERS)
def test_the_readers_take_the_file_and_find_every_authority(name: str) -> None:
    reading = reading_of(name)
    assert reading.rows_read == reading.rows_kept + sum(each.count for each in reading.set_aside)
    there = set(reading.rows["area"])
    missing = {one.code for one in places.PLACES} - there - {places.REISSUED.code}
    # In a joint return two are one, and who employs nobody has no row of social workers.
    assert missing <= {one.code for one in places.JOINT_MEMBERS}
    assert NATION in there


def test_both_files_of_aims_are_read_and_name_measures_of_the_sample() -> None:
    several = [
        aim
        for name in ("aims.toml", "aims_of_other_regions.toml")
        for aim in regional_aims.read(FOLDER / name, register()).aims
    ]
    assert {aim.region for aim in several} == {places.HOME_REGION, ""}
    assert len({aim.rule for aim in several}) == 6
    assert all("invented" in aim.whose for aim in several)


def test_what_is_open_is_what_was_open_with_what_came_and_without_what_went() -> None:
    need = need_counts(SEED)
    for one in places.PLACES:
        for year in range(2014, 2026):
            before, now = need[one.code, year - 1], need[one.code, year]
            assert now["any_point"] == before["march"] + now["start"]
            assert now["march"] == now["any_point"] - now["end"]
            assert all(now[f"{name}_child"] <= now[name] for name in ("any_point", "start", "end"))


def test_looked_after_children_of_two_years_add_up() -> None:
    counted = looked_after_counts(SEED)
    for one in places.PLACES:
        for year in range(2021, 2026):
            before, now = counted[one.code, year - 1], counted[one.code, year]
            assert now["march"] == before["march"] + now["start"] - now["end"]


@pytest.mark.parametrize(
    ("count", "there", "printed"), [(131, 21090, "62"), (34450, 12183016, "28"), (740, 90547, "82")]
)
def test_rates_are_rounded_as_in_the_published_file(count: int, there: int, printed: str) -> None:
    # Children looked after 2025 and 2023: Hartlepool, England, Cumbria.
    assert rate(count, there) == printed


def test_assessments_in_time_rise_in_the_home_region_alone() -> None:
    counted = assessment_counts(SEED)
    slopes: dict[bool, list[float]] = {True: [], False: []}
    for one in places.PLACES:
        if one in (places.TINY, places.NOBODY_EMPLOYED, *places.SUCCESSORS):
            continue
        years = range(TREND_AFTER, 2026)
        within = [sum(counted[one.code, year][band] for band in WITHIN) for year in years]
        later = [sum(counted[one.code, year][band] for band in BANDS if band not in WITHIN) for year in years]
        fitted = sm.GLM(
            np.column_stack([within, later]), sm.add_constant(np.arange(len(within))), family=sm.families.Binomial()
        ).fit()
        slopes[one.region == places.HOME_REGION].append(float(fitted.params[1]))
    for is_home, truth in ((True, math.log(ODDS_RATIO)), (False, 0.0)):
        own = np.array(slopes[is_home])
        error = own.std(ddof=1) / len(own) ** 0.5
        assert error < 0.02
        assert own.mean() == pytest.approx(truth, abs=3 * error)


def test_days_are_read_off_the_bands() -> None:
    counts = dict.fromkeys(BANDS, 0) | {"1-10_days": 100}
    assert [days_of(counts, share) for share in (0.25, 0.5, 0.75)] == [3, 6, 8]
    # Ten on the same day and ten on days 41 to 45: half took none, three quarters no more than 43.
    counts = dict.fromkeys(BANDS, 0) | {"Same_day": 10, "41-45_days": 10}
    assert [days_of(counts, share) for share in (0.5, 0.75)] == [0, 43]


def test_one_hidden_band_never_stands_alone() -> None:
    with (FOLDER / ASSESSMENTS).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert [row[band] for band in BANDS].count("c") != 1


def test_a_partial_return_bears_no_mark_in_the_assessments() -> None:
    place = places.REFERRALS_WITHHELD
    before, _ = cell(ASSESSMENTS, "assessment_count", place, 2022)
    now, symbol = cell(ASSESSMENTS, "assessment_count", place, 2024)
    assert symbol == ""
    assert now < 0.6 * before
    assert cell(NEED, "need_start_count", place, 2024)[1] == "u"
    assert cell(REVIEWS, "plan_reviewed_count", place, 2024)[1] == "u"


def test_a_lost_return_is_replaced_in_the_totals() -> None:
    for name, indicator in ((NEED, "need_march_count"), (ASSESSMENTS, "assessment_count")):
        assert cell(name, indicator, places.REFERRALS_LOST, 2021)[1] == "x"
        found = values(name, indicator)
        there = {places.REISSUED: places.REISSUED_CODE}
        own = [found[there.get(one, one.code), 2021] for one in places.existing(2021, places.LAST_REFERRAL_YEAR)]
        lost = found[places.REFERRALS_LOST.code, 2020]
        assert found[NATION, 2021] == pytest.approx(np.nansum(own) + lost, abs=20)


def test_who_is_not_white_has_the_true_odds_of_being_a_manager() -> None:
    tables, by_role = [], group_counts(SEED, EFFECT)
    for one in places.PLACES:
        if one in (places.JOINT_MEMBERS[1], places.NOBODY_EMPLOYED):
            continue
        counted = np.sum([by_role[one.code, year] for year in range(2019, 2023)], axis=0)
        is_manager = np.array([role in MANAGERS for role in ROLES])
        is_white = np.array([group == "white" for group in GROUPS])
        tables.append(
            [
                [int(counted[np.ix_(is_manager == manager, is_white == white)].sum()) for manager in (True, False)]
                for white in (False, True)
            ]
        )
    pooled = StratifiedTable([np.array(each, dtype=float) for each in tables if np.sum(each) > 50])
    low, high = pooled.oddsratio_pooled_confint()
    assert low < MANAGER_ODDS_RATIO < high
    assert high < 0.7


def test_roles_and_groups_add_up() -> None:
    known = values(ETHNICITY, "ethnicity_known_headcount")
    parts = pd.concat([values(ETHNICITY, "ethnicity_known_headcount", role) for role in ROLES], axis=1).sum(axis=1)
    assert (known.dropna() == parts[known.dropna().index]).all()
    assert cell(ETHNICITY, "ethnicity_white_headcount", NOT_ASKED, 2022)[1] == "x"


def test_places_by_grade_end_with_the_grades() -> None:
    share = values(SCHOOLS, "primary_places_good_or_outstanding_percent")
    assert share.xs(2024, level="time_period").notna().sum() > 55
    assert share.xs(2025, level="time_period").notna().sum() == 0
    assert 80 < share[NATION, 2024] < 97
    assert cell(SCHOOLS, "primary_places_graded_count", places.NOBODY_EMPLOYED, 2023)[1] == "z"


def test_both_workbooks_of_spending_say_the_same() -> None:
    for kind in ("spending", "net_spending"):
        one, other = values(RO3, f"children_{kind}_thousand"), values(RSX, f"children_summary_{kind}_thousand")
        assert len(one) == 61
        pd.testing.assert_series_equal(one, other, check_names=False)
    assert cell(RO3, "children_spending_thousand", NO_RETURN, 2025)[1] == "[x]"
    assert cell(RO3, "looked_after_spending_thousand", CANNOT_DIVIDE, 2025, "Fostering")[1] == "[note 4]"
    reading = reading_of(RO3)
    assert f"{len(NOT_CERTIFIED)} returns were not certified" in reading.notes
    assert any(note.startswith("classes of councils that equal their printed totals") for note in reading.notes)


def test_looked_after_children_cost_what_the_note_says() -> None:
    spent = values(RO3, "children_spending_by_service_thousand", "Children looked after").xs(2025, level="time_period")
    children = values(LOOKED_AFTER, "looked_after_march_count").xs(2025, level="time_period")
    own = [
        math.log(1000 * spent[one.code] / children[one.code] / 52)
        for one in places.PLACES
        if one.code in spent and children.get(one.code, 0) > 0 and spent[one.code] > 0
    ]
    assert len(own) > 55
    error = np.std(own, ddof=1) / len(own) ** 0.5
    assert np.mean(own) == pytest.approx(math.log(WEEKLY_COST), abs=3 * error)
    assert error < 0.05
