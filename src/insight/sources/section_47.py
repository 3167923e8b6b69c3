"""Section 47 enquiries and initial child protection conferences of authorities.

Published each autumn by the Department for Education for the year to 31 March. National and regional counts are rounded
to 10; authorities' are not. The parts by duration may fall short of all conferences: some have no start recorded.
"""

from __future__ import annotations

from pathlib import Path

from insight.core.indicator import Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._ees import ees_layout, read_panel
from insight.sources._layout import Layout, Measure
from insight.sources._reading import Reading

SOURCE = Source(
    key="section_47",
    publisher="Department for Education",
    title="Children in need: section 47 enquiries and initial child protection conferences",
    address="https://explore-education-statistics.service.gov.uk/find-statistics/characteristics-of-children-in-need",
    licence="Open Government Licence v3.0",
    known_problems=(
        "National and regional counts are rounded to 10, authorities' are not.",
        "Rates rest on populations revised since.",
        "Areas new in 2019 have no rates for their first year.",
    ),
)
_ENQUIRY = "An enquiry under section 47 of the Children Act 1989, into whether a child suffers significant harm."
_DAYS = "Working days from the start of the section 47 enquiry to the conference; 15 is the limit set in guidance."


def _count(key: str, title: str, *caveats: str) -> Indicator:
    return Indicator(
        key,
        title,
        "count",
        "neither",
        PeriodKind.YEAR_TO_MARCH,
        SOURCE.key,
        additive=True,
        rounding=10.0,
        decimals=0,
        caveats=caveats,
    )


def _rate(key: str, title: str) -> Indicator:
    caveat = "Over the population aged 0 to 17 as it was estimated at the time."
    return Indicator(key, title, "rate per 10,000", "neither", PeriodKind.YEAR_TO_MARCH, SOURCE.key, caveats=(caveat,))


def _days(key: str, title: str) -> Indicator:
    return Indicator(key, title, "days", "lower", PeriodKind.YEAR_TO_MARCH, SOURCE.key, decimals=0, caveats=(_DAYS,))


INDICATORS: tuple[Indicator, ...] = (
    _count("section_47_count", "Section 47 enquiries started in the year", _ENQUIRY),
    _rate("section_47_rate_per_10k", "Section 47 enquiries per 10,000 children"),
    _count("section_47_child_count", "Children subject to a section 47 enquiry in the year", _ENQUIRY),
    _rate("section_47_child_rate_per_10k", "Children subject to a section 47 enquiry per 10,000 children"),
    _count("conference_count", "Initial child protection conferences in the year"),
    _rate("conference_rate_per_10k", "Initial child protection conferences per 10,000 children"),
    _count("conference_child_count", "Children subject to an initial child protection conference in the year"),
    _rate("conference_child_rate_per_10k", "Children subject to an initial child protection conference per 10,000"),
    _count("conference_days_count", "Initial child protection conferences, by working days since the enquiry", _DAYS),
    _days("conference_days_lower_quarter", "Working days from enquiry to conference: a quarter took no longer"),
    _days("conference_days_median", "Working days from enquiry to conference: half took no longer"),
    _days("conference_days_upper_quarter", "Working days from enquiry to conference: three quarters took no longer"),
)
_WHOLE = {
    "Section47": "section_47_count",
    "Section47_rate": "section_47_rate_per_10k",
    "Section47_child": "section_47_child_count",
    "Section47_child_rate": "section_47_child_rate_per_10k",
    "ICPC": "conference_count",
    "ICPC_rate": "conference_rate_per_10k",
    "ICPC_child": "conference_child_count",
    "ICPC_child_rate": "conference_child_rate_per_10k",
}
_PARTS = {
    "Duration_0-10_days": "0 to 10 days",
    "Duration_11-15_days": "11 to 15 days",
    "Duration_16-20_days": "16 to 20 days",
    "Duration_21+_days": "21 days or more",
}
_QUARTERS = {
    "Duration_25th_Percentile": "conference_days_lower_quarter",
    "Duration_median": "conference_days_median",
    "Duration_75th_Percentile": "conference_days_upper_quarter",
}
# A rate above 10,000 is another unit.
_CEILINGS = {indicator.key: 10_000.0 for indicator in INDICATORS if indicator.unit == "rate per 10,000"}

LAYOUTS: tuple[Layout, ...] = (
    ees_layout(
        "section 47 enquiries and conferences, to the 2024 release",
        [
            *(Measure(column, key, ceiling=_CEILINGS.get(key)) for column, key in _WHOLE.items()),
            *(Measure(column, "conference_days_count", breakdown=name) for column, name in _PARTS.items()),
            *(Measure(column, key) for column, key in _QUARTERS.items()),
        ],
        filters={"category": "Section 47s and Initial Child Protection Conferences"},
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of section 47 enquiries and conferences.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
