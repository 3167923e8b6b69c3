"""From a path to a recognised layout and its rows of text."""

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


@dataclass(frozen=True, slots=True)
class Opened:
    """A file's rows of text, in a known layout."""

    file: str
    layout: Layout
    table: Table
    encoding: str
    notes: tuple[str, ...]


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
    decoded = decode(path.read_bytes(), path.name)
    notes = []
    if found.separator != ",":
        notes.append(f"separated by {SEPARATORS[found.separator]}")
    if found.is_reordered:
        notes.append("columns in another order than the publisher's")
    if decoded.encoding == "CP1252":
        notes.append("not UTF-8: read as CP1252")
    table = parse(decoded.text, found.separator, path.name)
    return Opened(path.name, found.layout, table, decoded.encoding, tuple(notes))
