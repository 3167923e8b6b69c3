"""The interactive tool's real files against the publications that it collects its figures from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from insight.core.indicator import Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.sources import Reading, lait, lait_dictionary, referrals, source_of, workforce

pytestmark = pytest.mark.published
ENGLAND = "E92000001"
# The tool's measure, and the same figure in the publication itself.
SAME = {
    "lait_work_force_to_rate": "turnover_rate_fte",
    "lait_work_force_vac_rate": "vacancy_rate_fte",
    "lait_work_force_agecy_rate": "agency_rate_fte",
    "lait_work_force_avgnumcase_sw": "caseload_fte",
    "lait_work_force_nosw": "inpost_fte",
    "lait_work_force_swabsence": "absence_rate_fte",
    "lait_work_force_num_caseheld": "cases",
    "lait_social_work_starters": "starters_fte",
    "lait_vacancies_cover": "vacancy_agency_cover_rate_fte",
    "lait_rereferral": "rereferral_percent",
    "lait_cin_refferals_nfa": "no_further_action_percent",
    "lait_cpp_total_numref": "referral_count",
}


@pytest.fixture(scope="module")
def folder(test_data: Path) -> Path:
    return test_data / "published" / "dfe" / "lait"


@pytest.fixture(scope="module")
def dictionary(folder: Path) -> Reading:
    return lait_dictionary.read(folder / "lait_data_dictionary.csv", Register.read())


@pytest.fixture(scope="module")
def tool(folder: Path, dictionary: Reading) -> Reading:
    return lait.read_with(folder / "bds_long_0.parquet", Register.read(), dictionary.indicators)


@pytest.fixture(scope="module")
def measures(tool: Reading) -> dict[str, Indicator]:
    return {each.key: each for each in tool.indicators}


def figures(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    """An indicator's value and status by area and year."""
    return rows[rows["indicator"] == key].set_index(["area", "time_period"])[["value", "status"]]


def test_the_dictionary_has_434_measures_in_448_rows(dictionary: Reading) -> None:
    assert dictionary.release == "2026-04"
    assert (dictionary.rows_read, dictionary.rows_kept, len(dictionary.indicators)) == (448, 434, 434)
    assert len({each.key for each in dictionary.indicators}) == 434
    assert [each.count for each in dictionary.set_aside] == [14]
    assert all(each.key.startswith("lait_") and each.title and each.unit for each in dictionary.indicators)


def test_every_row_of_the_table_is_accounted_for(folder: Path, tool: Reading) -> None:
    found = source_of(folder / "bds_long_0.parquet")
    assert found is not None
    assert found.SOURCE == lait.SOURCE
    assert tool.rows_read == 641_070
    assert tool.rows_read == tool.rows_kept + sum(each.count for each in tool.set_aside)
    # Parts of regions: 170 areas in 3,771 measures and years, one of which is "0".
    aside = {each.reason: each.count for each in tool.set_aside}
    assert aside["part of a region, whose own row covers it"] == 2 * (641_070 // 170 - 1)
    assert aside['the year is written "0", which says none'] == 170
    assert len(tool.indicators) == 434
    assert tool.release == "2026"


def test_every_dash_is_a_reason_not_given(folder: Path, tool: Reading) -> None:
    status = tool.rows["status"].value_counts()
    assert set(status.index) == {"value", "unspecified"}
    assert tool.rows["value"].notna().sum() == status["value"]
    dashes = (pd.read_parquet(folder / "bds_long_0.parquet")["Values"] == "-").sum()
    aside = {each.reason: each.count for each in tool.set_aside}
    # Those not kept stand in rows that were set aside: of areas out of their time, parts of regions, joint members.
    assert dashes == 93_883
    assert dashes - sum(aside.values()) < status["unspecified"] < dashes


@pytest.mark.parametrize(
    ("key", "year", "value"),
    [
        ("lait_work_force_to_rate", 2025, 11.8),  # Children's social work workforce, release of 2025
        ("lait_cpp_total_rateper10_000", 2025, 519.4),  # Characteristics of children in need, release of 2025
        ("lait_continue_assess_comp", 2024, 84.5),  # The same, 2024, table c2: 45 working days or less
        ("lait_work_force_num_caseheld", 2024, 320_461.0),  # The workforce release: the published total of cases
    ],
)
def test_england_is_what_the_publications_say(tool: Reading, key: str, year: int, value: float) -> None:
    assert figures(tool.rows, key).loc[(ENGLAND, year), "value"] == value


def test_the_tool_repeats_the_publications_cell_for_cell(test_data: Path, tool: Reading) -> None:
    dfe, register = test_data / "published" / "dfe", Register.read()
    cells = {"workforce": 1445, "referrals": 1620}
    others = pd.concat(
        [
            workforce.read(dfe / "csww_indicators_2017_to_2025.csv", register).rows,
            referrals.read(dfe / "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv", register).rows,
        ]
    )
    referral_keys = {each.key for each in referrals.INDICATORS}
    for key, other in SAME.items():
        ours, theirs = figures(tool.rows, key), figures(others, other)
        both = ours.merge(theirs, left_index=True, right_index=True, suffixes=("", "_published"))
        assert len(both) == cells["referrals" if other in referral_keys else "workforce"]
        assert (both["value"] - both["value_published"]).abs().max() < 1e-9, key
        # What the publication withholds is a dash in the tool; what rounds to zero is printed as 0.
        hidden = both["value_published"].isna()
        assert (both.loc[~hidden, "status"] == "value").all()
        given = both[hidden & both["value"].notna()]
        assert set(given["status_published"]) <= {"rounds to zero"}
        assert (given["value"] == 0).all()


def test_joint_returns_stand_once_and_only_in_workforce_measures(tool: Reading, measures: dict[str, Indicator]) -> None:
    register = Register.read()
    codes = [unit.code for unit in register.joints]
    joint = tool.rows[tool.rows["area"].isin(codes)]
    assert {measures[key].topic for key in joint["indicator"].unique()} == {"Children's Services Workforce"}
    assert joint.groupby("area")["time_period"].agg(["min", "max"]).to_numpy().tolist() == [[2021, 2025], [2016, 2025]]
    for unit in register.joints:
        members = tool.rows[tool.rows["area"].isin(unit.members) & tool.rows["indicator"].isin(joint["indicator"])]
        first = joint.loc[joint["area"] == unit.code, "time_period"].min()
        assert members.empty or members["time_period"].max() < first


def test_no_area_has_a_row_outside_its_time(tool: Reading) -> None:
    register = Register.read()
    ends = tool.rows.groupby("area")["period_end"].agg(["min", "max"])
    for code, first, last in ends.itertuples():
        area = register.get(code)
        assert area.start is None or first >= area.start, area.name
        # A school or calendar year may end up to nine months after the area did.
        assert area.end is None or (last - area.end).days <= 275, area.name


def test_what_the_years_of_the_measures_are(measures: dict[str, Indicator]) -> None:
    assert measures["lait_rta"].period_kind is PeriodKind.THREE_CALENDAR_YEARS
    assert measures["lait_hosp_adm_alc_18yrs"].period_kind is PeriodKind.THREE_YEARS_TO_MARCH
    assert measures["lait_lacnum"].period_kind is PeriodKind.AT_MARCH
    assert measures["lait_prifsm"].period_kind is PeriodKind.IN_JANUARY
    assert measures["lait_ks2rwm_expected_std"].period_kind is PeriodKind.ACADEMIC_YEAR
    assert "Marked by the publisher: outturn 2017 to 2025." in measures["lait_fosteringfinance"].caveats


def test_a_number_listed_as_a_share_is_a_count(measures: dict[str, Indicator], tool: Reading) -> None:
    assert measures["lait_prechilddea"].unit == "count"
    assert figures(tool.rows, "lait_prechilddea")["value"].max() > 100
    shares = {key for key, each in measures.items() if each.unit == "percent"}
    above = tool.rows[tool.rows["indicator"].isin(shares) & (tool.rows["value"] > 101)]["indicator"].unique()
    assert set(above) == {"lait_percent_2yr_olds", "lait_percent_3_4yr_olds", "lait_specfixedex"}


def test_no_figure_keeps_the_noise_of_a_spreadsheet(tool: Reading) -> None:
    values = tool.rows["value"].dropna().drop_duplicates()
    assert (values.map(lambda value: float(f"{value:.10g}")) == values).all()
