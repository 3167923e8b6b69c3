"""The side of the warm parent that starts kernels: one parent for each process that does."""

from __future__ import annotations

import asyncio
import atexit
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from insight import warm

PACKAGE = Path(__file__).resolve().parents[1]
_START_SECONDS = 60.0
_FORK_SECONDS = 10.0
_LOOK_SECONDS = 0.002
# Read by the interpreter or the loader before any code runs, so a fork cannot take them up.
_BEFORE_START = ("PYTHON", "LD_", "LC_", "LANG")

Fingerprint = tuple[tuple[str, int, int], ...]


class NotWarm(Exception):
    """This kernel cannot be forked; an ordinary start serves instead."""


class WarmParent:
    """A running ``insight.kernel.parent`` and what it has told.

    Threads and event loops may share it: nothing here waits for another one's loop.

    Parameters
    ----------
    modules : sequence of str
        What it loads; nothing given means what a notebook of this package needs.
    """

    def __init__(self, modules: Sequence[str] = ()) -> None:
        self.fingerprint = fingerprint()
        self._before_start = _before_start(os.environ)
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._received = b""
        self._gone = False
        self._ready = False
        self._answers: dict[int, dict[str, Any]] = {}
        self._unwanted: set[int] = set()
        self._ended: dict[int, int] = {}
        self._channel, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603  this interpreter, this package
                [sys.executable, "-m", "insight.kernel.parent", str(theirs.fileno()), *modules],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd=os.sep,
                env=warm.environment(),
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self._channel.setblocking(False)

    @property
    def is_alive(self) -> bool:
        """Whether it runs and its owner still holds the line."""
        self._hear()
        return not self._gone

    @property
    def was_ready(self) -> bool:
        """Whether it has ever finished loading."""
        return self._ready

    async def start(
        self, arguments: Sequence[str], environment: Mapping[str, str], folder: str, streams: tuple[int, int]
    ) -> Kernel:
        """Fork a kernel.

        Raises
        ------
        NotWarm
            If the parent died, refuses, does not answer, or was started with settings that differ.
        """
        if _before_start(environment) != self._before_start:
            raise NotWarm("the environment differs in what must stand before an interpreter starts")
        await self._until(lambda: self._ready, _START_SECONDS)
        number = next(self._numbers)
        asked = {"start": number, "arguments": list(arguments), "environment": dict(environment), "folder": folder}
        self._ask(asked, streams)
        try:
            await self._until(lambda: number in self._answers, _FORK_SECONDS)
        except BaseException:
            # Late, or the starter was cancelled: nobody would end what may still be forked.
            self._unwanted.add(number)
            raise
        answer = self._answers.pop(number)
        if "pid" not in answer:
            raise NotWarm(str(answer.get("why")))
        return Kernel(self, int(answer["pid"]))

    def ended(self, pid: int) -> int | None:
        """The code a kernel ended with (negative: the signal), or None while it runs."""
        self._hear()
        if pid not in self._ended and self._gone:
            # The system ends kernels with their parent; this is for one that had not come so far.
            with suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
            self._ended[pid] = -signal.SIGKILL
        return self._ended.get(pid)

    def retire(self) -> None:
        """Fork no more; end with the last kernel."""
        with suppress(NotWarm):
            self._ask({"retire": True})

    def close(self) -> None:
        """End it with all its kernels, and wait until it is gone."""
        with self._lock:
            self._gone = True
            self._channel.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def forget(self) -> None:
        """In a forked copy of the owner: let go of the line, which belongs to the original."""
        self._gone = True
        self._channel.close()
        # A copy has no children: without this it would warn of one that still runs.
        self.process.returncode = 0

    async def _until(self, done: Callable[[], bool], seconds: float) -> None:
        limit = time.monotonic() + seconds
        while True:
            self._hear()
            if done():
                return
            if self._gone or time.monotonic() > limit:
                raise NotWarm("the warm parent does not answer")
            await asyncio.sleep(_LOOK_SECONDS)

    def _ask(self, asked: Mapping[str, Any], streams: Sequence[int] = ()) -> None:
        line = json.dumps(asked).encode() + b"\n"
        with self._lock:
            if self._gone:
                raise NotWarm("the warm parent is gone")
            self._channel.setblocking(True)
            try:
                sent = socket.send_fds(self._channel, [line], list(streams)) if streams else 0
                self._channel.sendall(line[sent:])
            except OSError as error:
                raise NotWarm("the warm parent is gone") from error
            finally:
                self._channel.setblocking(False)

    def _hear(self) -> None:
        """Take in what was told since the last look; never waits."""
        with self._lock:
            while not self._gone:
                try:
                    data = self._channel.recv(1 << 16)
                except BlockingIOError:
                    break
                except OSError:
                    data = b""
                if not data:
                    self._gone = True
                    self._channel.close()
                    with suppress(subprocess.TimeoutExpired):
                        self.process.wait(1)
                *lines, self._received = (self._received + data).split(b"\n")
                for line in lines:
                    self._take_in(json.loads(line))

    def _take_in(self, told: Mapping[str, Any]) -> None:
        if "ended" in told:
            self._ended[int(told["ended"])] = int(told["code"])
        elif "ready" in told:
            self._ready = True
        else:
            number = int(told.get("started", told.get("refused", 0)))
            self._answers[number] = dict(told)
            if number in self._unwanted and "pid" in told:
                with suppress(ProcessLookupError):
                    os.kill(int(told["pid"]), signal.SIGKILL)


class Kernel:
    """A forked kernel, with the part of ``subprocess.Popen`` that Jupyter's provisioners use."""

    stdin = stdout = stderr = None

    def __init__(self, parent: WarmParent, pid: int) -> None:
        self._parent, self.pid = parent, pid

    @property
    def returncode(self) -> int | None:
        """As ``poll``."""
        return self.poll()

    def poll(self) -> int | None:
        """The code it ended with (negative: the signal), or None while it runs."""
        return self._parent.ended(self.pid)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, at most ``timeout`` seconds."""
        limit = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if limit is not None and time.monotonic() > limit:
                raise subprocess.TimeoutExpired("insight.kernel.parent", timeout or 0.0)
            time.sleep(_LOOK_SECONDS)
        return code

    def send_signal(self, signum: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))


def fingerprint() -> Fingerprint:
    """Name, time and size of each file of this package, and the time of the folder of installed ones.

    Times are in nanoseconds. A changed file means that modules in a warm parent are stale.
    """
    installed = [Path(entry) for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    folders = [(str(folder), folder.stat().st_mtime_ns, 0) for folder in installed if folder.is_dir()]
    return (*sorted(_files(str(PACKAGE))), *folders)


def current() -> WarmParent | None:
    """The parent of this process, which may still be loading; None where kernels start in the ordinary way.

    A parent that died, or that was started before a file of the package changed, is replaced by a new one.
    """
    global _current, _failed
    if not warm.can_fork():
        return None
    with _choosing:
        now = fingerprint()
        if _current is not None and _current.is_alive and _current.fingerprint == now:
            return _current
        if _current is not None:
            if not _current.is_alive and not _current.was_ready:
                # It could not load what stands on disk; another try would fail alike.
                _failed = _current.fingerprint
            _current.retire()
            _current = None
        if now == _failed:
            return None
        # Those that have ended since are taken off the system's list of processes.
        _started[:] = [parent for parent in _started if parent.is_alive or parent.process.poll() is None]
        try:
            _current = WarmParent()
        except OSError:
            return None
        _started.append(_current)
        return _current


def close() -> None:
    """End every parent of this process and their kernels."""
    global _current
    with _choosing:
        _current = None
        while _started:
            _started.pop().close()


def _before_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_BEFORE_START)}


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            else:
                status = entry.stat()
                yield entry.path, status.st_mtime_ns, status.st_size


def _forget() -> None:
    global _current, _choosing
    _choosing = threading.Lock()
    _current = None
    while _started:
        _started.pop().forget()


_choosing = threading.Lock()
_current: WarmParent | None = None
_failed: Fingerprint | None = None
_started: list[WarmParent] = []
atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
