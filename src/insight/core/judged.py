"""What an inspectorate judged: a grade as one file gives it, and an inspection as all files together tell it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from insight.core.area import shown
from insight.errors import PanelError

OUTSTANDING = "Outstanding"
GOOD = "Good"
REQUIRES_IMPROVEMENT = "Requires improvement to be good"
INADEQUATE = "Inadequate"
GRADES = (OUTSTANDING, GOOD, REQUIRES_IMPROVEMENT, INADEQUATE)

OVERALL = "overall effectiveness"
SAFEGUARDING = "safeguarding"
LOOKED_AFTER = "looked after children"
LEADERS = "impact of leaders"
HELP_AND_PROTECTION = "help and protection"
IN_CARE = "children in care"
CARE_LEAVERS = "care leavers"
LEADERSHIP = "leadership, management and governance"
PERMANENCE = "children looked after and achieving permanence"
ADOPTION = "adoption performance"

# Frameworks whose overall effectiveness is of all services for children; the others look at a part.
WHOLE_SERVICE = ("SIF", "ILACS")
# Days of publication of one report differ by up to 4 between files.
SAME_DAYS = 7
# Two inspections of one area under one framework were never published within half a year of each other (the nearest:
# 186 days). One report of Nottingham stands as 5 September 2022 in one edition and as 5 November 2022 in two others.
SAME_GRADES_DAYS = 92


def grade_rank(grade: str) -> int | None:
    """The place of a grade, 1 for Outstanding to 4 for Inadequate; None for no grade.

    Raises
    ------
    PanelError
        For anything but a grade and "".

    Examples
    --------
    >>> grade_rank("Outstanding"), grade_rank("Inadequate"), grade_rank("")
    (1, 4, None)
    """
    if grade and grade not in GRADES:
        raise PanelError(
            "placing a grade in its order", found=repr(shown(grade)), todo=f"grades are: {', '.join(GRADES)}"
        )
    return GRADES.index(grade) + 1 if grade else None


@dataclass(frozen=True, slots=True)
class Judgement:
    """One grade of one inspection, as one published file gives it.

    Parameters
    ----------
    area : str
        The register's code; an abolished area keeps its own.
    framework : str
        "SLAC", "CPI", "TLAC", "SIF" or "ILACS".
    inspection : str
        The kind of inspection in the publisher's words; "" where it gives none.
    subject : str
        What is judged: ``OVERALL``, or a part of it. SLAC has no overall grade.
    grade : str
        One of ``GRADES``, or "" where the file has none. "Adequate", the word before 2014, is
        "Requires improvement to be good", as the publisher shows it now.
    inspected, published : str
        Days as YYYY-MM-DD; "" where the file has none. ``published`` is always there.
    source, release : str
        Key of the source, and which edition of it.
    where : str
        Sheet and row, in words.
    is_official : bool
        Whether the inspectorate itself published the file.
    """

    area: str
    framework: str
    inspection: str
    subject: str
    grade: str
    inspected: str
    published: str
    source: str
    release: str
    where: str
    is_official: bool = True

    @property
    def day(self) -> date:
        """The day of publication."""
        return date.fromisoformat(self.published)


@dataclass(frozen=True, slots=True)
class Judged:
    """One subject of one inspection, as the best file that has it gives it, with every other file that has it too.

    Parameters
    ----------
    area, framework, inspection, subject, grade
        As in ``Judgement``; the grade is that of the best file.
    inspected, published : str
        The inspection's days, the same for all its subjects: of the best file that has the inspection. ``inspected``
        is of the best that knows it, and "" where none does.
    source, release, where, is_official
        The file that the grade was taken from.
    others : tuple of Judgement
        The same subject of the same inspection in other files, best first.
    """

    area: str
    framework: str
    inspection: str
    subject: str
    grade: str
    inspected: str
    published: str
    source: str
    release: str
    where: str
    is_official: bool
    others: tuple[Judgement, ...] = ()

    @property
    def day(self) -> date:
        """The day of publication."""
        return date.fromisoformat(self.published)

    @property
    def rank(self) -> int | None:
        """1 for Outstanding to 4 for Inadequate; None without a grade."""
        return grade_rank(self.grade)


@dataclass(frozen=True, slots=True)
class Difference:
    """Two files that say unlike things of one inspection: what was taken, and what was not.

    ``what`` is "grade", "day of publication" or "day of inspection"; ``subject`` is "" for a day.
    """

    area: str
    framework: str
    published: str
    subject: str
    what: str
    taken: str
    taken_from: str
    other: str
    other_from: str


@dataclass(frozen=True, slots=True)
class Report:
    """What one file says of one inspection."""

    rows: tuple[Judgement, ...]

    @property
    def first(self) -> Judgement:
        """Any of its rows, for what they share."""
        return self.rows[0]

    @property
    def file(self) -> tuple[str, str]:
        """Source and edition."""
        return self.first.source, self.first.release

    def days_from(self, other: Report) -> int:
        """Days between the two publications."""
        return abs((self.first.day - other.first.day).days)

    def is_same_as(self, other: Report) -> bool:
        """Whether two files of one area and framework speak of one inspection."""
        if self.file == other.file:
            return False
        inspected = self.first.inspected
        return (
            self.days_from(other) <= SAME_DAYS
            or (inspected != "" and inspected == other.first.inspected)
            or (self.days_from(other) <= SAME_GRADES_DAYS and self._has_grades_of(other))
        )

    def _has_grades_of(self, other: Report) -> bool:
        """Whether both have grades for some subject, and equal ones for all such."""
        theirs = {row.subject: row.grade for row in other.rows if row.grade}
        shared = [(row.grade, theirs[row.subject]) for row in self.rows if row.grade and row.subject in theirs]
        return bool(shared) and all(own == their for own, their in shared)


@dataclass(frozen=True, slots=True)
class Inspection:
    """One inspection, with each file's report of it, the best first."""

    reports: tuple[Report, ...]

    @property
    def published(self) -> str:
        """The day of publication in the best file."""
        return self.reports[0].first.published

    @property
    def inspected(self) -> str:
        """The day of inspection in the best file that has one."""
        return next((each.first.inspected for each in self.reports if each.first.inspected), "")

    def judged(self) -> Iterator[Judged]:
        """Each subject, from the best file that has it."""
        by_subject: dict[str, list[Judgement]] = defaultdict(list)
        for report in self.reports:
            for row in report.rows:
                by_subject[row.subject].append(row)
        for subject, (taken, *others) in by_subject.items():
            yield Judged(
                area=taken.area,
                framework=taken.framework,
                inspection=taken.inspection,
                subject=subject,
                grade=taken.grade,
                inspected=self.inspected,
                published=self.published,
                source=taken.source,
                release=taken.release,
                where=taken.where,
                is_official=taken.is_official,
                others=tuple(others),
            )

    def differences(self) -> Iterator[Difference]:
        """Where another file differs from what was taken: in a day, once a file, or in a grade."""
        best = self.reports[0].first
        dated = next((each.first for each in self.reports if each.first.inspected), best)
        for row in (each.first for each in self.reports[1:]):
            if row.published != best.published:
                yield self._difference(best, row, what="day of publication", taken=best.published, other=row.published)
            if row.inspected and row.inspected != dated.inspected:
                yield self._difference(dated, row, what="day of inspection", taken=dated.inspected, other=row.inspected)
        for judged in self.judged():
            for row in judged.others:
                if row.grade != judged.grade:
                    yield self._difference(judged, row, what="grade", taken=judged.grade, other=row.grade)

    def _difference(
        self, taken_from: Judgement | Judged, row: Judgement, *, what: str, taken: str, other: str
    ) -> Difference:
        return Difference(
            area=row.area,
            framework=row.framework,
            published=self.published,
            subject=row.subject if what == "grade" else "",
            what=what,
            taken=taken or "no grade",
            taken_from=f"{taken_from.source} {taken_from.release}, {taken_from.where}",
            other=other or "no grade",
            other_from=f"{row.source} {row.release}, {row.where}",
        )


def inspections_of(several: Iterable[Judgement]) -> tuple[Inspection, ...]:
    """Every inspection once: by area, day of publication and framework.

    Files are ranked: the inspectorate's own before others', a newer edition before an older. Two files speak of the
    same inspection where area and framework agree and they were published within ``SAME_DAYS`` of each other, inspected
    on the same day, or published within ``SAME_GRADES_DAYS`` with the same grades. Two reports of one file are never
    the same inspection.

    Raises
    ------
    PanelError
        If one file has two grades of one subject of one inspection: nothing says which of them holds.
    """
    found: dict[tuple[str, str], list[list[Report]]] = defaultdict(list)
    for report in _reports(several):
        known = found[report.first.area, report.first.framework]
        near = [
            each
            for each in known
            if any(report.is_same_as(other) for other in each) and all(report.file != other.file for other in each)
        ]
        if near:
            min(near, key=lambda each: report.days_from(each[0])).append(report)
        else:
            known.append([report])
    made = [Inspection(tuple(reports)) for known in found.values() for reports in known]
    return tuple(sorted(made, key=lambda each: (each.reports[0].first.area, each.published, _kind(each))))


def history_of(inspections: Sequence[Inspection]) -> tuple[Judged, ...]:
    """Each subject of each inspection, overall effectiveness first, in the order of the inspections."""
    return tuple(
        judged
        for each in inspections
        for judged in sorted(each.judged(), key=lambda judged: (judged.subject != OVERALL, judged.subject))
    )


def _kind(inspection: Inspection) -> tuple[str, str]:
    return inspection.reports[0].first.framework, inspection.reports[0].first.inspection


def _reports(several: Iterable[Judgement]) -> list[Report]:
    """The rows of each file by inspection, in the order of the files' rank; equal rows of two equal files are one."""
    rows: dict[tuple[str, ...], dict[str, Judgement]] = defaultdict(dict)
    for each in _ranked(several):
        key = (each.source, each.release, each.area, each.framework, each.published, each.inspected)
        taken = rows[key].setdefault(each.subject, each)
        if taken.grade != each.grade:
            raise PanelError(
                f"reading the judgements of {each.area}",
                found=f"two grades of {each.subject} on {each.published} in one edition of {each.source}: "
                f"{taken.where}, and {each.where}",
                todo="give each subject of an inspection one grade in one edition",
            )
    return [Report(tuple(by_subject.values())) for by_subject in rows.values()]


def _ranked(several: Iterable[Judgement]) -> list[Judgement]:
    ordered = sorted(several, key=lambda each: (each.source, each.area, each.published, each.subject, each.where))
    ordered.sort(key=lambda each: each.release, reverse=True)
    return sorted(ordered, key=lambda each: not each.is_official)
