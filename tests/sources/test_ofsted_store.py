"""Inspections on their way through the store: every edition comes, and only to those who ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from insight.core.judgements import OVERALL
from insight.store import build, load_panel
from tests.sources.made_inspections import (
    GOOD,
    INADEQUATE,
    area_row,
    inspection,
    overview_row,
    write_outcomes,
    write_overview,
    write_wide,
)

LEEDS = "E08000035"


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
        ("E06000014", GOOD),
        ("E08000032", "Outstanding"),
        (LEEDS, "Outstanding"),
    ]
    assert [(each.taken, each.other) for each in known.differences()] == [("Outstanding", GOOD)]
    assert load_panel(store, needs=["judgements"]).judgements == known


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
