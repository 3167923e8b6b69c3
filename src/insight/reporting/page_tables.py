"""The tables of a finished page, read back from the page itself: nothing finer than what it publishes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote

from insight.core.missing import SYMBOLS, in_words

Value = str | float
_CSV = "data:text/csv"
# Of a chart's table that the page cuts short; its download, which is read here, is whole.
_CUT_SHORT = re.compile(r"The first \d+ of [\d,]+ rows; the download holds them all\.")
# What downloads.csv_text puts before a text that a spreadsheet would run.
_LED = re.compile(r"\A'(?= *[=+\-@\t\r\n＝＋－＠])")
_YEAR = re.compile(r"[12]\d{3}")


@dataclass(frozen=True)
class PageColumn:
    """A heading, and the decimals that the page prints; None where the cells are words, 0 without commas for a year."""

    label: str
    decimals: int | None
    is_period: bool = False


@dataclass(frozen=True)
class PageTable:
    """A table as a page publishes it.

    Parameters
    ----------
    name : str
        Of its download, without area, study and ending.
    chart, about : str
        Title and subtitle of the chart whose numbers these are; empty for a table of its own.
    rows : tuple of rows
        Numbers as in the download, of up to ten digits; a missing cell is the publisher's symbol or its reason.
    """

    name: str
    caption: str
    chart: str
    about: str
    columns: tuple[PageColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        """The publisher's symbols that stand in columns of numbers, each with its meaning."""
        numbers = [place for place, column in enumerate(self.columns) if column.decimals is not None]
        found = {row[place] for row in self.rows for place in numbers if isinstance(row[place], str)}
        return tuple(f"{symbol}: {in_words(SYMBOLS[symbol])}" for symbol in SYMBOLS if symbol in found)


def page_tables(html: str, *, prefix: str) -> tuple[PageTable, ...]:
    """Every table of a page that has a download, in the order of the page.

    Parameters
    ----------
    prefix : str
        How the names of the page's downloads begin: ``X06000001-getting_to_good-``.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return tuple(_table(found, prefix) for found in reader.found)


@dataclass
class _Found:
    """One download of a page, with what stands around it."""

    file: str
    address: str
    caption: str
    chart: str
    about: str
    heads: list[tuple[str, str]]
    rows: list[list[str]]
    notes: list[str]


@dataclass
class _Open:
    """What is known of the table that is being read."""

    caption: str = ""
    heads: list[tuple[str, str]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_over: bool = False


class _Reader(HTMLParser):
    """Collects tables and the downloads that follow them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[_Found] = []
        self._chart = self._about = ""
        self._table = _Open()
        self._texts: list[tuple[str, str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        css = given.get("class", "").split()
        if tag == "table":
            self._table = _Open()
        elif tag == "tr":
            self._table.rows.append([])
        elif tag == "figure":
            self._chart = self._about = ""
        elif tag == "a" and "download" in given and given.get("href", "").startswith(_CSV):
            self._take(given["download"], given["href"])
        if tag in ("caption", "th", "td", "p"):
            self._texts.append((tag, " ".join(css), []))

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._table.is_over = True
        elif tag == "figure":
            self._chart = self._about = ""
        if not self._texts or self._texts[-1][0] != tag:
            return
        _, css, pieces = self._texts.pop()
        text = "".join(pieces).strip()
        if tag == "caption":
            self._table.caption = text
        elif tag == "th" and len(self._table.rows) == 1:
            self._table.heads.append((text, css))
        elif tag in ("th", "td") and self._table.rows:
            self._table.rows[-1].append(text)
        elif tag == "p" and css == "chart-title":
            self._chart = text
        elif tag == "p" and css == "small" and self._table.is_over:
            self._table.notes.append(text)
        elif tag == "p" and css == "small" and self._chart and not self._table.heads:
            self._about = text

    def handle_data(self, data: str) -> None:
        if self._texts:
            self._texts[-1][2].append(data)

    def _take(self, file: str, address: str) -> None:
        shown = self._table
        notes = [note for note in shown.notes if not _CUT_SHORT.fullmatch(note)]
        chart = (self._chart, self._about)
        self.found.append(_Found(file, address, shown.caption, *chart, shown.heads, shown.rows[1:], notes))
        self._table = _Open()


def _table(found: _Found, prefix: str) -> PageTable:
    text = unquote(found.address.partition(",")[2], errors="replace").removeprefix("\ufeff")
    heads, *rows = csv.reader(io.StringIO(text, newline=""))
    cells = [[row[place] for row in rows] for place in range(len(heads))]
    shown = [[row[place] for row in found.rows if len(row) == len(heads)] for place in range(len(heads))]
    kinds = [css.split() for _, css in found.heads] + [[]] * len(heads)
    columns = tuple(
        _column(_LED.sub("", head), cells[place], shown[place], is_number="n" in kinds[place])
        for place, head in enumerate(heads)
    )
    return PageTable(
        name=found.file.removeprefix(prefix).removesuffix(".csv"),
        caption=found.caption,
        chart=found.chart,
        about=found.about,
        columns=columns,
        rows=tuple(tuple(map(_value, row, columns)) for row in rows),
        notes=tuple(found.notes),
    )


def _column(label: str, cells: Sequence[str], shown: Sequence[str], *, is_number: bool) -> PageColumn:
    if is_number:
        decimals = (len(text.partition(".")[2]) for text in shown if text.partition(".")[2].isdecimal())
        return PageColumn(label, max(decimals, default=0))
    is_period = bool(cells) and all(map(_YEAR.fullmatch, cells))
    return PageColumn(label, 0 if is_period else None, is_period)


def _value(text: str, column: PageColumn) -> Value:
    """A cell as it is meant: the apostrophe that keeps a text from running is of the CSV alone."""
    if column.decimals is not None:
        try:
            return float(text)
        except ValueError:
            pass
    return _LED.sub("", text)
