"""One run at a time, and an owner who is named."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from filelock import FileLock

from insight.errors import FolderHeld, UsageError
from insight.reporting import lock
from insight.reporting.lock import Owner, held, is_alive, process_started, read_owner


def sign(out: Path, owner: Owner) -> Path:
    path = out / ".insight" / "owner.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(asdict(owner)), encoding="utf-8")
    return path


def ended() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_owner_is_named_while_the_folder_is_held_and_gone_after(tmp_path: Path) -> None:
    with held(tmp_path):
        owner = read_owner(tmp_path)
        assert owner is not None and (owner.pid, owner.is_here, owner.is_gone) == (os.getpid(), True, False)
        with pytest.raises(FolderHeld, match=f"process {os.getpid()} on this machine, since") as raised, held(tmp_path):
            pass
        assert raised.value.code == "E801"
    assert read_owner(tmp_path) is None
    with held(tmp_path):
        pass


def test_a_process_that_runs_elsewhere_on_this_machine_keeps_the_folder(tmp_path: Path) -> None:
    # Its lock is not seen, as on a drive that honours none; its name is.
    parent = os.getppid()
    sign(tmp_path, replace(Owner.me(), pid=parent, started=process_started(parent)))
    with pytest.raises(FolderHeld, match=f"process {parent}"), held(tmp_path):
        pass


@pytest.mark.parametrize(
    "owner",
    [
        lambda: replace(Owner.me(), pid=ended(), started="of a process that has ended"),
        lambda: replace(Owner.me(), pid=os.getppid(), started="the number was given again"),
        lambda: replace(Owner.me(), pid=-1),
        lambda: replace(Owner.me(), since="2099-01-01T00:00:00+00:00", pid=ended()),
    ],
)
def test_an_owner_that_has_ended_is_taken_over_from(tmp_path: Path, owner: Callable[[], Owner]) -> None:
    sign(tmp_path, owner())
    with held(tmp_path):
        now = read_owner(tmp_path)
        assert now is not None and now.pid == os.getpid()


def test_an_owner_on_another_machine_is_never_taken_over_from(tmp_path: Path) -> None:
    path = sign(tmp_path, Owner(4711, "other\x1b[31mhost", "", "2026-03-03T09:30:00+00:00"))
    with pytest.raises(FolderHeld) as raised, held(tmp_path):
        pass
    words = str(raised.value)
    assert "process 4711 on the machine other[31mhost, since 09:30 on 3 March 2026" in words
    assert "delete .insight/owner.json in the output folder" in words
    path.unlink()
    with held(tmp_path):
        pass


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("2026-03-29T00:59:00+00:00", "00:59 on 29 March 2026"),
        ("2026-03-29T01:00:00+00:00", "02:00 on 29 March 2026"),
        ("2026-03-31T23:30:00+00:00", "00:30 on 1 April 2026"),
        ("2028-02-29T12:00:00+00:00", "12:00 on 29 February 2028"),
        ("yesterday", "a time that cannot be read"),
    ],
)
def test_since_when_is_said_by_the_clocks_of_london(since: str, words: str) -> None:
    assert replace(Owner.me(), since=since).in_words.endswith(f"since {words}")


@pytest.mark.parametrize("content", [b"", b"[]", b'{"pid": "x", "host": 1, "started": "", "since": ""}'])
def test_a_damaged_name_does_not_keep_the_folder(tmp_path: Path, content: bytes) -> None:
    sign(tmp_path, Owner.me()).write_bytes(content)
    with held(tmp_path):
        pass


def test_a_lock_without_a_name_is_respected(tmp_path: Path) -> None:
    (tmp_path / ".insight").mkdir()
    with (
        FileLock(tmp_path / ".insight" / lock.LOCK),
        pytest.raises(FolderHeld, match="not said who"),
        held(tmp_path),
    ):
        pass


def test_a_folder_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="E400 opening the output folder") as raised, held(tmp_path / "file" / "site"):
        pass
    assert str(tmp_path) not in str(raised.value)


def test_a_drive_without_locks_is_guarded_by_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*args: object, **kwargs: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(FileLock, "acquire", none)
    with held(tmp_path):
        parent = os.getppid()
        sign(tmp_path, replace(Owner.me(), pid=parent, started=process_started(parent)))
        with pytest.raises(FolderHeld, match=f"process {parent}"), held(tmp_path):
            pass


def _hold(out: str, ready: object) -> None:
    with held(Path(out)):
        os._exit(9)


def test_a_killed_run_leaves_no_lock(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_hold, args=(str(tmp_path), None))
    process.start()
    process.join()
    assert read_owner(tmp_path) is not None
    with held(tmp_path):
        pass


def test_a_process_is_known_by_its_number_and_its_start() -> None:
    assert is_alive(os.getpid()) and not is_alive(ended()) and not is_alive(0)
    assert process_started(os.getpid()) == process_started(os.getpid()) != process_started(os.getppid())
