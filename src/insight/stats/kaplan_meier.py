"""Kaplan-Meier curves with Greenwood's bands and quantiles with intervals."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import check_level, normal_quantile
from insight.stats.panel_matrix import LeftOut
from insight.stats.rows import Floats
from insight.stats.spells import Spells, read_spells

ConfType = Literal["log", "log_log", "plain"]

FEWEST_AT_RISK = 10
"""Fewer at risk than this, and no conditional chance is given."""
_FLAT = 1e-8
"""Chances closer than this are equal: products of fractions are not exact."""


@dataclass(frozen=True, eq=False)
class KaplanMeier:
    """A Kaplan-Meier curve.

    Parameters
    ----------
    cells : DataFrame
        One row per time with an event: time, at_risk, events, survival (0 to 1), std_error (Greenwood), low, high. The
        last two and the error are missing where the curve has come down to zero.
    median : Estimate
        Time by which half have had the event; ends of the interval are where the bands cross one half. An end, or the
        value, is None where its curve stays above one half.
    n_rows, n_events : int
    last : float
        The longest time seen.
    conf_type : str
    level : float
    unit : str
        Of the times.
    method : str
    notes : tuple of str
    left_out : tuple of LeftOut
        ``unit`` is the row's label.
    """

    cells: pd.DataFrame
    median: Estimate
    n_rows: int
    n_events: int
    last: float
    conf_type: ConfType
    level: float
    unit: str
    method: str
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    _spells: Spells

    @property
    def estimate(self) -> Estimate:
        """The median."""
        return self.median

    def quantile(self, share: float) -> Estimate:
        """Time by which this share have had the event, with its interval.

        Raises
        ------
        UsageError
            If the share is not between 0 and 1.
        """
        if not 0 < share < 1:
            raise UsageError("a quantile of survival", found=f"share={share}", todo="give a share between 0 and 1")
        return _quantile(self.cells, share, self.unit, self.method, self.level, self.n_rows)

    def at(self, time: float) -> Estimate:
        """Percent without the event by a time; no number beyond the longest time seen."""
        method = self.method if time <= self.last else f"{self.method}; nobody was seen for so long"
        row = self.cells[self.cells["time"] <= time].tail(1)
        values: list[float | None] = [None, None, None]
        if time <= self.last:
            found = (100.0, None, None) if row.empty else tuple(100 * row[["survival", "low", "high"]].to_numpy()[0])
            values = [None if each is None or np.isnan(each) else float(each) for each in found]
        return Estimate(
            key="survival",
            term=f"Without the event by {time:g} {self.unit}",
            value=values[0],
            unit="percent",
            scale="percent",
            method=method,
            low=values[1],
            high=values[2],
            level=self.level,
            n_rows=self.n_rows,
        )

    def at_risk(self, time: float) -> int:
        """How many were watched, and without the event, right before a time."""
        spells = self._spells
        return int(((spells.seen_from < time) & (spells.duration >= time)).sum())

    def chance(self, time: float, *, given: float) -> Estimate:
        """Percent who have the event by a time, among those without it at an earlier one.

        Raises
        ------
        UsageError
            If the times are not in order.
        NotEnoughData
            With fewer than 10 at risk after the earlier time, or a time beyond the last event.
        """
        last_event = float(self.cells["time"].iloc[-1])
        asked = f"the chance by {time:g} of those without the event at {given:g}"
        if not 0 <= given < time:
            raise UsageError(asked, found="times that are not in order", todo="give an earlier time, then a later one")
        after = self.cells[(self.cells["time"] > given) & (self.cells["time"] <= time)]
        watched = self._watched_after(given)
        if watched < FEWEST_AT_RISK or time > last_event:
            raise NotEnoughData(
                asked,
                found=f"{watched} at risk after {given:g}, and a last event at {last_event:g}",
                todo=f"ask with at least {FEWEST_AT_RISK} at risk and a time up to the last event",
            )
        survival = np.cumprod(1 - after["events"].to_numpy(dtype=float) / after["at_risk"].to_numpy(dtype=float))
        value, low, high = 0.0, None, None
        if len(after):
            risk, events = after["at_risk"].to_numpy(dtype=float), after["events"].to_numpy(dtype=float)
            bands = _bands(survival, risk, events, self.conf_type, normal_quantile(self.level))
            value = float(100 * (1 - survival[-1]))
            low, high = (None if np.isnan(end[-1]) else float(100 * (1 - end[-1])) for end in (bands[1], bands[0]))
        return Estimate(
            key="chance",
            term=f"Had the event by {time:g} {self.unit}, among those without it at {given:g}",
            value=value,
            unit="percent",
            scale="percent",
            method=f"{self.method}; {watched} at risk after {given:g}",
            low=low,
            high=high,
            level=self.level,
            n_rows=watched,
        )

    def _watched_after(self, time: float) -> int:
        spells = self._spells
        return int(((spells.seen_from <= time) & (spells.duration > time)).sum())


def kaplan_meier(
    frame: pd.DataFrame,
    *,
    duration: str,
    event: str,
    entry: str | None = None,
    conf_type: ConfType = "log",
    level: float = 0.95,
    unit: str = "units of time",
    key: str = "median",
    term: str = "Median time to the event",
) -> KaplanMeier:
    """Kaplan-Meier curve with Greenwood's error, and the median with its interval.

    Parameters
    ----------
    frame : DataFrame
        One row per spell; left as it was.
    duration, event : str
        Columns: time at which the spell ended, and 1 (or true) where it ended in the event, 0 where it was cut short.
    entry : str, optional
        Column of delayed entry. A spell counts as at risk only after it; ties of entry and event are not at risk.
    conf_type : {"log", "log_log", "plain"}
        Scale on which the band is symmetric.
    level : float
    unit, key, term : str
        Of the times, and names of the median.

    Raises
    ------
    UsageError
        If a column or option cannot be used, or a duration is negative.
    NotEnoughData
        If no row is complete or no spell ended in the event.

    Notes
    -----
    Curve by statsmodels, bands ours. Kaplan & Meier (1958), J Am Stat Assoc 53, 457-481; Brookmeyer & Crowley (1982),
    Biometrics 38, 29-41, for inverting the band. Where a curve lies at exactly one half for a while, the middle of that
    while is given, as in the R package survival.
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    check_level(level)
    if conf_type not in ("log", "log_log", "plain"):
        raise UsageError("a Kaplan-Meier curve", found=f"conf_type={conf_type!r}", todo="choose log, log_log or plain")
    spells = read_spells(frame, duration, event, entry, ())
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # Greenwood's error has no value once the curve is at zero.
        warnings.simplefilter("ignore")
        curve = SurvfuncRight(spells.duration, spells.event, entry=spells.entry)
    survival = np.asarray(curve.surv_prob, dtype=float)
    at_risk, events = np.asarray(curve.n_risk, dtype=float), np.asarray(curve.n_events, dtype=float)
    low, high, error = _bands(survival, at_risk, events, conf_type, normal_quantile(level))
    cells = pd.DataFrame(
        {
            "time": np.asarray(curve.surv_times, dtype=float),
            "at_risk": at_risk.astype(int),
            "events": events.astype(int),
            "survival": survival,
            "std_error": error,
            "low": low,
            "high": high,
        }
    )
    words = {"log": "log", "log_log": "log-log", "plain": "plain"}[conf_type]
    late = "" if entry is None else ", delayed entry"
    method = f"Kaplan-Meier{late}; Greenwood's error, {words} band"
    n = len(spells.duration)
    return KaplanMeier(
        cells=cells,
        median=_quantile(cells, 0.5, unit, method, level, n, key, term),
        n_rows=n,
        n_events=int(spells.event.sum()),
        last=float(spells.duration.max()),
        conf_type=conf_type,
        level=level,
        unit=unit,
        method=method,
        notes=_notes(cells, spells),
        left_out=spells.left_out,
        _spells=spells,
    )


def _bands(
    survival: Floats, at_risk: Floats, events: Floats, conf_type: str, width: float
) -> tuple[Floats, Floats, Floats]:
    """Lower and upper band, and Greenwood's error; NaN where the curve is at zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.sqrt(np.cumsum(events / (at_risk * (at_risk - events))))
        relative = np.where(survival > 0, relative, np.nan)
        error = survival * relative
        if conf_type == "log":
            low, high = survival * np.exp(-width * relative), survival * np.exp(width * relative)
        elif conf_type == "log_log":
            half = width * relative / np.abs(np.log(survival))
            low, high = survival ** np.exp(half), survival ** np.exp(-half)
        else:
            low, high = survival - width * error, survival + width * error
    return np.clip(low, 0.0, None), np.clip(high, None, 1.0), error


def _quantile(
    cells: pd.DataFrame,
    share: float,
    unit: str,
    method: str,
    level: float,
    n_rows: int,
    key: str = "quantile",
    term: str | None = None,
) -> Estimate:
    times = cells["time"].to_numpy(dtype=float)
    value, low, high = (
        _crossing(times, cells[name].to_numpy(dtype=float), 1 - share) for name in ("survival", "low", "high")
    )
    return Estimate(
        key=key,
        term=f"Time by which {100 * share:g}% have had the event" if term is None else term,
        value=value,
        unit=unit,
        scale="count",
        method=method if value is not None else f"{method}; the curve stays above {1 - share:g}",
        low=low,
        high=high,
        level=level,
        n_rows=n_rows,
    )


def _crossing(times: Floats, curve: Floats, height: float) -> float | None:
    """First time at which a falling step curve is at or below a height; the middle of a stretch exactly at it."""
    below = np.flatnonzero(curve <= height + _FLAT)
    if not len(below):
        return None
    first = int(below[0])
    lower = np.flatnonzero(curve < height - _FLAT)
    if abs(curve[first] - height) <= _FLAT and len(lower):
        return float((times[first] + times[int(lower[0])]) / 2)
    return float(times[first])


def _notes(cells: pd.DataFrame, spells: Spells) -> tuple[str, ...]:
    notes = []
    if spells.entry is not None:
        n_late = int((spells.entry > 0).sum())
        notes.append(f"{n_late} spells are seen only from some time after their beginning.")
        if (cells["survival"].iloc[:-1] <= 0).any():
            notes.append("The curve falls to zero while few are seen and cannot rise again; start it later.")
    thin = cells.loc[cells["at_risk"] < 10, "time"]
    if len(thin):
        notes.append(f"From {thin.iloc[0]:g} on there are times with fewer than 10 at risk.")
    return tuple(notes)
