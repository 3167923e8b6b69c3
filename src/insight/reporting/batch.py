"""Many pages: planned first, run in worker processes, each put in place whole, none lost by another's failure."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from filelock import FileLock, Timeout

from insight.core.area import Area
from insight.core.described import Described, Description
from insight.core.display import canonical
from insight.core.fingerprint import file_sha256
from insight.core.register import Register
from insight.errors import PageFailed, UsageError
from insight.reporting.execute import Job, Outcome, prepare_study, run_page
from insight.reporting.journal import Journal
from insight.reporting.plan import Page, notebook_of, page_key

Report = Callable[["Result", int, int], None]


@dataclass(frozen=True)
class Result:
    """One page of a batch and what became of it: ``done``, ``kept`` (nothing had changed) or ``failed``."""

    page: Page
    status: str
    seconds: float = 0.0
    reason: str = ""


@dataclass(frozen=True, repr=False)
class Batch(Described):
    """Every page that was asked for, in the order asked."""

    out: Path
    results: tuple[Result, ...]
    command: str = ""
    interrupted: bool = field(default=False)

    @property
    def failures(self) -> tuple[Result, ...]:
        """The pages that could not be made."""
        return tuple(result for result in self.results if result.status == "failed")

    @property
    def exit_code(self) -> int:
        """0 all pages, 1 some failed, 130 interrupted."""
        return 130 if self.interrupted else int(bool(self.failures))

    def describe(self) -> Description:
        """Area, status, seconds, page, and the reason of a failure."""
        facts = tuple(
            (
                f"{result.page.area_name}, {result.page.study}",
                f"{result.status} in {result.seconds:.1f} s, {result.reason or result.page.href}",
            )
            for result in self.results
        )
        count = {status: sum(r.status == status for r in self.results) for status in ("done", "kept", "failed")}
        title = f"{count['done']} pages made, {count['kept']} unchanged, {count['failed']} failed"
        return Description(title, facts)


@dataclass(frozen=True)
class Site:
    """An output folder: the pages in it and the manifest that lists them."""

    out: Path

    @property
    def manifest_path(self) -> Path:
        """Written last, so that it never lists a page that is not there."""
        return self.out / "manifest.json"

    def manifest(self) -> dict[str, Any]:
        """What the last run left; empty before the first."""
        if not self.manifest_path.exists():
            return {"pages": {}, "data_hash": "", "is_sample": None}
        read: dict[str, Any] = json.loads(self.manifest_path.read_text(encoding="utf-8"))
        return read

    def is_current(self, page: Page, known: Mapping[str, Any]) -> bool:
        """Whether page and record stand, whole, and were made from exactly what they would be made from now."""
        entry = known.get(page.href)
        if not entry or entry["key"] != page.key:
            return False
        files = ((page.href, "html_sha256"), (page.record_href, "record_sha256"))
        return all((self.out / href).is_file() and file_sha256(self.out / href) == entry[name] for href, name in files)

    def put(self, page: Page, outcome: Outcome) -> dict[str, Any]:
        """Move a finished page and its record into place, each by one rename; the manifest's entry for it."""
        assert outcome.html is not None and outcome.record is not None, "only finished pages are put in place"  # noqa: S101
        entry = {
            "key": page.key,
            "html_sha256": file_sha256(outcome.html),
            "record_sha256": file_sha256(outcome.record),
        }
        (self.out / page.area).mkdir(parents=True, exist_ok=True)
        outcome.record.replace(self.out / page.record_href)
        outcome.html.replace(self.out / page.href)
        return entry

    def write(self, href: str, text: str) -> None:
        """Write a small file whole or not at all."""
        temporary = self.out / ".insight" / f"{href}.part"
        temporary.write_bytes(text.encode())
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.replace(self.out / href)


def plan(
    study_names: Sequence[str],
    areas: Sequence[Area],
    *,
    settings: Mapping[str, str],
    root: Path,
    data_hash: str,
) -> tuple[Page, ...]:
    """Every page wanted, with checked parameters; raises before anything has run.

    Raises
    ------
    UsageError, UnknownStudy
        If a study, a notebook or a parameter is not as it should be.
    """
    from insight import studies

    pages = []
    for name in study_names:
        study = studies.find(name)
        notebook = notebook_of(name, root)
        for area in areas:
            parameters = study.parameters_for(area.code, settings)
            key = page_key(
                notebook=notebook, parameters=parameters, data_hash=data_hash, lock=root / "requirements.lock"
            )
            pages.append(Page(name, area.code, area.name, area.region_name or "", parameters, key))
    return tuple(pages)


def run_batch(
    pages: Sequence[Page],
    *,
    store: Path,
    root: Path,
    out: Path,
    register: Register,
    data_hash: str,
    jobs: int,
    command: str = "",
    report: Report = lambda result, number, of: None,
) -> Batch:
    """Make the pages that are not current, then index and manifest.

    Parameters
    ----------
    jobs : int
        Worker processes.
    command : str
        The command without its selection of areas, for the line that reruns failures.
    report : callable
        Called after each page with its result, its number and the number of pages.

    Raises
    ------
    UsageError
        If another run holds the folder, or it holds pages of the other kind (sample or real).
    """
    site = Site(out)
    (out / ".insight").mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out / ".insight" / "run.lock", timeout=0):
            return _run_locked(pages, site, store, root, register, data_hash, jobs, command, report)
    except Timeout:
        raise UsageError(
            "running into this output folder",
            found="another run is writing there",
            todo="wait until it has ended, or choose another --out",
        ) from None


def _run_locked(
    pages: Sequence[Page],
    site: Site,
    store: Path,
    root: Path,
    register: Register,
    data_hash: str,
    jobs: int,
    command: str,
    report: Report,
) -> Batch:
    manifest = site.manifest()
    if manifest["is_sample"] not in (None, register.is_sample):
        raise UsageError(
            "running into this output folder",
            found=f"pages of {'sample' if manifest['is_sample'] else 'real'} data",
            todo="choose another --out, so that invented and real figures never stand in one site",
        )
    _sweep(site)
    journal = Journal(site.out)
    journal.write("run started", pages=len(pages), data_hash=data_hash)
    results: dict[str, Result] = {}

    def settle(result: Result) -> None:
        results[result.page.href] = result
        event = {"done": "page done", "kept": "page kept", "failed": "page failed"}[result.status]
        journal.write(
            event,  # type: ignore[arg-type]  # the three values above are Events
            page=result.page.href,
            key=result.page.key,
            seconds=round(result.seconds, 3),
            reason=result.reason,
        )
        report(result, len(results), len(pages))

    interrupted = False
    entries = dict(manifest["pages"])
    wanted = []
    for page in pages:
        if site.is_current(page, entries):
            settle(Result(page, "kept"))
        else:
            wanted.append(page)
    temporary = Path(mkdtemp(prefix="run-", dir=site.out / ".insight"))
    try:
        todo = [_job(page, store, root, temporary, data_hash) for page in wanted]
        for page, outcome in _outcomes(wanted, todo, jobs, journal):
            if outcome.is_done:
                entries[page.href] = site.put(page, outcome)
                settle(Result(page, "done", outcome.seconds))
            else:
                settle(Result(page, "failed", outcome.seconds, outcome.reason))
            if outcome.stderr:
                journal.write("page warned", page=page.href, stderr=outcome.stderr[:2000])
    except KeyboardInterrupt:
        interrupted = True
        for page in pages:
            results.setdefault(page.href, Result(page, "failed", reason="interrupted before it was made"))
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    failed = {href: r.reason for href, r in results.items() if r.status == "failed"}
    publish_index(site, entries, failed, register=register, data_hash=data_hash)
    journal.write("run interrupted" if interrupted else "run ended", failed=len(failed))
    ordered = tuple(results[page.href] for page in pages)
    return Batch(site.out, ordered, command=command, interrupted=interrupted)


def _sweep(site: Site) -> None:
    """Remove what a killed run left: nothing under ``.insight/run-*`` was ever in place."""
    for leftover in (site.out / ".insight").glob("run-*"):
        shutil.rmtree(leftover, ignore_errors=True) if leftover.is_dir() else None


def _job(page: Page, store: Path, root: Path, temporary: Path, data_hash: str) -> Job:
    return Job(
        notebook=notebook_of(page.study, root),
        store=store,
        root=root,
        temporary=temporary,
        study=page.study,
        area=page.area,
        area_name=page.area_name,
        region_name=page.region,
        parameters=page.parameters,
        key=page.key,
        data_hash=data_hash,
    )


def _outcomes(
    pages: Sequence[Page], todo: Sequence[Job], jobs: int, journal: Journal
) -> Iterator[tuple[Page, Outcome]]:
    """Run jobs in a pool; a worker that dies costs its own page, which is tried once more alone."""
    if not todo:
        return
    pool = _pool(jobs)
    try:
        for job in {job.study: job for job in todo}.values():
            # Where this fails, each page meets the same fault and says so in its own name.
            with suppress(BrokenProcessPool):
                pool.submit(prepare_study, job).result()
        futures: dict[Future[Outcome], tuple[Page, Job]] = {}
        orphans = []
        for page, job in zip(pages, todo, strict=True):
            journal.write("page started", page=page.href, key=page.key)
            try:
                futures[pool.submit(run_page, job)] = (page, job)
            except BrokenProcessPool:
                orphans.append((page, job))
        while futures:
            finished, _ = wait(futures, return_when=FIRST_COMPLETED)
            for future in finished:
                page, job = futures.pop(future)
                try:
                    yield page, future.result()
                except BrokenProcessPool:
                    orphans.append((page, job))
        for page, job in orphans:
            yield page, _alone(job)
    except (KeyboardInterrupt, GeneratorExit):
        for process in list((pool._processes or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _alone(job: Job) -> Outcome:
    """One more try after a worker died, in a pool of its own, so that the death of this one costs nothing else."""
    with _pool(1) as pool:
        try:
            return pool.submit(run_page, job).result()
        except BrokenProcessPool:
            died = PageFailed(
                f"making {job.study} for {job.area_name}",
                found="its process died twice; too little memory is the usual reason",
                todo="close other programs and run this page again with --jobs 1",
            )
            return Outcome(job.study, job.area, 0.0, reason=str(died))


def _pool(jobs: int) -> ProcessPoolExecutor:
    # spawn: the same on every system, and no thread of the parent is copied into a child. One order of sets for all.
    os.environ["PYTHONHASHSEED"] = "0"
    return ProcessPoolExecutor(max_workers=max(1, jobs), mp_context=get_context("spawn"))


def publish_index(
    site: Site,
    entries: Mapping[str, Any],
    failed: Mapping[str, str],
    *,
    register: Register,
    data_hash: str,
) -> None:
    """Write ``index.html`` from the records that stand, then the manifest."""
    from insight.reporting.site import index_html, site_entries

    site.write("index.html", index_html(site_entries(site.out, sorted(entries), failed, register), register=register))
    manifest = {
        "data_hash": data_hash,
        "is_sample": register.is_sample,
        "pages": {href: entries[href] for href in sorted(entries)},
    }
    site.write("manifest.json", json.dumps(json.loads(canonical(manifest)), indent=1, sort_keys=True) + "\n")
