"""Children looked after who moved school in the year and in two years: any move, and moves within a school year.

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
    key="school_moves",
    publisher=PUBLISHER,
    title="Children looked after who moved school",
    address=STABILITY,
    licence=LICENCE,
    known_problems=(ROUNDED, "Shares are rounded to whole numbers.", "Rows of 2020 have no figures."),
)
_MARCH = Maker(SOURCE.key, PeriodKind.AT_MARCH)
# The group of children and the kind of move, those who moved, the stem of the keys, who they are, and what they did.
_MOVED = (
    (
        ("CLA on 31 March", "Any moves"),
        "With one or more moves during the year",
        "school_move",
        "looked after at 31 March",
        "moved school in the year",
    ),
    (
        ("CLA on 31 March", "Mid-year moves"),
        "With one or more mid-year moves during the year",
        "mid_year_school_move",
        "looked after at 31 March",
        "moved within a school year in the year",
    ),
    (
        ("CLA 2 years on 31 March", "Any moves"),
        "With one or more moves during the previous 2 years",
        "school_move_two_years",
        "looked after for two years",
        "moved school in those years",
    ),
    (
        ("CLA 2 years on 31 March", "Mid-year moves"),
        "With one or more mid-year moves during the previous 2 years",
        "mid_year_school_move_two_years",
        "looked after for two years",
        "moved within a school year in those years",
    ),
)
INDICATORS: tuple[Indicator, ...] = tuple(
    indicator
    for _, _, key, who, did in _MOVED
    for indicator in (
        _MARCH.count(f"{key}_of_count", f"Children {who}, of whom some {did}"),
        _MARCH.count(f"{key}_count", f"Children {who} who {did}"),
        _MARCH.percent(
            f"{key}_percent",
            f"Share of the children {who} who {did}",
            of=(f"{key}_count", f"{key}_of_count"),
            direction="lower",
            decimals=0,
        ),
    )
)

LAYOUTS: tuple[Layout, ...] = (
    replace(
        filtered_layout(
            "school moves of children looked after",
            [
                measure
                for group, moved, key, _, _ in _MOVED
                for measure in (
                    chosen("number", f"{key}_of_count", *group, "Total children"),
                    chosen("number", f"{key}_count", *group, moved),
                    chosen("percentage", f"{key}_percent", *group, moved, ceiling=100.0),
                )
            ],
            columns=("cla_group", "move_measure", "school_stability", "number", "percentage"),
            geography=GEOGRAPHY_NAME_FIRST,
            spread=("cla_group", "move_measure", "school_stability"),
            common=("cla_group", "number", "percentage"),
        ),
        lists_other_areas=True,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of school moves.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
