"""Programmes: which authority took part in what, and when it was announced, funded and live.

A small file that people write and keep, each row with its source. Dates are a day, a month or nothing: a date that
nobody published stays blank.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NoReturn

import pandas as pd

from insight.core.area import is_speakable, normalise, printable, shown
from insight.core.indicator import Indicator
from insight.core.panel import COLUMNS
from insight.core.programmes import MILESTONES, Programme
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import AreaError, DuplicateKey, GeographyConflict, RuleBroken
from insight.sources._layout import Layout
from insight.sources._open import open_table
from insight.sources._reading import Reading, SetAside

SOURCE = Source(
    key="programmes",
    publisher="several, named in each row",
    title="Programmes and the authorities in them",
    address="in each row",
    licence="facts from public sources",
    known_problems=("A date that no source gives is blank; it is never guessed.",),
)
INDICATORS: tuple[Indicator, ...] = ()
LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "programmes",
        ("programme", "area", "announced", "funded", "live", "what_it_is", "source"),
        geography=(),
    ),
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")
UNDATED = "undated"


def read(path: Path, register: Register) -> Reading:
    """Read one file of programmes.

    Raises
    ------
    SourceRefused
        If a row names no programme, an unknown area or no source, a date is neither day nor month, a programme is live
        before it was announced, or an area stands twice in one programme.
    """
    opened = open_table(path, LAYOUTS)
    found: list[Programme] = []
    lines: dict[tuple[str, str], int] = {}
    spelt: dict[str, str] = {}
    for row in opened.table.rows:
        cells = {name: cell.strip() for name, cell in zip(opened.table.header, row.cells, strict=True)}
        made = _programme(cells, row.line, opened.file, register)
        first = lines.setdefault((made.programme, made.area), row.line)
        if first != row.line:
            raise DuplicateKey(
                f"reading {shown(opened.file)}",
                found=f"lines {first} and {row.line} both put {made.area} into {shown(made.programme)}",
                todo="keep one row for each programme and area",
            )
        known = spelt.setdefault(normalise(made.programme), made.programme)
        if known != made.programme:
            _refuse(opened.file, row.line, "programme", f"another spelling of {shown(known)}", "spell it in one way")
        found.append(made)
    dates = sorted(said for each in found for name in MILESTONES if (said := getattr(each, name)))
    aside = {"blank line": opened.table.blank_lines, "footnote below the table": opened.table.footnotes}
    return Reading(
        source=SOURCE.key,
        layout=opened.layout.name,
        release=dates[-1] if dates else UNDATED,
        rows=pd.DataFrame(columns=list(COLUMNS)),
        neighbours=(),
        programmes=tuple(sorted(found, key=lambda each: (each.programme, each.area))),
        rows_read=len(opened.table.rows) + sum(aside.values()),
        rows_kept=len(found),
        set_aside=tuple(SetAside(reason, count) for reason, count in sorted(aside.items()) if count),
        encoding=opened.encoding,
        notes=opened.notes,
    )


def _programme(cells: Mapping[str, str], line: int, file: str, register: Register) -> Programme:
    for column, text in cells.items():
        if printable(text) != text:
            _refuse(file, line, column, "a character that cannot be printed", "type the cell again")
    if not cells["programme"] or not is_speakable(cells["programme"]):
        _refuse(file, line, "programme", "no name, or one that is too long", "give the programme's name")
    if not cells["source"]:
        _refuse(file, line, "source", "a row without a source", "say in words where it comes from, with its address")
    try:
        area = register.authority(cells["area"])
    except AreaError as error:
        raise GeographyConflict(
            f"reading {shown(file)}, line {line}: {error.asked}", found=error.found, todo=error.todo
        ) from None
    dates = {name: _date(cells[name], name, line, file) for name in MILESTONES}
    texts = {name: cells[name] for name in ("programme", "what_it_is", "source")}
    made = Programme(area=area.code, site="", **dates, **texts)
    announced, live = made.earliest("announced"), made.latest("live")
    if announced is not None and live is not None and live < announced:
        _refuse(file, line, "live", "a programme that was live before it was announced", "correct one of the two dates")
    return made


def _date(text: str, column: str, line: int, file: str) -> str:
    """A day or a month as it was written, or "" for none."""
    if not text:
        return ""
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        date.fromisoformat(text if len(text) > len("2023-07") else f"{text}-01")
    except ValueError:
        _refuse(file, line, column, repr(shown(text)), "write a day as 2023-07-26, a month as 2023-07, or leave it out")
    return text


def _refuse(file: str, line: int, column: str, found: str, todo: str) -> NoReturn:
    raise RuleBroken(f"reading {shown(file)}, line {line}, column {column}", found=found, todo=todo)
