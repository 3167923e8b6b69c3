"""Residents of all ages by ethnic group on the day of the census of 2021, of authorities, regions and England.

The Office for National Statistics issues authorities, regions and countries as files of their own, which stand side by
side. Its twenty categories are nineteen groups and one that counts nobody. The five broad groups are added up here. The
office changes small figures a little to protect people, so authorities add up to their region only nearly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from insight.core.area import Area, shown
from insight.core.indicator import Indicator
from insight.core.missing import Status
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import AreaError, GeographyConflict, SourceChanged
from insight.sources._account import Account
from insight.sources._cell import Cell, type_cell, unknown
from insight.sources._frame import frame_of
from insight.sources._layout import Layout, Measure
from insight.sources._open import Opened, open_table
from insight.sources._reading import Reading
from insight.sources._rules import Record, require_rules
from insight.sources._table import Row
from insight.sources._twice import refuse_twice

SOURCE = Source(
    key="census_ethnicity",
    publisher="Office for National Statistics",
    title="Census 2021: ethnic group",
    address="https://www.ons.gov.uk/datasets/TS021/editions/2021/versions/2",
    licence="Open Government Licence v3.0",
    known_problems=(
        "Residents of all ages, not children.",
        "The office changed small figures a little to protect people: authorities add up to regions only nearly.",
        "Authorities are those of April 2023, two years after the census.",
    ),
)
YEAR = 2021
GROUPS = {
    "1": "Asian, Asian British or Asian Welsh: Bangladeshi",
    "2": "Asian, Asian British or Asian Welsh: Chinese",
    "3": "Asian, Asian British or Asian Welsh: Indian",
    "4": "Asian, Asian British or Asian Welsh: Pakistani",
    "5": "Asian, Asian British or Asian Welsh: Other Asian",
    "6": "Black, Black British, Black Welsh, Caribbean or African: African",
    "7": "Black, Black British, Black Welsh, Caribbean or African: Caribbean",
    "8": "Black, Black British, Black Welsh, Caribbean or African: Other Black",
    "9": "Mixed or Multiple ethnic groups: White and Asian",
    "10": "Mixed or Multiple ethnic groups: White and Black African",
    "11": "Mixed or Multiple ethnic groups: White and Black Caribbean",
    "12": "Mixed or Multiple ethnic groups: Other Mixed or Multiple ethnic groups",
    "13": "White: English, Welsh, Scottish, Northern Irish or British",
    "14": "White: Irish",
    "15": "White: Gypsy or Irish Traveller",
    "16": "White: Roma",
    "17": "White: Other White",
    "18": "Other ethnic group: Arab",
    "19": "Other ethnic group: Any other ethnic group",
}
_NOBODY = ("-8", "Does not apply")
# The publisher's longer names begin with these words.
BROAD = ("Asian", "Black", "Mixed", "White", "Other")
_CODE, _GROUP, _COUNT = "Ethnic group (20 categories) Code", "Ethnic group (20 categories)", "Observation"
_PLACES = {
    "authorities": "2023 Upper tier local authorities",
    "regions": "Regions",
    "countries": "Countries",
}
_DAY = "On the day of the census, 21 March 2021; residents of all ages."
_CHANGED = "Figures were changed a little to protect people, so sums may differ by a few."


def _residents(key: str, title: str, *caveats: str) -> Indicator:
    return Indicator(
        key=key,
        title=title,
        unit="count",
        direction="neither",
        period_kind=PeriodKind.AT_MARCH,
        source=SOURCE.key,
        decimals=0,
        caveats=(_DAY, _CHANGED, *caveats),
    )


INDICATORS: tuple[Indicator, ...] = (
    _residents("residents_by_ethnic_group_count", "Residents by ethnic group"),
    _residents(
        "residents_by_broad_ethnic_group_count",
        "Residents by broad ethnic group",
        "Added up from the groups within it.",
    ),
)
_MEASURES = (
    *(Measure(group, "residents_by_ethnic_group_count", breakdown=group) for group in GROUPS.values()),
    *(Measure(broad, "residents_by_broad_ethnic_group_count", breakdown=broad) for broad in BROAD),
)

LAYOUTS: tuple[Layout, ...] = tuple(
    Layout(
        f"census 2021, ethnic group of {series}",
        columns=(f"{place} Code", place, _CODE, _GROUP, _COUNT),
        geography=(f"{place} Code", place),
        measures=_MEASURES,
        release=str(YEAR),
    )
    for series, place in _PLACES.items()
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of residents by ethnic group.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or lacks a group of an area, or has one twice.
    """
    opened = open_table(path, LAYOUTS)
    series = next(name for name, place in _PLACES.items() if place in opened.layout.columns)
    account = Account(opened.table.blank_lines, opened.table.footnotes)
    records, kept = _records(opened, register, account)
    by_key = {indicator.key: indicator for indicator in INDICATORS}
    require_rules(records, opened.layout, by_key, path.name)
    release = opened.layout.release
    return Reading(
        source=SOURCE.key,
        layout=opened.layout.name,
        release=release,
        rows=frame_of(records, opened.layout, by_key, release),
        neighbours=(),
        rows_read=len(opened.table.rows) + opened.table.blank_lines + opened.table.footnotes,
        rows_kept=kept,
        set_aside=account.entries(),
        encoding=opened.encoding,
        notes=(*opened.notes, *account.notes),
        series=series,
    )


def _records(opened: Opened, register: Register, account: Account) -> tuple[list[Record], int]:
    """One record for each area, from one row of the file for each of its groups, and how many rows that were."""
    found: dict[str, dict[str, Cell]] = defaultdict(dict)
    lines: dict[str, int] = {}
    kept = 0
    for row in opened.table.rows:
        code, name, number, group, count = (
            row.cells[opened.table.header.index(column)].strip() for column in opened.layout.columns
        )
        if code.startswith("W"):
            account.set_aside("in Wales", "")
            continue
        area = _area(code, name, row, opened, register)
        cell = _count(count, row.line, opened)
        if (number, group) == _NOBODY:
            _require(cell.value == 0, "people to whom no ethnic group applies", row, opened)
            account.set_aside("the category that counts nobody", "")
            continue
        _require(
            GROUPS.get(number) == group, f"a group {shown(group)!r} with the number {shown(number)!r}", row, opened
        )
        if group in found[area.code]:
            refuse_twice(f"{shown(group)!r} once more for {area.code}", opened.file, where=f", line {row.line}")
        found[area.code][group] = cell
        lines.setdefault(area.code, row.line)
        kept += 1
    if not found:
        raise SourceChanged(
            f"reading {shown(opened.file)}", found="no row of an area", todo="use the publisher's file as it was issued"
        )
    records = []
    for key, cells in found.items():
        if len(cells) < len(GROUPS):
            raise SourceChanged(
                f"reading {shown(opened.file)}",
                found=f"{len(cells)} of {len(GROUPS)} groups for {key}",
                todo="use the publisher's file as it was issued; it may have been cut off",
            )
        records.append(Record(lines[key], key, YEAR, {**cells, **_broad(cells)}))
    return records, kept


def _area(code: str, name: str, row: Row, opened: Opened, register: Register) -> Area:
    try:
        if _PLACES["authorities"] in opened.layout.columns:
            return register.resolve(new_la_code=code, old_la_code="", la_name=name)
        area = register.area(code)
        level = "region" if _PLACES["regions"] in opened.layout.columns else "nation"
        _require(area.level == level, f"an area of the level {area.level} in a file of {level}s", row, opened)
        _require(register.area(name).code == area.code, f"the name {shown(name)!r} with {code}", row, opened)
    except (AreaError, GeographyConflict) as error:
        raise GeographyConflict(
            f"reading {shown(opened.file)}, line {row.line}: {error.asked}", found=error.found, todo=error.todo
        ) from None
    return area


def _count(text: str, line: int, opened: Opened) -> Cell:
    cell = type_cell(text, {})
    if cell is None:
        raise unknown(text, column=_COUNT, line=line, file=opened.file, known={})
    return cell


def _broad(cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """The five broad groups, each the sum of the groups whose names begin with its name."""
    return {
        broad: Cell(
            sum(cell.value or 0.0 for group, cell in cells.items() if group.startswith(broad)), "", Status.VALUE
        )
        for broad in BROAD
    }


def _require(is_so: bool, found: str, row: Row, opened: Opened) -> None:
    if not is_so:
        raise SourceChanged(
            f"reading {shown(opened.file)}, line {row.line}",
            found=found,
            todo="read the release's notes; if the publisher has changed the groups, add a layout for it",
        )
