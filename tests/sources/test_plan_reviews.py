"""Second plans, durations and reviews of child protection plans, read from the real files and beside the tool."""

from __future__ import annotations

from pathlib import Path

import pytest

from insight.core.register import Register
from tests.sources.tool_values import Published, england, part_of

pytestmark = pytest.mark.published
SECOND, SECOND_2024 = (
    "d3_cpps_subsequent_plan_2013_to_2025.csv",
    "cin-2024-release/d3_cpps_subsequent_plan_2013_to_2024.csv",
)
DURATIONS, DURATIONS_2024 = (
    "d5_cpps_at31march_by_duration_2013_to_2025.csv",
    "cin-2024-release/d5_cpps_at31march_by_duration_2013_to_2024.csv",
)
REVIEWS = "cin-2024-release/d6_cpps_reviewed_within_timescales_2013_to_2024.csv"


@pytest.fixture(scope="module")
def files(test_data: Path, register: Register) -> Published:
    """The real files."""
    return Published(test_data, register)


@pytest.mark.parametrize(
    ("name", "source", "release", "rows", "kept"),
    [
        (SECOND, "second_plans", "2025", 2132, 2106),
        (SECOND_2024, "second_plans", "2024", 1967, 1943),
        (DURATIONS, "plan_durations", "2025", 2132, 2106),
        (DURATIONS_2024, "plan_durations", "2024", 1967, 1943),
        (REVIEWS, "plan_reviews", "2024", 1967, 1943),
    ],
)
def test_every_row_is_read_or_set_aside(
    files: Published, name: str, source: str, release: str, rows: int, kept: int
) -> None:
    reading = files.reading(name)
    assert (reading.source, reading.release, reading.rows_read, reading.rows_kept) == (source, release, rows, kept)


def test_england(files: Published) -> None:
    assert england(files.reading(REVIEWS), "plan_three_months_count", 2024) == 35_090
    assert england(files.reading(REVIEWS), "plan_reviewed_percent", 2024) == 89.8
    assert england(files.reading(SECOND), "second_plan_percent", 2025) == 24.5
    assert england(files.reading(DURATIONS), "plan_open_count", 2025) == 49_420
    assert england(files.reading(DURATIONS), "plan_duration_percent", 2025, "2 years or more") == 2.3


@pytest.mark.parametrize(
    ("name", "indicator", "breakdown", "measure", "pairs"),
    [
        (REVIEWS, "plan_three_months_count", "", "CPP_31March_3MnthorMore", 1358),
        (REVIEWS, "plan_reviewed_count", "", "CPP_Reviewed_InReqTimeScl", 1357),
        (REVIEWS, "plan_reviewed_percent", "", "RevCP", 1348),
        (SECOND, "second_plan_percent", "", "PrevRegCPR", 1498),
        (SECOND, "second_plan_count", "", "ReRegCPR", 1498),
        (SECOND, "plan_started_count", "", "CPP_Abuse", 1515),
        (DURATIONS, "plan_open_count", "", "CPP_Num", 1514),
        (DURATIONS, "plan_duration_percent", "2 years or more", "CPPlans2yrsActive", 969),
    ],
)
def test_figures_are_those_of_the_tool(
    files: Published, name: str, indicator: str, breakdown: str, measure: str, pairs: int
) -> None:
    both = files.beside_tool(part_of(files.reading(name), indicator, breakdown), measure)
    assert len(both) == pairs
    assert (both["value"] - both["shown"]).abs().max() < 1e-9


def test_every_withheld_cell_of_the_durations_is_kept_as_withheld(files: Published) -> None:
    # Counted in the file with a separate program: README of the test data.
    rows = files.reading(DURATIONS).rows
    assert int((rows["symbol"] == "c").sum()) == 2957
    assert rows.loc[rows["symbol"] == "c", "value"].isna().all()


def test_a_share_stands_over_its_own_parts(files: Published) -> None:
    rows = part_of(files.reading(REVIEWS), "plan_reviewed_percent").dropna(subset=["value"])
    local = rows[~rows["area"].str.match("E12|E92")]
    assert len(local) == 1787
    apart = (local["value"] - 100 * local["numerator"] / local["denominator"]).abs()
    assert apart.max() < 0.0501, "regions differ a little more, because their counts are rounded to 10"


def test_known_gaps_have_their_reason(files: Published) -> None:
    status = files.reading(SECOND).rows.set_index(["indicator", "area", "time_period"])["status"]
    assert status["second_plan_percent", "E08000017", 2022] == "low reliability"
    assert status["plan_started_count", "E08000017", 2022] == "value"
    assert status["second_plan_percent", "E10000014", 2024] == "low reliability"
