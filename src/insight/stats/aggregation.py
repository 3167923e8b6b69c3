"""From effects by cohort and period to summaries, with the influence of every unit carried along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.doubly_robust import Bools
from insight.stats.group_time import GroupTimes
from insight.stats.rows import Codes, Floats

Kind = Literal["simple", "group", "calendar", "dynamic"]

PART_NAMES: dict[str, str] = {"simple": "all", "group": "cohort", "calendar": "period", "dynamic": "event_time"}


@dataclass(frozen=True, eq=False)
class Aggregation:
    """A summary of group-time effects.

    Parameters
    ----------
    kind : {"simple", "group", "calendar", "dynamic"}
    estimate : Estimate
        The overall effect.
    parts : DataFrame
        One row per part: its label (``cohort``, ``period`` or ``event_time``), ``att``, ``std_error``, ``low``,
        ``high``, ``band_low``, ``band_high`` (uniform over the parts) and ``n_treated``.
    covariance : (K, K) array
        Of the parts, in closed form; NaN with ``errors="none"``.
    critical_value : float or None
        Half width of the uniform band in standard errors.
    influence : (N, K) array
        Of the parts; of mean zero.
    overall_influence : (N,) array
        Of the overall effect.
    """

    kind: Kind
    estimate: Estimate
    parts: pd.DataFrame
    covariance: Floats
    critical_value: float | None
    influence: Floats
    overall_influence: Floats


@dataclass(frozen=True, eq=False)
class Summary:
    """The numbers of an aggregation before their errors: K parts with labels, and the overall effect.

    ``is_treated`` (N x K) says whose effect a part is.
    """

    labels: tuple[Any, ...]
    att: Floats
    influence: Floats
    is_treated: Bools
    overall: float
    overall_influence: Floats


@dataclass(frozen=True)
class Window:
    """Which event times are used: a balanced window, and the first and last."""

    balance: int | None = None
    min_event: int | None = None
    max_event: int | None = None

    def check(self, kind: Kind) -> None:
        """Refuse what a kind of summary cannot use.

        Raises
        ------
        UsageError
            If the kind is unknown, or a bound has no meaning for it.
        """
        if kind not in PART_NAMES:
            raise UsageError("a summary", found=f"kind={kind!r}", todo=f"ask for one of {', '.join(PART_NAMES)}")
        misplaced = [name for name in ("balance", "min_event") if getattr(self, name) is not None and kind != "dynamic"]
        if self.balance is not None and self.balance < 0:
            misplaced.append("a negative balance")
        if misplaced:
            raise UsageError(
                f"a summary of kind {kind!r}",
                found=" and ".join(misplaced),
                todo='give balance (0 or more) and min_event with kind="dynamic" only',
            )

    def chosen(self, effects: GroupTimes) -> Bools:
        """(K,): the effects inside the window. A balanced window keeps cohorts seen for ``balance`` periods after."""
        event = effects.period - effects.cohort
        last = len(effects.panel.periods) - 1
        kept = np.isfinite(effects.att)
        if self.balance is not None:
            kept &= (last - effects.cohort >= self.balance) & (event <= self.balance)
        if self.min_event is not None:
            kept &= event >= self.min_event
        if self.max_event is not None:
            kept &= event <= self.max_event
        return kept


def summarise(effects: GroupTimes, kind: Kind, window: Window) -> Summary:
    """Parts and overall effect of one kind of summary.

    Callaway & Sant'Anna (2021), J Econometrics 225, 200-230, section 3. Within a part, cohorts weigh by their share of
    the units; that these shares are estimated is part of the influence. The overall effect is, by kind: the mean over
    all treated cohort-periods; over cohorts, by share; the plain mean over periods; the plain mean over event times
    from 0 on.

    Raises
    ------
    NotEnoughData
        If no effect at or after a start lies in the window.
    """
    window.check(kind)
    inside = window.chosen(effects)
    after = inside & effects.is_after
    if not after.any():
        raise NotEnoughData(
            f"a summary of kind {kind!r}", found="no effect at or after a start in the window", todo="widen the window"
        )
    if kind == "dynamic":
        return _by(effects, effects.period - effects.cohort, inside, later=0)
    if kind == "calendar":
        return _by(effects, effects.period, after, later=None)
    return _by_cohort(effects, after) if kind == "group" else _simple(effects, after)


def _simple(effects: GroupTimes, chosen: Bools) -> Summary:
    att, influence = _share_weighted(effects, np.flatnonzero(chosen))
    treated = _treated(effects, chosen)[:, None]
    return Summary(("all",), np.array([att]), influence[:, None], treated, att, influence)


def _by(effects: GroupTimes, index: Codes, chosen: Bools, *, later: int | None) -> Summary:
    """Parts by event time or period; the overall effect is the plain mean of the parts from ``later`` on."""
    values = np.unique(index[chosen])
    parts = [_share_weighted(effects, np.flatnonzero(chosen & (index == value))) for value in values]
    att, influence = np.array([part[0] for part in parts]), np.column_stack([part[1] for part in parts])
    treated = np.column_stack([_treated(effects, chosen & (index == value)) for value in values])
    summed = np.ones(len(values), dtype=bool) if later is None else values >= later
    labels = values.tolist() if later is not None else [effects.panel.periods[value] for value in values]
    overall = float(att[summed].mean())
    return Summary(tuple(labels), att, influence, treated, overall, influence[:, summed].mean(axis=1))


def _by_cohort(effects: GroupTimes, chosen: Bools) -> Summary:
    """Parts are plain means over a cohort's treated periods; the overall effect weighs them by share."""
    present = np.unique(effects.cohort[chosen])
    places = [np.flatnonzero(chosen & (effects.cohort == cohort)) for cohort in present]
    att = np.array([effects.att[place].mean() for place in places])
    influence = np.column_stack([effects.influence[:, place].mean(axis=1) for place in places])
    treated = effects.panel.start[:, None] == present[None, :]
    member = effects.membership[:, np.searchsorted(effects.cohorts, present)]
    overall, moved = _weighted(att, influence, member)
    labels = tuple(effects.panel.periods[cohort] for cohort in present)
    return Summary(labels, att, influence, treated, overall, moved)


def _share_weighted(effects: GroupTimes, chosen: Codes) -> tuple[float, Floats]:
    member = effects.membership[:, np.searchsorted(effects.cohorts, effects.cohort[chosen])]
    return _weighted(effects.att[chosen], effects.influence[:, chosen], member)


def _weighted(att: Floats, influence: Floats, member: Floats) -> tuple[float, Floats]:
    """A mean weighted by shares that are themselves means of ``member`` (N x K), and its influence."""
    share = member.mean(axis=0)
    total = share.sum()
    overall = float(share @ att / total)
    moved = influence @ (share / total) + (member - share) @ (att - overall) / total
    return overall, moved


def _treated(effects: GroupTimes, chosen: Bools) -> Bools:
    """(N,): whether a unit belongs to a cohort of the chosen effects."""
    return np.isin(effects.panel.start, effects.cohort[chosen])
