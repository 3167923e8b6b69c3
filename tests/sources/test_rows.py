"""Rows 28, 29 and 41 of the contract: repeated rows and values that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from insight.core.panel import COLUMNS, KEY
from insight.errors import DuplicateKey, RuleBroken
from insight.sources import Reading
from tests.sources.published_rows import (
    BARNSLEY_NOW,
    BARNSLEY_THEN,
    BRADFORD,
    HEADLINE,
    LEEDS,
    POPULATION,
    REFERRALS,
    REFERRALS_2024,
    WORKFORCE,
    row,
    write,
)

Read = Callable[[Path], Reading]


def test_an_exact_duplicate_is_dropped_and_counted(tmp_path: Path, read: Read) -> None:
    reading = read(write(tmp_path, REFERRALS, [row(REFERRALS), row(REFERRALS), row(REFERRALS, BRADFORD)]))
    assert reading.rows_kept == 2
    assert [(s.reason, s.count, s.names) for s in reading.set_aside] == [
        ("exactly the same row once more", 1, ("Leeds",))
    ]
    assert reading.rows_read == 3


def test_two_rows_for_one_place_and_year_are_refused_with_both_lines(tmp_path: Path, read: Read) -> None:
    rows = [row(REFERRALS), row(REFERRALS, BRADFORD), row(REFERRALS, rereferral_count="201")]
    with pytest.raises(DuplicateKey, match="lines 2 and 4"):
        read(write(tmp_path, REFERRALS, rows))


def test_one_area_under_both_of_its_codes_is_one_place(tmp_path: Path, read: Read) -> None:
    rows = [row(WORKFORCE, BARNSLEY_THEN), row(WORKFORCE, BARNSLEY_NOW)]
    with pytest.raises(DuplicateKey, match="E08000038 in 2024"):
        read(write(tmp_path, WORKFORCE, rows))


@pytest.mark.parametrize(
    ("layout", "column", "text", "words"),
    [
        (REFERRALS, "referral_count", "-1", "negative"),
        (WORKFORCE, "working_days_lost_fte", "-0.1", "negative"),
        (REFERRALS, "rereferral_percent", "100.1", "above 100"),
        (WORKFORCE, "turnover_rate_fte", "150", "above 100"),
        (WORKFORCE, "agency_rate_fte", "101", "above 100"),
        (REFERRALS_2024, "Referrals_rate", "10001", "above 10000"),
        (REFERRALS, "rereferral_count", "1001", "larger than referral_count"),
        (WORKFORCE, "leavers_fte", "101", "larger than inpost_fte"),
        (REFERRALS, "referral_count", "12.5", "not a whole number"),
        (REFERRALS, "referral_count", "0", "over a referral_count of 0"),
        (WORKFORCE, "case_holders_fte", "0", "over a case_holders_fte of 0"),
        (POPULATION, "population_estimate", "0", "population of 0"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_column_and_line(
    tmp_path: Path, read: Read, layout: object, column: str, text: str, words: str
) -> None:
    rows = [row(layout, BRADFORD), row(layout, LEEDS, **{column: text})]  # type: ignore[arg-type]  # a Layout
    with pytest.raises(RuleBroken, match="line 3, column") as refusal:
        read(write(tmp_path, layout, rows))  # type: ignore[arg-type]  # a Layout
    assert words in str(refusal.value)


def test_a_part_larger_than_its_whole_is_accepted_where_the_publisher_withholds_the_share(
    tmp_path: Path, read: Read
) -> None:
    cells = {"agency_cover_fte": "21", "agency_cover_rate_fte": "u", "vacancy_agency_cover_rate_fte": "u"}
    rows = read(write(tmp_path, WORKFORCE, [row(WORKFORCE, **cells)])).rows.set_index("indicator")
    assert rows.loc["agency_cover_fte", "value"] == 21
    assert rows.loc["agency_cover_rate_fte", "status"] == "low reliability"


def test_the_earlier_release_covers_vacancies_more_than_once_and_prints_zero_over_zero(
    tmp_path: Path, read: Read
) -> None:
    over = row(HEADLINE, LEEDS, 2020, vacancy_fte="5", vacancy_agency_cover_rate_fte="200")
    none = row(HEADLINE, BRADFORD, 2020, agency_fte="0", agency_cover_fte="0", agency_cover_rate_fte="0")
    none["vacancy_agency_cover_rate_fte_%"] = "0"
    reading = read(write(tmp_path, HEADLINE, [over, none]))
    values = reading.rows.set_index(["area", "indicator"])["value"]
    assert values["E08000035", "vacancy_agency_cover_rate_fte"] == 200
    assert values["E08000032", "agency_cover_rate_fte"] == 0


@pytest.mark.parametrize("year", ["20245", "2024.0", "202425", "1889", "", "٢٠٢٤"])
def test_a_period_that_is_no_year_is_refused(tmp_path: Path, read: Read, year: str) -> None:
    with pytest.raises(RuleBroken, match="line 2, column time_period"):
        read(write(tmp_path, REFERRALS, [row(REFERRALS, year=year)]))


def test_the_rows_are_those_of_a_panel_in_the_order_of_its_key(tmp_path: Path, read: Read) -> None:
    rows = [row(WORKFORCE, LEEDS, 2025), row(WORKFORCE, LEEDS, 2024), row(WORKFORCE, BRADFORD, 2025)]
    reading = read(write(tmp_path, WORKFORCE, rows))
    assert tuple(reading.rows.columns) == COLUMNS
    assert reading.release == "2025"
    assert reading.rows[list(KEY)].equals(reading.rows[list(KEY)].sort_values(list(KEY), ignore_index=True))
    assert set(reading.rows["period_end"]) == {date(2024, 9, 30), date(2025, 9, 30)}
    assert len(reading.rows) == 3 * 22


def test_each_source_has_its_own_end_of_year(tmp_path: Path, read: Read) -> None:
    ends = {
        layout.name: set(read(write(tmp_path, layout, [row(layout)])).rows["period_end"])
        for layout in (REFERRALS, POPULATION)
    }
    assert list(ends.values()) == [{date(2024, 3, 31)}, {date(2024, 6, 30)}]


def test_a_refusal_prints_no_figure_of_the_file(tmp_path: Path, read: Read) -> None:
    path = write(tmp_path, REFERRALS, [row(REFERRALS, referral_count="87654", rereferral_count="87655")])
    with pytest.raises(RuleBroken) as refusal:
        read(path)
    assert "8765" not in str(refusal.value)
