"""The scorecard's tables and charts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

from insight.charts import Level, Strip, ranked_chart, strip_chart
from insight.core.judgements import GRADES
from insight.core.missing import Status
from insight.core.panel import Panel
from insight.core.results import Column, Drawing, NoteResult, TableResult
from insight.studies.regional_scorecard._row import STATES, Row
from insight.studies.regional_scorecard._scorecard import Scorecard

VALUE = Status.VALUE.value
NONE = Status.NOT_APPLICABLE.value


class Views:
    """Everything that a page may show of a scorecard."""

    def __init__(self, panel: Panel, card: Scorecard) -> None:
        self._panel, self._card, self._sample = panel, card, panel.is_sample

    def charts(self) -> dict[str, Callable[[], Drawing]]:
        """By name; none where no row has a figure."""
        made: dict[str, Callable[[], Drawing]] = {}
        if any(member.value is not None for row in self._card.with_figures for member in row.members):
            made["members"] = self._members
        if any(row.regions for row in self._card.with_figures):
            made["regions"] = self._regions
        if any(row.standing for row in self._card.rows):
            made["ranks"] = self._ranks
        return made

    def tables(self) -> dict[str, Callable[[], TableResult]]:
        """By name."""
        return {
            "scorecard": self._scorecard,
            "standing": self._standing,
            "know": self._know,
            "members": self._member_table,
            "regions": self._region_table,
        }

    def notes(self) -> dict[str, NoteResult]:
        """Whose aims these are."""
        card = self._card
        words: tuple[str, ...]
        if not card.rows:
            words = ("No file lists aims for this region, and none stands in for such a list.",)
        elif card.is_own:
            words = (f"These aims were set by {card.whose}. {_sources(card)}",)
        else:
            words = (
                f"{card.region.name} has no list of aims in these data. Those below were set by {card.whose}.",
                f"They show where the region would stand. {_sources(card)}",
            )
        return {"whose": NoteResult(words, is_sample=self._sample)}

    def _scorecard(self) -> TableResult:
        rows = [
            (f"{row.aim.title}: “{row.aim.words}”", _to_go(row), _now(row), row.stands_for) for row in self._card.rows
        ]
        columns = (
            ("title", "Aim, in the region's words" if self._card.is_own else "Aim, in its owners' words"),
            ("to_go", "Still to go"),
            ("now", "Now, and the target"),
            ("measure", "What stands for it"),
        )
        caption = f"{self._card.region.name}: each aim, how far it is, and what stands for it"
        return self._texts("scorecard", caption, rows, columns)

    def _standing(self) -> TableResult:
        rows = []
        for row in self._card.with_figures:
            place = row.standing.words if row.standing else f"none: {row.no_standing}"
            rows.append((row.aim.title, row.distance, place, self._card.directions[row.aim.key].words))
        columns = (
            ("title", "Aim"),
            ("distance", "Still to go"),
            ("rank", "Place among the regions, 1 is the best (95% interval)"),
            ("direction", "Direction, by a test"),
        )
        caption = f"{self._card.region.name}: where it stands and where it is heading"
        return self._texts("standing", caption, rows, columns, (f"Tests of direction: {self._card.looks}",))

    def _know(self) -> TableResult:
        rows = [(row.aim.title, sentence) for row in self._card.rows for sentence in row.know]
        caption = "What to know of each figure"
        return self._texts("know", caption, rows, (("title", "Aim"), ("words", "What to know")))

    def _texts(
        self,
        name: str,
        caption: str,
        rows: Iterable[tuple[str, ...]],
        columns: Iterable[tuple[str, str]],
        notes: tuple[str, ...] = (),
    ) -> TableResult:
        shown = tuple(Column(key, label, kind="text") for key, label in columns)
        frame = pd.DataFrame(list(rows), columns=[column.key for column in shown])
        return TableResult(name, caption, frame, shown, notes=notes, is_sample=self._sample)

    def _member_table(self) -> TableResult:
        rows = [
            {
                "title": row.aim.title,
                "name": member.name,
                "value": member.value if not row.sign_test else None,
                "value__status": (member.status if not row.sign_test else NONE),
                "words": member.words if row.sign_test else f"partial return: {member.words}" if member.words else "",
            }
            for row in self._card.with_figures
            for member in row.members
        ]
        columns = (
            Column("name", "Authority", kind="text"),
            Column("title", "Aim", kind="text"),
            Column("value", "Figure"),
            Column("words", "In words", kind="text"),
        )
        frame = pd.DataFrame(rows, columns=["name", "title", "value", "value__status", "words"])
        frame["value"] = frame["value"].astype("float64")
        caption = f"{self._card.region.name}: the figures of its authorities"
        note = "Figures of a partial return are shown without a place."
        return TableResult("members", caption, frame, columns, notes=(note,), is_sample=self._sample)

    def _region_table(self) -> TableResult:
        rows = [
            (self._panel.register.get(code).name, row.aim.title, value, VALUE)
            for row in self._card.with_figures
            for code, value in row.regions.items()
        ]
        nation = self._panel.register.nation.name
        rows += [
            (nation, row.aim.title, row.nation, VALUE) for row in self._card.with_figures if row.nation is not None
        ]
        columns = (
            Column("name", "Region", kind="text"),
            Column("title", "Aim", kind="text"),
            Column("value", "Figure"),
        )
        frame = pd.DataFrame(rows, columns=["name", "title", "value", "value__status"])
        frame["value"] = frame["value"].astype("float64")
        return TableResult("regions", "The figures of all regions", frame, columns, is_sample=self._sample)

    def _members(self) -> Drawing:
        rows = [row for row in self._shown_once() if any(member.value is not None for member in row.members)]
        frame = pd.DataFrame(
            [(row.aim.key, member.name, member.value, member.status) for row in rows for member in row.members],
            columns=["strip", "area", "value", "status"],
        )
        frame["value"] = frame["value"].astype("float64")
        return strip_chart(
            frame,
            strips=[self._strip(row) for row in rows],
            name="members",
            title=f"Where the authorities of {self._card.region.name} stand",
            subtitle="; ".join(dict.fromkeys(row.when for row in rows)),
            is_sample=self._sample,
        )

    def _shown_once(self) -> list[Row]:
        """Rows with figures; of several with one measure, the first."""
        found: dict[str, Row] = {}
        for row in self._card.with_figures:
            found.setdefault(row.aim.measure, row)
        return list(found.values())

    def _strip(self, row: Row) -> Strip:
        if row.sign_test is not None:
            ticks = tuple((float(len(GRADES) - place), grade) for place, grade in enumerate(GRADES))
            words = f"{row.now}; {_to_go(row)}"
            return Strip(row.aim.key, f"{row.aim.title}: latest overall grade", f"{words}.", 0, (), ticks)
        marks = [(self._card.region.name, row.value)] if row.unit != "authorities" and row.value is not None else []
        marks += [(self._panel.register.nation.name, row.nation)] if row.nation is not None else []
        marks += [row.mark] if row.mark is not None else []
        return Strip(
            row.aim.key,
            row.aim.title,
            f"{_measure(row)} {_to_go(row)[:1].upper()}{_to_go(row)[1:]}.",
            row.decimals,
            tuple(marks),
        )

    def _regions(self) -> Drawing:
        rows = [row for row in self._card.with_figures if row.regions]
        # Rows of one measure that count different things (a share, a number in the worst quarter) share its strip.
        rows = [row for row in self._shown_once() if row in rows]
        frame = pd.DataFrame(
            [
                (row.aim.key, self._panel.register.get(code).name, value, VALUE)
                for row in rows
                for code, value in row.regions.items()
            ],
            columns=["strip", "area", "value", "status"],
        )
        strips = [
            Strip(
                row.aim.key,
                row.aim.title,
                f"{_measure(row)} {row.when[:1].upper()}{row.when[1:]}.",
                row.decimals,
                ((self._panel.register.nation.name, row.nation),) if row.nation is not None else (),
            )
            for row in rows
        ]
        return strip_chart(
            frame,
            strips=strips,
            name="regions",
            title=f"{self._card.region.name} among the regions",
            subtitle="Each strip says what it shows and of when",
            highlight=self._card.region.name,
            is_sample=self._sample,
        )

    def _ranks(self) -> Drawing:
        rows = [
            (row.aim.title, row.standing.rank, row.standing.low, row.standing.high, VALUE)
            for row in self._card.rows
            if row.standing is not None
        ]
        frame = pd.DataFrame(rows, columns=["area", "value", "low", "high", "status"])
        frame[["value", "low", "high"]] = frame[["value", "low", "high"]].astype("float64")
        several = max(row.standing.of for row in self._card.rows if row.standing is not None)
        return ranked_chart(
            frame,
            name="ranks",
            title=f"Places of {self._card.region.name}, with what chance leaves open",
            subtitle="A long line says that the place could as well be another",
            x_label=f"Place among {several} regions, 1 is the best",
            highlight=None,
            levels=(Level("the best place", 1.0),),
            order="as given",
            others_words="aims with a figure",
            decimals=1,
            is_sample=self._sample,
        )


def _measure(row: Row) -> str:
    """What stands for the aim, and its unit, as a sentence."""
    unit = "" if "%" in row.stands_for or row.unit == "authorities" else f", {row.unit}"
    return f"{row.stands_for}{unit}."


def _to_go(row: Row) -> str:
    """The state, and how far the aim is."""
    state = STATES[row.state]
    return state if row.distance in ("", "none") else f"{state}: {row.distance.removeprefix('none: ')}"


def _now(row: Row) -> str:
    return f"{row.now} ({row.when}). Target: {row.target}." if row.now else "no figure"


def _sources(card: Scorecard) -> str:
    found = dict.fromkeys(row.aim.source for row in card.rows)
    return f"Source: {'; '.join(found)}"
