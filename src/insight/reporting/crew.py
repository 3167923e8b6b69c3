"""Those who make pages on this machine: worker processes, watched, limited, replaced when they die.

With ``fork`` one warm parent forks a child for each page. With ``kernel`` and ``none`` there is a process for each page
that is made at the same time. Nothing heavy is imported here: this runs beside the command line.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from insight import warm
from insight.errors import NotReady
from insight.reporting.ended import died, late
from insight.reporting.job import Crew, Isolation, Job, Outcome

FAMILY = "INSIGHT_FAMILY"
"""Stands in the environment of a worker and of all that it starts, so that none of them is forgotten."""
GRACE = 6.0
"""Seconds beyond a page's limit; a worker that can keep the limit itself has done so by then."""
LOADING = 60.0
"""Seconds more where libraries may have to be loaded first, from a slow disk or a share."""
MOST_DEATHS = 5
_SERIAL = count(1)


def default_isolation() -> Isolation:
    """The fastest way that is safe on this system."""
    return "fork" if warm.can_fork() else "kernel"


def local_crew(isolation: Isolation, jobs: int) -> Crew:
    """Workers on this machine.

    Parameters
    ----------
    isolation : "fork", "kernel" or "none"
    jobs : int
        Pages that are made at the same time.

    Raises
    ------
    NotReady
        If this system cannot fork safely and was asked to.
    """
    if isolation == "fork" and not warm.can_fork():
        raise NotReady(
            "getting ready to run with --isolation fork",
            found=f"a system where that is not safe ({sys.platform})",
            todo="use --isolation kernel, or none where no kernel may be started",
        )
    return LocalCrew(isolation, max(1, jobs))


@dataclass
class _Asked:
    job: Job
    future: Future[Outcome]
    has_begun: bool = False

    def begins(self) -> bool:
        """Whether the job is still wanted; from now on it cannot be taken back."""
        return self.has_begun or self.future.set_running_or_notify_cancel()


@dataclass
class _Doing:
    job: Job
    future: Future[Outcome]
    deadline: float


@dataclass(eq=False)
class _Worker:
    process: subprocess.Popen[bytes]
    family: str
    errors: BinaryIO
    doing: dict[int, _Doing] = field(default_factory=dict)
    late: set[int] = field(default_factory=set)
    has_learnt: bool = False
    """Whether it has named a module that its successor is to leave alone."""
    is_ready: bool = False
    is_over: bool = False


class LocalCrew:
    """See :func:`local_crew`; a ``Crew``."""

    def __init__(self, isolation: Isolation, jobs: int) -> None:
        self._isolation = isolation
        self._jobs = jobs
        self._each = jobs if isolation == "fork" else 1
        self._lock = threading.Condition(threading.RLock())
        self._waiting: deque[_Asked] = deque()
        self._workers: list[_Worker] = []
        self._readers: list[threading.Thread] = []
        self._numbers = count(1)
        self._deaths = 0
        self._without: set[str] = set()
        self._trouble = ""
        self._is_closed = False
        self._watcher: threading.Thread | None = None

    @property
    def capacity(self) -> int:
        """Jobs that run at the same time; more may be submitted, they wait."""
        return self._jobs

    def submit(self, job: Job) -> Future[Outcome]:
        """Do a job; the future gives an outcome and never raises for a fault of the job."""
        future: Future[Outcome] = Future()
        with self._lock:
            if self._is_closed:
                raise RuntimeError("this crew has been closed")
            self._waiting.append(_Asked(job, future))
            self._hand_out()
        return future

    def close(self) -> None:
        """End every worker and its children at once and wait until they are gone; may be called twice."""
        with self._lock:
            self._is_closed = True
            waiting, self._waiting = list(self._waiting), deque()
            workers = list(self._workers)
            self._lock.notify_all()
        for asked in waiting:
            if not asked.future.cancel():
                asked.future.set_result(died(asked.job, 0))
        for worker in workers:
            _end(worker)
        for thread in [*self._readers, *([self._watcher] if self._watcher else [])]:
            if thread is not threading.current_thread():
                thread.join(timeout=5)

    def _hand_out(self) -> None:
        """Give waiting jobs to workers with room, starting workers where there is none. The lock is held."""
        while self._waiting and not self._is_closed:
            worker = next((w for w in self._workers if not w.is_over and len(w.doing) < self._each), None)
            if worker is None:
                if self._trouble:
                    self._refuse_waiting()
                    return
                most = 1 if self._isolation == "fork" else self._jobs
                if sum(not w.is_over for w in self._workers) >= most:
                    return
                worker = self._start()
                if worker is None:
                    continue
            asked = self._waiting.popleft()
            if asked.begins():
                self._give(worker, asked.job, asked.future)

    def _give(self, worker: _Worker, job: Job, future: Future[Outcome]) -> None:
        number = next(self._numbers)
        # A warm parent loads on demand and keeps the limit itself from when it has forked.
        spare = GRACE if worker.is_ready and self._isolation != "fork" else GRACE + LOADING
        worker.doing[number] = _Doing(job, future, time.monotonic() + job.page_seconds + spare)
        line = json.dumps({"id": number, "job": job.to_json()}, separators=(",", ":")) + "\n"
        assert worker.process.stdin is not None  # noqa: S101 - it was started with a pipe
        # A worker that has just died is noticed by its reader, which answers for the job.
        with suppress(OSError):
            worker.process.stdin.write(line.encode())
            worker.process.stdin.flush()
        self._lock.notify_all()

    def _start(self) -> _Worker | None:
        """A new worker; None where it cannot be started, after which waiting jobs are refused."""
        family = f"{os.getpid()}-{time.monotonic_ns()}-{next(_SERIAL)}"
        command = [sys.executable, "-m", "insight.reporting.worker", "--isolation", self._isolation]
        for name in sorted(self._without):
            command += ["--without", name]
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the worker
        try:
            process = subprocess.Popen(  # noqa: S603 - our own program
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**warm.environment(), FAMILY: family},
                # Ctrl-C in the terminal reaches the scheduler alone, which ends its workers in its own order.
                **_OWN_SESSION,
            )
        except OSError as fault:
            errors.close()
            self._trouble = f"a worker that cannot be started: {fault.strerror or type(fault).__name__}"
            return None
        worker = _Worker(process, family, errors)
        self._workers.append(worker)
        reader = threading.Thread(target=self._read, args=(worker,), daemon=True)
        self._readers = [thread for thread in self._readers if thread.is_alive()] + [reader]
        reader.start()
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, daemon=True)
            self._watcher.start()
        return worker

    def _read(self, worker: _Worker) -> None:
        """Take a worker's answers until it has ended, then answer for it."""
        assert worker.process.stdout is not None  # noqa: S101 - it was started with a pipe
        # Whatever a page may have written among the answers: the worker is ended, and what it did is answered for.
        with suppress(Exception):
            for line in worker.process.stdout:
                self._take(worker, line)
        _end(worker)
        code = worker.process.wait()
        worker.process.stdout.close()
        with self._lock, closing(worker.errors):
            worker.is_over = True
            self._workers.remove(worker)
            self._bury(worker, code)
            self._hand_out()
            self._lock.notify_all()

    def _take(self, worker: _Worker, line: bytes) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return  # the end cut it off; its reader answers for the job
        with self._lock:
            if "threads" in said:
                worker.has_learnt = said["threads"] not in self._without
                self._without.add(said["threads"])
                return
            if "ready" in said:
                worker.is_ready, self._deaths = True, 0
                return
            outcome = Outcome.from_json(said["outcome"])
            doing = worker.doing.pop(said["id"], None)
            self._hand_out()
        if doing:
            doing.future.set_result(outcome)

    def _bury(self, worker: _Worker, code: int) -> None:
        """Answer for the jobs of a worker that has ended. The lock is held."""
        # Where leaving a module alone did not help, the thread comes from elsewhere, and starting again never ends.
        again = worker.has_learnt and code == 0 and not worker.late
        # Whoever had been ready died of a page.
        if not (worker.late or worker.is_ready or again):
            self._deaths += 1
        if self._deaths >= MOST_DEATHS and not self._trouble:
            self._trouble = f"workers that ended {MOST_DEATHS} times before they could make a page{_last_words(worker)}"
        for number, doing in worker.doing.items():
            if again and not self._is_closed:
                # It ended by itself because a module had started a thread; the job goes to the next one.
                self._waiting.appendleft(_Asked(doing.job, doing.future, has_begun=True))
            elif number in worker.late:
                doing.future.set_result(late(doing.job))
            else:
                doing.future.set_result(died(doing.job, code))
        worker.doing.clear()

    def _refuse_waiting(self) -> None:
        refused = NotReady(
            f"getting ready to run with --isolation {self._isolation}",
            found=self._trouble,
            todo="run: insight doctor; or choose another --isolation",
        )
        while self._waiting:
            asked = self._waiting.popleft()
            if asked.begins():
                asked.future.set_result(Outcome("failed", reason=str(refused)))

    def _watch(self) -> None:
        """End a worker whose job is over its time and that did not keep the limit itself."""
        with self._lock:
            while not self._is_closed:
                now = time.monotonic()
                soonest = None
                for worker in self._workers:
                    over = {number for number, doing in worker.doing.items() if doing.deadline <= now}
                    if over and not worker.late:
                        worker.late |= over
                        _kill(worker)
                    for doing in () if worker.late else worker.doing.values():
                        soonest = doing.deadline if soonest is None else min(soonest, doing.deadline)
                self._lock.wait(None if soonest is None else max(0.01, soonest - now))


def _last_words(worker: _Worker) -> str:
    """The kind of the error that a worker's interpreter ended with, without its text, which may name folders."""
    with suppress(OSError, ValueError):
        worker.errors.seek(0)
        lines = worker.errors.read().decode("utf-8", errors="replace").strip().splitlines()
        kind = lines[-1].partition(":")[0] if lines else ""
        return f" ({kind})" if kind.isidentifier() else ""
    return ""


_OWN_SESSION: dict[str, Any] = (
    {"creationflags": 0x00000200}  # CREATE_NEW_PROCESS_GROUP
    if sys.platform == "win32"
    else {"start_new_session": True}
)


def _end(worker: _Worker) -> None:
    """End a worker with all that it has started, and wait until it is gone."""
    _kill(worker)
    with suppress(subprocess.TimeoutExpired):
        worker.process.wait(timeout=5)
    if worker.process.stdin:
        with suppress(OSError):
            worker.process.stdin.close()


def _kill(worker: _Worker) -> None:
    if sys.platform == "win32":
        program = Path(os.environ.get("SYSTEMROOT", "C:/Windows")) / "System32" / "taskkill.exe"
        with suppress(OSError):
            subprocess.run([program, "/F", "/T", "/PID", str(worker.process.pid)], capture_output=True, check=False)  # noqa: S603
        with suppress(OSError):
            worker.process.kill()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(worker.process.pid, signal.SIGKILL)
    if worker.process.poll() is None:
        worker.process.kill()
    for _ in range(50):
        relatives = _family(worker.family)
        if not relatives:
            return
        for number in relatives:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGKILL)
        time.sleep(0.005)


def _family(name: str) -> list[int]:
    """Living processes that bear a family's name, whatever group or session they are in; Linux only."""
    if sys.platform != "linux":
        return []
    mark = f"{FAMILY}={name}".encode()
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with suppress(OSError):
                if mark in (place / "environ").read_bytes().split(b"\0"):
                    found.append(int(place.name))
    return found
