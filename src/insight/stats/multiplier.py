"""Standard errors and uniform bands from influence functions: in closed form, and by the multiplier bootstrap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from insight.errors import UsageError
from insight.stats.distributions import check_level, normal_quantile
from insight.stats.rows import Codes, Floats, count_codes

Errors = Literal["analytic", "bootstrap", "none"]

_GOLDEN = (1 + math.sqrt(5)) / 2


@dataclass(frozen=True, eq=False)
class Spread:
    """How K estimates vary.

    Parameters
    ----------
    std_error : (K,) array
        NaN where none can be given.
    covariance : (K, K) array
        In closed form, whatever the errors.
    critical_value : float or None
        Half width of the uniform band in standard errors; None without draws.
    level : float
    """

    std_error: Floats
    covariance: Floats
    critical_value: float | None
    level: float

    def intervals(self, values: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Low and high of the pointwise interval, then of the uniform band."""
        point = normal_quantile(self.level) * self.std_error
        band = (math.nan if self.critical_value is None else self.critical_value) * self.std_error
        return values - point, values + point, values - band, values + band


@dataclass(frozen=True, eq=False)
class Inference:
    """How errors are made: by which clusters (N codes), with how many draws from which seed."""

    errors: Errors
    clusters: Codes
    level: float
    n_draws: int
    seed: int

    def __post_init__(self) -> None:
        check_level(self.level)
        if self.errors not in ("analytic", "bootstrap", "none"):
            raise UsageError(
                "choosing errors", found=f"errors={self.errors!r}", todo='ask for "analytic", "bootstrap" or "none"'
            )
        if self.errors != "none" and self.n_draws < 99:
            raise UsageError("a multiplier bootstrap", found=f"n_draws={self.n_draws}", todo="ask for at least 99")

    @property
    def n_clusters(self) -> int:
        """Number of clusters; of units where none were named."""
        return count_codes(self.clusters)

    def spread(self, influence: Floats, *, can_vary: NDArray[np.bool_]) -> Spread | None:
        """Errors of K estimates with their influence functions (N x K); None where no errors are asked for.

        ``can_vary`` (K) is False where the data hold no error at all, such as a group of one unit.

        Notes
        -----
        Callaway & Sant'Anna (2021), J Econometrics 225, 200-230, section 4, with the two-point weights of Mammen
        (1993), Ann Statist 21, 255-285. Bootstrap errors are the interquartile range of the draws over that of the
        normal distribution.
        """
        if self.errors == "none":
            return None
        sums = np.zeros((self.n_clusters, influence.shape[1]))
        np.add.at(sums, self.clusters, influence / len(influence))
        covariance = sums.T @ sums
        error = np.sqrt(np.diag(covariance))
        draws = self._weights() @ sums
        if self.errors == "bootstrap":
            upper, lower = np.quantile(draws, [0.75, 0.25], axis=0)
            error = (upper - lower) / (2 * normal_quantile(0.5))
        usable = can_vary & (error > 1e-12 * (1 + np.abs(sums).max(initial=0.0)))
        error = np.where(usable, error, np.nan)
        critical = None
        if usable.any():
            largest = np.abs(draws[:, usable] / error[usable]).max(axis=1)
            widest = float(np.quantile(largest, self.level, method="inverted_cdf"))
            critical = max(widest, normal_quantile(self.level))
        return Spread(error, covariance, critical, self.level)

    def _weights(self) -> Floats:
        """Draws x clusters, of mean zero and variance one; the same for every call, so that summaries agree."""
        generator = np.random.default_rng(self.seed)
        rare = generator.random((self.n_draws, self.n_clusters)) < 1 - _GOLDEN / math.sqrt(5)
        return np.where(rare, _GOLDEN, 1 - _GOLDEN)
