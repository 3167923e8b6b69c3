"""Social workers by ethnic group and role, from the real files."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from insight.core.register import Register
from insight.errors import SourceChanged
from insight.sources import source_of
from insight.sources._r_data import read_r_table
from tests.sources.filter_rows import LEEDS, filter_row, layout_of, write_rows
from tests.sources.tool_values import Published, england, part_of

TABLE = "csww_workforce_role_by_ethnicity_2019_to_2022.csv"
BY_ROLE, BY_SENIORITY = "csc-dashboard/workforce_eth.rds", "csc-dashboard/workforce_eth_seniority.rds"


@pytest.fixture(scope="module")
def files(test_data: Path, register: Register) -> Published:
    """The real files."""
    return Published(test_data, register)


@pytest.mark.published
@pytest.mark.parametrize(
    ("name", "series", "release", "rows", "kept"),
    [
        (TABLE, "", "2022", 4578, 4480),
        (BY_ROLE, "", "2025", 123_348, 62_552),
        (BY_SENIORITY, "seniority", "2025", 4075, 4025),
    ],
)
def test_every_row_is_read_or_set_aside(
    files: Published, name: str, series: str, release: str, rows: int, kept: int
) -> None:
    reading = files.reading(name)
    assert (reading.series, reading.release, reading.rows_read, reading.rows_kept) == (series, release, rows, kept)
    assert sum(each.count for each in reading.set_aside) == rows - kept


@pytest.mark.published
def test_rows_that_the_dashboard_made_are_set_aside_with_words(files: Published) -> None:
    aside = {each.reason: (each.count, each.names) for each in files.reading(BY_ROLE).set_aside}
    assert aside["a median of neighbours, which is no area"] == (58_881, ("Statistical neighbours (median)",))
    assert aside['called "Non-white", with the headcount of White social workers'] == (1131, ("Non-white",))


@pytest.mark.published
def test_england(files: Published) -> None:
    reading = files.reading(BY_ROLE)
    assert england(reading, "ethnicity_all_headcount", 2025) == 38_292
    assert england(reading, "ethnicity_unknown_percent", 2025) == 17.8
    assert england(files.reading(TABLE), "ethnicity_white_headcount", 2022) == 20_833
    assert england(files.reading(TABLE), "ethnicity_black_percent", 2022) == 13.3


@pytest.mark.published
def test_both_releases_agree_on_england(files: Published) -> None:
    old, new = files.reading(TABLE), files.reading(BY_ROLE)
    for group in ("white", "mixed", "asian", "black", "other"):
        assert england(old, f"ethnicity_{group}_headcount", 2022) == england(new, f"ethnicity_{group}_headcount", 2022)
        apart = england(old, f"ethnicity_{group}_percent", 2022) - england(new, f"ethnicity_{group}_percent", 2022)
        assert abs(apart) < 0.0501


@pytest.mark.published
def test_the_groups_add_up_to_those_known(files: Published) -> None:
    reading = files.reading(BY_ROLE)
    groups = ("white", "mixed", "asian", "black", "other")
    for year in range(2019, 2026):
        known = england(reading, "ethnicity_known_headcount", year)
        assert sum(england(reading, f"ethnicity_{group}_headcount", year) for group in groups) == known
        assert known + england(reading, "ethnicity_unknown_headcount", year) == england(
            reading, "ethnicity_all_headcount", year
        )


@pytest.mark.published
def test_joint_returns_are_one_unit_in_every_role(files: Published) -> None:
    rows = part_of(files.reading(TABLE), "ethnicity_known_headcount", "Case holder")
    joint = rows[rows["area"].str.contains("_")].groupby("area")["time_period"].agg(sorted).to_dict()
    assert joint == {"E06000061_E06000062": [2021, 2022], "E09000021_E09000027": [2019, 2020, 2021, 2022]}
    assert "E09000021" not in set(rows["area"])


def _as_number(text: str) -> str:
    try:
        return repr(float(text))
    except ValueError:
        return text


@pytest.mark.published
def test_every_cell_saved_from_r_is_that_of_a_copy_made_with_another_program(test_data: Path) -> None:
    table = read_r_table(test_data / "published" / "dfe" / BY_ROLE)
    with gzip.open(test_data / "derived" / "dfe_dashboard_workforce_eth_2019_2025.csv.gz", "rt", newline="") as file:
        copy = list(csv.reader(file))
    assert tuple(copy[0]) == table.header
    assert len(copy) - 1 == len(table.rows) == 123_348
    code = table.header.index("old_la_code")
    for row, other in zip(table.rows, copy[1:], strict=True):
        # The copy has this number with a point, because some rows lack it.
        other[code] = other[code].removesuffix(".0")
        assert list(row.cells) == other


@pytest.mark.published
def test_every_cell_saved_from_r_is_that_of_the_library_rdata(test_data: Path) -> None:
    rdata = pytest.importorskip("rdata", reason="the second reader of R's files is not installed")
    path = test_data / "published" / "dfe" / BY_SENIORITY
    table = read_r_table(path)
    with pytest.warns(UserWarning, match=r"data\.table"):
        frame = rdata.read_rds(path)
    assert tuple(frame.columns) == table.header
    assert len(frame) == len(table.rows) == 4075
    for place, column in enumerate(frame.columns):
        theirs = ["" if pd.isna(value) else str(value) for value in frame[column]]
        assert [_as_number(row.cells[place]) for row in table.rows] == [_as_number(value) for value in theirs]


@pytest.mark.published
def test_seniority_sums_the_roles_and_keeps_what_is_missing(files: Published) -> None:
    seniority, roles = files.reading(BY_SENIORITY), files.reading(BY_ROLE)
    managers = sum(
        england(roles, "ethnicity_black_headcount", 2025, role)
        for role in ("Senior manager", "Middle manager", "First line manager")
    )
    assert england(seniority, "seniority_black_headcount", 2025, "Manager") == managers
    assert set(seniority.rows["symbol"]) == {"", "x", "NA"}
    rows = seniority.rows.set_index(["indicator", "area", "breakdown"])["status"]
    assert rows["seniority_white_headcount", "E06000010", ""] == "not available"
    assert rows["seniority_white_headcount", "E06000055", "Manager"] == "unspecified"


def test_a_role_is_a_breakdown_and_an_unknown_role_is_refused(tmp_path: Path, register: Register) -> None:
    layout = layout_of("workforce_by_ethnicity")
    role: Mapping[str, str] = {"OrgRole": "Case holder", "known_headcount": "50"}
    rows = [filter_row(layout, LEEDS, "2021", **role)]
    path = write_rows(tmp_path, layout, rows)
    module = source_of(path)
    assert module is not None
    frame = module.read(path, register).rows
    assert set(frame["breakdown"]) == {"Case holder"}
    with pytest.raises(SourceChanged, match="line 2, column OrgRole"):
        module.read(write_rows(tmp_path, layout, [rows[0] | {"OrgRole": "Team clerk"}]), register)
