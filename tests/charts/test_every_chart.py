"""What holds for every chart, whatever its family."""
# ruff: noqa: S314 - the SVG was written by the code under test

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import matplotlib as mpl
import pandas as pd
import pytest

from insight.core.display import Figure
from insight.core.results import Drawing
from insight.disclosure import release

LIMITS = {
    "lines": 15_000,
    "scatter": 40_000,
    "forest": 15_000,
    "funnel": 30_000,
    "groups": 15_000,
    "columns": 15_000,
    "months": 15_000,
    "event_time": 15_000,
    "placebos": 15_000,
    "timeline": 15_000,
    "survival": 15_000,
    "control": 15_000,
    "run": 15_000,
    "ranked": 15_000,
    "ranked_all": 15_000,
    "multiples": 40_000,
    "strip": 20_000,
    "hexagons": 60_000,
}
NAMES = list(LIMITS)


@pytest.fixture(scope="module", params=NAMES)
def drawing(request: pytest.FixtureRequest, drawn: ModuleType) -> Drawing:
    made = getattr(drawn, request.param)()
    assert isinstance(made, Drawing)
    return made


def _elements(drawing: Drawing) -> list[ET.Element]:
    return list(ET.fromstring(drawing.svg).iter())


def test_every_chart_passes_the_gate_with_its_table(drawing: Drawing) -> None:
    shown = release(drawing)
    assert isinstance(shown, Figure)
    assert shown.content["table"]["rows"]
    assert shown.axes is not None


def test_the_picture_scales_and_asks_for_nothing(drawing: Drawing) -> None:
    root = ET.fromstring(drawing.svg)
    assert root.get("width") is None and root.get("height") is None
    assert root.get("viewBox", "").startswith("0 0 475.2 ")
    assert "http" not in drawing.svg.replace("http://www.w3.org/2000/svg", "")
    assert "xlink" not in drawing.svg and "<style" not in drawing.svg and "<!" not in drawing.svg
    assert all(node.get("style") is None for node in _elements(drawing)[1:])


def test_the_picture_has_a_name_for_those_who_do_not_see_it(drawing: Drawing) -> None:
    root = ET.fromstring(drawing.svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == drawing.alt
    assert len(drawing.alt) >= 40


def test_ids_begin_with_the_figures_name_and_links_find_them(drawing: Drawing) -> None:
    ids = {found for node in _elements(drawing) if (found := node.get("id"))}
    assert all(found.startswith(drawing.name.replace("_", "-")) for found in ids)
    linked = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', drawing.svg))
    assert linked == ids


def test_two_figures_of_one_name_share_no_id(drawn: ModuleType) -> None:
    ids = [set(re.findall(r' id="([^"]+)"', drawn.lines(others=others).svg)) for others in ("band", "lines")]
    assert ids[0] and ids[1] and not ids[0] & ids[1]


def test_a_label_may_begin_with_an_underscore(drawn: ModuleType) -> None:
    assert "_others" in drawn.lines(others_words="_others", others="lines").svg


def test_coordinates_have_one_decimal_outside_marker_shapes(drawing: Drawing) -> None:
    root = ET.fromstring(drawing.svg)
    shapes = {id(node) for defs in root.iter("{http://www.w3.org/2000/svg}defs") for node in defs.iter()}
    for node in root.iter():
        if id(node) not in shapes:
            numbers = " ".join(node.get(key, "") for key in ("d", "x", "y", "transform"))
            assert not re.search(r"\.\d\d", numbers)


def test_words_are_at_least_11_pixels_high_on_a_picture_of_640(drawing: Drawing) -> None:
    width = float(ET.fromstring(drawing.svg).get("viewBox", "").split()[2])
    sizes = [float(size) for node in _elements(drawing) if (size := node.get("font-size"))]
    assert sizes and min(sizes) * 640 / width >= 11


def test_no_word_leaves_the_picture(drawing: Drawing) -> None:
    root = ET.fromstring(drawing.svg)
    _, _, width, height = (float(part) for part in root.get("viewBox", "").split())
    for node in root.iter("{http://www.w3.org/2000/svg}text"):
        moved = re.search(r"translate\(([-\d.]+) ([-\d.]+)\)", node.get("transform", ""))
        x, y = (float(moved[1]), float(moved[2])) if moved else (float(node.get("x", "0")), float(node.get("y", "0")))
        length = len(node.text or "") * float(node.get("font-size", "10")) * 0.5
        left = x - length * {"middle": 0.5, "end": 1.0}.get(node.get("text-anchor", "start"), 0.0)
        assert left >= -2 and left + length <= width + 2, node.text
        assert 5 <= y <= height, node.text


def test_title_and_subtitle_stand_outside_the_picture(drawing: Drawing) -> None:
    assert drawing.title not in drawing.svg
    assert drawing.subtitle not in drawing.svg


@pytest.fixture(scope="module")
def usual(drawn: ModuleType) -> dict[str, str]:
    """Every picture, drawn once."""
    return {name: getattr(drawn, name)().svg for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_stays_small(usual: dict[str, str], name: str) -> None:
    assert len(usual[name].encode()) <= LIMITS[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_rows_give_the_same_bytes(drawn: ModuleType, usual: dict[str, str], name: str) -> None:
    assert getattr(drawn, name)().svg == usual[name]


def test_two_processes_give_the_same_bytes(root: Path) -> None:
    program = str(Path(__file__).with_name("every_chart.py"))
    hashes = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root / "src")}
        done = subprocess.run([sys.executable, program], env=environment, capture_output=True, text=True, check=True)
        hashes.add(done.stdout)
    assert len(hashes) == 1
    assert len(hashes.pop().splitlines()) == len(NAMES)


def test_a_users_own_settings_neither_change_a_chart_nor_are_changed(drawn: ModuleType, usual: dict[str, str]) -> None:
    own = {"font.size": 30.0, "axes.facecolor": "black", "svg.fonttype": "path", "text.parse_math": True}
    with mpl.rc_context(own):
        before = dict(mpl.rcParams)
        assert {drawing.svg for drawing in drawn.every_chart()} == set(usual.values())
        assert dict(mpl.rcParams) == before


def test_no_figure_enters_the_register_of_pyplot(usual: dict[str, str]) -> None:
    assert usual
    import matplotlib.pyplot as plt

    assert plt.get_fignums() == []


def test_frames_come_back_as_they_went_in(drawn: ModuleType) -> None:
    frame = drawn.paths_frame()
    before = frame.copy()
    drawn.lines(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_symbols_of_mathematics_and_markup_stay_as_they_are(drawn: ModuleType) -> None:
    awkward = "A_1 $x^2$ & <b>"
    frame = drawn.paths_frame().replace({"series": {"Oakshire": awkward, "England": "two $ and $ three\x07"}})
    made = drawn.lines(frame, highlight=awkward, comparisons=["two $ and $ three\x07"])
    words = " ".join(ET.fromstring(made.svg).itertext())
    assert "A_1 $x^2$ & <b>" in words
    assert "two $ and $ three" in words


def test_the_package_is_light_until_a_chart_is_asked_for(root: Path) -> None:
    code = (
        "import sys, insight.charts as c; dir(c); "
        "assert not {'matplotlib', 'seaborn', 'pandas'} & set(sys.modules), 'loaded too early'; "
        "c.trend; import insight.charts.trends; assert callable(c.trend)"
    )
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def test_an_unknown_chart_is_named_with_those_there_are() -> None:
    import insight.charts

    with pytest.raises(AttributeError, match="forest_chart"):
        insight.charts.pie_chart  # noqa: B018 - the look-up is what is tested
