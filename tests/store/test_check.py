"""What a file is, in plain words: figures counted right, nothing of a local extract printed."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pytest

from insight.errors import UsageError
from insight.sources._workbook import workbook
from insight.store._check import FileReport, check_file
from tests.sources.made_lait import ABSENCE, LEEDS, MEASURE, write_dictionary, write_parquet

REFERRALS = "sample_c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv"
WORKFORCE = "sample_csww_indicators_2017_to_2025.csv"
CANARY = "Zzyzx Canary"


def facts(report: FileReport) -> dict[str, str]:
    """The facts by their labels; where a label stands more than once, the last."""
    return dict(report.facts)


@pytest.fixture()
def sample(root: Path, tmp_path: Path) -> Path:
    """A copy of the sample's folder that a test may change."""
    return Path(shutil.copytree(root / "data" / "raw" / "sample", tmp_path / "sample"))


def changed(path: Path, code: str, year: str, column: str, times: float) -> None:
    """Multiply one cell of a file; the areas' codes are invented."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    at = {name: number for number, name in enumerate(rows[0])}
    (row,) = (each for each in rows[1:] if each[at["new_la_code"]] == code and each[at["time_period"]] == year)
    row[at[column]] = str(round(float(row[at[column]]) * times))
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    path.write_text(written.getvalue(), encoding="utf-8")


def test_a_published_file_is_described_on_a_page(sample: Path) -> None:
    report = check_file(sample / REFERRALS)
    assert report.exit_code == 0
    said = facts(report)
    assert said["what it is"] == "Children in need: referrals and re-referrals; Department for Education"
    assert said["release"] == "2025, its newest period"
    assert said["periods"] == "2013 to 2025, 13 in all"
    assert said["published"] == "not recorded: no card has its checksum"
    assert said["totals"].endswith("not comparable because an authority has no figure")
    assert ", 0 differ, " in said["totals"]
    assert "total differs" not in said
    text = repr(report)
    assert text.startswith("SAMPLE DATA")
    assert text.endswith("A build takes it in: python -m insight build --raw FOLDER")
    assert text == repr(check_file(sample / REFERRALS)), "no time of day"


def test_symbols_are_counted_as_the_file_prints_them(sample: Path) -> None:
    with (sample / REFERRALS).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [name for name in rows[0] if name.endswith(("_count", "_percent"))]
    kept = [row for row in rows if row["region_name"] not in ("Inner London", "Outer London")]
    said = facts(check_file(sample / REFERRALS))
    for symbol in ("c", "u", "x"):
        count = sum(row[column] == symbol for row in kept for column in columns)
        assert said[f"symbol {symbol}"].startswith(f"{count:,} cell"), symbol


def test_a_volume_that_jumped_and_the_totals_that_it_breaks_are_named(sample: Path) -> None:
    before = facts(check_file(sample / REFERRALS))
    changed(sample / REFERRALS, "X06000001", "2025", "referral_count", 10.0)
    said = facts(check_file(sample / REFERRALS))
    assert "Ashquarry 2025 (" not in before["hardly whole"]
    assert said["hardly whole"].startswith("Ashquarry 2025 (")
    assert said["hardly whole"].endswith("by Referrals in the year, against the year before")
    assert ", 2 differ, " in said["totals"], "its region's and the nation's"
    assert "2025, Referrals in the year: printed " in said["total differs"]


def test_an_authority_without_a_row_is_named(sample: Path) -> None:
    path = sample / WORKFORCE
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    gone = [line for line in lines if line.startswith("2025,") and ",Ashquarry," in line]
    assert len(gone) == 1
    path.write_text("\n".join(line for line in lines if line not in gone) + "\n", encoding="utf-8")
    assert facts(check_file(path))["no row in 2025"] == "Ashquarry"


def test_a_card_says_when_a_file_was_published(sample: Path, tmp_path: Path) -> None:
    import hashlib

    sha256 = hashlib.sha256((sample / WORKFORCE).read_bytes()).hexdigest()
    card = tmp_path / "workforce.toml"
    card.write_text(f'sha256 = "{sha256}"\nrelease = "2025"\npublished = "2026-03-05"\n', encoding="utf-8")
    report = check_file(sample / WORKFORCE, cards=[card])
    assert facts(report)["published"] == "2026-03-05, as its card workforce.toml says"


def test_neighbours_and_programmes_are_counted(sample: Path) -> None:
    assert facts(check_file(sample / "sample_sn_model_2025_wide.csv"))["neighbours"] == "600"
    assert int(facts(check_file(sample / "programmes.csv"))["programmes"]) >= 10


def test_a_register_is_known_and_a_contradiction_in_it_is_said(sample: Path) -> None:
    report = check_file(sample / "authorities.csv")
    assert report.exit_code == 0
    assert "a register of areas" in facts(report)["what it is"]
    text = (sample / "authorities.csv").read_text(encoding="utf-8").splitlines()
    (sample / "authorities.csv").write_text("\n".join([*text, text[1]]) + "\n", encoding="utf-8")
    assert check_file(sample / "authorities.csv").exit_code == 3


@pytest.mark.parametrize(
    ("name", "data", "code", "says"),
    [
        ("x.csv", b"<!DOCTYPE html><title>Sign in</title>", "E202", "this is a web page, not data"),
        ("x.csv", b"", "E202", "this is an empty file"),
        ("x.xlsx", b"%PDF-1.7", "E202", "this is a PDF document"),
        ("x.xlsx", b"PK\x03\x04 cut off", "E202", "a workbook that cannot be read"),
        (
            "x.csv",
            b"time_period,time_identifier,geographic_level,turnover_rate_fte\n",
            "",
            "a table of text, 4 columns",
        ),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(tmp_path: Path, name: str, data: bytes, code: str, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    report = check_file(tmp_path / name)
    assert report.exit_code == 3
    text = repr(report)
    assert says in text
    if code:
        assert f"wrong: {code} " in text
        assert "what to do: " in text
        assert text.endswith("A build refuses it, and leaves its store as it was.")


def test_a_changed_layout_is_said_with_the_difference(sample: Path) -> None:
    path = sample / WORKFORCE
    path.write_text(
        path.read_text(encoding="utf-8-sig").replace("turnover_rate_fte", "turnover_percent_fte", 1), "utf-8"
    )
    report = check_file(path)
    assert (report.exit_code, report.error.code if report.error else "") == (3, "E201")
    assert "perhaps renamed: 'turnover_rate_fte' to 'turnover_percent_fte'" in repr(report)


def test_the_nearest_layout_of_an_unknown_file_is_named_by_its_own_columns(tmp_path: Path) -> None:
    header = "time_period,time_identifier,geographic_level,referral_count,rereferral_count,shoe_size"
    (tmp_path / "x.csv").write_text(f"{header}\n2025,Reporting year,National,1,2,{CANARY}\n", encoding="utf-8")
    report = check_file(tmp_path / "x.csv")
    said = facts(report)
    assert report.exit_code == 3
    assert said["convention"] == "its first columns are those of Explore Education Statistics"
    assert said["nearest layout"].startswith("'referrals, from the 2025 release': 2 of its ")
    assert "rereferral_percent" in said["columns it lacks"]
    assert said["other columns"].startswith("1, not named here")
    assert "shoe_size" not in repr(report)
    assert "build leaves it alone" in report.verdict


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("x.txt", f"{CANARY}\n", "text that is no table"),
        ("x.csv", f"1,{CANARY},2014-02-03\n2,Other,2012-02-03\n", "a table of text, 3 columns separated by commas"),
        ("x.csv", f"a;b;{CANARY}\n1;2;3\n", "3 columns separated by semicolons"),
        ("x.xml", f'<?xml version="1.0"?><Child>{CANARY}</Child>', "an XML file, perhaps a census return"),
    ],
)
def test_nothing_of_an_unknown_file_is_printed(tmp_path: Path, name: str, text: str, says: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    report = check_file(tmp_path / name)
    assert says in repr(report)
    assert CANARY not in repr(report)


@pytest.mark.published
@pytest.mark.parametrize("name", ["Annex_A.xlsx", "fake_sen.xlsx"])
def test_no_cell_of_a_child_level_workbook_is_printed(test_data: Path, name: str) -> None:
    path = test_data / "local-samples" / "annex-a" / name
    report = check_file(path)
    assert not report.is_known
    text = repr(report)
    cells = {cell for rows in workbook(path).sheets.values() for row in rows for cell in row if len(cell) > 4}
    assert len(cells) > 30
    assert [cell for cell in cells if cell in text] == []


@pytest.mark.published
def test_no_cell_of_a_child_level_extract_is_printed(test_data: Path) -> None:
    paths = sorted((test_data / "local-samples" / "ssda903").glob("*.csv"))
    assert len(paths) > 5
    for path in paths:
        text = repr(check_file(path))
        with path.open(encoding="utf-8", newline="") as file:
            cells = {cell for row in csv.reader(file) for cell in row if len(cell) > 4}
        assert [cell for cell in cells if cell in text] == [], path.name


def test_an_own_file_is_counted_and_its_sites_are_not_named(sample: Path) -> None:
    path = sample / "sites.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        sites = {row["site"] for row in csv.DictReader(file)}
    report = check_file(path)
    said = facts(report)
    assert report.exit_code == 0
    assert said["what it is"] == "Referrals by site and month; your own file"
    assert "published" not in said
    assert not [site for site in sites if site in repr(report)]


def test_a_wrong_cell_of_an_own_file_is_placed_and_not_printed(sample: Path) -> None:
    path = sample / "sites.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    at = lines[0].split(",").index("referrals")
    cells = lines[5].split(",")
    cells[at] = CANARY
    path.write_text("\n".join([*lines[:5], ",".join(cells), *lines[6:]]) + "\n", encoding="utf-8")
    text = repr(check_file(path))
    assert "line 6, column referrals" in text
    assert CANARY not in text and "Canary" not in text


@pytest.mark.published
def test_the_workforce_of_2025_has_the_rows_and_symbols_that_its_readers_found(test_data: Path, root: Path) -> None:
    # Rows and the returns of low reliability: the quirks of the file as its readers wrote them down beside it.
    cards = sorted((root / "data" / "raw").glob("*.toml"))
    report = check_file(test_data / "published" / "dfe" / "csww_indicators_2017_to_2025.csv", cards=cards)
    said = facts(report)
    assert said["rows"].startswith("1,463 read")
    assert said["published"] == "2026-03, as its card workforce_2025.toml says"
    assert said["low reliability"].startswith("Birmingham 2024, ")
    assert {"symbol x", "symbol u", "symbol z", "symbol low", "symbol c"} <= set(said)
    assert ", 0 differ, " in said["totals"]


@pytest.mark.published
def test_the_referrals_of_2025_name_the_returns_that_were_withheld(test_data: Path) -> None:
    path = test_data / "published" / "dfe" / "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv"
    said = facts(check_file(path))
    assert said["rows"].startswith("2,132 read")
    for withheld in ("Hampshire 2024", "Herefordshire, County of 2024", "Herefordshire, County of 2023"):
        assert withheld in said["low reliability"]


@pytest.mark.published
def test_a_table_that_another_file_explains_is_refused_alone(test_data: Path, tmp_path: Path) -> None:
    name = "bds_long_0.parquet"
    shutil.copy(test_data / "published" / "dfe" / "lait" / name, tmp_path / name)
    report = check_file(tmp_path / name)
    assert report.exit_code == 3
    assert "a table whose measures another file explains" in repr(report)


def test_a_table_with_what_explains_it_beside_it_is_read_by_the_newest_explanation(tmp_path: Path) -> None:
    path = write_parquet(tmp_path, [("RefRate", "2025", LEEDS, "512.5")])
    write_dictionary(tmp_path)
    report = check_file(path)
    assert (report.exit_code, facts(report)["measures explained"]) == (0, "1")
    # An older explanation, which lacks the measure, changes nothing; as the newest it would.
    for update, code in (("45000", 0), ("47000", 3)):
        (tmp_path / "dictionary.csv").rename(tmp_path / "kept")
        write_dictionary(tmp_path, [{**ABSENCE, "Last Update": update}]).rename(tmp_path / "a.csv")
        (tmp_path / "kept").rename(tmp_path / "dictionary.csv")
        assert check_file(path).exit_code == code


def test_what_is_wrong_with_a_table_is_said_although_another_file_explains_it(tmp_path: Path) -> None:
    path = write_parquet(tmp_path, [("RefRate", "2025", LEEDS, "-3")])
    write_dictionary(tmp_path)
    report = check_file(path)
    text = repr(report)
    assert report.exit_code == 3
    assert "wrong: E205 " in text and "a negative number" in text
    assert "no such file" not in text


def test_what_is_wrong_with_the_explanation_is_said_by_its_name(tmp_path: Path) -> None:
    path = write_parquet(tmp_path, [("RefRate", "2025", LEEDS, "512.5")])
    write_dictionary(tmp_path, [{**MEASURE, "Polarity": "Sideways"}])
    text = repr(check_file(path))
    assert "wrong: " in text and "dictionary.csv" in text and "Sideways" in text
    assert "no such file" not in text


def test_an_explanation_that_no_build_takes_in_is_named(tmp_path: Path) -> None:
    path = write_parquet(tmp_path, [("RefRate", "2025", LEEDS, "512.5")])
    dictionary = write_dictionary(tmp_path)
    dictionary.write_text(dictionary.read_text("utf-8").replace("Polarity", "Direction", 1), "utf-8")
    report = check_file(path)
    assert "refused there: dictionary.csv" in facts(report)["wrong"]
    assert facts(report)["what to do"].endswith("or check the refused one")


def test_a_mark_of_an_open_file_is_no_data(tmp_path: Path) -> None:
    (tmp_path / "~$x.xlsx").write_bytes(b"\x05Anna")
    report = check_file(tmp_path / "~$x.xlsx")
    assert "a spreadsheet program leaves" in repr(report)
    assert "Anna" not in repr(report)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        check_file(tmp_path / "x.csv")
    with pytest.raises(UsageError, match="a folder"):
        check_file(tmp_path)
