"""Pooled rates by month, and the months of an authority's own sites that are too small to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from insight.disclosure.policies import FEWEST_SHOWN
from insight.studies.site_effect._arena import Arena
from insight.studies.site_effect._design import Design

MONTHS_A_QUARTER = 3


def series_of(design: Design, arena: Arena) -> list[dict[str, Any]]:
    """Rates per 10,000 children (or counts for each unit) by month, of parts whose every unit has a number.

    Returns
    -------
    list of dict
        ``period``, ``treated``, ``donors`` and ``hidden``: which of the two are withheld because few are counted.
    """
    members = {
        "treated": [unit for unit, treated in zip(arena.matrix.units, arena.treated, strict=True) if treated],
        "donors": [unit for unit, donor in zip(arena.matrix.units, arena.donors, strict=True) if donor],
    }
    there = design.cells[design.cells["count"].notna()]
    if arena.has_exposure:
        there = there[there["children"].notna()]
    rates: dict[str, dict[int, float]] = {}
    hidden: dict[str, set[int]] = {}
    for part, units in members.items():
        months = there[there["unit"].isin(units)].groupby("period")[["count", "children"]].agg(["sum", "size"])
        whole = months[months["count", "size"] == len(units)]
        size = 10_000 / whole["children", "sum"] if arena.has_exposure else 1 / whole["count", "size"]
        counts = _by_month(whole["count", "sum"])
        rates[part] = _by_month(whole["count", "sum"] * size)
        hidden[part] = too_small(counts, start=design.first_start) if design.door == "sites" else set()
    periods = sorted({period for part in rates.values() for period in part})
    return [
        {
            "period": period,
            "hidden": [part for part in members if period in hidden[part]],
            **{part: None if period in hidden[part] else rates[part].get(period) for part in members},
        }
        for period in periods
    ]


def _by_month(values: pd.Series[float]) -> dict[int, float]:
    return {int(str(month)): float(value) for month, value in values.to_dict().items()}


def too_small(counts: Mapping[int, float], *, start: int) -> set[int]:
    """Months to withhold: those with 1 to 4, and a second one in a quarter where a single one is.

    A single month could be worked out from what its quarter adds up to.

    >>> sorted(too_small({0: 3.0, 1: 20.0, 2: 12.0, 3: 0.0, 4: 9.0, 5: 8.0}, start=3))
    [0, 2]
    """
    small = {month for month, count in counts.items() if 0 < count < FEWEST_SHOWN}
    quarters: dict[int, list[int]] = {}
    for month in counts:
        quarters.setdefault((month - start) // MONTHS_A_QUARTER, []).append(month)
    beside = set()
    for months in quarters.values():
        others = [month for month in months if month not in small]
        if len(months) - len(others) == 1 and others:
            beside.add(min(others, key=lambda month: (counts[month], month)))
    return small | beside
