"""Files of inspections: each grade with its day, every row accounted for, and nothing guessed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insight.core.judgements import OVERALL, Judgement
from insight.core.register import Register
from insight.errors import (
    DuplicateKey,
    GeographyConflict,
    InsightError,
    RuleBroken,
    SourceChanged,
    SourceRefused,
    UnknownSymbol,
)
from insight.sources import Reading, source_of
from tests.sources.made_inspections import (
    BELOW_HISTORY,
    BELOW_WIDE,
    GOOD,
    HISTORY,
    INADEQUATE,
    LINK,
    LONG,
    OUTSTANDING,
    RI,
    STANDARD,
    area_row,
    history_row,
    inspection,
    latest_row,
    overview_row,
    write_history,
    write_outcomes,
    write_overview,
    write_wide,
)
from tests.sources.made_workbooks import Cell, write_ods

Read = Callable[[Path], Reading]
YORKSHIRE = "North East, Yorkshire and the Humber"
LEEDS, OLD_DORSET, NEW_DORSET = "E08000035", "E10000009", "E06000059"


def _aside(reading: Reading) -> dict[str, int]:
    assert reading.rows_read == reading.rows_kept + sum(each.count for each in reading.set_aside)
    return {each.reason: each.count for each in reading.set_aside}


def _told(reading: Reading) -> list[tuple[str, ...]]:
    return [(j.area, j.framework, j.published, j.subject, j.grade) for j in reading.judgements]


def test_a_row_gives_its_overall_grade_and_each_part_that_was_judged(tmp_path: Path, read: Read) -> None:
    reading = read(write_outcomes(tmp_path, [inspection()], latest=[latest_row(inspection())]))
    assert reading.judgements[0] == Judgement(
        area=LEEDS,
        framework="ILACS",
        inspection=STANDARD,
        subject=OVERALL,
        grade=OUTSTANDING,
        inspected="2022-02-21",
        published="2022-04-11",
        source="ofsted_outcomes",
        release="2025",
        where="sheet ILACS_inspection_history, row 4",
        is_official=True,
    )
    assert {j.subject: j.grade for j in reading.judgements} == {
        OVERALL: OUTSTANDING,
        "impact of leaders": OUTSTANDING,
        "help and protection": GOOD,
        "children in care": OUTSTANDING,
    }
    assert (reading.release, reading.rows_kept, len(reading.rows), _aside(reading)) == ("2025", 1, 0, {})
    assert "agrees with the newest inspection of 1 of 1 areas" in reading.notes[-1]


def test_a_table_of_latest_grades_that_differs_from_the_history_is_noted(tmp_path: Path, read: Read) -> None:
    older, newer = inspection(inspected=date(2019, 1, 7), published=date(2019, 3, 1)), inspection()
    reading = read(write_outcomes(tmp_path, [newer, older], latest=[latest_row(older)]))
    assert reading.notes[-1].endswith("agrees with the newest inspection of 0 of 1 areas; not of Leeds")


def test_the_edition_is_the_year_in_the_title_and_not_in_the_file_s_name(tmp_path: Path, read: Read) -> None:
    path = write_outcomes(tmp_path, [inspection()], year=2026).rename(tmp_path / "outcomes 2025.ods")
    assert read(path).release == "2026"
    sheets = {"ILACS_inspection_history": [LONG, inspection()]}
    with pytest.raises(SourceChanged, match="which 31 March"):
        read(write_ods(tmp_path / "untitled.ods", sheets))


@pytest.mark.parametrize(
    ("changed", "kind", "words"),
    [
        ({"status": "No longer exists"}, RuleBroken, "existed on 2025-03-31"),
        ({"status": ""}, RuleBroken, "Local authority status"),
        ({"code": "E10000021", "name": "Northamptonshire"}, RuleBroken, "no longer existed"),
        ({"name": "Bradford"}, GeographyConflict, "row 4"),
        ({"code": "E08000099"}, GeographyConflict, "row 4"),
        ({"code": ""}, GeographyConflict, "a name alone places nothing"),
        ({"grades": ["Satisfactory", GOOD, GOOD, GOOD, ""]}, UnknownSymbol, "Satisfactory"),
        ({"grades": [GOOD, GOOD, GOOD, "2", ""]}, UnknownSymbol, "children in care"),
        ({"published": ""}, RuleBroken, "without a day of publication"),
        ({"published": "2022-02-30"}, RuleBroken, "which is no day"),
        ({"published": "11/04/2022"}, RuleBroken, "which is no day"),
        ({"published": "44662"}, RuleBroken, "which is no day"),
        ({"inspected": "spring"}, RuleBroken, "Inspection date"),
        ({"published": date(2022, 2, 20)}, RuleBroken, "on an inspection of 2022-02-21"),
        ({"published": date(2023, 2, 23)}, RuleBroken, "on an inspection of 2022-02-21"),
        ({"inspected": "", "published": date(2025, 9, 26)}, RuleBroken, "2018-01-01 to 2025-09-25"),
        ({"inspected": "", "published": date(2017, 12, 31)}, RuleBroken, "2018-01-01 to 2025-09-25"),
        ({"code": "E06000063", "name": "Cumberland"}, RuleBroken, "Cumberland did not exist"),
    ],
)
def test_what_cannot_be_is_refused_with_its_row(
    tmp_path: Path, read: Read, changed: dict[str, Any], kind: type[SourceRefused], words: str
) -> None:
    with pytest.raises(kind, match=words) as refusal:
        read(write_outcomes(tmp_path, [inspection(**changed)]))
    assert "row 4" in str(refusal.value)


def test_an_inspection_without_a_grade_is_kept_and_noted(tmp_path: Path, read: Read) -> None:
    reading = read(write_outcomes(tmp_path, [inspection(grades=["", GOOD, "", "", ""])]))
    assert [(j.subject, j.grade) for j in reading.judgements] == [(OVERALL, ""), ("impact of leaders", GOOD)]
    assert f"inspections without an overall grade: {LEEDS} 2022-04-11" in reading.notes


@pytest.mark.parametrize("published", [date(2022, 4, 11), date(2022, 4, 12)])
def test_an_inspection_twice_is_refused_by_either_day(tmp_path: Path, read: Read, published: Cell) -> None:
    with pytest.raises(DuplicateKey, match=r"row 4(.|\n)*row 5"):
        read(write_outcomes(tmp_path, [inspection(), inspection(published=published)]))


def test_adequate_is_today_s_requires_improvement(tmp_path: Path, read: Read) -> None:
    reading = read(write_outcomes(tmp_path, [inspection(grades=["Adequate", "", "", "", ""])]))
    assert [j.grade for j in reading.judgements] == [RI]


def test_a_table_by_name_has_an_older_and_a_newer_inspection_in_one_row(tmp_path: Path, read: Read) -> None:
    second = (date(2023, 9, 4), "ILACS Short Inspection", RI, "", "", "", GOOD)
    reading = read(write_wide(tmp_path, [area_row("Leeds", YORKSHIRE, second=second)]))
    overall = [(j.published, j.inspection, j.grade) for j in reading.judgements if j.subject == OVERALL]
    assert overall == [("2019-07-01", STANDARD, GOOD), ("2023-09-04", "ILACS Short Inspection", RI)]
    assert {j.subject for j in reading.judgements if j.published == "2023-09-04"} == {OVERALL, "care leavers"}
    assert reading.release == "2024"
    assert {j.inspected for j in reading.judgements} == {""}


def test_one_name_is_the_living_area_above_and_the_abolished_one_below(tmp_path: Path, read: Read) -> None:
    later = (date(2021, 11, 19), STANDARD, GOOD, GOOD, GOOD, GOOD, "")
    gone = area_row("Dorset", "South West", first=(date(2018, 8, 24), STANDARD, RI, RI, RI, RI, ""))
    reading = read(write_wide(tmp_path, [area_row("Dorset", "South West", first=later)], gone=[gone]))
    assert {j.area: j.published for j in reading.judgements} == {NEW_DORSET: "2021-11-19", OLD_DORSET: "2018-08-24"}
    assert _aside(reading) == {"a title or a heading inside the table": 2}


def test_an_abolished_area_may_stand_in_the_upper_table(tmp_path: Path, read: Read) -> None:
    reading = read(write_wide(tmp_path, [area_row("Cumbria", "North West")]))
    assert {j.area for j in reading.judgements} == {"E10000006"}


@pytest.mark.parametrize(("day", "is_taken"), [(date(2024, 3, 1), True), (date(2024, 6, 1), False)])
def test_a_report_may_be_out_soon_after_the_end_of_its_area(
    tmp_path: Path, read: Read, day: date, is_taken: bool
) -> None:
    gone = area_row("Cumbria", "North West", first=(day, STANDARD, GOOD, "", "", "", ""))
    path = write_wide(tmp_path, [], gone=[gone])
    if is_taken:
        assert [j.area for j in read(path).judgements] == ["E10000006"]
    else:
        with pytest.raises(RuleBroken, match="when Cumbria did not exist"):
            read(path)


def test_an_area_that_was_never_inspected_is_set_aside_by_name(tmp_path: Path, read: Read) -> None:
    reading = read(write_wide(tmp_path, [area_row("Leeds", YORKSHIRE), area_row("York", YORKSHIRE, first=("",) * 7)]))
    assert _aside(reading)["no inspection of the area in this table"] == 1
    assert [each.names for each in reading.set_aside if each.reason.startswith("no inspection")] == [("York",)]


@pytest.mark.parametrize(
    ("name", "region", "words"),
    [
        ("Leads", YORKSHIRE, "0 authorities of this name; near: Leeds"),
        ("Leeds ", "South West", "it lies in Yorkshire and The Humber"),
        ("Yorkshire and The Humber", YORKSHIRE, "0 authorities"),
        ("", YORKSHIRE, "0 authorities"),
    ],
)
def test_a_name_is_placed_exactly_or_not_at_all(tmp_path: Path, read: Read, name: str, region: str, words: str) -> None:
    with pytest.raises(GeographyConflict, match=words) as refusal:
        read(write_wide(tmp_path, [area_row(name, region)]))
    assert "row 4" in str(refusal.value)


def test_a_living_area_is_none_of_the_abolished(tmp_path: Path, read: Read) -> None:
    with pytest.raises(GeographyConflict, match="0 abolished authorities"):
        read(write_wide(tmp_path, [], gone=[area_row("Leeds", YORKSHIRE)]))


def test_an_area_twice_in_a_table_of_areas_is_refused(tmp_path: Path, read: Read) -> None:
    with pytest.raises(DuplicateKey, match="Leeds in row 4 and in row 5"):
        read(write_wide(tmp_path, [area_row("Leeds", YORKSHIRE), area_row("Leeds", YORKSHIRE)]))


@pytest.mark.parametrize(
    ("day", "kind", "words"),
    [(date(2019, 6, 30), RuleBroken, "before the first"), (date(2019, 7, 1), DuplicateKey, "Second ILACS")],
)
def test_the_second_inspection_of_a_row_is_the_later(
    tmp_path: Path, read: Read, day: date, kind: type[SourceRefused], words: str
) -> None:
    with pytest.raises(kind, match=words):
        read(write_wide(tmp_path, [area_row("Leeds", YORKSHIRE, second=(day, STANDARD, RI, "", "", "", ""))]))


def test_another_heading_of_the_lower_table_is_refused(tmp_path: Path, read: Read) -> None:
    changed = [*BELOW_WIDE[:3], "Score", *BELOW_WIDE[4:]]
    with pytest.raises(SourceChanged, match="unknown: Score"):
        read(write_wide(tmp_path, [area_row("Leeds", YORKSHIRE)], below=changed))
    with pytest.raises(SourceChanged, match="a second header"):
        read(write_history(tmp_path, [], below=BELOW_HISTORY[:-1]))


def test_a_cell_under_no_heading_of_the_lower_table_is_refused(tmp_path: Path, read: Read) -> None:
    gone = area_row("Cumbria", "North West", first=(date(2022, 11, 15), STANDARD, RI, RI, RI, GOOD, GOOD))
    with pytest.raises(RuleBroken, match=r"row 6(.|\n)*a column without a name"):
        read(write_wide(tmp_path, [], gone=[gone]))


def _full_history() -> Sequence[Cell]:
    again, sif = "SLAC re-inspection of", "Single Inspection of LA Children's Services (SIF)"
    cells: dict[str, Cell] = {
        "Safeguarding & Looked After": date(2009, 12, 4),
        "SLAC Safeguarding": INADEQUATE,
        "SLAC Looked": RI,
        f"{again} Safeguarding": date(2011, 9, 6),
        "SLAC re-inspection Safeguarding": RI,
        f"{again} services for": date(2011, 9, 6),
        f"{again} services Children": GOOD,
        "Child Protection Inspections": date(2013, 1, 21),
        "CPI": INADEQUATE,
        "Child Protection Re-": date(2013, 7, 26),
        "CPRI": INADEQUATE,
        "Targeted": date(2013, 8, 2),
        "TLAC": RI,
        f"{sif} First": date(2015, 3, 27),
        "First SIF Overall": INADEQUATE,
        "First SIF children who": RI,
        "First SIF children looked": " -",
        "First SIF CLA Sub: Adoption": OUTSTANDING,
        "First SIF CLA Sub: Exp": GOOD,
        "First SIF leadership": GOOD,
        "LSCB": INADEQUATE,
        f"{sif} SIF": date(2017, 4, 1),
        "SIF Re-inspection Overall": GOOD,
        "First ILACS framework inspection": STANDARD,
        "First ILACS framework pub": date(2019, 1, 7),
        "First ILACS framework overall": GOOD,
        "First ILACS framework experiences and progress of children in": RI,
        "Second ILACS framework inspection": "ILACS Short Inspection",
        "Second ILACS framework pub": date(2023, 1, 31),
        "Second ILACS framework overall": OUTSTANDING,
        "Second ILACS framework experiences and progress of care": RI,
    }
    return history_row("Leeds", "North East, Yorkshire and The Humber", cells)


def test_the_history_has_five_frameworks_with_their_own_subjects(tmp_path: Path, read: Read) -> None:
    reading = read(write_history(tmp_path, [_full_history()]))
    assert [told[1:] for told in _told(reading)] == [
        ("SLAC", "2009-12-04", "safeguarding", INADEQUATE),
        ("SLAC", "2009-12-04", "looked after children", RI),
        ("SLAC", "2011-09-06", "safeguarding", RI),
        ("SLAC", "2011-09-06", "looked after children", GOOD),
        ("CPI", "2013-01-21", OVERALL, INADEQUATE),
        ("CPI", "2013-07-26", OVERALL, INADEQUATE),
        ("TLAC", "2013-08-02", OVERALL, RI),
        ("SIF", "2015-03-27", OVERALL, INADEQUATE),
        ("SIF", "2015-03-27", "help and protection", RI),
        # A dash is an inspection of that part without a grade; a blank is none at all.
        ("SIF", "2015-03-27", "children looked after and achieving permanence", ""),
        ("SIF", "2015-03-27", "adoption performance", OUTSTANDING),
        ("SIF", "2015-03-27", "care leavers", GOOD),
        ("SIF", "2015-03-27", "leadership, management and governance", GOOD),
        ("SIF", "2017-04-01", OVERALL, GOOD),
        ("ILACS", "2019-01-07", OVERALL, GOOD),
        ("ILACS", "2019-01-07", "children in care", RI),
        ("ILACS", "2023-01-31", OVERALL, OUTSTANDING),
        ("ILACS", "2023-01-31", "care leavers", RI),
    ]
    kinds = {(j.framework, j.published): j.inspection for j in reading.judgements}
    assert kinds["CPI", "2013-07-26"] == "Child Protection Re-Inspection (CPRI)"
    assert kinds["SIF", "2017-04-01"].endswith("re-inspection")
    assert kinds["ILACS", "2023-01-31"] == "ILACS Short Inspection"


def test_the_history_says_that_the_board_s_grade_is_not_read(tmp_path: Path, read: Read) -> None:
    row = history_row("Leeds", YORKSHIRE, {"LSCB": INADEQUATE})
    reading = read(write_history(tmp_path, [row]))
    assert reading.judgements == ()
    assert any("safeguarding children boards is not read" in note for note in reading.notes)
    assert _aside(reading)["no inspection of the area in this table"] == 1


def test_the_lower_table_s_inspection_stands_under_the_first_s_heading(tmp_path: Path, read: Read) -> None:
    start = "First ILACS framework"
    cells: dict[str, Cell] = {f"{start} insp": STANDARD, f"{start} pub": date(2018, 8, 24), f"{start} overall": RI}
    gone = history_row("Dorset", "South West", cells)
    reading = read(write_history(tmp_path, [_full_history()], gone=[gone]))
    assert [told for told in _told(reading) if told[0] == OLD_DORSET] == [
        (OLD_DORSET, "ILACS", "2018-08-24", OVERALL, RI)
    ]
    assert (reading.release, _aside(reading)) == ("2023", {"blank line": 1, "a title or a heading inside the table": 2})


@pytest.mark.parametrize(
    "cells",
    [{"SLAC Safeguarding": GOOD}, {"CPI": GOOD}, {"First SIF leadership": GOOD}, {"LSCB": GOOD, "TLAC": "-"}],
)
def test_a_grade_without_its_day_is_refused(tmp_path: Path, read: Read, cells: dict[str, Cell]) -> None:
    with pytest.raises(RuleBroken, match="without a day of publication"):
        read(write_history(tmp_path, [history_row("Leeds", YORKSHIRE, cells)]))


def test_a_day_without_a_grade_is_an_event_of_every_subject_that_has_no_overall(tmp_path: Path, read: Read) -> None:
    cells: dict[str, Cell] = {"Safeguarding &": date(2011, 1, 7), "Child Protection I": date(2013, 1, 7)}
    row = history_row("Leeds", YORKSHIRE, cells)
    assert [told[1:] for told in _told(read(write_history(tmp_path, [row])))] == [
        ("SLAC", "2011-01-07", "safeguarding", ""),
        ("SLAC", "2011-01-07", "looked after children", ""),
        ("CPI", "2013-01-07", OVERALL, ""),
    ]


def test_the_overview_is_not_official_and_writes_days_and_grades_in_its_own_way(tmp_path: Path, read: Read) -> None:
    other = overview_row("E08000032", "380", "bradford", inspected="", published="21/05/26", kind="None")
    reading = read(write_overview(tmp_path, [overview_row(), other]))
    first = next(j for j in reading.judgements if j.area == LEEDS)
    assert (first.grade, first.inspected, first.published, first.inspection) == (
        OUTSTANDING,
        "2022-02-21",
        "2022-04-11",
        "standard",
    )
    assert {(j.is_official, j.release) for j in reading.judgements} == {(False, "2026-05-21")}
    assert {j.inspection for j in reading.judgements if j.area == "E08000032"} == {""}
    assert "care leavers" not in {j.subject for j in reading.judgements}
    assert "a name" not in repr(reading.judgements)


def test_the_overview_keeps_an_inspection_that_has_parts_and_no_whole(tmp_path: Path, read: Read) -> None:
    grades = ("nan", "good", "requires improvement", "", "inadequate")
    reading = read(write_overview(tmp_path, [overview_row(grades=grades)]))
    assert [(j.subject, j.grade) for j in reading.judgements] == [
        (OVERALL, ""),
        ("impact of leaders", GOOD),
        ("help and protection", RI),
        ("care leavers", INADEQUATE),
    ]


def test_a_code_of_the_area_before_is_noted_and_any_other_refused(tmp_path: Path, read: Read) -> None:
    row = overview_row("E10000006", "942", "cumberland", inspected="07/10/2024", published="26/11/24")
    reading = read(write_overview(tmp_path, [row]))
    assert {j.area for j in reading.judgements} == {"E06000063"}
    assert any("three-digit code and name decide: Cumberland" in note for note in reading.notes)
    with pytest.raises(GeographyConflict, match="row 2"):
        read(write_overview(tmp_path, [overview_row("E10000006")]))


def test_the_overview_refuses_an_area_twice_and_a_day_that_is_none(tmp_path: Path, read: Read) -> None:
    with pytest.raises(DuplicateKey, match="Leeds in row 2 and in row 3"):
        read(write_overview(tmp_path, [overview_row(), overview_row(published="12/04/23", inspected="")]))
    with pytest.raises(RuleBroken, match="which is no day"):
        read(write_overview(tmp_path, [overview_row(published="31/04/22")]))


def test_a_workbook_of_other_things_is_nobody_s_and_a_changed_heading_is_refused(tmp_path: Path) -> None:
    assert source_of(write_ods(tmp_path / "other.ods", {"ILACS_inspection_history": [["Provider", "Places"]]})) is None
    assert source_of(write_ods(tmp_path / "another.ods", {"Elsewhere": [LONG, inspection()]})) is None
    changed = [column.replace("Overall effectiveness", "Overall grade") for column in LONG]
    with pytest.raises(SourceChanged, match="Overall grade"):
        source_of(write_ods(tmp_path / "changed.ods", {"ILACS_inspection_history": [["Title"], changed]}))


CHANGES = st.sampled_from(
    [
        "",
        " ",
        "-",
        "nan",
        GOOD,
        "good",
        "Bad",
        "2022-04-11",
        "2022-13-01",
        "11/04/22",
        "Leeds",
        "Dorset",
        LINK,
        "=1",
        "\t",
    ]
)


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2), st.lists(st.tuples(st.integers(0, 3), st.integers(0, len(HISTORY) - 1), CHANGES), max_size=3))
def test_a_changed_cell_gives_a_reading_or_a_refusal_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, which: int, changes: list[tuple[int, int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("changed")
    made = [
        [list(inspection()), list(inspection("E08000032", "Bradford"))],
        [list(area_row("Leeds", YORKSHIRE)), list(area_row("York", YORKSHIRE))],
        [list(_full_history()), list(history_row("York", YORKSHIRE, {}))],
    ][which]
    for row, column, text in changes:
        rows = made[row % len(made)]
        rows[column % len(rows)] = text
    path = (write_outcomes, write_wide, write_history)[which](folder, made)
    try:
        module = source_of(path)
        assert module is not None
        reading = module.read(path, Register.read())
    except InsightError as refusal:
        assert refusal.found
        assert refusal.todo
        return
    _aside(reading)
    assert all(date.fromisoformat(j.published) for j in reading.judgements)
