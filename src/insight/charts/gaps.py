"""What has no value, in rows of its own under the scale of a chart whose points stand in order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from insight.charts import palette
from insight.charts.clouds import fix_ticks
from insight.charts.marks import ZERO, mark_line

_STEP = 0.085


def draw_gaps(
    ax: Axes, x: NDArray[np.float64], values: NDArray[np.float64], statuses: Sequence[str], *, colour: str
) -> list[str]:
    """Marks for places without a value and for zeros; the scale's ticks stay above them.

    Parameters
    ----------
    ax : Axes
        Its limits and its round ticks are set.
    x, values : (n,) arrays
    statuses : sequence of str
        The reason of each value.

    Returns
    -------
    list of str
        The kinds of marks that the key must explain.
    """
    bottom, top = ax.get_ylim()
    fix_ticks(ax, "y", [float(tick) for tick in ax.yaxis.get_major_locator()() if bottom <= tick <= top])
    missing = np.isnan(values)
    kinds = list(dict.fromkeys(why for why, is_gap in zip(statuses, missing, strict=True) if is_gap))
    at = bottom - (top - bottom) * _STEP * 0.8
    for kind in kinds:
        places = [place for place, why, is_gap in zip(x, statuses, missing, strict=True) if is_gap and why == kind]
        ax.add_line(mark_line(kind, places, [at] * len(places), colour=colour))
    if kinds:
        ax.axhline(bottom, color=palette.GRID, linewidth=0.8, zorder=1)
        bottom -= (top - bottom) * _STEP * 1.4
    ax.set_ylim(bottom, top)
    zeros = x[values == 0]
    if len(zeros):
        ax.add_line(mark_line(ZERO, zeros, [0.0] * len(zeros), colour=colour))
        kinds.append(ZERO)
    return kinds
