"""Files in the convention of Explore Education Statistics: one row per place and year, one column per measure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NoReturn

from insight.core.area import shown
from insight.core.indicator import Indicator
from insight.core.missing import Status
from insight.core.period import Period, PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import AreaError, GeographyConflict, PeriodError, RuleBroken, SourceChanged
from insight.sources._account import Account
from insight.sources._cell import Cell, symbols, type_cell, unknown
from insight.sources._filters import FilteredLayout, with_filters
from insight.sources._frame import frame_of
from insight.sources._joint import joint_rows
from insight.sources._layout import Layout, Measure
from insight.sources._open import Opened, open_table
from insight.sources._places import LOCAL, Places, require_no_double_count
from insight.sources._reading import Reading
from insight.sources._rules import Record, require_rules
from insight.sources._sums import require_sums
from insight.sources._twice import refuse_twice

GEOGRAPHY = (
    "time_period",
    "time_identifier",
    "geographic_level",
    "country_code",
    "country_name",
    "region_code",
    "region_name",
    "old_la_code",
    "new_la_code",
    "la_name",
)
# The order of the files of children looked after and of their schooling.
GEOGRAPHY_NAME_FIRST = (*GEOGRAPHY[:8], "la_name", "new_la_code")
NATIONAL_GEOGRAPHY = GEOGRAPHY[:5]
_NOWHERE = dict.fromkeys(GEOGRAPHY, "")
_NO_CELL = Cell(None, "", Status.NO_ROW)
# The symbols of the Government Statistical Service; their obsolete forms are refused.
GSS = symbols("c", "x", "z", "u", "low", "k")


def ees_layout(
    name: str,
    measures: Sequence[Measure],
    *,
    filters: Mapping[str, str] | None = None,
    whole: str = "",
    row_kind: PeriodKind | None = None,
    **more: bool,
) -> Layout:
    """A layout of this convention: geography, filters of one level, the whole where there is one, measures."""
    constants = dict(filters or {})
    numbers = [*([whole] if whole else []), *(measure.column for measure in measures)]
    return replace(
        Layout(
            name=name,
            columns=(*GEOGRAPHY, *constants, *numbers),
            geography=GEOGRAPHY,
            measures=tuple(measures),
            constants={"time_identifier": "Reporting year", **constants},
            symbols=GSS,
            whole=whole,
            row_kind=row_kind,
        ),
        **more,  # type: ignore[arg-type]  # flags of Layout, by name
    )


def filtered_layout(
    name: str,
    measures: Sequence[Measure],
    *,
    columns: Sequence[str],
    geography: Sequence[str] = GEOGRAPHY,
    constants: Mapping[str, str] | None = None,
    parts: Mapping[str, Mapping[str, str]] | None = None,
    spread: Sequence[str] = (),
    unread: Sequence[str] = (),
    common: Sequence[str] = (),
    sums: Mapping[str, tuple[str, ...]] | None = None,
    series: str = "",
    row_kind: PeriodKind | None = None,
) -> FilteredLayout:
    """A layout of this convention with filters; ``columns`` are those after the geography, in the publisher's order.

    The other arguments are the fields of ``FilteredLayout``; use ``dataclasses.replace`` for those that are not here.
    """
    return FilteredLayout(
        name=name,
        columns=(*geography, *columns),
        geography=tuple(geography),
        measures=tuple(measures),
        constants={"time_identifier": "Reporting year", **(constants or {})},
        symbols=GSS,
        row_kind=row_kind,
        parts=parts or {},
        spread=tuple(spread),
        unread=tuple(unread),
        common=tuple(common),
        sums=sums or {},
        series=series,
    )


def read_panel(
    path: Path, register: Register, *, source: Source, indicators: Sequence[Indicator], layouts: Sequence[Layout]
) -> Reading:
    """Read one file of a source.

    Raises
    ------
    SourceRefused
        Every refusal of a file; the kind says which.
    """
    return read_opened(open_table(path, layouts), register, source=source, indicators=indicators)


def read_opened(opened: Opened, register: Register, *, source: Source, indicators: Sequence[Indicator]) -> Reading:
    """Read a file whose rows of text are known already; raises as ``read_panel``."""
    layout = with_filters(opened.layout)
    by_key = {indicator.key: indicator for indicator in indicators}
    account = Account(opened.table.blank_lines, opened.table.footnotes)
    records = _records(opened, layout, register, by_key, account)
    if layout.has_joint_under_member:
        records = joint_rows(records, register, by_key, layout, opened.file, account)
    for year, areas in _by_year(records).items():
        require_no_double_count(areas, register, opened.file, year)
    require_rules(records, layout, by_key, opened.file)
    account.notes += require_sums(records, layout, by_key, register, opened.file)
    release = str(max(record.year for record in records))
    set_aside = account.entries()
    rows_read = len(opened.table.rows) + opened.table.blank_lines + opened.table.footnotes
    return Reading(
        source=source.key,
        layout=layout.name,
        release=release,
        rows=frame_of(records, layout, by_key, release),
        neighbours=(),
        rows_read=rows_read,
        rows_kept=rows_read - sum(each.count for each in set_aside),
        set_aside=set_aside,
        encoding=opened.encoding,
        notes=(*opened.notes, *account.notes),
        series=layout.series,
    )


def fitting(opened: Opened, layouts: Sequence[FilteredLayout]) -> Opened:
    """The same file in that one of several layouts with equal columns whose categories its first row has."""
    first = dict(zip(opened.table.header, opened.table.rows[0].cells, strict=True))
    fits = (each for each in layouts if any(each.cell_of(column, first) in each.cells for column in each.numbers))
    return replace(opened, layout=next(fits, opened.layout))


def _records(
    opened: Opened, layout: FilteredLayout, register: Register, indicators: Mapping[str, Indicator], account: Account
) -> list[Record]:
    places = Places(register, opened.file)
    kind = layout.row_kind or indicators[layout.measures[0].indicator].period_kind
    seen: set[tuple[str, ...]] = set()
    cells = _Typing(layout, opened.file)
    made = _Made(layout, opened.file)
    for row in opened.table.rows:
        plain = dict(zip(opened.table.header, row.cells, strict=True))
        named = {**_NOWHERE, **plain, **(layout.in_convention(plain) if layout.in_convention else {})}
        if row.cells in seen:
            account.set_aside("exactly the same row once more", named["la_name"] or named["region_name"])
            continue
        seen.add(row.cells)
        unwanted = next((column for column, why in layout.aside.items() if named[column] in why), "")
        if unwanted:
            account.set_aside(layout.aside[unwanted][named[unwanted]], named[unwanted])
            continue
        _require_known(named, layout, row.line, opened.file)
        period = _period(named["time_period"], kind, row.line, opened.file)
        day = Period.of(period.label, layout.placed_at or kind).end
        typed = {
            cell: cells.of(named[column], column, row.line)
            for column in layout.numbers
            if (cell := layout.cell_of(column, named)) in layout.cells
        }
        if not typed:
            _refuse_filter(row.line, layout.spread[-1], named, opened.file)
        if layout.lists_other_areas and _is_other(named, typed, day, register):
            account.set_aside("of an area that did not exist in the year, without a figure", named["la_name"])
            continue
        area = places.of(named, row.line, day)
        if area is None:
            account.set_aside("part of a region, whose own row covers it", named["region_name"])
            continue
        made.add(row.line, area.code, int(period.label), named, typed)
    records = made.records()
    if not records:
        raise SourceChanged(
            f"reading {shown(opened.file)}", found="no row of an area", todo="use the publisher's file as it was issued"
        )
    if cells.with_spaces:
        account.notes.append(f"{cells.with_spaces} cells had spaces around them, which do not count")
    account.notes += made.notes()
    return records


def _is_other(row: Mapping[str, str], cells: Mapping[str, Cell], day: date, register: Register) -> bool:
    """Whether a row without a figure is of an authority that did not exist on a day."""
    if row["geographic_level"] != LOCAL or any(cell.status is Status.VALUE for cell in cells.values()):
        return False
    try:
        area = register.resolve(new_la_code=row["new_la_code"], old_la_code=row["old_la_code"], la_name=row["la_name"])
    except (AreaError, GeographyConflict):
        return False  # placing the row says what is wrong with it
    return not area.exists_on(day)


class _Made:
    """Records in the making: the rows of one place, year and breakdown are one record."""

    def __init__(self, layout: FilteredLayout, file: str) -> None:
        self._layout, self._file = layout, file
        self._cells: dict[tuple[str, int, str], dict[str, Cell]] = {}
        self._lines: dict[tuple[str, int, str], dict[str, int]] = {}
        self._marks: dict[tuple[str, str], set[int]] = defaultdict(set)

    def add(self, line: int, area: str, year: int, row: Mapping[str, str], typed: Mapping[str, Cell]) -> None:
        words = [parts[row[column]] for column, parts in self._layout.parts.items()]
        key = (area, year, ", ".join(word for word in words if word))
        lines = self._lines.setdefault(key, {})
        first = next((lines[cell] for cell in typed if cell in lines), None)
        if first is not None:
            refuse_twice(f"lines {first} and {line} give different figures for {area} in {year}", self._file)
        self._cells.setdefault(key, {}).update(typed)
        lines.update(dict.fromkeys(typed, line))
        for column in self._layout.marks:
            self._marks[column, row[column]].add(year)

    def records(self) -> list[Record]:
        """In the order of the file; a cell whose row the file lacks has no row."""
        missing = dict.fromkeys(self._layout.cells, _NO_CELL) if self._layout.spread else {}
        return [
            Record(min(lines.values()), area, year, {**missing, **self._cells[area, year, part]}, part, lines)
            for (area, year, part), lines in self._lines.items()
        ]

    def notes(self) -> list[str]:
        """Which years are marked how."""
        marked = sorted((column, value, sorted(years)) for (column, value), years in self._marks.items())
        return [f"{column} {value!r}: {', '.join(map(str, years))}" for column, value, years in marked]


class _Typing:
    """Types cells, each different text once."""

    def __init__(self, layout: Layout, file: str) -> None:
        self._layout, self._file = layout, file
        self._known: dict[str, Cell] = {}
        self.with_spaces = 0

    def of(self, text: str, column: str, line: int) -> Cell:
        cell = self._known.get(text)
        if cell is None:
            cell = type_cell(text, self._layout.symbols, takes_thousands=self._layout.takes_thousands)
            if cell is None:
                raise unknown(text, column=column, line=line, file=self._file, known=self._layout.symbols)
            self._known[text] = cell
        self.with_spaces += text != text.strip(" ")
        return cell


def _require_known(row: Mapping[str, str], layout: FilteredLayout, line: int, file: str) -> None:
    for column, value in layout.constants.items():
        if column in row and row[column] != value:
            raise SourceChanged(
                f"reading {shown(file)}, line {line}, column {column}",
                found=f"{shown(row[column])!r} where this layout has only {value!r}",
                todo="rows of several kinds would be counted together: read the release's notes, then add a layout",
            )
    for column, values in {**layout.parts, **layout.marks}.items():
        if row[column] not in values:
            _refuse_filter(line, column, row, file)


def _refuse_filter(line: int, column: str, row: Mapping[str, str], file: str) -> NoReturn:
    raise SourceChanged(
        f"reading {shown(file)}, line {line}, column {column}",
        found=f"{shown(row[column])!r}, which this layout does not know",
        todo="the publisher has changed a category: read the release's notes, then add it to the layout",
    )


def _period(text: str, kind: PeriodKind, line: int, file: str) -> Period:
    # Other alphabets have digits too, which Python reads and no publisher here writes.
    plain = text if text.isascii() else ""
    is_academic = kind is PeriodKind.ACADEMIC_YEAR
    try:
        return Period.of(_last_year(plain) if is_academic else plain, kind)
    except PeriodError as error:
        found = "not two years that follow each other" if is_academic else error.found
        raise RuleBroken(
            f"reading {shown(file)}, line {line}, column time_period",
            found=f"{shown(text)!r}: {found}",
            todo=f"write the year as the publisher does, for example {'202425' if is_academic else '2025'}",
        ) from None


def _last_year(text: str) -> str:
    """The year in which an academic year ends, or "" for a text that is none.

    >>> _last_year("202425"), _last_year("199900"), _last_year("202426"), _last_year("2025")
    ('2025', '2000', '', '')
    """
    is_pair = len(text) == 6 and text.isdigit() and (int(text[:4]) + 1) % 100 == int(text[4:])
    return str(int(text[:4]) + 1) if is_pair else ""


def _by_year(records: Iterable[Record]) -> dict[int, dict[str, int]]:
    years: dict[int, dict[str, int]] = defaultdict(dict)
    for record in records:
        years[record.year][record.area] = record.line
    return years
