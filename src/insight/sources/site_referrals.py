"""An authority's own referrals by site and month: totals that an analyst lays out in a small file.

One row for each site and month, with the children who live there where that is known, and the month in which the site's
programme started, if it has one. The file speaks of one authority: a column says which, or the file's name does.

Nobody has published the file, so a refusal names line and column and repeats no cell but the name of a site.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from insight.core.area import Area, is_speakable, shown
from insight.core.indicator import Indicator
from insight.core.missing import Status
from insight.core.period import Period, PeriodKind
from insight.core.programmes import Programme
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import AreaError, DuplicateKey, GeographyConflict, RuleBroken
from insight.sources._cell import Cell, symbols, type_cell, unknown
from insight.sources._frame import frame_of
from insight.sources._layout import Layout, Measure
from insight.sources._month import PLAIN, Month, month_of
from insight.sources._name import code_in_name
from insight.sources._open import Opened, open_table
from insight.sources._reading import Reading, SetAside
from insight.sources._rules import Record, require_rules

SOURCE = Source(
    key="site_referrals",
    publisher="your own file",
    title="Referrals by site and month",
    address="not published",
    licence="not published",
    known_problems=(
        "Counted by whoever made the file: what a referral is may differ from the published statistics.",
        "A child belongs to the site of the home, not of the team, or a change of teams looks like a change of need.",
    ),
)
PROGRAMME = "Sites"
_NOBODY_SAYS = "the file does not say whose sites these are: name the authority in a column, or its code in the name"
_COUNT = Indicator(
    key="site_referral_count",
    title="Referrals in the month, at one site",
    unit="count",
    direction="neither",
    period_kind=PeriodKind.MONTH,
    source=SOURCE.key,
    decimals=0,
    caveats=("From a file of your own, which nobody has published.",),
)
INDICATORS: tuple[Indicator, ...] = (
    _COUNT,
    replace(_COUNT, key="site_child_count", title="Children who live in a site's area"),
)
_SITES = Layout(
    name="sites of an authority, by month",
    columns=("site", "month", "referrals", "children", "start"),
    geography=(),
    measures=(
        Measure("referrals", "site_referral_count"),
        Measure("children", "site_child_count", is_above_zero=True),
    ),
    symbols=symbols("c", "x", "u"),
    takes_thousands=True,
)
_BLANK = Cell(None, "", Status.NOT_AVAILABLE)
LAYOUTS: tuple[Layout, ...] = (
    _SITES,
    # The authority says where, as geography does in published files, and makes no other table look like this one.
    replace(
        _SITES,
        name="sites of a named authority, by month",
        columns=(*_SITES.columns, "authority"),
        geography=("authority",),
    ),
)


@dataclass(frozen=True, slots=True)
class _SiteRow:
    """One row of the file, typed."""

    line: int
    site: str
    month: Month
    start: Month | None
    cells: Mapping[str, Cell]


def read(path: Path, register: Register) -> Reading:
    """Read one file of an authority's sites.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, a cell is no count, a month can be read in two ways, a site stands twice in a
        month, is spelt in two ways or has two starts, or the file speaks of more than one authority.
    """
    opened = open_table(path, LAYOUTS)
    area, notes = _area(opened, path, register)
    rows = [_row(dict(zip(opened.table.header, row.cells, strict=True)), row.line, opened) for row in opened.table.rows]
    _require_one_spelling(rows, opened.file)
    _require_one_row(rows, opened.file)
    starts = _starts(rows, opened.file)
    records = [Record(row.line, area.code, int(row.month.period.label), row.cells, row.site) for row in rows]
    by_key = {indicator.key: indicator for indicator in INDICATORS}
    require_rules(records, opened.layout, by_key, opened.file)
    release = max(row.month.period.label for row in rows)
    aside = {"blank line": opened.table.blank_lines, "footnote below the table": opened.table.footnotes}
    return Reading(
        source=SOURCE.key,
        layout=opened.layout.name,
        release=release,
        rows=frame_of(records, opened.layout, by_key, release),
        neighbours=(),
        rows_read=len(rows) + sum(aside.values()),
        rows_kept=len(rows),
        set_aside=tuple(SetAside(reason, count) for reason, count in sorted(aside.items()) if count),
        encoding=opened.encoding,
        notes=(*opened.notes, *notes, *_notes(rows, starts)),
        programmes=tuple(_programme(site, month, area) for site, month in sorted(starts.items())),
        series=area.code,
    )


def _programme(site: str, month: Month, area: Area) -> Programme:
    live = month.period.end.strftime("%Y-%m")
    return Programme(PROGRAMME, area.code, site, "", "", live, "", "your own file")


def _area(opened: Opened, path: Path, register: Register) -> tuple[Area, tuple[str, ...]]:
    """Whose sites these are: by the column, else by the code in the file's name, else nobody's within the nation."""
    named = code_in_name(path.name)
    by_name = _look_up(register, named, "its name", opened.file) if named else None
    by_column: Area | None = None
    if "authority" in opened.table.header:
        at = opened.table.header.index("authority")
        for row in opened.table.rows:
            found = _look_up(register, row.cells[at].strip(), f"line {row.line}, column authority", opened.file)
            if by_column is not None and found.code != by_column.code:
                _conflict(opened.file, f"line {row.line}: {found.name} beside {by_column.name}")
            by_column = found
    if by_name and by_column and by_name.code != by_column.code:
        _conflict(opened.file, f"{by_name.name} in its name and {by_column.name} in its rows")
    area = by_column or by_name
    return (area, ()) if area else (register.nation, (_NOBODY_SAYS,))


def _look_up(register: Register, text: str, where: str, file: str) -> Area:
    try:
        return register.authority(text)
    except AreaError as error:
        raise GeographyConflict(f"reading {shown(file)}, {where}", found=error.found, todo=error.todo) from None


def _conflict(file: str, found: str) -> NoReturn:
    raise GeographyConflict(
        f"reading {shown(file)}", found=found, todo="give each authority's sites a file of their own"
    )


def _row(cells: Mapping[str, str], line: int, opened: Opened) -> _SiteRow:
    site = cells["site"].strip()
    if not site or not is_speakable(site):
        _refuse(opened.file, line, "site", "no name, or one that is too long or cannot be printed", "name the site")
    month = _month(cells["month"], "month", line, opened.file)
    if not month.is_whole:
        _refuse(
            opened.file,
            line,
            "month",
            "a day within the month",
            "a row is the total of a month: write it as 2023-04",
        )
    start = _month(cells["start"], "start", line, opened.file) if cells["start"].strip() else None
    return _SiteRow(line, site, month, start, _cells(cells, line, opened))


def _month(text: str, column: str, line: int, file: str) -> Month:
    month = month_of(text)
    if month is None or not month.is_certain:
        why = "what may be day and month or month and day" if month else "no month that can be read in one way only"
        _refuse(file, line, column, why, "write year and month, such as 2023-04")
    return month


def _cells(cells: Mapping[str, str], line: int, opened: Opened) -> dict[str, Cell]:
    typed = {}
    for column in opened.layout.numbers:
        known = opened.layout.symbols
        cell = type_cell(cells[column], known, takes_thousands=opened.layout.takes_thousands)
        # An analyst leaves a cell blank where a publisher prints x.
        is_blank = not cells[column].strip(" ")
        if cell is None and not is_blank:
            text, file = cells[column], opened.file
            raise unknown(text, column=column, line=line, file=file, known=known, is_published=False)
        typed[column] = cell or _BLANK
    return typed


def _require_one_spelling(rows: Sequence[_SiteRow], file: str) -> None:
    spelt: dict[str, _SiteRow] = {}
    for row in rows:
        other = spelt.setdefault(" ".join(row.site.casefold().split()), row)
        if other.site != row.site:
            raise DuplicateKey(
                f"reading {shown(file)}, column site",
                found=f"{shown(other.site)!r} on line {other.line} and {shown(row.site)!r} on line {row.line}",
                todo="spell a site in one way, capitals and spaces too",
            )


def _require_one_row(rows: Sequence[_SiteRow], file: str) -> None:
    lines: dict[tuple[str, str], int] = {}
    for row in rows:
        first = lines.setdefault((row.site, row.month.period.label), row.line)
        if first != row.line:
            raise DuplicateKey(
                f"reading {shown(file)}",
                found=f"lines {first} and {row.line} both give {shown(row.site)!r} in {row.month.period.in_words}",
                todo="keep one row for each site and month",
            )


def _starts(rows: Sequence[_SiteRow], file: str) -> dict[str, Month]:
    """The start of each site that has one; it need not stand in every row of the site."""
    starts: dict[str, Month] = {}
    for row in rows:
        if row.start is None:
            continue
        first = starts.setdefault(row.site, row.start)
        if first.period != row.start.period:
            _refuse(
                file,
                row.line,
                "start",
                f"another start of {shown(row.site)!r}: {first.period.in_words} and {row.start.period.in_words}",
                "give each site one start, or none",
            )
    return starts


def _notes(rows: Sequence[_SiteRow], starts: Mapping[str, Month]) -> list[str]:
    months = sorted({row.month.period for row in rows})
    forms = sorted({month.form for row in rows for month in (row.month, row.start) if month} - {PLAIN})
    notes = [f"months written as {form} were read so" for form in forms]
    for site in sorted({row.site for row in rows}):
        own = {row.month.period.label for row in rows if row.site == site}
        gaps = _gaps(own)
        if gaps:
            more = f" and {len(gaps) - 6} more" if len(gaps) > 6 else ""
            notes.append(f"{shown(site)} has no row for {', '.join(gaps[:6])}{more}")
        start = starts.get(site)
        if start and start.period < months[0]:
            notes.append(f"{shown(site)} started in {start.period.in_words}, before the file's first month")
        if start and start.period > months[-1]:
            notes.append(f"{shown(site)} starts in {start.period.in_words}, after the file's last month")
        if start and not start.is_whole:
            notes.append(f"{shown(site)} started within {start.period.in_words}, which counts as its first month")
        if start and any(row.site == site and row.start is None for row in rows):
            notes.append(f"{shown(site)} has its start in some rows and not in others; it holds for all")
    return notes


def _gaps(own: set[str]) -> list[str]:
    """Months between a site's first and last for which it has no row, in words."""
    first, last = int(min(own)), int(max(own))
    between = [f"{year}{month:02}" for year in range(first // 100, last // 100 + 1) for month in range(1, 13)]
    missing = [label for label in between if first < int(label) < last and label not in own]
    return [Period.of(label, PeriodKind.MONTH).in_words for label in missing]


def _refuse(file: str, line: int, column: str, found: str, todo: str) -> NoReturn:
    raise RuleBroken(f"reading {shown(file)}, line {line}, column {column}", found=found, todo=todo)
