"""Statistical neighbours: two models, with a layout each."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from insight.core.neighbours import Neighbour
from insight.errors import DuplicateKey, GeographyConflict, UnknownSymbol
from insight.sources import Layout, Reading
from tests.sources.published_rows import NEIGHBOURS, NEIGHBOURS_2021, neighbour_row

Read = Callable[[Path], Reading]
TEN = ["202", "203", "204", "205", "206", "207", "208", "209", "210", "211"]


def _write(tmp_path: Path, layout: Layout, rows: Sequence[Sequence[str]], end: str = "") -> Path:
    path = tmp_path / "neighbours.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([[*cells, *([end] if layout is NEIGHBOURS_2021 else [])] for cells in rows])
    return path


@pytest.mark.parametrize(("layout", "year"), [(NEIGHBOURS, 2025), (NEIGHBOURS_2021, 2021)])
def test_both_models_give_ten_neighbours_closest_first(tmp_path: Path, read: Read, layout: Layout, year: int) -> None:
    reading = read(
        _write(tmp_path, layout, [layout.columns, neighbour_row(layout, "301", "Barking and Dagenham", TEN)])
    )
    assert len(reading.neighbours) == 10
    assert reading.neighbours[0] == Neighbour("E09000002", year, 1, "E09000007", "Very close")
    assert (reading.release, reading.rows_kept, len(reading.rows)) == (str(year), 1, 0)


def test_headings_and_blank_lines_inside_the_table_are_set_aside(tmp_path: Path, read: Read) -> None:
    empty = [""] * len(NEIGHBOURS_2021.columns)
    heading = ["", "Old SNs:", *empty[2:]]
    row = neighbour_row(NEIGHBOURS_2021, "837", "Bournemouth (Pre LG)", TEN)
    reading = read(_write(tmp_path, NEIGHBOURS_2021, [NEIGHBOURS_2021.columns, empty, heading, empty, row]))
    assert {s.reason: s.count for s in reading.set_aside} == {"a heading inside the table": 1, "blank line": 2}
    assert {n.area for n in reading.neighbours} == {"E06000028"}
    assert reading.rows_read == 4


def test_an_unknown_neighbour_is_refused_with_its_line(tmp_path: Path, read: Read) -> None:
    row = neighbour_row(NEIGHBOURS, "301", "Barking and Dagenham", [*TEN[:9], "999"])
    with pytest.raises(GeographyConflict, match="line 2"):
        read(_write(tmp_path, NEIGHBOURS, [NEIGHBOURS.columns, row]))


@pytest.mark.parametrize("tenth", ["301", "202"])
def test_an_area_is_listed_once_and_never_beside_itself(tmp_path: Path, read: Read, tenth: str) -> None:
    row = neighbour_row(NEIGHBOURS, "301", "Barking and Dagenham", [*TEN[:9], tenth])
    with pytest.raises(DuplicateKey, match="twice, or as its own neighbour"):
        read(_write(tmp_path, NEIGHBOURS, [NEIGHBOURS.columns, row]))


def test_two_lists_for_one_area_are_refused(tmp_path: Path, read: Read) -> None:
    row = neighbour_row(NEIGHBOURS, "301", "Barking and Dagenham", TEN)
    other = neighbour_row(NEIGHBOURS, "301", "Barking and Dagenham", TEN[::-1])
    with pytest.raises(DuplicateKey, match="lines 2 and 3"):
        read(_write(tmp_path, NEIGHBOURS, [NEIGHBOURS.columns, row, other]))


def test_a_closeness_that_the_model_does_not_have_is_refused(tmp_path: Path, read: Read) -> None:
    row = neighbour_row(NEIGHBOURS, "301", "Barking and Dagenham", TEN)
    row[5] = "Rather close"
    with pytest.raises(UnknownSymbol, match="Rather close"):
        read(_write(tmp_path, NEIGHBOURS, [NEIGHBOURS.columns, row]))
