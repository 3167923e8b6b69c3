"""Every word has its room, and the picture is written without drawing anything twice."""
# ruff: noqa: S314 - the SVG was written by the code under test

from __future__ import annotations

import hashlib
import io
import itertools
import os
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import matplotlib as mpl
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from insight.charts.canvas import finished, house_style, paper, settle
from insight.charts.lettering import laid
from insight.core.results import Drawing

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("lines", "scatter", "forest", "funnel", "groups", "columns", "months", "event_time", "placebos")


def _boxes(drawing: Drawing) -> list[tuple[str, float, float, float, float]]:
    sides = {"middle": "center", "end": "right"}
    found = []
    for node in ET.fromstring(drawing.svg).iter(f"{SVG}text"):
        size = float(node.get("font-size", "0"))
        x, y = float(node.get("x", "0")), -float(node.get("y", "0"))
        across = sides.get(node.get("text-anchor", ""), "left")
        words = node.text or ""
        box = laid(words, x, y, size=size, bold=node.get("font-weight") == "bold", across=across, up="baseline")
        # Capitals and figures reach three quarters of the ascent and stand on the line.
        found.append((words, box.left, box.right, y, y + 0.72 * size))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_no_two_words_of_a_chart_meet(drawn: ModuleType, name: str) -> None:
    boxes = _boxes(getattr(drawn, name)())
    for (one, left, right, low, high), (other, *box) in itertools.combinations(boxes, 2):
        apart = right <= box[0] + 1 or box[1] <= left + 1 or high <= box[2] + 1 or box[3] <= low + 1
        assert apart, f"{one!r} meets {other!r}"


@pytest.mark.parametrize("name", NAMES)
def test_every_word_is_inside_the_picture_whole(drawn: ModuleType, name: str) -> None:
    drawing = getattr(drawn, name)()
    _, _, wide, high = map(float, ET.fromstring(drawing.svg).get("viewBox", "").split())
    for words, left, right, low, top in _boxes(drawing):
        assert left >= 0 and right <= wide and -high <= low and top <= 0, words


def test_two_panels_share_their_sides_and_do_not_meet(drawn: ModuleType) -> None:
    upper, lower = (ax.get_position() for ax in drawn.lines().axes)
    assert (upper.x0, upper.x1) == (lower.x0, lower.x1)
    assert upper.height == pytest.approx(lower.height)
    assert upper.y0 > lower.y1


def test_wider_words_at_the_ticks_take_more_room() -> None:
    lefts = []
    for top in (1.0, 40_000.0):
        with house_style():
            figure, (ax,) = paper(3.0)
            ax.set_ylim(0, top)
            settle(figure)
            lefts.append(ax.get_position().x0)
    assert lefts[0] < lefts[1]


def test_ticks_that_need_a_factor_beside_the_axis_are_refused() -> None:
    with house_style():
        figure, (ax,) = paper(3.0)
        ax.set_ylim(0, 1e9)
        with pytest.raises(ValueError, match="number_ticks"):
            settle(figure)


def test_the_axes_can_be_drawn_by_matplotlib_afterwards(drawn: ModuleType) -> None:
    for drawing in (drawn.lines(), drawn.forest(), drawn.columns()):
        axes = drawing.axes if isinstance(drawing.axes, Axes) else drawing.axes[0]
        file = io.BytesIO()
        assert isinstance(axes.figure, Figure)
        axes.figure.savefig(file, format="png", dpi=100)
        assert len(file.getvalue()) > 5_000


def test_an_artist_that_no_chart_uses_is_refused_and_not_left_out() -> None:
    with house_style():
        figure, (ax,) = paper(3.0)
        ax.add_collection(LineCollection([[(0, 0), (1, 1)]]))
        settle(figure)
        with pytest.raises(TypeError, match="LineCollection"):
            finished(figure, name="a", label="b")


def test_what_was_drawn_before_leaves_no_trace(drawn: ModuleType) -> None:
    first = {name: getattr(drawn, name)().svg for name in NAMES}
    for name in reversed(NAMES):
        assert getattr(drawn, name)().svg == first[name]


def test_a_fresh_process_draws_the_same_bytes_in_another_order(drawn: ModuleType, root: Path) -> None:
    program = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1]); import every_chart as charts\n"
        "for name in sys.argv[:1:-1]:\n"
        "    print(name, hashlib.sha256(getattr(charts, name)().svg.encode()).hexdigest())"
    )
    environment, few = {**os.environ, "PYTHONPATH": str(root / "src")}, ("scatter", "forest", "months")
    folder = str(Path(__file__).parent)
    command = [sys.executable, "-c", program, folder, *few]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    here = [f"{name} {hashlib.sha256(getattr(drawn, name)().svg.encode()).hexdigest()}" for name in reversed(few)]
    assert done.stdout.splitlines() == here


def test_drawing_starts_no_thread_and_leaves_settings_as_they_were(drawn: ModuleType) -> None:
    before = {key: dict.__getitem__(mpl.rcParams, key) for key in mpl.rcParams}
    running = threading.active_count()
    drawn.every_chart()
    assert threading.active_count() == running
    assert {key: dict.__getitem__(mpl.rcParams, key) for key in mpl.rcParams} == before


def test_settings_come_back_after_a_failure() -> None:
    before = mpl.rcParams["font.size"]

    def fail() -> None:
        with house_style():
            assert mpl.rcParams["font.size"] == 11.5
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert mpl.rcParams["font.size"] == before
