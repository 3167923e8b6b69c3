"""One window of months: who is in it, and which untreated units stand in for the treated ones as placebos."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insight.errors import NotEnoughData
from insight.stats.arrangements import draw_assignments
from insight.stats.panel_matrix import NEVER, PanelMatrix, panel_matrix
from insight.studies.site_effect._design import FEWEST_A_MONTH, Design

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

DRAWS = 999
SEED = 20261121
THIRDS = 3
# Thirds by size need a few units each, or a placebo would have hardly anybody to be drawn from.
FEWEST_FOR_THIRDS = 60
FEWEST_MONTHS = 12
# Below this many sets of untreated units not even their spread is known.
FEWEST_SETS = 3


@dataclass(frozen=True, eq=False)
class Arena:
    """Treated units and donors over a window.

    Parameters
    ----------
    matrix : PanelMatrix
        Counts with children as exposure (ones where there are none); the first period of the grid is ``first``. Months
        that are in neither side have no count.
    with_gap : PanelMatrix
        The same with those months, for what is only shown.
    first : int
        Month of the first column, as year * 12 + month - 1.
    seasons : (T,) array
        Calendar month of each column.
    pre, gap : int
        Months compared before a start, and those right before it that are left out.
    donors : (N,) array
        Units that no programme names, with every month of the window.
    strata : (N,) array
        Size third of each unit, or one for all where there are few.
    placebo_starts : (M, N) array
        In each row, as many donors as there are treated units, of the same thirds, bear their starts.
    why_not : mapping
        Why a unit of the design is not in the arena.
    """

    matrix: PanelMatrix
    with_gap: PanelMatrix
    first: int
    seasons: Ints
    pre: int
    gap: int
    donors: Bools
    strata: Ints
    placebo_starts: Floats
    has_exposure: bool
    why_not: dict[str, str]

    @property
    def treated(self) -> Bools:
        """Units with a start."""
        return self.matrix.ever_treated

    @property
    def starts(self) -> Floats:
        """Position of each unit's start."""
        return self.matrix.start

    @property
    def shared(self) -> Bools:
        """Months in which every treated unit and some donor has a number."""
        there = self.matrix.is_there
        return np.logical_and(there[self.treated].all(axis=0), there[self.donors].any(axis=0))

    @property
    def donors_alone(self) -> PanelMatrix:
        """The matrix of the donors, as placebos need it."""
        return rows_of(self.matrix, self.donors)

    @property
    def rates(self) -> Floats:
        """Referrals per child, or counts where there are no children; half a referral stands for none."""
        count = self.matrix.outcome
        return np.where(count > 0, count, 0.5 * np.isfinite(count) + 0 * count) / self.matrix.exposure

    def groups(self, starts: Floats) -> Iterator[tuple[int, Bools]]:
        """Each different start with the units that bear it: ``starts`` is (M, N), the units (M, N)."""
        for start in np.unique(starts[np.isfinite(starts)]):
            yield int(start), starts == start

    def place_of(self, unit: str) -> int | None:
        """The row of a unit, or None where it is not in the arena."""
        return self.matrix.units.index(unit) if unit in self.matrix.units else None


def arena_of(
    design: Design, *, months: int | None, gap: int, shift: int = 0, contaminated: bool = False, only: str | None = None
) -> Arena:
    """Lay one window out.

    Parameters
    ----------
    months : int or None
        Months before the gap; None for all there are.
    gap : int
        Months before each start that are left out.
    shift : int
        Months by which the count of treatment starts later; those between are left out too. Negative for a pretended
        start.
    contaminated : bool
        Count units of other programmes, or of this one without a start, among the donors.
    only : str, optional
        One treated unit alone.

    Raises
    ------
    NotEnoughData
        If no treated unit or no donor is left, each with its reason.
    """
    treated = [only] if only is not None else design.treated
    starts = design.units["start"] + shift
    last = design.last
    opening = int(design.cells["period"].min())
    wanted = {int(starts[unit]) for unit in treated}
    why_not: dict[str, str] = {}
    donors = design.of_part("donor", "contaminated") if contaminated else design.of_part("donor")
    counts = _by_month(design, "count", opening, last)
    children = _by_month(design, "children", opening, last)
    has_exposure = bool(children.loc[treated].notna().any(axis=None))
    there = counts.notna() & children.notna() if has_exposure else counts.notna()
    needed = _needed(wanted, months, gap + shift, opening, last)
    # A month that no donor has cannot be asked of any.
    had = there.loc[donors].any(axis=0).to_dict()
    needed = [month for month in needed if had.get(month)]
    kept_donors = _whole(donors, counts, there, needed, sorted(wanted), FEWEST_A_MONTH[design.door], why_not)
    kept_treated = [
        unit for unit in treated if _is_enough(unit, counts, there, int(starts[unit]), months, gap + shift, why_not)
    ]
    _require(kept_treated, kept_donors, why_not, design)
    used = sorted([*kept_treated, *kept_donors])
    grid = range(min(needed), last + 1)
    cells = design.cells[design.cells["unit"].isin(used) & design.cells["period"].isin(grid)].copy()
    cells["cohort"] = cells["unit"].map({unit: float(starts[unit]) for unit in kept_treated}).astype(float)
    matrix = every_month(
        panel_matrix(
            cells,
            outcome="count",
            unit="unit",
            period="period",
            cohort="cohort",
            exposure="children" if has_exposure else None,
            is_count=True,
        )
    )
    with_gap = matrix
    # What lies in the gap is on neither side: no estimate may lean on it.
    is_needed = np.isin(np.array(matrix.periods), needed)
    matrix = replace(matrix, outcome=np.where(is_needed, matrix.outcome, np.nan))
    strata = size_thirds(design.units.loc[list(matrix.units), "size"].to_numpy(float))
    is_donor = np.isin(np.array(matrix.units, dtype=object), kept_donors)
    return Arena(
        matrix=matrix,
        with_gap=with_gap,
        first=int(matrix.periods[0]),
        seasons=np.array([period % 12 + 1 for period in matrix.periods], dtype=np.int64),
        pre=len(matrix.periods) if months is None else months,
        gap=gap + shift,
        donors=is_donor,
        strata=strata,
        placebo_starts=_placebo_starts(matrix.start, is_donor, strata),
        has_exposure=has_exposure,
        why_not=why_not,
    )


def every_month(matrix: PanelMatrix) -> PanelMatrix:
    """The same on months in a row: one that nobody has a number for is a column without any, so that places count."""
    months = range(int(matrix.periods[0]), int(matrix.periods[-1]) + 1)
    if len(months) == len(matrix.periods):
        return matrix
    places = np.array([int(period) - months[0] for period in matrix.periods])
    several = len(matrix.units)
    outcome, exposure = np.full((2, several, len(months)), np.nan)
    outcome[:, places], exposure[:, places] = matrix.outcome, matrix.exposure
    covariates = np.full((several, len(months), matrix.covariates.shape[2]), np.nan)
    start = matrix.start.copy()
    treated = matrix.ever_treated
    start[treated] = places[start[treated].astype(int)]
    return replace(
        matrix, periods=tuple(months), outcome=outcome, exposure=exposure, covariates=covariates, start=start
    )


def rows_of(matrix: PanelMatrix, chosen: Bools) -> PanelMatrix:
    """Some units of a matrix, none of them treated."""
    return PanelMatrix(
        units=tuple(unit for unit, keep in zip(matrix.units, chosen, strict=True) if keep),
        periods=matrix.periods,
        outcome=matrix.outcome[chosen],
        exposure=matrix.exposure[chosen],
        start=np.full(int(chosen.sum()), NEVER),
        weights=matrix.weights[chosen],
        covariates=matrix.covariates[chosen],
        left_out=matrix.left_out,
    )


def _needed(starts: set[int], months: int | None, gap: int, opening: int, last: int) -> list[int]:
    """Every month that a comparison around one of these starts uses."""
    found: set[int] = set()
    for start in starts:
        before = start - gap
        found |= set(range(opening if months is None else max(before - months, opening), before))
        found |= set(range(start, last + 1))
    return sorted(found)


def _by_month(design: Design, value: str, opening: int, last: int) -> pd.DataFrame:
    """One row per unit of the design and one column per month, gaps included."""
    wide = design.cells.pivot(index="unit", columns="period", values=value)
    return wide.reindex(index=design.units.index, columns=pd.RangeIndex(opening, last + 1))


def _whole(
    units: list[str],
    counts: pd.DataFrame,
    there: pd.DataFrame,
    needed: list[int],
    starts: list[int],
    fewest: float,
    why_not: dict[str, str],
) -> list[str]:
    """Units with every month that is needed, and enough referrals in them on either side of the starts."""
    if not units or not needed:
        return []
    months = np.array(needed)
    columns = counts.columns.get_indexer(pd.Index(needed))
    rows = counts.index.get_indexer(pd.Index(units))
    missing = (~there.to_numpy()[np.ix_(rows, columns)]).sum(axis=1)
    known = np.nan_to_num(counts.to_numpy()[np.ix_(rows, columns)])
    # A unit that opened or closed within the months says nothing of what would have happened elsewhere.
    before, after = known[:, months < starts[0]].sum(axis=1), known[:, months >= starts[-1]].sum(axis=1)
    for place, unit in enumerate(units):
        if missing[place]:
            some = f"{missing[place]} of {len(needed)} months without a number"
            why_not[unit] = "no figures in these months" if missing[place] == len(needed) else some
        elif known[place].mean() < fewest:
            why_not[unit] = f"fewer than {fewest:.0f} referrals a month"
        elif not before[place] or not after[place]:
            why_not[unit] = f"no referral {'after' if before[place] else 'before'} the start"
    return [unit for unit in units if unit not in why_not]


def _is_enough(
    unit: str,
    counts: pd.DataFrame,
    there: pd.DataFrame,
    start: int,
    months: int | None,
    gap: int,
    why_not: dict[str, str],
) -> bool:
    """A treated unit may have gaps; it needs a year before with some referral in it, and a month after."""
    grid = there.columns.to_numpy()
    known = there.loc[[unit]].to_numpy()[0]
    opens = grid.min() if months is None else start - gap - months
    is_before = known & (grid >= opens) & (grid < start - gap)
    before = int(is_before.sum())
    if before < (FEWEST_MONTHS if months is None else min(FEWEST_MONTHS, months)):
        why_not[unit] = f"{before} months with a number before the start"
    elif not counts.loc[[unit]].to_numpy()[0][is_before].any():
        why_not[unit] = "no referral before the start"
    elif not known[grid >= start].any():
        why_not[unit] = "no month with a number after the start"
    return unit not in why_not


def _require(treated: list[str], donors: list[str], why_not: dict[str, str], design: Design) -> None:
    n_treated, n_donors = len(treated), len(donors)
    if treated and n_donors > n_treated and math.comb(n_donors, n_treated) >= FEWEST_SETS:
        return
    asked = f"comparing {design.name} with others"
    if treated and donors:
        raise NotEnoughData(
            asked,
            found=f"{n_treated} treated and {n_donors} untreated, too few to show how usual a change is",
            todo="give more units that never started",
        )
    found, reasons = _absent(design, why_not, is_treated=not treated)
    more = f"; and {len(reasons) - 3} more" if len(reasons) > 3 else ""
    said = f" ({'; '.join(reasons[:3])}{more})" if reasons else ""
    raise NotEnoughData(asked, found=f"{found}{said}", todo="give more months, or units that never started")


def _absent(design: Design, why_not: dict[str, str], *, is_treated: bool) -> tuple[str, list[str]]:
    """What there is none of, and why not; those of the other side are not the reason."""
    named = design.units["name"].to_dict()
    concerned = design.treated if is_treated else design.of_part("donor")
    if concerned:
        which = "treated unit" if is_treated else "unit to compare with"
        known = [f"{named[unit]}: {why_not[unit]}" for unit in concerned if unit in why_not]
        return f"no {which} that has enough months", known
    if not is_treated:
        return "no unit that never started", []
    dated = design.units[(design.units["part"] != "donor") & (design.units["why"] != "in another programme")]
    return "no unit that starts inside the months", [f"{row['name']}: {row['why']}" for _, row in dated.iterrows()]


def size_thirds(sizes: Floats) -> Ints:
    """Thirds by size, or one stratum where the units are few."""
    if len(sizes) < FEWEST_FOR_THIRDS:
        return np.zeros(len(sizes), dtype=np.int64)
    ranks = np.argsort(np.argsort(sizes, kind="stable"), kind="stable")
    return (ranks * THIRDS // len(sizes)).astype(np.int64)


def _placebo_starts(starts: Floats, donors: Bools, strata: Ints) -> Floats:
    """Sets of donors of the same thirds, which bear the starts of the treated units by lot."""
    treated = np.isfinite(starts)
    drawn = draw_assignments(donors, treated=treated, strata=strata, n_draws=DRAWS, seed=SEED).sets
    rng = np.random.default_rng([SEED, 1])
    out = np.full(drawn.shape, NEVER)
    for third in np.unique(strata[treated]):
        borne = starts[treated & (strata == third)]
        own = strata == third
        for row in range(len(out)):
            places = np.flatnonzero(drawn[row] & own)
            out[row, places] = borne if len(set(borne)) == 1 else rng.permutation(borne)
    return out
