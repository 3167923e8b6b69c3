"""Tables with several periods or parts in one row: referrals by month, by source, section 47 and plans."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from insight.core.register import Register
from insight.errors import GeographyConflict, RuleBroken, SourceChanged, UnknownSymbol
from insight.sources import Reading, all_sources, source_of
from insight.sources.referrals_by_source import BREAKDOWNS
from tests.sources.published_rows import ENGLAND, MONTHS, SOURCES, YORKSHIRE, month_row, source_row, write

Read = Callable[[Path], Reading]
RELEASE = Path("published/dfe/cin-2024-release")


def test_one_row_is_twelve_months_of_two_calendar_years(tmp_path: Path, read: Read) -> None:
    reading = read(write(tmp_path, MONTHS, [month_row(April="90", March="110")]))
    rows = reading.rows.set_index("time_period")
    assert list(rows.index) == [*range(202304, 202313), 202401, 202402, 202403]
    assert (rows.loc[202304, "value"], rows.loc[202403, "value"]) == (90.0, 110.0)
    assert rows.loc[202402, "period_end"] == date(2024, 2, 29)
    assert (reading.release, set(rows["indicator"])) == ("2024", {"referral_month_count"})


def test_a_hidden_month_stays_hidden_beside_the_year_that_would_give_it(tmp_path: Path, read: Read) -> None:
    rows = read(write(tmp_path, MONTHS, [month_row(May="c")])).rows.set_index("time_period")
    assert rows.loc[202305, "status"] == "suppressed"
    assert pd.isna(rows.loc[202305, "value"])
    assert rows["value"].notna().sum() == 11


def test_the_year_itself_is_checked_and_not_kept(tmp_path: Path, read: Read) -> None:
    reading = read(write(tmp_path, MONTHS, [month_row()]))
    assert len(reading.rows) == 12
    assert 1200.0 not in set(reading.rows["value"])


@pytest.mark.parametrize(("whole", "more"), [("1199", "less"), ("1201", "more")])
def test_months_that_do_not_add_up_to_the_year_are_refused_without_a_figure(
    tmp_path: Path, read: Read, whole: str, more: str
) -> None:
    with pytest.raises(RuleBroken, match=f"line 2, column Referrals(.|\n)*{more} than the sum") as refusal:
        read(write(tmp_path, MONTHS, [month_row(whole=whole)]))
    assert whole not in str(refusal.value)


def test_rounded_months_may_miss_their_year_by_the_rounding_of_each(tmp_path: Path, read: Read) -> None:
    read(write(tmp_path, MONTHS, [month_row(ENGLAND, whole="1260"), month_row(YORKSHIRE, whole="1140")]))
    with pytest.raises(RuleBroken, match="line 2"):
        read(write(tmp_path, MONTHS, [month_row(ENGLAND, whole="1270")]))


def test_a_row_with_a_hidden_year_is_not_checked(tmp_path: Path, read: Read) -> None:
    rows = read(write(tmp_path, MONTHS, [month_row(whole="c", April="3")])).rows
    assert rows["value"].sum() == 1103


def test_a_year_of_months_before_the_area_existed_is_refused(tmp_path: Path, read: Read) -> None:
    new = ("E12000009", "South West", "838", "E06000059", "Dorset")
    read(write(tmp_path, MONTHS, [month_row(new, 2020)]))
    with pytest.raises(GeographyConflict, match="existed from 2019-04-01"):
        read(write(tmp_path, MONTHS, [month_row(new, 2019)]))


def test_a_count_of_a_month_is_whole_and_a_symbol_is_known(tmp_path: Path, read: Read) -> None:
    with pytest.raises(RuleBroken, match="column July"):
        read(write(tmp_path, MONTHS, [month_row(July="99.5")]))
    with pytest.raises(UnknownSymbol, match="column July"):
        read(write(tmp_path, MONTHS, [month_row(July="n/a")]))


def test_a_month_in_another_language_is_a_change(tmp_path: Path) -> None:
    columns = ["Mai" if name == "May" else name for name in MONTHS.columns]
    with pytest.raises(SourceChanged, match="'May'"):
        source_of(write(tmp_path, MONTHS, [], columns=columns))


def test_each_source_of_referrals_is_a_part_of_one_indicator(tmp_path: Path, read: Read) -> None:
    rows = read(write(tmp_path, SOURCES, [source_row(Police="c", Housing="0")])).rows.set_index("breakdown")
    assert set(rows.index) == set(BREAKDOWNS.values())
    assert set(rows["indicator"]) == {"referral_source_count"}
    assert (rows.loc["Housing", "value"], rows.loc["Police", "status"]) == (0.0, "suppressed")


def test_sources_that_fall_short_of_the_year_are_noted_and_more_than_the_year_is_refused(
    tmp_path: Path, read: Read
) -> None:
    reading = read(write(tmp_path, SOURCES, [source_row(whole="150")]))
    assert "parts that add up to less than their whole: Leeds 2024" in reading.notes
    with pytest.raises(RuleBroken, match="less than the sum"):
        read(write(tmp_path, SOURCES, [source_row(whole="109")]))


@pytest.fixture(scope="module")
def months(test_data: Path) -> pd.DataFrame:
    """Every row of the published table of months."""
    path = test_data / RELEASE / "c6_children_in_need_referrals_by_month_2013_to_2024.csv"
    return all_sources()["referrals_by_month"].read(path, Register.read()).rows


@pytest.mark.published
def test_england_s_months_are_the_sum_of_its_authorities_where_none_is_hidden(months: pd.DataFrame) -> None:
    register = Register.read()
    local = months[[register.get(code).level == "authority" for code in months["area"]]]
    england = months[months["area"] == "E92000001"].set_index("time_period")["value"]
    groups = local.groupby("time_period")
    complete = groups["status"].agg(lambda several: (several == "value").all())
    assert complete.sum() == 18, "the smallest areas hide a month nearly always"
    difference = (groups["value"].sum() - england)[complete]
    assert difference.abs().max() <= 5
    assert len(england) == 144
    assert (england.index.min(), england.index.max()) == (201204, 202403)


@pytest.mark.published
@pytest.mark.parametrize(
    ("name", "year", "status", "count"),
    [
        ("Norfolk", 2013, "not available", 12),
        ("Cornwall", 2014, "not available", 12),
        ("South Tyneside", 2015, "not available", 12),
        ("Hackney", 2021, "not available", 12),
        ("Hampshire", 2024, "low reliability", 12),
        ("York", 2016, "suppressed", 2),
        ("Camden", 2021, "suppressed", 2),
        ("Leicester", 2022, "suppressed", 2),
        ("Westminster", 2023, "suppressed", 2),
    ],
)
def test_the_hidden_months_have_a_reason_and_no_number(
    months: pd.DataFrame, name: str, year: int, status: str, count: int
) -> None:
    code = Register.read().authority(name).code
    within = months["time_period"].between(100 * (year - 1) + 4, 100 * year + 3)
    own = months[(months["area"] == code) & within]
    assert len(own) == 12
    hidden = own[own["status"] != "value"]
    assert (len(hidden), set(hidden["status"])) == (count, {status})
    assert hidden["value"].isna().all()


@pytest.mark.published
def test_areas_that_began_in_2019_have_shorter_histories(months: pd.DataFrame) -> None:
    dorset = months[months["area"] == "E06000059"]["time_period"]
    assert (dorset.min(), len(dorset)) == (201904, 60)


@pytest.mark.published
@pytest.mark.parametrize(
    ("key", "file", "indicator", "year", "expected"),
    [
        ("section_47", "c4_children_in_need_section_47s_and_icpcs_2013_to_2024.csv", "section_47_count", 2024, 224_520),
        ("section_47", "c4_children_in_need_section_47s_and_icpcs_2013_to_2024.csv", "conference_count", 2024, 72_250),
        ("child_protection_plans", "d1_child_protection_plans_2013_to_2024.csv", "plan_march_count", 2024, 49_900),
        ("child_protection_plans", "d1_child_protection_plans_2013_to_2024.csv", "plan_start_count", 2024, 62_110),
    ],
)
def test_companions_of_the_year_are_read_as_printed(
    test_data: Path, key: str, file: str, indicator: str, year: int, expected: int
) -> None:
    rows = all_sources()[key].read(test_data / RELEASE / file, Register.read()).rows
    cell = rows.query("indicator == @indicator and area == 'E92000001' and time_period == @year")
    assert cell["value"].item() == expected
    assert cell["period_end"].item() == date(year, 3, 31)


@pytest.mark.published
def test_the_sources_of_referrals_of_england_in_2024(test_data: Path) -> None:
    path = test_data / RELEASE / "c5_children_in_need_referrals_by_source_2014_to_2024.csv"
    reading = all_sources()["referrals_by_source"].read(path, Register.read())
    england = reading.rows.query("area == 'E92000001' and time_period == 2024").set_index("breakdown")["value"]
    assert (england["Police"], england["Schools"], england["Unknown"]) == (177_210, 126_460, 7_190)
    assert abs(england.sum() - 621_880) <= 60
    assert any("Birmingham 2014" in note for note in reading.notes)
