"""Columns of a tidy frame that belong to a whole period or to a whole unit, in the order of a panel's matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from insight.errors import UsageError
from insight.stats.panel_matrix import PanelMatrix
from insight.stats.rows import Codes


def season_codes(frame: pd.DataFrame, matrix: PanelMatrix, *, season: str | None, period: str) -> Codes:
    """(T,) codes 0, 1, ... of each period's season, such as its calendar month; zeros where no season is named.

    Raises
    ------
    UsageError
        If the column is absent, or a period has no season or more than one.
    """
    if season is None:
        return np.zeros(len(matrix.periods), dtype=np.int64)
    return _codes(frame, season, by=period, labels=matrix.periods, asked="reading the season of each period")


def cluster_codes(frame: pd.DataFrame, matrix: PanelMatrix, *, cluster: str | None, unit: str) -> Codes:
    """(N,) codes 0, 1, ... of each unit's cluster; every unit its own where no cluster is named.

    Raises
    ------
    UsageError
        If the column is absent, or a unit has no cluster or more than one.
    """
    if cluster is None or cluster == unit:
        return np.arange(len(matrix.units), dtype=np.int64)
    return _codes(frame, cluster, by=unit, labels=matrix.units, asked="reading the cluster of each unit")


def _codes(frame: pd.DataFrame, column: str, *, by: str, labels: tuple[Any, ...], asked: str) -> Codes:
    if (frame.columns == column).sum() != 1:
        raise UsageError(asked, found=f"not exactly one column {column!r}", todo="name a column of the frame")
    if column == by:
        return np.arange(len(labels), dtype=np.int64)
    # An index may carry the name of a column.
    kept = frame[[by, column]].dropna(subset=[by]).reset_index(drop=True)
    grouped = kept.groupby(by, sort=True, observed=True)[column]
    several = grouped.nunique(dropna=True).reindex(list(labels))
    wrong = int((several != 1).sum())
    if wrong:
        raise UsageError(
            asked,
            found=f"{wrong} value(s) of {by!r} with no {column!r} or with more than one",
            todo=f"give each {by} one {column}, the same in all its rows",
        )
    return np.asarray(pd.factorize(grouped.first().reindex(list(labels)), sort=True)[0], dtype=np.int64)
