"""Files of programmes: who took part in what, each row with its source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from insight.core.programmes import Programme, Programmes
from insight.core.register import Register
from insight.errors import DuplicateKey, GeographyConflict, InsightError, RuleBroken, SourceChanged
from insight.sources import Reading, source_of
from tests.sources.made_sites import PROGRAMMES, programme, write_rows

Read = Callable[[Path], Reading]
WAVE_1 = "Families First for Children pathfinder, wave 1"
WAVE_2 = "Families First for Children pathfinder, wave 2"


def _write(tmp_path: Path, *rows: list[str]) -> Path:
    return write_rows(tmp_path / "who takes part.csv", PROGRAMMES, rows)


def test_a_row_is_a_programme_of_the_register_s_area(tmp_path: Path, read: Read) -> None:
    reading = read(_write(tmp_path, programme(what_it_is="A pilot.", live="2024-01"), programme(area="E08000032")))
    assert reading.programmes == (
        Programme("Pilot", "E08000032", "", "2023-07-26", "2023-07", "", "", "a paper"),
        Programme("Pilot", "E08000035", "", "2023-07-26", "2023-07", "2024-01", "A pilot.", "a paper"),
    )
    assert (reading.release, reading.rows_kept, len(reading.rows)) == ("2024-01", 2, 0)


def test_a_file_without_any_date_is_called_undated(tmp_path: Path, read: Read) -> None:
    assert read(_write(tmp_path, programme(announced="", funded=""))).release == "undated"


def test_an_unknown_area_is_refused_with_its_line_and_a_suggestion(tmp_path: Path, read: Read) -> None:
    with pytest.raises(GeographyConflict, match=r"line 3(.|\n)*did you mean Leeds"):
        read(_write(tmp_path, programme(), programme(area="Leads")))


@pytest.mark.parametrize("area", ["", "West Midlands", "England", "Cumbria", "Kingston"])
def test_an_area_that_is_no_living_authority_is_refused(tmp_path: Path, read: Read, area: str) -> None:
    with pytest.raises(GeographyConflict, match="line 2"):
        read(_write(tmp_path, programme(area=area)))


@pytest.mark.parametrize("date", ["July 2023", "26/07/2023", "2023", "2023-13", "2023-02-30", "2023-7", "soon"])
def test_a_date_is_a_day_or_a_month_or_nothing(tmp_path: Path, read: Read, date: str) -> None:
    with pytest.raises(RuleBroken, match=r"line 2, column funded(.|\n)*2023-07-26"):
        read(_write(tmp_path, programme(funded=date)))


def test_live_before_announced_is_refused_only_where_it_is_certain(tmp_path: Path, read: Read) -> None:
    read(_write(tmp_path, programme(live="2023-07")))
    with pytest.raises(RuleBroken, match="column live"):
        read(_write(tmp_path, programme(live="2023-06")))


def test_money_may_come_before_the_announcement(tmp_path: Path, read: Read) -> None:
    assert read(_write(tmp_path, programme(funded="2023-01"))).programmes[0].funded == "2023-01"


@pytest.mark.parametrize(
    ("column", "text"), [("source", ""), ("source", " "), ("programme", ""), ("programme", "a\x07")]
)
def test_a_row_names_its_programme_and_its_source(tmp_path: Path, read: Read, column: str, text: str) -> None:
    with pytest.raises(RuleBroken, match=f"column {column}"):
        read(_write(tmp_path, programme(**{column: text})))


def test_an_area_stands_once_in_a_programme_under_any_of_its_names(tmp_path: Path, read: Read) -> None:
    read(_write(tmp_path, programme(), programme("Trial")))
    with pytest.raises(DuplicateKey, match="lines 2 and 3"):
        read(_write(tmp_path, programme(), programme(area="E08000035", announced="2024-01")))


def test_two_spellings_of_one_programme_are_refused(tmp_path: Path, read: Read) -> None:
    with pytest.raises(RuleBroken, match="another spelling of Pilot"):
        read(_write(tmp_path, programme(), programme("pilot", "Bradford")))


def test_a_column_more_is_shown_in_the_difference(tmp_path: Path) -> None:
    with pytest.raises(SourceChanged, match="new: 'manager'"):
        source_of(write_rows(tmp_path / "p.csv", (*PROGRAMMES, "manager"), []))


def test_the_project_s_own_list_names_the_ten_pathfinders(root: Path) -> None:
    path = root / "data" / "raw" / "programmes.csv"
    module = source_of(path)
    assert module is not None
    register = Register.read()
    known = Programmes(module.read(path, register).programmes)
    names = {name: {register.get(code).name for code in known.areas(name)} for name in known.names()}
    assert names[WAVE_1] == {"Dorset", "Lincolnshire", "Wolverhampton"}
    assert names[WAVE_2] == {"Lewisham", "Luton", "Redbridge", "Walsall", "Warrington", "Warwickshire", "Wirral"}
    assert {len(names["Family Networks Pilot"]), len(names["Family Safeguarding trial"])} == {7, 5}
    assert {each.announced for each in known.of(WAVE_1)} == {"2023-07-26"}
    assert {each.live for each in (*known.of(WAVE_1), *known.of(WAVE_2))} == {""}, "no source gives a live date"
    assert all("https://" in each.source for each in known.all)


def test_a_spoilt_file_is_refused_in_words(root: Path, tmp_path: Path, register: Register) -> None:
    text = (root / "data" / "raw" / "programmes.csv").read_text(encoding="utf-8")
    spoilt = tmp_path / "programmes.csv"
    for place in range(0, len(text), 997):
        spoilt.write_text(text[:place] + '"' + text[place + 3 :], encoding="utf-8")
        try:
            module = source_of(spoilt)
            if module:
                module.read(spoilt, register)
        except InsightError as refusal:
            assert refusal.todo
