"""Referrals to children's services, and referrals within 12 months of an earlier one.

Published each autumn by the Department for Education for the year to 31 March. National and regional counts are rounded
to 10; authorities' are not.
"""

from __future__ import annotations

from pathlib import Path

from insight.core.indicator import Direction, Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._ees import ees_layout, read_panel
from insight.sources._layout import Layout, Measure
from insight.sources._reading import Reading

SOURCE = Source(
    key="referrals",
    publisher="Department for Education",
    title="Children in need: referrals and re-referrals",
    address="https://explore-education-statistics.service.gov.uk/find-statistics/characteristics-of-children-in-need",
    licence="Open Government Licence v3.0",
    known_problems=(
        "National and regional counts are rounded to 10, authorities' are not.",
        "Hackney has no figures for 2021 and 2022 after a cyberattack; those of 2020 stand in the totals.",
        "Hampshire's and Herefordshire's figures for 2024 are withheld as unreliable; others stand in the totals.",
        "Areas new in 2019 have no re-referrals for 2020: there was no earlier year to look back on.",
        "The release of 2025 gives no rates; those of older releases rest on populations revised since.",
    ),
)
_AGAIN = "A re-referral is a referral within 12 months of an earlier one for the same child."
_SAME_PERSON = "One child may be referred several times in a year."
_POPULATION = "Over the population aged 0 to 17 as it was estimated at the time."
_NFA = "Runs from 0 to over 60 per cent, so authorities are likely to record it in different ways."


def _count(key: str, title: str, *caveats: str, direction: Direction = "neither") -> Indicator:
    return Indicator(
        key,
        title,
        "count",
        direction,
        PeriodKind.YEAR_TO_MARCH,
        SOURCE.key,
        additive=True,
        rounding=10.0,
        decimals=0,
        caveats=caveats,
    )


def _percent(key: str, title: str, part: str, whole: str, *caveats: str, direction: Direction = "neither") -> Indicator:
    return Indicator(
        key, title, "percent", direction, PeriodKind.YEAR_TO_MARCH, SOURCE.key, part, whole, caveats=caveats
    )


def _rate(key: str, title: str) -> Indicator:
    return Indicator(
        key, title, "rate per 10,000", "neither", PeriodKind.YEAR_TO_MARCH, SOURCE.key, caveats=(_POPULATION,)
    )


INDICATORS: tuple[Indicator, ...] = (
    _count("referral_count", "Referrals in the year", _SAME_PERSON),
    _rate("referral_rate_per_10k", "Referrals per 10,000 children"),
    _count("rereferral_count", "Referrals within 12 months of an earlier one", _AGAIN, direction="lower"),
    _percent(
        "rereferral_percent",
        "Share of referrals that came within 12 months of an earlier one",
        "rereferral_count",
        "referral_count",
        _AGAIN,
        direction="lower",
    ),
    _count("no_further_action_count", "Referrals that led to no further action", _NFA),
    _percent(
        "no_further_action_percent",
        "Share of referrals that led to no further action",
        "no_further_action_count",
        "referral_count",
        _NFA,
    ),
    _count("not_in_need_count", "Referrals assessed, where the child was found not to be in need"),
    _percent(
        "not_in_need_percent",
        "Share of referrals assessed, where the child was found not to be in need",
        "not_in_need_count",
        "referral_count",
    ),
    _count("referral_child_count", "Children referred in the year"),
    _rate("referral_child_rate_per_10k", "Children referred per 10,000 children"),
    _count("rereferral_child_count", "Children referred again within 12 months", _AGAIN, direction="lower"),
    _percent(
        "rereferral_child_percent",
        "Share of the children referred who had been referred within 12 months before",
        "rereferral_child_count",
        "referral_child_count",
        _AGAIN,
        direction="lower",
    ),
)
_FILTERS = {"category": "Referrals and Re-referrals"}
_COLUMNS_OF_2024 = {
    "Referrals": "referral_count",
    "Referrals_rate": "referral_rate_per_10k",
    "Re_referrals": "rereferral_count",
    "Re_referrals_percent": "rereferral_percent",
    "No_Further_Action": "no_further_action_count",
    "No_Further_Action_percent": "no_further_action_percent",
    "Not_in_Need": "not_in_need_count",
    "Not_in_Need_percent": "not_in_need_percent",
    "Referrals_child": "referral_child_count",
    "Referrals_child_rate": "referral_child_rate_per_10k",
    "Re_referrals_child": "rereferral_child_count",
    "Re_referrals_child_percent": "rereferral_child_percent",
}


def _measures(columns: dict[str, str]) -> list[Measure]:
    # No place has more referrals than children; a rate above 10,000 is another unit.
    ceilings = {"percent": 100.0, "rate per 10,000": 10_000.0}
    unit = {indicator.key: indicator.unit for indicator in INDICATORS}
    return [Measure(column, key, ceiling=ceilings.get(unit[key])) for column, key in columns.items()]


LAYOUTS: tuple[Layout, ...] = (
    ees_layout(
        "referrals, from the 2025 release",
        _measures({i.key: i.key for i in INDICATORS if i.unit != "rate per 10,000"}),
        filters=_FILTERS,
    ),
    ees_layout("referrals, to the 2024 release", _measures(_COLUMNS_OF_2024), filters=_FILTERS),
)


def read(path: Path, register: Register) -> Reading:
    """Read one file of referrals.

    Raises
    ------
    SourceRefused
        If the file is in no known layout, or breaks a rule of its layout.
    """
    return read_panel(path, register, source=SOURCE, indicators=INDICATORS, layouts=LAYOUTS)
