"""What can be read off a curve of interval-censored times: chances, times and the ends of bootstrap intervals."""

from __future__ import annotations

import math

import numpy as np

from insight.stats.rows import Floats
from insight.stats.turnbull_fit import Fit

_FLAT = 1e-7
"""Chances closer than this are equal: the fit is good to 1e-8."""
_MOST_FAILED = 0.05


def span(fitted: Fit, share: float) -> tuple[float, float]:
    """Between which times the given share is reached; two intervals wide where the curve is flat at that height."""
    reached = np.cumsum(fitted.mass)
    place = int(np.flatnonzero(reached >= share - _FLAT)[0])
    last = place
    if abs(reached[place] - share) <= _FLAT and place + 1 < len(reached):
        last = place + 1
    return float(fitted.left[place]), float(fitted.right[last])


def time_of(fitted: Fit, share: float) -> float:
    """The share's time along straight lines; the middle of a flat stretch at that height; infinite where open."""
    reached = np.cumsum(fitted.mass)
    place = int(np.flatnonzero(reached >= share - _FLAT)[0])
    left, right = float(fitted.left[place]), float(fitted.right[place])
    if abs(reached[place] - share) <= _FLAT and place + 1 < len(reached):
        return (right + float(fitted.left[place + 1])) / 2
    if not math.isfinite(right):
        return math.inf
    part = (share - float(reached[place] - fitted.mass[place])) / float(fitted.mass[place])
    return left + (right - left) * min(max(part, 0.0), 1.0)


def survival(fitted: Fit, time: float) -> float:
    """Chance of no event by a time along straight lines; missing inside an interval that never closes."""
    gone = 0.0
    for left, right, mass in zip(fitted.left, fitted.right, fitted.mass, strict=True):
        if time >= right:
            gone += float(mass)
        elif time > left:
            if not math.isfinite(right):
                return math.nan
            gone += float(mass) * (time - float(left)) / float(right - left)
    return min(max(1 - gone, 0.0), 1.0)


def bounds(fitted: Fit, time: float) -> tuple[float, float]:
    """Lowest and highest chance of no event by a time."""
    ended = float(fitted.mass[fitted.right <= time].sum())
    begun = float(fitted.mass[np.where(fitted.is_exact, fitted.left <= time, fitted.left < time)].sum())
    return max(1 - begun, 0.0), max(1 - ended, 0.0)


def ends(drawn: Floats, level: float, draws: int) -> tuple[float | None, float | None]:
    """Percentiles that were drawn, not points between two of them; None for none, too few, or an open end."""
    if not draws or len(drawn) < (1 - _MOST_FAILED) * draws:
        return None, None
    tail = (1 - level) / 2
    low, high = (float(np.quantile(drawn, at, method="inverted_cdf")) for at in (tail, 1 - tail))
    return low if math.isfinite(low) else None, high if math.isfinite(high) else None


def too_many_failed(draws: int, succeeded: int) -> bool:
    """Whether so many draws gave no curve that the others are no fair picture."""
    return succeeded < (1 - _MOST_FAILED) * draws
