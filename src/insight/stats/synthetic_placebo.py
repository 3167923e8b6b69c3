"""Every control once as if treated: how unusual an effect is among untreated units."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from insight.errors import UsageError
from insight.stats.distributions import normal_quantile
from insight.stats.permutation import PlaceboTest, placebo_interval
from insight.stats.rows import Floats
from insight.stats.synthetic_blocks import FEWEST_DONORS, Method, Solver, SyntheticBlocks, synthetic_blocks

Sets = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class SyntheticEffects:
    """Effects of P sets of units, whose units may start at different times.

    Parameters
    ----------
    effects, pre_errors, post_errors : (P,) array
        Over the blocks of a set, weighted by their treated cells; errors are root mean squares.
    """

    effects: Floats
    pre_errors: Floats
    post_errors: Floats

    @classmethod
    def over(
        cls, blocks: Sequence[SyntheticBlocks | SyntheticEffects], *, shares: Sequence[float] | None = None
    ) -> SyntheticEffects:
        """Effects of sets that consist of these blocks: their mean, with ``shares`` that sum to one or equal ones."""
        parts = [1 / len(blocks)] * len(blocks) if shares is None else list(shares)

        def mean(of: Callable[[SyntheticBlocks | SyntheticEffects], Floats]) -> Floats:
            total: Floats = np.sum([share * of(block) for share, block in zip(parts, blocks, strict=True)], axis=0)
            return total

        return cls(
            effects=mean(lambda block: block.effects),
            pre_errors=np.sqrt(mean(lambda block: block.pre_errors**2)),
            post_errors=np.sqrt(mean(lambda block: block.post_errors**2)),
        )

    def take(self, chosen: Sets) -> SyntheticEffects:
        """The chosen sets, in the order given, as often as they are named."""
        return SyntheticEffects(self.effects[chosen], self.pre_errors[chosen], self.post_errors[chosen])


def synthetic_effects(
    values: Floats,
    *,
    starts: tuple[int, ...],
    sets: ArrayLike,
    donors: ArrayLike,
    method: Method = "synthetic_did",
    ridge: float | None = None,
    solver: Solver = "exact",
) -> SyntheticEffects:
    """Effect of each set of units, the units of one start as one block.

    Parameters
    ----------
    values : (N, T) array
        Complete outcomes.
    starts : tuple of int, length m
        Position of the first treated period of the first, second, ... unit of every set.
    sets : (P, m) array of int
        Positions of the units. The treated units are one set; placebo sets are made of controls.
    donors : (N,) boolean array
        Who may be a donor; no unit of a set is a donor for any of the set.
    method, ridge, solver
        As for `synthetic_blocks`.

    Notes
    -----
    Blocks are weighted by treated units times treated periods: Arkhangelsky et al. (2021), AER 111(12), appendix A;
    Clarke, Pailanir, Athey & Imbens (2024), Stata Journal 24, 557-598.
    """
    chosen = np.atleast_2d(np.asarray(sets, dtype=np.intp))
    if chosen.shape[1] != len(starts) or not len(starts):
        raise UsageError(
            "synthetic comparisons of several sets",
            found=f"sets of {chosen.shape[1]} and {len(starts)} start(s)",
            todo="give one start for each unit of a set",
        )
    allowed = np.broadcast_to(np.asarray(donors, dtype=bool), (len(chosen), len(values))).copy()
    np.put_along_axis(allowed, chosen, False, axis=1)
    blocks = [
        synthetic_blocks(
            values,
            start=start,
            sets=chosen[:, [each == start for each in starts]],
            donors=allowed,
            method=method,
            ridge=ridge,
            solver=solver,
        )
        for start in sorted(set(starts))
    ]
    return SyntheticEffects.over(blocks, shares=block_shares(starts, n_periods=np.shape(values)[1]))


def block_shares(starts: tuple[int, ...], *, n_periods: int) -> list[float]:
    """Share of the treated cells that each start has, earliest first."""
    sizes = [starts.count(start) * (n_periods - start) for start in sorted(set(starts))]
    return [size / sum(sizes) for size in sizes]


@dataclass(frozen=True, eq=False)
class PlaceboEffects:
    """Effects of untreated units, or of sets of them, treated as if they were the treated ones.

    Parameters
    ----------
    table : DataFrame
        One row per placebo: ``unit`` (names joined by " + " in a set), ``effect``, ``pre_error``, ``post_error`` and
        ``error_ratio``, post over pre; effects and errors on the scale on which effects add (logs for ratios).
    ranks : PlaceboTest
        Rank of the effect among them, two-sided, and the interval that the rank does not exclude.
    p_error_ratio : float
        The same share for the ratio of the errors, which asks less of placebos that were badly met before the start.
    std_error : float
        Standard deviation of the placebo effects (the paper's placebo variance).
    is_enumerated : bool
        Whether these are all the placebos there are; else drawn with ``seed``.
    seed : int
    """

    table: pd.DataFrame
    ranks: PlaceboTest
    p_error_ratio: float
    std_error: float
    is_enumerated: bool
    seed: int

    @property
    def p_value(self) -> float:
        """Share of units or sets, the treated ones among them, with an effect at least as large either way."""
        return self.ranks.p_value

    @property
    def smallest_p(self) -> float:
        """The smallest p-value that this many placebos could give."""
        return self.ranks.smallest_p

    def normal_interval(self) -> tuple[float, float]:
        """Effect plus and minus normal quantiles of ``std_error``: beside the ranks, not in their place."""
        half = normal_quantile(self.ranks.level) * self.std_error
        return self.ranks.observed - half, self.ranks.observed + half

    @property
    def in_words(self) -> str:
        """How many placebos, and what they can say at most."""
        how = "every one once" if self.is_enumerated else f"drawn, seed {self.seed}"
        return f"{len(self.table)} placebos from untreated units, {how}; smallest possible p {self.smallest_p:.3g}"


def placebo_sets(controls: ArrayLike, *, starts: tuple[int, ...], draws: int, seed: int) -> tuple[Sets, bool]:
    """Sets of controls of the size of ``starts``, and whether they are all there are.

    Every control once where one unit is treated, whatever ``draws``. Else all sets where they are at most ``draws``
    (in order where starts differ), else ``draws`` drawn with ``seed``. None where fewer than 2 donors would be left.
    """
    pool, size = np.asarray(controls, dtype=np.intp), len(starts)
    if draws < 1:
        raise UsageError("placebo sets", found=f"draws={draws}", todo="give at least one draw")
    if len(pool) - size < FEWEST_DONORS:
        return np.empty((0, size), dtype=np.intp), True
    is_common = len(set(starts)) == 1
    total = math.comb(len(pool), size) if is_common else math.perm(len(pool), size)
    if size == 1 or total <= draws:
        every = combinations(pool.tolist(), size) if is_common else permutations(pool.tolist(), size)
        return np.array(list(every), dtype=np.intp), True
    generator = np.random.default_rng(seed)
    return np.array([generator.choice(pool, size, replace=False) for _ in range(draws)], dtype=np.intp), False


def placebo_effects(
    placebos: SyntheticEffects,
    *,
    observed: SyntheticEffects,
    names: Sequence[Any],
    level: float = 0.95,
    is_enumerated: bool = True,
    seed: int = 0,
) -> PlaceboEffects:
    """Rank the effect on the treated units among placebo effects.

    Parameters
    ----------
    placebos : SyntheticEffects
        Of P placebo sets.
    observed : SyntheticEffects
        Of the treated units: one set.
    names : sequence, length P
        Names of the placebo sets.
    level : float
    is_enumerated, seed
        How the sets were made, for words.

    Raises
    ------
    NotEnoughData
        If there is no placebo.

    Notes
    -----
    Abadie, Diamond & Hainmueller (2010), J Am Stat Assoc 105, 493-505, for both ranks. A rank is a randomisation test
    only where chance chose the treated units.
    """
    ratios, own = _ratio(placebos), float(_ratio(observed)[0])
    ranks = placebo_interval(float(observed.effects[0]), placebos.effects, level=level)
    at_least = int((ratios >= own * (1 - 1e-9)).sum())
    table = pd.DataFrame(
        {
            "unit": list(names),
            "effect": placebos.effects,
            "pre_error": placebos.pre_errors,
            "post_error": placebos.post_errors,
            "error_ratio": ratios,
        }
    )
    return PlaceboEffects(
        table=table,
        ranks=ranks,
        p_error_ratio=(at_least + 1) / (len(ratios) + 1),
        std_error=float(np.std(placebos.effects)),
        is_enumerated=is_enumerated,
        seed=seed,
    )


def set_names(sets: Sets, *, units: Sequence[Any]) -> list[Any]:
    """A unit's own name, or the names of a set's units joined by " + "."""
    return [units[each[0]] if len(each) == 1 else " + ".join(str(units[place]) for place in each) for each in sets]


def _ratio(effects: SyntheticEffects) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = effects.post_errors / effects.pre_errors
    return np.where(np.isnan(ratio), 1.0, ratio)
