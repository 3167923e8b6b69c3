"""Places in schools by Ofsted grade: made files, and the publisher's own totals."""

from __future__ import annotations

import csv
from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from insight.core.register import Register
from insight.errors import DuplicateKey, GeographyConflict, RuleBroken, SourceChanged, UnknownSymbol
from insight.sources import Reading, source_of
from insight.sources.school_places import GEOGRAPHY, LAYOUTS
from insight.sources.school_places import read as read_places

Read = Callable[[Path], Reading]
(LAYOUT,) = LAYOUTS
LEEDS = (
    "Local authority",
    "E92000001",
    "England",
    "E12000003",
    "Yorkshire and The Humber",
    "383",
    "E08000035",
    "Leeds",
)
HACKNEY = ("Local authority", "E92000001", "England", "E13000001", "Inner London", "204", "E09000012", "Hackney")
NATION = ("National", "E92000001", "England", "", "England", "0", "", "England")
PLACES = ["100", "600", "200", "100", "50"]


@pytest.fixture
def read(register: Register) -> Read:
    """The source's own reader."""
    return lambda path: read_places(path, register)


def _row(
    place: Sequence[str] = LEEDS,
    year: str = "2023/24",
    primary: Sequence[str] = PLACES,
    secondary: Sequence[str] = PLACES,
) -> dict[str, str]:
    columns = [name for name in LAYOUT.columns if name not in GEOGRAPHY]
    return dict(zip(GEOGRAPHY, (year, *place), strict=True)) | dict(zip(columns, [*primary, *secondary], strict=True))


def _write(tmp_path: Path, rows: Sequence[Mapping[str, str]], more: Sequence[str] = ("Qual_P_Prop",)) -> Path:
    path = tmp_path / "scorecards.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*LAYOUT.columns, *more], restval="0.5")
        writer.writeheader()
        writer.writerows(rows)
    return path


def _of(rows: pd.DataFrame, indicator: str, breakdown: str = "") -> dict[Hashable, Any]:
    found = rows[(rows["indicator"] == indicator) & (rows["breakdown"] == breakdown)]
    return found.iloc[0].to_dict()


def test_places_come_by_grade_and_the_share_with_both_counts(tmp_path: Path, read: Read) -> None:
    reading = read(_write(tmp_path, [_row()]))
    assert (reading.source, reading.release, reading.rows_kept) == ("school_places", "2024", 1)
    assert _of(reading.rows, "primary_places_by_grade_count", "Outstanding")["value"] == 100
    assert _of(reading.rows, "primary_places_by_grade_count", "No grade")["value"] == 50
    share = _of(reading.rows, "primary_places_good_or_outstanding_percent")
    assert (share["value"], share["numerator"], share["denominator"]) == (70, 700, 1000)


def test_a_file_is_known_by_its_columns(tmp_path: Path) -> None:
    module = source_of(_write(tmp_path, [_row()]))
    assert module is not None
    assert module.SOURCE.key == "school_places"


def test_the_further_columns_of_a_release_are_not_read_and_are_counted(tmp_path: Path, read: Read) -> None:
    notes = read(_write(tmp_path, [_row()], more=("PriNOR", "Qual_P_Prop"))).notes
    assert notes == ("2 further columns, which are not read",)


def test_england_and_a_part_of_london_are_placed(tmp_path: Path, read: Read) -> None:
    reading = read(_write(tmp_path, [_row(NATION), _row(HACKNEY)]))
    assert set(reading.rows["area"]) == {"E92000001", "E09000012"}


@pytest.mark.parametrize("symbol", ["NA", "z"])
def test_a_year_without_overall_grades_is_not_applicable_with_its_symbol(
    tmp_path: Path, read: Read, symbol: str
) -> None:
    rows = read(_write(tmp_path, [_row(year="2024/25", primary=[symbol] * 5)])).rows
    primary = rows[rows["indicator"].str.startswith("primary")]
    assert len(primary) == 8
    assert set(primary["status"]) == {"not applicable"}
    assert set(primary["symbol"]) == {symbol}
    assert set(rows.loc[rows["indicator"].str.startswith("secondary"), "status"]) == {"value"}


def test_one_hidden_grade_hides_all_that_is_worked_out_from_it(tmp_path: Path, read: Read) -> None:
    rows = read(_write(tmp_path, [_row(primary=["100", "600", "z", "100", "50"])])).rows
    for indicator in ("good_or_outstanding_count", "graded_count", "good_or_outstanding_percent"):
        assert _of(rows, f"primary_places_{indicator}")["status"] == "not applicable"
    assert _of(rows, "primary_places_by_grade_count", "Good")["value"] == 600


def test_a_share_of_no_places_is_not_applicable_and_never_nought(tmp_path: Path, read: Read) -> None:
    rows = read(_write(tmp_path, [_row(secondary=["0", "0", "0", "0", "70"])])).rows
    share = _of(rows, "secondary_places_good_or_outstanding_percent")
    assert (share["status"], share["symbol"]) == ("not applicable", "")
    assert pd.isna(share["value"])


@pytest.mark.parametrize("year", ["2024", "2023/25", "2023-24", "202324"])
def test_a_year_in_another_form_is_refused(tmp_path: Path, read: Read, year: str) -> None:
    with pytest.raises(RuleBroken, match="line 2, column Year"):
        read(_write(tmp_path, [_row(year=year)]))


def test_a_row_that_contradicts_the_register_is_refused(tmp_path: Path, read: Read) -> None:
    with pytest.raises(GeographyConflict, match="line 2"):
        read(_write(tmp_path, [_row((*LEEDS[:-1], "Bradford"))]))


def test_an_area_and_year_stand_once(tmp_path: Path, read: Read) -> None:
    with pytest.raises(DuplicateKey, match="lines 2 and 3 are both of E08000035 in 2024"):
        read(_write(tmp_path, [_row(), _row(primary=["1", "1", "1", "1", "1"])]))


@pytest.mark.parametrize(("cell", "error"), [("-", UnknownSymbol), ("1,200", UnknownSymbol), ("10.5", RuleBroken)])
def test_what_is_no_count_of_places_is_refused(tmp_path: Path, read: Read, cell: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="column Qual_P_1_E"):
        read(_write(tmp_path, [_row(primary=[cell, *PLACES[1:]])]))


def test_a_renamed_column_is_a_change(tmp_path: Path, read: Read) -> None:
    path = _write(tmp_path, [_row()])
    path.write_text(path.read_text(encoding="utf-8").replace("Qual_P_1_E", "Qual_P_1_Existing"), encoding="utf-8")
    with pytest.raises(SourceChanged, match="Qual_P_1_E"):
        read(path)


@pytest.fixture(scope="module")
def published(test_data: Path) -> Reading:
    """The real file."""
    folder = test_data / "published" / "dfe" / "school-places-scorecards"
    return read_places(folder / "scorecard_data_2025_2023.csv", Register.read())


@pytest.mark.published
def test_the_printed_totals_of_england_are_the_sums_of_authorities(published: Reading) -> None:
    rows = published.rows[published.rows["status"] == "value"]
    counts = rows[rows["indicator"].str.endswith("_count")]
    is_nation = counts["area"] == "E92000001"
    keys = ["indicator", "breakdown", "time_period"]
    printed = counts[is_nation].set_index(keys)["value"]
    summed = counts[~is_nation].groupby(keys)["value"].sum()
    assert len(printed) == 2 * 2 * 7
    assert (printed - summed).abs().max() == 0


@pytest.mark.published
def test_england_in_the_last_year_with_grades_as_it_was_read_by_hand(published: Reading) -> None:
    rows = published.rows.query("area == 'E92000001' and time_period == 2024")
    assert _of(rows, "primary_places_by_grade_count", "Outstanding")["value"] == 627_760
    assert _of(rows, "primary_places_by_grade_count", "Good")["value"] == 3_994_578
    share = _of(rows, "primary_places_good_or_outstanding_percent")
    assert share["value"] == pytest.approx(100 * (627_760 + 3_994_578) / (627_760 + 3_994_578 + 322_578 + 22_350))
    share = _of(rows, "secondary_places_good_or_outstanding_percent")
    assert share["value"] == pytest.approx(100 * (614_265 + 2_687_647) / (614_265 + 2_687_647 + 464_256 + 88_494))


@pytest.mark.published
def test_there_is_no_overall_grade_after_2023_24(published: Reading) -> None:
    last = published.rows[published.rows["time_period"] == 2025]
    assert len(last) == 154 * 16
    assert set(last["status"]) == {"not applicable"}
    assert set(last["symbol"]) == {"NA"}
    scilly = published.rows.query("area == 'E06000053' and time_period == 2023")
    assert set(scilly["symbol"]) == {"z"}
