"""Room that words take, and where their lines stand, against matplotlib's own measures."""

from __future__ import annotations

import pytest
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.text import Text

from insight.charts.canvas import house_style, paper
from insight.charts.lettering import Lettering, laid, lettering, width


def _text(words: str, **look: object) -> Text:
    figure = Figure(figsize=(5, 5), dpi=72)
    FigureCanvasSVG(figure)
    return figure.text(0.5, 0.5, words, **look)  # type: ignore[arg-type]  # mixed settings


@pytest.mark.parametrize(
    "words", ["Oakshire 12.3", "0.21 (−0.05 to 0.47)", "← fewer leavers", "2017", "Birmingham 15.2"]
)
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_a_line_is_as_wide_as_matplotlib_finds_it(words: str, weight: str) -> None:
    with house_style():
        box = _text(words, fontsize=10.5, fontweight=weight).get_window_extent()
    # Pairs of letters that are drawn closer together are not counted.
    assert width(words, 10.5, bold=weight == "bold") == pytest.approx(box.width, rel=0.05, abs=1.0)


@pytest.mark.parametrize("up", ["top", "bottom", "center", "baseline", "center_baseline"])
@pytest.mark.parametrize("words", ["Months", "Two\nlines", "Three\nlines\nof words"])
@pytest.mark.parametrize("across", ["left", "center", "right"])
def test_a_box_stands_where_matplotlib_puts_it(words: str, up: str, across: str) -> None:
    with house_style():
        text = _text(words, fontsize=11.5, va=up, ha=across)
        box, mine = text.get_window_extent(), lettering(text)
    assert [mine.left, mine.right] == pytest.approx([box.x0, box.x1], abs=1.0)
    assert [mine.bottom, mine.top] == pytest.approx([box.y0, box.y1], abs=0.6)


def test_lines_stand_below_each_other_around_one_place() -> None:
    made = laid("one\ntwo", 100.0, 50.0, size=10.0, across="center", up="center")
    assert isinstance(made, Lettering)
    assert [line for line, _ in made.lines] == ["one", "two"]
    assert made.lines[0][1] - made.lines[1][1] == pytest.approx(12.0)
    assert (made.bottom + made.top) / 2 == pytest.approx(50.0)


def test_a_character_that_the_font_lacks_still_takes_room() -> None:
    assert width("\u4e00\u4e8c", 10.0) == pytest.approx(20.0)


def test_measuring_changes_no_font_of_matplotlib() -> None:
    with house_style():
        before = _text("Oakshire").get_window_extent().width
        width("Something else that is long", 40.0)
        figure, _ = paper(3.0)
        figure.text(0, 0, "Oakshire")
        assert _text("Oakshire").get_window_extent().width == before
