"""Published totals against the sums of their authorities.

Equal "within rounding" means: half a step of the total's rounding, and half a step for each authority where its own
figures are rounded (full-time equivalents to 0.1). Counts of authorities are exact. Where an authority of the area has
no figure, the total holds a replacement that nobody prints, so nothing is compared and no sum is given: the difference
would be the hidden figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from insight.core.area import Area
from insight.core.indicator import Indicator
from insight.core.missing import Status, in_words
from insight.core.register import Register

_EXACT = 1e-6


def compare_totals(rows: pd.DataFrame, indicators: Mapping[str, Indicator], register: Register) -> list[dict[str, Any]]:
    """One entry for each additive indicator, period and breakdown: totals that are equal, differ or cannot be compared.

    Parameters
    ----------
    rows : DataFrame
        Rows of current releases, every level.
    """
    expected = _Expected(register)
    additive = {key for key, indicator in indicators.items() if indicator.additive}
    wanted = rows[rows["indicator"].isin(additive)]
    areas = {code: register.get(code) for code in wanted["area"].unique()}
    groups = wanted.groupby(["indicator", "time_period", "breakdown"], sort=True, observed=True)
    return [
        _compared(indicators[str(key[0])], int(str(key[1])), str(key[2]), group, areas, expected)
        for key, group in groups
        if isinstance(key, tuple)
    ]


class _Expected:
    """The authorities that a total is made of on a day, each looked up once."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._known: dict[tuple[str, date], tuple[Area, ...]] = {}

    def of(self, total: Area, day: date) -> tuple[Area, ...]:
        """Those of a region or of the nation."""
        if (total.code, day) not in self._known:
            region = None if total.level == "nation" else total.code
            self._known[total.code, day] = self._register.authorities(region=region, on=day)
        return self._known[total.code, day]


def _compared(
    indicator: Indicator,
    year: int,
    breakdown: str,
    group: pd.DataFrame,
    areas: Mapping[str, Area],
    expected: _Expected,
) -> dict[str, Any]:
    codes, period_end = group["area"].tolist(), group["period_end"].iloc[0]
    values = dict(zip(codes, group["value"].tolist(), strict=True))
    reasons = dict(zip(codes, group["status"].tolist(), strict=True))
    totals = [code for code in values if areas[code].level in ("region", "nation")]
    units = [areas[code] for code in values if areas[code].level in ("authority", "joint")]
    entry: dict[str, Any] = {
        "indicator": indicator.key,
        "time_period": year,
        "breakdown": breakdown,
        "equal": [],
        "differs": [],
        "not_comparable": [],
    }
    for code in sorted(totals):
        within = [unit for unit in units if areas[code].level == "nation" or unit.region_code == code]
        missing = _missing(areas[code], within, reasons, expected.of(areas[code], period_end))
        if missing:
            entry["not_comparable"].append({"area": code, "missing": missing})
            continue
        summed, slack = sum(values[unit.code] for unit in within), _tolerance(indicator, len(within))
        if abs(summed - values[code]) <= slack:
            entry["equal"].append(code)
        else:
            entry["differs"].append(
                {"area": code, "published": values[code], "summed": round(summed, 6), "tolerance": round(slack, 6)}
            )
    return entry


def _missing(total: Area, units: Sequence[Area], reasons: Mapping[str, str], expected: Sequence[Area]) -> list[str]:
    """Names, with the reason, of every authority that the sum would lack; and of the total, if it has no value."""
    value = Status.VALUE.value
    names = [f"{total.name} ({in_words(reasons[total.code])})"] if reasons[total.code] != value else []
    names += [f"{unit.name} ({in_words(reasons[unit.code])})" for unit in units if reasons[unit.code] != value]
    covered = {code for unit in units for code in (unit.code, *unit.members)}
    names += [f"{area.name} ({in_words(Status.NO_ROW)})" for area in expected if area.code not in covered]
    return sorted(names)


def _tolerance(indicator: Indicator, units: int) -> float:
    step = 10.0**-indicator.decimals if indicator.decimals else 0.0
    return indicator.rounding / 2 + units * step / 2 + _EXACT
