"""The tables of a brief: strongest, weakest, what moved, and everything on the list.

What belongs together shares a cell, so that a table has few columns and fits a small screen and a sheet of paper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from insight.core.panel import Panel
from insight.core.results import Column, TableResult
from insight.studies._words import names, number
from insight.studies.authority_brief._concepts import CARE, FRONT_DOOR, MONEY, PROTECTION, SCHOOL, WORKFORCE
from insight.studies.authority_brief._looks import MOST_LISTED, Brief, Look
from insight.studies.authority_brief._words import (
    amount,
    beside_england,
    between,
    counted,
    figure,
    level_result,
    lower_first,
    place,
    short_when,
    trend_result,
    unit_once,
    upper_first,
    which_way,
    year_of,
)

INTERVAL = "95% interval"
GROUPS = {"work": (WORKFORCE, FRONT_DOOR, PROTECTION), "children": (CARE, SCHOOL, MONEY)}
"""The list in two tables, neither of them long."""
SIDES = {"strongest": "on the better side of England", "weakest": "on the worse side of England"}
Rows = Sequence[tuple[str, ...]]


class Tables:
    """Everything that a brief shows in rows, and a sentence for what has none."""

    def __init__(self, panel: Panel, brief: Brief) -> None:
        self._panel, self._brief = panel, brief
        self._name = brief.area.name
        years = sorted({near.model_year for look in brief.looks if (near := look.neighbours) and near.model_year})
        self._near = f"England; neighbours{f' ({years[-1]} model)' if years else ''}"
        self._looks: dict[str, tuple[Look, ...]] = {
            "strongest": brief.strongest,
            "weakest": brief.weakest,
            "moved": brief.moved,
            **{
                name: tuple(look for look in brief.looks if look.concept.group in groups)
                for name, groups in GROUPS.items()
            },
        }

    def tables(self) -> dict[str, Callable[[], TableResult]]:
        """By name; none without a row."""
        made = {
            "strongest": lambda: self._apart("strongest"),
            "weakest": lambda: self._apart("weakest"),
            "moved": self._moved,
            "work": lambda: self._everything("work"),
            "children": lambda: self._everything("children"),
        }
        return {name: make for name, make in made.items() if self._looks[name]}

    def empty(self) -> dict[str, tuple[str, ...]]:
        """A sentence for each table that would have no row, by the table's name."""
        return {name: (self._none(name),) for name, looks in self._looks.items() if not looks}

    def _none(self, name: str) -> str:
        if name in GROUPS:
            return f"Not in these data: {'; '.join(self._absent(name))}."
        if not self._brief.n_tests:
            return "No measure could be tested."
        said = f"lies surely {SIDES[name]}" if name in SIDES else "shows a steady rise or fall"
        tests = "1 test" if self._brief.n_tests == 1 else f"{self._brief.n_tests} tests"
        return f"No measure {said}, after allowing for {tests}; that is no proof that there is none."

    def _absent(self, name: str) -> list[str]:
        return [concept.words for concept in self._brief.absent if concept.group in GROUPS[name]]

    def _apart(self, name: str) -> TableResult:
        looks = self._looks[name]
        rows = [
            (
                _dated(look),
                f"{_here(look)}; {counted(look)}",
                self._others(look),
                f"{upper_first(beside_england(look))}.",
                place(look),
            )
            for look in looks[:MOST_LISTED]
        ]
        columns = (
            ("measure", "Measure"),
            ("here", f"{self._name} ({INTERVAL}); counts behind it"),
            ("england", self._near),
            ("words", "Beside England"),
            ("place", f"Place, 1 is the best ({INTERVAL})"),
        )
        notes = (
            f"{self._first(looks, 'Listed by place.')} Neighbours: the middle one of them.",
            f"Measures looked at: {len(self._brief.looked_at)}, with {self._brief.n_tests} tests.",
        )
        return self._texts(name, f"{self._name}: measures that lie surely {SIDES[name]}", rows, columns, notes)

    @staticmethod
    def _first(looks: Sequence[Look], order: str) -> str:
        """In which order, and that some are left to the tables of everything."""
        if len(looks) <= MOST_LISTED:
            return order
        return f"{order} The first {MOST_LISTED} of {len(looks)}; the tables of everything have them all."

    def _others(self, look: Look) -> str:
        near = look.neighbours
        beside = "no list" if near is None else figure(near.value, look.measure)
        return unit_once(figure(look.england, look.measure), "; ", beside)

    def _moved(self) -> TableResult:
        looks = self._looks["moved"]
        columns = (
            ("measure", "Measure"),
            ("change", "From and to"),
            ("slope", f"Rise or fall a year ({INTERVAL})"),
            ("alike", f"Change; that of those that started alike ({INTERVAL})"),
            ("england", "England, from and to"),
        )
        notes = (
            f"{self._first(looks, 'Listed by p-value, the smallest first.')} "
            "The test takes years to be independent; How to read this says what follows.",
            "Those that started alike: the units with the nearest figure then. Very high and very low figures drift "
            "back by themselves, which is called regression to the mean.",
        )
        caption = f"{self._name}: measures with a steady rise or fall"
        return self._texts("moved", caption, [self._moved_row(look) for look in looks[:MOST_LISTED]], columns, notes)

    def _moved_row(self, look: Look) -> tuple[str, ...]:
        measure, trend = look.measure, self._brief.trend(look)
        (first, before), (last, now) = look.line.points[0], look.line.points[-1]
        nation = measure.register.nation.code
        then, today = (figure(measure.cell(nation, period).value, measure) for period in (first, last))
        slope = None if trend.result is None else trend.result.slope
        places, unit = measure.indicator.decimals, measure.unit_of_change
        change = look.change
        alike = change.alike.peer_change if change is not None and change.alike is not None else None
        steep = "" if slope is None or slope.value is None else f" by {amount(abs(slope.value), unit, places + 1)}"
        ends = "" if slope is None else _sizes(slope.low, slope.high, places + 1)
        beside = (
            "none to compare with"
            if alike is None or alike.value is None
            else f"{number(alike.value, places)}{between(alike.low, alike.high, places)}"
        )
        return (
            look.concept.words,
            f"{unit_once(figure(before, measure), ' to ', figure(now, measure))}, "
            f"{year_of(measure.when(first))} to {year_of(measure.when(last))}",
            f"{upper_first(trend.towards)}{steep}{ends}, {len(look.line.points)} figures; "
            f"{which_way(measure.indicator)}",
            f"{amount(round(now, places) - round(before, places), unit, places)}; {beside}",
            unit_once(then, " to ", today),
        )

    def _everything(self, name: str) -> TableResult:
        rows = [
            (
                _dated(look),
                _here(look) if look.value is not None else f"none: {look.missing}",
                self._others(look),
                place(look),
                upper_first(level_result(self._brief, look)),
                upper_first(trend_result(self._brief, look)),
            )
            for look in self._looks[name]
        ]
        columns = (
            ("measure", "Measure"),
            ("here", f"{self._name} ({INTERVAL})"),
            ("england", self._near),
            ("place", f"Place ({INTERVAL})"),
            ("level", "Beside England"),
            ("trend", "Rise or fall"),
        )
        notes = [
            f"Surely: after allowing for {self._brief.n_tests} tests, with a false-discovery rate of 5%.",
            "Place 1 is the best, or the lowest where neither way is better. Without counts there is no interval. "
            "Neighbours: the middle one of them.",
        ]
        absent = self._absent(name)
        notes += [f"Not in these data: {'; '.join(absent)}."] if absent else []
        caption = f"{self._name}: {names([lower_first(group) for group in GROUPS[name]])}"
        return self._texts(name, caption, rows, columns, tuple(notes))

    def _texts(
        self, name: str, caption: str, rows: Rows, columns: Sequence[tuple[str, str]], notes: tuple[str, ...]
    ) -> TableResult:
        shown = tuple(Column(key, label, kind="text") for key, label in columns)
        frame = pd.DataFrame(list(rows), columns=[column.key for column in shown])
        return TableResult(name, caption, frame, shown, notes=notes, is_sample=self._panel.is_sample)


def _dated(look: Look) -> str:
    return look.concept.words if look.when is None else f"{look.concept.words}, {short_when(look.when)}"


def _here(look: Look) -> str:
    ends = between(look.apart.low, look.apart.high, look.measure.indicator.decimals)
    doubt = "" if look.cell is None or not look.cell.doubt else "; may be partial"
    return f"{figure(look.value, look.measure)}{ends}{doubt}"


def _sizes(low: float | None, high: float | None, decimals: int) -> str:
    """The interval of a rise or fall, whose direction is said: its sizes, the smaller first.

    >>> _sizes(-10.3, -4.7, 1), _sizes(0.5, 1.0, 1), _sizes(None, 1.0, 1)
    (' (4.7 to 10.3)', ' (0.5 to 1.0)', '')
    """
    if low is None or high is None:
        return ""
    return between(min(abs(low), abs(high)), max(abs(low), abs(high)), decimals)
