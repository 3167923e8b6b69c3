"""A crew that makes small pages in threads, and fails, dies or hangs on demand; and a small project for it."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from insight.core.finding import VERDICTS
from insight.core.register import Register
from insight.reporting.batch import Batch, run_batch
from insight.reporting.job import Crew, Job, Outcome
from insight.reporting.plan import Page

STUDIES = ("caseload_turnover", "indicator_profile")
AREAS = ("E06000001", "E06000002", "E06000003", "E06000004", "E06000005", "E06000047")
Do = Callable[[Job], Outcome | None]


def sha(*texts: str) -> str:
    return hashlib.sha256("|".join(texts).encode()).hexdigest()


def record_of(job: Job) -> dict[str, Any]:
    source = {
        "key": "workforce",
        "publisher": "Department for Education",
        "title": "Workforce <b>& more",
        "release": f"2025 ({job.data_hash[:6]})",
        "published": None,
        "sha256": "5f" * 32,
        "licence": "OGL",
    }
    lists: dict[str, list[Any]] = {
        name: [] for name in ("does_not_show", "estimates", "checks", "rows_left_out", "caveats")
    }
    return {
        "study": job.study,
        "study_version": "1",
        "question": "Why?",
        "area": job.area,
        "area_name": job.area_name,
        "verdict": "cannot_tell",
        "verdict_words": VERDICTS["cannot_tell"]._asdict(),
        "headline": None,
        "words": [f"Nobody can tell in {job.area_name}."],
        "sources": [source],
        "is_sample": False,
        "policy": "published 1",
        "parameters": dict(job.parameters),
        "package_version": "0.1.0",
        "data_hash": job.data_hash,
        "key": job.key,
        **lists,
    }


def make(job: Job) -> Outcome:
    """What a worker does: results from a page's parameters, page and record from the results."""
    if job.kind == "prepare":
        return Outcome("done")
    results = job.results
    if job.kind == "page":
        results = job.temporary / "results.json"
        results.write_text(json.dumps([job.execution_key] * 20), encoding="utf-8")
    assert results is not None
    html, record = job.temporary / "page.html", job.temporary / "page.json"
    said = hashlib.sha256(results.read_bytes()).hexdigest()
    html.write_text(
        f'<!DOCTYPE html>\n<html lang="en-GB">\n<main id="main" tabindex="-1">\n<!--notice--><!--/notice-->\n'
        f"<p>{said * 20}</p>\n<code>{job.key}</code>\n</main>\n</html>\n",
        encoding="utf-8",
    )
    record.write_text(json.dumps(record_of(job), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return Outcome("done", 0.5, 0.4, 1000, html, record, results if job.kind == "page" else None)


class FakeCrew:
    """Makes pages in threads; ``do`` may answer in place of a worker, or answer None to let it do its work."""

    def __init__(self, do: Do = lambda job: None, *, capacity: int = 2) -> None:
        self.capacity = capacity
        self.jobs: list[Job] = []
        self.most, self._now = 0, 0
        self.is_closed = False
        self._do = do
        self._pool = ThreadPoolExecutor(capacity)
        self._lock = threading.Lock()

    def submit(self, job: Job) -> Future[Outcome]:
        with self._lock:
            self.jobs.append(job)
            self._now += 1
            self.most = max(self.most, self._now)
        future = self._pool.submit(self._run, job)
        future.add_done_callback(self._finished)
        return future

    def close(self) -> None:
        self.is_closed = True
        self._pool.shutdown(cancel_futures=True)

    def names(self, kind: str = "page") -> list[str]:
        """What was asked of it, in order."""
        return [f"{job.area}/{job.study}" for job in self.jobs if job.kind == kind]

    def _run(self, job: Job) -> Outcome:
        return self._do(job) or make(job)

    def _finished(self, future: Future[Outcome]) -> None:
        with self._lock:
            self._now -= 1


def pages_of(
    areas: Iterable[str] = AREAS, studies: Iterable[str] = STUDIES, *, version: str = "1", template: str = "1"
) -> list[Page]:
    """Pages whose execution depends on ``version`` and whose look on ``template``."""
    register = Register.read()
    return [
        Page(
            study=study,
            area=code,
            area_name=register.authority(code).name,
            region=register.authority(code).region_name or "",
            parameters={"authority": code, "lag_years": 1},
            key=sha(study, code, version, template),
            execution_key=sha(study, code, version),
            parts={"data": version, "template": template},
            data_hash=sha("data", version),
        )
        for study in studies
        for code in areas
    ]


def project(folder: Path) -> Path:
    """A project's folder with the notebooks of the studies."""
    (folder / "notebooks").mkdir(parents=True, exist_ok=True)
    for study in STUDIES:
        (folder / "notebooks" / f"{study}.ipynb").write_text("{}", encoding="utf-8")
    return folder


def batch_of(out: Path, pages: list[Page], crew: FakeCrew | Callable[[], Crew] | None = None, **more: Any) -> Batch:
    """A batch of these pages into a folder, with the project beside it."""
    start = (lambda: crew or FakeCrew()) if isinstance(crew, FakeCrew | None) else crew
    root = project(out.parent / "project")
    given: Mapping[str, Any] = {
        "store": root / "store",
        "root": root,
        "register": Register.read,
        "data_hash": "store",
        "is_sample": False,
        "crew": start,
        "request": {"studies": list(STUDIES), "flags": ["--out", "site"]},
    }
    return run_batch(pages, out=out, **{**given, **more})


def bytes_of(out: Path) -> dict[str, bytes]:
    """Every published file; what lies under ``.insight`` has clock times and is not published."""
    files = sorted(path for path in out.rglob("*") if path.is_file() and ".insight" not in path.parts)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def main() -> None:
    """A batch in a process of its own: folder, seconds of a page, version."""
    from insight.errors import InsightError
    from insight.reporting.signals import terminable

    out, seconds, version = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3]

    def slow(job: Job) -> None:
        time.sleep(seconds if job.kind == "page" else 0)

    try:
        with terminable():
            batch = batch_of(
                out,
                pages_of(version=version),
                FakeCrew(slow),
                report=lambda progress: print(progress.done, flush=True),  # noqa: T201 - the test waits for it
            )
    except InsightError as error:
        print(error, flush=True)  # noqa: T201
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(batch.exit_code)


if __name__ == "__main__":
    main()
