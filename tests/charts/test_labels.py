"""Labels that make room for each other."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from insight.charts.labels import spread

LABELS = st.lists(st.tuples(st.floats(0, 200), st.floats(8, 30)), min_size=1, max_size=8)


@given(LABELS)
def test_labels_never_overlap_and_keep_their_order(labels: list[tuple[float, float]]) -> None:
    wanted, heights = [place for place, _ in labels], [height for _, height in labels]
    centres = spread(wanted, heights, 0, 250)
    order = sorted(range(len(labels)), key=lambda i: wanted[i])
    for lower, upper in itertools.pairwise(order):
        assert centres[upper] - centres[lower] >= (heights[lower] + heights[upper]) / 2 - 1e-6


@given(LABELS)
def test_labels_stay_within_bounds_where_they_fit(labels: list[tuple[float, float]]) -> None:
    wanted, heights = [place for place, _ in labels], [height for _, height in labels]
    centres = spread(wanted, heights, 0, 250)
    for centre, height in zip(centres, heights, strict=True):
        assert centre - height / 2 >= -1e-6
        assert centre + height / 2 <= 250 + 1e-6


def test_labels_with_room_stay_where_they_are_wanted() -> None:
    assert spread([10, 60, 110], [10, 10, 10], 0, 200) == [10, 60, 110]
