"""Other ways in which treatment could have fallen on the same units: all of them where they are few, else drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial, prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from insight.errors import NotEnoughData, UsageError
from insight.stats.rows import Codes

Mask = NDArray[np.bool_]

ENUMERATE_UP_TO = 5000
"""Up to so many arrangements all of them are used."""


@dataclass(frozen=True, eq=False)
class Arrangements:
    """Labels placed on N units in M ways, each way once.

    Parameters
    ----------
    codes : (M, N) array of int
        Where there is an actual arrangement it is the first row.
    n_possible : int
        How many distinct arrangements there are.
    is_enumerated : bool
        Whether these are all of them.
    """

    codes: Codes
    n_possible: int
    is_enumerated: bool


@dataclass(frozen=True, eq=False)
class Assignments:
    """Placebo choices of treated units.

    Parameters
    ----------
    sets : (M, N) array of bool
        One row per choice.
    n_possible : int
        How many choices there are.
    is_enumerated : bool
        Whether these are all of them.
    n_eligible : int
        Units that can be chosen.
    words : tuple of str
        Short sentences for a reader.
    """

    sets: Mask
    n_possible: int
    is_enumerated: bool
    n_eligible: int
    words: tuple[str, ...]


def arrange(
    labels: Codes, *, strata: Codes, n_draws: int, seed: int, enumerate_up_to: int = ENUMERATE_UP_TO
) -> Arrangements:
    """The labels rearranged among the units of each stratum; the first row is the arrangement given.

    Parameters
    ----------
    labels : (N,) array of int
        0, 1, ...; equal labels cannot be told apart.
    strata : (N,) array of int
        Labels move within a stratum alone.
    n_draws : int
        Arrangements drawn beside the one given, without drawing any twice, where there are too many to use all.
    seed : int
        Of the draws; unused where all are used.
    enumerate_up_to : int
        All are used where there are at most so many, or no more than the draws would be.

    Raises
    ------
    UsageError
        If fewer than one draw is asked for.
    """
    _check_draws(n_draws, enumerate_up_to)
    members = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    counts = [_count(labels[places]) for places in members]
    n_possible = prod(counts)
    if n_possible <= max(enumerate_up_to, n_draws + 1):
        codes = _all(labels, members, counts)
        actual = np.flatnonzero((codes == labels).all(axis=1))[0]
        order = np.concatenate([[actual], np.delete(np.arange(len(codes)), actual)])
        return Arrangements(codes[order], n_possible, True)
    return Arrangements(_drawn(labels, members, n_draws, seed), n_possible, False)


def arrange_placebos(
    labels: Codes, *, strata: Codes, n_draws: int, seed: int, enumerate_up_to: int = ENUMERATE_UP_TO
) -> Arrangements:
    """As `arrange` where no arrangement is the actual one: every row is a draw, ``n_draws`` where not enumerated."""
    _check_draws(n_draws, enumerate_up_to)
    generator = np.random.default_rng([seed, 1])
    shuffled = labels.copy()
    for stratum in np.unique(strata):
        shuffled[strata == stratum] = generator.permuted(shuffled[strata == stratum])
    found = arrange(shuffled, strata=strata, n_draws=max(n_draws - 1, 1), seed=seed, enumerate_up_to=enumerate_up_to)
    return found if found.is_enumerated else replace(found, codes=found.codes[:n_draws])


def draw_assignments(
    eligible: ArrayLike,
    *,
    n_treated: int | None = None,
    treated: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    n_draws: int = 999,
    seed: int,
    enumerate_up_to: int = ENUMERATE_UP_TO,
) -> Assignments:
    """Placebo sets of treated units, taken from the untreated ones and matched to the treated ones by stratum.

    Parameters
    ----------
    eligible : (N,) array of bool
        Untreated units that a placebo may choose.
    n_treated : int, optional
        Size of each set, where ``treated`` is not given.
    treated : (N,) array of bool, optional
        The units that were treated: with strata, every set holds as many units of a stratum as they do.
    strata : (N,) array, optional
        Such as the thirds of `size_thirds`.
    n_draws : int
        Sets drawn, none of them twice, where there are too many to use all.
    seed : int
        Of the draws; unused where all sets are used.
    enumerate_up_to : int
        All sets are used where there are at most so many.

    Returns
    -------
    Assignments
        ``sets`` is (M, N). The statistic of each set, and the one observed, go to `placebo_interval`.

    Raises
    ------
    NotEnoughData
        If a stratum has fewer eligible units than treated ones.
    UsageError
        If neither or both of ``n_treated`` and ``treated`` are given, strata come without ``treated``, a treated unit
        is eligible, or lengths differ.
    """
    able = as_mask(eligible, "eligible units")
    groups = as_strata(strata, len(able))
    if (n_treated is None) == (treated is None) or (strata is not None and treated is None):
        raise UsageError(
            "drawing placebo sets",
            found="not exactly one of n_treated and treated, or strata without treated",
            todo="give treated= (with or without strata=), or n_treated= alone",
        )
    needed = {0: int(n_treated or 0)}
    if treated is not None:
        actual = as_mask(treated, "treated units", length=len(able))
        if (actual & able).any():
            raise UsageError(
                "drawing placebo sets", found="a treated unit among the eligible", todo="leave it out of eligible="
            )
        needed = {int(group): int((actual & (groups == group)).sum()) for group in np.unique(groups)}
    _require_enough(needed, able, groups)
    places = np.flatnonzero(able)
    labels = np.zeros(len(places), dtype=np.int64)
    for group, count in needed.items():
        labels[np.flatnonzero(groups[places] == group)[:count]] = 1
    found = arrange_placebos(labels, strata=groups[places], n_draws=n_draws, seed=seed, enumerate_up_to=enumerate_up_to)
    rows = found.codes
    sets = np.zeros((len(rows), len(able)), dtype=bool)
    sets[:, places] = rows == 1
    return Assignments(sets, found.n_possible, found.is_enumerated, len(places), _words(sets, found, needed))


def size_thirds(sizes: ArrayLike) -> Codes:
    """Thirds by size: 0 for the smallest, 2 for the largest; cuts at the 1/3 and 2/3 quantiles, ties on the lower side.

    Parameters
    ----------
    sizes : (N,) array of float
        One per unit, treated and eligible alike.

    Raises
    ------
    UsageError
        If a size is missing.
    """
    values = np.asarray(sizes, dtype=np.float64).reshape(-1)
    if not len(values) or not np.isfinite(values).all():
        raise UsageError("thirds by size", found="no unit, or a size that is missing", todo="give a size per unit")
    cuts = np.quantile(values, [1 / 3, 2 / 3])
    return np.searchsorted(cuts, values, side="left").astype(np.int64)


def as_mask(values: ArrayLike, what: str, *, length: int | None = None) -> Mask:
    """An array of true and false, one per unit.

    Raises
    ------
    UsageError
        If it holds anything else, is empty or is of another length.
    """
    given = np.asarray(values)
    fits = given.ndim == 1 and len(given) and (length is None or len(given) == length)
    if not fits or not np.isin(given, [0, 1]).all():
        raise UsageError(
            f"reading which are {what}",
            found=f"an array of shape {given.shape}, or values other than true and false",
            todo="give true or false for each unit",
        )
    return given.astype(bool)


def as_strata(strata: ArrayLike | None, length: int) -> Codes:
    """Codes 0, 1, ... of the strata, one per unit; a single stratum where None.

    Raises
    ------
    UsageError
        If the lengths differ or a stratum is missing.
    """
    import pandas as pd

    if strata is None:
        return np.zeros(length, dtype=np.int64)
    codes = pd.factorize(np.asarray(strata), sort=True)[0].astype(np.int64)
    if codes.shape != (length,) or (codes < 0).any():
        raise UsageError(
            "reading strata",
            found=f"{len(codes)} strata for {length} units, or one that is missing",
            todo="give a stratum for each unit",
        )
    return codes


def _check_draws(n_draws: int, enumerate_up_to: int) -> None:
    if n_draws < 1 or enumerate_up_to < 0:
        raise UsageError(
            "rearranging labels", found=f"n_draws={n_draws}, enumerate_up_to={enumerate_up_to}", todo="draw at least 1"
        )


def _count(labels: Codes) -> int:
    """Distinct arrangements of labels of which some are alike."""
    return factorial(len(labels)) // prod(factorial(int(n)) for n in np.unique(labels, return_counts=True)[1])


def _all(labels: Codes, members: Sequence[Codes], counts: Sequence[int]) -> Codes:
    """Every combination of the arrangements of each stratum, the last stratum changing fastest."""
    total = prod(counts)
    codes = np.empty((total, len(labels)), dtype=np.int64)
    number, stride = np.arange(total), total
    for places, count in zip(members, counts, strict=True):
        stride //= count
        every = np.array(list(_each(labels[places])), dtype=np.int64)
        codes[:, places] = every[(number // stride) % count]
    return codes


def _each(labels: Codes) -> Iterator[list[int]]:
    """The distinct arrangements of one stratum, in a fixed order."""
    values, sizes = np.unique(labels, return_counts=True)

    def place(level: int, free: tuple[int, ...], done: list[int]) -> Iterator[list[int]]:
        if level == len(values) - 1:
            for position in free:
                done[position] = int(values[level])
            yield done.copy()
            return
        for chosen in combinations(free, int(sizes[level])):
            for position in chosen:
                done[position] = int(values[level])
            taken = set(chosen)
            yield from place(level + 1, tuple(each for each in free if each not in taken), done)

    yield from place(0, tuple(range(len(labels))), [0] * len(labels))


def _drawn(labels: Codes, members: Sequence[Codes], n_draws: int, seed: int) -> Codes:
    """The arrangement given, and draws that all differ from it and from each other."""
    generator = np.random.default_rng(seed)
    kept = labels[None, :]
    while len(kept) < n_draws + 1:
        block = np.tile(labels, (max(n_draws + 1 - len(kept), 256), 1))
        for places in members:
            block[:, places] = generator.permuted(block[:, places], axis=1)
        kept = _without_repeats(np.concatenate([kept, block]))[: n_draws + 1]
    return kept


def _without_repeats(codes: Codes) -> Codes:
    small = np.ascontiguousarray(codes.astype(np.int16))
    rows: NDArray[Any] = small.view(np.dtype((np.void, small.dtype.itemsize * small.shape[1]))).reshape(-1)
    return codes[np.sort(np.unique(rows, return_index=True)[1])]


def _require_enough(needed: dict[int, int], able: Mask, groups: Codes) -> None:
    if sum(needed.values()) < 1:
        raise NotEnoughData("drawing placebo sets", found="no treated unit to match", todo="name the treated units")
    for group, count in needed.items():
        there = int((able & (groups == group)).sum())
        if count > there:
            raise NotEnoughData(
                f"drawing placebo sets with {count} unit(s) of one stratum",
                found=f"{there} eligible unit(s) in it",
                todo="use fewer or wider strata, or none",
            )


def _words(sets: Mask, found: Arrangements, needed: dict[int, int]) -> tuple[str, ...]:
    size, eligible = sum(needed.values()), found.codes.shape[1]
    which = f"{size} of {eligible} untreated units"
    inside = " within the same strata" if len(needed) > 1 else ""
    if found.is_enumerated:
        return (f"All {found.n_possible:,} ways to choose {which}{inside} are used.",)
    return (f"{len(sets):,} of the {found.n_possible:,} ways to choose {which}{inside} are drawn.",)
