"""What stands on a dask worker: a warm parent beside it, and the one function that a task is.

Only this module and ``dask_crew`` know of dask. The worker's own process has threads, so nothing is ever forked from
it: the crew that it starts is a process of its own, as on a laptop. Needs the extra ``dask``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from socket import gethostname
from threading import Lock
from time import monotonic
from typing import Any

from distributed import WorkerPlugin, get_worker

from insight.core.fingerprint import canonical, package_fingerprint, versions
from insight.errors import InsightError, NotReady
from insight.reporting.job import Crew, Isolation, Job, Outcome
from insight.reporting.keys import RENDERING_LIBRARIES
from insight.warm import can_fork

Files = tuple[bytes | None, bytes | None, bytes | None]
"""The bytes of page, record and results, where there are any."""

IDLE_SECONDS = 600.0
_NOTHING: Files = (None, None, None)


@cache
def describe() -> Mapping[str, str]:
    """What must be the same wherever pages of one site are made: the package's sources, Python, libraries."""
    return {"insight": package_fingerprint(), **versions(), **versions(RENDERING_LIBRARIES)}


def host() -> str:
    """The name of this machine, for messages."""
    return gethostname()


class Bench(WorkerPlugin):
    """A crew of one worker, for one run: it starts and ends with the plugin.

    A client that was killed cannot take its plugin back, so a crew without work ends by itself; it is started again
    where work comes after all.

    Parameters
    ----------
    name : str
        Of the plugin; one run, one name, so that two runs on one cluster do not end each other's crews.
    isolation : "fork", "kernel" or "none", optional
        How pages are kept apart; without it, the quickest that the worker's system can.
    idle_seconds : float
        After so long without work the crew ends.
    """

    def __init__(self, name: str, isolation: Isolation | None = None, idle_seconds: float = IDLE_SECONDS) -> None:
        self.name = name
        self.isolation = isolation
        self.idle_seconds = idle_seconds

    async def setup(self, worker: Any) -> None:
        """Start the crew; a worker that joins later does so too."""
        self._threads = int(worker.state.nthreads)
        self._guard = Lock()
        self._crew: Crew | None = None
        self._is_open = True
        self._at_work, self._last_work = 0, monotonic()
        self._prepared: dict[str, _Once] = {}
        await asyncio.to_thread(self._started)
        self._minder = asyncio.create_task(self._mind())

    async def teardown(self, worker: Any) -> None:
        """End the crew and wait until its processes are gone."""
        self._is_open = False
        self._minder.cancel()
        await asyncio.to_thread(self._stop)

    def run(self, job: Job) -> Outcome:
        """Do a job through the crew, after what its study's pages share has been computed here once."""
        with self._guard:
            self._at_work += 1
        try:
            if job.kind == "prepare":
                return self._prepare(job, again=True)
            if job.kind == "page":
                # Another worker's folder of shared results may be another folder. Where it is the same, this is a look.
                self._prepare(job, again=False)
            return self._started().submit(job).result()
        finally:
            with self._guard:
                self._at_work -= 1
                self._last_work = monotonic()

    def _prepare(self, job: Job, *, again: bool) -> Outcome:
        shared = {name: value for name, value in job.parameters.items() if value != job.area}
        with self._guard:
            once = self._prepared.setdefault(canonical([job.study, shared, job.data_hash]), _Once())
        with once.guard:
            if again or once.outcome is None:
                # Where it fails, each page meets the same fault and says so in its own name.
                once.outcome = self._started().submit(replace(job, kind="prepare")).result()
            return once.outcome

    def _started(self) -> Crew:
        from insight.reporting.crew import local_crew

        with self._guard:
            if not self._is_open:
                raise ClosedBench
            if self._crew is None:
                self._crew = local_crew(self.isolation or ("fork" if can_fork() else "kernel"), self._threads)
            return self._crew

    def _stop(self) -> None:
        with self._guard:
            crew, self._crew = self._crew, None
        if crew is not None:
            crew.close()

    async def _mind(self) -> None:
        while True:
            await asyncio.sleep(self.idle_seconds / 4)
            if not self._at_work and monotonic() - self._last_work > self.idle_seconds:
                await asyncio.to_thread(self._stop)


class ClosedBench(Exception):
    """The run that this crew worked for has ended."""


class _Once:
    """One shared computation of this worker: the first thread does it, the others wait for it."""

    def __init__(self) -> None:
        self.guard = Lock()
        self.outcome: Outcome | None = None


def run_job(name: str, line: str, facts: str, notebook: bytes, results: bytes | None) -> tuple[str, Files]:
    """The task: do a job on this worker, with its own store, in a folder that is gone afterwards.

    Parameters
    ----------
    name : str
        The plugin whose crew does it.
    line : str
        The job as JSON; its paths are those of another machine, of which only the store's may hold here too.
    facts : str
        As JSON: ``versions`` that must be the same here, ``needs`` of the study.
    notebook, results : bytes
        The files that the job names.

    Returns
    -------
    answer : str
        As JSON: ``outcome`` without paths, or ``refused`` with why this worker cannot do it; ``worker``, ``host``.
    files : tuple
        Bytes of page, record and results.
    """
    worker: Any = get_worker()
    job, wanted = Job.from_json(line), json.loads(facts)
    where = {"worker": worker.address, "host": host()}
    bench = worker.plugins.get(name)
    if not isinstance(bench, Bench):
        return canonical({**where, "refused": "closed"}), _NOTHING
    if describe() != wanted["versions"]:
        return canonical({**where, "refused": "versions"}), _NOTHING
    here = _with_store(job, wanted["needs"])
    if here is None:
        return canonical({**where, "refused": "store"}), _NOTHING
    try:
        outcome, files = _in_own_folder(bench, here, Path(worker.local_directory), notebook, results)
    except Exception as fault:  # noqa: BLE001 - a worker that cannot start its crew is no fault of the page
        return canonical({**where, "refused": "crew", "why": _in_words(fault)}), _NOTHING
    if outcome.reason.startswith(NotReady.code):
        return canonical({**where, "refused": "crew", "why": outcome.reason}), _NOTHING
    return canonical({**where, "refused": "", "outcome": json.loads(outcome.to_json())}), files


def _with_store(job: Job, needs: Sequence[str]) -> Job | None:
    """The job with the store that it names, or this worker's own; None where neither holds the same inputs."""
    own = os.environ.get("INSIGHT_STORE")
    for place in (job.store, *([Path(own)] if own else [])):
        inputs = _inputs(place, needs, job.data_hash)
        if inputs:
            return replace(job, store=place, inputs=inputs)
    return None


def _inputs(store: Path, needs: Sequence[str], data_hash: str) -> tuple[str, ...]:
    """The files of a store that a study declares; none where it says something else, or lacks one of them."""
    from insight.store import read_manifest, select

    try:
        selection = select(read_manifest(store), indicators=needs)
    except (InsightError, OSError):
        return ()
    is_whole = selection.data_hash == data_hash and all((store / name).is_file() for name in selection.paths)
    return selection.paths if is_whole else ()


def _in_own_folder(
    bench: Bench, job: Job, scratch: Path, notebook: bytes, results: bytes | None
) -> tuple[Outcome, Files]:
    with tempfile.TemporaryDirectory(dir=scratch, prefix="insight-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        (place / "root" / "notebooks").mkdir(parents=True)
        (place / "made").mkdir()
        copy = place / "root" / "notebooks" / f"{job.study}.ipynb"
        copy.write_bytes(notebook)
        kept = place / "results"
        if results is not None:
            kept.write_bytes(results)
        here = replace(
            job,
            notebook=copy,
            root=place / "root",
            temporary=place / "made",
            results=kept if results is not None else None,
        )
        outcome = bench.run(here)
        files = _bytes(outcome.html), _bytes(outcome.record), _bytes(outcome.results)
        places = {folder: "", str(job.store): "", str(Path(__file__).parents[2]): "", sys.prefix: ""}
        return replace(outcome, html=None, record=None, results=None, stderr=_without(outcome.stderr, places)), files


def _bytes(path: Path | None) -> bytes | None:
    return path.read_bytes() if path else None


def _without(text: str, places: Mapping[str, str]) -> str:
    """The text without the folders of this machine; the longest first, because one may lie in another."""
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(place, places[place])
    return text


def _in_words(fault: Exception) -> str:
    """Our own errors in full, of any other the kind only, because its text may hold paths."""
    return str(fault) if isinstance(fault, InsightError) else type(fault).__name__
