"""Checksums are of content, are remembered only where that is safe, and never lie."""

from __future__ import annotations

import json
import os
import string
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight.core import fingerprint
from insight.core.fingerprint import (
    Checksums,
    canonical,
    content_sha256,
    file_sha256,
    fingerprint_of,
    installation_mark,
    package_files,
    package_fingerprint,
    versions,
)

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(string.printable, max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that was written long ago, as the clock then says."""
    file = tmp_path / "figures.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 10_000_000_000)
    return file


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files whose bytes are read."""
    names: list[str] = []

    def counted(path: Path) -> str:
        names.append(Path(path).name)
        return file_sha256(path)

    monkeypatch.setattr(fingerprint, "file_sha256", counted)
    return names


def test_a_remembered_file_is_not_read_again(settled: Path, tmp_path: Path, reads: list[str]) -> None:
    first = Checksums(tmp_path / "memory.json")
    assert first.sha256(settled) == first.sha256(settled) == file_sha256(settled)
    first.save()
    assert Checksums(tmp_path / "memory.json").sha256(str(settled)) == file_sha256(settled)
    assert reads == ["figures.csv"]


def test_other_bytes_of_the_same_length_are_noticed(settled: Path, tmp_path: Path) -> None:
    checksums = Checksums(tmp_path / "memory.json")
    before = checksums.sha256(settled)
    stamp = settled.stat().st_mtime_ns
    settled.write_text("a,b\n1,3\n", encoding="utf-8")
    os.utime(settled, ns=(stamp, stamp))
    # The time of change cannot be set back as that of writing can.
    assert checksums.sha256(settled) == file_sha256(settled) != before


def test_a_file_put_in_place_of_another_is_noticed(settled: Path, tmp_path: Path) -> None:
    checksums = Checksums(tmp_path / "memory.json")
    before = checksums.sha256(settled)
    other = tmp_path / "other.csv"
    other.write_text("a,b\n9,9\n", encoding="utf-8")
    os.utime(other, ns=(settled.stat().st_atime_ns, settled.stat().st_mtime_ns))
    other.replace(settled)
    assert checksums.sha256(settled) != before


def test_a_file_written_just_now_is_not_remembered(tmp_path: Path, reads: list[str]) -> None:
    file = tmp_path / "young.csv"
    file.write_text("1", encoding="utf-8")
    checksums = Checksums(tmp_path / "memory.json")
    assert checksums.sha256(file) == checksums.sha256(file)
    assert reads == ["young.csv"] * 2
    checksums.save()
    assert not (tmp_path / "memory.json").exists()


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"x": [1]}', '{"x": "y"}', "null", '{"x": [1, 2, 3, 4, 5, 6]}'])
def test_a_damaged_memory_is_an_empty_one(settled: Path, tmp_path: Path, damage: str) -> None:
    memory = tmp_path / "memory.json"
    memory.write_text(damage, encoding="utf-8")
    checksums = Checksums(memory)
    assert checksums.sha256(settled) == file_sha256(settled)
    checksums.save()
    assert list(json.loads(memory.read_bytes())) == [f"{tmp_path.name}{os.sep}{settled.name}"]


def test_files_that_are_gone_leave_the_memory(settled: Path, tmp_path: Path) -> None:
    memory = tmp_path / "memory.json"
    other = tmp_path / "other.csv"
    other.write_text("2", encoding="utf-8")
    first = Checksums(memory)
    first.sha256(other)
    first.save()
    other.unlink()
    second = Checksums(memory)
    second.sha256(settled)
    second.save()
    assert list(json.loads(memory.read_bytes())) == [f"{tmp_path.name}{os.sep}{settled.name}"]
    with pytest.raises(FileNotFoundError):
        second.sha256(other)


def test_a_memory_that_cannot_be_written_costs_nothing_but_time(settled: Path, tmp_path: Path) -> None:
    (tmp_path / "memory.json").mkdir()
    checksums = Checksums(tmp_path / "memory.json")
    assert checksums.sha256(settled) == file_sha256(settled)
    checksums.save()


@given(PLAIN, PLAIN)
def test_equal_content_and_only_equal_content_has_one_hash(one: object, other: object) -> None:
    assert (content_sha256(one) == content_sha256(other)) == (canonical(one) == canonical(other))


def test_one_and_the_text_one_differ() -> None:
    assert len({content_sha256([each]) for each in (1, "1", 1.0, True, None)}) == 5


def test_every_packaged_file_counts_and_no_compiled_one() -> None:
    files = package_files()
    assert {"core/authorities.csv", "errors.py", "reporting/templates/page.html"} <= set(files)
    assert not [path for path in files if "__pycache__" in path or path.endswith(".pyc")]
    assert package_fingerprint("core") == fingerprint_of({p: c for p, c in files.items() if p.startswith("core/")})
    assert package_fingerprint("core") != package_fingerprint("stats") != package_fingerprint()


def test_versions_are_those_that_are_installed() -> None:
    import pandas as pd

    assert versions()["pandas"] == pd.__version__
    assert versions(("no_such_library",))["no_such_library"] == "none"


def test_installing_a_library_changes_the_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    before = installation_mark()
    assert installation_mark() == before
    (tmp_path / "pandas-9.9.dist-info").mkdir()
    os.utime(tmp_path, ns=(1, 1))
    assert installation_mark() != before
