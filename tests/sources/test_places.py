"""Rows 30, 32 and 33 of the contract: codes, names, reorganisations and joint returns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from insight.core.register import Register
from insight.errors import GeographyConflict
from insight.sources import Reading
from insight.sources._places import require_no_double_count
from tests.sources.published_rows import (
    BARNSLEY_NOW,
    BARNSLEY_THEN,
    CUMBERLAND,
    CUMBRIA,
    ENGLAND,
    HACKNEY,
    HEADLINE,
    INNER_LONDON,
    KINGSTON,
    KINGSTON_AND_RICHMOND,
    LEEDS,
    LONDON,
    NORTHAMPTONSHIRE,
    REFERRALS,
    RICHMOND,
    WORKFORCE,
    YORKSHIRE,
    row,
    write,
)

Read = Callable[[Path], Reading]


def _areas(reading: Reading) -> set[str]:
    return set(reading.rows["area"])


def test_every_level_has_the_code_of_its_area(tmp_path: Path, read: Read) -> None:
    rows = [row(WORKFORCE, place) for place in (ENGLAND, YORKSHIRE, LEEDS, KINGSTON_AND_RICHMOND)]
    assert _areas(read(write(tmp_path, WORKFORCE, rows))) == {
        "E92000001",
        "E12000003",
        "E08000035",
        "E09000021_E09000027",
    }


def test_inner_london_is_set_aside_because_london_has_a_row(tmp_path: Path, read: Read) -> None:
    reading = read(write(tmp_path, REFERRALS, [row(REFERRALS, place) for place in (LONDON, INNER_LONDON, HACKNEY)]))
    assert _areas(reading) == {"E12000007", "E09000012"}
    assert [(s.count, s.names) for s in reading.set_aside] == [(1, ("Inner London",))]
    assert "part of a region" in reading.set_aside[0].reason


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ((*LEEDS[:2], "383", "E08000999", "Leeds"), "E08000999"),
        ((*LEEDS[:2], "999", "E08000035", "Leeds"), "999"),
        ((*LEEDS[:2], "380", "E08000035", "Leeds"), "Bradford"),
        ((*LEEDS[:2], "383", "E08000035", "Bradford"), "Bradford"),
        ((*LEEDS[:2], "", "", "Leeds"), "a name alone places nothing"),
        (("E12000005", "West Midlands", *LEEDS[2:]), "it lies in Yorkshire"),
        (("E12000005", "Yorkshire and The Humber", *LEEDS[2:]), "West Midlands"),
        (("E13000001", "Inner London", *LEEDS[2:]), "it lies in Yorkshire"),
    ],
)
def test_codes_and_names_that_contradict_each_other_are_refused_with_their_line(
    tmp_path: Path, read: Read, place: tuple[str, ...], words: str
) -> None:
    rows = [row(REFERRALS, HACKNEY), row(REFERRALS, place)]
    with pytest.raises(GeographyConflict, match="line 3") as refusal:
        read(write(tmp_path, REFERRALS, rows))
    assert words in str(refusal.value)


def test_an_unknown_code_brings_at_most_three_suggestions(tmp_path: Path, read: Read) -> None:
    place = (*LEEDS[:2], "999", "", "Leads")
    with pytest.raises(GeographyConflict, match="did you mean Leeds") as refusal:
        read(write(tmp_path, REFERRALS, [row(REFERRALS, place)]))
    assert refusal.value.todo.count(",") <= 1


@pytest.mark.parametrize(
    "changes",
    [
        {"country_code": "W92000004", "country_name": "Wales"},
        {"geographic_level": "School"},
        {"geographic_level": "local authority"},
        {"geographic_level": "Regional"},
        {"geographic_level": "National"},
    ],
)
def test_rows_of_another_country_or_level_are_refused(tmp_path: Path, read: Read, changes: dict[str, str]) -> None:
    with pytest.raises(GeographyConflict, match="line 2"):
        read(write(tmp_path, REFERRALS, [row(REFERRALS, **changes)]))


def test_a_code_reissue_continues_one_series(tmp_path: Path, read: Read) -> None:
    rows = [row(WORKFORCE, BARNSLEY_THEN, 2024), row(WORKFORCE, BARNSLEY_NOW, 2025)]
    reading = read(write(tmp_path, WORKFORCE, rows))
    assert _areas(reading) == {"E08000038"}
    assert set(reading.rows["time_period"]) == {2024, 2025}


def test_an_area_and_its_successor_follow_each_other(tmp_path: Path, read: Read) -> None:
    rows = [row(WORKFORCE, CUMBRIA, 2022), row(WORKFORCE, CUMBERLAND, 2023)]
    assert _areas(read(write(tmp_path, WORKFORCE, rows))) == {"E10000006", "E06000063"}


@pytest.mark.parametrize(("place", "year"), [(CUMBRIA, 2023), (CUMBERLAND, 2022), (NORTHAMPTONSHIRE, 2021)])
def test_an_area_that_did_not_exist_in_the_period_is_refused(
    tmp_path: Path, read: Read, place: tuple[str, ...], year: int
) -> None:
    rows = [row(WORKFORCE, place, 2022 if place is CUMBRIA else 2024 if place is CUMBERLAND else 2020)]
    rows.append(row(WORKFORCE, place, year))
    with pytest.raises(GeographyConflict, match=r"line 3(.|\n)*existed from"):
        read(write(tmp_path, WORKFORCE, rows))


def test_old_and_new_in_one_period_would_count_people_twice(register: Register) -> None:
    with pytest.raises(GeographyConflict, match=r"Cumbria \(line 2\) beside Cumberland \(line 3\)"):
        require_no_double_count({"E10000006": 2, "E06000063": 3}, register, "file.csv", 2023)


def test_a_joint_return_beside_its_member_would_count_people_twice(tmp_path: Path, read: Read) -> None:
    rows = [row(WORKFORCE, KINGSTON_AND_RICHMOND), row(WORKFORCE, KINGSTON)]
    with pytest.raises(GeographyConflict, match="counted twice"):
        read(write(tmp_path, WORKFORCE, rows))


def test_the_earlier_layout_prints_a_joint_return_under_its_first_member(tmp_path: Path, read: Read) -> None:
    hidden = {measure.column: "z" for measure in HEADLINE.measures}
    rows = [row(HEADLINE, KINGSTON, 2022), row(HEADLINE, RICHMOND, 2022, **hidden), row(HEADLINE, LEEDS, 2022)]
    reading = read(write(tmp_path, HEADLINE, rows))
    assert _areas(reading) == {"E09000021_E09000027", "E08000035"}
    assert [(s.count, s.names) for s in reading.set_aside] == [(1, ("Richmond upon Thames",))]
    assert reading.rows_read == 3


def test_figures_for_two_members_of_a_joint_return_are_refused(tmp_path: Path, read: Read) -> None:
    with pytest.raises(GeographyConflict, match="two members"):
        read(write(tmp_path, HEADLINE, [row(HEADLINE, KINGSTON, 2022), row(HEADLINE, RICHMOND, 2022)]))


def test_an_authority_without_figures_is_missing_with_its_reason(tmp_path: Path, read: Read) -> None:
    hidden = {measure.column: "x" for measure in REFERRALS.measures}
    rows = read(write(tmp_path, REFERRALS, [row(REFERRALS, HACKNEY, 2021, **hidden)])).rows
    assert set(rows["status"]) == {"not available"}
    assert rows["value"].isna().all()
