"""Inspections on their way through the store: every edition comes, and only to those who ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from insight.core.judgements import OVERALL, Judgements
from insight.store import build, load_panel
from tests.sources.made_inspections import (
    GOOD,
    INADEQUATE,
    STANDARD,
    area_row,
    inspection,
    overview_row,
    write_outcomes,
    write_overview,
    write_wide,
)

LEEDS, YORK = "E08000035", "E06000014"
BARNSLEY = ("E08000016", "Barnsley")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two editions, of which only the older has York, and an overview that differs over Leeds."""
    raw = tmp_path / "raw"
    raw.mkdir()
    write_outcomes(raw, [inspection()])
    write_wide(raw, [area_row("York", "North East, Yorkshire and the Humber")])
    write_overview(raw, [overview_row(grades=("good", "", "", "", "")), overview_row("E08000032", "380", "bradford")])
    return build(raw, tmp_path / "processed").store


def test_judgements_come_where_they_are_named_from_every_edition(store: Path) -> None:
    known = load_panel(store, indicators=["judgements"]).judgements
    assert {(each.source, each.release) for each in known.all} == {
        ("ofsted_outcomes", "2025"),
        ("ofsted_outcomes", "2024"),
        ("ofsted_overview", "2022-04-11"),
    }
    assert [(each.area, each.grade) for each in known.history() if each.subject == OVERALL] == [
        (YORK, GOOD),
        ("E08000032", "Outstanding"),
        (LEEDS, "Outstanding"),
    ]
    assert [(each.taken, each.other) for each in known.differences()] == [("Outstanding", GOOD)]
    assert load_panel(store, needs=["judgements"]).judgements == known


@pytest.mark.parametrize("needs", [["judgements"], None])
def test_every_edition_that_a_judgement_comes_from_is_a_source_with_its_checksum(
    store: Path, needs: list[str] | None
) -> None:
    panel = load_panel(store, needs=needs)
    named = {(source.key, source.release): source.sha256 for source in panel.sources}
    assert {(each.source, each.release) for each in panel.judgements.all} == set(named)
    assert all(named.values())
    york = panel.judgements.latest(YORK)
    assert york is not None and (york.source, york.release) == ("ofsted_outcomes", "2024")
    assert ("ofsted_outcomes", "2024") not in {
        (source.key, source.release) for source in load_panel(store, needs=["caseload_fte"]).sources
    }


def issue(raw: Path, day: str, *rows: Sequence[object]) -> None:
    """The edition of 2025 as it was published on a day."""
    raw.mkdir(exist_ok=True)
    write_outcomes(raw, rows).rename(raw / f"outcomes_published-{day}.ods")  # type: ignore[arg-type]


def judged(tmp_path: Path) -> Judgements:
    panel = load_panel(build(tmp_path / "raw", tmp_path / "processed").store, needs=["judgements"])
    assert [(source.key, source.release) for source in panel.sources] == [("ofsted_outcomes", "2025")]
    return panel.judgements


@pytest.mark.parametrize(
    ("above", "below", "holds"), [("2025-09-25", "2025-11-05", GOOD), ("2025-11-05", "2025-09-25", INADEQUATE)]
)
def test_the_grade_of_the_last_issue_of_an_edition_counts_wherever_its_row_stands(
    tmp_path: Path, above: str, below: str, holds: str
) -> None:
    issue(tmp_path / "raw", above, inspection(grades=(INADEQUATE, "", "", "", "")))
    issue(tmp_path / "raw", below, inspection(*BARNSLEY), inspection(grades=(GOOD, "", "", "", "")))
    known = judged(tmp_path)
    latest = known.latest(LEEDS)
    assert latest is not None
    assert latest.grade == holds
    assert len(known.of_area(LEEDS)) == 1


@pytest.mark.parametrize("days", [1, 200])
def test_a_day_that_a_later_issue_corrects_is_no_second_inspection(tmp_path: Path, days: int) -> None:
    corrected = date.fromordinal(date(2022, 4, 11).toordinal() + days)
    issue(tmp_path / "raw", "2025-09-25", inspection(grades=(GOOD, "", "", "", "")))
    issue(tmp_path / "raw", "2025-11-05", inspection(published=corrected, grades=(GOOD, "", "", "", "")))
    assert [each.day for each in judged(tmp_path).history() if each.subject == OVERALL] == [corrected]


def test_an_inspection_that_the_last_issue_of_an_edition_takes_back_is_gone(tmp_path: Path) -> None:
    issue(tmp_path / "raw", "2025-09-25", inspection(), inspection(*BARNSLEY))
    issue(tmp_path / "raw", "2025-11-05", inspection())
    assert {each.area for each in judged(tmp_path).history()} == {LEEDS}


def test_the_last_issue_of_an_older_edition_still_tells_what_the_newer_has_lost(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    for day, grade in (("2024-08-30", INADEQUATE), ("2024-10-01", GOOD)):
        row = area_row("York", "North East, Yorkshire and the Humber", (date(2019, 7, 1), STANDARD, grade, *[""] * 4))
        write_wide(raw, [row]).rename(raw / f"wide_published-{day}.ods")
    write_outcomes(raw, [inspection()])
    panel = load_panel(build(raw, tmp_path / "processed").store, needs=["judgements"])
    assert [(each.grade, each.release) for each in panel.judgements.of_area(YORK) if each.subject == OVERALL] == [
        (GOOD, "2024")
    ]
    assert [source.release for source in panel.sources] == ["2025", "2024"]
    assert panel.judgements.differences() == ()


def test_nobody_else_gets_them_or_depends_on_them(store: Path) -> None:
    assert load_panel(store, indicators=[]).judgements.all == ()
    assert load_panel(store).judgements.all


def test_a_changed_grade_is_another_input_for_those_who_read_judgements(store: Path, tmp_path: Path) -> None:
    before = load_panel(store, needs=["judgements"]).data_hash
    write_outcomes(tmp_path / "raw", [inspection(grades=(INADEQUATE, "", "", "", ""))])
    build(tmp_path / "raw", tmp_path / "processed")
    after = load_panel(store, needs=["judgements"])
    assert after.data_hash != before
    latest = after.judgements.latest(LEEDS)
    assert latest is not None
    assert latest.grade == INADEQUATE
