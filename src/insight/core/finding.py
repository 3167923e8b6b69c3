"""An answer: what was asked, what the data say, how sure, and why one may believe it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeVar

import pandas as pd

from insight.core.check import Check
from insight.core.described import Described, Description
from insight.core.display import Display, Figure, Note, Table
from insight.core.estimate import Estimate
from insight.core.gate import release
from insight.core.html import SAMPLE_BANNER
from insight.core.results import CardResult, Column, Drawing, NoteResult, TableResult
from insight.core.source import Source
from insight.errors import UsageError

Verdict = Literal[
    "effect_down", "effect_up", "no_effect_larger_than", "cannot_tell", "depends_on_measure", "not_estimable"
]


class VerdictWords(NamedTuple):
    """A verdict for people: a few words, and what they mean."""

    short: str
    meaning: str


VERDICTS: dict[Verdict, VerdictWords] = {
    "effect_down": VerdictWords("Lower", "The whole interval lies below no difference."),
    "effect_up": VerdictWords("Higher", "The whole interval lies above no difference."),
    "no_effect_larger_than": VerdictWords(
        "No large difference", "The whole interval lies inside the margin that was set beforehand."
    ),
    "cannot_tell": VerdictWords(
        "Cannot tell", "The data fit no difference, and they also fit a difference that would matter."
    ),
    "depends_on_measure": VerdictWords(
        "Depends on the measure", "Ways of measuring that should agree do not, so no single answer leads."
    ),
    "not_estimable": VerdictWords("Could not be estimated", "The data do not hold enough to give a number."),
}
_T = TypeVar("_T", bound=Display)
_TIDY = (
    Column("term", "What is measured", kind="text"),
    Column("key", "Key", kind="text"),
    Column("value", "Value", decimals=3),
    Column("std_error", "Standard error", decimals=3),
    Column("low", "Low", decimals=3),
    Column("high", "High", decimals=3),
    Column("level", "Level", decimals=2),
    Column("unit", "Unit", kind="text"),
    Column("scale", "Scale", kind="text"),
    Column("n_rows", "Rows", decimals=0),
    Column("n_units", "Units", decimals=0),
    Column("n_authorities", "Authorities", decimals=0),
    Column("method", "Method", kind="text"),
)


@dataclass(frozen=True)
class RowLeftOut:
    """A row that no estimate rests on, and why."""

    area: str
    period: str
    reason: str


@dataclass(frozen=True, repr=False, eq=False)
class Finding(Described):
    """The result of a study for one area, or for the nation.

    Parameters
    ----------
    verdict_words : VerdictWords or None
        The verdict for people, where the study's own fit its question better than those of ``VERDICTS``.
    headline : Estimate or None
        The number that the words speak of.
    words : tuple of str
        The answer in plain sentences made by rule: finding, meaning, limits.
    charts, tables : mapping of name to a function without arguments
        Handed over by the study, so that nouns never import plotting; drawn when asked for.
    notes : mapping of name to NoteResult
        Paragraphs beside the answer, such as those about one authority.
    policy : str
        The disclosure policy that its views are released under.
    """

    study: str
    version: str
    question: str
    area: str
    area_name: str
    verdict: Verdict
    headline: Estimate | None
    words: tuple[str, ...]
    does_not_show: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    all_checks: tuple[Check, ...]
    all_sources: tuple[Source, ...]
    rows_left_out: tuple[RowLeftOut, ...] = ()
    caveats: tuple[str, ...] = ()
    charts: Mapping[str, Callable[[], Drawing]] = field(default_factory=dict)
    tables: Mapping[str, Callable[[], TableResult]] = field(default_factory=dict)
    notes: Mapping[str, NoteResult] = field(default_factory=dict)
    is_sample: bool = False
    policy: str = "published"
    verdict_words: VerdictWords | None = None

    def plot(self, name: str | None = None) -> Figure:
        """One chart of the finding; without a name, the first.

        Raises
        ------
        UsageError
            If there is no such chart, naming those there are.
        """
        return _shown(self.charts[self._known(name, self.charts, "chart")](), Figure, self.policy)

    def table(self, name: str | None = None) -> Table:
        """One table of the finding; without a name, the first.

        Raises
        ------
        UsageError
            If there is no such table, naming those there are.
        """
        return _shown(self.tables[self._known(name, self.tables, "table")](), Table, self.policy)

    def note(self, name: str | None = None) -> Note:
        """Paragraphs beside the answer; without a name, the first.

        Raises
        ------
        UsageError
            If there is no such note, naming those there are.
        """
        return _shown(self.notes[self._known(name, self.notes, "note")], Note, self.policy)

    def _known(self, name: str | None, among: Mapping[str, Any], what: str) -> str:
        if name is None and among:
            return next(iter(among))
        if name not in among:
            raise UsageError(
                f"showing the {what} {name!r} of {self.study}",
                found=f"no such {what} for {self.area_name}",
                todo=f"choose one of: {', '.join(among) or 'none could be made, and the checks say why'}",
            )
        return str(name)

    def tidy(self) -> Table:
        """Every estimate, one row each."""
        columns: dict[str, list[Any]] = {}
        for column in _TIDY:
            found = columns[column.key] = [getattr(estimate, column.key) for estimate in self.estimates]
            if column.kind == "number":
                columns[column.key] = [math.nan if value is None else float(value) for value in found]
                columns[f"{column.key}__status"] = ["not applicable" if value is None else "value" for value in found]
        frame = pd.DataFrame(columns)
        caption = "Every estimate with its interval and what it rests on"
        return _shown(TableResult("estimates", caption, frame, _TIDY, is_sample=self.is_sample), Table, self.policy)

    @property
    def checks(self) -> Table:
        """What was checked, and what it means."""
        rows = [{"name": check.name, "state": check.state, "meaning": check.meaning} for check in self.all_checks]
        columns = (
            Column("name", "Check", kind="text"),
            Column("state", "Result", kind="text"),
            Column("meaning", "What it means", kind="text"),
        )
        frame = pd.DataFrame(rows, columns=["name", "state", "meaning"])
        return _shown(TableResult("checks", "Checks", frame, columns, is_sample=self.is_sample), Table, self.policy)

    @property
    def sources(self) -> Table:
        """Every file behind the finding."""
        rows = [
            {
                "title": source.title,
                "publisher": source.publisher,
                "release": source.release,
                "published": source.published or "not recorded",
                "licence": source.licence,
                "sha256": source.sha256,
            }
            for source in self.all_sources
        ]
        labels = ("Title", "Publisher", "Newest period", "Published", "Licence", "SHA-256 of the file")
        keys = ("title", "publisher", "release", "published", "licence", "sha256")
        columns = tuple(Column(key, label, kind="text") for key, label in zip(keys, labels, strict=True))
        frame = pd.DataFrame(rows, columns=list(keys))
        return _shown(TableResult("sources", "Sources", frame, columns, is_sample=self.is_sample), Table, self.policy)

    def record(self) -> dict[str, Any]:
        """The finding for machines, without the page's own parts (parameters and package version)."""
        return {
            "study": self.study,
            "study_version": self.version,
            "question": self.question,
            "area": self.area,
            "area_name": self.area_name,
            "verdict": self.verdict,
            "verdict_words": (self.verdict_words or VERDICTS[self.verdict])._asdict(),
            "headline": self.headline.key if self.headline else None,
            "words": list(self.words),
            "does_not_show": list(self.does_not_show),
            "estimates": [estimate.as_dict() for estimate in self.estimates],
            "checks": [{"name": c.name, "passed": c.passed, "meaning": c.meaning} for c in self.all_checks],
            "sources": [
                {
                    "key": source.key,
                    "publisher": source.publisher,
                    "title": source.title,
                    "release": source.release,
                    "published": source.published or None,
                    "sha256": source.sha256,
                    "licence": source.licence,
                }
                for source in self.all_sources
            ],
            "rows_left_out": [{"area": r.area, "period": r.period, "reason": r.reason} for r in self.rows_left_out],
            "caveats": list(self.caveats),
            "is_sample": self.is_sample,
            "policy": self.policy,
        }

    def card(self) -> Display:
        """The card that JupyterLab and the page show."""
        description = self.describe()
        return release(
            CardResult(
                title=description.title,
                facts=description.facts,
                sentences=self.words,
                record=self.record(),
                is_sample=self.is_sample,
            ),
            self.policy,
        )

    def describe(self) -> Description:
        """Question, sentences, headline with interval, checks and sources."""
        passed = sum(check.passed is True for check in self.all_checks)
        failed = [check.name for check in self.all_checks if check.passed is False]
        facts = [
            ("area", f"{self.area_name} ({self.area})"),
            ("verdict", self.verdict.replace("_", " ")),
            ("number", headline_text(self.headline)),
            ("checks", f"{passed} passed; failed: {', '.join(failed) or 'none'}"),
            ("sources", "; ".join(f"{source.title} ({source.release})" for source in self.all_sources) or "none"),
        ]
        note = " ".join(self.words)
        return Description(self.question, tuple(facts), note=note, banner=SAMPLE_BANNER if self.is_sample else None)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return self.card()._repr_mimebundle_()


def headline_text(estimate: Estimate | None) -> str:
    """A number with its interval, or the reason why there is none."""
    if estimate is None:
        return "none could be estimated"
    if estimate.value is None:
        return f"none: {estimate.method}"
    shown = f"{estimate.value:.{estimate.decimals}f}"
    value = f"{shown.replace('-', '−')} {estimate.unit}"
    ends = (None if end is None else f"{end:.{estimate.decimals}f}" for end in (estimate.low, estimate.high))
    interval = ends_text(*(None if end is None else end.replace("-", "−") for end in ends))
    return f"{value} ({estimate.level:.0%} interval {interval})" if interval else f"{value}, without an interval"


def ends_text(low: str | None, high: str | None) -> str:
    """The ends of an interval in words; "" where it has neither.

    >>> ends_text("6.4", "8.1"), ends_text("3.4", None), ends_text(None, "2.5"), ends_text(None, None)
    ('6.4 to 8.1', '3.4 or more', 'up to 2.5', '')
    """
    if low is None:
        return "" if high is None else f"up to {high}"
    return f"{low} or more" if high is None else f"{low} to {high}"


def _shown(result: object, kind: type[_T], policy: str) -> _T:
    shown = release(result, policy)
    assert isinstance(shown, kind), f"the gate gave a {type(shown).__name__}"  # noqa: S101 - the gate's own contract
    return shown
