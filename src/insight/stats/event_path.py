"""What every sensitivity analysis of an event study starts from: coefficients, covariance and target, checked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import check_level, normal_quantile
from insight.stats.rows import Floats

WIDEST_LOG = 50.0
"""An interval that reaches further than this on the log scale is no ratio that could be written down."""

PathScale = Literal["difference", "ratio"]


@dataclass(frozen=True, eq=False)
class EventPath:
    """Event-study coefficients around a reference period whose own coefficient is zero.

    Parameters
    ----------
    coefs : (P + Q,) array
        Oldest first; the reference period, which stands between the P-th and the next, is left out.
    vcov : (P + Q, P + Q) array
    n_pre, n_post : int
        P and Q.
    weights : (Q,) array
        The target is ``weights @ effects after``.
    scale : str
        ``"ratio"`` where the coefficients are logs.
    """

    coefs: Floats
    vcov: Floats
    n_pre: int
    n_post: int
    weights: Floats
    scale: PathScale

    @property
    def null(self) -> float:
        """No effect, on the scale that is shown."""
        return 1.0 if self.scale == "ratio" else 0.0

    @property
    def target(self) -> Floats:
        """(P + Q,): the target as weights on all coefficients."""
        return np.concatenate([np.zeros(self.n_pre), self.weights])

    def shown(self, number: float) -> float:
        """A number of the coefficients' scale as it is shown.

        Raises
        ------
        NotEnoughData
            If it is too far from no effect to be written as a ratio.
        """
        if self.scale == "difference":
            return number
        if abs(number) > WIDEST_LOG:
            raise NotEnoughData(
                "an interval as a ratio",
                found=f"an end of {number:.3g} on the log scale",
                todo="ask for smaller departures of the trend, or for a target with less noise",
            )
        return math.exp(number)

    def estimate(
        self, *, key: str, term: str, value: float, low: float, high: float, level: float, method: str
    ) -> Estimate:
        """An Estimate on the scale that is shown, from numbers on the scale of the coefficients."""
        return Estimate(
            key=key,
            term=term,
            value=self.shown(value),
            unit="rate ratio" if self.scale == "ratio" else "units of the outcome",
            scale=self.scale,
            method=method,
            low=self.shown(low),
            high=self.shown(high),
            level=level,
            null=self.null,
        )

    def plain(self, *, key: str, term: str, level: float) -> Estimate:
        """The target with its normal interval, as if the trends before and after differed by nothing but noise."""
        target = self.target
        value = float(target @ self.coefs)
        half = normal_quantile(level) * math.sqrt(max(float(target @ self.vcov @ target), 0.0))
        method = "event study as estimated, no departure of the trend allowed for"
        return self.estimate(
            key=key, term=term, value=value, low=value - half, high=value + half, level=level, method=method
        )

    def size_in_words(self, number: float) -> str:
        """A step of the trend, rounded down to two digits: in percent where the coefficients are logs."""
        if self.scale == "ratio":
            return f"{two_digits_down(100 * math.expm1(number)):.2g}%"
        return f"{two_digits_down(number):.2g}"


def two_digits_down(number: float) -> float:
    """A positive number rounded down to two significant digits, so that what stands is not overstated."""
    if not number > 0:
        return number
    unit = 10.0 ** (math.floor(math.log10(number)) - 1)
    return math.floor(number / unit * (1 + 1e-12)) * unit


def event_path(
    coefs: Sequence[float] | Floats,
    *,
    vcov: Any,
    n_pre: int,
    n_post: int | None = None,
    weights: Sequence[float] | Floats | None = None,
    scale: PathScale = "difference",
    level: float = 0.95,
) -> EventPath:
    """Check coefficients, covariance and target against one another.

    Parameters
    ----------
    coefs : (P + Q,) sequence of float
        Oldest first, the reference period left out. Logs where ``scale`` is ``"ratio"``.
    vcov : (P + Q, P + Q) array
        Their covariance.
    n_pre, n_post : int
        P and Q, each at least 1; Q may be left to the number of coefficients.
    weights : (Q,) sequence of float, optional
        The target as weights on the effects after the start: the first of them where nothing is said.
    scale : {"difference", "ratio"}
    level : float

    Raises
    ------
    UsageError
        If shapes disagree, a number is not finite, the covariance is no covariance or the level is not between 0 and 1.
    NotEnoughData
        If there is no coefficient before the reference period, or none after it.
    """
    asked = "how far the conclusion depends on the trends"
    check_level(level)
    values = np.asarray(coefs, dtype=float)
    covariance = np.asarray(vcov, dtype=float)
    size = values.size
    n_post = size - n_pre if n_post is None else n_post
    if n_pre < 1 or n_post < 1:
        raise NotEnoughData(
            asked,
            found=f"{n_pre} coefficients before the reference period and {n_post} after it",
            todo="estimate at least one on each side",
        )
    if values.ndim != 1 or size != n_pre + n_post or covariance.shape != (size, size):
        raise UsageError(
            asked,
            found=f"{size} coefficients, a covariance of {covariance.shape}, {n_pre} before and {n_post} after",
            todo="leave out the reference period and give one row and column per coefficient",
        )
    target = np.eye(n_post)[0] if weights is None else np.asarray(weights, dtype=float)
    if target.shape != (n_post,) or not np.isfinite(target).all() or not np.abs(target).max() > 0:
        raise UsageError(asked, found=f"weights {weights!r}", todo=f"give {n_post} numbers, not all zero")
    if not (np.isfinite(values).all() and np.isfinite(covariance).all()):
        raise UsageError(asked, found="a coefficient or covariance that is missing", todo="leave that period out")
    largest = float(np.abs(covariance).max())
    if np.abs(covariance - covariance.T).max() > 1e-6 * largest or np.linalg.eigvalsh(covariance)[0] < -1e-6 * largest:
        raise UsageError(asked, found="a matrix that is no covariance", todo="give a symmetric one without negative")
    if scale not in ("difference", "ratio"):
        raise UsageError(
            asked, found=f"scale={scale!r}", todo="say 'difference', or 'ratio' where coefficients are logs"
        )
    return EventPath(values, (covariance + covariance.T) / 2, n_pre, n_post, target, scale)


def first_within(holds: Any, *, start: float, step: float, limit: float) -> float | None:
    """The smallest number from ``start`` on at which ``holds`` becomes true, by steps that grow and then halving.

    ``holds(number)`` is false at ``start``; None if it is still false at ``limit``.
    """
    low, high = start, start + step
    while not holds(high):
        if high >= limit:
            return None
        low, step = high, step * 1.1
        high = min(high + step, limit)
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return (low + high) / 2
