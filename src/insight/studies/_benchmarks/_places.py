"""Where an area stands: gap first, then rank with its interval, then quarter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from insight.studies._benchmarks._counts import Counts, counts_of
from insight.studies._benchmarks._measure import Measure
from insight.studies._benchmarks._quarters import NO_NUMBER, Quarter, Quarters, quarters_of

DRAWS = 10_000
ALONE = "one area stands alone"
SOME_COUNTS = "not every area has counts beside its figure"
TIES = "ties share the middle of their places"
Order = Literal["low first", "high first"]


@dataclass(frozen=True)
class Place:
    """The rank of one area: 1 is the best where one way is better, else the lowest.

    Parameters
    ----------
    area : str
    value : float
    rank : float
        Tied areas share the middle of their places.
    low, high : float or None
        Ends of the 95% interval; None where no error can be had, with ``reason``.
    of : int
    is_zero : bool
        The value is exactly 0, or a share of exactly all: redrawn it never varies, so its interval is too short.
    reason : str
        Why there is no interval; "" where there is one.
    """

    area: str
    value: float
    rank: float
    low: float | None
    high: float | None
    of: int
    is_zero: bool
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Places:
    """Ranks and quarters of several areas in one period.

    Parameters
    ----------
    period : int
    order : "low first" or "high first"
        Which end is rank 1: the better one, or the lowest where neither is better.
    places : mapping of code to Place
        Areas with a number, of returns that look whole.
    left_out : mapping of code to reason
        Areas without a place: no number, or a return that looks partial.
    quarters : Quarters
    counts : Counts
        What intervals rest on.
    method : str
        How ranks and intervals were made, in words.
    """

    period: int
    order: Order
    places: Mapping[str, Place]
    left_out: Mapping[str, str]
    quarters: Quarters
    counts: Counts
    method: str

    def of(self, area: str) -> Place | None:
        """The place of one area; None where ``why_not`` says why."""
        return self.places.get(area)

    def why_not(self, area: str) -> str:
        """Why an area has no place; "" where it has one."""
        return "" if area in self.places else self.left_out.get(area, NO_NUMBER)

    def quarter(self, area: str) -> Quarter:
        """The quarter of one area, by polarity."""
        return self.quarters.of(area)

    @property
    def cuts(self) -> tuple[float, float, float] | None:
        """The 25th, 50th and 75th percentiles; None without quarters."""
        return self.quarters.cuts

    @property
    def tied_words(self) -> str:
        """What figures at a cut did, in a sentence; "" without quarters."""
        return self.quarters.words


def places_of(
    measure: Measure,
    period: int,
    *,
    seed: int,
    among: Sequence[str] | None = None,
    dispersion: float | None = None,
) -> Places:
    """Ranks with intervals, and quarters, of several areas in one period.

    Parameters
    ----------
    measure : Measure
    period : int
    seed : int
        Of the parametric bootstrap.
    among : codes, optional
        Such as the regions; without them every authority or joint return with a row.
    dispersion : float, optional
        Variance of a count over that of chance alone. Without it, as estimated among the authorities of the period:
        counts of a region, which add up theirs, are as much more variable as theirs are.

    Returns
    -------
    Places
        An area whose return looks partial has no place and is no yardstick for others. Where neither way is better, or
        the publisher makes no quarters, there are ranks and no quarters.
    """
    units = tuple(among) if among is not None else measure.units(period)
    cells = {code: measure.cell(code, period) for code in units}
    quarters = quarters_of(measure, period, among=units)
    values = {code: cell.value for code, cell in cells.items() if cell.is_sound and cell.value is not None}
    counts = counts_of(measure, period, among=units)
    spread = dispersion
    if spread is None:
        spread = counts.dispersion if among is None else counts_of(measure, period).dispersion
    order: Order = "high first" if measure.indicator.direction == "higher" else "low first"
    places, method = _ranked(values, counts, spread, order, seed)
    return Places(period, order, places, quarters.left_out, quarters, counts, method)


def _ranked(
    values: Mapping[str, float], counts: Counts, dispersion: float, order: Order, seed: int
) -> tuple[dict[str, Place], str]:
    from insight.stats.rank import middle_ranks, rank_counts, rank_shares

    codes = list(values)
    sign = 1.0 if order == "low first" else -1.0
    ranks = middle_ranks([sign * values[code] for code in codes]).tolist() if codes else []
    plain = dict(zip(codes, ranks, strict=True))
    why = "" if set(counts.areas) == set(codes) else counts.reason or SOME_COUNTS
    if len(codes) < 2:
        why = ALONE
    if why:
        made = {
            code: Place(code, values[code], plain[code], None, None, len(codes), values[code] == 0, why)
            for code in codes
        }
        return made, f"{TIES}; no interval: {why}"
    options: dict[str, Any] = {"seed": seed, "dispersion": dispersion, "draws": DRAWS, "order": order}
    # Shares of so few that they could not vary as much are drawn as counts, which have no such limit.
    if counts.kind == "proportion" and min(counts.sizes) > dispersion:
        found = rank_shares(counts.events, denominators=counts.sizes, **options)
    else:
        found = rank_counts(counts.events, counts.sizes, **options)
    made = {}
    for code, rank in zip(counts.areas, found, strict=True):
        # The rank is that of the published figure, whose rounding makes ties; the interval is that of the counts.
        own = plain[code]
        low, high = min(rank.low, own), max(rank.high, own)
        made[code] = Place(code, values[code], own, low, high, rank.of, rank.is_zero)
    how = f"parametric bootstrap of the counts, {DRAWS:,} draws, variance {dispersion:.2f} times that of chance"
    return made, f"{how}; {TIES}"
