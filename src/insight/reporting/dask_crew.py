"""A crew of many machines: dask.distributed queues the jobs and runs them again when a worker is lost.

No scheduler, queue or retry protocol of our own. What is ours: the checks before the first page, the bytes that cross
in place of paths, and an end that leaves the cluster as it was found.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from insight.core.fingerprint import canonical
from insight.errors import FileTrouble, InsightError, ProcessDied, SchedulerTrouble
from insight.reporting.dask_reach import close_client, connect, require_extra, require_same_versions, require_workers
from insight.reporting.job import Crew, Isolation, Job, Outcome

if TYPE_CHECKING:
    from insight.reporting.dask_worker import Files

RETRIES = 2
CONNECT_SECONDS = 10.0
WORKERS_SECONDS = 30.0
LOST_SECONDS = 120.0
CLOSE_SECONDS = 30.0
_POLL_SECONDS = 2.0
_NAMES = 3


def dask_crew(
    address: str,
    *,
    isolation: Isolation | None = None,
    connect_seconds: float = CONNECT_SECONDS,
    workers_seconds: float = WORKERS_SECONDS,
    lost_seconds: float = LOST_SECONDS,
) -> Crew:
    """The workers of a dask scheduler as a crew; nothing but this address is reached.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.5:8786``.
    isolation : "fork", "kernel" or "none", optional
        How each worker keeps pages apart; without it, the quickest that its system can.
    connect_seconds, workers_seconds : float
        How long to wait for an answer, and for the first worker.
    lost_seconds : float
        How long a run goes on waiting after its last worker was lost.

    Raises
    ------
    NotReady
        If the extra ``dask`` is not installed.
    SchedulerTrouble
        If the scheduler does not answer, has no worker, or a worker has other versions than this machine.
    """
    require_extra()
    client = connect(address, connect_seconds)
    try:
        require_workers(client, address, workers_seconds)
        require_same_versions(client)
        return _DaskCrew(client, isolation, lost_seconds)
    except BaseException:
        close_client(client)
        raise


@dataclass(eq=False)
class _Asked:
    """A job that was handed over, and what has become of it so far."""

    job: Job
    facts: str
    notebook: bytes
    results: bytes | None
    answer: Future[Outcome] = field(default_factory=Future)
    task: Any = None
    key: str = ""
    losses: int = 0
    refused: dict[str, str] = field(default_factory=dict)


class _DaskCrew:
    """Jobs out, outcomes in. Callbacks of dask come on threads of its own; ``_guard`` keeps the books."""

    def __init__(self, client: Any, isolation: Isolation | None, lost_seconds: float) -> None:
        from insight.reporting.dask_worker import Bench, describe

        self._client = client
        self._lost_seconds = lost_seconds
        self._name = f"insight-{uuid.uuid4().hex}"
        self._versions = dict(describe())
        self._numbers = count(1)
        self._guard = Lock()
        self._asked: dict[str, _Asked] = {}
        self._capacity = max(1, sum(self._workers().values()))
        self._ended = Event()
        try:
            client.register_plugin(Bench(self._name, isolation), name=self._name)
        except Exception as fault:  # noqa: BLE001 - a worker's own error, ours or any other
            self._take_back()
            kind = f"a worker answers with {type(fault).__name__}"
            raise SchedulerTrouble(
                "starting a crew on each worker",
                found=str(fault) if isinstance(fault, InsightError) else kind,
                todo="look at the workers' own logs, then run the same command again",
            ) from None
        client.subscribe_topic("all", self._heard)
        self._watch = Thread(target=self._watch_workers, name="insight-dask-watch", daemon=True)
        self._watch.start()

    @property
    def capacity(self) -> int:
        """Threads of all workers, as they were a moment ago."""
        return self._capacity

    def submit(self, job: Job) -> Future[Outcome]:
        """Hand a job over; the future raises SchedulerTrouble where the cluster, and not this job, is at fault."""
        try:
            asked = self._ask(job)
        except OSError as fault:
            answer: Future[Outcome] = Future()
            answer.set_result(_failed(str(FileTrouble.of(f"reading what {_page(job)} is made from", fault))))
            return answer
        if self._ended.is_set() or self._client.status != "running":
            self._give_up(asked, "no connection to the scheduler")
        else:
            self._send(asked)
        return asked.answer

    def close(self) -> None:
        """Cancel what waits and end the crews; scheduler and workers, which are not ours, stay."""
        with self._guard:
            if self._ended.is_set():
                return
            self._ended.set()
            left, self._asked = list(self._asked.values()), {}
        end = Thread(target=self._end, args=([asked.task for asked in left if asked.task is not None],), daemon=True)
        # A machine that is gone without a word must not hold up the end of a run.
        end.start()
        end.join(CLOSE_SECONDS)
        self._watch.join(CLOSE_SECONDS)
        for asked in left:
            asked.answer.cancel()

    def _end(self, tasks: Sequence[Any]) -> None:
        if self._client.status == "running":
            with suppress(Exception):
                self._client.unsubscribe_topic("all")
                self._client.cancel(tasks, force=True)
            self._take_back()
        close_client(self._client)

    def _take_back(self) -> None:
        with suppress(Exception):
            self._client.unregister_worker_plugin(self._name)

    def _ask(self, job: Job) -> _Asked:
        from insight import studies

        needs = list(studies.find(job.study).needs_for(job.parameters))
        facts = canonical({"versions": self._versions, "needs": needs})
        results = job.results.read_bytes() if job.results else None
        return _Asked(job, facts, job.notebook.read_bytes(), results)

    def _send(self, asked: _Asked) -> None:
        """Hand a job to dask; one that was refused by some goes to the others."""
        from insight.reporting.dask_worker import run_job

        asked.key = f"{self._name}-{next(self._numbers)}"
        others = [worker for worker in self._workers() if worker not in asked.refused] if asked.refused else None
        if others is not None and not others:
            self._settle(asked, _refused(asked))
            return
        with self._guard:
            self._asked[asked.key] = asked
        try:
            asked.task = self._client.submit(
                run_job,
                self._name,
                asked.job.to_json(),
                asked.facts,
                asked.notebook,
                asked.results,
                key=asked.key,
                pure=False,
                retries=RETRIES,
                workers=others,
                # Should all of these be lost, any other may say for itself whether it can.
                allow_other_workers=others is not None,
            )
            asked.task.add_done_callback(partial(self._landed, asked))
        except Exception:  # noqa: BLE001 - a client that was closed by its scheduler's end
            self._give_up(asked, "no connection to the scheduler")

    def _landed(self, asked: _Asked, task: Any) -> None:
        """A task has ended, one way or another; called on dask's thread for callbacks."""
        if self._ended.is_set() or asked.answer.done():
            return
        if task.status == "cancelled":
            self._give_up(asked, "the connection to the scheduler was lost")
            return
        try:
            line, files = task.result()
        except Exception as fault:  # noqa: BLE001 - the wall: whatever the cluster answers with, only this page is lost
            self._settle(asked, _from_fault(asked.job, fault))
            return
        finally:
            task.release()
        answer = json.loads(line)
        if answer["refused"]:
            self._again(asked, answer)
        else:
            self._settle(asked, _received(asked, answer["outcome"], files))

    def _again(self, asked: _Asked, answer: Mapping[str, Any]) -> None:
        asked.refused[answer["worker"]] = f"{answer['refused']}|{answer['host']}|{answer.get('why', '')}"
        with self._guard:
            self._asked.pop(asked.key, None)
        self._send(asked)

    def _give_up(self, asked: _Asked, found: str) -> None:
        self._settle(asked, _lost(asked.job, found))

    def _settle(self, asked: _Asked, outcome: Outcome | SchedulerTrouble) -> None:
        with self._guard:
            self._asked.pop(asked.key, None)
        # Whoever asked may have turned away in the meantime.
        with suppress(InvalidStateError):
            if isinstance(outcome, Outcome):
                asked.answer.set_result(outcome)
            else:
                asked.answer.set_exception(outcome)

    def _heard(self, event: tuple[float, Mapping[str, Any]]) -> None:
        """Count how often each job has lost its worker; called on dask's loop, so nothing here may wait."""
        _, message = event
        if message.get("action") != "remove-worker" or message.get("expected"):
            return
        for key in message.get("processing-tasks", ()):
            with self._guard:
                asked = self._asked.get(key)
            if asked is None:
                continue
            asked.losses += 1
            if asked.losses > RETRIES:
                self._settle(asked, Outcome("died", reason=str(_died(asked.job))))
                if asked.task is not None:
                    asked.task.release()

    def _watch_workers(self) -> None:
        """Count threads as workers come and go; a run whose last worker is gone waits for a while, then says so."""
        since: float | None = None
        while not self._ended.wait(_POLL_SECONDS):
            threads = sum(self._workers().values())
            self._capacity = threads or self._capacity
            with self._guard:
                left = list(self._asked.values())
            if threads or not left:
                since = None
                continue
            since = since or monotonic()
            if monotonic() - since > self._lost_seconds:
                for asked in left:
                    self._give_up(asked, f"no worker for {self._lost_seconds:.0f} seconds")

    def _workers(self) -> dict[str, int]:
        """Threads by the address of each worker; none where the scheduler does not answer."""
        try:
            return dict(self._client.nthreads())
        except Exception:  # noqa: BLE001 - a scheduler that is gone has no workers
            return {}


def _lost(job: Job, found: str) -> SchedulerTrouble:
    return SchedulerTrouble(
        f"making {_page(job)} on the cluster",
        found=found,
        todo="look at the scheduler and its workers, then run the same command again; finished pages are kept",
    )


def _from_fault(job: Job, fault: Exception) -> Outcome | SchedulerTrouble:
    from distributed import KilledWorker

    if isinstance(fault, KilledWorker):
        return Outcome("died", reason=str(_died(job)))
    # Whoever answered so is there: only this page is lost.
    return _failed(str(_lost(job, f"an answer of kind {type(fault).__name__}")))


def _received(asked: _Asked, outcome: Mapping[str, Any], files: Files) -> Outcome:
    """Write the files that came back into the job's own folder, and put their paths into the outcome."""
    job = asked.job
    stem = f"{job.area}-{job.name or job.study}"
    places = [job.temporary / f"{stem}{ending}" for ending in (".html", ".json", ".results.json")]
    try:
        for place, content in zip(places, files, strict=True):
            if content is not None:
                place.write_bytes(content)
    except OSError as fault:
        return _failed(str(FileTrouble.of(f"keeping what was made for {_page(job)}", fault)))
    made = [place if content is not None else None for place, content in zip(places, files, strict=True)]
    read = replace(Outcome.from_json(canonical(outcome)), html=made[0], record=made[1], results=made[2])
    passed = "; ".join(sorted(_reason(why) for why in asked.refused.values()))
    return replace(read, stderr=f"{read.stderr}\npassed over: {passed}".strip()) if passed else read


def _refused(asked: _Asked) -> SchedulerTrouble:
    """No worker could do it: where, why, and what to do."""
    reasons = sorted({_reason(why) for why in asked.refused.values()})
    more = f" and {len(reasons) - _NAMES} more" if len(reasons) > _NAMES else ""
    todos = {
        "store": "share the store's folder with every worker, or build the same raw folder there and set INSIGHT_STORE "
        "where the worker starts",
        "versions": "install the same insight from the same requirements.lock on every worker",
    }
    kind = next(iter(asked.refused.values())).partition("|")[0]
    return SchedulerTrouble(
        f"making {_page(asked.job)} on the cluster",
        found="; ".join(reasons[:_NAMES]) + more,
        todo=todos.get(kind, "look at the workers' own logs") + "; then run the same command again",
    )


def _reason(why: str) -> str:
    kind, host, words = why.split("|", 2)
    return {
        "store": f"no store with these data on the worker {host}",
        "versions": f"other versions on the worker {host} than here",
        "crew": f"the worker {host} could not start its crew: {words}",
    }.get(kind, f"the worker {host} had no crew")


def _died(job: Job) -> ProcessDied:
    return ProcessDied(
        f"making {_page(job)}",
        found=f"its worker was lost, {RETRIES + 1} times; too little memory is the usual reason",
        todo="look at the workers' own logs, then run: insight retry",
    )


def _page(job: Job) -> str:
    return f"{job.study} for {job.area_name}"


def _failed(reason: str) -> Outcome:
    return Outcome("failed", reason=reason)
