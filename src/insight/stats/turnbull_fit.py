"""The likelihood of interval-censored times: where it can put mass, how it is maximised, and the proof that it was."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insight.errors import MethodRefused, NotEnoughData
from insight.stats.rows import Floats

Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

GAP = 1e-8
"""The fit stops once no move of mass could raise the mean log-likelihood by more than this."""
LATE_GAP = 1e-6
"""The same with delayed entry, where the gradient proves a local maximum."""
_NO_MASS = 1e-9
STARTS = 4


@dataclass(frozen=True, eq=False)
class Observed:
    """When n events may have happened, as places on a line.

    Each distinct time t has two places, just before it and just after it. An interval (L, R] runs from after L to after
    R; an exact time runs from before it to after it. ``entry`` is the place from which a row was watched.

    Parameters
    ----------
    times : (t,) array
        The distinct times, the last infinite where any interval is open.
    start, end : (n,) arrays of int
    entry : (n,) array of int or None
    """

    times: Floats
    start: Places
    end: Places
    entry: Places | None

    def take(self, rows: Places) -> Observed:
        """The same rows again, in another number."""
        return Observed(self.times, self.start[rows], self.end[rows], None if self.entry is None else self.entry[rows])


@dataclass(frozen=True, eq=False)
class Fit:
    """Mass on innermost intervals.

    Parameters
    ----------
    left, right : (m,) arrays
        Ends of the intervals that hold mass, in order.
    is_exact : (m,) array of bool
        True where the interval is a single time.
    mass : (m,) array
        Sums to one.
    gap : float
        Most that any move of mass could add to the mean log-likelihood (without delayed entry: to the maximum itself).
    log_likelihood : float
    n_steps : int
    """

    left: Floats
    right: Floats
    is_exact: Flags
    mass: Floats
    gap: float
    log_likelihood: float
    n_steps: int


def observe(left: Floats, right: Floats, entry: Floats | None) -> Observed:
    """Places of intervals (L, R]; R infinite where the event was not seen, and L = R where its time is known."""
    known = [left, right] if entry is None else [left, right, entry]
    times = np.unique(np.concatenate(known))
    start = 2 * np.searchsorted(times, left) + (left < right)
    end = 2 * np.searchsorted(times, right) + 1
    late = None if entry is None else (2 * np.searchsorted(times, entry) + 1).astype(np.int64)
    return Observed(times, start.astype(np.int64), end.astype(np.int64), late)


def fit(seen: Observed, *, n_starts: int = STARTS) -> Fit:
    """The maximum of the likelihood, proved by its gradient.

    Parameters
    ----------
    seen : Observed
    n_starts : int
        With delayed entry: starts that must agree.

    Raises
    ------
    NotEnoughData
        If the steps do not arrive.
    MethodRefused
        If delayed entries leave the curve undetermined.
    """
    first, last = innermost(seen)
    inside = (seen.start[:, None] <= first) & (last <= seen.end[:, None])
    rows, counts = np.unique(inside, axis=0, return_counts=True)
    if seen.entry is None:
        mass, gap, steps = _maximise(rows.astype(float), counts.astype(float))
        likelihood = float(counts @ np.log(rows @ mass))
    else:
        watched = seen.entry[:, None] <= first
        mass, gap, likelihood, steps = _maximise_late(inside.astype(float), watched.astype(float), n_starts)
        _check_late(watched.astype(float), mass)
    held = mass > _NO_MASS
    return Fit(
        left=seen.times[first[held] // 2],
        right=seen.times[last[held] // 2],
        is_exact=first[held] % 2 == 0,
        mass=mass[held] / mass[held].sum(),
        gap=gap,
        log_likelihood=likelihood,
        n_steps=steps,
    )


def innermost(seen: Observed) -> tuple[Places, Places]:
    """Places of the innermost intervals: a start that is followed at once by an end (or by a delayed entry).

    Only these can hold mass. A delayed entry counts as an end, since mass before it may raise the likelihood too
    (Frydman 1994).
    """
    ends = seen.end if seen.entry is None else np.concatenate([seen.end, seen.entry])
    places = np.concatenate([ends, seen.start])
    is_start = np.concatenate([np.zeros(len(ends), dtype=bool), np.ones(len(seen.start), dtype=bool)])
    order = np.lexsort((is_start, places))
    places, is_start = places[order], is_start[order]
    pairs = np.flatnonzero(is_start[:-1] & ~is_start[1:])
    return places[pairs].astype(np.int64), places[pairs + 1].astype(np.int64)


def _maximise(rows: Floats, counts: Floats) -> tuple[Floats, float, int]:
    """Self-consistency steps, each after a step of Newton's within the simplex (Wang 2007)."""
    from scipy.optimize import nnls

    n, mass = counts.sum(), np.full(rows.shape[1], 1 / rows.shape[1])
    for step in range(1, 501):
        for _ in range(3):
            mass = mass * ((counts / (rows @ mass)) @ rows) / n
        scaled = rows / (rows @ mass)[:, None]
        gap = float((counts @ scaled).max() / n - 1)
        if gap <= GAP:
            return mass, max(gap, 0.0), step
        root = np.sqrt(counts / n)[:, None]
        problem = np.vstack([root * (scaled - 2), np.ones(len(mass))])
        target = np.concatenate([np.zeros(len(rows)), [1.0]])
        try:
            aim = nnls(problem, target)[0]
        except RuntimeError:
            continue
        if aim.sum() > 0:
            mass = _towards(rows, counts, mass, aim / aim.sum())
    raise NotEnoughData(
        "a curve of interval-censored times",
        found=f"steps that have not arrived (gap {gap:.1e})",
        todo="check the intervals, or round the times",
    )


def _towards(rows: Floats, counts: Floats, mass: Floats, aim: Floats) -> Floats:
    """The farthest halving of the way to the aim that raises the likelihood; a trace of the old mass always stays."""
    now = counts @ np.log(rows @ mass)
    for halving in range(30):
        moved = mass + 0.5**halving * (1 - 1e-10) * (aim - mass)
        if counts @ np.log(rows @ moved) > now:
            return moved
    return mass


def _maximise_late(inside: Floats, watched: Floats, n_starts: int) -> tuple[Floats, float, float, int]:
    """Self-consistency with delayed entry, from several starts that must agree."""
    found = [_climb(inside, watched, start) for start in _starts(inside.shape[1], n_starts)]
    best = max(found, key=lambda each: each[2])
    if any(np.abs(np.cumsum(each[0] - best[0])).max() > 1e-4 for each in found):
        raise MethodRefused(
            "a curve of interval-censored times with delayed entry",
            found="different answers from different starts",
            todo="leave delayed entries out, or take exact times (Kaplan-Meier)",
        )
    return best


def _starts(size: int, n_starts: int) -> list[Floats]:
    generator = np.random.default_rng(1976)
    return [np.full(size, 1 / size), *generator.dirichlet(np.ones(size), size=n_starts - 1)]


def _climb(inside: Floats, watched: Floats, mass: Floats) -> tuple[Floats, float, float, int]:
    """Steps of self-consistency, each followed by a constrained Newton step on a bound of the likelihood.

    The term of the entries, convex in the mass, is replaced by its tangent: what is left is concave and lies below.
    """
    n, hidden = len(inside), 1 - watched

    def height(now: Floats) -> float:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = float(np.log(inside @ now).sum() - np.log(watched @ now).sum())
        return found if math.isfinite(found) else -math.inf

    gap = math.inf
    for number in range(1, 1001):
        within, seen = inside @ mass, watched @ mass
        mass = mass * ((1 / within) @ inside + (1 / seen) @ hidden)
        mass = mass / mass.sum()
        scaled, drag = inside / (inside @ mass)[:, None], (1 / (watched @ mass)) @ watched
        gradient = (scaled.sum(axis=0) - drag) / n
        gap = float(max(gradient.max(), (np.abs(gradient) * mass).max()))
        if gap <= LATE_GAP:
            return mass, max(gap, 0.0), height(mass), number
        aim, now = _quadratic(scaled, drag), height(mass)
        for halving in range(20):
            tried = mass + 0.5**halving * (1 - 1e-10) * (aim - mass)
            tried = tried / tried.sum()
            if height(tried) > now:
                mass = tried
                break
    if (watched @ mass).min() < 0.01:
        raise _falls_to_zero()
    raise NotEnoughData(
        "a curve of interval-censored times with delayed entry",
        found=f"steps that have not arrived (gap {gap:.1e})",
        todo="leave delayed entries out, or take exact times (Kaplan-Meier)",
    )


def _quadratic(scaled: Floats, drag: Floats) -> Floats:
    """The mass, none negative, that minimises half the squares of (scaled mass - 2) plus drag times mass."""
    from scipy.linalg import cholesky, solve_triangular
    from scipy.optimize import nnls

    square = scaled.T @ scaled
    square[np.diag_indices_from(square)] += 1e-9 * np.trace(square)
    root = cholesky(square)
    target = solve_triangular(root, 2 * scaled.sum(axis=0) - drag, trans="T")
    try:
        return np.asarray(nnls(root, target)[0])
    except RuntimeError:
        return np.asarray(np.full(len(drag), 1 / len(drag)))


def _check_late(watched: Floats, mass: Floats) -> None:
    """Refuse a curve that falls to zero while others are yet to enter: the likelihood has then no proper maximum."""
    if (watched @ mass).min() < 1e-6:
        raise _falls_to_zero()


def _falls_to_zero() -> MethodRefused:
    return MethodRefused(
        "a curve of interval-censored times with delayed entry",
        found="a curve that falls to zero while few are watched and others are yet to enter",
        todo="start later, or leave delayed entries out",
    )
