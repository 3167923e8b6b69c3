"""Rows 34, 35 and 36 of the contract: symbols, names that look like nothing, and the spelling of numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from insight.core.missing import Status
from insight.errors import GeographyConflict, UnknownSymbol
from insight.sources import Reading, all_sources
from insight.sources._cell import symbols, type_cell
from tests.sources.published_rows import (
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
PANEL_LAYOUTS = [WORKFORCE, HEADLINE, REFERRALS, REFERRALS_2024, POPULATION]
MEANINGS = {
    "c": "suppressed",
    "x": "not available",
    "z": "not applicable",
    "u": "low reliability",
    "low": "rounds to zero",
    "k": "rounds to zero",
}


@pytest.mark.parametrize("layout", PANEL_LAYOUTS, ids=lambda layout: layout.name)
@pytest.mark.parametrize("symbol", ["c", "x", "z", "u", "low", "k", ":", "~", "*", "..", ".", "-", "", "q", "C", "N/A"])
def test_every_symbol_is_typed_where_the_release_explains_it_and_refused_elsewhere(
    tmp_path: Path, read: Read, layout: object, symbol: str
) -> None:
    column, key = layout.measures[0].column, layout.measures[0].indicator  # type: ignore[attr-defined]  # a Layout
    path = write(tmp_path, layout, [row(layout, **{column: symbol})])  # type: ignore[arg-type]  # a Layout
    if symbol not in layout.symbols:  # type: ignore[attr-defined]  # a Layout
        with pytest.raises(UnknownSymbol, match=rf"line 2, column {column}"):
            read(path)
        return
    cell = read(path).rows.set_index("indicator").loc[key]
    assert (cell["symbol"], cell["status"]) == (symbol, MEANINGS[symbol])
    assert cell["value"] != cell["value"], "a symbol has no number, and 0 least of all"


def test_a_true_zero_is_a_value(tmp_path: Path, read: Read) -> None:
    rows = read(write(tmp_path, WORKFORCE, [row(WORKFORCE, agency_rate_fte="0")])).rows.set_index("indicator")
    assert rows.loc["agency_rate_fte", ["value", "status", "symbol"]].tolist() == [0.0, "value", ""]


def test_a_share_keeps_its_parts_only_where_both_are_shown(tmp_path: Path, read: Read) -> None:
    rows = read(write(tmp_path, WORKFORCE, [row(WORKFORCE, leavers_fte="u", turnover_rate_fte="u")])).rows
    rows = rows.set_index("indicator")
    assert rows.loc["turnover_rate_fte", ["numerator", "denominator"]].isna().all()
    assert rows.loc["caseload_fte", ["numerator", "denominator"]].tolist() == [900.0, 60.0]
    assert rows.loc["agency_rate_fte", ["numerator", "denominator"]].isna().all(), "its denominator is not published"


def test_the_refusal_names_the_symbol_and_no_other_cell(tmp_path: Path, read: Read) -> None:
    path = write(tmp_path, WORKFORCE, [row(WORKFORCE, cases="98765", caseload_fte="??")])
    with pytest.raises(UnknownSymbol) as refusal:
        read(path)
    words = str(refusal.value)
    assert "line 2, column caseload_fte" in words
    assert "'??'" in words
    assert "98765" not in words
    assert "Leeds" not in words


@pytest.mark.parametrize("name", ["NA", "None", "null", "N/A", "True", "nan"])
def test_a_name_that_looks_like_nothing_stays_a_name(tmp_path: Path, read: Read, name: str) -> None:
    path = write(tmp_path, REFERRALS, [row(REFERRALS, (*LEEDS[:4], name))])
    with pytest.raises(GeographyConflict, match=rf"{name!r}.*"):
        read(path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1,234", "thousands"),
        ("12,34", "thousands"),
        ("12%", "per cent"),
        ("1.2e3", "exponent"),
        ("1E5", "exponent"),
        ("£5", "currency"),
        ("\u00a05", "non-breaking"),
        ("\u22125", "minus"),
        ("\uff15", "outside plain digits"),
        ("\u0665", "outside plain digits"),
        ("007", "neither"),
        (".5", "neither"),
        ("5.", "neither"),
        ("+5", "neither"),
        ("nan", "neither"),
        ("inf", "neither"),
        ("0x10", "neither"),
        ("1_000", "neither"),
        ("TRUE", "neither"),
        ("=1+1", "neither"),
        ("1234567890123456789", "neither"),
    ],
)
def test_a_number_spelt_in_another_way_is_refused_with_the_reason(
    tmp_path: Path, read: Read, text: str, why: str
) -> None:
    with pytest.raises(UnknownSymbol, match=why):
        read(write(tmp_path, REFERRALS, [row(REFERRALS, referral_count=text)]))


def test_ordinary_spaces_around_a_number_do_not_count_and_are_noted(tmp_path: Path, read: Read) -> None:
    reading = read(write(tmp_path, REFERRALS, [row(REFERRALS, referral_count=" 1000 ", rereferral_count=" c ")]))
    cells = reading.rows.set_index("indicator")
    assert cells.loc["referral_count", "value"] == 1000
    assert cells.loc["rereferral_count", "status"] == Status.SUPPRESSED.value
    assert "2 cells had spaces around them, which do not count" in reading.notes


def test_grouped_thousands_are_numbers_only_in_a_layout_that_declares_them() -> None:
    assert type_cell("1,234", {}) is None
    grouped = {text: type_cell(text, {}, takes_thousands=True) for text in ("1,234", "12,34", "1,2345", "1,234,567.5")}
    assert {text: cell and cell.value for text, cell in grouped.items()} == {
        "1,234": 1234.0,
        "12,34": None,
        "1,2345": None,
        "1,234,567.5": 1234567.5,
    }


def test_a_negative_zero_is_zero() -> None:
    cell = type_cell("-0", {})
    assert cell is not None
    assert str(cell.value) == "0.0"


# What other publishers, older files and the department's own programs write instead.
OTHER_SYMBOLS = {
    "revenue_outturn": {"[x]", "[n]", "[z]", "[Y]", "[note 4]"},
    "revenue_summary": {"[x]", "[n]", "[z]", "[Y]"},
    "school_places": {"NA"},
    "workforce_by_ethnicity": {"NA"},
    "workforce_experimental": {".", "..", "-"},
}


def test_every_layout_declares_only_symbols_of_its_publisher() -> None:
    usual = set(symbols("c", "x", "z", "u", "low", "k"))
    others = {
        key: strangers
        for key, module in all_sources().items()
        if (strangers := {symbol for layout in module.LAYOUTS for symbol in layout.symbols} - usual)
    }
    assert others == OTHER_SYMBOLS


def test_an_obsolete_symbol_is_typed_in_a_layout_that_declares_it() -> None:
    old = replace(WORKFORCE, symbols=symbols(":", "~"))
    cells = [type_cell(":", old.symbols), type_cell("~", old.symbols)]
    assert [cell and cell.status.value for cell in cells] == ["not available", "rounds to zero"]
