"""The same question on years to March: coarser, one release newer, and with companions that have no months.

A year counts as treated when at least half of it lies after the start. Years that lie partly in the gap, or less than
half after the start, are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insight.core.panel import Panel
from insight.errors import NotEnoughData
from insight.stats.arrangements import draw_assignments
from insight.stats.panel_matrix import NEVER, panel_matrix
from insight.stats.poisson_imputation import impute_for_assignments
from insight.studies.site_effect._arena import DRAWS, SEED, Bools, Floats, Ints, rows_of, size_thirds
from insight.studies.site_effect._design import COMPANIONS, LAST_MONTH, REFERRALS, SITES, VOLUMES, start_of
from insight.studies.site_effect._effects import Statistic

YEARS_BEFORE = 3
HALF = 0.5
FEWEST_A_YEAR = 120.0
CHILDREN = "population_0_to_17_count"


@dataclass(frozen=True, eq=False)
class Years:
    """One programme on years: counts by unit and year, who is treated, and which years are compared."""

    programme: str
    before: tuple[int, ...]
    after: tuple[int, ...]
    exposed: tuple[float, ...]
    wide: dict[str, pd.DataFrame]
    treated: tuple[str, ...]
    donors: tuple[str, ...]
    strata: Ints
    order: tuple[str, ...]
    has_exposure: bool


def years_of(panel: Panel, programme: str, *, gap: int) -> Years:
    """Lay one programme out by years to March.

    Raises
    ------
    NotEnoughData
        If no treated authority has the years, or no start is known.
    """
    starts = {each.area: start_of(each) for each in panel.programmes.of(programme)}
    months = sorted({start.month for start in starts.values() if start is not None})
    if REFERRALS not in panel.indicators or not months:
        raise NotEnoughData(
            f"comparing {programme} by year",
            found="no start is known" if not months else "no yearly referrals in the store",
            todo="add the date to programmes.csv, or the publisher's file of referrals",
        )
    beside = [part for part, _ in (*COMPANIONS.values(), *VOLUMES.values())]
    wide = {key: _wide(panel, key) for key in (REFERRALS, CHILDREN, *beside)}
    years = [year for year in map(int, wide[REFERRALS].columns.tolist()) if year * 12 + 2 <= LAST_MONTH]
    after = [(year, share) for year in years if (share := _share_after(year, max(months))) >= HALF]
    before = [year for year in years if year * 12 + 2 < min(months) - gap][-YEARS_BEFORE:]
    if not after or len(before) < 2:
        raise NotEnoughData(
            f"comparing {programme} by year",
            found=f"{len(before)} years before the start and {len(after)} after it",
            todo="wait for the next release, or choose a programme that started earlier",
        )
    used = [*before, *(year for year, _ in after)]
    listed = {each.area for each in panel.programmes.all if each.programme != SITES}
    there = wide[REFERRALS][used].notna().all(axis=1) & (wide[REFERRALS][before].mean(axis=1) >= FEWEST_A_YEAR)
    has_exposure = not wide[CHILDREN].empty
    if has_exposure:
        exposure = wide[CHILDREN].reindex(index=wide[REFERRALS].index, columns=used)
        there &= exposure.notna().all(axis=1)
    treated = [code for code in wide[REFERRALS].index[there] if starts.get(code) is not None]
    donors = [code for code in wide[REFERRALS].index[there] if code not in listed]
    if not treated or not donors:
        raise NotEnoughData(
            f"comparing {programme} by year",
            found=f"{len(treated)} treated and {len(donors)} other authorities with every year",
            todo="choose a programme whose authorities have figures",
        )
    order = sorted([*treated, *donors])
    # Thirds as the headline has them: by children; and by nothing that the programme can have moved.
    sizes = wide[CHILDREN if has_exposure else REFERRALS].loc[order, before].mean(axis=1).to_numpy(float)
    strata = size_thirds(sizes)
    return Years(
        programme=programme,
        before=tuple(before),
        after=tuple(year for year, _ in after),
        exposed=tuple(share for _, share in after),
        wide=wide,
        treated=tuple(treated),
        donors=tuple(donors),
        strata=strata,
        order=tuple(order),
        has_exposure=has_exposure,
    )


def yearly_imputation(years: Years, key: str = REFERRALS) -> tuple[Statistic, tuple[int, ...], list[str]]:
    """Poisson imputation on years, as the headline does it on months.

    With it come the years after the start and the units that it rests on.

    ``key`` may be another count, which then is compared over the years and authorities that have it.
    """
    wide = years.wide[key].reindex(index=list(years.order))
    after = tuple(year for year in years.after if year in wide.columns and wide[year].notna().any())
    used = [*years.before, *after]
    if not after or any(year not in wide.columns for year in used):
        raise NotEnoughData("a comparison by year", found="no figures for these years", todo="see the sources")
    known = wide[used].notna().all(axis=1) & (wide[used].sum(axis=1) > 0)
    kept = wide.index[known].tolist()
    if not set(kept) & set(years.treated) or not set(kept) & set(years.donors):
        raise NotEnoughData("a comparison by year", found="no treated unit with every year", todo="see the sources")
    cells = _long(wide.loc[kept, used], "count")
    if years.has_exposure:
        children = _long(years.wide[CHILDREN], "children")
        cells = cells.merge(children, on=["unit", "period"], how="left", validate="1:1")
    cells["cohort"] = np.where(cells["unit"].isin(years.treated), float(after[0]), np.nan)
    matrix = panel_matrix(
        cells,
        outcome="count",
        unit="unit",
        period="period",
        cohort="cohort",
        exposure="children" if years.has_exposure else None,
        is_count=True,
    )
    is_donor, is_treated = (np.isin(np.array(matrix.units, dtype=object), who) for who in (years.donors, years.treated))
    third = dict(zip(years.order, years.strata.tolist(), strict=True))
    strata = np.array([third[unit] for unit in matrix.units])
    drawn = draw_assignments(is_donor, treated=is_treated, strata=strata, n_draws=DRAWS, seed=SEED).sets
    placebo = np.where(drawn, float(len(years.before)), NEVER)[:, is_donor]
    observed = impute_for_assignments(matrix, starts=matrix.start[None, :])
    return Statistic(float(observed[0]), impute_for_assignments(rows_of(matrix, is_donor), starts=placebo)), after, kept


def companion(years: Years, key: str) -> tuple[Statistic, list[str]]:
    """Change of a share of referrals, in percentage points, at the treated against the donors.

    Only authorities with every number count; they are given back in their order.
    """
    part = years.wide[COMPANIONS[key][0]].reindex(index=list(years.order))
    whole = years.wide[REFERRALS].reindex(index=list(years.order))
    spans = [list(years.before), list(years.after)]
    if any(year not in part.columns for span in spans for year in span):
        raise NotEnoughData("a companion measure", found="a year without it", todo="see the sources")
    shares = [
        (100 * part[span].sum(axis=1, skipna=False) / whole[span].sum(axis=1, skipna=False)).to_numpy(float)
        for span in spans
    ]
    change: Floats = shares[1] - shares[0]
    known = np.isfinite(change)
    treated, donors = np.isin(years.order, years.treated) & known, np.isin(years.order, years.donors) & known
    if not treated.any() or not donors.any():
        raise NotEnoughData("a companion measure", found="no treated unit with every year", todo="see the sources")
    filled = np.nan_to_num(change)

    def of(chosen: Bools) -> Floats:
        free = donors[None, :] & ~chosen
        found: Floats = chosen @ filled / chosen.sum(axis=1) - free @ filled / free.sum(axis=1)
        return found

    drawn = draw_assignments(donors, treated=treated, strata=years.strata, n_draws=DRAWS, seed=SEED).sets
    used = [unit for unit, is_used in zip(years.order, treated | donors, strict=True) if is_used]
    return Statistic(float(of(treated[None, :])[0]), of(drawn)), used


def waves_of(panel: Panel, programme: str) -> list[str]:
    """The programme and its other waves, which share the name before the last comma, in order of name."""
    stem = programme.rsplit(", ", 1)[0]
    return [name for name in panel.programmes.names() if name == programme or name.rsplit(", ", 1)[0] == stem]


def _long(wide: pd.DataFrame, value: str) -> pd.DataFrame:
    long = wide.rename_axis(index="unit", columns="period").reset_index()
    return long.melt(id_vars="unit", var_name="period", value_name=value).astype({"period": int})


def _wide(panel: Panel, key: str) -> pd.DataFrame:
    if key not in panel.indicators:
        return pd.DataFrame()
    rows = panel.select(key, level=("authority", "joint")).data
    # The year to March t is taken over the middle of t - 1.
    rows = rows.assign(time_period=rows["time_period"] + (key == CHILDREN))
    return rows.pivot(index="area", columns="time_period", values="value")


def _share_after(year: int, start: int) -> float:
    """The share of the year to March that lies at or after a month."""
    return min(max((year * 12 + 3 - start) / 12, 0.0), 1.0)
