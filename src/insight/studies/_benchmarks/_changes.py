"""A change of one area, always beside the change of those that started alike: extremes drift back by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from insight.errors import NotEnoughData
from insight.studies._benchmarks._measure import Measure

if TYPE_CHECKING:
    from insight.stats.regression_to_mean import ChangeBesideAlike

NO_START = "there is no number in both years"


@dataclass(frozen=True, eq=False)
class Change:
    """From one period to another.

    Parameters
    ----------
    start, end : int
        Periods.
    value : float or None
        Change in the indicator's unit; None where a number is missing in either, with ``reason``.
    alike : ChangeBesideAlike or None
        The change of the ten units with the nearest start, and what such a start lets one expect; None with
        ``reason``. Its ``peers`` are codes.
    may_say_moved : bool
        False where either return looks partial: such a change is shown and not called one.
    reason : str
    """

    start: int
    end: int
    value: float | None
    alike: ChangeBesideAlike | None
    may_say_moved: bool
    reason: str = ""


def change_of(measure: Measure, area: str, end: int, *, years: int = 1) -> Change:
    """The change of an authority or joint return, beside units that started alike.

    Parameters
    ----------
    measure : Measure
    area : str
        Code; an authority that reports in a joint return is that return.
    end : int
        The later period.
    years : int
        Between the two; matched by period and never by row.

    Returns
    -------
    Change
        Units whose returns look partial are nobody's yardstick.
    """
    from insight.stats.regression_to_mean import change_beside_alike

    unit, start = measure.unit_of(area), end - years * measure.a_year
    first, last = measure.cell(unit, start), measure.cell(unit, end)
    if first.value is None or last.value is None:
        return Change(start, end, None, None, False, NO_START)
    value = last.value - first.value
    if not (first.is_sound and last.is_sound):
        return Change(start, end, value, None, False, first.doubt or last.doubt)
    units = [code for code in measure.units(end) if code != unit]
    starts, ends = measure.values(start, [*units, unit]), measure.values(end, [*units, unit])
    try:
        alike = change_beside_alike(starts, ends=ends, focal=unit, unit=measure.unit_of_change)
    except NotEnoughData as error:
        return Change(start, end, value, None, True, error.found)
    return Change(start, end, value, alike, True)
