"""Counts behind a share or rate: what a funnel, and the interval of a rank, rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from insight.errors import NotEnoughData
from insight.studies._benchmarks._beside import scale_of
from insight.studies._benchmarks._measure import Measure

if TYPE_CHECKING:
    from insight.stats.funnel import Funnel

NO_COUNTS = "the counts behind the figure are not published with it"
NO_IDENTITY = "the counts published with the figure do not give it, so they are counts of something else"
A_COUNT = "a count grows with the size of an area"
TOO_FEW = "fewer than three areas have counts of whole returns"


@dataclass(frozen=True, eq=False)
class Counts:
    """Events and sizes of units in one period, and their funnel.

    Parameters
    ----------
    kind : "proportion" or "rate"
        Shares of people, or counts on an exposure.
    scale : float
        Events over size times this is the figure: 100 for percent.
    areas : tuple of str
        Units with both counts, whose returns look whole.
    events, sizes : tuples of float
    funnel : Funnel or None
        On counts: additive random effects, winsorised 10%. Its ``centre`` and limits are shares, to be multiplied by
        ``scale``. None with ``reason``.
    dispersion : float
        Variance of a count over that of chance alone, from 1 up, winsorised 10%.
    left_out : tuple of str
        Units with a row that are not in it.
    reason : str
        Why there are no counts or no funnel; "" where there are.
    """

    kind: Literal["proportion", "rate"]
    scale: float
    areas: tuple[str, ...]
    events: tuple[float, ...]
    sizes: tuple[float, ...]
    funnel: Funnel | None
    dispersion: float
    left_out: tuple[str, ...]
    reason: str


def counts_of(measure: Measure, period: int, *, among: Sequence[str] | None = None) -> Counts:
    """The counts behind a figure in one period.

    Parameters
    ----------
    measure : Measure
    period : int
    among : codes, optional
        Which units; without them every authority or joint return with a row.

    Returns
    -------
    Counts
        Without areas and with a reason where the figure has none. Counts of full-time equivalents are taken as they
        are, as a rate: people cannot be told from them.
    """
    units = tuple(among) if among is not None else measure.units(period)
    scale = scale_of(measure)
    if scale is None:
        has_parts = any(cell.numerator is not None for cell in measure.cells.values())
        why = A_COUNT if measure.indicator.additive else NO_IDENTITY if has_parts else NO_COUNTS
        return Counts("rate", 1.0, (), (), (), None, 1.0, units, why)
    cells = {code: measure.cell(code, period) for code in units}
    there = [code for code, cell in cells.items() if cell.is_sound and cell.numerator is not None and cell.denominator]
    events = tuple(float(cells[code].numerator or 0.0) for code in there)
    sizes = tuple(float(cells[code].denominator or 0.0) for code in there)
    left_out = tuple(code for code in units if code not in there)
    kind: Literal["proportion", "rate"] = "proportion" if _are_shares(measure, events, sizes) else "rate"
    funnel, why = _funnel(kind, events, sizes)
    return Counts(
        kind, scale, tuple(there), events, sizes, funnel, max(1.0, funnel.phi) if funnel else 1.0, left_out, why
    )


def _funnel(
    kind: Literal["proportion", "rate"], events: Sequence[float], sizes: Sequence[float]
) -> tuple[Funnel | None, str]:
    # Imported here, so that pages without counts do without it.
    from insight.stats.funnel import funnel_limits

    if sum(events) <= 0 or (kind == "proportion" and sum(events) >= sum(sizes)):
        return None, "every figure is the same: none, or all"
    try:
        return funnel_limits(events, sizes, kind=kind), ""
    except NotEnoughData:
        return None, TOO_FEW


def _are_shares(measure: Measure, events: Sequence[float], sizes: Sequence[float]) -> bool:
    """Whether the counts are people or things, and the events a part of them."""
    if measure.indicator.unit != "percent":
        return False
    return all(
        part <= whole and part == round(part) and whole == round(whole)
        for part, whole in zip(events, sizes, strict=True)
    )
