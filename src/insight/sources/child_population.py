"""Children aged 0 to 17 at the middle of each year, on the boundaries of the statistics of children in need.

Estimated by the Office for National Statistics and issued with those statistics. A rate for the year to March t is
taken over the population of the middle of t - 1.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from insight.core.indicator import Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._cell import symbols
from insight.sources._ees import ees_layout, read_panel
from insight.sources._layout import Layout, Measure
from insight.sources._reading import Reading

SOURCE = Source(
    key="child_population",
    publisher="Office for National Statistics",
    title="Children aged 0 to 17, mid-year estimates",
    address="https://explore-education-statistics.service.gov.uk/find-statistics/characteristics-of-children-in-need",
    licence="Open Government Licence v3.0",
    known_problems=(
        "Estimates were revised once the census of 2021 was known, so rates published before differ.",
        "Bournemouth, Poole and the former Dorset have no estimates.",
    ),
)

INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        key="population_0_to_17_count",
        title="Children aged 0 to 17",
        unit="count",
        direction="neither",
        period_kind=PeriodKind.MID_YEAR,
        source=SOURCE.key,
        additive=True,
        decimals=0,
        caveats=("An estimate, revised after each census.",),
    ),
)

LAYOUTS: tuple[Layout, ...] = (
    replace(
        ees_layout(
            "child population, from the 2025 release",
            [Measure("population_estimate", "population_0_to_17_count", is_above_zero=True)],
            filters={"age_group": "Children aged 0 to 17 years"},
        ),
        # An estimate is never withheld: it is there or it is not.
        symbols=symbols("x", "z"),
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of child population.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
