"""The dictionary of the interactive tool: what its words are made into, and what it is refused for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.errors import DuplicateKey, RuleBroken, SourceChanged, UnknownSymbol, UnreadableText
from insight.sources import Reading, lait_dictionary, source_of
from insight.sources._lait_words import day_of, decimals_of, key_of, kind_of, unit_of
from tests.sources.made_lait import ABSENCE, MEASURE, MEASURES, OWNER, TURNOVER, write_dictionary, write_parquet

Row = Mapping[str, str]


@pytest.fixture
def read(tmp_path: Path, register: Register) -> Callable[..., Reading]:
    def read_rows(*rows: Row, encoding: str = "utf-8") -> Reading:
        return lait_dictionary.read(write_dictionary(tmp_path, rows, encoding), register)

    return read_rows


def test_it_is_known_by_its_columns(tmp_path: Path) -> None:
    assert source_of(write_dictionary(tmp_path)) is not None
    found = source_of(write_dictionary(tmp_path))
    assert found is not None
    assert found.SOURCE.key == "lait_dictionary"


def test_a_measure_becomes_an_indicator(read: Callable[..., Reading]) -> None:
    reading = read(TURNOVER)
    (measure,) = reading.indicators
    assert reading.rows.empty
    assert reading.release == "2026-04"
    assert measure.key == "lait_turnover"
    assert measure.source == "lait"
    assert measure.title == "Social worker turnover (%)"
    assert (measure.unit, measure.direction, measure.decimals) == ("percent", "lower", 1)
    assert measure.period_kind is PeriodKind.YEAR_TO_SEPTEMBER
    assert measure.topic == "Children's Services Workforce"
    assert measure.has_quarters
    assert "In the tool's menu: Turnover." in measure.caveats
    assert "Published by: Department for Education." in measure.caveats
    assert "Last updated in the tool: April 2026." in measure.caveats


def test_a_measure_of_two_topics_is_one_indicator_that_both_find(read: Callable[..., Reading]) -> None:
    again = {**TURNOVER, "Topic": "Contextual\\Other", "Measure": "Leavers", "dps": "2", "Last Update": "45778"}
    reading = read(TURNOVER, again)
    (measure,) = reading.indicators
    assert measure.topic == "Children's Services Workforce; Contextual/Other"
    assert measure.decimals == 2
    assert {"In the tool's menu: Turnover.", "In the tool's menu: Leavers."} <= set(measure.caveats)
    assert reading.rows_read == reading.rows_kept + sum(each.count for each in reading.set_aside) == 2


@pytest.mark.parametrize("change", [{"Polarity": "High"}, {"Year_Type": "Calendar Year"}, {"y_axis_name": "Number of"}])
def test_two_listings_that_contradict_each_other_are_refused(read: Callable[..., Reading], change: Row) -> None:
    with pytest.raises(DuplicateKey, match="Vacant"):
        read(vacant := {**ABSENCE, "Measure_short": "Vacant", "Chart_title": "Vacant"}, {**vacant, **change})


def test_two_measures_that_would_share_a_key_are_refused(read: Callable[..., Reading]) -> None:
    with pytest.raises(DuplicateKey, match="lait_ref_rate"):
        read({**MEASURE, "Measure_short": "Ref-Rate"}, {**MEASURE, "Measure_short": "Ref Rate"})


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"Polarity": "Middle"}, UnknownSymbol, "Middle"),
        ({"Year_Type": "Fortnight"}, UnknownSymbol, "Year_Type"),
        ({"Measure_short": " "}, RuleBroken, "Measure_short"),
        ({"Topic": "NA"}, RuleBroken, "Topic"),
        ({"Last Update": "New Data"}, RuleBroken, "release"),
    ],
)
def test_what_a_measure_must_say(read: Callable[..., Reading], change: Row, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        read({**MEASURE, **change})


def test_a_dictionary_in_the_letters_of_a_spreadsheet_is_read(read: Callable[..., Reading]) -> None:
    reading = read({**MEASURE, "Description": "Children’s rate – £"}, encoding="cp1252")
    assert reading.encoding == "CP1252"
    assert reading.indicators[0].definition == "Children’s rate – £"


def test_two_encodings_in_one_file_are_refused(tmp_path: Path, register: Register) -> None:
    path = write_dictionary(tmp_path, [{**MEASURE, "Description": "Children’s"}])
    path.write_bytes(path.read_bytes().replace(b"Rate per", b"Rate \x96 per"))
    with pytest.raises(UnreadableText, match="two encodings"):
        lait_dictionary.read(path, register)


def test_a_renamed_column_is_refused_with_both_names(tmp_path: Path, register: Register) -> None:
    path = write_dictionary(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("Chart_title", "Chart_name"), encoding="utf-8")
    with pytest.raises(SourceChanged, match="Chart_title"):
        lait_dictionary.read(path, register)


def test_line_breaks_and_spaces_in_cells_count_once(read: Callable[..., Reading]) -> None:
    reading = read({**MEASURE, "Description": "One\r\r\n\r\r\ntwo  three \uf0b7 four"})
    assert reading.indicators[0].definition == "One two three • four"


def test_what_the_tool_says_of_updates_and_owners(read: Callable[..., Reading]) -> None:
    ended = {"Next Update": "Discontinued", OWNER: "0", "Methodology": "x" * 300, "state_funded_flag": "State Funded"}
    (measure,) = read({**MEASURE, **ended}).indicators
    assert "No further update: Discontinued." in measure.caveats
    assert "State-funded schools only." in measure.caveats
    assert not any("Published by" in caveat or "Method" in caveat for caveat in measure.caveats)
    (open_ended,) = read({**MEASURE, "Next Update": "TBC", "Methodology": "A count."}).indicators
    assert not any("No further" in caveat for caveat in open_ended.caveats)
    assert "Method: A count." in open_ended.caveats


def test_quarters_are_only_of_measures_with_a_better_side(read: Callable[..., Reading]) -> None:
    (neither,) = read(MEASURE).indicators
    (excluded,) = read({**TURNOVER, "No_Quartile": "N"}).indicators
    assert (neither.has_quarters, excluded.has_quarters) == (False, False)


def test_an_axis_of_shares_over_a_number_is_said(read: Callable[..., Reading]) -> None:
    (measure,) = read({**MEASURE, "Chart_title": "Number of reviews", "y_axis_name": "% of deaths"}).indicators
    assert measure.unit == "count"
    assert "The tool's axis reads '% of deaths'; the figures are numbers." in measure.caveats


@pytest.mark.parametrize(
    ("axis", "title", "unit"),
    [
        ("% of referrals", "Re-referrals (%)", "percent"),
        ("Entries", "Entries for the baccalaureate (%)", "percent"),
        ("Rate per 100,000 of 10-17 population", "Entrants - rate", "rate per 100,000 of 10-17 population"),
        ("Number CPP", "Plans - number", "count"),
        ("Total cases", "Cases (num)", "count"),
        ("Social Workers", "Number of children's social workers (FTE)", "fte"),
        ("Case Load", "Average number of cases (FTE)", "cases per worker"),
        ("Unit Cost", "Fostering - weekly unit costs", "pounds per week"),
        ("Spend", "Fostering - gross expenditure", "pounds"),
        ("Score per pupil", "Attainment 8", "score per pupil"),
        ("", "A number of something", "number"),
    ],
)
def test_units_in_words(axis: str, title: str, unit: str) -> None:
    assert unit_of(axis, title) == unit


@pytest.mark.parametrize(
    ("year_type", "title", "definition", "kind"),
    [
        ("Academic Year", "Absence", "", PeriodKind.ACADEMIC_YEAR),
        ("Calendar Year", "Births", "", PeriodKind.CALENDAR_YEAR),
        ("Annual - January", "Free school meals", "", PeriodKind.IN_JANUARY),
        ("Annual", "Children looked after", "", PeriodKind.AT_MARCH),
        ("Financial Year", "Referrals", "", PeriodKind.YEAR_TO_MARCH),
        ("Financial Year", "Looked after at 31 March", "", PeriodKind.AT_MARCH),
        ("Financial Year", "Looked after", "Children on 31st March. More.", PeriodKind.AT_MARCH),
        ("Financial Year", "Looked after", "Children. Not those at 31 March.", PeriodKind.YEAR_TO_MARCH),
        ("Financial Year", "Looked after at 31 March, moved during the year", "", PeriodKind.YEAR_TO_MARCH),
        ("Annual (end of Sept)", "Social workers", "", PeriodKind.AT_SEPTEMBER),
        ("Annual (end of Sept)", "Social workers leaving during the year", "", PeriodKind.YEAR_TO_SEPTEMBER),
        ("Annual (end of Sept)", "Absence Rate (%) throughout year", "", PeriodKind.YEAR_TO_SEPTEMBER),
        ("Fortnight", "Anything", "", None),
    ],
)
def test_kinds_of_year(year_type: str, title: str, definition: str, kind: PeriodKind | None) -> None:
    assert kind_of(year_type, title, definition) is kind


@pytest.mark.parametrize(
    ("text", "unit", "decimals"), [("NA", "percent", 1), ("2", "percent", 2), ("0", "pounds", 0), ("2", "count", 0)]
)
def test_decimals(text: str, unit: str, decimals: int) -> None:
    assert decimals_of(text, unit) == decimals


def test_a_number_and_its_share_have_keys_that_nobody_confuses() -> None:
    assert key_of("LAC_ceased_SGO%") == "lait_lac_ceased_sgo_percent"
    assert key_of("LAC_ceased_SGO") == "lait_lac_ceased_sgo"
    assert key_of("LAC_Fixed_ Ex") == "lait_lac_fixed_ex"


@pytest.mark.parametrize(
    ("text", "day"), [("46113", "2026-04-01"), ("44501", "2021-11-01"), ("1", None), ("4e4", None)]
)
def test_days_are_the_serial_numbers_of_a_spreadsheet(text: str, day: str | None) -> None:
    # Serial 44,501 is 1 November 2021 in Excel's calendar (43,831 is 1 January 2020).
    found = day_of(text)
    assert (found.isoformat() if found else None) == day


def test_the_long_table_is_no_dictionary(tmp_path: Path) -> None:
    found = source_of(write_parquet(tmp_path, [("RefRate", "2025", ("383", "Leeds", "Yorkshire and The Humber"), "1")]))
    assert found is not None
    assert found.SOURCE.key == "lait"
    assert len(MEASURES) == len({row["Measure_short"] for row in MEASURES})
