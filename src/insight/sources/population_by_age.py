"""Children and young people by single year of age at the middle of 2023, of authorities, regions and England.

The Office for National Statistics estimates every age; the ages of 0 to 25 are kept, up to which care leavers are
helped. Counties and unitary authorities are kept; the districts within a county are checked against it and set aside.
The workbook names its year nowhere but in its title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from insight.core.area import Area, shown
from insight.core.indicator import Indicator
from insight.core.period import Period, PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import AreaError, GeographyConflict, RuleBroken, SourceChanged
from insight.sources._account import Account
from insight.sources._cell import Cell, type_cell, unknown
from insight.sources._frame import frame_of
from insight.sources._layout import Layout, Measure
from insight.sources._open import Opened, open_table
from insight.sources._places import require_no_double_count
from insight.sources._reading import Reading
from insight.sources._rules import Record, require_rules
from insight.sources._table import Row
from insight.sources._twice import take_line
from insight.sources._workbook import workbook

SOURCE = Source(
    key="population_by_age",
    publisher="Office for National Statistics",
    title="Mid-year population estimates by single year of age",
    address="https://www.ons.gov.uk/peoplepopulationandcommunity/populationandmigration/populationestimates",
    licence="Open Government Licence v3.0",
    known_problems=(
        "The first estimates for the middle of 2023; the children in need statistics hold revised ones.",
        "Revision raised England's children by 0.5% and the City of London's from 642 to 918.",
        "Estimates are printed to single people and are not that exact.",
    ),
)
GEOGRAPHY = ("Code", "Name", "Geography")
OLDEST = 25
AGES = (*map(str, range(90)), "90+")
_ALL = "All ages"

INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        key="population_by_age_count",
        title=f"Children and young people by single year of age, 0 to {OLDEST}",
        unit="count",
        direction="neither",
        period_kind=PeriodKind.MID_YEAR,
        source=SOURCE.key,
        additive=True,
        decimals=0,
        caveats=("The first estimate for that year, revised since.",),
    ),
)

LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "mid-year population by single year of age, on boundaries of 2023",
        columns=(*GEOGRAPHY, _ALL, *AGES),
        geography=GEOGRAPHY,
        measures=tuple(Measure(age, "population_by_age_count", breakdown=age) for age in AGES[: OLDEST + 1]),
        sheet=r"MYE2 - Persons",
    ),
)
_TITLE = re.compile(r"MYE2: Persons by single year of age .*, mid-(20[0-9]{2})")
_LOCAL = {"County", "Unitary Authority", "Metropolitan District", "London Borough"}
_ASIDE = {
    "Non-metropolitan District": "a district, whose county's row covers it",
    "Metropolitan County": "a metropolitan county, whose districts have rows of their own",
}
# The workbook writes regions in capitals, and this one by half its name.
_SHORT_REGIONS = {"EAST": "East of England"}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A row with figures of every age, and its area, or the reason why it has none."""

    row: Row
    kind: str
    area: Area | None
    aside: str
    cells: Mapping[str, Cell]

    def value(self, age: str) -> int:
        return int(self.cells[age].value or 0)


def read(path: Path, register: Register) -> Reading:
    """Read one workbook of estimates.

    Raises
    ------
    SourceRefused
        If the workbook is in no known layout, or its ages or districts do not add up.
    """
    opened = open_table(path, LAYOUTS)
    period = _period(path, opened)
    account = Account(opened.table.blank_lines, 0)
    placed = [_placed(row, opened, register) for row in opened.table.rows]
    _require_counties(placed, path.name)
    records: list[Record] = []
    lines: dict[str, int] = {}
    for each in placed:
        _require_all_ages(each, path.name)
        if each.area is None:
            account.set_aside(each.aside, "")
            continue
        if not each.area.exists_on(period.end):
            raise GeographyConflict(
                f"reading {shown(path.name)}, line {each.row.line}",
                found=f"a figure for {period.end}, on which {each.area.name} did not exist",
                todo="use the publisher's file as it was issued",
            )
        take_line(lines, each.area.code, each.row.line, path.name)
        records.append(Record(each.row.line, each.area.code, int(period.label), each.cells))
    if not records:
        raise SourceChanged(
            f"reading {shown(path.name)}",
            found="no row of an area",
            todo="use the publisher's file as it was issued",
        )
    require_no_double_count(lines, register, path.name, int(period.label))
    by_key = {indicator.key: indicator for indicator in INDICATORS}
    require_rules(records, opened.layout, by_key, path.name)
    return Reading(
        source=SOURCE.key,
        layout=opened.layout.name,
        release=period.label,
        rows=frame_of(records, opened.layout, by_key, period.label),
        neighbours=(),
        rows_read=len(opened.table.rows) + opened.table.blank_lines,
        rows_kept=len(records),
        set_aside=account.entries(),
        encoding=opened.encoding,
        notes=(*opened.notes, f"ages above {OLDEST} are checked and not kept"),
    )


def _period(path: Path, opened: Opened) -> Period:
    """The year in the title above the table."""
    title = " ".join(workbook(path).sheets[opened.sheet][0][0].split())
    found = _TITLE.fullmatch(title)
    if not found:
        raise SourceChanged(
            f"reading {shown(opened.file)}, sheet {shown(opened.sheet)!r}",
            found="a title that names no year",
            todo="use the publisher's file as it was issued",
        )
    return Period.of(found[1], PeriodKind.MID_YEAR)


def _placed(row: Row, opened: Opened, register: Register) -> _Placed:
    named = dict(zip(opened.table.header, row.cells, strict=True))
    code, name, kind = (named[column].strip() for column in GEOGRAPHY)
    cells = {}
    for column in (_ALL, *AGES):
        cell = type_cell(named[column], {})
        if cell is None:
            raise unknown(named[column], column=column, line=row.line, file=opened.file, known={})
        cells[column] = cell
    aside = _ASIDE.get(kind, "") or ("" if code.startswith("E") else "in Wales, or of England and Wales together")
    try:
        area = None if aside else _area(code, name, kind, register)
    except (AreaError, GeographyConflict) as error:
        raise GeographyConflict(
            f"reading {shown(opened.file)}, line {row.line}: {error.asked}", found=error.found, todo=error.todo
        ) from None
    return _Placed(row, kind, area, aside, cells)


def _area(code: str, name: str, kind: str, register: Register) -> Area:
    if kind == "Country" and code == register.nation.code:
        return register.nation
    if kind == "Region" and (region := register.resolve_region(code, _SHORT_REGIONS.get(name, name))):
        return region
    if kind in _LOCAL:
        return register.resolve(new_la_code=code, old_la_code="", la_name=name)
    raise GeographyConflict(
        f"placing {shown(name)!r} ({shown(code)!r})",
        found=f"no area whose geography is {shown(kind)!r}",
        todo=f"this layout has rows of {', '.join(sorted({*_LOCAL, *_ASIDE, 'Country', 'Region'}))} and nothing else",
    )


def _require_all_ages(each: _Placed, file: str) -> None:
    if sum(each.value(age) for age in AGES) != each.value(_ALL):
        raise RuleBroken(
            f"reading {shown(file)}, line {each.row.line}, column {_ALL}",
            found="a whole that its own ages do not add up to",
            todo="compare the row with the publisher's file; if it was printed so, tell them and leave the file out",
        )


def _require_counties(placed: list[_Placed], file: str) -> None:
    """Check each county against the districts that stand below it, age by age."""
    for county, districts in _counties(placed):
        for age in (_ALL, *AGES):
            if sum(each.value(age) for each in districts) != county.value(age):
                raise RuleBroken(
                    f"reading {shown(file)}, line {county.row.line}, column {age}",
                    found="a county that the districts below it do not add up to",
                    todo="compare the rows with the publisher's file; if they were printed so, leave the file out",
                )


def _counties(placed: list[_Placed]) -> Iterator[tuple[_Placed, list[_Placed]]]:
    for position, each in enumerate(placed):
        if each.kind == "County":
            districts = []
            for below in placed[position + 1 :]:
                if below.kind != "Non-metropolitan District":
                    break
                districts.append(below)
            yield each, districts
