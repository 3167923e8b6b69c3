"""Where every unit stands by one measure in one period: what does not depend on the authority, once per store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from insight.core.panel import Panel
from insight.studies._benchmarks import Measure, counts_of, places_of
from insight.studies._plain import ten_digits
from insight.studies.authority_brief._wobble import Wobble, wobble_of

RANK_SEED = 20260703
_NORMAL_QUARTERS = 1.349
"""Between the quarters of a standard normal."""


@dataclass(frozen=True, eq=False)
class Standing:
    """One measure in one period.

    Parameters
    ----------
    wobble : Wobble
    rows : dict of code to dict
        ``rank``, ``rank_low``, ``rank_high`` and ``of`` of each unit whose return looks whole; 1 is the best, or the
        lowest where neither way is better. The ends are None where counts are not published.
    method : str
        How places and their intervals were made.
    spread : float or None
        How far ordinary units lie apart, as a standard deviation made of the quarters; None where they do not.
    """

    wobble: Wobble
    rows: dict[str, dict[str, Any]]
    method: str
    spread: float | None


def standing_of(panel: Panel, key: str, measure: Measure, *, period: int) -> Standing:
    """Where every unit stands by the measure of a concept, computed once per store."""

    def compute() -> dict[str, Any]:
        made: dict[str, Any] = ten_digits(_compute(measure, period))
        return made

    plain = panel.remember("authority_brief_standing", {"concept": key, "period": period}, compute)
    return Standing(**{**plain, "wobble": Wobble(**plain["wobble"])})


def _compute(measure: Measure, period: int) -> dict[str, Any]:
    wobble = wobble_of(measure, period)
    sizes = counts_of(measure, period).sizes
    dispersion = float(np.median([wobble.factor(size) for size in sizes])) if sizes and not wobble.reason else None
    places = places_of(measure, period, seed=RANK_SEED, dispersion=dispersion)
    rows = {
        code: {
            "rank": place.rank,
            "rank_low": place.low,
            "rank_high": place.high,
            "of": place.of,
        }
        for code, place in sorted(places.places.items())
    }
    values = [place.value for place in places.places.values()]
    low, high = np.quantile(values, [0.25, 0.75]) if values else (0.0, 0.0)
    return {
        "wobble": vars(wobble),
        "rows": rows,
        "method": places.method,
        "spread": float(high - low) / _NORMAL_QUARTERS if high > low else None,
    }
