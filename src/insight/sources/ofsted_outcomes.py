"""Inspections of local authority children's services (ILACS) since 2018, as Ofsted issues them each year at 31 March.

From 2025 on a row for each inspection with the area's code and both days; before, a row for each area by name alone,
with days of publication, and further down a second table of areas that were abolished.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from insight.core.area import Area, shown
from insight.core.indicator import Indicator
from insight.core.judgements import CARE_LEAVERS, HELP_AND_PROTECTION, IN_CARE, LEADERS, OVERALL, Judgement
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import RuleBroken, SourceChanged
from insight.sources._layout import Layout
from insight.sources._named import coded_area, named_area
from insight.sources._ofsted import Columns, Inspections, Line, issued
from insight.sources._open import Opened, open_table
from insight.sources._reading import Reading
from insight.sources._workbook import header_text, workbook

SOURCE = Source(
    key="ofsted_outcomes",
    publisher="Ofsted",
    title="Local authority inspection outcomes",
    address="https://www.gov.uk/government/collections/childrens-social-care-statistics",
    licence="Open Government Licence v3.0",
    known_problems=(
        "The edition of 2024 has names and no codes, and days of publication only.",
        "The edition of 2024 gives Staffordshire's grade for care leavers (November 2023) as Good; the report, and the "
        "edition of 2025, say Requires improvement to be good.",
        "The edition of 2024 has Nottingham's report as of 5 November 2022; that of 2025 says 5 September 2022.",
        "An edition has the inspections up to 31 March whose reports were published by 30 June.",
        "Until 2022 the grade for children in care was also for care leavers.",
    ),
)
INDICATORS: tuple[Indicator, ...] = ()

_NAME, _CODE, _STATUS = "Local authority name", "Local authority area code", "Local authority status"
_GONE, _CURRENT = "No longer exists", "Current"
_OF_CHILDREN = "experiences and progress of children"
_LONG = Columns(
    "ILACS",
    "Publication date",
    {
        OVERALL: "Overall effectiveness",
        LEADERS: "The impact of leaders on social work practice with children and families",
        HELP_AND_PROTECTION: f"The {_OF_CHILDREN} who need help and protection",
        IN_CARE: f"The {_OF_CHILDREN} in care",
        CARE_LEAVERS: "The experiences and progress of care leavers",
    },
    kind="Inspection type",
    inspected="Inspection date",
)
_SHORT = {
    OVERALL: "overall effectiveness",
    LEADERS: "impact of leaders",
    HELP_AND_PROTECTION: f"{_OF_CHILDREN} who need help and protection",
    IN_CARE: f"{_OF_CHILDREN} in care",
    CARE_LEAVERS: "experiences and progress of care leavers",
}
_WIDE = tuple(
    Columns(
        "ILACS",
        f"{which} ILACS publication date",
        {subject: f"{which} ILACS {end}" for subject, end in _SHORT.items()},
        kind=f"{which} ILACS inspection type",
    )
    for which in ("First", "Second")
)
_PLACE = ("Web link", _NAME)
BELOW = (
    *_PLACE,
    "LA region",
    *(
        f"ILACS framework {end}"
        for end in (
            "publication date",
            "inspection type",
            *(_SHORT[subject] for subject in (OVERALL, LEADERS, HELP_AND_PROTECTION)),
            f"{_OF_CHILDREN} in care and care leavers",
        )
    ),
)
BY_INSPECTION = Layout(
    "inspection outcomes of local authorities, a row for each inspection",
    (
        "Web link",
        _CODE,
        _NAME,
        _STATUS,
        "Ofsted region",
        _LONG.inspected,
        _LONG.published,
        _LONG.kind,
        *_LONG.subjects.values(),
    ),
    ("Web link", _CODE, _NAME, "Ofsted region"),
    sheet="ILACS_inspection_history",
)
BY_AREA = Layout(
    "inspection outcomes of local authorities, a row for each area",
    (
        *_PLACE,
        "LA region",
        *(name for each in _WIDE for name in (each.published, each.kind, *each.subjects.values())),
    ),
    (*_PLACE, "LA region"),
    sheet="ILACS_inspections_2018-20[0-9]{2}",
)
LAYOUTS: tuple[Layout, ...] = (BY_INSPECTION, BY_AREA)
# The table of each area's latest grades, which stands beside the history in the same workbook.
_LATEST = re.compile(r"Inspections_(?:as_at_)?31_March(?:_20[0-9]{2})?")
_AS_AT = re.compile(r".* as at 31 March (20[0-9]{2})")


def read(path: Path, register: Register) -> Reading:
    """Read one edition.

    Raises
    ------
    SourceRefused
        If the file is in no known layout or does not say its year, a row's area is not in the register or its status
        another, or a grade or a day cannot be.
    """
    opened = open_table(path, LAYOUTS)
    is_long = opened.layout is BY_INSPECTION
    latest, year = _latest_sheet(path, opened)
    found = Inspections(opened, SOURCE, str(year), until=issued(path), is_one_row_each=not is_long)
    for line in found.lines(_NAME, () if is_long else BELOW):
        asked = f"reading {shown(opened.file)}, row {line.number}"
        if is_long:
            area = coded_area(register, new=line.cells[_CODE], name=line.cells[_NAME], asked=asked)
            _require_status(area, line, date(year, 3, 31), asked)
            found.take(line, area, (_LONG,))
        else:
            name, region = line.cells[_NAME], line.cells["LA region"]
            area = named_area(register, name, region=region, is_gone=line.is_below, asked=asked)
            found.take(line, area, _WIDE[:1] if line.is_below else _WIDE)
    found.account.notes.append(_agreement(path, latest, found.found, register))
    return found.reading()


def _latest_sheet(path: Path, opened: Opened) -> tuple[str, int]:
    """The sheet of latest grades, and the year that its title states."""
    for name, rows in workbook(path).sheets.items():
        title = _AS_AT.fullmatch(header_text(rows[0][0])) if rows and rows[0] else None
        if _LATEST.fullmatch(name) and title:
            return name, int(title[1])
    raise SourceChanged(
        f"reading {shown(opened.file)} as {opened.layout.name!r}",
        found="no sheet of the latest judgements whose title says which 31 March it is of",
        todo="use the file as issued; if the publisher has changed it, add the new title beside the old one",
    )


def _require_status(area: Area, line: Line, day: date, asked: str) -> None:
    status = line.cells[_STATUS]
    if status not in (_GONE, _CURRENT) or (status == _CURRENT) != area.exists_on(day):
        raise RuleBroken(
            f"{asked}, column {_STATUS!r}",
            found=f"{shown(status)!r} for {area.name}, which "
            f"{'existed' if area.exists_on(day) else 'no longer existed'} on {day}",
            todo="correct the row, or the register",
        )


def _agreement(path: Path, sheet: str, history: Iterable[Judgement], register: Register) -> str:
    """Whether the sheet of latest grades says of each area what the history's newest inspection does."""
    newest: dict[str, dict[str, Judgement]] = {}
    for each in sorted(history, key=lambda each: each.published):
        known = newest.setdefault(each.area, {})
        if known and next(iter(known.values())).published != each.published:
            known.clear()
        known[each.subject] = each
    rows = workbook(path).sheets[sheet]
    start = next((number for number, row in enumerate(rows) if _NAME in map(header_text, row)), len(rows) - 1)
    header = [header_text(cell) for cell in rows[start]]
    unlike, compared = [], 0
    for row in rows[start + 1 :]:
        cells = dict(zip(header, map(str.strip, row), strict=True))
        if not cells.get(_NAME):
            continue
        area = named_area(register, cells[_NAME], asked=f"reading the sheet {sheet!r}")
        compared += 1
        if not _is_equal(cells, newest.get(area.code, {})):
            unlike.append(area.name)
    words = f"the sheet {sheet} agrees with the newest inspection of {compared - len(unlike)} of {compared} areas"
    return f"{words}; not of {', '.join(sorted(unlike))}" if unlike else words


def _is_equal(cells: dict[str, str], newest: dict[str, Judgement]) -> bool:
    pairs = []
    for subject in (OVERALL, LEADERS, HELP_AND_PROTECTION, IN_CARE, CARE_LEAVERS):
        names = (_LONG.subjects[subject], f"{_SHORT[subject][0].upper()}{_SHORT[subject][1:]}")
        said = next((cells[name] for name in names if name in cells), None)
        pairs.append((said, newest[subject].grade if subject in newest else ""))
    for column, attribute in ((_LONG.published, "published"), (_LONG.inspected, "inspected")):
        own = getattr(newest[OVERALL], attribute) if OVERALL in newest else ""
        if own and column in cells:
            pairs.append((cells[column], own))
    return all(said == own for said, own in pairs)
