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
_SHORT_TEXT, _SOME_TEXT, _WIDE_TEXT = 12, 24, 40
# Of the bar, in percent: beside its outermost places, for two numbers, and for a word beside its start.
_MARGIN, _ROOM_FOR_TWO, _NEAR_START = 10, 30, 30
_FITS = "The data fit every value in it, those near the dot best."
# The twin of a cloud of points would outweigh the page; its download holds every row.
_MOST_TWIN_ROWS, _MOST_TWIN_CELLS, _FIRST_CELLS = 60, 300, 60
_MOST_ROWS, _MOST_COLUMNS = 20, 10


class CellView(NamedTuple):
    """A cell: its text and its classes; a tuple, which a template takes apart in one step.

    ``n`` number, ``m`` missing, ``h`` long heading, ``short`` text kept on one line, ``s`` and ``w``
    text that needs some or much room, ``long`` text without a place to break.
    """

    text: str
    css: str


@dataclass(frozen=True)
class TableView:
    """A table with the name of its region, its download, and its cells in words: a row's first, then its others.

    ``folded`` is what a reader sees of a table that is for looking up rather than for reading; empty for the others.
    """

    label: str
    caption: str
    heads: tuple[CellView, ...]
    rows: tuple[tuple[CellView, tuple[CellView, ...]], ...]
    notes: tuple[str, ...]
    csv_address: str
    csv_name: str
    folded: str


@dataclass(frozen=True)
class NumberView:
    """The headline number with its unit and interval, in words too, or the reason why there is none."""

    value: str
    unit: str = ""
    of: str = ""
    interval: str = ""
    in_words: str = ""
    rests_on: str = ""
    bar: BarView | None = None


@dataclass(frozen=True)
class TickView:
    """A place on the bar, in percent of its width, with its words and the side of the place that they stand on."""

    at: float
    text: str = ""
    anchor: str = "middle"


@dataclass(frozen=True)
class BarView:
    """The interval as a picture: its two ends, the value, and no difference where there is one.

    An interval without an end on one side runs out of the picture there, and the tick on that side has no words.
    """

    low: TickView
    high: TickView
    value: float
    null: TickView | None


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
    if twin and (len(rows) > _MOST_TWIN_ROWS or len(rows) * len(table.columns) > _MOST_TWIN_CELLS):
        first = max(5, _FIRST_CELLS // len(table.columns))
        notes = (f"The first {first} of {len(rows):,} rows; the download holds them all.", *notes)
        rows = rows[:first]
    return TableView(
        label=f"{'Numbers of chart' if twin else 'Table'} {number}: {table.caption}",
        caption=table.caption,
        heads=tuple(_head(column) for column in table.columns),
        rows=tuple(_row(row, table.columns) for row in rows),
        notes=notes,
        csv_address=csv_address(table),
        csv_name=file_name((*file_parts, table.name), ".csv"),
        folded="" if twin else _folded(table),
    )


def _folded(table: TableContent) -> str:
    """A summary for a table too long or too broad to read through on the way to what comes after it."""
    rows = len(table.rows)
    is_long = rows > _MOST_ROWS or len(table.columns) > _MOST_COLUMNS
    return f"{table.caption}: {rows:,} {'row' if rows == 1 else 'rows'}" if is_long else ""


def _head(column: ColumnContent) -> CellView:
    kinds = ("n" if column.kind == "number" else "", "h" if len(column.label) > _SOME_TEXT else "")
    return CellView(column.label, " ".join(filter(None, kinds)))


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
    return "w" if len(text) > _WIDE_TEXT else "s" if len(text) > _SOME_TEXT else ""


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
        return NumberView("No number", interval="None could be estimated.")
    rests_on = _rests_on(estimate)
    if estimate.value is None:
        return NumberView("No number", of=estimate.term, interval=f"Why: {estimate.method}", rests_on=rests_on)
    decimals = estimate.decimals
    bar = _bar(estimate, decimals)
    return NumberView(
        value=cell_text(estimate.value, decimals),
        unit=estimate.unit,
        of=estimate.term,
        interval=_interval(estimate, decimals),
        in_words=_what_it_says(estimate),
        rests_on=rests_on,
        bar=bar,
    )


def _what_it_says(estimate: EstimateRecord) -> str:
    """How to read the interval; where there is none, the part of the method that says why."""
    if estimate.low is not None and estimate.high is not None:
        return _FITS
    if estimate.low is not None or estimate.high is not None:
        return ""
    why = [clause.strip() for clause in estimate.method.split(";") if "interval" in clause]
    return f"{why[0][:1].upper()}{why[0][1:]}." if why else ""


def _interval(estimate: EstimateRecord, decimals: int) -> str:
    low, high = (None if end is None else cell_text(end, decimals) for end in (estimate.low, estimate.high))
    if low is None and high is None:
        return "No interval can be given for this number"
    said = f"{low} to {high}" if low and high else f"{low} or more" if low else f"{high} or less"
    return f"{estimate.level:.0%} interval: {said}"


def _rests_on(estimate: EstimateRecord) -> str:
    counts = ((estimate.n_rows, "rows"), (estimate.n_authorities, "authorities"))
    said = [f"{count:,} {what}" for count, what in counts if count is not None]
    return f"Rests on {' of '.join(said)}." if said else ""


def _bar(estimate: EstimateRecord, decimals: int) -> BarView | None:
    value, low, high, null = estimate.value, estimate.low, estimate.high, estimate.null
    if value is None or (low is None and high is None):
        return None
    # Where an end is open, the picture shows as much on that side as the other has.
    drawn = [2 * value - high if low is None and high is not None else low]
    drawn.append(2 * value - low if high is None and low is not None else high)
    known = [number for number in (value, *drawn, null) if number is not None]
    least, width = min(known), max(known) - min(known)
    if width <= 0:
        return None

    def place(number: float) -> float:
        return round(_MARGIN + (100 - 2 * _MARGIN) * (number - least) / width, 1)

    start, end = 0.0 if low is None else place(low), 100.0 if high is None else place(high)
    # Two numbers that would run into each other are left to the sentence below.
    has_room = end - start >= _ROOM_FOR_TWO
    return BarView(
        low=TickView(start, cell_text(low, decimals) if low is not None and has_room else ""),
        high=TickView(end, cell_text(high, decimals) if high is not None and has_room else ""),
        value=place(value),
        null=None if null is None else TickView(place(null), "no difference", _anchor(place(null))),
    )


def _anchor(at: float) -> str:
    """The side of a place on which a long word has room."""
    return "start" if at < _NEAR_START else "end" if at > 100 - _NEAR_START else "middle"
