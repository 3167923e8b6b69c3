"""Has a short series risen or fallen? Mann-Kendall, exact where it can be, with Theil and Sen's slope."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from insight.core.check import Check
from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import check_level, normal_quantile
from insight.stats.rows import Floats

Direction = Literal["rising", "falling", "no trend shown"]

EXACT_UP_TO = 10
"""Values up to which the p-value is exact, if none are tied."""
FEWEST = 4
FEWEST_FOR_MEMORY = 20
"""Values from which the dependence of neighbouring years can be told from chance."""


@dataclass(frozen=True)
class TrendTest:
    """A test of a steady rise or fall, and its size.

    Parameters
    ----------
    direction : {"rising", "falling", "no trend shown"}
        At the level asked for.
    slope : Estimate
        Change per unit of time, in the units of the values. The interval is None where so few values allow none.
    s : int
        Pairs that rise less pairs that fall.
    tau : float
        Kendall's tau-b.
    p : float
        Two-sided.
    smallest_p : float
        That so many values could give.
    p_with_memory : float or None
        After Hamed and Rao, for 20 values or more.
    is_exact : bool
    n_values, n_missing : int
    memory : Check
        Whether neighbouring values depend on each other.
    method : str
    words : str
        The result in a sentence or two.
    """

    direction: Direction
    slope: Estimate
    s: int
    tau: float
    p: float
    smallest_p: float
    p_with_memory: float | None
    is_exact: bool
    n_values: int
    n_missing: int
    memory: Check
    method: str
    words: str

    @property
    def estimate(self) -> Estimate:
        """The slope."""
        return self.slope


def trend_test(
    values: ArrayLike,
    *,
    times: ArrayLike | None = None,
    unit: str = "units",
    per: str = "year",
    level: float = 0.95,
    key: str = "trend",
    term: str = "Change per year",
) -> TrendTest:
    """Mann-Kendall test and Theil-Sen slope of a series.

    Parameters
    ----------
    values : (n,) array of float
        Missing ones are left out and counted.
    times : (n,) array of float, optional
        When, in units of ``per``; 0, 1, 2, ... where None. Gaps count in the slope.
    unit, per, key, term : str
        Of the values, of time, and names of the slope.
    level : float
        Of the interval; the test is at one less the level.

    Raises
    ------
    UsageError
        If lengths differ, or a time is missing or stands twice.
    NotEnoughData
        With fewer than 4 values, or values that are all equal.

    Notes
    -----
    Mann (1945), Econometrica 13, 245-259; Kendall (1975), Rank Correlation Methods. Exact for up to 10 values without
    ties, by the number of arrangements; else normal, with the variance for ties and a continuity correction. Slope:
    Theil (1950); Sen (1968), J Am Stat Assoc 63, 1379-1389. Its interval turns the test around, so that without ties it
    leaves out 0 exactly where the test finds a trend. Hamed & Rao (1998), J Hydrol 204, 182-196, for series that
    remember; it needs a longer series than most annual ones.

    Examples
    --------
    >>> test = trend_test([14.1, 13.8, 13.2, 13.0, 12.1, 11.9])
    >>> test.direction, round(test.p, 4), round(test.slope.value, 2)
    ('falling', 0.0028, -0.45)
    """
    check_level(level)
    y, t, n_missing = _series(values, times)
    n = len(y)
    rises, falls, ties = _pairs(y)
    s, has_ties = rises - falls, ties > 0
    variance = _variance(y)
    is_exact = n <= EXACT_UP_TO and not has_ties
    p = _exact_p(n, s) if is_exact else _normal_p(s, variance)
    tau = s / math.sqrt((rises + falls) * (n * (n - 1) / 2))
    slope, low, high = _slope(y, t, n, variance, is_exact, level)
    how = "exact" if is_exact else "normal approximation" + (", ties counted" if has_ties else "")
    method = f"Mann-Kendall, {how}; Theil-Sen slope"
    memory, corrected = _memory(y, t, slope, s, variance)
    shown: Direction = "no trend shown" if p > 1 - level or s == 0 else "rising" if s > 0 else "falling"
    return TrendTest(
        direction=shown,
        slope=Estimate(
            key=key,
            term=term,
            value=slope,
            unit=f"{unit} per {per}",
            scale="difference",
            method=method if low is not None else f"{method}; too few values for an interval",
            low=None if low is None else min(low, slope),
            high=None if high is None else max(high, slope),
            level=level,
            null=0.0,
            n_rows=n,
        ),
        s=s,
        tau=tau,
        p=p,
        smallest_p=_smallest_p(n, is_exact),
        p_with_memory=corrected,
        is_exact=is_exact,
        n_values=n,
        n_missing=n_missing,
        memory=memory,
        method=method,
        words=_words(shown, slope, unit, per, n, p, _smallest_p(n, is_exact), level),
    )


def _series(values: ArrayLike, times: ArrayLike | None) -> tuple[Floats, Floats, int]:
    y = np.asarray(values, dtype=np.float64).reshape(-1)
    t = np.arange(len(y), dtype=np.float64) if times is None else np.asarray(times, dtype=np.float64).reshape(-1)
    if len(t) != len(y) or not np.isfinite(t).all() or len(np.unique(t)) < len(t) or np.isinf(y).any():
        raise UsageError(
            "a test of trend",
            found=f"{len(y)} values, {len(t)} times, one of them missing, infinite or given twice",
            todo="give one value for each time",
        )
    seen = ~np.isnan(y)
    order = np.argsort(t[seen], kind="stable")
    y, t = y[seen][order], t[seen][order]
    if len(y) < FEWEST or np.ptp(y) == 0:
        raise NotEnoughData(
            "a test of trend",
            found=f"{len(y)} values, or values that are all equal",
            todo=f"use at least {FEWEST} that differ",
        )
    return y, t, int((~seen).sum())


def _pairs(y: Floats) -> tuple[int, int, int]:
    signs = np.sign(y[None, :] - y[:, None])[np.triu_indices(len(y), 1)]
    return int((signs > 0).sum()), int((signs < 0).sum()), int((signs == 0).sum())


def _variance(y: Floats) -> float:
    n = len(y)
    sizes = np.unique(y, return_counts=True)[1].astype(float)
    return float((n * (n - 1) * (2 * n + 5) - (sizes * (sizes - 1) * (2 * sizes + 5)).sum()) / 18)


def arrangements_by_inversions(n: int) -> list[int]:
    """How many of the n! orders have 0, 1, 2, ... pairs in the wrong order."""
    counts = [1]
    for size in range(2, n + 1):
        longer = [0] * (len(counts) + size - 1)
        for place, count in enumerate(counts):
            for shift in range(size):
                longer[place + shift] += count
        counts = longer
    return counts


def _exact_p(n: int, s: int) -> float:
    counts, pairs = arrangements_by_inversions(n), n * (n - 1) // 2
    beyond = sum(count for wrong, count in enumerate(counts) if abs(pairs - 2 * wrong) >= abs(s))
    return beyond / math.factorial(n)


def _smallest_p(n: int, is_exact: bool) -> float:
    pairs = n * (n - 1) // 2
    return 2 / math.factorial(n) if is_exact else _normal_p(pairs, n * (n - 1) * (2 * n + 5) / 18)


def _normal_p(s: float, variance: float) -> float:
    return math.erfc(max(abs(s) - 1, 0) / math.sqrt(variance) / math.sqrt(2))


def _slope(
    y: Floats, t: Floats, n: int, variance: float, is_exact: bool, level: float
) -> tuple[float, float | None, float | None]:
    first, second = np.triu_indices(n, 1)
    slopes = np.sort((y[second] - y[first]) / (t[second] - t[first]))
    middle, pairs = float(np.median(slopes)), len(slopes)
    if is_exact:
        shares = np.cumsum(np.array(arrangements_by_inversions(n)) / math.factorial(n))
        upto = int((shares <= (1 - level) / 2).sum())
    else:
        # The correction for continuity keeps interval and test of one mind.
        upto = math.ceil((pairs - normal_quantile(level) * math.sqrt(variance) - 1) / 2)
    if upto < 1:
        return middle, None, None
    return middle, float(slopes[upto - 1]), float(slopes[pairs - upto])


def _memory(y: Floats, t: Floats, slope: float, s: int, variance: float) -> tuple[Check, float | None]:
    name, left = "years stand for themselves", y - slope * t
    away = left - left.mean()
    total = float((away**2).sum())
    first = float((away[1:] * away[:-1]).sum() / total) if total > 1e-12 * max(1.0, float((y**2).sum())) else 0.0
    if len(y) < FEWEST_FOR_MEMORY:
        words = (
            f"{len(y)} values are too few to tell whether neighbouring ones depend on each other "
            f"(correlation after the trend {first:.2f}). The p-value takes them to be independent."
        )
        return Check(name, None, words), None
    corrected = _normal_p(s, variance * _hamed_rao(left))
    bound = 1.96 / math.sqrt(len(y))
    passed = abs(first) <= bound
    words = (
        f"Correlation of neighbouring values after the trend {first:.2f}; beyond {bound:.2f} it would not be chance. "
        f"Allowing for memory the p-value is {corrected:.3g}."
    )
    return Check(name, passed, words), corrected


def _hamed_rao(left: Floats) -> float:
    """Factor of the variance: significant autocorrelations of the ranks that remain after the trend."""
    from scipy.stats import rankdata

    n = len(left)
    ranks = rankdata(left) - (n + 1) / 2
    lags = np.arange(1, n - 1)
    rho = np.array([(ranks[lag:] * ranks[:-lag]).sum() for lag in lags]) / (ranks**2).sum()
    kept = np.abs(rho) > normal_quantile(0.95) / math.sqrt(n)
    weights = (n - lags) * (n - lags - 1.0) * (n - lags - 2)
    factor = 1 + 2 / (n * (n - 1) * (n - 2)) * float((weights * rho)[kept].sum())
    # A factor below a small number would make a trend of nothing.
    return max(factor, 1 / n)


def _words(direction: str, slope: float, unit: str, per: str, n: int, p: float, smallest: float, level: float) -> str:
    size = f"{abs(slope):.3g} {unit} per {per}"
    if direction == "no trend shown":
        words = f"The test shows no steady trend over {n} values (p {p:.2f}); that is no proof that there is none."
        if smallest > 1 - level:
            words += f" So few values could never show one: the smallest possible p is {smallest:.2f}."
        return words
    return f"{direction.title()} by {size} over {n} values (p {p:.3f})."
