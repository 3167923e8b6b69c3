"""The shortest interval of fixed length around an affine estimator whose bias is bounded by a restriction on bends.

An event study is P coefficients before a reference period (its own coefficient is zero) and Q after it. The estimator
is ``weights' after + v' before``; the bias is the worst that a path of trends can do whose second differences are at
most M. Both ends of the trade between bias and noise are exact here: no solver, no random numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from insight.stats.distributions import check_level
from insight.stats.rows import Floats

TINY = 1e-10
"""Relative size below which a step of the path is rounding."""


@dataclass(frozen=True)
class FixedLength:
    """The shortest fixed-length interval for one bound on the bend.

    Parameters
    ----------
    bend : float
        The bound M on second differences.
    value, low, high : float
        The estimate and the interval, in the units of the coefficients.
    worst_bias, std_error : float
        What the half length is made of.
    before : tuple of float
        The weights v on the P coefficients before the reference period, oldest first.
    """

    bend: float
    value: float
    low: float
    high: float
    worst_bias: float
    std_error: float
    before: tuple[float, ...]


def folded_normal_quantile(shift: float, *, level: float = 0.95) -> float:
    """Quantile of the absolute value of a normal variable with mean ``shift`` and standard deviation one.

    Exact: the root of Phi(q - shift) - Phi(-q - shift) = level. With no shift it is the usual two-sided multiplier.

    Raises
    ------
    UsageError
        If the level is not between 0 and 1.

    Notes
    -----
    The critical value cv of Armstrong & Kolesar (2018), Econometrica 86, 655-683, equation 18.

    Examples
    --------
    >>> round(folded_normal_quantile(0.0), 4), round(folded_normal_quantile(1.0), 4)
    (1.96, 2.6461)
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr, ndtri

    check_level(level)
    shift = abs(shift)
    one_sided, two_sided = float(ndtri(level)), float(ndtri(0.5 + level / 2))
    if shift > 40:  # the far tail is below the smallest float
        return shift + one_sided
    found = brentq(
        lambda q: float(ndtr(q - shift) - ndtr(-q - shift)) - level,
        max(shift + one_sided - 1e-9, 0.0),
        shift + two_sided + 1e-9,
        xtol=1e-13,
        rtol=1e-13,
    )
    return float(found)


class BiasAndNoise:
    """Every estimator worth having for one event study: the path from the least worst bias to the least noise.

    Parameters
    ----------
    coefs : (P + Q,) array
        Oldest first, the reference period left out.
    vcov : (P + Q, P + Q) array
    n_pre : int
        P, at least 1.
    weights : (Q,) array
        The target: ``weights' effects after``.

    Notes
    -----
    Rambachan & Roth (2023), Review of Economic Studies 90, 2555-2591, section 4.1. A path of trends that is zero in the
    reference period is a straight line plus its bends (second differences). The bias is finite only if the weights
    wipe out straight lines; then it is M times the sum of the absolute weights on the bends. Those on the bends after
    the reference period and on the bend at it are fixed by the target. The others, P - 1 of them, are free, and enter
    the bias as a sum of absolute values and the variance as a quadratic: the trade between the two is a lasso, whose
    path is piecewise straight.
    """

    def __init__(self, coefs: Floats, vcov: Floats, *, n_pre: int, weights: Floats) -> None:
        self.coefs, self.vcov, self.n_pre, self.weights = coefs, vcov, n_pre, weights
        steps = np.arange(1, len(weights) + 1)
        at_reference = float(steps @ weights)
        after = [float(np.maximum(steps - k, 0) @ weights) for k in range(1, len(weights))]
        self.fixed_bias = abs(at_reference) + float(np.abs(after).sum())
        # Weight on the coefficient t periods before the reference, in terms of the bends: its second difference.
        to_bend = np.zeros((n_pre, n_pre))
        for t in range(1, n_pre + 1):
            for k, share in ((t - 1, 1.0), (t, -2.0), (t + 1, 1.0)):
                if k < n_pre:
                    to_bend[n_pre - t, k] += share
        self.from_free = np.vstack([to_bend[:, 1:], np.zeros((len(weights), n_pre - 1))])
        self.base = np.concatenate([to_bend[:, 0] * at_reference, weights])
        self.path = self._lasso_path()

    def _lasso_path(self) -> list[Floats]:
        """Corners of the path of free weights, from none at all to those of least variance."""
        quadratic = self.from_free.T @ self.vcov @ self.from_free
        linear = self.from_free.T @ self.vcov @ self.base
        size = np.sqrt(np.maximum(np.diag(quadratic), np.finfo(float).tiny))
        # A covariance of few placebos may have no inverse; the ridge is far below any digit that is shown.
        quadratic = quadratic + np.diag(size**2) * 1e-11
        return lasso_corners(quadratic, linear)

    def interval(self, bend: float, *, level: float = 0.95) -> FixedLength:
        """The shortest interval when second differences are at most ``bend``."""
        halves = [self._half(corner, bend, level) for corner in self.path]
        best = int(np.argmin(halves))
        # Along the path the half length falls and then rises: its least lies beside the best corner.
        near = [
            self._best_between(self.path[i], self.path[i + 1], bend, level)
            for i in (best - 1, best)
            if 0 <= i < len(self.path) - 1
        ]
        free = min([self.path[best], *near], key=lambda each: self._half(each, bend, level))
        vector = self.base + self.from_free @ free
        value, half = float(vector @ self.coefs), self._half(free, bend, level)
        bias, noise = self._bias_and_noise(free, bend)
        return FixedLength(bend, value, value - half, value + half, bias, noise, tuple(vector[: self.n_pre].tolist()))

    def _bias_and_noise(self, free: Floats, bend: float) -> tuple[float, float]:
        vector = self.base + self.from_free @ free
        bias = bend * (self.fixed_bias + float(np.abs(free).sum()))
        return bias, math.sqrt(max(float(vector @ self.vcov @ vector), 0.0))

    def _half(self, free: Floats, bend: float, level: float) -> float:
        bias, noise = self._bias_and_noise(free, bend)
        if noise <= TINY * max(bias, np.finfo(float).tiny):
            return bias
        return noise * folded_normal_quantile(bias / noise, level=level)

    def _best_between(self, start: Floats, end: Floats, bend: float, level: float) -> Floats:
        """The half length is convex in the weights, so one search per straight piece finds its least."""
        from scipy.optimize import minimize_scalar

        def half(share: float) -> float:
            return self._half(start + share * (end - start), bend, level)

        inside = minimize_scalar(half, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-9})
        best = min((0.0, 1.0, float(inside.x)), key=half)
        found: Floats = start + best * (end - start)
        return found


def lasso_corners(quadratic: Floats, linear: Floats) -> list[Floats]:
    """Corners of the path of argmin u'Qu/2 + linear'u + penalty |u|, as the penalty falls to nothing.

    The homotopy of Osborne, Presnell & Turlach (2000), IMA J Numerical Analysis 20, 389-403: between corners the
    solution is straight; at a corner one weight joins or leaves.
    """
    size = len(linear)
    weights = np.zeros(size)
    corners = [weights]
    if not size or not np.abs(linear).max() > 0:
        return corners
    penalty = float(np.abs(linear).max())
    active = [int(np.abs(linear).argmax())]
    signs = {active[0]: -float(np.sign(linear[active[0]]))}
    just_left = -1
    for _ in range(50 * (size + 1)):
        inside = np.ix_(active, active)
        direction = np.zeros(size)
        direction[active] = np.linalg.solve(quadratic[inside], np.array([signs[j] for j in active]))
        step, event, joins = penalty, -1, False
        slope = quadratic @ direction
        pull = -(linear + quadratic @ weights)
        for j in range(size):
            if j in signs:
                if direction[j] * weights[j] < 0 and -weights[j] / direction[j] < step:
                    step, event, joins = -weights[j] / direction[j], j, False
                continue
            for side in (1.0, -1.0):
                # The pull of an idle weight meets the falling penalty where side * (pull - step * slope) = it.
                gap, closing = penalty - side * pull[j], 1.0 - side * slope[j]
                reached = max(gap, 0.0) / closing if closing > TINY else math.inf
                if reached < step and not (j == just_left and reached <= TINY * penalty):
                    step, event, joins = reached, j, True
        weights = weights + step * direction
        penalty -= step
        corners.append(weights)
        if event < 0:
            break
        if joins:
            active.append(event)
            signs[event] = float(np.sign(-(linear + quadratic @ weights)[event]))
            just_left = -1
        else:
            weights[event] = 0.0
            active.remove(event)
            del signs[event]
            just_left = event
    return corners
