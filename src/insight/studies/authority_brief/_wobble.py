"""How much a figure wobbles from one year to the next, and whether one of an authority surely differs from another.

A figure of one year stands for how an authority does. How far it strays by itself is seen from the changes of all
authorities: what is left of them without the nation's change, beside what counting alone would give. Children of one
family, lessons of one pupil and slips of a return make it more than counting alone; so do real changes, and that errs
on the side of saying too little.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from insight.studies._benchmarks import Counts, Measure, counts_of

CHANGES = 5
"""Newest changes from one year to the next that are looked at."""
FEWEST = 20
"""Changes that tell how far figures stray by themselves."""
WINSORISED = 0.10
_OF_A_NORMAL = 0.678
"""Mean square of a standard normal whose outer tenths are pulled in: so much smaller does it make a spread."""
RULE_OF_FIVE = 5.0
NO_COUNTS = "no counts"
NO_ENGLAND = "England has no figure"
FEW_CHANGES = "too few years"
FEW_COUNTED = "too few counted"


@dataclass(frozen=True)
class Wobble:
    """How far figures of one measure stray from year to year.

    Parameters
    ----------
    kind : "proportion" or "rate"
    scale : float
        Part over whole times this is the figure.
    times : float
        Variance of a figure over that of counting alone, at least 1, where it is the same for large and small.
    between : float
        Variance that comes on top of counting, on the scale of the square root or its arcsine, alike for all sizes.
    n_changes : int
    reason : str
        Why nothing is known; "" where it is.
    """

    kind: Literal["proportion", "rate"]
    scale: float
    times: float
    between: float
    n_changes: int
    reason: str = ""

    def factor(self, size: float) -> float:
        """Variance of a figure of this size over that of counting alone: the larger of two readings."""
        return max(1.0, self.times, 1.0 + 4.0 * size * self.between)


@dataclass(frozen=True)
class Apart:
    """A figure against another that is taken as it is.

    Parameters
    ----------
    p : float or None
        Two-sided; None with ``reason``.
    low, high : float or None
        Ends of the figure's 95% interval, which allows for the wobble.
    method : str
    """

    p: float | None
    low: float | None
    high: float | None
    method: str
    reason: str = ""


def wobble_of(measure: Measure, period: int) -> Wobble:
    """How far figures strayed over the newest years up to a period, in all units that have counts.

    Units whose returns look partial are left out. Each year's changes are taken about their median, winsorised at both
    ends, and held against counting alone; see `Wobble` for the two readings.
    """
    now = counts_of(measure, period)
    if not now.areas:
        return Wobble(now.kind, now.scale, 1.0, 0.0, 0, NO_COUNTS)
    scores, precisions = [np.empty(0)], [np.empty(0)]
    later = now
    for _ in range(CHANGES):
        period -= measure.a_year
        if period < measure.periods[0]:
            break
        earlier = counts_of(measure, period)
        moved, variance = _changes(later, earlier)
        if len(moved) >= 3:
            centred = (moved - np.median(moved)) / np.sqrt(variance)
            low, high = np.quantile(centred, [WINSORISED, 1 - WINSORISED])
            scores.append(np.clip(centred, low, high) / math.sqrt(_OF_A_NORMAL))
            precisions.append(1.0 / variance)
        later = earlier
    squares, weights = np.concatenate(scores) ** 2, np.concatenate(precisions)
    if len(squares) < FEWEST:
        return Wobble(now.kind, now.scale, 1.0, 0.0, len(squares), FEW_CHANGES)
    times = float(squares.mean())
    # A change has twice the variance of a figure: the variance on top, by moments, is halved.
    on_top = max(0.0, float(len(squares) * times - len(squares)) / float(weights.sum())) / 2
    return Wobble(now.kind, now.scale, max(1.0, times), on_top, len(squares))


def tell_apart(wobble: Wobble, events: float | None, size: float | None, *, other: float | None) -> Apart:
    """Whether a figure differs from another more than it strays by itself.

    Parameters
    ----------
    events, size : float or None
        Counts behind the figure.
    other : float or None
        In the figure's unit, taken as it is.

    Returns
    -------
    Apart
        Score test of a share or rate whose counts are divided by the factor of the wobble, and the interval of those.
        None where fewer than five would be expected on either side.
    """
    from insight.stats.intervals import rate_interval, share_interval

    if wobble.reason or events is None or not size:
        return Apart(None, None, None, "", wobble.reason or NO_COUNTS)
    factor = wobble.factor(size)
    part, whole = events / factor, size / factor
    is_share = wobble.kind == "proportion"
    make = share_interval if is_share else rate_interval
    span = make(part, whole, multiplier=wobble.scale)
    how = f"{span.method}, counts divided by {factor:.2f}, as figures stray from year to year"
    if other is None:
        return Apart(None, span.low, span.high, how, NO_ENGLAND)
    share = other / wobble.scale
    expected = whole * share
    if expected < RULE_OF_FIVE or (is_share and whole - expected < RULE_OF_FIVE):
        return Apart(None, span.low, span.high, how, FEW_COUNTED)
    variance = expected * (1 - share) if is_share else expected
    return Apart(math.erfc(abs(part - expected) / math.sqrt(2 * variance)), span.low, span.high, how)


def _changes(later: Counts, earlier: Counts) -> tuple[Any, Any]:
    """Changes of the units in both, on the scale whose variance depends on the size alone, and that of counting."""
    from insight.stats.funnel import TO_SCALE

    before = {code: place for place, code in enumerate(earlier.areas)}
    pairs = [(place, before[code]) for place, code in enumerate(later.areas) if code in before]
    kind = "proportion" if "proportion" == later.kind == earlier.kind else "rate"
    now, then = (
        TO_SCALE[kind](np.array([counts.events[pair[side]] / counts.sizes[pair[side]] for pair in pairs]))
        for side, counts in enumerate((later, earlier))
    )
    variance = np.array([0.25 / later.sizes[one] + 0.25 / earlier.sizes[other] for one, other in pairs])
    return now - then, variance
