"""What councils spent on children's social care, by service, from their revenue outturn (form RO3).

Issued for each financial year by the Ministry of Housing, Communities and Local Government. A workbook is one year, and
the years stand side by side. Total expenditure is before income; net current expenditure is after it, and a line can be
below zero. The lines add up to the total within rounding; the parts of looked-after children's line sometimes do not.
"""

from __future__ import annotations

import re
from pathlib import Path

from insight.core.indicator import Indicator
from insight.core.missing import Status
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._layout import Layout, Measure
from insight.sources._mhclg import GEOGRAPHY, NET, SYMBOLS, THOUSANDS, TOTAL, Sums, read_outturn, sheet_of
from insight.sources._open import Opened
from insight.sources._reading import Reading
from insight.sources._workbook import header_text, workbook

SOURCE = Source(
    key="revenue_outturn",
    publisher="Ministry of Housing, Communities and Local Government",
    title="Revenue outturn, social care and public health (RO3)",
    address="https://www.gov.uk/government/collections/local-authority-revenue-expenditure-and-financing",
    licence="Open Government Licence v3.0",
    known_problems=(
        "Councils that sent no return in time have no figures: Birmingham in none of the three years.",
        "England's totals hold estimates for them, and the spending of other bodies.",
        "Some returns were not certified by the council's finance officer; 2023-24 has the most.",
        "The parts of spending on looked-after children do not add up in a few councils, such as Richmond upon Thames.",
        "Gateshead could not divide its spending on looked-after children in 2024-25.",
        "2022-23 and 2023-24 are in whole thousands, 2024-25 to the penny.",
    ),
)
LINES = {
    "Children's social care: Sure start children's centres and early years": "Children's centres and early years",
    "Children's social care - Children Looked After": "Children looked after",
    "Children's social care - Other children's and families services": "Other children's and families services",
    "Children's social care - Family Support Services": "Family support",
    "Children's social care - Youth Justice": "Youth justice",
    "Children's social care: Safeguarding children and young people’s services": "Safeguarding",
    "Children's social care - Asylum Seekers": "Asylum seekers",
    "Children's social care: Services for young people": "Services for young people",
}
_CARE = "Children's social care - Children Looked After"
PARTS_OF_CARE = {
    f"{_CARE} of which residential care": "Residential care",
    f"{_CARE} of which fostering services": "Fostering",
    f"{_CARE} of which asylum seeking children who are looked after": "Asylum-seeking children",
    f"{_CARE} of which other": "Other",
}
_WHOLE = "TOTAL CHILDREN SOCIAL CARE"
_AGENCY = f"{_WHOLE} - Children's Social Care - agency staff cost memorandum item"
# As the columns are called in the headers, and the beginnings of the keys.
_KINDS = {TOTAL: ("spending", "before income"), NET: ("net_spending", "after income")}
_NOTE = re.compile(r" \[note [0-9]+\]$")
_REPEAT = re.compile(r"(?<=\))[0-9]+$")
_REVENUE = "Of the council's revenue; capital spending is not in it."


def _spent(key: str, title: str, *caveats: str) -> Indicator:
    return Indicator(
        key=key,
        title=title,
        unit=THOUSANDS,
        direction="neither",
        period_kind=PeriodKind.YEAR_TO_MARCH,
        source=SOURCE.key,
        decimals=0,
        caveats=(_REVENUE, *caveats),
    )


INDICATORS: tuple[Indicator, ...] = (
    *(
        indicator
        for key, when in _KINDS.values()
        for indicator in (
            _spent(f"children_{key}_thousand", f"Spending on children's social care, {when}"),
            _spent(f"children_{key}_by_service_thousand", f"Spending on children's social care by service, {when}"),
            _spent(
                f"looked_after_{key}_thousand",
                f"Spending on children looked after by kind of care, {when}",
                "In a few councils the parts do not add up to the service's own line.",
            ),
        )
    ),
    _spent(
        "children_agency_spending_thousand",
        "Spending on agency staff in children's social care",
        "A memorandum item: it is within the other lines, and not every council fills it in.",
    ),
)
_MEASURES = (
    *(
        measure
        for column, (key, _) in _KINDS.items()
        for measure in (
            Measure(f"{_WHOLE} - {column}", f"children_{key}_thousand"),
            *(
                Measure(f"{line} - {column}", f"children_{key}_by_service_thousand", breakdown=name)
                for line, name in LINES.items()
            ),
            *(
                Measure(f"{part} - {column}", f"looked_after_{key}_thousand", breakdown=name)
                for part, name in PARTS_OF_CARE.items()
            ),
        )
    ),
    Measure(_AGENCY, "children_agency_spending_thousand"),
)
_SUMS = tuple(Sums(tuple(f"{line} - {column}" for line in LINES), f"{_WHOLE} - {column}") for column in _KINDS)

_ORDER = [*LINES]
_ORDER[2:2] = PARTS_OF_CARE
_COLUMNS = (*(f"{line} - {column}" for line in (*_ORDER, _WHOLE) for column in _KINDS), _AGENCY)

LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "revenue outturn RO3, from 2024-25",
        columns=(*GEOGRAPHY, "Certification", *_COLUMNS),
        geography=(*GEOGRAPHY, "Certification"),
        measures=_MEASURES,
        symbols={**SYMBOLS, "[note 4]": Status.NOT_AVAILABLE},
        sheet=sheet_of("RO3"),
        has_more=True,
    ),
    # The header repeats the kinds of expenditure; the line above it names the service.
    Layout(
        "revenue outturn RO3, to 2023-24",
        columns=(*GEOGRAPHY, "Certified", TOTAL, NET, "Children's Social Care - agency staff cost memorandum item"),
        geography=(*GEOGRAPHY, "Certified"),
        measures=_MEASURES,
        symbols=SYMBOLS,
        sheet=sheet_of("RO3"),
        has_more=True,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one workbook of form RO3.

    Raises
    ------
    SourceRefused
        If the workbook is in no known layout, or breaks a rule of its layout.
    """
    return read_outturn(
        path,
        register,
        form="RO3",
        source=SOURCE,
        indicators=INDICATORS,
        layouts=LAYOUTS,
        sums=_SUMS,
        header=_whole_names,
    )


def _whole_names(path: Path, opened: Opened) -> tuple[str, ...]:
    """Each column's name with its service, which the older layout has in a row of its own above the header."""
    header = opened.table.header
    if opened.layout is LAYOUTS[0]:
        return header
    rows = workbook(path).sheets[opened.sheet]
    at = next(number for number, row in enumerate(rows) if tuple(map(header_text, row)) == header)
    named, service = [], ""
    for above, own in zip(rows[at - 1], header, strict=True):
        service = _NOTE.sub("", header_text(above)) or service
        named.append(f"{service} - {_REPEAT.sub('', own)}" if service else own)
    return tuple(named)
