"""Tables of the finding: the figures by period, the others beside them, the gaps, and every test in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from insight.core.missing import Status
from insight.core.panel import Panel
from insight.core.results import Column, TableResult
from insight.studies._benchmarks import Measure
from insight.studies._words import names
from insight.studies.indicator_profile._profile import Profile, difference_unit

VALUE = Status.VALUE.value
_NONE = Status.NOT_APPLICABLE.value


class Tables:
    """Everything that is laid out in rows, each made when it is asked for."""

    def __init__(self, panel: Panel, profile: Profile) -> None:
        self._panel, self._profile, self._measure = panel, profile, profile.measure
        self._decimals = profile.indicator.decimals
        self._sample = panel.is_sample

    def tables(self) -> Mapping[str, Callable[[], TableResult]]:
        """Tables by name."""
        return {"figures": self._figures, "gaps": self._gaps, "neighbours": self._neighbours, "members": self._members}

    def _name(self, code: str) -> str:
        return self._measure.register.get(code).name

    def _figures(self) -> TableResult:
        """The unit, what its figure is made of, and the published figures beside it, period by period."""
        profile, unit = self._profile, self._profile.unit
        beside = [] if profile.is_national else [code for code in (unit.region_code, self._nation) if code]
        columns: dict[str, list[Any]] = {"period": [], "when": []}
        shown = [Column("when", "Period", kind="text"), Column("own", unit.name, decimals=self._decimals)]
        series: list[tuple[str, Measure, str]] = [("own", self._measure, unit.code)]
        for place, part in enumerate(profile.parts):
            series.append((f"part_{place}", part, unit.code))
            shown.append(Column(f"part_{place}", part.indicator.title, decimals=part.indicator.decimals))
        for code in beside:
            series.append((f"at_{code}", self._measure, code))
            shown.append(Column(f"at_{code}", self._name(code), decimals=self._decimals))
        for cell in profile.cells:
            columns["when"].append(self._measure.when(cell.period).in_words)
            for key, measure, code in series:
                _put(columns, key, measure, code, cell.period)
        columns.pop("period")
        title = profile.indicator.short_title
        return TableResult(
            "figures",
            f"{title}: {unit.name} by period",
            _frame(columns, shown),
            tuple(shown),
            notes=profile.indicator.caveats,
            is_sample=self._sample,
        )

    @property
    def _nation(self) -> str:
        return self._panel.register.nation.code

    def _gaps(self) -> TableResult:
        """What the figure is held against, how far it is from each, and how each moved."""
        profile, own = self._profile, self._profile.own
        unit = difference_unit(profile.indicator)
        shown = (
            Column("who", "Held against", kind="text"),
            Column("value", "Its figure", decimals=self._decimals),
            Column("gap", f"Gap ({unit})", decimals=self._decimals, computed_from=("value",)),
            Column("change", "Its change from the year before", decimals=self._decimals, computed_from=("value",)),
            Column("how", "How it was made", kind="text"),
            Column("absent", "Not in it", kind="text"),
        )
        columns: dict[str, list[Any]] = {}
        for bench in profile.benches:
            gap = None if profile.is_amount else bench.gap
            for key, value, why in (
                ("value", bench.value, bench.status),
                ("gap", gap, _NONE if profile.is_amount else bench.status),
                ("change", bench.change, Status.NOT_AVAILABLE.value),
            ):
                _add(columns, key, value, why)
            columns.setdefault("who", []).append(bench.words)
            columns.setdefault("how", []).append(bench.method)
            columns.setdefault("absent", []).append(names(list(bench.absent), most=8))
        when = self._measure.when(own.period).in_words if own is not None else "no period"
        notes = ["Amounts grow with the size of an area, so no gap is given."] if profile.is_amount else []
        notes += [] if profile.benches else ["There is nothing to hold the figure against."]
        return TableResult(
            "gaps",
            f"{profile.unit.name} and what it is held against, {when}",
            _frame(columns, shown),
            shown,
            notes=tuple(notes),
            is_sample=self._sample,
        )

    def _neighbours(self) -> TableResult:
        profile = self._profile
        model = profile.measure.neighbours.model_years
        note = (
            f"Statistical neighbours of the {model[0]} model, closest first."
            if profile.neighbours
            else f"No model lists statistical neighbours of {profile.asked.name}."
        )
        return self._beside("neighbours", (profile.unit.code, *profile.neighbours), "its statistical neighbours", note)

    def _members(self) -> TableResult:
        profile, region = self._profile, self._profile.unit.region_code
        own = profile.own
        if region is None or own is None:
            return self._beside("members", (profile.unit.code,), "its region", "There is no region to show.")
        codes = dict.fromkeys((profile.unit.code, *self._measure.expected(own.period, region=region)))
        return self._beside("members", tuple(codes), f"the authorities of {self._name(region)}", "")

    def _beside(self, name: str, codes: tuple[str, ...], who: str, note: str) -> TableResult:
        """Several units in the period of the unit's newest figure, with counts beside rates."""
        profile, own = self._profile, self._profile.own
        period = own.period if own is not None else (profile.newest or 0)
        shown = [Column("who", "Area", kind="text"), Column("value", "Figure", decimals=self._decimals)]
        shown += [
            Column(f"part_{place}", part.indicator.title, decimals=part.indicator.decimals)
            for place, part in enumerate(profile.parts)
        ]
        shown.append(Column("doubt", "Remark", kind="text"))
        columns: dict[str, list[Any]] = {}
        for code in codes if period else ():
            columns.setdefault("who", []).append(self._name(code))
            _put(columns, "value", self._measure, code, period)
            for place, part in enumerate(profile.parts):
                _put(columns, f"part_{place}", part, code, period)
            doubt = self._measure.cell(code, period).doubt
            columns.setdefault("doubt", []).append(f"The return may be partial: {doubt}." if doubt else "")
        when = self._measure.when(period).in_words if period else "no period"
        return TableResult(
            name,
            f"{profile.unit.name} and {who}, {when}",
            _frame(columns, shown),
            tuple(shown),
            notes=(note,) if note else (),
            is_sample=self._sample,
        )


def _put(columns: dict[str, list[Any]], key: str, measure: Measure, code: str, period: int) -> None:
    cell = measure.cell(code, period)
    _add(columns, key, cell.value, cell.status, cell.symbol)


def _add(columns: dict[str, list[Any]], key: str, value: float | None, why: str, symbol: str = "") -> None:
    columns.setdefault(key, []).append(value)
    status = VALUE if value is not None else why if why != VALUE else Status.NOT_AVAILABLE.value
    columns.setdefault(f"{key}__status", []).append(status)
    columns.setdefault(f"{key}__symbol", []).append(symbol)


def _frame(columns: dict[str, list[Any]], shown: tuple[Column, ...] | list[Column]) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    for column in shown:
        if column.key not in frame:
            frame[column.key] = []
        if column.kind == "number":
            if f"{column.key}__status" not in frame:
                frame[f"{column.key}__status"] = []
            frame[column.key] = frame[column.key].astype("float64")
    return frame
