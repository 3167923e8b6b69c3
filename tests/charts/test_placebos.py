"""Placebos: every one is counted, and the words say how many lie as far as the treated."""
# ruff: noqa: S314 - the SVG was written by the code under test

from __future__ import annotations

import xml.etree.ElementTree as ET
from types import ModuleType

import numpy as np
import pytest

from insight.core.results import Drawing
from insight.errors import NotEnoughData


def _words(drawing: Drawing) -> str:
    return " ".join(node.text or "" for node in ET.fromstring(drawing.svg).iter())


def test_every_placebo_is_in_one_bar(drawn: ModuleType) -> None:
    frame = drawn.placebos().table.frame
    assert frame["sets"].sum() == 999
    assert (frame["from"].to_numpy()[1:] == frame["to"].to_numpy()[:-1]).all()


def test_the_words_count_those_as_far_from_no_change_on_either_side(drawn: ModuleType) -> None:
    ratios = [0.5, 0.9, 1.0, 1.1, 2.0, 3.0]
    alt = drawn.placebos(ratios, observed=0.5).alt
    assert "Histogram of 6 placebo ratios, from 0.50 to 3.00" in alt
    # 0.5, 2 (as far the other way) and 3.
    assert "3 placebos lie as far from 1 or farther" in alt


def test_the_treated_are_marked_wherever_they_lie(drawn: ModuleType) -> None:
    for observed in (0.2, 0.8, 1.0, 1.6, 5.0):
        drawing = drawn.placebos(observed=observed)
        low, high = drawing.axes.get_xlim()
        assert low < observed < high
        assert f"treated {observed:.2f}" in _words(drawing)


def test_placebos_without_a_number_are_left_out(drawn: ModuleType) -> None:
    assert drawn.placebos([0.9, 1.0, 1.1, np.nan, np.inf]).table.frame["sets"].sum() == 3


@pytest.mark.parametrize("ratios", [[0.97, 0.975, 0.98], [1.02, 1.03, 1.04], [0.999, 1.0, 1.001], [1.0, 1.0, 1.0]])
def test_a_narrow_axis_has_ticks_too(drawn: ModuleType, ratios: list[float]) -> None:
    drawing = drawn.placebos(ratios, observed=ratios[0])
    low, high = drawing.axes.get_xlim()
    ticks = drawing.axes.get_xticks()
    assert len(ticks) > 1 and all(low <= tick <= high for tick in ticks)


def test_what_cannot_be_drawn_is_refused_in_words(drawn: ModuleType) -> None:
    with pytest.raises(NotEnoughData, match=r"2 placebo"):
        drawn.placebos([0.9, 1.1])
    with pytest.raises(NotEnoughData, match="a ratio of 0"):
        drawn.placebos([0.0, 0.9, 1.1])
    with pytest.raises(NotEnoughData, match="a ratio of nan"):
        drawn.placebos(observed=np.nan)
