"""What a hostile reader asks next: other donors, other dates, another trend, other sizes, and where referrals went."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.errors import MethodRefused, NotEnoughData
from insight.stats.clustered_change import clustered_change
from insight.stats.collapsed_change import unit_changes, unit_spans
from insight.stats.ferman_pinto import ferman_pinto
from insight.stats.few_treated import needs_rescaling
from insight.stats.panel_matrix import PanelMatrix, panel_matrix
from insight.stats.poisson_imputation import impute_for_assignments
from insight.stats.sensitivity import smoothness_intervals
from insight.studies.site_effect._arena import SEED, Arena, arena_of, every_month, rows_of
from insight.studies.site_effect._design import Design
from insight.studies.site_effect._effect import MOST_PAST
from insight.studies.site_effect._ranked import TIMES, numbers_of

# How far the difference in trends may bend from one quarter to the next: 0 allows a straight line.
BENDS = (0.0, 0.01, 0.02, 0.05, 0.1)
# Months after a pretended start: as many as after the real one, up to a year.
LONGEST_PRETENCE = 12


def leave_one_out(arena: Arena) -> tuple[float, float]:
    """Lowest and highest headline, as ratios, when each donor is left out in turn."""
    found = []
    for place in np.flatnonzero(arena.donors):
        keep = np.ones(len(arena.donors), dtype=bool)
        keep[place] = False
        rest = replace(rows_of(arena.matrix, keep), start=arena.matrix.start[keep])
        if not (arena.donors & keep).any():
            continue
        log = impute_for_assignments(
            rest, starts=rest.start[None, :], seasons=arena.seasons, gap=arena.gap, pre=arena.pre
        )
        found.append(float(np.exp(log[0])))
    known = [value for value in found if math.isfinite(value)]
    if not known:
        why = ("a span without any referral", "choose a longer window") if found else ("a single donor", "give more")
        raise NotEnoughData("leaving out one donor", found=why[0], todo=why[1])
    return min(known), max(known)


def dated_placebo(design: Design, *, months: int, gap: int, years: int) -> Arena:
    """An arena around a start pretended before the gap, with as many months after it as the real one has."""
    first = design.first_start
    length = min(design.last - first + 1, LONGEST_PRETENCE)
    end = first - gap - 12 * years
    cells = design.cells[design.cells["period"] < end]
    if cells.empty or not cells["count"].notna().any():
        raise NotEnoughData("pretending an earlier start", found="no months before", todo="give a longer history")
    units = design.units.copy()
    units.loc[design.treated, "start"] = end - length
    return arena_of(replace(design, cells=cells, units=units), months=months, gap=gap)


def past_changes(design: Design, arena: Arena) -> dict[str, dict[str, Any]]:
    """How far each unit's own changes against the donors went at pretended starts before the gap.

    A unit counts at a pretended start if it has every month of the spans around it.

    Returns
    -------
    dict
        By unit: ``noise``, the root mean square of its past log changes, and ``past``, how many there were. Spans after
        do not overlap; windows before do, as they must.
    """
    first = design.first_start
    length = design.last - first + 1
    matrix = _whole_history(design, arena)
    opening = int(matrix.periods[0])
    seasons = np.array([period % 12 + 1 for period in matrix.periods], dtype=np.int64)
    donors = np.isin(np.array(matrix.units, dtype=object), np.array(arena.matrix.units, dtype=object)[arena.donors])
    found = []
    for step in range(1, MOST_PAST + 1):
        start = first - arena.gap - step * length - opening
        opens = start - arena.gap - arena.pre
        if opens < 0:
            break
        spans = [*range(opens, start - arena.gap), *range(start, start + length)]
        change = unit_changes(matrix, start, pre=arena.pre, gap=arena.gap, post=length, seasons=seasons)
        change = np.where(matrix.is_there[:, spans].all(axis=1), change, np.nan)
        known = donors & np.isfinite(change)
        if known.any():
            found.append(change - change[known].mean())
    if not found:
        return {}
    several = np.array(found)
    counts = np.isfinite(several).sum(axis=0)
    squares = np.nansum(several**2, axis=0)
    return {
        str(unit): {"noise": math.sqrt(squares[i] / counts[i]) if counts[i] else None, "past": int(counts[i])}
        for i, unit in enumerate(matrix.units)
    }


def _whole_history(design: Design, arena: Arena) -> PanelMatrix:
    """Every unit of the design over every month there is."""
    exposure = "children" if arena.has_exposure else None
    return every_month(
        panel_matrix(design.cells, outcome="count", unit="unit", period="period", exposure=exposure, is_count=True)
    )


def sensitivity(quarters: pd.DataFrame) -> tuple[list[dict[str, Any]], float | None]:
    """Intervals for the mean of the quarters after the start when the difference in trends may bend.

    The reference is the last quarter before the gap; quarters in the gap are free. Quarters are not matched by
    calendar: numbers relative to a unit's own earlier quarters of the same season add up to nothing over the years
    before, whatever the trend, and would hide a straight line. The covariance is that of the placebo sets, widened for
    the few units that they are drawn from. With the rows the smallest bend, as a share a quarter, at which the interval
    reaches no change; None where a straight line is enough.
    """
    # A quarter without a referral has no logarithm.
    clean = quarters[np.isfinite(quarters["unmatched"])]
    before = clean[(clean["quarter"] < 0) & ~clean["is_left_out"]]
    after = clean[(clean["quarter"] >= 0) | clean["is_left_out"]]
    targets = (after["quarter"] >= 0).to_numpy(float)
    # Bends are second differences of quarters in a row.
    if len(before) < 3 or not targets.sum() or (np.diff(clean["quarter"]) != 1).any():
        return [], None
    placebos = clean.filter(like="unmatched_").to_numpy(float)
    placebos = placebos[:, np.isfinite(placebos).all(axis=0)]
    # Sets share units: what counts is how many units they are drawn from.
    several, free = int(quarters["n_drawn_from"].iloc[0]), len(before) - 2
    if placebos.shape[1] < len(clean) + 2 or several < 2 * len(clean):
        return [], None
    reference = len(before) - 1
    keep = [place for place in range(len(clean)) if place != reference]
    values = clean["unmatched"].to_numpy(float)
    coefs = values[keep] - values[reference]
    # Weights chosen on a covariance of few units make too little of their own noise: twice the share they use up.
    covariance = np.cov(placebos[keep] - placebos[reference]) * (several / (several - free)) ** 2
    found = smoothness_intervals(
        coefs,
        vcov=covariance,
        n_pre=len(before) - 1,
        n_post=len(after),
        weights=targets / targets.sum(),
        grid=list(BENDS),
        scale="ratio",
    )
    rows = [
        {"bend": bend, "value": each.value, "low": each.low, "high": each.high}
        for bend, each in zip(BENDS, found.estimates, strict=True)
    ]
    return rows, found.breakdown


def clustered(arena: Arena) -> list[Estimate]:
    """The jackknife and the restricted wild bootstrap, which stand beside the rank from 6 treated units on.

    Log rates before and after, in the calendar months that both have; with several starts, every cell.
    """
    start = int(arena.starts[arena.treated].min())
    shared = np.isin(arena.seasons, np.unique(arena.seasons[start:]))
    rows, columns = np.nonzero(np.isfinite(arena.matrix.outcome) & shared[None, :])
    cells = pd.DataFrame(
        {
            "unit": np.array(arena.matrix.units, dtype=object)[rows],
            "period": columns,
            "count": arena.matrix.outcome[rows, columns],
            "children": arena.matrix.exposure[rows, columns],
            "cohort": arena.starts[rows],
        }
    )
    is_common = len(np.unique(arena.starts[arena.treated])) == 1
    out = []
    for key, errors, words in (("crv3", "CRV3", "jackknife error"), ("wild_bootstrap", "wild", "wild bootstrap")):
        term = f"Change of log rates, every unit alike, {words}"
        try:
            found = clustered_change(
                cells,
                outcome="count",
                unit="unit",
                period="period",
                cohort="cohort",
                exposure="children",
                log=True,
                form="collapsed" if is_common else "panel",
                errors=errors,  # type: ignore[arg-type]  # one of its two literals
                seed=SEED,
                key=key,
                term=term,
            )
            out.append(found.estimate)
        except (NotEnoughData, MethodRefused) as reason:
            out.append(Estimate(key, term, None, "rate ratio", "ratio", reason.found, null=1.0))
    return out


def rescaled(arena: Arena) -> list[Estimate]:
    """Ferman and Pinto's rank and interval where treated sites are much smaller than the donors."""
    means = np.nanmean(arena.matrix.outcome, axis=1)
    share = Estimate("p_rescaled", "The same share, with the noise of small sites allowed for", None, "p", "p", "")
    change = Estimate(
        "rescaled", "Change of rates, with the noise of small sites allowed for", None, TIMES, "ratio", ""
    )
    start = int(arena.starts[arena.treated].min())
    changes = unit_changes(arena.matrix, start, pre=arena.pre, gap=arena.gap, seasons=arena.seasons)
    known = np.isfinite(changes)
    reason = ""
    if not needs_rescaling(float(means[arena.treated].min()), means[arena.donors]):
        reason = "not needed: every treated site is at least half as large as the middle donor"
    else:
        try:
            found = ferman_pinto(changes[known], treated=arena.treated[known], sizes=means[known], seed=SEED)
            method = "changes of donors rescaled to the treated sites' size (Ferman and Pinto)"
            return [
                replace(share, value=found.rescaled.p_value, method=method),
                replace(change, **numbers_of(found.rescaled, math.exp), method=method),
            ]
        except NotEnoughData as why_not:
            reason = why_not.found
    return [replace(share, method=reason), replace(change, method=reason)]


def displacement(design: Design, arena: Arena) -> list[Estimate]:
    """What happened at the other sites and in the whole, as plain ratios of counts: no effect is claimed."""
    start = int(arena.starts[arena.treated].min())
    spans = unit_spans(arena.matrix, start, pre=arena.pre, gap=arena.gap, seasons=arena.seasons)
    method = "count after over the same calendar months before; a description, no interval"
    out = []
    for key, term, chosen in (
        ("rest_change", "All other sites together", arena.donors),
        ("whole_change", "All sites together", np.ones(len(arena.donors), dtype=bool)),
    ):
        expected = float(spans.expected[chosen].sum())
        value = float(spans.post_count[chosen].sum()) / expected if expected else None
        out.append(
            Estimate(key, term, value, "times the count before", "ratio", method, null=1.0, n_units=int(chosen.sum()))
        )
    return out
