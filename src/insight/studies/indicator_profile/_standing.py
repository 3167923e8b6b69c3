"""Where every unit stands in one period, in plain types that a store can remember: ranks, quarters, funnel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from insight.core.panel import Panel
from insight.studies._benchmarks import Measure, Places, places_of

if TYPE_CHECKING:
    from insight.stats.funnel import Funnel
    from insight.stats.intervals import Interval
    from insight.studies._benchmarks import Counts

RANK_SEED = 20251122
AN_AMOUNT = "an amount grows with the size of an area, so its place would say how large the area is"
_AMOUNTS = ("count", "fte", "thousand pounds")
_NEVER_AMOUNTS = ("percent", "rate")
_ENOUGH = 10
_CURVE = 60  # points along a limit


@dataclass(frozen=True, eq=False)
class Standing:
    """One period of every authority and joint return.

    Parameters
    ----------
    period : int
    rows : dict of code to dict
        Of units with a figure of a whole return: ``value``; ``low`` and ``high``, its 95% interval; ``rank`` with
        ``rank_low`` and ``rank_high``; ``of``; ``is_zero``; ``quarter`` and ``strict`` (1 is the best) and
        ``quarter_words``; ``events`` and ``size``; ``z``, its distance from the funnel's centre in standard deviations.
        None where there is none.
    left_out : dict of code to reason
    order : str
        "low first" or "high first": which end is rank 1.
    method : str
        How ranks and their intervals were made.
    no_interval, no_quarters, no_funnel : str
        Why there is none; "" where there is one.
    tied_words : str
        What figures at a cut of the quarters did.
    interval_method : str
        How the intervals of the figures were made.
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
    interval_method: str
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


def is_amount(measure: Measure) -> bool:
    """Whether the figure says how much there is, so that it grows with the area: no rate, share, mean or score.

    Pounds may be of a whole budget or for each child. They are of the whole where the nation has more than anybody.
    """
    unit = measure.indicator.unit
    if measure.indicator.additive or unit in _AMOUNTS:
        return True
    nation = measure.register.nation.code
    newest = measure.newest([nation])
    if newest is None or unit.startswith(_NEVER_AMOUNTS):
        return False
    known = [value for value in measure.values(newest, measure.units(newest)).values() if value is not None]
    together = measure.cell(nation, newest).value or 0.0
    return len(known) >= _ENOUGH and together > 2 * max(known) > 0


def standing_of(panel: Panel, measure: Measure, period: int) -> Standing:
    """Where every unit stands in a period, computed once per store."""
    parameters = {"indicator": measure.indicator.key, "breakdown": measure.breakdown, "period": period}
    plain = panel.remember("indicator_profile_standing", parameters, lambda: vars(_compute(measure, period)))
    return Standing(**plain)


def _compute(measure: Measure, period: int) -> Standing:
    places = places_of(measure, period, seed=RANK_SEED)
    counts = places.counts
    spans = _spans(counts)
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
        interval_method="; ".join(sorted({span.method for span in spans.values()})),
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


def _spans(counts: Counts) -> dict[str, Interval]:
    """The interval of each figure, from its counts: of chance alone."""
    # Imported here, so that pages that find the period remembered do without it.
    from insight.stats.intervals import rate_interval, share_interval

    make = share_interval if counts.kind == "proportion" else rate_interval
    cells = zip(counts.areas, counts.events, counts.sizes, strict=True)
    return {code: make(events, size, multiplier=counts.scale) for code, events, size in cells}


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
