"""A programme on years to March, with its companions; its other waves on years, each apart."""

from __future__ import annotations

import math
from dataclasses import replace

from insight.core.estimate import Estimate
from insight.core.panel import Panel
from insight.errors import NotEnoughData
from insight.studies._words import names
from insight.studies.site_effect._annual import Years, companion, waves_of, yearly_imputation, years_of
from insight.studies.site_effect._design import COMPANIONS, VOLUMES
from insight.studies.site_effect._effect import OWN_KEY, WITHOUT
from insight.studies.site_effect._effects import Statistic
from insight.studies.site_effect._ranked import TIMES, numbers_of, ranked, slug, why


def by_year(panel: Panel, programme: str, *, gap: int) -> list[Estimate]:
    """Every yearly estimate of a programme and of its other waves.

    Parameters
    ----------
    gap : int
        Months before a start that are in neither side.
    """
    out: list[Estimate] = []
    for name in waves_of(panel, programme):
        is_own = name == programme
        empty = Estimate(
            OWN_KEY if is_own else f"annual_{slug(name)}", f"{name}, by year", None, TIMES, "ratio", "", null=1.0
        )
        try:
            years = years_of(panel, name, gap=gap)
            found, after, used = yearly_imputation(years)
            out.append(_filled(empty, found, years, after, used, panel))
        except NotEnoughData as reason:
            out.append(replace(empty, method=why(reason)))
            continue
        if is_own:
            out += [_share(years, key, panel) for key in COMPANIONS]
            out += [_volume(years, key, panel) for key in VOLUMES]
    return out


def _filled(
    empty: Estimate, found: Statistic, years: Years, after: tuple[int, ...], used: list[str], panel: Panel
) -> Estimate:
    test = ranked(found)
    return replace(
        empty,
        **numbers_of(test, math.exp),
        method=f"Poisson imputation on years, {_treated(years, used, panel)}, {test.n_placebos} placebo sets; "
        f"{_compared(years, after)}",
        n_units=len(used),
        n_authorities=len(used),
    )


def _share(years: Years, key: str, panel: Panel) -> Estimate:
    """The change of a share of referrals, in percentage points."""
    term = f"Change in the share: {COMPANIONS[key][1].lower()}"
    empty = Estimate(f"companion_{key}", term, None, "percentage points", "difference", "", null=0.0)
    try:
        found, used = companion(years, key)
        test = ranked(found)
    except NotEnoughData as reason:
        return replace(empty, method=why(reason))
    return replace(
        empty,
        **numbers_of(test, float),
        method=f"change of the share, {_treated(years, used, panel)}, {test.n_placebos} placebo sets; "
        f"{_compared(years, years.after)}",
        n_units=len(used),
        n_authorities=len(used),
    )


def _volume(years: Years, key: str, panel: Panel) -> Estimate:
    """Another count, by the headline's method."""
    indicator, term = VOLUMES[key]
    empty = Estimate(f"companion_{key}", f"{term}, by year", None, "times as many", "ratio", "", null=1.0)
    try:
        found, after, used = yearly_imputation(years, indicator)
        return _filled(empty, found, years, after, used, panel)
    except NotEnoughData as reason:
        return replace(empty, method=why(reason))


def _treated(years: Years, used: list[str], panel: Panel) -> str:
    """How many treated, and by name those that lack a number."""
    lost = [panel.register.get(unit).name for unit in years.treated if unit not in used]
    count = len(years.treated) - len(lost)
    return f"{count} treated{f' ({WITHOUT}{names(lost)})' if lost else ''}"


def _compared(years: Years, after: tuple[int, ...]) -> str:
    """Which years to March stand on either side, and how much of each lies after the start."""
    share = dict(zip(years.after, years.exposed, strict=True))
    said = " and ".join(f"{year} ({share[year]:.0%})" for year in after)
    return f"years to March {said} after the start, against {years.before[0]} to {years.before[-1]}"
