"""Small made panels for the study of sites: a few authorities by month, or one authority's own sites."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

import insight as ins
from insight.core.display import Display
from insight.core.estimate import Estimate
from insight.core.finding import Finding
from insight.core.indicator import Indicator
from insight.core.panel import COLUMNS, Panel
from insight.core.period import PeriodKind
from insight.core.programmes import Programme, Programmes
from insight.core.register import Register
from insight.core.source import Source
from insight.studies.site_effect._effect import Effect

SHROPSHIRE, LEEDS = "E06000051", "E08000035"
PILOT, OTHER = "Pilot, wave 1", "Another trial"
FIRST = 2019 * 12 + 3
"""April 2019, as year * 12 + month - 1."""

_KINDS = {
    "referral_month_count": PeriodKind.MONTH,
    "site_referral_count": PeriodKind.MONTH,
    "site_child_count": PeriodKind.MONTH,
    "population_0_to_17_count": PeriodKind.MID_YEAR,
    "referral_count": PeriodKind.YEAR_TO_MARCH,
    "rereferral_count": PeriodKind.YEAR_TO_MARCH,
    "no_further_action_count": PeriodKind.YEAR_TO_MARCH,
}
_SOURCE = Source("made", "Publisher", "Made rows", "https://example.org", "OGL v3.0", release="2024", sha256="ab" * 32)
Row = tuple[str, int, str, str, float | None, str]


@cache
def register() -> Register:
    """The real register, read once."""
    return Register.read()


def authorities(several: int) -> list[str]:
    """Codes of authorities that stand today, in order of code."""
    return sorted(area.code for area in register().authorities())[:several]


def month(position: int) -> int:
    """The label of a month, counted from April 2019: 0 is 201904."""
    index = FIRST + position
    return index // 12 * 100 + index % 12 + 1


def iso(position: int) -> str:
    """The same month in ISO form."""
    label = month(position)
    return f"{label // 100}-{label % 100:02d}"


def drawn(
    several: int,
    months: int,
    *,
    seed: int = 1,
    mean: float = 60.0,
    effect: float = 1.0,
    treated: Iterable[int] = (),
    start: int = 36,
) -> pd.DataFrame:
    """Poisson counts with a season and some noise: one row a unit, one column a month; an effect where it is asked."""
    rng = np.random.default_rng(seed)
    size = mean * np.exp(rng.uniform(-0.5, 0.5, several))
    season = 0.15 * np.sin(2 * np.pi * np.arange(months) / 12)
    rate = size[:, None] * np.exp(season + rng.normal(0, 0.05, (several, months)))
    rate[list(treated), start:] *= effect
    return pd.DataFrame(rng.poisson(rate).astype(float))


def panel_of(rows: Sequence[Row], programmes: Sequence[Programme] = ()) -> Panel:
    """A panel from (area, time_period, indicator, breakdown, value, status) rows."""
    full = [
        (
            area,
            period,
            _end(period, key),
            key,
            part,
            "2024",
            value,
            "" if status == "value" else "c",
            status,
            None,
            None,
        )
        for area, period, key, part, value, status in rows
    ]
    frame = pd.DataFrame(full, columns=list(COLUMNS)).astype(
        {"value": "float64", "numerator": "float64", "denominator": "float64"}
    )
    known = {
        key: Indicator(key, key.replace("_", " ").capitalize(), "count", "neither", kind, "made", additive=True)
        for key, kind in _KINDS.items()
        if (frame["indicator"] == key).any()
    }
    return Panel(frame, known, (_SOURCE,), register(), programmes=Programmes(tuple(programmes)))


def _end(period: int, key: str) -> date:
    if _KINDS[key] is PeriodKind.MONTH:
        return pd.Timestamp(year=period // 100, month=period % 100, day=1).to_period("M").end_time.date()
    return date(period, 6, 30) if _KINDS[key] is PeriodKind.MID_YEAR else date(period, 3, 31)


def part_of(
    area: str, *, live: str = "", funded: str = "", announced: str = "", programme: str = PILOT, site: str = ""
) -> Programme:
    """One line of the file of programmes."""
    return Programme(programme, area, site, announced, funded, live, "made", "made for a test")


def site_panel(
    counts: pd.DataFrame,
    starts: Mapping[int, str],
    *,
    area: str = SHROPSHIRE,
    children: float | None = 4000.0,
    name: str = "Site",
) -> Panel:
    """An authority's own sites: a row of ``counts`` each, NaN where the file has no number."""
    return panel_of(site_rows(counts, area=area, children=children, name=name), site_starts(starts, area, name))


def site_rows(
    counts: pd.DataFrame, *, area: str = SHROPSHIRE, children: float | None = 4000.0, name: str = "Site"
) -> list[Row]:
    """The rows of a file of sites."""
    rows: list[Row] = []
    for place, own in enumerate(counts.to_numpy()):
        site = f"{name} {place:02d}"
        for position, value in enumerate(own):
            rows.append((area, month(position), "site_referral_count", site, *_cell(value)))
            if children is not None:
                rows.append((area, month(position), "site_child_count", site, children + 100 * place, "value"))
    return rows


def site_starts(starts: Mapping[int, str], area: str = SHROPSHIRE, name: str = "Site") -> list[Programme]:
    """The sites' starts as the file of sites makes programmes of them."""
    return [
        part_of(area, live=live, programme="Sites", site=f"{name} {place:02d}")
        for place, live in sorted(starts.items())
    ]


def authority_panel(
    counts: pd.DataFrame,
    programmes: Sequence[Programme],
    *,
    codes: Sequence[str] | None = None,
    children: float | None = 30_000.0,
    more: Sequence[Row] = (),
) -> Panel:
    """Referrals by month of authorities: a row of ``counts`` each, NaN where the publisher hides a month."""
    codes = authorities(len(counts)) if codes is None else codes
    rows: list[Row] = []
    last = FIRST // 12 + counts.shape[1] // 12 + 1
    for place, (code, own) in enumerate(zip(codes, counts.to_numpy(), strict=True)):
        rows += [
            (code, month(position), "referral_month_count", "", *_cell(value)) for position, value in enumerate(own)
        ]
        if children is not None:
            rows += [
                (code, year, "population_0_to_17_count", "", children + 500 * place, "value")
                for year in range(FIRST // 12 - 1, last + 1)
            ]
    return panel_of([*rows, *more], programmes)


def _cell(value: float) -> tuple[float | None, str]:
    return (None, "suppressed") if np.isnan(value) else (float(value), "value")


def payloads(finding: Finding, *, with_charts: bool = True) -> dict[str, Display]:
    """Everything that a page of the finding may hold, by name; charts take time."""
    found: dict[str, Display] = {
        "card": finding.card(),
        "tidy": finding.tidy(),
        "checks": finding.checks,
        "sources": finding.sources,
    }
    found |= {f"note {name}": finding.note(name) for name in finding.notes}
    found |= {f"table {name}": finding.table(name) for name in finding.tables}
    return found | {f"chart {name}": finding.plot(name) for name in finding.charts if with_charts}


def hash_of_a_page() -> str:
    """Of the record and every view of one page of made sites."""
    panel = site_panel(drawn(7, 44, seed=3, effect=0.6, treated=[0, 1], start=32), {0: iso(32), 1: iso(34)})
    finding = ins.studies.site_effect(panel, design="sites", authority=SHROPSHIRE)
    shown = [json.dumps(finding.record(), sort_keys=True), *(repr(each.content) for each in payloads(finding).values())]
    return hashlib.sha256("".join(shown).encode()).hexdigest()


def made_effect(
    head: tuple[float | None, float | None, float | None] = (0.8, 0.7, 0.9),
    *,
    alone: Mapping[str, float] | None = None,
    facts: Mapping[str, object] | None = None,
    door: Literal["programme", "sites"] = "programme",
    **others: tuple[float | None, float | None, float | None],
) -> Effect:
    """A result with these numbers: value, low, high of the headline, and of any other key by its name."""
    weighted = others.pop("per_authority_weighting", head)
    told: dict[str, tuple[float | None, float | None, float | None]] = {
        "poisson_imputation": head,
        "per_authority_weighting": weighted,
        "level_did": head,
        "comparative_its": head,
        "synthetic_control": head,
        "synthetic_did": head,
        "callaway_santanna_quarterly": head,
        "with_contaminated_donors": head,
        "without_partial_returns": head,
        "pre_trend": (1.0, 0.9, 1.1),
        "placebo_date_1": (1.0, 0.9, 1.1),
        "placebo_date_2": (None, None, None),
        "leave_one_out_lowest": (0.79, None, None),
        "leave_one_out_highest": (0.81, None, None),
        "smallest_noticeable": (12.0, None, None),
        "p_permutation": (0.01, None, None),
        "p_smallest": (0.001, None, None),
        "companion_rereferral": (0.1, -0.5, 0.7),
        "companion_no_further_action": (0.1, -0.5, 0.7),
        "rest_change": (1.02, None, None),
        "whole_change": (0.98, None, None),
        **others,
    }
    scales = {"companion_rereferral": "difference", "companion_no_further_action": "difference"}
    estimates = [
        _estimate(key, key.replace("_", " "), values, scales.get(key, "ratio")) for key, values in told.items()
    ]
    alone = {"Leeds": 0.79, "Bradford": 0.81} if alone is None else alone
    estimates += [
        _estimate(f"treated_{name}", f"{name} alone", (value, None, None), "ratio") for name, value in alone.items()
    ]
    usual: dict[str, object] = {
        "first_start": 2023 * 12 + 6,
        "last_start": 2023 * 12 + 6,
        "last": 2024 * 12 + 2,
        "window_opens": 2020 * 12,
        "window_closes": 2022 * 12 + 11,
        "gap": 6,
        "months": 36,
        "n_treated": len(alone),
        "n_donors": 40,
        "n_clusters": len(alone),
        "flagged_treated": [],
        "n_flagged_donors": 2,
        "n_placebos": 999,
        "is_selection": False,
        "kinds": ["live"],
        "has_exposure": True,
        "has_thirds": False,
        "not_used": 0,
    }
    return Effect(
        door=door,
        name=PILOT,
        estimates=tuple(estimates),
        units=[],
        quarters=[],
        series=[],
        placebos=[],
        sensitivity=[],
        facts={**usual, **(facts or {})},
        left_out=[],
    )


def _estimate(key: str, term: str, values: tuple[float | None, float | None, float | None], scale: str) -> Estimate:
    value, low, high = values
    null = {"ratio": 1.0, "difference": 0.0}[scale]
    unit = "times as many referrals" if scale == "ratio" else "percentage points"
    return Estimate(key, term, value, unit, scale, "too few months", low=low, high=high, null=null)  # type: ignore[arg-type]  # a scale by name


@cache
def loaded(store: Path) -> Panel:
    """The whole panel of a store, read once."""
    return ins.load_panel(store)


@cache
def found(store: Path, authority: str | None = None, **parameters: str | int) -> Finding:
    """The finding on a store, computed once for all tests."""
    finding: Finding = ins.studies.site_effect(loaded(store), authority=authority, **parameters)
    return finding


def values_of(finding: Finding) -> dict[str, Estimate]:
    """The estimates of a finding by key."""
    return {estimate.key: estimate for estimate in finding.estimates}
