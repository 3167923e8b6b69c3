"""The long table of the interactive tool: years, cells, places, areas that came and went, joint returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from insight.core.panel import COLUMNS, KEY
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.errors import (
    DuplicateKey,
    GeographyConflict,
    NotTabular,
    RuleBroken,
    SourceChanged,
    SourceRefused,
    UnknownSymbol,
    UnreadableText,
)
from insight.sources import Reading, _lait_table, lait, lait_dictionary
from insight.sources._lait_cells import cell_of
from insight.sources._lait_years import Years, marks_in_words, years_of
from insight.store import build, load_panel, raw_id
from tests.sources.made_lait import (
    DORSET,
    ENGLAND,
    HACKNEY,
    INNER_LONDON,
    KINGSTON,
    LEEDS,
    LONDON,
    MEASURE,
    OLD_DORSET,
    RICHMOND,
    Cell,
    write_dictionary,
    write_parquet,
    write_text,
)

Read = Callable[..., Reading]
JOINT = "E09000021_E09000027"


@pytest.fixture
def read(tmp_path: Path, register: Register) -> Read:
    measures = lait_dictionary.read(write_dictionary(tmp_path), register).indicators

    def read_cells(*cells: Cell, write: Callable[[Path, Sequence[Cell]], Path] = write_parquet) -> Reading:
        return lait.read_with(write(tmp_path, cells), register, measures)

    return read_cells


def values(reading: Reading) -> dict[tuple[str, int], float | None]:
    """Each area's and year's figure."""
    rows = reading.rows
    return {
        (area, year): None if pd.isna(value) else value
        for area, year, value in zip(rows["area"], rows["time_period"].tolist(), rows["value"].tolist(), strict=True)
    }


def set_aside(reading: Reading) -> dict[str, int]:
    """How many rows for which reason."""
    return {each.reason: each.count for each in reading.set_aside}


def test_a_row_becomes_a_row_of_a_panel(read: Read) -> None:
    reading = read(("RefRate", "2025", LEEDS, "512.5"), ("RefRate", "2024", ENGLAND, "500"))
    assert list(reading.rows.columns) == list(COLUMNS)
    assert reading.release == "2025"
    assert reading.rows.sort_values(list(KEY), ignore_index=True).equals(reading.rows)
    leeds = reading.rows.iloc[0]
    assert (leeds["area"], leeds["time_period"], leeds["period_end"]) == ("E08000035", 2025, date(2025, 3, 31))
    assert (leeds["indicator"], leeds["value"], leeds["status"]) == ("lait_refrate", 512.5, "value")
    assert leeds["symbol"] == leeds["breakdown"] == ""
    assert pd.isna(leeds["numerator"])
    assert [each.key for each in reading.indicators] == ["lait_refrate"]


def test_a_dash_is_no_zero(read: Read) -> None:
    reading = read(("RefRate", "2025", LEEDS, "-"), ("RefRate", "2025", HACKNEY, "c"), ("RefRate", "2024", LEEDS, "0"))
    told = list(zip(reading.rows["symbol"], reading.rows["status"], strict=True))
    assert told == [("", "value"), ("-", "unspecified"), ("c", "suppressed")]
    assert values(reading) == {("E08000035", 2024): 0.0, ("E08000035", 2025): None, ("E09000012", 2025): None}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_and_parquet_are_one_table(read: Read, separator: str) -> None:
    cells = [("RefRate", str(year), place, str(year / 8)) for year in (2023, 2024) for place in (LEEDS, ENGLAND)]
    as_text = read(*cells, write=lambda folder, rows: write_text(folder, rows, separator))
    assert as_text.rows.equals(read(*cells).rows)
    assert (as_text.encoding, read(*cells).encoding) == ("UTF-8", "Parquet")


@pytest.mark.parametrize(
    ("text", "label", "is_three", "mark"),
    [
        ("2024", 2024, False, ""),
        ("2015-16", 2016, False, ""),
        ("2015/16", 2016, False, ""),
        ("1999-00", 2000, False, ""),
        ("2018 (Rev)", 2018, False, "revised"),
        ("2020 (Final)", 2020, False, "final"),
        ("2025 (prov)", 2025, False, "provisional"),
        ("2016-17 (OT)", 2017, False, "outturn"),
        ("2014-16", 2016, True, ""),
        ("2013/14-15/16", 2016, True, ""),
    ],
)
def test_years_in_every_spelling(text: str, label: int, is_three: bool, mark: str) -> None:
    assert years_of(text) == Years(label, is_three, mark)


@pytest.mark.parametrize("text", ["0", "", "2014-17", "2016-15", "2025 (draft)", "24", "2013/14-16/17", "March 2024"])
def test_what_is_no_year(text: str) -> None:
    assert years_of(text) is None


def test_marks_are_said_with_their_years(read: Read) -> None:
    cells = [("RefRate", years, LEEDS, "1") for years in ("2022 (Rev)", "2023 (Rev)", "2024 (Final)", "2025 (prov)")]
    (measure,) = read(*cells).indicators
    assert measure.caveats[-1] == "Marked by the publisher: final 2024; provisional 2025; revised 2022 to 2023."
    assert marks_in_words([Years(2024)]) == ""


def test_three_years_are_a_period_of_their_own(read: Read) -> None:
    reading = read(("RTA", "2014-16", LEEDS, "12.1"), ("RTA", "2015-17", LEEDS, "12.4"))
    assert reading.indicators[0].period_kind is PeriodKind.THREE_CALENDAR_YEARS
    assert reading.rows["period_end"].tolist() == [date(2016, 12, 31), date(2017, 12, 31)]
    reading = read(("RefRate", "2013/14-15/16", LEEDS, "12.1"))
    assert reading.indicators[0].period_kind is PeriodKind.THREE_YEARS_TO_MARCH


@pytest.mark.parametrize("cells", [["2014-16", "2017"], ["2014-16 (Rev)", "2016-17"]])
def test_years_of_two_lengths_are_refused(read: Read, cells: list[str]) -> None:
    with pytest.raises(RuleBroken, match="another length"):
        read(*(("RTA", years, LEEDS, "1") for years in cells))


def test_three_school_years_are_no_period_that_is_known(read: Read) -> None:
    with pytest.raises(RuleBroken, match="another length"):
        read(("TotAbs", "2014-16", LEEDS, "1"))


def test_one_year_in_two_spellings_is_refused(read: Read) -> None:
    with pytest.raises(DuplicateKey, match="2016 in two spellings"):
        read(("RefRate", "2016", LEEDS, "1"), ("RefRate", "2015-16", HACKNEY, "2"))


def test_the_year_0_is_set_aside_with_its_reason(read: Read) -> None:
    reading = read(("RefRate", "0", LEEDS, "-"), ("RefRate", "2025", LEEDS, "1"))
    assert set_aside(reading) == {'the year is written "0", which says none': 1}
    assert reading.set_aside[0].names == ("Rates of referrals to children's services",)


@pytest.mark.parametrize("years", ["2025 (draft)", "25", "2014-17", "1066"])
def test_a_year_that_is_not_known_is_refused(read: Read, years: str) -> None:
    with pytest.raises((UnknownSymbol, RuleBroken), match=r"row 2|1066|between 1990"):
        read(("RefRate", "2025", LEEDS, "1"), ("RefRate", years, LEEDS, "1"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9.3699999999999992", 9.37),
        ("39.450000000000003", 39.45),
        ("7.0000000000000007E-2", 0.07),
        ("-7.0000000000000007E-2", -0.07),
        ("158.57884615384617", 158.5788462),
        ("2266677.8", 2266677.8),
        ("16012360000", 16012360000.0),
        ("0", 0.0),
    ],
)
def test_the_noise_of_a_spreadsheet_is_rounded_away(text: str, value: float) -> None:
    cell = cell_of(text)
    assert cell is not None
    assert cell.value == value


@pytest.mark.parametrize("text", ["", "1.2E+06", "1,234", "12%", "n/a", "x", "٣", "1.", "--", "NaN", "inf", "0x1"])
def test_a_cell_that_is_not_known_is_refused_with_its_row(read: Read, text: str) -> None:
    with pytest.raises(UnknownSymbol, match="line 2, column Values"):
        read(("RefRate", "2025", LEEDS, "1"), ("RefRate", "2024", LEEDS, text))


def test_what_cannot_be_negative_is_refused_and_a_gap_can(read: Read) -> None:
    with pytest.raises(RuleBroken, match=r"row 2: Total absence \(%\)"):
        read(("TotAbs", "2024", LEEDS, "5"), ("TotAbs", "2025", LEEDS, "-5"))
    assert values(read(("Gap", "2025", LEEDS, "-0.13"))) == {("E08000035", 2025): -0.13}


def test_a_part_of_a_region_is_set_aside(read: Read) -> None:
    reading = read(("RefRate", "2025", LONDON, "1"), ("RefRate", "2025", INNER_LONDON, "2"))
    assert values(reading) == {("E12000007", 2025): 1.0}
    assert set_aside(reading) == {"part of a region, whose own row covers it": 1}


@pytest.mark.parametrize(
    "place",
    [
        ("999", "Leeds", "Yorkshire and The Humber"),
        ("383", "Bradford", "Yorkshire and The Humber"),
        ("383", "Leeds", "North West"),
        ("970", "Leeds", "NA"),
        ("980", "Leeds", "NA"),
        ("986", "Londinium", "NA"),
        ("981", "London", "NA"),
        ("986", "London (Inner)", "NA"),
        ("988", "London (Inner)", "NA"),
        ("987", "London", "NA"),
        ("989", "South West", "NA"),
        ("38.5", "Leeds", "NA"),
        ("E08000035", "Leeds", "NA"),
    ],
)
def test_a_place_that_contradicts_the_register_is_refused(read: Read, place: tuple[str, str, str]) -> None:
    with pytest.raises(GeographyConflict, match="LA Number"):
        read(("RefRate", "2025", place, "1"), write=write_text)


def test_two_figures_of_one_place_and_year_are_refused(read: Read) -> None:
    with pytest.raises(DuplicateKey, match=r"rows 1 and 3 both claim Leeds in 2025"):
        read(("RefRate", "2025", LEEDS, "1"), ("RefRate", "2024", LEEDS, "1"), ("RefRate", "2025", LEEDS, "1"))


def test_two_numbers_for_one_region_are_refused(read: Read) -> None:
    with pytest.raises(GeographyConflict, match="the number 985 with the name 'London'"):
        read(("RefRate", "2025", LONDON, "1"), ("RefRate", "2025", ("985", "London", "NA"), "1"))


@pytest.mark.parametrize(
    ("number", "name", "code"),
    [
        # Numbers and names as in the tool's long table; codes are those of the register.
        ("980", "North East", "E12000001"),
        ("982", "Yorkshire and the Humber", "E12000003"),
        ("984", "West Midlands", "E12000005"),
        ("985", "East of England", "E12000006"),
        ("989", "South East", "E12000008"),
        ("990", "South West", "E12000009"),
    ],
)
def test_a_region_has_the_number_that_the_tool_gives_it(read: Read, number: str, name: str, code: str) -> None:
    assert values(read(("RefRate", "2025", (number, name, "NA"), "1"))) == {(code, 2025): 1.0}


def test_a_measure_that_the_dictionary_lacks_is_set_aside(read: Read) -> None:
    reading = read(("RefRate", "2025", LEEDS, "1"), ("Unheard", "2025", LEEDS, "1"))
    assert set_aside(reading) == {"a measure that the dictionary does not explain": 1}
    assert reading.set_aside[0].names == ("Unheard",)
    with pytest.raises(SourceChanged, match="same edition"):
        read(("Unheard", "2025", LEEDS, "1"))


def test_an_area_has_rows_in_its_own_time_only(read: Read) -> None:
    # Dorset was replaced on 1 April 2019 (S.I. 2018/648); the financial year 2019 ended the day before.
    cells = [("RefRate", year, place, "5") for year in ("2018", "2019", "2021") for place in (OLD_DORSET, DORSET)]
    cells += [("RefRate", "2020", OLD_DORSET, "-"), ("RefRate", "2016", DORSET, "-")]
    reading = read(*cells)
    assert set(values(reading)) == {("E10000009", 2018), ("E10000009", 2019), ("E06000059", 2021)}
    assert set_aside(reading) == {
        "a figure for an area in a period in which it did not exist": 3,
        "no figure, for an area that did not exist at the end of the period": 2,
    }
    assert reading.rows_read == reading.rows_kept + 5


def test_a_school_year_may_end_after_the_area(read: Read) -> None:
    reading = read(("TotAbs", "2019", OLD_DORSET, "5"), ("TotAbs", "2019", DORSET, "-"))
    assert values(reading) == {("E10000009", 2019): 5.0, ("E06000059", 2019): None}
    assert reading.notes == ("figures of areas for a period within which they ended: 1",)
    reading = read(("TotAbs", "2019", OLD_DORSET, "-"), ("TotAbs", "2019", DORSET, "5"))
    assert values(reading) == {("E06000059", 2019): 5.0}


def test_an_area_and_its_successor_are_not_counted_twice(read: Read) -> None:
    reading = read(("TotAbs", "2019", OLD_DORSET, "5"), ("TotAbs", "2019", DORSET, "6"))
    assert values(reading) == {("E06000059", 2019): 6.0}
    assert set_aside(reading) == {"a figure of an abolished area, for a period in which its successor has one": 1}


def test_a_joint_return_is_one_row(read: Read) -> None:
    cells = [(measure, "2025", place, "28") for measure in ("Turnover", "Vacancies") for place in (KINGSTON, RICHMOND)]
    reading = read(*cells, ("Turnover", "2025", LEEDS, "12"))
    turnover = reading.rows[reading.rows["indicator"] == "lait_turnover"]
    assert turnover["area"].tolist() == ["E08000035", JOINT]
    assert set_aside(reading) == {"a joint return's figure, repeated under another of its members": 2}
    assert reading.notes == ("workforce figures of the joint return of Kingston upon Thames / Richmond upon Thames: 2",)


@pytest.mark.parametrize("places", [(KINGSTON, RICHMOND), (RICHMOND, KINGSTON)])
def test_a_joint_figure_may_stand_under_one_member(read: Read, places: Sequence[tuple[str, str, str]]) -> None:
    with_figure, without = places
    reading = read(("Turnover", "2016", with_figure, "17.4"), ("Turnover", "2016", without, "-"))
    assert values(reading) == {(JOINT, 2016): 17.4}


def test_members_with_different_figures_are_separate_in_that_year(read: Read) -> None:
    cells = [("Turnover", year, place, "28") for year in ("2024", "2025") for place in (KINGSTON, RICHMOND)]
    cells += [("Vacancies", "2025", KINGSTON, "3"), ("Vacancies", "2025", RICHMOND, "4")]
    reading = read(*cells)
    turnover = reading.rows[reading.rows["indicator"] == "lait_turnover"]
    assert list(zip(turnover["area"], turnover["time_period"], strict=True)) == [
        ("E09000021", 2025),
        (JOINT, 2024),
        ("E09000027", 2025),
    ]


def test_before_the_joint_return_members_are_separate(read: Read) -> None:
    reading = read(("Turnover", "2015", KINGSTON, "9"), ("Turnover", "2015", RICHMOND, "9"))
    assert set(values(reading)) == {("E09000021", 2015), ("E09000027", 2015)}


def test_equal_figures_of_other_topics_stay_with_each_member(read: Read) -> None:
    reading = read(("RefRate", "2025", KINGSTON, "300"), ("RefRate", "2025", RICHMOND, "300"))
    assert set(values(reading)) == {("E09000021", 2025), ("E09000027", 2025)}


@pytest.mark.parametrize("damage", ["2025,Leeds,1,383", '"open'])
def test_a_ragged_text_is_refused_without_its_words(tmp_path: Path, register: Register, damage: str) -> None:
    path = write_text(tmp_path, [("RefRate", "2025", LEEDS, "1")])
    path.write_text(path.read_text(encoding="utf-8") + f"RefRate,secret,{damage}\n", encoding="utf-8")
    with pytest.raises(UnreadableText, match="cells than the header") as refused:
        lait.read_with(path, register, ())
    assert "secret" not in str(refused.value)


def test_what_is_no_table_is_refused(tmp_path: Path, register: Register) -> None:
    path = write_parquet(tmp_path, [("RefRate", "2025", LEEDS, "1")])
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(NotTabular, match="cut off"):
        lait.read_with(path, register, ())
    path = write_text(tmp_path, [])
    with pytest.raises(UnreadableText, match="no rows"):
        lait.read_with(path, register, ())
    path = write_text(tmp_path, [("RefRate", "2025", LEEDS, "1\0")])
    with pytest.raises(UnreadableText, match="NUL"):
        lait.read_with(path, register, ())


def test_a_damaged_or_endless_file_is_refused(
    tmp_path: Path, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_parquet(tmp_path, [("RefRate", str(year), LEEDS, str(year / 7)) for year in range(2000, 2026)])
    monkeypatch.setattr(_lait_table, "MOST_ROWS", 25)
    with pytest.raises(SourceRefused, match="26 rows"):
        lait.read_with(path, register, ())
    monkeypatch.undo()
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + bytes(200) + whole[204:])
    with pytest.raises(NotTabular, match="cannot be read"):
        lait.read_with(path, register, ())
    monkeypatch.setattr(_lait_table, "MAX_BYTES", 10)
    with pytest.raises(SourceRefused, match="at most 10"):
        lait.read_with(path, register, ())


def test_columns_in_another_order_are_noted_and_others_refused(tmp_path: Path, register: Register) -> None:
    measures = lait_dictionary.read(write_dictionary(tmp_path), register).indicators
    path = write_parquet(tmp_path, [("RefRate", "2025", LEEDS, "1")])
    frame = pd.read_parquet(path)
    frame[frame.columns[::-1]].to_parquet(path, index=False)
    assert lait.read_with(path, register, measures).notes == ("columns in another order than the publisher's",)
    frame[["Years"]].to_parquet(path, index=False)
    with pytest.raises(SourceChanged, match="no known layout"):
        lait.read_with(path, register, measures)


def test_an_empty_cell_is_refused_with_its_row(tmp_path: Path, register: Register) -> None:
    path = write_parquet(tmp_path, [("RefRate", "2025", LEEDS, "1"), ("RefRate", "2024", LEEDS, "1")])
    frame = pd.read_parquet(path)
    frame.loc[1, "Values"] = None
    frame.to_parquet(path)
    with pytest.raises(UnreadableText, match="row 2: nothing in the column Values"):
        lait.read_with(path, register, ())


def test_without_its_dictionary_nothing_is_read(tmp_path: Path, register: Register) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    path = write_parquet(raw, [("RefRate", "2025", LEEDS, "1")])
    with pytest.raises(SourceRefused, match="dictionary"):
        lait.read(path, register)
    with pytest.raises(SourceRefused, match="data dictionary"):
        build(raw, tmp_path / "processed")


def test_in_a_store_its_figures_come_to_those_who_name_them(tmp_path: Path) -> None:
    raw, processed = tmp_path / "raw", tmp_path / "processed"
    raw.mkdir()
    write_dictionary(raw)
    write_parquet(raw, [("RefRate", "2025", LEEDS, "1"), ("TotAbs", "2025", LEEDS, "7.25")])
    build(raw, processed)
    store = processed / raw_id(raw)
    assert load_panel(store).data.empty
    panel = load_panel(store, indicators=["lait_totabs"])
    assert panel.data["value"].tolist() == [7.25]
    assert panel.indicators["lait_totabs"].title == "Total absence (%)"
    assert [source.key for source in panel.sources] == ["lait", "lait_dictionary"]
    assert load_panel(store, needs=["lait_not_there"]).data.empty


def test_a_new_dictionary_is_heard_without_a_new_table(tmp_path: Path) -> None:
    raw, processed = tmp_path / "raw", tmp_path / "processed"
    raw.mkdir()
    write_dictionary(raw)
    write_parquet(raw, [("RefRate", "2025", LEEDS, "1")])
    before = build(raw, processed)
    write_dictionary(raw, [{**MEASURE, "Chart_title": "Referrals, renamed"}])
    after = build(raw, processed)
    panel = load_panel(processed / raw_id(raw), indicators=["lait_refrate"])
    assert panel.indicators["lait_refrate"].title == "Referrals, renamed"
    assert before.manifest["data_hash"] != after.manifest["data_hash"]
    assert build(raw, processed).files_read == 0
