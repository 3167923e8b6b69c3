"""Data frames saved from R: small ones written here as "R Internals" describes the form, whole and damaged.

The real files are compared with two other readers in ``test_workforce_by_ethnicity``.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from insight.errors import NotTabular
from insight.sources import source_of
from insight.sources._r_data import holds_columns, read_r_table

HAS_ATTRIBUTES, HAS_TAG = 0x200, 0x400
NOTHING = struct.pack(">i", 254)


def _letters(text: str | None) -> bytes:
    if text is None:
        return struct.pack(">ii", 9, -1)
    data = text.encode()
    return struct.pack(">ii", 0x40009, len(data)) + data


def _texts(cells: Sequence[str | None], flags: int = 0) -> bytes:
    return struct.pack(">ii", 16 | flags, len(cells)) + b"".join(map(_letters, cells))


def _integers(cells: Sequence[int], flags: int = 0) -> bytes:
    return struct.pack(f">ii{len(cells)}i", 13 | flags, len(cells), *cells)


def _doubles(cells: Sequence[float]) -> bytes:
    return struct.pack(f">ii{len(cells)}d", 14, len(cells), *cells)


def _named(name: str, value: bytes) -> bytes:
    return struct.pack(">i", 2 | HAS_TAG) + struct.pack(">i", 1) + _letters(name) + value


def _frame(names: Sequence[str], columns: Sequence[bytes]) -> bytes:
    rows = _named("row.names", _integers([-(2**31), -2]))
    attributes = _named("names", _texts(names)) + rows + _named("class", _texts(["data.frame"])) + NOTHING
    return struct.pack(">ii", 19 | HAS_ATTRIBUTES, len(columns)) + b"".join(columns) + attributes


def _saved(folder: Path, thing: bytes, version: int = 3) -> Path:
    encoding = struct.pack(">i", 5) + b"UTF-8" if version == 3 else b""
    path = folder / "file.rds"
    path.write_bytes(gzip.compress(b"X\n" + struct.pack(">iii", version, 0x40301, 0x30500) + encoding + thing))
    return path


@pytest.mark.parametrize("version", [2, 3])
def test_texts_and_numbers_are_read_and_what_is_missing_is_blank(tmp_path: Path, version: int) -> None:
    columns = [_texts(["Leeds", None]), _integers([2025, -(2**31)]), _doubles([7.8, float("nan")])]
    table = read_r_table(_saved(tmp_path, _frame(["la_name", "time_period", "share"], columns), version))
    assert table.header == ("la_name", "time_period", "share")
    assert [row.cells for row in table.rows] == [("Leeds", "2025", "7.8"), ("", "", "")]


def test_a_whole_number_has_no_point(tmp_path: Path) -> None:
    table = read_r_table(_saved(tmp_path, _frame(["count", "share"], [_doubles([64.0, 0.1]), _doubles([0.0, -2.5])])))
    assert [row.cells for row in table.rows] == [("64", "0"), ("0.1", "-2.5")]


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, keep: float) -> None:
    path = _saved(tmp_path, _frame(["la_name"], [_texts(["Leeds", "Bradford"] * 200)]))
    path.write_bytes(path.read_bytes()[: int(keep * path.stat().st_size)])
    with pytest.raises(NotTabular, match=r"cut off|cannot be read"):
        read_r_table(path)


def test_an_object_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    thing = _frame(["la_name"], [_texts(["Leeds", "Bradford"])])
    with pytest.raises(NotTabular, match="cannot be read"):
        read_r_table(_saved(tmp_path, thing[:40]))


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (struct.pack(">i", 3), "kind 3"),  # a function
        (struct.pack(">i", 4), "kind 4"),  # an environment
        (_texts(["Leeds"]), "no data frame"),
        (_frame(["one"], [_texts(["a"]), _texts(["b"])]), "no data frame"),
        (_frame(["one", "two"], [_texts(["a"]), _texts(["a", "b"])]), "several lengths"),
        (_frame(["one"], [_frame(["in"], [_texts(["a"])])]), "neither text nor numbers"),
        (
            _frame(["one"], [_integers([1, 2], HAS_ATTRIBUTES) + _named("levels", _texts(["a", "b"])) + NOTHING]),
            "categories",
        ),
    ],
)
def test_what_is_no_plain_data_frame_is_refused(tmp_path: Path, thing: bytes, words: str) -> None:
    with pytest.raises(NotTabular, match=words):
        read_r_table(_saved(tmp_path, thing))


def test_another_form_or_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotTabular, match="version 9"):
        read_r_table(_saved(tmp_path, NOTHING, version=9))
    path = tmp_path / "ascii.rds"
    path.write_bytes(gzip.compress(b"A\n3\n262911\n"))
    with pytest.raises(NotTabular, match="no R object in the usual form"):
        read_r_table(path)


def test_a_file_is_known_by_its_columns_and_never_by_its_name(tmp_path: Path) -> None:
    path = _saved(tmp_path, _frame(["la_name"], [_texts(["Leeds", "Bradford"])]))
    assert holds_columns(path, ("la_name",))
    assert not holds_columns(path, ("la_name", "seniority"))
    assert source_of(path) is None
    other = tmp_path / "workforce_eth.rds"
    other.write_bytes(gzip.compress(b"a log that somebody has packed"))
    assert source_of(other) is None
    plain = tmp_path / "plain.rds"
    plain.write_text("la_name", encoding="utf-8")
    assert not holds_columns(plain, ("la_name",))
