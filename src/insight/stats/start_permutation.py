"""Permutation of the vector of starts, for units that are treated at different times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from insight.errors import NotEnoughData, UsageError
from insight.stats.arrangements import ENUMERATE_UP_TO, arrange, as_strata
from insight.stats.inversion import Asked, PermutationTest, finish_test
from insight.stats.panel_matrix import LeftOut, PanelMatrix
from insight.stats.permutation import Alternative, Tails
from insight.stats.rows import Codes, Floats

StartStatistic = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class StartChanges:
    """Each unit's change around each distinct start, whenever its own start was.

    Parameters
    ----------
    units : tuple
        Labels of the N units kept.
    starts : (N,) array of float
        Position of each unit's own start; infinity for never.
    changes, shares : (N, K) array
        As `permute_starts` takes them; columns are the distinct starts, earliest first.
    left_out : tuple of LeftOut
        Units with an empty window.
    """

    units: tuple[Any, ...]
    starts: Floats
    changes: Floats
    shares: Floats
    left_out: tuple[LeftOut, ...]


def changes_around_starts(panel: PanelMatrix, *, before: int, after: int, gap: int = 0, log: bool) -> StartChanges:
    """Change from the periods before to the periods after, for every unit and every distinct start.

    Parameters
    ----------
    panel : PanelMatrix
    before, after : int
        Periods in each window. ``after`` starts with the start itself.
    gap : int
        Periods between the windows, just before the start, that are left out as anticipation.
    log : bool
        The log of the ratio of pooled rates (summed outcome over summed exposure) instead of their difference.

    Returns
    -------
    StartChanges
        ``shares`` is the part of the later window in which the unit was treated, less that part of the earlier one: the
        share of a constant effect that the change holds. On the log scale it is an approximation where a window is
        partly treated.

    Raises
    ------
    NotEnoughData
        If there is no start within the data, or a treated unit has an empty window around its own start.
    UsageError
        If a window is shorter than one period or the gap is negative.
    """
    if before < 1 or after < 1 or gap < 0:
        raise UsageError(
            "changes around starts",
            found=f"before={before}, after={after}, gap={gap}",
            todo="use windows of at least one period and a gap of none or more",
        )
    length = len(panel.periods)
    own = np.where(panel.ever_treated, panel.start, np.inf)
    distinct = np.unique(own[np.isfinite(own)]).astype(int)
    if not len(distinct):
        raise NotEnoughData("changes around starts", found="no start within the data", todo="give starts within it")
    columns, shares = [], []
    for start in distinct.tolist():
        early = slice(max(start - gap - before, 0), max(start - gap, 0))
        late = slice(start, min(start + after, length))
        columns.append(_pooled(panel, late, log=log) - _pooled(panel, early, log=log))
        shares.append(_treated_share(panel, late) - _treated_share(panel, early))
    changes = np.column_stack(columns)
    whole = np.asarray(np.isfinite(changes).all(axis=1))
    if (~whole & np.isfinite(own)).any():
        raise NotEnoughData(
            "changes around starts",
            found=f"{int((~whole & np.isfinite(own)).sum())} treated unit(s) without a number before or after a start",
            todo="use other windows, or leave those units out",
        )
    left_out = tuple(
        LeftOut(unit, None, "no number before or after a start")
        for unit, kept in zip(panel.units, whole, strict=True)
        if not kept
    )
    units = tuple(unit for unit, kept in zip(panel.units, whole, strict=True) if kept)
    return StartChanges(units, own[whole], changes[whole], np.column_stack(shares)[whole], left_out)


def permute_starts(
    starts: ArrayLike,
    *,
    changes: ArrayLike | None = None,
    shares: ArrayLike | None = None,
    statistic: StartStatistic | None = None,
    slope: StartStatistic | None = None,
    strata: ArrayLike | None = None,
    n_draws: int = 999,
    seed: int,
    level: float = 0.95,
    null: float = 0.0,
    alternative: Alternative = "two-sided",
    tails: Tails = "symmetric",
    enumerate_up_to: int = ENUMERATE_UP_TO,
) -> PermutationTest:
    """Permutation test for staggered starts: the vector of starts is moved among the units.

    Parameters
    ----------
    starts : (N,) array of float
        Start of each unit, as in ``StartChanges.starts``; infinity or missing means never.
    changes : (N, K) array of float, optional
        Change of each unit around each of the K distinct starts, earliest first, treated then or not (see
        `changes_around_starts`). The statistic is then the mean over treated units of their change around their own
        start, less the mean change of the never treated there.
    shares : (N, K) array of float, optional
        How much of a unit's own effect each change holds: 1 around its own start, 0 for the never treated. Needed for
        an interval, or a ``null`` other than 0, where there is more than one start.
    statistic : callable, optional
        In place of ``changes``: from an (M, N) array of starts to M statistics.
    slope : callable, optional
        What an effect of one on every treated cell adds to ``statistic``, likewise (M, N) to M. Its value for the
        actual starts must not be 0. Without it there is no interval.
    strata, n_draws, seed, level, null, alternative, tails, enumerate_up_to
        As for `permute_units`.

    Raises
    ------
    NotEnoughData
        If no unit is treated, or, with ``changes``, all are.
    UsageError
        If shapes differ, a number is missing, or not exactly one of ``changes`` and ``statistic`` is given.

    Notes
    -----
    Hagemann (2019), J Econometrics 213, 4-29, and MacKinnon & Webb (2020), J Econometrics 218, 435-450, discuss
    permutation with few treated clusters; Bertrand, Duflo & Mullainathan (2004), Q J Econ 119, 249-275, permute laws
    and their dates among states.
    """
    asked = Asked(level, null, alternative, tails)
    given = _as_starts(starts)
    distinct = np.unique(given[np.isfinite(given)])
    if not len(distinct):
        raise NotEnoughData("a permutation of starts", found="no unit with a start", todo="give the starts")
    if (changes is None) == (statistic is None):
        raise UsageError(
            "a permutation of starts", found="not exactly one of changes= and statistic=", todo="give one of them"
        )
    labels = np.where(np.isfinite(given), np.searchsorted(distinct, given) + 1, 0).astype(np.int64)
    groups = as_strata(strata, len(given))
    found = arrange(labels, strata=groups, n_draws=n_draws, seed=seed, enumerate_up_to=enumerate_up_to)
    if statistic is not None:
        vectors = np.concatenate([[np.inf], distinct])[found.codes]
        scores = _called(statistic, vectors)
        slopes = None if slope is None else _called(slope, vectors)
    else:
        shape = (len(given), len(distinct))
        held = _shares(shares, labels, shape)
        scores = _around_starts(found.codes, _as_matrix(changes, shape, "changes around starts"))
        slopes = None if held is None else _around_starts(found.codes, held)
    return finish_test(
        scores,
        slopes,
        found=found,
        asked=asked,
        n_treated=int((labels > 0).sum()),
        n_strata=int(groups.max()) + 1,
        what="starts of units",
    )


def _pooled(panel: PanelMatrix, window: slice, *, log: bool) -> Floats:
    """Rate of each unit in the window; NaN where it has no cell, or no event on the log scale."""
    outcome, exposure = panel.outcome[:, window], panel.exposure[:, window]
    there = np.isfinite(outcome)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(there, outcome, 0.0).sum(axis=1) / np.where(there, exposure, 0.0).sum(axis=1)
        rate = np.log(rate) if log else rate
    return np.where(np.isfinite(rate), rate, np.nan)


def _treated_share(panel: PanelMatrix, window: slice) -> Floats:
    there = panel.is_there[:, window] * np.where(panel.is_there[:, window], panel.exposure[:, window], 0.0)
    total = there.sum(axis=1)
    return np.asarray((there * panel.is_treated[:, window]).sum(axis=1) / np.where(total > 0, total, 1.0))


def _around_starts(codes: Codes, matrix: Floats) -> Floats:
    """Mean over treated units of the column of their own start, less the mean of that column over the never treated."""
    never = (codes == 0).astype(np.float64)
    means = never @ matrix / never.sum(axis=1, keepdims=True)
    total = np.zeros(len(codes))
    for place in range(matrix.shape[1]):
        own = (codes == place + 1).astype(np.float64)
        total += own @ matrix[:, place] - own.sum(axis=1) * means[:, place]
    return np.asarray(total / (codes > 0).sum(axis=1))


def _as_starts(starts: ArrayLike) -> Floats:
    try:
        given = np.asarray(starts, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError) as error:
        raise UsageError(
            "a permutation of starts",
            found="a start that is not a number",
            todo="give positions of periods, as in PanelMatrix.start",
        ) from error
    return np.where(np.isnan(given), np.inf, given)


def _shares(shares: ArrayLike | None, labels: Codes, shape: tuple[int, int]) -> Floats | None:
    if not (labels == 0).any():
        raise NotEnoughData(
            "a permutation of starts",
            found="no unit that is never treated",
            todo="give a statistic that compares with units not yet treated",
        )
    if shares is None:
        # With one start a treated unit's only change holds its whole effect.
        return (labels > 0).astype(np.float64)[:, None] if shape[1] == 1 else None
    return _as_matrix(shares, shape, "shares of the effect")


def _as_matrix(values: ArrayLike | None, shape: tuple[int, int], what: str) -> Floats:
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.ndim == 1 and shape[1] == 1:
        matrix = matrix[:, None]
    if matrix.shape != shape or not np.isfinite(matrix).all():
        raise UsageError(
            f"reading {what}",
            found=f"shape {matrix.shape} where {shape} is needed, or a number that is missing",
            todo="give one row per unit and one column per distinct start, earliest first",
        )
    return matrix


def _called(statistic: StartStatistic, vectors: Floats) -> Floats:
    result = np.asarray(statistic(vectors), dtype=np.float64)
    if result.shape != (len(vectors),) or not np.isfinite(result).all():
        raise UsageError(
            "a permutation of starts",
            found=f"a statistic of shape {result.shape} for {len(vectors)} vectors of starts, or one that is missing",
            todo="return one number for each row",
        )
    return result
