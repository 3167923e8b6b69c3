"""How far a workbook's worksheets reach, measured before anything lays them out.

A worksheet is laid out in full, from its first place to its last row and column with anything in them. So one stray
cell in the last place of a sheet would take more memory than any machine has, and the process with it.

The names are those of Office Open XML (ECMA-376, part 1, 18.3.1: ``row`` and ``c``, placed by ``r``) and of
OpenDocument 1.3 (part 3, 9.1: ``table-row`` and ``table-cell``, repeated as an attribute says).
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass

_CHUNK_BYTES = 1024 * 1024
# A row of OpenDocument is looked at as a whole; none has so much in it.
_MOST_IN_A_ROW = 64 * 1024 * 1024
_BEYOND = 10**10
_TAG = re.compile(
    rb"<(table:table|table:table-row|(?:[^\s<>/:\"'=!?]++:)?(?:row|c))(?=[\s/>])"
    rb"((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>"
)
_PLACE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*)([0-9]*)[\"']")
_REPEATED = re.compile(rb"\stable:number-(?:rows|columns)-repeated\s*=\s*[\"']([0-9]+)[\"']")
# The looks of a cell and its repetition are no content.
_HOLDS = re.compile(rb"\s(?:office:(?:[a-z]+-)?value(?:-type)?|table:formula)\s*=")


class TooMuch(Exception):
    """More than may be laid out; the text gives the number."""


def require_extent(packed: zipfile.ZipFile, *, most_bytes: int, most_cells: int) -> int:
    """How many cells a workbook's sheets reach over, unless they would take more memory than a published one does.

    Parameters
    ----------
    packed : ZipFile
        Every member is read as it is: its directory may say less than is there.
    most_bytes : int
        Of all members together, unpacked.
    most_cells : int
        Of all worksheets together, blank ones between others counted.

    Returns
    -------
    int
        Cells of all worksheets, each laid out in full.

    Raises
    ------
    TooMuch
        With the number that was found.
    zipfile.BadZipFile
        If a member is damaged; also the errors of each way of packing.
    """
    size = cells = 0
    for info in packed.infolist():
        sheets = _Sheets()
        with packed.open(info) as member:
            while chunk := member.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > most_bytes:
                    raise TooMuch(f"more than {most_bytes:,} bytes once unpacked")
                if info.filename.lower().endswith(".xml"):
                    sheets.add(chunk)
                _require(cells + sheets.cells, most_cells)
        cells += sheets.end()
        _require(cells, most_cells)
    return cells


def _require(cells: int, most: int) -> None:
    if cells > most:
        raise TooMuch(
            f"worksheets that reach over {cells:,} cells, blank ones between others counted; "
            f"a workbook may have {most:,}"
        )


@dataclass(slots=True)
class _Sheet:
    """How far one worksheet reaches, and where the reading of it stands."""

    rows: int = 0
    columns: int = 0
    row: int = 0
    column: int = 0

    def holds(self, row: int, column: int) -> None:
        """A cell with something in it."""
        self.rows, self.columns = max(self.rows, row), max(self.columns, column)


class _Sheets:
    """The worksheets in one part of a workbook, of either form."""

    def __init__(self) -> None:
        self._done = 0
        self._sheet = _Sheet()
        self._rest = b""

    @property
    def cells(self) -> int:
        """Of all worksheets so far."""
        return self._done + self._sheet.rows * self._sheet.columns

    def add(self, chunk: bytes, *, is_end: bool = False) -> None:
        """Measure what comes next; a tag or row that is not yet whole waits for the rest of it."""
        data = self._rest + chunk
        end, row = 0, None
        for found in _TAG.finditer(data):
            if row is not None:
                self._take_row(row[2], data[row.end() : found.start()])
            row = found if found[1] == b"table:table-row" else None
            end = found.end()
            if row is None:
                self._take(found[1], found[2], is_closed_next=data.startswith(b"</", end))
        if row is not None and is_end:
            self._take_row(row[2], data[row.end() :])
        self._rest = data[max(end, data.rfind(b"<")) if row is None else row.start() :]
        if len(self._rest) > _MOST_IN_A_ROW:
            raise TooMuch(f"more than {_MOST_IN_A_ROW:,} bytes in one row of a worksheet")

    def end(self) -> int:
        """The cells of all worksheets, once the part is whole."""
        self.add(b"", is_end=True)
        return self.cells

    def _take(self, name: bytes, said: bytes, *, is_closed_next: bool) -> None:
        """A tag of Office Open XML, or a worksheet of OpenDocument."""
        sheet = self._sheet
        if name == b"table:table":
            self._done, self._sheet = self.cells, _Sheet()
            return
        place = _PLACE.search(said)
        if name.endswith(b"row"):
            sheet.row, sheet.column = _number(place[2]) if place else sheet.row + 1, 0
            return
        row, sheet.column = (_number(place[2]), _column(place[1])) if place else (sheet.row, sheet.column + 1)
        if not (is_closed_next or said.endswith(b"/")):
            sheet.holds(row, sheet.column)

    def _take_row(self, said: bytes, cells: bytes) -> None:
        """A row of OpenDocument: its cells to the last one that holds anything, repeated ones as often as they are."""
        self._sheet.row += _repeats(said)
        parts = cells.split(b"<table:")[1:]
        while parts and not _HOLDS.search(parts[-1]):
            parts.pop()
        if parts:
            more = sum(_repeats(part) - 1 for part in parts if b"columns-repeated" in part)
            self._sheet.holds(self._sheet.row, len(parts) + more)


def _repeats(said: bytes) -> int:
    found = _REPEATED.search(said)
    return _number(found[1]) if found else 1


def _number(digits: bytes) -> int:
    return int(digits or b"0") if len(digits) <= len(str(_BEYOND)) else _BEYOND


def _column(letters: bytes) -> int:
    """The number of a column.

    >>> _column(b"A"), _column(b"XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters.upper():
        number = min(number * 26 + letter - ord("A") + 1, _BEYOND)
    return number
