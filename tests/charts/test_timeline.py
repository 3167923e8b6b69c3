"""Timelines: grades are steps in words, spells are bands, and what is not graded has a mark of its own."""

from __future__ import annotations

from datetime import date
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from insight.charts import palette
from insight.charts.dated import days
from insight.core.results import Drawing
from insight.errors import NotDisplayable, NotEnoughData
from tests.charts.looking import collisions, seen, words


def _alone(drawn: ModuleType, **changed: object) -> Drawing:
    """Oakshire without its spell and end."""
    made = drawn.timeline(drawn.judgements()[:6], **{"spells": None, "ends": None, **changed})
    assert isinstance(made, Drawing)
    return made


def _many(several: int, apart: int) -> pd.DataFrame:
    """Judgements of one grade, so many days apart."""
    first = date(2010, 1, 4).toordinal()
    rows = [("Oakshire", date.fromordinal(first + apart * k), "ILACS", "Good", "value") for k in range(several)]
    return pd.DataFrame(rows, columns=["area", "date", "framework", "grade", "status"])


def test_a_grade_holds_until_the_day_of_the_next_judgement(drawn: ModuleType) -> None:
    (line,) = [each for each in _alone(drawn).axes.lines if each.get_linewidth() == 2.4]
    day = {name: date.fromisoformat(name).toordinal() for name in drawn.judgements()["date"][:5]}
    first, second, third, fourth, fifth = day.values()
    until = date.fromisoformat(drawn.UNTIL).toordinal()
    # Outstanding 3, Good 2, Requires improvement 1, Inadequate 0; the sixth judgement has no grade and changes nothing.
    assert line.get_xdata().tolist() == [first, second, second, third, third, fourth, fourth, fifth, fifth, until]
    assert line.get_ydata().tolist() == [2, 2, 1, 1, 0, 0, 1, 1, 2, 2]


def test_the_four_grades_stand_in_words_with_the_best_on_top(drawn: ModuleType) -> None:
    lines = {each.text: each.foot for each in seen(_alone(drawn))}
    assert lines["Outstanding"] < lines["Good"] < lines["Requires"] < lines["improvement"] < lines["Inadequate"]


def test_each_judgement_carries_its_framework_and_month(drawn: ModuleType) -> None:
    said = words(_alone(drawn))
    for label in ("SLAC Nov 2010", "SLAC Jul 2013", "SIF Mar 2016", "SIF again Jun 2018", "ILACS Sep 2021"):
        assert label in said


def test_a_judgement_without_a_grade_has_a_mark_under_the_grades(drawn: ModuleType) -> None:
    drawing = _alone(drawn)
    (mark,) = [line for line in drawing.axes.lines if line.get_marker() == "_"]
    assert mark.get_ydata()[0] == -1
    assert "no grade: not applicable" in words(drawing)
    assert "no grade (not applicable) on 14 February 2025 (ILACS)" in drawing.alt


def test_where_every_judgement_has_a_grade_there_is_no_row_for_none(drawn: ModuleType) -> None:
    assert "no grade" not in words(drawn.timeline(drawn.judgements()[:5], spells=None, ends=None))


def test_spells_are_bands_from_day_to_day_with_their_length(drawn: ModuleType) -> None:
    drawing = drawn.timeline()
    bands = [patch.get_bbox() for ax in drawing.axes for patch in ax.patches]
    expected = [("2016-03-11", "2021-09-08"), ("2015-02-26", "2023-04-01")]
    ends = [tuple(float(date.fromisoformat(day).toordinal()) for day in pair) for pair in expected]
    assert [(band.x0, band.x1) for band in bands] == ends
    # 2007 days and 2956 days over 365.25
    assert "5.5 years" in words(drawing) and "8.1 years, not ended" in words(drawing)


def test_an_open_spell_has_no_closing_line(drawn: ModuleType) -> None:
    closed, still_open = (
        [line.get_xdata()[0] for line in ax.lines if line.get_color() == palette.OTHERS] for ax in drawn.timeline().axes
    )
    assert len(closed) == 2 and len(still_open) == 1


def test_the_line_stops_at_the_areas_end_and_is_dashed_once_no_grades_are_given(drawn: ModuleType) -> None:
    until = "2026-12-31"
    oakshire, elmland = drawn.timeline(until=until).axes
    end = date(2023, 4, 1).toordinal()
    assert max(max(line.get_xdata()) for line in elmland.lines if line.get_color() == palette.HIGHLIGHT) == end
    (dashed,) = [line for line in oakshire.lines if line.is_dashed() and line.get_color() == palette.HIGHLIGHT]
    assert dashed.get_xdata().tolist() == [date(2026, 4, 27).toordinal(), date.fromisoformat(until).toordinal()]
    assert "abolished on 1 April 2023" in words(drawn.timeline())


@pytest.mark.parametrize(("several", "apart"), [(1, 1), (6, 700), (12, 480), (8, 120), (17, 300)])
def test_labels_never_cover_each_other(drawn: ModuleType, several: int, apart: int) -> None:
    assert collisions(drawn.timeline(_many(several, apart), spells=None, ends=None)) == []


def test_judgements_too_close_for_words_are_numbered_and_told_below(drawn: ModuleType) -> None:
    drawing = drawn.timeline(_many(12, 120), spells=None, ends=None)
    said = words(drawing)
    assert "1: ILACS, " in said
    assert all(f"{number}: " in said for number in range(1, said.count(": ILACS") + 1))
    # Twelve judgements, each either labelled or told below.
    assert sum(each.text == "ILACS" for each in seen(drawing)) + said.count(": ILACS") == 12


def test_the_words_below_are_no_nearer_to_the_years_than_a_line(drawn: ModuleType) -> None:
    drawing = drawn.timeline(_many(12, 120), spells=None, ends=None)
    lines = seen(drawing)
    (note,) = [each for each in lines if each.text.startswith("1: ")]
    years = [each for each in lines if each.text == "2012"]
    assert note.top > years[0].foot


def test_an_area_without_judgements_has_its_panel_and_says_so(drawn: ModuleType) -> None:
    drawing = drawn.timeline(areas=["Oakshire", "Newshire"])
    assert len(drawing.axes) == 2
    assert "no judgement published" in words(drawing)
    assert "Newshire: no judgement published." in drawing.alt
    assert drawing.table.frame["what"].iloc[-1] == "no judgement published"


def test_the_words_of_one_area_tell_every_judgement_with_its_day(drawn: ModuleType) -> None:
    alt = _alone(drawn).alt
    assert "Good on 5 November 2010 (SLAC); Requires improvement on 19 July 2013 (SLAC)" in alt
    assert "Good on 8 September 2021 (ILACS)" in alt


def test_the_words_of_several_areas_tell_the_first_and_the_last(drawn: ModuleType) -> None:
    alt = drawn.timeline().alt
    assert "Oakshire: 6 judgements, first Good on 5 November 2010 (SLAC); last no grade" in alt
    assert "In grey: 26 February 2015 to 1 April 2023 (8.1 years, not ended). Abolished on 1 April 2023." in alt


def test_the_table_has_every_judgement_spell_and_end_in_order(drawn: ModuleType) -> None:
    frame = drawn.timeline().table.frame
    assert frame.groupby("area", sort=False).size().to_dict() == {"Oakshire": 8, "Elmland": 5}
    for _, rows in frame.groupby("area"):
        assert rows["start"].is_monotonic_increasing


def test_the_order_of_rows_does_not_matter_within_an_area(drawn: ModuleType) -> None:
    areas = ["Oakshire", "Elmland"]
    assert drawn.timeline(drawn.judgements()[::-1], areas=areas).svg == drawn.timeline(areas=areas).svg


def test_days_may_be_text_dates_or_timestamps() -> None:
    given = ["2020-02-29", date(2020, 2, 29), pd.Timestamp("2020-02-29")]
    assert days(given, name="a", column="date") == [date(2020, 2, 29)] * 3


@pytest.mark.parametrize("wrong", ["2021-02-29", "soon", "", None, np.nan])
def test_what_is_no_day_is_refused_in_words(drawn: ModuleType, wrong: object) -> None:
    events = drawn.judgements().astype({"date": object})
    events.loc[2, "date"] = wrong
    with pytest.raises(NotDisplayable, match="no day in a cell of 'date'"):
        drawn.timeline(events)


def test_what_cannot_be_drawn_is_refused_in_words(drawn: ModuleType) -> None:
    events = drawn.judgements()
    with pytest.raises(NotEnoughData, match="no judgement with a grade"):
        drawn.timeline(events.assign(grade="", status="not available"))
    with pytest.raises(NotEnoughData, match="no judgement with a grade"):
        drawn.timeline(events[:0], areas=["Oakshire"])
    with pytest.raises(NotEnoughData, match="7 areas"):
        drawn.timeline(areas=[f"Area {number}" for number in range(7)])
    with pytest.raises(NotDisplayable, match="neither one of the four grades"):
        drawn.timeline(events.assign(grade="Excellent"))
    with pytest.raises(NotDisplayable, match="neither one of the four grades"):
        drawn.timeline(events.assign(status="suppressed"))
    with pytest.raises(NotDisplayable, match="neither one of the four grades"):
        drawn.timeline(events.assign(grade=""))
    with pytest.raises(NotDisplayable, match=r"1 judgement\(s\) after the newest day"):
        drawn.timeline(events, until="2025-01-01")
    with pytest.raises(NotDisplayable, match="1 on the day of another"):
        drawn.timeline(pd.concat([events, events[:1]]))
    with pytest.raises(NotDisplayable, match="no column framework"):
        drawn.timeline(events.drop(columns="framework"))
