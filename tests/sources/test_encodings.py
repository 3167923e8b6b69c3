"""Row 21 of the contract: whatever the encoding, the right letters or a refusal with offset and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from insight.errors import UnreadableText
from insight.sources import Reading
from insight.sources._decode import decode
from tests.sources.published_rows import LEEDS, REFERRALS, row, text_of, write

Read = Callable[[Path], Reading]


@pytest.mark.parametrize(
    ("codec", "marks", "said"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", b"\xef\xbb\xbf", "UTF-8 with a byte-order mark"),
        ("utf-8", b"\xef\xbb\xbf\xef\xbb\xbf", "UTF-8 with 2 byte-order marks"),
        ("utf-16-le", b"\xff\xfe", "UTF-16 (little-endian) with a byte-order mark"),
        ("utf-16-be", b"\xfe\xff", "UTF-16 (big-endian) with a byte-order mark"),
        ("utf-16-le", b"", "UTF-16 (little-endian)"),
        ("utf-16-be", b"", "UTF-16 (big-endian)"),
    ],
)
def test_every_unicode_encoding_gives_the_same_rows_and_is_named(
    tmp_path: Path, read: Read, codec: str, marks: bytes, said: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(marks + text_of(REFERRALS.columns, [row(REFERRALS)]).encode(codec))
    reading = read(path)
    assert reading.encoding == said
    assert set(reading.rows["area"]) == {"E08000035"}


def test_a_council_spreadsheet_in_cp1252_keeps_its_letters() -> None:
    decoded = decode("St Helens’ £5 café".encode("cp1252"), "file.csv")
    assert (decoded.text, decoded.encoding) == ("St Helens’ £5 café", "CP1252")


def test_cp1252_is_reported_as_a_note(tmp_path: Path, read: Read) -> None:
    rows = [row(REFERRALS)]
    path = write(tmp_path, REFERRALS, rows)
    path.write_bytes(path.read_bytes() + "Source: Department’s own".encode("cp1252"))
    assert "not UTF-8: read as CP1252" in read(path).notes


def test_two_encodings_in_one_file_are_refused_and_never_turned_into_other_letters(tmp_path: Path, read: Read) -> None:
    path = write(tmp_path, REFERRALS, [row(REFERRALS)])
    path.write_bytes(path.read_bytes() + "Note: ’\n".encode() + "Note: ’\n".encode("cp1252"))
    with pytest.raises(UnreadableText, match=r"two encodings.*line 4"):
        read(path)


def test_bytes_of_no_encoding_are_refused_with_offset_and_line() -> None:
    with pytest.raises(UnreadableText, match=r"byte 8, line 3"):
        decode(b"one\ntwo\n\x81three", "file.csv")


def test_half_a_letter_of_utf_16_is_refused() -> None:
    with pytest.raises(UnreadableText, match="UTF-16"):
        decode(b"\xff\xfea\x00b", "file.csv")


def test_a_letter_lost_upstream_is_refused() -> None:
    with pytest.raises(UnreadableText, match="line 2"):
        decode("name\ncaf\ufffd".encode(), "file.csv")


def test_a_refusal_of_bytes_says_nothing_of_other_cells() -> None:
    with pytest.raises(UnreadableText) as refusal:
        decode(b"Zzyzx Canary\n\x81", "file.csv")
    assert "Canary" not in str(refusal.value)


def test_the_name_in_the_register_is_found_in_every_encoding(tmp_path: Path, read: Read) -> None:
    path = write(tmp_path, REFERRALS, [row(REFERRALS, LEEDS)], encoding="utf-16")
    assert read(path).rows_kept == 1
