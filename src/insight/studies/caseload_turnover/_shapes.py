"""From the study's numbers to the shapes that charts and tables take, and the titles that say what they show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.core.missing import Status
from insight.core.results import Column, TableResult
from insight.studies._words import number
from insight.studies.caseload_turnover._here import Here

CASELOAD, TURNOVER = "caseload_fte", "turnover_opening"
VALUE, ABSENT = Status.VALUE.value, Status.NOT_AVAILABLE.value


def spread(caseloads: pd.Series[float], year: int) -> list[str]:
    """How far the neighbours' caseloads lie apart, as a note under their table."""
    if len(caseloads) < 2:
        return []
    low, middle, high = (number(float(caseloads.quantile(share))) for share in (0.0, 0.5, 1.0))
    return [f"Neighbours' cases per worker in {year}: from {low} to {high}, the middle one {middle}."]


def gathered(frame: pd.DataFrame) -> pd.DataFrame:
    """One line per authority and reason, with its years side by side."""
    if frame.empty:
        return frame
    return frame.groupby(["name", "reason"], sort=True)["period"].agg(", ".join).reset_index()


def estimate_row(estimate: Estimate) -> dict[str, Any]:
    """An estimate as a row of a table, with the status of each number."""
    row: dict[str, Any] = {"term": estimate.term, "unit": estimate.unit, "method": estimate.method}
    for key in ("value", "low", "high"):
        found = getattr(estimate, key)
        row[key] = np.nan if found is None else found
        row[f"{key}__status"] = Status.NOT_APPLICABLE.value if found is None else VALUE
    return row


def long(series: str, wide: pd.DataFrame) -> pd.DataFrame:
    """Caseload and turnover of one series: one row per year and measure that has a number."""
    parts = [
        pd.DataFrame({"time_period": wide.index, "value": wide[key].to_numpy(dtype="float64"), "measure": key})
        for key in (CASELOAD, TURNOVER)
        if key in wide
    ]
    long = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["time_period", "value", "measure"])
    long["status"] = np.where(long["value"].notna(), VALUE, ABSENT)
    return long[long["value"].notna()].assign(series=series)


def curves(limits: pd.DataFrame) -> pd.DataFrame:
    """Limits per 100, one column per multiple and side."""
    wide = limits.pivot(index="denominator", columns="multiple", values=["low", "high"]) * 100
    wide.columns = pd.Index([f"{column[0]}_{column[1]:.0f}" for column in wide.columns.to_flat_index()])
    return wide.reset_index()


def side_by_side(table: TableResult, points: pd.DataFrame) -> TableResult:
    """The points of a scatter with one row per authority: a third of the size of one row per point."""
    wide = points.pivot(index="area", columns="time_period", values=["x", "y"])
    frame = pd.DataFrame({"area": wide.index})
    columns = [Column("area", "Authority", kind="text")]
    for year in sorted(points["time_period"].unique()):
        for axis, label in (("x", "caseload"), ("y", "turnover")):
            key = f"{axis}_{year}"
            frame[key] = wide[axis, year].to_numpy()
            frame[f"{key}__status"] = np.where(frame[key].notna(), VALUE, Status.NO_ROW.value)
            columns.append(Column(key, f"{year}, {label}", decimals=2))
    return replace(table, frame=frame, columns=tuple(columns))


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
