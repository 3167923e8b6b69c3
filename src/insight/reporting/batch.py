"""Many pages: planned first, run in worker processes, each put in place whole, none lost by another's failure."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread

from filelock import FileLock, Timeout

from insight.core.area import Area
from insight.core.described import Described, Description
from insight.core.register import Register
from insight.errors import DisclosureBlocked, FileTrouble, PageFailed, UsageError
from insight.reporting.execute import Job, Outcome, prepare_study, run_page
from insight.reporting.folder import Site, publish_index
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
        """0 all pages, 1 some failed, 4 the gate held one back, 130 interrupted."""
        if self.interrupted:
            return 130
        if any(result.reason.startswith(DisclosureBlocked.code) for result in self.failures):
            return DisclosureBlocked.exit_code
        return int(bool(self.failures))

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
    for name in dict.fromkeys(study_names):
        study = studies.find(name)
        notebook = notebook_of(name, root)
        for area in areas:
            parameters = study.parameters_for(area.code, settings)
            key = page_key(
                notebook=notebook, parameters=parameters, data_hash=data_hash, lock=root / "requirements.lock"
            )
            pages.append(
                Page(name, area.code, area.name, area.region_name or "", parameters, key, study.page_name(parameters))
            )
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
        If another run holds the folder, it cannot be written, or it holds pages of the other kind (sample or real).
    FileTrouble
        If the disk fills up, or a finished page cannot be put in place.
    """
    site = Site(out)
    lock = _lock(out)
    try:
        return _run_locked(pages, site, store, root, register, data_hash, jobs, command, report)
    except OSError as fault:
        raise FileTrouble.of("writing into the output folder", fault) from None
    finally:
        lock.release()


def _lock(out: Path) -> FileLock:
    """The folder, made where there is none, and held for one run."""
    lock = FileLock(out / ".insight" / "run.lock")
    try:
        (out / ".insight").mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError(
            "running into this output folder",
            found="another run is writing there",
            todo="wait until it has ended, or choose another --out",
        ) from None
    except OSError as fault:
        raise UsageError(
            "opening the output folder",
            found=f"the system says: {fault.strerror}",
            todo="choose as --out a folder that can be made and written",
        ) from None
    return lock


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
    entries = site.standing(manifest, journal, register)
    journal.write("run started", pages=len(pages), data_hash=data_hash)
    results: dict[str, Result] = {}

    def settle(result: Result, **made: str) -> None:
        results[result.page.href] = result
        event = {"done": "page done", "kept": "page kept", "failed": "page failed"}[result.status]
        facts = {"page": result.page.href, "seconds": round(result.seconds, 3), "reason": result.reason}
        # The three values above are Events. What was made stands here too, in case this run does not reach its end.
        journal.write(event, **{"key": result.page.key, **facts, **made})  # type: ignore[arg-type]
        report(result, len(results), len(pages))

    is_interrupted = False
    temporary = Path(mkdtemp(prefix="run-", dir=site.out / ".insight"))
    try:
        wanted = [page for page in pages if not site.is_current(page, entries)]
        for page in pages:
            if page not in wanted:
                settle(Result(page, "kept"))
        todo = [_job(page, store, root, temporary, data_hash) for page in wanted]
        with closing(_outcomes(wanted, todo, jobs, journal)) as outcomes:
            for page, outcome in outcomes:
                result, made = _put(site, page, outcome)
                entries |= {page.href: made} if made else {}
                settle(result, **made)
                if outcome.stderr:
                    journal.write("page warned", page=page.href, stderr=outcome.stderr[:2000])
    except KeyboardInterrupt:
        is_interrupted = True
        for page in pages:
            results.setdefault(page.href, Result(page, "failed", reason="interrupted before it was made"))
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    failed = {href: r.reason for href, r in results.items() if r.status == "failed"}
    publish_index(site, entries, failed, register=register, data_hash=data_hash)
    journal.write("run interrupted" if is_interrupted else "run ended", failed=len(failed))
    return Batch(site.out, tuple(results[page.href] for page in pages), command=command, interrupted=is_interrupted)


def _put(site: Site, page: Page, outcome: Outcome) -> tuple[Result, dict[str, str]]:
    """Put a finished page in place; a page that cannot be put there fails alone, and what stood there stays."""
    if not outcome.is_done:
        return Result(page, "failed", outcome.seconds, outcome.reason), {}
    try:
        return Result(page, "done", outcome.seconds), site.put(page, outcome)
    except OSError as fault:
        trouble = FileTrouble.of(f"putting {page.href} in place", fault)
        return Result(page, "failed", outcome.seconds, str(trouble)), {}


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
) -> Generator[tuple[Page, Outcome]]:
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
                todo="close other programs and run this page again with --jobs 1; in a script, call ins.run under "
                'if __name__ == "__main__":',
            )
            return Outcome(job.study, job.area, 0.0, reason=str(died))


def _pool(jobs: int) -> ProcessPoolExecutor:
    # spawn: the same on every system, and no thread of the parent is copied into a child. One order of sets for all.
    os.environ["PYTHONHASHSEED"] = "0"
    context = get_context("spawn")
    return ProcessPoolExecutor(max_workers=max(1, jobs), mp_context=context, initializer=_end_with_parent)


def _end_with_parent() -> None:
    """In a worker: end when the process that started it has died, which a pool's worker would not notice."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=watch, daemon=True).start()
