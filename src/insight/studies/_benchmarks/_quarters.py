"""Quarters of all areas with a number, by which way is better, and what the other rule for ties would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from insight.core.indicator import Direction
from insight.errors import NotEnoughData
from insight.studies._benchmarks._measure import Measure

NO_NUMBER = "there is no number"
NEITHER_WAY = "neither way is better"
NO_QUARTERS = "the publisher puts no area into quarters by it"
FEW = "fewer than four areas have a number"


@dataclass(frozen=True)
class Quarter:
    """The quarter of one area.

    Parameters
    ----------
    number : int or None
        1 is the best quarter by polarity, 4 the worst; None with ``reason``.
    strict : int or None
        Under the other rule for figures at a cut.
    words : str
        "in the highest quarter, where higher is better"; "" without a quarter.
    reason : str
    """

    number: int | None
    strict: int | None
    words: str
    reason: str = ""

    @property
    def is_tied(self) -> bool:
        """Whether the quarter depends on the rule for figures at a cut."""
        return self.number != self.strict


@dataclass(frozen=True, eq=False)
class Quarters:
    """The quarters of several areas in one period.

    Parameters
    ----------
    period : int
    better : "higher", "lower" or "neither"
    cuts : three floats or None
        The 25th, 50th and 75th percentiles; None with ``reason``.
    usual, strict : mapping of code to int
        Quarter by polarity, 1 the best; a figure at a cut counts with the lower figures, or with the higher ones.
    left_out : mapping of code to reason
        Areas without a number, or whose return looks partial.
    words : str
        What figures at a cut did, in a sentence.
    reason : str
        Why there are no quarters; "" where there are.
    """

    period: int
    better: Direction
    cuts: tuple[float, float, float] | None
    usual: Mapping[str, int] = field(default_factory=dict)
    strict: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    reason: str = ""

    def of(self, area: str) -> Quarter:
        """The quarter of one area."""
        if area not in self.usual:
            return Quarter(None, None, "", self.reason or self.left_out.get(area, NO_NUMBER))
        number = self.usual[area]
        return Quarter(number, self.strict[area], _words(number, self.better))

    def members(self, number: int, areas: Sequence[str] | None = None, *, strict: bool = False) -> tuple[str, ...]:
        """Areas in a quarter by polarity (1 is the best), among some or all, in order of code."""
        chosen = self.strict if strict else self.usual
        return tuple(sorted(area for area in (chosen if areas is None else areas) if chosen.get(area) == number))

    @property
    def best_cut(self) -> float | None:
        """What a figure must be better than to lie in the best quarter."""
        return None if self.cuts is None else self.cuts[2] if self.better == "higher" else self.cuts[0]


def quarters_of(measure: Measure, period: int, *, among: Sequence[str] | None = None) -> Quarters:
    """Quarters of several areas in one period.

    Parameters
    ----------
    measure : Measure
    period : int
    among : codes, optional
        Such as the regions; without them every authority or joint return with a row.

    Returns
    -------
    Quarters
        None where neither way is better or the publisher makes none, with the reason. A return that looks partial has
        no quarter and moves no cut.
    """
    from insight.stats.quarters import quarters

    units = tuple(among) if among is not None else measure.units(period)
    cells = {code: measure.cell(code, period) for code in units}
    left_out = {code: cell.doubt or NO_NUMBER for code, cell in cells.items() if not cell.is_sound}
    better = measure.indicator.direction
    if better == "neither" or not measure.indicator.has_quarters:
        why = NEITHER_WAY if better == "neither" else NO_QUARTERS
        return Quarters(period, better, None, left_out=left_out, reason=why)
    try:
        found = quarters({code: cell.value for code, cell in cells.items() if cell.is_sound})
    except NotEnoughData:
        return Quarters(period, better, None, left_out=left_out, reason=FEW)
    usual, strict = found.placed(better=better), found.placed(better=better, strict=True)
    return Quarters(period, better, found.cuts, usual, strict, left_out, found.words)


def _words(number: int, better: Direction) -> str:
    """The quarter by value, and which way is better: never a letter or a grade."""
    by_value = number if better == "lower" else 5 - number
    name = {1: "lowest", 2: "second lowest", 3: "second highest", 4: "highest"}[by_value]
    return f"in the {name} quarter, where {better} is better"
