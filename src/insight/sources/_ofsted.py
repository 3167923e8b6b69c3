"""Inspections in the rows of a worksheet: days, grades, and every row accounted for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

import pandas as pd

from insight.core.area import Area, shown
from insight.core.judgements import GOOD, INADEQUATE, OUTSTANDING, OVERALL, REQUIRES_IMPROVEMENT, Judgement
from insight.core.panel import COLUMNS
from insight.core.source import Source
from insight.errors import DuplicateKey, RuleBroken, SourceChanged, UnknownSymbol
from insight.sources._account import Account
from insight.sources._open import Opened
from insight.sources._reading import Reading
from insight.sources._workbook import header_text, workbook

# "Adequate" was the word before 2014; the publisher shows those grades in today's words.
_GRADES = {
    "outstanding": OUTSTANDING,
    "good": GOOD,
    "requires improvement to be good": REQUIRES_IMPROVEMENT,
    "requires improvement": REQUIRES_IMPROVEMENT,
    "adequate": REQUIRES_IMPROVEMENT,
    "inadequate": INADEQUATE,
}
# Ofsted's files go back to 31 March 2009; ILACS was introduced in 2018 (notes of the edition of 2025).
FIRST_DAY = date(2009, 3, 31)
FIRST_ILACS_DAY = date(2018, 1, 1)
# Days from the beginning of an inspection to its report; the most in the files is 225.
LONGEST_WAIT = 366
NOTHING = "no inspection"
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SLASHES = re.compile(r"([0-9]{2})/([0-9]{2})/((?:[0-9]{2})?[0-9]{2})")
TITLE_INSIDE = "a title or a heading inside the table"
NOT_INSPECTED = "no inspection of the area in this table"


@dataclass(frozen=True)
class Columns:
    """The columns that hold one inspection.

    Parameters
    ----------
    framework : str
    published : str
        The column of the day of publication.
    subjects : mapping of subject to column
    inspection : str
        The kind of inspection, where no column says it.
    kind, inspected : str
        Columns of the kind and of the first day of the inspection; "" for none.
    """

    framework: str
    published: str
    subjects: Mapping[str, str]
    inspection: str = ""
    kind: str = ""
    inspected: str = ""


@dataclass(frozen=True)
class Words:
    """How a publisher writes what is not there, and whether it writes days with slashes.

    ``none`` is where nothing was judged; ``ungraded`` where something was inspected and got no grade.
    """

    none: tuple[str, ...] = ("",)
    ungraded: tuple[str, ...] = ("-",)
    has_slashes: bool = False


@dataclass(frozen=True)
class Line:
    """A row of a table, by the names of its columns, and which table of the worksheet it is in."""

    number: int
    cells: Mapping[str, str]
    is_below: bool


class Inspections:
    """Reads the inspections of one worksheet.

    Parameters
    ----------
    opened : Opened
    source : Source
    release : str
        Which edition; "" is the newest day of publication in it.
    until : date or None
        The day on which the file was issued: nothing in it can be later.
    is_one_row_each : bool
        Whether an area has one row, with all its inspections.
    is_official : bool
    words : Words, optional
    """

    def __init__(
        self,
        opened: Opened,
        source: Source,
        release: str,
        *,
        until: date | None,
        is_one_row_each: bool,
        is_official: bool = True,
        words: Words | None = None,
    ) -> None:
        self._opened, self._source, self._release, self._until = opened, source, release, until
        self._is_one_row_each, self._is_official = is_one_row_each, is_official
        self._words = words or Words()
        self._rows: dict[str, int] = {}
        self._seen: dict[tuple[str, str, str, str], tuple[str, str]] = {}
        self.account = Account(opened.table.blank_lines, opened.table.footnotes)
        self.found: list[Judgement] = []
        self._kept = 0

    def lines(self, name: str, below: Sequence[str] = ()) -> Iterator[Line]:
        """The rows that are of an area.

        Parameters
        ----------
        name : str
            The column of the area's name.
        below : sequence of str
            The header of a second table further down; blank where it has no column.

        Raises
        ------
        SourceChanged
            If there is a second header that is not this one.
        RuleBroken
            If a row below it has a cell where that header has no column.
        """
        header, is_below = self._opened.table.header, False
        for row in self._opened.table.rows:
            filled = [cell for cell in row.cells if cell.strip()]
            texts = tuple(map(header_text, row.cells))
            if texts[header.index(name)] == name:
                self._require_header(texts, below, row.line)
                is_below = True
            if texts[header.index(name)] == name or (len(filled) == 1 and row.cells[0].strip()):
                self.account.set_aside(TITLE_INSIDE, shown(filled[0]))
                continue
            line = Line(row.line, dict(zip(header, map(str.strip, row.cells), strict=True)), is_below)
            if is_below and any(cell.strip() for cell in row.cells[len(below) :]):
                self._refuse(line, "", "a cell in a column without a name")
            yield line

    def take(self, line: Line, area: Area, several: Sequence[Columns]) -> None:
        """Read the inspections of one row.

        Raises
        ------
        SourceRefused
            For a grade that is none, a day that cannot be, a grade without a day, or an inspection twice.
        """
        first = self._rows.setdefault(area.code, line.number)
        if self._is_one_row_each and first != line.number:
            raise DuplicateKey(
                f"reading {shown(self._opened.file)}, sheet {self._opened.sheet!r}",
                found=f"{area.name} in row {first} and in row {line.number}",
                todo="use the publisher's file as it was issued",
            )
        before = len(self.found)
        for columns in several:
            self._take(line, area, columns)
        self._require_order(line, self.found[before:])
        if len(self.found) == before:
            self.account.set_aside(NOT_INSPECTED, area.name)
        else:
            self._kept += 1

    def reading(self) -> Reading:
        """What was read, with an account of every row."""
        release = self._release or max((each.published for each in self.found), default=NOTHING)
        dated = [replace(each, release=release) for each in self.found]
        several = tuple(sorted(dated, key=lambda each: (each.area, each.published, each.framework)))
        bare = sorted(
            {f"{each.area} {each.published}" for each in several if each.subject == OVERALL and not each.grade}
        )
        if bare:
            self.account.notes.append(f"inspections without an overall grade: {', '.join(bare)}")
        table = self._opened.table
        return Reading(
            source=self._source.key,
            layout=self._opened.layout.name,
            release=release,
            rows=pd.DataFrame(columns=list(COLUMNS)),
            neighbours=(),
            judgements=several,
            rows_read=len(table.rows) + table.blank_lines + table.footnotes,
            rows_kept=self._kept,
            set_aside=self.account.entries(),
            encoding=self._opened.encoding,
            notes=(*self._opened.notes, *self.account.notes),
        )

    def _require_header(self, texts: Sequence[str], below: Sequence[str], line: int) -> None:
        while texts and not texts[-1]:
            texts = texts[:-1]
        if tuple(texts) != tuple(below):
            new = [text for text in texts if text not in below]
            raise SourceChanged(
                f"reading {shown(self._opened.file)}, sheet {self._opened.sheet!r}, row {line}",
                found=f"a second header that is not the known one; unknown: {shown(', '.join(new)) or 'none'}",
                todo="use the file as issued; if the publisher has changed it, add the new header beside the old one",
            )

    def _take(self, line: Line, area: Area, columns: Columns) -> None:
        cells = line.cells
        cell = {subject: self._grade(line, column) for subject, column in columns.subjects.items()}
        graded = {subject: grade for subject, grade in cell.items() if grade is not None}
        kind = cells[columns.kind] if columns.kind else ""
        kind = "" if kind in self._words.none else kind
        published = self._day(line, columns.published)
        inspected = self._day(line, columns.inspected) if columns.inspected else None
        if published is None:
            if graded or kind or inspected:
                self._refuse(line, columns.published, "an inspection without a day of publication")
            return
        self._require_possible(line, area, columns, published=published, inspected=inspected)
        # An inspection that gave no grade is an event all the same.
        if OVERALL in columns.subjects:
            graded = {OVERALL: "", **graded}
        elif not graded:
            graded = dict.fromkeys(columns.subjects, "")
        days = {"inspected": inspected.isoformat() if inspected else "", "published": published.isoformat()}
        where = f"sheet {self._opened.sheet}, row {line.number}"
        for subject, grade in graded.items():
            self._require_once(area, columns, subject, days, where)
            self.found.append(
                Judgement(
                    area=area.code,
                    framework=columns.framework,
                    inspection=kind or columns.inspection,
                    subject=subject,
                    grade=grade,
                    **days,
                    source=self._source.key,
                    release=self._release,
                    where=where,
                    is_official=self._is_official,
                )
            )

    def _grade(self, line: Line, column: str) -> str | None:
        """A grade, "" for one that was not given, or None where nothing was judged."""
        text = line.cells[column]
        if text in self._words.none:
            return None
        if text in self._words.ungraded:
            return ""
        if text.casefold() not in _GRADES:
            raise UnknownSymbol(
                self._asked(line, column),
                found=repr(shown(text[:40])),
                todo=f"grades are: {', '.join(dict.fromkeys(_GRADES.values()))}; no grade is left blank",
            )
        return _GRADES[text.casefold()]

    def _day(self, line: Line, column: str) -> date | None:
        text = line.cells[column]
        if text in self._words.none:
            return None
        found = _SLASHES.fullmatch(text) if self._words.has_slashes else None
        if found:
            day, month, year = found.groups()
            text = f"{year if len(year) > 2 else f'20{year}'}-{month}-{day}"
        try:
            if not _ISO.fullmatch(text):
                raise ValueError
            return date.fromisoformat(text)
        except ValueError:
            self._refuse(line, column, f"{shown(line.cells[column][:40])!r}, which is no day")

    def _require_possible(
        self, line: Line, area: Area, columns: Columns, *, published: date, inspected: date | None
    ) -> None:
        first = FIRST_ILACS_DAY if columns.framework == "ILACS" else FIRST_DAY
        begun = inspected or published
        if begun < first or (self._until and published > self._until):
            span = f"{first} to {self._until}" if self._until else f"{first} on"
            self._refuse(line, columns.published, f"{published} for {columns.framework}, which can be from {span}")
        if inspected and not 0 <= (published - inspected).days <= LONGEST_WAIT:
            self._refuse(line, columns.published, f"a report of {published} on an inspection of {inspected}")
        # The report on an area's last months may be out after its end.
        is_late = not inspected and area.end is not None and 0 < (published - area.end).days <= LONGEST_WAIT
        if not area.exists_on(begun) and not is_late:
            life = f"{area.start or 'before the register'} to {area.end or 'today'}"
            self._refuse(line, columns.published, f"{begun}, when {area.name} did not exist ({life})")

    def _require_once(self, area: Area, columns: Columns, subject: str, days: Mapping[str, str], where: str) -> None:
        place = (where, columns.published)
        for which, day in days.items():
            other = self._seen.setdefault((area.code, f"{columns.framework} {subject}", which, day), place)
            if day and other != place:
                raise DuplicateKey(
                    f"reading {shown(self._opened.file)}, {where}",
                    found=f"{area.name}: {columns.framework}, {subject}, {which} {day} twice: in {other[0]}, column "
                    f"{other[1]!r}, and in {where}, column {columns.published!r}",
                    todo="use the publisher's file as it was issued",
                )

    def _require_order(self, line: Line, found: Sequence[Judgement]) -> None:
        """The columns of a row say which inspection was first and which second."""
        for earlier, later in pairwise(sorted(found, key=lambda each: (each.framework, each.subject))):
            is_same = (earlier.framework, earlier.subject) == (later.framework, later.subject)
            if is_same and later.published < earlier.published:
                self._refuse(line, "", f"a second {later.framework} inspection ({later.published}) before the first")

    def _asked(self, line: Line, column: str) -> str:
        place = f"reading {shown(self._opened.file)}, sheet {self._opened.sheet!r}, row {line.number}"
        return f"{place}, column {column!r}" if column else place

    def _refuse(self, line: Line, column: str, found: str) -> NoReturn:
        raise RuleBroken(
            self._asked(line, column),
            found=found,
            todo="compare the row with the inspection report; if it was printed so, tell the publisher",
        )


def issued(path: Path) -> date | None:
    """The day in the row "Published on:" of the sheet Cover; None where there is none."""
    for row in workbook(path).sheets.get("Cover", ()):
        if row[0].strip() == "Published on:" and len(row) > 1 and _ISO.fullmatch(row[1]):
            return date.fromisoformat(row[1])
    return None
