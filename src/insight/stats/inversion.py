"""From the statistics of all arrangements to a p-value and an exact interval.

A statistic is linear in the effect that a hypothesis takes off the treated units. So each arrangement is at least as
extreme as the actual one on a set of effects with known ends: no search, and no new draws, are needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from insight.core.estimate import Estimate
from insight.errors import UsageError
from insight.stats.arrangements import Arrangements
from insight.stats.permutation import TIE, Alternative, PlaceboTest, Tails, allowed, can_reach, check_options
from insight.stats.rows import Floats


@dataclass(frozen=True)
class PermutationTest:
    """A statistic among those of all arrangements of treatment, the actual one included.

    Parameters
    ----------
    observed : float
        The statistic of the actual arrangement: the estimated effect.
    null : float
        The effect tested.
    p_value : float
        Share of arrangements at least as extreme, the actual one counted.
    smallest_p : float
        The smallest p that these arrangements can give, whatever the effect.
    low, high : float or None
        Ends of the interval; None where no value can be excluded on that side.
    level : float
    alternative, tails : str
        Which test.
    n_arrangements : int
        Arrangements used, the actual one included.
    n_possible : int
        Arrangements that there are.
    is_enumerated : bool
        Whether all were used.
    n_treated, n_units, n_strata : int
        What was permuted.
    words : tuple of str
        Short sentences for a reader.
    """

    observed: float
    null: float
    p_value: float
    smallest_p: float
    low: float | None
    high: float | None
    level: float
    alternative: Alternative
    tails: Tails
    n_arrangements: int
    n_possible: int
    is_enumerated: bool
    n_treated: int
    n_units: int
    n_strata: int
    words: tuple[str, ...]

    @property
    def can_reach_level(self) -> bool:
        """Whether these arrangements can reject at the level at all."""
        return can_reach(self.smallest_p, self.level)


@dataclass(frozen=True)
class Asked:
    """What a test was asked: level of the interval, effect tested, alternative and kind of tails.

    Raises
    ------
    UsageError
        If an option does not exist or the effect is not a number.
    """

    level: float
    null: float
    alternative: Alternative
    tails: Tails

    def __post_init__(self) -> None:
        check_options(self.level, alternative=self.alternative, tails=self.tails)
        if not np.isfinite(self.null):
            raise UsageError("testing an effect", found=f"null={self.null}", todo="give a finite effect")


def permutation_estimate(
    test: PermutationTest | PlaceboTest,
    *,
    key: str,
    term: str,
    unit: str,
    scale: Literal["difference", "ratio"] = "difference",
    method: str = "permutation of units, test inverted",
    n_rows: int | None = None,
) -> Estimate:
    """A permutation or placebo test as an Estimate; with ``scale="ratio"`` its logs become ratios.

    Where no interval can be given both ends are None and the method says why.
    """
    low, high, why = test.low, test.high, ""
    if low is None or high is None:
        why = f"; no two-sided interval at {test.level:.0%}: the smallest possible p is {test.smallest_p:.2g}"
        if test.can_reach_level:
            why = "; the interval has no end on one side" if test.alternative != "two-sided" else "; no interval"
        low = high = None
    elif not low <= test.observed <= high:
        why = f"; the interval {low:.3g} to {high:.3g} leaves the estimate out: placebos lie to one side"
        low = high = None
    ends = [test.observed, low, high]
    if scale == "ratio":
        ends = [None if each is None or each > 500 else float(np.exp(each)) for each in ends]
    n_units = test.n_units if isinstance(test, PermutationTest) else test.n_placebos
    null = float(np.exp(test.null)) if scale == "ratio" else test.null
    return Estimate(
        key, term, ends[0], unit, scale, method + why, None, ends[1], ends[2], test.level, null, n_rows, n_units
    )


def invert(
    scores: Floats, slopes: Floats, *, size: float, alternative: Alternative
) -> tuple[float | None, float | None]:
    """Ends of the set of effects that the test does not reject at ``size``.

    Parameters
    ----------
    scores, slopes : (M,) array
        Under the effect theta an arrangement's statistic is score - theta x slope; the first is the actual one, whose
        slope is one.
    size : float
        Share of arrangements that may be at least as extreme where an effect is rejected.
    alternative : str
        Which statistics are extreme: "two-sided" (absolute values), "greater" or "less".
    """
    need = allowed(size, len(scores)) + 1
    always, first, last = _extreme_sets(scores, slopes, alternative)
    first, last = np.sort(first), np.sort(last)
    points = np.unique(np.concatenate([first, last]))
    points = points[np.isfinite(points)]
    count = always + np.searchsorted(first, points, side="right") - np.searchsorted(last, points, side="left")
    kept = points[count >= need]
    low = None if always + int((first == -np.inf).sum()) >= need or not len(kept) else float(kept[0])
    high = None if always + int((last == np.inf).sum()) >= need or not len(kept) else float(kept[-1])
    return low, high


def _extreme_sets(scores: Floats, slopes: Floats, alternative: Alternative) -> tuple[int, Floats, Floats]:
    """On which effects each arrangement is at least as extreme as the actual one.

    Returns how many are so everywhere, and the first and last effect of each closed piece of the others.
    """
    actual = scores[0]
    gap, sum_ = scores - actual, scores + actual
    scale = TIE * np.maximum(np.abs(scores), abs(actual))
    flat, mirrored = np.abs(slopes - 1) < TIE, np.abs(slopes + 1) < TIE
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = gap / (slopes - 1), sum_ / (slopes + 1)
    if alternative != "two-sided":
        sign = 1.0 if alternative == "greater" else -1.0
        everywhere = flat & (sign * gap >= -scale)
        upward = ~flat & (sign * (slopes - 1) < 0)
        downward = ~flat & ~upward
        first = np.concatenate([one[upward], np.full(downward.sum(), -np.inf)])
        last = np.concatenate([np.full(upward.sum(), np.inf), one[downward]])
        return int(everywhere.sum()), first, last
    everywhere = (flat & (np.abs(gap) <= scale)) | (mirrored & (np.abs(sum_) <= scale))
    inner = (np.abs(slopes) < 1) & ~flat & ~mirrored
    outer = (np.abs(slopes) > 1) & ~flat & ~mirrored
    lower, upper = np.minimum(one, two), np.maximum(one, two)
    # A slope of one leaves a single end: below it where the gap is positive, above it otherwise; mirrored likewise.
    below = np.concatenate([two[flat & (gap > scale)], one[mirrored & (sum_ < -scale)], lower[outer]])
    above = np.concatenate([two[flat & (gap < -scale)], one[mirrored & (sum_ > scale)], upper[outer]])
    first = np.concatenate([lower[inner], np.full(len(below), -np.inf), above])
    last = np.concatenate([upper[inner], below, np.full(len(above), np.inf)])
    return int(everywhere.sum()), first, last


def finish_test(
    scores: Floats,
    slopes: Floats | None,
    *,
    found: Arrangements,
    asked: Asked,
    n_treated: int,
    n_strata: int,
    what: str,
) -> PermutationTest:
    """p-value, smallest p and interval from the statistics of all arrangements, the actual one first.

    ``slopes`` is what an effect of one adds to each statistic; without it there is no interval.

    Raises
    ------
    UsageError
        If an effect other than zero is tested without slopes, or the actual slope is zero.
    """
    level, null, alternative, tails = asked.level, asked.null, asked.alternative, asked.tails
    if slopes is None and null != 0:
        raise UsageError(
            f"testing an effect of {null}", found="no slope or shares", todo="give them, or test an effect of zero"
        )
    if slopes is not None:
        if abs(slopes[0]) < TIE:
            raise UsageError(
                "inverting a test", found="an actual slope of zero", todo="give the slope of the statistic"
            )
        # Scaled so that the observed statistic is the effect itself, which the hypothesis is subtracted from.
        scores, slopes = scores / slopes[0], slopes / slopes[0]
    observed = float(scores[0])
    moved = scores if slopes is None else scores - null * slopes
    sides: tuple[Alternative, ...] = (alternative,)
    if alternative == "two-sided" and tails == "equal":
        sides = ("greater", "less")
    slack = TIE * max(abs(observed), abs(null))
    share = min(_count_extreme(moved, side, slack) for side in sides) / len(moved)
    smallest = (
        min(_count_certain(slopes, side) for side in sides) / len(moved) if slopes is not None else 1 / len(moved)
    )
    low, high = _interval(scores, slopes, level, sides)
    p_value, smallest = min(1.0, len(sides) * share), min(1.0, len(sides) * smallest)
    return PermutationTest(
        observed=observed,
        null=float(null),
        p_value=p_value,
        smallest_p=smallest,
        low=low,
        high=high,
        level=level,
        alternative=alternative,
        tails=tails,
        n_arrangements=len(scores),
        n_possible=found.n_possible,
        is_enumerated=found.is_enumerated,
        n_treated=n_treated,
        n_units=found.codes.shape[1],
        n_strata=n_strata,
        words=_words(found, what, p_value, smallest, level, has_slopes=slopes is not None),
    )


def _interval(
    scores: Floats, slopes: Floats | None, level: float, sides: tuple[Alternative, ...]
) -> tuple[float | None, float | None]:
    if slopes is None:
        return None, None
    size = (1 - level) / len(sides)
    ends = [invert(scores, slopes, size=size, alternative=side) for side in sides]
    return ends[0][0], ends[-1][1]


def _count_extreme(statistics: Floats, side: Alternative, slack: float) -> int:
    actual = statistics[0]
    if side == "two-sided":
        return int((np.abs(statistics) >= abs(actual) - slack).sum())
    return int((statistics >= actual - slack).sum() if side == "greater" else (statistics <= actual + slack).sum())


def _count_certain(slopes: Floats, side: Alternative) -> int:
    """Arrangements that are at least as extreme however large the effect."""
    far = np.abs(slopes) if side == "two-sided" else slopes
    return int((far >= 1 - TIE).sum())


def _words(
    found: Arrangements, what: str, p_value: float, smallest: float, level: float, *, has_slopes: bool
) -> tuple[str, ...]:
    used = len(found.codes)
    said = [
        f"All {found.n_possible:,} arrangements of the {what} are used."
        if found.is_enumerated
        else f"{used - 1:,} of the {found.n_possible:,} arrangements of the {what} are drawn, beside the actual one."
    ]
    said.append(f"The p-value is {p_value:.2g}; the smallest that could be found is {smallest:.2g}.")
    if not can_reach(smallest, level):
        said.append(f"That cannot reach the {level:.0%} level, so no interval is given.")
    elif not has_slopes:
        said.append("No interval is given: how the statistic moves with the effect is not known.")
    return tuple(said)
