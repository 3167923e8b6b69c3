"""Judgements: what an inspectorate published of an area, on which day, under which framework."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import pandas as pd

from insight.core.described import Described, Description
from insight.core.display import Display, Table
from insight.core.events import COLUMNS, Events
from insight.core.gate import release
from insight.core.html import SAMPLE_BANNER
from insight.core.judged import (
    ADOPTION,
    CARE_LEAVERS,
    GOOD,
    GRADES,
    HELP_AND_PROTECTION,
    IN_CARE,
    INADEQUATE,
    LEADERS,
    LEADERSHIP,
    LOOKED_AFTER,
    OUTSTANDING,
    OVERALL,
    PERMANENCE,
    REQUIRES_IMPROVEMENT,
    SAFEGUARDING,
    WHOLE_SERVICE,
    Difference,
    Inspection,
    Judged,
    Judgement,
    grade_rank,
    history_of,
    inspections_of,
)
from insight.core.register import Register
from insight.core.results import CardResult, Column, TableResult

__all__ = [
    "ADOPTION",
    "CARE_LEAVERS",
    "GOOD",
    "GRADES",
    "HELP_AND_PROTECTION",
    "INADEQUATE",
    "IN_CARE",
    "LEADERS",
    "LEADERSHIP",
    "LOOKED_AFTER",
    "NO_JUDGEMENTS",
    "OUTSTANDING",
    "OVERALL",
    "PERMANENCE",
    "REQUIRES_IMPROVEMENT",
    "SAFEGUARDING",
    "WHOLE_SERVICE",
    "Difference",
    "Judged",
    "Judgement",
    "Judgements",
    "grade_rank",
]
By = Literal["published", "inspected"]
_NO_GRADE = "no grade"


@dataclass(frozen=True, repr=False)
class Judgements(Described):
    """Every judgement of every file that the store holds.

    Examples
    --------
    >>> old = Judgement("E08000035", "SIF", "", OVERALL, "Good", "", "2015-03-27", "one", "2023", "row 6")
    >>> new = Judgement("E08000035", "ILACS", "short", OVERALL, "Outstanding", "", "2018-12-18", "one", "2023", "row 6")
    >>> known = Judgements((old, new))
    >>> known.latest("E08000035").grade, known.latest("E08000035", on=date(2018, 1, 1)).grade
    ('Outstanding', 'Good')
    """

    all: tuple[Judgement, ...]
    is_sample: bool = False

    def history(self) -> tuple[Judged, ...]:
        """One row for each inspection and subject, merged over the files: by area, publication, overall first.

        A grade is that of the best file that has it: the inspectorate's own before others', a newer edition before an
        older. Two files speak of one inspection where area and framework agree, and they were published within seven
        days of each other, inspected on the same day, or published within a quarter of a year with the same grades.
        An inspection without a grade is a row with grade "".
        """
        return self._history

    def of_area(self, code: str) -> tuple[Judgement, ...]:
        """Those of one area as every file gives them, in order of publication."""
        return tuple(sorted((each for each in self.all if each.area == code), key=lambda each: each.published))

    def latest(
        self,
        code: str,
        on: date | None = None,
        *,
        subject: str = OVERALL,
        frameworks: Collection[str] = WHOLE_SERVICE,
        by: By = "published",
        ungraded: bool = False,
    ) -> Judged | None:
        """The latest grade of an area, or None where there is none.

        Parameters
        ----------
        code : str
            The register's code. A reorganised area begins without one.
        on : date, optional
            As it stood on this day, which counts.
        subject : str
        frameworks : collection of str
            Those whose grades are compared; by default the ones that judge all services.
        by : "published" or "inspected"
            Which day must not be later. The inspectorate's tables "as at 31 March" go by the day of inspection. An
            inspection without one then counts by its publication.
        ungraded : bool
            Also an inspection that gave no grade to the subject.
        """
        found = [
            each
            for each in self._by_area.get(code, ())
            if each.subject == subject
            and each.framework in frameworks
            and (ungraded or each.grade)
            and (on is None or _day(each, by) <= on)
        ]
        return max(found, key=lambda each: _day(each, by), default=None)

    def newest(self) -> date | None:
        """The newest day of publication in any file; None without judgements."""
        return max((each.day for each in self._history), default=None)

    def events(self, subject: str = OVERALL) -> Events:
        """Each inspection once, as an event on its day of publication: the kind is its framework, the value its grade.

        The value is "" where the subject got no grade.
        """
        rows = [
            (each.area, each.day, each.framework, each.grade, each.source)
            for each in self._history
            if each.subject == subject
        ]
        return Events(pd.DataFrame(rows, columns=list(COLUMNS)))

    def differences(self) -> tuple[Difference, ...]:
        """Where files differ in a grade or a day, and which of them was taken."""
        return tuple(difference for each in self._inspections for difference in each.differences())

    def disagreements(self, register: Register | None = None) -> Table:
        """The differences between files as a table; with a register it has names for codes."""
        rows = [
            {**asdict(each), "area": _name(each.area, register), "subject": each.subject or "every subject"}
            for each in self.differences()
        ]
        columns = (
            Column("area", "Area", "text"),
            Column("framework", "Framework", "text"),
            Column("published", "Published", "text"),
            Column("subject", "Subject", "text"),
            Column("what", "What differs", "text"),
            Column("taken", "Taken", "text"),
            Column("taken_from", "Taken from", "text"),
            Column("other", "Not taken", "text"),
            Column("other_from", "Where it stands", "text"),
        )
        notes = (
            "The inspectorate's own files go before others', and a newer edition before an older.",
            *(() if rows else ("No two files differ.",)),
        )
        return self._table("disagreements", "Where files differ about an inspection", rows, columns, notes)

    def timeline(self, code: str, register: Register | None = None) -> Table:
        """Every judgement of one area in order of publication, with the file that it comes from."""
        rows = [
            {
                "published": each.published,
                "framework": each.framework,
                "inspection": each.inspection or "not said",
                "subject": each.subject,
                "grade": each.grade or _NO_GRADE,
                "inspected": each.inspected or "not said",
                "source": f"{each.source} {each.release}",
            }
            for each in self._by_area.get(code, ())
        ]
        columns = (
            Column("published", "Published", "text"),
            Column("framework", "Framework", "text"),
            Column("inspection", "Inspection", "text"),
            Column("subject", "Subject", "text"),
            Column("grade", "Grade", "text"),
            Column("inspected", "Inspected", "text"),
            Column("source", "Source", "text"),
        )
        notes = () if rows else ("No judgement of this area is in the files.",)
        return self._table("timeline", f"Judgements of {_name(code, register)}", rows, columns, notes)

    def frameworks(self) -> Table:
        """Inspections of each framework: how many, how many of each overall grade, and from when to when."""
        counted: dict[str, Counter[str]] = defaultdict(Counter)
        days: dict[str, list[str]] = defaultdict(list)
        for each in self._inspections:
            first = each.reports[0].first
            days[first.framework].append(each.published)
            overall = next((judged for judged in each.judged() if judged.subject == OVERALL), None)
            counted[first.framework][overall.grade or _NO_GRADE if overall else _NO_GRADE] += 1
        rows = [
            {"framework": name, "inspections": len(days[name]), "first": min(days[name]), "last": max(days[name])}
            | {grade: counted[name][grade] for grade in (*GRADES, _NO_GRADE)}
            for name in sorted(days, key=lambda name: min(days[name]))
        ]
        columns = (
            Column("framework", "Framework", "text"),
            Column("inspections", "Inspections", decimals=0),
            *(Column(grade, grade, decimals=0) for grade in GRADES),
            Column(_NO_GRADE, "No overall grade", decimals=0),
            Column("first", "First published", "text"),
            Column("last", "Last published", "text"),
        )
        return self._table("frameworks", "Inspections by framework", rows, columns, ())

    def describe(self) -> Description:
        """How many inspections, of which frameworks, of how many areas, and from when to when."""
        days = sorted(each.published for each in self._inspections)
        names = sorted({each.framework for each in self.all})
        facts = (
            ("inspections", f"{len(self._inspections):,}"),
            ("judgements", f"{len(self._history):,}"),
            ("areas", str(len({each.area for each in self.all}))),
            ("frameworks", ", ".join(names) or "none"),
            ("published", f"{days[0]} to {days[-1]}" if days else "none"),
            ("files", ", ".join(sorted({f"{each.source} {each.release}" for each in self.all})) or "none"),
            ("differences between files", str(len(self.differences()))),
        )
        return Description("Judgements", facts, banner=SAMPLE_BANNER if self.is_sample else None)

    def card(self) -> Display:
        """The description as a display object."""
        description = self.describe()
        return release(CardResult(description.title, description.facts, is_sample=self.is_sample))

    def _table(
        self,
        name: str,
        caption: str,
        rows: Sequence[Mapping[str, object]],
        columns: tuple[Column, ...],
        notes: tuple[str, ...],
    ) -> Table:
        frame = pd.DataFrame(rows, columns=[column.key for column in columns])
        shown = release(TableResult(name, caption, frame, columns, notes, is_sample=self.is_sample))
        if not isinstance(shown, Table):
            raise TypeError(f"the gate gave a {type(shown).__name__}")
        return shown

    @cached_property
    def _inspections(self) -> tuple[Inspection, ...]:
        return inspections_of(self.all)

    @cached_property
    def _history(self) -> tuple[Judged, ...]:
        return history_of(self._inspections)

    @cached_property
    def _by_area(self) -> Mapping[str, tuple[Judged, ...]]:
        found: dict[str, list[Judged]] = defaultdict(list)
        for each in self._history:
            found[each.area].append(each)
        return {code: tuple(rows) for code, rows in found.items()}


def _day(judged: Judged, by: By) -> date:
    return date.fromisoformat(judged.inspected) if by == "inspected" and judged.inspected else judged.day


def _name(code: str, register: Register | None) -> str:
    return register.get(code).name if register else code


NO_JUDGEMENTS = Judgements(())
