"""Rows 38 and 40 of the contract: changed headers, changed units, changed kinds of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from insight.errors import DuplicateKey, SourceChanged
from insight.sources import Reading, all_sources, source_of
from tests.sources.published_rows import (
    BARNSLEY_THEN,
    BIRMINGHAM,
    BRADFORD,
    HACKNEY,
    LEEDS,
    POPULATION,
    REFERRALS,
    WORKFORCE,
    row,
    text_of,
    write,
)

Read = Callable[[Path], Reading]
FIVE = (LEEDS, BRADFORD, HACKNEY, BIRMINGHAM, BARNSLEY_THEN)


def _with_header(tmp_path: Path, header: Sequence[str], name: str = "file.csv") -> Path:
    body = text_of(WORKFORCE.columns, [row(WORKFORCE)]).partition("\n")[2]
    path = tmp_path / name
    path.write_text(",".join(header) + "\n" + body, encoding="utf-8")
    return path


def test_another_order_of_columns_is_read_by_name_and_noted(tmp_path: Path, read: Read) -> None:
    plain = read(write(tmp_path, WORKFORCE, [row(WORKFORCE)]))
    turned = read(write(tmp_path, WORKFORCE, [row(WORKFORCE)], columns=tuple(reversed(WORKFORCE.columns))))
    assert turned.rows.equals(plain.rows)
    assert "columns in another order than the publisher's" in turned.notes


def test_a_new_column_is_shown_in_the_difference(tmp_path: Path) -> None:
    with pytest.raises(SourceChanged, match="new: 'vacancy_headcount'"):
        source_of(_with_header(tmp_path, [*WORKFORCE.columns, "vacancy_headcount"]))


def test_a_missing_column_is_shown_in_the_difference(tmp_path: Path) -> None:
    with pytest.raises(SourceChanged, match="missing: 'absence_rate_fte'"):
        source_of(_with_header(tmp_path, WORKFORCE.columns[:-1]))


def test_a_renamed_indicator_is_shown_in_the_difference(tmp_path: Path) -> None:
    header = ["turnover_rate_ftes" if name == "turnover_rate_fte" else name for name in WORKFORCE.columns]
    with pytest.raises(SourceChanged, match="perhaps renamed: 'turnover_rate_fte' to 'turnover_rate_ftes'"):
        source_of(_with_header(tmp_path, header))


@pytest.mark.parametrize("change", [str.upper, str.title, lambda name: f" {name}", lambda name: name.replace("_", " ")])
def test_a_header_in_another_case_or_with_spaces_is_refused_with_the_spelling(
    tmp_path: Path, change: Callable[[str], str]
) -> None:
    with pytest.raises(SourceChanged, match="spelt otherwise"):
        source_of(_with_header(tmp_path, [change(name) for name in WORKFORCE.columns]))


def test_a_missing_column_of_geography_is_a_change_too(tmp_path: Path) -> None:
    header = [name for name in WORKFORCE.columns if name != "old_la_code"]
    with pytest.raises(SourceChanged, match="missing: 'old_la_code'"):
        source_of(_with_header(tmp_path, header))


def test_half_of_the_columns_is_a_resemblance_and_less_is_another_file(tmp_path: Path) -> None:
    own = [measure.column for measure in WORKFORCE.measures]
    assert len(own) == 22
    with pytest.raises(SourceChanged):
        source_of(_with_header(tmp_path, [*WORKFORCE.geography, *own[:11]]))
    assert source_of(_with_header(tmp_path, [*WORKFORCE.geography, *own[:10]])) is None


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DuplicateKey, match="more than one column called 'cases'"):
        source_of(_with_header(tmp_path, [*WORKFORCE.columns, "cases"]))


def test_one_shared_column_in_a_layout_of_two_is_no_resemblance_in_a_large_file(tmp_path: Path) -> None:
    header = [*POPULATION.geography, "sex", "population_estimate", "adults", "share"]
    assert source_of(_with_header(tmp_path, header)) is None


def test_a_lone_changed_filter_of_the_population_is_a_change(tmp_path: Path) -> None:
    header = [*POPULATION.geography, "age", "population_estimate"]
    with pytest.raises(SourceChanged, match="missing: 'age_group'"):
        source_of(_with_header(tmp_path, header))


def test_a_second_age_group_is_refused_before_anybody_is_counted_twice(tmp_path: Path, read: Read) -> None:
    rows = [row(POPULATION), row(POPULATION, age_group="Children aged 0 to 4 years")]
    with pytest.raises(SourceChanged, match="line 3, column age_group"):
        read(write(tmp_path, POPULATION, rows))


def test_another_kind_of_year_is_refused(tmp_path: Path, read: Read) -> None:
    with pytest.raises(SourceChanged, match="column time_identifier"):
        read(write(tmp_path, REFERRALS, [row(REFERRALS, time_identifier="Academic year")]))


def test_shares_printed_as_fractions_are_a_change_of_unit(tmp_path: Path, read: Read) -> None:
    rows = [row(REFERRALS, place, rereferral_percent="0.2") for place in FIVE]
    with pytest.raises(SourceChanged, match=r"column rereferral_percent(.|\n)*0.01 times what their own parts give"):
        read(write(tmp_path, REFERRALS, rows))


def test_one_share_that_its_parts_do_not_explain_is_kept_as_published(tmp_path: Path, read: Read) -> None:
    rows = [row(WORKFORCE, place) for place in FIVE] + [row(WORKFORCE, LEEDS, 2023, turnover_rate_fte="14.0")]
    values = read(write(tmp_path, WORKFORCE, rows)).rows.query("indicator == 'turnover_rate_fte'")["value"]
    assert sorted(values)[-1] == 14.0


def test_every_source_names_itself_and_its_indicators() -> None:
    for key, module in all_sources().items():
        assert module.SOURCE.key == key
        # Aims are in TOML, which has no columns to know it by.
        assert module.LAYOUTS or key == "regional_aims"
        keys = [indicator.key for indicator in module.INDICATORS]
        assert len(keys) == len(set(keys))
        known = {measure.indicator for layout in module.LAYOUTS for measure in layout.measures}
        assert known == set(keys), "every indicator is in a layout and every measure has an indicator"
        assert all(indicator.source == key for indicator in module.INDICATORS)
