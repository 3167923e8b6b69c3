"""Child in need plans: started and ended in the year, at any point of it, and at its end; from 2022.

Published each autumn by the Department for Education for the year to 31 March. National and regional counts are rounded
to 10; authorities' are not. A child in need plan is not a child protection plan.
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
    key="child_in_need_plans",
    publisher=PUBLISHER,
    title="Children in need: child in need plans",
    address=CHILDREN_IN_NEED,
    licence=LICENCE,
    known_problems=(
        ROUNDED,
        "Rates rest on populations revised since.",
        "Ten authorities have no figures in one or more years, Barnet and Brighton and Hove in all three.",
        "Hampshire's figures for 2024 are withheld as unreliable; others stand in the totals.",
    ),
)
_YEAR, _MARCH = Maker(SOURCE.key, PeriodKind.YEAR_TO_MARCH), Maker(SOURCE.key, PeriodKind.AT_MARCH)
# Column, key, what is counted, and when.
_COUNTED = (
    ("CINPlan_start", "need_plan_start", "Child in need plans started in the year", _YEAR),
    ("CINPlan_child_start", "need_plan_start_child", "Children who started a child in need plan in the year", _YEAR),
    ("CINPlan_end", "need_plan_end", "Child in need plans ended in the year", _YEAR),
    ("CINPlan_child_end", "need_plan_end_child", "Children whose child in need plan ended in the year", _YEAR),
    ("CINPlan_anypoint", "need_plan_any_point", "Child in need plans at any point of the year", _YEAR),
    (
        "CINPlan_child_anypoint",
        "need_plan_any_point_child",
        "Children on a child in need plan at any point of the year",
        _YEAR,
    ),
    ("CINPlan_At31", "need_plan_march", "Child in need plans at 31 March", _MARCH),
)
INDICATORS: tuple[Indicator, ...] = tuple(
    indicator
    for _, key, title, maker in _COUNTED
    for indicator in (
        maker.count(f"{key}_count", title),
        maker.rate(f"{key}_rate_per_10k", f"{title}, per 10,000 children"),
    )
)

LAYOUTS: tuple[Layout, ...] = (
    ees_layout(
        "child in need plans, to the 2024 release",
        measures(
            [
                pair
                for column, key, _, _ in _COUNTED
                for pair in ((column, f"{key}_count"), (f"{column}_rate", f"{key}_rate_per_10k"))
            ],
            INDICATORS,
        ),
        filters={"category": "CIN Plans"},
        row_kind=PeriodKind.YEAR_TO_MARCH,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of child in need plans.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
