"""The crew: what dies is answered for and replaced, and nothing is left when it goes home."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from insight import warm
from insight.errors import NotReady
from insight.reporting import crew as crews
from insight.reporting.crew import FAMILY, LocalCrew, default_isolation, local_crew
from insight.reporting.job import Isolation, Job, Outcome
from tests.reporting.making_jobs import job_of

pytestmark = pytest.mark.skipif(not warm.can_fork(), reason="forking is for Linux")

# A worker that starts in no time: it sleeps, dies, or answers, as the job's name says.
STAND_IN = textwrap.dedent("""
    import json, os, subprocess, sys, time
    def answer(**content):
        os.write(1, json.dumps(content).encode() + b"\\n")
    outcome = json.dumps({"status": "done", "html": None, "record": None, "results": None})
    for line in sys.stdin:
        said = json.loads(line)
        name = json.loads(said["job"])["name"]
        if name == "die":
            os._exit(3)
        elif name == "sleep":
            program = [sys.executable, "-c", "import time; time.sleep(300)"]
            subprocess.Popen(program, start_new_session=True)
            time.sleep(300)
        elif name == "babble":
            os.write(1, b"5\\n")
            time.sleep(300)
        elif name == "ready":
            answer(ready=True)
            os._exit(3)
        elif name == "always" or (name == "threads" and "--without" not in sys.argv):
            answer(threads="somelibrary")
            os._exit(0)
        else:
            answer(id=said["id"], outcome=outcome)
""")


@pytest.fixture
def job(tmp_path: Path, root: Path) -> Job:
    empty = dict.fromkeys(("study", "area", "area_name", "region_name", "key", "execution_key", "data_hash"), "x")
    paths: dict[str, Any] = dict.fromkeys(("notebook", "store", "root", "temporary"), tmp_path)
    return Job(kind="page", parameters={}, **empty, **paths)


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Crews start the stand-in in place of the worker."""
    program = tmp_path / "stand_in.py"
    program.write_text(STAND_IN, encoding="utf-8")
    start = subprocess.Popen

    def popen(command: list[Any], **more: Any) -> Any:
        if "insight.reporting.worker" in command:
            command = [sys.executable, "-S", str(program), *command[3:]]
        return start(command, **more)

    monkeypatch.setattr(crews.subprocess, "Popen", popen)


def relatives(crew: LocalCrew) -> list[int]:
    return [number for worker in crew._workers for number in crews._family(worker.family)]


def wait_for(what: Any, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_a_worker_that_dies_answers_in_words_and_is_replaced(stand_in: None, job: Job) -> None:
    crew = LocalCrew("none", 1)
    died, after = crew.submit(replace(job, name="die")), crew.submit(job)
    assert died.result(timeout=20).status == "died"
    assert "E704" in died.result().reason
    assert "ended with code 3" in died.result().reason
    assert after.result(timeout=20).is_done
    crew.close()


def test_a_worker_that_never_gets_going_is_given_up_in_words(stand_in: None, job: Job) -> None:
    crew = LocalCrew("none", 1)
    futures = [crew.submit(replace(job, name="die")) for _ in range(crews.MOST_DEATHS + 2)]
    outcomes = [future.result(timeout=60) for future in futures]
    assert [outcome.status for outcome in outcomes] == ["died"] * crews.MOST_DEATHS + ["failed"] * 2
    assert "E802" in outcomes[-1].reason
    crew.close()


def test_a_module_that_starts_a_thread_is_left_to_the_children(stand_in: None, job: Job) -> None:
    crew = LocalCrew("fork", 2)
    futures = [crew.submit(replace(job, name=name)) for name in ("threads", "threads", "x")]
    assert [future.result(timeout=20).status for future in futures] == ["done"] * 3
    assert crew._without == {"somelibrary"}
    crew.close()


def test_a_broken_answer_costs_the_page_that_it_was_given_for(stand_in: None, job: Job) -> None:
    crew = LocalCrew("none", 1)
    broken, after = crew.submit(replace(job, name="babble")), crew.submit(job)
    assert broken.result(timeout=20).status == "died"
    assert after.result(timeout=20).is_done
    crew.close()


def test_pages_that_take_their_workers_with_them_do_not_end_the_batch(stand_in: None, job: Job) -> None:
    crew = LocalCrew("none", 1)
    futures = [crew.submit(replace(job, name="ready")) for _ in range(crews.MOST_DEATHS + 2)]
    assert {future.result(timeout=60).status for future in futures} == {"died"}
    assert crew.submit(job).result(timeout=20).is_done
    crew.close()


def test_a_thread_that_leaving_a_module_alone_does_not_avoid_ends_in_words(stand_in: None, job: Job) -> None:
    crew = LocalCrew("fork", 1)
    futures = [crew.submit(replace(job, name="always")) for _ in range(crews.MOST_DEATHS + 1)]
    outcomes = [future.result(timeout=60) for future in futures]
    assert [outcome.status for outcome in outcomes] == ["died"] * crews.MOST_DEATHS + ["failed"]
    assert "--isolation" in outcomes[-1].reason
    crew.close()


def test_a_page_over_its_time_is_ended_from_outside(stand_in: None, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "GRACE", 0.1)
    monkeypatch.setattr(crews, "LOADING", 0.0)
    crew = LocalCrew("none", 1)
    late, after = crew.submit(replace(job, name="sleep", page_seconds=0.5)), crew.submit(job)
    assert late.result(timeout=20).status == "timeout"
    assert "E703" in late.result().reason
    assert after.result(timeout=20).is_done
    crew.close()


def test_closing_waits_for_nothing_and_may_be_done_twice(stand_in: None, job: Job) -> None:
    crew = LocalCrew("none", 2)
    futures = [crew.submit(replace(job, name="sleep")) for _ in range(4)]
    wait_for(lambda: len(relatives(crew)) == 4)
    family = relatives(crew)
    started = time.monotonic()
    crew.close()
    assert time.monotonic() - started < 10, "the pages would sleep for longer"
    assert not [number for number in family if is_running(number)]
    assert [future.result(timeout=1).status for future in futures[:2]] == ["died", "died"]
    assert all(future.cancelled() for future in futures[2:])
    crew.close()
    with pytest.raises(RuntimeError, match="closed"):
        crew.submit(job)


def test_a_waiting_job_can_be_taken_back(stand_in: None, job: Job) -> None:
    crew = LocalCrew("none", 1)
    crew.submit(replace(job, name="sleep"))
    waiting: Future[Outcome] = crew.submit(job)
    assert waiting.cancel()
    crew.close()
    assert waiting.cancelled()


def test_closing_while_a_worker_starts_leaves_nothing(job: Job) -> None:
    crew = LocalCrew("fork", 2)
    crew.submit(job)
    family = crew._workers[0].family
    crew.close()
    assert crews._family(family) == []


def is_running(number: int) -> bool:
    try:
        stat = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def test_a_killed_warm_parent_takes_its_children_along_and_is_replaced(
    root: Path, sample_store: Path, tmp_path: Path
) -> None:
    crew = LocalCrew("fork", 2)
    hang = [
        job_of(("import time\ntime.sleep(600)",), store=sample_store, root=root, temporary=tmp_path, name=f"hang-{n}")
        for n in range(2)
    ]
    futures = [crew.submit(job) for job in hang]
    wait_for(lambda: len(relatives(crew)) == 3, 90)
    family = relatives(crew)
    os.kill(crew._workers[0].process.pid, signal.SIGKILL)
    outcomes = [future.result(timeout=20) for future in futures]
    assert [outcome.status for outcome in outcomes] == ["died", "died"]
    assert outcomes[0].signal == signal.SIGKILL
    wait_for(lambda: not any(map(is_running, family)), 2)
    after = job_of(("1;",), store=sample_store, root=root, temporary=tmp_path, name="after")
    assert "no cells that end with a finding" in crew.submit(after).result(timeout=120).reason
    crew.close()


@pytest.mark.parametrize("isolation", ["fork", "none"])
def test_workers_end_when_the_scheduler_is_killed(
    isolation: Isolation, root: Path, sample_store: Path, tmp_path: Path
) -> None:
    job = job_of(("import time\ntime.sleep(600)",), store=sample_store, root=root, temporary=tmp_path)
    code = """
        import sys, time
        from insight.reporting.crew import LocalCrew
        from insight.reporting.job import Job
        crew = LocalCrew(sys.argv[1], 1)
        crew.submit(Job.from_json(sys.argv[2]))
        print(crew._workers[0].family, flush=True)
        time.sleep(600)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), isolation, job.to_json()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as scheduler:
        assert scheduler.stdout is not None
        family = scheduler.stdout.readline().strip()
        wait_for(lambda: crews._family(family), 30)
        scheduler.kill()
    wait_for(lambda: not crews._family(family), 30)


def test_the_terminals_interrupt_reaches_no_worker(stand_in: None, job: Job) -> None:
    crew = LocalCrew("none", 1)
    crew.submit(replace(job, name="sleep"))
    assert os.getsid(crew._workers[0].process.pid) != os.getsid(0)
    crew.close()


def test_jobs_are_taken_from_several_threads(stand_in: None, job: Job) -> None:
    crew = LocalCrew("fork", 2)
    futures: list[Future[Outcome]] = []
    threads = [threading.Thread(target=lambda: futures.append(crew.submit(job))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(future.result(timeout=20).is_done for future in futures)
    crew.close()


@pytest.mark.parametrize("isolation", ["fork", "kernel", "none"])
def test_the_capacity_is_the_number_of_jobs(isolation: Isolation) -> None:
    assert local_crew(isolation, 3).capacity == 3
    assert local_crew(isolation, 0).capacity == 1


def test_fork_is_refused_in_words_where_it_is_not_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_isolation() == "fork"
    monkeypatch.setattr(warm, "can_fork", lambda: False)
    assert default_isolation() == "kernel"
    with pytest.raises(NotReady, match="--isolation kernel"):
        local_crew("fork", 1)


def test_the_scheduler_stays_light() -> None:
    heavy = "{'papermill', 'IPython', 'matplotlib', 'zmq'}"
    code = f"import sys, insight.reporting.crew; print(sorted({heavy} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
    assert FAMILY not in os.environ
