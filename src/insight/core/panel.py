"""The panel: one row per area, period, indicator and release."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from insight.core.aims import Aim
from insight.core.area import Area
from insight.core.described import Described, Description
from insight.core.display import Display, Table
from insight.core.gate import release
from insight.core.html import SAMPLE_BANNER
from insight.core.indicator import Indicator
from insight.core.judgements import NO_JUDGEMENTS, Judgements
from insight.core.missing import Status
from insight.core.neighbours import NO_NEIGHBOURS, Neighbours
from insight.core.period import Period, PeriodKind, steps_in_a_year
from insight.core.programmes import NO_PROGRAMMES, Programmes
from insight.core.register import Register
from insight.core.results import CardResult, Column, TableResult
from insight.core.source import Source
from insight.errors import PanelError

COLUMNS = (
    "area",
    "time_period",
    "period_end",
    "indicator",
    "breakdown",
    "release",
    "value",
    "symbol",
    "status",
    "numerator",
    "denominator",
)
KEY = ("area", "time_period", "indicator", "breakdown", "release")
Level = Literal["authority", "joint", "region", "nation"]
Remember = Callable[[str, Mapping[str, Any], Callable[[], Any]], Any]


def compute_anew(name: str, parameters: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
    """A memory that remembers nothing: for panels that no store stands behind."""
    return compute()


@dataclass(frozen=True, repr=False, eq=False)
class Panel(Described):
    """Typed published numbers, long form.

    Parameters
    ----------
    data : DataFrame
        Columns as in ``COLUMNS``: ``time_period`` is the publisher's year as an integer, or year and month (202304),
        ``period_end`` a date, ``value`` a float that is missing exactly where ``status`` is not "value".
    indicators : mapping of key to Indicator
    sources : tuple of Source
        The files behind the rows and the lists, and those that explain a measure; one per release.
    register : Register
    neighbours : Neighbours
    programmes : Programmes
        Which areas took part in what and since when; the whole list, whatever part of the rows the panel holds.
    judgements : Judgements
        What was published of areas under inspection; empty where they were not asked for.
    aims : tuple of Aim
        What regions have set themselves; empty where they were not asked for.
    flags : set of (area, time_period, source)
        Returns with any figure of low reliability, in whatever table; empty where they were not asked for.
    data_hash : str
        SHA-256 of the store's content; empty for a panel that no store stands behind, or a part of one.
    remember : callable
        Keeps results that do not depend on the authority; a store supplies it, and without one nothing is kept.

    Raises
    ------
    PanelError
        If a column is missing, a key repeats, or a value stands where the status hides it.
    """

    data: pd.DataFrame
    indicators: Mapping[str, Indicator]
    sources: tuple[Source, ...]
    register: Register
    neighbours: Neighbours = NO_NEIGHBOURS
    programmes: Programmes = NO_PROGRAMMES
    judgements: Judgements = NO_JUDGEMENTS
    aims: tuple[Aim, ...] = ()
    flags: frozenset[tuple[str, int, str]] = frozenset()
    data_hash: str = ""
    remember: Remember = compute_anew

    def __post_init__(self) -> None:
        _require_sound(self.data, self.indicators)
        _take_rows(self, self.data.reset_index(drop=True).copy())

    @property
    def frame(self) -> pd.DataFrame:
        """A copy of the rows."""
        return self.data.copy()

    @property
    def is_sample(self) -> bool:
        """Whether the areas are invented."""
        return self.register.is_sample

    def _with(self, data: pd.DataFrame, indicators: Mapping[str, Indicator] | None = None) -> Panel:
        # What a store remembers is of the whole panel, so a part of it remembers nothing.
        kept = self.indicators if indicators is None else indicators
        return replace(self, data=data, indicators=kept, data_hash="", remember=compute_anew)

    def select(
        self,
        indicators: Iterable[str] | str | None = None,
        *,
        areas: Iterable[str | Area] | str | Area | None = None,
        region: str | None = None,
        level: Level | Iterable[Level] | None = None,
        periods: Iterable[int] | None = None,
        breakdown: str | None = None,
    ) -> Panel:
        """The rows of some indicators, areas and periods.

        Parameters
        ----------
        indicators : keys
        areas : codes, names or Areas
            Looked up in the register; joint returns have codes of their own.
        region : str
            Code or name: its authorities and joint returns, not the regional row.
        level : authority, joint, region or nation
            Rows of mixed level are never summed; ask for the one that is meant.
        periods : years as the publisher labels them; months as year and month, 202304
        breakdown : str
            One part of the indicators, as the publisher names it; "" is the whole.

        Raises
        ------
        PanelError
            If an indicator is not in the panel, or no row has the breakdown.
        UnknownArea, AmbiguousArea, AbolishedArea
            If a place cannot be found.
        """
        rows = self.data
        chosen = dict(self.indicators)
        if indicators is not None:
            keys = [indicators] if isinstance(indicators, str) else list(indicators)
            chosen = {key: self.indicator(key) for key in keys}
            rows = rows[rows["indicator"].isin(keys)]
        if areas is not None:
            several = [areas] if isinstance(areas, str | Area) else list(areas)
            codes = [a.code if isinstance(a, Area) else self.register.area(a).code for a in several]
            rows = rows[rows["area"].isin(codes)]
        if region is not None:
            wanted = self.register.region(region).code
            rows = rows[rows["area"].isin([code for code, own in self._region_of(rows).items() if own == wanted])]
        if level is not None:
            levels = {level} if isinstance(level, str) else set(level)
            rows = rows[rows["area"].isin([code for code, own in self._level_of(rows).items() if own in levels])]
        if periods is not None:
            rows = rows[rows["time_period"].isin(list(periods))]
        if breakdown is not None:
            known = sorted(rows["breakdown"].unique())
            if breakdown not in known:
                raise PanelError(
                    f"selecting the breakdown {breakdown!r}",
                    found=f"breakdowns called {', '.join(map(repr, known[:20]))}",
                    todo='use one of these; "" is the whole',
                )
            rows = rows[rows["breakdown"] == breakdown]
        return self._part(rows, chosen)

    def _part(self, data: pd.DataFrame, indicators: Mapping[str, Indicator]) -> Panel:
        """A panel of some of the rows, which are sound as they are: nothing is checked or copied once more."""
        part = copy.copy(self)
        changed = {"data": data.reset_index(drop=True), "indicators": indicators, "data_hash": ""}
        for name, value in {**changed, "remember": compute_anew}.items():
            object.__setattr__(part, name, value)
        return part

    def indicator(self, key: str) -> Indicator:
        """One indicator by its key.

        Raises
        ------
        PanelError
            If the panel does not hold it, naming those it holds.
        """
        if key not in self.indicators:
            raise PanelError(
                f"looking for the indicator {key!r}",
                found=f"a panel of {', '.join(sorted(self.indicators))}",
                todo="use one of these keys, or load a panel that has it",
            )
        return self.indicators[key]

    def _region_of(self, rows: pd.DataFrame) -> dict[str, str | None]:
        return {code: self.register.get(code).region_code for code in rows["area"].unique() if self._is_local(code)}

    def _is_local(self, code: str) -> bool:
        return self.register.get(code).level in ("authority", "joint")

    def _level_of(self, rows: pd.DataFrame) -> dict[str, str]:
        return {code: self.register.get(code).level for code in rows["area"].unique()}

    def lag(self, indicator: str, years: int = 1, *, name: str | None = None) -> Panel:
        """Add an indicator's value of ``years`` before, matched by period and never by row.

        A period without a row that many years before has no row of the new indicator; a hidden value stays hidden.
        A month is matched with the same month: lags count in years there too.
        ``years`` may be negative (a lead). The new key is ``name`` or, for one year, ``<indicator>_lag1``.

        Raises
        ------
        PanelError
            If the indicator is not in the panel, or ``years`` is 0.
        """
        if years == 0:
            raise PanelError(f"lagging {indicator!r}", found="0 years", todo="give 1 or more (before) or less (after)")
        made = replace(
            self.indicator(indicator),
            key=name or f"{indicator}_{'lag' if years > 0 else 'lead'}{abs(years)}",
            title=f"{self.indicator(indicator).title}, {abs(years)} year(s) {'before' if years > 0 else 'after'}",
        )
        moved = self.data[self.data["indicator"] == indicator].copy()
        moved["time_period"] += years * steps_in_a_year(made.period_kind)
        ends = {int(label): Period.of(str(label), made.period_kind).end for label in moved["time_period"].unique()}
        moved["period_end"] = moved["time_period"].map(ends).astype(object)
        moved["indicator"] = made.key
        both = pd.concat([self.data, moved], ignore_index=True)
        return self._with(both, {**self.indicators, made.key: made})

    def lead(self, indicator: str, years: int = 1, *, name: str | None = None) -> Panel:
        """Add an indicator's value of ``years`` after; see :meth:`lag`."""
        return self.lag(indicator, -years, name=name)

    def wide(self, indicators: Iterable[str] | None = None) -> pd.DataFrame:
        """One row per area and period; per indicator a value column, ``<key>__status`` and ``<key>__symbol``.

        Where an area has no row for a period the value is missing and its status is "no row".

        Raises
        ------
        PanelError
            If an indicator stands in more than one release or breakdown, because a cell would have two values.
        """
        keys = list(indicators) if indicators is not None else list(self.indicators)
        rows = self.data[self.data["indicator"].isin([self.indicator(key).key for key in keys])]
        repeated = rows.duplicated(["area", "time_period", "indicator"])
        if repeated.any():
            raise PanelError(
                "laying indicators side by side",
                found=f"{int(repeated.sum())} cells with more than one release or breakdown",
                todo="load the panel without vintages, or select one breakdown first",
            )
        wide = rows.pivot(index=["area", "time_period"], columns="indicator", values=["value", "status", "symbol"])
        index = wide.index.to_frame(index=False)
        parts: dict[str, Any] = {}
        for key in keys:
            there = ("value", key) in wide.columns
            parts[key] = wide["value", key].astype("float64").to_numpy() if there else float("nan")
            status = wide["status", key].astype(object) if there else pd.Series(None, index=wide.index, dtype=object)
            parts[f"{key}__status"] = status.where(status.notna(), Status.NO_ROW.value).to_numpy()
            parts[f"{key}__symbol"] = wide["symbol", key].fillna("").to_numpy() if there else ""
        return pd.concat([index, pd.DataFrame(parts, index=index.index)], axis=1)

    def join(self, other: Panel) -> Panel:
        """Both panels' rows in one, one to one: a row may stand in only one of them.

        Raises
        ------
        PanelError
            If a row stands in both, or the registers differ.
        """
        if self.is_sample != other.is_sample:
            raise PanelError("joining panels", found="one of sample data", todo="load both from the same raw folder")
        both = pd.concat([self.data, other.data], ignore_index=True)
        repeated = int(both.duplicated(list(KEY)).sum())
        if repeated:
            raise PanelError("joining panels 1:1", found=f"{repeated} row(s) in both", todo="select other indicators")
        sources = {source.sha256 or source.key: source for source in (*self.sources, *other.sources)}
        joined = self._with(both, {**self.indicators, **other.indicators})
        return replace(joined, sources=tuple(sources.values()))

    def completeness(self) -> pd.DataFrame:
        """How complete each area is: ``area, indicator, periods, values, share_percent``.

        ``periods`` counts the periods that the indicator has anywhere in the panel, so an area without a row in a
        year is incomplete and not merely shorter.
        """
        spans = self.data.groupby("indicator")["time_period"].nunique().rename("periods")
        there = self.data[self.data["status"] == Status.VALUE.value]
        counts = there.groupby(["area", "indicator"])["time_period"].nunique().rename("values")
        pairs = self.data[["area", "indicator"]].drop_duplicates().sort_values(["area", "indicator"])
        out = pairs.merge(spans, on="indicator", validate="m:1").merge(
            counts, on=["area", "indicator"], how="left", validate="1:1"
        )
        out["values"] = out["values"].fillna(0).astype(int)
        out["share_percent"] = 100 * out["values"] / out["periods"]
        return out.reset_index(drop=True)

    def coverage(self) -> Table:
        """Per indicator: periods, areas, how many cells have a value, and why the others have none."""
        areas: dict[str, set[str]] = {key: set() for key in self.indicators}
        periods: dict[str, set[int]] = {key: set() for key in self.indicators}
        states: dict[str, Counter[str]] = {key: Counter() for key in self.indicators}
        cells = (self.data[name].to_numpy(object) for name in ("indicator", "area", "time_period", "status"))
        for key, area, period, status in zip(*cells, strict=True):
            areas[key].add(area)
            periods[key].add(period)
            states[key][status] += 1
        rows = []
        for key, indicator in self.indicators.items():
            reasons = sorted(item for item in states[key].items() if item[0] != Status.VALUE.value)
            rows.append(
                {
                    "indicator": indicator.title,
                    "unit": indicator.unit,
                    "when": indicator.period_kind.value,
                    "periods": _span_of(periods[key], is_month=indicator.period_kind is PeriodKind.MONTH),
                    "areas": float(len(areas[key])),
                    "values": float(states[key][Status.VALUE.value]),
                    "missing": "; ".join(f"{count} {reason}" for reason, count in reasons) or "none",
                }
            )
        columns = (
            Column("indicator", "Measure", kind="text"),
            Column("unit", "Unit", kind="text"),
            Column("when", "Measured", kind="text"),
            Column("periods", "Periods", kind="text"),
            Column("areas", "Areas", decimals=0),
            Column("values", "Cells with a value", decimals=0),
            Column("missing", "Cells without", kind="text"),
        )
        frame = pd.DataFrame(rows, columns=[column.key for column in columns])
        result = TableResult("coverage", "What the data cover", frame, columns, is_sample=self.is_sample)
        shown = release(result)
        if not isinstance(shown, Table):
            raise TypeError(f"the gate gave a {type(shown).__name__}")
        return shown

    def describe(self) -> Description:
        """Indicators, areas, periods, completeness and releases."""
        values = int((self.data["status"] == Status.VALUE.value).sum())
        share = f"{100 * values / len(self.data):.1f}%" if len(self.data) else "no cells"
        levels = self.data["area"].drop_duplicates().map(self._level_of(self.data)).value_counts().sort_index()
        releases = sorted({f"{source.title}: {source.release}" for source in self.sources})
        facts = (
            ("indicators", f"{len(self.indicators)}: {', '.join(self.indicators)}"),
            ("areas", ", ".join(f"{count} {level}" for level, count in levels.items()) or "none"),
            ("periods", _span(self.data, self.indicators)),
            ("complete", f"{values:,} of {len(self.data):,} cells have a value ({share})"),
            ("releases", "; ".join(releases) or "none"),
        )
        return Description("Panel of published figures", facts, banner=SAMPLE_BANNER if self.is_sample else None)

    def card(self) -> Display:
        """The description as a display object."""
        description = self.describe()
        return release(CardResult(description.title, description.facts, is_sample=self.is_sample))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return self.card()._repr_mimebundle_()


def _take_rows(panel: Panel, rows: pd.DataFrame) -> None:
    panel.__dict__["_rows"] = rows


def _rows_of(panel: Panel) -> pd.DataFrame:
    rows: pd.DataFrame = panel.__dict__["_rows"]
    return rows.copy(deep=not _COPIES_LATE)


# pandas 3 copies when somebody writes. Whoever changes the frame that ``data`` gives changes their own: the rows stay
# what ``data_hash`` says, for every page that shares the panel and for what is remembered of it.
_COPIES_LATE = int(pd.__version__.partition(".")[0]) >= 3
Panel.data = property(_rows_of, _take_rows)  # type: ignore[assignment]


def _span(rows: pd.DataFrame, indicators: Mapping[str, Indicator]) -> str:
    """First and last year, then first and last month in words, whichever there are."""
    monthly = {key for key, indicator in indicators.items() if indicator.period_kind is PeriodKind.MONTH}
    is_month = rows["indicator"].isin(monthly)
    years, months = (set(rows.loc[which, "time_period"].unique().tolist()) for which in (~is_month, is_month))
    spans = [_span_of(years, is_month=False)] if years else []
    spans += [_span_of(months, is_month=True)] if months else []
    return "; by month ".join(spans) or "none"


def _span_of(periods: Collection[int], *, is_month: bool) -> str:
    """First and last of some periods of one kind; months in words."""
    if not periods:
        return "none"
    first, last = min(periods), max(periods)
    if not is_month:
        return f"{first} to {last}"
    return " to ".join(Period.of(str(label), PeriodKind.MONTH).in_words for label in (first, last))


def _require_sound(data: pd.DataFrame, indicators: Mapping[str, Indicator]) -> None:
    missing = [column for column in COLUMNS if column not in data.columns]
    if missing:
        raise PanelError("making a Panel", found=f"no column {', '.join(missing)}", todo=f"give {', '.join(COLUMNS)}")
    repeated = int(data.duplicated(list(KEY)).sum())
    if repeated:
        raise PanelError(
            "making a Panel", found=f"{repeated} repeated key(s)", todo=f"give one row per {', '.join(KEY)}"
        )
    if ((data["status"] == Status.VALUE.value) != data["value"].notna()).any():
        raise PanelError(
            "making a Panel",
            found="a value whose status hides it, or a missing value without a reason",
            todo="give a value exactly where status is 'value'",
        )
    strangers = sorted(set(data["indicator"].unique()) - set(indicators))
    if strangers:
        raise PanelError("making a Panel", found=f"rows of {', '.join(strangers)}", todo="give their Indicators too")
