"""From the study's numbers to the shapes that charts and tables take, and the titles that say what they show."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.core.missing import Status
from insight.core.register import Register
from insight.core.results import Column, TableResult
from insight.studies._words import number
from insight.studies.caseload_turnover._figures import CASELOAD, TURNOVER, VALUE, Figures, Series
from insight.studies.caseload_turnover._here import Here


def spread(caseloads: pd.Series[float], year: int) -> list[str]:
    """How far the neighbours' caseloads lie apart, as a note under their table."""
    if len(caseloads) < 2:
        return []
    low, middle, high = (number(float(end)) for end in np.percentile(caseloads.to_numpy(), [0, 50, 100]))
    return [f"Neighbours' cases per worker in {year}: from {low} to {high}, the middle one {middle}."]


def gathered(rows: Iterable[tuple[str, str, str]]) -> pd.DataFrame:
    """One line per authority and reason, with its years side by side: ``name, reason, period``.

    Parameters
    ----------
    rows : iterable of (name, reason, period)
    """
    periods: dict[tuple[str, str], list[str]] = {}
    for name, reason, period in rows:
        periods.setdefault((name, reason), []).append(period)
    lines = [(*pair, ", ".join(several)) for pair, several in sorted(periods.items())]
    return pd.DataFrame(lines, columns=["name", "reason", "period"])


def estimate_row(estimate: Estimate) -> dict[str, Any]:
    """An estimate as a row of a table, with the status of each number."""
    row: dict[str, Any] = {"term": estimate.term, "unit": estimate.unit, "method": estimate.method}
    for key in ("value", "low", "high"):
        found = getattr(estimate, key)
        row[key] = np.nan if found is None else found
        row[f"{key}__status"] = Status.NOT_APPLICABLE.value if found is None else VALUE
    return row


def every_path(figures: Figures, own: str, register: Register, others: Iterable[tuple[str, Series]]) -> pd.DataFrame:
    """Caseload and turnover of every unit, of tiny ones only the page's own, and then of other series.

    Parameters
    ----------
    figures : Figures
    own : str
        Code of the unit that the page is about.
    register : Register
    others : iterable of (name, series)
        Shown for the years in which they have a number.

    Returns
    -------
    DataFrame
        ``series, time_period, value, status, measure``, as a line chart takes it.
    """
    columns = figures.columns
    named = np.array([register.get(area).name for area in columns["area"].tolist()], dtype=object)
    is_shown = ~columns["is_tiny"] | (columns["area"] == own)
    points: dict[str, list[Any]] = {name: [] for name in ("series", "time_period", "value", "status", "measure")}

    def add(*several: list[Any]) -> None:
        for cells, more in zip(points.values(), several, strict=True):
            cells += more

    for key, first in ((CASELOAD, 0), (TURNOVER, figures.first_year)):
        rows = np.flatnonzero(is_shown & (columns["time_period"] >= first))
        shown = (named, columns["time_period"], columns[key], columns[f"{key}__status"])
        add(*(values[rows].tolist() for values in shown), [key] * len(rows))
    for name, series in others:
        for place, key in ((1, CASELOAD), (2, TURNOVER)):
            known = [(row[0], row[place]) for row in series if row[place] is not None]
            years, values = [year for year, _ in known], [value for _, value in known]
            add([name] * len(known), years, values, [VALUE] * len(known), [key] * len(known))
    return pd.DataFrame(points)


def medians(figures: Figures, areas: Iterable[str]) -> Series:
    """The middle caseload and turnover of several units by year; of a year in which none has a number, None."""
    places = [place for area in areas for place in range(*figures.spans.get(area, (0, 0)))]
    found: dict[int, tuple[list[float], list[float]]] = {}
    for place in places:
        of_year = found.setdefault(int(figures.columns["time_period"][place]), ([], []))
        for values, key in zip(of_year, (CASELOAD, TURNOVER), strict=True):
            value = float(figures.columns[key][place])
            values += [] if math.isnan(value) else [value]
    return [(year, _median(found[year][0]), _median(found[year][1])) for year in sorted(found)]


def _median(values: list[float]) -> float | None:
    return median(values) if values else None


def side_by_side(table: TableResult, points: Iterable[tuple[str, int, float, float]]) -> TableResult:
    """The points of a scatter with one row per authority: a third of the size of one row per point.

    Parameters
    ----------
    table : TableResult
        Whose name, caption and notes stay.
    points : iterable of (name, year, x, y)
    """
    cells = {(name, year): (x, y) for name, year, x, y in points}
    names, years = (sorted(set(keys)) for keys in zip(*cells, strict=True))
    wide: dict[str, list[Any]] = {"area": names}
    columns = [Column("area", "Authority", kind="text")]
    for year in years:
        of_year = [cells.get((name, year)) for name in names]
        status = [Status.NO_ROW.value if cell is None else VALUE for cell in of_year]
        for axis, (key, label) in enumerate((("x", "caseload"), ("y", "turnover"))):
            wide[f"{key}_{year}"] = [math.nan if cell is None else cell[axis] for cell in of_year]
            wide[f"{key}_{year}__status"] = status
            columns.append(Column(f"{key}_{year}", f"{year}, {label}", decimals=2))
    return replace(table, frame=pd.DataFrame(wide), columns=tuple(columns))


def path_title(here: Here) -> str:
    """The newest caseload and turnover in a line."""
    there = here.rows[here.rows[CASELOAD].notna()]
    if len(there) < 2:
        return f"{here.reported_as}: caseload and turnover"
    last, turnover = there.iloc[-1], here.rows[here.rows[TURNOVER].notna()]
    title = f"{here.reported_as}: {number(last[CASELOAD])} cases per worker in {int(last['time_period'])}"
    if turnover.empty:
        return title
    newest = turnover.iloc[-1]
    return f"{title}, and {number(newest[TURNOVER])} leavers per 100 workers in {int(newest['time_period'])}"


def by_how_much(value: float) -> str:
    """A departure in words."""
    return f"{number(abs(value), 2)} {'above' if value >= 0 else 'below'}"


def flow_title(rows: pd.DataFrame) -> str:
    """In how many years more people started than left."""
    both = rows[rows["starters_headcount"].notna() & rows["leavers_headcount"].notna()]
    more = int((both["starters_headcount"] > both["leavers_headcount"]).sum())
    return f"More people started than left in {more} of {len(both)} years"
