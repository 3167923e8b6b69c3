"""Population by single year of age: made workbooks, and the real one against its own totals and a second table."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from insight.core.register import Register
from insight.errors import DuplicateKey, GeographyConflict, RuleBroken, SourceChanged, UnknownSymbol
from insight.sources import Reading, child_population, population_by_age
from insight.sources._workbook import workbook
from insight.sources.population_by_age import AGES, GEOGRAPHY
from tests.sources.made_workbooks import write_xlsx

Read = Callable[[Path], Reading]
Place = tuple[str, str, str]
TITLE = "MYE2: Persons by single year of age and sex for local authorities in England and Wales, mid-2023"
ENGLAND = ("E92000001", "ENGLAND", "Country")
EAST = ("E12000006", "EAST", "Region")
ESSEX = ("E10000012", "Essex", "County")
BASILDON = ("E07000066", "Basildon", "Non-metropolitan District")
HARLOW = ("E07000073", "Harlow", "Non-metropolitan District")
LEEDS = ("E08000035", "Leeds", "Metropolitan District")
WEST_YORKSHIRE = ("E11000006", "West Yorkshire (Met County)", "Metropolitan County")
CARDIFF = ("W06000015", "Cardiff", "Unitary Authority")
BOTH = ("K04000001", "ENGLAND AND WALES", "Country")


@pytest.fixture
def read(register: Register) -> Read:
    """The source's own reader."""
    return lambda path: population_by_age.read(path, register)


def _row(place: Place, each: int = 10, whole: str = "") -> list[str]:
    return [*place, whole or str(each * len(AGES)), *[str(each)] * len(AGES)]


def _write(tmp_path: Path, rows: Sequence[Sequence[str]], title: str = TITLE) -> Path:
    sheet = [[title], ["This worksheet contains one table."], [*GEOGRAPHY, "All ages", *AGES], *rows]
    return write_xlsx(tmp_path / "estimates.xlsx", {"Cover sheet": [["Estimates"]], "MYE2 - Persons": sheet})


def test_the_ages_of_0_to_25_come_as_parts(tmp_path: Path, read: Read) -> None:
    reading = read(_write(tmp_path, [_row(LEEDS, 7)]))
    assert (reading.source, reading.release, reading.encoding) == ("population_by_age", "2023", "workbook")
    assert list(reading.rows["breakdown"]) == sorted(map(str, range(26)))
    assert set(reading.rows["value"]) == {7}
    assert {day.isoformat() for day in reading.rows["period_end"]} == {"2023-06-30"}


def test_districts_metropolitan_counties_and_wales_are_set_aside(tmp_path: Path, read: Read) -> None:
    rows = [_row(BOTH), _row(ENGLAND), _row(EAST), _row(ESSEX, 30), _row(BASILDON, 10), _row(HARLOW, 20)]
    reading = read(_write(tmp_path, [*rows, _row(WEST_YORKSHIRE), _row(LEEDS), _row(CARDIFF)]))
    assert set(reading.rows["area"]) == {"E92000001", "E12000006", "E10000012", "E08000035"}
    assert sorted(each.count for each in reading.set_aside) == [1, 2, 2]
    assert reading.rows_read == 9 == reading.rows_kept + sum(each.count for each in reading.set_aside)


def test_a_county_that_its_districts_do_not_add_up_to_is_refused(tmp_path: Path, read: Read) -> None:
    with pytest.raises(RuleBroken, match="line 4, column All ages"):
        read(_write(tmp_path, [_row(ESSEX, 30), _row(BASILDON, 10), _row(HARLOW, 10)]))


def test_ages_that_do_not_add_up_to_all_ages_are_refused(tmp_path: Path, read: Read) -> None:
    with pytest.raises(RuleBroken, match="line 4, column All ages"):
        read(_write(tmp_path, [_row(LEEDS, whole="911")]))


@pytest.mark.parametrize("cell", ["", "x", "1,000"])
def test_an_estimate_is_a_number_and_nothing_else(tmp_path: Path, read: Read, cell: str) -> None:
    with pytest.raises(UnknownSymbol, match="line 4, column 5"):
        read(_write(tmp_path, [[*LEEDS, "910", *["10"] * 5, cell, *["10"] * 85]]))


def test_a_title_without_a_year_is_a_change(tmp_path: Path, read: Read) -> None:
    with pytest.raises(SourceChanged, match="names no year"):
        read(_write(tmp_path, [_row(LEEDS)], TITLE.replace("mid-2023", "latest")))


@pytest.mark.parametrize(
    "place",
    [
        ("E08000035", "Bradford", "Metropolitan District"),
        ("E12000006", "WEST", "Region"),
        ("E13000001", "Inner London", "Region"),
        (*LEEDS[:2], "Country"),
        (*LEEDS[:2], "Ward"),
    ],
)
def test_a_place_that_contradicts_the_register_is_refused(tmp_path: Path, read: Read, place: Place) -> None:
    with pytest.raises(GeographyConflict, match="line 4"):
        read(_write(tmp_path, [_row(place)]))


def test_an_area_of_another_time_is_refused(tmp_path: Path, read: Read) -> None:
    cumbria = ("E10000006", "Cumbria", "County")
    with pytest.raises(GeographyConflict, match="did not exist"):
        read(_write(tmp_path, [_row(cumbria), _row(("E07000026", "Allerdale", "Non-metropolitan District"))]))


def test_an_area_stands_once(tmp_path: Path, read: Read) -> None:
    with pytest.raises(DuplicateKey, match="lines 4 and 5"):
        read(_write(tmp_path, [_row(LEEDS), _row(LEEDS, 9)]))


def _real(test_data: Path) -> Path:
    return test_data / "published" / "ons" / "mye23tablesew.xlsx"


@pytest.mark.published
def test_regions_and_england_are_the_sums_of_all_153_authorities(test_data: Path, register: Register) -> None:
    reading = population_by_age.read(_real(test_data), register)
    keys = zip(reading.rows["area"], reading.rows["breakdown"], strict=True)
    counts = dict(zip(keys, reading.rows["value"], strict=True))
    assert set(reading.rows["area"]) == {
        *(area.code for area in (*register.authorities(), *register.regions)),
        "E92000001",
    }
    for age in map(str, range(26)):
        for region in register.regions:
            assert counts[region.code, age] == sum(counts[area.code, age] for area in register.members(region.code))
        assert counts["E92000001", age] == sum(counts[region.code, age] for region in register.regions)
    # Read by hand from the row of England.
    assert (counts["E92000001", "0"], counts["E92000001", "10"]) == (573_100, 696_169)


@pytest.mark.published
def test_the_lower_tier_adds_up_as_the_office_s_own_lookup_says(test_data: Path, register: Register) -> None:
    """The lookup of April 2023 is a second, independent table of which district lies in which authority."""
    lookup = test_data / "published" / "ons" / "LTLA-UTLA_Apr23_Lookup_England-Wales.csv"
    with lookup.open(encoding="utf-8-sig", newline="") as file:
        upper = {row["LTLA23CD"]: row["UTLA23CD"] for row in csv.DictReader(file)}
    summed: dict[str, float] = defaultdict(float)
    for row in workbook(_real(test_data)).sheets["MYE2 - Persons"]:
        if row[0].startswith("E") and row[0] in upper:
            area = register.resolve(new_la_code=upper[row[0]], old_la_code="", la_name="")
            summed[area.code] += sum(map(float, row[4:22]))
    rows = population_by_age.read(_real(test_data), register).rows
    children = rows[rows["breakdown"].astype(int) < 18].groupby("area")["value"].sum()
    assert {code: children[code] for code in summed} == summed
    assert len(summed) == 153


@pytest.mark.published
def test_revised_estimates_differ_by_less_than_2_percent_but_for_the_city_of_london(
    test_data: Path, register: Register
) -> None:
    """The children in need statistics of 2025 hold revised estimates for the same day: near, and not the same."""
    rows = population_by_age.read(_real(test_data), register).rows
    first = rows[rows["breakdown"].astype(int) < 18].groupby("area")["value"].sum()
    path = test_data / "published" / "ons" / "ons_mid-year_population_estimates_2012_to_2024.csv"
    revised = child_population.read(path, register).rows.query("time_period == 2023").set_index("area")["value"]
    ratio = first[revised.index] / revised
    assert len(ratio) == 163
    assert (first["E09000001"], revised["E09000001"]) == (642, 918)
    assert 0.015 < (ratio.drop("E09000001") - 1).abs().max() < 0.02
    assert ratio["E92000001"] == pytest.approx(0.99496, abs=0.00001)
