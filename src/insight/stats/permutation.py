"""How unusual a statistic is among placebos, and the interval of effects that the placebos do not exclude.

A rank among untreated units says how unusual a change is. It is a randomisation test only where chance chose the
treated units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import check_level
from insight.stats.rows import Floats

Alternative = Literal["two-sided", "greater", "less"]
Tails = Literal["symmetric", "equal"]

TIE = 1e-12
"""Statistics closer than this, relative to the larger, are equal: rounding must not decide a rank."""


@dataclass(frozen=True)
class PlaceboTest:
    """A statistic among placebo statistics.

    Parameters
    ----------
    observed : float
        The statistic of the treated units.
    null : float
        The effect tested.
    p_value : float
        Share of placebos, the observed one counted with them, at least as extreme.
    smallest_p : float
        The smallest p that this many placebos can give.
    low, high : float or None
        Ends of the interval; None where the placebos cannot exclude any value on that side.
    n_placebos : int
    rank : int
        1 where no placebo is as extreme; ties count against.
    level : float
    alternative, tails : str
        Which test.
    words : tuple of str
        Short sentences for a reader.
    """

    observed: float
    null: float
    p_value: float
    smallest_p: float
    low: float | None
    high: float | None
    n_placebos: int
    rank: int
    level: float
    alternative: Alternative
    tails: Tails
    words: tuple[str, ...]

    @property
    def can_reach_level(self) -> bool:
        """Whether this many placebos can reject at the level at all."""
        return can_reach(self.smallest_p, self.level)


def placebo_interval(
    observed: float,
    placebos: ArrayLike,
    *,
    level: float = 0.95,
    alternative: Alternative = "two-sided",
    tails: Tails = "symmetric",
    null: float = 0.0,
) -> PlaceboTest:
    """Rank of a statistic among those of untreated units, and the interval by inverting the test in closed form.

    Parameters
    ----------
    observed : float
        The estimate for the treated units, on a scale on which effects add (logs for ratios).
    placebos : array of float, length M
        The same estimate for each placebo choice of untreated units. Their true effect is zero.
    level : float
        Level of the interval.
    alternative : {"two-sided", "greater", "less"}
        "greater" asks whether the effect lies above ``null``; its interval has no upper end.
    tails : {"symmetric", "equal"}
        For a two-sided test. "symmetric" ranks absolute values, so that the interval is the estimate plus and minus one
        order statistic. "equal" doubles the smaller tail; its ends keep the skewness of the placebos and it needs twice
        as many of them to reach a level.
    null : float
        The effect tested. The interval does not depend on it.

    Returns
    -------
    PlaceboTest

    Raises
    ------
    NotEnoughData
        If there is no placebo.
    UsageError
        If a number is not finite or an option is unknown.

    Notes
    -----
    Under an effect theta the treated units' statistic less theta is one more placebo. So p(theta) is
    (1 + number of placebos with \\|placebo\\| >= \\|observed - theta\\|) / (1 + M), and the values with p above
    1 - level are those within the k-th largest \\|placebo\\| of the estimate, k the whole part of (1 - level)(1 + M).
    With k = 0 nothing can be excluded. Conley & Taber (2011), Rev Econ Stat 93, 113-125; Abadie, Diamond &
    Hainmueller (2010), J Am Stat Assoc 105, 493-505; inversion as in Firpo & Possebom (2018), J Causal Inference 6(2).

    Examples
    --------
    >>> placebos = [-3, -2, -1.5, -1, -0.5, 0, 0.2, 0.7, 1, 1.2, 1.5, 2, 2.5, 2.6, 3, 3.1, 3.2, 3.4, 4]
    >>> test = placebo_interval(-5.0, placebos)
    >>> test.p_value, test.low, test.high
    (0.05, -9.0, -1.0)
    """
    values = np.asarray(placebos, dtype=np.float64).reshape(-1)
    _check(observed, values, level, alternative, tails, null)
    n, observed, null = len(values), float(observed), float(null)
    shift = observed - null
    slack = TIE * max(abs(observed), abs(null))
    at_least = {
        "symmetric": int((np.abs(values) >= abs(shift) - slack).sum()),
        "greater": int((values >= shift - slack).sum()),
        "less": int((values <= shift + slack).sum()),
    }
    if alternative != "two-sided":
        extreme, factor, size = at_least[alternative], 1, 1 - level
    elif tails == "symmetric":
        extreme, factor, size = at_least["symmetric"], 1, 1 - level
    else:
        extreme, factor, size = min(at_least["greater"], at_least["less"]), 2, (1 - level) / 2
    spared = allowed(size, n + 1)
    low, high = _ends(observed, values, spared, alternative, tails)
    p_value = min(1.0, factor * (1 + extreme) / (n + 1))
    smallest = min(1.0, factor / (n + 1))
    words = _words(n, extreme, p_value, smallest, level)
    return PlaceboTest(observed, null, p_value, smallest, low, high, n, 1 + extreme, level, alternative, tails, words)


def allowed(size: float, n: int) -> int:
    """How many of n statistics, the observed one among them, may be as extreme while p stays at or below ``size``.

    A size of 0.05 is held as 0.0499...9 or 0.0500...1: the guard keeps 20 units able to reach it.
    """
    return int(np.floor(size * n * (1 + 1e-9)))


def can_reach(smallest_p: float, level: float) -> bool:
    """Whether a smallest possible p lets a test reject at 1 - ``level``."""
    return smallest_p <= (1 - level) * (1 + 1e-9)


def check_options(level: float, *, alternative: str, tails: str) -> None:
    """Refuse a level, alternative or kind of tails that does not exist."""
    check_level(level)
    if alternative not in ("two-sided", "greater", "less") or tails not in ("symmetric", "equal"):
        raise UsageError(
            "a rank among placebos",
            found=f"alternative={alternative!r}, tails={tails!r}",
            todo='use "two-sided", "greater" or "less", and "symmetric" or "equal"',
        )


def _ends(
    observed: float, values: Floats, spared: int, alternative: Alternative, tails: Tails
) -> tuple[float | None, float | None]:
    if spared == 0:
        return None, None
    if alternative == "two-sided" and tails == "symmetric":
        half = float(np.sort(np.abs(values))[-spared])
        return observed - half, observed + half
    ordered = np.sort(values)
    low = None if alternative == "less" else observed - float(ordered[-spared])
    high = None if alternative == "greater" else observed - float(ordered[spared - 1])
    return low, high


def _words(n: int, extreme: int, p_value: float, smallest: float, level: float) -> tuple[str, ...]:
    verb = "was" if extreme == 1 else "were"
    said = [
        f"Of {n} placebos, {extreme} {verb} at least as extreme (p = {p_value:.2g}).",
        f"The smallest p that {n} placebos can give is {smallest:.2g}.",
    ]
    if not can_reach(smallest, level):
        said.append(f"That cannot reach the {level:.0%} level, so no interval is given.")
    return tuple(said)


def _check(observed: float, values: Floats, level: float, alternative: str, tails: str, null: float) -> None:
    check_options(level, alternative=alternative, tails=tails)
    if not len(values):
        raise NotEnoughData("a rank among placebos", found="no placebo", todo="give at least one untreated unit")
    if not (np.isfinite(values).all() and np.isfinite(observed) and np.isfinite(null)):
        raise UsageError(
            "a rank among placebos",
            found="a statistic that is missing or infinite",
            todo="leave out units without a statistic",
        )
