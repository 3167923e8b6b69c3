"""Small multiples: one scale for all, the others behind each, every gap with its reason."""
# ruff: noqa: S314 - the SVG was written by the code under test

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from insight.charts import palette
from insight.charts.multiples_panels import band_shapes
from insight.charts.sheets import Scale
from insight.core.period import PeriodKind
from insight.core.results import Drawing
from insight.errors import DisclosureBlocked, NotDisplayable, NotEnoughData

PATH, TEXT = "{http://www.w3.org/2000/svg}path", "{http://www.w3.org/2000/svg}text"


def _words(drawing: Drawing) -> list[str]:
    return [node.text or "" for node in ET.fromstring(drawing.svg).iter(TEXT)]


def _line(drawing: Drawing, colour: str, thick: str) -> list[list[tuple[float, float]]]:
    """Every unbroken run of a line of this look, place by place."""
    for node in ET.fromstring(drawing.svg).iter(PATH):
        if node.get("stroke") == colour.lower() and node.get("stroke-width") == thick:
            runs = node.get("d", "").split("M")[1:]
            return [[(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", run)] for run in runs]
    raise AssertionError("no such line")


def test_every_member_has_its_name_and_its_last_value_in_words(drawn: ModuleType) -> None:
    drawing = drawn.multiples()
    frame = drawn.members_frame()
    words = _words(drawing)
    for series, own in frame.groupby("series"):
        assert series in words
        there = own[own["value"].notna()]
        if len(there):
            last = there.iloc[-1]
            assert f"{last['value']:.1f} in {last['time_period']}" in words
    assert "no value: withheld to protect people" in " ".join(words)
    assert any(word.endswith("in 2023") for word in words)


def test_all_panels_share_one_scale(drawn: ModuleType) -> None:
    """Two panels of one row: equal differences in value are equal differences in height."""
    frame = pd.DataFrame(
        [(name, year, value, "value") for name, values in {"A": (10, 20), "B": (15, 10)}.items()
         for year, value in zip((2024, 2025), values, strict=True)],
        columns=["series", "time_period", "value", "status"],
    )  # fmt: skip
    (a, b) = _line(drawn.multiples(frame, highlight=None), palette.WORDS, "1.5")
    assert a[0][1] - a[1][1] == pytest.approx(2 * (b[1][1] - b[0][1]), abs=0.2)
    assert a[0][1] == pytest.approx(b[1][1], abs=0.11)
    assert b[0][0] - a[0][0] == pytest.approx(b[1][0] - a[1][0], abs=0.11)


def test_a_line_breaks_where_a_year_has_no_value(drawn: ModuleType) -> None:
    frame = drawn.members_frame()
    own = frame[frame["series"] == "Member 01"]
    whole = own.assign(value=own["value"].fillna(10.0), status="value")
    assert len(_line(drawn.multiples(own, highlight="Member 01"), palette.HIGHLIGHT, "2.6")) == 2
    assert len(_line(drawn.multiples(whole, highlight="Member 01"), palette.HIGHLIGHT, "2.6")) == 1


def test_a_line_does_not_run_over_years_that_nobody_has(drawn: ModuleType) -> None:
    frame = drawn.members_frame()
    own = frame[(frame["series"] == "Member 05") & ~frame["time_period"].isin([2020, 2021])]
    drawing = drawn.multiples(own, highlight="Member 05")
    assert len(_line(drawing, palette.HIGHLIGHT, "2.6")) == 2
    assert "2020 and 2021 (no row published)" in drawing.alt


def test_the_band_is_of_the_others_alone() -> None:
    others = np.array([[1.0, np.nan, 3.0, 4.0], [2.0, np.nan, 5.0, np.nan]])
    (shape,) = band_shapes(others, x=np.array([0.0, 1.0, 2.0, 3.0]), up=Scale(0.0, 10.0, 0.0, 10.0))
    assert shape.tolist() == [[2.0, 5.0], [3.0, 4.0], [3.0, 4.0], [2.0, 3.0]]


def test_a_panel_alone_has_no_band_and_no_key_to_one(drawn: ModuleType) -> None:
    frame = drawn.members_frame()
    drawing = drawn.multiples(frame[frame["series"] == "Member 05"])
    assert not any("lowest to highest" in word for word in _words(drawing))
    assert "One panel" in drawing.alt


def test_marks_are_explained(drawn: ModuleType) -> None:
    words = _words(drawn.multiples())
    assert {"withheld to protect people", "not available", "zero"} <= set(words)


def test_panels_stand_by_name_by_value_or_as_given(drawn: ModuleType) -> None:
    frame = drawn.members_frame()
    by_name = [word for word in _words(drawn.multiples(frame[::-1])) if word.startswith("Member")]
    assert by_name == sorted(by_name)
    given = [word for word in _words(drawn.multiples(frame[::-1], order="given")) if word.startswith("Member")]
    assert given == by_name[::-1]
    rows = drawn.multiples(frame, order="value").table.frame
    last = rows["v2025"].fillna(rows["v2024"]).fillna(rows["v2023"]).tolist()
    assert last[:-1] == sorted(last[:-1], reverse=True) and np.isnan(last[-1])


def test_the_table_has_a_row_for_each_member_and_no_number_where_one_is_hidden(drawn: ModuleType) -> None:
    frame = drawn.multiples().table.frame.set_index("series")
    assert len(frame) == 14
    assert np.isnan(frame.loc["Member 01", "v2020"]) and frame.loc["Member 01", "v2020__status"] == "suppressed"


def test_periods_are_written_as_their_kind_is(drawn: ModuleType) -> None:
    drawing = drawn.multiples(kind=PeriodKind.ACADEMIC_YEAR)
    assert any(word.endswith("in 2024/25") for word in _words(drawing))
    assert drawing.table.columns[1].label == "2016/17"
    assert "in 2016/17" in drawing.alt
    assert any(word.endswith("in 2023–25") for word in _words(drawn.multiples(kind=PeriodKind.THREE_CALENDAR_YEARS)))


@pytest.mark.parametrize(("several", "size"), [(14, 40_000), (33, 60_000)])
def test_a_whole_group_stays_small(drawn: ModuleType, several: int, size: int) -> None:
    frame = drawn.members_frame(several)
    names = frame["series"].str.replace("Member", "Bournemouth, Christchurch and Poole")
    drawing = drawn.multiples(frame.assign(series=names), highlight="Bournemouth, Christchurch and Poole 07")
    assert len(drawing.svg.encode()) <= size
    assert drawing.alt.count("Bournemouth") == several


def test_a_scale_may_start_at_zero(drawn: ModuleType) -> None:
    frame = drawn.members_frame()
    frame = frame[frame["series"] == "Member 13"]
    assert "0" not in _words(drawn.multiples(frame)) and "0" in _words(drawn.multiples(frame, from_zero=True))


def test_what_cannot_be_drawn_is_refused_in_words(drawn: ModuleType) -> None:
    frame = drawn.members_frame()
    with pytest.raises(NotEnoughData, match=r"1 period"):
        drawn.multiples(frame[frame["time_period"] == 2020])
    with pytest.raises(NotEnoughData, match="41 series"):
        drawn.multiples(drawn.members_frame(41))
    with pytest.raises(NotEnoughData, match="no value"):
        drawn.multiples(frame[frame["series"] == "Member 03"])
    with pytest.raises(NotEnoughData, match=r"0 period"):
        drawn.multiples(frame[:0])
    with pytest.raises(NotDisplayable, match="9 repeated"):
        drawn.multiples(pd.concat([frame, frame[frame["series"] == "Member 05"]]))
    with pytest.raises(DisclosureBlocked, match="hides"):
        drawn.multiples(frame.assign(status="suppressed"))
