"""Residents by ethnic group: made files, and the three real ones against one another."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from insight.core.register import Register
from insight.errors import DuplicateKey, GeographyConflict, SourceChanged, UnknownSymbol
from insight.sources import Layout, Reading, census_ethnicity, source_of
from insight.sources.census_ethnicity import BROAD, GROUPS, LAYOUTS

Read = Callable[[Path], Reading]
AUTHORITIES, REGIONS, COUNTRIES = LAYOUTS
NOBODY = ("-8", "Does not apply", "0")


@pytest.fixture
def read(register: Register) -> Read:
    """The source's own reader."""
    return lambda path: census_ethnicity.read(path, register)


def _rows(code: str = "E08000035", name: str = "Leeds", each: str = "10") -> list[list[str]]:
    return [[code, name, *NOBODY], *([code, name, number, group, each] for number, group in GROUPS.items())]


def _write(tmp_path: Path, rows: Sequence[Sequence[str]], columns: Sequence[str] = AUTHORITIES.columns) -> Path:
    path = tmp_path / "census.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def test_groups_come_as_parts_and_broad_groups_are_added_up(tmp_path: Path, read: Read) -> None:
    reading = read(_write(tmp_path, _rows()))
    assert (reading.release, reading.series, reading.rows_kept) == ("2021", "authorities", 19)
    rows = reading.rows.set_index(["indicator", "breakdown"])["value"]
    assert dict(rows["residents_by_broad_ethnic_group_count"]) == {
        "Asian": 50,
        "Black": 30,
        "Mixed": 40,
        "Other": 20,
        "White": 50,
    }
    assert dict(rows["residents_by_ethnic_group_count"]) == dict.fromkeys(GROUPS.values(), 10)


@pytest.mark.parametrize(
    ("layout", "code", "name", "series"),
    [
        (AUTHORITIES, "E06000063", "Cumberland", "authorities"),
        (REGIONS, "E12000006", "East of England", "regions"),
        (COUNTRIES, "E92000001", "England", "countries"),
    ],
)
def test_each_file_is_a_series_of_its_own(
    tmp_path: Path, read: Read, layout: Layout, code: str, name: str, series: str
) -> None:
    path = _write(tmp_path, _rows(code, name), layout.columns)
    module = source_of(path)
    assert module is not None
    assert module.SOURCE.key == "census_ethnicity"
    reading = read(path)
    assert (reading.series, set(reading.rows["area"])) == (series, {code})


def test_wales_and_the_category_of_nobody_are_set_aside(tmp_path: Path, read: Read) -> None:
    reading = read(_write(tmp_path, [*_rows(), *_rows("W06000015", "Cardiff")]))
    assert {each.reason: each.count for each in reading.set_aside} == {
        "in Wales": 20,
        "the category that counts nobody": 1,
    }
    assert reading.rows_read == 40


def test_people_in_the_category_of_nobody_are_a_change(tmp_path: Path, read: Read) -> None:
    with pytest.raises(SourceChanged, match=r"line 2(.|\n)*no ethnic group applies"):
        read(_write(tmp_path, [["E08000035", "Leeds", "-8", "Does not apply", "3"], *_rows()[1:]]))


def test_other_numbers_or_names_of_groups_are_a_change(tmp_path: Path, read: Read) -> None:
    rows = _rows()
    rows[3][2], rows[4][2] = rows[4][2], rows[3][2]
    with pytest.raises(SourceChanged, match="line 5"):
        read(_write(tmp_path, rows))


def test_a_missing_group_is_a_change_and_a_second_one_a_duplicate(tmp_path: Path, read: Read) -> None:
    with pytest.raises(SourceChanged, match="18 of 19 groups"):
        read(_write(tmp_path, _rows()[:-1]))
    with pytest.raises(DuplicateKey, match="line 22"):
        read(_write(tmp_path, [*_rows(), _rows(each="11")[-1]]))


@pytest.mark.parametrize("place", [("E08000035", "Bradford"), ("E99999999", "Leeds"), ("E12000003", "Leeds")])
def test_a_place_that_contradicts_the_register_is_refused(tmp_path: Path, read: Read, place: tuple[str, str]) -> None:
    with pytest.raises(GeographyConflict, match="line 2"):
        read(_write(tmp_path, _rows(*place)))


def test_a_region_s_name_that_contradicts_its_code_is_a_change(tmp_path: Path, read: Read) -> None:
    with pytest.raises(SourceChanged, match="line 2"):
        read(_write(tmp_path, _rows("E12000003", "London"), REGIONS.columns))


def test_an_area_of_another_level_is_a_change(tmp_path: Path, read: Read) -> None:
    with pytest.raises(SourceChanged, match="level region in a file of nations"):
        read(_write(tmp_path, _rows("E12000007", "London"), COUNTRIES.columns))


def test_a_file_of_wales_alone_has_no_area(tmp_path: Path, read: Read) -> None:
    with pytest.raises(SourceChanged, match="no row of an area"):
        read(_write(tmp_path, _rows("W06000015", "Cardiff")))


def test_a_symbol_is_refused_because_the_release_has_none(tmp_path: Path, read: Read) -> None:
    with pytest.raises(UnknownSymbol, match="line 3"):
        read(_write(tmp_path, _rows(each="c")))


def _real(test_data: Path, ending: str, register: Register) -> pd.DataFrame:
    path = test_data / "published" / "ons" / f"ons-ethnic-population-{ending}.csv"
    return census_ethnicity.read(path, register).rows


@pytest.mark.published
def test_england_is_nearly_the_sum_of_regions_and_of_authorities(test_data: Path, register: Register) -> None:
    """The office changes small figures a little: at most 8 people for regions' sums, 10 for England's."""
    keys = ["indicator", "breakdown"]
    own = {ending: _real(test_data, ending, register) for ending in ("la", "reg", "nat")}
    assert set(own["la"]["area"]) == {area.code for area in register.authorities()}
    nation = own["nat"].set_index(keys)["value"]
    fine = nation["residents_by_ethnic_group_count"]
    for ending in ("la", "reg"):
        summed = own[ending].groupby(keys)["value"].sum()["residents_by_ethnic_group_count"]
        assert 0 < (summed - fine).abs().max() <= 10
    # The residents of England on the day of the census, as printed: 56,490,048.
    assert fine.sum() == 56_490_048
    assert nation["residents_by_broad_ethnic_group_count"].sum() == 56_490_048
    assert set(nation["residents_by_broad_ethnic_group_count"].index) == set(BROAD)
