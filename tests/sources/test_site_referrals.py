"""An analyst's own file of sites: what is accepted, what is noted, and what is refused in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from insight.core.programmes import Programme
from insight.core.register import Register
from insight.errors import (
    DuplicateKey,
    GeographyConflict,
    InsightError,
    RuleBroken,
    SourceChanged,
    UnknownSymbol,
)
from insight.sources import Reading, source_of
from insight.sources._month import month_of
from tests.sources.made_sites import SITES, write_rows

Read = Callable[[Path], Reading]
SHROPSHIRE = "E06000051"
PLAIN = ("North", "2023-04", "31", "5400", "")


def _write(tmp_path: Path, *rows: Sequence[str], name: str = f"sites-{SHROPSHIRE}.csv", separator: str = ",") -> Path:
    return write_rows(tmp_path / name, SITES, rows, separator=separator)


def test_a_row_is_two_figures_of_one_site_and_month(tmp_path: Path, read: Read) -> None:
    reading = read(_write(tmp_path, PLAIN, ("South", "2023-04", "0", "6,100", "2024-01")))
    rows = reading.rows.set_index(["breakdown", "indicator"])["value"]
    assert rows["North", "site_referral_count"] == 31
    assert (rows["South", "site_referral_count"], rows["South", "site_child_count"]) == (0, 6100)
    assert set(reading.rows["area"]) == {SHROPSHIRE} == {reading.series}
    assert set(reading.rows["time_period"]) == {202304}
    assert (reading.release, reading.notes) == (
        "202304",
        ("South starts in January 2024, after the file's last month",),
    )


def test_the_start_of_a_site_is_a_programme_gone_live(tmp_path: Path, read: Read) -> None:
    reading = read(_write(tmp_path, (*PLAIN[:4], "2023-03"), ("South", "2023-04", "12", "", "")))
    assert reading.programmes == (Programme("Sites", SHROPSHIRE, "North", "", "", "2023-03", "", "your own file"),)


@pytest.mark.parametrize(
    "text", ["2023-04", "2023-04-01", "2023-04-30", "01/04/2023", "Apr 2023", "April 2023", "apr 2023"]
)
def test_a_month_is_read_as_spreadsheets_write_it(tmp_path: Path, read: Read, text: str) -> None:
    reading = read(_write(tmp_path, ("North", text, "31", "5400", "")))
    assert set(reading.rows["time_period"]) == {202304}
    assert (reading.notes == ()) == (text == "2023-04"), "another form than the plain one is noted"


@pytest.mark.parametrize(
    "text",
    [
        "Apr-23",
        "04/2023",
        "2023",
        "202304",
        "4/1/2023",
        "04/13/2023",
        "31/04/2023",
        "2023-13",
        "45017",
        "",
        "Q1 2023",
        "04/05/2023",
        "2023-04-17",
        "17/04/2023",
    ],
)
def test_a_month_that_may_be_another_is_refused(tmp_path: Path, read: Read, text: str) -> None:
    with pytest.raises(RuleBroken, match=r"line 2, column month(.|\n)*2023-04"):
        read(_write(tmp_path, ("North", text, "31", "5400", "")))


def test_a_start_may_be_a_day_within_a_month_if_it_can_be_read_in_one_way(tmp_path: Path, read: Read) -> None:
    reading = read(_write(tmp_path, (*PLAIN[:4], "17/04/2023")))
    assert reading.programmes[0].live == "2023-04"
    assert "North started within April 2023, which counts as its first month" in reading.notes
    with pytest.raises(RuleBroken, match=r"column start(.|\n)*day and month or month and day"):
        read(_write(tmp_path, (*PLAIN[:4], "05/04/2023")))


@pytest.mark.parametrize("text", ["2024-02-30", "30 April 2023", "Foo 2023", "2023-04-00"])
def test_no_month_is_made_of_what_is_none(text: str) -> None:
    assert month_of(text) is None


@pytest.mark.parametrize(
    ("referrals", "children", "expected"),
    [
        ("", "5400", ("not available", "value")),
        ("c", "5400", ("suppressed", "value")),
        ("u", "", ("low reliability", "not available")),
        ("31", "x", ("value", "not available")),
    ],
)
def test_a_blank_is_not_available_and_never_zero(
    tmp_path: Path, read: Read, referrals: str, children: str, expected: tuple[str, str]
) -> None:
    rows = read(_write(tmp_path, ("North", "2023-04", referrals, children, ""))).rows.set_index("indicator")["status"]
    assert (rows["site_referral_count"], rows["site_child_count"]) == expected


@pytest.mark.parametrize(
    ("referrals", "children", "error", "says"),
    [
        ("-1", "5400", RuleBroken, "negative"),
        ("3.5", "5400", RuleBroken, "whole number"),
        ("31", "0", RuleBroken, "population of 0"),
        ("31", "-5", RuleBroken, "negative"),
        ("<5", "5400", UnknownSymbol, "neither a number nor a known symbol"),
        ("z", "5400", UnknownSymbol, "neither a number nor a known symbol"),
        ("31", "1.2e3", UnknownSymbol, "exponent"),
    ],
)
def test_a_cell_that_is_no_count_is_refused_with_its_line(
    tmp_path: Path, read: Read, referrals: str, children: str, error: type[InsightError], says: str
) -> None:
    with pytest.raises(error, match=f"line 3(.|\n)*{says}"):
        read(_write(tmp_path, PLAIN, ("South", "2023-04", referrals, children, "")))


def test_a_site_stands_once_in_a_month_whatever_way_the_month_is_written(tmp_path: Path, read: Read) -> None:
    with pytest.raises(DuplicateKey, match="lines 2 and 3 both give 'North' in April 2023"):
        read(_write(tmp_path, PLAIN, ("North", "Apr 2023", "32", "5400", "")))


@pytest.mark.parametrize("other", ["north", "NORTH", "No  rth"])
def test_two_spellings_that_differ_by_case_or_space_are_refused(tmp_path: Path, read: Read, other: str) -> None:
    first = "No rth" if " " in other else "North"
    with pytest.raises(DuplicateKey, match=r"on line 2 and .* on line 3"):
        read(_write(tmp_path, (first, *PLAIN[1:]), (other, "2023-05", "30", "5400", "")))
    read(_write(tmp_path, (f" {first} ", *PLAIN[1:]), (first, "2023-05", "30", "5400", "")))


def test_a_site_has_one_start_which_need_not_stand_in_every_row(tmp_path: Path, read: Read) -> None:
    reading = read(_write(tmp_path, (*PLAIN[:4], "2023-05"), ("North", "2023-05", "30", "5400", "")))
    assert [each.live for each in reading.programmes] == ["2023-05"]
    assert any("it holds for all" in note for note in reading.notes)
    with pytest.raises(RuleBroken, match="another start of 'North': May 2023 and June 2023"):
        read(_write(tmp_path, (*PLAIN[:4], "2023-05"), ("North", "2023-05", "30", "5400", "2023-06")))


def test_months_without_a_row_are_noted_and_not_refused(tmp_path: Path, read: Read) -> None:
    reading = read(_write(tmp_path, ("North", "2022-11", "31", "5400", ""), ("North", "2023-02", "30", "5400", "")))
    assert "North has no row for December 2022, January 2023" in reading.notes
    long = read(_write(tmp_path, ("North", "2020-01", "31", "5400", ""), ("North", "2023-02", "30", "5400", "")))
    assert any(note.endswith("June 2020, July 2020 and 30 more") for note in long.notes) or len(long.notes) == 1


def test_a_start_before_the_data_is_noted(tmp_path: Path, read: Read) -> None:
    reading = read(_write(tmp_path, (*PLAIN[:4], "2020-01")))
    assert "North started in January 2020, before the file's first month" in reading.notes


def _with_authority(tmp_path: Path, *names: str, name: str = "sites.csv") -> Path:
    rows = [("North", f"2023-{month:02}", "31", "5400", "", who) for month, who in enumerate(names, start=1)]
    return write_rows(tmp_path / name, (*SITES, "authority"), rows)


@pytest.mark.parametrize("who", ["Shropshire", SHROPSHIRE, "893"])
def test_the_authority_may_stand_in_a_column(tmp_path: Path, read: Read, who: str) -> None:
    assert read(_with_authority(tmp_path, who, who)).series == SHROPSHIRE


def test_a_file_of_nobody_is_the_nation_s_and_says_so(tmp_path: Path, read: Read) -> None:
    reading = read(_write(tmp_path, PLAIN, name="sites.csv"))
    assert set(reading.rows["area"]) == {"E92000001"}
    assert any("does not say whose sites these are" in note for note in reading.notes)


def test_a_file_speaks_of_one_authority(tmp_path: Path, read: Read) -> None:
    with pytest.raises(GeographyConflict, match="line 3: Leeds beside Shropshire"):
        read(_with_authority(tmp_path, "Shropshire", "Leeds"))
    with pytest.raises(GeographyConflict, match="line 3"):
        read(_with_authority(tmp_path, "Shropshire", ""))
    with pytest.raises(GeographyConflict, match="Leeds in its name and Shropshire in its rows"):
        read(_with_authority(tmp_path, "Shropshire", name="sites-E08000035.csv"))
    with pytest.raises(GeographyConflict, match="did you mean Shropshire"):
        read(_with_authority(tmp_path, "Shropshir"))
    with pytest.raises(GeographyConflict, match="its name"):
        read(_write(tmp_path, PLAIN, name="sites-E06009999.csv"))


def test_semicolons_of_a_spreadsheet_are_read(tmp_path: Path, read: Read) -> None:
    assert read(_write(tmp_path, PLAIN, separator=";")).rows_kept == 1


@pytest.mark.parametrize("extra", ["child_id", "date_of_birth", "surname"])
def test_a_file_with_more_columns_is_refused_and_shows_no_cell(tmp_path: Path, extra: str) -> None:
    path = write_rows(tmp_path / "sites.csv", (*SITES, extra), [(*PLAIN, "Secret")])
    with pytest.raises(SourceChanged, match=f"new: '{extra}'") as refusal:
        source_of(path)
    assert "Secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "header",
    [
        ("month", "referrals"),
        ("authority", "month", "referrals"),
        ("site", "month", "visits"),
        ("date", "site", "children", "staff", "beds"),
        ("month", "children", "adults"),
    ],
)
def test_other_small_tables_are_left_alone(tmp_path: Path, header: tuple[str, ...]) -> None:
    assert source_of(write_rows(tmp_path / "other.csv", header, [("1",) * len(header)])) is None


def test_three_of_the_five_columns_are_a_resemblance(tmp_path: Path) -> None:
    with pytest.raises(SourceChanged, match="missing: 'children', 'start'"):
        source_of(write_rows(tmp_path / "sites.csv", ("site", "month", "referrals"), [PLAIN[:3]]))


def test_a_long_or_strange_name_is_refused_without_being_repeated(tmp_path: Path, read: Read) -> None:
    for name in ("N" * 200, "No\u202erth", " "):
        with pytest.raises(RuleBroken, match="column site") as refusal:
            read(_write(tmp_path, PLAIN, (name, "2023-05", "30", "5400", "")))
        assert "NNNN" not in str(refusal.value)


def test_the_sample_s_own_sites_can_be_read(root: Path) -> None:
    folder = root / "data" / "raw" / "sample"
    register = Register.read(folder / "authorities.csv")
    for path in sorted(folder.glob("sites*.csv")):
        module = source_of(path)
        assert module is not None
        reading = module.read(path, register)
        assert reading.programmes
        assert register.get(reading.series).level == "authority"
