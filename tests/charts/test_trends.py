"""The view for an analyst: one indicator, one area, from a panel."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

import insight as ins
from insight.core.display import Figure
from insight.core.indicator import Indicator
from insight.core.neighbours import Neighbour, Neighbours
from insight.core.panel import Panel
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.errors import NotEnoughData, PanelError, UnknownArea, UsageError

KEY = "rereferral_percent"


@pytest.fixture(scope="module")
def panel() -> Panel:
    register = Register.read()
    codes = {name: register.authority(name).code for name in ("Leeds", "Bradford", "Wakefield", "Derby", "Bury")}
    codes["England"] = register.nation.code
    codes["Region"] = str(register.authority("Leeds").region_code)
    rows = []
    for place, (name, code) in enumerate(codes.items()):
        for year in range(2019, 2026):
            hidden = name == "Leeds" and year == 2021
            rows.append(
                {
                    "area": code,
                    "time_period": year,
                    "period_end": date(year, 3, 31),
                    "indicator": KEY,
                    "breakdown": "",
                    "release": "2025",
                    "value": float("nan") if hidden else 20.0 + place + (year - 2019) / 2,
                    "symbol": "c" if hidden else "",
                    "status": "suppressed" if hidden else "value",
                    "numerator": "",
                    "denominator": "",
                }
            )
    near = [Neighbour(codes["Leeds"], 2025, k, codes[n], "close") for k, n in enumerate(("Derby", "Bury"), start=1)]
    indicator = Indicator(KEY, "Re-referrals", "percent", "lower", PeriodKind.YEAR_TO_MARCH, "source")
    return Panel(pd.DataFrame(rows), {KEY: indicator}, (), register, neighbours=Neighbours(tuple(near)))


def test_against_its_neighbours(panel: Panel) -> None:
    figure = ins.charts.trend(panel, KEY, highlight="Leeds", against="neighbours")
    assert isinstance(figure, Figure)
    assert figure.content["title"] == "Leeds: 23.0 in 2025, up 3.0 since 2019; median of 2 neighbours 26.5"
    assert "2 statistical neighbours (2025 model)" in figure.svg
    assert "2021 (withheld to protect people)" in figure.alt


def test_a_median_says_in_which_years_it_rests_on_fewer(panel: Panel) -> None:
    rows = panel.frame
    derby = panel.register.authority("Derby").code
    gone = (rows["area"] == derby) & (rows["time_period"] == 2020)
    third = Neighbour(
        panel.register.authority("Leeds").code, 2025, 3, panel.register.authority("Bradford").code, "close"
    )
    fewer = replace(panel, data=rows[~gone], neighbours=Neighbours((*panel.neighbours.rows, third)))
    notes = ins.charts.trend(fewer, KEY, highlight="Leeds", against="neighbours").content["table"]["notes"]
    assert notes == ["In 2020 the median is of 2 of the 3 neighbours."]


def test_against_its_region(panel: Panel) -> None:
    figure = ins.charts.trend(panel, KEY, highlight="Leeds", against="region")
    assert "Yorkshire and The Humber 29.0" in figure.content["title"]
    assert "2 other authorities of Yorkshire and The Humber" in figure.svg.replace("\n", " ")


def test_against_the_nation(panel: Panel) -> None:
    figure = ins.charts.trend(panel, KEY, highlight="Leeds", against="nation")
    assert "England 28.0" in figure.content["title"]
    assert "percentile of 4 other authorities" in figure.svg


def test_against_nobody(panel: Panel) -> None:
    figure = ins.charts.trend(panel, KEY, highlight="Leeds", against=None)
    assert figure.content["title"] == "Leeds: 23.0 in 2025, up 3.0 since 2019"
    assert {row[0] for row in figure.content["table"]["rows"]} == {"Leeds"}


def test_an_area_without_neighbours_is_told_what_else_there_is(panel: Panel) -> None:
    with pytest.raises(NotEnoughData, match="region"):
        ins.charts.trend(panel, KEY, highlight="Derby", against="neighbours")


def test_what_is_not_there_is_refused_in_words(panel: Panel) -> None:
    with pytest.raises(UnknownArea):
        ins.charts.trend(panel, KEY, highlight="Leads")
    with pytest.raises(PanelError):
        ins.charts.trend(panel, "no_such_key", highlight="Leeds")
    with pytest.raises(UsageError, match="everybody"):
        ins.charts.trend(panel, KEY, highlight="Leeds", against="everybody")  # type: ignore[arg-type]  # a misspelling
    with pytest.raises(NotEnoughData, match="no value"):
        ins.charts.trend(panel, KEY, highlight="Kirklees", against="nation")
