"""Months: gaps stay gaps, the start and the stretches around it are said."""
# ruff: noqa: S314 - the SVG was written by the code under test

from __future__ import annotations

import xml.etree.ElementTree as ET
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from insight.charts import Span, palette
from insight.charts.months import month_name
from insight.core.results import Drawing
from insight.errors import DisclosureBlocked, NotDisplayable, NotEnoughData


def _path(drawing: Drawing, colour: str) -> str:
    nodes = ET.fromstring(drawing.svg).iter("{http://www.w3.org/2000/svg}path")
    paths = [node.get("d", "") for node in nodes if node.get("stroke") == colour.lower() and node.get("clip-path")]
    return max(paths, key=len)


def _words(drawing: Drawing) -> str:
    return " ".join(node.text or "" for node in ET.fromstring(drawing.svg).iter())


def test_a_line_breaks_at_every_month_without_a_value(drawn: ModuleType) -> None:
    whole = drawn.months_frame()
    whole = whole.assign(value=whole["value"].fillna(50.0), status="value")
    assert _path(drawn.months(whole), palette.HIGHLIGHT).count("M") == 1
    assert _path(drawn.months(), palette.HIGHLIGHT).count("M") > 1


def test_a_month_between_two_gaps_is_drawn_as_a_point(drawn: ModuleType) -> None:
    dots = [line for line in drawn.months().axes.lines if line.get_marker() == "o"]
    (dot,) = dots
    assert dot.get_xdata().tolist() == [drawn.FIRST_MONTH + 21]


def test_the_words_give_first_and_last_value_gaps_with_reasons_and_the_start(drawn: ModuleType) -> None:
    alt = drawn.months().alt
    assert "in April 2019" in alt and "in March 2024" in alt
    assert "2 months without a value (withheld to protect people, not available)" in alt
    assert "Start: January 2023." in alt


def test_the_start_and_both_stretches_are_named_on_the_chart(drawn: ModuleType) -> None:
    words = _words(drawn.months())
    for said in ("start, January 2023", "36 months compared", "left out, in neither side"):
        assert said in words


def test_a_hidden_month_has_no_number_in_the_table(drawn: ModuleType) -> None:
    frame = drawn.months().table.frame.set_index("month")
    assert np.isnan(frame.loc["2020-12", "v0"]) and frame.loc["2020-12", "v0__status"] == "suppressed"
    assert frame.loc["2020-12", "v1__status"] == "value"


def test_a_month_without_a_row_is_a_gap_with_its_own_words(drawn: ModuleType) -> None:
    frame = drawn.months_frame()
    frame = frame[~((frame["series"] == "Oakshire") & (frame["month"] == drawn.FIRST_MONTH + 40))]
    drawing = drawn.months(frame)
    assert "no row published" in drawing.alt
    assert drawing.table.frame.set_index("month").loc["2022-08", "v0__status"] == "no row"


def test_a_comparison_without_a_value_is_said_and_not_drawn(drawn: ModuleType) -> None:
    frame = drawn.months_frame()
    gone = frame["series"] == "Untreated together"
    frame.loc[gone, "value"], frame.loc[gone, "status"] = np.nan, "suppressed"
    drawing = drawn.months(frame)
    assert "Untreated together: no value (withheld to protect people)" in drawing.alt


def test_a_short_series_names_its_months(drawn: ModuleType) -> None:
    frame = drawn.months_frame()
    words = _words(drawn.months(frame[frame["month"] < drawn.FIRST_MONTH + 18], start=None, spans=[]))
    assert "Apr 2019" in words and "Jul 2019" in words


def test_a_chart_may_have_no_start_no_stretch_and_no_comparison(drawn: ModuleType) -> None:
    drawing = drawn.months(comparisons=[], start=None, spans=[])
    assert list(drawing.table.frame.columns) == ["month", "v0", "v0__status"]
    assert "Start" not in drawing.alt


def test_what_cannot_be_drawn_is_refused_in_words(drawn: ModuleType) -> None:
    frame = drawn.months_frame()
    with pytest.raises(NotEnoughData, match="no value for Nowhere"):
        drawn.months(frame, highlight="Nowhere")
    with pytest.raises(NotEnoughData, match=r"1 month"):
        drawn.months(frame[frame["month"] == drawn.FIRST_MONTH])
    with pytest.raises(NotEnoughData, match=r"0 month"):
        drawn.months(frame[:0])
    with pytest.raises(NotEnoughData, match="6 comparisons"):
        drawn.months(frame, comparisons=[f"Area {place}" for place in range(6)])
    with pytest.raises(NotDisplayable, match="no column"):
        drawn.months(frame.drop(columns="status"))
    with pytest.raises(DisclosureBlocked, match="hides"):
        drawn.months(frame.assign(status="suppressed"))
    with pytest.raises(NotDisplayable, match="not finite"):
        drawn.months(pd.concat([frame, frame.assign(series="Other", value=np.inf)]))


@pytest.mark.parametrize(("month", "name"), [(2023 * 12 + 6, "July 2023"), (2024 * 12, "January 2024")])
def test_a_month_is_said_by_name(month: int, name: str) -> None:
    assert month_name(month) == name


def test_a_stretch_before_the_months_does_not_widen_the_axis(drawn: ModuleType) -> None:
    drawing = drawn.months(spans=[Span(drawn.FIRST_MONTH - 24, drawn.START - 7, "60 months compared")])
    assert drawing.axes.get_xlim()[0] == drawn.FIRST_MONTH - 0.5
