"""What makes files be read again and pages be made again, and what does not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from insight.core.fingerprint import package_files
from insight.reporting import keys
from insight.store import _inputs, _remember

SPOKEN = ("store/_check.py", "store/_check_rows.py", "store/_looks.py")


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Checksums of the package that a test may change."""
    files = dict(package_files())
    for module in (_inputs, keys):
        monkeypatch.setattr(module, "package_files", lambda: files)
    yield files
    monkeypatch.undo()
    versions()


def versions() -> tuple[str, str, Mapping[str, str]]:
    """Of the reader, of what is remembered, and of a study's results; made anew."""
    for kept in (keys.sources_of, _remember.made_by):
        kept.cache_clear()
    return _inputs.reader_version(), _remember.made_by(), keys.sources_of("caseload_turnover")


@pytest.mark.parametrize("path", SPOKEN)
def test_words_of_a_check_of_one_file_read_nothing_and_make_nothing_again(changed: dict[str, str], path: str) -> None:
    before = versions()
    assert path in changed
    changed[path] = "other words"
    assert versions() == before


@pytest.mark.parametrize(
    "path", ["core/judged.py", "errors.py", "sources/lait.py", "store/_load.py", "store/_totals.py"]
)
def test_what_reads_files_counts(changed: dict[str, str], path: str) -> None:
    before = versions()
    assert path in changed
    changed[path] = "other code"
    assert all(now != then for now, then in zip(versions(), before, strict=True))


def test_a_new_file_of_the_store_counts_until_it_is_said_not_to(changed: dict[str, str]) -> None:
    before = versions()
    changed["store/_new.py"] = "code"
    assert all(now != then for now, then in zip(versions(), before, strict=True))


def test_nothing_that_reads_files_or_makes_pages_uses_the_words_of_a_check(root: Path) -> None:
    package = root / "src" / "insight"
    speaks = re.compile(r"store(\._|\s+import\s+\(?[^)\n]*\b_)(check|check_rows|looks)\b")
    using = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if speaks.search(path.read_text(encoding="utf-8"))
    }
    assert using - set(SPOKEN) == {"cli.py"}
