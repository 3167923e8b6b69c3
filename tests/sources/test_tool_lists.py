"""Lists that other tools keep of authorities and neighbours, against ours: none of them brings anything new."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from insight.core.fingerprint import file_sha256
from insight.core.register import Register
from insight.sources import source_of, statistical_neighbours, why_left_alone
from insight.sources._left_alone import FILES
from insight.sources._workbook import workbook

pytestmark = pytest.mark.published

Lists = Mapping[str, list[tuple[str, str]]]
ABOLISHED = {"E06000028", "E06000029", "E10000009", "E10000021", "E10000006"}
# England, its regions and the parts of London have numbers of their own in that tool.
NUMBERS_OF_REGIONS = {*map(str, range(970, 991)), "1000"}


@pytest.fixture(scope="module")
def folder(test_data: Path) -> Path:
    """The real files."""
    return test_data / "published"


def _ours(path: Path, register: Register) -> Lists:
    found: dict[str, list[tuple[str, str]]] = {}
    for each in statistical_neighbours.read(path, register).neighbours:
        found.setdefault(each.area, []).append((each.neighbour, each.closeness))
    return found


def _theirs(path: Path, register: Register) -> tuple[Lists, list[str]]:
    """The tool's lists, and the names of authorities for which it has dashes."""
    found, without = {}, []
    for row in workbook(path).sheets["LA SN Groups"][3:]:
        if not row[0]:
            continue
        area = register.resolve(new_la_code="", old_la_code=row[0], la_name=row[1])
        pairs = list(zip(row[5:25:2], row[6:25:2], strict=True))
        if set(row[5:25]) == {"-"}:
            without.append(area.name)
        else:
            found[area.code] = [
                (register.resolve(new_la_code="", old_la_code=code, la_name="").code, closeness.strip().capitalize())
                for code, closeness in pairs
            ]
    return found, without


def test_the_tool_s_lists_of_the_model_of_2021_equal_the_publisher_s(folder: Path, register: Register) -> None:
    ours = _ours(folder / "dfe" / "New_Statistical_Neighbour_Groupings_April_2021.csv", register)
    theirs, without = _theirs(folder / "dfe" / "lait" / "sn_april_2021.xlsx", register)
    assert len(ours) == 156
    assert theirs == ours
    assert without == ["Cumberland", "Westmorland and Furness"]


def test_the_tool_s_lists_of_the_model_of_2025_equal_the_publisher_s(folder: Path, register: Register) -> None:
    """Below them the tool repeats the lists of 2021 for five abolished authorities, as "Old SNs"."""
    ours = _ours(folder / "dfe" / "sn_model_2025_wide.csv", register)
    older = _ours(folder / "dfe" / "New_Statistical_Neighbour_Groupings_April_2021.csv", register)
    theirs, without = _theirs(folder / "dfe" / "lait" / "sn_may_2025.xlsx", register)
    assert len(ours) == 153
    assert {code: theirs[code] for code in ours} == ours
    assert set(theirs) - set(ours) == ABOLISHED
    assert all(theirs[code] == older[code] for code in ABOLISHED)
    assert without == []


def test_the_tool_s_list_of_codes_equals_the_register(folder: Path, register: Register) -> None:
    numbers = set()
    for number, name, region, _ in workbook(folder / "dfe" / "lait" / "la_code_list.xlsx").sheets["Sheet1"][1:]:
        if number not in NUMBERS_OF_REGIONS:
            area = register.resolve(new_la_code="", old_la_code=number, la_name=name)
            assert area.region_name == ("London" if region in ("Inner London", "Outer London") else region)
            numbers.add(number)
    known = {area.old_la_code: area.name for area in register.authorities(abolished=True)}
    assert numbers <= set(known)
    assert [known[number] for number in sorted(set(known) - numbers, key=str)] == ["Bedfordshire", "Cheshire"]


def test_the_scraping_tool_s_lookup_equals_the_register(folder: Path, register: Register) -> None:
    with (folder / "ofsted" / "Provider_data_lookup.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    areas = {
        register.resolve(
            new_la_code=row["la_code_new"], old_la_code=row["la_code"], la_name=row["local_authority_ons_name"]
        ).code
        for row in rows
    }
    assert {area.code for area in register.authorities()} <= areas
    assert len(areas) == len(rows) == 156


def test_the_register_needs_no_correction_of_ofsted_s_regions(folder: Path, register: Register) -> None:
    with (folder / "ofsted" / "ofsted_region_mapping_corrections.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60
    for row in rows:
        region = row["region_name_correct"]
        expected = "London" if region in ("Inner London", "Outer London") else region
        assert register.authority(row["la_name"], abolished=True).region_name == expected


def test_files_that_bring_nothing_are_left_alone_with_a_reason(folder: Path) -> None:
    by_name = {path.name: path for path in folder.rglob("*") if path.is_file()}
    for sha256, (name, why) in FILES.items():
        assert file_sha256(by_name[name]) == sha256
        assert source_of(by_name[name]) is None
        assert why_left_alone(sha256) == why != why_left_alone("")
