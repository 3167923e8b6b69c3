"""Sensitivity of a statistic: without each control, at pretended dates, and for outcomes that should not move."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from insight.core.estimate import Estimate
from insight.errors import InsightError, NotEnoughData, UsageError
from insight.stats.arrangements import as_mask
from insight.stats.panel_matrix import PanelMatrix
from insight.stats.rows import Floats
from insight.stats.unit_permutation import as_finite

Statistic = Callable[[PanelMatrix], float | Estimate]
"""From a panel to an effect, on the scale on which it should be read."""


@dataclass(frozen=True, eq=False)
class Placebos:
    """A statistic computed again and again under changes that should not matter.

    Parameters
    ----------
    table : DataFrame
        One row per run: its label (``unit``, ``periods_early`` and ``pretended_start``, or ``outcome``), ``effect``,
        ``low``, ``high`` (missing where the statistic gave no interval) and ``why_not``, the reason where there is no
        number.
    whole : float or None
        The statistic of the data as they are.
    low, high : float or None
        Smallest and largest effect in the table.
    words : tuple of str
        Short sentences for a reader.
    """

    table: pd.DataFrame
    whole: float | None
    low: float | None
    high: float | None
    words: tuple[str, ...]


def leave_one_control_out(panel: PanelMatrix, *, statistic: Statistic) -> Placebos:
    """The effect without each never-treated unit in turn.

    Parameters
    ----------
    panel : PanelMatrix
    statistic : callable
        From a panel to a float or an Estimate. A refusal of its own is written down, not raised.

    Raises
    ------
    NotEnoughData
        If there are fewer than 2 controls.
    """
    controls = np.flatnonzero(~panel.ever_treated)
    _require_controls(len(controls))
    runs = (({"unit": panel.units[place]}, _without(panel, place)) for place in controls.tolist())
    return _left_out(_table(runs, statistic), _value(statistic(panel))[0])


def leave_one_control_out_of_changes(
    changes: ArrayLike,
    *,
    treated: ArrayLike,
    weights: ArrayLike | None = None,
    units: Sequence[Any] | None = None,
) -> Placebos:
    """The mean change of treated units against the other units' without each control in turn, in closed form.

    Parameters
    ----------
    changes : (N,) array of float
    treated : (N,) array of bool
    weights : (N,) array of float, optional
        Positive.
    units : sequence of length N, optional
        Labels for the table; positions otherwise.

    Raises
    ------
    NotEnoughData
        If no unit is treated, or there are fewer than 2 controls.
    UsageError
        If a change is missing, a weight is not positive, or lengths differ.
    """
    values = as_finite(changes, "changes of units")
    actual = as_mask(treated, "treated units", length=len(values))
    weight = np.ones(len(values)) if weights is None else as_finite(weights, "weights of units")
    labels = list(range(len(values))) if units is None else list(units)
    if len(weight) != len(values) or len(labels) != len(values) or (weight <= 0).any():
        raise UsageError(
            "leaving one control out", found="weights or labels that do not fit", todo="give one of each per unit"
        )
    if not actual.any():
        raise NotEnoughData("leaving one control out", found="no treated unit", todo="name the treated units")
    _require_controls(int((~actual).sum()))
    mean = float(np.average(values[actual], weights=weight[actual]))
    rest, mass = values[~actual], weight[~actual]
    without = (mass @ rest - mass * rest) / (mass.sum() - mass)
    table = pd.DataFrame({"unit": [label for label, is_in in zip(labels, actual, strict=True) if not is_in]})
    table = table.assign(effect=mean - without, low=np.nan, high=np.nan, why_not="")
    return _left_out(table, mean - float(np.average(rest, weights=mass)))


def placebo_dates(
    panel: PanelMatrix,
    *,
    statistic: Statistic,
    periods_early: Sequence[int] | None = None,
    fewest_before: int = 1,
) -> Placebos:
    """The effect of starts that are pretended to be some periods before the true ones; it should be none.

    Every treated cell is taken away first, so that no run sees what came after a true start.

    Parameters
    ----------
    panel : PanelMatrix
    statistic : callable
        From a panel to a float or an Estimate. A refusal of its own is written down, not raised.
    periods_early : sequence of int, optional
        How many periods before the true start each run pretends; all that leave ``fewest_before`` periods by default.
    fewest_before : int
        Periods that must remain before the earliest pretended start.

    Raises
    ------
    NotEnoughData
        If no unit has a start within the data, or no period remains for any pretended start.
    UsageError
        If a number of periods is below one.
    """
    treated = panel.ever_treated
    if not treated.any():
        raise NotEnoughData("pretended starts", found="no start within the data", todo="give starts within it")
    first = int(panel.start[treated].min())
    early = range(1, first - fewest_before + 1) if periods_early is None else periods_early
    if fewest_before < 1 or any(number < 1 for number in early):
        raise UsageError(
            "pretended starts",
            found=f"periods_early={list(early)}, fewest_before={fewest_before}",
            todo="pretend starts at least one period early, with at least one period before them",
        )
    usable = [number for number in early if first - number >= fewest_before]
    if not usable:
        raise NotEnoughData(
            "pretended starts", found=f"{first} period(s) before the first start", todo="use a longer series before it"
        )
    untreated = _untreated_cells(panel)
    is_common = len(np.unique(panel.start[treated])) == 1

    def runs() -> Iterable[tuple[dict[str, Any], PanelMatrix]]:
        for number in sorted(usable, reverse=True):
            label = {
                "periods_early": number,
                "pretended_start": panel.periods[first - number] if is_common else None,
            }
            yield label, replace(untreated, start=np.where(treated, untreated.start - number, np.inf))

    table = _table(runs(), statistic)
    whole = _value(statistic(panel))[0]
    low, high = _range(table)
    words = [f"{len(table)} pretended start(s) before the true one, with the periods after it taken away."]
    if whole is not None and low is not None:
        larger = int((table["effect"].abs() >= abs(whole) * (1 - 1e-12)).sum())
        words.append(f"{larger} of them gave an effect as far from zero as the true start, on the statistic's scale.")
    return Placebos(table, whole, low, high, tuple(words))


def placebo_outcomes(panels: Mapping[str, PanelMatrix], *, statistic: Statistic) -> Placebos:
    """The same statistic for outcomes that the treatment should not move.

    Parameters
    ----------
    panels : mapping of str to PanelMatrix
        One panel per outcome, by its name.
    statistic : callable
        From a panel to a float or an Estimate. A refusal of its own is written down, not raised.

    Returns
    -------
    Placebos
        ``whole`` is None: none of these is the outcome in question.

    Raises
    ------
    NotEnoughData
        If there is no outcome.
    """
    if not panels:
        raise NotEnoughData("placebo outcomes", found="no outcome", todo="name at least one that should not move")
    table = _table((({"outcome": name}, panel) for name, panel in panels.items()), statistic)
    low, high = _range(table)
    return Placebos(table, None, low, high, (f"{len(table)} outcome(s) that should not move.",))


def _table(runs: Iterable[tuple[dict[str, Any], PanelMatrix]], statistic: Statistic) -> pd.DataFrame:
    rows = []
    for label, panel in runs:
        try:
            (effect, low, high), why_not = _value(statistic(panel)), ""
        except InsightError as error:
            effect, low, high, why_not = None, None, None, error.found
        if effect is None and not why_not:
            why_not = "the statistic gave no number"
        rows.append({**label, "effect": effect, "low": low, "high": high, "why_not": why_not})
    table = pd.DataFrame(rows)
    return table.astype({"effect": "float64", "low": "float64", "high": "float64"})


def _value(result: float | Estimate) -> tuple[float | None, float | None, float | None]:
    if isinstance(result, Estimate):
        return result.value, result.low, result.high
    number = float(result)
    return (number if np.isfinite(number) else None), None, None


def _range(table: pd.DataFrame) -> tuple[float | None, float | None]:
    found = table["effect"].dropna()
    return (float(found.min()), float(found.max())) if len(found) else (None, None)


def _left_out(table: pd.DataFrame, whole: float | None) -> Placebos:
    table = table.assign(change=table["effect"] - (np.nan if whole is None else whole))
    low, high = _range(table)
    words = [f"Each of {len(table)} controls was left out once."]
    if low is not None and high is not None:
        words.append(f"The effect then lay between {low:.3g} and {high:.3g}.")
    if table["change"].notna().any():
        most = table["unit"].iloc[int(table["change"].abs().fillna(-1.0).to_numpy().argmax())]
        words.append(f"Leaving out {most} moved it most.")
    missing = int(table["effect"].isna().sum())
    if missing:
        words.append(f"{missing} run(s) gave no number.")
    return Placebos(table, whole, low, high, tuple(words))


def _without(panel: PanelMatrix, place: int) -> PanelMatrix:
    return _keep_units(panel, np.arange(len(panel.units)) != place)


def _keep_units(panel: PanelMatrix, kept: NDArray[np.bool_]) -> PanelMatrix:
    return replace(
        panel,
        units=tuple(unit for unit, stays in zip(panel.units, kept.tolist(), strict=True) if stays),
        outcome=panel.outcome[kept],
        exposure=panel.exposure[kept],
        start=panel.start[kept],
        weights=panel.weights[kept],
        covariates=panel.covariates[kept],
    )


def _untreated_cells(panel: PanelMatrix) -> PanelMatrix:
    """The panel without its treated cells, and without the periods in which no treated unit has a cell left."""
    cells: Floats = np.where(panel.is_treated, np.nan, panel.outcome)
    last = int(panel.start[panel.ever_treated].max())
    return replace(
        panel,
        periods=panel.periods[:last],
        outcome=cells[:, :last],
        exposure=np.where(np.isfinite(cells), panel.exposure, np.nan)[:, :last],
        covariates=panel.covariates[:, :last],
    )


def _require_controls(count: int) -> None:
    if count < 2:
        raise NotEnoughData(
            "leaving one control out", found=f"{count} control(s)", todo="give at least two untreated units"
        )
