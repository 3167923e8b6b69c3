"""The view for an analyst: one indicator, one area, from a panel."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pandas as pd
import pytest

import insight as ins
from insight.charts.lettering import width
from insight.core.display import Figure
from insight.core.indicator import Indicator
from insight.core.neighbours import Neighbour, Neighbours
from insight.core.panel import Panel
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.errors import NotEnoughData, PanelError, UnknownArea, UsageError

KEY = "rereferral_percent"


def _of_kind(panel: Panel, kind: PeriodKind, **changed: object) -> Panel:
    """The same figures, measured in periods of another kind."""
    indicator = replace(panel.indicator(KEY), period_kind=kind, **changed)  # type: ignore[arg-type]  # mixed
    return replace(panel, indicators={KEY: indicator})


def _words(figure: Figure) -> list[str]:
    root = ET.fromstring(figure.svg)  # noqa: S314 - the SVG was written by the code under test
    return [node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text")]


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


def test_academic_years_are_written_as_such(panel: Panel) -> None:
    figure = ins.charts.trend(_of_kind(panel, PeriodKind.ACADEMIC_YEAR), KEY, highlight="Leeds", against="nation")
    assert figure.content["title"].startswith("Leeds: 23.0 in 2024/25, up 3.0 since 2018/19;")
    assert "2024/25" in _words(figure) and "2025" not in _words(figure)
    assert "2020/21 (withheld to protect people)" in figure.alt and "from 20.0 in 2018/19" in figure.alt
    assert figure.content["subtitle"] == "Re-referrals, percent, academic year"
    columns = [column["label"] for column in figure.content["table"]["columns"]]
    assert "Academic year" in columns
    assert {row[columns.index("Academic year")] for row in figure.content["table"]["rows"]} >= {"2018/19", "2024/25"}


def test_three_year_windows_name_both_ends_and_say_that_they_overlap(panel: Panel) -> None:
    windows = _of_kind(panel, PeriodKind.THREE_CALENDAR_YEARS)
    figure = ins.charts.trend(windows, KEY, highlight="Leeds", against="neighbours")
    assert figure.content["title"].startswith("Leeds: 23.0 in 2023–25, up 3.0 since 2017–19;")
    assert "2023–25" in _words(figure)
    assert "share two of them" in figure.content["table"]["notes"][-1]


def test_years_to_march_in_threes_are_the_year_of_their_end_with_the_kind_below_the_title(panel: Panel) -> None:
    windows = _of_kind(panel, PeriodKind.THREE_YEARS_TO_MARCH)
    figure = ins.charts.trend(windows, KEY, highlight="Leeds", against=None)
    assert "2025" in _words(figure) and figure.content["subtitle"].endswith("three years to 31 March")
    assert "share two of them" in figure.content["table"]["notes"][-1]


def test_the_words_at_long_periods_do_not_meet(panel: Panel) -> None:
    rows = panel.frame
    earlier = rows.assign(time_period=rows["time_period"] - 7, period_end=date(2015, 12, 31))
    long = replace(_of_kind(panel, PeriodKind.ACADEMIC_YEAR), data=pd.concat([earlier, rows], ignore_index=True))
    figure = ins.charts.trend(long, KEY, highlight="Leeds", against="nation")
    root = ET.fromstring(figure.svg)  # noqa: S314 - the SVG was written by the code under test
    ticks = [
        (float(node.get("x", "")), width(node.text or "", float(node.get("font-size", ""))))
        for node in root.iter("{http://www.w3.org/2000/svg}text")
        if re.fullmatch(r"20\d\d/\d\d", node.text or "")
    ]
    assert len(ticks) >= 3
    for (left, its), (right, theirs) in pairwise(ticks):
        assert left + its / 2 < right - theirs / 2


def test_a_line_does_not_run_over_years_that_nobody_published(panel: Panel) -> None:
    rows = panel.frame
    gap = replace(panel, data=rows[~rows["time_period"].isin([2022, 2023])])
    figure = ins.charts.trend(gap, KEY, highlight="Leeds", against=None)
    assert "2022 and 2023 (no row published)" in figure.alt


@pytest.mark.parametrize(
    ("unit", "title", "label"),
    [
        ("percent", "Re-referrals", "Re-referrals (percent)"),
        ("", "Something of the tool", "Something of the tool"),
        ("rate per 10,000", "Children in need, rate per 10,000", "Children in need, rate per 10,000"),
    ],
)
def test_the_unit_is_said_once(panel: Panel, unit: str, title: str, label: str) -> None:
    made = _of_kind(panel, PeriodKind.IN_JANUARY, unit=unit, title=title)
    figure = ins.charts.trend(made, KEY, highlight="Leeds", against=None)
    assert label in " ".join(_words(figure))
    assert "()" not in figure.svg and ", ," not in figure.content["subtitle"]


@pytest.mark.parametrize(
    ("decimals", "factor", "last"), [(0, 10_000.0, "230,000"), (3, 0.001, "0.023"), (4, 1e-4, "0.0023")]
)
def test_figures_of_any_size_have_their_decimals(panel: Panel, decimals: int, factor: float, last: str) -> None:
    rows = panel.frame
    made = replace(
        _of_kind(panel, PeriodKind.CALENDAR_YEAR, decimals=decimals), data=rows.assign(value=rows["value"] * factor)
    )
    figure = ins.charts.trend(made, KEY, highlight="Leeds", against="nation")
    assert figure.content["title"].startswith(f"Leeds: {last} in 2025")
    assert f"Leeds {last}" in " ".join(_words(figure))


def test_months_are_drawn_by_month(panel: Panel) -> None:
    rows = panel.frame
    months = (rows["time_period"] - 2019 + 9).map(lambda place: 202200 + place if place <= 12 else 202300 + place - 12)
    made = replace(_of_kind(panel, PeriodKind.MONTH), data=rows.assign(time_period=months))
    figure = ins.charts.trend(made, KEY, highlight="Leeds", against="neighbours")
    assert figure.content["title"].startswith("Leeds: 23.0 in March 2023, up 3.0 since September 2022;")
    assert "from 20.0 in September 2022" in figure.alt and "1 month without a value" in figure.alt
