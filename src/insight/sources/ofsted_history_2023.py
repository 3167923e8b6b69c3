"""Inspections of local authority children's services 2009 to 2023, under five frameworks, each with its grades.

One worksheet of Ofsted's underlying data of 2023: a row for each authority, and further down a second table of those
that were abolished. The only official file with grades from before 2018. It has days of publication and no others.
"""

from __future__ import annotations

import re
from pathlib import Path

from insight.core.indicator import Indicator
from insight.core.judgements import (
    ADOPTION,
    CARE_LEAVERS,
    HELP_AND_PROTECTION,
    IN_CARE,
    LEADERS,
    LEADERSHIP,
    LOOKED_AFTER,
    OVERALL,
    PERMANENCE,
    SAFEGUARDING,
)
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._layout import Layout
from insight.sources._named import named_area
from insight.sources._ofsted import Columns, Inspections, issued
from insight.sources._open import open_table
from insight.sources._reading import Reading

SOURCE = Source(
    key="ofsted_history_2023",
    publisher="Ofsted",
    title="Children's social care in England 2023: inspections of local authorities 2009 to 2023",
    address="https://www.gov.uk/government/collections/childrens-social-care-statistics",
    licence="Open Government Licence v3.0",
    known_problems=(
        "Areas have names and no codes.",
        "It has the days of publication, not those of the inspections; a few differ by 1 to 4 days from the reports.",
        '"Adequate", the word before 2014, is shown as "Requires improvement to be good".',
        "Grades of local safeguarding children boards in the same table judge another body and are not read.",
        "The report of Nottingham of July 2022 stands as published on 5 November 2022; the edition of 2025 of the "
        "inspection outcomes says 5 September 2022.",
        "Until 2022 the ILACS grade for children in care was also for care leavers.",
    ),
)
INDICATORS: tuple[Indicator, ...] = ()

_NAME, _REGION = "Local authority name", "LA region"
_PLACE = ("Web link", _NAME, _REGION, "LA Authority Type")
_SIF = "Single Inspection of LA Children's Services (SIF)"
_SIF_SUBJECTS = {
    OVERALL: "Overall Judgement (OE)",
    HELP_AND_PROTECTION: "children who need help and protection",
    PERMANENCE: "children looked after and achieving permanence",
    ADOPTION: "CLA Sub: Adoption Performance",
    CARE_LEAVERS: "CLA Sub: Experiences and progress of care leavers",
    LEADERSHIP: "leadership, management and governance",
}
_ILACS_FIRST = {
    OVERALL: "overall effectiveness",
    LEADERS: "impact of leaders",
    HELP_AND_PROTECTION: "experiences and progress of children who need help and protection",
    IN_CARE: "experiences and progress of children in care and care leavers",
}
_ILACS_SECOND = {
    **_ILACS_FIRST,
    IN_CARE: "experiences and progress of children in care",
    CARE_LEAVERS: "experiences and progress of care leavers",
}
_BEFORE_SIF = (
    Columns(
        "SLAC",
        "Safeguarding & Looked After Children (SLAC) Inspection publication date",
        {
            SAFEGUARDING: "SLAC Safeguarding Overall effectiveness (OE)",
            LOOKED_AFTER: "SLAC Looked After Children Overall Effectiveness (OE)",
        },
        inspection="Safeguarding & Looked After Children (SLAC) Inspection",
    ),
    Columns(
        "SLAC",
        "SLAC re-inspection of Safeguarding publication date",
        {SAFEGUARDING: "SLAC re-inspection Safeguarding OE"},
        inspection="SLAC re-inspection of Safeguarding",
    ),
    Columns(
        "SLAC",
        "SLAC re-inspection of services for Children Looked After publication date",
        {LOOKED_AFTER: "SLAC re-inspection of services Children Looked After OE"},
        inspection="SLAC re-inspection of services for Children Looked After",
    ),
    Columns(
        "CPI",
        "Child Protection Inspections (CPI) publication date",
        {OVERALL: "CPI Overall Effectiveness (OE)"},
        inspection="Child Protection Inspections (CPI)",
    ),
    Columns(
        "CPI",
        "Child Protection Re-Inspection (CPRI) publication date",
        {OVERALL: "CPRI Overall Effectiveness (OE)"},
        inspection="Child Protection Re-Inspection (CPRI)",
    ),
    Columns(
        "TLAC",
        "Targeted Looked After Children (TLAC) inspection publication date",
        {OVERALL: "TLAC Overall Effectiveness (OE)"},
        inspection="Targeted Looked After Children (TLAC) inspection",
    ),
)
_SIFS = tuple(
    Columns(
        "SIF",
        f"{_SIF} {which} publication date",
        {subject: f"{start} {end}" for subject, end in _SIF_SUBJECTS.items()},
        inspection=f"Single Inspection Framework (SIF){kind}",
    )
    for which, start, kind in (
        ("First SIF", "First SIF", ""),
        ("SIF Re-inspection", "SIF Re-inspection", " re-inspection"),
    )
)
_BOARD = "LSCB Overall Effectiveness"


def _ilacs(prefix: str, ends: dict[str, str]) -> Columns:
    start = f"{prefix}ILACS framework"
    return Columns(
        "ILACS",
        f"{start} publication date",
        {subject: f"{start} {end}" for subject, end in ends.items()},
        kind=f"{start} inspection type",
    )


def _names(several: tuple[Columns, ...]) -> tuple[str, ...]:
    return tuple(
        name
        for each in several
        for name in (*([each.kind] if each.kind else []), each.published, *each.subjects.values())
    )


_ILACS = (_ilacs("First ", _ILACS_FIRST), _ilacs("Second ", _ILACS_SECOND))
_ILACS_BELOW = (_ilacs("", _ILACS_FIRST),)
_FRONT = (*_PLACE, *_names(_BEFORE_SIF), *_names(_SIFS[:1]), _BOARD, *_names(_SIFS[1:]))
BELOW = (*_FRONT, *_names(_ILACS_BELOW))
LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "inspections of local authorities 2009 to 2023",
        (*_FRONT, *_names(_ILACS)),
        _PLACE,
        sheet="LA_inspections_2009-20[0-9]{2}",
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read the history of 2009 to 2023.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, a row's area is not in the register, or a grade or a day cannot be.
    """
    opened = open_table(path, LAYOUTS)
    release = re.sub(r".*-", "", opened.sheet)
    found = Inspections(opened, SOURCE, release, until=issued(path), is_one_row_each=True)
    for line in found.lines(_NAME, BELOW):
        area = named_area(
            register,
            line.cells[_NAME],
            region=line.cells[_REGION],
            is_gone=line.is_below,
            asked=f"reading {opened.file}, row {line.number}",
        )
        # The lower table's first inspection stands under the upper table's heading of the first.
        ilacs = _ILACS[:1] if line.is_below else _ILACS
        found.take(line, area, (*_BEFORE_SIF, *_SIFS, *ilacs))
    found.account.notes.append("the column of local safeguarding children boards is not read: it judges another body")
    return found.reading()
