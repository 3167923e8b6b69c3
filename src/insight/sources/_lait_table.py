"""The interactive tool's long table, column by column: 641,070 rows are too many for one object each."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from insight.core.area import shown
from insight.errors import NotTabular, SourceChanged, SourceRefused, UnreadableText
from insight.sources._content import MAX_BYTES
from insight.sources._decode import decode
from insight.sources._layout import Layout, without_blank_end
from insight.sources._recognise import Recognised, recognise
from insight.sources._table import SEPARATORS, split_line

if TYPE_CHECKING:
    import pyarrow as pa

MEASURE, YEARS, VALUES, NUMBER, NAME, REGION = (
    "Short Desc",
    "Years",
    "Values",
    "LA Number",
    "LA and Regions",
    "Region",
)
COLUMNS = (MEASURE, "Data item", YEARS, NAME, VALUES, NUMBER, REGION)
# Parquet packs equal rows into almost nothing, so that a small file may hold more than memory does.
MOST_ROWS = 20_000_000
_ROW = re.compile(r"Row #([0-9]+)")
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Coded:
    """A column as its different texts, and for each row the place of its own among them."""

    texts: tuple[str, ...]
    codes: NDArray[np.intp]


@dataclass(frozen=True)
class LongTable:
    """The columns of one file. Messages count its rows from 1, without the header."""

    file: str
    layout: Layout
    columns: dict[str, Coded]
    rows: int
    encoding: str
    notes: tuple[str, ...]


def read_long_table(path: Path, layouts: Sequence[Layout]) -> LongTable:
    """A file in one of these layouts, as Parquet or as text.

    Raises
    ------
    SourceRefused
        If it is too large, in none of the layouts, cannot be read, or a cell that must be filled is empty.
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
    notes = ["columns in another order than the publisher's"] if found.is_reordered else []
    if found.separator not in ("", ","):
        notes.append(f"separated by {SEPARATORS[found.separator]}")
    table, encoding = _text_table(path, found) if found.separator else (_parquet_table(path), "Parquet")
    if not table.num_rows:
        _refuse(path.name, "no rows below the header", "the download was probably cut off")
    columns = {name: _coded(table, name, path.name) for name in (MEASURE, YEARS, VALUES, NUMBER, NAME, REGION)}
    return LongTable(path.name, found.layout, columns, table.num_rows, encoding, tuple(notes))


def _parquet_table(path: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            rows = int(file.metadata.num_rows)
            if rows <= MOST_ROWS:
                # No threads: whoever forks this process later must find none.
                return file.read(columns=list(COLUMNS), use_threads=False)
    except (OSError, pa.ArrowException) as fault:
        raise NotTabular(
            f"reading {shown(path.name)}",
            found=f"a Parquet file that cannot be read ({type(fault).__name__})",
            todo="download it again: it was probably cut off",
        ) from None
    raise SourceRefused(
        f"reading {shown(path.name)}",
        found=f"{rows:,} rows; the tool's table has less than a million",
        todo="check that this is the publisher's file",
    )


def _text_table(path: Path, found: Recognised) -> tuple[pa.Table, str]:
    """A text file as a table of text; every row as long as the header."""
    import pyarrow as pa
    from pyarrow import csv

    decoded = decode(path.read_bytes(), path.name)
    if "\0" in decoded.text:
        _refuse(path.name, "a NUL character", "the file is damaged")
    header = split_line(_LINE_END.split(decoded.text, maxsplit=1)[0], found.separator)
    # Named by position: blank columns that trailing separators make have no names of their own.
    names = [str(position) for position in range(len(header))]
    try:
        table = csv.read_csv(
            io.BytesIO(decoded.text.encode("utf-8")),
            read_options=csv.ReadOptions(use_threads=False, column_names=names, skip_rows=1, block_size=1 << 24),
            parse_options=csv.ParseOptions(delimiter=found.separator),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as fault:
        # Arrow's own words print the row.
        row = _ROW.search(str(fault))
        where = f"row {row[1]}: " if row else ""
        _refuse(path.name, f"{where}more or fewer cells than the header, or an unclosed quote", "download it again")
    named = without_blank_end(header)
    return table.select(names[: len(named)]).rename_columns(list(named)), decoded.encoding


def _coded(table: pa.Table, name: str, file: str) -> Coded:
    """One column; a number is written without a point."""
    import pyarrow.compute as pc

    column = table[name]
    if column.null_count:
        row = int(pc.index(pc.is_null(column), True).as_py())
        _refuse(file, f"row {row + 1}: nothing in the column {name}", "use the publisher's file as it was issued")
    coded = column.combine_chunks().dictionary_encode()
    texts = tuple(_text(value) for value in coded.dictionary.to_pylist())
    return Coded(texts, coded.indices.to_numpy(zero_copy_only=False).astype(np.intp))


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())


def _refuse(file: str, found: str, todo: str) -> NoReturn:
    raise UnreadableText(f"reading {shown(file)}", found=found, todo=todo)
