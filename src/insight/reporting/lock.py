"""One run at a time in an output folder, and a name for who is in it."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, tzinfo
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from filelock import FileLock, Timeout

from insight.core.fingerprint import canonical
from insight.core.whole import NO_ROOM, append_whole
from insight.errors import FileTrouble, FolderHeld, UsageError

OWNER = "owner.json"
LOCK = "run.lock"


@dataclass(frozen=True)
class Owner:
    """The process that runs in a folder.

    Parameters
    ----------
    started : str
        When the process started, as its own system counts it: tells it from a later process with the same number.
    since : str
        When it took the folder (UTC, ISO 8601); for people, never compared.
    """

    pid: int
    host: str
    started: str
    since: str

    @classmethod
    def me(cls) -> Owner:
        """This process, now."""
        return cls(os.getpid(), platform.node(), process_started(os.getpid()), _now())

    @property
    def is_here(self) -> bool:
        """Whether it runs, or ran, on this machine."""
        return self.host == platform.node()

    @property
    def is_gone(self) -> bool:
        """Whether it has certainly ended; of another machine nobody can say."""
        return self.is_here and (not is_alive(self.pid) or process_started(self.pid) != self.started)

    @property
    def in_words(self) -> str:
        """The process, where it runs, and since when by the clocks of London."""
        place = "this machine" if self.is_here else f"the machine {_plain(self.host)}"
        return f"process {self.pid} on {place}, since {_by_the_clock(self.since)}"


@contextmanager
def held(out: Path) -> Iterator[None]:
    """The folder, made where there is none, and held for one run.

    Two guards, because not every network drive honours a lock: a locked file, and a file that names the owner. An owner
    of this machine that has ended is taken over from without a word.

    Raises
    ------
    FolderHeld
        If another run is writing there; its owner is named.
    UsageError
        If the folder cannot be made or written.
    FileTrouble
        If there is no room.
    """
    lock, hidden = FileLock(out / ".insight" / LOCK), out / ".insight"
    try:
        hidden.mkdir(parents=True, exist_ok=True)
        _acquire(lock, hidden)
        try:
            _sign(hidden)
        except BaseException:
            lock.release()
            raise
    except OSError as fault:
        if fault.errno in NO_ROOM:
            raise FileTrouble.of("opening the output folder", fault) from None
        raise UsageError(
            "opening the output folder",
            found=f"the system says: {fault.strerror or type(fault).__name__}",
            todo="choose as --out a folder that can be made and written",
        ) from None
    try:
        yield
    finally:
        with suppress(OSError):
            (hidden / OWNER).unlink(missing_ok=True)
        lock.release()


def process_started(pid: int) -> str:
    """A process's start as its system counts it, whatever the clock says; empty where nobody can say.

    On Linux that is the boot's identity and clock ticks since then.
    """
    if sys.platform == "linux":
        try:
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
            # The name in brackets may hold anything; the 20th field after it is the start.
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            return f"{boot}/{fields[19]}"
        except (OSError, IndexError):
            return ""
    with suppress(Exception):  # psutil comes with Jupyter; without it, the number alone must do
        return str(import_module("psutil").Process(pid).create_time())
    return ""


def is_alive(pid: int) -> bool:
    """Whether a process with this number runs on this machine; where nobody can say, it does."""
    if pid <= 0:
        return False
    if os.name == "posix":
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except (PermissionError, OverflowError):
            return True
        return True
    try:
        return bool(import_module("psutil").pid_exists(pid))
    except ImportError:
        return True


def read_owner(out: Path) -> Owner | None:
    """Who signed for a folder; None where nobody did, or it cannot be read."""
    try:
        content = json.loads((out / ".insight" / OWNER).read_bytes())
        owner = Owner(**content)
    except (OSError, ValueError, TypeError):
        return None
    return owner if isinstance(owner.pid, int) and all(isinstance(t, str) for t in (owner.host, owner.since)) else None


def _acquire(lock: FileLock, hidden: Path) -> None:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise _refusal(read_owner(hidden.parent)) from None
    except NotImplementedError:
        # A drive without locks: the signed file alone must do.
        return


def _sign(hidden: Path) -> None:
    """Take over from an owner that has ended, then name ourselves; the file is made by one process only."""
    path = hidden / OWNER
    owner = read_owner(hidden.parent)
    is_own = owner is not None and owner.is_here and owner.pid == os.getpid()
    if owner is not None and not is_own and not owner.is_gone:
        raise _refusal(owner)
    path.unlink(missing_ok=True)
    try:
        path.open("xb").close()
    except FileExistsError:
        raise _refusal(read_owner(hidden.parent)) from None
    append_whole(path, canonical(asdict(Owner.me())).encode())


def _refusal(owner: Owner | None) -> FolderHeld:
    todo = "wait until it has ended, or choose another --out"
    if owner is not None and not owner.is_here:
        todo += f"; if that run is certainly over, delete .insight/{OWNER} in the output folder"
    return FolderHeld(
        "running into this output folder",
        found=f"a run that is still writing there: {owner.in_words if owner else 'it has not said who it is'}",
        todo=todo,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _by_the_clock(since: str) -> str:
    zone: tzinfo
    try:
        zone, suffix = ZoneInfo("Europe/London"), ""
    except ZoneInfoNotFoundError:
        zone, suffix = UTC, " UTC"
    try:
        moment = datetime.fromisoformat(since).astimezone(zone)
    except (ValueError, OverflowError):
        return "a time that cannot be read"
    return f"{moment:%H:%M}{suffix} on {moment.day} {moment:%B %Y}"


def _plain(host: str) -> str:
    return "".join(letter for letter in host if letter.isprintable())[:60]
