"""Stored results: whole under readers and writers, damage noticed, swept when nothing refers to them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from insight.reporting.cache import Cache, parts_of
from tests.reporting.fake_crew import batch_of, pages_of, sha

KEY = sha("a key")


def keep(cache: Cache, folder: Path, content: bytes, key: str = KEY) -> Path:
    made = folder / "made.json"
    made.write_bytes(content)
    cache.keep(key, made)
    assert not made.exists()
    found = cache.results(key)
    assert found is not None
    return found


def test_results_are_found_by_their_key(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert cache.results(KEY) is None
    assert keep(cache, tmp_path, b"{}").read_bytes() == b"{}"
    assert cache.results(sha("another")) is None
    assert f"results/{KEY[:2]}/{KEY}-" in keep(cache, tmp_path, b"{}").as_posix()


@pytest.mark.parametrize("content", [b"", b"{ }", b"{"])
def test_a_damaged_file_is_noticed_and_removed(tmp_path: Path, content: bytes) -> None:
    cache = Cache(tmp_path)
    found = keep(cache, tmp_path, b"{}")
    found.write_bytes(content)
    assert cache.results(KEY) is None
    assert not found.exists()


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "a/b", "*", "a" * 200])
def test_a_key_that_is_none_leads_nowhere(tmp_path: Path, key: str) -> None:
    cache = Cache(tmp_path / "site")
    (tmp_path / "made.json").write_bytes(b"{}")
    cache.keep(key, tmp_path / "made.json")
    cache.keep_parts(key, {})
    assert cache.results(key) is None and cache.parts(key) is None
    assert [path.name for path in tmp_path.rglob("*")] == ["made.json"]


def test_parts_are_those_of_the_page_that_stands(tmp_path: Path) -> None:
    out = tmp_path / "site"
    page = pages_of()[0]
    assert parts_of(out, page.href) is None
    batch_of(out, [page])
    assert parts_of(out, page.href) == page.parts
    (out / page.href).unlink()
    assert parts_of(out, page.href) is None


@pytest.mark.parametrize("content", [b"", b"[]", b'{"key": "other", "parts": {}}'])
def test_damaged_parts_are_not_known(tmp_path: Path, content: bytes) -> None:
    cache = Cache(tmp_path)
    cache.keep_parts(KEY, {"data": "1"})
    assert cache.parts(KEY) == {"data": "1"}
    (tmp_path / ".insight" / "parts" / KEY[:2] / f"{KEY}.json").write_bytes(content)
    assert cache.parts(KEY) is None


def test_sweeping_leaves_what_is_referred_to(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    kept, gone = keep(cache, tmp_path, b"1"), keep(cache, tmp_path, b"2", sha("gone"))
    cache.keep_parts(sha("page"), {})
    cache.keep_parts(sha("gone"), {})
    unfinished = kept.with_name(".unfinished-abc")
    unfinished.write_bytes(b"")
    cache.sweep({KEY}, {sha("page")})
    assert kept.exists() and not gone.exists() and not unfinished.exists()
    assert cache.parts(sha("page")) == {} and cache.parts(sha("gone")) is None


def test_reads_while_another_process_writes_are_all_whole(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    keep(cache, tmp_path, b"x" * 1000)
    script = (
        "import sys; from pathlib import Path; from insight.reporting.cache import Cache\n"
        "folder, key = Path(sys.argv[1]), sys.argv[2]; made = folder / 'other.json'; n = 0\n"
        "while not (folder / 'stop').exists():\n"
        "    made.write_bytes(b'x' * 1000); Cache(folder).keep(key, made); n += 1\n"
        "    (folder / 'begun').touch()\n"
        "print(n)"
    )
    writer = subprocess.Popen([sys.executable, "-c", script, str(tmp_path), KEY], stdout=subprocess.PIPE)
    try:
        while not (tmp_path / "begun").exists():
            assert writer.poll() is None
            time.sleep(0.01)
        unreadable = sum(cache.results(KEY) is None for _ in range(1_000))
    finally:
        (tmp_path / "stop").touch()
        wrote = int(writer.communicate()[0])
    assert unreadable == 0
    assert wrote > 1
