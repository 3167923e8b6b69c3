"""One number per unit: the log of its rate after the start over its rate before, compared by a pooled t."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import t_quantile, t_tails
from insight.stats.panel_columns import season_codes
from insight.stats.panel_matrix import LeftOut, PanelMatrix, panel_matrix
from insight.stats.rows import Codes
from insight.stats.unit_changes import UnitSpans, check_spans, unit_changes, unit_spans

__all__ = ["CollapsedChange", "UnitSpans", "collapsed_change", "unit_changes", "unit_spans"]

Weighting = Literal["unit", "event"]


@dataclass(frozen=True, eq=False)
class CollapsedChange:
    """The mean log change of the treated units less that of the controls.

    Parameters
    ----------
    estimate : Estimate
        The rate ratio with its pooled t interval.
    log_change, log_std_error : float
        Difference of the mean log changes, and its standard error.
    dof : int
        Units less two.
    p_value : float
        Two-sided, Student's t.
    treated_mean, control_mean : float
        Mean log changes; with several starts the controls' mean around each treated unit's own start.
    n_treated, n_controls : int
    cells : DataFrame
        unit, is_treated, start, pre_count, post_count, pre_exposure, post_exposure, expected, log_change. One row per
        unit; a control has one row for each start. ``expected`` is the count after the start at the unit's own rate
        before it, season by season; ``log_change`` is the log of post_count over it.
    left_out : tuple of LeftOut
    """

    estimate: Estimate
    log_change: float
    log_std_error: float
    dof: int
    p_value: float
    treated_mean: float
    control_mean: float
    n_treated: int
    n_controls: int
    cells: pd.DataFrame
    left_out: tuple[LeftOut, ...]


def collapsed_change(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    cohort: str,
    exposure: str | None = None,
    season: str | None = None,
    pre: int | None = None,
    post: int | None = None,
    gap: int = 0,
    level: float = 0.95,
    weighting: Weighting = "unit",
    key: str = "collapsed_change",
    term: str = "Change of the rate at treated units, less that at untreated units",
) -> CollapsedChange:
    """Collapse every unit to one log change and compare treated with untreated units by a pooled two-sample t.

    Parameters
    ----------
    frame, outcome, unit, period, cohort, exposure
        As for `panel_matrix`; counts, none negative. Controls are the units never treated within the data.
    season : str, optional
        A column that each period has one value of, such as the calendar month. Only seasons that a unit has both
        before and after are used, and its rates before are weighted by its exposure after, so that both spans have
        the same calendar mix.
    pre, post : int, optional
        Periods used before and from the start; all of them by default.
    gap : int
        Periods right before the start that are left out as anticipation.
    level : float
        Level of the interval.
    weighting : {"unit", "event"}
        Every unit alike, or by the count expected after the start, with errors that shrink with that count.
    key, term : str
        Of the Estimate.

    Returns
    -------
    CollapsedChange
        With several starts each treated unit is compared with the controls' mean change around its own start.

    Raises
    ------
    UsageError
        If a column or an argument cannot be used.
    NotEnoughData
        If no treated unit or no control has a change, or there are fewer than three in all.

    Notes
    -----
    One number per unit makes serial correlation within units harmless: Bertrand, Duflo & Mullainathan (2004),
    Quarterly J Economics 119, 249-275. Student's t with units - 2 degrees of freedom: Donald & Lang (2007), Rev Econ
    Stat 89, 221-233; it needs changes that vary as much at treated as at untreated units and are close to normal.
    With several starts the variance is pooled over the changes around each single start, so it is if anything large.
    """
    check_spans(pre, post, gap)
    if weighting not in ("unit", "event"):
        raise UsageError("a collapsed change", found=f"weighting={weighting!r}", todo='ask for "unit" or "event"')
    matrix = panel_matrix(
        frame, outcome=outcome, unit=unit, period=period, cohort=cohort, exposure=exposure, is_count=True
    )
    seasons = season_codes(frame, matrix, season=season, period=period)
    cells, left_out = _collapse(matrix, seasons, pre=pre, post=post, gap=gap)
    compared = _compare(cells, weighting)
    half = t_quantile(level, compared.dof) * compared.error
    if abs(compared.difference) + half > 50:
        raise _too_little("an interval too wide to write down as a ratio")
    estimate = Estimate(
        key=key,
        term=term,
        value=math.exp(compared.difference),
        unit="rate ratio",
        scale="ratio",
        method=_method(season, pre, post, gap, weighting, compared.dof),
        low=math.exp(compared.difference - half),
        high=math.exp(compared.difference + half),
        level=level,
        null=1.0,
        n_rows=len(cells),
        n_units=compared.n_treated + compared.n_controls,
    )
    return CollapsedChange(
        estimate=estimate,
        log_change=compared.difference,
        log_std_error=compared.error,
        dof=compared.dof,
        p_value=t_tails(compared.difference / compared.error, compared.dof),
        treated_mean=compared.treated_mean,
        control_mean=compared.treated_mean - compared.difference,
        n_treated=compared.n_treated,
        n_controls=compared.n_controls,
        cells=cells,
        left_out=(*matrix.left_out, *left_out),
    )


@dataclass(frozen=True)
class _Compared:
    difference: float
    error: float
    dof: int
    treated_mean: float
    n_treated: int
    n_controls: int


def _collapse(
    matrix: PanelMatrix, seasons: Codes, *, pre: int | None, post: int | None, gap: int
) -> tuple[pd.DataFrame, list[LeftOut]]:
    """The table of changes, without the units that have none, and these by name."""
    treated = matrix.ever_treated
    units = np.array(matrix.units, dtype=object)
    kept, gone = [], []
    for start in (int(each) for each in np.unique(matrix.start[treated])):
        spans = unit_spans(matrix, start, pre=pre, gap=gap, post=post, seasons=seasons)
        columns: dict[str, Any] = {
            "unit": units,
            "is_treated": matrix.start == start,
            "start": [matrix.periods[start]] * len(units),
            "pre_count": spans.pre_count,
            "post_count": spans.post_count,
            "pre_exposure": spans.pre_exposure,
            "post_exposure": spans.post_exposure,
            "expected": spans.expected,
            "log_change": spans.log_change,
        }
        table = pd.DataFrame(columns)[~treated | (matrix.start == start)]
        without = table["log_change"].isna()
        if (table["is_treated"] & ~without).any():
            kept.append(table[~without])
            gone.append(table[without])
        else:  # Nothing to compare around this start, so no control needs a change around it.
            gone.append(table[without & table["is_treated"]])
    if not kept:
        raise _too_little("no treated unit with a change" if treated.any() else "no treated unit")
    # A control must have a change around every start, or the starts would be compared with different controls.
    lost = pd.concat(gone).drop_duplicates("unit")
    left_out = [LeftOut(row["unit"], None, _reason(row)) for _, row in lost.iterrows()]
    cells = pd.concat(kept)
    cells = cells[~cells["unit"].isin(lost["unit"])]
    return cells.sort_values("is_treated", ascending=False, kind="stable").reset_index(drop=True), left_out


def _reason(row: pd.Series) -> str:
    who = "a treated unit" if row["is_treated"] else "a control"
    around = f"around the start {row['start']}"
    if row["pre_exposure"] == 0:
        return f"{who} that lacks comparable periods before or after, {around}"
    span = "before" if row["pre_count"] == 0 else "after"
    return f"{who} with no event {span} the start: its log change does not exist, {around}"


def _compare(cells: pd.DataFrame, weighting: Weighting) -> _Compared:
    n_treated = int(cells["is_treated"].sum())
    n_controls = int(cells.loc[~cells["is_treated"], "unit"].nunique())
    if not n_treated or not n_controls or n_treated + n_controls < 3:
        raise _too_little(f"{n_treated} treated unit(s) and {n_controls} control(s) with a change")
    weights = cells["expected"] if weighting == "event" else pd.Series(1.0, index=cells.index)
    weights = weights / weights.mean()
    treated = cells[cells["is_treated"]]
    total = float(weights[treated.index].sum())
    squares, precision, per_start = 0.0, 0.0, []
    for _, group in cells.groupby("start", sort=True):
        controls, own = group[~group["is_treated"]], group[group["is_treated"]]
        w = weights[controls.index]
        mean = float((w * controls["log_change"]).sum() / w.sum())
        part = float(weights[own.index].sum()) / total
        squares += part * float((w * (controls["log_change"] - mean) ** 2).sum())
        precision += part / float(w.sum())
        per_start.append(own["log_change"] - mean)
    adjusted = pd.concat(per_start)
    own_weights = weights[adjusted.index]
    difference = float((own_weights * adjusted).sum() / total)
    squares += float((own_weights * (adjusted - difference) ** 2).sum())
    dof = n_treated + n_controls - 2
    error = math.sqrt(squares / dof * (1 / total + precision))
    if error <= 1e-12:
        raise _too_little("changes that do not vary between units, so there is no error to measure")
    mean_treated = float((own_weights * treated["log_change"]).sum() / total)
    return _Compared(difference, error, dof, mean_treated, n_treated, n_controls)


def _method(season: str | None, pre: int | None, post: int | None, gap: int, weighting: str, dof: int) -> str:
    before = "all periods before" if pre is None else f"{pre} periods before"
    after = "all from the start" if post is None else f"{post} from the start"
    left = f", {gap} right before it left out" if gap else ""
    matched = f"; matched by {season}" if season else ""
    words = "every unit alike" if weighting == "unit" else "weighted by expected count"
    return f"log change per unit, {before}, {after}{left}{matched}; {words}; pooled t({dof})"


def _too_little(found: str) -> NotEnoughData:
    return NotEnoughData(
        "a collapsed change", found=found, todo="use more units, a longer span, or units with events in both spans"
    )
