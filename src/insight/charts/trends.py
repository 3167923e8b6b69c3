"""One indicator of one area over the years, straight from a panel."""

from __future__ import annotations

from typing import Literal, get_args

import pandas as pd

from insight.charts.months import month_chart
from insight.charts.paths import Measure, Others, line_chart
from insight.charts.periods import period_label
from insight.charts.words import change, listed, number
from insight.core.area import Area
from insight.core.display import Figure
from insight.core.gate import release
from insight.core.indicator import Indicator
from insight.core.missing import Status
from insight.core.panel import Panel
from insight.core.period import PeriodKind
from insight.core.results import Drawing
from insight.errors import NotEnoughData, UsageError

Against = Literal["neighbours", "region", "nation"]
_WINDOWS = (PeriodKind.THREE_CALENDAR_YEARS, PeriodKind.THREE_YEARS_TO_MARCH)
_OVERLAP = "Each figure covers three years, so figures one year apart share two of them."


def trend(panel: Panel, indicator: str, *, highlight: str, against: Against | None = "neighbours") -> Figure:
    """An area's path in one indicator, against those it is compared with.

    Parameters
    ----------
    panel : Panel
    indicator : str
        A key of the panel.
    highlight : str
        Name or code of an authority; one that reports jointly is shown by its joint return.
    against : "neighbours", "region", "nation" or None
        The median of its statistical neighbours (newest model) with each of them in grey; the region as published
        with its members in grey; England as published with the middle four fifths of authorities as a band; or nobody.
        A trend by month has no grey.

    Raises
    ------
    UnknownArea, AmbiguousArea, AbolishedArea
        If the place cannot be found.
    PanelError
        If the indicator is not in the panel, or a cell has more than one release or breakdown.
    NotEnoughData
        If the area has no value, or no neighbours.
    UsageError
        If ``against`` is none of these.
    """
    if against is not None and against not in get_args(Against):
        raise UsageError(
            f"a trend against {against!r}",
            found="no such comparison",
            todo=f"use {', '.join(get_args(Against))} or None",
        )
    measure = panel.indicator(indicator)
    rows = panel.select(indicator).wide().rename(columns={indicator: "value", f"{indicator}__status": "status"})
    area = _reporting(panel, panel.register.authority(highlight), rows)
    named, peers, others, words, notes = _compared(panel, area, rows, against, measure.period_kind)
    parts = [rows[rows["area"] == area.code].assign(series=area.name), *named]
    names = {code: panel.register.get(code).name for code in peers}
    grey = rows[rows["area"].isin(peers)]
    parts.append(grey.assign(series=grey["area"].map(names)))
    frame = pd.concat(parts, ignore_index=True).assign(measure=indicator)
    comparisons = [str(part["series"].iloc[0]) for part in named if len(part)]
    notes = [*measure.caveats, *notes, *([_OVERLAP] if measure.period_kind in _WINDOWS else [])]
    name, title = f"trend_{indicator}_{against or 'alone'}", _title(frame, area.name, comparisons, measure)
    subtitle = ", ".join(part for part in (measure.title, _unit(measure), measure.period_kind.value) if part)
    if measure.period_kind is PeriodKind.MONTH:
        drawing = _by_month(frame, measure, name, title, subtitle, area.name, comparisons, notes, panel.is_sample)
    else:
        label = _label(measure)
        drawing = line_chart(
            frame[["measure", "series", "time_period", "value", "status"]],
            name=name,
            title=title,
            subtitle=subtitle,
            measures=[Measure(indicator, label, decimals=measure.decimals, kind=measure.period_kind)],
            highlight=area.name,
            comparisons=comparisons,
            others=others,
            others_words=words,
            notes=notes,
            is_sample=panel.is_sample,
        )
    shown = release(drawing)
    if not isinstance(shown, Figure):
        raise TypeError(f"the gate gave a {type(shown).__name__}")
    return shown


def _unit(measure: Indicator) -> str:
    """The unit, unless there is none or the title says it."""
    return "" if measure.unit.casefold() in measure.title.casefold() else measure.unit


def _label(measure: Indicator) -> str:
    return f"{measure.title} ({unit})" if (unit := _unit(measure)) else measure.title


def _by_month(
    frame: pd.DataFrame,
    measure: Indicator,
    name: str,
    title: str,
    subtitle: str,
    area: str,
    comparisons: list[str],
    notes: list[str],
    is_sample: bool,
) -> Drawing:
    named = frame[frame["series"].isin([area, *comparisons])]
    months = named["time_period"] // 100 * 12 + named["time_period"] % 100 - 1
    return month_chart(
        named.assign(month=months)[["series", "month", "value", "status"]],
        name=name,
        title=title,
        subtitle=subtitle,
        y_label=_label(measure),
        highlight=area,
        comparisons=comparisons,
        decimals=measure.decimals,
        notes=notes,
        is_sample=is_sample,
    )


def _reporting(panel: Panel, area: Area, rows: pd.DataFrame) -> Area:
    """The unit that reports: the area, or the joint return it is part of."""
    joint = panel.register.joint_of(area.code)
    return joint if joint is not None and not (rows["area"] == area.code).any() else area


def _compared(
    panel: Panel, area: Area, rows: pd.DataFrame, against: Against | None, kind: PeriodKind
) -> tuple[list[pd.DataFrame], list[str], Others, str, list[str]]:
    """Named lines, the codes in grey, how grey is drawn, who they are, and what a reader should know of them."""
    register = panel.register
    local = [code for code in rows["area"].unique() if register.get(code).level in ("authority", "joint")]
    rest = [code for code in local if code != area.code]
    if against == "nation":
        nation = register.nation
        return [_line(rows, nation.code, nation.name)], rest, "band", "other authorities", []
    if against == "region" and area.region_code is not None:
        members = [code for code in rest if register.get(code).region_code == area.region_code]
        name = area.region_name or area.region_code
        return [_line(rows, area.region_code, name)], members, "lines", f"other authorities of {name}", []
    if against == "neighbours":
        near = panel.neighbours.of(area.code)
        if not near:
            raise NotEnoughData(
                f"a trend of {area.name} against its neighbours",
                found="no statistical neighbours of this area in the store",
                todo='use against="region" or against="nation"',
            )
        there = rows[rows["area"].isin(near)]
        words = f"statistical neighbours ({panel.neighbours.model_years[0]} model)"
        middle = _median(there, f"Median of {len(near)} neighbours", len(near))
        return [middle], list(near), "lines", words, _thin_years(there, middle, len(near), kind)
    return [], [], "none", "", []


def _line(rows: pd.DataFrame, code: str, name: str) -> pd.DataFrame:
    return rows[rows["area"] == code].assign(series=name)


def _median(rows: pd.DataFrame, name: str, several: int) -> pd.DataFrame:
    """The middle of those with a value; of fewer than half of them there is no middle."""
    years = rows.groupby("time_period")["value"].agg(["median", "count"]).reset_index()
    enough = years["count"] * 2 > several
    return pd.DataFrame(
        {
            "series": name,
            "time_period": years["time_period"],
            "value": years["median"].where(enough),
            "status": enough.map({True: Status.VALUE.value, False: Status.NOT_AVAILABLE.value}),
        }
    )


def _thin_years(rows: pd.DataFrame, middle: pd.DataFrame, several: int, kind: PeriodKind) -> list[str]:
    """A sentence for each number of neighbours that a median rests on, where it is not all of them."""
    counts = rows.groupby("time_period")["value"].count()
    drawn = counts[counts.index.isin(middle.loc[middle["value"].notna(), "time_period"]) & (counts < several)]
    return [
        f"In {listed([period_label(year, kind) for year in years.index])} the median is of {count} of the {several} "
        "neighbours."
        for count, years in drawn.groupby(drawn)
    ]


def _title(frame: pd.DataFrame, area: str, comparisons: list[str], measure: Indicator) -> str:
    """The finding: where the area stands, how far it came, where the others are in the same year."""
    own = frame[(frame["series"] == area) & frame["value"].notna()].sort_values("time_period")
    if own.empty:
        return f"{measure.title}: no figure for {area}"
    first, last = own.iloc[0], own.iloc[-1]
    since, now = (period_label(row["time_period"], measure.period_kind) for row in (first, last))
    text = f"{area}: {number(last['value'], measure.decimals)} in {now}"
    if len(own) > 1:
        moved = change(first["value"], last["value"], measure.decimals)
        text += f", {moved} since {since}"
    same = frame[(frame["time_period"] == last["time_period"]) & frame["value"].notna()].set_index("series")["value"]
    beside = [
        f"{name.replace('Median', 'median')} {number(same[name], measure.decimals)}"
        for name in comparisons
        if name in same.index
    ]
    return "; ".join([text, *beside])
