"""Effects of each cohort in each period: one comparison of two periods and two groups at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from insight.errors import NotEnoughData, UsageError
from insight.stats.doubly_robust import Bools, Method, two_by_two
from insight.stats.panel_matrix import LeftOut, PanelMatrix
from insight.stats.rows import Codes, Floats

Control = Literal["never_treated", "not_yet_treated"]
Base = Literal["varying", "universal"]


@dataclass(frozen=True, eq=False)
class Design:
    """The choices that define every comparison."""

    control: Control
    base: Base
    method: Method
    anticipation: int

    def __post_init__(self) -> None:
        choices = {
            "control": (self.control, ("never_treated", "not_yet_treated")),
            "base": (self.base, ("varying", "universal")),
            "method": (self.method, ("doubly_robust", "outcome_regression", "inverse_probability")),
        }
        for name, (given, known) in choices.items():
            if given not in known:
                raise UsageError(
                    "choosing a comparison", found=f"{name}={given!r}", todo=f"ask for one of {', '.join(known)}"
                )
        if not isinstance(self.anticipation, int) or self.anticipation < 0:
            raise UsageError(
                "choosing a comparison",
                found=f"anticipation={self.anticipation!r}",
                todo="give a number of periods, 0 or more",
            )

    def base_of(self, cohort: int, period: int) -> int:
        """Position of the period that a cohort's outcome is compared with; below 0 where there is none."""
        last_clean = cohort - self.anticipation - 1
        return last_clean if self.base == "universal" or period >= cohort else period - 1

    def controls(self, start: Floats, cohort: int, last: int, n_periods: int) -> Bools:
        """Units that are controls for a cohort in a comparison whose later period stands at ``last``."""
        # A start after the data may be anticipated within them, however it is coded.
        untouched = start > last + self.anticipation
        never = start >= n_periods
        return untouched & (never if self.control == "never_treated" else start != cohort)


@dataclass(frozen=True, eq=False)
class GroupTimes:
    """K effects of C cohorts on N units.

    Parameters
    ----------
    panel : PanelMatrix
        The N units that are used.
    cohorts : (C,) array
        Positions of the cohorts' starts, rising.
    cohort, period : (K,) arrays
        Positions of each effect's cohort and period.
    att : (K,) array
        NaN where it could not be estimated.
    influence : (N, K) array
        Of mean zero, zero where there is no estimate.
    n_treated, n_control : (K,) arrays
        Units in each comparison.
    is_base : (K,) array of bool
        A universal base period, which is zero by definition.
    reasons : tuple of (str or None)
        Why an effect could not be estimated.
    cells : DataFrame
        One row per unit and treated period: observed, and expected without treatment.
    """

    panel: PanelMatrix
    cohorts: Codes
    cohort: Codes
    period: Codes
    att: Floats
    influence: Floats
    n_treated: Codes
    n_control: Codes
    is_base: Bools
    reasons: tuple[str | None, ...]
    cells: pd.DataFrame

    @property
    def is_estimated(self) -> Bools:
        """(K,): whether there is a number that is not zero by definition."""
        return np.isfinite(self.att) & ~self.is_base

    @property
    def is_after(self) -> Bools:
        """(K,): whether the period is at or after the start."""
        return self.period >= self.cohort

    @property
    def membership(self) -> Floats:
        """(N, C): the unit's weight in its own cohort and 0 elsewhere; columns average to the cohorts' shares."""
        weights = self.panel.weights / self.panel.weights.mean()
        member: Floats = weights[:, None] * (self.panel.start[:, None] == self.cohorts[None, :])
        return member


def usable_panel(panel: PanelMatrix, *, anticipation: int) -> PanelMatrix:
    """The panel without units that have no clean period before their start; these are named in ``left_out``.

    Raises
    ------
    NotEnoughData
        If no treated unit, or no second period, is left.
    """
    always = panel.start <= anticipation
    reason = "treated in the first period" if anticipation == 0 else "no period before anticipation of the start"
    named = tuple(LeftOut(panel.units[place], None, reason) for place in np.flatnonzero(always))
    kept = ~always
    if len(panel.periods) < 2 or not (panel.ever_treated & kept).any():
        lacks = "one period" if len(panel.periods) < 2 else "no treated unit with a period before its start"
        raise NotEnoughData(
            "effects of a staggered start",
            found=f"{lacks} among {len(panel.units)} units",
            todo="give periods before and after the start of at least one unit, and units that start later or never",
        )
    return replace(
        panel,
        units=tuple(unit for unit, keep in zip(panel.units, kept, strict=True) if keep),
        outcome=panel.outcome[kept],
        exposure=panel.exposure[kept],
        start=panel.start[kept],
        weights=panel.weights[kept],
        covariates=panel.covariates[kept],
        left_out=panel.left_out + named,
    )


def group_times(panel: PanelMatrix, design: Design) -> GroupTimes:
    """Every effect of every cohort that the panel and the design allow.

    A comparison uses the units that are seen in both its periods.

    Raises
    ------
    NotEnoughData
        If there is no unit to compare with, or no effect at or after a start can be estimated.
    """
    n_periods = len(panel.periods)
    cohorts = np.unique(panel.start[panel.ever_treated]).astype(np.int64)
    pairs = [(g, t) for g in cohorts.tolist() for t in range(n_periods) if design.base_of(g, t) >= 0]
    found = [_compare(panel, design, g, t) for g, t in pairs]
    cohort, period = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    att = np.array([one.att for one in found])
    after = period >= cohort
    if not np.isfinite(att[after]).any():
        reason = next((one.reason for one, is_after in zip(found, after, strict=True) if is_after and one.reason), None)
        raise NotEnoughData(
            "effects of a staggered start",
            found=reason or "no period at or after a start",
            todo="add units that are never treated, ask for not-yet-treated controls, or use fewer covariates",
        )
    return GroupTimes(
        panel=panel,
        cohorts=cohorts,
        cohort=cohort,
        period=period,
        att=att,
        influence=np.column_stack([one.influence for one in found]),
        n_treated=np.array([one.n_treated for one in found], dtype=np.int64),
        n_control=np.array([one.n_control for one in found], dtype=np.int64),
        is_base=np.array([design.base_of(g, t) == t for g, t in pairs], dtype=bool),
        reasons=tuple(one.reason for one in found),
        cells=_cells(panel, [one for one, is_after in zip(found, after, strict=True) if is_after]),
    )


@dataclass(frozen=True, eq=False)
class _Comparison:
    att: float
    influence: Floats
    n_treated: int
    n_control: int
    reason: str | None
    cohort: int
    period: int
    units: Codes
    expected: Floats


def _compare(panel: PanelMatrix, design: Design, cohort: int, period: int) -> _Comparison:
    base, n_units = design.base_of(cohort, period), len(panel.units)
    is_treated = panel.start == cohort
    is_control = design.controls(panel.start, cohort, max(base, period), len(panel.periods))
    seen = panel.is_there[:, period] & panel.is_there[:, base]
    used = np.flatnonzero((is_treated | is_control) & seen)
    n_treated, n_control = int((is_treated & seen).sum()), int((is_control & seen).sum())
    influence, nothing = np.zeros(n_units), np.zeros(0)

    def result(att: float, reason: str | None, units: Codes, expected: Floats) -> _Comparison:
        return _Comparison(att, influence, n_treated, n_control, reason, cohort, period, units, expected)

    if base == period:
        return result(0.0, None, used[:0], nothing)
    if not n_treated or not n_control:
        lacking = "no treated unit seen in both periods" if not n_treated else _no_control(design)
        return result(np.nan, lacking, used[:0], nothing)
    try:
        effect = two_by_two(
            panel.outcome[used, period] - panel.outcome[used, base],
            is_treated[used],
            covariates=panel.covariates[used, base],
            weights=panel.weights[used],
            method=design.method,
        )
    except NotEnoughData as refusal:
        return result(np.nan, refusal.found, used[:0], nothing)
    influence[used] = effect.influence * n_units / len(used)
    among = is_treated[used]
    expected = panel.outcome[used, base][among] + effect.expected_change[among]
    return result(effect.att, None, used[among], expected)


def _no_control(design: Design) -> str:
    if design.control == "never_treated":
        return 'no control: no unit is never treated (control="not_yet_treated" uses later starters)'
    return "no control: every unit is treated by then"


def _cells(panel: PanelMatrix, found: list[_Comparison]) -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = []
    for one in found:
        for place, expected in zip(one.units.tolist(), one.expected.tolist(), strict=True):
            observed = float(panel.outcome[place, one.period])
            labels = (panel.units[place], panel.periods[one.period], panel.periods[one.cohort])
            rows.append((*labels, observed, expected, observed - expected))
    return pd.DataFrame(rows, columns=["unit", "period", "cohort", "observed", "expected", "difference"])
