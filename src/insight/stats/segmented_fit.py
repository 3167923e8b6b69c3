"""Segmented regression of one series: the models, Newey-West errors over the calendar, and memory in the residuals."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np

from insight.errors import NotEnoughData
from insight.stats.rows import Floats


@dataclass(frozen=True, eq=False)
class SeriesDesign:
    """Outcome, exposure and columns of one series.

    Parameters
    ----------
    outcome, exposure, time, is_after : (n,) arrays
        Time in calendar periods from the first; ``is_after`` is 0 or 1.
    columns : (n, k) array
    terms : tuple of str
        Names of the columns; the constant has none.
    """

    outcome: Floats
    exposure: Floats
    time: Floats
    is_after: Floats
    columns: Floats
    terms: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SegmentedFit:
    """Coefficients with what their errors need.

    Parameters
    ----------
    coefs : (k,) array
    mean : (n,) array
        Fitted, on the scale of the response that was modelled.
    residuals : (n,) array
        Pearson's for counts, standardised for the others.
    scores : (n, k) array
        Each row's part of the estimating equations.
    bread : (k, k) array
        Inverse information at dispersion one.
    dispersion : float
        Pearson's statistic over its degrees of freedom, or the residual variance.
    """

    coefs: Floats
    mean: Floats
    residuals: Floats
    scores: Floats
    bread: Floats
    dispersion: float


def newey_west_lags(n_periods: int) -> int:
    """The whole part of 4 (T/100)^(2/9), for Bartlett weights.

    Newey & West (1994), Rev Economic Studies 61, 631-653.
    """
    return int(4 * (n_periods / 100) ** (2 / 9))


def fit_counts(design: SeriesDesign) -> SegmentedFit:
    """Poisson regression with the logarithm of the exposure as offset, by statsmodels.

    Raises
    ------
    NotEnoughData
        If the estimates do not settle.
    """
    import statsmodels.api as sm

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # Overflow and separation on the way are judged by whether the estimating equations are solved.
        warnings.simplefilter("ignore")
        try:
            fit = sm.GLM(
                design.outcome, design.columns, family=sm.families.Poisson(), offset=np.log(design.exposure)
            ).fit(tol=1e-12, maxiter=50)
            mean = np.asarray(fit.mu, dtype=float)
            bread = np.linalg.inv((design.columns * mean[:, None]).T @ design.columns)
            score = design.columns.T @ (design.outcome - mean)
            settled = bool(np.isfinite(fit.params).all()) and bool(0 <= score @ bread @ score < 1e-8)
        except (ValueError, np.linalg.LinAlgError):
            settled = False
    if not settled:
        raise NotEnoughData(
            "a Poisson regression of one series", found="estimates that do not settle", todo="use fewer terms"
        )
    dispersion = float(fit.pearson_chi2 / fit.df_resid)
    scores = design.columns * (design.outcome - mean)[:, None]
    residuals = (design.outcome - mean) / np.sqrt(mean)
    return SegmentedFit(np.asarray(fit.params, dtype=float), mean, residuals, scores, bread, dispersion)


def fit_values(design: SeriesDesign, *, is_log: bool) -> SegmentedFit:
    """Least squares of the rate, or of its logarithm, by statsmodels."""
    import statsmodels.api as sm

    rate = design.outcome / design.exposure
    values = np.log(rate) if is_log else rate
    fit = sm.OLS(values, design.columns).fit()
    residuals = np.asarray(fit.resid, dtype=float)
    dispersion = float(fit.scale)
    bread = np.asarray(fit.normalized_cov_params, dtype=float)
    scaled = residuals / math.sqrt(dispersion) if dispersion > 0 else residuals
    mean = np.asarray(fit.fittedvalues, dtype=float)
    return SegmentedFit(np.asarray(fit.params), mean, scaled, design.columns * residuals[:, None], bread, dispersion)


def newey_west_covariance(fitted: SegmentedFit, positions: Floats, lags: int) -> Floats:
    """Sandwich with Bartlett weights over distances in the calendar, times n/(n-k)."""
    n, k = fitted.scores.shape
    distance = np.abs(positions[:, None] - positions[None, :])
    weights = np.clip(1 - distance / (lags + 1), 0, None)
    meat = fitted.scores.T @ weights @ fitted.scores
    covariance: Floats = n / (n - k) * fitted.bread @ meat @ fitted.bread
    return covariance


def residual_memory(residuals: Floats, positions: Floats) -> tuple[float | None, float | None, int]:
    """Autocorrelation one period apart, and the p-value of Ljung & Box (1978), Biometrika 65, 297-303, with its lags.

    Pairs are told by the calendar: two rows on either side of a gap are not neighbours.
    """
    from scipy.special import gammaincc

    n = len(residuals)
    n_lags = max(1, min(10, n // 5))
    centred = residuals - residuals.mean()
    total = float(centred @ centred)
    if total <= 1e-20:
        return None, None, n_lags
    distance = np.rint(positions[None, :] - positions[:, None])
    products = np.outer(centred, centred)
    correlations = [float(products[distance == lag].sum()) / total for lag in range(1, n_lags + 1)]
    statistic = n * (n + 2) * sum(each**2 / (n - lag) for lag, each in enumerate(correlations, start=1))
    # The upper tail of chi-squared with n_lags degrees of freedom.
    return correlations[0], float(gammaincc(n_lags / 2, statistic / 2)), n_lags
