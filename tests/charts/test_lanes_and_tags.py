"""Words in rows and beside marks: near what they name, off each other, and colours from the palette alone."""

from __future__ import annotations

import re
from types import ModuleType

import numpy as np
import pytest
from matplotlib.axes import Axes

from insight.charts import palette
from insight.charts.canvas import SMALL, house_style, paper, settle
from insight.charts.lanes import Lane
from insight.charts.layout import words_of
from insight.charts.lettering import Lettering, lettering
from insight.charts.tags import tag_marks

GREYS = {palette.WHITE, palette.INK, palette.WORDS, palette.OTHERS, palette.BAND, palette.GRID, palette.HIGHLIGHT}
KNOWN = {colour.lower() for colour in (*GREYS, *(style.colour for style in palette.COMPARISONS))} | {"#fff"}


def _axes() -> Axes:
    with house_style():
        figure, (ax,) = paper(3.0)
        ax.set_xlim(0, 100)
        ax.set_ylim(0, 10)
        settle(figure)
    return ax


def _placed(ax: Axes) -> list[Lettering]:
    return [lettering(text) for text in words_of(ax)]


def _cover(one: Lettering, other: Lettering) -> bool:
    across = one.left < other.right and other.left < one.right
    return across and one.bottom < other.top and other.bottom < one.top


@pytest.mark.parametrize("places", [[10, 90], [50, 50.5, 51], [0, 0, 0], [99, 100], [5, 30, 31, 95]])
def test_words_of_a_lane_never_cover_each_other_and_stay_on_the_axes(places: list[float]) -> None:
    ax = _axes()
    lane = Lane(ax)
    for number, place in enumerate(places):
        lane.add(f"words {number}", x=place, colour=palette.INK)
    lane.place()
    placed = _placed(ax)
    assert not any(_cover(one, other) for k, one in enumerate(placed) for other in placed[k + 1 :])
    assert all(ax.bbox.x0 - 0.1 <= each.left and each.right <= ax.bbox.x1 + 0.1 for each in placed)


def test_words_with_room_stand_over_what_they_name() -> None:
    ax = _axes()
    lane = Lane(ax)
    lane.add("here", x=40, colour=palette.INK)
    lane.place()
    (placed,) = _placed(ax)
    at = ax.transData.transform((40, 0))[0]
    assert (placed.left + placed.right) / 2 == pytest.approx(at, abs=0.1)
    assert placed.bottom >= ax.bbox.y1


def test_joined_words_lead_back_to_their_place() -> None:
    ax = _axes()
    lane = Lane(ax, rise=9.0, is_joined=True)
    for place in (50, 50):
        lane.add("a long name", x=place, colour=palette.INK)
    lane.place()
    at = float(ax.transData.transform((50, 0))[0])
    assert [np.asarray(line.get_xdata())[0] for line in ax.lines] == pytest.approx([at, at])


def test_a_lane_without_words_is_nothing() -> None:
    ax = _axes()
    Lane(ax).place()
    assert _placed(ax) == []


def test_tags_that_fit_stand_above_their_marks() -> None:
    ax = _axes()
    assert tag_marks(ax, ["one", "two"], [20, 80], [5, 5], colour=palette.INK) == []
    for placed, x in zip(_placed(ax), (20, 80), strict=True):
        px, py = ax.transData.transform((x, 5))
        assert (placed.left + placed.right) / 2 == pytest.approx(px, abs=0.1)
        assert py < placed.bottom < py + SMALL


def test_tags_at_the_edges_stay_on_the_axes() -> None:
    ax = _axes()
    tag_marks(ax, ["at the left", "at the right"], [0, 100], [0, 10], colour=palette.INK)
    for placed in _placed(ax):
        assert placed.left >= ax.bbox.x0 - 3.1 and placed.right <= ax.bbox.x1 + 3.1
        assert placed.bottom >= ax.bbox.y0 - 0.1 and placed.top <= ax.bbox.y1 + 2.1


def test_tags_without_room_are_numbered_in_their_order() -> None:
    ax = _axes()
    several = 20
    numbered = tag_marks(ax, ["some words"] * several, [50.0 + k for k in range(several)], [5.0] * several,
                         colour=palette.INK)  # fmt: skip
    assert numbered and numbered == sorted(numbered)
    said = [text.get_text() for text in words_of(ax)]
    assert [word for word in said if word.isdigit()] == [str(place + 1) for place in range(len(numbered))]
    assert len(said) == several


def test_no_tags_are_no_tags() -> None:
    assert tag_marks(_axes(), [], [], [], colour=palette.INK) == []


@pytest.mark.parametrize("name", ["timeline", "survival", "control", "run", "ranked", "ranked_all"])
def test_every_colour_is_of_the_palette(drawn: ModuleType, name: str) -> None:
    used = set(re.findall(r'"(#[0-9a-f]{3,8})"', getattr(drawn, name)().svg))
    assert used <= KNOWN
    assert palette.HIGHLIGHT.lower() in used
