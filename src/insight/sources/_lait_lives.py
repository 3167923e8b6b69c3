"""Rows of areas before they began and after they ended, and joint returns under each of their members."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from insight.core.area import Area
from insight.core.period import Period
from insight.core.register import Register
from insight.sources._account import Account
from insight.sources._lait_rows import Flags, Places, Rows

# The topic whose figures come from the workforce return, which some authorities make together.
WORKFORCE = "Children's Services Workforce"
_NO_FIGURE = "no figure, for an area that did not exist at the end of the period"
_NOT_YET = "a figure for an area in a period in which it did not exist"
_SUCCEEDED = "a figure of an abolished area, for a period in which its successor has one"
_REPEATED = "a joint return's figure, repeated under another of its members"


def rows_in_life(rows: Rows, account: Account) -> Rows:
    """The rows of areas that existed.

    An area that ended within a period, such as an academic year, keeps its figures unless a successor has them too. Of
    an area that did not exist at the end of a period, a row without figure says nothing.
    """
    periods = [each.period for each in rows.all_series]
    mortal = np.array([_is_mortal(area) for area in rows.areas], dtype=bool)[rows.area]
    has_value, kept = rows.has_value, np.ones(len(rows.row), dtype=bool)
    successors = _given(rows, has_value)
    is_late = 0
    for place in np.flatnonzero(mortal).tolist():
        area, number = rows.areas[rows.area[place]], int(rows.series[place])
        if area.exists_on(periods[number].end):
            continue
        reason = _NO_FIGURE
        if has_value[place]:
            reason = "" if _overlaps(area, periods[number]) else _NOT_YET
            if not reason and any((code, number) in successors for code in area.successors):
                reason = _SUCCEEDED
        is_late += not reason
        if reason:
            kept[place] = False
            account.set_aside(reason, area.name)
    if is_late:
        account.notes.append(f"figures of areas for a period within which they ended: {is_late:,}")
    return rows.only(kept)


def joint_rows(rows: Rows, register: Register, account: Account) -> tuple[Rows, dict[int, str]]:
    """Put the workforce figures of a joint return under its own code, once.

    The tool prints them under each member, or under one of them with a dash for the others. Where two members have
    different figures in a year, they are separate in that year.

    Returns
    -------
    Rows
        Without the repetitions.
    dict of int to str
        The code of the joint return, for the places of its rows.
    """
    workforce = [number for number, each in enumerate(rows.indicators) if WORKFORCE in each.topic]
    is_workforce = np.isin(rows.measure, workforce)
    has_value, repeated = rows.has_value, np.zeros(len(rows.row), dtype=bool)
    codes: dict[int, str] = {}
    for unit in register.joints:
        members = [number for number, area in enumerate(rows.areas) if area.code in unit.members]
        own = np.flatnonzero(is_workforce & np.isin(rows.area, members))
        joined = _joined(rows, own, unit)
        for several in joined:
            # The one with the figure, else the first member.
            first = next((place for place in several if has_value[place]), several[0])
            codes[first] = unit.code
            for place in several:
                if place != first:
                    repeated[place] = True
                    account.set_aside(_REPEATED, rows.areas[rows.area[place]].name)
        if joined:
            account.notes.append(f"workforce figures of the joint return of {unit.name}: {len(joined)}")
    renumbered = np.cumsum(~repeated) - 1
    return rows.only(~repeated), {int(renumbered[place]): code for place, code in codes.items()}


def _is_mortal(area: Area) -> bool:
    return area.start is not None or area.end is not None


def _overlaps(area: Area, period: Period) -> bool:
    ends = area.end or date.max
    begins = area.start or date.min
    return begins <= period.end and period.start <= ends


def _given(rows: Rows, has_value: Flags) -> set[tuple[str, int]]:
    """The areas that replaced another one, with each measure and year for which they have a figure."""
    heirs = {code for area in rows.areas for code in area.successors}
    places = [number for number, area in enumerate(rows.areas) if area.code in heirs]
    own = np.flatnonzero(has_value & np.isin(rows.area, places))
    return {(rows.areas[rows.area[place]].code, int(rows.series[place])) for place in own.tolist()}


def _joined(rows: Rows, own: Places, unit: Area) -> list[list[int]]:
    """For each measure and year the rows of a joint return's members, in the years in which they say the same."""
    by_year: dict[Period, dict[int, list[int]]] = {}
    for place in own.tolist():
        period = rows.all_series[rows.series[place]].period
        if unit.exists_on(period.end):
            by_year.setdefault(period, {}).setdefault(int(rows.series[place]), []).append(place)
    apart = {
        period.label
        for period, measures in by_year.items()
        if any(_differ(rows, several) for several in measures.values())
    }
    return [
        several for period, measures in by_year.items() if period.label not in apart for several in measures.values()
    ]


def _differ(rows: Rows, several: Sequence[int]) -> bool:
    values = {rows.cells[rows.cell[place]].value for place in several} - {None}
    return len(values) > 1
