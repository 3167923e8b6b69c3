"""Child protection plans that are a child's second or a later one, of all plans started in the year.

Published each autumn by the Department for Education for the year to 31 March. National and regional counts are rounded
to 10; authorities' are not.
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
    key="second_plans",
    publisher=PUBLISHER,
    title="Child protection plans that are a second or later one",
    address=CHILDREN_IN_NEED,
    licence=LICENCE,
    known_problems=(
        ROUNDED,
        "Hackney has no figures for 2021 and 2022 after a cyberattack; those of 2020 stand in the totals.",
        "Hampshire's figures for 2024 are withheld as unreliable; others stand in the totals.",
        "Doncaster's second plans of 2022 are withheld as unreliable.",
    ),
)
_EVER = "An earlier plan counts however long ago it was, if the authority knows of it."
_YEAR = Maker(SOURCE.key, PeriodKind.YEAR_TO_MARCH)
INDICATORS: tuple[Indicator, ...] = (
    _YEAR.count("plan_started_count", "Child protection plans started, as the table of second plans counts them"),
    _YEAR.count("second_plan_count", "Child protection plans started that were a second or later one", _EVER),
    _YEAR.percent(
        "second_plan_percent",
        "Share of the child protection plans started that were a second or later one",
        _EVER,
        of=("second_plan_count", "plan_started_count"),
        direction="lower",
    ),
)

LAYOUTS: tuple[Layout, ...] = (
    # Both releases, 2024 and 2025, are in this layout.
    ees_layout(
        "second child protection plans",
        measures(
            [
                ("CPP_start", "plan_started_count"),
                ("CPP_subsequent", "second_plan_count"),
                ("CPP_subsequent_percent", "second_plan_percent"),
            ],
            INDICATORS,
        ),
        filters={"category": "Child Protection Plans which are a second or subsequent plan"},
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of second child protection plans.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
