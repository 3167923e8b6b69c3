"""Scatter and funnel: one path for the many, words for the few."""
# ruff: noqa: S314 - the SVG was written by the code under test

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from types import ModuleType

import numpy as np
import pytest

from insight.core.results import Drawing
from insight.errors import NotEnoughData


def _cloud(drawing: Drawing) -> str:
    nodes = ET.fromstring(drawing.svg).iter("{http://www.w3.org/2000/svg}path")
    (path,) = [
        node.get("d", "") for node in nodes if node.get("stroke-linecap") == "round" and "h0" in node.get("d", "")
    ]
    return path


def _marks(drawing: Drawing) -> int:
    return drawing.svg.count("<use")


def test_thirteen_hundred_points_are_one_path(drawn: ModuleType) -> None:
    drawing = drawn.scatter()
    beyond = int((re.search(r"(\d+) beyond this window", drawing.svg) or ["0", "0"])[1])
    # 1,300 points less 13 of the highlighted area and one without a number
    assert _cloud(drawing).count("h0") + beyond == 1300 - 13 - 1


def test_points_of_the_chosen_area_carry_their_years(drawn: ModuleType) -> None:
    drawing = drawn.scatter()
    words = [node.text for node in ET.fromstring(drawing.svg).iter()]
    assert {str(year) for year in range(2010, 2023)} <= set(words)
    assert "Area 7: 13 point(s), from" in drawing.alt


def test_a_far_point_does_not_flatten_the_rest_and_stays_in_the_table(drawn: ModuleType) -> None:
    points = drawn.scatter_points()
    points.loc[0, "y"] = 500.0
    drawing = drawn.scatter(points)
    assert drawing.axes.get_ylim()[1] < 50
    assert "beyond this window" in drawing.svg
    assert drawing.table.frame["y"].max() == 500.0


def test_a_point_without_a_number_is_in_the_table_and_not_at_zero(drawn: ModuleType) -> None:
    frame = drawn.scatter().table.frame
    assert len(frame) == 1300
    assert frame["y__status"].iloc[-1] == "suppressed"
    assert np.isnan(frame["y"].iloc[-1])


def test_an_area_without_points_is_said(drawn: ModuleType) -> None:
    points = drawn.scatter_points()
    drawing = drawn.scatter(points[points["area"] != "Area 7"])
    assert "Area 7 has no year with both numbers." in drawing.alt


def test_a_scatter_without_points_is_refused_in_words(drawn: ModuleType) -> None:
    points = drawn.scatter_points()
    for few in (points[:0], points[:1], points.tail(1)):
        with pytest.raises(NotEnoughData, match="point"):
            drawn.scatter(few)


def test_a_funnel_marks_the_area_and_its_neighbours(drawn: ModuleType) -> None:
    drawing = drawn.funnel()
    assert re.search(r">Area 7 \d+\.\d<", drawing.svg)
    assert "2 statistical neighbours" in drawing.svg
    assert "146 others" in drawing.svg
    assert _cloud(drawing).count("h0") == 146


def test_a_funnel_says_where_the_area_lies_and_never_a_verdict(drawn: ModuleType) -> None:
    assert re.search(
        r"Area 7: \d+\.\d with a denominator of [\d,]+, (between|above|below) the limit", drawn.funnel().alt
    )


def test_a_hidden_area_is_not_on_the_funnel_and_the_words_say_why(drawn: ModuleType) -> None:
    drawing = drawn.funnel(highlight="Area 5")
    assert "Area 5 is not on the chart: withheld to protect people." in drawing.alt


def test_an_unknown_area_is_not_on_the_funnel_and_the_words_say_why(drawn: ModuleType) -> None:
    assert "Nowhere is not on the chart: no row published." in drawn.funnel(highlight="Nowhere").alt
