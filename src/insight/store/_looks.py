"""What a file looks like that no source knows, and which layout is nearest; no cell of it is printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from insight.core.first_bytes import head_of, is_web_page
from insight.sources import Layout, all_sources
from insight.sources._content import WORKBOOK_NAMES, Content, content_of
from insight.sources._decode import decode_head
from insight.sources._ees import GEOGRAPHY
from insight.sources._layout import without_blank_end
from insight.sources._table import SEPARATORS, split_line
from insight.sources._workbook import header_text, workbook

_TITLE_ROWS = 12
_LISTED = 12
_LETTER = re.compile(r"[A-Za-z]{2}")
_LINES = re.compile(r"\r\n|\r|\n")
Header = tuple[str, ...]


def describe_unknown(path: Path) -> Iterator[tuple[str, str]]:
    """Labelled facts of a file that is of no source.

    The first line of a file without a header is somebody's record. So the only columns that are named are those of the
    layouts that are known here; everything else is counted.
    """
    head = head_of(path)
    content = content_of(head)
    if content is Content.TEXT:
        yield from _of_text(path, head)
    elif content is Content.PARQUET:
        yield from _of_parquet(path)
    elif content is Content.ARCHIVE and path.suffix.lower() in WORKBOOK_NAMES:
        yield from _of_workbook(path)
    else:
        yield "what it is", _in_words(content, head)


def _in_words(content: Content, head: bytes) -> str:
    if content is Content.WEB_PAGE and not is_web_page(head):
        return "an XML file, perhaps a census return; nothing here reads it"
    words = {
        Content.ARCHIVE: "a zip archive: unpack it and check the files in it",
        Content.BINARY: "a file that is no text",
        Content.COMPRESSED: "a file packed with gzip, perhaps R data",
    }
    return words.get(content, content.value)


def _of_text(path: Path, head: bytes) -> Iterator[tuple[str, str]]:
    lines = [line for line in _LINES.split(decode_head(head))[: _TITLE_ROWS + 1] if line.strip()]
    split = {mark: [without_blank_end(split_line(line, mark)) for line in lines[:_TITLE_ROWS]] for mark in SEPARATORS}
    mark = max(split, key=lambda each: max(map(len, split[each]), default=0))
    widest = max(map(len, split[mark]), default=0)
    if widest < 2:
        yield "what it is", "text that is no table: no line has two columns"
        return
    yield "what it is", f"a table of text, {widest:,} columns separated by {SEPARATORS[mark]}"
    with path.open("rb") as file:
        yield "lines", f"{sum(1 for _ in file):,}"
    yield from _nearest(split[mark], [layout for layout in _layouts() if not layout.sheet])


def _of_parquet(path: Path) -> Iterator[tuple[str, str]]:
    import pyarrow.parquet as pq

    facts = pq.read_metadata(path)
    yield "what it is", f"a Parquet file of {facts.num_columns:,} columns and {facts.num_rows:,} rows"
    yield from _nearest([tuple(facts.schema.to_arrow_schema().names)], [each for each in _layouts() if not each.sheet])


def _of_workbook(path: Path) -> Iterator[tuple[str, str]]:
    sheets = workbook(path).sheets
    yield "what it is", f"a workbook of {_counted(len(sheets), 'worksheet')}"
    for number, rows in enumerate(sheets.values(), start=1):
        yield (
            f"worksheet {number}",
            f"{_counted(len(rows), 'row')}, {_counted(max(map(len, rows), default=0), 'column')}",
        )
    headers = [tuple(map(header_text, row)) for rows in sheets.values() for row in rows[:_TITLE_ROWS]]
    yield from _nearest(headers, _layouts())


def _layouts() -> list[Layout]:
    return [layout for module in all_sources().values() for layout in module.LAYOUTS]


def _nearest(headers: Sequence[Header], layouts: Iterable[Layout]) -> Iterator[tuple[str, str]]:
    """The layout that shares most columns with one of the lines, and how they differ."""
    known = list(layouts)
    found = max(
        ((_shared(layout, header), layout.nearness(header), layout, header) for layout in known for header in headers),
        key=lambda each: each[:2],
        default=None,
    )
    if any(set(GEOGRAPHY[:3]) <= set(header) for header in headers):
        yield "convention", "its first columns are those of Explore Education Statistics"
    if found is None or found[0] < 2:
        yield "nearest layout", "none: it shares no two columns of figures with a file that is known here"
        return
    shared, _, layout, header = found
    own = _figures(layout)
    here = {_plain(name) for name in header}
    yield "nearest layout", f"{layout.name!r}: {shared} of its {len(own)} columns of figures are here"
    yield "columns it lacks", _listed([name for name in layout.columns if _plain(name) in own - here])
    others = len({name for name in here if name} - {_plain(name) for name in layout.columns})
    yield "other columns", f"{others:,}, not named here: what looks like a header may be somebody's record"


def _figures(layout: Layout) -> set[str]:
    """The columns that say what is counted. Numbers are no names: a record is full of them."""
    where = set(layout.geography)
    return {_plain(name) for name in layout.columns if name not in where and _LETTER.search(name)}


def _shared(layout: Layout, header: Header) -> int:
    return len(_figures(layout) & {_plain(name) for name in header})


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more if names else "none"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count != 1 else ''}"
