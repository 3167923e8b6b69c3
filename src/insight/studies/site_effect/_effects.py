"""Every design on one arena: the number for the treated units, and the same number for each set of placebos.

All statistics are logs of rate ratios, so that an effect adds to them and a test can be inverted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from insight.errors import NotEnoughData
from insight.stats.collapsed_change import UnitSpans, unit_spans
from insight.stats.comparative_series import comparative_steps
from insight.stats.panel_matrix import PanelMatrix
from insight.stats.poisson_imputation import impute_for_assignments
from insight.stats.synthetic_blocks import synthetic_blocks
from insight.studies.site_effect._arena import Arena, Bools, Floats, Ints

MONTHS_A_QUARTER = 3
# A trend within calendar months needs each of them twice.
FEWEST_FOR_SEASONS = 24


@dataclass(frozen=True, eq=False)
class Statistic:
    """A statistic of the treated units, and of each placebo set; ``by_unit`` that of each donor alone, if it is known.

    ``error`` is the mean pre-period error of a synthetic fit relative to the rate, else NaN.
    """

    observed: float
    placebos: Floats
    error: float = float("nan")
    n_rows: int | None = None


def imputation(arena: Arena, *, weighting: Literal["event", "unit"] = "event") -> Statistic:
    """Observed over imputed: the untreated cells' own pattern carried forward."""

    def of(matrix: PanelMatrix, starts: Floats) -> Floats:
        return impute_for_assignments(
            matrix, starts=starts, seasons=arena.seasons, gap=arena.gap, pre=arena.pre, weighting=weighting
        )

    observed = of(arena.matrix, arena.starts[None, :])
    return Statistic(float(observed[0]), of(arena.donors_alone, arena.placebo_starts[:, arena.donors]))


def level(arena: Arena) -> Statistic:
    """Ratio of ratios: change at the treated units over change at the donors, same calendar months compared."""

    def difference(start: int, chosen: Bools, controls: Bools) -> Floats:
        spans = _spans(arena, start)
        found: Floats = _pooled(spans, chosen) - _pooled(spans, controls)
        return found

    return _by_start(arena, difference)


def comparative(arena: Arena) -> Statistic:
    """Comparative interrupted series: a step on top of the trend in the difference before the start."""

    def steps(start: int, chosen: Bools, controls: Bools) -> Floats:
        return comparative_steps(
            arena.matrix,
            start=start,
            assignments=chosen,
            controls=arena.donors,
            pre=arena.pre,
            gap=arena.gap,
            season_codes=arena.seasons,
            periods=arena.shared,
        )

    return _by_start(arena, steps)


def synthetic(arena: Arena, *, did: bool) -> Statistic:
    """Synthetic control, or synthetic DiD, for each unit by itself; a set's statistic is the mean of its units'.

    Every donor is once the treated unit, with the other donors for its comparison.
    """
    rates = np.log(arena.rates)
    found: dict[int, Floats] = {}
    errors: list[float] = []
    for start, chosen in arena.groups(arena.starts[None, :]):
        before = _before(arena, start)
        before, after = _known(arena, before), _known(arena, _after(arena, start))
        columns = np.concatenate([before, after])
        whole = np.isfinite(rates[:, columns]).all(axis=1)
        places = np.flatnonzero((chosen[0] | arena.donors) & whole)
        fitted = synthetic_blocks(
            rates[np.ix_(places, columns)],
            start=len(before),
            sets=np.arange(len(places))[:, None],
            donors=arena.donors[places],
            method="synthetic_did" if did else "synthetic_control",
        )
        own = np.full(len(rates), np.nan)
        own[places] = fitted.effects
        found[start] = own
        errors += fitted.pre_errors[chosen[0][places]].tolist()
    if not errors:
        raise NotEnoughData(
            "a synthetic comparison",
            found="no treated unit with every month of the window",
            todo="choose a shorter one",
        )
    return _mean_of_units(arena, found, error=float(np.mean(errors)))


def quarterly(arena: Arena) -> Statistic:
    """Callaway and Sant'Anna's simple average on log rates by quarter, never-treated units as controls.

    The base is the last quarter before the gap. With one set of never-treated controls their estimate is a plain
    difference of means, which is what is computed here for every placebo; a test compares it with the full estimator.
    """
    found: dict[int, Floats] = {}
    for start, _ in arena.groups(arena.starts[None, :]):
        before, after = _before(arena, start), _after(arena, start)
        quarters = [after[k : k + MONTHS_A_QUARTER] for k in range(0, len(after), MONTHS_A_QUARTER)]
        whole = [quarter for quarter in quarters if len(quarter) == MONTHS_A_QUARTER]
        base = before[-MONTHS_A_QUARTER:]
        if not whole or len(base) < MONTHS_A_QUARTER:
            raise NotEnoughData("a comparison by quarter", found="no whole quarter", todo="give three months more")
        opening = np.log(_rate(arena, base))
        change = np.mean([np.log(_rate(arena, quarter)) - opening for quarter in whole], axis=0)
        known = arena.donors & np.isfinite(change)
        if not known.any():
            raise NotEnoughData("a comparison by quarter", found="no donor with a rate", todo="give larger units")
        found[start] = change - change[known].mean()
    several = len(arena.matrix.units) * MONTHS_A_QUARTER * (len(whole) + 1)
    return replace(_mean_of_units(arena, found), n_rows=several)


def trend_before(arena: Arena) -> Statistic:
    """Slope of the log rate before the gap against the donors' mean slope, for twelve months."""
    found: dict[int, Floats] = {}
    for start, _ in arena.groups(arena.starts[None, :]):
        before = _before(arena, start)
        if len(before) < 12:
            raise NotEnoughData("a trend before the start", found=f"{len(before)} months", todo="choose a wider window")
        rates = np.log(arena.rates[:, before])
        # Within two years months and seasons can hardly be told apart; the donors' mean slope has their season too.
        seasons = arena.seasons[before] if len(before) >= FEWEST_FOR_SEASONS else np.zeros(len(before))
        design = np.column_stack(
            [np.arange(len(before)) / 12.0, *[(seasons == each).astype(float) for each in np.unique(seasons)]]
        )
        slope = np.full(len(rates), np.nan)
        for place in range(len(rates)):
            there = np.isfinite(rates[place])
            if there.sum() >= 12:
                slope[place] = np.linalg.lstsq(design[there], rates[place][there], rcond=None)[0][0]
        found[start] = slope - np.nanmean(slope[arena.donors])
    return replace(_mean_of_units(arena, found), n_rows=int(np.isfinite(arena.matrix.outcome[:, before]).sum()))


def changes_alone(arena: Arena) -> pd.Series[float]:
    """Each unit's own log change against the donors together, around the first start: calendar months matched."""
    start = int(arena.starts[arena.treated].min())
    spans = _spans(arena, start)
    change = spans.log_change - _pooled(spans, arena.donors[None, :])[0]
    return pd.Series(change, index=list(arena.matrix.units))


def event_quarters(arena: Arena) -> pd.DataFrame:
    """Log ratio of treated to donors by quarter around the start, relative to the same calendar months before it.

    Returns
    -------
    DataFrame
        ``quarter`` (0 is the first after the start), ``value`` of the treated units, ``is_left_out`` for those in the
        gap, and a column ``placebo_<m>`` for each placebo set. ``unmatched`` and ``unmatched_<m>`` are the same
        relative to the mean of all months before, so that a straight line in the difference stays one.
        ``n_drawn_from`` is the number of units that the sets are drawn from.
    """
    starts = np.vstack([arena.starts, arena.placebo_starts])
    quarters = _event_quarters(arena)
    matched, unmatched = (_event_paths(arena, starts, quarters, seasons) for seasons in (arena.seasons, None))
    frame = pd.DataFrame({"quarter": quarters, "value": matched[0], "unmatched": unmatched[0]})
    gap = -(-arena.gap // MONTHS_A_QUARTER)
    frame["is_left_out"] = (frame["quarter"] < 0) & (frame["quarter"] >= -gap)
    frame["n_drawn_from"] = int(np.isfinite(arena.placebo_starts).any(axis=0).sum())
    several = range(len(starts) - 1)
    placebos = pd.DataFrame(matched[1:].T, columns=[f"placebo_{m}" for m in several])
    others = pd.DataFrame(unmatched[1:].T, columns=[f"unmatched_{m}" for m in several])
    return pd.concat([frame, placebos, others], axis=1)


def _event_paths(arena: Arena, starts: Floats, quarters: list[int], seasons: Ints | None) -> Floats:
    """(M, Q) log ratios by quarter for each row of starts; ``seasons`` None compares with all months before alike."""
    observed = np.zeros((len(starts), len(quarters)))
    expected = np.zeros_like(observed)
    controls = np.zeros_like(observed), np.zeros_like(observed)
    for start, chosen in arena.groups(starts):
        usual = _usual(arena, start, np.zeros_like(arena.seasons) if seasons is None else seasons)
        for column, quarter in enumerate(quarters):
            months = [start + MONTHS_A_QUARTER * quarter + k for k in range(MONTHS_A_QUARTER)]
            months = [month for month in months if 0 <= month < arena.with_gap.outcome.shape[1]]
            count = np.nan_to_num(arena.with_gap.outcome[:, months]).sum(axis=1)
            hoped = np.where(np.isfinite(arena.with_gap.outcome[:, months]), usual[:, months], 0.0).sum(axis=1)
            observed[:, column] += chosen @ count
            expected[:, column] += chosen @ hoped
            several = chosen.sum(axis=1)
            free = arena.donors[None, :] & ~np.isfinite(starts)
            controls[0][:, column] += several * (free @ count)
            controls[1][:, column] += several * (free @ hoped)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.log(observed / expected) - np.log(controls[0] / controls[1])
    return found


def _event_quarters(arena: Arena) -> list[int]:
    """Whole quarters that every start has, from the window's opening to the last month."""
    positions = [start for start, _ in arena.groups(arena.starts[None, :])]
    months = arena.matrix.outcome.shape[1]
    first = -(min(min(positions), arena.pre + arena.gap) // MONTHS_A_QUARTER)
    last = (months - max(positions)) // MONTHS_A_QUARTER
    return list(range(min(first, 0), max(last, 1)))


def _usual(arena: Arena, start: int, seasons: Ints) -> Floats:
    """Expected counts of each unit and month: its own mean rate in the same season before the gap."""
    before = _before(arena, start)
    usual = np.full(arena.matrix.outcome.shape, np.nan)
    for season in np.unique(seasons):
        same = before[seasons[before] == season]
        columns = np.flatnonzero(seasons == season)
        if len(same) == 0:
            same = before
        counts, children = arena.matrix.outcome[:, same], arena.matrix.exposure[:, same]
        there = np.isfinite(counts)
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.where(there, counts, 0).sum(axis=1) / np.where(there, children, 0).sum(axis=1)
        usual[:, columns] = rate[:, None] * np.nan_to_num(arena.with_gap.exposure[:, columns])
    found: Floats = np.nan_to_num(usual)
    return found


def _before(arena: Arena, start: int) -> Ints:
    """Columns of the window before the gap."""
    end = start - arena.gap
    return np.arange(max(end - arena.pre, 0), max(end, 0))


def _after(arena: Arena, start: int) -> Ints:
    return np.arange(start, arena.matrix.outcome.shape[1])


def _known(arena: Arena, columns: Ints) -> Ints:
    """Those months in which some donor has a number."""
    found: Ints = columns[arena.matrix.is_there[np.ix_(arena.donors, columns)].any(axis=0)]
    return found


def _spans(arena: Arena, start: int) -> UnitSpans:
    return unit_spans(arena.matrix, start, pre=arena.pre, gap=arena.gap, seasons=arena.seasons)


def _pooled(spans: UnitSpans, chosen: Bools) -> Floats:
    """Log of what was counted over what the same calendar months before would give, for each set of units."""
    counted, expected = chosen @ spans.post_count, chosen @ spans.expected
    found = np.full(len(counted), np.nan)
    usable = (counted > 0) & (expected > 0)
    found[usable] = np.log(counted[usable] / expected[usable])
    return found


def _rate(arena: Arena, columns: Ints) -> Floats:
    columns = _known(arena, columns)
    if not len(columns):
        raise NotEnoughData("a comparison by quarter", found="a quarter without a number", todo="choose other months")
    rate = arena.matrix.outcome[:, columns].sum(axis=1) / arena.matrix.exposure[:, columns].sum(axis=1)
    found: Floats = np.where(rate > 0, rate, np.nan)
    return found


def _by_start(arena: Arena, statistic: Callable[[int, Bools, Bools], Floats]) -> Statistic:
    """A statistic for each start, averaged over units: ``statistic(start, chosen, controls)`` gives one a row."""

    def of(starts: Floats) -> Floats:
        several = np.isfinite(starts).sum(axis=1)
        total = np.zeros(len(starts))
        free = arena.donors[None, :] & ~np.isfinite(starts)
        for start, chosen in arena.groups(starts):
            rows = np.flatnonzero(chosen.any(axis=1))
            total[rows] += chosen[rows].sum(axis=1) * statistic(start, chosen[rows], free[rows])
        mean: Floats = total / several
        return mean

    return Statistic(float(of(arena.starts[None, :])[0]), of(arena.placebo_starts))


def _mean_of_units(arena: Arena, found: dict[int, Floats], error: float = float("nan")) -> Statistic:
    """From a number for each unit and start to the mean over each set of units."""

    def of(starts: Floats) -> Floats:
        total, several = np.zeros(len(starts)), np.zeros(len(starts))
        for start, chosen in arena.groups(starts):
            known = np.isfinite(found[start])
            total += (chosen & known) @ np.nan_to_num(found[start])
            several += (chosen & known).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean: Floats = total / several
        return mean

    return Statistic(float(of(arena.starts[None, :])[0]), of(arena.placebo_starts), error)
