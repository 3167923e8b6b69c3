"""Every design of one comparison, side by side: the table from which no row is picked afterwards."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from insight.core.estimate import Estimate
from insight.core.panel import Panel
from insight.errors import MethodRefused, NotEnoughData
from insight.stats.few_treated import Inference, count_clusters, inference_for
from insight.stats.permutation import PlaceboTest
from insight.stats.power import smallest_noticeable
from insight.studies.site_effect._arena import Arena, arena_of
from insight.studies.site_effect._by_year import by_year
from insight.studies.site_effect._design import Design, month_words, programme_design, site_design
from insight.studies.site_effect._effect import HEADLINE, OTHERS, POWER, Effect
from insight.studies.site_effect._effects import (
    Statistic,
    changes_alone,
    comparative,
    event_quarters,
    imputation,
    level,
    quarterly,
    synthetic,
    trend_before,
)
from insight.studies.site_effect._ranked import TIMES, finite, numbers_of, ranked, slug, why
from insight.studies.site_effect._returns import partial_returns
from insight.studies.site_effect._rigour import (
    clustered,
    dated_placebo,
    displacement,
    leave_one_out,
    past_changes,
    rescaled,
    sensitivity,
)
from insight.studies.site_effect._series import series_of

WINDOWS: dict[str, int | None] = {"window_12": 12, "window_24": 24, "window_60": 60, "window_all": None}
_Make = Callable[[], Estimate]


def compute_effect(panel: Panel, asked: Mapping[str, Any]) -> Effect:
    """One comparison; ``asked`` has ``design, programme, months, gap`` and, for sites, ``area`` (see `effect_of`).

    Raises
    ------
    NotEnoughData
        If there is nothing to compare, in words.
    UsageError
        If there is no such programme.
    """
    if asked["design"] == "sites":
        found = site_design(panel, asked["area"])
    else:
        found = programme_design(panel, asked["programme"])
    return _Model(panel, found, months=asked["months"], gap=asked["gap"]).effect()


class _Model:
    """One design over its windows, each specification an Estimate or the reason why it is none."""

    def __init__(self, panel: Panel, design: Design, *, months: int, gap: int) -> None:
        self._panel, self._design, self._months, self._gap = panel, design, months, gap
        self._gap = max(gap, _anticipation(design))
        self._arena = arena_of(design, months=months, gap=self._gap)
        self._main = imputation(self._arena)
        self._inference = _inference(design, self._arena)
        self._partial = partial_returns(design, first=self._arena.first, last=design.last)

    def effect(self) -> Effect:
        """All of it."""
        arena = self._arena
        quarters = event_quarters(arena)
        bends, breakdown = sensitivity(quarters)
        return Effect(
            door=self._design.door,
            name=self._design.name,
            estimates=tuple(self._estimates()),
            units=self._units(),
            quarters=_quarters(quarters),
            series=series_of(self._design, arena),
            placebos=sorted(float(value) for value in np.exp(finite(self._main.placebos))),
            sensitivity=bends,
            facts={**self._facts(), "breakdown": breakdown},
            left_out=self._left_out(),
        )

    def _estimates(self) -> list[Estimate]:
        arena = self._arena
        place, others = "site" if self._design.door == "sites" else "authority", OTHERS[self._design.door]
        out = [
            self._ratio(
                HEADLINE,
                f"Compared with {others}, every referral counted alike",
                lambda: self._main,
                how="Poisson imputation; ",
            ),
            self._ratio(
                "per_authority_weighting",
                f"Compared with {others}, every {place} counted alike",
                lambda: imputation(arena, weighting="unit"),
                how="Poisson imputation; ",
            ),
            self._ratio("level_did", "Difference-in-differences in levels", lambda: level(arena)),
            self._ratio("comparative_its", "Comparative interrupted series, with a trend", lambda: comparative(arena)),
            self._ratio("synthetic_control", "Synthetic control", lambda: synthetic(arena, did=False)),
            self._ratio("synthetic_did", "Synthetic difference-in-differences", lambda: synthetic(arena, did=True)),
            self._ratio("callaway_santanna_quarterly", "Callaway and Sant'Anna, by quarter", lambda: quarterly(arena)),
            self._variant("with_contaminated_donors", self._contaminated_words, contaminated=True),
            self._whole_returns(),
        ]
        out += [
            self._variant(key, f"{f'{months} months' if months else 'All months'} before the start", months=months)
            for key, months in WINDOWS.items()
        ]
        out += [
            self._variant(f"start_plus_{shift}", f"Start counted {shift} months later", shift=shift) for shift in (3, 6)
        ]
        out += [self._alone(unit) for unit in self._design.treated]
        out += [
            self._ratio(
                "pre_trend",
                "Trend before the start, against the donors, for twelve months",
                lambda: trend_before(arena),
                unit="times, for twelve months",
            ),
            *self._dated(),
            *self._loo(),
            *self._numbers(),
        ]
        if "CRV3" in self._inference.beside:
            out += clustered(arena)
        if self._design.door == "sites":
            return [*out, *rescaled(arena), *displacement(self._design, arena)]
        return [*out, *by_year(self._panel, self._design.name, gap=self._gap)]

    def _ratio(
        self,
        key: str,
        term: str,
        statistic: Callable[[], Statistic],
        *,
        arena: Arena | None = None,
        unit: str = TIMES,
        how: str = "",
        more: str = "",
    ) -> Estimate:
        arena = arena or self._arena
        empty = Estimate(key, term, None, unit, "ratio", "", null=1.0)
        try:
            found = statistic()
            test = ranked(found)
        except (NotEnoughData, MethodRefused) as reason:
            return replace(empty, method=why(reason))
        numbers = numbers_of(test, math.exp)
        if not self._inference.can_reach_level:
            numbers |= {"low": None, "high": None}
        if numbers["low"] is None:
            more += "; no interval: too few untreated ones for a 95% claim"
        fit = "" if math.isnan(found.error) else f"; mean error before the start {100 * found.error:.0f}% of the rate"
        return replace(
            empty,
            **numbers,
            method=f"{how}{_method(test, arena)}{fit}{more}",
            n_rows=found.n_rows or int(np.isfinite(arena.matrix.outcome).sum()),
            n_units=len(arena.matrix.units),
            n_authorities=len(arena.matrix.units) if self._design.door == "programme" else None,
        )

    def _variant(self, key: str, term: str, **changed: Any) -> Estimate:
        wanted = {"months": self._months, "gap": self._gap, **changed}
        try:
            arena = arena_of(self._design, **wanted)
        except NotEnoughData as reason:
            return Estimate(key, term, None, TIMES, "ratio", why(reason), null=1.0)
        lost = [unit for unit in self._design.treated if unit in arena.why_not]
        absent = ", ".join(f"{self._name(unit)} ({arena.why_not[unit]})" for unit in lost)
        more = f"; without {absent}" if lost else ""
        return self._ratio(key, term, lambda: imputation(arena), arena=arena, more=more)

    @property
    def _contaminated_words(self) -> str:
        if self._design.door == "sites":
            return "Sites that start later among the donors"
        return "Areas of other programmes among the donors"

    def _whole_returns(self) -> Estimate:
        """The headline without donors whose return looks partial."""
        key, term = "without_partial_returns", "Donors with a return that looks partial left out"
        doubtful = [unit for unit in self._design.of_part("donor") if unit in self._partial]
        units = self._design.units.copy()
        units.loc[doubtful, "part"] = "not used"
        try:
            arena = arena_of(replace(self._design, units=units), months=self._months, gap=self._gap)
        except NotEnoughData as reason:
            return Estimate(key, term, None, TIMES, "ratio", why(reason), null=1.0)
        return self._ratio(key, term, lambda: imputation(arena), arena=arena)

    def _alone(self, unit: str) -> Estimate:
        return self._variant(f"treated_{slug(unit)}", f"{self._name(unit)} alone", only=unit)

    def _name(self, unit: str) -> str:
        return str(self._design.units["name"].to_dict()[unit])

    def _dated(self) -> list[Estimate]:
        out = []
        for place in (1, 2):
            key, term = f"placebo_date_{place}", f"A start pretended {'just' if place == 1 else 'a year'} before"
            try:
                arena = dated_placebo(self._design, months=self._months, gap=self._gap, years=place - 1)
            except NotEnoughData as reason:
                out.append(Estimate(key, term, None, TIMES, "ratio", why(reason), null=1.0))
                continue
            start = arena.first + int(arena.starts[arena.treated].min())
            out.append(self._ratio(key, f"{term}: {month_words(start)}", _later(imputation, arena), arena=arena))
        return out

    def _loo(self) -> list[Estimate]:
        method = "the headline without each donor in turn; no interval"
        low = high = None
        try:
            low, high = leave_one_out(self._arena)
        except NotEnoughData as reason:
            method = why(reason)
        size: dict[str, Any] = {"n_units": len(self._arena.matrix.units) - 1}
        return [
            Estimate(f"leave_one_out_{which}", f"{which.capitalize()} without one donor", value, TIMES, "ratio", method,
                     null=1.0, **size)
            for which, value in (("lowest", low), ("highest", high))
        ]  # fmt: skip

    def _numbers(self) -> list[Estimate]:
        test = ranked(self._main)
        fall, spread = None, f"spread of {test.n_placebos} placebo sets; 95% level, power {POWER:.0%}"
        try:
            found = smallest_noticeable(finite(self._main.placebos), level=0.95, power=POWER)
            fall = None if found.fall.value is None else 100 * (1 - found.fall.value)
        except NotEnoughData as reason:
            spread = why(reason)
        size: dict[str, Any] = {"n_units": len(self._arena.matrix.units)}
        return [
            Estimate(
                "smallest_noticeable",
                "Smallest fall that would be noticed 8 times in 10",
                fall,
                "% fewer referrals",
                "percent",
                spread,
                **size,
            ),
            Estimate(
                "p_permutation", "Share of placebo sets at least as far from no change", test.p_value, "p", "p",
                _method(test, self._arena), **size,
            ),
            Estimate(
                "p_smallest", "Smallest p that so many placebo sets can give", test.smallest_p, "p", "p",
                f"1 over {test.n_placebos + 1}", **size,
            ),
        ]  # fmt: skip

    def _units(self) -> list[dict[str, Any]]:
        change = changes_alone(self._arena)
        past = past_changes(self._design, self._arena)
        used = set(self._arena.matrix.units)
        rows = []
        for unit, row in self._design.units.iterrows():
            code = str(unit)
            own = {key: row[key] for key in ("name", "part", "kind")}
            rows.append(
                {
                    "unit": code,
                    **own,
                    "why": self._arena.why_not.get(code, "") or row["why"],
                    "start": None if pd.isna(row["start"]) else int(row["start"]),
                    "size": float(row["size"]),
                    "used": code in used,
                    "flag": self._partial.get(code, ""),
                    "change": _or_none(change.get(code)),
                    **past.get(code, {"noise": None, "past": 0}),
                    **self._before_and_after(code),
                }
            )
        return rows

    def _before_and_after(self, code: str) -> dict[str, Any]:
        """Mean counts a month on either side, and the rate before, of a unit in the arena."""
        place = self._arena.place_of(code)
        if place is None:
            return {"before": None, "after": None, "rate": None, "third": None}
        start = int(self._arena.starts[self._arena.treated].min())
        columns = slice(max(start - self._gap - self._months, 0), start - self._gap)
        counts, children = self._arena.matrix.outcome[place], self._arena.matrix.exposure[place]
        there = np.isfinite(counts[columns])
        before = counts[columns][there]
        people = children[columns][there].sum()
        after = counts[start:][np.isfinite(counts[start:])]
        return {
            "before": float(before.mean()) if len(before) else None,
            "after": float(after.mean()) if len(after) else None,
            "rate": float(before.sum() / people) if len(before) and people else None,
            "third": int(self._arena.strata[place]),
        }

    def _left_out(self) -> list[list[str]]:
        """Months without a number, then units that play no part; sites stand under the nation, by name."""
        rows = [[row.area, row.period, row.reason] for row in self._design.left_out]
        nation = self._panel.register.nation.code
        for unit, row in self._design.units.iterrows():
            reason = self._arena.why_not.get(str(unit), "") or row["why"]
            if reason and self._arena.place_of(str(unit)) is None:
                is_site = self._design.door == "sites"
                rows.append([nation, "all", f"{row['name']}: {reason}"] if is_site else [str(unit), "all", reason])
        return rows

    def _facts(self) -> dict[str, Any]:
        arena, design = self._arena, self._design
        used = [unit for unit in design.treated if arena.place_of(unit) is not None]
        starts = sorted(int(start) for start in design.units.loc[used, "start"].unique())
        return {
            "first_start": starts[0],
            "last_start": starts[-1],
            "last": design.last,
            "window_opens": max(starts[0] - self._gap - self._months, arena.first),
            "window_closes": starts[0] - self._gap - 1,
            "gap": self._gap,
            "months": min(self._months, starts[0] - self._gap - arena.first),
            "n_treated": len(used),
            "n_donors": int(arena.donors.sum()),
            "n_placebos": len(finite(self._main.placebos)),
            "n_clusters": self._inference.n_treated,
            "can_reach_level": self._inference.can_reach_level,
            "is_selection": design.is_selection,
            "kinds": sorted({str(design.units.loc[unit, "kind"]) for unit in used}),
            "has_exposure": arena.has_exposure,
            "has_thirds": bool(arena.strata.max() > 0),
            "not_used": len(arena.why_not),
            "flagged_treated": [f"{self._name(unit)}: {self._partial[unit]}" for unit in used if unit in self._partial],
            "n_flagged_donors": sum(
                unit in self._partial and arena.place_of(unit) is not None for unit in self._design.of_part("donor")
            ),
        }


def _inference(design: Design, arena: Arena) -> Inference:
    """What so few treated units can carry; sites of one authority that started together count as one."""
    used = [unit for unit, treated in zip(arena.matrix.units, arena.treated, strict=True) if treated]
    groups = ["one authority"] * len(used) if design.door == "sites" else used
    starts = [int(design.units["start"].to_dict()[unit]) for unit in used]
    return inference_for(count_clusters(groups=groups, starts=starts), int(arena.donors.sum()))


def _anticipation(design: Design) -> int:
    """Months from being announced to going live: they are neither before nor after."""
    rows = design.units.loc[design.treated]
    live = rows[(rows["kind"] == "live") & rows["announced"].notna()]
    return int(max((live["start"] - live["announced"]).max(), 0)) if len(live) else 0


def _method(test: PlaceboTest, arena: Arena) -> str:
    thirds = " of the same size third" if arena.strata.max() > 0 else ""
    return (
        f"{int(arena.treated.sum())} treated against {int(arena.donors.sum())} donors; interval by inverting the rank "
        f"among {test.n_placebos} sets of untreated units{thirds}"
    )


def _later(statistic: Callable[[Arena], Statistic], arena: Arena) -> Callable[[], Statistic]:
    return lambda: statistic(arena)


def _or_none(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _quarters(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Event time with the middle 95% of the placebo sets, as ratios."""
    placebos = frame.filter(like="placebo_").to_numpy(float)
    rows = []
    for place, row in enumerate(frame[["quarter", "value", "is_left_out"]].to_dict("records")):
        drawn = finite(placebos[place])
        ends = np.quantile(drawn, [0.025, 0.975]) if len(drawn) else [float("nan")] * 2
        value, low, high = (float(np.exp(each)) for each in (row["value"], *ends))
        rows.append(
            {
                "quarter": int(row["quarter"]),
                "value": _or_none(value),
                "low": _or_none(low),
                "high": _or_none(high),
                "is_left_out": bool(row["is_left_out"]),
            }
        )
    return rows
