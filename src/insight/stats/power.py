"""The smallest change that a design would notice, from the changes that it finds where nothing happened."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import check_level
from insight.stats.rows import Floats

LARGEST_FALL = 0.9
"""A fall beyond this is not worth a number: hardly anything would be left."""

LARGEST_RISE = 9.0
"""A rise beyond this (tenfold) is not worth a number."""

Direction = Literal["fall", "rise"]
SIDES: tuple[Direction, Direction] = ("fall", "rise")

PowerMethod = Literal["closed_form", "empirical"]


@dataclass(frozen=True)
class SmallestNoticeable:
    """The smallest fall and rise that would be noticed.

    Parameters
    ----------
    fall, rise : Estimate
        Rate ratios, below and above one; ``value`` is None where nothing within the limits would be noticed.
    power : float
        How often an effect of that size would be noticed.
    level : float
        Level of the interval, or one less the size of the test, that does the noticing.
    placebo_sd : float
        Standard deviation of the placebo log effects.
    n_placebos : int
    method : str
    limits : tuple of float
        The largest fall and the largest rise that were considered, as shares.
    """

    fall: Estimate
    rise: Estimate
    power: float
    level: float
    placebo_sd: float
    n_placebos: int
    method: str
    limits: tuple[float, float] = (LARGEST_FALL, LARGEST_RISE)

    @property
    def words(self) -> str:
        """The smallest fall and the smallest rise, in a sentence each; a side that was not tried has none."""
        said = [
            in_words(each.value, power=self.power, direction=direction, limit=limit)
            for each, direction, limit in zip((self.fall, self.rise), SIDES, self.limits, strict=True)
            if limit > 0
        ]
        return " ".join(said)


def in_words(
    ratio: float | None,
    *,
    power: float = 0.8,
    direction: Direction = "fall",
    limit: float | None = None,
) -> str:
    """The smallest noticeable effect as a sentence.

    Parameters
    ----------
    ratio : float or None
        A rate ratio; None where no effect up to ``limit`` would be noticed.
    power : float
    direction : {"fall", "rise"}
    limit : float, optional
        The largest effect considered, as a share.

    Raises
    ------
    UsageError
        If the ratio is not positive or lies on the other side of one.

    Examples
    --------
    >>> in_words(0.69)
    'The smallest fall we would notice (8 times in 10) is 31%.'
    >>> in_words(None)
    'No fall up to 90% would be noticed (8 times in 10).'
    """
    tenths = power * 10
    often = f"{tenths:.0f} times in 10" if math.isclose(tenths, round(tenths)) else f"{power:.0%} of the time"
    if ratio is None:
        most = (LARGEST_FALL if direction == "fall" else LARGEST_RISE) if limit is None else limit
        return f"No {direction} up to {most:.0%} would be noticed ({often})."
    if not ratio > 0 or (ratio > 1) != (direction == "rise"):
        raise UsageError(
            f"saying the smallest {direction}", found=f"a ratio of {ratio}", todo="give one on that side of 1"
        )
    # Rounded away from no effect, so that the sentence never promises more than was found.
    share = math.ceil(100 * abs(ratio - 1) - 1e-9)
    return f"The smallest {direction} we would notice ({often}) is {share}%."


def smallest_noticeable(
    null_distribution: Sequence[float] | Floats,
    *,
    level: float = 0.95,
    power: float = 0.8,
    method: PowerMethod = "closed_form",
    dof: float | None = None,
    key: str = "smallest_noticeable",
) -> SmallestNoticeable:
    """The smallest effect noticed with a given power, from effects estimated where there was none.

    Parameters
    ----------
    null_distribution : sequence of float
        Placebo effects on the log scale, estimated just as the real one is (as many treated units, the same spans).
    level : float
    power : float
    method : {"closed_form", "empirical"}
        ``"closed_form"`` multiplies their standard deviation by the sum of two t quantiles. ``"empirical"`` uses the
        placebo test itself: an effect is noticed where it is larger than all but the ``level`` share of the absolute
        placebos, and has the right sign.
    dof : float, optional
        Of the closed form: the number of placebos less one by default, ``math.inf`` for the normal.
    key : str
        Of the Estimates; ``_fall`` and ``_rise`` are added.

    Raises
    ------
    UsageError
        If a placebo is missing, or a share is not between 0 and 1.
    NotEnoughData
        If there are fewer than three placebos, or all are alike.

    Notes
    -----
    Bloom (1995), Evaluation Review 19, 547-556: 2.80 standard errors for power 80% at two-sided 5%. With N placebos no
    p-value is below 1/(N + 1); a level beyond that is never reached and no effect is noticed.

    Examples
    --------
    >>> placebos = [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3]
    >>> found = smallest_noticeable(placebos, dof=math.inf)
    >>> round(found.fall.value, 3), round(found.rise.value, 3)
    (0.546, 1.832)
    """
    values = _placebos(null_distribution, level, power)
    deviation = float(values.std(ddof=1))
    why = None
    if method == "closed_form":
        freedom = len(values) - 1 if dof is None else dof
        fall = rise = noticeable_multiple(level=level, power=power, dof=freedom) * deviation
        words = f"sum of two quantiles times the placebo standard deviation, {len(values)} placebos"
    elif method == "empirical":
        words = f"placebo test on {len(values)} placebos"
        rank = largest_refused_rank(len(values), level)
        if rank < 1:
            fall = rise = math.inf
            why = f"the smallest possible p is 1/{len(values) + 1}"
        else:
            critical = float(np.sort(np.abs(values))[-rank])
            place = math.ceil(power * len(values) - 1e-9)
            ordered = np.sort(values)
            # A fall of this size carries the wanted share of placebos below minus the critical value.
            fall, rise = critical + float(ordered[place - 1]), critical - float(ordered[-place])
    else:
        raise UsageError(
            "the smallest noticeable effect", found=f"method={method!r}", todo="'closed_form' or 'empirical'"
        )
    return noticeable(
        fall, rise, power=power, level=level, sd=deviation, n_placebos=len(values), method=words, why=why, key=key
    )


def noticeable_multiple(*, level: float = 0.95, power: float = 0.8, dof: float = math.inf) -> float:
    """The smallest noticeable effect in standard errors: two-sided quantile of the level plus quantile of the power.

    Raises
    ------
    UsageError
        If a share is not between 0 and 1, or the degrees of freedom are not positive.

    Examples
    --------
    >>> round(noticeable_multiple(), 2), round(noticeable_multiple(dof=10), 2)
    (2.8, 3.11)
    """
    from scipy.special import ndtri, stdtrit

    check_level(level)
    check_power(power)
    if not dof > 0:
        raise UsageError("the smallest noticeable effect", found=f"dof={dof}", todo="give one above 0, or infinity")
    if math.isinf(dof):
        return float(ndtri(0.5 + level / 2) + ndtri(power))
    return float(stdtrit(dof, 0.5 + level / 2) + stdtrit(dof, power))


def largest_refused_rank(n_placebos: int, level: float) -> int:
    """How many placebos may be at least as extreme as the effect, plus one, for the placebo test to notice it.

    The p-value is (1 + placebos at least as extreme) / (1 + placebos). Zero where even none is too many. An effect that
    exceeds the absolute placebo of this rank, counted from the largest, is noticed.
    """
    return math.floor((1 - level) * (n_placebos + 1) + 1e-9)


def noticeable(
    fall: float,
    rise: float,
    *,
    power: float,
    level: float,
    sd: float,
    n_placebos: int,
    method: str,
    why: str | None = None,
    limits: tuple[float, float] = (LARGEST_FALL, LARGEST_RISE),
    key: str = "smallest_noticeable",
) -> SmallestNoticeable:
    """Put two sizes on the log scale (positive, or infinite for none) into a `SmallestNoticeable`."""

    def estimate(size: float, sign: int) -> Estimate:
        name, limit = ("fall", limits[0]) if sign < 0 else ("rise", limits[1])
        most = -math.log1p(-limit) if sign < 0 else math.log1p(limit)
        # Placebos that all lie to one side can make even no effect "noticed": no size can then be given.
        found = 0 < size <= most + 1e-12
        reason = f"; {why}" if why else f"; none up to {limit:.0%}" if size > 0 else "; the placebos lie to one side"
        return Estimate(
            key=f"{key}_{name}",
            term=f"Smallest {name} we would notice",
            value=math.exp(sign * size) if found else None,
            unit="rate ratio",
            scale="ratio",
            method=method if found else method + reason,
            level=level,
            null=1.0,
            n_units=n_placebos,
        )

    return SmallestNoticeable(
        estimate(fall, -1), estimate(rise, 1), power, level, sd, n_placebos, method, limits=limits
    )


def _placebos(null_distribution: Sequence[float] | Floats, level: float, power: float) -> Floats:
    check_level(level)
    check_power(power)
    asked = "the smallest noticeable effect"
    values: Floats = np.asarray(null_distribution, dtype=float).reshape(-1)
    if not np.isfinite(values).all():
        raise UsageError(asked, found="a placebo effect that is missing", todo="leave those placebos out")
    if len(values) < 3:
        raise NotEnoughData(asked, found=f"{len(values)} placebo effects", todo="use at least three")
    if np.ptp(values) <= 0:
        raise NotEnoughData(asked, found="placebo effects that are all alike", todo="use placebos that vary")
    return values


def check_power(power: float) -> None:
    """Refuse a power that is not between 0 and 1."""
    if not 0.0 < power < 1.0:
        raise UsageError("the smallest noticeable effect", found=f"power={power}", todo="give one between 0 and 1")
