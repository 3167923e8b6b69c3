"""Children in need: episodes and children at any point of the year, started, ended and open at 31 March.

Published each autumn by the Department for Education for the year to 31 March. National and regional counts are rounded
to 10; authorities' are not. The release of 2025 gives no rates: studies make them over the population of mid-2024.
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
    key="children_in_need",
    publisher=PUBLISHER,
    title="Children in need: episodes of need",
    address=CHILDREN_IN_NEED,
    licence=LICENCE,
    known_problems=(
        ROUNDED,
        "Hackney has no figures for 2021 and 2022 after a cyberattack; those of 2020 stand in the totals.",
        "Hampshire's figures for 2024 are withheld as unreliable, and Herefordshire's of what started; others stand in "
        "the totals.",
        "The release of 2025 gives no rates; those of older releases rest on populations revised since.",
    ),
)
_EPISODES = "A child may have several episodes of need in a year."
_AWAITING = "Open at 31 March, with no assessment completed or none required."
_YEAR, _MARCH = Maker(SOURCE.key, PeriodKind.YEAR_TO_MARCH), Maker(SOURCE.key, PeriodKind.AT_MARCH)
# Column of the 2024 release, key, what is counted, when, and what to know of it.
_COUNTED = (
    ("Anypoint_episodes", "need_any_point", "Episodes of need at any point of the year", _YEAR, _EPISODES),
    ("Anypoint_child", "need_any_point_child", "Children in need at any point of the year", _YEAR, ""),
    ("Started_episodes", "need_start", "Episodes of need started in the year", _YEAR, _EPISODES),
    ("Started_child", "need_start_child", "Children who started an episode of need in the year", _YEAR, ""),
    ("Ended_episodes", "need_end", "Episodes of need ended in the year", _YEAR, _EPISODES),
    ("Ended_child", "need_end_child", "Children whose episode of need ended in the year", _YEAR, ""),
    ("At31_episodes", "need_march", "Children in need at 31 March", _MARCH, ""),
    (
        "Awaiting_assessment",
        "need_awaiting_march",
        "Children in need awaiting assessment at 31 March",
        _MARCH,
        _AWAITING,
    ),
)
INDICATORS: tuple[Indicator, ...] = tuple(
    indicator
    for _, key, title, maker, caveat in _COUNTED
    for indicator in (
        maker.count(f"{key}_count", title, *([caveat] if caveat else [])),
        maker.rate(f"{key}_rate_per_10k", f"{title}, per 10,000 children", *([caveat] if caveat else [])),
    )
)
_COUNTS = [(column, f"{key}_count") for column, key, _, _, _ in _COUNTED]
_RATES = [(f"{column}_rate", f"{key}_rate_per_10k") for column, key, _, _, _ in _COUNTED]
_FILTERS = {"category": "Children in Need"}

LAYOUTS: tuple[Layout, ...] = (
    ees_layout(
        "children in need, from the 2025 release",
        measures([*_COUNTS[:-1], ("awaiting_assessment", _COUNTS[-1][1])], INDICATORS),
        filters=_FILTERS,
        row_kind=PeriodKind.YEAR_TO_MARCH,
    ),
    ees_layout(
        "children in need, to the 2024 release",
        measures([pair for both in zip(_COUNTS, _RATES, strict=True) for pair in both], INDICATORS),
        filters=_FILTERS,
        row_kind=PeriodKind.YEAR_TO_MARCH,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of children in need.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
