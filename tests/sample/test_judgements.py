"""The invented inspections: their true median, what is seen of it, and three files that tell of the same ones."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import expm
from scipy.optimize import brentq

from insight.core.judgements import CARE_LEAVERS, OVERALL, Judgement, Judgements
from insight.core.register import Register
from insight.sample import places, simulate_judgements, true_median_years
from insight.sample.judged_places import HISTORY_UNTIL, judged_places, oddities, waiting_longest
from insight.sample.judgements import DAYS_A_YEAR, LEAST, MOST, PAUSE, RATES, UNGRADED_FROM
from insight.sample.process import SEED
from insight.sources import ofsted_history_2023, ofsted_outcomes, ofsted_overview
from insight.stats.kaplan_meier import kaplan_meier
from insight.stats.turnbull_curve import survival
from insight.stats.turnbull_fit import fit, observe

FOLDER = Path(__file__).resolve().parents[2] / "data" / "raw" / "sample"
GOOD = ("Good", "Outstanding")
MANY = 1500


@cache
def many() -> pd.DataFrame:
    return simulate_judgements(1, n_authorities=MANY)


@cache
def spells() -> pd.DataFrame:
    """From a published Inadequate to the first later Good, in years, by the rule of the study written once more."""
    judged = many()
    judged = judged[judged["framework"].isin(["SIF", "ILACS"]) & (judged["grade"] != "")]
    newest, rows = max(judged["published"]), []
    for _, own in judged.groupby("authority"):
        began = last = None
        for day, grade in zip(own["published"], own["grade"], strict=True):
            if began is not None and grade in GOOD:
                rows.append((years(began, day), 1, years(began, last), years(began, day)))
                began = None
            elif began is None and grade == "Inadequate":
                began = day
            last = day
        if began is not None:
            rows.append((years(began, newest), 0, years(began, last), np.inf))
    return pd.DataFrame(rows, columns=["seen", "is_good", "low", "high"])


def years(start: date, end: date | None) -> float:
    assert end is not None
    return (end - start).days / DAYS_A_YEAR


@cache
def read() -> Judgements:
    register = Register.read(FOLDER / "authorities.csv")
    several: list[Judgement] = []
    for source, name in (
        (ofsted_history_2023, "sample_ofsted_history_2009_to_2023.ods"),
        (ofsted_outcomes, "sample_ofsted_outcomes_as_at_31_march_2025.ods"),
        (ofsted_overview, "sample_ofsted_overview_2026.xlsx"),
    ):
        several += source.read(FOLDER / name, register).judgements
    return Judgements(tuple(several), is_sample=True)


def code_of(one: places.Place) -> str:
    """The code by which the register knows a place."""
    return places.REISSUED_CODE if one == places.REISSUED else one.code


def test_the_true_median_follows_from_the_rates() -> None:
    # The same by scipy's matrix exponential, with Good as a state that nobody leaves.
    names = ["Good", "Requires improvement to be good", "Inadequate"]
    moves = np.zeros((3, 3))
    for (start, end), rate in RATES.items():
        if start in names[1:]:
            moves[names.index(start), names.index(end)] = rate
    moves -= np.diag(moves.sum(axis=1))
    median = brentq(lambda time: float(expm(moves * time)[2, 0]) - 0.5, 0.1, 20.0)
    assert true_median_years() == pytest.approx(median, abs=1e-9)
    assert true_median_years() == pytest.approx(3.71, abs=0.005)


def test_simulated_authorities_need_the_true_median() -> None:
    # Those inspected by 2012 are followed for fourteen years, by when fewer than 1 in 100 are not Good yet.
    early = many()[(many()["grade"] == "Inadequate") & (many()["published"] < date(2012, 7, 1))]
    taken = early["years_to_good"].fillna(np.inf)
    # The median of n such times has a standard error near 1.25 * 2.6 / sqrt(n) years.
    assert len(early) > 250
    assert float(np.median(taken)) == pytest.approx(true_median_years(), abs=4 * 1.25 * 2.6 / len(early) ** 0.5)


def test_a_published_good_comes_about_two_and_a_half_years_later() -> None:
    seen = kaplan_meier(spells(), duration="seen", event="is_good").estimate
    assert seen.low is not None
    assert seen.low > true_median_years() + 1
    assert seen.value == pytest.approx(true_median_years() + 2.5, abs=0.5)


def test_between_the_reports_lies_the_truth() -> None:
    own = spells()
    between = fit(observe(own["low"].to_numpy(), own["high"].to_numpy(), None))
    seen = kaplan_meier(own, duration="seen", event="is_good")
    # Half are Good by the true median. Who falls back before the next look is never seen, so a little less than half.
    found = 1 - survival(between, true_median_years())
    published = seen.at(true_median_years()).value
    assert published is not None
    assert 0.36 < found < 0.55
    assert 1 - published / 100 < found - 0.1


def test_finished_spells_alone_mislead() -> None:
    own = spells()
    finished = own.loc[own["is_good"] == 1, "seen"].mean()
    median = kaplan_meier(own, duration="seen", event="is_good").estimate.value
    assert median is not None
    assert finished < median - 0.5


def test_inspections_come_about_every_three_years_whatever_the_grade() -> None:
    gaps: dict[str, list[float]] = defaultdict(list)
    for _, own in many().groupby("authority"):
        for (begun, grade), (then, _) in pairwise(zip(own["inspected"], own["grade"], strict=True)):
            gap = years(begun, then)
            is_put_off = begun < PAUSE[1] and then > PAUSE[0]
            assert gap >= LEAST - 0.05
            if not is_put_off:
                assert gap <= MOST + 0.05
                gaps[grade].append(gap)
    means = {grade: np.mean(own) for grade, own in gaps.items()}
    assert set(means) == {"Outstanding", "Good", "Requires improvement to be good", "Inadequate"}
    assert max(means.values()) - min(means.values()) < 0.1
    assert np.mean(list(means.values())) == pytest.approx(3.0, abs=0.1)
    assert not any(PAUSE[0] <= day <= PAUSE[1] for day in many()["inspected"])


def test_frameworks_follow_the_calendar() -> None:
    days = {str(name): sorted(own) for name, own in many().groupby("framework")["inspected"]}
    in_order = sorted(days, key=lambda name: days[name][0])
    assert in_order == ["SLAC", "CPI", "SIF", "ILACS"]
    for earlier, later in pairwise(in_order):
        assert days[earlier][-1] < days[later][0]


def test_late_inspections_have_no_grade() -> None:
    late = many()[many()["inspected"] >= UNGRADED_FROM]
    assert set(late["grade"]) <= {""}
    assert "" not in set(many().loc[many()["inspected"] < UNGRADED_FROM, "grade"])


def test_the_files_tell_of_every_inspection_once() -> None:
    made = {
        (code_of(one), each.framework, each.published.isoformat()): each.grade
        for one, several in judged_places(SEED).items()
        for each in several
    }
    told = {
        (each.area, each.framework, each.published): each.grade
        for each in read().history()
        if each.subject in (OVERALL, "safeguarding")
    }
    assert told == made


def test_the_files_differ_where_the_note_says_and_nowhere_else() -> None:
    odd = oddities(judged_places(SEED))
    found = {(each.area, each.subject, each.what) for each in read().differences()}
    assert found == {
        (odd.other_leavers_grade.code, CARE_LEAVERS, "grade"),
        (odd.other_day.code, "", "day of publication"),
        (odd.earlier_day.code, "", "day of publication"),
    }
    overview = [each for each in read().of_area(odd.no_kind.code) if not each.is_official]
    assert {(each.inspection, each.inspected) for each in overview} == {("", "")}


def test_an_abolished_area_ends_inside_a_spell() -> None:
    own = [each for each in read().history() if each.area == places.ABOLISHED.code and each.subject == OVERALL]
    whole = [each.grade for each in own if each.framework in ("SIF", "ILACS")]
    assert whole[0] == "Inadequate"
    assert set(whole[1:]) == {"Requires improvement to be good"}
    assert max(each.day for each in own) <= date(2021, 3, 31)


def test_new_areas_have_no_history_and_two_areas_no_newest_grade() -> None:
    for one in places.SUCCESSORS:
        assert min(each.published for each in read().of_area(one.code)) > "2022-04-01"
    for one in waiting_longest(judged_places(SEED)):
        newest = read().latest(one.code, ungraded=True)
        graded = read().latest(one.code)
        assert newest is not None
        assert (newest.grade, newest.inspected) == ("", UNGRADED_FROM.isoformat())
        assert graded is not None
        assert graded.day < newest.day


def test_some_spells_are_still_open_in_the_sample() -> None:
    newest = {code_of(one): read().latest(code_of(one)) for one in places.PLACES}
    grades = [each.grade for each in newest.values() if each is not None]
    assert len(grades) == len(places.PLACES)
    assert 3 <= grades.count("Inadequate") <= 15
    assert 0.5 <= sum(grade in GOOD for grade in grades) / len(grades) <= 0.9


def test_parts_agree_with_their_whole() -> None:
    for several in judged_places(SEED).values():
        for each in several:
            if each.grade:
                assert each.parts["leadership"] == each.grade
                assert each.grade == "Inadequate" or "Inadequate" not in each.parts.values()


def test_no_report_is_in_the_history_before_its_day() -> None:
    history = [each for each in read().all if each.source == "ofsted_history_2023"]
    assert max(each.day for each in history) <= HISTORY_UNTIL[1]
