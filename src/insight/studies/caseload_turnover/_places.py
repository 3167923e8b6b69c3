"""One year's turnover of every unit: its funnel, and the place of each unit with what chance leaves of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from insight.core.panel import Panel
from insight.errors import NotEnoughData
from insight.studies.caseload_turnover._figures import comparable
from insight.studies.caseload_turnover._frame import Frame

RANK_SEED = 20250931
_SIZES = 60  # points along a limit


@dataclass(frozen=True, eq=False)
class Places:
    """Turnover of people in post at the start, of one year, in order of unit.

    Parameters
    ----------
    year : int
        The year to September.
    rows : list of dict
        One per unit: ``area, name, events, denominator``, the ``rate`` per 100 with ``low`` and ``high``, ``rank`` with
        ``rank_low`` and ``rank_high``, ``is_zero``, and ``z_score`` and ``z_multiplicative``, its distance from the
        centre in standard deviations.
    centre : float
        Leavers per 100 people of all units together.
    method : str
        How the limits were made.
    limits, chance : dict of str to list of float
        Limits per 100 along the sizes (``denominator``), with and without the spread between units.
    """

    year: int
    rows: list[dict[str, Any]]
    centre: float
    method: str
    limits: dict[str, list[float]]
    chance: dict[str, list[float]]

    def of(self, area: str) -> dict[str, Any]:
        """The row of one unit."""
        return next(row for row in self.rows if row["area"] == area)


def places_of(panel: Panel, frame: Callable[[], Frame], year: int) -> Places | None:
    """The places of one year, computed once per store; None where too few units have both numbers.

    Parameters
    ----------
    panel : Panel
    frame : function that gives the analysis frame
        Called only where the store does not remember the year yet.
    year : int
    """

    def compute() -> dict[str, Any] | None:
        found = _compute(panel, frame(), year)
        return None if found is None else asdict(found)

    plain = panel.remember("caseload_turnover_places", {"year": year}, compute)
    return None if plain is None else Places(**plain)


def _compute(panel: Panel, frame: Frame, year: int) -> Places | None:
    # Imported here, so that pages that find the year remembered do without these.
    from insight.stats.funnel import funnel_limits
    from insight.stats.intervals import rate_interval
    from insight.stats.rank import rank_counts

    both = comparable(frame)
    rows = both[both["time_period"] == year].sort_values("area")
    events, people = rows["leavers_headcount"].to_numpy(float), rows["inpost_headcount_lag1"].to_numpy(float)
    try:
        additive, scaled = (
            funnel_limits(events, people, kind="rate", dispersion=how) for how in ("additive", "multiplicative")
        )
    except NotEnoughData:
        return None
    ranks = rank_counts(events, people, seed=RANK_SEED, dispersion=max(1.0, additive.phi))
    spans = [rate_interval(*pair, multiplier=100.0) for pair in zip(events.tolist(), people.tolist(), strict=True)]
    columns: dict[str, list[Any]] = {
        "area": rows["area"].tolist(),
        "name": [panel.register.get(area).name for area in rows["area"]],
        "events": events.tolist(),
        "denominator": people.tolist(),
        "rate": (100 * events / people).tolist(),
        "low": [span.low for span in spans],
        "high": [span.high for span in spans],
        "rank": [rank.rank for rank in ranks],
        "rank_low": [rank.low for rank in ranks],
        "rank_high": [rank.high for rank in ranks],
        "is_zero": [rank.is_zero for rank in ranks],
        "z_score": list(additive.z_scores),
        "z_multiplicative": list(scaled.z_scores),
    }
    sizes = np.unique(np.linspace(max(5.0, float(people.min())), float(people.max()), _SIZES))
    return Places(
        year=year,
        rows=[dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)],
        centre=100 * additive.centre,
        method=additive.method,
        limits=_curves(additive.limits(sizes)),
        chance=_curves(additive.limits(sizes, adjusted=False)),
    )


def _curves(limits: pd.DataFrame) -> dict[str, list[float]]:
    """Limits per 100, one column per multiple and side."""
    wide = limits.pivot(index="denominator", columns="multiple", values=["low", "high"]) * 100
    wide.columns = pd.Index([f"{column[0]}_{column[1]:.0f}" for column in wide.columns.to_flat_index()])
    return {str(name): values.tolist() for name, values in wide.reset_index().items()}
