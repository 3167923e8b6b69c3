"""Beyond one machine: the same bytes, whoever makes them, and no page lost with a worker."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

from insight.errors import NotReady, SchedulerTrouble
from insight.reporting.job import Crew, Job, Outcome

pytest.importorskip("distributed")

from insight.reporting import dask_crew as module
from insight.reporting.batch import run_batch
from insight.reporting.crew import local_crew
from insight.reporting.dask_crew import dask_crew
from insight.reporting.dask_worker import Bench, ClosedBench
from insight.reporting.journal import Journal
from insight.reporting.plan import plan

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for under /proc")

CODES = ("X06000001", "X06000054")
LOOPBACK = ("--host", "127.0.0.1", "--no-dashboard")
PATIENCE = 300.0


@dataclass
class Cluster:
    """A scheduler and workers, each a process of its own on loopback."""

    folder: Path
    address: str = ""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("DASK", "INSIGHT"))}
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{words[0]}", *words[1:], *LOOPBACK],
                cwd=self.folder,
                env={**inherited, "HOME": str(home), **environment},
                stdout=log,
                stderr=log,
            )
        return self.processes[name]

    def scheduler(self) -> None:
        told = self.folder / "scheduler.json"
        self.start(
            "scheduler", "scheduler", "--port", "0", "--idle-timeout", "15 minutes", "--scheduler-file", str(told)
        )
        until(lambda: told.is_file() and told.read_text(encoding="utf-8").endswith("}"))
        self.address = json.loads(told.read_text(encoding="utf-8"))["address"]

    def worker(self, name: str, **environment: str) -> subprocess.Popen[bytes]:
        own = str(self.folder / f"scratch-{name}")
        words = ("--nthreads", "1", "--no-nanny", "--death-timeout", "60", "--name", name, "--local-directory", own)
        return self.start(name, "worker", self.address, *words, **environment)

    @contextmanager
    def also(self, name: str, count: int, **environment: str) -> Iterator[None]:
        """One more worker for a while, which makes ``count``."""
        process = self.worker(name, **environment)
        try:
            self.wait_for(count)
            yield
        finally:
            process.kill()
            process.wait()
            self.wait_for(count - 1)

    def wait_for(self, count: int) -> None:
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            until(lambda: len(client.nthreads()) == count)

    def end(self) -> None:
        for process in reversed(self.processes.values()):
            process.kill()
            process.wait()


def until(is_so: Callable[[], bool], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def near() -> Iterator[Crew]:
    """A crew of this machine."""
    crew = local_crew("fork", 1)
    yield crew
    crew.close()


@pytest.fixture(scope="module")
def ready_store(root: Path, sample_store: Path, near: Crew, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample store with what pages share, which takes longer to compute than every page here."""
    job = jobs_of(root, sample_store, tmp_path_factory.mktemp("ready"), ("X06000001",))[0]
    assert near.submit(replace(job, kind="prepare")).result().is_done
    return sample_store


@pytest.fixture(scope="module")
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers, each with a store of its own, as on machines that share no folder."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    stores = {name: cluster.folder / f"store-{name}" for name in ("one", "two")}
    try:
        cluster.scheduler()
        for name, store in stores.items():
            cluster.worker(name, INSIGHT_STORE=str(store))
        # They start while the store is made ready; a worker looks for its own when work comes.
        ready = request.getfixturevalue("ready_store")
        for store in stores.values():
            shutil.copytree(ready, store)
        cluster.wait_for(2)
        yield cluster
    finally:
        cluster.end()


@pytest.fixture(scope="module")
def opened() -> Iterator[list[Crew]]:
    """The crew that tests share, unless one of them has closed it."""
    opened: list[Crew] = []
    yield opened
    for crew in opened:
        crew.close()


@pytest.fixture
def crew(cluster: Cluster, opened: list[Crew]) -> Crew:
    if not opened:
        opened.append(dask_crew(cluster.address))
    return opened[0]


@pytest.fixture
def jobs(root: Path, sample_store: Path, tmp_path: Path) -> Callable[..., list[Job]]:
    """Jobs of a small notebook, with one more cell where one is given."""

    def make(code: str = "", *, codes: tuple[str, ...] = CODES, out: str = "out") -> list[Job]:
        project = tmp_path / f"project-{out}"
        (project / "notebooks").mkdir(parents=True)
        notebook = nbformat.read(root / "notebooks" / "caseload_turnover.ipynb", as_version=4)
        notebook.cells = [*notebook.cells[:4], *([nbformat.v4.new_code_cell(code)] if code else [])]
        nbformat.write(notebook, project / "notebooks" / "caseload_turnover.ipynb")
        return jobs_of(project, sample_store, tmp_path / out, codes)

    return make


def jobs_of(project: Path, store: Path, out: Path, codes: tuple[str, ...]) -> list[Job]:
    from insight.store import load_register

    areas = [load_register(store).authority(each) for each in codes]
    pages = plan(["caseload_turnover"], areas, settings={}, root=project, store=store)
    for page in pages:
        (out / page.area).mkdir(parents=True)
    return [
        Job(
            "page",
            page.study,
            page.area,
            page.area_name,
            page.region,
            page.parameters,
            page.key,
            page.execution_key,
            page.data_hash,
            project / "notebooks" / "caseload_turnover.ipynb",
            store,
            project,
            out / page.area,
            inputs=page.inputs,
            seed=page.seed,
            name=page.name,
        )
        for page in pages
    ]


def outcomes(crew: Crew, jobs: list[Job]) -> list[Outcome]:
    return [future.result(PATIENCE) for future in [crew.submit(job) for job in jobs]]


def made(outcome: Outcome) -> dict[str, bytes]:
    """The files of an outcome by name."""
    assert outcome.is_done, outcome.reason
    places = (outcome.html, outcome.record, outcome.results)
    return {place.name: place.read_bytes() for place in places if place is not None}


def warm_parents(worker: int) -> list[int]:
    """Processes that a worker has started."""
    return [int(each) for each in Path(f"/proc/{worker}/task/{worker}/children").read_text().split()] + [
        int(each)
        for task in Path(f"/proc/{worker}/task").iterdir()
        if task.name != str(worker)
        for each in (task / "children").read_text().split()
    ]


def is_alive(process: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return False


def test_pages_of_a_cluster_are_the_bytes_of_pages_made_here(
    cluster: Cluster, crew: Crew, near: Crew, jobs: Callable[..., list[Job]], tmp_path: Path
) -> None:
    apart = [replace(job, store=tmp_path / "no store here") for job in jobs(out="there")]
    there = outcomes(crew, [replace(apart[0], kind="prepare"), *apart])[1:]
    here = outcomes(near, jobs(out="here"))
    rendered = outcomes(crew, [replace(apart[0], kind="render", results=there[0].results)])
    for job, one, other in zip(apart, there, here, strict=True):
        assert made(one) == made(other)
        assert len(made(one)) == 3
        assert one.html is not None and one.html.parent == job.temporary
        for content in made(one).values():
            assert str(cluster.folder).encode() not in content
    assert made(rendered[0]).items() <= made(here[0]).items()


class Lent:
    """A crew that outlives the batch it works for."""

    def __init__(self, crew: Crew) -> None:
        self.submit, self.capacity = crew.submit, crew.capacity

    def close(self) -> None: ...


def test_a_batch_on_a_cluster_leaves_the_same_site_and_the_same_journal(
    root: Path, ready_store: Path, crew: Crew, near: Crew, tmp_path: Path
) -> None:
    from insight.store import load_register, read_manifest

    register, manifest = load_register(ready_store), read_manifest(ready_store)
    areas = [register.authority(code) for code in CODES]
    pages = plan(["caseload_turnover"], areas, settings={}, root=root, store=ready_store)
    for name, workers in (("here", near), ("there", crew)):
        batch = run_batch(
            pages,
            store=ready_store,
            root=root,
            out=tmp_path / name,
            register=lambda: register,
            data_hash=manifest["data_hash"],
            is_sample=True,
            crew=lambda workers=workers: Lent(workers),  # type: ignore[misc]
        )
        assert batch.exit_code == 0, repr(batch)
    assert site(tmp_path / "here") == site(tmp_path / "there")
    assert len(site(tmp_path / "here")) > 2 * len(CODES)
    assert told(tmp_path / "here") == told(tmp_path / "there")


def site(out: Path) -> dict[str, bytes]:
    """Everything that is published, by its place."""
    files = sorted(path for path in out.rglob("*") if path.is_file() and ".insight" not in path.parts)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def told(out: Path) -> list[dict[str, Any]]:
    """What a journal says beside times and sizes, whoever was first."""
    measured = {"number", "time", "seconds", "cpu_seconds", "peak_bytes"}
    events = [{key: fact for key, fact in event.items() if key not in measured} for event in Journal(out).read()]
    return sorted(events, key=lambda event: (str(event.get("page")), event["event"]))


def test_a_worker_without_the_store_is_passed_over(
    crew: Crew, cluster: Cluster, jobs: Callable[..., list[Job]], tmp_path: Path
) -> None:
    with cluster.also("bare", 3):
        apart = [replace(job, store=tmp_path / "no store here") for job in jobs(codes=(*CODES, "X06000002"))]
        several = outcomes(crew, apart)
    assert [outcome.status for outcome in several] == ["done"] * 3
    passed = [outcome.stderr for outcome in several if outcome.stderr]
    assert all(f"no store with these data on the worker {socket.gethostname()}" in words for words in passed)


def test_other_data_than_asked_for_stop_the_run_in_words(
    crew: Crew, jobs: Callable[..., list[Job]], tmp_path: Path
) -> None:
    job = replace(jobs()[0], data_hash="0" * 64)
    with pytest.raises(SchedulerTrouble) as raised:
        crew.submit(job).result(PATIENCE)
    assert f"no store with these data on the worker {socket.gethostname()}" in raised.value.found
    assert "INSIGHT_STORE" in raised.value.todo
    assert str(tmp_path) not in str(raised.value)


WAITING = """\
import os, time
os.makedirs(f"{SIGNALS}/{authority}-{os.getppid()}", exist_ok=True)
while not os.path.exists("{SIGNALS}/go"): time.sleep(0.02)
"""


def test_a_worker_killed_in_the_middle_costs_no_page_and_leaves_no_process(
    crew: Crew, cluster: Cluster, jobs: Callable[..., list[Job]], tmp_path: Path
) -> None:
    signals = tmp_path / "signals"
    signals.mkdir()
    code = WAITING.replace("{SIGNALS}", str(signals))
    with cluster.also("doomed", 3):
        waiting = jobs(code, codes=("X06000001", "X06000054", "X06000002", "X06000003"))
        futures = [crew.submit(job) for job in waiting]
        until(lambda: len(list(signals.iterdir())) == 3)
        doomed = cluster.processes["doomed"]
        parents = warm_parents(doomed.pid)
        assert {each.name.rpartition("-")[2] for each in signals.iterdir()} & set(map(str, parents))
        doomed.send_signal(signal.SIGKILL)
        doomed.wait()
        until(lambda: not any(map(is_alive, parents)))
        (signals / "go").mkdir()
        several = [future.result(PATIENCE) for future in futures]
    assert [outcome.status for outcome in several] == ["done"] * 4
    assert len({each.name.partition("-")[0] for each in signals.iterdir()}) == 5  # four pages, and the word to go on
    assert len(list(signals.iterdir())) == 6  # one of them was begun twice


def test_the_end_of_a_run_ends_its_processes_and_leaves_the_cluster(
    crew: Crew, opened: list[Crew], cluster: Cluster, jobs: Callable[..., list[Job]], tmp_path: Path
) -> None:
    workers = [cluster.processes[name] for name in ("one", "two")]
    signals = tmp_path / "signals"
    signals.mkdir()
    code = WAITING.replace("{SIGNALS}", str(signals))
    futures = [crew.submit(job) for job in jobs(code, codes=("X06000001", "X06000054", "X06000002"))]
    until(lambda: len(list(signals.iterdir())) == 2)
    parents = [each for worker in workers for each in warm_parents(worker.pid)]
    assert {each.name.rpartition("-")[2] for each in signals.iterdir()} == set(map(str, parents))
    opened.clear()
    crew.close()
    crew.close()
    assert not any(map(is_alive, parents))
    assert [each for worker in workers for each in warm_parents(worker.pid)] == []
    assert all(future.cancelled() for future in futures)
    assert all(process.poll() is None for process in (*workers, cluster.processes["scheduler"]))
    assert not list((cluster.folder / "home").rglob("*dask*"))


def test_a_worker_with_other_libraries_is_refused_before_the_first_page(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.metadata as m\nreal = m.version\n"
        "m.version = lambda name: '0.1' if name == 'scipy' else real(name)\n",
        encoding="utf-8",
    )
    places = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    with cluster.also("strange", 3, PYTHONPATH=places), pytest.raises(SchedulerTrouble, match="version of scipy than"):
        dask_crew(cluster.address)


def test_a_scheduler_without_workers_and_one_that_is_lost_are_said_in_words(
    sample_store: Path, tmp_path: Path, jobs: Callable[..., list[Job]]
) -> None:
    other = Cluster(tmp_path)
    try:
        other.scheduler()
        with pytest.raises(SchedulerTrouble, match="none after 0 seconds"):
            dask_crew(other.address, workers_seconds=0.2)
        other.worker("good", INSIGHT_STORE=str(sample_store))
        crew = dask_crew(other.address, connect_seconds=2.0)
        try:
            future = crew.submit(jobs("__import__('time').sleep(600)")[0])
            other.processes["scheduler"].kill()
            with pytest.raises(SchedulerTrouble, match="the scheduler was lost"):
                future.result(PATIENCE)
            with pytest.raises(SchedulerTrouble, match="no connection to the scheduler"):
                crew.submit(jobs(out="late")[0]).result(PATIENCE)
        finally:
            crew.close()
    finally:
        other.end()


@pytest.mark.parametrize("address", ["", "tcp://127.0.0.1:1", "nonsense", "smoke://signals:1", "tcp://127.0.0.1"])
def test_a_scheduler_that_is_not_there_is_said_in_words(address: str) -> None:
    started = time.monotonic()
    with pytest.raises(SchedulerTrouble, match="E803 reaching the scheduler") as raised:
        dask_crew(address, connect_seconds=0.5)
    assert "--scheduler" in raised.value.todo
    assert time.monotonic() - started < 30


def test_something_else_that_listens_there_is_no_scheduler() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(SchedulerTrouble, match="no answer from"):
        dask_crew(f"tcp://127.0.0.1:{silent.getsockname()[1]}", connect_seconds=0.5)


def test_a_missing_extra_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NotReady, match=r"insight\[dask\]"):
        dask_crew("tcp://127.0.0.1:1")


class FakeCrew:
    """Does nothing, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.is_closed = False

    def submit(self, job: Job) -> Future[Outcome]:
        self.asked.append((job.kind, job.area))
        answer: Future[Outcome] = Future()
        answer.set_result(Outcome("done"))
        return answer

    def close(self) -> None:
        self.is_closed = True


def test_each_worker_computes_what_pages_share_before_its_first_page(
    monkeypatch: pytest.MonkeyPatch, jobs: Callable[..., list[Job]]
) -> None:
    fakes: list[FakeCrew] = []
    monkeypatch.setattr("insight.reporting.crew.local_crew", lambda *words: fakes.append(FakeCrew()) or fakes[-1])

    async def work() -> None:
        bench = Bench("name", idle_seconds=0.2)
        await bench.setup(SimpleNamespace(state=SimpleNamespace(nthreads=2)))
        one, two = jobs()
        for job in (one, two, replace(one, kind="render"), replace(two, kind="prepare")):
            assert bench.run(job).is_done
        await asyncio.sleep(0.5)
        assert fakes[0].is_closed, "a crew without work goes on for ever"
        assert bench.run(two).is_done
        await bench.teardown(None)
        with pytest.raises(ClosedBench):
            bench.run(one)

    asyncio.run(work())
    one, two = CODES
    expected = [("prepare", one), ("page", one), ("page", two), ("render", one), ("prepare", two)]
    assert fakes[0].asked == expected
    assert [fake.is_closed for fake in fakes] == [True, True]


class FakeClient:
    """A scheduler that takes every job and answers none; ``lose`` tells that a worker with all of them is gone."""

    status = "running"

    def __init__(self) -> None:
        self.tasks: list[str] = []
        self.threads = {"tcp://127.0.0.1:2": 4}

    def register_plugin(self, plugin: object, *, name: str) -> None: ...

    def unregister_worker_plugin(self, name: str) -> None: ...

    def cancel(self, tasks: object, *, force: bool) -> None: ...

    def close(self, timeout: float) -> None: ...

    def nthreads(self) -> dict[str, int]:
        return self.threads

    def subscribe_topic(self, topic: str, heard: Callable[[Any], None]) -> None:
        self.heard = heard

    def unsubscribe_topic(self, topic: str) -> None: ...

    def submit(self, run: object, *words: object, key: str, **options: object) -> FakeClient:
        self.tasks.append(key)
        return self

    def add_done_callback(self, landed: object) -> None: ...

    def release(self) -> None: ...

    def lose(self, *, expected: bool = False) -> None:
        message = {"action": "remove-worker", "processing-tasks": self.tasks, "expected": expected}
        self.heard((0.0, message))


def test_a_job_that_loses_its_worker_three_times_is_given_up(jobs: Callable[..., list[Job]]) -> None:
    client = FakeClient()
    crew = module._DaskCrew(client, None, 60.0)
    try:
        assert crew.capacity == 4
        future: Future[Outcome] = crew.submit(jobs()[0])
        client.lose(expected=True)
        for _ in range(module.RETRIES):
            client.lose()
        assert not future.done()
        client.lose()
        assert future.result(0).status == "died"
        assert "its worker was lost, 3 times" in future.result(0).reason
    finally:
        crew.close()


def test_a_run_without_workers_does_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch, jobs: Callable[..., list[Job]]
) -> None:
    monkeypatch.setattr(module, "_POLL_SECONDS", 0.02)
    client = FakeClient()
    crew = module._DaskCrew(client, None, 0.1)
    try:
        future = crew.submit(jobs()[0])
        client.threads = {}
        with pytest.raises(SchedulerTrouble, match="no worker for"):
            future.result(PATIENCE)
    finally:
        crew.close()


def test_a_full_disk_here_fails_the_page_alone(jobs: Callable[..., list[Job]], tmp_path: Path) -> None:
    job = replace(jobs()[0], temporary=tmp_path / "gone")
    asked = module._Asked(job, "", b"", None)
    outcome = module._received(asked, json.loads(Outcome("done").to_json()), (b"page", b"{}", b"{}"))
    assert outcome.status == "failed"
    assert outcome.reason.startswith("E800")
    assert str(tmp_path) not in outcome.reason
