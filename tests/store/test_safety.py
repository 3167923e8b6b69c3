"""A build that fails, is interrupted or meets another one leaves the store whole; nothing outside is touched."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from insight.errors import InsightError, UsageError
from insight.store import BuildReport, _build, build, load_panel
from tests.sources.published_rows import BRADFORD, LEEDS, REFERRALS, row, write


class _Stopped(BaseException):
    """Stands for a power cut: no handler of exceptions catches it."""


def _contents(store: Path) -> dict[str, bytes]:
    return {path.relative_to(store).as_posix(): path.read_bytes() for path in store.rglob("*") if path.is_file()}


def _change(raw: Path) -> None:
    """New figures for two sources, one of them under a new name."""
    write(raw, REFERRALS, [row(REFERRALS, LEEDS, 2025, referral_count="1001")], name="referrals.txt")
    write(raw, REFERRALS, [row(REFERRALS, BRADFORD, 2024)], name="earlier.csv")


REFUSED: list[Callable[[Path], None]] = [
    lambda raw: write(raw, REFERRALS, [row(REFERRALS, LEEDS, 2025, referral_count="?")], name="bad.csv") and None,
    lambda raw: (raw / "bad.csv").write_bytes(b"<html>Sign in</html>") and None,
    lambda raw: (raw / "bad.csv").write_bytes(b"") and None,
    lambda raw: write(raw, REFERRALS, [], name="bad.csv") and None,
    lambda raw: write(raw, REFERRALS, [row(REFERRALS)], columns=[*REFERRALS.columns, "new"], name="bad.csv") and None,
]


@pytest.mark.parametrize("spoil", REFUSED)
def test_one_refusal_leaves_the_whole_store_as_it_was(
    built: BuildReport, raw: Path, processed: Path, spoil: Callable[[Path], None]
) -> None:
    before = _contents(built.store)
    spoil(raw)
    with pytest.raises(InsightError) as refusal:
        build(raw, processed)
    assert refusal.value.exit_code == 3
    after = _contents(built.store)
    assert {name: after[name] for name in before} == before
    assert load_panel(built.store).data_hash == built.manifest["data_hash"]


@pytest.mark.parametrize("step", ["fsync", "replace", "unlink"])
def test_a_build_that_stops_at_any_step_leaves_the_old_store_or_the_new_one(
    built: BuildReport, raw: Path, processed: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    _change(raw)
    old = built.manifest["data_hash"]
    stops = 0
    while _is_stopped(raw, processed, monkeypatch, step, after=stops):
        stops += 1
        now = load_panel(built.store)
        # Parts are removed only after the manifest has been replaced, so there the new store stands already. The folder
        # is flushed after the replacing, the file before it.
        assert step == "fsync" or (now.data_hash == old) == (step == "replace")
        assert len(now.data) > 0
    assert stops > 1 or step == "unlink"
    final = build(raw, processed)
    assert load_panel(built.store).data_hash == final.manifest["data_hash"] != old
    named = {file["part"] for file in final.manifest["files"] if "part" in file}
    assert {path.name for path in (built.store / "parts").iterdir()} == named


def _is_stopped(raw: Path, processed: Path, monkeypatch: pytest.MonkeyPatch, step: str, *, after: int) -> bool:
    """Build, with the power cut at the call number ``after`` of one step; whether it came to that."""
    target, name = (os, "fsync") if step == "fsync" else (Path, step)
    real: Callable[..., Any] = getattr(target, name)
    calls = 0

    def stopping(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            raise _Stopped
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(target, name, stopping)
        try:
            build(raw, processed)
        except _Stopped:
            return True
    return False


def test_a_killed_build_leaves_the_old_store_and_the_next_one_sweeps_up(
    built: BuildReport, raw: Path, processed: Path
) -> None:
    _change(raw)
    script = (
        "import os, sys; from pathlib import Path; from insight.core import whole\n"
        "whole._rename = lambda made, path: os._exit(9) if path.name == 'manifest.json' else made.replace(path)\n"
        "from insight.store import build; build(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(raw), str(processed)], env=_environment(), check=False)
    assert killed.returncode == 9
    assert load_panel(built.store).data_hash == built.manifest["data_hash"]
    assert list(built.store.glob(".unfinished-*"))
    build(raw, processed)
    assert not list(built.store.rglob(".unfinished-*"))


def _environment() -> dict[str, str]:
    import insight

    source = Path(str(insight.__file__)).resolve().parents[1]
    return {**os.environ, "PYTHONPATH": str(source)}


def test_unused_parts_are_removed_once_the_new_manifest_stands(built: BuildReport, raw: Path, processed: Path) -> None:
    _change(raw)
    report = build(raw, processed)
    named = {file["part"] for file in report.manifest["files"] if "part" in file}
    assert {path.name for path in (report.store / "parts").iterdir()} == named


def test_two_builds_do_not_meet(
    built: BuildReport, raw: Path, processed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_build, "LOCK_SECONDS", 0.1)
    _change(raw)
    with (
        FileLock(processed / f".{built.store.name}.lock"),
        pytest.raises(UsageError, match="another build of the same folder"),
    ):
        build(raw, processed)
    assert build(raw, processed).is_changed


def test_builds_at_the_same_time_give_one_whole_store(raw: Path, processed: Path) -> None:
    reports: list[BuildReport] = []
    threads = [threading.Thread(target=lambda: reports.append(build(raw, processed))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reports) == 4
    assert all(report.manifest == reports[0].manifest for report in reports)
    assert len(load_panel(reports[0].store).data) > 0


def test_links_out_of_the_folder_are_not_followed(raw: Path, processed: Path, tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", REFERRALS, [row(REFERRALS, LEEDS, 2030)], name="secret.csv")
    (raw / "link.csv").symlink_to(outside)
    (raw / "folder").symlink_to(outside.parent)
    (raw / "broken.csv").symlink_to(tmp_path / "nowhere.csv")
    (raw / "within.csv").symlink_to(raw / "referrals.txt")
    roles = {file["path"]: (file["role"], file.get("why", "")) for file in build(raw, processed).manifest["files"]}
    assert roles["link.csv"] == roles["folder"] == roles["broken.csv"] == ("left alone", "a link that was not followed")
    assert {roles["within.csv"][0], roles["referrals.txt"][0]} == {"current", "copy"}


def test_nothing_is_written_outside_the_processed_folder(raw: Path, processed: Path, tmp_path: Path) -> None:
    before = _contents(raw)
    store = build(raw, processed).store
    assert _contents(raw) == before
    assert {path.name for path in tmp_path.iterdir()} == {raw.name, processed.name}
    assert all(path.resolve().is_relative_to(processed.resolve()) for path in store.rglob("*"))


def test_a_processed_folder_within_the_raw_one_is_no_input(raw: Path) -> None:
    first = build(raw, raw / "processed")
    assert build(raw, raw / "processed").manifest == first.manifest


def test_hidden_files_and_open_file_markers_are_no_input(built: BuildReport, raw: Path, processed: Path) -> None:
    (raw / ".secret.csv").write_bytes(b"<html>")
    (raw / "~$staff.csv").write_bytes(b"<html>")
    (raw / ".git").mkdir()
    (raw / ".git" / "x.csv").write_bytes(b"<html>")
    assert build(raw, processed).manifest == built.manifest


def test_no_socket_is_opened(raw: Path, processed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object, **kwargs: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refused)
    load_panel(build(raw, processed).store)
