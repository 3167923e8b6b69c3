"""Does the study recover a known truth, count what it says, and speak rightly of one authority?"""

from __future__ import annotations

import dataclasses
import json
import math
import random
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import pytest

from insight.core.estimate import Estimate
from insight.core.judgements import NO_JUDGEMENTS, Judgements
from insight.errors import NotEnoughData, UnknownArea
from insight.studies import find
from insight.studies.getting_to_good import _curves, getting_to_good
from insight.studies.getting_to_good._ahead import chance_ahead
from insight.studies.getting_to_good._curves import Row, share_between, until_changed, until_published
from insight.studies.getting_to_good._models import from_ri, national_of, to_better, to_good
from insight.studies.getting_to_good._national import national_model
from tests.studies.making_getting_to_good import (
    BRADFORD,
    BRENT,
    CUMBERLAND,
    CUMBRIA,
    FIVE,
    LEEDS,
    YORK,
    estimate,
    judged,
    many,
    panel_of,
    reports,
    spells,
    study,
)

KEYS = (
    "median_years_to_good",
    "interval_censored_median_years",
    "share_good_3_years",
    "share_good_5_years",
    "share_3_to_5_years",
    "interval_censored_share_3_to_5_years",
    "median_official_files",
    "median_years_to_better",
    "median_years_from_ri",
    "naive_mean_years",
    "median_ilacs_only",
    "spells",
    "events",
)
BANNED = ("improved", "significant", "proves", "drives", "works", "wrong")


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """As few draws as a bootstrap allows; the published ones have more."""
    monkeypatch.setattr(_curves, "DRAWS", 100)


def test_the_curve_is_that_of_the_sum_by_hand() -> None:
    # At risk 5, 4 (the open one of 3 years goes), 3, 1 at 2, 4 and 8 years: 4/5, then 2/3 of it, then nothing.
    curve = until_published(to_good(spells(FIVE)))
    assert curve.cells["at_risk"].tolist() == [5, 3, 1]
    assert curve.cells["survival"].tolist() == pytest.approx([4 / 5, 4 / 5 * 2 / 3, 0.0])
    assert curve.median.value == pytest.approx(8.0, abs=0.01)


def test_better_than_inadequate_and_from_requires_improvement_by_hand() -> None:
    better = {(round(row.years), row.is_event, round(row.known_without)) for row in to_better(spells(FIVE))}
    assert better == {(2, True, 0), (1, True, 0), (3, False, 0)}
    again = sorted((round(row.years), row.is_event) for row in from_ri(spells(FIVE)))
    assert again == [(3, True), (4, False), (6, True)]


def test_the_change_lies_between_the_last_report_without_and_the_first_with_good() -> None:
    rows = {row.area: (round(row.known_without), round(row.years), row.is_event) for row in to_good(spells(FIVE))}
    assert rows["E08000001"] == (0, 2, True)
    assert rows["E08000002"] == (1, 4, True)
    assert rows["E08000004"] == (2, 6, False)
    assert rows["E08000005"] == (4, 8, True)


def test_a_share_between_two_times_without_open_spells_is_a_share_of_all() -> None:
    # 40 spells, 10 of them after 3 and up to 5 years: the error of a share of 40, whatever the curve's way there.
    years = [1.0] * 6 + [2.5] * 4 + [3.5] * 5 + [4.0] * 3 + [5.0] * 2 + [7.0] * 12 + [9.0] * 8
    found = share_between(until_published([Row(f"a{n}", time, True) for n, time in enumerate(years)]), 3.0, 5.0)
    assert found.value == pytest.approx(25.0)
    assert found.std_error == pytest.approx(100 * math.sqrt(0.25 * 0.75 / 40))
    low, high = (0.25 ** math.exp(way * 1.959964 * math.sqrt(0.75 / 40 / 0.25) / math.log(0.25)) for way in (-1, 1))
    assert (found.low, found.high) == pytest.approx((100 * low, 100 * high), abs=1e-4)


def test_nothing_between_two_times_has_no_interval_and_beyond_the_last_day_no_number() -> None:
    curve = until_published([Row(f"a{n}", time, True) for n, time in enumerate([1.0, 2.0, 6.0, 7.0])])
    none = share_between(curve, 3.0, 5.0)
    assert (none.value, none.low, none.high) == (0.0, None, None)
    with pytest.raises(NotEnoughData):
        share_between(curve, 3.0, 8.0)


def made_rows(count: int, seed: int) -> tuple[list[Row], list[float]]:
    """Rows of a known truth, and each one's time to the report of it, seen or not.

    The change comes at an exponential time with a median of 3 years; looks are 1 to 4 years apart and the watch ends
    after 9. So the report comes about half a gap after the change, and reports that come late are not seen.
    """
    generator = random.Random(seed)
    rows, published = [], []
    for number in range(count):
        turn, looks = generator.expovariate(math.log(2) / 3), [0.0]
        while looks[-1] < turn:
            looks.append(looks[-1] + generator.uniform(1.0, 4.0))
        published.append(looks[-1])
        without = max(look for look in looks if look < turn and look <= 9)
        rows.append(Row(f"a{number}", min(looks[-1], 9.0), looks[-1] <= 9, without))
    return rows, published


def test_a_known_time_to_the_report_is_recovered() -> None:
    rows, published = made_rows(400, seed=11)
    _, many_more = made_rows(20_000, seed=12)
    truth = sorted(many_more)[10_000]
    median = until_published(rows).median
    assert median.value is not None and median.low is not None and median.high is not None
    assert median.value == pytest.approx(truth, abs=0.3)
    assert median.low <= truth <= median.high
    seen = [row.years for row in rows if row.is_event]
    assert sum(seen) / len(seen) < sum(published) / len(published) - 0.3


def test_a_known_time_to_the_change_is_recovered_and_is_earlier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_curves, "DRAWS", 0)
    sets = [made_rows(200, seed)[0] for seed in range(20, 32)]
    # A curve of unseen times is jumpy: the median of a set of 200 spreads by half a year around the truth of 3, and
    # that of twelve sets together by 0.14.
    changed = [until_changed(rows).median.value or math.inf for rows in sets]
    assert sum(changed) / len(changed) == pytest.approx(3.0, abs=0.35)
    published = [until_published(rows).median.value or math.inf for rows in sets]
    assert sum(published) / len(published) > sum(changed) / len(changed) + 0.7


def test_the_whole_study_recovers_it_from_reports() -> None:
    national = national_of(many(120), panel_of(NO_JUDGEMENTS).register)
    changed, published = (estimate(national, key) for key in ("interval_censored_median_years", "median_years_to_good"))
    assert changed.value == pytest.approx(3.0, abs=0.6)
    # The looks are 2.5 years apart on average, so a Good is seen about 1.25 years after it came.
    assert published.value is not None
    assert 3.5 < published.value < 5.0


def test_every_key_is_there_with_its_unit() -> None:
    found = study(many())
    by_key = {each.key: each for each in found.estimates}
    assert set(KEYS) <= set(by_key)
    assert len(by_key) == len(found.estimates)
    for key, each in by_key.items():
        assert each.unit == {"years": "years", "percent": "percent", "count": "spells"}[each.scale], key
        assert each.value is not None or each.method.startswith("not given"), key
    assert found.headline == by_key["median_years_to_good"]


def chances(*spans: tuple[float, bool], grade: str = "I", mine: float = 3.0) -> Estimate:
    """The chance of a spell of some years, among others of some years, all with a first report of one grade."""
    start = 2010
    middle = () if grade == "I" else (f"{start + 1}-01-01 {grade}",)
    codes = [f"E{number:08d}" for number in range(len(spans))]
    made = [
        reports(code, f"{start}-01-01 I", *middle, *((f"{start + int(years)}-07-01 G",) if is_good else ()))
        for code, (years, is_good) in zip(codes, spans, strict=True)
    ]
    own = reports("E99999999", f"{2026 - int(mine)}-06-18 I")
    known = judged(*made, own, reports("E88888888", "2026-06-18 G"))
    found = spells(known)
    return chance_ahead(found, next(each for each in found if each.area == "E99999999"))


def test_a_chance_is_that_of_others_who_had_got_as_far_with_the_same_grade() -> None:
    # Twelve lasted over three years: 3 of them Good after 3.5, 3 after 4.5, 6 after 7.5. Three ended before.
    spans = [(1.0, True)] * 3 + [(3.0, True)] * 3 + [(4.0, True)] * 3 + [(7.0, True)] * 6
    found = chances(*spans)
    assert found.value == pytest.approx(50.0)
    assert found.n_rows == 12
    assert found.low is not None and found.high is not None and found.low < 50 < found.high


def test_others_with_another_grade_then_do_not_count() -> None:
    found = chances(*[(4.0, True)] * 12, grade="R")
    assert found.value is None
    assert "0 others had waited as long with the same grade, and 10 are asked for" in found.method


@pytest.mark.parametrize("others", [9, 10])
def test_a_chance_is_given_with_ten_and_not_with_nine(others: int) -> None:
    found = chances(*[(4.0, True)] * (others - 1), (7.0, True))
    assert (found.value is None) == (others < 10)


def test_no_chance_beyond_the_last_good() -> None:
    found = chances(*[(3.0, True)] * 12)
    assert found.value is None
    assert "no Good came so late" in found.method


def test_one_page_of_each_sort() -> None:
    known = judged(
        many(60).all,
        reports("E06000063", "2024-11-26 G"),
        reports(CUMBRIA, "2015-05-13 I SIF", "2018-01-29 R SIF"),
    )
    own = {
        LEEDS: reports(LEEDS, "2015-03-27 I", "2018-12-18 G"),
        BRADFORD: reports(BRADFORD, "2018-10-29 I", "2023-01-31 I"),
        YORK: reports(YORK, "2016-12-12 G", "2022-05-09 G"),
        BRENT: reports(BRENT, "2019-01-01 I", "2023-01-01 R", "2026-06-17 -"),
    }
    known = Judgements(
        (*(each for each in known.all if each.area not in own), *(r for rows in own.values() for r in rows))
    )
    said = {code: " ".join(study(known, code).notes["here"].paragraphs) for code in (*own, CUMBRIA, CUMBERLAND)}
    assert "published as Inadequate on 27 March 2015 and as Good on 18 December 2018: 3.7 years later" in said[LEEDS]
    assert "had no Good by" in said[BRADFORD] and "Its newest grade is still Inadequate." in said[BRADFORD]
    assert "York has not been Inadequate in these reports" in said[YORK]
    assert "followed until then" in said[BRENT] and "gave no overall grade" in said[BRENT]
    assert "was abolished on 31 March 2023; Cumberland and Westmorland and Furness took over" in said[CUMBRIA]
    assert "how long it would have taken is not known" in said[CUMBRIA]
    assert "It began without judgements." in said[CUMBERLAND]


@pytest.mark.parametrize("authority", [LEEDS, BRADFORD, YORK, BRENT, CUMBRIA, CUMBERLAND, "E10000001", None])
def test_everything_can_be_shown_and_reads_plainly(authority: str | None) -> None:
    known = judged(
        [each for each in many(60).all if each.area != YORK],
        reports(YORK, "2016-12-12 G"),
        reports(BRENT, "2026-06-17 -"),
        reports(CUMBRIA, "2015-05-13 I SIF"),
        reports(LEEDS, "2011-01-01 I SLAC"),
    )
    found = study(known, authority)
    for chart in found.charts:
        assert len(found.plot(chart).content["alt"]) >= 40
    for table in found.tables:
        found.table(table)
    said = [*found.words, *found.does_not_show, *(check.meaning for check in found.all_checks), *found.caveats]
    said += [paragraph for note in found.notes.values() for paragraph in note.paragraphs]
    for sentence in " ".join(said).replace("; ", ". ").replace(": ", ". ").split(". "):
        assert len(sentence.split()) <= 25, sentence
    assert not any(word in " ".join(said).lower().split() for word in BANNED)
    assert "nan" not in json.dumps(found.record()).lower().split()
    assert [row.reason for row in found.rows_left_out if row.area == LEEDS] == [
        "judged a part of services under an earlier framework: 1 SLAC"
    ]
    assert (set(found.notes) == {"here", "ahead"}) == (authority is not None)


def test_a_report_without_a_grade_may_be_newer_than_every_grade() -> None:
    found = study(judged(many(60).all, reports(BRENT, "2026-09-01 -")), BRENT)
    assert "no overall grade given" in found.plot("timeline").content["alt"]
    assert found.all_checks[-1].passed is False


def test_what_is_left_out_is_told_reason_by_reason() -> None:
    earlier = [reports(code, "2011-01-01 I SLAC", "2012-06-01 R SLAC") for code in (LEEDS, YORK)]
    found = study(judged(many(60).all, *earlier, reports(BRENT, "2026-06-17 -")))
    rows = {row[0]: row[1:] for row in found.table("left_out").content["rows"]}
    slac = rows["judged a part of services under an earlier framework: 2 SLAC"]
    assert slac == [2.0, "1 January 2011 to 1 June 2012", "Leeds; York"]
    assert any("no overall grade was given" in reason for reason in rows)
    assert len(found.rows_left_out) == 3


def test_the_chance_stays_out_of_what_comes_first() -> None:
    found = study(many(60), "E08000035")
    first = " ".join((*found.words, *found.notes["here"].paragraphs))
    assert "two more years" not in first
    assert list(found.notes) == ["here", "ahead"]


def test_without_any_spell_nothing_is_estimated_and_the_page_still_speaks() -> None:
    found = study(judged(reports(LEEDS, "2016-01-01 G", "2020-01-01 G"), reports(YORK, "2018-01-01 R")), LEEDS)
    assert found.verdict == "not_estimable"
    assert found.headline is None
    assert estimate(found, "spells").value == 0
    assert "The judgements do not allow an answer." in found.words
    assert found.plot("waiting").content["svg"] == ""
    for table in found.tables:
        found.table(table)


def test_with_one_open_spell_there_is_no_median() -> None:
    found = study(judged(reports(LEEDS, "2016-01-01 I"), reports(YORK, "2020-01-01 G")), LEEDS)
    assert found.verdict == "not_estimable"
    assert estimate(found, "area_spell_years").value == pytest.approx(4.0, abs=0.01)
    assert estimate(found, "area_chance_two_years").value is None
    for table in found.tables:
        found.table(table)


def test_without_judgements_there_is_nothing_to_count() -> None:
    with pytest.raises(NotEnoughData, match="no overall grade of all services"):
        study(NO_JUDGEMENTS)
    with pytest.raises(UnknownArea):
        study(many(40), "Nowhere")


def test_what_pages_share_is_the_same_after_a_store_remembered_it_and_is_computed_once() -> None:
    kept: dict[str, Any] = {}

    def remember(name: str, parameters: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
        if name not in kept:
            kept[name] = json.dumps(compute(), allow_nan=False)
        return json.loads(kept[name])

    def only_look(name: str, parameters: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
        def refuse() -> NoReturn:
            raise AssertionError(f"{name} was not prepared")

        return remember(name, parameters, refuse)

    panel = dataclasses.replace(panel_of(many(60)), remember=remember)
    kind = find("getting_to_good")
    kind.prepare(panel, kind.parameters.checked({"authority": ""}, study=kind.name))
    ready = dataclasses.replace(panel, remember=only_look, judgements=NO_JUDGEMENTS)
    made, plain = (getting_to_good(each, authority=LEEDS) for each in (ready, panel_of(many(60))))
    # Ten digits are remembered, and nothing else is lost.
    assert made.words == plain.words
    assert made.notes["here"].paragraphs == plain.notes["here"].paragraphs
    assert [each.key for each in made.estimates] == [each.key for each in plain.estimates]
    for kept_one, computed in zip(made.estimates, plain.estimates, strict=True):
        for name in ("value", "low", "high", "std_error"):
            is_number = getattr(computed, name) is not None
            expected = pytest.approx(getattr(computed, name), rel=1e-9) if is_number else None
            assert getattr(kept_one, name) == expected, computed.key
        assert (kept_one.method, kept_one.n_rows) == (computed.method, computed.n_rows)
    assert [row.reason for row in made.rows_left_out] == [row.reason for row in plain.rows_left_out]
    assert national_model(panel).as_plain() == json.loads(kept["getting_to_good"])
    assert made.plot("waiting").content == plain.plot("waiting").content


def test_the_same_judgements_give_the_same_numbers_to_the_last_digit() -> None:
    register = panel_of(NO_JUDGEMENTS).register
    first, second = (national_of(many(60), register).as_plain() for _ in range(2))
    assert json.dumps(first) == json.dumps(second)


def test_the_bootstrap_redraws_authorities() -> None:
    """Every authority has two spells alike: redrawn together they tell half as much as apart."""
    generator = random.Random(4)
    years = [generator.uniform(2.0, 9.0) for _ in range(30)]
    together = [Row(f"a{number}", each, True, each - 2) for number, each in enumerate(years) for _ in range(2)]
    apart = [Row(f"b{number}", row.years, True, row.known_without) for number, row in enumerate(together)]
    both = [until_changed(rows) for rows in (together, apart)]
    assert [each.n_units for each in both] == [30, 60]
    widths = [(each.at(5.0).high or 0.0) - (each.at(5.0).low or 0.0) for each in both]
    assert widths[0] > 1.15 * widths[1] > 0
