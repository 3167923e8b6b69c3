"""Ranks that admit how little they know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import check_level
from insight.stats.rows import Floats

Order = Literal["low first", "high first"]


@dataclass(frozen=True)
class Rank:
    """A unit's place: 1 is first. Tied units share the middle of their places, so a rank may end in a half.

    ``is_zero`` marks a value of exactly zero, or a share of exactly one. Redrawn from itself it would never vary, so
    its interval is too short.
    """

    value: float
    rank: float
    low: float
    high: float
    of: int
    is_zero: bool


def rank_with_interval(
    values: ArrayLike,
    std_errors: ArrayLike,
    *,
    seed: int,
    draws: int = 10_000,
    order: Order = "low first",
    level: float = 0.95,
) -> tuple[Rank, ...]:
    """Ranks of estimates, each redrawn from a normal distribution with its own standard error.

    Parameters
    ----------
    values, std_errors : array of float
        One per unit; an error of zero keeps the value where it is.
    seed, draws : int
        Of the parametric bootstrap.
    order : {"low first", "high first"}
        Which end is rank 1.
    level : float
        Level of the intervals.

    Returns
    -------
    tuple of Rank
        In the order given.

    Raises
    ------
    NotEnoughData
        With fewer than 2 units.
    UsageError
        If a number is missing, an error is negative, or an option is unknown.
    """
    centres, errors = _as_pair(values, std_errors, "values and standard errors")
    generator = np.random.default_rng(seed)
    drawn = centres + errors * generator.standard_normal((_check_draws(draws, order, level), len(centres)))
    return _ranks(centres, drawn, order, level)


def rank_counts(
    events: ArrayLike,
    denominators: ArrayLike,
    *,
    seed: int,
    dispersion: float = 1.0,
    draws: int = 10_000,
    order: Order = "low first",
    level: float = 0.95,
) -> tuple[Rank, ...]:
    """Ranks of rates, each count redrawn with its own mean and ``dispersion`` times the Poisson variance.

    Parameters
    ----------
    events, denominators : array of float
        One per unit: counts, and the sizes they arose from.
    dispersion : float
        Variance of a count over its mean, from 1 (Poisson) up; above 1 counts are drawn from a gamma-Poisson mixture.
    seed, draws, order, level
        As for `rank_with_interval`.

    Raises
    ------
    NotEnoughData
        With fewer than 2 units.
    UsageError
        If a count is negative, a denominator not positive, or the dispersion under 1.
    """
    counts, sizes = _as_pair(events, denominators, "counts and denominators")
    if (counts < 0).any() or (sizes <= 0).any() or not 1 <= dispersion < np.inf:
        raise UsageError(
            "ranks of rates",
            found=f"a negative count, a denominator that is not positive, or dispersion={dispersion}",
            todo="leave such units out; give a dispersion of 1 or more",
        )
    generator = np.random.default_rng(seed)
    shape = (_check_draws(draws, order, level), len(counts))
    means = np.broadcast_to(counts, shape)
    if dispersion > 1:
        means = generator.gamma(counts / (dispersion - 1), dispersion - 1, size=shape)
    return _ranks(counts / sizes, generator.poisson(means) / sizes, order, level)


def rank_shares(
    numerators: ArrayLike,
    *,
    denominators: ArrayLike,
    seed: int,
    dispersion: float = 1.0,
    draws: int = 10_000,
    order: Order = "low first",
    level: float = 0.95,
) -> tuple[Rank, ...]:
    """Ranks of shares, each numerator redrawn with its own mean and ``dispersion`` times the binomial variance.

    Parameters
    ----------
    numerators, denominators : array of float
        One per unit: whole counts, the numerator no larger than the denominator.
    dispersion : float
        Variance of a numerator over the binomial one, from 1 up and below every denominator; above 1 numerators are
        drawn from a beta-binomial mixture.
    seed, draws, order, level
        As for `rank_with_interval`.

    Raises
    ------
    NotEnoughData
        With fewer than 2 units.
    UsageError
        If a count cannot be, or the dispersion is out of range.
    """
    parts, sizes = _as_pair(numerators, denominators, "numerators and denominators")
    whole = (np.round(parts) == parts).all() and (np.round(sizes) == sizes).all()
    fits = (parts >= 0).all() and (parts <= sizes).all() and (sizes > 0).all()
    if not whole or not fits or not dispersion >= 1 or (dispersion > 1 and (sizes <= dispersion).any()):
        raise UsageError(
            "ranks of shares",
            found=f"a numerator that is no part of its denominator, or dispersion={dispersion}",
            todo="give whole counts, and a dispersion from 1 up and below every denominator",
        )
    generator = np.random.default_rng(seed)
    shares = parts / sizes
    chances = np.broadcast_to(shares, (_check_draws(draws, order, level), len(parts)))
    if dispersion > 1:
        # Variance n p (1 - p) (1 + (n - 1) rho), with rho = 1 / (a + b + 1) the correlation within a unit.
        total = (sizes - dispersion) / (dispersion - 1)
        varies = (shares > 0) & (shares < 1)
        a, b = (np.where(varies, total * part, 1.0) for part in (shares, 1 - shares))
        chances = np.where(varies, generator.beta(a, b, size=chances.shape), shares)
    return _ranks(shares, generator.binomial(sizes.astype(np.int64), chances) / sizes, order, level, (0.0, 1.0))


def middle_ranks(values: ArrayLike) -> Floats:
    """Ranks along the last axis, 1 for the smallest; ties share the middle of their places."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(np.asarray(values, dtype=np.float64), method="average", axis=-1))


def _ranks(
    centres: Floats, drawn: Floats, order: Order, level: float, fixed: tuple[float, ...] = (0.0,)
) -> tuple[Rank, ...]:
    sign = 1.0 if order == "low first" else -1.0
    places = middle_ranks(sign * centres)
    tail = (1 - level) / 2
    # Ends are ranks that were drawn, not points between two of them.
    low = np.quantile(middle_ranks(sign * drawn), tail, axis=0, method="inverted_cdf")
    high = np.quantile(middle_ranks(sign * drawn), 1 - tail, axis=0, method="inverted_cdf")
    return tuple(
        Rank(
            float(value), float(place), float(min(first, place)), float(max(last, place)), len(centres), value in fixed
        )
        for value, place, first, last in zip(centres.tolist(), places, low, high, strict=True)
    )


def _as_pair(first: ArrayLike, second: ArrayLike, what: str) -> tuple[Floats, Floats]:
    a, b = (np.asarray(values, dtype=np.float64).reshape(-1) for values in (first, second))
    if len(a) != len(b) or not (np.isfinite(a).all() and np.isfinite(b).all()) or (b < 0).any():
        raise UsageError(
            f"ranks from {what}",
            found="arrays of different lengths, or a number that is missing or negative",
            todo="leave units without a number out",
        )
    if len(a) < 2:
        raise NotEnoughData("ranks", found=f"{len(a)} units", todo="rank at least two")
    return a, b


def _check_draws(draws: int, order: str, level: float) -> int:
    check_level(level)
    if draws < 100 or order not in ("low first", "high first"):
        raise UsageError(
            "ranks with intervals",
            found=f"draws={draws}, order={order!r}",
            todo='use at least 100 draws and "low first" or "high first"',
        )
    return draws
