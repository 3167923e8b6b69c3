"""What a store remembers, what reports allow, other ways of counting, and the words of shares."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date

import pytest

from insight.core.check import Check
from insight.core.estimate import Estimate
from insight.core.judgements import NO_JUDGEMENTS, Judgements
from insight.core.register import Register
from insight.studies.getting_to_good import _curves, getting_to_good
from insight.studies.getting_to_good._checks import checks_of
from insight.studies.getting_to_good._curves import Row, placed_between
from insight.studies.getting_to_good._models import national_of, to_good
from insight.studies.getting_to_good._national import SENSITIVITIES, National
from insight.studies.getting_to_good._spells import horizon_of, spells_of, whole_service
from tests.studies.making_getting_to_good import (
    BRADFORD,
    BRENT,
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


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """As few draws as a bootstrap allows; the published ones have more."""
    monkeypatch.setattr(_curves, "DRAWS", 100)


def remembered(judgements: Judgements) -> National:
    """What pages share, as a store gives it back."""
    made = national_of(judgements, panel_of(NO_JUDGEMENTS).register)
    return National.of_plain(json.loads(json.dumps(made.as_plain())))


def test_a_finished_spells_own_good_is_among_those_as_soon_after_a_store_remembered_it() -> None:
    """Kaplan-Meier by hand at each spell's own last day, in whole days: rounding must not lose the day itself."""
    known = many(60)
    national = remembered(known)
    finished = [each for each in national.spells if each.is_good]
    rounded_up = [each for each in finished if float(f"{each.years:.10g}") > each.years]
    assert len(rounded_up) >= 10, "without such spells the test could not fail"
    for spell in finished:
        days, height = (spell.end - spell.start).days, 1.0
        ended = [((each.end - each.start).days, each.is_good) for each in national.spells]
        for day in sorted({day for day, is_good in ended if is_good and day <= days}):
            at_risk = sum(other >= day for other, _ in ended)
            height *= 1 - sum(is_good and other == day for other, is_good in ended) / at_risk
        step = national.good_by(spell.years)
        assert step is not None, spell
        assert step.time == pytest.approx(spell.years, abs=1e-6)
        assert step.value == pytest.approx(100 * height, abs=1e-6)


def test_a_good_on_the_next_day_is_not_as_soon() -> None:
    one = ("2015-01-01 I", "2018-06-01 G")
    national = remembered(judged(reports(LEEDS, *one), reports(YORK, "2015-01-01 I", "2018-06-02 G")))
    (leeds,), (york,) = national.spells_of(LEEDS), national.spells_of(YORK)
    heights = [step.value for step in (national.good_by(leeds.years), national.good_by(york.years)) if step]
    assert heights == pytest.approx([50.0, 0.0])


def test_the_quickest_spells_page_does_not_say_that_nobody_was_as_soon() -> None:
    known = judged(many(60).all, reports("E06000063", "2018-01-01 I", "2018-05-31 G"))
    kept = json.loads(json.dumps(national_of(known, panel_of(NO_JUDGEMENTS).register).as_plain()))
    panel = dataclasses.replace(panel_of(known), remember=lambda name, parameters, compute: kept)
    said = " ".join(getting_to_good(panel, authority="E06000063").notes["here"].paragraphs)
    assert "No spell at all" not in said
    assert "an estimated 2% (0 to 11) had a published Good within as many years" in said
    assert "0 were quicker" in said


def from_a_list(judgements: Judgements, after: str) -> Judgements:
    """Reports after a day come from a list that is not the inspectorate's."""
    return Judgements(
        tuple(
            dataclasses.replace(each, is_official=False, source="a list") if each.published > after else each
            for each in judgements.all
        )
    )


def test_without_the_list_spells_are_followed_until_the_newest_official_grade() -> None:
    """Leeds is Good in the list alone: without it, open on the newest official day, which is York's."""
    known = judged(
        reports(LEEDS, "2015-01-01 I", "2021-01-01 G"),
        reports(YORK, "2015-01-01 I", "2019-01-01 G"),
        reports(BRENT, "2012-01-01 I", "2019-07-01 R"),
        reports(BRADFORD, "2015-01-01 I", "2017-01-01 G"),
    )
    mixed, official = study(from_a_list(known, "2020-01-01")), study(known)
    head, own = estimate(mixed, "median_years_to_good"), estimate(mixed, "median_official_files")
    # With the list: 2, 4 and 6 years are events of 4, one open at 9: 3/4, 2/4 at 4 years, the middle of 4 and 6.
    assert head.value == pytest.approx(5.0, abs=0.01)
    # Without: 2 and 4 of 4 are events, Leeds is open at 4.5 and Brent at 7.5: it stays at one half from 4 years on.
    assert own.value == pytest.approx(4.0, abs=0.01)
    assert own.term == "As if nothing were known but the inspectorate's own files, to 1 July 2019"
    assert "2 of 4 spells ended" in own.method
    assert "median_official_files" in {each.key for each in mixed.estimates}
    assert own.term in [row[0] for row in mixed.table("sensitivity").content["rows"]]
    none = estimate(official, "median_official_files")
    assert (none.value, none.method) == (
        None,
        "not given: every grade stands in a file of the inspectorate's own",
    )
    bare = estimate(study(from_a_list(known, "")), "median_official_files")
    assert bare.method == "not given: no grade stands in a file of the inspectorate's own"


@pytest.mark.parametrize("has_stretch", [True, False])
def test_the_stretch_without_grades_is_not_called_the_pause_of_inspections(has_stretch: bool) -> None:
    """Its days are those of reports, which lag inspections: the pause itself began in March 2020."""
    found = study(one_way_or_the_other("2011") if has_stretch else many(60))
    own = estimate(found, "median_without_pause")
    assert (own.value is not None) == has_stretch
    days = ", March 2012 to February 2015" if has_stretch else ""
    assert own.term == f"Clock stopped in the longest stretch without a published grade{days}"
    assert not any("pause" in each.term or "pause" in each.method for each in found.estimates)


def looks(values: Mapping[str, float]) -> Check:
    """The check of other ways, with a headline of 7 (6 to 8) and these medians beside it."""
    national = remembered(many(60))
    plain = {key: Estimate(key, key, value, "years", "years", "m") for key, value in values.items()}
    head = Estimate("median_years_to_good", "t", 7.0, "years", "years", "m", low=6.0, high=8.0)
    made = tuple(
        head if each.key == head.key else plain.get(each.key, each)
        for each in (*national.estimates, *plain.values())
        if each.key not in plain or each is plain[each.key]
    )
    several = checks_of(dataclasses.replace(national, estimates=made), None)
    return next(each for each in several if each.name.startswith("Other ways"))


def test_two_ways_on_the_same_spells_are_one_look() -> None:
    inside = dict.fromkeys(SENSITIVITIES, 7.0)
    all_inside = looks(inside)
    assert all_inside.passed is True
    assert all_inside.meaning.startswith("6 of 6 do. The two by ILACS alone")
    both = looks({**inside, "median_ilacs_only": 3.0, "median_began_under_ilacs": 3.0})
    assert both.passed is False
    assert both.meaning.startswith("5 of 6 do.")
    one = looks({**inside, "median_began_under_ilacs": 3.0, "median_without_pause": 3.0})
    assert one.meaning.startswith("4 of 6 do.")


def test_the_two_ways_by_ilacs_rest_on_nearly_the_same_spells() -> None:
    """Why they are one look: every spell that began under ILACS is one of those that ILACS alone shows."""
    own = {(each.area, each.start) for each in spells(many(60)) if each.framework == "ILACS"}
    alone = [each for each in whole_service(many(60).history()) if each.framework == "ILACS"]
    shown = {(each.area, each.start) for each in spells_of(alone, horizon=horizon_of(alone) or date.max, ends={})}
    assert own
    assert own <= shown


def test_what_reports_place_in_a_stretch_and_what_they_allow_by_hand() -> None:
    """Of FIVE: (0, 2], (1, 4], after 0, after 2, (4, 8]. After 3 and up to 5 none must be, and four can."""
    rows = to_good(spells(FIVE))
    assert placed_between(rows, 3.0, 5.0) == (0, 4)
    assert placed_between(rows, 0.0, 4.1) == (2, 5)
    inside = [Row("a", 4.0, True, 3.0), Row("b", 3.0, True, 2.0), Row("c", 9.0, False, 5.0)]
    assert placed_between(inside, 3.0, 5.0) == (1, 1)


def one_way_or_the_other(early: str) -> Judgements:
    """24 spells: 8 Good early, 15 between reports at about 2 and at 5.2 years, and one between 5.1 and 6 years.

    The curve puts the 15 where they share time with others: with the one after 5.1 years, or with the early ones if
    those were Good after the 15 had their first reports. After 3 and up to 5 years it has no fall.
    """
    several = [(f"2010-01-0{day} I", f"{early}-0{day}-01 G") for day in range(1, 9)]
    late = [(f"2010-01-{day} I", f"2012-0{day % 3 + 1}-15 R", f"2015-0{day % 4 + 3}-15 G") for day in range(10, 25)]
    longer = [("2010-01-01 I", "2015-02-01 R", "2016-01-01 G")]
    codes = [area.code for area in Register.read().authorities()][:24]
    return judged(*(reports(code, *lines) for code, lines in zip(codes, (*several, *late, *longer), strict=True)))


@pytest.mark.parametrize("early", ["2011", "2012"])
def test_no_mass_in_a_stretch_is_no_finding_of_nobody(early: str) -> None:
    """15 of 24 can have changed after 3 and up to 5 years, and none must have."""
    found = estimate(study(one_way_or_the_other(early)), "interval_censored_share_3_to_5_years")
    assert found.value is None
    assert found.method.startswith("not given: the curve's mass lies at other times; ")
    assert "its level approximate" in found.method
    allowed = "the published reports allow 0% to 62%: 0 of 24 spells must have changed in that stretch, and 15 can have"
    assert found.method.endswith(allowed)
    if early == "2011":
        # A draw without the one (36% of them) may have all 15 at any time between: 15 of 23 or so.
        assert found.low == pytest.approx(0.0, abs=1e-6)
        assert found.high is not None
        assert found.high > 50
    else:
        # No draw has a fall there: an interval from 0 to 0 would say more than anybody knows.
        assert (found.low, found.high) == (None, None)


def test_mass_in_a_stretch_is_a_number() -> None:
    found = estimate(study(many(60)), "interval_censored_share_3_to_5_years")
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high
    assert "the published reports allow" in found.method


def test_a_share_of_the_change_that_has_no_number_says_why() -> None:
    known = judged(reports(LEEDS, "2016-01-01 I", "2018-01-01 G"), reports(YORK, "2016-01-01 I", "2019-01-01 I"))
    found = estimate(study(known), "interval_censored_share_3_to_5_years")
    assert found.value is None
    assert found.method == "not given: the curve is not known so late"


def test_the_chart_calls_the_share_an_estimate() -> None:
    found = study(many(60))
    share = estimate(found, "share_3_to_5_years").value
    assert share is not None
    title = found.plot("waiting").content["title"]
    assert f"an estimated {share:.0f}% take 3 to 5 years" in title
    assert " took " not in title
