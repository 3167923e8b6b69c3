"""Curves of spells as estimates: medians, shares by a time and between two times, chances after a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import pandas as pd

from insight.core.estimate import Estimate, Scale
from insight.errors import NotEnoughData
from insight.stats import KaplanMeier, Turnbull, kaplan_meier, turnbull
from insight.studies.getting_to_good._national import Step, Stretch

SEED = 20260618
DRAWS = 500
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Row:
    """One spell for a curve.

    Parameters
    ----------
    area : str
    years : float
        From the clock's start to the event, or to the last day without it.
    is_event : bool
    known_without : float
        Years to the last report that shows that the event had not come.
    entry : float
        Years from the clock's start to the day on which the spell was first watched.
    """

    area: str
    years: float
    is_event: bool
    known_without: float = 0.0
    entry: float = 0.0


def until_published(rows: Sequence[Row], *, delayed: bool = False) -> KaplanMeier:
    """The Kaplan-Meier curve to publication, with log-log bands.

    Raises
    ------
    NotEnoughData
        If there is no event.
    """
    frame = pd.DataFrame(
        {
            "years": [row.years for row in rows],
            "event": [float(row.is_event) for row in rows],
            "entry": [row.entry for row in rows],
        }
    )
    return kaplan_meier(
        frame, duration="years", event="event", entry="entry" if delayed else None, conf_type="log_log", unit="years"
    )


def until_changed(rows: Sequence[Row]) -> Turnbull:
    """Turnbull's curve of the change itself, between the last report without it and the first one with it.

    Raises
    ------
    NotEnoughData
        If there is no event, or the fit does not arrive.
    """
    frame = pd.DataFrame(
        {
            "area": [row.area for row in rows],
            "left": [row.known_without for row in rows],
            "right": [row.years if row.is_event else math.inf for row in rows],
        }
    )
    return turnbull(frame, left="left", right="right", unit_column="area", seed=SEED, draws=DRAWS, unit="years")


def found_or_reason(
    key: str, term: str, rows: Sequence[Row], make: Callable[[], Estimate], *, scale: Scale = "years"
) -> Estimate:
    """An estimate under its key and words, or one without a number that says why."""
    unit = "years" if scale == "years" else "percent"
    sized = {"n_rows": len(rows), "n_units": len(rows), "n_authorities": len({row.area for row in rows})}
    try:
        found = make()
    except NotEnoughData as reason:
        return Estimate(key, term, None, unit, scale, f"not given: {reason.found}", **sized)  # type: ignore[arg-type]
    return replace(found, key=key, term=term, unit=unit, scale=scale, **sized)  # type: ignore[arg-type]


def gone_by(estimate: Estimate) -> Estimate:
    """The share with the event, from the share without it."""
    ends = [None if end is None else 100 - end for end in (estimate.high, estimate.low)]
    value = None if estimate.value is None else 100 - estimate.value
    return replace(estimate, value=value, low=ends[0], high=ends[1])


def share_between(curve: KaplanMeier, low: float, high: float) -> Estimate:
    """Percent with the event after one time and up to another.

    The curve at the earlier time less that at the later one. The two parts of its error are independent: that of the
    earlier height, and that of the further fall, each by Greenwood's sum. The interval is symmetric on the log-log
    scale. It is the cumulative incidence of events inside the stretch, with those before it as the competing ones.
    """
    cells = curve.cells
    if high > curve.last:
        raise NotEnoughData("a share between two times", found="nobody was followed for so long", todo="ask for less")
    before, within = cells[cells["time"] <= low], cells[(cells["time"] > low) & (cells["time"] <= high)]
    height, error = _greenwood(before)
    further, fall_error = _greenwood(within)
    value = height * (1 - further)
    method = f"{curve.method}; difference of two heights, log-log interval"
    if not 0 < value < 1:
        return Estimate("", "", 100 * value, "percent", "percent", f"{method}: none at the edge")
    spread = math.sqrt((error * value) ** 2 + (height * further * fall_error) ** 2)
    half = NormalDist().inv_cdf((1 + LEVEL) / 2) * spread / abs(value * math.log(value))
    ends = (value ** math.exp(half), value ** math.exp(-half))
    return Estimate(
        "", "", 100 * value, "percent", "percent", method, std_error=100 * spread, low=100 * ends[0], high=100 * ends[1]
    )


def placed_between(rows: Sequence[Row], low: float, high: float) -> tuple[int, int]:
    """How many rows must have had the event after one time and up to another by their reports, and how many can have.

    The event lies after the last report without it, up to the first one with it; without an end in an open spell.
    """
    stretches = [(row.known_without, row.years if row.is_event else math.inf) for row in rows]
    must = sum(low <= without and by <= high for without, by in stretches)
    return must, sum(max(without, low) < min(by, high) for without, by in stretches)


def _greenwood(cells: pd.DataFrame) -> tuple[float, float]:
    """How far a curve falls over some cells, as a factor, and the factor's relative error."""
    factor, total = 1.0, 0.0
    for risk, events in zip(cells["at_risk"].tolist(), cells["events"].tolist(), strict=True):
        factor *= 1 - events / risk
        total += events / (risk * (risk - events)) if risk > events else 0.0
    return factor, math.sqrt(total)


def steps_of(curve: KaplanMeier) -> tuple[Step, ...]:
    """The curve's steps, the last one at the longest time followed."""
    cells = curve.cells
    columns = ("time", "at_risk", "survival", "low", "high")
    found = [
        Step(time, int(at_risk), 100 * survival, _percent(low), _percent(high))
        for time, at_risk, survival, low, high in zip(*(cells[name].tolist() for name in columns), strict=True)
    ]
    last = found[-1]
    ended = [] if last.time >= curve.last else [replace(last, time=curve.last, at_risk=curve.at_risk(curve.last))]
    return (*found, *ended)


def stretches_of(curve: Turnbull) -> tuple[Stretch, ...]:
    """The stretches that hold mass, in order."""
    cells = curve.cells
    columns = ("left", "right", "survival")
    return tuple(
        Stretch(left, right if math.isfinite(right) else None, 100 * survival)
        for left, right, survival in zip(*(cells[name].tolist() for name in columns), strict=True)
    )


def _percent(share: float) -> float | None:
    return None if math.isnan(share) else 100 * share
