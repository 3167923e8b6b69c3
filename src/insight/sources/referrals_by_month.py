"""Referrals to children's services in each month, one row of the file for each place and year to March.

Published each autumn by the Department for Education. National and regional counts are rounded to 10; authorities' are
not. The year's own total is checked against its months and not kept: the table of referrals has it. A withheld month
stays withheld, although the year and the other months would give it.
"""

from __future__ import annotations

from pathlib import Path

from insight.core.indicator import Indicator
from insight.core.period import MONTHS, PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._ees import ees_layout, read_panel
from insight.sources._layout import Layout, Measure
from insight.sources._reading import Reading

SOURCE = Source(
    key="referrals_by_month",
    publisher="Department for Education",
    title="Children in need: referrals by month",
    address="https://explore-education-statistics.service.gov.uk/find-statistics/characteristics-of-children-in-need",
    licence="Open Government Licence v3.0",
    known_problems=(
        "National and regional counts are rounded to 10, authorities' are not.",
        "Months with small numbers are withheld, and where it takes that another month of the same year.",
        "Some whole years are not available: Norfolk 2013, Cornwall 2014, South Tyneside 2015, Hackney 2021 and 2022.",
        "Hampshire's and Herefordshire's months of 2024 are withheld as unreliable; others stand in the totals.",
        "The months end in March 2024: the release of 2025 has no such table among the files known here.",
    ),
)
_IN_ORDER = (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)

INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        key="referral_month_count",
        title="Referrals in the month",
        unit="count",
        direction="neither",
        period_kind=PeriodKind.MONTH,
        source=SOURCE.key,
        additive=True,
        rounding=10.0,
        decimals=0,
        caveats=(
            "One child may be referred several times.",
            "Months differ in length and in school holidays: compare a month with the same month of other years.",
        ),
    ),
)

LAYOUTS: tuple[Layout, ...] = (
    ees_layout(
        "referrals by month, to the 2024 release",
        [Measure(MONTHS[month - 1], "referral_month_count", month=month) for month in _IN_ORDER],
        filters={"category": "Month of referral"},
        whole="Referrals",
        row_kind=PeriodKind.YEAR_TO_MARCH,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of referrals by month.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, breaks a rule of its layout, or its months do not add up to their year.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
