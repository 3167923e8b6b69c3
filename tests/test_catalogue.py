"""The search over every indicator, in the words that people use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import insight as ins
from insight.catalogue import search
from insight.catalogue._index import Index
from insight.catalogue._words import root, with_meanings, words_of
from insight.core.indicator import Indicator
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.errors import StoreDamaged, StoreMissing, UsageError
from insight.sources import all_sources, lait, lait_dictionary
from insight.store import Held, build, contents, raw_id
from tests.sources.made_lait import LEEDS, write_dictionary, write_parquet


def held(key: str, title: str, *, topic: str = "", unit: str = "percent", definition: str = "") -> Held:
    measure = Indicator(key, title, unit, "lower", PeriodKind.YEAR_TO_MARCH, "made", topic=topic, definition=definition)
    return Held(measure, 2016, 2025, "A made source", "2025")


MADE = (
    held("cla_rate", "Children looked after rate per 10,000", topic="Children Looked After", unit="rate per 10,000"),
    held("cla_count", "Children looked after (num)", topic="Children Looked After", unit="count"),
    held("rereferral", "Re-referrals within 12 months of the previous referral (%)", topic="Child Protection"),
    held("second_plan", "Plans for a second or subsequent time (%)", topic="Child Protection"),
    held("cases", "Average number of cases per social worker", topic="Workforce", unit="cases per worker"),
    held("neet", "16-17 year olds not in education, employment or training (%)", topic="Economic Factors"),
    held("ks2", "Key stage 2 reading, writing and mathematics", topic="Attainment"),
    held("leavers_home", "Care leavers in suitable accommodation (%)", topic="Children Looked After"),
    held("foster", "Fostering - gross expenditure", topic="Finance", unit="pounds"),
    held("placed", "Placed more than 20 miles from home (%)", definition="Of children in care.", topic="Distance"),
)


def keys(question: str, **more: str | None) -> list[str]:
    return [row[0] for row in search(MADE, question, **more).content["rows"]]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("referrals within 12 months", "rereferral"),
        ("re-referral", "rereferral"),
        ("RE REFERRALS", "rereferral"),
        ("rereferral rate", "rereferral"),
        ("repeat plan", "second_plan"),
        ("caseload", "cases"),
        ("CLA rate", "cla_rate"),
        ("number of children in care", "cla_count"),
        ("LAC per 10000", "cla_rate"),
        ("NEET", "neet"),
        ("KS2 RWM", "ks2"),
        ("maths", "ks2"),
        ("leaving care", "leavers_home"),
        ("cost of foster care", "foster"),
        ("what do we spend on fostering?", "foster"),
        ("children in care placed 20 miles away from home", "placed"),
    ],
)
def test_the_words_of_the_field_find_the_measure(question: str, first: str) -> None:
    assert keys(question)[0] == first


def test_every_word_counts_but_those_of_form() -> None:
    assert keys("care leavers accommodation") == ["leavers_home"]
    assert keys("percentage of care leavers") == ["leavers_home"]
    assert keys("children looked after employment") != []


def test_no_question_gives_everything_in_order() -> None:
    shown = search(MADE, limit=3)
    assert shown.content["caption"] == "Indicators: the first 3 of 10"
    assert len(search(MADE, "", limit=None).content["rows"]) == len(MADE)
    assert len(search(MADE, "of the and", limit=None).content["rows"]) == len(MADE)


def test_the_table_says_what_to_load_and_how_to_read_it() -> None:
    shown = search(MADE, "caseload")
    assert [column["key"] for column in shown.content["columns"]] == [
        "key",
        "what",
        "unit",
        "better",
        "topic",
        "years",
        "source",
    ]
    assert shown.content["rows"][0][2:] == [
        "cases per worker",
        "lower",
        "Workforce",
        "2016 to 2025",
        "A made source, 2025",
    ]
    assert shown.content["caption"] == "Indicators for “caseload”: 1"
    assert not shown.content["is_sample"]
    assert "SAMPLE" in repr(search(MADE, "caseload", is_sample=True))


def test_the_parts_of_a_measure_find_it() -> None:
    factors = Indicator("factors", "Episodes with each factor", "count", "neither", PeriodKind.YEAR_TO_MARCH, "made")
    pool = [*MADE, Held(factors, 2018, 2025, "A made source", "2025", ("Domestic abuse: child", "Gangs"))]
    assert [row[0] for row in search(pool, "domestic violence").content["rows"]] == ["factors"]


def test_of_two_that_fit_alike_the_one_that_goes_on_is_first() -> None:
    ended = Held(MADE[4].indicator, 2010, 2014, "An older source", "2014")
    pool = [Held(replace(ended.indicator, key="a_cases"), 2010, 2014, "An older source", "2014"), *MADE]
    assert [row[0] for row in search(pool, "caseload").content["rows"]] == ["cases", "a_cases"]


def test_months_are_said_as_months() -> None:
    monthly = Indicator("m", "Referrals by month", "count", "neither", PeriodKind.MONTH, "made")
    shown = search([Held(monthly, 201304, 202403, "A made source", "2024")], "referrals")
    assert shown.content["rows"][0][5] == "April 2013 to March 2024"
    shown = search([Held(monthly, 202403, 202403, "A made source", "2024")], "referrals")
    assert shown.content["rows"][0][5] == "March 2024"


def test_a_slip_of_the_finger_is_said_and_looked_past() -> None:
    shown = search(MADE, "care leavers in suitable accomodation")
    assert [row[0] for row in shown.content["rows"]] == ["leavers_home"]
    assert shown.content["notes"] == ["No title says “accomodation”. Looked for instead: accommodation."]


def test_a_word_that_nobody_uses_is_said_with_the_nearest() -> None:
    shown = search(MADE, "zebra crossings")
    assert shown.content["rows"] == []
    assert shown.content["caption"] == "Indicators for “zebra crossings”: none"
    assert shown.content["notes"][0].startswith("No indicator speaks of “zebra”.")
    assert shown.content["notes"][-1] == "Ask with fewer or other words, or look through a topic."
    assert shown.frame.empty


def test_where_no_measure_has_all_words_those_with_most_are_shown_and_it_is_said() -> None:
    shown = search(MADE, "fostering expenditure in Greenland")
    assert [row[0] for row in shown.content["rows"]] == ["foster"]
    assert shown.content["notes"][-1] == "No indicator fits every word; these fit most of them."


def test_a_topic_narrows_the_search() -> None:
    assert set(keys("", topic="looked after")) == {"cla_rate", "cla_count", "leavers_home"}
    assert keys("rate", topic="children looked-after")[0] == "cla_rate"
    assert search(MADE, topic="Workforce").content["caption"] == "Indicators in Workforce: 1"
    for wrong in ("astronomy", ""):
        with pytest.raises(UsageError, match=r"Attainment; Child Protection; Children Looked After"):
            search(MADE, topic=wrong)


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(UsageError, match="limit of 0"):
        search(MADE, "plans", limit=0)


def test_what_a_reader_asks_is_printed_safely() -> None:
    shown = search(MADE, "<b>plans</b>\u202e" + "x" * 300)
    assert "<b>" not in shown._repr_mimebundle_()["text/html"]
    assert "\u202e" not in shown.content["caption"]
    assert len(shown.content["caption"]) < 100


def test_the_same_question_has_the_same_answer() -> None:
    answers = {repr(search(tuple(reversed(MADE)) if turned else MADE, "children")) for turned in (True, False)}
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("placements", "placed"),
        ("adoption", "adopted"),
        ("vacancies", "vacancy"),
        ("child", "children"),
        ("cases", "case"),
        ("assessments", "assessed"),
    ],
)
def test_forms_of_a_word_have_one_root(one: str, other: str) -> None:
    assert root(one) == root(other)


@pytest.mark.parametrize(
    ("one", "other"), [("class", "clas"), ("case", "care"), ("status", "statu"), ("plan", "place")]
)
def test_different_words_have_different_roots(one: str, other: str) -> None:
    assert root(one) != root(other)


def test_words_are_split_as_people_type_them() -> None:
    assert words_of("Child’s 2½-yr “re-referral” & S47_rate") == [
        "childs",
        "2",
        "yr",
        "rereferral",
        "and",
        "s47",
        "rate",
    ]
    assert with_meanings(["in", "care"], is_question=True) == with_meanings(["lac"], is_question=True)
    assert with_meanings(["in", "care"], is_question=False)[:2] == ["in", "care"]


def test_the_sample_store_is_searched_by_its_real_names(sample_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHT_STORE", str(sample_store))
    shown = ins.indicators("referrals within 12 months")
    assert "SAMPLE DATA" in repr(shown)
    assert "rereferral_percent" in shown.frame["key"].tolist()
    assert ins.indicators("caseload").frame["key"].tolist()[0] == "caseload_fte"
    found = set(ins.indicators(limit=None).frame["key"])
    panel = ins.load_panel()
    assert found >= set(panel.indicators)
    years = panel.data[panel.data["indicator"] == "caseload_fte"]["time_period"]
    assert ins.indicators("caseload").frame["years"][0] == f"{years.min()} to {years.max()}"


def test_what_a_store_holds_is_what_its_panel_has(sample_store: Path) -> None:
    panel = ins.load_panel(sample_store)
    for each in contents(sample_store):
        rows = panel.data[panel.data["indicator"] == each.indicator.key]
        if len(rows):
            assert (each.first, each.last) == (rows["time_period"].min(), rows["time_period"].max())
            assert each.parts == tuple(sorted(set(rows["breakdown"]) - {""}))


def test_tables_that_come_only_by_name_are_searched_too(tmp_path: Path) -> None:
    raw, processed = tmp_path / "raw", tmp_path / "processed"
    raw.mkdir()
    write_dictionary(raw)
    write_parquet(
        raw, [("TotAbs", "2016", LEEDS, "1"), ("TotAbs", "2025", LEEDS, "-"), ("RefRate", "2024", LEEDS, "1")]
    )
    build(raw, processed)
    store = processed / raw_id(raw)
    shown = ins.indicators("pupil absence", store=store)
    assert shown.content["rows"] == [
        [
            "lait_totabs",
            "Total absence (%)",
            "percent",
            "lower",
            "All Pupil Absence & Exclusions",
            "2016 to 2025",
            "Local Authority Interactive Tool, 2025",
        ]
    ]
    assert ins.load_panel(store, indicators=shown.frame["key"].tolist()).data["time_period"].tolist() == [2016, 2025]


def test_a_store_whose_parts_are_gone_is_damaged(tmp_path: Path) -> None:
    raw, processed = tmp_path / "raw", tmp_path / "processed"
    raw.mkdir()
    write_dictionary(raw)
    write_parquet(raw, [("TotAbs", "2016", LEEDS, "1")])
    store = build(raw, processed).store
    manifest = store / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('"source": "lait"', '"source": "unheard"'), encoding="utf-8")
    with pytest.raises(StoreDamaged, match="unheard"):
        contents(store)
    manifest.write_text(text, encoding="utf-8")
    for part in (store / "parts").glob("*.parquet"):
        part.write_bytes(b"PAR1")
    with pytest.raises(StoreDamaged, match="cannot be read"):
        ins.indicators("absence", store=store)


def test_without_a_store_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing):
        ins.indicators("anything", store=tmp_path)


@pytest.fixture(scope="module")
def everything(test_data: Path) -> tuple[Held, ...]:
    """Every indicator that this version knows, with all measures of the interactive tool."""
    folder = test_data / "published" / "dfe" / "lait"
    measures = lait_dictionary.read(folder / "lait_data_dictionary.csv", Register.read()).indicators
    others = [
        Held(each, 2016, 2025, module.SOURCE.title, "2025")
        for module in all_sources().values()
        for each in module.INDICATORS
    ]
    return (*others, *(Held(each, 2016, 2025, lait.SOURCE.title, "2026") for each in measures))


@pytest.mark.published
def test_all_434_measures_are_found_first_by_their_own_title(everything: tuple[Held, ...]) -> None:
    index = Index(everything)
    measures = [each for each in everything if each.indicator.source == "lait"]
    assert len(measures) == 434
    astray = [each.indicator.key for each in measures if index.find(each.indicator.title).hits[:1] != (each,)]
    assert astray == []


@pytest.mark.published
def test_all_434_measures_are_found_by_their_name_in_the_tools_menu(everything: tuple[Held, ...]) -> None:
    index = Index(everything)
    menu = "In the tool's menu: "
    named = [(each, said) for each in everything for said in each.indicator.caveats if said.startswith(menu)]
    astray = [said for each, said in named if each not in index.find(said.removeprefix(menu)).hits[:3]]
    assert len(named) > 350
    assert astray == []


@pytest.mark.published
def test_both_topics_of_a_measure_find_it(everything: tuple[Held, ...]) -> None:
    for topic in ("Children Looked After", "All Pupil Absence & Exclusions"):
        shown = search(everything, "looked after unauthorised absence", topic=topic)
        assert shown.content["rows"][0][0] == "lait_lac_unauth"


@pytest.mark.published
@pytest.mark.parametrize(
    ("question", "key"),
    [
        ("children in care placed far from home", "lait_lacdistance"),
        ("S47", "lait_section_47"),
        ("obese", "lait_excessrec"),
        ("UASC", "lait_unacc_asylmn_seek_childn"),
        ("school moves", "lait_stability_school"),
        ("teenage pregnancy", "lait_under18concep"),
        ("child poverty", "lait_childpov"),
        ("icpc within 15 days", "lait_cp_conf_15days"),
        ("social worker turnover", "lait_work_force_to_rate"),
        ("weekly cost of residential care", "lait_rescarefinance"),
        ("missing children", "lait_children_missing"),
    ],
)
def test_questions_that_people_ask(everything: tuple[Held, ...], question: str, key: str) -> None:
    assert key in [row[0] for row in search(everything, question, limit=6).content["rows"]]
