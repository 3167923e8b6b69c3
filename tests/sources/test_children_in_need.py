"""Children in need, their plans and durations, and England's headline figures, read from the real files.

Expected values were read from the files by hand or from another table of the same release. The tool is the Local
Authority Interactive Tool: the same statistics, put together by the department with other programs. Agreement shows
that the files are read rightly, not that the statistics are right.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from insight.core.register import Register
from tests.sources.tool_values import ENGLAND, Published, england, part_of

pytestmark = pytest.mark.published
NEED_2025, NEED_2024 = "b1_children_in_need_2013_to_2025.csv", "cin-2024-release/b1_children_in_need_2013_to_2024.csv"
DURATIONS = "cin-2024-release/b4_children_in_need_duration_of_open_episode_2013_to_2024.csv"
PLANS = "cin-2024-release/b7_child_in_need_plans_2022_to_2024.csv"
EPISODES = "cin-2024-release/a1_cin_assessments_episodes_referrals_2013_to_2024.csv"
ENQUIRIES = "cin-2024-release/a2_section47_icpc_cpp_2013_to_2024.csv"
HEADLINES = "cin-2024-release/headline_figures_2013_to_2024.csv"


@pytest.fixture(scope="module")
def files(test_data: Path, register: Register) -> Published:
    """The real files."""
    return Published(test_data, register)


@pytest.mark.parametrize(
    ("name", "rows", "kept", "source"),
    [
        (NEED_2025, 2132, 2106, "children_in_need"),
        (NEED_2024, 1967, 1943, "children_in_need"),
        (DURATIONS, 1967, 1943, "need_durations"),
        (PLANS, 493, 487, "child_in_need_plans"),
        (EPISODES, 180, 180, "headline_figures"),
        (ENQUIRIES, 156, 156, "headline_figures"),
        (HEADLINES, 12, 12, "headline_figures"),
    ],
)
def test_every_row_is_read_or_set_aside(files: Published, name: str, rows: int, kept: int, source: str) -> None:
    reading = files.reading(name)
    assert (reading.source, reading.rows_read, reading.rows_kept) == (source, rows, kept)
    assert sum(each.count for each in reading.set_aside) == rows - kept


def test_england_in_both_releases(files: Published) -> None:
    new, old = files.reading(NEED_2025), files.reading(NEED_2024)
    assert england(new, "need_march_count", 2025) == 402_400
    assert england(new, "need_awaiting_march_count", 2025) == 16_290
    assert england(old, "need_march_count", 2024) == 399_460
    assert england(old, "need_march_rate_per_10k", 2024) == 332.9
    assert not any("rate" in key for key in new.rows["indicator"].unique()), "the release of 2025 prints no rate"


@pytest.mark.parametrize(
    "stem", ["need_any_point", "need_start_child", "need_end", "need_march", "need_awaiting_march"]
)
def test_the_national_table_repeats_england(files: Published, stem: str) -> None:
    for unit in ("count", "rate_per_10k"):
        rows = part_of(files.reading(NEED_2024), f"{stem}_{unit}")
        own = rows[rows["area"] == ENGLAND].set_index("time_period")["value"]
        other = part_of(files.reading(EPISODES), f"national_{stem}_{unit}").set_index("time_period")["value"]
        assert own.to_dict() == other.to_dict()
        assert len(own) == 12


def test_headlines_repeat_the_national_tables(files: Published) -> None:
    headlines = files.reading(HEADLINES)
    for stem, other in (("need_march", EPISODES), ("referral", EPISODES), ("plan_march", ENQUIRIES)):
        own = part_of(headlines, f"headline_{stem}_count").set_index("time_period")["value"]
        assert own.to_dict() == (
            part_of(files.reading(other), f"national_{stem}_count").set_index("time_period")["value"].to_dict()
        )
    assert england(files.reading(ENQUIRIES), "national_plan_end_two_years_percent", 2024) == 3.8
    missing = part_of(headlines, "headline_assessment_count").query("status != 'value'")
    assert set(missing["time_period"]) == {2013, 2014}


@pytest.mark.parametrize(
    ("words", "measure", "pairs"),
    [
        ("3 months or less", "CINTime3months", 1365),
        ("More than 3 to 6 months", "CINTime3-6", 1361),
        ("More than 6 months, less than 1 year", "CINTime6-1", 1362),
        ("1 year, less than 2 years", "CINTime1-2", 1364),
        ("2 years or more", "CINTime2more", 1371),
    ],
)
def test_durations_are_those_of_the_tool(files: Published, words: str, measure: str, pairs: int) -> None:
    own = part_of(files.reading(DURATIONS), "need_duration_percent", words)
    both = files.beside_tool(own, measure)
    assert len(both) == pairs
    assert (both["value"] - both["shown"]).abs().max() < 1e-9


def test_the_parts_of_a_duration_are_the_children_of_the_other_table(files: Published) -> None:
    parts = files.reading(DURATIONS).rows.query("indicator == 'need_duration_count'")
    # A sum over a part that is withheld has no value.
    sums = parts.groupby(["area", "time_period"])["value"].agg(lambda values: values.sum(min_count=5))
    whole = part_of(files.reading(NEED_2024), "need_march_count").set_index(["area", "time_period"])["value"]
    local = [code for code in sums.index if not code[0].startswith("E12") and code[0] != ENGLAND]
    both = sums.loc[local].to_frame("sum").join(whole).dropna()
    assert len(both) == 1794
    assert (both["sum"] == both["value"]).all()


def test_known_gaps_have_their_reason(files: Published) -> None:
    rows = files.reading(NEED_2025).rows.set_index(["indicator", "area", "time_period"])["status"]
    assert rows["need_march_count", "E10000014", 2024] == "low reliability"
    assert rows["need_start_count", "E06000019", 2024] == "low reliability"
    assert rows["need_march_count", "E06000019", 2024] == "value"
    assert rows["need_march_count", "E09000012", 2021] == "not available"
    plans = files.reading(PLANS).rows.query("indicator == 'need_plan_march_count' and status == 'not available'")
    assert set(plans.loc[plans["time_period"] == 2024, "area"]) == {"E06000043", "E09000003"}
