"""Charts of the finding: which numbers, under which words. Drawing itself is the charts' business."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

import pandas as pd

from insight import charts
from insight.charts.periods import period_label
from insight.core.missing import Status
from insight.core.panel import Panel
from insight.core.results import Column, Drawing, TableResult
from insight.errors import NotEnoughData
from insight.studies._benchmarks import Cell
from insight.studies._words import number
from insight.studies.indicator_profile._months import Months
from insight.studies.indicator_profile._points import ONE_PERIOD, control_points, run_points
from insight.studies.indicator_profile._profile import INNER, Profile
from insight.studies.indicator_profile._standing import AN_AMOUNT, TOO_FEW, Standing
from insight.studies.indicator_profile._words import beside, figure, is_moving

CHARTS = ("trend", "ranked", "funnel", "points", "members")
VALUE = Status.VALUE.value
_MOST_NEIGHBOURS = 10


class Views:
    """Everything that can be drawn, each made when it is asked for."""

    def __init__(self, panel: Panel, profile: Profile, months: Months | None) -> None:
        self._panel, self._profile, self._by_month = panel, profile, months
        self._measure, self._indicator, self._unit = profile.measure, profile.indicator, profile.unit
        self._sample = panel.is_sample

    def charts(self) -> Mapping[str, Callable[[], Drawing]]:
        """Charts by name: the path, the others, the funnel, the points, the region's members."""
        makers = (self._trend, self._ranked, self._funnel, self._points, self._members)
        return {name: partial(self._or_reason, name, make) for name, make in zip(CHARTS, makers, strict=True)}

    def _or_reason(self, name: str, make: Callable[[], Drawing]) -> Drawing:
        """The chart, or a Drawing without a picture that says why there is none."""
        try:
            return make()
        except NotEnoughData as reason:
            why = f"This chart could not be drawn: {reason.found}. The tables on this page show what there is."
            column = Column("reason", "Why there is no chart", kind="text")
            table = TableResult(name, "Why there is no chart", pd.DataFrame({"reason": [why]}), (column,),
                                is_sample=self._sample)  # fmt: skip
            return Drawing(name, "No chart", why, "", why, table, is_sample=self._sample)

    @property
    def _label(self) -> str:
        """Title and unit, the unit only where the title does not say it."""
        title, unit = self._indicator.title, self._indicator.unit
        unit = {"fte": "full-time equivalents"}.get(unit, unit)
        says_it = unit in title.lower() or (unit == "percent" and "%" in title) or unit == "count"
        return title if says_it else f"{title} ({unit})"

    @property
    def _subtitle(self) -> str:
        breakdown = f", {self._measure.breakdown}" if self._measure.breakdown else ""
        kind = "" if self._profile.is_by_month else f", {self._indicator.period_kind.value}"
        return f"{self._label}{breakdown}{kind}"

    def _own(self) -> Cell:
        own = self._profile.own
        if own is None:
            raise NotEnoughData("a chart of one area", found=f"no figure of {self._unit.name}", todo="see the tables")
        return own

    def _gap_title(self) -> str:
        """The finding: the figure, and the gap to the nation."""
        own, bench = self._own(), self._profile.bench("nation")
        text = f"{self._unit.name}: {figure(own.value or 0.0, self._indicator)}"
        if bench is None or bench.gap is None or self._profile.is_amount:
            return text
        return f"{text}, {beside(bench.gap, self._indicator, bench.words)}"

    def _rows(self, codes: Iterable[str], *, since: int = 0) -> pd.DataFrame:
        """The figures of some areas, a row for each period that the publisher has of anybody."""
        rows = [
            (self._measure.register.get(code).name, cell.period, cell.value, cell.status)
            for code in codes
            for cell in self._measure.series(code)
            if cell.period >= since and self._measure.register.get(code).exists_on(self._measure.when(cell.period).end)
        ]
        frame = pd.DataFrame(rows, columns=["series", "time_period", "value", "status"])
        return frame.astype({"value": "float64", "time_period": "int64"})

    def _trend(self) -> Drawing:
        own, profile = self._own(), self._profile
        if len(profile.cells) < 2:
            raise NotEnoughData("a path", found=ONE_PERIOD, todo="see the figures")
        named = [self._rows([self._unit.code])]
        if not (profile.is_amount or profile.is_national):
            codes = [self._panel.register.nation.code, *([self._unit.region_code] if self._unit.region_code else [])]
            named += [rows for code in codes if (rows := self._rows([code]))["value"].notna().any()]
            middle = self._middle(profile.neighbours)
            named += [middle] if middle["value"].notna().any() else []
        comparisons = [str(rows["series"].iloc[0]) for rows in named[1:]]
        title = self._trend_title(own)
        if profile.is_by_month:
            frame = pd.concat(named, ignore_index=True)
            months = frame["time_period"] // 100 * 12 + frame["time_period"] % 100 - 1
            return charts.month_chart(
                frame.assign(month=months)[["series", "month", "value", "status"]],
                name="trend",
                title=title,
                subtitle=self._subtitle,
                y_label=self._label,
                highlight=self._unit.name,
                comparisons=comparisons,
                decimals=self._indicator.decimals,
                notes=self._indicator.caveats,
                is_sample=self._sample,
            )
        others = [] if profile.is_amount or profile.is_national else [c for c in profile.locals if c != self._unit.code]
        frame = pd.concat([*named, self._rows(others)], ignore_index=True)
        return charts.line_chart(
            frame.assign(measure="figure"),
            name="trend",
            title=title,
            subtitle=self._subtitle,
            measures=(
                charts.Measure("figure", self._label, self._indicator.decimals, kind=self._indicator.period_kind),
            ),
            highlight=self._unit.name,
            comparisons=comparisons,
            others="band" if others else "none",
            notes=self._indicator.caveats,
            is_sample=self._sample,
        )

    def _trend_title(self, own: Cell) -> str:
        """The newest figure; how far it came where the test finds a move, and that none is shown where it does not."""
        now = f"{self._unit.name}: {figure(own.value or 0.0, self._indicator)} in {self._when(own.period)}"
        if self._profile.trend is None:
            return now
        first = next(cell for cell in self._profile.cells if cell.value is not None)
        since = self._when(first.period)
        if not is_moving(self._profile):
            return f"{now}, with no steady rise or fall shown since {since}"
        return f"{now}, {beside((own.value or 0.0) - (first.value or 0.0), self._indicator, since)}"

    def _when(self, period: int) -> str:
        return period_label(period, self._indicator.period_kind)

    def _middle(self, codes: tuple[str, ...]) -> pd.DataFrame:
        """The middle one of the neighbours; of fewer than half of them there is no middle."""
        rows = self._rows(codes)
        periods = rows.groupby("time_period")["value"].agg(["median", "count"])
        enough = periods["count"] * 2 > len(codes)
        return pd.DataFrame(
            {
                "series": f"Middle one of {len(codes)} statistical neighbours",
                "time_period": periods.index.astype("int64"),
                "value": periods["median"].where(enough).to_numpy(float),
                "status": enough.map({True: VALUE, False: Status.NOT_AVAILABLE.value}).to_numpy(object),
            }
        )

    def _standing(self) -> Standing:
        self._own()
        if self._profile.standing is None:
            raise NotEnoughData("a chart of all areas", found="figures of the nation alone", todo="see the tables")
        return self._profile.standing

    def _neighbour_names(self) -> list[str]:
        return [self._measure.register.get(code).name for code in self._profile.neighbours[:_MOST_NEIGHBOURS]]

    def _ranked(self) -> Drawing:
        standing = self._standing()
        if self._profile.is_amount:
            raise NotEnoughData("a ranked chart", found=AN_AMOUNT, todo="see the figures")
        cells = {code: self._measure.cell(code, standing.period) for code in (*standing.rows, *standing.left_out)}
        frame = pd.DataFrame(
            {
                "area": [self._measure.register.get(code).name for code in cells],
                # A return that looks partial is nobody's yardstick; the own figure is shown all the same.
                "value": [self._drawn(code, cell, standing) for code, cell in cells.items()],
                "low": [standing.rows.get(code, {}).get("low") for code in cells],
                "high": [standing.rows.get(code, {}).get("high") for code in cells],
            }
        ).astype({"value": "float64", "low": "float64", "high": "float64"})
        frame["status"] = [
            VALUE if known else (cell.status if cell.value is None else Status.NOT_AVAILABLE.value)
            for known, cell in zip(frame["value"].notna(), cells.values(), strict=True)
        ]
        levels = [
            charts.Level(bench.words, bench.value)
            for bench in self._profile.benches
            if bench.kind in ("nation", "region") and bench.value is not None
        ]
        notes = [f"Ranks: {standing.method}.", *_interval_notes(standing)]
        partial_returns = sum(cells[code].value is not None for code in standing.left_out)
        notes += [f"Not shown: {partial_returns} whose return may be partial."] if partial_returns else []
        return charts.ranked_chart(
            frame,
            name="ranked",
            title=self._gap_title(),
            subtitle=f"{self._subtitle}, {self._when(standing.period)}",
            x_label=self._label,
            highlight=self._unit.name,
            neighbours=self._neighbour_names(),
            levels=levels,
            level_words="95% interval",
            decimals=self._indicator.decimals,
            notes=notes,
            is_sample=self._sample,
        )

    def _drawn(self, code: str, cell: Cell, standing: Standing) -> float | None:
        return cell.value if code in standing.rows or code == self._unit.code else None

    def _funnel(self) -> Drawing:
        standing = self._standing()
        if standing.no_funnel or standing.centre is None:
            raise NotEnoughData("a funnel", found=standing.no_funnel, todo="see the ranked chart")
        rows = {code: row for code, row in standing.rows.items() if row["z"] is not None}
        points = pd.DataFrame(
            {
                "area": [self._measure.register.get(code).name for code in rows],
                "denominator": [row["size"] for row in rows.values()],
                "events": [row["events"] for row in rows.values()],
                "value": [(standing.scale or 1.0) * row["events"] / row["size"] for row in rows.values()],
            }
        )
        own = rows.get(self._unit.code)
        where = "has no place in it" if own is None else f"{_inside(own['z'])} the limits for its size"
        part, whole = self._part_titles()
        return charts.funnel_chart(
            points.assign(denominator__status=VALUE, events__status=VALUE, status=VALUE),
            curves=pd.DataFrame(standing.limits),
            unadjusted=pd.DataFrame(standing.chance),
            centre=standing.centre,
            name="funnel",
            title=f"{self._unit.name} {where}",
            subtitle=f"{self._subtitle}, {self._when(standing.period)}; every authority with both counts",
            highlight=self._unit.name,
            neighbours=self._neighbour_names(),
            x_label=whole,
            y_label=self._label,
            events_label=part,
            centre_words="all these authorities together",
            decimals=self._indicator.decimals,
            notes=(f"Limits: {standing.funnel_method}.", "Three standard deviations are no verdict."),
            is_sample=self._sample,
        )

    def _part_titles(self) -> tuple[str, str]:
        titles = [part.indicator.title for part in self._profile.parts]
        return (titles[0], titles[1]) if len(titles) == 2 else ("Numerator", "Denominator")

    def _points(self) -> Drawing:
        self._own()
        words = {"subtitle": self._subtitle, "label": self._label, "name": "points"}
        if self._profile.is_by_month:
            return control_points(self._profile, self._by_month, **words)
        return run_points(self._profile, **words)

    def _members(self) -> Drawing:
        if self._profile.is_by_month:
            raise NotEnoughData("small panels", found="too many months for small panels", todo="see the trend")
        region, newest = self._unit.region_code, self._profile.newest
        if region is None or newest is None:
            raise NotEnoughData("small panels", found=f"{self._unit.name} is in no region", todo="see the trend")
        units = dict.fromkeys((self._unit.code, *self._measure.units(newest, region=region)))
        name = self._panel.register.get(region).name
        if len(self._measure.periods) < 2:
            raise NotEnoughData("small panels", found=ONE_PERIOD, todo="see the tables")
        frame = self._rows(units)
        there = frame[(frame["time_period"] == newest) & frame["value"].notna()]["value"]
        if there.empty:
            raise NotEnoughData("small panels", found=f"no figure of any member of {name}", todo="see the trend")
        low, high = (number(float(end), self._indicator.decimals) for end in (there.min(), there.max()))
        return charts.small_multiples(
            frame,
            name="members",
            title=f"{name}: from {low} to {high} in {self._when(newest)}",
            subtitle=self._subtitle,
            label=self._label,
            highlight=self._unit.name,
            others_words=f"the other authorities of {name}",
            decimals=self._indicator.decimals,
            kind=self._indicator.period_kind,
            is_sample=self._sample,
        )


def _interval_notes(standing: Standing) -> list[str]:
    made = sorted({row["how"] for row in standing.rows.values() if row["low"] is not None})
    without = sum(row["how"] == TOO_FEW for row in standing.rows.values())
    notes = [f"Intervals: {'; '.join(made)}."] if made else []
    return [*notes, f"{without} have no interval: {TOO_FEW}."] if without else notes


def _inside(z: float) -> str:
    if abs(z) < INNER:
        return "is inside"
    side = "above" if z > 0 else "below"
    return f"is {side} the inner of" if abs(z) < 3 else f"is {side} both of"
