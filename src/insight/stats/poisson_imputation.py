"""Counts after staggered starts against counts imputed from untreated cells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData
from insight.stats.distributions import check_level
from insight.stats.imputed_assignments import (
    Weighting,
    check_weighting,
    compared_cells,
    impute_for_assignments,
    log_ratios,
)
from insight.stats.panel_columns import season_codes
from insight.stats.panel_matrix import LeftOut, PanelMatrix, panel_matrix
from insight.stats.rows import Codes, Floats
from insight.stats.unit_changes import check_spans
from insight.stats.untreated_fit import Effects, Layout, fit_untreated, lay_out

__all__ = ["PoissonImputation", "impute_for_assignments", "poisson_imputation"]


@dataclass(frozen=True, eq=False)
class PoissonImputation:
    """Treated cells against what untreated cells say they would have been.

    Parameters
    ----------
    estimate : Estimate
        The rate ratio. It has no interval: permute units or starts with `impute_for_assignments`.
    log_ratio : float
    weighting : {"event", "unit"}
    n_treated, n_controls : int
        Treated units compared, and units never treated that the fit rests on.
    by_unit : DataFrame
        unit, start, n_periods, observed, expected, ratio: one row per treated unit.
    by_event_time : DataFrame
        event_time (0 in the first treated period), span, observed, expected, ratio, n_units. In the span "before" the
        expected counts were fitted to the observed ones: these ratios are residuals, which hide part of any trend.
        "gap" was neither fitted nor compared; "after" is what the estimate adds up.
    cells : DataFrame
        unit, period, event_time, span ("control", "before", "gap", "after"), observed, exposure, expected. Cells
        outside the windows, and cells that cannot be imputed, are not in it.
    left_out : tuple of LeftOut
    """

    estimate: Estimate
    log_ratio: float
    weighting: Weighting
    n_treated: int
    n_controls: int
    by_unit: pd.DataFrame
    by_event_time: pd.DataFrame
    cells: pd.DataFrame
    left_out: tuple[LeftOut, ...]


def poisson_imputation(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    cohort: str,
    exposure: str | None = None,
    season: str | None = None,
    gap: int = 0,
    pre: int | None = None,
    post: int | None = None,
    level: float = 0.95,
    weighting: Weighting = "event",
    key: str = "poisson_imputation",
    term: str = "Rate at treated units over the rate imputed from untreated cells",
) -> PoissonImputation:
    """Fit effects of unit and period to untreated cells, impute the treated ones, and compare.

    Parameters
    ----------
    frame, outcome, unit, period, cohort, exposure
        As for `panel_matrix`; counts, none negative. Starts may differ between units, and all units may be treated in
        the end.
    season : str, optional
        A column that each period has one value of, such as the calendar month: then the unit effects are of unit by
        season.
    gap : int
        Periods right before each start that are left out as anticipation.
    pre, post : int, optional
        Periods before (the gap not counted) and from each start that are used. Units never treated, and periods in
        common, run from the earliest of these to the last. All periods by default.
    level : float
        Carried along for whoever adds an interval.
    weighting : {"event", "unit"}
        All observed over all imputed counts, or the geometric mean of the treated units' own ratios.
    key, term : str
        Of the Estimate.

    Returns
    -------
    PoissonImputation

    Raises
    ------
    UsageError
        If a column or an argument cannot be used.
    NotEnoughData
        If no treated cell can be imputed, or the fit does not settle.

    Notes
    -----
    Borusyak, Jaravel & Spiess (2024), Rev Econ Studies 91, 3253-3285, with the multiplicative model of Wooldridge
    (2023), Econometrics Journal 26, C31-C66. Only untreated cells are fitted, so effects that grow or differ between
    units do no harm, as they do in static two-way effects. Consistent whatever the distribution of the counts.
    A treated unit's season without events before its start is imputed as zero, which keeps the sum without bias.
    """
    check_level(level)
    check_spans(pre, post, gap)
    check_weighting(weighting)
    matrix = panel_matrix(
        frame, outcome=outcome, unit=unit, period=period, cohort=cohort, exposure=exposure, is_count=True
    )
    seasons = season_codes(frame, matrix, season=season, period=period)
    if not matrix.ever_treated.any():
        raise _nothing("no treated unit within the data")
    layout = lay_out(matrix.outcome, matrix.exposure, matrix.start[None, :], gap=gap, pre=pre, post=post)
    effects = fit_untreated(layout, seasons)
    if not effects.settled[0]:
        raise _nothing("effects that do not settle: some counts of zero leave them without a finite value")
    cells = _cells(matrix, layout, effects, seasons)
    left_out = _left_out(matrix, layout, effects, seasons)
    by_unit = _by_unit(cells, matrix)
    if by_unit.empty:
        raise _nothing("no treated cell that untreated cells can impute; " + _reasons(left_out))
    log_ratio = float(log_ratios(_row(by_unit["observed"]), _row(by_unit["expected"]), weighting)[0])
    if not math.isfinite(log_ratio):
        raise _nothing("no event observed, or none expected, at treated cells")
    if weighting == "unit":
        without = by_unit[(by_unit["observed"] == 0) | (by_unit["expected"] == 0)]
        left_out += [LeftOut(each, None, "a count of zero, which has no log") for each in without["unit"]]
    controls = cells.loc[cells["span"] == "control", "unit"].nunique()
    n_treated = len(by_unit) - (len(without) if weighting == "unit" else 0)
    estimate = Estimate(
        key=key,
        term=term,
        value=math.exp(log_ratio),
        unit="rate ratio",
        scale="ratio",
        method=_method(unit, season, pre, post, gap, weighting, int(cells["span"].isin(["control", "before"]).sum())),
        level=level,
        null=1.0,
        n_rows=int((cells["span"] == "after").sum()),
        n_units=n_treated + int(controls),
    )
    return PoissonImputation(
        estimate=estimate,
        log_ratio=log_ratio,
        weighting=weighting,
        n_treated=n_treated,
        n_controls=int(controls),
        by_unit=by_unit,
        by_event_time=_by_event_time(cells),
        cells=cells,
        left_out=(*matrix.left_out, *left_out),
    )


def _cells(matrix: PanelMatrix, layout: Layout, effects: Effects, seasons: Codes) -> pd.DataFrame:
    imputed, usable = (each[0] for each in compared_cells(layout, effects, seasons))
    there, shape = matrix.is_there, matrix.outcome.shape
    expected, span = np.zeros(shape), np.full(shape, "", dtype=object)
    controls = (layout.is_control[0] > 0)[:, None] & (layout.window[0] > 0)[None, :] & there
    fitted = layout.exposure * effects.controls[0][:, seasons] * effects.periods[0]
    expected[controls], span[controls] = fitted[controls], "control"
    rows = layout.rows[0]
    place = np.arange(shape[1])[None, :]
    # The gap lies between the last untreated cell and the start; what is before the window is in no span.
    first = np.where(layout.untreated[0].any(axis=1), layout.untreated[0].argmax(axis=1), shape[1])[:, None]
    is_gap = there[rows] & (place >= first) & (place < matrix.start[rows][:, None]) & ~layout.untreated[0]
    for name, mask in (("before", layout.untreated[0]), ("gap", is_gap), ("after", layout.after[0])):
        unit_place, period_place = np.nonzero(mask & usable)
        at = (rows[unit_place], period_place)
        expected[at], span[at] = imputed[unit_place, period_place], name
    i, t = np.nonzero(span != "")
    treated = matrix.ever_treated[i]
    return pd.DataFrame(
        {
            "unit": np.array(matrix.units, dtype=object)[i],
            "period": [matrix.periods[each] for each in t],
            "event_time": np.where(treated, t - np.where(treated, matrix.start[i], 0.0), np.nan),
            "span": span[i, t].astype(str),
            "observed": matrix.outcome[i, t],
            "exposure": matrix.exposure[i, t],
            "expected": expected[i, t],
        }
    ).infer_objects()


def _by_unit(cells: pd.DataFrame, matrix: PanelMatrix) -> pd.DataFrame:
    after = cells[cells["span"] == "after"]
    table = after.groupby("unit", sort=True, as_index=False).agg(
        n_periods=("observed", "size"), observed=("observed", "sum"), expected=("expected", "sum")
    )
    start = {name: matrix.periods[int(matrix.start[place])] for place, name in _treated(matrix)}
    table.insert(1, "start", [start[each] for each in table["unit"]])
    return _with_ratio(table)


def _by_event_time(cells: pd.DataFrame) -> pd.DataFrame:
    treated = cells[cells["span"] != "control"].astype({"event_time": np.int64})
    table = treated.groupby(["event_time", "span"], sort=True, as_index=False).agg(
        observed=("observed", "sum"), expected=("expected", "sum"), n_units=("unit", "nunique")
    )
    table = _with_ratio(table)
    return table[["event_time", "span", "observed", "expected", "ratio", "n_units"]]


def _with_ratio(table: pd.DataFrame) -> pd.DataFrame:
    expected = table["expected"].to_numpy(dtype=np.float64)
    observed = table["observed"].to_numpy(dtype=np.float64)
    ratio = np.divide(observed, expected, out=np.full(len(table), np.nan), where=expected > 0)
    return table.assign(ratio=ratio)


def _left_out(matrix: PanelMatrix, layout: Layout, effects: Effects, seasons: Codes) -> list[LeftOut]:
    """Treated units and cells that cannot be imputed, by name."""
    found: list[LeftOut] = []
    windowed = layout.window[0] > 0
    used = (layout.is_control[0] > 0) @ (layout.exposure > 0) * windowed + layout.untreated[0].sum(axis=0)
    for k, row in enumerate(layout.rows[0]):
        mine, name = layout.untreated[0, k], matrix.units[row]
        if not layout.after[0, k].any():
            found.append(LeftOut(name, None, "a treated unit without a period after its start"))
            continue
        if not mine.any():
            found.append(LeftOut(name, None, "a treated unit without an untreated period to fit"))
            continue
        if layout.outcome[row][mine].sum() == 0:
            found.append(LeftOut(name, None, "a treated unit without any event before its start"))
            continue
        tied = effects.treated_tied[0, k][seasons] & effects.periods_tied[0]
        for t in np.flatnonzero(layout.after[0, k] & ~tied):
            if not (mine & (seasons == seasons[t])).any():
                reason = "a season that the unit has not before its start"
            elif used[t] == 0:
                reason = "a period without any untreated unit"
            else:
                reason = "not tied to the other units by untreated periods in common"
            found.append(LeftOut(name, matrix.periods[t], reason))
    return found


def _treated(matrix: PanelMatrix) -> list[tuple[int, Any]]:
    return [(int(place), matrix.units[place]) for place in np.flatnonzero(matrix.ever_treated)]


def _row(column: pd.Series) -> Floats:
    return np.asarray(column.to_numpy(dtype=np.float64)[None, :])


def _reasons(left_out: list[LeftOut]) -> str:
    return "; ".join(dict.fromkeys(each.reason for each in left_out)) or "none is in the window"


def _method(
    unit: str, season: str | None, pre: int | None, post: int | None, gap: int, weighting: str, n_cells: int
) -> str:
    effects = f"{unit} x {season}" if season else unit
    windows = [f"{pre} periods before"] if pre is not None else []
    windows += [f"{post} after"] if post is not None else []
    windows += [f"a gap of {gap}"] if gap else []
    words = "sums over all treated cells" if weighting == "event" else "mean log ratio over treated units"
    return (
        f"Poisson imputation, effects of {effects} and period fitted to {n_cells} untreated cells"
        f"{', ' if windows else ''}{', '.join(windows)}; {words}; no interval of its own: permute units"
    )


def _nothing(found: str) -> NotEnoughData:
    return NotEnoughData(
        "a Poisson imputation",
        found=found,
        todo="use units with untreated periods before their start, and periods with untreated units",
    )
