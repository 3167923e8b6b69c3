"""From a path to a recognised layout and its rows of text, whether the file is text, a workbook or Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from insight.core.area import shown
from insight.errors import SourceChanged, SourceRefused
from insight.sources._content import MAX_BYTES
from insight.sources._decode import decode
from insight.sources._layout import Layout
from insight.sources._recognise import recognise
from insight.sources._table import SEPARATORS, Table, parse
from insight.sources._workbook import sheet_below, workbook


@dataclass(frozen=True, slots=True)
class Opened:
    """A file's rows of text, in a known layout."""

    file: str
    layout: Layout
    table: Table
    encoding: str
    notes: tuple[str, ...]
    sheet: str = ""


def open_table(path: Path, layouts: Sequence[Layout]) -> Opened:
    """Open a file that is in one of these layouts.

    Raises
    ------
    SourceRefused
        If the file is too large, is in none of the layouts, or cannot be read as a table.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise SourceRefused(
            f"reading {shown(path.name)}",
            found=f"{size:,} bytes; published files are at most {MAX_BYTES:,}",
            todo="check that this is the publisher's file",
        )
    found = recognise(path, layouts)
    if found is None:
        raise SourceChanged(
            f"reading {shown(path.name)}",
            found="columns of no known layout",
            todo=f"the known layouts are: {', '.join(layout.name for layout in layouts)}",
        )
    notes = []
    if found.is_reordered:
        notes.append("columns in another order than the publisher's")
    if found.sheet:
        table = sheet_below(workbook(path), found.sheet, found.line)
        return Opened(path.name, found.layout, table, "workbook", tuple(notes), found.sheet)
    decoded = decode(path.read_bytes(), path.name)
    if found.separator != ",":
        notes.append(f"separated by {SEPARATORS[found.separator]}")
    if decoded.encoding == "CP1252":
        notes.append("not UTF-8: read as CP1252")
    table = parse(decoded.text, found.separator, path.name)
    return Opened(path.name, found.layout, table, decoded.encoding, tuple(notes))
