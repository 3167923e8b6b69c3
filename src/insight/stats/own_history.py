"""What one series alone could show: its changes, against others, at every start in its past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from insight.errors import NotEnoughData, UsageError
from insight.stats.collapsed_change import unit_changes
from insight.stats.panel_columns import season_codes
from insight.stats.panel_matrix import LeftOut, panel_matrix
from insight.stats.power import PowerMethod, SmallestNoticeable, smallest_noticeable
from insight.stats.pseudo_treatment import before_any_start


@dataclass(frozen=True, eq=False)
class OwnHistory:
    """Placebo changes of one series.

    Parameters
    ----------
    smallest : SmallestNoticeable
    cells : DataFrame
        start, log_change, comparison (mean log change of the other series around the same start), difference.
    n_apart : int
        Starts whose spans after them do not overlap: what the degrees of freedom are counted from.
    n_comparisons : int
        Other series.
    left_out : tuple of LeftOut
    """

    smallest: SmallestNoticeable
    cells: pd.DataFrame
    n_apart: int
    n_comparisons: int
    left_out: tuple[LeftOut, ...]

    @property
    def words(self) -> str:
        """The smallest fall and rise that this series could show."""
        return self.smallest.words


def own_history(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    focal: Any,
    pre: int,
    post: int,
    gap: int = 0,
    cohort: str | None = None,
    exposure: str | None = None,
    season: str | None = None,
    level: float = 0.95,
    power: float = 0.8,
    method: PowerMethod = "closed_form",
    key: str = "smallest_noticeable",
) -> OwnHistory:
    """Changes of one series against the others at every earlier start, and the smallest change it could show.

    Parameters
    ----------
    frame, outcome, unit, period, exposure
        As for `panel_matrix`; counts.
    focal : label
        The unit asked about. All others are its comparison; with no other its own change stands alone.
    pre, post, gap : int
        Periods before, after, and left out right before the start.
    cohort : str, optional
        First treated periods; everything from the earliest on is left out of every unit.
    season : str, optional
        Column of the season of each period; matches the calendar as in `collapsed_change`.
    level, power : float
    method : {"closed_form", "empirical"}
        As for `smallest_noticeable`. Neighbouring starts share months: the closed form counts its degrees of freedom
        from the starts whose spans do not overlap; the empirical one takes every start and is the rougher for it.
    key : str

    Raises
    ------
    UsageError
        If an argument or a column cannot be used, or the unit is not in the frame.
    NotEnoughData
        If fewer than three starts fit without overlap.
    """
    if min(pre, post) < 1 or gap < 0:
        raise UsageError(
            "changes of one series", found=f"pre={pre}, post={post}, gap={gap}", todo="give at least 1, 1, 0"
        )
    matrix = panel_matrix(
        frame, outcome=outcome, unit=unit, period=period, cohort=cohort, exposure=exposure, is_count=True
    )
    codes = season_codes(frame, matrix, season=season, period=period)
    if focal not in matrix.units:
        raise UsageError(
            "changes of one series", found=f"no unit {focal!r} with a number", todo="name a unit of the frame"
        )
    matrix, codes = before_any_start(matrix, codes)
    row = matrix.units.index(focal)
    others = np.arange(len(matrix.units)) != row
    found = []
    for start in range(pre + gap, len(matrix.periods) - post + 1):
        changes = unit_changes(matrix, start, pre=pre, gap=gap, post=post, seasons=codes)
        beside = changes[others & np.isfinite(changes)]
        if np.isfinite(changes[row]) and (len(beside) or not others.any()):
            comparison = float(beside.mean()) if len(beside) else 0.0
            found.append((start, float(changes[row]), comparison))
    places = [start for start, _, _ in found]
    n_apart = _apart(places, post)
    if n_apart < 3:
        raise NotEnoughData(
            f"changes of {focal!r} at earlier starts",
            found=f"{n_apart} start(s) whose spans of {post} periods do not overlap",
            todo="use a longer history or shorter spans",
        )
    cells = pd.DataFrame(
        {
            "start": [matrix.periods[start] for start in places],
            "log_change": [own for _, own, _ in found],
            "comparison": [beside for _, _, beside in found],
        }
    )
    cells["difference"] = cells["log_change"] - cells["comparison"]
    smallest = smallest_noticeable(
        cells["difference"].to_numpy(), level=level, power=power, method=method, dof=n_apart - 1, key=key
    )
    return OwnHistory(smallest, cells, n_apart, int(others.sum()), matrix.left_out)


def _apart(places: list[int], post: int) -> int:
    """How many starts can be chosen so that no two share a period after them."""
    count, free_from = 0, -1
    for place in places:
        if place >= free_from:
            count, free_from = count + 1, place + post
    return count
