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
from insight.sources import _r_data, source_of, workforce_by_ethnicity
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
        (_frame(["one"], [_doubles([1.0, float("-inf")])]), "an infinite number"),
        (_frame(["one"], [struct.pack(">iiii", 16, 1, 10, 0)]), "a text of kind 10"),
        (_frame(["one"], [struct.pack(">ii", 13, -1)]), "-1 cells in a column"),
        (struct.pack(">ii", 19, -1), "-1 members"),
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


def test_the_least_whole_number_is_missing_as_a_whole_number_alone(tmp_path: Path) -> None:
    columns = [_integers([-(2**31), -(2**31) + 1]), _doubles([-(2.0**31), float("nan")])]
    table = read_r_table(_saved(tmp_path, _frame(["one", "two"], columns)))
    assert [row.cells for row in table.rows] == [("", "-2147483648"), ("-2147483647", "")]


def test_an_object_of_more_things_than_any_that_is_published_is_refused_before_they_are_made(tmp_path: Path) -> None:
    many = _saved(tmp_path, struct.pack(">ii", 19, 1_000_000) + NOTHING * 1_000_000)
    assert many.stat().st_size < 100_000
    with pytest.raises(NotTabular, match=r"1,000,000 members; a published one has at most 1,000"):
        read_r_table(many)
    nested = struct.pack(">ii", 19, 1000) + (struct.pack(">ii", 19, 1000) + NOTHING * 1000) * 1000
    with pytest.raises(NotTabular, match=r"more than 100,000 parts"):
        read_r_table(_saved(tmp_path, nested))


def test_an_object_of_more_cells_than_any_that_is_published_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_r_data, "_MOST_CELLS", 10)
    with pytest.raises(NotTabular, match=r"11 cells in a column; a published one has at most 10"):
        read_r_table(_saved(tmp_path, _frame(["one"], [_doubles([1.0] * 11)])))
    with pytest.raises(NotTabular, match=r"more than 10 cells"):
        read_r_table(_saved(tmp_path, _frame(["one", "two"], [_doubles([1.0] * 6), _texts(["a"] * 6)])))


def test_memory_that_does_not_suffice_is_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(_r_data._Reader, "_numbers", full)
    with pytest.raises(NotTabular, match=r"reading file.rds[\s\S]*cannot be read \(MemoryError\)"):
        read_r_table(_saved(tmp_path, _frame(["one"], [_doubles([1.0])])))


def test_a_file_is_unpacked_once_and_one_that_is_no_object_of_r_not_at_all(tmp_path: Path) -> None:
    _r_data._unpack.cache_clear()
    other = tmp_path / "log.gz"
    other.write_bytes(gzip.compress(b"a log that somebody has packed"))
    assert not workforce_by_ethnicity.claims(other)
    assert _r_data._unpack.cache_info().misses == 0
    path = _saved(tmp_path, _frame(["la_name"], [_texts(["Leeds", "Bradford"])]))
    assert not workforce_by_ethnicity.claims(path)
    read_r_table(path)
    assert _r_data._unpack.cache_info().misses == 1
    _saved(tmp_path, _frame(["la_name"], [_texts(["Leeds", "Bradford", "Wakefield"])]))
    assert len(read_r_table(path).rows) == 3, "a file that has changed is read again"
