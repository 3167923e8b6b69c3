"""Files with several rows for one place and year: breakdowns, rows that choose the measure, and their refusals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from insight.errors import DuplicateKey, GeographyConflict, RuleBroken, SourceChanged
from insight.sources import Reading, source_of
from tests.sources.filter_rows import (
    BRADFORD,
    CUMBRIA,
    INNER_LONDON,
    LEEDS,
    NORTHAMPTONSHIRE,
    YORKSHIRE,
    Place,
    Row,
    filter_row,
    layout_of,
    write_rows,
)

Read = Callable[[Path], Reading]
LOOKED_AFTER = layout_of("looked_after")
LEAVERS = layout_of("care_leavers")
MOVES = layout_of("social_worker_changes")
STABILITY = layout_of("placements", 1)
ABSENCE = layout_of("social_care_absence")
KS2 = layout_of("social_care_attainment")
ASSESSMENTS = layout_of("assessments_by_duration")
DURATIONS = layout_of("plan_durations")
BANDS = [measure.column for measure in ASSESSMENTS.measures if measure.breakdown]
START, MARCH, END = (
    "Children starting to be looked after each year",
    "Children looked after on 31 March each year",
    "Children ceasing to be looked after each year",
)


def _looked_after(place: Place = LEEDS, year: str = "2024", **cells: str) -> list[Row]:
    return [filter_row(LOOKED_AFTER, place, year, population_type=each, **cells) for each in (START, MARCH, END)]


def _many_workers(whole: str, part: str, share: str) -> list[Row]:
    group = "CLA on 31 March"
    many = "3 or more social workers during the year"
    return [
        filter_row(MOVES, cla_group=group, sw_stability="Total children", number=whole, percentage="100"),
        filter_row(MOVES, cla_group=group, sw_stability=many, number=part, percentage=share),
    ]


def _assessed(whole: str, place: Place = LEEDS, **bands: str) -> Row:
    return filter_row(ASSESSMENTS, place, Assessments_completed=whole, **bands)


def _row(frame: pd.DataFrame, indicator: str, breakdown: str = "") -> Any:
    return frame[(frame["indicator"] == indicator) & (frame["breakdown"] == breakdown)].iloc[0]


def test_rows_that_choose_the_measure_become_indicators_with_their_own_time(tmp_path: Path, read: Read) -> None:
    reading = read(write_rows(tmp_path, LOOKED_AFTER, _looked_after(children_count="12")))
    assert sorted(reading.rows["indicator"]) == [
        "looked_after_end_count",
        "looked_after_end_rate_per_10k",
        "looked_after_march_count",
        "looked_after_march_rate_per_10k",
        "looked_after_start_count",
        "looked_after_start_rate_per_10k",
    ]
    assert (reading.rows_read, reading.rows_kept) == (3, 3)
    assert _row(reading.rows, "looked_after_start_count")["value"] == 12


def test_a_share_stands_over_the_whole_of_another_row(tmp_path: Path, read: Read) -> None:
    rows = read(write_rows(tmp_path, MOVES, _many_workers("200", "50", "25"))).rows
    share = _row(rows, "three_social_workers_percent")
    assert (share["value"], share["numerator"], share["denominator"]) == (25, 50, 200)


def test_a_part_above_its_whole_is_refused_on_the_line_of_the_share(tmp_path: Path, read: Read) -> None:
    with pytest.raises(RuleBroken, match=r"line 3, column percentage of CLA on 31 March, 3 or more") as refusal:
        read(write_rows(tmp_path, MOVES, _many_workers("200", "201", "25")))
    assert "is larger than" in str(refusal.value)


def test_a_row_that_the_file_lacks_is_no_row_and_not_zero(tmp_path: Path, read: Read) -> None:
    rows = read(write_rows(tmp_path, MOVES, _many_workers("200", "50", "25")[:1])).rows
    assert _row(rows, "social_worker_changes_of_count")["value"] == 200
    missing = _row(rows, "three_social_workers_count")
    assert pd.isna(missing["value"])
    assert missing["status"] == "no row"


def test_a_filter_is_a_breakdown_and_total_is_the_whole(tmp_path: Path, read: Read) -> None:
    group = "CLA 12 months at 31 March"
    rows = [
        filter_row(ABSENCE, year="202324", social_care_group=group, phase_type_grouping="Total", t_pupils="30"),
        filter_row(ABSENCE, year="202324", social_care_group=group, phase_type_grouping="Special", t_pupils="20"),
    ]
    reading = read(write_rows(tmp_path, ABSENCE, rows))
    assert _row(reading.rows, "absence_pupil_count", "Looked after for 12 months")["value"] == 30
    assert _row(reading.rows, "absence_pupil_count", "Looked after for 12 months, special schools")["value"] == 20
    assert (reading.release, reading.rows_kept) == ("2024", 2)


def test_an_academic_year_is_called_after_the_year_in_which_it_ends(tmp_path: Path, read: Read) -> None:
    rows = [filter_row(KS2, year="201819", social_care_group="CINO at 31 March", version="Final")]
    frame = read(write_rows(tmp_path, KS2, rows)).rows
    assert set(frame["time_period"]) == {2019}
    assert {str(day) for day in frame["period_end"]} == {"2019-08-31"}


@pytest.mark.parametrize("year", ["2024", "202325", "20242025", "20 425", "٢٠٢٣٢٤"])
def test_what_is_no_academic_year_is_refused(tmp_path: Path, read: Read, year: str) -> None:
    rows = [filter_row(KS2, year=year, social_care_group="CINO at 31 March", version="Final")]
    with pytest.raises(RuleBroken, match=r"line 2, column time_period(.|\n)*two years that follow"):
        read(write_rows(tmp_path, KS2, rows))


def test_children_counted_in_march_are_placed_in_the_areas_of_that_day(tmp_path: Path, read: Read) -> None:
    # Northamptonshire ended on 31 March 2021, within the academic year 2020/21.
    rows = [
        filter_row(KS2, NORTHAMPTONSHIRE, year, social_care_group="CINO at 31 March", version="Final")
        for year in ("202021",)
    ]
    assert set(read(write_rows(tmp_path, KS2, rows)).rows["area"]) == {"E10000021"}
    with pytest.raises(GeographyConflict, match="existed from"):
        late = filter_row(KS2, NORTHAMPTONSHIRE, "202122", social_care_group="CINO at 31 March", version="Final")
        read(write_rows(tmp_path, KS2, [late]))


def test_a_score_may_be_below_zero_and_a_count_may_not(tmp_path: Path, read: Read) -> None:
    plain = filter_row(KS2, year="202223", social_care_group="CINO at 31 March", version="Final")
    rows = read(write_rows(tmp_path, KS2, [plain | {"avg_read_progress_score": "-4.53"}])).rows
    assert _row(rows, "ks2_reading_progress_score", "In need, neither on a plan nor looked after")["value"] == -4.53
    with pytest.raises(RuleBroken, match="column t_read_eligible_pupils"):
        read(write_rows(tmp_path, KS2, [plain | {"t_read_eligible_pupils": "-1"}]))


def test_a_mark_is_noted_with_its_years_and_divides_nothing(tmp_path: Path, read: Read) -> None:
    rows = [
        filter_row(KS2, year="202324", social_care_group="CINO at 31 March", version="Final"),
        filter_row(KS2, year="202425", social_care_group="CINO at 31 March", version="Revised"),
    ]
    reading = read(write_rows(tmp_path, KS2, rows))
    assert reading.notes == ("version 'Final': 2024", "version 'Revised': 2025")
    assert set(reading.rows["breakdown"]) == {"In need, neither on a plan nor looked after"}


def test_a_final_and_a_revised_row_of_one_year_are_refused(tmp_path: Path, read: Read) -> None:
    rows = [
        filter_row(KS2, year="202324", social_care_group="CINO at 31 March", version=version)
        for version in ("Final", "Revised")
    ]
    with pytest.raises(DuplicateKey, match="lines 2 and 3"):
        read(write_rows(tmp_path, KS2, rows))


@pytest.mark.parametrize(
    ("layout", "column", "cells"),
    [
        (LOOKED_AFTER, "population_type", {"population_type": "Children adopted each year"}),
        (ABSENCE, "social_care_group", {"social_care_group": "All pupils", "phase_type_grouping": "Total"}),
        (ABSENCE, "phase_type_grouping", {"social_care_group": "CINO at 31 March", "phase_type_grouping": "Nursery"}),
        (ABSENCE, "absence_terms", {"absence_terms": "three terms", "phase_type_grouping": "Total"}),
        (KS2, "version", {"social_care_group": "CINO at 31 March", "version": "Provisional"}),
        (LEAVERS, "care_leaver_age", {"care_leaver_age": "22 to 25 years", "breakdown": "Total"}),
        (LEAVERS, "breakdown", {"care_leaver_age": "17 to 18 years", "breakdown": "In custody"}),
    ],
)
def test_a_category_that_nobody_knows_is_refused_with_column_and_line(
    tmp_path: Path, read: Read, layout: Any, column: str, cells: dict[str, str]
) -> None:
    year = "202324" if layout in (ABSENCE, KS2) else "2024"
    with pytest.raises(SourceChanged, match=f"line 2, column {column}"):
        read(write_rows(tmp_path, layout, [filter_row(layout, year=year) | cells]))


def test_two_rows_of_one_category_are_refused_with_both_lines(tmp_path: Path, read: Read) -> None:
    rows = [*_looked_after(), filter_row(LOOKED_AFTER, population_type=MARCH, children_count="11")]
    with pytest.raises(DuplicateKey, match="lines 3 and 5"):
        read(write_rows(tmp_path, LOOKED_AFTER, rows))


def test_an_area_that_did_not_exist_is_set_aside_while_it_has_no_figure(tmp_path: Path, read: Read) -> None:
    hidden = _looked_after(CUMBRIA, "2024", children_count="z", rate_per_10000="z")
    reading = read(write_rows(tmp_path, LOOKED_AFTER, [*_looked_after(), *hidden]))
    assert [(each.reason, each.count, each.names) for each in reading.set_aside] == [
        ("of an area that did not exist in the year, without a figure", 3, ("Cumbria",))
    ]
    with pytest.raises(GeographyConflict, match="line 5"):
        read(write_rows(tmp_path, LOOKED_AFTER, [*_looked_after(), *_looked_after(CUMBRIA, "2024")]))
    assert set(read(write_rows(tmp_path, LOOKED_AFTER, _looked_after(CUMBRIA, "2023"))).rows["area"]) == {"E10000006"}


def test_an_unknown_code_without_a_figure_is_refused_all_the_same(tmp_path: Path, read: Read) -> None:
    nowhere: Place = ("Local authority", "E12000002", "North West", "999", "E10000099", "Nowhere")
    with pytest.raises(GeographyConflict, match="line 2"):
        read(write_rows(tmp_path, LOOKED_AFTER, _looked_after(nowhere, "2024", children_count="z", rate_per_10000="z")))


def test_every_row_of_a_part_of_a_region_is_counted(tmp_path: Path, read: Read) -> None:
    reading = read(write_rows(tmp_path, LOOKED_AFTER, [*_looked_after(), *_looked_after(INNER_LONDON)]))
    assert [(each.count, each.names) for each in reading.set_aside] == [(3, ("Inner London",))]
    assert reading.rows_read == reading.rows_kept + 3


def test_two_tables_with_the_same_columns_are_told_apart_by_their_categories(tmp_path: Path, read: Read) -> None:
    activity = [filter_row(LEAVERS, care_leaver_age="19 to 21 years", breakdown="Total")]
    homes = [filter_row(LEAVERS, care_leaver_age="19 to 21 years", breakdown="Suitability total")]
    first = read(write_rows(tmp_path, LEAVERS, activity))
    second = read(write_rows(tmp_path, LEAVERS, homes))
    assert (first.series, second.series) == ("activity", "accommodation")
    assert "care_leaver_activity_of_count" in set(first.rows["indicator"])
    assert "care_leaver_home_of_count" in set(second.rows["indicator"])
    with pytest.raises(SourceChanged, match="line 3, column breakdown"):
        read(write_rows(tmp_path, LEAVERS, [*activity, *homes]))


def test_bands_are_parts_of_a_whole_that_is_kept(tmp_path: Path, read: Read) -> None:
    rows = read(write_rows(tmp_path, ASSESSMENTS, [_assessed("90")])).rows
    assert _row(rows, "assessment_count")["value"] == 90
    assert rows[rows["indicator"] == "assessment_days_count"]["value"].sum() == 90
    assert len(BANDS) == 9


@pytest.mark.parametrize(("whole", "place"), [("89", LEEDS), ("20", YORKSHIRE)])
def test_bands_above_their_whole_are_refused(tmp_path: Path, read: Read, whole: str, place: Place) -> None:
    with pytest.raises(RuleBroken, match="line 2, column Assessments_completed"):
        read(write_rows(tmp_path, ASSESSMENTS, [_assessed(whole, place)]))


def test_bands_below_their_whole_are_noted_where_the_publisher_prints_such_rows(tmp_path: Path, read: Read) -> None:
    reading = read(write_rows(tmp_path, ASSESSMENTS, [_assessed("95"), _assessed("90", BRADFORD)]))
    assert reading.notes == ("parts that add up to less than their whole: Leeds 2024",)


def test_bands_below_their_whole_are_refused_where_no_such_row_is_known(tmp_path: Path, read: Read) -> None:
    with pytest.raises(RuleBroken, match="line 2, column CPP_At31"):
        read(write_rows(tmp_path, DURATIONS, [filter_row(DURATIONS, CPP_At31="51")]))
    assert read(write_rows(tmp_path, DURATIONS, [filter_row(DURATIONS, CPP_At31="50")])).rows_kept == 1


def test_a_hidden_band_is_not_recovered_from_its_whole(tmp_path: Path, read: Read) -> None:
    rows = read(write_rows(tmp_path, DURATIONS, [filter_row(DURATIONS, CPP_At31="60") | {"2_years_or_more": "c"}])).rows
    hidden = _row(rows, "plan_duration_count", "2 years or more")
    assert pd.isna(hidden["value"])
    assert hidden["status"] == "suppressed"


@pytest.mark.parametrize(
    "columns",
    [
        ("cla_group", "characteristic", "number", "percentage"),
        ("cla_group", "stage_of_adoption_process", "age_start_poc", "number"),
        ("category", "number", "rate", "percent"),
        ("characteristic", "children_count", "children_percent"),
    ],
)
def test_other_tables_of_the_department_are_left_alone(tmp_path: Path, columns: Sequence[str]) -> None:
    path = tmp_path / "file.csv"
    path.write_text(",".join([*LOOKED_AFTER.geography, *columns]) + "\n", encoding="utf-8")
    assert source_of(path) is None


def test_a_changed_column_of_these_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    header = [name.replace("children_percent", "children_percents") for name in STABILITY.columns]
    path.write_text(",".join(header) + "\n", encoding="utf-8")
    with pytest.raises(SourceChanged, match="perhaps renamed: 'children_percent' to 'children_percents'"):
        source_of(path)
