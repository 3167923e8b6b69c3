"""Where every unit stands in one period, in plain types that a store can remember: ranks, quarters, funnel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from insight.core.panel import Panel
from insight.studies._benchmarks import Measure, Places, is_amount, places_of

if TYPE_CHECKING:
    from insight.stats.funnel import Funnel
    from insight.stats.intervals import Interval
    from insight.studies._benchmarks import Counts

RANK_SEED = 20251122
FEWEST_TO_DIVIDE_BY = 20.0
"""Under which a rate, or a share of full-time equivalents, gets no interval: it could be anything."""
TOO_FEW = f"it has fewer than {FEWEST_TO_DIVIDE_BY:g} to divide by, too few for one"
AN_AMOUNT = "an amount grows with the size of an area, so its place would say how large the area is"
_CURVE = 60  # points along a limit


@dataclass(frozen=True, eq=False)
class Standing:
    """One period of every authority and joint return.

    Parameters
    ----------
    period : int
    rows : dict of code to dict
        Of units with a figure of a whole return: ``value``; ``low`` and ``high``, its 95% interval, with ``how`` it was
        made or why there is none; ``rank`` with ``rank_low`` and ``rank_high``; ``of``; ``is_zero``; ``quarter`` and
        ``strict`` (1 is the best) and ``quarter_words``; ``events`` and ``size``; ``z``, its distance from the funnel's
        centre in standard deviations. None where there is none.
    left_out : dict of code to reason
    order : str
        "low first" or "high first": which end is rank 1.
    method : str
        How ranks and their intervals were made.
    no_interval, no_quarters, no_funnel : str
        Why there is none; "" where there is one.
    tied_words : str
        What figures at a cut of the quarters did.
    scale, centre : float or None
        Events over size times ``scale`` is the figure; ``centre`` is that of all units together.
    funnel_method : str
    limits, chance : dict of str to list of float
        Limits along the sizes (``denominator``), with and without the spread between units; empty without a funnel.
    """

    period: int
    rows: dict[str, dict[str, Any]]
    left_out: dict[str, str]
    order: str
    method: str
    no_interval: str
    no_quarters: str
    no_funnel: str
    tied_words: str
    scale: float | None
    centre: float | None
    funnel_method: str
    limits: dict[str, list[float]]
    chance: dict[str, list[float]]

    def of(self, area: str) -> dict[str, Any] | None:
        """The row of one unit; None where ``left_out`` says why."""
        return self.rows.get(area)

    @property
    def n_units(self) -> int:
        """Units with a place."""
        return len(self.rows)


def standing_of(panel: Panel, measure: Measure, period: int) -> Standing:
    """Where every unit stands in a period, computed once per store."""
    parameters = {"indicator": measure.indicator.key, "breakdown": measure.breakdown, "period": period}
    plain = panel.remember("indicator_profile_standing", parameters, lambda: vars(_compute(measure, period)))
    return Standing(**plain)


def _compute(measure: Measure, period: int) -> Standing:
    places = places_of(measure, period, seed=RANK_SEED)
    counts = places.counts
    spans = _spans(counts, ceiling=_ceiling(measure))
    funnel = counts.funnel
    scores = dict(zip(counts.areas, funnel.z_scores, strict=True)) if funnel else {}
    parts = dict(zip(counts.areas, zip(counts.events, counts.sizes, strict=True), strict=True))
    rows = {code: _row(places, code, spans, scores, parts) for code in sorted(places.places)}
    ranked_without = {place.reason for place in places.places.values() if place.reason}
    amount = is_amount(measure)
    if amount:
        for row in rows.values():
            row.update(rank=None, rank_low=None, rank_high=None, quarter=None, strict=None, quarter_words="")
    no_quarters = next((places.quarter(code).reason for code in rows if places.quarter(code).reason), "")
    limits, chance = _curves(funnel, counts) if funnel else ({}, {})
    return Standing(
        period=period,
        rows=rows,
        left_out=dict(sorted(places.left_out.items())),
        order=places.order,
        method=places.method,
        no_interval=AN_AMOUNT if amount else "; ".join(sorted(ranked_without)),
        no_quarters=AN_AMOUNT if amount else no_quarters,
        no_funnel="" if funnel else AN_AMOUNT if amount else counts.reason,
        tied_words=places.tied_words,
        scale=counts.scale if counts.areas else None,
        centre=counts.scale * funnel.centre if funnel else None,
        funnel_method=funnel.method if funnel else "",
        limits=limits,
        chance=chance,
    )


def _row(
    places: Places,
    code: str,
    spans: dict[str, Interval],
    scores: dict[str, float],
    parts: dict[str, tuple[float, float]],
) -> dict[str, Any]:
    place, quarter, span = places.places[code], places.quarter(code), spans.get(code)
    events, size = parts.get(code, (None, None))
    return {
        "value": place.value,
        # The figure as published is rounded; the interval is that of its counts, and holds both.
        "low": None if span is None else min(span.low, place.value),
        "high": None if span is None else max(span.high, place.value),
        "how": span.method if span is not None else TOO_FEW if code in parts else place.reason,
        "rank": place.rank,
        "rank_low": place.low,
        "rank_high": place.high,
        "of": place.of,
        "is_zero": place.is_zero,
        "quarter": quarter.number,
        "strict": quarter.strict,
        "quarter_words": quarter.words,
        "events": events,
        "size": size,
        "z": scores.get(code),
    }


def _ceiling(measure: Measure) -> float | None:
    """What a share cannot exceed: all, but where some published figure does."""
    is_part = all(cell.value is None or cell.value <= 100 for cell in measure.cells.values())
    return 100.0 if measure.indicator.unit == "percent" and is_part else None


def _spans(counts: Counts, *, ceiling: float | None) -> dict[str, Interval]:
    """The interval of each figure that has enough to divide by.

    Counts vary as much more than chance as they do among all units, as for ranks, so fewer of them are taken to speak.
    """
    # Imported here, so that pages that find the period remembered do without it.
    from insight.stats.intervals import rate_interval, share_interval

    make, spread = (share_interval if counts.kind == "proportion" else rate_interval), counts.dispersion
    spans = {}
    for code, events, size in zip(counts.areas, counts.events, counts.sizes, strict=True):
        if counts.kind == "rate" and size < FEWEST_TO_DIVIDE_BY:
            continue
        found = make(events / spread, size / spread, multiplier=counts.scale)
        high = found.high if ceiling is None else min(found.high, ceiling)
        how = f"{found.method}, for a variance {spread:.2f} times that of chance"
        spans[code] = replace(found, high=high, method=how)
    return spans


def _curves(funnel: Funnel, counts: Counts) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Limits along the sizes, with the spread between units and without it."""
    sizes = np.unique(np.linspace(min(counts.sizes), max(counts.sizes), _CURVE))
    made = []
    for adjusted in (True, False):
        curves = {"denominator": sizes.tolist()}
        for multiple, rows in funnel.limits(sizes, adjusted=adjusted).groupby("multiple"):
            for end in ("low", "high"):
                curves[f"{end}_{multiple:.0f}"] = (rows[end] * counts.scale).tolist()
        made.append(curves)
    return made[0], made[1]
