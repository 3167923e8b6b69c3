"""Revenue outturn: made workbooks in the three layouts, and the sheets' own totals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from insight.core.register import Register
from insight.errors import DuplicateKey, GeographyConflict, RuleBroken, SourceChanged, UnknownSymbol
from insight.sources import Reading, revenue_outturn, revenue_summary, source_of
from insight.sources._mhclg import GEOGRAPHY, NET, TOTAL
from insight.sources._workbook import workbook
from insight.sources.revenue_outturn import LINES, PARTS_OF_CARE
from tests.sources.made_workbooks import write_ods

Read = Callable[[Path], Reading]
LEEDS = ("E4704", "E08000035", "Leeds", "MD")
BRADFORD = ("E4701", "E08000032", "Bradford", "MD")
TELFORD = ("E3201", "E06000020", "Telford & the Wrekin UA", "UA")
ADUR = ("E3831", "E07000223", "Adur", "SD")
POLICE = ("E7050", "E23000036", "Avon & Somerset Police", "O")
ENGLAND = ("Eng", "E92000001", "ENGLAND", "Eng")
ALL_MD = ("[Y]", "E08", "Metropolitan Districts", "MD")
WHOLE = "TOTAL CHILDREN SOCIAL CARE"
AGENCY = "Children's Social Care - agency staff cost memorandum item"
SERVICES = [*[*LINES][:2], *PARTS_OF_CARE, *[*LINES][2:], WHOLE]


def _figures(each: float = 10, changed: Mapping[str, str] | None = None) -> dict[str, str]:
    """Every service line at one figure, the kinds of care a quarter of it, the total their sum."""
    made = {f"{line} - {kind}": f"{each:g}" for line in LINES for kind in (TOTAL, NET)}
    made |= {f"{part} - {kind}": f"{each / 4:g}" for part in PARTS_OF_CARE for kind in (TOTAL, NET)}
    made |= {f"{WHOLE} - {kind}": f"{each * len(LINES):g}" for kind in (TOTAL, NET)}
    return made | {f"{WHOLE} - {AGENCY}": "3"} | dict(changed or {})


def _row(place: Sequence[str], figures: Mapping[str, str], columns: Sequence[str], certified: str = "Y") -> list[str]:
    code, ons, name, kind = place
    return [code, ons, name, "", kind, kind, certified, *(figures.get(column, "0") for column in columns)]


def _new(
    tmp_path: Path,
    rows: Sequence[tuple[Sequence[str], Mapping[str, str]]],
    name: str = "202425",
    more: str = "Adult social care",
) -> Path:
    """RO3 as from 2024-25: one header, codes in the last row."""
    columns = [f"{service} - {kind}" for service in SERVICES for kind in (TOTAL, NET)] + [f"{WHOLE} - {AGENCY}"]
    header = [*GEOGRAPHY, "Certification", *columns, more]
    made = [_row(place, figures, [*columns, more]) for place, figures in rows]
    codes = [*[""] * 7, *(["RO3-cscsr-tot-exp"] * len(columns))]
    sheet = [["Worksheet 2"], ["Data are reported in £ thousand."], *[[""]] * 4, header, *made, header, codes]
    return write_ods(tmp_path / "outturn.ods", {"LA_drop-down": [["ENGLAND"]], f"RO3_LA_Data_{name}": sheet})


def _old(tmp_path: Path, rows: Sequence[tuple[Sequence[str], Mapping[str, str]]], *, lines: bool = True) -> Path:
    """RO3 as to 2023-24: the service stands once above its columns, whose names are numbered from the second on."""
    above, header, columns = [""] * 7, [*GEOGRAPHY, "Certified"], []
    for number, service in enumerate(SERVICES):
        note = " [note 3]" if number == 1 else ""
        above += [service + note if lines else "", ""]
        header += [kind + (str(number + 1) if number else "") for kind in (TOTAL, NET)]
        columns += [f"{service} - {kind}" for kind in (TOTAL, NET)]
    header, above, columns = [*header, AGENCY], [*above, ""], [*columns, f"{WHOLE} - {AGENCY}"]
    codes = [*[""] * 7, *(["C3R10"] * len(columns))]
    made = [_row(place, figures, columns) for place, figures in rows]
    sheet = [["Worksheet 2"], ["Rows 3-4 are hidden."], codes, codes, above, header, *made]
    return write_ods(tmp_path / "outturn.ods", {"RO3_LA_Data_2022-23": sheet})


@pytest.fixture
def read(register: Register) -> Read:
    """The source's own reader."""
    return lambda path: revenue_outturn.read(path, register)


def _values(reading: Reading, indicator: str, area: str = "E08000035") -> dict[str, float]:
    rows = reading.rows[(reading.rows["indicator"] == indicator) & (reading.rows["area"] == area)]
    return dict(zip(rows["breakdown"], rows["value"], strict=True))


def test_both_layouts_give_the_same_figures_by_service(tmp_path: Path, read: Read) -> None:
    sheets = [(LEEDS, _figures()), (TELFORD, _figures(20))]
    new = read(_new(tmp_path, sheets))
    old = read(_old(tmp_path, sheets))
    assert (new.release, new.series, old.release, old.series) == ("2025", "RO3 2024-25", "2023", "RO3 2022-23")
    for reading in (new, old):
        assert _values(reading, "children_spending_thousand") == {"": 80}
        assert _values(reading, "children_spending_by_service_thousand") == dict.fromkeys(LINES.values(), 10)
        assert _values(reading, "looked_after_net_spending_thousand") == dict.fromkeys(PARTS_OF_CARE.values(), 2.5)
        assert _values(reading, "children_agency_spending_thousand", "E06000020") == {"": 3}
    assert new.notes == ()


def test_a_workbook_is_known_by_its_sheet_and_columns(tmp_path: Path) -> None:
    for write in (_new, _old):
        module = source_of(write(tmp_path, [(LEEDS, _figures())]))
        assert module is not None
        assert module.SOURCE.key == "revenue_outturn"


def test_other_councils_bodies_totals_and_codes_are_set_aside_and_counted(tmp_path: Path, read: Read) -> None:
    rows = [(place, _figures()) for place in (LEEDS, ADUR, POLICE, ENGLAND, ALL_MD)]
    reading = read(_new(tmp_path, rows))
    assert {each.reason: each.count for each in reading.set_aside} == {
        "a council or body without children's services": 2,
        "a second header, or codes": 2,
        "the total of a class of councils": 1,
    }
    assert reading.rows_read == 7 == reading.rows_kept + sum(each.count for each in reading.set_aside)
    assert set(reading.rows["area"]) == {"E08000035", "E92000001"}


@pytest.mark.parametrize(
    ("symbol", "status"), [("[x]", "not available"), ("[n]", "not available"), ("[z]", "not applicable")]
)
def test_a_symbol_is_a_reason_and_never_nought(tmp_path: Path, read: Read, symbol: str, status: str) -> None:
    reading = read(_new(tmp_path, [(LEEDS, dict.fromkeys(_figures(), symbol))]))
    assert set(reading.rows["status"]) == {status}
    assert set(reading.rows["symbol"]) == {symbol}
    assert reading.rows["value"].isna().all()


def test_a_note_of_another_year_is_no_symbol(tmp_path: Path, read: Read) -> None:
    changed = _figures() | dict.fromkeys((f"{part} - {TOTAL}" for part in PARTS_OF_CARE), "[note 4]")
    rows = read(_new(tmp_path, [(LEEDS, changed)])).rows
    assert set(rows.loc[rows["symbol"] == "[note 4]", "indicator"]) == {"looked_after_spending_thousand"}
    with pytest.raises(UnknownSymbol, match="note 4"):
        read(_old(tmp_path, [(LEEDS, changed)]))


def test_income_above_spending_is_a_figure_below_nought(tmp_path: Path, read: Read) -> None:
    line = f"Children's social care - Youth Justice - {NET}"
    changed = _figures(changed={line: "-70", f"{WHOLE} - {NET}": "0"})
    reading = read(_new(tmp_path, [(LEEDS, changed)]))
    assert _values(reading, "children_net_spending_by_service_thousand")["Youth justice"] == -70


def test_the_digits_of_a_computer_s_sums_are_cut_to_the_penny(tmp_path: Path, read: Read) -> None:
    reading = read(_new(tmp_path, [(ENGLAND, _figures(changed={f"{WHOLE} - {AGENCY}": "274968.0270925629"}))]))
    assert _values(reading, "children_agency_spending_thousand", "E92000001") == {"": 274_968.02709}


def test_lines_that_miss_their_total_by_more_than_rounding_are_refused(tmp_path: Path, read: Read) -> None:
    assert read(_new(tmp_path, [(LEEDS, _figures(changed={f"{WHOLE} - {TOTAL}": "84"}))])).rows_kept == 1
    with pytest.raises(RuleBroken, match="line 8, column TOTAL CHILDREN"):
        read(_new(tmp_path, [(LEEDS, _figures(changed={f"{WHOLE} - {TOTAL}": "85"}))]))


def test_a_complete_class_is_compared_with_its_printed_total(tmp_path: Path, read: Read) -> None:
    columns = 2 * len(SERVICES) + 1
    two = [(LEEDS, _figures()), (BRADFORD, _figures(20))]
    total = _figures(30, {f"{WHOLE} - {AGENCY}": "6"})
    assert read(_new(tmp_path, [*two, (ALL_MD, total)])).notes == (
        f"classes of councils that equal their printed totals: metropolitan ({columns} of {columns} columns)",
    )
    with pytest.raises(RuleBroken, match="class MD"):
        read(_new(tmp_path, [*two, (ALL_MD, _figures(40))]))


def test_a_class_with_a_missing_council_is_not_compared(tmp_path: Path, read: Read) -> None:
    rows = [(LEEDS, _figures()), (BRADFORD, dict.fromkeys(_figures(), "[x]")), (ALL_MD, _figures(1000))]
    assert read(_new(tmp_path, rows)).notes == ()


def test_a_council_stands_once(tmp_path: Path, read: Read) -> None:
    with pytest.raises(DuplicateKey, match="lines 8 and 9 are both of E08000035"):
        read(_new(tmp_path, [(LEEDS, _figures()), (LEEDS, _figures(20))]))


@pytest.mark.parametrize(
    "place",
    [
        (*LEEDS[:2], "Bradford", "MD"),
        ("E0000", "E08000099", "Nowhere", "MD"),
        ("E0931", "E10000006", "Cumbria", "SC"),
        ("Eng", "E08000035", "ENGLAND", "Eng"),
        ("Eng", "E92000001", "Leeds", "Eng"),
    ],
)
def test_a_council_that_contradicts_the_register_is_refused(tmp_path: Path, read: Read, place: Sequence[str]) -> None:
    with pytest.raises(GeographyConflict, match="line 8"):
        read(_new(tmp_path, [(place, _figures())]))


def test_a_sheet_without_its_lines_of_services_is_a_change(tmp_path: Path, read: Read) -> None:
    with pytest.raises(SourceChanged, match="no column"):
        read(_old(tmp_path, [(LEEDS, _figures())], lines=False))


def test_words_above_the_columns_that_say_who_do_not_count(tmp_path: Path, read: Read) -> None:
    rows = workbook(_old(tmp_path, [(LEEDS, _figures())])).sheets["RO3_LA_Data_2022-23"]
    named = [list(row) for row in rows]
    named[4][0] = "Council"
    reading = read(write_ods(tmp_path / "named.ods", {"RO3_LA_Data_2022-23": named}))
    assert _values(reading, "children_spending_thousand") == {"": 80}


def test_a_column_of_figures_that_stands_twice_is_refused(tmp_path: Path, read: Read) -> None:
    path = _new(tmp_path, [(LEEDS, _figures())], more=f"{WHOLE} - {TOTAL}")
    with pytest.raises(DuplicateKey, match="more than one column called 'TOTAL CHILDREN"):
        read(path)


@pytest.mark.parametrize("name", ["202424", "202427"])
def test_a_sheet_of_no_financial_year_is_a_change(tmp_path: Path, read: Read, name: str) -> None:
    with pytest.raises(SourceChanged, match="names no financial year"):
        read(_new(tmp_path, [(LEEDS, _figures())], name))


def test_a_sheet_without_councils_is_a_change(tmp_path: Path, read: Read) -> None:
    with pytest.raises(SourceChanged, match="no row of a council"):
        read(_new(tmp_path, [(ADUR, _figures())]))


RO3 = ("RO3_2022-23_data_by_LA.ods", "RO3_2023-24_data_by_LA.ods", "RO3_LA_Data_2024-25_data_by_LA.ods")
RSX = ("RSX_2022-23_data_by_LA.ods", "RSX_2023-24_data_by_LA.ods", "RSX_LA_Data_2024-25_data_by_LA.ods")
# Read by hand from the England row of each sheet, columns C3 of the total and of children's social care.
ENGLAND_TOTAL = {2023: 13_885_694.8925, 2024: 15_761_771.3380, 2025: 16_878_876.0292}


@cache
def _published(path: Path) -> Reading:
    if path.name.startswith("RO3"):
        return revenue_outturn.read(path, Register.read())
    return revenue_summary.read(path, Register.read())


@pytest.mark.published
@pytest.mark.parametrize("name", [*RO3, *RSX])
def test_every_council_of_the_year_is_there_and_no_row_is_lost(test_data: Path, name: str) -> None:
    reading = _published(test_data / "published" / "mhclg" / name)
    register = Register.read()
    (day,) = set(reading.rows["period_end"])
    there = {area.code for area in register.authorities(on=day)}
    assert set(reading.rows["area"]) == {*there, "E92000001"}
    assert reading.rows_read == reading.rows_kept + sum(each.count for each in reading.set_aside)


@pytest.mark.published
@pytest.mark.parametrize(
    ("name", "missing"),
    [
        (RO3[0], ["Birmingham", "Slough", "Thurrock", "Torbay"]),
        (
            RO3[1],
            [
                "Barking and Dagenham",
                "Birmingham",
                "Bradford",
                "Calderdale",
                "Cornwall",
                "North Somerset",
                "Redbridge",
                "Somerset",
                "Thurrock",
                "Walsall",
                "Westmorland and Furness",
            ],
        ),
        (RO3[2], ["Birmingham", "Cumberland", "Slough"]),
    ],
)
def test_councils_without_a_return_are_named_and_hidden(test_data: Path, name: str, missing: Sequence[str]) -> None:
    reading = _published(test_data / "published" / "mhclg" / name)
    hidden = reading.rows.query("indicator == 'children_spending_thousand' and status != 'value'")
    assert sorted(Register.read().get(code).name for code in hidden["area"]) == missing
    assert set(hidden["symbol"]) == {"[x]"}


@pytest.mark.published
@pytest.mark.parametrize(
    ("name", "compared"),
    [
        (RO3[0], "London (27 of 27 columns), county (27 of 27 columns)"),
        (RO3[1], "county (26 of 27 columns)"),
        (RO3[2], "London (27 of 27 columns), county (27 of 27 columns)"),
        (RSX[0], "London (4 of 4 columns), county (4 of 4 columns)"),
        (RSX[1], "county (4 of 4 columns)"),
        (RSX[2], "London (4 of 4 columns), county (4 of 4 columns)"),
    ],
)
def test_complete_classes_equal_the_totals_at_the_foot(test_data: Path, name: str, compared: str) -> None:
    notes = _published(test_data / "published" / "mhclg" / name).notes
    assert notes[0] == f"classes of councils that equal their printed totals: {compared}"


@pytest.mark.published
@pytest.mark.parametrize("number", [0, 1, 2])
def test_both_forms_give_the_same_total_and_england_is_as_printed(test_data: Path, number: int) -> None:
    outturn, summary = (_published(test_data / "published" / "mhclg" / names[number]).rows for names in (RO3, RSX))
    for kind in ("spending", "net_spending"):
        own = outturn[outturn["indicator"] == f"children_{kind}_thousand"].set_index("area")["value"]
        other = summary[summary["indicator"] == f"children_summary_{kind}_thousand"].set_index("area")["value"]
        assert own.isna().equals(other.isna())
        assert (own - other).abs().max() < 0.001
    year = int(outturn["time_period"].iloc[0])
    printed = outturn.query("area == 'E92000001' and indicator == 'children_spending_thousand'")["value"].item()
    assert printed == pytest.approx(ENGLAND_TOTAL[year], abs=0.001)


@pytest.mark.published
def test_gateshead_could_not_divide_its_spending_on_care_in_2024_25(test_data: Path) -> None:
    rows = _published(test_data / "published" / "mhclg" / RO3[2]).rows.query("area == 'E08000037'")
    assert set(rows.loc[rows["symbol"] == "[note 4]", "indicator"]) == {
        "looked_after_spending_thousand",
        "looked_after_net_spending_thousand",
    }
    whole = rows[rows["indicator"] == "children_spending_by_service_thousand"]
    assert set(whole["status"]) == {"value"}
