"""What a static two-way coefficient is made of: every comparison of two groups, with its weight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData
from insight.stats.panel_matrix import LeftOut, PanelMatrix, panel_matrix
from insight.stats.rows import Floats

NEVER_TREATED = "treated vs never"
ALWAYS_TREATED = "treated vs always treated"
EARLIER = "earlier vs later"
LATER = "later vs earlier (already treated)"


@dataclass(frozen=True, eq=False)
class GoodmanBacon:
    """A static two-way coefficient taken apart.

    Parameters
    ----------
    estimate : Estimate
        The coefficient, without an interval: the weighted sum of the comparisons.
    comparisons : DataFrame
        One row per comparison: ``cohort`` (whose treatment is judged), ``control`` (a start, missing for never),
        ``kind``, ``estimate``, ``weight``, ``n_treated``, ``n_control``. Weights are positive and add up to one.
    kinds : DataFrame
        One row per kind: its total ``weight`` and mean ``estimate``.
    left_out : tuple of LeftOut
    """

    estimate: Estimate
    comparisons: pd.DataFrame
    kinds: pd.DataFrame
    left_out: tuple[LeftOut, ...]

    @property
    def forbidden_weight(self) -> float:
        """Weight of the comparisons whose control is already treated."""
        forbidden = self.comparisons["kind"].isin([LATER, ALWAYS_TREATED])
        return float(self.comparisons.loc[forbidden, "weight"].sum())


def goodman_bacon(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    cohort: str,
    key: str = "goodman_bacon",
    term: str | None = None,
) -> GoodmanBacon:
    """Take the static two-way fixed effects coefficient apart into comparisons of two groups.

    Parameters
    ----------
    frame, outcome, unit, period, cohort, key, term
        As for `static_two_way`; every unit must have a value in every period.

    Returns
    -------
    GoodmanBacon

    Raises
    ------
    NotEnoughData
        If cells are missing, or nothing can be compared.
    UsageError
        If a column cannot be used.

    Notes
    -----
    Goodman-Bacon (2021), J Econometrics 225, 254-277, theorem 1. A comparison of a later cohort with an earlier one
    that is already treated takes changes of the earlier one's effect out of the later one's. Units treated in every
    period are kept apart as controls of their own kind.
    """
    panel = panel_matrix(frame, outcome=outcome, unit=unit, period=period, cohort=cohort)
    missing = int((~panel.is_there).sum())
    if missing:
        raise NotEnoughData(
            "taking a static two-way coefficient apart",
            found=f"{missing} of {panel.outcome.size} cells without a value",
            todo="leave out units or periods with gaps; the parts add up only where every cell has a value",
        )
    comparisons = _table(list(_comparisons(panel)))
    total = float(comparisons["weight"].sum())
    if not total > 0:
        raise NotEnoughData(
            "taking a static two-way coefficient apart",
            found="no two groups that differ in when they are treated",
            todo="give treated units with periods before and after their start, and others to compare with",
        )
    # The common denominator of the weights is the variance of treatment once both sets of effects are out.
    comparisons["weight"] /= total
    value = float((comparisons["weight"] * comparisons["estimate"]).sum())
    estimate = Estimate(
        key=key,
        term=term or f"Effect on {outcome}",
        value=value,
        unit=f"units of {outcome}",
        scale="difference",
        method=f"static two-way fixed effects as the weighted sum of {len(comparisons)} comparisons; no interval",
        null=0.0,
        n_rows=panel.outcome.size,
        n_units=len(panel.units),
    )
    return GoodmanBacon(estimate, comparisons, _by_kind(comparisons), panel.left_out)


def _table(rows: list[tuple[object, object, str, float, float, int, int]]) -> pd.DataFrame:
    names = ["cohort", "control", "kind", "estimate", "weight", "n_treated", "n_control"]
    kinds: list[type] = [object, object, str, float, float, int, int]
    # Labels stay as they are: a control that is never treated is missing among dates or years alike.
    return pd.DataFrame(
        {
            name: pd.Series([row[place] for row in rows], dtype=kind)
            for place, (name, kind) in enumerate(zip(names, kinds, strict=True))
        }
    )


def _by_kind(comparisons: pd.DataFrame) -> pd.DataFrame:
    weighted = comparisons.assign(estimate=comparisons["weight"] * comparisons["estimate"])
    kinds = weighted.groupby("kind", sort=False)[["weight", "estimate"]].sum()
    return kinds.assign(estimate=kinds["estimate"] / kinds["weight"]).reset_index()


def _comparisons(panel: PanelMatrix) -> Iterator[tuple[object, object, str, float, float, int, int]]:
    """Comparisons with weights before they are scaled to add up to one."""
    n_units, n_periods = panel.outcome.shape
    starts = np.minimum(panel.start, n_periods).astype(np.int64)
    means = {start: panel.outcome[starts == start].mean(axis=0) for start in np.unique(starts).tolist()}
    size = {start: int((starts == start).sum()) for start in means}
    cohorts = [start for start in means if 0 < start < n_periods]
    label = {start: panel.periods[start] for start in means if start < n_periods} | {n_periods: None}
    for cohort in cohorts:
        for control, kind in ((n_periods, NEVER_TREATED), (0, ALWAYS_TREATED)):
            if control in means:
                effect, spread = _compare(means[cohort], means[control], cohort, slice(0, n_periods))
                weight = _pair(size[cohort], size[control], n_units) * spread
                yield label[cohort], label[control], kind, effect, weight, size[cohort], size[control]
    for earlier in cohorts:
        for later in (start for start in cohorts if start > earlier):
            pair = _pair(size[earlier], size[later], n_units)
            effect, spread = _compare(means[earlier], means[later], earlier, slice(0, later))
            yield label[earlier], label[later], EARLIER, effect, pair * spread, size[earlier], size[later]
            effect, spread = _compare(means[later], means[earlier], later - earlier, slice(earlier, n_periods))
            yield label[later], label[earlier], LATER, effect, pair * spread, size[later], size[earlier]


def _pair(n_treated: int, n_control: int, n_units: int) -> float:
    """The two groups' share of the units, squared, times the variance of belonging to one of them."""
    return n_treated * n_control / n_units**2


def _compare(treated: Floats, control: Floats, start: int, window: slice) -> tuple[float, float]:
    """Difference of two groups' changes in a window at whose position ``start`` one of them starts.

    Also the number of periods squared, times the variance of treatment over the window.
    """
    gap = (treated - control)[window]
    return float(gap[start:].mean() - gap[:start].mean()), float(start * (len(gap) - start))
