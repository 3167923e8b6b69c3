"""What a regression gives back, whatever the method that made it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from insight.errors import MethodRefused, NotEnoughData, UsageError
from insight.stats.distributions import f_tail, t_quantile, t_tails

FEWEST_CLUSTERS = 3
"""Below this no error that is clustered can be estimated at all."""

FEWEST_CLUSTERS_CRV1 = 10
"""Below this the plain clustered error is much too small (Cameron, Gelbach & Miller 2008, table 4)."""


@dataclass(frozen=True)
class Coefficient:
    """One coefficient with its interval and its two-sided p-value against zero."""

    term: str
    coef: float
    std_error: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class Ratio:
    """A coefficient on the log scale, turned into a ratio; ``low`` and ``high`` are the ends of the interval."""

    term: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Fit:
    """A fitted regression.

    ``coef``, ``std_error``, ``low``, ``high`` and ``p_value`` speak of the first term; ``of(term)`` of any.

    Parameters
    ----------
    terms : tuple of str
        Names of the regressors, in the order asked for.
    coefs : tuple of float
        One per term, in units of the outcome per unit of the regressor (logs for Poisson).
    vcov : tuple of tuple of float
        Clustered covariance of ``coefs``, small-sample factor included.
    level : float
        Level of the intervals.
    dof : int
        Degrees of freedom of Student's t: clusters less one.
    n_rows, n_units, n_clusters : int
        What the fit rests on, after everything left out. Without unit effects, ``n_units`` counts clusters.
    n_missing : int
        Rows left out because a value was missing.
    n_dropped_singletons : int
        Complete rows left out because they were alone in a unit or period, so that an effect fits them exactly.
    n_dropped_zeros : int
        Complete rows left out of a Poisson fit because their unit or period has no event at all.
    method : str
        The method in words.
    """

    terms: tuple[str, ...]
    coefs: tuple[float, ...]
    vcov: tuple[tuple[float, ...], ...]
    level: float
    dof: int
    n_rows: int
    n_units: int
    n_clusters: int
    n_missing: int
    n_dropped_singletons: int
    n_dropped_zeros: int
    method: str

    @property
    def n_rows_before_singletons(self) -> int:
        """Complete rows before singletons and units without events were left out."""
        return self.n_rows + self.n_dropped_singletons + self.n_dropped_zeros

    @property
    def coef(self) -> float:
        """Coefficient of the first term."""
        return self.coefs[0]

    @property
    def std_error(self) -> float:
        """Standard error of the first term."""
        return self.of(self.terms[0]).std_error

    @property
    def low(self) -> float:
        """Lower end of the first term's interval."""
        return self.of(self.terms[0]).low

    @property
    def high(self) -> float:
        """Upper end of the first term's interval."""
        return self.of(self.terms[0]).high

    @property
    def p_value(self) -> float:
        """Two-sided p-value of the first term against zero."""
        return self.of(self.terms[0]).p_value

    def of(self, term: str) -> Coefficient:
        """One term's coefficient and interval.

        Raises
        ------
        UsageError
            If the fit has no such term.
        """
        place = _place(self, term)
        coef, error = self.coefs[place], math.sqrt(self.vcov[place][place])
        half = t_quantile(self.level, self.dof) * error
        return Coefficient(term, coef, error, coef - half, coef + half, t_tails(coef / error, self.dof))

    def ratio(self, term: str | None = None) -> Ratio:
        """A term of a log-linear fit as a rate ratio: exp of the coefficient and of the ends of its interval.

        Raises
        ------
        NotEnoughData
            If the interval is too wide to write down as a ratio.
        """
        found = self.of(self.terms[0] if term is None else term)
        if max(abs(found.low), abs(found.high)) > 50:
            raise NotEnoughData(
                f"the rate ratio of {found.term!r}",
                found=f"an interval of {found.low:.3g} to {found.high:.3g} on the log scale",
                todo="use more rows, or a regressor that varies more",
            )
        return Ratio(found.term, math.exp(found.coef), math.exp(found.low), math.exp(found.high))


@dataclass(frozen=True)
class WaldTest:
    """A joint test that several coefficients are all zero: F with ``dof_numerator`` and ``dof_denominator``."""

    terms: tuple[str, ...]
    statistic: float
    p: float
    dof_numerator: int
    dof_denominator: int


def joint_test(fit: Fit, terms: Sequence[str]) -> WaldTest:
    """Wald test that all the named coefficients are zero, with the fit's clustered covariance.

    The statistic is divided by the number of terms and compared with F(terms, clusters - 1), as Stata does.

    Raises
    ------
    UsageError
        If a term is unknown, named twice, or none is named.
    NotEnoughData
        If there are more terms than clusters can test, or the covariance of the terms is singular.
    """
    if not terms or len(set(terms)) != len(terms):
        raise UsageError("a joint test", found=f"terms={list(terms)}", todo="name each term once")
    places = [_place(fit, term) for term in terms]
    coefs = np.asarray(fit.coefs)[places]
    vcov = np.asarray(fit.vcov)[np.ix_(places, places)]
    scale = np.sqrt(np.diag(vcov))
    correlation = vcov / np.outer(scale, scale)
    if len(places) > fit.dof or np.linalg.eigvalsh(correlation)[0] < 1e-10:
        raise NotEnoughData(
            f"a joint test of {len(places)} terms",
            found=f"{fit.n_clusters} clusters, which cannot tell the terms apart",
            todo="test fewer terms at once",
        )
    standardised = coefs / scale
    statistic = float(standardised @ np.linalg.solve(correlation, standardised)) / len(places)
    return WaldTest(tuple(terms), statistic, f_tail(statistic, len(places), fit.dof), len(places), fit.dof)


def check_clusters(n_clusters: int, *, errors: str) -> None:
    """Refuse an error that this many clusters cannot carry.

    Raises
    ------
    NotEnoughData
        With fewer than 3 clusters.
    MethodRefused
        For CRV1 with fewer than 10 clusters.
    """
    if n_clusters < FEWEST_CLUSTERS:
        raise NotEnoughData(
            "an error clustered by unit",
            found=f"{n_clusters} clusters after leaving out what cannot be used",
            todo=f"use at least {FEWEST_CLUSTERS}",
        )
    if errors == "CRV1" and n_clusters < FEWEST_CLUSTERS_CRV1:
        raise MethodRefused(
            f"a CRV1 error with {n_clusters} clusters",
            found=f"fewer than {FEWEST_CLUSTERS_CRV1}, where that error is much too small",
            todo='use errors="CRV3" (jackknife) or restricted_wild_bootstrap, both on the linear model',
        )


def _place(fit: Fit, term: str) -> int:
    if term not in fit.terms:
        raise UsageError(f"the coefficient of {term!r}", found=f"terms {', '.join(fit.terms)}", todo="name one of them")
    return fit.terms.index(term)
