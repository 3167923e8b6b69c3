"""What councils spent on children's social care beside all their services, from the summary of revenue outturn (RSX).

Issued for each financial year by the Ministry of Housing, Communities and Local Government. A workbook is one year, and
the years stand side by side. Children's social care equals the total of form RO3.
"""

from __future__ import annotations

from pathlib import Path

from insight.core.indicator import Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._layout import Layout, Measure
from insight.sources._mhclg import GEOGRAPHY, NET, SYMBOLS, THOUSANDS, TOTAL, read_outturn, sheet_of
from insight.sources._reading import Reading

SOURCE = Source(
    key="revenue_summary",
    publisher="Ministry of Housing, Communities and Local Government",
    title="Revenue outturn, service expenditure summary (RSX)",
    address="https://www.gov.uk/government/collections/local-authority-revenue-expenditure-and-financing",
    licence="Open Government Licence v3.0",
    known_problems=(
        "Councils that sent no return in time have no figures: Birmingham in none of the three years.",
        "England's totals hold estimates for them, and all services of districts, police and fire authorities.",
        "Counties have districts beneath them that pay for other services; unitary councils pay for both.",
        "Some returns were not certified by the council's finance officer; 2023-24 has the most.",
        "2022-23 and 2023-24 are in whole thousands, 2024-25 to the penny.",
    ),
)
_SERVICES = {
    "Children Social Care": (
        "children_summary",
        "Spending on children's social care, as in the summary of all services",
    ),
    "Total Service Expenditure": ("service", "Spending on all services"),
}
_KINDS = {TOTAL: ("spending", "before income"), NET: ("net_spending", "after income")}

INDICATORS: tuple[Indicator, ...] = tuple(
    Indicator(
        key=f"{key}_{kind}_thousand",
        title=f"{title}, {when}",
        unit=THOUSANDS,
        direction="neither",
        period_kind=PeriodKind.YEAR_TO_MARCH,
        source=SOURCE.key,
        decimals=0,
        caveats=("Of the council's revenue; capital spending is not in it.",),
    )
    for key, title in _SERVICES.values()
    for kind, when in _KINDS.values()
)
_MEASURES = tuple(
    Measure(f"{service} - {column}", f"{key}_{kind}_thousand")
    for service, (key, _) in _SERVICES.items()
    for column, (kind, _) in _KINDS.items()
)


def _layout(name: str, certified: str) -> Layout:
    geography = (*GEOGRAPHY, certified)
    return Layout(
        name,
        columns=(*geography, *(measure.column for measure in _MEASURES)),
        geography=geography,
        measures=_MEASURES,
        symbols=SYMBOLS,
        sheet=sheet_of("RSX"),
        has_more=True,
    )


LAYOUTS: tuple[Layout, ...] = (
    _layout("revenue outturn RSX, from 2024-25", "Certification"),
    _layout("revenue outturn RSX, to 2023-24", "Certified"),
)


def read(path: Path, register: Register) -> Reading:
    """Read one workbook of form RSX.

    Raises
    ------
    SourceRefused
        If the workbook is in no known layout, or breaks a rule of its layout.
    """
    return read_outturn(path, register, form="RSX", source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
