"""Payloads as the templates need them: every number already in words, every download already made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from insight.core.display import cell_text
from insight.core.missing import in_words
from insight.reporting.downloads import csv_address, file_name
from insight.reporting.payloads import Cell, ColumnContent, Missing, TableContent
from insight.reporting.record import EstimateRecord, FindingRecord, VerdictWordsRecord

_LONG_WORD = 30
_SHORT_TEXT, _WIDE_TEXT = 12, 40
_BAR = 300.0
# The twin of a cloud of points would outweigh the page; its download holds every row.
_MOST_TWIN_ROWS, _FIRST_CELLS = 60, 60


class CellView(NamedTuple):
    """A cell: its text and its classes; a tuple, which a template takes apart in one step.

    ``n`` number, ``m`` missing, ``short`` text kept on one line, ``w`` text that needs room, ``long`` text
    without a place to break.
    """

    text: str
    css: str


@dataclass(frozen=True)
class TableView:
    """A table with the name of its region, its download, and its cells in words: a row's first, then its others."""

    label: str
    caption: str
    heads: tuple[CellView, ...]
    rows: tuple[tuple[CellView, tuple[CellView, ...]], ...]
    notes: tuple[str, ...]
    csv_address: str
    csv_name: str


@dataclass(frozen=True)
class NumberView:
    """The headline number with its unit and interval, or the reason why there is none."""

    value: str
    unit: str
    of: str
    interval: str
    rests_on: str
    bar: BarView | None


@dataclass(frozen=True)
class BarView:
    """The interval as a picture 300 wide: where it starts and ends, the value, and no difference where there is one."""

    low: float
    high: float
    value: float
    null: float | None


@dataclass(frozen=True)
class FindingView:
    """What the first screen says."""

    lead: str
    meaning: tuple[str, ...]
    number: NumberView
    verdict: VerdictWordsRecord
    does_not_show: tuple[str, ...]


def table_view(table: TableContent, *, number: int, file_parts: tuple[str, ...], twin: bool = False) -> TableView:
    """A table in words.

    Parameters
    ----------
    number : int
        Its place among the tables (or, for the twin of a chart, among the charts) of the page.
    file_parts : tuple of str
        What its download is named after.
    """
    rows, notes = table.rows, table.notes
    if twin and len(rows) > _MOST_TWIN_ROWS:
        first = max(5, _FIRST_CELLS // len(table.columns))
        notes = (f"The first {first} of {len(rows):,} rows; the download holds them all.", *notes)
        rows = rows[:first]
    return TableView(
        label=f"{'Numbers of chart' if twin else 'Table'} {number}: {table.caption}",
        caption=table.caption,
        heads=tuple(CellView(column.label, "n" if column.kind == "number" else "") for column in table.columns),
        rows=tuple(_row(row, table.columns) for row in rows),
        notes=notes,
        csv_address=csv_address(table),
        csv_name=file_name((*file_parts, table.name), ".csv"),
    )


def _row(row: tuple[Cell, ...], columns: tuple[ColumnContent, ...]) -> tuple[CellView, tuple[CellView, ...]]:
    first, *rest = (_cell(cell, column) for cell, column in zip(row, columns, strict=True))
    return first, tuple(rest)


def _cell(cell: Cell, column: ColumnContent) -> CellView:
    if isinstance(cell, Missing):
        words = in_words(cell.status)
        return CellView(f"{cell.symbol}: {words}" if cell.symbol else words, "m n" if column.kind == "number" else "m")
    if isinstance(cell, str):
        return CellView(cell, _room(cell))
    # A year is a name and not a quantity: set to the left, and no comma between its thousands.
    return CellView(str(cell), "") if column.kind == "period" else CellView(cell_text(cell, column.decimals), "n")


def _room(text: str) -> str:
    if len(text) <= _SHORT_TEXT:
        return "short" if set(text) & {" ", "-"} else ""
    if max(map(len, text.split()), default=0) > _LONG_WORD:
        return "long"
    return "w" if len(text) > _WIDE_TEXT else ""


def finding_view(record: FindingRecord) -> FindingView:
    """The first screen of a finding."""
    return FindingView(
        lead=record.words[0],
        meaning=record.words[1:],
        number=_number(record.headline_estimate),
        verdict=record.verdict_words,
        does_not_show=record.does_not_show,
    )


def _number(estimate: EstimateRecord | None) -> NumberView:
    if estimate is None:
        return NumberView("No number", "", "", "None could be estimated.", "", None)
    rests_on = _rests_on(estimate)
    if estimate.value is None:
        return NumberView("No number", "", estimate.term, f"Why: {estimate.method}", rests_on, None)
    value = cell_text(estimate.value, estimate.decimals)
    if estimate.low is None or estimate.high is None:
        return NumberView(
            value, estimate.unit, estimate.term, "No interval can be given for this number.", rests_on, None
        )
    low, high = (cell_text(end, estimate.decimals) for end in (estimate.low, estimate.high))
    interval = f"{estimate.level:.0%} interval: {low} to {high}"
    return NumberView(value, estimate.unit, estimate.term, interval, rests_on, _bar(estimate))


def _rests_on(estimate: EstimateRecord) -> str:
    counts = ((estimate.n_rows, "rows"), (estimate.n_authorities, "authorities"))
    said = [f"{count:,} {what}" for count, what in counts if count is not None]
    return f"Rests on {' of '.join(said)}." if said else ""


def _bar(estimate: EstimateRecord) -> BarView | None:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    ends = [estimate.low, estimate.high] + ([] if estimate.null is None else [estimate.null])
    least, width = min(ends), max(ends) - min(ends)
    if width <= 0:
        return None

    def place(number: float) -> float:
        return round(_BAR * (0.08 + 0.84 * (number - least) / width), 1)

    null = None if estimate.null is None else place(estimate.null)
    return BarView(place(estimate.low), place(estimate.high), place(estimate.value), null)
