"""Event time: what is left out looks so, the band is not an interval, and the words count what lies outside."""
# ruff: noqa: S314 - the SVG was written by the code under test

from __future__ import annotations

import xml.etree.ElementTree as ET
from types import ModuleType

import numpy as np
import pytest

from insight.charts import palette
from insight.core.results import Drawing
from insight.errors import NotDisplayable, NotEnoughData


def _words(drawing: Drawing) -> str:
    return " ".join(node.text or "" for node in ET.fromstring(drawing.svg).iter())


def test_periods_left_out_are_hollow_and_in_the_key(drawn: ModuleType) -> None:
    drawing = drawn.event_time()
    dots = [line for line in drawing.axes.lines if line.get_marker() == "o"]
    hollow = [line for line in dots if line.get_markerfacecolor() == palette.WHITE]
    assert sorted(np.concatenate([line.get_xdata() for line in hollow]).tolist()) == [-1.5, -0.5]
    assert "left out: between announcement and start" in _words(drawing)


def test_without_periods_left_out_the_key_does_not_name_them(drawn: ModuleType) -> None:
    assert "left out" not in _words(drawn.event_time(drawn.event_rows().assign(is_left_out=False)))


def test_the_words_count_the_periods_outside_the_band(drawn: ModuleType) -> None:
    alt = drawn.event_time().alt
    assert "2 of 3 periods lie outside the band: middle 95% of 999 sets" in alt
    assert "Before the start it lies between 0.98 and 1.02." in alt


def test_a_period_without_a_band_is_not_called_outside_it(drawn: ModuleType) -> None:
    rows = drawn.event_rows()
    rows.loc[rows["event_time"] == 2, ["low", "high"]] = np.nan
    assert "1 of 2 periods lie outside" in drawn.event_time(rows).alt
    rows[["low", "high"]] = np.nan
    assert "outside the band" not in drawn.event_time(rows).alt


def test_a_period_without_a_value_is_a_gap(drawn: ModuleType) -> None:
    table = drawn.event_time().table.frame.set_index("event_time")
    assert np.isnan(table.loc[-10, "value"]) and table.loc[-10, "value__status"] == "not available"
    assert table.loc[-10, "low__status"] == "not available"


def test_no_change_is_always_on_the_axis(drawn: ModuleType) -> None:
    for factor in (0.5, 2.0):
        rows = drawn.event_rows()
        rows[["value", "low", "high"]] *= factor
        low, high = drawn.event_time(rows).axes.get_ylim()
        assert low < 1 < high


def test_order_of_rows_does_not_matter(drawn: ModuleType) -> None:
    rows = drawn.event_rows()
    assert drawn.event_time(rows[::-1]).svg == drawn.event_time(rows).svg


def test_what_cannot_be_drawn_is_refused_in_words(drawn: ModuleType) -> None:
    rows = drawn.event_rows()
    with pytest.raises(NotEnoughData, match=r"1 period"):
        drawn.event_time(rows[:1])
    with pytest.raises(NotEnoughData, match=r"0 period"):
        drawn.event_time(rows[:0])
    with pytest.raises(NotEnoughData, match="a ratio of 0"):
        drawn.event_time(rows.assign(value=rows["value"].where(rows["event_time"] != 0, 0.0)))
    with pytest.raises(NotDisplayable, match="no column is_left_out"):
        drawn.event_time(rows.drop(columns="is_left_out"))
    with pytest.raises(NotDisplayable, match="without a reason"):
        drawn.event_time(rows.assign(status="value"))
