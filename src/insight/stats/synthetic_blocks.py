"""Synthetic comparisons of one block of units with the others, on a complete matrix, many blocks at once.

A block is one unit, or several whose paths are averaged, treated from one period on. Each control taken as a block of
its own is a placebo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from insight.errors import NotEnoughData, UsageError
from insight.stats.frank_wolfe import STOP, SimplexProblems, frank_wolfe_weights
from insight.stats.rows import Floats
from insight.stats.simplex import simplex_weights

Method = Literal["synthetic_did", "synthetic_control", "did", "demeaned_synthetic_control"]
Solver = Literal["exact", "published"]
Masks = NDArray[np.bool_]

METHODS: tuple[Method, ...] = ("synthetic_did", "synthetic_control", "did", "demeaned_synthetic_control")
SMALL = 1e-6
"""A ridge, in noise levels, that is there in name only."""

FEWEST_DONORS = 2
FEWEST_PRE = 2

TOGETHER = 64
"""Blocks whose products are held in memory at once."""


@dataclass(frozen=True, eq=False)
class SyntheticBlocks:
    """What each of P blocks gives.

    Parameters
    ----------
    effects : (P,) array
        Mean gap at and after the start.
    pre_errors, post_errors : (P,) array
        Root mean squared gap before, and at and after, the start.
    gaps : (P, T) array
        Block less its comparison in each period; the comparison is shifted by a constant in all methods but
        "synthetic_control".
    unit_weights : (P, N) array
        Not negative, with the sum one; zero for the block's own units and for units that are no donors.
    time_weights : (P, start) array
        Weights of the periods before the start; all zero for "synthetic_control", which has none.
    """

    effects: Floats
    pre_errors: Floats
    post_errors: Floats
    gaps: Floats
    unit_weights: Floats
    time_weights: Floats


def synthetic_blocks(
    values: Floats,
    *,
    start: int,
    sets: ArrayLike,
    donors: ArrayLike,
    method: Method = "synthetic_did",
    ridge: float | None = None,
    solver: Solver = "exact",
    unit_weights: Floats | None = None,
) -> SyntheticBlocks:
    """Compare each block with its donors.

    Parameters
    ----------
    values : (N, T) array
        Complete outcomes, on the scale on which effects add.
    start : int
        Position of the first treated period.
    sets : (P, m) array of int
        Positions of the units of each block.
    donors : (N,) or (P, N) boolean array
        Who may be a donor; a block's own units never are.
    method : {"synthetic_did", "synthetic_control", "did", "demeaned_synthetic_control"}
        Unit and time weights and a constant; unit weights alone; equal weights and a constant; unit weights and a
        constant (Ferman & Pinto 2021, Quantitative Economics 12, 1197-1221).
    ridge : float, optional
        Ridge on the unit weights in noise levels (standard deviations of the donors' changes from period to period):
        (m x treated periods) ** 0.25 for "synthetic_did" as in the paper, 1e-6 for the others.
    solver : {"exact", "published"}
        "published" stops the search for weights where the paper's software does (see `frank_wolfe_weights`).
    unit_weights : (P, N) array, optional
        Weights found by other means, taken as they are.

    Raises
    ------
    UsageError
        If the matrix has gaps, the start is not inside it, or an option is unknown.
    NotEnoughData
        With fewer than 2 periods before the start, or fewer than 2 donors.

    Notes
    -----
    Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021), AER 111(12), 4088-4118, algorithm 1. Abadie, Diamond &
    Hainmueller (2010), J Am Stat Assoc 105, 493-505, for the synthetic control.
    """
    values = np.asarray(values, dtype=np.float64)
    blocks = _Blocks(values, start, np.atleast_2d(np.asarray(sets, dtype=np.intp)), np.asarray(donors, dtype=bool))
    _check_options(method, solver, ridge)
    if unit_weights is None:
        unit_weights = blocks.equal() if method == "did" else blocks.unit_weights(method, ridge, solver)
    time_weights = blocks.time_weights(method, solver)
    gaps = blocks.paths - unit_weights @ values
    if method != "synthetic_control":
        gaps = gaps - (gaps[:, :start] * time_weights).sum(axis=1, keepdims=True)
    return SyntheticBlocks(
        effects=gaps[:, start:].mean(axis=1),
        pre_errors=np.sqrt((gaps[:, :start] ** 2).mean(axis=1)),
        post_errors=np.sqrt((gaps[:, start:] ** 2).mean(axis=1)),
        gaps=gaps,
        unit_weights=unit_weights,
        time_weights=time_weights,
    )


class _Blocks:
    """The blocks of a matrix: their paths, donors and noise."""

    def __init__(self, values: Floats, start: int, sets: NDArray[np.intp], donors: Masks) -> None:
        _check_matrix(values, start)
        self.values, self.start, self.sets = values, start, sets
        self.allowed = np.broadcast_to(donors, (len(sets), len(values))).copy()
        np.put_along_axis(self.allowed, sets, False, axis=1)
        fewest = int(self.allowed.sum(axis=1).min()) if len(sets) else FEWEST_DONORS
        if fewest < FEWEST_DONORS:
            raise NotEnoughData(
                "a synthetic comparison",
                found=f"{fewest} unit(s) to compare with",
                todo=f"give at least {FEWEST_DONORS} units that are never treated and have every period",
            )
        self.paths = values[sets].mean(axis=1)

    def equal(self) -> Floats:
        """The same weight for every donor."""
        weights: Floats = self.allowed / self.allowed.sum(axis=1, keepdims=True)
        return weights

    def noise(self) -> Floats:
        """Standard deviation of the donors' changes from period to period before the start, of each block."""
        changes = np.diff(self.values[:, : self.start], axis=1)
        count = self.allowed.sum(axis=1) * changes.shape[1]
        total, squares = self.allowed @ changes.sum(axis=1), self.allowed @ (changes**2).sum(axis=1)
        variance = (squares - total**2 / count) / np.maximum(count - 1, 1)
        deviation: Floats = np.sqrt(np.maximum(variance, 0.0))
        return deviation

    def unit_weights(self, method: Method, ridge: float | None, solver: Solver) -> Floats:
        """Weights (P, N) that bring the donors close to the block before the start."""
        if ridge is None:
            treated_cells = self.sets.shape[1] * (self.values.shape[1] - self.start)
            ridge = treated_cells**0.25 if method == "synthetic_did" else SMALL
        zeta = ridge * self.noise()
        has_constant = method != "synthetic_control"
        before, goals = self.values[:, : self.start], self.paths[:, : self.start]
        if solver == "published":
            return self._stopped_unit_weights(before, goals, zeta, has_constant)
        weights = np.zeros(self.allowed.shape)
        for block, allowed in enumerate(self.allowed):
            fit = simplex_weights(
                before[allowed].T, target=goals[block], intercept=has_constant, ridge=zeta[block] ** 2 * self.start
            )
            weights[block, allowed] = fit.weights
        return weights

    def _stopped_unit_weights(self, before: Floats, goals: Floats, zeta: Floats, has_constant: bool) -> Floats:
        # Taking one path off all of them changes no distance, and keeps the sums of squares small.
        common = before.mean(axis=0)
        before, goals = before - common, goals - common
        if has_constant:
            before = before - before.mean(axis=1, keepdims=True)
            goals = goals - goals.mean(axis=1, keepdims=True)
        return frank_wolfe_weights(
            SimplexProblems(
                gram=before @ before.T,
                linear=goals @ before.T,
                constant=(goals**2).sum(axis=1),
                n_rows=np.full(len(goals), float(self.start)),
                zeta=zeta,
                stop=STOP * self.noise(),
                allowed=self.allowed,
            )
        )

    def time_weights(self, method: Method, solver: Solver) -> Floats:
        """Weights (P, start) that bring the donors' periods before the start close to their mean after it."""
        shape = (len(self.sets), self.start)
        if method == "synthetic_control":
            return np.zeros(shape)
        if method != "synthetic_did":
            return np.full(shape, 1.0 / self.start)
        after = self.values[:, self.start :].mean(axis=1)
        periods = np.column_stack([self.values[:, : self.start], after])
        zeta = SMALL * self.noise()
        if solver == "published":
            return self._stopped_time_weights(periods, zeta)
        weights = np.zeros(shape)
        for block, allowed in enumerate(self.allowed):
            rows = periods[allowed]
            fit = simplex_weights(rows[:, :-1], target=rows[:, -1], intercept=True, ridge=zeta[block] ** 2 * len(rows))
            weights[block] = fit.weights
        return weights

    def _stopped_time_weights(self, periods: Floats, zeta: Floats) -> Floats:
        # Each block has its own donors and so its own products: a few blocks at a time keep the memory small.
        stop = STOP * self.noise()
        found = []
        for first in range(0, len(self.sets), TOGETHER):
            part = slice(first, first + TOGETHER)
            grams = np.array([self._products(periods[allowed]) for allowed in self.allowed[part]])
            found.append(
                frank_wolfe_weights(
                    SimplexProblems(
                        gram=grams[:, :-1, :-1],
                        linear=grams[:, :-1, -1],
                        constant=grams[:, -1, -1],
                        n_rows=self.allowed[part].sum(axis=1).astype(np.float64),
                        zeta=zeta[part],
                        stop=stop[part],
                        allowed=np.ones((len(grams), self.start), dtype=bool),
                    )
                )
            )
        return np.concatenate(found) if found else np.empty((0, self.start))

    @staticmethod
    def _products(rows: Floats) -> Floats:
        """Sums of products of periods over donors, after a common path and the donors' mean are taken off."""
        rows = rows - rows.mean(axis=1, keepdims=True)
        rows = rows - rows.mean(axis=0)
        products: Floats = rows.T @ rows
        return products


def _check_matrix(values: Floats, start: int) -> None:
    if values.ndim != 2 or not values.size or not np.isfinite(values).all():
        raise UsageError(
            "a synthetic comparison",
            found="no matrix of units by periods, or one with gaps",
            todo="give complete units only",
        )
    if not 0 <= start < values.shape[1]:
        raise UsageError(
            "a synthetic comparison",
            found=f"a start at position {start} of {values.shape[1]} periods",
            todo="choose a start inside the data",
        )
    if start < FEWEST_PRE:
        raise NotEnoughData(
            "a synthetic comparison",
            found=f"{start} period(s) before the start",
            todo=f"give at least {FEWEST_PRE} periods before the start; many more are needed for a close fit",
        )


def _check_options(method: str, solver: str, ridge: float | None) -> None:
    if method not in METHODS or solver not in ("exact", "published") or (ridge is not None and not ridge >= 0):
        raise UsageError(
            f"a synthetic comparison by {method!r}",
            found=f"solver={solver!r}, ridge={ridge}",
            todo=f"choose among {', '.join(METHODS)}, the solver exact or published, and a ridge of 0 or more",
        )
