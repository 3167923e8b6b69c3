"""Children looked after, their placements, social workers and schools, and care leavers, from the real files.

The tool is the Local Authority Interactive Tool: the same statistics, put together with other programs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from insight.core.register import Register
from tests.sources.tool_values import Published, england, part_of

pytestmark = pytest.mark.published
NUMBERS = "cla_number_and_rate_per_10k_children.csv"
NEW, STABILITY = "la_cla_during_year_new_placements.csv", "la_cla_placement_stability.csv"
WORKERS, SCHOOLS = "la_cla_swcount.csv", "la_cla_school_moves.csv"
ACTIVITY, HOMES = "la_care_leavers_activity.csv", "la_care_leavers_accommodation_suitability.csv"
OLDER = "19 to 21 years"


@pytest.fixture(scope="module")
def files(test_data: Path, register: Register) -> Published:
    """The real files."""
    return Published(test_data, register)


@pytest.mark.parametrize(
    ("name", "source", "series", "release", "rows", "other_areas", "parts_of_london"),
    [
        (NUMBERS, "looked_after", "", "2025", 2505, 42, 30),
        (NEW, "placements", "new placements", "2025", 15865, 266, 190),
        (STABILITY, "placements", "stability", "2025", 5010, 84, 60),
        (WORKERS, "social_worker_changes", "", "2024", 330, 0, 4),
        (SCHOOLS, "school_moves", "", "2024", 6680, 128, 80),
        (ACTIVITY, "care_leavers", "activity", "2025", 20040, 336, 240),
        (HOMES, "care_leavers", "accommodation", "2025", 6680, 112, 80),
    ],
)
def test_every_row_is_read_or_set_aside(
    files: Published,
    name: str,
    source: str,
    series: str,
    release: str,
    rows: int,
    other_areas: int,
    parts_of_london: int,
) -> None:
    reading = files.reading(name)
    assert (reading.source, reading.series, reading.release, reading.rows_read) == (source, series, release, rows)
    aside = {each.reason.split(",")[0]: each.count for each in reading.set_aside}
    assert aside.get("of an area that did not exist in the year", 0) == other_areas
    assert aside["part of a region"] == parts_of_london
    assert reading.rows_kept == rows - other_areas - parts_of_london


def test_the_areas_set_aside_are_those_of_the_reorganisations(files: Published) -> None:
    (aside,) = (each for each in files.reading(NUMBERS).set_aside if each.reason.startswith("of an area"))
    assert aside.names == (
        "Cumberland",
        "Cumbria",
        "North Northamptonshire",
        "Northamptonshire",
        "West Northamptonshire",
        "Westmorland and Furness",
    )


def test_england(files: Published) -> None:
    assert england(files.reading(NUMBERS), "looked_after_march_count", 2025) == 81_770
    assert england(files.reading(NUMBERS), "looked_after_march_rate_per_10k", 2025) == 67
    assert england(files.reading(NUMBERS), "looked_after_end_count", 2025) == 34_450
    inside = "Inside the authority, less than 20 miles from home"
    assert england(files.reading(NEW), "new_placement_place_count", 2025, inside) == 41_990
    assert england(files.reading(STABILITY), "same_carer_two_years_percent", 2025) == 69
    assert england(files.reading(WORKERS), "three_social_workers_percent", 2024) == 27
    assert england(files.reading(SCHOOLS), "school_move_two_years_count", 2024) == 9_340
    assert england(files.reading(ACTIVITY), "care_leaver_higher_education_count", 2025, "17 to 18 years") == 420
    assert england(files.reading(HOMES), "care_leaver_suitable_home_percent", 2025, "17 to 18 years") == 91


@pytest.mark.parametrize(
    ("name", "indicator", "breakdown", "measure", "pairs"),
    [
        (NUMBERS, "looked_after_march_count", "", "LACnum", 760),
        (NUMBERS, "looked_after_march_rate_per_10k", "", "LAC", 760),
        (NUMBERS, "looked_after_start_count", "", "LACnum_Start", 761),
        (NUMBERS, "looked_after_end_count", "", "LACceased", 761),
        (NUMBERS, "looked_after_start_rate_per_10k", "", "LAC_Start_Rate", 761),
        (NUMBERS, "looked_after_end_rate_per_10k", "", "LAC_Cease_Rate", 761),
        # "3 or more during the year" and "... during the previous 2 years" stand in one file: the tool has the first.
        (STABILITY, "three_placements_percent", "", "LACStable_2016on", 750),
        (STABILITY, "three_placements_count", "", "LACStableNum_2016on", 750),
        (STABILITY, "same_carer_two_years_percent", "", "LAC_LongStable%", 752),
        (STABILITY, "same_carer_two_years_count", "", "LAC_LongStableNum", 752),
        (SCHOOLS, "mid_year_school_move_percent", "", "Stability_School", 579),
        (ACTIVITY, "care_leaver_active_percent", OLDER, "CareLeaverEET", 761),
        (ACTIVITY, "care_leaver_inactive_percent", OLDER, "CareLeaversNEET", 756),
        (ACTIVITY, "care_leaver_higher_education_percent", OLDER, "LAC_19_HE", 360),
        (HOMES, "care_leaver_suitable_home_percent", OLDER, "CareLeaverAcc", 752),
    ],
)
def test_figures_are_those_of_the_tool(
    files: Published, name: str, indicator: str, breakdown: str, measure: str, pairs: int
) -> None:
    both = files.beside_tool(part_of(files.reading(name), indicator, breakdown), measure)
    assert len(both) == pairs
    assert (both["value"] - both["shown"]).abs().max() < 1e-9


def test_moves_in_one_year_and_in_two_are_not_mixed(files: Published) -> None:
    keys = ["area", "time_period"]
    one = part_of(files.reading(STABILITY), "three_placements_percent").set_index(keys)["denominator"]
    two = part_of(files.reading(STABILITY), "three_placements_two_years_percent").set_index(keys)["denominator"]
    gap = (one - two).dropna()
    assert len(gap) > 0
    assert (gap > 0).all(), "those looked after for two years are some of those looked after"


def test_rows_without_figures_in_a_year_say_not_available(files: Published) -> None:
    rows = files.reading(SCHOOLS).rows.query("time_period == 2020")
    assert set(rows["status"]) == {"not available"}
    barnet = files.reading(WORKERS).rows.query("area == 'E09000003'")
    assert set(barnet["status"]) == {"not available"}


def test_above_zero_and_rounded_to_zero_is_not_zero(files: Published) -> None:
    rows = files.reading(NEW).rows.query("symbol == 'k'")
    assert len(rows) == 127
    assert set(rows["status"]) == {"rounds to zero"}
    assert rows["value"].isna().all()
