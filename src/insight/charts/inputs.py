"""What every chart asks of its rows, and the table that goes with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from insight.core.missing import Status
from insight.core.results import Column, TableResult
from insight.errors import DisclosureBlocked, NotDisplayable, NotEnoughData


def checked(
    frame: pd.DataFrame, *, name: str, text: Sequence[str] = (), numbers: Sequence[str] = (), status: Sequence[str] = ()
) -> pd.DataFrame:
    """A copy with the columns that a chart needs: text as str, numbers as finite float or missing.

    ``status`` names the numbers that come with a status column (``status`` for ``value``, else ``<key>__status``).

    Raises
    ------
    NotDisplayable
        If a column is not there, a number is infinite, or a missing number has no reason.
    DisclosureBlocked
        If a number stands where its status hides it.
    """
    needed = [*text, *numbers, *(status_of(key) for key in status)]
    absent = [column for column in needed if column not in frame.columns]
    if absent:
        raise NotDisplayable(
            f"drawing the chart {name!r}",
            found=f"no column {', '.join(absent)}",
            todo=f"give the columns {', '.join(needed)}",
        )
    # Columns until the end: a frame that changes column by column takes longer than most charts.
    frame = frame.reset_index(drop=True)
    out: dict[str, pd.Series] = {str(column): frame[column] for column in frame.columns}
    for column in text:
        out[column] = out[column].astype(str).astype(object)
    for column in numbers:
        out[column] = pd.to_numeric(out[column]).astype("float64")
        if np.isinf(out[column].to_numpy()).any():
            raise NotDisplayable(
                f"drawing the chart {name!r}",
                found=f"a number in {column!r} that is not finite",
                todo="give no number, and the reason in its status",
            )
    for column in status:
        out[status_of(column)] = pd.Series(_statuses(out, column, name), index=frame.index, dtype=object)
    return pd.DataFrame(out)


def status_of(column: str) -> str:
    """Where the status of a column stands."""
    return "status" if column == "value" else f"{column}__status"


def _statuses(out: Mapping[str, pd.Series], column: str, name: str) -> list[str]:
    given = out[status_of(column)].tolist()
    strangers = sorted({str(found) for found in given} - set(Status))
    if strangers:
        raise NotDisplayable(
            f"drawing the chart {name!r}",
            found=f"no status called {', '.join(strangers)}",
            todo=f"use one of: {', '.join(Status)}",
        )
    reasons = [str(found) for found in given]
    is_shown = np.array([reason == Status.VALUE.value for reason in reasons], dtype=bool)
    is_missing = np.isnan(out[column].to_numpy())
    if (hidden := int((~is_missing & ~is_shown).sum())) > 0:
        raise DisclosureBlocked(
            f"drawing the chart {name!r}",
            found=f"{hidden} number(s) in {column!r} whose status hides them",
            todo="let the hidden status pass on to the result: no number, and the reason",
        )
    if (unexplained := int((is_missing & is_shown).sum())) > 0:
        raise NotDisplayable(
            f"drawing the chart {name!r}",
            found=f"{unexplained} missing number(s) in {column!r} without a reason",
            todo=f"give the reason in {status_of(column)!r}",
        )
    return reasons


def with_interval(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """``value`` with ``low`` and ``high``, each with its status: both ends or none, and none without a value.

    Raises
    ------
    DisclosureBlocked
        If an end stands beside a hidden value.
    NotDisplayable
        If one end is missing, or the ends do not hold the value between them.
    """
    value, low, high = (frame[key].to_numpy() for key in ("value", "low", "high"))
    hidden, no_low, no_high = np.isnan(value), np.isnan(low), np.isnan(high)
    if (hidden & ~(no_low & no_high)).any():
        raise DisclosureBlocked(
            f"drawing the chart {name!r}",
            found="the end of an interval whose value is hidden",
            todo="let the hidden status pass on to the interval",
        )
    wrong = (low > value) | (high < value) | (no_low != no_high)
    if wrong.any():
        raise NotDisplayable(
            f"drawing the chart {name!r}",
            found=f"{int(wrong.sum())} interval(s) with one end, or that do not hold their value",
            todo="give low and high around the value, or neither",
        )
    out = frame.rename(columns={"status": "value__status"})
    none = np.where(hidden, out["value__status"], Status.NOT_AVAILABLE.value)
    given = np.where(no_low, none, Status.VALUE.value)
    return out.assign(low__status=given, high__status=given)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain mappings."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def require(enough: object, *, name: str, found: str, todo: str = "choose another area, measure or period") -> None:
    """Stop in words where there is nothing to draw.

    Raises
    ------
    NotEnoughData
    """
    if not bool(enough):
        raise NotEnoughData(f"drawing the chart {name!r}", found=found, todo=todo)


def table(
    frame: pd.DataFrame, columns: Sequence[Column], *, name: str, title: str, notes: Sequence[str], is_sample: bool
) -> TableResult:
    """The numbers behind the chart."""
    keys = [column.key for column in columns]
    beside = [f"{key}__status" for key in keys if f"{key}__status" in frame.columns]
    return TableResult(
        name=f"{name}_data",
        caption=f"The numbers behind the chart: {title}",
        frame=frame[[*keys, *beside]].reset_index(drop=True),
        columns=tuple(columns),
        notes=tuple(notes),
        is_sample=is_sample,
    )
