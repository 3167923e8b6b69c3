"""One accessible workbook for each area of a site: every table of its pages, and what was asked and found.

Made from the published pages alone, so it holds nothing that they do not. It follows the government's guidance on
accessible spreadsheets: a title in A1, one table to a sheet and marked as one, no merged or hidden cells, no blank
rows, no meaning in colour alone. There are no formulas and no links, and the same pages give the same bytes.

Analysis Function, *Releasing statistics in spreadsheets* (analysisfunction.civilservice.gov.uk).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from insight.core.html import SAMPLE_BANNER
from insight.reporting.page_tables import PageColumn, PageTable, Value

if TYPE_CHECKING:
    from insight.reporting.site import Summary

# A workbook says when it was made; this moment says nothing.
_MOMENT = datetime(2000, 1, 1)
_SHEET_NAME, _HEADING, _CELL = 31, 255, 32_000
_NARROWEST, _WIDEST, _NUMBER_WIDEST = 10, 60, 24
_MOST_FROZEN = 8
_CONTENTS = (
    "Question",
    "Status",
    "Finding",
    "Number",
    "Unit",
    "What it is",
    "Interval",
    "Verdict",
    "What it means",
    "What it does not show",
    "Sources and releases",
    "Sheets",
    "Page",
)
KEPT = "An earlier page stands: the last run failed."
OLD = "Its figures are more than one release old."
_AS_MADE = "As last made."
_RUN = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class PageNumbers:
    """One page of an area: what its record says, its tables, and the notices that it carries."""

    href: str
    title: str
    summary: Summary
    tables: tuple[PageTable, ...]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Sheet:
    name: str
    title: str
    lines: tuple[str, ...]
    columns: tuple[PageColumn, ...]
    rows: Sequence[Sequence[Value]]


def workbook(area_name: str, pages: Sequence[PageNumbers], *, is_sample: bool) -> bytes:
    """The numbers of one area as an xlsx file.

    Its first sheet says of each page what was asked and found, the second which files it rests on, the third what each
    further sheet holds.

    Parameters
    ----------
    area_name : str
        As the site's index has it.
    pages : sequence of PageNumbers
        In the order in which their tables follow one another.
    is_sample : bool
        Whether each sheet says that its numbers are invented.
    """
    from xlsxwriter import Workbook

    stream = io.BytesIO()
    words_alone = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    letters = {"font_name": "Arial", "font_size": 12}
    book = Workbook(stream, {"in_memory": True, "default_format_properties": letters, **words_alone})
    properties = {"title": f"{area_name}: the numbers behind its pages", "author": "insight", "created": _MOMENT}
    book.set_properties({**properties, "comments": "Every table of the area's pages. Language: English (en-GB)."})
    book.set_custom_property("Language", "en-GB", "text")
    banner = (SAMPLE_BANNER,) if is_sample else ()
    pen = _Pen(book)
    for sheet in _sheets(area_name, pages):
        pen.write(sheet, banner)
    book.close()
    return stream.getvalue()


def _sheets(area_name: str, pages: Sequence[PageNumbers]) -> Iterable[_Sheet]:
    named = _named(pages)
    yield _findings(area_name, pages, named)
    yield _sources(area_name, pages)
    yield _tables(area_name, named)
    for name, page, table in named:
        about = f"{area_name}. {page.summary.question}"
        chart = (f"The numbers behind the chart: {table.chart}",) if table.chart else ()
        signs = (f"Signs in place of a number: {'; '.join(table.symbols)}.",) if table.symbols else ()
        lines = (about, *page.notices, *(line for line in chart if line != table.caption), *filter(None, [table.about]))
        lines += (*table.notes, *signs)
        yield _Sheet(name, table.caption, lines, table.columns, table.rows)


def _named(pages: Sequence[PageNumbers]) -> list[tuple[str, PageNumbers, PageTable]]:
    """Each table with the name of its sheet, which begins with the page's number and its own."""
    return [
        (f"{number}.{place} {_plain(table.name)}"[:_SHEET_NAME].strip(), page, table)
        for number, page in enumerate(pages, start=1)
        for place, table in enumerate(page.tables, start=1)
    ]


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", " ", name).strip()


def _findings(
    area_name: str, pages: Sequence[PageNumbers], named: Sequence[tuple[str, PageNumbers, PageTable]]
) -> _Sheet:
    rows: list[Sequence[Value]] = []
    for page in pages:
        said, number = page.summary, page.summary.number
        verdict = said.verdict_words.short if said.verdict_words else said.verdict.replace("_", " ")
        sheets = [name.split(" ")[0] for name, of, _ in named if of is page]
        held = f"{sheets[0]} to {sheets[-1]}" if len(sheets) > 1 else "".join(sheets)
        figures = (_number(number.value), number.unit, number.of, number.interval) if number else ("", "", "", "")
        rows.append(
            (
                said.question or page.title,
                " ".join(page.notices) or _AS_MADE,
                said.words[0] if said.words else "",
                *figures,
                verdict,
                " ".join(said.words[1:]),
                " ".join(said.does_not_show),
                "; ".join(f"{source.title}, release {source.release}" for source in said.sources),
                held,
                page.href,
            )
        )
    lines = (
        "This sheet has one row for each page: what was asked, what was found, and what that does not show.",
        "Every further sheet holds one table, with its title in A1. The sheet named Tables lists them.",
        "Numbers are those of the pages' downloads. Where there is no number, a sign or words say why.",
    )
    title = f"{area_name}: the numbers behind its pages"
    columns = tuple(PageColumn(label, 2 if label == "Number" else None) for label in _CONTENTS)
    return _Sheet("Contents", title, lines, columns, rows)


def _number(text: str) -> Value:
    """The headline number as a number, where the page gives one."""
    try:
        return float(text.replace(",", "").replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return text


def _sources(area_name: str, pages: Sequence[PageNumbers]) -> _Sheet:
    from insight.reporting.site import all_sources

    labels = ("Source", "Publisher", "Release", "Published", "SHA-256 of the file")
    rows = [
        (source.title, source.publisher, source.release, source.published or "not recorded", source.sha256)
        for source in all_sources(page.summary for page in pages)
    ]
    lines = ("This sheet lists every published file that the pages rest on. A release is its newest period.",)
    columns = tuple(PageColumn(label, None) for label in labels)
    return _Sheet("Sources", f"{area_name}: the sources of these numbers", lines, columns, rows)


def _tables(area_name: str, named: Sequence[tuple[str, PageNumbers, PageTable]]) -> _Sheet:
    columns = (*(PageColumn(label, None) for label in ("Sheet", "Table", "Question")), PageColumn("Rows", 0))
    rows = [(name, table.caption, page.summary.question, float(len(table.rows))) for name, page, table in named]
    lines = ("This sheet lists the sheets that follow, in their order.",)
    return _Sheet("Tables", f"{area_name}: what each sheet holds", lines, columns, rows)


class _Pen:
    """Writes sheets of one form: title, lines, table."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def _as(self, **given: Any) -> Any:
        key = tuple(sorted(given.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(given)
        return self._formats[key]

    def write(self, sheet: _Sheet, banner: Sequence[str]) -> None:
        """One sheet with its one table."""
        page = self._book.add_worksheet(sheet.name)
        page.hide_gridlines(0)
        self._text(page, 0, 0, sheet.title, bold=True, font_size=16)
        lines = (*banner, *sheet.lines)
        for row, line in enumerate(lines, start=1):
            self._text(page, row, 0, line, bold=line in banner)
        top = len(lines) + 1
        headings = _headings(sheet.columns)
        rows = sheet.rows or [("No rows.", *[""] * (len(headings) - 1))]
        head = self._as(bold=True, text_wrap=True, valign="top", bottom=1)
        page.add_table(
            top,
            0,
            top + len(rows),
            len(headings) - 1,
            {
                "columns": [{"header": heading, "header_format": head} for heading in headings],
                "style": None,
                "autofilter": False,
                "banded_rows": False,
                "title": _cut(sheet.title, _HEADING),
                "description": _cut(sheet.title, _HEADING),
            },
        )
        for row, cells in enumerate(rows, start=top + 1):
            for place, (cell, column) in enumerate(zip(cells, sheet.columns, strict=True)):
                self._cell(page, row, place, cell, column)
        for place, column in enumerate(sheet.columns):
            page.set_column(place, place, _width(headings[place], [cells[place] for cells in rows], column))
        if top < _MOST_FROZEN:
            page.freeze_panes(top + 1, 0)

    def _cell(self, page: Any, row: int, place: int, cell: Value, column: PageColumn) -> None:
        if isinstance(cell, float):
            shown = "0" if column.is_period else f"#,##0{'.' if column.decimals else ''}{'0' * (column.decimals or 0)}"
            page.write_number(row, place, cell, self._as(num_format=shown, valign="top"))
        elif cell:
            aside = {"align": "right"} if column.decimals is not None else {}
            self._text(page, row, place, cell, valign="top", text_wrap=True, **aside)

    def _text(self, page: Any, row: int, place: int, text: str, **form: Any) -> None:
        # Kept as words even by a reader who steps into the cell and leaves it again.
        led = {"quote_prefix": True} if text.lstrip().startswith(_RUN) else {}
        page.write_string(row, place, _safe(_cut(text, _CELL)), self._as(num_format="@", **form, **led))


def _headings(columns: Sequence[PageColumn]) -> list[str]:
    """One line each, and no two alike, as a spreadsheet wants the headings of a table."""
    made: list[str] = []
    for place, column in enumerate(columns, start=1):
        plain = _safe(_cut(" ".join(column.label.split()) or f"Column {place}", _HEADING - 10))
        taken = {heading.casefold() for heading in made}
        again = (f"{plain} ({number})" for number in range(2, len(columns) + 2))
        made.append(plain if plain.casefold() not in taken else next(h for h in again if h.casefold() not in taken))
    return made


def _safe(text: str) -> str:
    """A text that the writer does not take for ready-made XML, as it does what begins and ends with a run's tags."""
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 30]} (cut; the page has the rest)"


def _width(heading: str, cells: Sequence[Value], column: PageColumn) -> float:
    """Room for what is printed; longer words go on below."""
    if column.decimals is not None:
        widest = max(len(cell) if isinstance(cell, str) else len(f"{cell:,.{column.decimals}f}") for cell in cells)
        return float(min(max(widest + 3, len(heading) // 2 + 2, _NARROWEST), _NUMBER_WIDEST))
    widest = max(len(str(cell)) for cell in cells)
    return float(min(max(widest + 2, min(len(heading) + 2, _NUMBER_WIDEST), _NARROWEST), _WIDEST))
