"""Published figures as every page shows them: by year, by month and by what they cover; a store remembers them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from insight.core.missing import Status
from insight.core.panel import Panel
from insight.errors import NotEnoughData
from insight.studies.site_effect._design import (
    CHILDREN,
    COMPANIONS,
    COUNTS,
    REFERRALS,
    VOLUMES,
    authority_cells,
    month_words,
)
from insight.studies.site_effect._effect import MOST_PAST, POWER

# All that the study looks at, where a store has it: what it does not declare, its pages do not see.
MEASURES = (
    *(key for door in (COUNTS, CHILDREN) for key in door.values()),
    REFERRALS,
    *(key for key, _ in (*COMPANIONS.values(), *VOLUMES.values())),
)

Runs = list[tuple[int, list[float | None]]]


@dataclass(frozen=True, eq=False)
class Figures:
    """What pages show of the published figures.

    Parameters
    ----------
    by_year : dict of str to list of (year, count, status)
        Referrals in years to March, of areas of every level; a hidden count is None.
    children : dict of str to runs of years
        Children aged 0 to 17 in the middle of the year.
    by_month : dict of str to runs of months
        Referrals of authorities and joint returns before April 2025; months as year * 12 + month - 1.
    covered : dict of str to dict
        Per indicator: ``title, periods, cells`` with a value, and ``missing``, why the others have none.
    quantiles : dict of str to float
        Of Student's t, for the power that is asked for, by the number of past changes; "inf" for the normal.

    A run is its first year or month and the numbers in a row from there.
    """

    by_year: dict[str, list[tuple[int, float | None, str]]]
    children: dict[str, Runs]
    by_month: dict[str, Runs]
    covered: dict[str, dict[str, Any]]
    quantiles: dict[str, float]

    def children_of(self, area: str) -> dict[int, float]:
        """Children by year; years without a number are not in it."""
        return {year: value for year, value in _unrolled(self.children.get(area, [])) if value is not None}

    def months_of(self, area: str) -> list[tuple[int, float, float]]:
        """Month, referrals and children of one unit, by month; NaN where there is no number.

        The year to March t is taken over the middle of t - 1, as the publisher's own rates are.
        """
        children = self.children_of(area)
        return [
            (month, math.nan if count is None else count, children.get((month - 3) // 12, math.nan))
            for month, count in _unrolled(self.by_month.get(area, []))
        ]


def figures_of(panel: Panel) -> Figures:
    """The figures behind the pages, gathered once per store; they do not depend on the programme."""
    return Figures(**panel.remember("site_effect_figures", {}, lambda: asdict(_gather(panel))))


def _gather(panel: Panel) -> Figures:
    # Imported here, so that pages that find the figures remembered do without scipy.
    from insight.stats.distributions import t_quantile

    return Figures(
        by_year=_by_year(panel),
        children=_children(panel),
        by_month=_by_month(panel),
        covered={key: _covered(panel, key) for key in MEASURES if key in panel.indicators},
        quantiles={f"{past:g}": t_quantile(2 * POWER - 1, past) for past in (*range(1, MOST_PAST + 1), math.inf)},
    )


def _by_year(panel: Panel) -> dict[str, list[tuple[int, float | None, str]]]:
    rows = panel.data[panel.data["indicator"] == REFERRALS]
    found: dict[str, dict[int, tuple[int, float | None, str]]] = {}
    for area, year, value, status in zip(rows["area"], rows["time_period"], rows["value"], rows["status"], strict=True):
        found.setdefault(area, {})[int(year)] = (int(year), _or_none(value), status)
    return {area: list(cells.values()) for area, cells in found.items()}


def _children(panel: Panel) -> dict[str, Runs]:
    rows = panel.data[panel.data["indicator"] == CHILDREN["programme"]]
    return _runs(zip(rows["area"], rows["time_period"], rows["value"], strict=True))


def _by_month(panel: Panel) -> dict[str, Runs]:
    try:
        cells = authority_cells(panel)
    except NotEnoughData:
        return {}
    return _runs(zip(cells["unit"], cells["period"], cells["count"], strict=True))


def _runs(cells: Iterable[tuple[str, int, float]]) -> dict[str, Runs]:
    """Numbers in a row by area, from cells in any order; a place without a row ends a run."""
    found: dict[str, Runs] = {}
    for area, place, value in sorted(cells, key=lambda cell: cell[:2]):
        runs = found.setdefault(area, [])
        if not runs or runs[-1][0] + len(runs[-1][1]) != place:
            runs.append((int(place), []))
        runs[-1][1].append(_or_none(value))
    return found


def _unrolled(runs: Runs) -> list[tuple[int, float | None]]:
    return [(first + step, value) for first, values in runs for step, value in enumerate(values)]


def _covered(panel: Panel, key: str) -> dict[str, Any]:
    cells = panel.data[panel.data["indicator"] == key]
    is_value = cells["status"] == Status.VALUE.value
    missing = cells.loc[~is_value, "status"].value_counts().sort_index()
    return {
        "title": panel.indicator(key).title,
        "periods": f"{_period(cells['time_period'].min())} to {_period(cells['time_period'].max())}",
        "cells": float(is_value.sum()),
        "missing": "; ".join(f"{count} {reason}" for reason, count in missing.items()) or "none",
    }


def _period(label: int) -> str:
    """A year as it is, a month labelled 202307 in words."""
    return str(label) if label < 9999 else month_words(label // 100 * 12 + label % 100 - 1)


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
