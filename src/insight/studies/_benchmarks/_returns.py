"""Which published tables come from one return of an authority, and when such a return is hardly whole."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from insight.core.indicator import Indicator
from insight.core.missing import Status
from insight.core.panel import Panel
from insight.core.period import steps_in_a_year
from insight.studies._volumes import has_jumped
from insight.studies._words import number

_RETURNS = {
    "children in need census": (
        "assessment_factors",
        "assessments_by_duration",
        "child_in_need_plans",
        "child_protection_plans",
        "children_in_need",
        "headline_figures",
        "need_durations",
        "plan_durations",
        "plan_reviews",
        "referrals",
        "referrals_by_month",
        "referrals_by_source",
        "second_plans",
        "section_47",
    ),
    "return on children looked after": (
        "care_leavers",
        "looked_after",
        "placements",
        "school_moves",
        "social_worker_changes",
    ),
    "workforce return": ("workforce", "workforce_by_ethnicity"),
}
_TOPICS = {
    "Adoption": "return on children looked after",
    "Child Protection": "children in need census",
    "Children Looked After": "return on children looked after",
    "Children in Need": "children in need census",
    "Children's Services Workforce": "workforce return",
}
"""What a tool that gathers figures from everywhere files them under, where that is one return of authorities."""
FEW = 100.0
"""Under this many a year, a volume may leave the limits by chance, or because what it counts has really changed."""
_RETURN_OF = {source: name for name, sources in _RETURNS.items() for source in sources}


def return_of(indicator: Indicator) -> str:
    """The return that an indicator's figures come from; a source that is alone is a return of its own.

    What a tool has gathered belongs to the return of its topic, the first of them that is of one.
    """
    if indicator.source in _RETURN_OF:
        return _RETURN_OF[indicator.source]
    found = [_TOPICS[topic] for topic in indicator.topic.split("; ") if topic in _TOPICS]
    return found[0] if found else indicator.source


def withheld_as_unreliable(panel: Panel, indicator: Indicator) -> frozenset[tuple[str, int]]:
    """Areas and years in which any table of an indicator's return has a figure of low reliability.

    One figure flags every table of that return and year, and what a tool has taken from it: of the whole store where
    the panel holds its flags, else of what the panel holds.
    """
    own = return_of(indicator)
    keys = [key for key, each in panel.indicators.items() if return_of(each) == own]
    rows = panel.data
    low = rows[(rows["status"] == Status.LOW_RELIABILITY.value) & rows["indicator"].isin(keys)]
    held = zip(low["area"], low["time_period"].tolist(), strict=True)
    listed = ((area, year) for area, year, flagged in panel.flags if _RETURN_OF.get(flagged, flagged) == own)
    # A month belongs to a return that is labelled by its year, so months have flags of their own alone.
    return frozenset([*held, *listed])


def volumes_of(indicator: Indicator, rows: pd.DataFrame) -> dict[tuple[str, int], float]:
    """What shows how much of a return arrived, by area and period: the whole of a share, the count of a rate or count.

    A measure without parts has none.
    """
    if indicator.unit == "count" or indicator.additive:
        column = "value"
    elif indicator.unit.startswith("rate per"):
        column = "numerator"
    else:
        column = "denominator"
    known = rows[rows[column].notna()]
    cells = zip(known["area"], known["time_period"], known[column], strict=True)
    return {(area, int(period)): float(volume) for area, period, volume in cells}


def jumps(indicator: Indicator, volumes: Mapping[tuple[str, int], float]) -> dict[tuple[str, int], str]:
    """In words, where a volume of at least ``FEW`` left 0.6 to 1.6 times that of the year before."""
    step = steps_in_a_year(indicator.period_kind)
    found = {}
    for (area, period), now in volumes.items():
        before = volumes.get((area, period - step), 0.0)
        if before >= FEW and has_jumped(before, now):
            found[area, period] = f"what it counts went from {number(before, 0)} to {number(now, 0)} in a year"
    return found
