"""The invented tool: it says what the other files say, in its own spelling."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from pyarrow import parquet

from insight.core.missing import Status
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.sample import places
from insight.sources import assessments_by_duration, lait, lait_dictionary, looked_after, referrals, workforce
from insight.sources._reading import Reading

FOLDER = Path(__file__).resolve().parents[2] / "data" / "raw" / "sample"
TABLE, DICTIONARY = FOLDER / "sample_bds_long.parquet", FOLDER / "sample_lait_data_dictionary.csv"
SAME = {
    "lait_work_force_to_rate": (workforce, "sample_csww_indicators_2017_to_2025.csv", "turnover_rate_fte"),
    "lait_work_force_agecy_rate": (workforce, "sample_csww_indicators_2017_to_2025.csv", "agency_rate_fte"),
    "lait_work_force_vac_rate": (workforce, "sample_csww_indicators_2017_to_2025.csv", "vacancy_rate_fte"),
    "lait_work_force_avgnumcase_sw": (workforce, "sample_csww_indicators_2017_to_2025.csv", "caseload_fte"),
    "lait_rereferral": (
        referrals,
        "sample_c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv",
        "rereferral_percent",
    ),
    "lait_lac": (looked_after, "sample_cla_number_and_rate_per_10k_children.csv", "looked_after_march_rate_per_10k"),
}


@cache
def register() -> Register:
    return Register.read(FOLDER / "authorities.csv")


@cache
def dictionary() -> Reading:
    return lait_dictionary.read(DICTIONARY, register())


@cache
def tool() -> Reading:
    return lait.read_with(TABLE, register(), dictionary().indicators)


def values(frame: pd.DataFrame, indicator: str) -> pd.Series:
    chosen = frame[(frame["indicator"] == indicator) & (frame["breakdown"] == "")]
    return chosen.set_index(["area", "time_period"])["value"]


def test_the_dictionary_explains_every_measure_of_the_table() -> None:
    assert len(dictionary().indicators) == 13
    assert {each.key for each in tool().indicators} == {each.key for each in dictionary().indicators}
    assert not any("does not explain" in each.reason for each in tool().set_aside)


def test_measures_are_of_many_kinds() -> None:
    several = tool().indicators
    assert {each.direction for each in several} == {"higher", "lower", "neither"}
    assert {each.period_kind for each in several} >= {
        PeriodKind.ACADEMIC_YEAR,
        PeriodKind.YEAR_TO_MARCH,
        PeriodKind.AT_MARCH,
        PeriodKind.YEAR_TO_SEPTEMBER,
        PeriodKind.AT_SEPTEMBER,
        PeriodKind.IN_JANUARY,
        PeriodKind.THREE_CALENDAR_YEARS,
    }
    assert {each.unit for each in several} >= {"percent", "cases per worker", "pounds per week", "rate per 10,000"}
    assert [each.topic for each in several if ";" in each.topic] == ["Economic Factors; Key Stage 2"]
    assert any("revised 2024" in caveat for each in several for caveat in each.caveats)


@pytest.mark.parametrize("key", SAME)
def test_what_other_files_have_the_tool_repeats(key: str) -> None:
    source, file, indicator = SAME[key]
    theirs = values(source.read(FOLDER / file, register()).rows, indicator).dropna()
    ours = values(tool().rows, key)
    shared = ours.dropna().index.intersection(theirs.index)
    assert len(shared) > 250
    assert (ours[shared] - theirs[shared]).abs().max() < 1e-9
    # What rounds to zero is printed as 0 in the tool, and as "low" elsewhere.
    more = ours.dropna().index.difference(theirs.index)
    assert set(ours[more]) <= {0.0}


def test_the_share_of_assessments_in_time_is_that_of_the_bands() -> None:
    file = FOLDER / "sample_c2_children_in_need_assessments_duration_2014_to_2024.csv"
    rows = assessments_by_duration.read(file, register()).rows
    rows = rows[(rows["indicator"] == "assessment_days_count") & (rows["time_period"] >= 2016)]
    wide = rows.pivot(index=["area", "time_period"], columns="breakdown", values="value").dropna()
    share = 100 * wide[list(assessments_by_duration.WITHIN_45_DAYS.values())].sum(axis=1) / wide.sum(axis=1)
    ours = values(tool().rows, "lait_continue_assess_comp")
    authorities = [each for each in share.index if each[0] in {one.code for one in places.PLACES}]
    assert len(authorities) > 450
    assert (ours[authorities] - share[authorities]).abs().max() <= 0.05 + 1e-9
    assert ours[places.NATION[0], 2025] > 0


def test_a_joint_return_is_printed_under_both_and_read_once() -> None:
    table = parquet.read_table(TABLE).to_pandas()
    names = [one.name for one in places.JOINT_MEMBERS]
    own = table[(table["Short Desc"] == "Work_Force_TO_Rate") & table["LA and Regions"].isin(names)]
    both = own.pivot(index="Years", columns="LA and Regions", values="Values")
    assert both.loc["2017", names[1]] == "-"
    assert (both.loc["2018":, names[0]] == both.loc["2018":, names[1]]).all()
    unit = "_".join(one.code for one in places.JOINT_MEMBERS)
    assert values(tool().rows, "lait_work_force_to_rate").loc[unit].notna().all()
    areas = values(tool().rows, "lait_rereferral").index.get_level_values("area")
    assert {one.code for one in places.JOINT_MEMBERS} <= set(areas)


def test_dashes_say_nothing_but_that_there_is_no_figure() -> None:
    missing = tool().rows[tool().rows["value"].isna()]
    assert set(missing["symbol"]) == {"-"}
    assert set(missing["status"]) == {Status.UNSPECIFIED.value}
    tests = values(tool().rows, "lait_ks2rwm_expected_std")
    assert tests.xs(2020, level="time_period").notna().sum() == 0
    assert tests.xs(2024, level="time_period").notna().sum() > 55


def test_the_abolished_area_stays_in_the_tool_without_figures() -> None:
    table = parquet.read_table(TABLE).to_pandas()
    gone = table[table["LA and Regions"] == "Wessenshire (Pre LG)"]
    assert set(gone.loc[(gone["Short Desc"] == "ReReferral") & (gone["Years"] > "2021"), "Values"]) == {"-"}
    reasons = {each.reason: set(each.names) for each in tool().set_aside}
    heirs = {one.name for one in places.SUCCESSORS}
    assert reasons["no figure, for an area that did not exist at the end of the period"] == {"Wessenshire", *heirs}
    assert reasons["a figure for an area in a period in which it did not exist"] == heirs


def test_spelling_and_types_are_the_publishers() -> None:
    table = parquet.read_table(TABLE)
    assert [str(kind) for kind in table.schema.types] == ["string"] * 5 + ["double", "string"]
    years = set(table.column("Years").to_pylist())
    assert {"2025", "2024 (Rev)", "2025 (Prov)", "2024-25 (OT)", "2023-25"} <= years
    noisy = [text for text in table.column("Values").to_pylist() if len(text) > 12]
    assert len(noisy) > 500
