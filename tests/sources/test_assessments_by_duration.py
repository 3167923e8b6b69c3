"""Assessments by duration and their factors, read from the real files and beside the department's own tool."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from insight.core.register import Register
from insight.sources.assessments_by_duration import WITHIN_45_DAYS
from tests.sources.tool_values import ENGLAND, Published, england, part_of

pytestmark = pytest.mark.published
ASSESSMENTS = "cin-2024-release/c2_children_in_need_assessments_duration_2014_to_2024.csv"
FACTORS = "c3_factors_identified_at_end_of_assessment_2018_to_2025.csv"
FACTORS_2024 = "cin-2024-release/c3_factors_identified_at_end_of_assessment_2018_to_2024.csv"
HEREFORDSHIRE = "E06000019"


@pytest.fixture(scope="module")
def files(test_data: Path, register: Register) -> Published:
    """The real files."""
    return Published(test_data, register)


@pytest.fixture(scope="module")
def in_time(files: Published) -> pd.DataFrame:
    """The share of assessments within 45 working days; missing where any band is."""
    reading = files.reading(ASSESSMENTS)
    bands = reading.rows[reading.rows["breakdown"].isin(list(WITHIN_45_DAYS.values()))]
    early = bands.groupby(["area", "time_period"])["value"].agg(lambda values: values.sum(min_count=6))
    whole = part_of(reading, "assessment_count").set_index(["area", "time_period"])["value"]
    return (100 * early / whole).rename("value").reset_index()


def test_every_row_is_read_or_set_aside(files: Published) -> None:
    found = [
        (reading.source, reading.release, reading.rows_read, reading.rows_kept)
        for reading in map(files.reading, (ASSESSMENTS, FACTORS, FACTORS_2024))
    ]
    assert found == [
        ("assessments_by_duration", "2024", 1803, 1781),
        ("assessment_factors", "2025", 1312, 1296),
        ("assessment_factors", "2024", 1147, 1133),
    ]


def test_england_within_45_days(in_time: pd.DataFrame) -> None:
    england_2024 = in_time[(in_time["area"] == ENGLAND) & (in_time["time_period"] == 2024)]
    assert round(float(england_2024["value"].item()), 1) == 84.5


def test_shares_within_45_days_are_those_of_the_tool(files: Published, in_time: pd.DataFrame) -> None:
    both = files.beside_tool(in_time, "Continue_Assess_Comp")
    apart = (both["value"] - both["shown"]).abs()
    assert len(both) == 1237
    # The tool prints one decimal; four of its figures are further away than rounding explains.
    assert (apart > 0.0501).sum() == 4
    assert apart.max() < 0.16


def test_the_file_prints_england_and_its_quarters(files: Published) -> None:
    reading = files.reading(ASSESSMENTS)
    assert england(reading, "assessment_count", 2024) == 643_170
    assert england(reading, "assessment_rate_per_10k", 2024) == 536.0
    assert england(reading, "assessment_days_count", 2024, "61 days or more") == 31_900
    quarters = ("lower_quarter", "median", "upper_quarter")
    assert [england(reading, f"assessment_days_{each}", 2024) for each in quarters] == [19, 34, 44]


def test_a_partial_return_stands_without_a_mark(files: Published) -> None:
    rows = part_of(files.reading(ASSESSMENTS), "assessment_count")
    rows = rows[rows["area"] == HEREFORDSHIRE].set_index("time_period")
    assert rows["value"].loc[[2023, 2024]].tolist() == [3025, 1088]
    assert rows["status"].loc[2024] == "value"


def test_rows_whose_bands_fall_short_are_noted(files: Published) -> None:
    (note,) = files.reading(ASSESSMENTS).notes
    assert note.startswith("parts that add up to less than their whole: Bracknell Forest 2017, Essex 2018, Essex 2021")
    assert note.count("Leicestershire") == 5


def test_factors_of_england(files: Published) -> None:
    reading = files.reading(FACTORS)
    assert england(reading, "episode_with_factor_count", 2025) == 513_250
    assert england(reading, "assessment_factor_count", 2025, "Mental health: parent or carer") == 171_780
    assert england(reading, "assessment_factor_count", 2025, "Domestic abuse: parent or carer") == 162_890
    assert reading.rows.query("indicator == 'assessment_factor_count'")["breakdown"].nunique() == 39


def test_factors_that_were_not_yet_counted_are_not_zero(files: Published) -> None:
    rows = part_of(files.reading(FACTORS), "assessment_factor_count", "Child criminal exploitation")
    status = rows[rows["area"] == ENGLAND].set_index("time_period")["status"].to_dict()
    assert status == {**dict.fromkeys(range(2018, 2022), "not available"), **dict.fromkeys(range(2022, 2026), "value")}
