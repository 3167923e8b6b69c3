"""Tables of the finding: which numbers, under which words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

import pandas as pd

from insight.core.estimate import Estimate
from insight.core.finding import RowLeftOut
from insight.core.judgements import GRADES
from insight.core.missing import Status
from insight.core.panel import Panel
from insight.core.results import Column, TableResult
from insight.errors import NotEnoughData
from insight.studies.getting_to_good._here import Here, grades_of
from insight.studies.getting_to_good._national import CHANGE, CLAIM, HEADLINE, SENSITIVITIES, National
from insight.studies.getting_to_good._spells import ABOLISHED, UNGRADED, Spell
from insight.studies.getting_to_good._words import day_words

_VALUE, _NONE = Status.VALUE.value, Status.NOT_APPLICABLE.value


class Tables:
    """Every table, made when it is asked for."""

    def __init__(self, panel: Panel, national: National, here: Here | None) -> None:
        self._panel, self._national, self._here = panel, national, here
        self._sample = panel.is_sample
        self._nation = panel.register.nation.name
        self._period = f"reports up to {day_words(national.horizon)}"

    def by_name(self) -> Mapping[str, Callable[[], TableResult]]:
        """Tables by name; those of one authority come first."""
        local = {"judgements": self._judgements, "neighbours": self._neighbours, "places": self._places}
        national = {"claim": self._claim, "sensitivity": self._sensitivity, "spells": self._spells}
        return {**(local if self._here else {}), **national, "left_out": self._left_out}

    def _require_here(self) -> Here:
        if self._here is None:
            raise NotEnoughData("a table of one authority", found="no authority", todo="name one with authority=")
        return self._here

    def _name(self, code: str) -> str:
        return self._panel.register.get(code).name

    def _judgements(self) -> TableResult:
        here = self._require_here()
        rows = [
            {
                "published": day_words(each.published),
                "framework": each.framework,
                "grade": each.grade or "no overall grade",
                "inspected": day_words(each.inspected_by) if each.inspected else "not said",
                "spell": _in_spell(each.published, here.spells),
                "source": each.source,
            }
            for each in here.reports
        ]
        columns = (
            Column("published", "Published", kind="text"),
            Column("framework", "Framework", kind="text"),
            Column("grade", "Overall grade", kind="text"),
            Column("inspected", "Inspection began", kind="text"),
            Column("spell", "In the spell", kind="text"),
            Column("source", "File", kind="text"),
        )
        notes = () if rows else (f"No inspection of all services of {here.area.name} is in the files.",)
        return self._table("judgements", f"{here.area.name}: overall grades of all services", rows, columns, notes)

    def _neighbours(self) -> TableResult:
        here = self._require_here()
        rows = [self._beside(code) for code in (here.area.code, *here.neighbours)]
        columns = (
            Column("name", "Authority", kind="text"),
            Column("grade", "Newest overall grade", kind="text"),
            Column("published", "Published", kind="text"),
            Column("spell", "Newest spell", kind="text"),
            Column("years", "Years of the spell"),
        )
        model = f"Statistical neighbours of the {here.neighbours_model} model, closest first."
        note = model if here.neighbours else "No model lists statistical neighbours for this authority."
        caption = f"{here.area.name} and its statistical neighbours, {self._period}"
        return self._table("neighbours", caption, rows, columns, (note, "An order by resemblance, and no ranking."))

    def _beside(self, code: str) -> dict[str, object]:
        newest, spells = self._national.latest(code), self._national.spells_of(code)
        spell = spells[-1] if spells else None
        return {
            "name": self._name(code),
            "grade": newest.grade if newest else "no overall grade",
            "published": day_words(newest.published) if newest else "",
            "spell": "none" if spell is None else _how_it_ended(spell),
            "years": None if spell is None else spell.years,
            "years__status": _NONE if spell is None else _VALUE,
        }

    def _places(self) -> TableResult:
        """Grades and spells of the neighbours, the region and the nation, counted."""
        here, register = self._require_here(), self._panel.register
        everyone = [area.code for area in register.authorities()]
        region = here.area.region_code
        groups = [("Statistical neighbours", list(here.neighbours))]
        if region:
            groups.append((register.get(region).name, [area.code for area in register.members(region)]))
        groups.append((self._nation, everyone))
        rows = [self._counted(name, codes) for name, codes in groups if codes]
        columns = (
            Column("name", "Where", kind="text"),
            Column("areas", "Authorities today", decimals=0),
            *(Column(grade, grade, decimals=0) for grade in GRADES),
            Column("none", "No grade yet", decimals=0),
            Column("had", "Have had a spell", decimals=0),
            Column("open", "Are in one", decimals=0),
        )
        notes = ("Newest overall grades of today's authorities, whenever they were given.",)
        return self._table("places", f"Newest grades and spells, {self._period}", rows, columns, notes)

    def _counted(self, name: str, codes: Sequence[str]) -> dict[str, object]:
        spells = {each.area: each for each in self._national.spells}
        own = [spells[code] for code in codes if code in spells]
        grades = grades_of(self._national, codes)
        return {
            "name": name,
            "areas": len(codes),
            **{grade: grades[grade] for grade in GRADES},
            "none": grades[""],
            "had": len(own),
            "open": sum(not each.is_good for each in own),
        }

    def _claim(self) -> TableResult:
        """The claim beside both clocks and both ends."""
        keys = (
            HEADLINE, CHANGE, "share_good_3_years", "share_good_5_years", "share_3_to_5_years",
            "interval_censored_share_good_3_years", "interval_censored_share_good_5_years",
            "interval_censored_share_3_to_5_years", "median_years_to_better",
            "interval_censored_median_years_to_better", "share_better_3_years", "share_better_5_years",
            "median_years_from_ri", "naive_mean_years",
        )  # fmt: skip
        caption = f"The claim of {CLAIM[0]:g} to {CLAIM[1]:g} years beside what the reports give"
        note = "The change itself came between two reports, and nobody saw when. A share may be an interval alone."
        return self._estimates("claim", caption, keys, (note,))

    def _sensitivity(self) -> TableResult:
        caption = "Years to a published Good, median, counted in other ways"
        return self._estimates("sensitivity", caption, (HEADLINE, *SENSITIVITIES))

    def _estimates(self, name: str, caption: str, keys: Iterable[str], notes: tuple[str, ...] = ()) -> TableResult:
        rows = [_estimate_row(self._national.estimate(key)) for key in keys]
        columns = (
            Column("term", "Measure", kind="text"),
            Column("value", "Value"),
            Column("low", "Low"),
            Column("high", "High"),
            Column("unit", "Unit", kind="text"),
            Column("n_rows", "Spells", decimals=0),
            Column("method", "How", kind="text"),
        )
        ends = "Low and high are the ends of the 95% interval. An end that is missing lies beyond the reports; "
        ends += "where both are, the last column says why."
        return self._table(name, caption, rows, columns, (ends, *notes))

    def _spells(self) -> TableResult:
        ordered = sorted(self._national.spells, key=lambda each: (each.years, each.area))
        rows = [
            {
                "name": self._name(each.area),
                "start": day_words(each.start),
                "end": day_words(each.end),
                "years": each.years,
                "how": _how_it_ended(each),
                "last": day_words(each.last_not_good),
                "reports": len(each.steps),
            }
            for each in ordered
        ]
        columns = (
            Column("name", "Authority", kind="text"),
            Column("start", "Inadequate published", kind="text"),
            Column("end", "Good published, or followed until", kind="text"),
            Column("years", "Years"),
            Column("how", "How it ended", kind="text"),
            Column("last", "Last report that was not Good", kind="text"),
            Column("reports", "Reports", decimals=0),
        )
        note = "In order of years. Open spells are not finished, so their years are no result."
        return self._table("spells", f"All {len(rows)} spells, {self._period}", rows, columns, (note,))

    def _left_out(self) -> TableResult:
        """One line for each reason, with everybody whom it concerns; the record has a line for each of them."""
        together: dict[str, list[RowLeftOut]] = {}
        for row in self._national.rows_left_out:
            together.setdefault(row.reason, []).append(row)
        rows = [
            {
                "reason": reason,
                "count": len(several),
                "published": _from_to(day for row in several for day in row.period.split(" to ")),
                "names": "; ".join(sorted(self._name(row.area) for row in several)),
            }
            for reason, several in together.items()
        ]
        columns = (
            Column("reason", "Why", kind="text"),
            Column("count", "Authorities", decimals=0),
            Column("published", "Published", kind="text"),
            Column("names", "Which", kind="text"),
        )
        return self._table("left_out", "What the headline does not rest on", rows, columns, ())

    def _table(
        self,
        name: str,
        caption: str,
        rows: Sequence[Mapping[str, object]],
        columns: tuple[Column, ...],
        notes: tuple[str, ...],
    ) -> TableResult:
        keys = dict.fromkeys(key for row in rows for key in row)
        frame = pd.DataFrame(rows, columns=list(keys or [column.key for column in columns]))
        numeric = {column.key: "float64" for column in columns if column.kind == "number" and column.key in frame}
        return TableResult(name, caption, frame.astype(numeric), columns, notes, is_sample=self._sample)


def _from_to(days: Iterable[str]) -> str:
    """The first and the last of some days, or the one there is."""
    ordered = sorted(days)
    ends = dict.fromkeys((ordered[0], ordered[-1]))
    return " to ".join(day_words(date.fromisoformat(day)) for day in ends)


def _in_spell(day: date, spells: Iterable[Spell]) -> str:
    for each in spells:
        for place, (published, _) in enumerate(each.steps):
            if published == day:
                is_last = each.is_good and place == len(each.steps) - 1
                return "begins" if not place else "ends" if is_last else "goes on"
    return ""


def _how_it_ended(spell: Spell) -> str:
    if spell.is_good:
        return f"{spell.grade} published"
    if spell.cut == UNGRADED:
        return f"open at its last grade: {spell.grade}"
    return "abolished before a Good" if spell.cut == ABOLISHED else f"open; newest grade {spell.grade}"


def _estimate_row(estimate: Estimate) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(estimate, name) for name in ("term", "unit", "method")}
    for name in ("value", "low", "high", "n_rows"):
        found = getattr(estimate, name)
        row |= {name: found, f"{name}__status": _NONE if found is None else _VALUE}
    return row
