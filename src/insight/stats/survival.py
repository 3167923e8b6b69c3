"""Times to an event, some of them unfinished: Kaplan-Meier curves, the log-rank test and Cox regression."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import check_level, normal_quantile
from insight.stats.kaplan_meier import KaplanMeier, kaplan_meier
from insight.stats.panel_matrix import LeftOut
from insight.stats.rows import Codes, Floats, as_floats, codes_of, count_codes
from insight.stats.spells import Spells, read_spells

__all__ = ["Cox", "KaplanMeier", "LogRank", "cox", "kaplan_meier", "log_rank"]

Ties = Literal["efron", "breslow"]


@dataclass(frozen=True, eq=False)
class LogRank:
    """The log-rank test that all groups have one hazard.

    Parameters
    ----------
    statistic : float
        Compared with chi-squared on ``dof`` degrees of freedom.
    p : float
    dof : int
    cells : DataFrame
        One row per group: group, n_rows, observed, expected.
    method : str
    left_out : tuple of LeftOut
    """

    statistic: float
    p: float
    dof: int
    cells: pd.DataFrame
    method: str
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, eq=False)
class Cox:
    """A Cox regression.

    Parameters
    ----------
    estimates : tuple of Estimate
        Hazard ratios, one per covariate, with key and order of the covariates.
    coefs, std_errors : tuple of float
        On the log scale.
    vcov : tuple of tuple of float
    log_likelihood : float
        Partial, at the estimates.
    n_rows, n_events : int
    method : str
    left_out : tuple of LeftOut
    """

    estimates: tuple[Estimate, ...]
    coefs: tuple[float, ...]
    std_errors: tuple[float, ...]
    vcov: tuple[tuple[float, ...], ...]
    log_likelihood: float
    n_rows: int
    n_events: int
    method: str
    left_out: tuple[LeftOut, ...]

    @property
    def estimate(self) -> Estimate:
        """The hazard ratio of the first covariate."""
        return self.estimates[0]


def log_rank(
    frame: pd.DataFrame, *, duration: str, event: str, group: str, entry: str | None = None, strata: str | None = None
) -> LogRank:
    """Log-rank test of equal hazards in two or more groups, within strata if there are any.

    Parameters
    ----------
    frame, duration, event, entry
        As for `kaplan_meier`.
    group, strata : str
        Columns.

    Raises
    ------
    UsageError
        If a column cannot be used.
    NotEnoughData
        If there are fewer than two groups, no event, or a group that never stands beside another.

    Notes
    -----
    Mantel (1966), Cancer Chemotherapy Reports 50, 163-170, with the hypergeometric variance.
    """
    from scipy.special import gammaincc

    names = (group, *(() if strata is None else (strata,)))
    spells = read_spells(frame, duration, event, entry, (), names)
    labels, codes = _groups(spells.frame[group])
    stratum = np.zeros(len(codes), dtype=np.int64) if strata is None else codes_of(spells.frame, [strata])
    n_groups = len(labels)
    if n_groups < 2:
        raise NotEnoughData("a log-rank test", found="fewer than two groups", todo="name a column that tells groups")
    observed = np.bincount(codes, weights=spells.event, minlength=n_groups)
    expected, variance = np.zeros(n_groups), np.zeros((n_groups, n_groups))
    for number in range(count_codes(stratum)):
        inside = stratum == number
        part = _expected(
            spells.duration[inside], spells.event[inside], spells.seen_from[inside], codes[inside], n_groups
        )
        expected, variance = expected + part[0], variance + part[1]
    difference = (observed - expected)[1:]
    if np.linalg.matrix_rank(variance[1:, 1:], hermitian=True) < n_groups - 1:
        raise NotEnoughData(
            "a log-rank test",
            found="a group that is never at risk beside another when an event happens",
            todo="leave that group out",
        )
    statistic = float(difference @ np.linalg.solve(variance[1:, 1:], difference))
    cells = pd.DataFrame(
        {"group": labels, "n_rows": np.bincount(codes), "observed": observed.astype(int), "expected": expected}
    )
    method = "log-rank test" + (f" within {strata}" if strata else "") + (", delayed entry" if entry else "")
    p_value = float(gammaincc((n_groups - 1) / 2, statistic / 2))
    return LogRank(statistic, p_value, n_groups - 1, cells, method, spells.left_out)


def cox(
    frame: pd.DataFrame,
    *,
    duration: str,
    event: str,
    covariates: Sequence[str],
    entry: str | None = None,
    strata: str | None = None,
    ties: Ties = "efron",
    level: float = 0.95,
) -> Cox:
    """Cox regression of the hazard on covariates.

    Parameters
    ----------
    frame, duration, event, entry
        As for `kaplan_meier`.
    covariates : sequence of str
        Columns of numbers.
    strata : str, optional
        Each of its values has a baseline hazard of its own.
    ties : {"efron", "breslow"}
        Breslow's is the default of statsmodels and other programs; it draws coefficients towards zero where ties are
        many.
    level : float

    Raises
    ------
    UsageError
        If a column or option cannot be used.
    NotEnoughData
        If there are fewer events than covariates, covariates move together, or the estimates do not settle.

    Notes
    -----
    Fitted by statsmodels. Cox (1972), J R Stat Soc B 34, 187-220; Efron (1977), J Am Stat Assoc 72, 557-565. Hazards
    are taken to be proportional over the whole time.
    """
    check_level(level)
    names = tuple(covariates)
    if not names or len(set(names)) != len(names) or ties not in ("efron", "breslow"):
        raise UsageError(
            "a Cox regression",
            found=f"covariates={list(names)}, ties={ties!r}",
            todo="name covariates once each, and ties efron or breslow",
        )
    spells = read_spells(frame, duration, event, entry, names, () if strata is None else (strata,))
    values = np.column_stack([as_floats(spells.frame[name]) for name in names])
    spread = values.std(axis=0)
    n_events = int(spells.event.sum())
    if (
        n_events <= len(names)
        or (spread <= 1e-12 * np.abs(values).max(axis=0)).any()
        or np.linalg.matrix_rank((values - values.mean(axis=0)) / spread, tol=1e-8) < len(names)
    ):
        raise NotEnoughData(
            f"a Cox regression on {', '.join(names)}",
            found=f"{n_events} events, or covariates that do not vary or move together",
            todo="use more events or fewer covariates",
        )
    stratum = None if strata is None else codes_of(spells.frame, [strata])
    # Centred and of one size: the estimates are the same, and exponents stay small.
    coefs, vcov, likelihood = _fit_cox(spells, (values - values.mean(axis=0)) / spread, stratum, ties)
    coefs, vcov = coefs / spread, vcov / np.outer(spread, spread)
    errors = np.sqrt(np.diag(vcov))
    method = f"Cox regression, {ties.title()} ties" + (f", strata {strata}" if strata else "")
    method += ", delayed entry; normal interval" if entry else "; normal interval"
    width, n = normal_quantile(level), len(values)
    return Cox(
        estimates=tuple(
            _hazard_ratio(*each, width, method, level, n) for each in zip(names, coefs, errors, strict=True)
        ),
        coefs=tuple(coefs.tolist()),
        std_errors=tuple(errors.tolist()),
        vcov=tuple(tuple(row) for row in vcov.tolist()),
        log_likelihood=likelihood,
        n_rows=n,
        n_events=n_events,
        method=method,
        left_out=spells.left_out,
    )


def _groups(column: pd.Series) -> tuple[list[Any], Codes]:
    codes, labels = pd.factorize(column, sort=True)
    return labels.tolist(), np.asarray(codes, dtype=np.int64)


def _expected(duration: Floats, event: Floats, entry: Floats, codes: Codes, n_groups: int) -> tuple[Floats, Floats]:
    """Expected events of each group, and the covariance of observed less expected, in one stratum."""
    expected, variance = np.zeros(n_groups), np.zeros((n_groups, n_groups))
    for time in np.unique(duration[event == 1]):
        at_risk = np.bincount(codes[(entry < time) & (duration >= time)], minlength=n_groups).astype(float)
        total, died = at_risk.sum(), float(event[duration == time].sum())
        share = at_risk / total
        expected += died * share
        if total > 1:
            spread = died * (total - died) / (total - 1)
            variance += spread * (np.diag(share) - np.outer(share, share))
    return expected, variance


def _after_ties(spells: Spells) -> Floats | None:
    """Entries, those that fall on another's end moved on a little.

    statsmodels counts an entry at the very time of an event as at risk; R and Kaplan-Meier do not. Halfway to the next
    end there is no event, so nothing else changes.
    """
    if spells.entry is None:
        return None
    ends = np.unique(spells.duration)
    following = ends[np.searchsorted(ends, spells.entry, side="right")]
    moved: Floats = np.where(np.isin(spells.entry, ends), (spells.entry + following) / 2, spells.entry)
    return np.clip(moved, 0.0, None)


def _fit_cox(spells: Spells, values: Floats, stratum: Codes | None, ties: str) -> tuple[Floats, Floats, float]:
    from statsmodels.duration.hazard_regression import PHReg

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # Whether the fit settled is judged by the score below.
        warnings.simplefilter("ignore")
        try:
            model = PHReg(
                spells.duration, values, status=spells.event, entry=_after_ties(spells), strata=stratum, ties=ties
            )
            fitted = model.fit(maxiter=100)
            coefs = np.asarray(fitted.params, dtype=float)
            vcov = np.asarray(fitted.cov_params(), dtype=float)
            score = np.asarray(model.score(coefs), dtype=float)
            likelihood = float(model.loglike(coefs))
            settled = bool(np.isfinite(vcov).all() and (np.diag(vcov) > 0).all() and np.abs(coefs).max() < 15)
            settled = settled and bool(score @ vcov @ score < 1e-6)
        except (ValueError, IndexError, np.linalg.LinAlgError):
            settled = False
    if not settled:
        raise NotEnoughData(
            "a Cox regression",
            found=f"estimates that do not settle ({int(spells.event.sum())} events)",
            todo="leave out covariates that tell the event in advance, or use more events",
        )
    return coefs, vcov, likelihood


def _hazard_ratio(
    name: str, coef: float, error: float, width: float, method: str, level: float, n_rows: int
) -> Estimate:
    low, high = coef - width * error, coef + width * error
    if max(abs(low), abs(high)) > 50:
        raise NotEnoughData(
            f"the hazard ratio of {name!r}",
            found=f"an interval of {low:.3g} to {high:.3g} on the log scale",
            todo="use more events, or another unit of the covariate",
        )
    return Estimate(
        key=name,
        term=f"Hazard ratio of {name}",
        value=math.exp(coef),
        unit="hazard ratio",
        scale="ratio",
        method=method,
        low=math.exp(low),
        high=math.exp(high),
        level=level,
        null=1.0,
        n_rows=n_rows,
    )
