"""Workbooks of revenue outturn: what councils spent, one row per council, thousands of pounds.

Issued by the Ministry of Housing, Communities and Local Government, one workbook for each form and financial year. The
first sheet with figures is a drop-down of formulas; the second has every council. Only those with children's services
are kept, and England's row; other councils, other bodies, class totals and rows of codes are set aside with counts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from insight.core.area import Area, normalise, shown
from insight.core.indicator import Indicator
from insight.core.missing import Status
from insight.core.period import Period, PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import AreaError, DuplicateKey, GeographyConflict, RuleBroken, SourceChanged
from insight.sources._account import Account
from insight.sources._cell import Cell, type_cell, unknown
from insight.sources._frame import frame_of
from insight.sources._layout import Layout, repeated
from insight.sources._open import Opened, open_table
from insight.sources._places import require_no_double_count
from insight.sources._reading import Reading
from insight.sources._rules import Record
from insight.sources._table import Row
from insight.sources._twice import take_line

CODE, NAME, CLASS = "ONS Code", "Local authority", "Class"
GEOGRAPHY = ("E-code", CODE, NAME, "Notes", CLASS, "Detailed Class")
KEPT = {"UA": "unitary", "MD": "metropolitan", "LB": "London", "SC": "county"}
TOTAL, NET = "Total Expenditure (C3 = C1 + C2)", "Net Current Expenditure (C7 = C3 - C6)"
# The notes of the workbooks explain these; a numbered note stands in a cell whose figure could not be given.
SYMBOLS = {
    "[x]": Status.NOT_AVAILABLE,
    "[n]": Status.NOT_AVAILABLE,
    "[z]": Status.NOT_APPLICABLE,
    "[Y]": Status.NOT_APPLICABLE,
}
THOUSANDS = "thousand pounds"
_PENNY_DECIMALS = 5
_LONG = re.compile(r"-?[0-9]+\.[0-9]{6,}|-?[0-9](?:\.[0-9]+)?e-[0-9]+")
_YEAR = re.compile(r"(20[0-9]{2})-?([0-9]{2})")
_NATION, _SECOND_HEADER = "Eng", CLASS
_CLASS_CODE = re.compile(r"E[0-9]{2}")
# Figures are rounded to whole thousands, and totals are sums of figures before or after rounding.
_STEP = 1.0
_PENNY = 0.01


@dataclass(frozen=True, slots=True)
class Sums:
    """Columns whose figures add up to another's, in every row."""

    parts: tuple[str, ...]
    whole: str


def sheet_of(form: str) -> str:
    """The name of the sheet with every council, as a regular expression.

    Examples
    --------
    >>> bool(re.fullmatch(sheet_of("RO3"), "RO3_LA_Data_2022-23")), bool(re.fullmatch(sheet_of("RO3"), "LA_drop-down"))
    (True, False)
    """
    return rf"{form}_LA_Data_20[0-9]{{2}}-?[0-9]{{2}}"


def read_outturn(
    path: Path,
    register: Register,
    *,
    form: str,
    source: Source,
    indicators: Sequence[Indicator],
    layouts: Sequence[Layout],
    sums: Sequence[Sums] = (),
    header: Callable[[Path, Opened], tuple[str, ...]] | None = None,
) -> Reading:
    """Read one workbook; each form and year is a series of its own, so that a later year replaces no earlier one.

    Parameters
    ----------
    form : str
        RO3 or RSX.
    sums : sequence of Sums
        What must add up within rounding.
    header : callable, optional
        Gives each column its whole name, where the sheet's header alone does not say it.

    Raises
    ------
    SourceRefused
        If the workbook is in no known layout, or breaks a rule of its layout.
    """
    opened = open_table(path, layouts)
    columns = header(path, opened) if header else opened.table.header
    period = _period(opened)
    account = Account(opened.table.blank_lines, 0)
    sheet = _Sheet(opened, columns, register, account)
    records = list(sheet.records(period))
    if not records:
        raise SourceChanged(
            f"reading {shown(path.name)}", found="no row of a council", todo="use the publisher's file as it was issued"
        )
    _require_once(records, register, path.name)
    for record in records:
        _require_sums(record, sums, path.name)
    account.notes += sheet.require_classes(records)
    account.notes += sheet.uncertified()
    by_key = {indicator.key: indicator for indicator in indicators}
    return Reading(
        source=source.key,
        layout=opened.layout.name,
        release=period.label,
        rows=frame_of(records, opened.layout, by_key, period.label),
        neighbours=(),
        rows_read=len(opened.table.rows) + opened.table.blank_lines,
        rows_kept=len(records),
        set_aside=account.entries(),
        encoding=opened.encoding,
        notes=(*opened.notes, *account.notes),
        series=f"{form} {period.start.year}-{period.end.year % 100:02}",
    )


class _Sheet:
    """The rows of one sheet: councils, England, the totals of classes, and what is set aside."""

    def __init__(self, opened: Opened, columns: Sequence[str], register: Register, account: Account) -> None:
        self._opened, self._register, self._account = opened, register, account
        needed = {measure.column for measure in opened.layout.measures}
        # Where a council stands, the sheet's own header says; its figures may have longer names.
        self._at = {name: opened.table.header.index(name) for name in opened.layout.geography}
        self._at |= {name: position for position, name in enumerate(columns) if name in needed}
        twice = [name for name in repeated(columns) if name in needed]
        if twice:
            raise DuplicateKey(
                f"reading {shown(opened.file)}",
                found=f"more than one column called {shown(twice[0])!r}",
                todo="use the publisher's file as it was issued: nothing says which of the columns is meant",
            )
        missing = sorted(needed - set(self._at))
        if missing:
            raise SourceChanged(
                f"reading {shown(opened.file)} as {opened.layout.name!r}",
                found=f"no column {shown(missing[0])!r} on the sheet {shown(opened.sheet)!r}",
                todo="the publisher has changed it: read the workbook's notes and add a layout for it",
            )
        self._class_of: dict[str, str] = {}
        self._totals: dict[str, Mapping[str, Cell]] = {}
        self._certified = opened.layout.geography[-1]
        self._not_certified: list[str] = []

    def records(self, period: Period) -> Iterator[Record]:
        """Every row that is kept, placed and typed."""
        for row in self._opened.table.rows:
            kind, code = self._text(row, CLASS), self._text(row, CODE)
            if _CLASS_CODE.fullmatch(code):
                self._totals[kind] = self._cells(row) if kind in KEPT else {}
                self._account.set_aside("the total of a class of councils", self._text(row, NAME))
            elif kind in KEPT or kind == _NATION:
                yield self._record(row, kind, period)
            elif kind in ("", _SECOND_HEADER):
                self._account.set_aside("a second header, or codes", "")
            else:
                self._account.set_aside(
                    "a council or body without children's services", "" if kind == "SD" else self._text(row, NAME)
                )

    def _record(self, row: Row, kind: str, period: Period) -> Record:
        code, name = self._text(row, CODE), self._text(row, NAME)
        file = self._opened.file
        try:
            area = (
                self._nation(code, name)
                if kind == _NATION
                else self._register.resolve(new_la_code=code, old_la_code="", la_name=name, period_end=period.end)
            )
        except (AreaError, GeographyConflict) as error:
            raise GeographyConflict(
                f"reading {shown(file)}, line {row.line}: {error.asked}", found=error.found, todo=error.todo
            ) from None
        self._class_of[area.code] = kind
        if self._text(row, self._certified) == "N":
            self._not_certified.append(area.name)
        return Record(row.line, area.code, int(period.label), self._cells(row))

    def _nation(self, code: str, name: str) -> Area:
        nation = self._register.nation
        if code != nation.code or normalise(name) != normalise(nation.name):
            raise GeographyConflict(
                f"placing {shown(name)!r} ({shown(code)!r})",
                found=f"another code or name than that of {nation.name} ({nation.code})",
                todo="use the publisher's file as it was issued",
            )
        return nation

    def _cells(self, row: Row) -> dict[str, Cell]:
        found = {}
        for measure in self._opened.layout.measures:
            text = row.cells[self._at[measure.column]]
            cell = type_cell(_to_the_penny(text), self._opened.layout.symbols)
            if cell is None:
                raise unknown(
                    text,
                    column=measure.column,
                    line=row.line,
                    file=self._opened.file,
                    known=self._opened.layout.symbols,
                )
            found[measure.column] = cell
        return found

    def require_classes(self, records: Sequence[Record]) -> list[str]:
        """Check each class of which every council has a figure against its printed total, and name those classes."""
        members: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            members[self._class_of[record.area]].append(record)
        compared = []
        for kind in (kind for kind in KEPT if kind in self._totals and members[kind]):
            complete = [column for column in self._totals[kind] if self._is_complete(column, kind, members[kind])]
            for column in complete:
                summed = sum(record.cells[column].value or 0.0 for record in members[kind])
                total = self._totals[kind][column].value or 0.0
                if abs(summed - total) > len(members[kind]) * _STEP + _PENNY:
                    raise RuleBroken(
                        f"reading {shown(self._opened.file)}, column {shown(column)}",
                        found=f"councils of the class {kind} that do not add up to its total",
                        todo="compare it with the publisher's file; if it was printed so, tell them and leave it out",
                    )
            if complete:
                compared.append(f"{KEPT[kind]} ({len(complete)} of {len(self._totals[kind])} columns)")
        return [f"classes of councils that equal their printed totals: {', '.join(compared)}"] if compared else []

    def _is_complete(self, column: str, kind: str, members: Sequence[Record]) -> bool:
        has_total = self._totals[kind][column].value is not None
        return has_total and all(record.cells[column].value is not None for record in members)

    def uncertified(self) -> list[str]:
        """How many returns the council's finance officer had not certified."""
        return [f"{len(self._not_certified)} returns were not certified"] if self._not_certified else []

    def _text(self, row: Row, column: str) -> str:
        return row.cells[self._at[column]].strip()


def _period(opened: Opened) -> Period:
    """The financial year in the name of the sheet."""
    found = _YEAR.search(opened.sheet)
    if not found or (int(found[1]) + 1) % 100 != int(found[2]):
        raise SourceChanged(
            f"reading {shown(opened.file)}",
            found=f"a sheet {shown(opened.sheet)!r}, which names no financial year",
            todo="use the publisher's file as it was issued",
        )
    return Period.of(str(int(found[1]) + 1), PeriodKind.YEAR_TO_MARCH)


def _to_the_penny(text: str) -> str:
    """A figure without the digits that only a computer's sums have."""
    plain = text.strip()
    return f"{float(plain):.{_PENNY_DECIMALS}f}" if _LONG.fullmatch(plain) else plain


def _require_once(records: Sequence[Record], register: Register, file: str) -> None:
    lines: dict[str, int] = {}
    for record in records:
        take_line(lines, record.area, record.line, file)
    require_no_double_count(lines, register, file, records[0].year)


def _require_sums(record: Record, sums: Sequence[Sums], file: str) -> None:
    for each in sums:
        parts = [record.cells[column].value for column in each.parts]
        known = [value for value in parts if value is not None]
        whole = record.cells[each.whole].value
        if whole is None or len(known) < len(parts):
            continue
        if abs(sum(known) - whole) > (len(parts) + 1) * _STEP / 2 + _PENNY:
            raise RuleBroken(
                f"reading {shown(file)}, line {record.line}, column {shown(each.whole)}",
                found="a total that its own lines do not add up to",
                todo="compare the row with the publisher's file; if it was printed so, tell them and leave it out",
            )
