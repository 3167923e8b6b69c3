"""Rows 22, 23, 24 and 38 of the contract: separators, shapes, and files that are no tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from insight.errors import NotTabular, SourceChanged, UnreadableText
from insight.sources import Reading, source_of
from tests.sources.made_workbooks import write_ods, write_xlsx
from tests.sources.published_rows import BRADFORD, LEEDS, REFERRALS, WORKFORCE, row, text_of, write

Read = Callable[[Path], Reading]
ROWS = [row(REFERRALS, LEEDS), row(REFERRALS, BRADFORD)]


def _changed(tmp_path: Path, change: Callable[[str], str], name: str = "file.csv") -> Path:
    path = tmp_path / name
    path.write_text(change(text_of(REFERRALS.columns, ROWS)), encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_each_separator_of_the_closed_list_is_read(tmp_path: Path, read: Read, separator: str) -> None:
    reading = read(write(tmp_path, REFERRALS, ROWS, separator=separator))
    assert reading.rows_kept == 2
    assert bool(reading.notes) == (separator != ",")


def test_a_header_separated_in_two_ways_is_refused(tmp_path: Path) -> None:
    half = len(REFERRALS.columns) // 2
    header = ",".join(REFERRALS.columns[:half]) + ";" + ";".join(REFERRALS.columns[half:])
    path = tmp_path / "file.csv"
    path.write_text(header + "\n1,2\n", encoding="utf-8")
    with pytest.raises((UnreadableText, SourceChanged)):
        source_of(path)


def test_rows_with_another_separator_than_the_header_are_refused(tmp_path: Path, read: Read) -> None:
    path = _changed(tmp_path, lambda text: text.split("\n")[0] + "\n" + text.split("\n")[1].replace(",", ";") + "\n")
    with pytest.raises(UnreadableText, match="line 2: 1 cells where the header has 21"):
        read(path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_end_of_line_is_read(tmp_path: Path, read: Read, end: str) -> None:
    assert read(write(tmp_path, REFERRALS, ROWS, end=end)).rows_kept == 2


def test_a_quoted_separator_and_a_quoted_line_end_stay_within_their_cell(tmp_path: Path, read: Read) -> None:
    path = _changed(tmp_path, lambda text: text + '"Source: a table,\nof two lines"\n')
    assert [(each.reason, each.count) for each in read(path).set_aside] == [("footnote below the table", 1)]


def test_a_trailing_separator_on_every_line_falls_away(tmp_path: Path, read: Read) -> None:
    assert read(_changed(tmp_path, lambda text: text.replace("\n", ",\n"))).rows_kept == 2


def test_a_trailing_separator_on_the_rows_alone_is_refused(tmp_path: Path, read: Read) -> None:
    head, _, body = text_of(REFERRALS.columns, ROWS).partition("\n")
    path = _changed(tmp_path, lambda _: head + "\n" + body.replace("\n", ",\n"))
    with pytest.raises(UnreadableText, match="line 2: 22 cells where the header has 21"):
        read(path)


def test_a_cell_in_a_column_without_a_name_is_refused(tmp_path: Path, read: Read) -> None:
    head, _, body = text_of(REFERRALS.columns, ROWS).partition("\n")
    path = _changed(tmp_path, lambda _: head + ",\n" + body.replace("\n", ",9\n"))
    with pytest.raises(UnreadableText, match="column without a name"):
        read(path)


@pytest.mark.parametrize("lost", [1, 30, 60])
def test_a_truncated_file_is_refused_with_its_line(tmp_path: Path, read: Read, lost: int) -> None:
    path = _changed(tmp_path, lambda text: text.rstrip("\n")[: -(lost + 2)])
    with pytest.raises(UnreadableText, match="line 3"):
        read(path)


def test_a_short_row_is_never_padded(tmp_path: Path, read: Read) -> None:
    path = _changed(tmp_path, lambda text: text + "2023,Reporting year,National\n")
    with pytest.raises(UnreadableText, match="line 4: 3 cells where the header has 21"):
        read(path)


def test_an_unclosed_quote_is_refused_with_the_line_where_it_opens(tmp_path: Path, read: Read) -> None:
    path = _changed(tmp_path, lambda text: text.replace("Bradford", '"Bradford'))
    with pytest.raises(UnreadableText, match="line 3"):
        read(path)


def test_a_nul_is_refused_with_its_line(tmp_path: Path, read: Read) -> None:
    path = _changed(tmp_path, lambda text: text.replace("Bradford", "Brad\0ford"))
    with pytest.raises(UnreadableText, match="line 3: a NUL"):
        read(path)


def test_a_header_without_rows_is_refused(tmp_path: Path, read: Read) -> None:
    with pytest.raises(UnreadableText, match="no rows below the header"):
        read(write(tmp_path, REFERRALS, []))


def test_zero_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b"")
    with pytest.raises(NotTabular, match="an empty file"):
        source_of(path)


def test_an_enormous_cell_is_refused(tmp_path: Path, read: Read) -> None:
    path = _changed(tmp_path, lambda text: text.replace("Bradford", "B" * 200_000))
    with pytest.raises(UnreadableText, match="field larger"):
        read(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html><html><title>Sign in</title></html>", "web page.*proxy"),
        (b"\xef\xbb\xbf\n <html><body>404</body></html>", "web page"),
        ("<html>login</html>".encode("utf-16"), "web page"),
        (b"<?xml version='1.0'?><Error>AccessDenied</Error>", "web page"),
        (b"PK\x03\x04rest of a workbook", "zip archive or a spreadsheet"),
        (b"%PDF-1.7 rest", "PDF"),
        (b"\x1f\x8brest", "gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "old Excel"),
    ],
)
def test_what_is_no_table_is_known_by_its_content(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "workforce.csv"
    path.write_bytes(content)
    with pytest.raises(NotTabular, match=words):
        source_of(path)


@pytest.mark.parametrize("name", ["file.xlsx", "file.ods"])
def test_a_workbook_of_somebody_else_is_left_alone_and_a_broken_one_is_not(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write = write_ods if path.suffix == ".ods" else write_xlsx
    write(path, {"Sheet1": [["Milk", "Eggs"], ["2", "12"]]})
    assert source_of(path) is None
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(NotTabular, match="a workbook that cannot be read"):
        source_of(path)
    path.write_bytes(b"<html></html>")
    with pytest.raises(NotTabular):
        source_of(path)


@pytest.mark.parametrize("name", ["page.html", "notes.md", "data.parquet"])
def test_files_that_promise_no_table_are_left_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"<html></html>")
    assert source_of(path) is None
    path.write_bytes(b"")
    assert source_of(path) is None


def test_a_layout_is_known_by_its_columns_whatever_the_file_is_called(tmp_path: Path) -> None:
    module = source_of(write(tmp_path, WORKFORCE, [row(WORKFORCE)], name="Copy of thing (1).txt"))
    assert module is not None
    assert module.SOURCE.key == "workforce"


def test_title_rows_above_the_header_are_refused(tmp_path: Path) -> None:
    path = _changed(tmp_path, lambda text: "Table c1,,,,\n,,,,\n" + text)
    with pytest.raises(SourceChanged, match="line 3, below title rows"):
        source_of(path)


def test_a_second_header_is_refused(tmp_path: Path, read: Read) -> None:
    path = _changed(tmp_path, lambda text: text + text)
    with pytest.raises(UnreadableText, match="line 4: the header once more"):
        read(path)


def test_footnotes_and_blank_lines_are_counted_and_never_records(tmp_path: Path, read: Read) -> None:
    blank = "," * (len(REFERRALS.columns) - 1)
    notes = f"\n{blank}\nSource: DfE{blank}\nNote: rounded\n"
    reading = read(_changed(tmp_path, lambda text: text + notes))
    assert reading.rows_kept == 2
    assert {each.reason: each.count for each in reading.set_aside} == {
        "blank line": 2,
        "footnote below the table": 2,
    }
    assert reading.rows_read == reading.rows_kept + sum(each.count for each in reading.set_aside)


def test_a_record_below_the_footnotes_is_refused(tmp_path: Path, read: Read) -> None:
    path = _changed(tmp_path, lambda text: text + "Source: DfE\n" + text.split("\n")[1] + "\n")
    with pytest.raises(UnreadableText, match="line 5: a record below the footnotes"):
        read(path)


@pytest.mark.parametrize("cut", ["Bradf", "2024", "Total"])
def test_a_lone_cell_that_is_no_footnote_is_refused(tmp_path: Path, read: Read, cut: str) -> None:
    with pytest.raises(UnreadableText, match="line 4"):
        read(_changed(tmp_path, lambda text: text + cut))


def test_a_totals_row_at_the_bottom_is_no_record(tmp_path: Path, read: Read) -> None:
    totals = ["Total", *[""] * 10, *["2000"] * 10]
    with pytest.raises(SourceChanged, match="line 4"):
        read(_changed(tmp_path, lambda text: text + ",".join(totals) + "\n"))
