"""Care leavers aged 17 to 21: what they do, and whether where they live suits them; from 2021.

Published each autumn by the Department for Education for the year to 31 March, in two files, at the birthday in the
year. National and regional counts are rounded to 10; authorities' are not. The age is the breakdown. The two files have
the same columns and are told apart by their categories.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from insight.core.indicator import Direction, Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._ees import GEOGRAPHY_NAME_FIRST, filtered_layout, fitting, read_opened
from insight.sources._filters import FilteredLayout, chosen
from insight.sources._indicator import LICENCE, LOOKED_AFTER, PUBLISHER, ROUNDED, Maker
from insight.sources._layout import Layout
from insight.sources._open import open_table
from insight.sources._reading import Reading

SOURCE = Source(
    key="care_leavers",
    publisher=PUBLISHER,
    title="Care leavers: activity and suitability of accommodation",
    address=LOOKED_AFTER,
    licence=LICENCE,
    known_problems=(
        ROUNDED,
        "Shares are rounded to whole numbers.",
        "More than a fifth of the figures are withheld, because they or others beside them are small.",
    ),
)
AGES = ("17 to 18 years", "19 to 21 years")
_Stated = tuple[tuple[str, str, str, Direction], ...]
# The publisher's words, the stem of the keys, what they do, and which way is better.
_ACTIVITY: _Stated = (
    (
        "Total in education, employment or training",
        "care_leaver_active",
        "in education, employment or training",
        "higher",
    ),
    ("Higher education i.e. studies beyond A level", "care_leaver_higher_education", "in higher education", "neither"),
    (
        "Education other than higher education",
        "care_leaver_other_education",
        "in education other than higher education",
        "neither",
    ),
    ("In training or employment", "care_leaver_work", "in training or employment", "neither"),
    ("In an apprenticeship", "care_leaver_apprenticeship", "in an apprenticeship", "neither"),
    (
        "In training or employment (excl. apprenticeship)",
        "care_leaver_other_work",
        "in training or employment other than an apprenticeship",
        "neither",
    ),
    (
        "Total not in education, employment or training",
        "care_leaver_inactive",
        "not in education, employment or training",
        "lower",
    ),
    (
        "Not in education, training or employment, owing to illness or disability",
        "care_leaver_inactive_ill",
        "not in education, employment or training because of illness or disability",
        "neither",
    ),
    (
        "Not in education, training or employment, owing to pregnancy or parenting",
        "care_leaver_inactive_parent",
        "not in education, employment or training because of pregnancy or being a parent",
        "neither",
    ),
    (
        "Not in education, training or employment, owing to other reasons",
        "care_leaver_inactive_other",
        "not in education, employment or training for other reasons",
        "neither",
    ),
    (
        "Total information not known",
        "care_leaver_activity_unknown",
        "of whom nothing is known of what they do",
        "lower",
    ),
)
_HOMES: _Stated = (
    (
        "Accommodation considered suitable",
        "care_leaver_suitable_home",
        "whose accommodation is considered suitable",
        "higher",
    ),
    (
        "Accommodation considered unsuitable",
        "care_leaver_unsuitable_home",
        "whose accommodation is considered unsuitable",
        "lower",
    ),
    ("No information", "care_leaver_home_unknown", "of whose accommodation nothing is known", "lower"),
)
_TABLES = (
    ("activity", _ACTIVITY, "care_leaver_activity_of_count", "Total", "activity"),
    ("accommodation", _HOMES, "care_leaver_home_of_count", "Suitability total", "suitability of accommodation"),
)
_YEAR = Maker(SOURCE.key, PeriodKind.YEAR_TO_MARCH)
_DECIMALS = 0


def _indicators(stated: _Stated, whole: str, what: str) -> list[Indicator]:
    made = [_YEAR.count(whole, f"Care leavers, as the table of {what} counts them, by age")]
    for _, key, words, better in stated:
        made += [
            _YEAR.count(f"{key}_count", f"Care leavers {words}, by age", direction=better),
            _YEAR.percent(
                f"{key}_percent",
                f"Share of care leavers {words}, by age",
                of=(f"{key}_count", whole),
                direction=better,
                decimals=_DECIMALS,
            ),
        ]
    return made


def _layout(series: str, stated: _Stated, whole: str, total: str, what: str) -> FilteredLayout:
    numbers = ("care_leaver_count", "care_leaver_percent")
    return filtered_layout(
        f"care leavers by {what}",
        [
            chosen(numbers[0], whole, total),
            *(
                measure
                for value, key, _, _ in stated
                for measure in (
                    chosen(numbers[0], f"{key}_count", value),
                    chosen(numbers[1], f"{key}_percent", value, ceiling=100.0),
                )
            ),
        ],
        columns=("care_leaver_age", "breakdown", *numbers),
        geography=GEOGRAPHY_NAME_FIRST,
        parts={"care_leaver_age": {age: age for age in AGES}},
        spread=("breakdown",),
        common=("breakdown",),
        series=series,
    )


INDICATORS: tuple[Indicator, ...] = tuple(
    indicator for _, stated, whole, _, what in _TABLES for indicator in _indicators(stated, whole, what)
)
_BOTH = tuple(
    replace(_layout(series, stated, whole, total, what), lists_other_areas=True)
    for series, stated, whole, total, what in _TABLES
)
LAYOUTS: tuple[Layout, ...] = _BOTH


def read(path: Path, register: Register) -> Reading:
    """Read one file of care leavers.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    opened = fitting(open_table(path, LAYOUTS), _BOTH)
    return read_opened(opened, register, source=SOURCE, indicators=INDICATORS)
