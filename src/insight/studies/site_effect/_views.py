"""Charts and tables of the finding: which numbers, under which words. Drawing itself is the charts' business."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from insight import charts
from insight.core.estimate import Estimate
from insight.core.missing import Status
from insight.core.panel import Panel
from insight.core.results import Column, Drawing, TableResult
from insight.disclosure.policies import FEWEST_SHOWN
from insight.errors import NotEnoughData
from insight.studies._words import names, number
from insight.studies.site_effect._design import CHILDREN, COMPANIONS, COUNTS, REFERRALS, VOLUMES, month_words
from insight.studies.site_effect._effect import Effect
from insight.studies.site_effect._figures import Figures
from insight.studies.site_effect._here import Here, site_shares
from insight.studies.site_effect._words import is_apart

VALUE, NONE = Status.VALUE.value, Status.NOT_APPLICABLE.value
TREATED, UNTREATED = "Treated together", "Untreated together"
BESIDE = tuple(key for key, _ in (*COMPANIONS.values(), *VOLUMES.values()))
CHARTS = ("months", "designs", "treated", "event_time", "placebos")
YEARS_CAPTION = "By year to March: each wave apart, and what else changed"
TABLES = ("site_shares", "years", "annual", "sensitivity", "units", "data", "left_out")
DESIGNS = (
    "poisson_imputation",
    "per_authority_weighting",
    "level_did",
    "comparative_its",
    "synthetic_control",
    "synthetic_did",
    "callaway_santanna_quarterly",
    "with_contaminated_donors",
    "without_partial_returns",
    "window_12",
    "window_24",
    "window_60",
    "window_all",
    "start_plus_3",
    "start_plus_6",
)
Charts = Mapping[str, Callable[[], Drawing]]
Tables = Mapping[str, Callable[[], TableResult]]


def nothing(name: str, why: str, *, is_sample: bool) -> TableResult:
    """A table that says why there is none."""
    column = Column("reason", "Why there is nothing to show", kind="text")
    frame = pd.DataFrame({"reason": [why]})
    return TableResult(name, "Why there is nothing to show", frame, (column,), is_sample=is_sample)


def estimates_table(found: list[Estimate], name: str, caption: str, *, is_sample: bool) -> TableResult:
    """Estimates as a table, each with what it rests on."""
    rows: list[dict[str, Any]] = []
    for estimate in found:
        row: dict[str, Any] = {"term": estimate.term, "unit": estimate.unit, "method": estimate.method}
        for key in ("value", "low", "high"):
            value = getattr(estimate, key)
            row[key] = np.nan if value is None else value
            row[f"{key}__status"] = NONE if value is None else VALUE
        rows.append(row)
    columns = (
        Column("term", "What", kind="text"),
        Column("value", "Value", decimals=2),
        Column("low", "Low", decimals=2),
        Column("high", "High", decimals=2),
        Column("unit", "Unit", kind="text"),
        Column("method", "Method", kind="text"),
    )
    keys = [column.key for column in columns] + ["value__status", "low__status", "high__status"]
    return TableResult(name, caption, pd.DataFrame(rows, columns=keys), columns, is_sample=is_sample)


def no_chart(name: str, why: str, *, is_sample: bool) -> Drawing:
    """A Drawing without a picture, in words."""
    said = f"This chart could not be drawn: {why}."
    return Drawing(name, "No chart", said, "", said, nothing(name, said, is_sample=is_sample), is_sample=is_sample)


class Views:
    """Everything that can be shown, each made when it is asked for."""

    def __init__(
        self, panel: Panel, effect: Effect, figures: Figures, here: Here | None, margin_percent: float
    ) -> None:
        self._panel, self._effect, self._published, self._here = panel, effect, figures, here
        self._margin, self._sample = margin_percent, panel.is_sample
        self._unit = "site" if effect.door == "sites" else "authority"

    def charts(self) -> Charts:
        """Charts by name."""
        wanted: Charts = {
            "months": self._months,
            "designs": self._designs,
            "treated": self._treated,
            "event_time": self._event_time,
            "placebos": self._placebos,
        }
        return {name: partial(self._or_reason, name, make) for name, make in wanted.items()}

    def tables(self) -> Tables:
        """Tables by name; those of one authority come first."""
        local: Tables = {"years": self._years, "site_shares": self._site_shares}
        if self._effect.door == "sites":
            no = partial(nothing, is_sample=self._sample)
            local = {**local, "site_shares": partial(no, "site_shares", "The sites' own figures are on this page.")}
        shared: Tables = {
            "annual": self._annual,
            "sensitivity": self._sensitivity,
            "units": self._units,
            "data": self._data,
            "left_out": self._left_out,
        }
        return {**(local if self._here else {}), **shared}

    def _or_reason(self, name: str, make: Callable[[], Drawing]) -> Drawing:
        """The chart, or a Drawing without a picture that says why there is none."""
        try:
            return make()
        except NotEnoughData as reason:
            return no_chart(name, reason.found, is_sample=self._sample)

    def _months(self) -> Drawing:
        facts = self._effect.facts
        series = self._pooled()
        highlight, others = TREATED, [UNTREATED]
        own = self._own_months()
        if own is not None:
            series, highlight, others = (
                pd.concat([own, series], ignore_index=True),
                str(own["series"].iloc[0]),
                [
                    TREATED,
                    UNTREATED,
                ],
            )
        unit = (
            "Referrals per 10,000 children a month" if facts["has_exposure"] else f"Referrals a month per {self._unit}"
        )
        spans = (
            charts.Span(facts["window_opens"], facts["window_closes"], f"{facts['months']} months compared"),
            charts.Span(facts["window_closes"] + 1, facts["first_start"] - 1, "left out, in neither side"),
        )
        return charts.month_chart(
            series,
            name="months",
            title=self._months_title(),
            subtitle=f"{unit}, {self._effect.name}, to {month_words(facts['last'])}.",
            y_label=unit,
            highlight=highlight,
            comparisons=others,
            start=facts["first_start"],
            start_words="first start" if facts["first_start"] != facts["last_start"] else "start counted",
            spans=[span for span in spans if span.last >= span.first],
            is_sample=self._sample,
        )

    def _months_title(self) -> str:
        last = [row for row in self._effect.series if row["treated"] is not None and row["donors"] is not None]
        if not last:
            return "Referrals by month"
        year = [row for row in last if row["period"] >= self._effect.facts["first_start"]]
        if not year:
            return "Referrals by month"
        before = [row for row in last if row["period"] < self._effect.facts["first_start"]]
        if not before:
            return "Referrals by month"
        treated, donors = (
            " before and ".join(number(float(np.mean([row[part] for row in rows]))) for rows in (before, year))
            for part in ("treated", "donors")
        )
        per = "for every 10,000 children" if self._effect.facts["has_exposure"] else f"for each {self._unit}"
        return f"Referrals a month {per}: where treated {treated} since the start, elsewhere {donors}"

    def _pooled(self) -> pd.DataFrame:
        rows = []
        for row in self._effect.series:
            for part, name in (("treated", TREATED), ("donors", UNTREATED)):
                value = row[part]
                absent = Status.SUPPRESSED.value if part in row["hidden"] else Status.NOT_AVAILABLE.value
                rows.append(
                    (name, row["period"], np.nan if value is None else value, absent if value is None else VALUE)
                )
        return pd.DataFrame(rows, columns=["series", "month", "value", "status"])

    def _own_months(self) -> pd.DataFrame | None:
        """The authority of the page by month, where it is one line among others."""
        here = self._here
        if here is None or here.row is None or self._effect.door == "sites":
            return None
        opening = self._effect.series[0]["period"] if self._effect.series else 0
        own = [cell for cell in self._published.months_of(here.row["unit"]) if cell[0] >= opening]
        if sum(not math.isnan(count) for _, count, _ in own) < 2:
            return None
        per_child = self._effect.facts["has_exposure"]
        rates = [count * (10_000 / children) if per_child else count for _, count, children in own]
        return pd.DataFrame(
            {
                "series": here.area.name,
                "month": [month for month, _, _ in own],
                "value": rates,
                "status": [Status.NOT_AVAILABLE.value if math.isnan(rate) else VALUE for rate in rates],
            }
        )

    def _designs(self) -> Drawing:
        found = [self._effect.estimate(key) for key in DESIGNS]
        return self._forest(
            found,
            name="designs",
            title=self._designs_title(found),
            subtitle=f"{self._effect.name}: the same question asked in {len(found)} ways. "
            "The first row was chosen beforehand.",
            headline=found[0].term,
        )

    def _designs_title(self, found: list[Estimate]) -> str:
        known = [estimate for estimate in found if estimate.excludes_null is not None]
        clear = [estimate for estimate in known if estimate.excludes_null]
        if not known:
            return "No design gives an interval"
        if not clear:
            return f"All {len(known)} intervals hold no change"
        return f"{len(clear)} of {len(known)} intervals leave out no change"

    def _treated(self) -> Drawing:
        found = [estimate for estimate in self._effect.estimates if estimate.key.startswith("treated_")]
        found = [self._effect.estimate("poisson_imputation"), *found]
        lower = sum(estimate.value is not None and estimate.value < 1 for estimate in found[1:])
        title = f"{lower} of {len(found) - 1} treated lie below what the others suggest"
        if is_apart(self._effect):
            title = f"They do not move together: {title}"
        return self._forest(
            found,
            name="treated",
            title=title,
            subtitle=f"Each treated {self._unit} alone, by the headline's method.",
            headline=found[0].term,
        )

    def _forest(self, found: list[Estimate], *, name: str, title: str, subtitle: str, headline: str) -> Drawing:
        rows = [
            {
                "label": estimate.term,
                **{
                    key: np.nan if (value := getattr(estimate, key)) is None else value
                    for key in ("value", "low", "high")
                },
                "status": NONE if estimate.value is None else VALUE,
            }
            for estimate in found
        ]
        share = self._margin / 100
        notes = [f"{e.term}: no number, because of {e.method}." for e in found if e.value is None]
        return charts.forest_chart(
            pd.DataFrame(rows),
            name=name,
            title=title,
            subtitle=subtitle,
            x_label="Times as many referrals as the others suggest",
            headline=headline,
            scale="ratio",
            margin=(1 - share, 1 + share),
            margin_words=f"called too small to matter beforehand: changes of up to {number(self._margin, 0)}%",
            lower_words="fewer",
            higher_words="more",
            notes=notes,
            is_sample=self._sample,
        )

    def _event_time(self) -> Drawing:
        rows = [row for row in self._effect.quarters if row["low"] is not None and row["high"] is not None]
        frame = pd.DataFrame(rows, columns=["quarter", "value", "low", "high", "is_left_out"])
        frame = frame.rename(columns={"quarter": "event_time"})
        frame["status"] = np.where(frame["value"].notna(), VALUE, Status.NOT_AVAILABLE.value)
        after = frame[(frame["event_time"] >= 0) & frame["value"].notna()]
        outside = int(((after["value"] < after["low"]) | (after["value"] > after["high"])).sum())
        return charts.event_time_chart(
            frame,
            name="event_time",
            title=f"{outside} of {len(after)} quarters after the start lie outside what untreated ones do",
            subtitle=f"{self._effect.name}. Before the start, points are what the comparison leaves over.",
            x_label="Quarters since the start (0 is the first after it)",
            y_label="Times as many referrals as the others suggest",
            band_words=f"middle 95% of {self._effect.facts['n_placebos']} sets of untreated ones",
            left_out_words="left out of the comparison",
            is_sample=self._sample,
        )

    def _placebos(self) -> Drawing:
        head = self._effect.estimate("poisson_imputation")
        if head.value is None:
            raise NotEnoughData("a chart of placebos", found="no headline", todo="see the checks")
        return charts.placebo_chart(
            self._effect.placebos,
            observed=head.value,
            name="placebos",
            title=f"{(head.rank or 1) - 1:.0f} of {(head.rank_of or 1) - 1} untreated sets lie as far from no change",
            subtitle=f"{self._effect.name}: the headline once more for {self._effect.facts['n_placebos']} sets of "
            "untreated ones, where nothing started.",
            x_label="Times as many referrals",
            observed_words="treated",
            is_sample=self._sample,
        )

    def _years(self) -> TableResult:
        here = self._require_here()
        columns = [Column("time_period", "Year to March", kind="period")]
        periods = sorted({row["time_period"] for row in here.years})
        wide: dict[str, list[Any]] = {"time_period": periods}
        for place, series in enumerate(dict.fromkeys(row["series"] for row in here.years)):
            own = {row["time_period"]: row for row in here.years if row["series"] == series}
            for key, label in (("count", "referrals"), ("rate", "per 10,000 children")):
                cells = [_cell(own.get(period), key) for period in periods]
                column = f"{key}_{place}"
                wide[column], wide[f"{column}__status"] = (list(each) for each in zip(*cells, strict=True))
                columns.append(Column(column, f"{series}: {label}", decimals=0))
        model = f" ({here.neighbours_model} model)" if here.neighbours_model else ""
        return TableResult(
            "years",
            "Referrals by year: counts beside rates",
            pd.DataFrame(wide),
            tuple(columns),
            notes=(
                f"Statistical neighbours{model}: those of the ten with figures in the year, added up.",
                "Region and nation as published, rounded to 10.",
            ),
            is_sample=self._sample,
        )

    def _require_here(self) -> Here:
        if self._here is None:
            raise NotEnoughData("a view of one authority", found="no authority", todo="name one with authority=")
        return self._here

    def _site_shares(self) -> TableResult:
        here = self._require_here()
        found = here.noticeable
        frame = site_shares(found) if found is not None else pd.DataFrame(columns=["share", "fall"])
        frame["share__status"] = VALUE
        frame["fall__status"] = np.where(frame["fall"].notna(), VALUE, NONE)
        columns = (
            Column("share", "A site's share of the authority's referrals, %", decimals=0),
            Column("fall", "Fall at the site that the total would show, %", decimals=0),
        )
        notes = ("Not applicable: even no referral at all from the site would often go unnoticed in the total.",)
        caption = f"What a site in {here.asked.name} would have to do before the authority's total shows it"
        return TableResult("site_shares", caption, frame, columns, notes=notes, is_sample=self._sample)

    def _annual(self) -> TableResult:
        keys = [e for e in self._effect.estimates if e.key.startswith(("annual_", "companion_"))]
        if not keys:
            return nothing(
                "annual", "A file of sites has months alone, so nothing is said by year.", is_sample=self._sample
            )
        return estimates_table(keys, "annual", YEARS_CAPTION, is_sample=self._sample)

    def _sensitivity(self) -> TableResult:
        frame = pd.DataFrame(self._effect.sensitivity, columns=["bend", "value", "low", "high"])
        frame["bend"] = 100 * frame["bend"].astype(float)
        for key in ("bend", "value", "low", "high"):
            frame[f"{key}__status"] = VALUE
        columns = (
            Column("bend", "The difference in trends may bend, % a quarter", decimals=0),
            Column("value", "Times as many referrals", decimals=2),
            Column("low", "Low", decimals=2),
            Column("high", "High", decimals=2),
        )
        notes = ("0 lets the earlier difference in trends go on in a straight line.",)
        caption = "How the interval widens when treated and untreated need not have moved alike"
        return TableResult("sensitivity", caption, frame, columns, notes=notes, is_sample=self._sample)

    def _units(self) -> TableResult:
        """Treated and doubtful units by name; the many donors only as a count."""
        chosen = [row for row in self._effect.units if row["part"] in ("treated", "contaminated")]
        rows = []
        for row in chosen:
            start = "" if row["start"] is None else f"{month_words(row['start'])} ({row['kind']})"
            used = "treated" if row["part"] == "treated" and row["used"] else "left out"
            own: dict[str, Any] = {"name": row["name"], "part": used, "start": start, "why": row["why"]}
            for key in ("before", "after"):
                small = self._effect.door == "sites" and 0 < (row[key] or 0) < FEWEST_SHOWN
                hidden = Status.SUPPRESSED.value if small else Status.NOT_AVAILABLE.value
                own[key] = np.nan if row[key] is None or small else row[key]
                own[f"{key}__status"] = hidden if row[key] is None or small else VALUE
            rows.append(own)
        columns = (
            Column("name", self._unit.capitalize(), kind="text"),
            Column("part", "Part in the comparison", kind="text"),
            Column("start", "Start", kind="text"),
            Column("before", "Referrals a month before", decimals=0, is_count=True),
            Column("after", "Referrals a month after", decimals=0, is_count=True),
            Column("why", "Why", kind="text"),
        )
        keys = [column.key for column in columns] + ["before__status", "after__status"]
        facts = self._effect.facts
        notes = (
            f"{facts['n_donors']} untreated {self._unit} units are compared with; {facts['not_used']} are left out.",
        )
        caption = "Who was treated, and who could not be compared with"
        return TableResult(
            "units", caption, pd.DataFrame(rows, columns=keys), columns, notes=notes, is_sample=self._sample
        )

    def _data(self) -> TableResult:
        """What the figures behind the page cover."""
        keys = [COUNTS[self._effect.door], CHILDREN[self._effect.door], REFERRALS, *BESIDE]
        covered = self._published.covered
        rows = [{**covered[key], "cells__status": VALUE} for key in keys if key in covered]
        columns = (
            Column("title", "Measure", kind="text"),
            Column("periods", "Periods", kind="text"),
            Column("cells", "Cells with a value", decimals=0),
            Column("missing", "Cells without", kind="text"),
        )
        frame = pd.DataFrame(rows, columns=[*(column.key for column in columns), "cells__status"])
        return TableResult("data", "What the data cover", frame, columns, is_sample=self._sample)

    def _left_out(self) -> TableResult:
        """Months without a number, and units left out, gathered by unit."""
        periods: dict[tuple[str, str], list[str]] = {}
        for area, period, reason in self._effect.left_out:
            periods.setdefault((self._panel.register.get(area).name, reason), []).append(period)
        rows = [(name, _span(sorted(several)), reason) for (name, reason), several in sorted(periods.items())]
        columns = (
            Column("name", self._unit.capitalize(), kind="text"),
            Column("period", "Months", kind="text"),
            Column("reason", "Why", kind="text"),
        )
        return TableResult(
            "left_out",
            "What no estimate rests on, and why",
            pd.DataFrame(rows, columns=["name", "period", "reason"]),
            columns,
            is_sample=self._sample,
        )


def _cell(row: Mapping[str, Any] | None, key: str) -> tuple[float, str]:
    """A number of a year with its status; a year without a row has neither."""
    if row is None:
        return math.nan, Status.NO_ROW.value
    if not math.isnan(row[key]):
        return row[key], VALUE
    return math.nan, Status.NOT_AVAILABLE.value if row["status"] == VALUE else row["status"]


def _span(periods: list[str]) -> str:
    if len(periods) <= 3:
        return names(periods)
    return f"{len(periods)} months from {periods[0]} to {periods[-1]}"
