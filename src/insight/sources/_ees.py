"""Files in the convention of Explore Education Statistics: one row per place and year, one column per measure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from insight.core.area import shown
from insight.core.indicator import Indicator
from insight.core.period import Period, PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import DuplicateKey, PeriodError, RuleBroken, SourceChanged
from insight.sources._account import Account
from insight.sources._cell import Cell, symbols, type_cell, unknown
from insight.sources._frame import frame_of
from insight.sources._joint import joint_rows
from insight.sources._layout import Layout, Measure
from insight.sources._open import Opened, open_table
from insight.sources._places import Places, require_no_double_count
from insight.sources._reading import Reading
from insight.sources._rules import Record, require_rules
from insight.sources._sums import require_sums

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


def read_panel(
    path: Path, register: Register, *, source: Source, indicators: Sequence[Indicator], layouts: Sequence[Layout]
) -> Reading:
    """Read one file of a source.

    Raises
    ------
    SourceRefused
        Every refusal of a file; the kind says which.
    """
    opened = open_table(path, layouts)
    by_key = {indicator.key: indicator for indicator in indicators}
    account = Account(opened.table.blank_lines, opened.table.footnotes)
    records = _records(opened, register, by_key, account)
    records = _one_per_place(records, path.name)
    if opened.layout.has_joint_under_member:
        records = joint_rows(records, register, by_key, opened.layout, path.name, account)
    for year, areas in _by_year(records).items():
        require_no_double_count(areas, register, path.name, year)
    require_rules(records, opened.layout, by_key, path.name)
    account.notes += require_sums(records, opened.layout, by_key, register, path.name)
    release = str(max(record.year for record in records))
    return Reading(
        source=source.key,
        layout=opened.layout.name,
        release=release,
        rows=frame_of(records, opened.layout, by_key, release),
        neighbours=(),
        rows_read=len(opened.table.rows) + opened.table.blank_lines + opened.table.footnotes,
        rows_kept=len(records),
        set_aside=account.entries(),
        encoding=opened.encoding,
        notes=(*opened.notes, *account.notes),
    )


def _records(opened: Opened, register: Register, indicators: Mapping[str, Indicator], account: Account) -> list[Record]:
    places = Places(register, opened.file)
    kind = opened.layout.row_kind or indicators[opened.layout.measures[0].indicator].period_kind
    seen: set[tuple[str, ...]] = set()
    cells = _Typing(opened.layout, opened.file)
    records = []
    for row in opened.table.rows:
        named = dict(zip(opened.table.header, row.cells, strict=True))
        if row.cells in seen:
            account.set_aside("exactly the same row once more", named["la_name"] or named["region_name"])
            continue
        seen.add(row.cells)
        _require_constants(named, opened.layout, row.line, opened.file)
        period = _period(named["time_period"], kind, row.line, opened.file)
        area = places.of(named, row.line, period.end)
        if area is None:
            account.set_aside("part of a region, whose own row covers it", named["region_name"])
            continue
        typed = {column: cells.of(named[column], column, row.line) for column in opened.layout.numbers}
        records.append(Record(row.line, area.code, int(period.label), typed))
    if not records:
        raise SourceChanged(
            f"reading {shown(opened.file)}", found="no row of an area", todo="use the publisher's file as it was issued"
        )
    if cells.with_spaces:
        account.notes.append(f"{cells.with_spaces} cells had spaces around them, which do not count")
    return records


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


def _require_constants(row: Mapping[str, str], layout: Layout, line: int, file: str) -> None:
    for column, value in layout.constants.items():
        if row[column] != value:
            raise SourceChanged(
                f"reading {shown(file)}, line {line}, column {column}",
                found=f"{shown(row[column])!r} where this layout has only {value!r}",
                todo="rows of several kinds would be counted together: read the release's notes, then add a layout",
            )


def _period(text: str, kind: PeriodKind, line: int, file: str) -> Period:
    try:
        # Other alphabets have digits too, which Python reads and no publisher here writes.
        return Period.of(text if text.isascii() else "", kind)
    except PeriodError as error:
        raise RuleBroken(
            f"reading {shown(file)}, line {line}, column time_period",
            found=f"{shown(text)!r}: {error.found}",
            todo="write the year as the publisher does, for example 2025",
        ) from None


def _one_per_place(records: Sequence[Record], file: str) -> list[Record]:
    lines: dict[tuple[str, int], int] = {}
    for record in records:
        first = lines.setdefault((record.area, record.year), record.line)
        if first != record.line:
            raise DuplicateKey(
                f"reading {shown(file)}",
                found=f"lines {first} and {record.line} give different figures for {record.area} in {record.year}",
                todo="use the publisher's file as it was issued: nothing says which of the two is right",
            )
    return list(records)


def _by_year(records: Iterable[Record]) -> dict[int, dict[str, int]]:
    years: dict[int, dict[str, int]] = defaultdict(dict)
    for record in records:
        years[record.year][record.area] = record.line
    return years
