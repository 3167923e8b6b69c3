"""How far the difference in trends may bend before the conclusion of an event study falls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import UsageError
from insight.stats.event_path import EventPath, PathScale, event_path, first_within
from insight.stats.fixed_length import BiasAndNoise, FixedLength
from insight.stats.rows import Floats

METHOD = "fixed-length interval, smoothness restriction (Rambachan & Roth 2023)"


@dataclass(frozen=True, eq=False)
class SmoothnessSensitivity:
    """Intervals that allow the difference in trends to bend by up to M per period.

    Parameters
    ----------
    plain : Estimate
        The target as estimated, with no departure of the trend allowed for.
    estimates : tuple of Estimate
        One per bend of the grid; rate ratios where the coefficients are logs.
    intervals : tuple of FixedLength
        The same on the scale of the coefficients, with worst bias, error and the weights on earlier coefficients.
    breakdown : float or None
        The smallest bend at which the interval reaches no effect, on the scale of the coefficients; None where it does
        so even for straight lines.
    largest_bend_before : float or None
        The largest estimated bend before the start, the reference period included; None with fewer than two
        coefficients before it.
    largest_bend_before_upper : float or None
        Upper one-sided limit of the largest bend before the start, at ``level``.
    level : float
    """

    plain: Estimate
    estimates: tuple[Estimate, ...]
    intervals: tuple[FixedLength, ...]
    breakdown: float | None
    largest_bend_before: float | None
    largest_bend_before_upper: float | None
    level: float
    path: EventPath = field(repr=False)

    @property
    def table(self) -> pd.DataFrame:
        """One row per bend: bend, value, low, high, worst_bias, std_error, excludes_null.

        Value and interval are as shown, worst bias and error on the scale of the coefficients.
        """
        return pd.DataFrame(
            {
                "bend": [each.bend for each in self.intervals],
                "value": [each.value for each in self.estimates],
                "low": [each.low for each in self.estimates],
                "high": [each.high for each in self.estimates],
                "worst_bias": [each.worst_bias for each in self.intervals],
                "std_error": [each.std_error for each in self.intervals],
                "excludes_null": [bool(each.excludes_null) for each in self.estimates],
            }
        )

    @property
    def words(self) -> str:
        """What the analysis says, in plain sentences; it never says that trends would have been alike."""
        if self.breakdown is None:
            if self.plain.excludes_null:
                return "The conclusion does not stand once the trends may differ by a straight line."
            return "There is no conclusion to test: the interval spans no change, even for straight lines."
        shown = self.path.size_in_words(self.breakdown)
        stands = f"The conclusion stands while the difference in trend bends by less than {shown} per period."
        if self.largest_bend_before is None:
            return stands
        seen = self.path.size_in_words(self.largest_bend_before)
        return f"{stands} The largest bend estimated before the start was {seen}."


def smoothness_intervals(
    coefs: Sequence[float] | Floats,
    *,
    vcov: Any,
    n_pre: int,
    n_post: int | None = None,
    weights: Sequence[float] | Floats | None = None,
    grid: Sequence[float] | None = None,
    level: float = 0.95,
    scale: PathScale = "difference",
    key: str = "smoothness",
    term: str = "Effect if the difference in trends may bend",
) -> SmoothnessSensitivity:
    """Fixed-length intervals when the difference in trends bends by at most M from one period to the next.

    A bend is a second difference of the path that the treated would have taken beside the others. M = 0 allows any
    straight line. For each M the affine estimator with the shortest interval is found exactly.

    Parameters
    ----------
    coefs : (P + Q,) sequence of float
        Event-study coefficients, oldest first, the reference period left out. Periods are evenly spaced and the
        reference period is the last one before the start.
    vcov : (P + Q, P + Q) array
        Their covariance. With few treated units a clustered one is far too small: give the covariance of the same
        coefficients over placebo units. An interval here is no better than this matrix.
    n_pre, n_post : int
        P and Q.
    weights : (Q,) sequence of float, optional
        The target as weights on the effects after the start; the first effect by default, ``[1 / Q] * Q`` the average.
    grid : sequence of float, optional
        Values of M, in units of the coefficients per period; eleven from zero to one standard error by default.
    level : float
    scale : {"difference", "ratio"}
        ``"ratio"`` where the coefficients are logs: intervals are then rate ratios, M stays on the log scale.
    key, term : str
        Of the Estimates; the bend is added to the key.

    Raises
    ------
    UsageError
        If shapes disagree, the covariance is none, or a bend is negative.
    NotEnoughData
        If a side of the reference period has no coefficient, or an interval is too wide for a ratio.

    Notes
    -----
    Rambachan & Roth (2023), Review of Economic Studies 90, 2555-2591, sections 2.4.1 and 4.1; Armstrong & Kolesar
    (2018), Econometrica 86, 655-683.

    Examples
    --------
    >>> found = smoothness_intervals([0.0, -1.0], vcov=[[0.01, 0.0], [0.0, 0.01]], n_pre=1, grid=[0.0, 0.5])
    >>> [(round(each.low, 2), round(each.high, 2)) for each in found.estimates]
    [(-1.28, -0.72), (-1.73, -0.27)]
    >>> found.words
    'The conclusion stands while the difference in trend bends by less than 0.76 per period.'
    """
    path = event_path(coefs, vcov=vcov, n_pre=n_pre, n_post=n_post, weights=weights, scale=scale, level=level)
    plain = path.plain(key=f"{key}_plain", term=term, level=level)
    error = math.sqrt(max(float(path.target @ path.vcov @ path.target), 0.0))
    bends = [error * step / 10 for step in range(11)] if grid is None else [float(each) for each in grid]
    if not bends or not all(math.isfinite(each) and each >= 0 for each in bends):
        raise UsageError("intervals over bends of the trend", found=f"grid={grid!r}", todo="give bends of 0 or more")
    trade = BiasAndNoise(path.coefs, path.vcov, n_pre=path.n_pre, weights=path.weights)
    intervals = tuple(trade.interval(bend, level=level) for bend in bends)
    estimates = tuple(
        path.estimate(
            key=f"{key}_{each.bend:g}",
            term=term,
            value=each.value,
            low=each.low,
            high=each.high,
            level=level,
            method=METHOD,
        )
        for each in intervals
    )
    seen, upper = _bends_before(path, level)
    return SmoothnessSensitivity(
        plain, estimates, intervals, _breakdown(trade, level), seen, upper, level=level, path=path
    )


def _breakdown(trade: BiasAndNoise, level: float) -> float | None:
    """First bend at which zero is inside; the interval need not widen evenly, so steps stay short at first."""

    def reaches_zero(bend: float) -> bool:
        found = trade.interval(bend, level=level)
        return found.low <= 0.0 <= found.high

    if reaches_zero(0.0):
        return None
    # Beyond this the bias alone, with the estimator of least bias, is larger than any estimate on the path.
    reach = max(abs(float((trade.base + trade.from_free @ corner) @ trade.coefs)) for corner in trade.path)
    limit = 1.01 * reach / trade.fixed_bias
    return first_within(reaches_zero, start=0.0, step=limit / 200, limit=limit)


def _bends_before(path: EventPath, level: float) -> tuple[float | None, float | None]:
    """The largest estimated second difference before the start, and the largest upper one-sided limit of any."""
    from scipy.special import ndtri

    if path.n_pre < 2:
        return None, None
    with_reference = np.eye(path.n_pre + 1)[:, : path.n_pre]
    bends = np.diff(with_reference, n=2, axis=0)
    found = np.abs(bends @ path.coefs[: path.n_pre])
    errors = np.sqrt(np.maximum(np.diag(bends @ path.vcov[: path.n_pre, : path.n_pre] @ bends.T), 0.0))
    return float(found.max()), float((found + float(ndtri(level)) * errors).max())
