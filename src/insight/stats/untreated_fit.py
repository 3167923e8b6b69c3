"""Multiplicative effects of unit and period fitted to untreated cells, for many assignments of starts at once.

The model is exposure x a(unit, season) x b(period). Its Poisson fit makes the fitted counts of every unit (and season)
and of every period add up to the observed ones, which iterative proportional fitting reaches by setting the two in turn
(Deming & Stephan 1940, Annals Math Stat 11, 427-444). Periods of one season form a table of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insight.stats.rows import Codes, Floats

SETTLED = 1e-12
"""Largest relative change of a period's effect in a round that counts as none."""

MOST_ROUNDS = 5000

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Layout:
    """Which cells are untreated, for M assignments of starts to N units over T periods.

    Only the treated units of an assignment have masks of their own, K at most; all others share the data's cells.

    Parameters
    ----------
    outcome, exposure : (N, T) array
        Zero where there is no cell.
    is_control : (M, N) array
        One for a unit that is not treated in the assignment and takes part in it.
    window : (M, T) array
        One for the periods that the assignment uses.
    rows : (M, K) array of int
        The treated units, filled up with anything.
    is_row : (M, K) array of bool
    untreated, after : (M, K, T) array of bool
        The treated units' cells before their start less the gap, and from their start, within their window.
    """

    outcome: Floats
    exposure: Floats
    is_control: Floats
    window: Floats
    rows: NDArray[np.intp]
    is_row: Flags
    untreated: Flags
    after: Flags


@dataclass(frozen=True, eq=False)
class Effects:
    """The fitted effects of M assignments; S seasons.

    ``controls`` (M, N, S), ``treated`` (M, K, S) and ``periods`` (M, T). The two flags say which treated unit and
    season, and which period, untreated cells tie to the rest; between others an effect has no meaning. ``settled``
    (M,) says whether the fit was reached.
    """

    controls: Floats
    treated: Floats
    periods: Floats
    treated_tied: Flags
    periods_tied: Flags
    settled: Flags


def lay_out(
    outcome: Floats, exposure: Floats, starts: Floats, *, gap: int = 0, pre: int | None = None, post: int | None = None
) -> Layout:
    """Masks of M assignments.

    Parameters
    ----------
    outcome, exposure : (N, T) array
        NaN where there is no cell.
    starts : (M, N) array
        Position of each unit's first treated period; T or more means untreated, NaN that the unit takes no part.
    gap, pre, post
        As for `poisson_imputation`.
    """
    n_periods = outcome.shape[1]
    there = np.isfinite(outcome)
    treated = starts < n_periods
    most = int(treated.sum(axis=1).max(initial=0))
    rows = np.argsort(~treated, axis=1, kind="stable")[:, :most]
    is_row = np.take_along_axis(treated, rows, axis=1)
    start = np.where(is_row, np.take_along_axis(starts, rows, axis=1), n_periods)[:, :, None]
    place = np.arange(n_periods)[None, None, :]
    cells = there[rows] & is_row[:, :, None]
    first = np.full(start.shape, -np.inf) if pre is None else start - gap - pre
    end = np.full(start.shape, n_periods) if post is None else start + post
    untreated = cells & (place < start - gap) & (place >= first)
    after = cells & (place >= start) & (place < end)
    low = np.min(first, axis=1, initial=n_periods, where=is_row[:, :, None])
    high = np.max(end, axis=1, initial=0, where=is_row[:, :, None])
    window = ((place[0] >= low) & (place[0] < high)).astype(np.float64)
    is_control = (starts >= n_periods).astype(np.float64)
    full = np.where(there, outcome, 0.0)
    return Layout(full, np.where(there, exposure, 0.0), is_control, window, rows, is_row, untreated, after)


def fit_untreated(layout: Layout, seasons: Codes) -> Effects:
    """Fit the untreated cells of every assignment, season by season."""
    m, k = layout.rows.shape
    n, n_periods = layout.outcome.shape
    n_seasons = int(seasons.max()) + 1
    controls, treated = np.zeros((m, n, n_seasons)), np.zeros((m, k, n_seasons))
    periods, periods_tied = np.zeros((m, n_periods)), np.zeros((m, n_periods), dtype=bool)
    treated_tied, settled = np.zeros((m, k, n_seasons), dtype=bool), np.ones(m, dtype=bool)
    for season in range(n_seasons):
        place = np.flatnonzero(seasons == season)
        block = _block(layout, place)
        treated_tied[:, :, season], periods_tied[:, place] = _tied(block)
        controls[:, :, season], treated[:, :, season], periods[:, place], reached = _fit_block(block)
        settled &= reached
    return Effects(controls, treated, periods, treated_tied, periods_tied, settled)


def fit_cells(outcome: Floats, exposure: Floats, used: Flags, seasons: Codes) -> tuple[Floats, bool]:
    """(N, T) fitted values of the model at the used cells of one table, NaN elsewhere, and whether it was reached."""
    n, n_periods = outcome.shape
    nobody = np.zeros((1, 0, n_periods), dtype=bool)
    rows, flags = np.zeros((1, 0), dtype=np.intp), np.zeros((1, 0), dtype=bool)
    count, exposed = np.where(used, outcome, 0.0), np.where(used, exposure, 0.0)
    layout = Layout(count, exposed, np.ones((1, n)), np.ones((1, n_periods)), rows, flags, nobody, nobody)
    effects = fit_untreated(layout, seasons)
    fitted = exposed * effects.controls[0][:, seasons] * effects.periods[0]
    return np.where(used, fitted, np.nan), bool(effects.settled[0])


@dataclass(frozen=True, eq=False)
class _Block:
    """One season: J periods. Sums that the fit must reach, and what they are sums over."""

    exposure: Floats  # (N, J)
    is_control: Floats  # (M, N)
    window: Floats  # (M, J)
    own: Floats  # (M, K, J): exposure of treated units' untreated cells
    control_sums: Floats  # (M, N)
    own_sums: Floats  # (M, K)
    period_sums: Floats  # (M, J)

    def part(self, chosen: Any) -> _Block:
        return _Block(
            self.exposure,
            self.is_control[chosen],
            self.window[chosen],
            self.own[chosen],
            self.control_sums[chosen],
            self.own_sums[chosen],
            self.period_sums[chosen],
        )


def _block(layout: Layout, place: NDArray[np.intp]) -> _Block:
    count, exposure = layout.outcome[:, place], layout.exposure[:, place]
    window, mine = layout.window[:, place], layout.untreated[:, :, place]
    own_counts = np.where(mine, count[layout.rows], 0.0)
    return _Block(
        exposure=exposure,
        is_control=layout.is_control,
        window=window,
        own=np.where(mine, exposure[layout.rows], 0.0),
        control_sums=(window @ count.T) * layout.is_control,
        own_sums=own_counts.sum(axis=2),
        period_sums=window * (layout.is_control @ count) + own_counts.sum(axis=1),
    )


def _fit_block(block: _Block) -> tuple[Floats, Floats, Floats, Flags]:
    """Effects of controls, treated units and periods, and whether each assignment's fit was reached."""
    controls, own = np.zeros(block.control_sums.shape), np.zeros(block.own_sums.shape)
    periods = np.array(block.period_sums)
    reached = np.zeros(len(periods), dtype=bool)
    active, current, effect = np.arange(len(periods)), block, periods
    for _ in range(MOST_ROUNDS):
        a = _over(current.control_sums, effect @ current.exposure.T)
        mine = _over(current.own_sums, np.einsum("mkj,mj->mk", current.own, effect))
        reach = current.window * (a @ current.exposure) + np.einsum("mkj,mk->mj", current.own, mine)
        new = _over(current.period_sums, reach)
        done = np.all(np.abs(new - effect) <= SETTLED * new, axis=1)
        effect = new
        if done.any():
            at = active[done]
            controls[at], own[at], periods[at], reached[at] = a[done], mine[done], new[done], True
            active, current, effect = active[~done], current.part(~done), new[~done]
        if not len(active):
            break
    return controls, own, periods, reached


def _over(sums: Floats, over: Floats) -> Floats:
    """A quotient, zero where nothing is to be reached."""
    return np.divide(sums, over, out=np.zeros(sums.shape), where=(sums > 0) & (over > 0))


def _tied(block: _Block) -> tuple[Flags, Flags]:
    """Which treated units (M, K) and periods (M, J) chains of untreated cells tie to the period with most of them."""
    there = (block.exposure > 0).astype(np.float64)
    own = np.asarray(block.own > 0)
    held = block.window * (block.is_control @ there) + own.sum(axis=1)
    reach = np.zeros(held.shape, dtype=bool)
    rows = np.arange(len(held))
    most = held.argmax(axis=1)
    reach[rows, most] = held[rows, most] > 0
    while True:
        units = ((reach * block.window) @ there.T > 0) & (block.is_control > 0)
        mine: Flags = np.asarray((own & reach[:, None, :]).any(axis=2))
        further = block.window * (units @ there) > 0
        new = reach | further | (own & mine[:, :, None]).any(axis=1)
        if (new == reach).all():
            return mine, reach
        reach = new
