"""Judgements, spells and ends of areas as rows of a timeline, read and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from insight.charts.dated import DAYS_A_YEAR, days
from insight.charts.inputs import records
from insight.charts.words import number
from insight.core.judgements import GRADES, REQUIRES_IMPROVEMENT
from insight.core.missing import Status, in_words
from insight.errors import NotDisplayable

NO_GRADE = -1
SHORT = {REQUIRES_IMPROVEMENT: "Requires improvement"}
HEIGHTS = {grade: len(GRADES) - 1 - place for place, grade in enumerate(GRADES)}


@dataclass(frozen=True)
class Judged:
    """One judgement; ``status`` says why where it has no grade."""

    day: date
    framework: str
    grade: str
    status: str

    @property
    def height(self) -> int:
        """Where its grade stands, the best highest; below all where there is none."""
        return HEIGHTS.get(self.grade, NO_GRADE)

    @property
    def said(self) -> str:
        """The grade, or why there is none."""
        return SHORT.get(self.grade, self.grade) or f"no grade ({in_words(self.status)})"


@dataclass(frozen=True)
class Spell:
    """A stretch of days; an open one was not over on its last day."""

    start: date
    end: date
    is_open: bool

    @property
    def words(self) -> str:
        """Its length."""
        years = number((self.end - self.start).days / DAYS_A_YEAR, 1)
        return f"{years} years, not ended" if self.is_open else f"{years} years"


@dataclass(frozen=True)
class End:
    """A day on which a record stops, or from which no grade is given."""

    day: date
    words: str
    stops: bool


@dataclass(frozen=True)
class AreaRow:
    """One area: what happened, in the order of time."""

    area: str
    judged: tuple[Judged, ...]
    spells: tuple[Spell, ...]
    ends: tuple[End, ...]

    @property
    def graded(self) -> list[Judged]:
        """The judgements with a grade."""
        return [each for each in self.judged if each.grade]

    def stop(self, until: date) -> date:
        """The day on which its line ends."""
        return min([until, *(end.day for end in self.ends if end.stops)])


def area_rows(
    events: pd.DataFrame, spells: pd.DataFrame | None, ends: pd.DataFrame | None, areas: Sequence[str], name: str
) -> list[AreaRow]:
    """The areas in their order, with their judgements, spells and ends.

    Raises
    ------
    NotDisplayable
        If a column is missing, a day or grade is unknown, or a grade stands beside a reason for none.
    """
    given = _read(events, ("area", "date", "framework", "grade", "status"), ("date",), name)
    long = _read(spells, ("area", "start", "end", "is_open"), ("start", "end"), name)
    over = _read(ends, ("area", "date", "words", "stops"), ("date",), name)
    judged = [(row["area"], _judged(row, name)) for row in given]
    order = list(areas) or list(dict.fromkeys(area for area, _ in judged))
    return [
        AreaRow(
            area,
            tuple(sorted((each for own, each in judged if own == area), key=lambda each: each.day)),
            tuple(Spell(row["start"], row["end"], bool(row["is_open"])) for row in long if row["area"] == area),
            tuple(End(row["date"], str(row["words"]), bool(row["stops"])) for row in over if row["area"] == area),
        )
        for area in order
    ]


def _read(frame: pd.DataFrame | None, columns: Sequence[str], dated: Sequence[str], name: str) -> list[dict[str, Any]]:
    """The rows of a frame with their days as days."""
    if frame is None:
        return []
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise NotDisplayable(
            f"drawing the chart {name!r}",
            found=f"no column {', '.join(absent)}",
            todo=f"give the columns {', '.join(columns)}",
        )
    read = {column: days(frame[column].tolist(), name=name, column=column) for column in dated}
    return [{**row, **{key: read[key][place] for key in dated}} for place, row in enumerate(records(frame))]


def _judged(row: dict[str, Any], name: str) -> Judged:
    """A judgement: a known grade, or none and its reason."""
    grade, status = str(row["grade"]), str(row["status"])
    grade = next((full for full, short in SHORT.items() if grade == short), grade)
    is_known = grade in GRADES if status == Status.VALUE.value else not grade and status in set(Status)
    if not is_known:
        raise NotDisplayable(
            f"drawing the chart {name!r}",
            found="a judgement that is neither one of the four grades nor without a grade for a known reason",
            todo=f"give a grade ({', '.join(GRADES)}) with the status value, or no grade and the reason",
        )
    return Judged(row["date"], str(row["framework"]), grade, status)


def refuse_days(rows: Sequence[AreaRow], until: date, name: str) -> None:
    """Refuse judgements after the newest day of the data, and two of one area on one day.

    Raises
    ------
    NotDisplayable
    """
    late = sum(each.day > until for row in rows for each in row.judged)
    twice = sum(len(row.judged) - len({each.day for each in row.judged}) for row in rows)
    if late or twice:
        raise NotDisplayable(
            f"drawing the chart {name!r}",
            found=f"{late} judgement(s) after the newest day, {twice} on the day of another of the same area",
            todo="give the newest day of the data, and the judgements on one subject",
        )
