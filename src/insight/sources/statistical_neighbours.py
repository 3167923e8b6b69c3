"""Statistical neighbours: for each authority the ten that resemble it most, closest first.

Models of the Department for Education of 2021 and 2025. The model year stands in no column, so each layout has its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from insight.core.area import shown
from insight.core.indicator import Indicator
from insight.core.neighbours import Neighbour
from insight.core.panel import COLUMNS
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import AreaError, DuplicateKey, GeographyConflict, UnknownSymbol
from insight.sources._layout import Layout
from insight.sources._open import Opened, open_table
from insight.sources._reading import Reading, SetAside
from insight.sources._table import Row

SOURCE = Source(
    key="statistical_neighbours",
    publisher="Department for Education",
    title="Children's services statistical neighbours",
    address="https://github.com/dfe-analytical-services/CSC_outcomes_and_enablers",
    licence="Open Government Licence v3.0",
    known_problems=("The model of 2021 knows Cumbria and not the two authorities that replaced it.",),
)
INDICATORS: tuple[Indicator, ...] = ()
RANKS = 10
CLOSENESS = ("Extremely close", "Very close", "Close", "Somewhat close", "Not close")

_NAMES_2025 = tuple(name for rank in range(1, RANKS + 1) for name in (f"SN_{rank}", f"SN_{rank}P"))
_NAMES_2021 = tuple(name for rank in range(1, RANKS + 1) for name in (f"SN{rank}", "SNP"))
_GEOGRAPHY_2025 = ("old_la_code", "la_name", "region_ind", "region_name")
_GEOGRAPHY_2021 = ("LA num", "LA Name", "LA number", "GOInd", "GOReg")

LAYOUTS: tuple[Layout, ...] = (
    Layout("statistical neighbours, 2025 model", (*_GEOGRAPHY_2025, *_NAMES_2025), _GEOGRAPHY_2025, release="2025"),
    Layout(
        "statistical neighbours, 2021 model",
        (*_GEOGRAPHY_2021, *_NAMES_2021),
        _GEOGRAPHY_2021,
        release="2021",
        is_positional=True,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one model of statistical neighbours.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, names an unknown area, or lists an area twice or as its own neighbour.
    """
    opened = open_table(path, LAYOUTS)
    found: list[Neighbour] = []
    headings = 0
    lines: dict[str, int] = {}
    for row in opened.table.rows:
        if _is_heading(row, opened):
            headings += 1
            continue
        listed = list(_neighbours(row, opened, register))
        first = lines.setdefault(listed[0].area, row.line)
        if first != row.line:
            raise _twice(opened.file, f"lines {first} and {row.line} list the neighbours of {listed[0].area}")
        found += listed
    read_rows = len(opened.table.rows) + opened.table.blank_lines + opened.table.footnotes
    aside = {
        "blank line": opened.table.blank_lines,
        "footnote below the table": opened.table.footnotes,
        "a heading inside the table": headings,
    }
    return Reading(
        source=SOURCE.key,
        layout=opened.layout.name,
        release=opened.layout.release,
        rows=pd.DataFrame(columns=list(COLUMNS)),
        neighbours=tuple(sorted(found, key=lambda each: (each.area, each.rank))),
        rows_read=read_rows,
        rows_kept=len(lines),
        set_aside=tuple(SetAside(reason, count) for reason, count in sorted(aside.items()) if count),
        encoding=opened.encoding,
        notes=opened.notes,
    )


def _positions(opened: Opened) -> tuple[int, int, list[tuple[int, int]]]:
    """Where code, name and the ten pairs of neighbour and closeness stand."""
    if opened.layout.is_positional:
        start = len(_GEOGRAPHY_2021)
        return 2, 1, [(start + 2 * rank, start + 2 * rank + 1) for rank in range(RANKS)]
    at = opened.table.header.index
    pairs = [(at(f"SN_{rank}"), at(f"SN_{rank}P")) for rank in range(1, RANKS + 1)]
    return at("old_la_code"), at("la_name"), pairs


def _is_heading(row: Row, opened: Opened) -> bool:
    code, name, _ = _positions(opened)
    return [cell for cell in row.cells if cell.strip()] == [row.cells[name]] and not row.cells[code].strip()


def _neighbours(row: Row, opened: Opened, register: Register) -> Iterator[Neighbour]:
    code, name, pairs = _positions(opened)
    area = _resolve(register, row.cells[code], row.cells[name], row.line, opened.file)
    seen = {area}
    for rank, (where, how) in enumerate(pairs, start=1):
        neighbour = _resolve(register, row.cells[where], "", row.line, opened.file)
        if neighbour in seen:
            raise _twice(opened.file, f"line {row.line} lists {neighbour} twice, or as its own neighbour")
        seen.add(neighbour)
        closeness = row.cells[how].strip().capitalize()
        if closeness not in CLOSENESS:
            raise UnknownSymbol(
                f"reading {shown(opened.file)}, line {row.line}, closeness of neighbour {rank}",
                found=repr(shown(closeness[:20])),
                todo=f"this layout has only: {', '.join(CLOSENESS)}",
            )
        yield Neighbour(area, int(opened.layout.release), rank, neighbour, closeness)


def _resolve(register: Register, code: str, name: str, line: int, file: str) -> str:
    try:
        return register.resolve(new_la_code="", old_la_code=code, la_name=name).code
    except (AreaError, GeographyConflict) as error:
        raise GeographyConflict(
            f"reading {shown(file)}, line {line}: {error.asked}", found=error.found, todo=error.todo
        ) from None


def _twice(file: str, found: str) -> DuplicateKey:
    return DuplicateKey(f"reading {shown(file)}", found=found, todo="use the publisher's file as it was issued")
