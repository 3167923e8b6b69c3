"""Synthetic control: a treated unit beside the mixture of untreated ones that met it best before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insight.core.estimate import Estimate
from insight.errors import MethodRefused, UsageError
from insight.stats.distributions import check_level
from insight.stats.panel_matrix import LeftOut, panel_matrix
from insight.stats.rows import Floats
from insight.stats.synthetic_blocks import Solver, SyntheticBlocks, synthetic_blocks
from insight.stats.synthetic_panel import CompletePanel, EffectScale, complete_panel
from insight.stats.synthetic_placebo import (
    PlaceboEffects,
    SyntheticEffects,
    placebo_effects,
    placebo_sets,
    set_names,
)
from insight.stats.synthetic_predictors import Predictor, PredictorDesign, predictor_design
from insight.stats.synthetic_tables import (
    TreatedGroup,
    cell_table,
    group_name,
    group_table,
    synthetic_estimate,
    weight_table,
)

Combine = Literal["each", "average"]


@dataclass(frozen=True, eq=False)
class SyntheticControl:
    """What a synthetic control gives.

    Parameters
    ----------
    estimate : Estimate
        Mean gap at and after the start, averaged over treated units; a rate ratio on the log scale.
    estimates : tuple of Estimate
        One per treated unit (one for the average where units were averaged first).
    weights : DataFrame
        ``treated``, ``unit``, ``weight``: not negative, with the sum one for each treated unit; largest first.
    units : DataFrame
        One row per treated unit: ``treated``, ``start``, ``effect``, ``pre_error``, ``relative_pre_error``,
        ``post_error``, ``n_treated``, ``n_before``, ``n_after``. Effects and errors are logs on the log scale.
    predictors : DataFrame or None
        ``treated``, ``predictor``, ``importance``, ``observed``, ``synthetic``.
    pre_error, relative_pre_error : float
        Root mean squared gap before the start; and over the treated unit's mean (on the log scale, itself).
    placebos : PlaceboEffects or None
        Every control once, or sets of controls where several units are treated.
    log_std_error : float or None
        Standard deviation of the placebo effects on the log scale.
    cells : DataFrame
        ``unit``, ``period``, ``is_treated``, ``observed``, ``expected``, ``gap``; observed and expected on the scale of
        the outcome, the gap their difference or the log of their ratio.
    left_out : tuple of LeftOut
    """

    estimate: Estimate
    estimates: tuple[Estimate, ...]
    weights: pd.DataFrame
    units: pd.DataFrame
    predictors: pd.DataFrame | None
    pre_error: float
    relative_pre_error: float
    placebos: PlaceboEffects | None
    log_std_error: float | None
    cells: pd.DataFrame
    left_out: tuple[LeftOut, ...]

    @property
    def p_value(self) -> float | None:
        """Two-sided rank of the effect among placebos; None without placebos."""
        return None if self.placebos is None else self.placebos.p_value

    @property
    def smallest_p(self) -> float | None:
        """The smallest p-value that this many placebos could give."""
        return None if self.placebos is None else self.placebos.smallest_p


def synthetic_control(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    cohort: str,
    exposure: str | None = None,
    predictors: Sequence[str | Predictor] = (),
    importance: Sequence[float] | None = None,
    combine: Combine = "each",
    scale: EffectScale = "level",
    level: float = 0.95,
    placebos: bool = True,
    draws: int = 9999,
    seed: int = 0,
    solver: Solver | None = None,
    key: str = "synthetic_control",
    term: str = "Synthetic control",
    measured_in: str = "units of the outcome",
) -> SyntheticControl:
    """Effect on one treated unit, or several, against the mixture of untreated units that met each best before.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period. Units with a gap are left out by name.
    outcome, unit, period, cohort : str
        Columns; ``cohort`` holds the unit's first treated period, missing or infinite for never.
    exposure : str, optional
        Column that the outcome is divided by.
    predictors : sequence of str or Predictor
        What the mixture shall meet; a name stands for the mean over the periods before the start. Without any, it
        meets the outcome of every period before the start.
    importance : sequence of float, optional
        Fixed importance of the standardised predictors; searched for where None (see `predictor_weights`).
    combine : {"each", "average"}
        "each": a mixture for every treated unit, effects then averaged; starts may differ. "average": one mixture for
        the average of the treated units, which must share a start.
    scale : {"level", "log"}
        "level": differences. "log": mean log gap, given as a rate ratio.
    level : float
    placebos : bool
        Whether to take controls as if treated. With predictors that searches anew for every control.
    draws, seed : int
        Sets of controls, and the seed they are drawn with, where several units are treated and sets are many.
    solver : {"exact", "published"}, optional
        "published", the default without predictors, stops the search for weights as the software of Arkhangelsky et
        al. (2021) does: their -19.62 for California. "exact" finds the weights that fit best, which give -19.51 there;
        it is the faster one, and the only one with predictors.
    key, term, measured_in : str
        For the `Estimate`.

    Raises
    ------
    UsageError
        If a column is absent, an option is unknown, or a predictor has no number.
    NotEnoughData
        If no treated unit or fewer than 2 untreated ones have every period, or fewer than 2 periods come before.
    MethodRefused
        If units with different starts are to be averaged first.

    Notes
    -----
    Abadie, Diamond & Hainmueller (2010), J Am Stat Assoc 105, 493-505; Abadie (2021), J Econ Lit 59, 391-425. With a
    large ``relative_pre_error`` the mixture does not stand for the treated unit, and nothing after the start can mend
    that. The interval holds the effects that the placebo ranks do not exclude.
    """
    check_level(level)
    panel = complete_panel(
        panel_matrix(frame, outcome=outcome, unit=unit, period=period, cohort=cohort, exposure=exposure), scale=scale
    )
    _check_combination(panel, combine)
    wanted = predictor_design(
        frame, panel=panel, predictors=predictors, importance=importance, outcome=outcome, unit=unit, period=period
    )
    if solver is None:
        solver = "published" if wanted is None else "exact"
    if wanted is not None and solver != "exact":
        raise UsageError("a synthetic control with predictors", found=f"solver={solver!r}", todo="use the exact solver")
    fitter = _Fitter(panel, wanted, solver)
    groups = _groups(fitter, combine)
    ranks = _Ranks(fitter, groups, level, draws, seed) if placebos else None
    overall = None if ranks is None else ranks.overall()
    together = SyntheticEffects.over([group.blocks for group in groups])
    method = fitter.in_words(combine)

    def estimate(effects: SyntheticEffects, n: int, among: PlaceboEffects | None, name: str) -> Estimate:
        return synthetic_estimate(
            panel,
            effects=effects,
            n_treated=n,
            placebos=among,
            level=level,
            key=name,
            term=term,
            measured_in=measured_in,
            method=method,
        )

    units = group_table(panel, groups)
    return SyntheticControl(
        estimate=estimate(together, len(panel.treated), overall, key),
        estimates=tuple(
            estimate(
                SyntheticEffects.over([each.blocks]),
                len(each.members),
                None if ranks is None else ranks.single(each),
                f"{key}_{each.name}",
            )
            for each in groups
        ),
        weights=weight_table(panel, groups),
        units=units,
        predictors=None if wanted is None else wanted.table(groups),
        pre_error=float(together.pre_errors[0]),
        relative_pre_error=float(np.sqrt((units["relative_pre_error"] ** 2).mean())),
        placebos=overall,
        log_std_error=overall.std_error if overall is not None and scale == "log" else None,
        cells=cell_table(panel, groups),
        left_out=panel.left_out,
    )


@dataclass(frozen=True, eq=False)
class _Fitter:
    """How a block is compared with controls: by its path or by predictors."""

    panel: CompletePanel
    predictors: PredictorDesign | None
    solver: Solver

    def blocks(self, sets: NDArray[np.intp], start: int) -> SyntheticBlocks:
        weights: Floats | None = None
        donors = self.panel.is_control
        if self.predictors is not None:
            weights = self.predictors.weights(sets, start=start, donors=donors)
        return synthetic_blocks(
            self.panel.values,
            start=start,
            sets=sets,
            donors=donors,
            method="synthetic_control",
            solver=self.solver,
            unit_weights=weights,
        )

    def in_words(self, combine: Combine) -> str:
        met = "outcomes before the start" if self.predictors is None else f"{self.predictors.count} predictors"
        logs = "log " if self.panel.scale == "log" else ""
        several = "" if len(self.panel.treated) == 1 else f", {combine} of {len(self.panel.treated)} treated units"
        stopped = ", search stopped as published" if self.solver == "published" else ""
        return f"synthetic control on {logs}levels, weights by {met}{several}{stopped}"


def _groups(fitter: _Fitter, combine: Combine) -> list[TreatedGroup]:
    panel = fitter.panel
    sets = [panel.treated] if combine == "average" else [panel.treated[[place]] for place in range(len(panel.treated))]
    return [
        TreatedGroup(
            group_name(members.tolist(), units=panel.units),
            members,
            int(panel.start[members[0]]),
            fitter.blocks(members[None, :], int(panel.start[members[0]])),
        )
        for members in sets
    ]


class _Ranks:
    """Placebos of treated groups; a control is compared once for each start and size of group."""

    def __init__(self, fitter: _Fitter, groups: list[TreatedGroup], level: float, draws: int, seed: int) -> None:
        self._fitter, self._groups = fitter, groups
        self._level, self._draws, self._seed = level, draws, seed
        self._controls = np.flatnonzero(fitter.panel.is_control)
        self._found: dict[int, SyntheticBlocks] = {}

    def single(self, group: TreatedGroup) -> PlaceboEffects | None:
        """Placebos of one group: every control once, or sets as large as the group."""
        starts = (group.start,) * len(group.members)
        sets, is_enumerated = placebo_sets(self._controls, starts=starts, draws=self._draws, seed=self._seed)
        if not len(sets):
            return None
        blocks = self._once(group.start) if len(starts) == 1 else self._fitter.blocks(sets, group.start)
        return self._rank(SyntheticEffects.over([blocks]), [group], sets, is_enumerated)

    def overall(self) -> PlaceboEffects | None:
        """Placebos of the mean over groups: means over as many controls, each with its own comparison."""
        if len(self._groups) == 1:
            return self.single(self._groups[0])
        starts = tuple(group.start for group in self._groups)
        order = np.arange(len(self._controls))
        sets, is_enumerated = placebo_sets(order, starts=starts, draws=self._draws, seed=self._seed)
        if not len(sets):
            return None
        parts = [SyntheticEffects.over([self._once(start)]).take(sets[:, place]) for place, start in enumerate(starts)]
        return self._rank(SyntheticEffects.over(parts), self._groups, self._controls[sets], is_enumerated)

    def _once(self, start: int) -> SyntheticBlocks:
        """Every control on its own, treated as if from this start."""
        if start not in self._found:
            self._found[start] = self._fitter.blocks(self._controls[:, None], start)
        return self._found[start]

    def _rank(
        self, placebos: SyntheticEffects, groups: list[TreatedGroup], sets: NDArray[np.intp], is_enumerated: bool
    ) -> PlaceboEffects:
        return placebo_effects(
            placebos,
            observed=SyntheticEffects.over([group.blocks for group in groups]),
            names=set_names(sets, units=self._fitter.panel.units),
            level=self._level,
            is_enumerated=is_enumerated,
            seed=self._seed,
        )


def _check_combination(panel: CompletePanel, combine: str) -> None:
    if combine not in ("each", "average"):
        raise UsageError("a synthetic control", found=f"combine={combine!r}", todo="choose each or average")
    if combine == "average" and len(set(panel.starts)) > 1:
        raise MethodRefused(
            "a synthetic control for the average of treated units",
            found=f"{len(set(panel.starts))} different starts",
            todo='use combine="each", or one start at a time',
        )
