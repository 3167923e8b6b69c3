"""Charts and tables of the finding: which numbers, under which words. Drawing itself is the charts' business."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from insight import charts
from insight.core.estimate import Estimate
from insight.core.missing import Status
from insight.core.panel import Panel
from insight.core.results import Column, Drawing, TableResult
from insight.errors import NotEnoughData
from insight.studies._words import names, number
from insight.studies.caseload_turnover._figures import CASELOAD, TURNOVER, VALUE, Figures
from insight.studies.caseload_turnover._here import Here, band_of
from insight.studies.caseload_turnover._national import HEADLINE, OTHER_QUESTIONS, SAME_AGAIN, National
from insight.studies.caseload_turnover._shapes import (
    by_how_much,
    estimate_row,
    every_path,
    flow_title,
    gathered,
    medians,
    path_title,
    side_by_side,
    spread,
)

_NEIGHBOURS = "Median of statistical neighbours"

_OPENING = Column(
    TURNOVER,
    "Leavers per 100 full-time workers at the start",
    computed_from=("leavers_fte", "inpost_fte_lag1"),
)

_BESIDE = (CASELOAD, "cases", "leavers_fte", "inpost_fte_lag1", TURNOVER)

Charts = Mapping[str, Callable[[], Drawing]]
Tables = Mapping[str, Callable[[], TableResult]]


class Views:
    """Everything that can be shown, each made when it is asked for."""

    def __init__(
        self, panel: Panel, figures: Figures, national: National, here: Here | None, margin: float | None
    ) -> None:
        self._panel, self._published, self._national, self._here, self._margin = panel, figures, national, here, margin
        self._sample = panel.is_sample
        self._nation = panel.register.nation.name

    def charts(self) -> Charts:
        """Charts by name; those of one authority come first."""
        local: Charts = {"paths": self._paths, "flows": self._flows, "funnel": self._funnel} if self._here else {}
        national: Charts = {
            "specifications": self._specifications,
            "deviations": self._deviations,
            "fifths": self._fifths,
        }
        wanted = {**local, **national}
        return {name: partial(self._or_reason, name, make) for name, make in wanted.items()}

    def tables(self) -> Tables:
        """Tables by name; those of one authority come first."""
        local: Tables = {"figures": self._figures, "neighbours": self._neighbours, "amounts": self._amounts}
        return {**(local if self._here else {}), "left_out": self._left_out}

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

    def _paths(self) -> Drawing:
        here = self._require_here()
        code = here.area.region_code
        region = self._panel.register.get(code).name if code else ""
        together = self._published.together
        others = [
            (self._nation, together[self._panel.register.nation.code]),
            *([(region, together[code])] if code else []),
            (_NEIGHBOURS, medians(self._published, here.neighbours)),
        ]
        frame = every_path(self._published, here.area.code, self._panel.register, others)
        newest = here.rows["time_period"].max() if len(here.rows) else ""
        return charts.line_chart(
            frame,
            name="paths",
            title=path_title(here),
            subtitle=f"{here.reported_as}, to September {newest}. Turnover is of workers in post at the start of the "
            f"year. That of {self._nation} and the region is of the authorities with both numbers.",
            measures=(
                charts.Measure(CASELOAD, "Cases per worker, 30 September"),
                charts.Measure(TURNOVER, "Leavers per 100 workers, year to 30 September"),
            ),
            highlight=here.area.name,
            comparisons=[series for series in (self._nation, region, _NEIGHBOURS) if series],
            is_sample=self._sample,
        )

    def _is_tiny(self) -> bool:
        return self._here is not None and bool(self._here.rows["is_tiny"].any())

    def _flows(self) -> Drawing:
        here = self._require_here()
        parts = []
        for key, label in (("starters_headcount", "Starters"), ("leavers_headcount", "Leavers")):
            part = here.rows[["time_period", key, f"{key}__status"]].set_axis(
                ["time_period", "value", "status"], axis=1
            )
            parts.append(part.assign(series=label))
        return charts.column_chart(
            pd.concat(parts, ignore_index=True),
            name="flows",
            title=flow_title(here.rows),
            subtitle=f"{here.reported_as}, people, years to 30 September; moves within the authority are not counted",
            first="Starters",
            second="Leavers",
            y_label="People",
            is_sample=self._sample,
        )

    def _funnel(self) -> Drawing:
        here = self._require_here()
        place = here.place
        if place is None:
            few = f"too few social workers in {here.reported_as} for a comparison"
            none = f"no year with leavers and headcount of {here.reported_as}"
            raise NotEnoughData("a funnel", found=few if self._is_tiny() else none, todo="see the figures")
        places, turnover = place.places, place.turnover
        keys = {"area": "name", "denominator": "denominator", "events": "events", "value": "rate"}
        points = pd.DataFrame({name: [row[key] for row in places.rows] for name, key in keys.items()})
        return charts.funnel_chart(
            points.assign(denominator__status=VALUE, events__status=VALUE, status=VALUE),
            curves=pd.DataFrame(places.limits),
            centre=places.centre,
            unadjusted=pd.DataFrame(places.chance),
            name="funnel",
            title=f"{here.reported_as}: {number(turnover.value or 0)} leavers per 100 workers, {turnover.band}",
            subtitle=f"Every authority, year to 30 September {places.year}; people in post at the start of the year",
            highlight=here.area.name,
            neighbours=[self._panel.register.get(code).name for code in here.neighbours],
            x_label="Social workers in post at the start of the year",
            y_label="Leavers per 100 workers in post at the start",
            centre_words="all these authorities together",
            notes=(
                f"Limits: {places.method}.",
                f"With multiplicative limits instead, the place is {band_of(place.z_multiplicative)}.",
            ),
            is_sample=self._sample,
        )

    def _specifications(self) -> Drawing:
        unwanted = (*OTHER_QUESTIONS, *SAME_AGAIN)
        estimates = [e for e in self._all() if e.scale == "difference" and e.key not in unwanted]
        rows = pd.DataFrame(
            {
                "label": [estimate.term for estimate in estimates],
                "value": [estimate.value for estimate in estimates],
                "low": [estimate.low for estimate in estimates],
                "high": [estimate.high for estimate in estimates],
                "status": [VALUE if e.value is not None else Status.NOT_APPLICABLE.value for e in estimates],
            }
        ).astype({"value": "float64", "low": "float64", "high": "float64"})
        headline = self._national.estimate(HEADLINE)
        return charts.forest_chart(
            rows,
            name="specifications",
            title=self._specification_title(estimates),
            subtitle=f"{self._nation}, years to September {self._national.first_year} to {self._national.last_year}",
            x_label="Leavers per 100 workers that go with one more case per worker",
            headline=headline.term,
            margin=None if self._margin is None else (-self._margin, self._margin),
            margin_words="called too small to matter, before looking",
            lower_words="fewer leavers",
            higher_words="more leavers",
            is_sample=self._sample,
        )

    def _all(self) -> Sequence[Estimate]:
        code = self._here.area.region_code if self._here else None
        return (*self._national.estimates, *self._national.by_region.get(code or "", ()))

    def _specification_title(self, estimates: Sequence[Estimate]) -> str:
        known = [estimate for estimate in estimates if estimate.excludes_null is not None]
        unclear = sum(not estimate.excludes_null for estimate in known)
        return f"In {unclear} of {len(known)} ways of asking it could be nothing"

    def _deviations(self) -> Drawing:
        found = [(self._panel.register.get(row[0]).name, *row[1:]) for row in self._national.deviations]
        headline = self._national.estimate(HEADLINE)
        if headline.value is None or headline.low is None or headline.high is None or not found:
            raise NotEnoughData("a scatter", found="no national estimate", todo="see the checks")
        points = pd.DataFrame(found, columns=["area", "time_period", "x", "y"]).assign(x__status=VALUE, y__status=VALUE)
        x = np.linspace(points["x"].min(), points["x"].max(), 21)
        ends = np.sort(np.vstack([x * headline.low, x * headline.high]), axis=0)
        line = pd.DataFrame({"x": x, "fit": x * headline.value, "low": ends[0], "high": ends[1]})
        drawing = charts.scatter_chart(
            points,
            line=line,
            name="deviations",
            title=f"With caseload one above its own average, turnover was {by_how_much(headline.value)} its own",
            subtitle=f"Departures from each authority's own average and the national year, {self._nation}",
            highlight=self._here.area.name if self._here else None,
            x_label="Cases per worker, against the authority's own average",
            y_label="Leavers per 100 workers, against the same",
            is_sample=self._sample,
        )
        return replace(drawing, table=side_by_side(drawing.table, found))

    def _fifths(self) -> Drawing:
        labels = ("lowest", "second", "middle", "fourth", "highest")
        groups = self._national.fifths
        rows = pd.DataFrame(
            {
                "label": [f"{labels[int(group['group']) - 1]} ({number(group['regressor_mean'])})" for group in groups],
                "value": [group["mean"] for group in groups],
                "low": [group["low"] for group in groups],
                "high": [group["high"] for group in groups],
                "status": [VALUE] * len(groups),
            }
        )
        if rows.empty:
            raise NotEnoughData("fifths", found="too few rows for five groups", todo="see the checks")
        return charts.group_chart(
            rows,
            name="fifths",
            title=(
                f"After its lowest caseloads an authority's turnover was {by_how_much(groups[0]['mean'])}, "
                f"after its highest {by_how_much(groups[-1]['mean'])}"
            ),
            subtitle="Against its own average, leavers per 100 workers; fifths of all authority-years by caseload",
            x_label="Fifth of caseload departures (mean departure, cases per worker)",
            y_label="Leavers per 100 workers, against own average",
            reference=0.0,
            reference_words="own average",
            decimals=2,
            is_sample=self._sample,
        )

    def _figures(self) -> TableResult:
        here = self._require_here()
        columns = (
            Column("time_period", "Year to (or at) 30 September", kind="period"),
            Column("caseload_fte", "Cases per worker"),
            Column("cases", "Cases", decimals=0),
            Column("inpost_fte", "Workers in post, full-time equivalent"),
            Column("leavers_fte", "Leavers, full-time equivalent"),
            Column("starters_headcount", "Starters, people", decimals=0),
            Column("leavers_headcount", "Leavers, people", decimals=0),
            Column("turnover_published", "Published turnover, %"),
            _OPENING,
        )
        note = f"The figures are those of the joint return {here.reported_as}." if here.is_joint else ""
        caption = f"{here.reported_as}: the figures by year"
        return TableResult(
            "figures", caption, here.rows, columns, notes=(note,) if note else (), is_sample=self._sample
        )

    def _neighbours(self) -> TableResult:
        here = self._require_here()
        codes = (here.area.code, *here.neighbours)
        newest, spans = self._published.last_year, self._published.spans
        there = [code for code in codes if self._published.last_year_of(code) == newest]
        rows = self._published.at([spans[code][1] - 1 for code in there], _BESIDE)
        rows["name"] = [self._panel.register.get(code).name for code in there]
        columns = (
            Column("name", "Authority", kind="text"),
            Column("caseload_fte", "Cases per worker"),
            Column("cases", "Cases", decimals=0),
            Column("leavers_fte", "Leavers, full-time equivalents"),
            Column("inpost_fte_lag1", "Full-time workers at the start"),
            _OPENING,
        )
        absent = [self._panel.register.get(code).name for code in codes if code not in there]
        model = f"Statistical neighbours of the {here.neighbours_model} model, closest first."
        notes = [model if here.neighbours else "No model lists statistical neighbours for this authority."]
        notes += [f"No row in {newest}: {names(absent)}."] if absent else []
        others = rows[CASELOAD][[code != here.area.code for code in there]]
        notes += spread(others.dropna(), newest)
        if here.is_joint and here.neighbours:
            notes += ["Neighbours in the same joint return are not listed."]
        caption = f"{here.reported_as} and its statistical neighbours, year to 30 September {newest}"
        return TableResult("neighbours", caption, rows, columns, notes=tuple(notes), is_sample=self._sample)

    def _amounts(self) -> TableResult:
        here = self._require_here()
        changes = ("area_change", "alike_change", "area_caseload_change", "alike_caseload_change")
        wanted = ("leavers_one_case", "leavers_three_cases", *changes)
        estimates = [estimate for estimate in here.estimates if estimate.key in wanted]
        rows = [estimate_row(estimate) for estimate in estimates]
        columns = (
            Column("term", "Measure", kind="text"),
            Column("value", "Value"),
            Column("low", "Low"),
            Column("high", "High"),
            Column("unit", "Unit", kind="text"),
            Column("method", "How", kind="text"),
        )
        frame = pd.DataFrame(rows, columns=[*(c.key for c in columns), "value__status", "low__status", "high__status"])
        caption = "What the national number amounts to here, and how ordinary the newest change was (not a forecast)"
        return TableResult("amounts", caption, frame, columns, is_sample=self._sample)

    def _left_out(self) -> TableResult:
        rows = self._national.rows_left_out
        columns = (
            Column("name", "Authority", kind="text"),
            Column("period", "Year to 30 September", kind="text"),
            Column("reason", "Why", kind="text"),
        )
        caption = f"The {len(rows)} rows that the headline does not rest on"
        frame = gathered((self._panel.register.get(row.area).name, row.reason, row.period) for row in rows)
        return TableResult("left_out", caption, frame, columns, is_sample=self._sample)
