"""Forest, groups and columns."""
# ruff: noqa: S314 - the SVG was written by the code under test

from __future__ import annotations

import xml.etree.ElementTree as ET
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from insight.core.results import Drawing
from insight.errors import DisclosureBlocked, NotDisplayable, NotEnoughData


def _words(drawing: Drawing) -> str:
    return " ".join(node.text or "" for node in ET.fromstring(drawing.svg).iter())


def test_every_row_carries_its_number_and_interval(drawn: ModuleType) -> None:
    words = _words(drawn.forest())
    assert "0.21 (−0.05 to 0.47)" in words
    assert "not available" in words


def test_a_very_wide_interval_does_not_flatten_the_others(drawn: ModuleType) -> None:
    low, high = drawn.forest().axes.get_xlim()
    assert high - low < 6


def test_the_words_lead_with_the_headline_and_count_intervals_with_no_effect(drawn: ModuleType) -> None:
    alt = drawn.forest().alt
    assert alt.index("Opening stock: 0.21 (−0.05 to 0.47)") < alt.index("Published turnover")
    assert "2 of 3 interval(s) include no effect." in alt
    assert "Leads: no estimate, not available." in alt


def test_ratios_stand_on_a_logarithmic_axis_around_one(drawn: ModuleType) -> None:
    rows = drawn.forest_rows()
    rows[["value", "low", "high"]] = np.exp(rows[["value", "low", "high"]] / 10)
    drawing = drawn.forest(rows, scale="ratio", margin=(1 / 1.15, 1.15))
    assert drawing.axes.get_xscale() == "log"
    assert 1.0 in drawing.axes.get_xticks()
    assert "against no effect at 1." in drawing.alt


def test_a_ratio_of_zero_is_refused_in_words(drawn: ModuleType) -> None:
    rows = drawn.forest_rows().replace(-2.9, 0.0)
    with pytest.raises(NotEnoughData, match="ratio"):
        drawn.forest(rows, scale="ratio", margin=None)


def test_one_row_is_enough_and_none_is_refused_in_words(drawn: ModuleType) -> None:
    rows = drawn.forest_rows()
    assert "0.21" in _words(drawn.forest(rows[:1]))
    for none in (rows[:0], rows[3:]):
        with pytest.raises(NotEnoughData, match="no estimate"):
            drawn.forest(none)


def test_an_estimate_without_interval_is_a_dot_and_its_table_says_so(drawn: ModuleType) -> None:
    rows = drawn.forest_rows()
    rows.loc[0, ["low", "high"]] = np.nan
    drawing = drawn.forest(rows)
    assert "0.21" in _words(drawing).split()
    assert drawing.table.frame["low__status"].iloc[0] == "not available"


def test_half_an_interval_or_one_that_misses_its_value_is_refused(drawn: ModuleType) -> None:
    for key, value in (("low", np.nan), ("low", 0.4), ("high", 0.1)):
        rows = drawn.forest_rows()
        rows.loc[0, key] = value
        with pytest.raises(NotDisplayable, match="interval"):
            drawn.forest(rows)


def test_an_interval_around_a_hidden_value_is_held_back(drawn: ModuleType) -> None:
    rows = drawn.forest_rows()
    rows.loc[3, ["low", "high"]] = [0.0, 1.0]
    with pytest.raises(DisclosureBlocked):
        drawn.forest(rows)


def test_a_withheld_group_stands_there_with_its_reason(drawn: ModuleType) -> None:
    drawing = drawn.groups()
    assert "Third: withheld to protect people." in drawing.alt
    assert "withheld" in _words(drawing)
    assert "Lowest fifth: 14.1 (13.5 to 14.7)." in drawing.alt


def test_counts_stand_on_their_columns(drawn: ModuleType) -> None:
    words = _words(drawn.columns()).split()
    assert {"11", "19", "21", "29"} <= set(words)


def test_no_column_is_drawn_for_a_hidden_count_and_zero_has_its_own_mark(drawn: ModuleType) -> None:
    drawing = drawn.columns()
    heights = [patch.get_height() for patch in drawing.axes.patches]
    assert sorted(heights)[:2] != [0, 0]
    assert "zero" in _words(drawing)
    assert "withheld to protect people" in _words(drawing)


def test_long_counts_are_written_at_the_ends_alone(drawn: ModuleType) -> None:
    frame = drawn.columns_frame()
    frame["value"] *= 100
    words = _words(drawn.columns(frame)).split()
    assert "1,100" in words and "1,200" not in words


def test_a_year_of_one_series_alone_is_a_gap_of_the_other(drawn: ModuleType) -> None:
    frame = drawn.columns_frame()
    rows = drawn.columns(frame[~((frame["series"] == "Starters") & (frame["time_period"] == 2020))]).table.frame
    gap = rows[(rows["series"] == "Starters") & (rows["time_period"] == 2020)]
    assert gap["value__status"].item() == "no row"


def test_columns_without_counts_or_below_zero_are_refused_in_words(drawn: ModuleType) -> None:
    frame = drawn.columns_frame()
    hidden = frame.assign(value=np.nan, status="suppressed")
    for none in (frame[:0], hidden, pd.concat([frame[1:], frame[:1].assign(value=-1.0)])):
        with pytest.raises(NotEnoughData):
            drawn.columns(none)
