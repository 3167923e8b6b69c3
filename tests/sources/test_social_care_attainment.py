"""Attainment and absence of children known to social care, from the real files and beside the department's own tool."""

from __future__ import annotations

from pathlib import Path

import pytest

from insight.core.register import Register
from tests.sources.tool_values import Published, england, part_of

pytestmark = pytest.mark.published
KS2, KS4, ABSENCE = "ks2_la.csv", "ks4_la.csv", "absence_la.csv"
IN_NEED = "In need, neither on a plan nor looked after"
ON_PLAN = "On a child protection plan, not looked after"
IN_CARE = "Looked after for 12 months"


@pytest.fixture(scope="module")
def files(test_data: Path, register: Register) -> Published:
    """The real files."""
    return Published(test_data, register)


@pytest.mark.parametrize(
    ("name", "series", "rows", "kept"),
    [(KS2, "key stage 2", 3444, 3402), (KS4, "key stage 4", 3444, 3402), (ABSENCE, "", 17220, 17010)],
)
def test_every_row_is_read_or_set_aside(files: Published, name: str, series: str, rows: int, kept: int) -> None:
    reading = files.reading(name)
    assert (reading.series, reading.release, reading.rows_read, reading.rows_kept) == (series, "2025", rows, kept)
    assert set(reading.rows["time_period"]) == set(range(2019, 2026))


def test_england(files: Published) -> None:
    assert england(files.reading(KS2), "ks2_reading_writing_maths_met_percent", 2025, IN_NEED) == 30
    assert england(files.reading(KS4), "ks4_attainment_8_score", 2025, IN_NEED) == 17.3
    assert england(files.reading(ABSENCE), "absence_percent", 2025, IN_NEED) == 17.4
    secondary = f"{IN_NEED}, state-funded secondary schools"
    assert england(files.reading(ABSENCE), "persistent_absence_percent", 2025, secondary) == 61


@pytest.mark.parametrize(
    ("name", "indicator", "group", "measure", "pairs"),
    [
        (KS2, "ks2_reading_met_percent", IN_CARE, "LAC_KS2_ExpStd_R", 524),
        (KS2, "ks2_writing_met_percent", IN_CARE, "LAC_KS2_ExpStd_W", 478),
        (KS2, "ks2_maths_met_percent", IN_CARE, "LAC_KS2_ExpStd_M", 492),
        (KS2, "ks2_grammar_met_percent", IN_CARE, "LAC_KS2_ExpStd_GPS", 497),
        (KS2, "ks2_reading_writing_maths_met_percent", IN_CARE, "LAC_KS2_ExpStd_RWM", 391),
        (KS2, "ks2_reading_writing_maths_met_percent", IN_NEED, "CIN_KS2_ExpStd_RWM", 710),
        (KS2, "ks2_reading_writing_maths_met_percent", ON_PLAN, "CPPO_KS2_RWM", 282),
        (KS2, "ks2_reading_progress_score", IN_CARE, "LAC_KS2_AVG_Prog8_R", 394),
        (KS4, "ks4_attainment_8_score", IN_CARE, "LAC_KS4_AVG_Attain8", 1032),
        (KS4, "ks4_attainment_8_score", IN_NEED, "CIN_Avg_Attain8_KS4", 1036),
        (KS4, "ks4_attainment_8_score", ON_PLAN, "CPPO_KS4_A8", 870),
        (KS4, "ks4_progress_8_score", IN_CARE, "LAC_KS4_AVG_Prog8", 578),
        (KS4, "ks4_grade_4_english_maths_percent", IN_CARE, "LAC_EngMaths9-4", 666),
        (KS4, "ks4_ebacc_score", IN_NEED, "CIN_EngBacAPS", 1036),
        (ABSENCE, "absence_percent", IN_CARE, "LAC_Over_Abs", 907),
        (ABSENCE, "absence_percent", IN_NEED, "CINTotalAb_3Term", 915),
        (ABSENCE, "absence_percent", ON_PLAN, "CPPTotalAb_3Term", 902),
        (ABSENCE, "unauthorised_absence_percent", IN_CARE, "LAC_Unauth", 907),
        (ABSENCE, "persistent_absence_percent", IN_CARE, "LAC_Pers_Abs", 895),
        (ABSENCE, "persistent_absence_percent", IN_NEED, "CINPermAbsent_3Term", 905),
    ],
)
def test_figures_are_those_of_the_tool(
    files: Published, name: str, indicator: str, group: str, measure: str, pairs: int
) -> None:
    both = files.beside_tool(part_of(files.reading(name), indicator, group), measure)
    assert len(both) == pairs
    assert (both["value"] - both["shown"]).abs().max() < 1e-9


def test_years_without_tests_have_rows_and_no_figures(files: Published) -> None:
    rows = files.reading(KS2).rows.query("time_period in [2020, 2021]")
    assert set(rows["status"]) == {"not available"}
    assert set(rows["symbol"]) == {"x"}
    assert len(rows) > 0


def test_every_withheld_cell_of_absence_is_kept_as_withheld(files: Published) -> None:
    # 44,743 cells are withheld in the whole file, none of them in the rows of London's parts: README of the test data.
    assert int((files.reading(ABSENCE).rows["symbol"] == "c").sum()) == 44_743


def test_scores_below_zero_are_read(files: Published) -> None:
    assert (part_of(files.reading(KS2), "ks2_reading_progress_score", IN_CARE)["value"] < 0).any()
    assert england(files.reading(KS4), "ks4_progress_8_score", 2019, IN_CARE) < 0


def test_final_and_revised_years_are_noted(files: Published) -> None:
    assert files.reading(KS2).notes == (
        "version 'Final': 2019, 2020, 2021, 2022, 2023, 2024",
        "version 'Revised': 2025",
    )


def test_areas_are_those_of_the_march_of_the_year(files: Published) -> None:
    rows = files.reading(KS2).rows
    years = {code: sorted(set(rows.loc[rows["area"] == code, "time_period"])) for code in ("E10000021", "E06000061")}
    assert years == {"E10000021": [2019, 2020, 2021], "E06000061": [2022, 2023, 2024, 2025]}
