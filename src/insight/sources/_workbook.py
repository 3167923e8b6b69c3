"""Workbooks (ODS and XLSX): every worksheet as rows of text, as a reader of the published file sees them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

from insight.core.area import shown
from insight.errors import NotTabular, SourceRefused
from insight.sources._content import MAX_BYTES
from insight.sources._table import Row, Table

# Published workbooks of providers unpack to about 60 MB.
MAX_UNPACKED = 512 * 1024 * 1024
_MIDNIGHT = time(0)


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
        If it is too large, packed or unpacked.
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
        raise _too_large(path.name, size)
    # Its own copy: the file may be open in another program, and stays untouched.
    data = io.BytesIO(path.read_bytes())
    try:
        with zipfile.ZipFile(data) as packed:
            unpacked = sum(each.file_size for each in packed.infolist())
        if unpacked > MAX_UNPACKED:
            raise _too_large(path.name, unpacked)
        data.seek(0)
        book = CalamineWorkbook.from_filelike(data)
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (zipfile.BadZipFile, CalamineError, OSError) as fault:
        raise NotTabular(
            f"reading {shown(path.name)}",
            found=f"a workbook that cannot be read ({type(fault).__name__})",
            todo="download the file again in a browser, and check that it opens as a workbook",
        ) from None
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


def _too_large(file: str, size: int) -> SourceRefused:
    return SourceRefused(
        f"reading {shown(file)}",
        found=f"{size:,} bytes; published files are at most {MAX_BYTES:,}",
        todo="check that this is the publisher's file",
    )
