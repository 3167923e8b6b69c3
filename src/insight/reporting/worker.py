"""The program of a worker: ``python -m insight.reporting.worker --isolation fork|kernel|none``.

It reads jobs from its standard input and answers on the standard output it was started with, one line of JSON each:
``{"id": 1, "job": "..."}`` and ``{"id": 1, "outcome": "..."}``. Whoever starts it sets ``warm.ENVIRONMENT``
before. At the end of its input it ends at once, with everything that it started.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from insight import warm
from insight.reporting.job import ISOLATIONS, Isolation, Job, Outcome

RENDERING = (
    *("insight.reporting.execute", "insight.reporting.render", "insight.reporting.record", "insight.reporting.results"),
    *("insight.studies", "nbformat.v4"),
)
"""What a page needs that is only rendered."""
PAGES = (
    *warm.LIBRARIES,
    *RENDERING,
    *("insight.reporting.engine", "insight.reporting.state", "insight.disclosure", "insight.api"),
)
"""What every page needs whose cells are run."""


class Answers:
    """The way back to the scheduler. Nothing else can reach it: descriptor 1 leads to the error stream from now on."""

    def __init__(self) -> None:
        self._descriptor = os.dup(1)
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def send(self, **content: Any) -> None:
        """One line, whole."""
        line = json.dumps(content, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            while line:
                line = line[os.write(self._descriptor, line) :]

    def close(self) -> None:
        """In a child: its words go to its parent and not to the scheduler."""
        os.close(self._descriptor)


def read_job(line: bytes | str) -> tuple[int, Job]:
    """The number and the job that a line says."""
    content = json.loads(line)
    return int(content["id"]), Job.from_json(content["job"])


def serve(isolation: Isolation, answers: Answers) -> None:
    """One job after the other in this process, or in a kernel for each, until the input ends."""
    from insight.reporting.limits import adopt_orphans

    adopt_orphans()
    jobs: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    if isolation == "none":
        warm.load(PAGES)
    answers.send(ready=True)
    while True:
        number, job = read_job(jobs.get())
        answers.send(id=number, outcome=_do(job, isolation).to_json())


def _do(job: Job, isolation: Isolation) -> Outcome:
    from insight.reporting.execute import run_job
    from insight.reporting.limits import end_strays, limit_memory, no_memory_limit

    if isolation == "none":
        if job.kind != "render":
            hold(job)
        limit_memory(job.memory_bytes)
    try:
        outcome = run_job(job, isolation=isolation)
    finally:
        no_memory_limit()
        end_strays(set())
    return replace(outcome, peak_bytes=_peak(isolation))


def _peak(isolation: Isolation) -> int:
    """The most memory that this process, or one that it started, ever had, in bytes; 0 where nobody says."""
    if sys.platform == "win32":
        return 0
    import resource

    who = resource.RUSAGE_CHILDREN if isolation == "kernel" else resource.RUSAGE_SELF
    return resource.getrusage(who).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _listen(jobs: queue.SimpleQueue[bytes]) -> None:
    """Hand on each line; where the input ends, end, however busy the main thread is."""
    from insight.reporting.limits import end_strays

    for line in sys.stdin.buffer:
        jobs.put(line)
    end_strays(set())
    os._exit(0)


def hold(job: Job) -> None:
    """Load the panel of a study's needs once, for every later page of this process and of its children."""
    with suppress(Exception):  # the page meets the same fault and says so in its own name
        from insight import store, studies

        store.hold(job.store, studies.find(job.study).needs_for(job.parameters))


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve jobs until the input ends."""
    parser = argparse.ArgumentParser(prog="insight.reporting.worker", description="Make pages, as asked on stdin.")
    parser.add_argument("--isolation", choices=ISOLATIONS, required=True)
    parser.add_argument("--without", action="append", default=[], help="modules that a warm parent may not import")
    given = parser.parse_args(arguments)
    answers = Answers()
    from insight.offline import refuse_network

    refuse_network()
    if given.isolation == "fork":
        from insight.reporting.zygote import Zygote

        Zygote(answers, without=frozenset(given.without)).serve()
    else:
        serve(given.isolation, answers)


if __name__ == "__main__":
    main()
