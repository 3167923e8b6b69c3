"""Child protection plans open for three months or more at 31 March, and those of them reviewed in time.

Published each autumn by the Department for Education. National and regional counts are rounded to 10; authorities' are
not. Guidance asks for a first review within three months of the start and another at least every six months.
"""

from __future__ import annotations

from pathlib import Path

from insight.core.indicator import Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._ees import ees_layout, read_panel
from insight.sources._indicator import CHILDREN_IN_NEED, LICENCE, PUBLISHER, ROUNDED, Maker, measures
from insight.sources._layout import Layout
from insight.sources._reading import Reading

SOURCE = Source(
    key="plan_reviews",
    publisher=PUBLISHER,
    title="Child protection plans reviewed within the required time",
    address=CHILDREN_IN_NEED,
    licence=LICENCE,
    known_problems=(
        ROUNDED,
        "Hackney has no figures for 2021 and 2022 after a cyberattack; those of 2020 stand in the totals.",
        "Hampshire's figures for 2024 are withheld as unreliable; others stand in the totals.",
        "Single authorities have no figures in single years, Bournemouth, Christchurch and Poole in 2020.",
    ),
)
_MARCH = Maker(SOURCE.key, PeriodKind.AT_MARCH)
INDICATORS: tuple[Indicator, ...] = (
    _MARCH.count("plan_three_months_count", "Child protection plans open for three months or more at 31 March"),
    _MARCH.count("plan_reviewed_count", "Child protection plans open for three months or more, reviewed in time"),
    _MARCH.percent(
        "plan_reviewed_percent",
        "Share of the child protection plans open for three months or more that were reviewed in time",
        of=("plan_reviewed_count", "plan_three_months_count"),
        direction="higher",
    ),
)

LAYOUTS: tuple[Layout, ...] = (
    ees_layout(
        "reviews of child protection plans, to the 2024 release",
        measures(
            [
                ("CPP_At31_3Months", "plan_three_months_count"),
                ("Reviewed_within_timescales", "plan_reviewed_count"),
                ("Reviewed_within_timescales_percent", "plan_reviewed_percent"),
            ],
            INDICATORS,
        ),
        filters={"category": "Child Protection Plans reviewed within timescales"},
        row_kind=PeriodKind.YEAR_TO_MARCH,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of reviews of child protection plans.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
