"""Pseudo-treatment: units of the past that are given an effect of known size, and the tests that look for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from insight.errors import NotEnoughData, UsageError
from insight.stats.collapsed_change import UnitSpans, unit_spans
from insight.stats.panel_matrix import NEVER, PanelMatrix
from insight.stats.rows import Codes, Floats

SUBSETS = 999
"""Arrangements of treated units drawn for a permutation where there are more than that."""

Estimator = Callable[[PanelMatrix], tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Around:
    """The units that have a change around one start, and where the start stands."""

    start: int
    units: Codes
    spans: UnitSpans
    changes: Floats


def before_any_start(matrix: PanelMatrix, seasons: Codes) -> tuple[PanelMatrix, Codes]:
    """The matrix up to the earliest start of any unit, with nobody treated, and the seasons of its periods.

    Raises
    ------
    NotEnoughData
        If that leaves fewer than two periods.
    """
    first = int(matrix.start.min()) if matrix.ever_treated.any() else len(matrix.periods)
    if first < 2:
        raise NotEnoughData(
            "simulating power", found=f"{first} periods before the earliest start", todo="use a longer history"
        )
    return window_of(matrix, 0, first), seasons[:first]


def window_of(matrix: PanelMatrix, first: int, last: int) -> PanelMatrix:
    """Periods ``first`` to ``last`` (not included), with nobody treated."""
    return PanelMatrix(
        matrix.units,
        matrix.periods[first:last],
        matrix.outcome[:, first:last],
        matrix.exposure[:, first:last],
        np.full(len(matrix.units), NEVER),
        matrix.weights,
        matrix.covariates[:, first:last],
        matrix.left_out,
    )


def all_around(
    matrix: PanelMatrix, codes: Codes, starts: Sequence[Any] | None, *, pre: int, post: int, gap: int, fewest: int
) -> list[Around]:
    """The units with a change around each start whose spans fit, for every start with at least ``fewest`` of them.

    Raises
    ------
    UsageError
        If a start asked for is not among the periods.
    NotEnoughData
        If no start fits, or none has enough units.
    """
    asked = "simulating power"
    fits = list(range(pre + gap, len(matrix.periods) - post + 1))
    if starts is not None:
        absent = [each for each in starts if each not in matrix.periods]
        if absent:
            raise UsageError(asked, found=f"{len(absent)} start(s) outside the earlier data", todo="choose others")
        wanted = {matrix.periods.index(each) for each in starts}
        fits = [place for place in fits if place in wanted]
    if not fits:
        raise NotEnoughData(
            asked,
            found=f"{len(matrix.periods)} periods, where {pre + gap + post} are needed around a start",
            todo="use a longer history or shorter spans",
        )
    found = []
    for start in fits:
        spans = unit_spans(matrix, start, pre=pre, gap=gap, post=post, seasons=codes)
        units = np.flatnonzero(np.isfinite(spans.log_change))
        if len(units) >= fewest:
            found.append(Around(start, units, spans, spans.log_change[units]))
    if not found:
        raise NotEnoughData(
            asked,
            found=f"fewer than {fewest} units with events before and after any start",
            todo="use more units, longer spans, or fewer treated units",
        )
    return found


def with_effects(spot: Around, treated: Codes, sizes: Floats, rng: np.random.Generator) -> Floats:
    """(len(sizes), units) log changes, those of the treated with each effect.

    A unit left without any event after the start counts as half an event.
    """
    changes = np.tile(spot.changes, (len(sizes), 1))
    after = spot.spans.post_count[spot.units[treated]].round().astype(np.int64)
    counts = np.array([changed_counts(after, float(size), rng) for size in sizes])
    changes[:, treated] = np.log(np.maximum(counts, 0.5) / spot.spans.expected[spot.units[treated]])
    return changes


def changed_counts(counts: Codes, effect: float, rng: np.random.Generator) -> Codes:
    """Counts after an effect: each event kept with that chance for a fall, new ones added at that rate for a rise."""
    if effect == 1.0:
        return counts
    if effect < 1.0:
        return rng.binomial(counts, effect)
    return counts + rng.poisson(counts * (effect - 1.0))


def arrangements(size: int, n_treated: int, rng: np.random.Generator) -> Codes:
    """(B, n_treated) sets of units: all of them where they are few, else drawn (the actual one is added later)."""
    if math.comb(size, n_treated) <= SUBSETS + 1:
        return np.array(list(combinations(range(size), n_treated)), dtype=np.int64)
    return rng.random((SUBSETS, size)).argsort(axis=1)[:, :n_treated].astype(np.int64)


def permuted(changes: Floats, treated: Codes, subsets: Codes) -> tuple[Floats, Floats]:
    """Difference of means and two-sided p among arrangements, one per row of changes."""
    size, n_treated = changes.shape[1], len(treated)
    centred = changes - changes.mean(axis=1, keepdims=True)
    actual = centred[:, treated].sum(axis=1)
    others = np.abs(centred[:, subsets].sum(axis=2))
    extreme = (others >= np.abs(actual)[:, None] * (1 - 1e-12)).sum(axis=1)
    is_all = len(subsets) == math.comb(size, n_treated)
    p_values = extreme / len(subsets) if is_all else (extreme + 1) / (len(subsets) + 1)
    return actual / n_treated * size / (size - n_treated), p_values


def pooled_t(changes: Floats, treated: Codes) -> tuple[Floats, Floats]:
    """Difference of means and two-sided p of the pooled t with units less two degrees of freedom."""
    from scipy.special import stdtr

    size, n_treated = changes.shape[1], len(treated)
    own = changes[:, treated]
    rest = np.delete(changes, treated, axis=1)
    difference = own.mean(axis=1) - rest.mean(axis=1)
    squares = own.var(axis=1) * n_treated + rest.var(axis=1) * (size - n_treated)
    error = np.sqrt(squares / (size - 2) * (1 / n_treated + 1 / (size - n_treated)))
    p_values: Floats = 2 * stdtr(size - 2, -np.abs(difference) / np.maximum(error, np.finfo(float).tiny))
    return difference, p_values


def by_estimator(
    estimator: Estimator,
    matrix: PanelMatrix,
    spot: Around,
    treated: Codes,
    sizes: Floats,
    rng: np.random.Generator,
    *,
    pre: int,
    post: int,
    gap: int,
) -> tuple[Floats, Floats]:
    """One's own estimator on the spans around the start, once for each size: log effects and p-values."""
    first = spot.start - gap - pre
    window = window_of(matrix, first, spot.start + post)
    rows, begin = spot.units[treated], spot.start - first
    starts = window.start.copy()
    starts[rows] = begin
    answers = []
    for size in sizes:
        outcome = window.outcome.copy()
        after = outcome[rows, begin:]
        there = np.isfinite(after)
        after[there] = changed_counts(after[there].round().astype(np.int64), float(size), rng)
        outcome[rows, begin:] = after
        answers.append(
            estimator(
                PanelMatrix(
                    window.units,
                    window.periods,
                    outcome,
                    window.exposure,
                    starts,
                    window.weights,
                    window.covariates,
                    window.left_out,
                )
            )
        )
    found = np.array(answers, dtype=float)
    return found[:, 0], found[:, 1]
