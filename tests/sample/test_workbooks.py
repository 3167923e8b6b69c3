"""Workbooks: the same bytes for the same cells, and what another program reads from them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from insight.sample.workbooks import Sheets, ods_bytes, xlsx_bytes

SHEETS: Sheets = {
    "First & last": [["Name", "", "", "<b>"], [], ["Dunmarrow & Wick", 12, 0.5, " a blank "]],
    "Second": [["x"], ["", "", -3]],
}
READ = {
    "First & last": [["Name", "", "", "<b>"], ["", "", "", ""], ["Dunmarrow & Wick", 12.0, 0.5, " a blank "]],
    "Second": [["x", "", ""], ["", "", -3.0]],
}
BOTH = pytest.mark.parametrize("made", [ods_bytes, xlsx_bytes])


def sheets_of(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    return {name: [list(row) for row in rows] for name, rows in sheets.items()}


@BOTH
def test_another_program_reads_the_cells(made: Callable[[Sheets], bytes]) -> None:
    assert sheets_of(made(SHEETS)) == READ


def test_days_are_days_in_an_open_document() -> None:
    read = sheets_of(ods_bytes({"A": [[date(2025, 3, 31), "2025-03-31"]]}))
    assert read["A"] == [[date(2025, 3, 31), "2025-03-31"]]


@BOTH
def test_the_same_cells_give_the_same_bytes(made: Callable[[Sheets], bytes]) -> None:
    assert made(SHEETS) == made(SHEETS)
    with zipfile.ZipFile(io.BytesIO(made(SHEETS))) as packed:
        entries = packed.infolist()
        assert packed.testzip() is None
    assert {entry.date_time for entry in entries} == {(2000, 1, 1, 0, 0, 0)}
    # How hard something is squeezed, and by which program, would be in the bytes.
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}


def test_an_open_document_says_first_what_it_is() -> None:
    with zipfile.ZipFile(io.BytesIO(ods_bytes(SHEETS))) as packed:
        assert packed.namelist()[0] == "mimetype"
        assert packed.read("mimetype") == b"application/vnd.oasis.opendocument.spreadsheet"


def test_columns_beyond_z_stand_in_their_places() -> None:
    read = sheets_of(xlsx_bytes({"A": [[str(number) for number in range(60)]]}))
    assert read["A"] == [[str(number) for number in range(60)]]
