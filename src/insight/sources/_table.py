"""From text to cells, strictly: every row as long as the header, every quote closed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from insight.core.area import shown
from insight.errors import UnreadableText

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes"}
# How a publisher begins a line that is not data. Anything else below the table is refused.
_FOOTNOTES = ("source", "note", "footnote", "crown copyright", "©")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, and the line on which it begins."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows; blank lines and footnotes are counted, never kept as rows."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    blank_lines: int = 0
    footnotes: int = 0


def split_line(line: str, separator: str) -> tuple[str, ...]:
    """One line's cells, for a look at a header; never refuses."""
    try:
        return tuple(next(csv.reader([line], delimiter=separator), []))
    except csv.Error:
        return ()


def parse(text: str, separator: str, file: str) -> Table:
    """A whole text as a table.

    Blank columns at the end of the header, which a trailing separator makes, fall away if all their cells are blank.

    Raises
    ------
    UnreadableText
        For a NUL, an unclosed quote, a row longer or shorter than the header, a second header, a record below the
        footnotes, or no rows at all; each with its line.
    """
    if "\0" in text:
        _refuse(file, 1 + text.count("\n", 0, text.index("\0")), "a NUL character", "the file is damaged")
    header: tuple[str, ...] | None = None
    rows: list[Row] = []
    blank = footnotes = 0
    for row in _rows(text, separator, file):
        if header is None:
            header = row.cells
        elif not any(cell.strip() for cell in row.cells):
            blank += 1
        elif _is_footnote(row.cells):
            footnotes += 1
        elif footnotes:
            _refuse(file, row.line, "a record below the footnotes", "the file is two tables, or was put together")
        else:
            _require_shape(row, header, file)
            rows.append(row)
    if header is None or not rows:
        _refuse(file, 1, "no rows below the header", "the download was probably cut off")
    return _without_blank_columns(Table(header, tuple(rows), blank, footnotes), file)


def _rows(text: str, separator: str, file: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            yield Row(line, tuple(cells))
            line = reader.line_num + 1
    except csv.Error as fault:
        # The csv module's own words hold no cell, only what is wrong with one.
        _refuse(file, line, f"a row that cannot be read: {fault}", "an unclosed quote, or the file was cut off")


def _is_footnote(cells: tuple[str, ...]) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) == 1 and cells[0].strip() == filled[0] and filled[0].casefold().startswith(_FOOTNOTES)


def _require_shape(row: Row, header: tuple[str, ...], file: str) -> None:
    if len(row.cells) != len(header):
        found = f"{len(row.cells)} cells where the header has {len(header)}"
        _refuse(file, row.line, found, "a separator or a quote is missing, or the file was cut off")
    if row.cells == header:
        _refuse(file, row.line, "the header once more", "two files were put together")


def _without_blank_columns(table: Table, file: str) -> Table:
    width = len(table.header)
    while width and not table.header[width - 1].strip():
        width -= 1
    for row in table.rows:
        if any(cell.strip() for cell in row.cells[width:]):
            _refuse(file, row.line, "a cell in a column without a name", "name the column, or take it out")
    rows = tuple(Row(row.line, row.cells[:width]) for row in table.rows)
    return Table(table.header[:width], rows, table.blank_lines, table.footnotes)


def _refuse(file: str, line: int, found: str, cause: str) -> NoReturn:
    raise UnreadableText(
        f"reading {shown(file)}", found=f"line {line}: {found}", todo=f"{cause}: download it again or mend that line"
    )
