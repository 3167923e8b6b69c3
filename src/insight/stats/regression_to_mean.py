"""One unit's change beside that of units which started alike: extremes drift back by themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from insight.core.estimate import Estimate
from insight.errors import NotEnoughData, UsageError
from insight.stats.distributions import check_level, t_quantile
from insight.stats.rows import Floats

Peers = Literal["nearest", "fifth"]

FEWEST_UNITS = 10
_TIED = 1e-12


@dataclass(frozen=True)
class ChangeBesideAlike:
    """A unit's change, that of units which started alike, and the change to expect of such a start.

    Parameters
    ----------
    start, change : float
        Of the unit asked about.
    peers : tuple of str
        Units that started alike, nearest first; the unit itself is not among them.
    peer_change : Estimate
        Mean change of the peers with its interval.
    n_peers_moved_as_far : int
        Peers whose change was at least as large in the same direction.
    expected : Estimate
        Change that the start alone lets one expect, from a straight line over all other units. Its interval is for one
        unit, not for the mean.
    beyond_expected : float
        Change less the expected one.
    slope : float
        Change per unit of the start; below 0 where extremes drift back.
    n_units, n_left_out : int
        Other units with both numbers, and units without.
    peers_are : str
        How the peers were chosen, in words.
    words : str
    """

    start: float
    change: float
    peers: tuple[str, ...]
    peer_change: Estimate
    n_peers_moved_as_far: int
    expected: Estimate
    beyond_expected: float
    slope: float
    n_units: int
    n_left_out: int
    peers_are: str
    words: str


def change_beside_alike(
    starts: Mapping[str, float | None],
    *,
    ends: Mapping[str, float | None],
    focal: str,
    peers: Peers = "nearest",
    k: int = 10,
    unit: str = "units",
    level: float = 0.95,
) -> ChangeBesideAlike:
    """How a unit changed, beside those that started as high or as low.

    Parameters
    ----------
    starts, ends : mapping of str to float or None
        Values before and after, by unit. A unit without both is left out and counted.
    focal : str
        The unit asked about.
    peers : {"nearest", "fifth"}
        The ``k`` units with the nearest start (and those as near as the last of them), or the same fifth of all starts.
    k : int
        At least 3.
    unit : str
        Of the values.
    level : float

    Raises
    ------
    UsageError
        If the unit has no change, or an option is unknown.
    NotEnoughData
        With fewer than 10 other units, fewer than 3 peers, or starts that are all equal.

    Notes
    -----
    Galton (1886), J Anthropol Inst 15, 246-263; Bland & Altman (1994), BMJ 308, 1499. The straight line is of change on
    start, by least squares over the other units; its slope is that of end on start, less one.
    """
    check_level(level)
    if peers not in ("nearest", "fifth") or k < 3:
        raise UsageError("a change beside others", found=f"peers={peers!r}, k={k}", todo="nearest or fifth, k from 3")
    both = {key: (first, ends.get(key)) for key, first in starts.items()}
    known = {
        key: (float(first), float(last))
        for key, (first, last) in both.items()
        if first is not None and last is not None and math.isfinite(first) and math.isfinite(last)
    }
    if focal not in known:
        raise UsageError(
            "a change beside others", found=f"no start and end of {focal!r}", todo="choose a unit with both numbers"
        )
    start, end = known.pop(focal)
    names = sorted(known)
    begun = np.array([known[name][0] for name in names])
    moved = np.array([known[name][1] - known[name][0] for name in names])
    if len(names) < FEWEST_UNITS or np.ptp(begun) == 0:
        raise NotEnoughData(
            "a change beside others",
            found=f"{len(names)} other units with both numbers, or equal starts",
            todo=f"use at least {FEWEST_UNITS}",
        )
    chosen, how = _alike(begun, start, peers, k)
    if len(chosen) < 3:
        raise NotEnoughData("a change beside others", found=f"{len(chosen)} that started alike", todo="use nearest")
    change = end - start
    expected, slope = _expected(begun, moved, start, unit, level)
    peer_change = _mean(moved[chosen], unit, level, how)
    as_far = int(((moved[chosen] * np.sign(change)) >= abs(change) - _TIED).sum()) if change else len(chosen)
    beyond = change - (expected.value or 0.0)
    return ChangeBesideAlike(
        start=start,
        change=change,
        peers=tuple(names[place] for place in chosen),
        peer_change=peer_change,
        n_peers_moved_as_far=as_far,
        expected=expected,
        beyond_expected=beyond,
        slope=slope,
        n_units=len(names),
        n_left_out=len(set(starts) | set(ends)) - len(names) - 1,
        peers_are=how,
        words=(
            f"Changed by {change:+.3g} {unit}. {len(chosen)} others that started alike changed by "
            f"{peer_change.value:+.3g} on average; {as_far} of them moved at least as far. "
            f"The start alone lets one expect {expected.value:+.3g}."
        ),
    )


def _alike(begun: Floats, start: float, peers: str, k: int) -> tuple[list[int], str]:
    distance = np.abs(begun - start)
    order = np.argsort(distance, kind="stable")
    if peers == "nearest":
        farthest = distance[order[min(k, len(order)) - 1]]
        chosen = [int(place) for place in order if distance[place] <= farthest + _TIED]
        return chosen, f"the {len(chosen)} with the nearest start"
    cuts = np.quantile(np.append(begun, start), [0.2, 0.4, 0.6, 0.8])
    own, fifths = int((start > cuts).sum()), (begun[:, None] > cuts).sum(axis=1)
    chosen = [int(place) for place in order if fifths[place] == own]
    place = ("lowest", "second lowest", "middle", "second highest", "highest")[own]
    return chosen, f"the {len(chosen)} others in the {place} fifth of the starts"


def _expected(begun: Floats, moved: Floats, start: float, unit: str, level: float) -> tuple[Estimate, float]:
    n, centre = len(begun), float(begun.mean())
    spread = float(((begun - centre) ** 2).sum())
    slope = float(((begun - centre) * moved).sum()) / spread
    value = float(moved.mean()) + slope * (start - centre)
    left = moved - moved.mean() - slope * (begun - centre)
    error = math.sqrt(float((left**2).sum()) / (n - 2) * (1 + 1 / n + (start - centre) ** 2 / spread))
    half = t_quantile(level, n - 2) * error
    return (
        Estimate(
            key="expected_change",
            term="Change to expect of such a start",
            value=value,
            unit=unit,
            scale="difference",
            method="straight line of change on start over the other units; interval for one unit",
            std_error=error,
            low=value - half,
            high=value + half,
            level=level,
            n_rows=n,
            n_units=n,
        ),
        slope,
    )


def _mean(moved: Floats, unit: str, level: float, how: str) -> Estimate:
    n, value = len(moved), float(moved.mean())
    error = float(moved.std(ddof=1)) / math.sqrt(n)
    half = t_quantile(level, n - 1) * error
    return Estimate(
        key="peer_change",
        term="Mean change of units that started alike",
        value=value,
        unit=unit,
        scale="difference",
        method=f"mean over {how}, t interval",
        std_error=error,
        low=value - half,
        high=value + half,
        level=level,
        n_rows=n,
        n_units=n,
    )
