"""Permutation of the treated units, with the test inverted exactly into an interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from insight.errors import NotEnoughData, UsageError
from insight.stats.arrangements import ENUMERATE_UP_TO, arrange, as_mask, as_strata
from insight.stats.inversion import Asked, PermutationTest, finish_test
from insight.stats.permutation import Alternative, Tails
from insight.stats.rows import LARGEST, Floats


def permute_units(
    changes: ArrayLike,
    *,
    treated: ArrayLike,
    weights: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    n_draws: int = 999,
    seed: int,
    level: float = 0.95,
    null: float = 0.0,
    alternative: Alternative = "two-sided",
    tails: Tails = "symmetric",
    enumerate_up_to: int = ENUMERATE_UP_TO,
) -> PermutationTest:
    """Permutation test of the mean change of treated units against that of the others, and its exact interval.

    Parameters
    ----------
    changes : (N,) array of float
        One collapsed change per unit, treated and untreated, on a scale on which effects add (logs for ratios).
    treated : (N,) array of bool
    weights : (N,) array of float, optional
        Positive; the means are weighted by them.
    strata : (N,) array, optional
        Labels are permuted within these, such as `size_thirds`. The statistic stays the overall difference.
    n_draws : int
        Arrangements drawn beside the actual one, none twice, where there are too many to use all.
    seed : int
        Of the draws; unused where all arrangements are used.
    level : float
    null : float
        The effect tested; it is taken off the treated units before labels are permuted. The interval does not depend on
        it.
    alternative, tails
        As for `placebo_interval`.
    enumerate_up_to : int
        All arrangements are used where there are at most so many.

    Returns
    -------
    PermutationTest
        ``low`` and ``high`` hull the effects that are not rejected at 1 - level.

    Raises
    ------
    NotEnoughData
        If no unit, or every unit, is treated.
    UsageError
        If a change is missing, a weight is not positive, or lengths differ.

    Notes
    -----
    Under the effect theta an arrangement S has the statistic T_S(changes) - theta T_S(treated), the actual one
    T - theta. S is at least as extreme on an interval of theta that holds T; p(theta) counts these intervals.
    Fisher (1935), The Design of Experiments, section 21; Garthwaite (1996), Biometrics 52, 1387-1393; Ernst (2004),
    Stat Sci 19, 676-685. Draws without repeats, the actual arrangement counted: Phipson & Smyth (2010), Stat Appl Genet
    Mol Biol 9, 39.

    Examples
    --------
    >>> test = permute_units([23, 33, 40, 19, 22, 25, 26], treated=[1, 1, 1, 0, 0, 0, 0], seed=1, level=0.9)
    >>> test.n_possible, round(test.observed, 1), round(test.p_value, 3)
    (35, 9.0, 0.114)
    """
    asked = Asked(level, null, alternative, tails)
    values = as_finite(changes, "changes of units")
    actual = as_mask(treated, "treated units", length=len(values))
    if not actual.any() or actual.all():
        raise NotEnoughData(
            "a permutation of units",
            found=f"{int(actual.sum())} treated of {len(actual)} units",
            todo="give treated and untreated units",
        )
    weight = np.ones(len(values)) if weights is None else as_finite(weights, "weights of units")
    if len(weight) != len(values) or (weight <= 0).any():
        raise UsageError(
            "a permutation of units", found="a weight that is not positive, or too few", todo="give one for each unit"
        )
    groups = as_strata(strata, len(values))
    found = arrange(actual.astype(np.int64), strata=groups, n_draws=n_draws, seed=seed, enumerate_up_to=enumerate_up_to)
    inside = found.codes.astype(np.float64)
    columns = np.column_stack([weight * (values - values.mean()), weight * actual, weight])
    sums = inside @ columns
    rest = columns.sum(axis=0) - sums
    scores = sums[:, 0] / sums[:, 2] - rest[:, 0] / rest[:, 2]
    slopes = sums[:, 1] / sums[:, 2] - rest[:, 1] / rest[:, 2]
    return finish_test(
        scores,
        slopes,
        found=found,
        asked=asked,
        n_treated=int(actual.sum()),
        n_strata=int(groups.max()) + 1,
        what="units",
    )


def as_finite(values: ArrayLike, what: str) -> Floats:
    """A flat array of floats.

    Raises
    ------
    UsageError
        If it is empty, or a number is missing, infinite or too large to be squared.
    """
    try:
        flat = np.asarray(values, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError) as error:
        raise UsageError(f"reading {what}", found="something that is not a number", todo="give numbers") from error
    usable = np.abs(flat) <= LARGEST
    if not usable.all() or not len(flat):
        raise UsageError(
            f"reading {what}",
            found=f"{int((~usable).sum())} of {len(flat)} without a usable number",
            todo="leave those units out",
        )
    return flat
