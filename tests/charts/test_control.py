"""Control and run charts: limits as given, every signal in words, and no signals on annual points."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from insight.charts import palette
from insight.core.results import Drawing
from insight.errors import DisclosureBlocked, NotDisplayable, NotEnoughData
from tests.charts.looking import collisions, strokes, words


def _dashed(drawing: Drawing) -> list[tuple[list[float], list[float]]]:
    """The limits, lower before upper."""
    lines = [line for line in drawing.axes.lines if line.is_dashed() and line.get_color() == palette.INK]
    return [(line.get_xdata().tolist(), line.get_ydata().tolist()) for line in lines]


def test_limits_that_differ_are_steps_around_each_point(drawn: ModuleType) -> None:
    points = drawn.control_points()
    (x, low), (_, high) = _dashed(drawn.control())
    for place in (0, 7, 29):
        at = [k for k, where in enumerate(x) if place - 0.5 <= where <= place + 0.5]
        assert points["low"][place] in [low[k] for k in at]
        assert points["high"][place] in [high[k] for k in at]
    assert x[0] == -0.5 and x[-1] == 29.5


def test_level_limits_are_two_corners_each(drawn: ModuleType) -> None:
    drawing = drawn.control(drawn.control_points().assign(low=15.0, high=33.0))
    assert _dashed(drawing) == [([-0.5, 29.5], [15.0, 15.0]), ([-0.5, 29.5], [33.0, 33.0])]
    assert "Lower limit: 15.0. Upper limit: 33.0." in drawing.alt


def test_a_limit_that_does_not_exist_is_neither_drawn_nor_named(drawn: ModuleType) -> None:
    drawing = drawn.control(drawn.control_points().assign(low=np.nan))
    assert len(_dashed(drawing)) == 1
    assert "lower limit" not in words(drawing) and "Lower limit" not in drawing.alt
    assert (drawing.table.frame["low__status"] == "not applicable").all()


def test_centre_and_limits_are_labelled_with_their_last_values(drawn: ModuleType) -> None:
    said = words(drawn.control())
    points = drawn.control_points()
    assert "mean of the baseline 24.0" in said
    assert f"upper limit {points['high'].iloc[-1]:.1f}" in said
    assert f"lower limit {points['low'].iloc[-1]:.1f}" in said


def test_the_baseline_is_a_band_with_words(drawn: ModuleType) -> None:
    drawing = drawn.control()
    (band,) = [patch.get_bbox() for patch in drawing.axes.patches]
    assert (band.x0, band.x1) == (-0.5, 11.5)
    assert "baseline that mean and limits are from" in words(drawing)
    assert "Baseline: Apr 2022 to Mar 2023." in drawing.alt


def test_each_rule_has_a_shape_of_its_own_and_words_in_the_key(drawn: ModuleType) -> None:
    drawing = drawn.control()
    marks = {line.get_marker(): line for line in drawing.axes.lines if line.get_markersize() == 10}
    assert {shape: len(line.get_xdata()) for shape, line in marks.items()} == {"D": 1, "s": 9, "^": 1}
    said = words(drawing)
    for rule in ("outside the limits", "7 or more in a row on one side of the mean", "2 of 3 near a limit"):
        assert rule in said


def test_a_point_under_two_rules_carries_both_marks_above_each_other(drawn: ModuleType) -> None:
    marks = {line.get_marker(): line for line in drawn.control().axes.lines if line.get_markersize() == 10}
    value = drawn.control_points()["value"][25]
    square = dict(zip(marks["s"].get_xdata(), marks["s"].get_ydata(), strict=True))
    assert square[25.0] == value
    assert list(marks["^"].get_xdata()) == [25.0] and marks["^"].get_ydata()[0] > value


def test_every_marked_point_is_named_in_words_and_in_the_table(drawn: ModuleType) -> None:
    drawing = drawn.control()
    assert "Outside the limits: May 2023." in drawing.alt
    assert "2 of 3 near a limit: May 2024." in drawing.alt
    signals = drawing.table.frame.set_index("period")["signal"]
    assert signals["May 2024"] == "7 or more in a row on one side of the mean; 2 of 3 near a limit"
    assert (signals != "").sum() == 10


def test_without_signals_the_words_say_that_none_is_marked(drawn: ModuleType) -> None:
    assert "No point is marked." in drawn.control(signals=None).alt


def test_a_hidden_point_breaks_the_line_and_has_a_mark_under_the_scale(drawn: ModuleType) -> None:
    drawing = drawn.control()
    path = max(strokes(drawing, palette.HIGHLIGHT), key=len)
    assert path.count("M") == 2
    (mark,) = [line for line in drawing.axes.lines if line.get_marker() == "x"]
    assert mark.get_xdata() == [17] and mark.get_ydata()[0] < min(drawing.axes.get_yticks())
    assert "No value in Sep 2023 (withheld to protect people)." in drawing.alt


def test_long_names_of_periods_do_not_cover_each_other(drawn: ModuleType) -> None:
    points = drawn.control_points()
    points["period"] = [f"week to {day} September 2023" for day in range(1, 31)]
    drawing = drawn.control(points, signals=None)
    assert collisions(drawing) == []
    assert "week to 30" in words(drawing)


def test_equal_points_and_limits_have_room_on_both_sides(drawn: ModuleType) -> None:
    flat = drawn.control_points().assign(value=24.0, low=24.0, high=24.0, status="value")
    low, high = drawn.control(flat, signals=None).axes.get_ylim()
    assert low < 24 < high


def test_what_a_control_chart_cannot_draw_is_refused_in_words(drawn: ModuleType) -> None:
    points = drawn.control_points()
    with pytest.raises(NotEnoughData, match=r"1 point"):
        drawn.control(points[:1], signals=None)
    with pytest.raises(NotEnoughData, match=r"0 point"):
        drawn.control(points.assign(value=np.nan, status="suppressed"), signals=None)
    with pytest.raises(NotDisplayable, match="comes twice"):
        drawn.control(points.assign(period="May"), signals=None)
    with pytest.raises(NotDisplayable, match="signals at Sep 2023, without a value"):
        drawn.control(signals=pd.DataFrame({"period": ["Sep 2023"], "rule": ["outside the limits"]}))
    rules = pd.DataFrame({"period": "Apr 2022", "rule": [f"rule {number}" for number in range(6)]})
    with pytest.raises(NotEnoughData, match="6 rules"):
        drawn.control(signals=rules)
    with pytest.raises(DisclosureBlocked, match="hides them"):
        drawn.control(points.assign(status="suppressed"), signals=None)
    with pytest.raises(NotDisplayable, match="no column centre"):
        drawn.control(points.drop(columns="centre"), signals=None)


def test_a_run_chart_has_its_median_and_no_signals_and_no_limits(drawn: ModuleType) -> None:
    drawing = drawn.run()
    assert "median 15.6" in words(drawing)
    assert _dashed(drawing) == []
    assert not [line for line in drawing.axes.lines if line.get_markersize() == 10]
    assert "signal" not in drawing.table.frame.columns


def test_a_run_chart_counts_both_sides_of_its_median_and_what_lies_on_it(drawn: ModuleType) -> None:
    assert "4 of 8 points above it, 4 below." in drawn.run().alt
    assert "2 of 8 points above it, 5 below, 1 on it." in drawn.run(median=16.6).alt


def test_a_run_charts_words_give_first_and_last_value_and_gaps(drawn: ModuleType) -> None:
    alt = drawn.run().alt
    assert "From 14.1 in 2017 to 0.0 in 2025, down 14.1." in alt
    assert "No value in 2020 (not available)." in alt


def test_a_zero_on_a_run_chart_has_its_own_mark(drawn: ModuleType) -> None:
    drawing = drawn.run()
    (zero,) = [line for line in drawing.axes.lines if line.get_marker() == "D"]
    assert (zero.get_xdata(), zero.get_ydata()) == ([8.0], [0.0])
    assert "zero" in words(drawing)


def test_a_last_value_before_the_end_is_labelled_with_its_year(drawn: ModuleType) -> None:
    assert "Oakshire 15.2 in 2019" in words(drawn.run(drawn.run_points()[:4]))


def test_one_value_among_several_years_is_enough(drawn: ModuleType) -> None:
    points = drawn.run_points()
    points.loc[1:, ["value", "status"]] = [np.nan, "not available"]
    drawing = drawn.run(points, median=14.1)
    assert "0 of 1 points above it, 0 below, 1 on it." in drawing.alt


def test_what_a_run_chart_cannot_draw_is_refused_in_words(drawn: ModuleType) -> None:
    points = drawn.run_points()
    with pytest.raises(NotEnoughData, match="no value"):
        drawn.run(points.assign(value=np.nan, status="suppressed"))
    with pytest.raises(NotEnoughData, match="1 period"):
        drawn.run(points[:1])
    with pytest.raises(NotEnoughData, match="no value"):
        drawn.run(points, median=float("nan"))
    with pytest.raises(NotDisplayable, match="without a reason"):
        drawn.run(points.assign(status="value"))
