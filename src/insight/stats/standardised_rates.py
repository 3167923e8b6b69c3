"""Directly standardised rates: what a place's rate would be with a standard population's make-up."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from insight.errors import NotEnoughData, UsageError
from insight.stats.intervals import Interval, poisson_interval

FEWEST_EVENTS = 10
"""Events below which no standardised rate is given (Morris et al. 2018, as Public Health England's guide has it)."""


def standardised_rate(
    events: ArrayLike, *, populations: ArrayLike, standard: ArrayLike, multiplier: float = 1.0, level: float = 0.95
) -> Interval:
    """A directly standardised rate with Dobson's interval.

    Parameters
    ----------
    events : (k,) array of float
        Counts by stratum, such as age.
    populations : (k,) array of float
        Sizes that they arose from; positive.
    standard : (k,) array of float
        Standard population by stratum; only its shares matter.
    multiplier : float
        The rate is given per so many.
    level : float

    Raises
    ------
    NotEnoughData
        With fewer than 10 events in all.
    UsageError
        If lengths differ, a count is hidden or negative, or a size is not positive.

    Notes
    -----
    Dobson, Kuulasmaa, Eberle & Scherer (1991), Stat Med 10, 457-462, around Byar's interval of the total. Below 10
    events neither the rate nor its interval is stable: Morris, Tan, Fryers & Bestwick (2018), Popul Health Metr 16, 19.

    Examples
    --------
    >>> rate = standardised_rate([20, 30], populations=[1000, 1000], standard=[3, 1], multiplier=1000)
    >>> round(rate.value, 1), round(rate.low, 1), round(rate.high, 1)
    (22.5, 15.9, 30.7)
    """
    counts, sizes, weights = (
        np.asarray(each, dtype=np.float64).reshape(-1) for each in (events, populations, standard)
    )
    asked = "a standardised rate"
    if not len(counts) == len(sizes) == len(weights) or not len(counts):
        raise UsageError(
            asked, found=f"{len(counts)} counts, {len(sizes)} sizes, {len(weights)} weights", todo="give one of each"
        )
    if not np.isfinite(counts).all():
        raise UsageError(asked, found="a stratum without a count", todo="standardise only where every stratum is known")
    numbers = np.concatenate([sizes, weights])
    if (counts < 0).any() or not np.isfinite(numbers).all() or (sizes <= 0).any() or (weights < 0).any():
        raise UsageError(asked, found="a negative count, or a size that is not positive", todo="mend the strata")
    total = float(counts.sum())
    if total < FEWEST_EVENTS:
        raise NotEnoughData(
            asked,
            found=f"fewer than {FEWEST_EVENTS} events",
            todo="give the plain rate with its exact interval, or put years together",
        )
    if weights.sum() == 0:
        raise UsageError(asked, found="a standard population of nobody", todo="give positive weights")
    shares = weights / weights.sum()
    rate = float((shares * counts / sizes).sum())
    variance = float((shares**2 * counts / sizes**2).sum())
    count = poisson_interval(total, level=level)
    scale = math.sqrt(variance / total)
    low, high = (rate + scale * (end - total) for end in (count.low, count.high))
    return Interval(
        rate * multiplier,
        max(low, 0.0) * multiplier,
        high * multiplier,
        level,
        "directly standardised, Dobson's interval",
    )
