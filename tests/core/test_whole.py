"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from insight.core import whole
from insight.core.whole import UNFINISHED, append_whole, free_bytes, put_whole, write_whole


def full_after(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk fill up after so many bytes."""
    real = whole._fill
    left = room

    class Disk:
        def __init__(self, file: object) -> None:
            self._file = file

        def write(self, data: memoryview) -> int:
            nonlocal left
            if left <= 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            some = data[: min(left, 7)]
            left -= len(some)
            return int(self._file.write(some))  # type: ignore[attr-defined]

        def fileno(self) -> int:
            return int(self._file.fileno())  # type: ignore[attr-defined]

    monkeypatch.setattr(
        whole,
        "_fill",
        lambda file, data, *, durable=True: real(Disk(file), data, durable=durable),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("room", [0, 1, 10, 29])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    write_whole(tmp_path / "page", b"old")
    append_whole(tmp_path / "journal", b"one\n")
    full_after(room, monkeypatch)
    with pytest.raises(OSError, match="No space left on device; 30 bytes are needed"):
        write_whole(tmp_path / "page", b"n" * 30)
    with pytest.raises(OSError, match="30 bytes are needed"):
        append_whole(tmp_path / "journal", b"t" * 30)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"page": b"old", "journal": b"one\n"}


def test_what_is_written_in_parts_arrives_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full_after(10**6, monkeypatch)
    write_whole(tmp_path / "page", bytes(range(256)))
    assert (tmp_path / "page").read_bytes() == bytes(range(256))


def held_for(times: int, monkeypatch: pytest.MonkeyPatch, fault: OSError) -> list[int]:
    """Let another program hold a file for some tries."""
    real, tries = Path.replace, [0]

    def replace(self: Path, target: Path) -> Path:
        tries[0] += 1
        if tries[0] <= times:
            raise fault
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(whole, "_FIRST_WAIT", 0.001)
    return tries


def test_a_file_that_is_held_for_a_moment_is_replaced_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page").write_bytes(b"old")
    held_for(3, monkeypatch, PermissionError(errno.EACCES, "held"))
    write_whole(tmp_path / "page", b"new")
    assert (tmp_path / "page").read_bytes() == b"new"


@pytest.mark.parametrize("fault", [PermissionError(errno.EACCES, "held"), OSError(errno.EIO, "the drive is gone")])
def test_trying_again_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: OSError) -> None:
    (tmp_path / "page").write_bytes(b"old")
    (tmp_path / "made").write_bytes(b"new")
    tries = held_for(100, monkeypatch, fault)
    with pytest.raises(type(fault)):
        write_whole(tmp_path / "page", b"new")
    with pytest.raises(type(fault)):
        put_whole(tmp_path / "made", tmp_path / "page")
    assert tries[0] <= 10
    assert (tmp_path / "page").read_bytes() == b"old"
    assert (tmp_path / "made").read_bytes() == b"new"
    assert not list(tmp_path.glob(f"{UNFINISHED}*"))


def test_a_finished_file_moves_between_volumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made").write_bytes(b"new")
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self.name == "made":
            raise OSError(errno.EXDEV, "another volume")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    put_whole(tmp_path / "made", tmp_path / "folder" / "page")
    assert (tmp_path / "folder" / "page").read_bytes() == b"new"
    assert not (tmp_path / "made").exists()


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_others_may_read_what_is_put_in_place(tmp_path: Path) -> None:
    write_whole(tmp_path / "page", b"new")
    (tmp_path / "plain").write_bytes(b"new")
    assert stat.S_IMODE((tmp_path / "page").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_an_interruption_leaves_nothing_unfinished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(made: Path, path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(whole, "_rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "page", b"new")
    assert not list(tmp_path.iterdir())


def test_room_is_known_where_there_is_a_disk(tmp_path: Path) -> None:
    assert (free_bytes(tmp_path) or 0) > 0
    assert free_bytes(tmp_path / "nowhere") is None
