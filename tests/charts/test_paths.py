"""Lines: gaps stay gaps, and every reason has its mark."""
# ruff: noqa: S314 - the SVG was written by the code under test

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from insight.charts import Measure, palette
from insight.core.results import Drawing
from insight.errors import DisclosureBlocked, NotDisplayable, NotEnoughData

ONE = (Measure("caseload", "Cases per social worker"),)


def _paths(drawing: Drawing, colour: str) -> list[str]:
    nodes = ET.fromstring(drawing.svg).iter("{http://www.w3.org/2000/svg}path")
    return [node.get("d", "") for node in nodes if node.get("stroke") == colour.lower() and node.get("clip-path")]


def _words(drawing: Drawing) -> str:
    return " ".join(node.text or "" for node in ET.fromstring(drawing.svg).iter())


def test_a_line_breaks_at_every_year_without_a_value(drawn: ModuleType) -> None:
    drawing = drawn.lines(measures=ONE)
    (path,) = [path for path in _paths(drawing, palette.HIGHLIGHT) if path.count("L") > 2]
    # 2017-2019, 2021-2023, and 2025 alone
    assert [part.count("L") for part in re.split("M", path)[1:]] == [2, 2, 0]


def test_a_comparison_breaks_too(drawn: ModuleType) -> None:
    frame = drawn.paths_frame()
    frame = frame[~((frame["series"] == "England") & (frame["time_period"] == 2021))]
    path = max(_paths(drawn.lines(frame, measures=ONE), palette.COMPARISONS[0].colour), key=len)
    assert path.count("M") == 2


def test_each_reason_is_said_in_words_on_the_chart(drawn: ModuleType) -> None:
    words = _words(drawn.lines())
    assert "withheld to protect people" in words
    assert "not available" in words


def test_suppressed_not_available_not_applicable_and_zero_have_marks_of_their_own(drawn: ModuleType) -> None:
    frame = drawn.paths_frame()
    own = frame["series"] == "Oakshire"
    frame.loc[own & (frame["time_period"] == 2022), ["value", "status"]] = [np.nan, "not applicable"]
    frame.loc[own & (frame["time_period"] == 2018), "value"] = 0.0
    words = _words(drawn.lines(frame, measures=ONE))
    for said in ("withheld to protect people", "not available", "not applicable", "zero"):
        assert said in words


def test_a_year_without_a_row_is_a_gap_with_its_own_words(drawn: ModuleType) -> None:
    frame = drawn.paths_frame()
    frame = frame[~((frame["series"] == "Oakshire") & (frame["time_period"] == 2019))]
    drawing = drawn.lines(frame, measures=ONE)
    assert "no row published" in _words(drawing)
    assert "2019 (no row published)" in drawing.alt


def test_marks_stand_below_the_scale_where_no_value_can_be_read(drawn: ModuleType) -> None:
    drawing = drawn.lines(measures=ONE)
    low = drawing.axes.get_ylim()[0]
    ticks = drawing.axes.get_yticks()
    marks = [
        line.get_ydata()[0] for line in drawing.axes.lines if line.get_linestyle() == "None" and not line.get_clip_on()
    ]
    assert marks and all(low < mark < min(ticks) for mark in marks)


def test_the_words_give_first_and_last_value_and_direction(drawn: ModuleType) -> None:
    frame = drawn.paths_frame()
    own = frame[(frame["measure"] == "caseload") & (frame["series"] == "Oakshire")].set_index("time_period")["value"]
    alt = drawn.lines().alt
    assert f"from {own[2017]:.1f} in 2017 to {own[2025]:.1f} in 2025" in alt
    assert "No value in 2020 (withheld to protect people); 2024 (not available)." in alt


def test_the_table_holds_every_named_value_and_the_reasons(drawn: ModuleType) -> None:
    drawing = drawn.lines()
    rows = drawing.table.frame
    named = rows[rows["series"].isin(["Oakshire", "England", "North"])]
    assert len(named) == 3 * 2 * 9
    assert set(named.loc[named["value"].isna(), "value__status"]) == {"suppressed", "not available"}
    assert {"10th percentile of other authorities", "90th percentile of other authorities"} <= set(rows["series"])


def test_the_band_is_the_tenth_to_ninetieth_percentile_of_those_with_a_value(drawn: ModuleType) -> None:
    frame = drawn.paths_frame()
    others = frame[frame["series"].str.startswith("Area") & (frame["measure"] == "caseload")]
    wanted = others[others["time_period"] == 2019]["value"].quantile(0.9)
    rows = drawn.lines().table.frame
    edge = rows[
        rows["series"].str.startswith("90th") & (rows["measure"] == ONE[0].label) & (rows["time_period"] == 2019)
    ]
    assert edge["value"].item() == pytest.approx(wanted)


@pytest.mark.parametrize("others", ["range", "lines", "none"])
def test_others_can_be_a_range_lines_or_absent(drawn: ModuleType, others: str) -> None:
    words = _words(drawn.lines(others=others))
    assert ("other authorities" in words) == (others != "none")


def test_years_are_whole_numbers(drawn: ModuleType) -> None:
    words = _words(drawn.lines()).split()
    assert words.count("2017") == 1
    assert "2017.5" not in words


def test_a_label_of_a_line_that_ends_early_names_its_year(drawn: ModuleType) -> None:
    frame = drawn.paths_frame()
    frame = frame[~((frame["series"] == "England") & (frame["time_period"] > 2023))]
    assert "in 2023" in _words(drawn.lines(frame, measures=ONE)).replace("\n", " ")


def test_a_comparison_without_any_value_is_said_and_not_drawn(drawn: ModuleType) -> None:
    drawing = drawn.lines(comparisons=["England", "Nowhere"], measures=ONE)
    assert "Nowhere: no value in any year (no row published)." in drawing.alt
    assert "Nowhere" not in _words(drawing)


def test_nothing_to_draw_is_said_in_words(drawn: ModuleType) -> None:
    frame = drawn.paths_frame()
    with pytest.raises(NotEnoughData, match=r"0 year\(s\)"):
        drawn.lines(frame[:0])
    with pytest.raises(NotEnoughData, match=r"1 year\(s\)"):
        drawn.lines(frame[frame["time_period"] == 2017])
    with pytest.raises(NotEnoughData, match="no value for Nowhere"):
        drawn.lines(frame, highlight="Nowhere")
    with pytest.raises(NotEnoughData, match="6 comparisons"):
        drawn.lines(frame, comparisons=[f"Area {number}" for number in range(6)])


def test_one_value_is_drawn_as_a_dot(drawn: ModuleType) -> None:
    frame = drawn.paths_frame()
    own = (frame["series"] == "Oakshire") & (frame["time_period"] > 2017)
    frame.loc[own, "value"], frame.loc[own, "status"] = np.nan, "not available"
    drawing = drawn.lines(frame)
    assert re.search(r"Oakshire: \d+\.\d in 2017\. No value in 2018, 2019", drawing.alt)


def test_a_number_behind_a_hidden_status_is_held_back(drawn: ModuleType) -> None:
    frame = drawn.paths_frame()
    frame.loc[0, "status"] = "suppressed"
    with pytest.raises(DisclosureBlocked):
        drawn.lines(frame)


def test_a_missing_number_without_reason_an_infinite_one_or_a_missing_column_is_refused(drawn: ModuleType) -> None:
    for spoil in ({"value": np.nan}, {"value": np.inf}):
        frame = drawn.paths_frame()
        frame.loc[0, "value"] = spoil["value"]
        with pytest.raises(NotDisplayable):
            drawn.lines(frame)
    with pytest.raises(NotDisplayable, match="no column status"):
        drawn.lines(drawn.paths_frame().drop(columns="status"))


def test_direct_labels_do_not_cover_each_other(drawn: ModuleType) -> None:
    years = [2017, 2018] * 6
    series = [name for name in "ABCDEF" for _ in range(2)]
    frame = pd.DataFrame({"measure": "caseload", "series": series, "time_period": years, "value": 10.0})
    frame.loc[11, "value"] = 11.0
    frame["status"] = "value"
    drawing = drawn.lines(frame, measures=ONE, highlight="A", comparisons=list("BCDEF"))
    boxes = [text.get_window_extent() for text in drawing.axes.texts if text.get_text()]
    boxes.sort(key=lambda box: box.y0)
    assert len(boxes) == 6
    assert all(lower.y1 <= upper.y0 + 2 for lower, upper in itertools.pairwise(boxes))
