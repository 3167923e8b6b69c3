"""Ranked dots: in order, with their intervals, and nobody dropped in silence."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from insight.charts import Level
from insight.core.results import Drawing
from insight.errors import DisclosureBlocked, NotDisplayable, NotEnoughData
from tests.charts.looking import collisions, seen, words


def _names(drawing: Drawing) -> list[str]:
    """The names beside the rows, from the top."""
    lines = [each for each in seen(drawing) if each.text.removeprefix("◆ ").startswith("Area ")]
    return [each.text.removeprefix("◆ ") for each in sorted(lines, key=lambda each: each.foot)]


def test_areas_stand_from_high_to_low_and_those_without_a_figure_last(drawn: ModuleType) -> None:
    rows = drawn.ranked_rows().dropna(subset=["value"])
    expected = [area for _, area in sorted(zip(-rows["value"], rows["area"], strict=True))]
    assert _names(drawn.ranked()) == [*expected, "Area 3"]


def test_the_order_may_be_turned_or_kept(drawn: ModuleType) -> None:
    rows = drawn.ranked_rows().dropna(subset=["value"])
    expected = [area for _, area in sorted(zip(rows["value"], rows["area"], strict=True))]
    assert _names(drawn.ranked(order="low first")) == [*expected, "Area 3"]
    kept = [f"Area {number}" for number in range(14) if number != 3]
    assert _names(drawn.ranked(order="as given")) == [*kept, "Area 3"]


def test_equal_figures_stand_in_the_order_of_their_names(drawn: ModuleType) -> None:
    rows = drawn.ranked_rows().assign(value=10.0, low=9.0, high=11.0, status="value")
    names = sorted(rows["area"])
    for given in (rows, rows[::-1]):
        assert _names(drawn.ranked(given)) == names


def test_every_row_has_its_number_and_interval_beside_it(drawn: ModuleType) -> None:
    drawing = drawn.ranked()
    lines = seen(drawing)
    for row in drawn.ranked_rows().dropna().itertuples():
        said = f"{row.value:.1f} ({row.low:.1f} to {row.high:.1f})"
        (name,) = [each for each in lines if each.text.removeprefix("◆ ") == row.area]
        assert any(each.text == said and abs(each.foot - name.foot) < 0.2 for each in lines), said


def test_a_row_without_a_figure_has_its_mark_and_reason_and_no_dot(drawn: ModuleType) -> None:
    drawing = drawn.ranked()
    assert "no value" in words(drawing) and "withheld to protect people" in words(drawing)
    dots = sum(len(line.get_xdata()) for line in drawing.axes.lines if line.get_marker() == "o")
    diamonds = sum(len(line.get_xdata()) for line in drawing.axes.lines if line.get_markersize() == 6.5)
    assert (dots, diamonds) == (10, 3)
    assert "No value for Area 3 (withheld to protect people)." in drawing.alt


def test_a_zero_and_a_figure_without_interval_are_what_they_are(drawn: ModuleType) -> None:
    drawing = drawn.ranked()
    assert "zero" in words(drawing)
    row = drawing.table.frame.set_index("area").loc["Area 4"]
    assert row["value"] == 0.0 and row["low__status"] == "not available"


def test_whiskers_reach_from_end_to_end(drawn: ModuleType) -> None:
    drawing = drawn.ranked()
    (mine,) = [line for line in drawing.axes.lines if line.get_linewidth() == 3.0]
    row = drawn.ranked_rows().loc[7]
    assert np.allclose(mine.get_xdata()[:2], [row["low"], row["high"]])


def test_the_chosen_area_is_bold_and_neighbours_have_diamonds(drawn: ModuleType) -> None:
    drawing = drawn.ranked()
    assert {each.text for each in seen(drawing) if each.is_bold} == {"Area 7", "20.4 (19.3 to 21.5)"}
    assert {each.text for each in seen(drawing) if each.text.startswith("◆")} == {"◆ Area 1", "◆ Area 9", "◆ Area 12"}
    assert "3 statistical neighbours" in words(drawing) and "9 others" in words(drawing)


def test_lines_of_nation_and_region_carry_their_words_and_differ_in_dash(drawn: ModuleType) -> None:
    drawing = drawn.ranked()
    upright = [line for line in drawing.axes.lines if list(line.get_ydata()) == [0, 1] and line.get_linewidth() == 1.5]
    assert [line.get_xdata()[0] for line in upright] == [15.3, 14.8]
    assert [line.is_dashed() for line in upright] == [False, True]
    assert "England 15.3" in words(drawing) and "North 14.8" in words(drawing)
    assert drawing.table.frame["area"].tolist()[-2:] == ["England", "North"]


@pytest.mark.parametrize("apart", [0.0, 0.2, 5.0])
def test_words_of_lines_close_together_do_not_cover_each_other(drawn: ModuleType, apart: float) -> None:
    names = ("England, all authorities", "Yorkshire and The Humber", "London")
    levels = [Level(words_of, 15 + apart * place) for place, words_of in enumerate(names)]
    assert collisions(drawn.ranked(levels=levels)) == []


def test_of_many_areas_only_the_chosen_one_and_its_neighbours_are_named(drawn: ModuleType) -> None:
    drawing = drawn.ranked_all()
    named = [each.text for each in seen(drawing) if each.text.startswith("Area ")]
    assert len(named) == 11
    assert collisions(drawing) == []
    assert "1 not on the chart: withheld to protect people" in words(drawing)
    assert len(drawing.table.frame) == 153 + 2


def test_many_areas_fit_a_page(drawn: ModuleType) -> None:
    height = float(drawn.ranked_all().svg.split('viewBox="0 0 475.2 ')[1].split('"')[0])
    assert height < 700


def test_a_very_wide_interval_does_not_flatten_the_rest_and_ends_in_arrows(drawn: ModuleType) -> None:
    rows = drawn.ranked_rows()
    rows.loc[5, ["low", "high"]] = [rows["value"][5] - 300, rows["value"][5] + 300]
    drawing = drawn.ranked(rows)
    low, high = drawing.axes.get_xlim()
    assert high - low < 60
    assert {line.get_marker() for line in drawing.axes.lines} >= {"<", ">"}
    assert drawing.table.frame["high"].max() > 300


def test_long_names_are_cut_beside_the_row_and_whole_in_the_table(drawn: ModuleType) -> None:
    long = "Bournemouth, Christchurch and Poole"
    drawing = drawn.ranked(drawn.ranked_rows().replace({"area": {"Area 5": long}}))
    assert long not in words(drawing) and "Bournemouth, Christchurch…" in words(drawing)
    assert long in drawing.table.frame["area"].tolist()


def test_one_area_is_enough(drawn: ModuleType) -> None:
    drawing = drawn.ranked(drawn.ranked_rows()[7:8], levels=[])
    assert "Area 7: 20.4 (19.3 to 21.5)." in drawing.alt
    low, high = drawing.axes.get_xlim()
    assert low < 20.4 < high


def test_an_area_without_a_row_or_a_figure_is_said(drawn: ModuleType) -> None:
    assert "Nowhere is not on the chart: no row published." in drawn.ranked(highlight="Nowhere").alt
    assert "Area 3: withheld to protect people." in drawn.ranked(highlight="Area 3").alt


def test_what_cannot_be_drawn_is_refused_in_words(drawn: ModuleType) -> None:
    rows = drawn.ranked_rows()
    for none in (rows[:0], rows[3:4]):
        with pytest.raises(NotEnoughData, match="no value"):
            drawn.ranked(none)
    with pytest.raises(NotEnoughData, match="comes twice"):
        drawn.ranked(pd.concat([rows, rows[:1]]))
    with pytest.raises(NotEnoughData, match="4 lines"):
        drawn.ranked(levels=[Level("a", 1.0)] * 4)
    with pytest.raises(NotEnoughData, match="16 neighbours"):
        drawn.ranked(neighbours=[f"Area {number}" for number in range(100, 116)])
    with pytest.raises(NotDisplayable, match="interval"):
        drawn.ranked(rows.assign(low=rows["high"]))
    with pytest.raises(DisclosureBlocked, match="hides them"):
        drawn.ranked(rows.assign(status="suppressed"))
