"""Survival curves: steps hold until the next, what is not known stays open, and numbers stand under their times."""

from __future__ import annotations

import math
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from insight.charts import OwnTime, Stretch, palette
from insight.core.results import Drawing
from insight.disclosure import release
from insight.errors import DisclosureBlocked, NotDisplayable, NotEnoughData
from tests.charts.looking import collisions, seen, words

# Times in weeks of 6-mercaptopurine patients and their Kaplan-Meier curve: Freireich et al. (1963), Blood 21, 699-716,
# as worked by hand in Kleinbaum & Klein (2012), Survival Analysis, 3rd edition, table 2.3.
TIMES = [6, 7, 10, 13, 16, 22, 23]
SHARES = [85.71, 80.67, 75.29, 69.02, 62.75, 53.78, 44.82]


def _published(drawn: ModuleType, **changed: object) -> Drawing:
    curve = pd.DataFrame({"curve": "6-MP", "time": TIMES, "value": SHARES, "status": "value"})
    curve["low"] = curve["high"] = np.nan
    bare = {"intervals": None, "censored": None, "at_risk": None, "window": None, "own": None}
    made = drawn.survival(curve, **{**bare, **changed})
    assert isinstance(made, Drawing)
    return made


def _height(drawing: Drawing, time: float) -> float:
    """Where a reader finds the curve at a time: the last corner at or before it."""
    (line,) = [line for line in drawing.axes.lines if line.get_linewidth() == 2.6]
    x, y = line.get_xdata(), line.get_ydata()
    return float(y[np.flatnonzero(x <= time)[-1]])


@pytest.mark.parametrize(
    ("time", "share"), [(0, 100.0), (5.9, 100.0), (6, 85.71), (9.9, 80.67), (15, 69.02), (23, 44.82)]
)
def test_a_share_holds_from_its_time_until_the_next(drawn: ModuleType, time: float, share: float) -> None:
    assert _height(_published(drawn), time) == share


def test_a_rising_curve_starts_at_zero(drawn: ModuleType) -> None:
    curve = pd.DataFrame(
        {"curve": "Good", "time": TIMES, "value": [100 - share for share in SHARES], "status": "value"}
    )
    curve["low"] = curve["high"] = np.nan
    drawing = drawn.survival(curve, start=0.0, intervals=None, censored=None, at_risk=None)
    assert _height(drawing, 5) == 0.0
    assert "Good: 0 at 0" in drawing.alt


def test_the_last_step_of_the_band_is_that_of_the_curve(drawn: ModuleType) -> None:
    drawing = drawn.survival(intervals=None)
    (band,) = drawing.axes.collections
    corners = band.get_paths()[0].vertices
    steps = drawn.survival_steps()
    for time, low, high in steps[["time", "low", "high"]].iloc[[5, 20, 36]].to_numpy():
        at = corners[np.isclose(corners[:, 0], time), 1]
        assert np.isclose(at, low).any() and np.isclose(at, high).any()


def test_the_scale_is_the_whole_whatever_the_shares(drawn: ModuleType) -> None:
    assert drawn.survival().axes.get_yticks().tolist() == [0, 25, 50, 75, 100]


def test_where_the_change_is_not_known_the_curve_lies_in_a_box_and_is_level_between(drawn: ModuleType) -> None:
    drawing = drawn.survival()
    boxes = [
        patch
        for patch in drawing.axes.get_children()
        if isinstance(patch, Rectangle) and patch is not drawing.axes.patch
    ]
    found = [(box.get_x(), box.get_x() + box.get_width(), box.get_y(), box.get_y() + box.get_height()) for box in boxes]
    expected = [(0.9, 1.9, 100, 88), (2.4, 3.1, 88, 74), (4.0, 6.2, 74, 49), (8.0, 9.5, 49, 30)]
    assert np.allclose(found, expected)
    (line,) = [line for line in drawing.axes.lines if line.get_linewidth() == 2.0]
    assert line.get_xdata()[-1] == 11.0 and line.get_ydata()[-1] == 30.0
    assert "happened somewhere in this stretch" in words(drawing)


def test_the_words_do_not_pretend_to_know_the_height_inside_a_box(drawn: ModuleType) -> None:
    assert (
        "To the change itself: 100 at 0, between 74 and 88 at 3, between 49 and 74 at 5, 30 at 11."
        in drawn.survival().alt
    )


def test_an_exact_time_is_a_step_without_a_box(drawn: ModuleType) -> None:
    exact = pd.DataFrame({"curve": "a", "left": [2.0], "right": [2.0], "value": [40.0], "status": "value"})
    drawing = drawn.survival(drawn.survival_steps()[:0], intervals=exact, censored=None, at_risk=None)
    assert _height(drawing, 1.9) == 100.0 and _height(drawing, 2.0) == 40.0
    assert "somewhere" not in words(drawing)


def test_ticks_stand_on_the_curve_where_somebody_was_last_seen(drawn: ModuleType) -> None:
    drawing = _published(drawn, censored=pd.DataFrame({"curve": "6-MP", "time": [9.0, 9.0, 11.0, 20.0]}))
    (ticks,) = [line for line in drawing.axes.lines if line.get_marker() == "|"]
    assert list(zip(ticks.get_xdata(), ticks.get_ydata(), strict=True)) == [(9, 80.67), (11, 75.29), (20, 62.75)]
    assert "not over when last seen" in words(drawing)


def test_numbers_at_risk_stand_under_the_ticks_of_their_times(drawn: ModuleType) -> None:
    drawing = drawn.survival()
    lines = seen(drawing)
    (last,) = [each for each in lines if each.text == "12"]
    ticks = {each.text: each.middle for each in lines if each.foot == last.foot}
    assert list(ticks) == ["0", "2", "4", "6", "8", "10", "12"]
    for time in range(0, 13, 2):
        numbers = [each for each in lines if each.text == str(64 - 5 * time) and each.colour == palette.INK.lower()]
        assert any(math.isclose(each.middle, ticks[str(time)], abs_tol=0.2) for each in numbers), time


def test_numbers_of_one_curve_stand_in_one_row_below_the_name_of_the_axis(drawn: ModuleType) -> None:
    lines = {each.text: each for each in seen(drawn.survival())}
    assert lines["54"].foot == lines["34"].foot == lines["14"].foot
    assert lines["54"].top > lines["Years since the judgement of Inadequate"].foot
    assert lines["To a published Good"].foot < lines["54"].foot < lines["To the change itself"].foot < lines["52"].foot


def test_a_withheld_number_at_risk_is_a_mark_with_words(drawn: ModuleType) -> None:
    drawing = drawn.survival()
    assert "withheld to protect people" in words(drawing)
    row = drawing.table.frame[drawing.table.frame["at_risk__status"] == "suppressed"]
    assert len(row) == 1 and row["at_risk"].isna().all() and row["time"].item() == 12


def test_numbers_at_risk_of_few_are_held_back_under_own_counts(drawn: ModuleType) -> None:
    with pytest.raises(DisclosureBlocked, match="below 5"):
        release(drawn.survival(), "own_counts")


def test_the_claim_stands_between_two_lines_with_its_words_above(drawn: ModuleType) -> None:
    drawing = drawn.survival(own=None)
    edges = [line.get_xdata()[0] for line in drawing.axes.lines if line.is_dashed() and line.get_color() == palette.INK]
    assert edges == [3, 5]
    lines = {each.text: each for each in seen(drawing)}
    assert lines["claim: 3 to 5 years"].foot < lines["100"].foot
    assert "Marked: claim: 3 to 5 years, from 3 to 5." in drawing.alt


@pytest.mark.parametrize(("is_open", "shape"), [(True, ">"), (False, "D")])
def test_an_own_time_is_a_mark_with_its_name(drawn: ModuleType, is_open: bool, shape: str) -> None:
    drawing = drawn.survival(own=OwnTime(7.4, is_open, "Oakshire: 7.4 years"))
    (mark,) = [line for line in drawing.axes.lines if line.get_marker() == shape]
    assert mark.get_xdata()[0] == 7.4
    assert "Oakshire: 7.4 years" in words(drawing)
    assert ("still open" in drawing.alt) == is_open


def test_a_claim_or_an_own_time_beyond_the_curves_is_still_on_the_chart(drawn: ModuleType) -> None:
    drawing = _published(drawn, window=Stretch(30, 40, "claim"), own=OwnTime(50, True, "Oakshire"))
    assert drawing.axes.get_xlim()[1] > 50


@pytest.mark.parametrize(
    "words_of_own", ["Oakshire: 4.1 years", "Bournemouth, Christchurch and Poole: 4.1 years so far"]
)
def test_no_words_cover_others(drawn: ModuleType, words_of_own: str) -> None:
    assert collisions(drawn.survival(own=OwnTime(4.1, True, words_of_own))) == []


def test_a_withheld_step_breaks_the_curve_until_the_next(drawn: ModuleType) -> None:
    steps = drawn.survival_steps()
    steps.loc[10, ["value", "low", "high", "status"]] = [np.nan, np.nan, np.nan, "suppressed"]
    drawing = drawn.survival(steps, intervals=None)
    (line,) = [
        line for line in drawing.axes.lines if line.get_color() == palette.HIGHLIGHT and len(line.get_xdata()) > 20
    ]
    gone = np.flatnonzero(np.isnan(line.get_ydata()))
    assert line.get_xdata()[gone].tolist() == steps["time"].iloc[[10, 11]].tolist()
    assert "It breaks where a value is missing (withheld to protect people)." in drawing.alt
    assert "withheld to protect people" in words(drawing)


def test_the_table_has_every_step_stretch_and_number(drawn: ModuleType) -> None:
    frame = drawn.survival().table.frame
    # 37 steps and their start; a start, four stretches with an end and one without; twice seven numbers at risk.
    assert len(frame) == 38 + 1 + 4 + 1 + 14
    stretch = frame[(frame["curve"] == "To the change itself") & (frame["time"] == 4.0) & frame["until"].notna()]
    assert stretch[["until", "value"]].to_numpy().tolist() == [[6.2, 49.0]]


def test_the_first_and_the_last_value_are_in_the_words(drawn: ModuleType) -> None:
    assert (
        "To a published Good: 100 at 0, 89 (83 to 95) at 3, 78 (70 to 85) at 5, 22 (7 to 36) at 12."
        in drawn.survival().alt
    )


def test_what_cannot_be_drawn_is_refused_in_words(drawn: ModuleType) -> None:
    steps = drawn.survival_steps()
    bare: dict[str, object] = {"intervals": None, "at_risk": None, "censored": None}
    missing = {"value": np.nan, "low": np.nan, "high": np.nan, "status": "suppressed"}
    with pytest.raises(NotEnoughData, match="no value of To a published Good"):
        drawn.survival(steps.assign(**missing), **bare)
    with pytest.raises(NotEnoughData, match="no value of any curve"):
        drawn.survival(steps[:0], **bare)
    several = pd.concat([steps.assign(curve=f"Curve {number}") for number in range(7)])
    with pytest.raises(NotEnoughData, match="7 curves"):
        drawn.survival(several, **bare)
    with pytest.raises(NotEnoughData, match="given twice"):
        drawn.survival(steps.assign(curve="To the change itself"))
    with pytest.raises(NotDisplayable, match="outside 0 to 100"):
        drawn.survival(steps.assign(value=101.0, high=101.0), **bare)
    with pytest.raises(NotDisplayable, match="below 0"):
        drawn.survival(steps.assign(time=steps["time"] - 5), **bare)
    crossing = pd.DataFrame(
        {"curve": "a", "left": [1.0, 1.5], "right": [2.0, 3.0], "value": [80.0, 60.0], "status": "value"}
    )
    with pytest.raises(NotDisplayable, match="inside another stretch"):
        drawn.survival(steps, intervals=crossing)
    with pytest.raises(NotEnoughData, match="a stretch without its value"):
        drawn.survival(steps, intervals=crossing.assign(value=np.nan, status="suppressed"))
    with pytest.raises(DisclosureBlocked, match="hides them"):
        drawn.survival(steps.assign(status="suppressed"), **bare)
    with pytest.raises(NotDisplayable, match="no column low"):
        drawn.survival(steps.drop(columns="low"), **bare)
