"""Children looked after: how many started, were looked after at 31 March, and ceased, with rates; from 2021.

Published each autumn by the Department for Education for the year to 31 March. National and regional counts are rounded
to 10; authorities' are not. Rates are printed as whole numbers, over the population that the file names.
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
from insight.sources._indicator import LICENCE, LOOKED_AFTER, PUBLISHER, ROUNDED, Maker
from insight.sources._layout import Layout
from insight.sources._reading import Reading

SOURCE = Source(
    key="looked_after",
    publisher=PUBLISHER,
    title="Children looked after: starting, at 31 March and ceasing",
    address=LOOKED_AFTER,
    licence=LICENCE,
    known_problems=(
        ROUNDED,
        "Rates are rounded to whole numbers.",
        "Those of the Isles of Scilly are not applicable or withheld.",
    ),
)
# The publisher's words, key, what is counted, and when.
_COUNTED = (
    (
        "Children starting to be looked after each year",
        "looked_after_start",
        "Children who started to be looked after in the year",
        Maker(SOURCE.key, PeriodKind.YEAR_TO_MARCH),
    ),
    (
        "Children looked after on 31 March each year",
        "looked_after_march",
        "Children looked after at 31 March",
        Maker(SOURCE.key, PeriodKind.AT_MARCH),
    ),
    (
        "Children ceasing to be looked after each year",
        "looked_after_end",
        "Children who ceased to be looked after in the year",
        Maker(SOURCE.key, PeriodKind.YEAR_TO_MARCH),
    ),
)
INDICATORS: tuple[Indicator, ...] = tuple(
    indicator
    for _, key, title, maker in _COUNTED
    for indicator in (
        maker.count(f"{key}_count", title),
        maker.rate(f"{key}_rate_per_10k", f"{title}, per 10,000 children", decimals=0),
    )
)

LAYOUTS: tuple[Layout, ...] = (
    replace(
        filtered_layout(
            "children looked after, numbers and rates",
            [
                measure
                for words, key, _, _ in _COUNTED
                for measure in (
                    chosen("children_count", f"{key}_count", words),
                    chosen("rate_per_10000", f"{key}_rate_per_10k", words, ceiling=10_000.0),
                )
            ],
            columns=("population_type", "population_estimate", "children_count", "rate_per_10000"),
            geography=GEOGRAPHY_NAME_FIRST,
            spread=("population_type",),
            unread=("population_estimate",),
            common=("population_estimate", "children_count"),
            row_kind=PeriodKind.YEAR_TO_MARCH,
        ),
        lists_other_areas=True,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of children looked after.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
