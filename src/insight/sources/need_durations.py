"""Children in need at 31 March by how long their episode of need has been open.

Published each autumn by the Department for Education. National and regional counts are rounded to 10; authorities' are
not. The whole is checked against its parts and not kept: the table of children in need has it.
"""

from __future__ import annotations

from pathlib import Path

from insight.core.register import Register
from insight.core.source import Source
from insight.sources._durations import duration_indicators, duration_layout
from insight.sources._ees import read_panel
from insight.sources._indicator import CHILDREN_IN_NEED, LICENCE, PUBLISHER, ROUNDED
from insight.sources._layout import Layout
from insight.sources._reading import Reading

SOURCE = Source(
    key="need_durations",
    publisher=PUBLISHER,
    title="Children in need at 31 March by how long their episode has been open",
    address=CHILDREN_IN_NEED,
    licence=LICENCE,
    known_problems=(
        ROUNDED,
        "Small numbers are withheld, and where it takes that another of the same authority.",
        "Hackney has no figures for 2021 and 2022 after a cyberattack; those of 2020 stand in the totals.",
        "Hampshire's figures for 2024 are withheld as unreliable; others stand in the totals.",
    ),
)
_COUNT, _PERCENT = "need_duration_count", "need_duration_percent"
INDICATORS = duration_indicators(SOURCE.key, count=_COUNT, percent=_PERCENT, what="Children in need")

LAYOUTS: tuple[Layout, ...] = (
    duration_layout(
        "children in need by duration, to the 2024 release",
        category="Duration of open episode",
        whole="At31_episodes",
        longest="2years+",
        count=_COUNT,
        percent=_PERCENT,
    ),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of children in need by duration.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, breaks a rule of its layout, or its parts are not their whole.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
