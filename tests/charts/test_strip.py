"""Strips: every member stands where its figure is, and is named there or in the key."""
# ruff: noqa: S314 - the SVG was written by the code under test

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from insight.charts import Strip
from insight.charts.lettering import width
from insight.charts.sheets import ACROSS
from insight.charts.strip_lanes import Lane
from insight.charts.strip_places import ROUND, Group, NamePlace, levels, names
from insight.core.results import Drawing
from insight.errors import DisclosureBlocked, NotDisplayable, NotEnoughData

TEXT = "{http://www.w3.org/2000/svg}text"


def _words(drawing: Drawing) -> list[str]:
    return [node.text or "" for node in ET.fromstring(drawing.svg).iter(TEXT)]


def _rows(values: list[float], key: str = "one") -> pd.DataFrame:
    areas = [f"Place {place:02}" for place in range(len(values))]
    status = ["suppressed" if value != value else "value" for value in values]
    return pd.DataFrame({"strip": key, "area": areas, "value": values, "status": status})


def _group(place: int, at: float, *areas: str, is_mine: bool = False) -> Group:
    return Group(place, at, f"{at:.1f}", areas, is_mine)


def test_names_stand_beside_dots_that_are_far_apart(drawn: ModuleType) -> None:
    words = _words(drawn.strip())
    assert {"Place A", "Place B 20.0", "Place C", "Place D"} <= set(words)


def test_numbers_with_a_key_stand_where_names_do_not_fit(drawn: ModuleType) -> None:
    drawing = drawn.strip()
    words = _words(drawing)
    assert {str(number) for number in range(1, 13)} <= set(words)
    key = " ".join(words).replace("\u00a0", " ")
    assert "1 Place A 2.0;" in key and "12 Place L 13.1" in key
    for place, letter in enumerate("BCDEFGHIJK", start=2):
        assert f"{place} Place {letter} {12 + (place - 1) / 10:.1f};" in key


def test_members_that_share_a_figure_are_one_dot_that_says_how_many(drawn: ModuleType) -> None:
    words = _words(drawn.strip())
    assert "1 ×4" in words and "3 ×4" in words
    assert "1 Poor: Place A · Place D · Place G · Place J;" in " ".join(words).replace("\u00a0", " ")


def test_marks_are_said_with_their_figure(drawn: ModuleType) -> None:
    words = _words(drawn.strip())
    assert {"target 85.0", "England 40.0", "England 12.0", "aim Good"} <= set(words)


def test_who_has_no_value_and_why_is_said_in_words(drawn: ModuleType) -> None:
    drawing = drawn.strip()
    assert "withheld to protect people: Place E" in _words(drawing)
    assert "No value, withheld to protect people: Place E." in drawing.alt


def test_a_zero_has_its_mark(drawn: ModuleType) -> None:
    assert "zero" in _words(drawn.strip())
    rows = drawn.strip_rows()
    assert "zero" not in _words(drawn.strip(rows[rows["value"] != 0]))


def test_a_dot_stands_where_its_figure_is() -> None:
    lane = Lane(Strip("one", "One"), _rows([0.0, 25.0, 100.0]), None)
    low, middle, high = (group.at for group in lane.groups)
    assert (middle - low) / (high - low) == pytest.approx(0.25)


def test_no_name_meets_another() -> None:
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(40):
        places = sorted(rng.uniform(15, ACROSS - 15, 9))
        groups = [_group(number, at, f"Place number {number}") for number, at in enumerate(places, start=1)]
        placed = names(groups)
        if placed is None:
            continue
        found += 1
        assert [place.group for place in placed] == groups
        for one, other in itertools.combinations(placed, 2):
            assert not (one.level == other.level and one.left < other.right and other.left < one.right)
            assert not _is_crossed(one, other) and not _is_crossed(other, one)
        assert all(place.left >= 0 and place.right <= ACROSS for place in placed)
    assert 10 < found < 40


def _is_crossed(name: NamePlace, other: NamePlace) -> bool:
    """Whether the stroke to a farther name runs through this one."""
    same_side = name.level * other.level > 0
    return same_side and abs(other.level) > abs(name.level) and name.left <= other.group.at <= name.right


def test_many_who_share_a_figure_or_dots_that_touch_get_numbers() -> None:
    assert names([_group(1, 50.0, "A", "B", "C")]) is None
    assert names([_group(1, 50.0, "A"), _group(2, 51.0, "B")]) is None
    assert names([_group(1, 50.0, "A", "B"), _group(2, 91.0, "C")]) is not None


def test_names_that_fit_nowhere_are_given_up_for_numbers() -> None:
    groups = [_group(number, 100.0 + 10 * number, "A rather long name of a place") for number in range(1, 15)]
    assert names(groups) is None


def test_no_numbered_dot_covers_another() -> None:
    rng = np.random.default_rng(4)
    places = sorted(rng.normal(200, 30, 33))
    groups = [_group(number, at, "A", "B") for number, at in enumerate(places, start=1)]
    for (one, its), (other, theirs) in itertools.combinations(zip(groups, levels(groups), strict=True), 2):
        assert its != theirs or abs(one.at - other.at) >= one.half + other.half + ROUND


def test_a_dot_is_as_long_as_its_words() -> None:
    assert 2 * _group(12, 1.0, *"ABCDEFGHIJKLMNOPQRST").half + ROUND > width("12 ×20", 8.6)


def test_the_words_give_the_ends_the_highlight_and_the_marks(drawn: ModuleType) -> None:
    alt = drawn.strip().alt
    assert "4 members from 0.0 (Place A) to 70.0 (Place D)." in alt
    assert "Place B: 20.0." in alt and "Target: 85.0. England: 40.0." in alt
    assert "from Poor (4 members) to Good (4 members)" in alt


def test_the_table_holds_every_member_and_every_mark(drawn: ModuleType) -> None:
    drawing = drawn.strip()
    frame = drawing.table.frame
    assert len(frame) == 5 + 2 + 12 + 1 + 12 + 1
    assert frame.loc[frame["area"] == "Place E", "value__status"].iloc[0] == "suppressed"
    assert set(frame.loc[frame["label"] == "In words", "said"]) == {"Poor", "Fair", "Good"}


def test_a_strip_may_have_one_member_or_none(drawn: ModuleType) -> None:
    one = drawn.strip(_rows([12.3]), strips=[Strip("one", "One")])
    assert "Place 00" in _words(one) and "Place 00: 12.3." in one.alt
    both = pd.concat([_rows([12.3]), _rows([np.nan], "two")])
    drawing = drawn.strip(both, strips=[Strip("one", "One"), Strip("two", "Two"), Strip("three", "Three")])
    assert "withheld to protect people: Place 00" in _words(drawing)
    assert "Three" in _words(drawing)


def test_rows_of_other_strips_are_left_out(drawn: ModuleType) -> None:
    both = pd.concat([_rows([1.0, 2.0]), _rows([5.0, np.inf], "two").assign(value=5.0)])
    assert len(drawn.strip(both, strips=[Strip("one", "One")]).table.frame) == 2


def test_what_cannot_be_drawn_is_refused_in_words(drawn: ModuleType) -> None:
    rows = drawn.strip_rows()
    with pytest.raises(NotEnoughData, match="no value"):
        drawn.strip(rows, strips=[Strip("nothing", "Nothing")])
    with pytest.raises(NotDisplayable, match="1 repeated"):
        drawn.strip(pd.concat([rows, rows[:1]]))
    with pytest.raises(NotDisplayable, match="4 marks"):
        drawn.strip(strips=[Strip("far", "Far", marks=tuple((word, 1.0) for word in "abcd"))])
    with pytest.raises(NotDisplayable, match="not finite"):
        drawn.strip(strips=[Strip("far", "Far", marks=(("target", np.nan),))])
    with pytest.raises(NotDisplayable, match="no column"):
        drawn.strip(rows.drop(columns="status"))
    with pytest.raises(DisclosureBlocked, match="hides"):
        drawn.strip(rows.assign(status="suppressed"))
