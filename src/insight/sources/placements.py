"""Placements of children looked after: new ones in the year by where and why, and how stable they are; from 2021.

Published each autumn by the Department for Education for the year to 31 March, in two files. National and regional
counts are rounded to 10; authorities' are not. Shares are printed as whole numbers.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from insight.core.indicator import Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._ees import GEOGRAPHY_NAME_FIRST, filtered_layout, read_panel
from insight.sources._filters import FilteredLayout, chosen
from insight.sources._indicator import LICENCE, LOOKED_AFTER, PUBLISHER, ROUNDED, Maker
from insight.sources._layout import Layout
from insight.sources._reading import Reading

SOURCE = Source(
    key="placements",
    publisher=PUBLISHER,
    title="Children looked after: new placements and stability of placements",
    address=LOOKED_AFTER,
    licence=LICENCE,
    known_problems=(
        ROUNDED,
        "Shares are rounded to whole numbers.",
        "More than a fifth of the figures by place and reason are withheld, because they or others beside them are "
        "small.",
    ),
)
_WHERE = "Location of new placements during the year"
_PLACES = {
    "Placed inside LA boundary less than 20 miles from home": "Inside the authority, less than 20 miles from home",
    "Placed inside LA boundary more than 20 miles from home": "Inside the authority, more than 20 miles from home",
    "Placed outside LA boundary less than 20 miles from home": "Outside the authority, less than 20 miles from home",
    "Placed outside LA boundary more than 20 miles from home": "Outside the authority, more than 20 miles from home",
    "Distance not known or not recorded": "Distance not known or not recorded",
}
_WHY = "Reason for placement change during the year"
_REASONS = {
    "Allegation (s47)": "Allegation (section 47)",
    "Approval removed": "Approval removed",
    "Carer requests placement end other than due to child's behaviour": "Carer asks, not because of behaviour",
    "Carer requests placement ends due to child's behaviour": "Carer asks, because of the child's behaviour",
    "Change in the status of a placement only": "Change in the status of a placement only",
    "Change to/implementation of care plan": "Change of the care plan, or putting it into practice",
    "Child requests placement to end": "Child asks",
    "Custody arrangement": "Custody arrangement",
    "Other": "Other",
    "Resignation or closure of provision": "Resignation of the carer or closure of the home",
    "Responsible/area authority requests placement ends": "Responsible or area authority asks",
    "Standards of care concern": "Concern about standards of care",
}
# The group of children, its key and title, then the publisher's words for those counted, their key and title.
_STABILITY = (
    (
        "CLA on 31 March",
        "stability_one_year",
        "Children looked after at 31 March, as the table of placements counts them",
        "With 3 or more placements during the year",
        "three_placements",
        "Children looked after at 31 March with three or more placements in the year",
    ),
    (
        "CLA 2 years on 31 March",
        "stability_two_years",
        "Children looked after at 31 March who had been for two years",
        "With 3 or more placements during the previous 2 years",
        "three_placements_two_years",
        "Children looked after for two years with three or more placements in those years",
    ),
    (
        "Children looked after continuously for at least 2.5 years on 31 March aged under 16 years",
        "stability_under_16",
        "Children under 16 looked after for two and a half years or more at 31 March",
        "Living with the same carer for at least 2 years",
        "same_carer_two_years",
        "Children under 16 looked after for two and a half years or more who lived with one carer for two years",
    ),
)
_YEAR, _MARCH = Maker(SOURCE.key, PeriodKind.YEAR_TO_MARCH), Maker(SOURCE.key, PeriodKind.AT_MARCH)
_NEW = "A child may have several new placements in a year."


def _stability() -> list[Indicator]:
    made = []
    for _, whole, of_whom, _, part, title in _STABILITY:
        made += [
            _MARCH.count(f"{whole}_count", of_whom),
            _MARCH.count(f"{part}_count", title),
            _MARCH.percent(
                f"{part}_percent",
                f"Share: {title[0].lower()}{title[1:]}",
                of=(f"{part}_count", f"{whole}_count"),
                direction="higher" if part == "same_carer_two_years" else "lower",
                decimals=0,
            ),
        ]
    return made


INDICATORS: tuple[Indicator, ...] = (
    _YEAR.count("new_placement_count", "New placements in the year", _NEW),
    _YEAR.count("new_placement_place_count", "New placements in the year, by where", _NEW),
    _YEAR.percent("new_placement_place_percent", "Share of the new placements in the year, by where", _NEW, decimals=0),
    _YEAR.count("placement_change_count", "Changes of placement in the year"),
    _YEAR.count("placement_change_reason_count", "Changes of placement in the year, by reason"),
    _YEAR.percent(
        "placement_change_reason_percent", "Share of the changes of placement in the year, by reason", decimals=0
    ),
    *_stability(),
)
_NUMBERS = ("children_count", "children_percent")


def _new_placements() -> FilteredLayout:
    count, percent = _NUMBERS
    made = [
        chosen(count, "new_placement_count", _WHERE, "Total new placements"),
        chosen(count, "placement_change_count", _WHY, "Total placements changing"),
    ]
    for which, key, values in (
        (_WHERE, "new_placement_place", _PLACES),
        (_WHY, "placement_change_reason", _REASONS),
    ):
        for value, words in values.items():
            made += [
                chosen(count, f"{key}_count", which, value, breakdown=words),
                chosen(percent, f"{key}_percent", which, value, ceiling=100.0, breakdown=words),
            ]
    return filtered_layout(
        "new placements in the year",
        made,
        columns=("characteristic", "breakdown", *_NUMBERS),
        geography=GEOGRAPHY_NAME_FIRST,
        spread=("characteristic", "breakdown"),
        common=("characteristic", "breakdown", *_NUMBERS),
        series="new placements",
    )


def _placement_stability() -> FilteredLayout:
    count, percent = _NUMBERS
    return filtered_layout(
        "stability of placements",
        [
            measure
            for group, whole, _, value, part, _ in _STABILITY
            for measure in (
                chosen(count, f"{whole}_count", group, "Total children"),
                chosen(count, f"{part}_count", group, value),
                chosen(percent, f"{part}_percent", group, value, ceiling=100.0),
            )
        ],
        columns=("cla_group", "placement_stability", *_NUMBERS),
        geography=GEOGRAPHY_NAME_FIRST,
        spread=("cla_group", "placement_stability"),
        common=("cla_group", *_NUMBERS),
        series="stability",
    )


LAYOUTS: tuple[Layout, ...] = tuple(
    replace(layout, lists_other_areas=True) for layout in (_new_placements(), _placement_stability())
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of placements.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
