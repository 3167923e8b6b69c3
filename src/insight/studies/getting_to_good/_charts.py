"""Charts of the finding: which numbers, under which words. Drawing itself is the charts' business."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from insight import charts
from insight.core.missing import Status
from insight.core.panel import Panel
from insight.core.results import Column, Drawing, TableResult
from insight.errors import NotEnoughData
from insight.studies._words import number
from insight.studies.getting_to_good._here import Here
from insight.studies.getting_to_good._national import CLAIM, HEADLINE, National, Step
from insight.studies.getting_to_good._words import day_words

if TYPE_CHECKING:
    from insight.charts.survival_curves import OwnTime

_VALUE, _NONE = Status.VALUE.value, Status.NOT_APPLICABLE.value
_PUBLISHED, _CHANGED = "Published Good", "The change to Good itself"
_BETTER, _FROM_RI = "Published better grade", "From Requires improvement to Good"
_CLAIM = f"{CLAIM[0]:g} to {CLAIM[1]:g} years"


class Charts:
    """Every chart, made when it is asked for."""

    def __init__(self, panel: Panel, national: National, here: Here | None) -> None:
        self._panel, self._national, self._here = panel, national, here
        self._sample = panel.is_sample
        self._nation = panel.register.nation.name
        self._period = f"reports up to {day_words(national.horizon)}"

    def by_name(self) -> Mapping[str, Callable[[], Drawing]]:
        """Charts by name; that of one authority comes first."""
        local = {"timeline": self._timeline} if self._here else {}
        wanted = {**local, "waiting": self._waiting, "better": self._better}
        return {name: partial(self._or_reason, name, make) for name, make in wanted.items()}

    def _or_reason(self, name: str, make: Callable[[], Drawing]) -> Drawing:
        """The chart, or a Drawing without a picture that says why there is none."""
        try:
            return make()
        except NotEnoughData as reason:
            why = f"This chart could not be drawn: {reason.found}. The tables on this page show what there is."
            column = Column("reason", "Why there is no chart", kind="text")
            table = TableResult(name, "Why there is no chart", pd.DataFrame({"reason": [why]}), (column,))
            return Drawing(name, "No chart", why, "", why, table, is_sample=self._sample)

    def _require_here(self) -> Here:
        if self._here is None:
            raise NotEnoughData("a view of one authority", found="no authority", todo="name one with authority=")
        return self._here

    def _name(self, code: str) -> str:
        return self._panel.register.get(code).name

    def _timeline(self) -> Drawing:
        here = self._require_here()
        area = here.area
        judged = pd.DataFrame(
            {
                "area": area.name,
                "date": [each.published.isoformat() for each in here.reports],
                "framework": [each.framework for each in here.reports],
                "grade": [each.grade for each in here.reports],
                "status": [_VALUE if each.grade else _NONE for each in here.reports],
            }
        )
        if judged.empty:
            raise NotEnoughData("a timeline", found=f"no overall grade of {area.name}", todo="see the table")
        spells = pd.DataFrame(
            {
                "area": area.name,
                "start": [each.start.isoformat() for each in here.spells],
                "end": [each.end.isoformat() for each in here.spells],
                "is_open": [not each.is_good for each in here.spells],
            }
        )
        return charts.timeline_chart(
            judged,
            until=max(area.end or self._national.horizon, here.reports[-1].published),
            name="timeline",
            title=_timeline_title(here),
            subtitle=f"{area.name}, overall grades of all services by day of publication; {self._period}",
            spells=spells if here.spells else None,
            ends=self._ends(),
            is_sample=self._sample,
        )

    def _ends(self) -> pd.DataFrame | None:
        here = self._require_here()
        rows: list[tuple[str, str, str, bool]] = []
        if here.area.end is not None:
            heirs = " and ".join(self._name(code) for code in here.area.successors)
            rows.append((here.area.name, here.area.end.isoformat(), f"abolished; {heirs} took over", True))
        elif here.reports and not here.reports[-1].grade:
            day = here.reports[-1].published
            rows.append((here.area.name, day.isoformat(), f"{day_words(day)}: no overall grade given", False))
        return pd.DataFrame(rows, columns=["area", "date", "words", "stops"]) if rows else None

    def _waiting(self) -> Drawing:
        national = self._national
        stretches = [
            {"curve": _CHANGED, "left": each.left, "right": each.right, "value": each.value, "status": _VALUE}
            for each in national.stretches["good"]
        ]
        return charts.survival_chart(
            _steps({_PUBLISHED: national.curves["good"]}),
            name="waiting",
            title=self._waiting_title(),
            subtitle=f"{self._nation}, {len(national.spells)} spells from a published Inadequate; {self._period}",
            x_label="Years since the Inadequate report",
            y_label="Spells still without, percent",
            intervals=pd.DataFrame(stretches).astype({"right": "float64"}) if stretches else None,
            censored=pd.DataFrame(
                [{"curve": _PUBLISHED, "time": each.years} for each in national.spells if not each.is_good]
            ).reindex(columns=["curve", "time"]),
            at_risk=self._at_risk(),
            window=charts.Stretch(*CLAIM, _CLAIM),
            own=self._own(),
            is_sample=self._sample,
        )

    def _waiting_title(self) -> str:
        median, share = self._national.estimate(HEADLINE), self._national.estimate("share_3_to_5_years")
        half = "Fewer than half have had a published Good"
        if median.value is not None:
            half = f"Half had a published Good after {number(median.value)} years"
        return half if share.value is None else f"{half}; an estimated {number(share.value, 0)}% take {_CLAIM}"

    def _at_risk(self) -> pd.DataFrame:
        years = [each.years for each in self._national.spells]
        last = int(max(years, default=0.0))
        times = range(0, last + 1, 1 if last <= 14 else 2)
        rows = [
            {
                "curve": _PUBLISHED,
                "time": float(at),
                "value": float(sum(each >= at for each in years)),
                "status": _VALUE,
            }
            for at in times
        ]
        return pd.DataFrame(rows, columns=["curve", "time", "value", "status"])

    def _own(self) -> OwnTime | None:
        if self._here is None or self._here.spell is None:
            return None
        spell, name = self._here.spell, self._here.area.name
        years = number(spell.years)
        words = f"{name}: Good after {years} years" if spell.is_good else f"{name}: {years} years, no Good yet"
        return charts.OwnTime(spell.years, not spell.is_good, words)

    def _better(self) -> Drawing:
        curves = self._national.curves
        median = self._national.estimate("median_years_to_better")
        title = "Fewer than half have had a published better grade"
        if median.value is not None:
            title = f"Half had a published better grade after {number(median.value)} years"
        named = {_BETTER: curves["better"], _FROM_RI: curves["from_ri"]}
        return charts.survival_chart(
            _steps({name: steps for name, steps in named.items() if steps}),
            name="better",
            title=title,
            subtitle=f"{self._nation}, {self._period}. The second curve starts at the first Requires improvement of a "
            "spell and ends at Good.",
            x_label="Years since the Inadequate report, or since the first Requires improvement",
            y_label="Spells still without, percent",
            is_sample=self._sample,
        )


def _steps(curves: Mapping[str, Sequence[Step]]) -> pd.DataFrame:
    rows = [
        {"curve": name, "time": step.time, "value": step.value, "low": step.low, "high": step.high, "status": _VALUE}
        for name, steps in curves.items()
        for step in steps
    ]
    frame = pd.DataFrame(rows, columns=["curve", "time", "value", "low", "high", "status"])
    if frame.empty:
        raise NotEnoughData("a curve", found="no spell has ended", todo="see the table of spells")
    return frame.astype({"low": "float64", "high": "float64"})


def _timeline_title(here: Here) -> str:
    name, spell = here.area.name, here.spell
    if spell is None:
        grade = f": newest grade {here.latest.grade}" if here.latest else ""
        return f"{name} was never Inadequate in these reports{grade}"
    if spell.is_good:
        return f"{name}: from Inadequate to {spell.grade} in {number(spell.years)} years"
    return f"{name}: {number(spell.years)} years from Inadequate, without a published Good"
