"""How far trends may part after the start, as a multiple of the most that they parted before it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import UsageError
from insight.stats.event_path import EventPath, PathScale, event_path, first_within, two_digits_down
from insight.stats.moment_inequalities import FIRST_STAGE, Inequalities
from insight.stats.rows import Floats

METHOD = "conditional least-favourable set, relative magnitudes (Rambachan & Roth 2023)"
IDENTIFIED = "identified set with the estimates plugged in, without sampling error"
LARGEST = 100.0
"""Multiples above this are not told apart."""
WIDEST = 40.0
"""Half width of the search for a set's ends, in standard errors of the target beyond the identified set."""


@dataclass(frozen=True, eq=False)
class RelativeMagnitudes:
    """Intervals that allow trends to part after the start by up to Mbar times the most that they parted before it.

    Parameters
    ----------
    plain : Estimate
        The target as estimated, with no departure of the trend allowed for.
    multiples : tuple of float
        The grid of Mbar.
    estimates : tuple of Estimate
        Confidence sets, one per multiple (their hull where a set has gaps).
    identified : tuple of Estimate
        Identified sets, one per multiple: the estimates taken as if they had no sampling error. Not intervals.
    breakdown : float or None
        The smallest multiple at which the confidence set holds no effect; None where it does at zero already,
        ``LARGEST`` where it never does up to there.
    identified_breakdown : float
        The same for the identified set; infinite if the trends before the start did not part at all.
    largest_step_before : float
        The largest estimated change from one period to the next before the start, on the scale of the coefficients.
    level : float
    """

    plain: Estimate
    multiples: tuple[float, ...]
    estimates: tuple[Estimate, ...]
    identified: tuple[Estimate, ...]
    breakdown: float | None
    identified_breakdown: float
    largest_step_before: float
    level: float
    path: EventPath = field(repr=False)

    @property
    def table(self) -> pd.DataFrame:
        """One row per multiple: multiple, value, low, high, identified_low, identified_high, excludes_null."""
        return pd.DataFrame(
            {
                "multiple": list(self.multiples),
                "value": [each.value for each in self.estimates],
                "low": [each.low for each in self.estimates],
                "high": [each.high for each in self.estimates],
                "identified_low": [each.low for each in self.identified],
                "identified_high": [each.high for each in self.identified],
                "excludes_null": [bool(each.excludes_null) for each in self.estimates],
            }
        )

    @property
    def words(self) -> str:
        """What the analysis says, in plain sentences; it never says that trends would have been alike."""
        if self.breakdown is None:
            return "There is no conclusion to test: the interval spans no change, even if trends part no further."
        step = self.path.size_in_words(self.largest_step_before)
        seen = f"The most that they parted from one period to the next before the start was {step}."
        if self.breakdown >= LARGEST:
            return f"The conclusion stands even if trends part {LARGEST:.0f} times as far as before the start. {seen}"
        return (
            f"The conclusion stands while trends part by less than {two_digits_down(self.breakdown):.2g} times"
            f" the most that they parted before the start. {seen}"
        )


def relative_magnitudes(
    coefs: Sequence[float] | Floats,
    *,
    vcov: Any,
    n_pre: int,
    n_post: int | None = None,
    weights: Sequence[float] | Floats | None = None,
    grid: Sequence[float] = (0.0, 0.5, 1.0, 1.5, 2.0),
    level: float = 0.95,
    scale: PathScale = "difference",
    key: str = "relative_magnitudes",
    term: str = "Effect if trends may part as they did before",
) -> RelativeMagnitudes:
    """Confidence and identified sets when trends part, per period, by at most Mbar times the most seen before.

    Parameters
    ----------
    coefs : (P + Q,) sequence of float
        Event-study coefficients, oldest first, the reference period (the last before the start) left out.
    vcov : (P + Q, P + Q) array
        Their covariance. With few treated units a clustered one is far too small: give the covariance of the same
        coefficients over placebo units.
    n_pre, n_post : int
        P and Q.
    weights : (Q,) sequence of float, optional
        The target as weights on the effects after the start; the first effect by default.
    grid : sequence of float
        Values of Mbar, none negative.
    level : float
    scale : {"difference", "ratio"}
        ``"ratio"`` where the coefficients are logs.
    key, term : str
        Of the Estimates; the multiple is added to the key.

    Raises
    ------
    UsageError
        If shapes disagree, the covariance is none, or a multiple is negative.
    NotEnoughData
        If a side of the reference period has no coefficient, or an interval is too wide for a ratio.

    Notes
    -----
    Rambachan & Roth (2023), Review of Economic Studies 90, 2555-2591, sections 2.4.2 and 3. The restriction is a union
    over which earlier step was the largest, and its sign; the set is the union of the hybrid tests' sets over these.
    With nothing said of the effects but their weighted sum, each test comes down to Q + 2 linear forms (the
    extreme points of the dual), so that no linear programme is solved and nothing is drawn at random.
    """
    path = event_path(coefs, vcov=vcov, n_pre=n_pre, n_post=n_post, weights=weights, scale=scale, level=level)
    multiples = tuple(float(each) for each in grid)
    if not multiples or not all(math.isfinite(each) and each >= 0 for each in multiples):
        raise UsageError(
            "sets over multiples of earlier steps", found=f"grid={grid!r}", todo="give multiples of 0 or more"
        )
    value = float(path.target @ path.coefs)
    steps = _steps(path)
    seen = float(np.abs(steps[: path.n_pre] @ path.coefs).max())
    room = seen * float(np.abs(_tail_sums(path)).sum())

    def shown(multiple: float, ends: tuple[float, float], kind: str, method: str) -> Estimate:
        low, high = min(ends[0], value), max(ends[1], value)
        return path.estimate(
            key=f"{key}{kind}_{multiple:g}", term=term, value=value, low=low, high=high, level=level, method=method
        )

    sets = [_confidence_set(path, multiple, room, 1 - level) for multiple in multiples]
    return RelativeMagnitudes(
        plain=path.plain(key=f"{key}_plain", term=term, level=level),
        multiples=multiples,
        estimates=tuple(shown(m, ends, "", METHOD) for m, ends in zip(multiples, sets, strict=True)),
        identified=tuple(shown(m, (value - m * room, value + m * room), "_identified", IDENTIFIED) for m in multiples),
        breakdown=_breakdown(path, 1 - level),
        identified_breakdown=abs(value) / room if room > 0 else math.inf,
        largest_step_before=seen,
        level=level,
        path=path,
    )


def _steps(path: EventPath) -> Floats:
    """(P + Q, P + Q): the change from each period to the next as weights on the coefficients."""
    with_reference = np.insert(np.eye(path.n_pre + path.n_post), path.n_pre, 0.0, axis=0)
    steps: Floats = np.diff(with_reference, axis=0)
    return steps


def _tail_sums(path: EventPath) -> Floats:
    """(Q,): how much each step after the reference period moves the target."""
    sums: Floats = np.cumsum(path.weights[::-1])[::-1]
    return sums


def worlds(path: EventPath, multiple: float) -> Iterator[Inequalities]:
    """One set of inequalities per earlier step that may have been the largest, and per sign of it."""
    steps, sums = _steps(path), _tail_sums(path)
    after, target, total = steps[path.n_pre :], path.target, float(np.abs(sums).sum())
    for before in steps[: path.n_pre]:
        for largest in (before, -before):
            up, down = after - multiple * largest, -after - multiple * largest
            noise_up, noise_down = _noise(up, path.vcov), _noise(down, path.vcov)
            too_high = float(np.where(sums > 0, noise_up, noise_down) @ np.abs(sums))
            too_low = float(np.where(sums > 0, noise_down, noise_up) @ np.abs(sums))
            pairs = noise_up + noise_down
            if min(too_high, too_low, float(pairs.min())) <= 0:
                raise UsageError(
                    "sets over multiples of earlier steps",
                    found="a coefficient without sampling error",
                    todo="give a covariance in which every coefficient has some",
                )
            forms = np.vstack(
                [
                    (target - multiple * total * largest) / too_high,
                    (-target - multiple * total * largest) / too_low,
                    *(-2 * multiple * largest / pair for pair in pairs),
                ]
            )
            slope = np.zeros(len(forms))
            slope[:2] = -1 / too_high, 1 / too_low
            yield Inequalities(forms @ path.coefs, slope, forms @ path.vcov @ forms.T)


def _noise(forms: Floats, vcov: Floats) -> Floats:
    noise: Floats = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", forms, vcov, forms), 0.0))
    return noise


def _confidence_set(path: EventPath, multiple: float, room: float, size: float) -> tuple[float, float]:
    """Hull of all targets that some world keeps: a scan between the first stage's ends, then halving at each end."""
    error = math.sqrt(max(float(path.target @ path.vcov @ path.target), 0.0))
    value = float(path.target @ path.coefs)
    reach = multiple * room + WIDEST * error
    low = high = value
    first = size * FIRST_STAGE
    # The likeliest first: the others then seldom reach beyond what is kept already.
    for world in sorted(worlds(path, multiple), key=lambda each: float(each.at_zero[2:].max())):
        if _reach(world, world.first_stage_limit(first), low=low, high=high) is None:
            continue
        critical = world.first_stage(first)
        ends = _reach(world, critical, low=low, high=high)
        if ends is None:
            continue
        ends = (max(value - reach, ends[0]), min(value + reach, ends[1]))
        targets = np.linspace(*ends, 801)
        kept = np.flatnonzero(world.accepted(targets, size=size, first_stage=critical))
        if len(kept):
            low = min(low, _edge(world, targets, int(kept[0]), -1, size, critical))
            high = max(high, _edge(world, targets, int(kept[-1]), 1, size, critical))
    return low, high


def _reach(world: Inequalities, critical: float, *, low: float, high: float) -> tuple[float, float] | None:
    """Targets that the first stage lets pass; None if there are none, or none outside ``low`` to ``high``."""
    ends = (world.at_zero[0] - critical) / -world.slope[0], (critical - world.at_zero[1]) / world.slope[1]
    if not ends[0] < ends[1] or world.at_zero[2:].max() > critical or (low <= ends[0] and ends[1] <= high):
        return None
    return float(ends[0]), float(ends[1])


def _edge(world: Inequalities, targets: Floats, kept: int, side: int, size: float, critical: float) -> float:
    """Where acceptance ends beyond the outermost kept point, to within a fraction of the spacing."""
    inside = float(targets[kept])
    if not 0 <= kept + side < len(targets):
        return inside
    outside = float(targets[kept + side])
    for _ in range(14):
        middle = (inside + outside) / 2
        if world.accepted(np.array([middle]), size=size, first_stage=critical)[0]:
            inside = middle
        else:
            outside = middle
    return inside


def _breakdown(path: EventPath, size: float) -> float | None:
    """The first multiple at which some world keeps a target of zero."""

    nothing = np.zeros(1)

    def keeps_zero(multiple: float) -> bool:
        every = sorted(worlds(path, multiple), key=lambda each: float(each.at_zero.max()))
        if every[0].at_zero.max() <= 0:
            return True
        first = size * FIRST_STAGE
        return any(
            world.accepted(nothing, size=size, first_stage=world.first_stage(first))[0]
            for world in every
            if world.at_zero.max() <= world.first_stage_limit(first)
        )

    if keeps_zero(0.0):
        return None
    found = first_within(keeps_zero, start=0.0, step=0.05, limit=LARGEST)
    return LARGEST if found is None else found
