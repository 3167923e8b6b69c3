"""Figures that nobody published and anybody could add up: of a region from its members, of several measures in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from insight.core.missing import Status, combine
from insight.errors import PanelError
from insight.studies._benchmarks._beside import scale_of
from insight.studies._benchmarks._measure import Cell, Measure


def with_regions(measure: Measure) -> Measure:
    """The measure with a figure of each region and period that the publisher has no row for, added up from its members.

    Parameters
    ----------
    measure : Measure
        With parts that give its values; one without is handed back as it is.

    Returns
    -------
    Measure
        A region has no figure where a member's is hidden: nothing is computed through a hidden cell. A member that the
        publisher has no row for, or to which the measure does not apply, counts nothing.
    """
    scale = scale_of(measure)
    if scale is None:
        return measure
    made = dict(measure.cells)
    for region in measure.register.regions:
        for period in measure.periods:
            if (region.code, period) not in made:
                members = [measure.cell(code, period) for code in measure.units(period, region=region.code)]
                made[region.code, period] = _sum(region.code, period, members, scale)
    return replace(measure, cells=made)


def combined(measures: Sequence[Measure], *, title: str) -> Measure:
    """Several measures in one, their parts added up cell by cell: primary and secondary places, say.

    Parameters
    ----------
    measures : sequence of Measure
        Of one unit, direction and kind of period, each with parts that give its values; one alone is handed back.
    title : str
        Of what comes of it.

    Raises
    ------
    PanelError
        If they differ in unit, direction or kind of period, or one has no parts.
    """
    first, *rest = measures
    if not rest:
        return first
    alike = {(each.indicator.unit, each.indicator.direction, each.indicator.period_kind) for each in measures}
    scale = scale_of(first)
    if len(alike) > 1 or scale is None or any(scale_of(each) != scale for each in rest):
        raise PanelError(
            "adding up " + " and ".join(repr(each.indicator.key) for each in measures),
            found="measures of different kinds, or one whose counts are not published",
            todo="add up measures of one unit that come with their counts",
        )
    keys = dict.fromkeys(key for each in measures for key in each.cells)
    cells = {key: _sum(*key, [each.cell(*key) for each in measures], scale) for key in keys}
    indicator = replace(
        first.indicator,
        key=" + ".join(each.indicator.key for each in measures),
        title=title,
        numerator=None,
        denominator=None,
    )
    return replace(first, indicator=indicator, cells=cells)


def _sum(area: str, period: int, cells: Sequence[Cell], scale: float) -> Cell:
    counted = [cell for cell in cells if cell.status != Status.NOT_APPLICABLE.value]
    doubt = next((cell.doubt for cell in counted if cell.doubt), "")
    if not counted:
        status = cells[0].status if cells else Status.NO_ROW.value
        return Cell(area, period, None, status, "", None, None, "")
    status = combine(*(cell.status for cell in counted)).value
    if status != Status.VALUE.value or any(cell.denominator is None for cell in counted):
        hidden = status if status != Status.VALUE.value else Status.NOT_AVAILABLE.value
        return Cell(area, period, None, hidden, "", None, None, doubt)
    part, whole = (sum(getattr(cell, name) or 0.0 for cell in counted) for name in ("numerator", "denominator"))
    if whole <= 0:
        return Cell(area, period, None, Status.NOT_APPLICABLE.value, "", None, None, doubt)
    return Cell(area, period, scale * part / whole, Status.VALUE.value, "", part, whole, doubt)
