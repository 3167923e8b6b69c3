"""Judgements: what an inspectorate published of an area, on which day, under which framework."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from insight.core.described import Described, Description
from insight.core.display import Display
from insight.core.events import COLUMNS, Events
from insight.core.gate import release
from insight.core.html import SAMPLE_BANNER
from insight.core.results import CardResult

OUTSTANDING = "Outstanding"
GOOD = "Good"
REQUIRES_IMPROVEMENT = "Requires improvement to be good"
INADEQUATE = "Inadequate"
GRADES = (OUTSTANDING, GOOD, REQUIRES_IMPROVEMENT, INADEQUATE)
OVERALL = "overall effectiveness"


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
        What is judged: ``OVERALL``, or a part of it.
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


@dataclass(frozen=True, repr=False)
class Judgements(Described):
    """Every judgement of every file that the store holds."""

    all: tuple[Judgement, ...]
    is_sample: bool = False

    def of_area(self, code: str) -> tuple[Judgement, ...]:
        """Those of one area, in order of publication."""
        return tuple(sorted((each for each in self.all if each.area == code), key=lambda each: each.published))

    def events(self, subject: str = OVERALL) -> Events:
        """Each judgement as an event on its day of publication; the kind is the framework, the value the grade."""
        rows = [(each.area, each.day, each.framework, each.grade, each.source) for each in self.all if each.subject == subject]
        return Events(pd.DataFrame(rows, columns=list(COLUMNS)))

    def describe(self) -> Description:
        """How many, of which frameworks, of how many areas, and from when to when."""
        days = sorted(each.published for each in self.all)
        frameworks = sorted({each.framework for each in self.all})
        facts = (
            ("judgements", f"{len(self.all):,}"),
            ("areas", str(len({each.area for each in self.all}))),
            ("frameworks", ", ".join(frameworks) or "none"),
            ("published", f"{days[0]} to {days[-1]}" if days else "none"),
        )
        return Description("Judgements", facts, banner=SAMPLE_BANNER if self.is_sample else None)

    def card(self) -> Display:
        """The description as a display object."""
        description = self.describe()
        return release(CardResult(description.title, description.facts, is_sample=self.is_sample))


NO_JUDGEMENTS = Judgements(())
