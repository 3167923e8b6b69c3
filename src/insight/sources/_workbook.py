"""Workbooks (ODS and XLSX): every worksheet as rows of text, as a reader of the published file sees them."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

from insight.core.area import shown
from insight.errors import NotTabular, SourceRefused
from insight.sources._content import MAX_BYTES
from insight.sources._extent import TooMuch, require_extent
from insight.sources._table import Row, Table

# The largest published workbook unpacks to 75 MB, and its worksheets have some 700,000 cells.
MAX_UNPACKED = 512 * 1024 * 1024
MAX_CELLS = 10_000_000
_MIDNIGHT = time(0)
_BINARY = "xl/workbook.bin"
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, OSError)


@dataclass(frozen=True)
class Workbook:
    """A workbook's worksheets by name; every row of a sheet has the same number of cells."""

    file: str
    sheets: Mapping[str, tuple[tuple[str, ...], ...]]


def workbook(path: Path) -> Workbook:
    """The worksheets of a file; the last one that was read is not read again.

    Raises
    ------
    NotTabular
        If it is no workbook that can be read.
    SourceRefused
        If it is too large: packed, unpacked, or laid out from the first cell of each worksheet to the last.
    """
    facts = path.stat()
    return _read(path, facts.st_size, facts.st_mtime_ns)


def header_text(cell: str) -> str:
    """A column's name, with white space counted once: publishers break lines inside them."""
    return " ".join(cell.split())


def sheet_below(book: Workbook, sheet: str, line: int) -> Table:
    """A worksheet's rows below the header on this line (1 is the first), blank ones counted and not kept."""
    rows = book.sheets[sheet]
    header = tuple(header_text(cell) for cell in rows[line - 1])
    below = [Row(number, cells) for number, cells in enumerate(rows[line:], start=line + 1)]
    kept = tuple(row for row in below if any(cell.strip() for cell in row.cells))
    return Table(header, kept, blank_lines=len(below) - len(kept))


@lru_cache(maxsize=1)
def _read(path: Path, size: int, changed: int) -> Workbook:
    from python_calamine import CalamineError, CalamineWorkbook

    if size > MAX_BYTES:
        raise _too_large(path.name, f"{size:,} bytes; published files are at most {MAX_BYTES:,}")
    # Its own copy: the file may be open in another program, and stays untouched.
    data = io.BytesIO(path.read_bytes())
    try:
        with zipfile.ZipFile(data) as packed:
            if _BINARY in packed.namelist():
                raise _unreadable(path.name, "in Excel's binary form")
            require_extent(packed, most_bytes=MAX_UNPACKED, most_cells=MAX_CELLS)
        data.seek(0)
        book = CalamineWorkbook.from_filelike(data)
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except TooMuch as fault:
        raise _too_large(path.name, str(fault)) from None
    except (*_DAMAGE, CalamineError) as fault:
        raise _unreadable(path.name, type(fault).__name__) from None
    return Workbook(path.name, {name: tuple(tuple(map(_text, row)) for row in rows) for name, rows in sheets.items()})


def _text(cell: object) -> str:
    """A cell as text: whole numbers without a point, days as YYYY-MM-DD.

    >>> _text(12.0), _text(0.5), _text(datetime(2023, 9, 4)), _text("[x]")
    ('12', '0.5', '2023-09-04', '[x]')
    """
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == _MIDNIGHT else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


def _unreadable(file: str, why: str) -> NotTabular:
    return NotTabular(
        f"reading {shown(file)}",
        found=f"a workbook that cannot be read ({why})",
        todo="download the file again in a browser, and check that it opens as a workbook",
    )


def _too_large(file: str, found: str) -> SourceRefused:
    return SourceRefused(
        f"reading {shown(file)}",
        found=found,
        todo="check that this is the publisher's file; a cell far outside of its table can be deleted",
    )
