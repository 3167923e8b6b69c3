"""What every chart asks of its rows, and the table that goes with it."""

from __future__ import annotations

from collections.abc import Sequence
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
    out = frame.reset_index(drop=True).copy()
    for column in text:
        out[column] = out[column].astype(str).astype(object)
    for column in numbers:
        out[column] = pd.to_numeric(out[column]).astype("float64")
        if np.isinf(out[column]).any():
            raise NotDisplayable(
                f"drawing the chart {name!r}",
                found=f"a number in {column!r} that is not finite",
                todo="give no number, and the reason in its status",
            )
    for column in status:
        out[status_of(column)] = _statuses(out, column, name)
    return out


def status_of(column: str) -> str:
    """Where the status of a column stands."""
    return "status" if column == "value" else f"{column}__status"


def _statuses(frame: pd.DataFrame, column: str, name: str) -> pd.Series:
    values = frame[column]
    reasons = frame[status_of(column)].astype(object)
    strangers = sorted({str(found) for found in reasons} - set(Status))
    if strangers:
        raise NotDisplayable(
            f"drawing the chart {name!r}",
            found=f"no status called {', '.join(strangers)}",
            todo=f"use one of: {', '.join(Status)}",
        )
    reasons = reasons.map(str).astype(object)
    shown = reasons == Status.VALUE.value
    if (values.notna() & ~shown).any():
        raise DisclosureBlocked(
            f"drawing the chart {name!r}",
            found=f"{int((values.notna() & ~shown).sum())} number(s) in {column!r} whose status hides them",
            todo="let the hidden status pass on to the result: no number, and the reason",
        )
    if (values.isna() & shown).any():
        raise NotDisplayable(
            f"drawing the chart {name!r}",
            found=f"{int((values.isna() & shown).sum())} missing number(s) in {column!r} without a reason",
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
    hidden = frame["value"].isna()
    ends = frame[["low", "high"]].notna()
    if (hidden & ends.any(axis=1)).any():
        raise DisclosureBlocked(
            f"drawing the chart {name!r}",
            found="the end of an interval whose value is hidden",
            todo="let the hidden status pass on to the interval",
        )
    wrong = (frame["low"] > frame["value"]) | (frame["high"] < frame["value"]) | (ends["low"] != ends["high"])
    if wrong.any():
        raise NotDisplayable(
            f"drawing the chart {name!r}",
            found=f"{int(wrong.sum())} interval(s) with one end, or that do not hold their value",
            todo="give low and high around the value, or neither",
        )
    out = frame.rename(columns={"status": "value__status"})
    none = np.where(hidden, out["value__status"], Status.NOT_AVAILABLE.value)
    given = np.where(ends["low"], Status.VALUE.value, none)
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
