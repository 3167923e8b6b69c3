"""From results to display objects, one rule set at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd

from insight.core import _mint
from insight.core.display import Card, Display, Figure, Note, Table
from insight.core.finding import Finding
from insight.core.missing import Status
from insight.core.panel import Panel
from insight.core.results import CardResult, Column, Drawing, NoteResult, TableResult
from insight.disclosure.policies import FEWEST_SHOWN, OWN_COUNTS, POLICIES
from insight.errors import DisclosureBlocked, NotDisplayable

Cells = dict[str, list[Any]]


def release(result: object, policy: str = "published") -> Display:
    """Turn a result into a display object under a policy.

    Parameters
    ----------
    result : Finding, Panel, TableResult, Drawing, NoteResult or CardResult
    policy : str
        The name of a policy in :data:`insight.disclosure.POLICIES`.

    Raises
    ------
    DisclosureBlocked
        If the policy is unknown, or a number stands where a cell that it rests on is hidden.
    NotDisplayable
        If the content is not plain and finite, or is of no known type.
    """
    if policy not in POLICIES:
        raise DisclosureBlocked(
            f"releasing under the policy {policy!r}",
            found="no such policy",
            todo=f"use one of: {', '.join(POLICIES)}",
        )
    if isinstance(result, Finding | Panel):
        return result.card()
    if policy == OWN_COUNTS.name:
        _refuse_small_counts(result)
    for kind, make in _MAKERS.items():
        if isinstance(result, kind):
            return make(result)
    raise NotDisplayable(
        f"releasing a {type(result).__name__}",
        found="no rule for this type",
        todo="make a TableResult, Drawing, NoteResult, CardResult or Finding of it",
    )


def _table(result: TableResult) -> Table:
    return Table({**_table_content(result), "is_sample": result.is_sample}, key=_mint.KEY)


def _table_content(result: TableResult) -> dict[str, Any]:
    # Lists are read once: asking a frame for one cell or one column after another costs more than all else here.
    cells = _cells(result)
    for column in result.columns:
        _refuse_through_hidden(result, column, cells)
    shown = [[_cell(cells, column, row) for row in range(len(result.frame))] for column in result.columns]
    return {
        "name": result.name,
        "caption": result.caption,
        "columns": [
            {"key": column.key, "label": column.label, "kind": column.kind, "decimals": column.decimals}
            for column in result.columns
        ],
        "rows": [list(row) for row in zip(*shown, strict=True)],
        "notes": list(result.notes),
    }


def _cells(result: TableResult) -> Cells:
    """The columns that are shown, and what says why their cells have no number."""
    origins = [origin for column in result.columns for origin in (column.key, *column.computed_from)]
    wanted = [f"{origin}{end}" for origin in origins for end in ("", "__status", "__symbol")]
    there = set(result.frame.columns)
    return {name: result.frame[name].tolist() for name in dict.fromkeys(wanted) if name in there}


def _refuse_through_hidden(result: TableResult, column: Column, cells: Cells) -> None:
    """A number may not stand where its own status, or that of a cell it was computed from, hides it."""
    for origin in (column.key, *column.computed_from):
        name = f"{origin}__status"
        if name not in cells:
            if origin != column.key:
                raise DisclosureBlocked(
                    f"releasing the column {column.key!r} of the table {result.name!r}",
                    found=f"no status of {origin!r}, which it is computed from",
                    todo=f"keep the column {name!r} beside the number",
                )
            continue
        pairs = zip(cells[column.key], cells[name], strict=True)
        leaking = sum(not _is_absent(value) and status != Status.VALUE.value for value, status in pairs)
        if leaking:
            raise DisclosureBlocked(
                f"releasing the column {column.key!r} of the table {result.name!r}",
                found=f"{leaking} number(s) computed through a hidden cell of {origin!r}",
                todo="let the hidden status pass on to the result: no number, and the reason",
            )


def _refuse_small_counts(result: object) -> None:
    """Under an authority's own counts, no table and no chart's table has a count from 1 to 4."""
    table = result.table if isinstance(result, Drawing) else result
    if not isinstance(table, TableResult):
        return
    for column in table.columns:
        if column.is_count:
            values = pd.to_numeric(table.frame[column.key])
            small = int(((values > 0) & (values < FEWEST_SHOWN)).sum())
            if small:
                raise DisclosureBlocked(
                    f"releasing the column {column.key!r} of the table {table.name!r}",
                    found=f"{small} count(s) below {FEWEST_SHOWN}",
                    todo='withhold them: no number, and "suppressed" in the status',
                )


def _is_absent(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _cell(cells: Cells, column: Column, row: int) -> Any:
    value = cells[column.key][row]
    absent = _is_absent(value)
    if column.kind == "text":
        return "" if absent else str(value)
    if absent:
        return _missing(cells, column, row)
    if not math.isfinite(value):
        raise NotDisplayable(
            f"releasing the column {column.key!r}",
            found="a number that is not finite",
            todo="give no number, and the reason in its status",
        )
    return int(value) if column.kind == "period" else float(value)


def _missing(cells: Cells, column: Column, row: int) -> dict[str, str]:
    statuses, symbols = cells.get(f"{column.key}__status"), cells.get(f"{column.key}__symbol")
    status = None if statuses is None else statuses[row]
    if status is None or status == Status.VALUE.value:
        raise NotDisplayable(
            f"releasing the column {column.key!r}",
            found="a missing number without a reason",
            todo=f"give the reason in {column.key + '__status'!r}",
        )
    symbol = None if symbols is None else symbols[row]
    return {"status": str(status), "symbol": str(symbol) if isinstance(symbol, str) else ""}


def _figure(result: Drawing) -> Figure:
    content = {
        "name": result.name,
        "title": result.title,
        "subtitle": result.subtitle,
        "svg": result.svg,
        "alt": result.alt,
        "table": _table_content(result.table),
        "is_sample": result.is_sample,
    }
    if len(result.alt) < 40:
        raise NotDisplayable(
            f"releasing the chart {result.name!r}",
            found="alternative text of under 40 characters",
            todo="say in words what the chart shows, with its first and last value",
        )
    return Figure(content, key=_mint.KEY, axes=result.axes)


def _note(result: NoteResult) -> Note:
    content = {"paragraphs": list(result.paragraphs), "tone": result.tone, "is_sample": result.is_sample}
    return Note(content, key=_mint.KEY)


def _card(result: CardResult) -> Card:
    content = {
        "title": result.title,
        "facts": [[label, value] for label, value in result.facts],
        "sentences": list(result.sentences),
        "record": None if result.record is None else dict(result.record),
        "is_sample": result.is_sample,
    }
    return Card(content, key=_mint.KEY)


_MAKERS: dict[type, Callable[[Any], Display]] = {
    TableResult: _table,
    Drawing: _figure,
    NoteResult: _note,
    CardResult: _card,
}
