"""Children looked after at 31 March who had three or more social workers in the year; first collected in 2024.

Published by the Department for Education for the year to 31 March. National and regional counts are rounded to 10;
authorities' are not. Shares are printed as whole numbers.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from insight.core.indicator import Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._ees import GEOGRAPHY_NAME_FIRST, filtered_layout, read_panel
from insight.sources._filters import chosen
from insight.sources._indicator import LICENCE, PUBLISHER, ROUNDED, STABILITY, Maker
from insight.sources._layout import Layout
from insight.sources._reading import Reading

SOURCE = Source(
    key="social_worker_changes",
    publisher=PUBLISHER,
    title="Children looked after by how many social workers they had in the year",
    address=STABILITY,
    licence=LICENCE,
    known_problems=(
        ROUNDED,
        "Shares are rounded to whole numbers.",
        "Collected for the first time in 2024; Barnet has no figures.",
    ),
)
_GROUP = "CLA on 31 March"
_MARCH = Maker(SOURCE.key, PeriodKind.AT_MARCH)
INDICATORS: tuple[Indicator, ...] = (
    _MARCH.count(
        "social_worker_changes_of_count",
        "Children looked after at 31 March, as the table of social workers counts them",
    ),
    _MARCH.count(
        "three_social_workers_count", "Children looked after at 31 March with three or more social workers in the year"
    ),
    _MARCH.percent(
        "three_social_workers_percent",
        "Share of the children looked after at 31 March who had three or more social workers in the year",
        of=("three_social_workers_count", "social_worker_changes_of_count"),
        direction="lower",
        decimals=0,
    ),
)
_MANY = "3 or more social workers during the year"

LAYOUTS: tuple[Layout, ...] = (
    replace(
        filtered_layout(
            "children looked after by number of social workers",
            [
                chosen("number", "social_worker_changes_of_count", _GROUP, "Total children"),
                chosen("number", "three_social_workers_count", _GROUP, _MANY),
                chosen("percentage", "three_social_workers_percent", _GROUP, _MANY, ceiling=100.0),
            ],
            columns=("cla_group", "sw_stability", "number", "percentage"),
            geography=GEOGRAPHY_NAME_FIRST,
            spread=("cla_group", "sw_stability"),
            common=("cla_group", "number", "percentage"),
        ),
        lists_other_areas=True,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of children looked after by number of social workers.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
