"""Row 39 of the contract: what would take all the memory is refused early, with the number."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from insight.errors import NotTabular, SourceRefused
from insight.sources import _workbook, source_of
from insight.sources._extent import require_extent
from insight.sources._workbook import workbook
from tests.sources.made_workbooks import with_rows, write_ods, write_xlsx

A, B = '<c r="A1"><v>1</v></c>', '<c r="{0}"><v>2</v></c>'
CELL = '<table:table-cell office:value-type="float" office:value="1"{0}/>'
BLANK = '<table:table-cell table:style-name="ce1"{0}/>'
ROW = "<table:table-row{1}>{0}</table:table-row>"
WIDE, HIGH = ' table:number-columns-repeated="16384"', ' table:number-rows-repeated="1048576"'


def cells_of(path: Path) -> int:
    """How many cells its worksheets reach over."""
    with zipfile.ZipFile(path) as packed:
        return require_extent(packed, most_bytes=10_000_000, most_cells=10**12)


def test_two_cells_at_opposite_ends_are_refused_and_do_not_end_the_process(tmp_path: Path) -> None:
    last = "XFD1048576"
    path = with_rows(tmp_path / "far.xlsx", f'<row r="1">{A}</row><row r="1048576">{B.format(last)}</row>')
    assert path.stat().st_size < 3000
    code = (
        "import sys; from pathlib import Path; from insight.errors import SourceRefused\n"
        "from insight.sources import source_of\n"
        "try: source_of(Path(sys.argv[1]))\n"
        "except SourceRefused as refused: print(refused)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "E200 reading far.xlsx" in done.stdout
    assert "17,179,869,184 cells" in done.stdout  # 16,384 columns x 1,048,576 rows
    assert "can be deleted" in done.stdout


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        (f"<row r='1'>{A}</row><row r='30'>{B.format('C30')}</row>", 30 * 3),
        (f"<row r='1'>{A}{B.format('AB1')}</row>", 28),
        # Cells without places, in rows with and without one.
        ("<row><c><v>1</v></c><c><v>2</v></c></row><row r='9'><c><v>1</v></c></row>", 9 * 2),
        ("<x:row x:spans='1:2' r = '7'><x:c s='1' r = 'D7'><x:v>1</x:v></x:c></x:row>", 7 * 4),
        # Looks alone are no content.
        (f"<row r='1'>{A}<c r='XFD1' s='4'/><c r='XFC1' s='4'></c></row><row r='1048576' ht='3'/>", 1),
        (f"<row r='1'>{A}</row><row r='5'><c r='B5' t='a>b'><f>1</f></c></row>", 5 * 2),
    ],
)
def test_a_sheet_of_excel_reaches_to_its_last_row_and_column(tmp_path: Path, rows: str, cells: int) -> None:
    assert cells_of(with_rows(tmp_path / "file.xlsx", rows)) == cells


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        (ROW.format(CELL.format("") + BLANK.format(WIDE), "") + ROW.format(BLANK.format(WIDE), HIGH), 1),
        (ROW.format(CELL.format("") + BLANK.format("") + CELL.format(""), "") * 4, 4 * 3),
        (ROW.format(CELL.format(WIDE), HIGH), 16384 * 1048576),
        # Blank rows and columns before something count, and so do those that it covers.
        (ROW.format(BLANK.format(""), HIGH) + ROW.format(CELL.format(""), ""), 1048577),
        (ROW.format(BLANK.format(WIDE) + CELL.format(""), ""), 16385),
        (ROW.format(CELL.format(""), "") * 2 + ROW.format(f"<table:covered-table-cell/>{CELL.format('')}", ""), 3 * 2),
        (ROW.format("<table:table-cell table:formula=\"of:=IF([.A1]>1;'office:';2)\"/>" + BLANK.format(WIDE), ""), 1),
    ],
)
def test_a_sheet_of_open_document_counts_what_is_repeated(tmp_path: Path, rows: str, cells: int) -> None:
    assert cells_of(with_rows(tmp_path / "file.ods", rows)) == cells


@pytest.mark.parametrize("name", ["file.ods", "file.xlsx"])
def test_the_extent_is_that_of_what_is_laid_out_for_all_sheets_together(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = {"One": [["a", "", "c"], [], ["", "b"]], "Two": [["", "", "", "d"]] * 5, "Three": [["", ""]]}
    write = write_ods if name.endswith(".ods") else write_xlsx
    path = write(tmp_path / name, sheets)
    laid_out = sum(len(rows) * max(map(len, rows), default=0) for rows in workbook(path).sheets.values())
    assert laid_out == 3 * 3 + 5 * 4
    monkeypatch.setattr("insight.sources._extent._CHUNK_BYTES", 7)  # no tag is whole in any piece
    assert cells_of(path) == laid_out
    monkeypatch.setattr(_workbook, "MAX_CELLS", laid_out)
    _workbook._read.cache_clear()
    assert workbook(path).sheets
    monkeypatch.setattr(_workbook, "MAX_CELLS", laid_out - 1)
    _workbook._read.cache_clear()
    with pytest.raises(SourceRefused, match="worksheets that reach over 29 cells"):
        workbook(path)


def test_the_bytes_that_are_there_count_and_not_those_that_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_xlsx(tmp_path / "file.xlsx", {"One": [["a" * 5000]]})
    monkeypatch.setattr(_workbook, "MAX_UNPACKED", 5000)
    with pytest.raises(SourceRefused, match="more than 5,000 bytes once unpacked"):
        workbook(path)


def test_a_damaged_sheet_is_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(write_xlsx(path, {"One": [["some", "words"]]})) as packed:
        parts = {info.filename: packed.read(info) for info in packed.infolist()}
    for way in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with zipfile.ZipFile(path, "w", way) as packed:
            for name, data in parts.items():
                packed.writestr(name, data)
            at = packed.getinfo("xl/worksheets/sheet1.xml").header_offset + 30 + len("xl/worksheets/sheet1.xml")
        damaged = bytearray(path.read_bytes())
        damaged[at : at + 60] = bytes(60)
        path.write_bytes(damaged)
        with pytest.raises(NotTabular, match="a workbook that cannot be read"):
            source_of(path)


def test_a_workbook_in_the_binary_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("xl/workbook.bin", b"\x83\x01\x00")
    with pytest.raises(NotTabular, match="binary form"):
        source_of(path)
