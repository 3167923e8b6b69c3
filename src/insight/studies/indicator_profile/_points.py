"""Points in the order of time: years around their median, months with limits where they may have signals."""

from __future__ import annotations

import pandas as pd

from insight import charts
from insight.charts.periods import period_label
from insight.core.results import Drawing
from insight.errors import NotEnoughData
from insight.studies.indicator_profile._months import Months, month_words
from insight.studies.indicator_profile._profile import Profile

ONE_PERIOD = "there is a figure of one period alone"
_RULES = {
    "shift": "7 in a row on one side",
    "trend": "7 in a row rising or falling",
    "near a limit": "2 of 3 near a limit",
}


def run_points(profile: Profile, *, name: str, subtitle: str, label: str) -> Drawing:
    """Annual points around their median: no signals.

    Raises
    ------
    NotEnoughData
        With fewer than two figures.
    """
    from insight.stats.run_chart import run_chart

    cells, indicator = profile.cells, profile.indicator
    if sum(cell.value is not None for cell in cells) < 2:
        raise NotEnoughData("a run chart", found=ONE_PERIOD, todo="see the figures")
    frame = pd.DataFrame({"period": [c.period for c in cells], "value": [c.value for c in cells]})
    found = run_chart(frame.astype({"value": "float64"}), value="value", period="period")
    return charts.run_chart(
        pd.DataFrame(
            {
                "period": [period_label(cell.period, indicator.period_kind) for cell in cells],
                "value": found.cells["value"],
                "status": [cell.status for cell in cells],
            }
        ),
        median=found.median,
        name=name,
        title=f"{profile.unit.name}: {found.n_above} years above the median, {found.n_below} below",
        subtitle=f"{subtitle}. {found.words}",
        y_label=label,
        highlight=profile.unit.name,
        decimals=indicator.decimals,
        notes=("So few points allow no signal, and none is sought.",),
        is_sample=profile.measure.register.is_sample,
    )


def control_points(profile: Profile, months: Months | None, *, name: str, subtitle: str, label: str) -> Drawing:
    """The newest months with limits; signals where every precondition is met, else the reasons.

    Raises
    ------
    NotEnoughData
        Where no limits could be set.
    """
    if months is None or months.chart is None:
        why = "no months" if months is None else months.reason
        raise NotEnoughData("a control chart", found=why, todo="see the trend")
    chart = months.chart
    labels = [month_words(int(period)) for period in chart.cells["period"]]
    marks = [(labels[place], _RULES.get(mark.rule, mark.rule)) for mark in chart.marks for place in mark.points]
    several = "1 signal" if len(chart.marks) == 1 else f"{len(chart.marks)} signals"
    less = ", less the usual difference of the month" if months.season_removed else ""
    season = (months.season_words,) if months.season_words else ()
    points = chart.cells.assign(
        period=labels,
        status=[cell.status for cell in months.cells],
        in_baseline=chart.cells["in_baseline"].astype(float),
    )
    return charts.control_chart(
        points[["period", "value", "status", "centre", "low", "high", "in_baseline"]],
        name=name,
        title=f"{profile.unit.name}: {'no signals are given' if chart.reasons else several}",
        subtitle=f"{subtitle}{less}. {' '.join(chart.reasons)}".strip(),
        y_label=label,
        signals=pd.DataFrame(marks, columns=["period", "rule"]) if marks else None,
        decimals=profile.indicator.decimals,
        notes=(f"{chart.method[:1].upper()}{chart.method[1:]}.", *season, *chart.notes, *chart.reasons),
        is_sample=profile.measure.register.is_sample,
    )
