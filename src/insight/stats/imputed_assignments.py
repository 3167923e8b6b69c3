"""Poisson imputation for many assignments of starts at once: what a permutation of units or of starts needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from insight.errors import UsageError
from insight.stats.panel_matrix import PanelMatrix
from insight.stats.rows import Codes, Floats
from insight.stats.unit_changes import check_spans
from insight.stats.untreated_fit import Effects, Flags, Layout, fit_untreated, lay_out

Weighting = Literal["event", "unit"]
Starts = Floats | Sequence[Floats] | Sequence[Mapping[int, float]]

LARGEST_PART = 4_000_000
"""Cells of treated units worked on at once: about 100 MB with everything made from them."""


def impute_for_assignments(
    matrix: PanelMatrix,
    *,
    starts: Starts,
    seasons: Codes | Sequence[int] | None = None,
    gap: int = 0,
    pre: int | None = None,
    post: int | None = None,
    weighting: Weighting = "event",
    closed_form: bool = True,
) -> Floats:
    """Log rate ratio of `poisson_imputation` for each of M assignments of starts.

    Parameters
    ----------
    matrix : PanelMatrix
        Its own starts are not looked at.
    starts : (M, N) array, or a sequence of (N,) arrays or of mappings
        Position in ``matrix.periods`` of each unit's first treated period; the number of periods or more (infinity)
        means untreated, NaN that the unit takes no part. A mapping names treated rows of the matrix and their starts;
        all other units are untreated.
    seasons : (T,) codes, optional
        Unit-by-season effects.
    gap, pre, post, weighting
        As for `poisson_imputation`.
    closed_form : bool
        Use the closed form where it is exact: one start for all treated units of the assignment, no missing cell, and
        an exposure that is a product of a unit's and a period's factor within each season. False always fits.

    Returns
    -------
    array of M
        NaN where an assignment leaves nothing to compare.

    Raises
    ------
    UsageError
        If starts or seasons do not fit the matrix, or an argument cannot be used.

    Notes
    -----
    In the closed form the imputed count of a unit and season is its own count before the start times the ratio of the
    controls' counts after and before, in that season. Exposure cancels.
    """
    check_spans(pre, post, gap)
    check_weighting(weighting)
    table = starts_table(matrix, starts)
    codes = season_array(matrix, seasons)
    answer = np.full(len(table), np.nan)
    rest = np.ones(len(table), dtype=bool)
    if closed_form and matrix.is_there.all() and _is_product(matrix.exposure, codes):
        for start in np.unique(table[table < len(matrix.periods)]):
            treated = table < len(matrix.periods)
            alone = rest & treated.any(axis=1) & ((table == start) | ~treated).all(axis=1)
            found, is_exact = _common_start(matrix.outcome, table[alone], int(start), codes, gap, pre, post, weighting)
            at = np.flatnonzero(alone)[is_exact]
            answer[at], rest[at] = found[is_exact], False
    if rest.any():
        answer[rest] = _fitted(matrix, table[rest], codes, gap, pre, post, weighting)
    return answer


def compared_cells(layout: Layout, effects: Effects, seasons: Codes) -> tuple[Floats, Flags]:
    """Imputed counts (M, K, T) of treated units at every cell, and which of the treated cells have one.

    A unit without any event before its start has none: its effect is zero for want of data. A season without events,
    at a unit that has them in others, is imputed as zero; leaving such seasons out would leave out low counts before
    the start but not after it, and make falls of no effect at all.
    """
    expected = layout.exposure[layout.rows] * effects.treated[:, :, seasons] * effects.periods[:, None, :]
    tied = effects.treated_tied[:, :, seasons] & effects.periods_tied[:, None, :]
    has_events = (np.where(layout.untreated, layout.outcome[layout.rows], 0.0).sum(axis=2) > 0)[:, :, None]
    return expected, tied & has_events & effects.settled[:, None, None]


def log_ratios(observed: Floats, expected: Floats, weighting: Weighting) -> Floats:
    """(M,) log ratios from counts (M, K) of treated units, NaN where nothing can be compared."""
    if weighting == "event":
        sums, over = observed.sum(axis=1), expected.sum(axis=1)
        usable = (sums > 0) & (over > 0)
        return np.asarray(np.log(np.divide(sums, over, out=np.full(len(sums), np.nan), where=usable)))
    usable = (observed > 0) & (expected > 0)
    logs = np.log(np.divide(observed, expected, out=np.ones(observed.shape), where=usable))
    n = usable.sum(axis=1)
    return np.asarray(np.divide(logs.sum(axis=1), n, out=np.full(len(n), np.nan), where=n > 0))


def check_weighting(weighting: str) -> None:
    """Refuse a weighting that there is not."""
    if weighting not in ("event", "unit"):
        raise UsageError("a Poisson imputation", found=f"weighting={weighting!r}", todo='ask for "event" or "unit"')


def season_array(matrix: PanelMatrix, seasons: Codes | Sequence[int] | None) -> Codes:
    """(T,) codes without gaps; zeros where no seasons are given."""
    n_periods = len(matrix.periods)
    given = np.zeros(n_periods, dtype=np.int64) if seasons is None else np.asarray(seasons)
    if given.shape != (n_periods,):
        raise UsageError(
            "reading the seasons", found=f"{given.size} codes for {n_periods} periods", todo="give one per period"
        )
    return np.unique(given, return_inverse=True)[1].reshape(-1).astype(np.int64)


def starts_table(matrix: PanelMatrix, starts: Starts) -> Floats:
    """(M, N) starts from any of the forms that `impute_for_assignments` takes."""
    n = len(matrix.units)
    if isinstance(starts, np.ndarray):
        table = np.atleast_2d(np.asarray(starts, dtype=np.float64))
    else:
        table = np.full((len(starts), n), np.inf)
        for place, each in enumerate(starts):
            if isinstance(each, Mapping):
                if any(not 0 <= row < n for row in each):
                    raise _wrong_starts(f"a row outside 0 to {n - 1}")
                table[place, list(each)] = list(each.values())
            else:
                row = np.asarray(each, dtype=np.float64)
                if row.shape != (n,):
                    raise _wrong_starts(f"starts of shape {row.shape} for {n} units")
                table[place] = row
    if table.ndim != 2 or table.shape[1] != n:
        raise _wrong_starts(f"starts of shape {table.shape} for {n} units")
    finite = table[np.isfinite(table)]
    if (finite != np.round(finite)).any() or np.isneginf(table).any():
        raise _wrong_starts("a start that is not a whole position")
    return table


def _wrong_starts(found: str) -> UsageError:
    return UsageError("imputing for assignments", found=found, todo="give one position, infinity or NaN per unit")


def _fitted(
    matrix: PanelMatrix,
    table: Floats,
    seasons: Codes,
    gap: int,
    pre: int | None,
    post: int | None,
    weighting: Weighting,
) -> Floats:
    """By fitting, a part of the assignments at a time."""
    most = max(1, int((table < len(matrix.periods)).sum(axis=1).max(initial=0)))
    size = max(1, LARGEST_PART // (most * len(matrix.periods) + len(matrix.units) * (int(seasons.max()) + 1)))
    found = []
    for first in range(0, len(table), size):
        starts = table[first : first + size]
        layout = lay_out(matrix.outcome, matrix.exposure, starts, gap=gap, pre=pre, post=post)
        expected, usable = compared_cells(layout, fit_untreated(layout, seasons), seasons)
        compared = usable & layout.after
        observed = np.where(compared, layout.outcome[layout.rows], 0.0).sum(axis=2)
        found.append(log_ratios(observed, np.where(compared, expected, 0.0).sum(axis=2), weighting))
    return np.concatenate(found)


def _is_product(exposure: Floats, seasons: Codes) -> bool:
    """Whether exposure is a unit's factor times a period's, within each season."""
    for season in range(int(seasons.max()) + 1):
        logs = np.log(exposure[:, seasons == season])
        left = logs - logs.mean(axis=0) - logs.mean(axis=1, keepdims=True) + logs.mean()
        if np.abs(left).max() > 1e-12:
            return False
    return True


def _common_start(
    count: Floats,
    table: Floats,
    start: int,
    seasons: Codes,
    gap: int,
    pre: int | None,
    post: int | None,
    weighting: Weighting,
) -> tuple[Floats, Flags]:
    """Log ratios of assignments with one start, and for which of them the closed form is exact."""
    n_periods = count.shape[1]
    place = np.arange(n_periods)
    is_pre = (place < start - gap) & (place >= (0 if pre is None else start - gap - pre))
    is_post = (place >= start) & (place < (n_periods if post is None else start + post))
    one_hot = seasons[:, None] == np.arange(int(seasons.max()) + 1)[None, :]
    before, after = one_hot & is_pre[:, None], one_hot & is_post[:, None]
    shared = before.any(axis=0) & after.any(axis=0)
    counts_before, counts_after = count @ before[:, shared], count @ after[:, shared]
    treated = (table == start) & (count @ is_pre > 0)
    control = (table >= n_periods).astype(np.float64)
    over = control @ counts_before
    # Where the controls have no event before the start the fit lies on a boundary: that is left to the general way.
    is_exact = np.asarray((over > 0).all(axis=1) & shared.any())
    ratio = np.divide(control @ counts_after, over, out=np.zeros(over.shape), where=over > 0)
    if weighting == "event":
        mine = treated.astype(np.float64)
        observed = (mine @ counts_after).sum(axis=1, keepdims=True)
        expected = ((mine @ counts_before) * ratio).sum(axis=1, keepdims=True)
    else:
        observed = treated * counts_after.sum(axis=1)
        expected = treated * (ratio @ counts_before.T)
    return log_ratios(observed, expected, weighting), is_exact
