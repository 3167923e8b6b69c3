"""Which layout a file is in, by its columns and never by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from insight.core.area import shown
from insight.core.first_bytes import head_of
from insight.errors import DuplicateKey, NotTabular, SourceChanged, UnreadableText
from insight.sources._content import WORKBOOK_NAMES, Content, content_of, require_table
from insight.sources._decode import decode_head
from insight.sources._layout import Layout, repeated, without_blank_end
from insight.sources._table import SEPARATORS, split_line
from insight.sources._workbook import header_text, workbook

_LINES = re.compile(r"\r\n|\r|\n")
_ANY_SEPARATOR = re.compile("[" + re.escape("".join(SEPARATORS)) + "]")
_TITLE_ROWS = 12


@dataclass(frozen=True, slots=True)
class Recognised:
    """A layout, how the file separates its cells, and whether its columns stand in another order.

    ``sheet`` and ``line`` say where the header of a workbook stands; text and Parquet have it first.
    """

    layout: Layout
    separator: str
    is_reordered: bool
    sheet: str = ""
    line: int = 1


def recognise(path: Path, layouts: Sequence[Layout]) -> Recognised | None:
    """The layout of a file, or None for a file that resembles no layout.

    Only the beginning of the file is read.

    Raises
    ------
    NotTabular
        If the bytes are not what the name promises.
    SourceChanged
        If the header resembles a layout without equalling it, or stands below title rows.
    DuplicateKey
        If a column stands twice.
    UnreadableText
        If the header is separated in two ways.
    """
    head = head_of(path)
    content = content_of(head)
    require_table(path, content)
    if content is Content.PARQUET:
        return _in_parquet(path, layouts)
    if content is Content.ARCHIVE and path.suffix.lower() in WORKBOOK_NAMES:
        return _in_workbook(path, [layout for layout in layouts if layout.sheet])
    if content is not Content.TEXT:
        return None
    layouts = [layout for layout in layouts if not layout.sheet]
    lines = _LINES.split(decode_head(head), maxsplit=_TITLE_ROWS)[:_TITLE_ROWS]
    found = _exact(lines[0], layouts, path.name)
    if found:
        return found
    for number, line in enumerate(lines, start=1):
        _require_unlike(line, number, layouts, path.name)
    return None


def _in_parquet(path: Path, layouts: Sequence[Layout]) -> Recognised | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        header = tuple(pq.read_schema(path).names)
    except (OSError, pa.ArrowException) as fault:
        raise NotTabular(
            f"reading {shown(path.name)}",
            found=f"a Parquet file that cannot be read ({type(fault).__name__})",
            todo="download it again: it was probably cut off",
        ) from None
    for layout in layouts:
        if not layout.sheet and layout.equals(header):
            return Recognised(layout, "", _is_reordered(header, layout))
    _require_unlike_header(header, 1, [layout for layout in layouts if not layout.sheet], path.name)
    return None


def _in_workbook(path: Path, layouts: Sequence[Layout]) -> Recognised | None:
    """The first layout, in their order, that stands on a worksheet whose name fits."""
    sheets = {
        name: [tuple(map(header_text, row)) for row in rows[:_TITLE_ROWS]]
        for name, rows in workbook(path).sheets.items()
    }
    for layout in layouts:
        for name, rows in sheets.items():
            for line, header in enumerate(rows, start=1):
                if re.fullmatch(layout.sheet, name) and layout.equals(header):
                    return Recognised(layout, "", _is_reordered(without_blank_end(header), layout), name, line)
    for name, rows in sheets.items():
        fitting = [layout for layout in layouts if re.fullmatch(layout.sheet, name)]
        for line, header in enumerate(rows, start=1):
            _require_unlike_header(header, line, fitting, path.name, is_below_titles=False)
    return None


def _exact(line: str, layouts: Sequence[Layout], file: str) -> Recognised | None:
    for separator in SEPARATORS:
        header = split_line(line, separator)
        for layout in layouts:
            if layout.equals(header):
                named = without_blank_end(header)
                twice = [] if layout.is_positional else repeated(named)
                if twice:
                    _refuse_repeated(file, twice)
                return Recognised(layout, separator, _is_reordered(named, layout))
    return None


def _is_reordered(header: tuple[str, ...], layout: Layout) -> bool:
    """Whether the layout's columns stand in another order; further columns between them do not count."""
    own = set(layout.columns)
    return list(dict.fromkeys(name for name in header if name in own)) != list(dict.fromkeys(layout.columns))


def _require_unlike(line: str, number: int, layouts: Sequence[Layout], file: str) -> None:
    """Refuse a line that is nearly a header; everything else belongs to a file that is not ours."""
    for separator in SEPARATORS:
        _require_unlike_header(split_line(line, separator), number, layouts, file)
    mixed = tuple(_ANY_SEPARATOR.split(line))
    if any(layout.equals(mixed) or layout.resembles(mixed) for layout in layouts):
        used = [words for mark, words in SEPARATORS.items() if mark in line]
        raise UnreadableText(
            f"reading {shown(file)}",
            found=f"line {number}: a header separated by {' and by '.join(used)}",
            todo="download the file again, or save it with one separator throughout",
        )


def _require_unlike_header(
    header: tuple[str, ...], number: int, layouts: Sequence[Layout], file: str, *, is_below_titles: bool = True
) -> None:
    near = [layout for layout in layouts if layout.equals(header) or layout.resembles(header)]
    if near:
        closest = max(near, key=lambda layout: layout.nearness(header))
        twice = [] if closest.is_positional else repeated(name for name in header if name.strip())
        if twice:
            _refuse_repeated(file, twice)
        _refuse_changed(file, closest, header, number if is_below_titles else 1)


def _refuse_changed(file: str, layout: Layout, header: tuple[str, ...], number: int) -> NoReturn:
    found = layout.difference(header)
    todo = "use the file as issued; if the publisher has changed it, add the new layout beside the old one"
    if number > 1:
        found = f"the header on line {number}, below title rows"
        todo = "take out the lines above the header, or use the file as issued"
    raise SourceChanged(f"reading {shown(file)} as {layout.name!r}", found=_printable(found), todo=todo)


def _printable(text: str) -> str:
    clean = " ".join("".join(mark for mark in text if mark.isprintable()).split())
    return clean if len(clean) <= 600 else clean[:599] + "…"


def _refuse_repeated(file: str, twice: list[str]) -> NoReturn:
    raise DuplicateKey(
        f"reading {shown(file)}",
        found=f"more than one column called {', '.join(repr(shown(name)) for name in twice)}",
        todo="use the publisher's file as it was issued: nothing says which of the columns is meant",
    )
