"""What a raw folder may hold beside published files: links, odd names, files that cannot be opened."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from insight.core.fingerprint import Checksums
from insight.errors import SourceRefused, StoreDamaged
from insight.store import BuildReport, build, read_manifest
from insight.store._manifest import FORMAT


def test_links_that_go_round_in_a_circle_or_nowhere_are_listed_and_left_alone(raw: Path, processed: Path) -> None:
    for name, target in (("a", "b"), ("b", "a"), ("gone", "nothing"), ("up", "..")):
        (raw / name).symlink_to(target)
    links = {
        file["path"] for file in build(raw, processed).manifest["files"] if file.get("why", "").startswith("a link")
    }
    assert links == {"a", "b", "gone", "up"}


def test_a_name_in_another_encoding_is_written_with_escapes(raw: Path, processed: Path) -> None:
    (raw / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"hello")
    report = build(raw, processed)
    assert "caf\\udce9.txt" in {file["path"] for file in report.manifest["files"]}
    assert not build(raw, processed).is_changed


def test_a_file_that_cannot_be_opened_is_named(raw: Path, processed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(memory: Checksums, path: Path) -> str:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Checksums, "sha256", refuse)
    with pytest.raises(SourceRefused, match="Permission denied") as refusal:
        build(raw, processed)
    assert str(raw) not in str(refusal.value)


def test_a_manifest_with_parts_missing_is_damaged_and_the_next_build_heals_it(
    built: BuildReport, raw: Path, processed: Path
) -> None:
    (built.store / "manifest.json").write_text(json.dumps({"format": FORMAT, "files": []}), encoding="utf-8")
    with pytest.raises(StoreDamaged, match="without data_hash"):
        read_manifest(built.store)
    assert build(raw, processed).manifest == built.manifest
