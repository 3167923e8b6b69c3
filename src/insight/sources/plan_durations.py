"""Child protection plans at 31 March by how long they have been open.

Published each autumn by the Department for Education. National and regional counts are rounded to 10; authorities' are
not. The whole is kept beside its parts: the table of plans reaches to 2024 only, this one to 2025.
"""

from __future__ import annotations

from pathlib import Path

from insight.core.indicator import Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._durations import duration_indicators, duration_layout
from insight.sources._ees import read_panel
from insight.sources._indicator import CHILDREN_IN_NEED, LICENCE, PUBLISHER, ROUNDED, Maker
from insight.sources._layout import Layout
from insight.sources._reading import Reading

SOURCE = Source(
    key="plan_durations",
    publisher=PUBLISHER,
    title="Child protection plans at 31 March by how long they have been open",
    address=CHILDREN_IN_NEED,
    licence=LICENCE,
    known_problems=(
        ROUNDED,
        "Hackney has no figures for 2021 and 2022 after a cyberattack; those of 2020 stand in the totals.",
        "Hampshire's figures for 2024 are withheld as unreliable; others stand in the totals.",
        "A third of the authorities' figures for two years or more are withheld, because they are small.",
    ),
)
_COUNT, _PERCENT, _TOTAL = "plan_duration_count", "plan_duration_percent", "plan_open_count"
INDICATORS: tuple[Indicator, ...] = (
    Maker(SOURCE.key, PeriodKind.AT_MARCH).count(
        _TOTAL, "Child protection plans at 31 March, as the table of durations counts them"
    ),
    *duration_indicators(SOURCE.key, count=_COUNT, percent=_PERCENT, what="Child protection plans"),
)

LAYOUTS: tuple[Layout, ...] = (
    # Both releases, 2024 and 2025, are in this layout.
    duration_layout(
        "child protection plans by duration",
        category="Child Protection Plans by length of time",
        whole="CPP_At31",
        longest="2_years_or_more",
        count=_COUNT,
        percent=_PERCENT,
        total=_TOTAL,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of child protection plans by duration.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, breaks a rule of its layout, or its parts are not their whole.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
