"""The warm parent: loads what pages need, runs no cell and fits no model, and forks one child for each job. Linux only.

It has one thread, which is asserted before every fork: a thread does not come along into a child, but the locks that it
holds do. What a page's child had to import, the parent imports afterwards, so that the next child finds it there.

A child that runs cells is thrown away afterwards. One that renders runs none, so it stays and takes the next page that
is only to be rendered.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn

from insight import warm
from insight.reads import installed
from insight.reporting.ended import died, late
from insight.reporting.job import Job, Kind, Outcome
from insight.reporting.limits import adopt_orphans, die_with_parent, end_strays, limit_memory
from insight.reporting.worker import PAGES, RENDERING, Answers, hold, read_job

if TYPE_CHECKING:
    import resource  # Windows has none, and must be able to import this module

GRACE = 3.0
"""Seconds that a child has beyond its limit, to put away what it has and to say so."""
_READ = 1 << 20


@dataclass
class _Child:
    """A process, the job that it does, and the two pipes between it and its parent.

    ``desk`` is where a child that stays is given its next job; -1 for one that ends with its job.
    """

    number: int
    job: Job
    pipe: int
    desk: int
    started: float
    said: bytearray = field(default_factory=bytearray)
    is_late: bool = False
    is_idle: bool = False
    is_silent: bool = False

    @property
    def deadline(self) -> float:
        return float("inf") if self.is_idle else self.started + self.job.page_seconds + GRACE


class Zygote:
    """See the module."""

    def __init__(self, answers: Answers, *, without: frozenset[str] = frozenset()) -> None:
        self._answers = answers
        self._without = without
        self._children: dict[int, _Child] = {}
        self._ready: set[str] = set()
        self._held: set[tuple[str, str]] = set()
        self._input = bytearray()
        self._bell, ring = os.pipe()
        os.set_blocking(self._bell, False)
        os.set_blocking(ring, False)
        self._ring = ring

    def serve(self) -> NoReturn:
        """Fork a child for each job on the input until the input ends; then end all of them, and this process."""
        adopt_orphans()
        signal.set_wakeup_fd(self._ring, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        while True:
            if self._wait():
                self._hear()
            for process in list(self._children):
                self._reap(process)
            self._end_late()

    def _wait(self) -> bool:
        """Until something has happened; whether somebody speaks."""
        pipes = {child.pipe for child in self._children.values() if not child.is_silent}
        doing = (child.deadline for child in self._children.values() if not (child.is_late or child.is_idle))
        soonest = min(doing, default=None)
        timeout = None if soonest is None else max(0.0, soonest - time.monotonic())
        ready, _, _ = select.select([0, self._bell, *pipes], [], [], timeout)
        if self._bell in ready:
            with suppress(BlockingIOError):
                os.read(self._bell, _READ)
        for child in self._children.values():
            if child.pipe in ready:
                self._listen(child)
        return 0 in ready

    def _listen(self, child: _Child) -> None:
        with suppress(BlockingIOError):
            while piece := os.read(child.pipe, _READ):
                child.said += piece
            # A cell may have closed it and go on.
            child.is_silent = True
        if child.desk >= 0 and child.said.endswith(b"\n"):
            # It stays; what it measured of this job is its own account.
            outcome, _ = _answer(child, 0)
            self._answers.send(id=child.number, outcome=outcome.to_json())
            child.said.clear()
            child.is_idle = True

    def _hear(self) -> None:
        piece = os.read(0, _READ)
        if not piece:
            self._end()
        self._input += piece
        *lines, rest = self._input.split(b"\n")
        self._input = bytearray(rest)
        for line in lines:
            number, job = read_job(bytes(line))
            idle = next((child for child in self._children.values() if child.is_idle and not child.is_late), None)
            if job.kind == "render" and idle:
                idle.number, idle.job, idle.started, idle.is_idle = number, job, time.monotonic(), False
                with suppress(BrokenPipeError):  # it has just ended; reaping it answers for the job
                    _write(idle.desk, bytes(line) + b"\n")
            else:
                self._fork(number, job)

    def _end(self) -> NoReturn:
        for process in self._children:
            _end_group(process)
        end_strays(set())
        os._exit(0)

    def _get_ready(self, kind: Kind) -> None:
        """Have loaded what a job of this kind needs; rendering needs a third of what running does."""
        for what, modules, rehearse in (("render", RENDERING, warm_templates), ("run", PAGES, warm_up)):
            if what not in self._ready:
                self._ready.add(what)
                self._load(modules)
                rehearse()
                warm.settle()
                self._answers.send(ready=True)
            if kind == what:
                return

    def _fork(self, number: int, job: Job) -> None:
        self._get_ready(job.kind)
        from insight.reporting.execute import register_part

        if job.kind != "render" and (str(job.store), job.study) not in self._held:
            self._held.add((str(job.store), job.study))
            hold(job)
            with suppress(Exception):  # as above
                register_part(job.store)
        self._require_one_thread("what a panel is read with")
        reading, writing = os.pipe()
        its_desk, desk = os.pipe() if job.kind == "render" else (-1, -1)
        parent = os.getpid()
        process = os.fork()
        if process == 0:
            _close(reading, desk)
            self._be_child(job, writing, its_desk, parent)
        _close(writing, its_desk)
        os.set_blocking(reading, False)
        with suppress(OSError):
            os.setpgid(process, process)
        self._children[process] = _Child(number, job, reading, desk, time.monotonic())

    def _be_child(self, job: Job, pipe: int, desk: int, parent: int) -> NoReturn:
        """In the child: do the job, say what became of it, and end without tidying up."""
        try:
            os.setpgid(0, 0)
            die_with_parent(parent)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._answers.close()
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, 0)
            others = self._children.values()
            _close(self._bell, self._ring, *(child.pipe for child in others), *(child.desk for child in others))
            limit_memory(job.memory_bytes)
            if desk >= 0:
                _stay(job, pipe, desk)
            # It lives for a second; going through what it shares with its parent would copy all of that.
            gc.disable()
            before = set(sys.modules)
            outcome = importlib.import_module("insight.reporting.execute").run_job(job, isolation="fork")
            _write(pipe, json.dumps({"outcome": outcome.to_json(), "modules": _imported(before)}).encode())
            os._exit(0)
        finally:
            os._exit(70)

    def _reap(self, process: int) -> None:
        ended, status, usage = os.wait4(process, os.WNOHANG)
        if not ended:
            return
        child = self._children[process]
        self._listen(child)
        del self._children[process]
        _close(child.pipe, child.desk)
        _end_group(process)
        end_strays(set(self._children))
        if child.is_idle:
            return
        outcome, modules = _answer(child, status)
        self._answers.send(id=child.number, outcome=_measured(outcome, child, usage).to_json())
        # What a study's shared results are computed with is large, and no later page needs it.
        if modules and child.job.kind != "prepare":
            self._load(modules)
            warm.settle()

    def _end_late(self) -> None:
        now = time.monotonic()
        for process, child in self._children.items():
            if now >= child.deadline and not child.is_late:
                child.is_late = True
                _end_group(process)

    def _load(self, modules: tuple[str, ...] | list[str]) -> None:
        """Import, one by one, so that a module that starts a thread is known by its name."""
        for name in modules:
            if name not in sys.modules and name.partition(".")[0] not in self._without:
                with warm.lean_imports(), suppress(Exception):  # the page that needs it says so in its own name
                    importlib.import_module(name)
                self._require_one_thread(name)

    def _require_one_thread(self, name: str) -> None:
        if warm.threads() > 1:
            # A child that were forked now could wait for ever. The next warm parent leaves that module to the children.
            self._answers.send(threads=name.partition(".")[0])
            self._end()


def warm_templates() -> None:
    """Fill the caches of rendering: compiled templates, a parser's tables."""
    from insight.reporting.markdown import blocks
    from insight.reporting.templating import environment, security_policy

    with suppress(Exception):  # a broken template is named by the page that it breaks
        for name in environment().list_templates(extensions=["html"]):
            environment().get_template(name)
        security_policy()
        list(blocks("# One\n\nTwo *three*.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", heading="one", place="two"))


def warm_up() -> None:
    """Fill the caches of running cells: the shell's classes, the letters and scales of charts.

    Only what was seen to leave no thread behind.
    """
    from nbformat.v4 import new_code_cell

    from insight.reporting.shell import fresh_shell, make_ready

    with suppress(Exception):  # as above
        new_code_cell("1")
        _draw()
    with fresh_shell() as shell:
        shell.run("1 + 1")
    make_ready()


def _draw() -> None:
    """One chart of nothing: letters are measured and scales are made as every page's charts need them."""
    import pandas as pd

    from insight import charts

    for name in charts.__all__:
        getattr(charts, name)
    rows = [("Here", "m", year, float(year % 3), "value") for year in (2020, 2021, 2022)]
    frame = pd.DataFrame(rows, columns=["series", "measure", "time_period", "value", "status"])
    charts.line_chart(
        frame,
        name="warm",
        title="Warm",
        subtitle="Nothing is shown",
        measures=[charts.Measure("m", "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz 0123456789")],
        highlight="Here",
        others="none",
    )


def _stay(job: Job, pipe: int, desk: int) -> NoReturn:
    """In a child: render one page after the other, until nobody holds the other end of the desk."""
    from insight.reporting.execute import run_job

    with os.fdopen(desk, "rb") as lines:
        while True:
            outcome = replace(run_job(job, isolation="fork"), peak_bytes=_peak())
            _write(pipe, json.dumps({"outcome": outcome.to_json(), "modules": []}).encode() + b"\n")
            line = lines.readline()
            if not line:
                os._exit(0)
            _, job = read_job(line)


def _peak() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        if descriptor >= 0:
            os.close(descriptor)


def _end_group(process: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)


def _imported(before: set[str]) -> list[str]:
    """Modules that this child imported and its parent may: those of libraries and of the package."""
    found = []
    for name, module in list(sys.modules.items()):
        origin = getattr(getattr(module, "__spec__", None), "origin", None)
        if name not in before and name != "__main__" and isinstance(origin, str):
            inside = origin in ("built-in", "frozen") or origin.startswith(installed())
            if inside:
                found.append(name)
    return found


def _answer(child: _Child, status: int) -> tuple[Outcome, list[str]]:
    """What a child said; where it could not, what became of it."""
    try:
        said: dict[str, Any] = json.loads(child.said)
        return Outcome.from_json(said["outcome"]), list(said["modules"])
    except (ValueError, KeyError, TypeError):
        pass
    if child.is_late:
        return late(child.job), []
    return died(child.job, os.waitstatus_to_exitcode(status)), []


def _measured(outcome: Outcome, child: _Child, usage: resource.struct_rusage) -> Outcome:
    return replace(
        outcome,
        seconds=time.monotonic() - child.started,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * 1024,
    )
