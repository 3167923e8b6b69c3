"""Child protection plans: started and ended in the year, at any point of it, and at its end.

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
from insight.sources._layout import Layout, Measure
from insight.sources._reading import Reading

SOURCE = Source(
    key="child_protection_plans",
    publisher="Department for Education",
    title="Children in need: child protection plans",
    address="https://explore-education-statistics.service.gov.uk/find-statistics/characteristics-of-children-in-need",
    licence="Open Government Licence v3.0",
    known_problems=(
        "National and regional counts are rounded to 10, authorities' are not.",
        "Rates rest on populations revised since.",
        "Areas new in 2019 have no rates for their first year.",
    ),
)
# Column, key, what is counted, and when.
_COUNTED = (
    ("CPP_start", "plan_start", "Child protection plans started in the year", PeriodKind.YEAR_TO_MARCH),
    ("CPP_child_start", "plan_start_child", "Children who started a plan in the year", PeriodKind.YEAR_TO_MARCH),
    ("CPP_end", "plan_end", "Child protection plans ended in the year", PeriodKind.YEAR_TO_MARCH),
    ("CPP_child_end", "plan_end_child", "Children whose plan ended in the year", PeriodKind.YEAR_TO_MARCH),
    ("CPP_anypoint", "plan_any_point", "Child protection plans at any point of the year", PeriodKind.YEAR_TO_MARCH),
    ("CPP_child_anypoint", "plan_any_point_child", "Children on a plan at any point", PeriodKind.YEAR_TO_MARCH),
    ("CPP_At31", "plan_march", "Child protection plans at 31 March", PeriodKind.AT_MARCH),
)


def _both(key: str, title: str, when: PeriodKind) -> tuple[Indicator, Indicator]:
    """The count and the rate of one thing."""
    caveat = "Over the population aged 0 to 17 as it was estimated at the time."
    return (
        Indicator(
            f"{key}_count", title, "count", "neither", when, SOURCE.key, additive=True, rounding=10.0, decimals=0
        ),
        Indicator(
            f"{key}_rate_per_10k",
            f"{title}, per 10,000 children",
            "rate per 10,000",
            "neither",
            when,
            SOURCE.key,
            caveats=(caveat,),
        ),
    )


INDICATORS: tuple[Indicator, ...] = tuple(
    indicator for _, key, title, when in _COUNTED for indicator in _both(key, title, when)
)

LAYOUTS: tuple[Layout, ...] = (
    ees_layout(
        "child protection plans, to the 2024 release",
        [
            measure
            for column, key, _, _ in _COUNTED
            for measure in (
                Measure(column, f"{key}_count"),
                # A rate above 10,000 is another unit.
                Measure(f"{column}_rate", f"{key}_rate_per_10k", ceiling=10_000.0),
            )
        ],
        filters={"category": "Child Protection Plans"},
        row_kind=PeriodKind.YEAR_TO_MARCH,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of child protection plans.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
