"""The latest inspection (ILACS) of each authority, gathered by Data to Insight from Ofsted's reports. Not official.

It goes on where Ofsted's yearly tables end. Only grades, days and kind of inspection are read; the names of inspectors,
which the file has too, are not.
"""

from __future__ import annotations

from pathlib import Path

from insight.core.area import Area, shown
from insight.core.indicator import Indicator
from insight.core.judgements import CARE_LEAVERS, HELP_AND_PROTECTION, IN_CARE, LEADERS, OVERALL
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._layout import Layout
from insight.sources._named import coded_area
from insight.sources._ofsted import Columns, Inspections, Line, Words
from insight.sources._open import open_table
from insight.sources._reading import Reading

SOURCE = Source(
    key="ofsted_overview",
    publisher="Data to Insight",
    title="Overview of inspections of local authority children's services (ILACS), gathered from Ofsted's reports",
    address="https://github.com/data-to-insight/ofsted-ilacs-scrape-tool",
    licence="MIT licence; content of the reports: Open Government Licence v3.0",
    known_problems=(
        "Gathered from the reports by a program of a third party; it is not an official file.",
        "One inspection for each authority, the newest.",
        "Areas that were reorganised have the code of the area that they replaced.",
        "Two inspections have no kind and no day of inspection.",
        "Inspections of April 2026 on have grades for parts and none for overall effectiveness.",
    ),
)
INDICATORS: tuple[Indicator, ...] = ()

_NEW_CODE, _OLD_CODE, _NAME = "ltla23cd", "la_code", "local_authority"
_ILACS = Columns(
    "ILACS",
    "publication_date",
    {
        OVERALL: "overall_effectiveness_grade",
        LEADERS: "impact_of_leaders_grade",
        HELP_AND_PROTECTION: "help_and_protection_grade",
        IN_CARE: "in_care_grade",
        CARE_LEAVERS: "care_leavers_grade",
    },
    kind="inspection_framework",
    inspected="inspection_start_date",
)
_WORDS = Words(
    none=("", "nan", "None", "inspection_pre_dates_judgement"),
    has_slashes=True,
)
LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "overview of inspections, gathered from the reports",
        (_OLD_CODE, _NEW_CODE, _NAME, _ILACS.kind, _ILACS.inspected, _ILACS.published, *_ILACS.subjects.values()),
        (_OLD_CODE, _NEW_CODE, _NAME),
        sheet="ofsted_cs_inspections_overview",
        has_more=True,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one overview; its release is the newest day of publication in it.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, a row's area is not in the register or stands twice, or a grade or a day
        cannot be.
    """
    opened = open_table(path, LAYOUTS)
    found = Inspections(opened, SOURCE, "", until=None, is_one_row_each=True, is_official=False, words=_WORDS)
    replaced = []
    for line in found.lines(_NAME):
        area, is_replaced = _area(register, line, f"reading {shown(opened.file)}, row {line.number}")
        replaced += [area.name] if is_replaced else []
        found.take(line, area, (_ILACS,))
    if replaced:
        words = "rows with the nine-character code of an area that theirs replaced; three-digit code and name decide"
        found.account.notes.append(f"{words}: {', '.join(sorted(replaced))}")
    return found.reading()


def _area(register: Register, line: Line, asked: str) -> tuple[Area, bool]:
    """The area of a row, and whether its nine-character code is of a predecessor."""
    new, old, name = (line.cells[column] for column in (_NEW_CODE, _OLD_CODE, _NAME))
    area = coded_area(register, old=old, name=name, asked=asked)
    if new in area.predecessors:
        return area, True
    return coded_area(register, new=new, old=old, name=name, asked=asked), False
