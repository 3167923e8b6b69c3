"""What a spell is, when it ends, and until when an open one is followed."""

from __future__ import annotations

import json
import random
from datetime import date
from itertools import pairwise

import pytest

from insight.core.judgements import GOOD, INADEQUATE, LEADERS, OUTSTANDING, REQUIRES_IMPROVEMENT, Judgement, Judgements
from insight.studies.getting_to_good._spells import (
    ABOLISHED,
    NEWEST,
    UNGRADED,
    Report,
    Spell,
    already_inadequate,
    as_good_at_the_end,
    earlier_frameworks,
    horizon_of,
    longest_pause,
    spells_of,
    ungraded_since,
    whole_service,
    years_outside,
)
from tests.studies.making_getting_to_good import BRADFORD, BRENT, LEEDS, YORK, judged, many, reports

HORIZON = date(2026, 6, 18)


def spells(*lines: str, end: date | None = None) -> tuple[Spell, ...]:
    """The spells of one area."""
    read = whole_service(judged(reports(LEEDS, *lines)).history())
    return spells_of(read, horizon=HORIZON, ends={} if end is None else {LEEDS: end})


def test_requires_improvement_does_not_end_a_spell_and_good_does() -> None:
    (found,) = spells("2015-01-01 I SIF", "2017-01-01 R", "2019-01-01 G")
    assert (found.start, found.end, found.is_good, found.cut) == (date(2015, 1, 1), date(2019, 1, 1), True, "")
    assert found.years == pytest.approx(4.0, abs=0.01)
    assert found.last_not_good == date(2017, 1, 1)
    assert (found.framework, found.is_first) == ("SIF", True)


def test_outstanding_ends_a_spell() -> None:
    (found,) = spells("2015-01-01 I", "2019-01-01 O")
    assert (found.is_good, found.grade) == (True, OUTSTANDING)


def test_a_second_inadequate_starts_no_second_spell_while_one_is_open() -> None:
    (found,) = spells("2015-01-01 I", "2016-06-01 R", "2018-01-01 I", "2020-01-01 G")
    assert found.start == date(2015, 1, 1)
    assert found.fell_back
    assert found.first_better == date(2016, 6, 1)
    assert found.last_inadequate == date(2015, 1, 1)


def test_an_area_may_have_a_second_spell_after_a_good() -> None:
    first, second = spells("2015-01-01 I", "2017-01-01 G", "2020-01-01 I")
    assert first.is_good
    assert not second.is_good
    assert not second.is_first
    assert second.start == date(2020, 1, 1)


def test_better_than_inadequate_comes_between_two_reports() -> None:
    (found,) = spells("2015-01-01 I", "2016-01-01 I", "2018-01-01 R", "2021-01-01 G")
    assert (found.last_inadequate, found.first_better, found.first_ri) == (
        date(2016, 1, 1),
        date(2018, 1, 1),
        date(2018, 1, 1),
    )
    assert not found.fell_back


def test_straight_to_good_passes_no_requires_improvement() -> None:
    (found,) = spells("2015-01-01 I", "2018-01-01 G")
    assert found.first_ri is None
    assert found.first_better == date(2018, 1, 1)


def test_an_open_spell_is_followed_until_the_newest_grade_of_anybody() -> None:
    (found,) = spells("2020-01-01 I", "2023-01-01 R")
    assert (found.end, found.cut, found.last_not_good) == (HORIZON, NEWEST, date(2023, 1, 1))
    assert found.first_better == date(2023, 1, 1)


def test_a_report_without_a_grade_is_no_newest_grade() -> None:
    read = whole_service(judged(reports(LEEDS, "2026-06-01 G"), reports(BRENT, "2026-06-17 -")).history())
    assert horizon_of(read) == date(2026, 6, 1)
    assert horizon_of([]) is None


def test_where_the_newest_inspection_gave_no_grade_a_spell_is_followed_until_the_last_grade() -> None:
    (found,) = spells("2020-01-01 I", "2023-01-01 R", "2026-06-01 -")
    assert (found.end, found.cut) == (date(2023, 1, 1), UNGRADED)


def test_a_grade_after_a_report_without_one_counts() -> None:
    (found,) = spells("2020-01-01 I", "2022-01-01 -", "2024-01-01 G")
    assert (found.is_good, found.end) == (True, date(2024, 1, 1))
    (still,) = spells("2020-01-01 I", "2022-01-01 -", "2024-01-01 R")
    assert (still.cut, still.end) == (NEWEST, HORIZON)


def test_an_abolished_area_is_followed_until_its_last_day() -> None:
    (found,) = spells("2020-01-01 I", end=date(2023, 3, 31))
    assert (found.end, found.cut, found.is_good) == (date(2023, 3, 31), ABOLISHED, False)
    good = as_good_at_the_end(found)
    assert (good.is_good, good.end, good.grade, good.last_not_good) == (True, found.end, GOOD, date(2020, 1, 1))


def test_a_good_before_abolition_ends_the_spell_as_ever() -> None:
    (found,) = spells("2020-01-01 I", "2022-01-01 G", end=date(2023, 3, 31))
    assert (found.is_good, found.cut) == (True, "")


def test_the_newest_grade_at_a_time_is_that_of_the_last_report_before_it() -> None:
    (found,) = spells("2015-01-01 I", "2017-01-01 R", "2019-01-01 I", "2021-01-01 G")
    grades = [found.grade_after(years) for years in (0.0, 1.9, 2.1, 4.5, 7.0)]
    assert grades == [INADEQUATE, INADEQUATE, REQUIRES_IMPROVEMENT, INADEQUATE, GOOD]


def test_parts_of_services_and_earlier_frameworks_make_no_spell() -> None:
    part = Judgement(LEEDS, "ILACS", "", LEADERS, INADEQUATE, "", "2019-01-01", "inspections", "2026", "row")
    known = Judgements((part, *reports(LEEDS, "2011-01-01 I SLAC", "2012-06-01 I CPI", "2013-01-01 I TLAC")))
    assert whole_service(known.history()) == ()
    assert [each.framework for each in earlier_frameworks(known.history())] == ["SLAC", "CPI"]


@pytest.mark.parametrize(
    ("before", "began"),
    [
        (("2010-01-01 I SLAC",), date(2010, 1, 1)),
        (("2010-01-01 I SLAC", "2012-01-01 R CPI"), date(2010, 1, 1)),
        (("2010-01-01 I SLAC", "2012-01-01 G CPI"), None),
        (("2010-01-01 G SLAC", "2012-01-01 I CPI"), date(2012, 1, 1)),
        (("2010-01-01 R SLAC",), None),
        ((), None),
        (("2010-01-01 I SLAC", "2014-06-01 R SIF"), None),
    ],
)
def test_a_spell_may_be_older_than_the_frameworks(before: tuple[str, ...], began: date | None) -> None:
    history = judged(reports(LEEDS, *before, "2015-01-01 I SIF")).history()
    found = spells_of(whole_service(history), horizon=HORIZON, ends={})
    expected = {} if began is None else {(LEEDS, date(2015, 1, 1)): began}
    assert already_inadequate(found, earlier_frameworks(history)) == expected


def test_another_areas_earlier_report_is_not_this_ones() -> None:
    history = judged(reports(YORK, "2010-01-01 I SLAC"), reports(LEEDS, "2015-01-01 I SIF")).history()
    found = spells_of(whole_service(history), horizon=HORIZON, ends={})
    assert already_inadequate(found, earlier_frameworks(history)) == {}


def test_grades_have_ended_where_the_newest_inspections_give_none() -> None:
    graded, bare = reports(LEEDS, "2026-05-01 G"), reports(BRENT, "2026-06-17 -")
    assert ungraded_since(whole_service(judged(graded, bare).history())) == date(2026, 6, 17)
    assert ungraded_since(whole_service(judged(graded).history())) is None
    later = reports(BRADFORD, "2026-07-01 R")
    assert ungraded_since(whole_service(judged(graded, bare, later).history())) is None


def test_the_day_of_inspection_counts_where_a_file_has_it() -> None:
    bare = Judgement(BRENT, "ILACS", "", "overall effectiveness", "", "2026-04-27", "2026-06-17", "x", "2026", "row")
    graded = Judgement(LEEDS, "ILACS", "", "overall effectiveness", GOOD, "2026-01-26", "2026-06-18", "x", "2026", "r")
    assert ungraded_since(whole_service(Judgements((bare, graded)).history())) == date(2026, 4, 27)


def test_a_pause_is_the_longest_stretch_without_a_grade() -> None:
    lines = ("2019-01-01 I", "2019-03-01 I", "2020-06-01 R", "2021-08-01 -", "2021-09-01 G", "2022-01-01 G")
    read = whole_service(judged(reports(LEEDS, *lines)).history())
    assert longest_pause(read) == (date(2019, 3, 1), date(2020, 6, 1)) or longest_pause(read) == (
        date(2020, 6, 1),
        date(2021, 9, 1),
    )
    days = [date(2019, 1, 1), date(2019, 3, 1), date(2020, 6, 1), date(2021, 9, 1), date(2022, 1, 1)]
    assert longest_pause(read) == max(pairwise(days), key=lambda pair: pair[1] - pair[0])


def test_a_stretch_of_less_than_half_a_year_is_no_pause() -> None:
    read = whole_service(judged(reports(LEEDS, "2019-01-01 I", "2019-06-30 R", "2019-12-01 G")).history())
    assert longest_pause(read) is None
    assert longest_pause([]) is None


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        (date(2018, 1, 1), date(2019, 1, 1), 1.0),
        (date(2019, 7, 1), date(2021, 7, 1), 1.0),
        (date(2020, 4, 1), date(2020, 9, 1), 0.0),
        (date(2021, 6, 1), date(2022, 6, 1), 1.0),
    ],
)
def test_a_clock_stands_still_in_the_pause(start: date, end: date, years: float) -> None:
    assert years_outside(start, end, (date(2020, 1, 1), date(2021, 1, 1))) == pytest.approx(years, abs=0.01)


def test_the_order_of_the_rows_does_not_matter() -> None:
    known = many(40)
    shuffled = list(known.all)
    random.Random(2).shuffle(shuffled)
    both = [whole_service(Judgements(tuple(rows)).history()) for rows in (known.all, shuffled)]
    assert both[0] == both[1]
    assert spells_of(both[0], horizon=HORIZON, ends={}) == spells_of(both[1][::-1], horizon=HORIZON, ends={})


def test_spells_and_reports_are_the_same_after_a_store_remembered_them() -> None:
    read = whole_service(many(30).history())
    for each in spells_of(read, horizon=HORIZON, ends={}):
        assert Spell.of_plain(json.loads(json.dumps(each.as_plain()))) == each
    for report in read:
        assert Report.of_plain(json.loads(json.dumps(report.as_plain()))) == report
