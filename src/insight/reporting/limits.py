"""Limits of time and memory, and the end of a process with the one that started it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from insight.reporting.job import Job

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_WINDOWS = sys.platform == "win32"


class OutOfTime(BaseException):
    """A cell or a page is over its limit. No cell's ``except Exception`` stops it."""

    def __init__(self, *, is_cell: bool) -> None:
        super().__init__("over the limit of time")
        self.is_cell = is_cell


class Limits:
    """Time limits of one job in this process, by an alarm; where the system has none, somebody outside must end it."""

    def __init__(self, job: Job) -> None:
        self._cell_seconds = job.cell_seconds
        self._deadline = time.monotonic() + job.page_seconds
        self._is_cell = False
        self.passed: OutOfTime | None = None
        self._works = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()

    @contextmanager
    def page(self) -> Iterator[None]:
        """The whole page's limit."""
        if not self._works:
            yield
            return
        before = signal.signal(signal.SIGALRM, self._ring)
        self._wind()
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    @contextmanager
    def cell(self) -> Iterator[None]:
        """One cell's limit, or what is left of the page's."""
        left = self._deadline - time.monotonic()
        if self._works:
            self._is_cell = self._cell_seconds < left
            signal.setitimer(signal.ITIMER_REAL, max(0.001, min(self._cell_seconds, left)))
        try:
            yield
        finally:
            self._is_cell = False
            if self._works:
                self._wind()

    def _wind(self) -> None:
        # It rings once: the page has failed then, and a second ring would disturb the putting away.
        if self.passed is None:
            signal.setitimer(signal.ITIMER_REAL, max(0.001, self._deadline - time.monotonic()))

    def _ring(self, number: int, frame: FrameType | None) -> None:
        self.passed = OutOfTime(is_cell=self._is_cell)
        raise self.passed


def address_space() -> int:
    """Bytes of address space that this process has; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return 0


def limit_memory(more: int) -> None:
    """From now on this process, and those that it starts, may have so many bytes more; Linux only."""
    if sys.platform != "linux":
        return
    import resource

    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if more:
            hard = resource.getrlimit(resource.RLIMIT_AS)[1]
            wanted = address_space() + more
            soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def no_memory_limit() -> None:
    """The soft limit away again."""
    if sys.platform == "linux":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def die_with_parent(parent: int) -> None:
    """Let the system end this process when its parent ends; Linux only.

    Parameters
    ----------
    parent : int
        Its number, taken before the fork: where it has died already, this process ends at once.
    """
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of whatever processes of this process's children are left over; Linux only."""
    if sys.platform == "linux":
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(what: int, value: int) -> None:
    import ctypes

    ctypes.CDLL(None).prctl(what, value, 0, 0, 0)


def start_of_child(address_bytes: int) -> dict[str, Any]:
    """Arguments for a process to be started: it ends with this one and keeps to a limit of memory."""
    if sys.platform != "linux":
        return {}
    import ctypes
    import resource

    library, parent = ctypes.CDLL(None), os.getpid()

    def first() -> None:
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if address_bytes:
            resource.setrlimit(resource.RLIMIT_AS, (address_bytes, address_bytes))

    return {"preexec_fn": first}


def children_of(parent: int) -> list[int]:
    """Numbers of the processes whose parent is this one; empty where the system does not say."""
    found = []
    with suppress(OSError):
        # Where the system keeps the list, there is no need to look at every process.
        lists = Path(f"/proc/{parent}/task").glob("*/children")
        texts = [path.read_text(encoding="ascii") for path in lists]
        if texts:
            return [int(number) for text in texts for number in text.split()]
    for place in Path("/proc").iterdir() if sys.platform == "linux" else ():
        if place.name.isdigit():
            with suppress(OSError, ValueError, IndexError):
                # The name in brackets may hold anything; the parent is the second field after it.
                stat = (place / "stat").read_text(encoding="utf-8", errors="replace")
                if int(stat.rpartition(")")[2].split()[1]) == parent:
                    found.append(int(place.name))
    return found


def end_strays(keep: set[int]) -> None:
    """End every child process of this one that is not to be kept, and theirs; Linux only."""
    if sys.platform != "linux":
        return
    for _ in range(100):
        strays = [number for number in children_of(os.getpid()) if number not in keep]
        if not strays:
            return
        for number in strays:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(number, 0)
