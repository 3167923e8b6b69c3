"""Referrals to children's services by who made them, one row of the file for each place and year to March.

Published each autumn by the Department for Education. National and regional counts are rounded to 10; authorities' are
not. The year's own total is checked against its parts and not kept: the table of referrals has it. In early years some
referrals belong to none of the sources, so the parts may fall short of the year.
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
    key="referrals_by_source",
    publisher="Department for Education",
    title="Children in need: referrals by who made them",
    address="https://explore-education-statistics.service.gov.uk/find-statistics/characteristics-of-children-in-need",
    licence="Open Government Licence v3.0",
    known_problems=(
        "National and regional counts are rounded to 10, authorities' are not.",
        "Small numbers are withheld, and where it takes that the next smallest of the same authority.",
        "In 2014, and in single authorities until 2019, the sources add up to less than the year's referrals.",
        "Hampshire's and Herefordshire's figures for 2024 are withheld as unreliable; others stand in the totals.",
    ),
)
BREAKDOWNS = {
    "Individual": "Individual",
    "Schools": "Schools",
    "Education_Services": "Education services",
    "Health_Services": "Health services",
    "Housing": "Housing",
    "LA_Services": "Local authority services",
    "Police": "Police",
    "Other_legal_agency": "Other legal agency",
    "Other": "Other",
    "Anonymous": "Anonymous",
    "Unknown": "Unknown",
}

INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        key="referral_source_count",
        title="Referrals in the year, by who made them",
        unit="count",
        direction="neither",
        period_kind=PeriodKind.YEAR_TO_MARCH,
        source=SOURCE.key,
        additive=True,
        rounding=10.0,
        decimals=0,
        caveats=("A referral has one source: who sent it in, which may not be who first saw the need.",),
    ),
)

LAYOUTS: tuple[Layout, ...] = (
    ees_layout(
        "referrals by source, to the 2024 release",
        [Measure(column, "referral_source_count", breakdown=name) for column, name in BREAKDOWNS.items()],
        filters={"category": "Source of referral"},
        whole="Referrals",
        has_other_parts=True,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of referrals by source.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, breaks a rule of its layout, or its parts are more than their year.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
