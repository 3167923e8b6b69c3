"""A tidy frame as a matrix of units by periods, with the start of treatment of each unit, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from insight.errors import NotEnoughData, UsageError
from insight.stats.panel_starts import NEVER, check_text_order, is_ordered, starts_of
from insight.stats.rows import Floats, as_floats

__all__ = ["NEVER", "LeftOut", "PanelMatrix", "panel_matrix"]


@dataclass(frozen=True)
class LeftOut:
    """A row, or a unit (``period`` None), that no estimate rests on, and why."""

    unit: Any
    period: Any
    reason: str


@dataclass(frozen=True, eq=False)
class PanelMatrix:
    """N units by T periods.

    Parameters
    ----------
    units, periods : tuple
        The labels of the frame, sorted.
    outcome : (N, T) array
        Missing cells are NaN.
    exposure : (N, T) array
        Ones where no exposure was named; missing where the outcome is.
    start : (N,) array
        Position in ``periods`` of the first treated period, ``numpy.inf`` for a unit that is never treated. A start
        after the last period stands at T: within the data such a unit is untreated.
    weights : (N,) array
        One weight per unit.
    covariates : (N, T, k) array
    left_out : tuple of LeftOut
    """

    units: tuple[Any, ...]
    periods: tuple[Any, ...]
    outcome: Floats
    exposure: Floats
    start: Floats
    weights: Floats
    covariates: Floats
    left_out: tuple[LeftOut, ...]

    @property
    def is_there(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """(N, T): whether a cell has a value."""
        return np.isfinite(self.outcome)

    @property
    def is_treated(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """(N, T): whether a cell is at or after its unit's start."""
        return np.arange(len(self.periods))[None, :] >= self.start[:, None]

    @property
    def ever_treated(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """(N,): whether a unit has a treated period within the data."""
        return self.start < len(self.periods)


def panel_matrix(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    cohort: str | None = None,
    exposure: str | None = None,
    weights: str | None = None,
    covariates: Sequence[str] = (),
    is_count: bool = False,
) -> PanelMatrix:
    """Lay a tidy frame out by unit and period; the frame is left as it was.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period, in any order; gaps are allowed.
    outcome, unit, period : str
        Columns. Periods may be integers, dates, pandas periods or anything that sorts; the grid is the periods that
        occur, so a period without any row is no column. Text must sort in time, as ``2004-01`` does; an ordered
        categorical keeps its own order.
    cohort : str, optional
        The first treated period of the unit, in the terms of ``period``: constant within a unit. Missing, blank or
        infinite means never treated; so does 0, unless a period is 0 or less (the convention of R's ``did``).
    exposure : str, optional
        Positive; a row without one is left out.
    weights : str, optional
        Positive, one per unit; where it varies within a unit its mean is used.
    covariates : sequence of str
    is_count : bool
        Refuse negative outcomes.

    Raises
    ------
    UsageError
        If a column is absent, a unit has two rows in a period or two starts, a count is negative, a start is given
        in other terms than the periods, or periods are text that does not sort in time.
    NotEnoughData
        If no row is complete.
    """
    numbers = [outcome, *(name for name in (exposure, weights) if name is not None), *covariates]
    _require_columns(frame, [unit, period, *([cohort] if cohort else []), *numbers])
    there = (frame[unit].notna() & frame[period].notna()).to_numpy(dtype=bool)
    left_out = [
        LeftOut(None if pd.isna(u) else u, None if pd.isna(p) else p, f"a row without {unit if pd.isna(u) else period}")
        for u, p in zip(frame.loc[~there, unit], frame.loc[~there, period], strict=True)
    ]
    data = frame.loc[there].reset_index(drop=True)
    values = {name: as_floats(data[name]) for name in dict.fromkeys(numbers)}
    complete = np.ones(len(data), dtype=bool)
    for name in dict.fromkeys(numbers):
        bad = ~np.isfinite(values[name])
        if name in (exposure, weights):
            bad |= values[name] <= 0
        left_out += [
            LeftOut(u, p, f"no usable {name}")
            for u, p in zip(data.loc[bad & complete, unit], data.loc[bad & complete, period], strict=True)
        ]
        complete &= ~bad
    if not complete.any():
        raise NotEnoughData(
            f"laying out {outcome!r} by {unit!r} and {period!r}",
            found=f"no complete row among {len(frame)}",
            todo="choose columns and periods that have numbers",
        )
    if is_count and (values[outcome][complete] < 0).any():
        raise UsageError(f"laying out the counts {outcome!r}", found="a negative count", todo="give counts")
    data = data.loc[complete]
    values = {name: column[complete] for name, column in values.items()}
    rows, units = _positions(data[unit], f"laying out the units in {unit!r}")
    columns, periods = _positions(data[period], f"laying out the periods in {period!r}")
    if not is_ordered(data[period]):
        check_text_order(periods, period)
    doubled = len(data) - len(np.unique(rows * len(periods) + columns))
    if doubled:
        raise UsageError(
            f"laying out {outcome!r} by {unit!r} and {period!r}",
            found=f"{doubled} rows more than one per unit and period",
            todo="add the rows up, or name the column that tells them apart",
        )
    shape = (len(units), len(periods))
    matrix = np.full(shape, np.nan)
    matrix[rows, columns] = values[outcome]
    exposed = np.full(shape, np.nan)
    exposed[rows, columns] = 1.0 if exposure is None else values[exposure]
    weight = np.ones(len(units))
    if weights is not None:
        weight = np.bincount(rows, values[weights]) / np.bincount(rows)
    extra = np.full((*shape, len(covariates)), np.nan)
    for place, name in enumerate(covariates):
        extra[rows, columns, place] = values[name]
    start = np.full(len(units), NEVER) if cohort is None else starts_of(data[cohort], rows, data[period], periods)
    return PanelMatrix(units, periods, matrix, exposed, start, weight, extra, tuple(left_out))


def _require_columns(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    wrong = [name for name in dict.fromkeys(columns) if (frame.columns == name).sum() != 1]
    if wrong:
        raise UsageError(
            "laying out a panel",
            found=f"not exactly one column {', '.join(map(repr, wrong))}",
            todo="name columns of the frame",
        )


def _positions(column: pd.Series, asked: str) -> tuple[np.ndarray[Any, np.dtype[np.intp]], tuple[Any, ...]]:
    if isinstance(column.dtype, pd.CategoricalDtype) and not is_ordered(column):
        # Categories without an order of their own stand in any order, such as that of their first row.
        column = column.astype(column.dtype.categories.dtype)
    try:
        codes, labels = pd.factorize(column, sort=True)
    except TypeError as error:
        raise UsageError(asked, found="labels that cannot be sorted", todo=_ONE_KIND) from error
    found = tuple(labels.tolist())
    if any(isinstance(label, tuple) for label in found) or len({isinstance(label, str) for label in found}) > 1:
        raise UsageError(asked, found="labels of several parts, or of several kinds", todo=_ONE_KIND)
    return codes, found


_ONE_KIND = "give one column of labels of one kind: numbers, text, dates or pandas periods"
