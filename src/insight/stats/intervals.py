"""Intervals for single counts, rates and shares."""

from __future__ import annotations

import math
from dataclasses import dataclass

from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import check_level, gamma_quantile, normal_quantile

EXACT_BELOW = 10
"""Events below which a count's interval is exact and from which it is Byar's (Public Health England's rule)."""


@dataclass(frozen=True)
class Interval:
    """A value, the ends of its interval, and the method in words."""

    value: float
    low: float
    high: float
    level: float
    method: str


def poisson_interval(events: float, *, level: float = 0.95) -> Interval:
    """Interval for the mean of a count: exact (Garwood) below 10 events, Byar's from 10.

    Raises
    ------
    UsageError
        If the count is negative or not finite, or the level is not between 0 and 1.

    Notes
    -----
    Garwood (1936), Biometrika 28, 437-442; Breslow & Day (1987), Statistical Methods in Cancer Research II, 69. From 10
    events on, Byar's 95% limits lie within 0.2% of the exact ones (Public Health England, Technical Guide: Confidence
    Intervals, 2018).

    Examples
    --------
    >>> few = poisson_interval(0)
    >>> few.low, round(few.high, 3)
    (0.0, 3.689)
    """
    check_level(level)
    if not math.isfinite(events) or events < 0:
        raise UsageError("an interval for a count", found=f"{events} events", todo="give a count of 0 or more")
    if events < EXACT_BELOW:
        tail = (1 - level) / 2
        low = gamma_quantile(tail, events) if events > 0 else 0.0
        return Interval(float(events), low, gamma_quantile(1 - tail, events + 1), level, "exact Poisson (Garwood)")
    return Interval(float(events), *_byar(events, normal_quantile(level)), level, "Byar's approximation")


def rate_interval(events: float, denominator: float, *, multiplier: float = 1.0, level: float = 0.95) -> Interval:
    """A rate per ``multiplier`` of the denominator, with the interval of its count.

    Raises
    ------
    NotEnoughData
        If the denominator is zero.
    UsageError
        If a number is negative or not finite.
    """
    _check_denominator(denominator, "a rate")
    count = poisson_interval(events, level=level)
    scale = multiplier / denominator
    return Interval(count.value * scale, count.low * scale, count.high * scale, level, count.method)


def share_interval(numerator: float, denominator: float, *, multiplier: float = 100.0, level: float = 0.95) -> Interval:
    """A share, in percent unless ``multiplier`` says otherwise, with Wilson's score interval.

    Raises
    ------
    NotEnoughData
        If the denominator is zero.
    UsageError
        If the numerator is negative or larger than the denominator.

    Notes
    -----
    Wilson (1927), J Am Stat Assoc 22, 209-212, by statsmodels; never below 0 or above 100, unlike the normal one.

    Examples
    --------
    >>> share = share_interval(24, 120)
    >>> round(share.value, 1), round(share.low, 1), round(share.high, 1)
    (20.0, 13.8, 28.0)
    """
    from statsmodels.stats.proportion import proportion_confint

    check_level(level)
    _check_denominator(denominator, "a share")
    if not 0 <= numerator <= denominator:
        raise UsageError(
            "a share", found=f"{numerator} of {denominator}", todo="give a numerator from 0 to the denominator"
        )
    low, high = proportion_confint(numerator, denominator, alpha=1 - level, method="wilson")
    share = numerator / denominator
    ends = (min(max(float(low), 0.0), share), max(min(float(high), 1.0), share))
    return Interval(share * multiplier, ends[0] * multiplier, ends[1] * multiplier, level, "Wilson score")


def _byar(events: float, z: float) -> tuple[float, float]:
    def end(count: float, side: int) -> float:
        return count * (1 - 1 / (9 * count) + side * z / (3 * math.sqrt(count))) ** 3

    return end(events, -1), end(events + 1, +1)


def _check_denominator(denominator: float, what: str) -> None:
    if not math.isfinite(denominator) or denominator < 0:
        raise UsageError(what, found=f"a denominator of {denominator}", todo="give a positive denominator")
    if denominator == 0:
        raise NotEnoughData(what, found="a denominator of zero", todo="leave this row without a number")
