"""Whether a figure says how much there is, so that it grows with the size of an area."""

from __future__ import annotations

from insight.studies._benchmarks._measure import Measure

_AMOUNTS = ("count", "fte", "thousand pounds")
_NEVER_AMOUNTS = ("percent", "rate")
_ENOUGH = 10


def is_amount(measure: Measure) -> bool:
    """Whether the figure is an amount: no rate, share, mean or score.

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
