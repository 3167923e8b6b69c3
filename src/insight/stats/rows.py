"""From a frame to the rows that a regression can use, and the count of those it cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insight.errors import NotEnoughData, UsageError

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

LARGEST = 1e100
"""No measurement is larger; sums of squares of what is would overflow."""


@dataclass(frozen=True)
class Specification:
    """Which columns play which part.

    Parameters
    ----------
    outcome : str
    regressors : tuple of str
        At least one. The first is the one that the question is about.
    unit, period : str or None
        Columns whose effects are taken out; None for no such effects.
    absorb : tuple of str or None
        Columns whose interaction is taken out in place of the period, such as ``("region", "year")``.
    cluster : str or None
        Column of the clusters; the unit where None.
    weights, offset : str or None
        Positive weights; a term whose coefficient is fixed at one.
    """

    outcome: str
    regressors: tuple[str, ...]
    unit: str | None
    period: str | None
    absorb: tuple[str, ...] | None = None
    cluster: str | None = None
    weights: str | None = None
    offset: str | None = None

    @property
    def effects(self) -> tuple[tuple[str, ...], ...]:
        """The sets of effects, each as the columns whose combinations are its levels."""
        unit = () if self.unit is None else ((self.unit,),)
        if self.absorb is not None:
            return (*unit, self.absorb)
        return unit if self.period is None else (*unit, (self.period,))

    @property
    def cluster_column(self) -> str:
        """The column of the clusters."""
        column = self.unit if self.cluster is None else self.cluster
        if column is None:
            raise UsageError(
                "an error clustered by unit", found="neither unit= nor cluster=", todo="name the column of the clusters"
            )
        return column

    @property
    def in_words(self) -> str:
        """The effects, for the text of a method."""
        names = [" x ".join(columns) for columns in self.effects]
        return f"effects of {' and '.join(names)}" if names else "no effects"


@dataclass(frozen=True, eq=False)
class Rows:
    """Complete rows as arrays: n rows, k regressors.

    ``effects`` and ``clusters`` are codes 0, 1, ... with no gap. ``labels`` are the rows' positions in the frame.
    """

    specification: Specification
    labels: Codes
    outcome: Floats
    regressors: Floats
    effects: tuple[Codes, ...]
    clusters: Codes
    weights: Floats
    offset: Floats
    n_missing: int
    n_singletons: int = 0
    n_zeros: int = 0

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.outcome)

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return count_codes(self.clusters)

    @property
    def n_units(self) -> int:
        """Number of units, or of clusters where the unit has no effects."""
        return self.n_clusters if self.specification.unit is None else count_codes(self.effects[0])

    def keep(self, chosen: NDArray[np.bool_]) -> Rows:
        """The chosen rows, with codes closed up."""
        return replace(
            self,
            labels=self.labels[chosen],
            outcome=self.outcome[chosen],
            regressors=self.regressors[chosen],
            effects=tuple(close_up(codes[chosen]) for codes in self.effects),
            clusters=close_up(self.clusters[chosen]),
            weights=self.weights[chosen],
            offset=self.offset[chosen],
        )


def complete_rows(frame: pd.DataFrame, specification: Specification) -> Rows:
    """Rows of the frame in which every column of the specification has a finite value; the frame is left as it was.

    Raises
    ------
    UsageError
        If a column is absent or not a number where one is needed, no regressor is named, or a weight is not positive.
    NotEnoughData
        If no row is complete.
    """
    numbers = [specification.outcome, *specification.regressors]
    numbers += [column for column in (specification.weights, specification.offset) if column is not None]
    groups = [*specification.effects, (specification.cluster_column,)]
    _check_columns(frame, specification, [*numbers, *(column for columns in groups for column in columns)])
    values = {column: as_floats(frame[column]) for column in dict.fromkeys(numbers)}
    complete = np.ones(len(frame), dtype=bool)
    for column in values.values():
        complete &= np.isfinite(column)
    for columns in groups:
        complete &= frame[list(columns)].notna().all(axis="columns").to_numpy(dtype=bool)
    if not complete.any():
        raise NotEnoughData(
            f"a regression of {specification.outcome!r}",
            found=f"no complete row among {len(frame)}",
            todo="choose columns and periods that have numbers",
        )
    kept = frame.loc[complete]
    ones = np.ones(len(kept))
    weights = ones if specification.weights is None else values[specification.weights][complete]
    if (weights <= 0).any():
        raise UsageError("a weighted regression", found="a weight that is not positive", todo="leave those rows out")
    return Rows(
        specification=specification,
        labels=np.flatnonzero(complete),
        outcome=values[specification.outcome][complete],
        regressors=np.column_stack([values[column][complete] for column in specification.regressors]),
        effects=tuple(codes_of(kept, columns) for columns in specification.effects),
        clusters=codes_of(kept, (specification.cluster_column,)),
        weights=weights,
        offset=0 * ones if specification.offset is None else values[specification.offset][complete],
        n_missing=int(len(frame) - complete.sum()),
    )


def without_singletons(rows: Rows) -> Rows:
    """Leave out, again and again, rows that are alone in a level of an effect: the effect fits them exactly.

    Kept in, they say nothing of the coefficient and make the number of rows look larger (Correia 2015).
    """
    return _leave_out(rows, lambda codes, _: np.bincount(codes) == 1, "n_singletons")


def without_zero_levels(rows: Rows) -> Rows:
    """Leave out units and periods without any event: their effect in a Poisson fit is minus infinity."""
    return _leave_out(rows, lambda codes, outcome: np.bincount(codes, weights=outcome) == 0, "n_zeros")


def close_up(codes: Codes) -> Codes:
    """The same grouping with codes 0, 1, ... without gaps."""
    return np.unique(codes, return_inverse=True)[1].reshape(-1).astype(np.int64)


def count_codes(codes: Codes) -> int:
    """Number of levels of codes without gaps."""
    return int(codes.max()) + 1 if len(codes) else 0


def codes_of(frame: pd.DataFrame, columns: Sequence[str]) -> Codes:
    """Codes of the combinations of columns, in order of first appearance; text becomes integers."""
    named = list(dict.fromkeys(columns))
    # An index may carry the name of a column.
    codes = frame[named].reset_index(drop=True).groupby(named, sort=False, observed=True, dropna=False).ngroup()
    return np.asarray(codes, dtype=np.int64)


def as_floats(column: pd.Series) -> Floats:
    """A column as float64, nullable or not, with NaN where missing, infinite or too large to be squared."""
    try:
        if column.dtype.kind in "mMc":
            # Dates would become nanoseconds, and a complex number would lose a part, without a word.
            raise TypeError
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError, OverflowError) as error:
        raise UsageError(
            f"the column {column.name!r} as numbers",
            found=f"values of type {column.dtype}",
            todo="name a column of numbers",
        ) from error
    return np.where(np.abs(values) > LARGEST, np.nan, values)


def _check_columns(frame: pd.DataFrame, specification: Specification, columns: Sequence[str]) -> None:
    wrong = [column for column in dict.fromkeys(columns) if (frame.columns == column).sum() != 1]
    if wrong or specification.absorb == ():
        raise UsageError(
            f"a regression of {specification.outcome!r}",
            found=f"not exactly one column {', '.join(map(repr, wrong))}" if wrong else "absorb without a column",
            todo="name columns of the frame",
        )
    names = specification.regressors
    if not names or len(set(names)) != len(names) or specification.outcome in names:
        raise UsageError(
            f"a regression of {specification.outcome!r}",
            found=f"regressors {list(names)}",
            todo="name at least one, each once, and not the outcome",
        )


def _leave_out(
    rows: Rows, is_useless: Callable[[Codes, Floats], NDArray[np.bool_]], counter: Literal["n_singletons", "n_zeros"]
) -> Rows:
    before = rows.n_rows
    while rows.n_rows:
        useless = np.zeros(rows.n_rows, dtype=bool)
        for codes in rows.effects:
            useless |= is_useless(codes, rows.outcome)[codes]
        if not useless.any():
            break
        rows = rows.keep(~useless)
    left_out = before - rows.n_rows
    if counter == "n_zeros":
        return replace(rows, n_zeros=rows.n_zeros + left_out)
    return replace(rows, n_singletons=rows.n_singletons + left_out)
