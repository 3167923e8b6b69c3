"""Every unit before and after a start: counts, exposures, and the log of the change of its rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from insight.errors import UsageError
from insight.stats.panel_matrix import PanelMatrix
from insight.stats.rows import Codes, Floats


@dataclass(frozen=True, eq=False)
class UnitSpans:
    """Each unit before and after a start, in the seasons that it has in both: arrays of N.

    ``expected`` is the count after the start at the unit's own rates before it.
    """

    pre_count: Floats
    post_count: Floats
    pre_exposure: Floats
    post_exposure: Floats
    expected: Floats

    @property
    def log_change(self) -> Floats:
        """Log of the count after the start over the count expected; NaN where either is missing or zero."""
        usable = (self.post_count > 0) & (self.expected > 0)
        changes = np.full(len(usable), np.nan)
        changes[usable] = np.log(self.post_count[usable] / self.expected[usable])
        return changes


def unit_changes(
    matrix: PanelMatrix,
    start: int,
    *,
    pre: int | None = None,
    gap: int = 0,
    post: int | None = None,
    seasons: Codes | Sequence[int] | None = None,
) -> Floats:
    """(N,) log change of every unit's rate around a start, treated or not.

    Parameters
    ----------
    matrix : PanelMatrix
    start : int
        Position in ``matrix.periods`` of the first period after.
    pre, gap, post : int, optional
        Before are the ``pre`` periods that end ``gap`` periods before the start; after are ``post`` periods from it.
    seasons : (T,) codes, optional
        Match the calendar, as for `collapsed_change`.

    Returns
    -------
    array of N
        NaN for a unit without a cell or without an event in either span.
    """
    return unit_spans(matrix, start, pre=pre, gap=gap, post=post, seasons=seasons).log_change


def unit_spans(
    matrix: PanelMatrix,
    start: int,
    *,
    pre: int | None = None,
    gap: int = 0,
    post: int | None = None,
    seasons: Codes | Sequence[int] | None = None,
) -> UnitSpans:
    """Counts and exposures of every unit before and after a start; arguments as for `unit_changes`."""
    check_spans(pre, post, gap)
    n_periods = len(matrix.periods)
    codes = np.zeros(n_periods, dtype=np.int64) if seasons is None else np.asarray(seasons, dtype=np.int64)
    place = np.arange(n_periods)
    is_pre = (place < start - gap) & (place >= (0 if pre is None else start - gap - pre))
    is_post = (place >= start) & (place < (n_periods if post is None else start + post))
    one_hot = codes[:, None] == np.unique(codes)[None, :]
    there = matrix.is_there
    count, exposed = np.where(there, matrix.outcome, 0.0), np.where(there, matrix.exposure, 0.0)
    before, after = one_hot * is_pre[:, None], one_hot * is_post[:, None]
    pre_exposure, post_exposure = exposed @ before, exposed @ after
    shared = (pre_exposure > 0) & (post_exposure > 0)
    pre_count, post_count = (count @ before) * shared, (count @ after) * shared
    rate = np.divide(pre_count, pre_exposure, out=np.zeros(shared.shape), where=shared)
    return UnitSpans(
        pre_count=pre_count.sum(axis=1),
        post_count=post_count.sum(axis=1),
        pre_exposure=(pre_exposure * shared).sum(axis=1),
        post_exposure=(post_exposure * shared).sum(axis=1),
        expected=(rate * post_exposure).sum(axis=1),
    )


def check_spans(pre: int | None, post: int | None, gap: int) -> None:
    """Refuse spans that there are not."""
    if gap < 0 or (pre is not None and pre < 1) or (post is not None and post < 1):
        raise UsageError(
            "choosing the periods before and after a start",
            found=f"pre={pre}, post={post}, gap={gap}",
            todo="give at least one period before and after, and a gap of 0 or more",
        )
