"""Judgements as a noun: files merged into one history, with what was taken and what was not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.core.judgements import (
    CARE_LEAVERS,
    GOOD,
    GRADES,
    INADEQUATE,
    NO_JUDGEMENTS,
    OUTSTANDING,
    OVERALL,
    REQUIRES_IMPROVEMENT,
    SAFEGUARDING,
    Judgement,
    Judgements,
    grade_rank,
)
from insight.core.register import Register
from insight.errors import InsightError, PanelError
from tests.making import BRADFORD, LEEDS


def judgement(
    published: str = "2022-04-11",
    grade: str = GOOD,
    *,
    area: str = LEEDS,
    framework: str = "ILACS",
    subject: str = OVERALL,
    inspected: str = "",
    source: str = "outcomes",
    release: str = "2025",
    is_official: bool = True,
) -> Judgement:
    return Judgement(
        area=area,
        framework=framework,
        inspection="standard",
        subject=subject,
        grade=grade,
        inspected=inspected,
        published=published,
        source=source,
        release=release,
        where=f"row of {source}",
        is_official=is_official,
    )


def third_party(published: str = "2022-04-11", grade: str = GOOD, *, inspected: str = "") -> Judgement:
    return judgement(published, grade, inspected=inspected, source="overview", release="2026", is_official=False)


def test_grades_have_an_order_and_no_grade_has_no_place_in_it() -> None:
    assert [grade_rank(grade) for grade in GRADES] == [1, 2, 3, 4]
    assert grade_rank("") is None
    with pytest.raises(PanelError, match="Adequate"):
        grade_rank("Adequate")


def test_the_official_file_goes_before_others_and_a_newer_edition_before_an_older() -> None:
    new, old = judgement(grade=GOOD), judgement(grade=INADEQUATE, release="2024")
    other = third_party(grade=OUTSTANDING)
    for order in permutations((new, old, other)):
        (judged,) = Judgements(order).history()
        assert (judged.grade, judged.source, judged.release, judged.where) == (GOOD, "outcomes", "2025", new.where)
        assert judged.others == (old, other)
        assert (judged.rank, judged.day) == (2, date(2022, 4, 11))
    assert Judgements((other,)).history()[0].is_official is False


@pytest.mark.parametrize(("days", "is_one"), [(0, True), (7, True), (8, False)])
def test_reports_of_two_files_within_seven_days_are_one_inspection(days: int, is_one: bool) -> None:
    other = third_party(f"2022-04-{11 + days}", INADEQUATE)
    assert len(Judgements((judgement(), other)).history()) == (1 if is_one else 2)


@pytest.mark.parametrize(
    ("published", "grade", "is_one"),
    [("2022-07-12", GOOD, True), ("2022-07-13", GOOD, False), ("2022-07-12", INADEQUATE, False)],
)
def test_equal_grades_within_a_quarter_of_a_year_are_one_inspection(published: str, grade: str, is_one: bool) -> None:
    assert len(Judgements((judgement(), third_party(published, grade))).history()) == (1 if is_one else 2)


def test_no_grade_is_no_equal_grade() -> None:
    assert len(Judgements((judgement(grade=""), third_party("2022-05-11", ""))).history()) == 2


def test_one_day_of_inspection_is_one_inspection_however_far_the_reports() -> None:
    first = judgement(inspected="2022-02-21")
    other = third_party("2023-01-01", INADEQUATE, inspected="2022-02-21")
    (judged,) = Judgements((other, first)).history()
    assert (judged.published, judged.grade) == ("2022-04-11", GOOD)


@pytest.mark.parametrize("change", [{"area": BRADFORD}, {"framework": "SIF"}])
def test_another_area_or_framework_is_another_inspection(change: dict[str, str]) -> None:
    other = replace(third_party(), **change)  # type: ignore[arg-type]  # only texts are changed
    assert len(Judgements((judgement(), other)).history()) == 2


def test_two_reports_of_one_file_are_two_inspections() -> None:
    assert len(Judgements((judgement("2022-04-11"), judgement("2022-04-14"))).history()) == 2


def test_two_grades_of_one_subject_in_one_file_are_refused_and_none_is_chosen() -> None:
    for order in permutations((judgement(grade=GOOD), judgement(grade=INADEQUATE))):
        with pytest.raises(PanelError, match="two grades of overall effectiveness on 2022-04-11"):
            Judgements(order).history()
    assert len(Judgements((judgement(), judgement())).history()) == 1


def test_of_two_inspections_near_by_the_nearer_is_met() -> None:
    near, far = judgement("2022-04-13"), judgement("2022-04-06")
    merged = Judgements((near, far, third_party("2022-04-12"))).history()
    assert {judged.published: len(judged.others) for judged in merged} == {"2022-04-06": 0, "2022-04-13": 1}


def test_a_day_of_inspection_that_only_another_file_knows_is_taken_over() -> None:
    (judged,) = Judgements((judgement(), third_party("2022-04-12", inspected="2022-02-21"))).history()
    assert (judged.published, judged.inspected, judged.source) == ("2022-04-11", "2022-02-21", "outcomes")


def test_a_part_that_the_best_file_lacks_comes_from_the_next_with_the_inspection_s_own_days() -> None:
    part = replace(third_party("2022-04-12", INADEQUATE), subject=CARE_LEAVERS)
    overall, care = Judgements((judgement(inspected="2022-02-21"), third_party("2022-04-12"), part)).history()
    assert (overall.subject, care.subject) == (OVERALL, CARE_LEAVERS)
    assert (care.published, care.inspected, care.source) == ("2022-04-11", "2022-02-21", "overview")


def test_an_official_report_without_a_grade_stays_without_one() -> None:
    known = Judgements((judgement(grade=""), third_party()))
    (judged,) = known.history()
    assert (judged.grade, judged.rank) == ("", None)
    (difference,) = known.differences()
    assert (difference.taken, difference.other) == ("no grade", GOOD)


def test_differences_name_what_was_taken_and_from_where() -> None:
    known = Judgements(
        (
            judgement(inspected="2022-02-21"),
            judgement(subject=CARE_LEAVERS, inspected="2022-02-21"),
            replace(third_party("2022-04-13", INADEQUATE), inspected="2022-02-22"),
            replace(third_party("2022-04-13"), inspected="2022-02-22", subject=CARE_LEAVERS),
        )
    )
    found = [(each.what, each.subject, each.taken, each.other) for each in known.differences()]
    assert found == [
        ("day of publication", "", "2022-04-11", "2022-04-13"),
        ("day of inspection", "", "2022-02-21", "2022-02-22"),
        ("grade", OVERALL, GOOD, INADEQUATE),
    ]
    assert {each.taken_from for each in known.differences()} == {"outcomes 2025, row of outcomes"}
    assert {each.other_from for each in known.differences()} == {"overview 2026, row of overview"}


def test_the_table_of_disagreements_names_areas_and_says_when_there_are_none() -> None:
    known = Judgements((judgement(), third_party(grade=INADEQUATE)))
    frame = known.disagreements(Register.read()).frame
    assert frame[["area", "what", "taken", "other"]].values.tolist() == [["Leeds", "grade", GOOD, INADEQUATE]]
    assert LEEDS in repr(known.disagreements())
    assert "No two files differ." in repr(NO_JUDGEMENTS.disagreements())


HISTORY = Judgements(
    (
        judgement("2011-05-06", INADEQUATE, framework="SLAC", subject=SAFEGUARDING),
        judgement("2013-03-20", INADEQUATE, framework="CPI"),
        judgement("2015-03-27", REQUIRES_IMPROVEMENT, framework="SIF"),
        judgement("2018-12-18", OUTSTANDING, inspected="2018-10-29"),
        judgement("2018-12-18", GOOD, inspected="2018-10-29", subject=CARE_LEAVERS),
        judgement("2026-06-17", "", inspected="2026-04-27"),
    )
)


def test_the_latest_grade_is_of_a_framework_that_judges_the_whole_service() -> None:
    def grade(on: date | None = None) -> str | None:
        found = HISTORY.latest(LEEDS, on)
        return found.grade if found else None

    assert grade() == OUTSTANDING
    assert grade(date(2018, 12, 18)) == OUTSTANDING
    assert grade(date(2018, 12, 17)) == REQUIRES_IMPROVEMENT
    assert grade(date(2015, 3, 26)) is None
    assert HISTORY.latest(BRADFORD) is None


def test_the_latest_may_be_asked_by_day_of_inspection_by_part_or_by_framework() -> None:
    on = date(2018, 10, 29)
    by_inspection, by_report = HISTORY.latest(LEEDS, on, by="inspected"), HISTORY.latest(LEEDS, on)
    assert by_inspection is not None
    assert by_report is not None
    assert (by_inspection.grade, by_report.framework) == (OUTSTANDING, "SIF")
    part = HISTORY.latest(LEEDS, subject=CARE_LEAVERS)
    old = HISTORY.latest(LEEDS, subject=SAFEGUARDING, frameworks=("SLAC",))
    bare = HISTORY.latest(LEEDS, ungraded=True)
    assert [each and (each.framework, each.grade) for each in (part, old, bare)] == [
        ("ILACS", GOOD),
        ("SLAC", INADEQUATE),
        ("ILACS", ""),
    ]


def test_the_newest_publication_counts_whether_or_not_it_gave_a_grade() -> None:
    assert HISTORY.newest() == date(2026, 6, 17)
    assert NO_JUDGEMENTS.newest() is None


def test_each_inspection_is_one_event() -> None:
    frame = Judgements((*HISTORY.all, third_party("2018-12-18", OUTSTANDING))).events().frame
    assert frame[["kind", "value"]].values.tolist() == [
        ["CPI", INADEQUATE],
        ["SIF", REQUIRES_IMPROVEMENT],
        ["ILACS", OUTSTANDING],
        ["ILACS", ""],
    ]
    assert len(HISTORY.events(CARE_LEAVERS).frame) == 1
    assert NO_JUDGEMENTS.events().frame.empty


def test_the_tables_count_inspections_and_tell_an_area_s_story() -> None:
    frame = HISTORY.frameworks().frame
    assert frame[["framework", "inspections", "Outstanding", "no grade", "last"]].values.tolist() == [
        ["SLAC", 1, 0, 1, "2011-05-06"],
        ["CPI", 1, 0, 0, "2013-03-20"],
        ["SIF", 1, 0, 0, "2015-03-27"],
        ["ILACS", 2, 1, 1, "2026-06-17"],
    ]
    told = HISTORY.timeline(LEEDS, Register.read())
    assert "Judgements of Leeds" in repr(told)
    assert [row[4] for row in told.texts()][-1] == "no grade"
    assert "No judgement of this area" in repr(HISTORY.timeline(BRADFORD))


def test_the_card_counts_inspections_and_differences_and_warns_of_invented_data() -> None:
    facts = dict(Judgements((judgement(), third_party(grade=INADEQUATE))).describe().facts)
    assert (facts["inspections"], facts["differences between files"]) == ("1", "1")
    assert facts["published"] == "2022-04-11 to 2022-04-11"
    assert dict(NO_JUDGEMENTS.describe().facts)["published"] == "none"
    sample = Judgements((judgement(),), is_sample=True)
    for view in (sample.card(), sample.disagreements(), sample.timeline(LEEDS), sample.frameworks()):
        assert "SAMPLE DATA" in repr(view)


def test_an_area_that_the_register_lacks_is_an_error_in_words() -> None:
    with pytest.raises(InsightError):
        Judgements((judgement(area="E99"),)).timeline("E99", Register.read())


DAYS = st.dates(date(2018, 1, 1), date(2019, 12, 31)).map(date.isoformat)
MADE = st.lists(
    st.builds(
        judgement,
        DAYS,
        st.sampled_from([*GRADES, ""]),
        area=st.sampled_from([LEEDS, BRADFORD]),
        subject=st.sampled_from([OVERALL, CARE_LEAVERS]),
        inspected=st.sampled_from(["", "2018-01-01", "2018-06-01"]),
        source=st.sampled_from(["a", "b"]),
        release=st.sampled_from(["2024", "2025"]),
    ),
    max_size=14,
    unique_by=lambda each: (each.area, each.subject, each.published, each.source, each.release),
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(MADE, st.randoms(use_true_random=False))
def test_every_judgement_is_in_the_history_once_in_whatever_order_they_come(
    several: list[Judgement], random: Random
) -> None:
    known = Judgements(tuple(several))
    history = known.history()
    assert sum(1 + len(each.others) for each in history) == len(several)
    assert list(history) == sorted(history, key=lambda each: (each.area, each.published))
    for judged in history:
        files = [(judged.source, judged.release), *((each.source, each.release) for each in judged.others)]
        assert len(set(files)) == len(files)
    shuffled = several[:]
    random.shuffle(shuffled)
    assert Judgements(tuple(shuffled)).history() == history
