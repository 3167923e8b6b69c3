"""Path data: short, rounded once, and gaps stay gaps."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.path import Path

from insight.charts.shapes import dots, outline, polyline, short

PLACES = arrays(np.float64, st.tuples(st.integers(1, 40), st.just(2)), elements=st.floats(-500, 500))


def _walked(path: str) -> list[tuple[float, float]]:
    """Where the dots of a path stand, step by step."""
    number = re.compile(r"-?\d*\.?\d+")
    places = [(0.0, 0.0)]
    for step in re.findall(r"[Mm]([^h]+)h0", path):
        right, down = (float(found) for found in number.findall(step))
        places.append((places[-1][0] + right, places[-1][1] + down))
    return places[1:]


@given(PLACES)
def test_no_dot_is_lost_and_none_moves_by_more_than_rounding(places: np.ndarray) -> None:
    walked = _walked(dots(places))
    assert len(walked) == len(places)
    wanted = sorted(tuple(place) for place in np.rint(places * 10) / 10 + 0.0)
    assert np.array(walked) == pytest.approx(np.array(wanted), abs=1e-6)


@given(PLACES)
def test_a_line_never_stays_where_it_is(places: np.ndarray) -> None:
    corners = re.findall(r"[ML]([^ML]+)", polyline(places))
    assert all(one != other for one, other in itertools.pairwise(corners))


def test_a_line_breaks_where_a_place_is_missing() -> None:
    nothing = [np.nan, 1.0]
    assert polyline(np.array([[0, 0], [1, 1], nothing, [2, 2], [3, 3.04]])) == "M0 0L1 1M2 2L3 3"
    assert polyline(np.array([[0, 0], nothing, [2, 2]])) == ""


def test_curves_and_closed_paths_keep_their_letters() -> None:
    corners = np.array([[0, 0], [4, 0], [4, 4], [0, 4], [0, 2], [0, 1], [9, 9]], dtype=float)
    codes = [Path.MOVETO, Path.LINETO, Path.CURVE3, Path.CURVE3, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    assert outline(Path(corners, codes), corners) == "M0 0L4 0Q4 4 0 4L0 2L0 1z"


@pytest.mark.parametrize(("value", "text"), [(0.04, "0"), (-0.04, "0"), (10.0, "10"), (1.25, "1.2"), (-1.26, "-1.3")])
def test_numbers_are_as_short_as_their_decimals_allow(value: float, text: str) -> None:
    assert short(value) == text
