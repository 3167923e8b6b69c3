"""Whether a value of the target fits the inequalities that a restriction on trends implies, given noisy estimates.

Small on purpose: two inequalities move with the target (it must be neither too high nor too low) and the others do
not. Each is a linear form of the coefficients, scaled, that should not be positive.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insight.stats.rows import Floats

FIRST_STAGE = 0.1
"""Share of the error rate spent on the first stage of the hybrid test, as Andrews, Roth & Pakes advise."""

ANGLES = 720
"""Directions over which a normal pair is integrated: the error is below a millionth of the critical value."""


@dataclass(frozen=True, eq=False)
class Inequalities:
    """Forms that should not be positive at the true target.

    Parameters
    ----------
    at_zero : (J,) array
        Their estimates for a target of zero.
    slope : (J,) array
        What one unit of the target adds to each.
    vcov : (J, J) array
        Covariance of the estimates; of rank two at most.
    """

    at_zero: Floats
    slope: Floats
    vcov: Floats

    def first_stage_limit(self, size: float) -> float:
        """Never below `first_stage`, and quick: as if every direction had the chance of the noisiest form."""
        return math.sqrt(max(float(np.diag(self.vcov).max()), 0.0) * -2 * math.log(size))

    def first_stage(self, size: float) -> float:
        """The least favourable critical value: exceeded by the largest form with probability ``size`` at the edge."""
        from scipy.optimize import brentq

        values, vectors = np.linalg.eigh(self.vcov)
        loads = (vectors * np.sqrt(np.maximum(values, 0.0)))[:, -2:]
        angle = (np.arange(ANGLES) + 0.5) * 2 * np.pi / ANGLES
        reach = (loads @ np.vstack([np.cos(angle), np.sin(angle)])).max(axis=0)
        largest = float(reach.max())
        if largest <= 0:
            return 0.0
        reach = reach[reach > largest * 0.02]  # elsewhere the chance is below any float

        def excess(critical: float) -> float:
            return float(np.exp(-np.minimum((critical / reach) ** 2 / 2, 700.0)).sum()) / ANGLES - size

        return float(brentq(excess, 0.0, self.first_stage_limit(size) * 1.001, rtol=1e-8))

    def accepted(self, targets: Floats, *, size: float, first_stage: float) -> NDArray[np.bool_]:
        """(len(targets),) bool: whether the hybrid test of size ``size`` keeps each target.

        Notes
        -----
        Andrews, Roth & Pakes (2023), Review of Economic Studies 90, 2763-2791: refuse where the largest form exceeds
        the least favourable critical value; else compare it with a normal truncated to where it would be the largest.
        """
        second = (size - size * FIRST_STAGE) / (1 - size * FIRST_STAGE)
        forms = self.at_zero[:, None] + self.slope[:, None] * targets[None, :]
        which = forms.argmax(axis=0)
        largest = forms.max(axis=0)
        kept: NDArray[np.bool_] = largest <= 0
        for form in range(len(self.at_zero)):
            here = (which == form) & ~kept & (largest <= first_stage)
            if here.any():
                kept[here] = self._conditional_p(form, forms[:, here], first_stage) >= second
        return kept

    def _conditional_p(self, form: int, forms: Floats, first_stage: float) -> Floats:
        """Chance of a form as large as seen, given that it is the largest and not above the first stage."""
        variance = float(self.vcov[form, form])
        seen = forms[form]
        if variance <= 0:
            return np.zeros_like(seen)
        share = self.vcov[:, form] / variance
        rest, room = forms - share[:, None] * seen, 1.0 - share
        below, above = room > 1e-9, room < -1e-9
        low = (rest[below] / room[below, None]).max(axis=0, initial=-np.inf)
        high = (rest[above] / room[above, None]).min(axis=0, initial=first_stage)
        deviation = float(np.sqrt(variance))
        return _tail_share(low / deviation, seen / deviation, high / deviation)


def _tail_share(low: Floats, seen: Floats, high: Floats) -> Floats:
    """P(Z > seen | low < Z < high) for a standard normal, from logs of upper tails to keep the digits."""
    from scipy.special import log_ndtr

    at_low, at_seen, at_high = log_ndtr(-np.minimum(low, seen)), log_ndtr(-seen), log_ndtr(-np.maximum(high, seen))
    with np.errstate(divide="ignore"):
        above = -np.expm1(np.minimum(at_high - at_seen, 0.0))
        whole = -np.expm1(np.minimum(at_high - at_low, 0.0))
    share: Floats = np.where(whole > 0, np.exp(at_seen - at_low) * above / np.where(whole > 0, whole, 1.0), 0.0)
    return share
