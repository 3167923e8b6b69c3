"""Places in state-funded schools by the school's overall Ofsted grade, primary and secondary, of authorities.

Published by the Department for Education with its scorecards of school places, one row for each place and academic
year. The file counts places and not schools. Ofsted has given schools no overall grade since September 2024, so the
year 2024/25 has none. The share of places in good or outstanding schools is worked out here, from the same row.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from insight.core.area import shown
from insight.core.indicator import Direction, Indicator, Unit
from insight.core.missing import Status
from insight.core.period import Period, PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import RuleBroken
from insight.sources._account import Account
from insight.sources._cell import Cell, type_cell, unknown
from insight.sources._frame import frame_of
from insight.sources._layout import Layout, Measure
from insight.sources._open import Opened, open_table
from insight.sources._places import NATIONAL, Places, require_no_double_count
from insight.sources._reading import Reading
from insight.sources._rules import Record, require_rules
from insight.sources._twice import take_line

SOURCE = Source(
    key="school_places",
    publisher="Department for Education",
    title="Local authority school places scorecards",
    address="https://github.com/dfe-analytical-services/la-school-places-scorecards",
    licence="Open Government Licence v3.0",
    known_problems=(
        "The file counts places and not schools: a large school weighs more than a small one.",
        "Ofsted has given schools no overall grade since September 2024, so 2024/25 has none.",
        "It has rows of authorities and of England, and none of regions.",
        "The Isles of Scilly have no figures for 2022/23.",
    ),
)
GEOGRAPHY = (
    "Year",
    "geographic_level",
    "country_code",
    "country_name",
    "region_code",
    "Region",
    "LANumber",
    "new_la_code",
    "LA_name",
)
GRADES = {"1": "Outstanding", "2": "Good", "3": "Requires improvement", "4": "Inadequate", "0": "No grade"}
PHASES = {"P": "primary", "S": "secondary"}
_PLACES = "Counts places, whether a pupil fills them or not, and not schools."
_ENDED = "Ofsted has given no overall grade since September 2024; 2024/25 has none."
_WORKED_OUT = "Worked out from the published places. Schools without a grade are left out."
_YEAR = re.compile(r"(20[0-9]{2})/([0-9]{2})")


def _indicator(phase: str, ending: str, title: str, unit: Unit, *caveats: str, is_share: bool = False) -> Indicator:
    parts = [f"{phase}_places_{which}_count" for which in ("good_or_outstanding", "graded")]
    direction: Direction = "higher" if is_share else "neither"
    return Indicator(
        key=f"{phase}_places_{ending}",
        title=f"{phase.capitalize()} school places {title}",
        unit=unit,
        direction=direction,
        period_kind=PeriodKind.ACADEMIC_YEAR,
        source=SOURCE.key,
        numerator=parts[0] if is_share else None,
        denominator=parts[1] if is_share else None,
        additive=not is_share,
        decimals=1 if is_share else 0,
        caveats=(_PLACES, *caveats, _ENDED),
    )


def _of_phase(phase: str) -> tuple[Indicator, ...]:
    return (
        _indicator(phase, "by_grade_count", "by the school's overall Ofsted grade", "count"),
        _indicator(phase, "good_or_outstanding_count", "in good or outstanding schools", "count", _WORKED_OUT),
        _indicator(phase, "graded_count", "in schools with an overall Ofsted grade", "count", _WORKED_OUT),
        _indicator(
            phase,
            "good_or_outstanding_percent",
            "in good or outstanding schools, of those in schools with a grade",
            "percent",
            _WORKED_OUT,
            is_share=True,
        ),
    )


INDICATORS: tuple[Indicator, ...] = tuple(indicator for phase in PHASES.values() for indicator in _of_phase(phase))


def _published(letter: str) -> dict[str, str]:
    """The columns of existing places in a phase, with their grades."""
    return {f"Qual_{letter}_{digit}_E": grade for digit, grade in GRADES.items()}


def _measures(letter: str, phase: str) -> tuple[Measure, ...]:
    # The last three have no column: they are worked out, and bear the name of what they are.
    return (
        *(
            Measure(column, f"{phase}_places_by_grade_count", breakdown=grade)
            for column, grade in _published(letter).items()
        ),
        Measure(f"{phase}, good or outstanding", f"{phase}_places_good_or_outstanding_count"),
        Measure(f"{phase}, graded", f"{phase}_places_graded_count"),
        Measure(f"{phase}, share", f"{phase}_places_good_or_outstanding_percent", ceiling=100.0),
    )


LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "school places scorecards, from the 2025 release",
        columns=(*GEOGRAPHY, *(column for letter in PHASES for column in _published(letter))),
        geography=GEOGRAPHY,
        measures=tuple(measure for letter, phase in PHASES.items() for measure in _measures(letter, phase)),
        # NA stands where a year has no overall grades; the release's notes explain z.
        symbols={"NA": Status.NOT_APPLICABLE, "z": Status.NOT_APPLICABLE},
        has_more=True,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of scorecards.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    opened = open_table(path, LAYOUTS)
    by_key = {indicator.key: indicator for indicator in INDICATORS}
    account = Account(opened.table.blank_lines, opened.table.footnotes)
    account.notes.append(f"{len(opened.table.header) - len(opened.layout.columns)} further columns, which are not read")
    records = _records(opened, register)
    lines: dict[int, dict[str, int]] = defaultdict(dict)
    for record in records:
        take_line(lines[record.year], record.area, record.line, opened.file, when=f" in {record.year}")
    for year, areas in lines.items():
        require_no_double_count(areas, register, opened.file, year)
    require_rules(records, opened.layout, by_key, opened.file)
    release = str(max(lines))
    return Reading(
        source=SOURCE.key,
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


def _records(opened: Opened, register: Register) -> list[Record]:
    places = Places(register, opened.file)
    records = []
    for row in opened.table.rows:
        named = dict(zip(opened.table.header, row.cells, strict=True))
        period = _period(named["Year"], row.line, opened.file)
        area = places.of(_geography(named), row.line, period.end)
        if area is None:
            raise RuleBroken(
                f"reading {shown(opened.file)}, line {row.line}",
                found="a row of a part of a region, which this layout does not have",
                todo="use the publisher's file as it was issued",
            )
        cells: dict[str, Cell] = {}
        for letter, phase in PHASES.items():
            own = {column: _cell(named[column], column, row.line, opened) for column in _published(letter)}
            cells |= own | _worked_out(own, letter, phase)
        records.append(Record(row.line, area.code, int(period.label), cells))
    return records


def _geography(row: Mapping[str, str]) -> dict[str, str]:
    """The row's place in the words of the department's other files: England's row has filler in three columns."""
    is_nation = row["geographic_level"] == NATIONAL
    fillers = {"Region": row["country_name"], "LANumber": "0", "LA_name": row["country_name"]}
    plain = {column: "" if is_nation and row[column] == filler else row[column] for column, filler in fillers.items()}
    return {
        **{name: row[name] for name in ("geographic_level", "country_code", "country_name")},
        "region_code": row["region_code"],
        "region_name": plain["Region"],
        "old_la_code": plain["LANumber"],
        "new_la_code": row["new_la_code"],
        "la_name": plain["LA_name"],
    }


def _period(text: str, line: int, file: str) -> Period:
    found = _YEAR.fullmatch(text)
    if not found or (int(found[1]) + 1) % 100 != int(found[2]):
        raise RuleBroken(
            f"reading {shown(file)}, line {line}, column Year",
            found=f"{shown(text)!r}, which is no academic year",
            todo="write the year as the publisher does, for example 2023/24",
        )
    return Period.of(str(int(found[1]) + 1), PeriodKind.ACADEMIC_YEAR)


def _cell(text: str, column: str, line: int, opened: Opened) -> Cell:
    cell = type_cell(text, opened.layout.symbols)
    if cell is None:
        raise unknown(text, column=column, line=line, file=opened.file, known=opened.layout.symbols)
    return cell


def _worked_out(cells: Mapping[str, Cell], letter: str, phase: str) -> dict[str, Cell]:
    """Places in good or outstanding schools, places in graded schools, and the share; hidden as soon as a part is."""
    graded = [cells[f"Qual_{letter}_{digit}_E"] for digit in "1234"]
    hidden = next((cell for cell in graded if cell.value is None), None)
    values = [cell.value for cell in graded if cell.value is not None]
    if hidden is not None:
        made = (hidden, hidden, hidden)
    else:
        good, whole = sum(values[:2]), sum(values)
        share = _value(100 * good / whole) if whole else Cell(None, "", Status.NOT_APPLICABLE)
        made = (_value(good), _value(whole), share)
    return dict(zip((f"{phase}, good or outstanding", f"{phase}, graded", f"{phase}, share"), made, strict=True))


def _value(number: float) -> Cell:
    return Cell(float(number), "", Status.VALUE)
