"""One run in an output folder: look through, make, put in place, tell the journal, and end with index and manifest."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic
from typing import Any

from insight.core.fingerprint import Checksums, content_sha256
from insight.core.register import Register
from insight.core.whole import free_bytes
from insight.errors import FileTrouble, InsightError, UsageError
from insight.reporting.cache import Cache
from insight.reporting.folder import Entry, Site, study_of
from insight.reporting.job import Crew, Job, Outcome, PageLimits
from insight.reporting.journal import Event, Journal
from insight.reporting.plan import Page, notebook_of
from insight.reporting.result import Progress, Report, Result
from insight.reporting.schedule import Estimate, Schedule, Task
from insight.reporting.signals import undisturbed
from insight.reporting.site_freshness import Cards, Known
from insight.reporting.site_publish import Facts, publish

INTERRUPTED = "interrupted before it was made"
# Page, record and results together, where no page stands that could be measured.
_PAGE_BYTES = 400_000
_MEASURED = 50
_SAY_AGAIN = 0.25


@dataclass
class Making:
    """One run in a folder that it holds; the parameters are those of ``run_batch``."""

    pages: tuple[Page, ...]
    store: Path
    root: Path
    site: Site
    register: Callable[[], Register]
    data_hash: str
    is_sample: bool
    crew: Callable[[], Crew]
    report: Report
    request: Mapping[str, Any]
    limits: PageLimits = field(default_factory=PageLimits)
    releases: Known = field(default_factory=Cards)
    results: dict[str, Result] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.journal, self.cache = Journal(self.site.out), Cache(self.site.out)
        self.checksums = Checksums(self.site.hidden / "checksums.json")
        self.known = self.site.known()
        self._tasks: list[Task] = []
        self._count: Counter[str] = Counter()
        self._is_journaled = self._is_begun = False
        self._schedule: Schedule | None = None
        self._capacity = 1
        self._left: float | None = None
        self._left_at = float("-inf")

    @cached_property
    def temporary(self) -> Path:
        """Everything unfinished stands here, on the volume of the site, and for this user alone."""
        return Path(mkdtemp(prefix="run-", dir=self.site.hidden)).absolute()

    def run(self) -> bool:
        """Make what is not current; whether it was interrupted."""
        self._refuse_the_other_kind()
        self._sweep()
        trouble: Exception | None = None
        try:
            self._look_through()
            if self._tasks:
                self._make()
            else:
                self._say(None)
        except KeyboardInterrupt:
            self._end("run interrupted")
            return True
        except (InsightError, OSError) as fault:
            if not self._is_begun:
                raise
            trouble = fault
        if trouble is not None:
            # What can still be written is written; the fault that ended the run is the one to be told.
            with suppress(OSError):
                self._end("run interrupted", reason=str(trouble))
            raise trouble
        try:
            with undisturbed():
                self._end("run ended")
        except KeyboardInterrupt:
            return True
        return False

    def tidy(self) -> None:
        """Remove what was unfinished."""
        if "temporary" in self.__dict__:
            shutil.rmtree(self.temporary, ignore_errors=True)
        self.checksums.save()

    def _refuse_the_other_kind(self) -> None:
        if self.known.is_sample not in (None, self.is_sample):
            raise UsageError(
                "running into this output folder",
                found=f"pages of {'sample' if self.known.is_sample else 'real'} data",
                todo="choose another --out, so that invented and real figures never stand in one site",
            )

    def _sweep(self) -> None:
        """Remove what a killed run left: nothing under ``.insight/run-*`` was ever in place."""
        for leftover in self.site.hidden.glob("run-*"):
            if leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)

    def _look_through(self) -> None:
        """Settle the pages that are current; a task for each other one."""
        for page in self.pages:
            entry = self.known.pages.get(page.href)
            if self.site.is_current(page, entry, self.checksums):
                self.known.pages[page.href] = {**(entry or {}), "store_hash": self.data_hash}
                self.known.failed.pop(page.href, None)
                self.results[page.href] = Result(page, "kept")
                self._count["kept"] += 1
            else:
                self._tasks.append(self._task(page, len(self._tasks)))

    def _task(self, page: Page, number: int) -> Task:
        ready = self.cache.results(page.execution_key)
        job = Job(
            kind="render" if ready else "page",
            study=page.study,
            area=page.area,
            area_name=page.area_name,
            region_name=page.region,
            parameters=page.parameters,
            key=page.key,
            execution_key=page.execution_key,
            data_hash=page.data_hash,
            notebook=notebook_of(page.study, self.root).absolute(),
            store=self.store.absolute(),
            root=self.root.absolute(),
            temporary=self.temporary / str(number),
            inputs=page.inputs,
            results=ready.absolute() if ready else None,
            seed=page.seed,
            name=page.name,
            **asdict(self.limits),
        )
        # What pages share depends on all parameters but the area.
        common = {name: value for name, value in page.parameters.items() if value != page.area}
        return Task(page, job, shared="" if ready else content_sha256([page.study, common]))

    def _make(self) -> None:
        # From here on ``insight retry`` goes on with this run, even where there is no room or nobody to do the work;
        # pages are marked as not made only once somebody has begun with them.
        self.journal.write_all(self._beginning())
        self._is_journaled = True
        self._check_room()
        with closing(self.crew()) as crew:
            self._is_begun = True
            self._go_through(crew)

    def _go_through(self, crew: Crew) -> None:
        shared: dict[str, Job] = {}
        for task in self._tasks:
            if task.shared and task.shared not in shared:
                folder = self.temporary / f"shared-{len(shared)}"
                folder.mkdir()
                shared[task.shared] = replace(task.job, kind="prepare", temporary=folder)
        estimate = Estimate(self.journal.seconds())
        self._schedule = Schedule(self._tasks, shared, estimate, started=self._started, died=self._died)
        self._capacity = crew.capacity
        self._say(None)
        for task, outcome in self._schedule.outcomes(crew):
            if outcome.is_done:
                estimate.learn(task, outcome.seconds)
            self._settle(task, outcome)

    def _beginning(self) -> list[tuple[Event, dict[str, Any]]]:
        todo = [page.href for page in self.pages if page.href not in self.results]
        started: dict[str, Any] = {"pages": len(self.pages), "data_hash": self.data_hash, "todo": todo}
        return [
            ("run started", {**started, "request": dict(self.request)}),
            ("pages kept", {"count": self._count["kept"]}),
        ]

    def _check_room(self) -> None:
        """Refuse before anything runs where the disk cannot hold what will be made.

        Raises
        ------
        FileTrouble
            With the bytes that are free and those that are needed.
        """
        sizes = []
        for href in list(self.known.pages)[:_MEASURED]:
            with suppress(OSError):
                page = self.site.out / href
                sizes.append(page.stat().st_size + page.with_suffix(".json").stat().st_size)
        # The results of a page are about as large as the page.
        each = 2 * sum(sizes) // len(sizes) if sizes else _PAGE_BYTES
        needed, free = each * len(self._tasks), free_bytes(self.site.hidden)
        if free is not None and free < needed:
            pages = f"{len(self._tasks):,} pages" if len(self._tasks) > 1 else "one page"
            raise FileTrouble(
                "looking for room in the output folder",
                found=f"{free:,} bytes are free; {pages} may need {needed:,} bytes",
                todo="make room, or choose another --out; then run it again",
            )

    def _started(self, task: Task) -> None:
        shutil.rmtree(task.job.temporary, ignore_errors=True)
        # On Windows or a share, what a killed process held open may still stand there.
        task.job.temporary.mkdir(exist_ok=True)
        # Without waiting for the disk: a page that is not known to have ended was not made, however far it came.
        self.journal.write("page started", durable=False, page=task.page.href, attempts=task.attempts)

    def _died(self, task: Task, outcome: Outcome) -> None:
        facts: dict[str, Any] = {"status": outcome.status, "signal": outcome.signal, "exception": outcome.exception}
        self.journal.write("page warned", page=task.page.href, reason="its process died; tried once more", **facts)

    def _settle(self, task: Task, outcome: Outcome) -> None:
        """Put what was made in place and tell the journal; a page that cannot be put there fails alone."""
        page, made = task.page, "executed" if task.job.kind == "page" else "rendered"
        with undisturbed():
            warnings = self._keep_results(page, outcome)
            entry, outcome = self._put(page, outcome)
            facts = _facts(task, outcome)
            events: list[tuple[Event, dict[str, Any]]]
            if outcome.is_done and entry is not None:
                self.known.pages[page.href] = entry
                self.known.failed.pop(page.href, None)
                events = [("page done", {**facts, **entry, "made": made})]
            else:
                self._say_failed(page, outcome.reason)
                events = [("page failed", {**facts, "key": page.key, "made": made, "reason": outcome.reason})]
            events += [("page warned", {"page": page.href, **warning}) for warning in warnings]
            status = "failed" if not outcome.is_done else "done" if made == "executed" else "rendered"
            self.results[page.href] = Result(
                page,
                status,  # type: ignore[arg-type]  # one of the three
                outcome.seconds,
                "" if outcome.is_done else outcome.reason,
                outcome.cpu_seconds,
                outcome.peak_bytes,
                task.attempts,
            )
            self._count[status] += 1
            self.journal.write_all(events)
            shutil.rmtree(task.job.temporary, ignore_errors=True)
        self._say(self.results[page.href])

    def _keep_results(self, page: Page, outcome: Outcome) -> list[dict[str, str]]:
        """Results first: a page that was cut off between here and its place is rendered next time, not executed."""
        warnings = [{"stderr": outcome.stderr}] if outcome.stderr else []
        if outcome.results is not None:
            try:
                self.cache.keep(page.execution_key, outcome.results)
            except OSError as fault:
                warnings.append({"reason": str(FileTrouble.of(f"keeping the results of {page.href}", fault))})
        return warnings

    def _put(self, page: Page, outcome: Outcome) -> tuple[Entry | None, Outcome]:
        if not outcome.is_done:
            return None, outcome
        try:
            entry = self.site.put(page, outcome, store_hash=self.data_hash)
        except OSError as fault:
            trouble: InsightError = FileTrouble.of(f"putting {page.href} in place", fault)
            return None, replace(outcome, status="failed", reason=str(trouble))
        except InsightError as error:
            return None, replace(outcome, status="failed", reason=str(error))
        with suppress(OSError):
            self.cache.keep_parts(page.key, page.parts)
        return entry, outcome

    def _say_failed(self, page: Page, reason: str) -> None:
        """The last good page with a notice, or a plain page; where neither can be written, what stands stays."""
        self.known.failed[page.href] = reason
        entry = self.known.pages.get(page.href)
        try:
            entry = self.site.say_failed(page, entry, reason, is_sample=self.is_sample, made_in=self.temporary)
        except OSError:
            entry = {**entry, "notice": True} if entry else None
        if entry is None:
            self.known.pages.pop(page.href, None)
        else:
            self.known.pages[page.href] = entry

    def _end(self, event: Event, **facts: str) -> None:
        """Index, manifest, and the journal's last word; what had no turn is listed as not made."""
        beginning = [] if self._is_journaled else self._beginning()
        missing = [page for page in self.pages if page.href not in self.results]
        self.results |= {page.href: Result(page, "failed", reason=INTERRUPTED) for page in missing}
        if self._is_begun:
            # Else nobody knows yet which of these pages are current, so nothing is said of them.
            self.known.failed |= {page.href: INTERRUPTED for page in missing}
        self._forget_what_is_gone()
        self._know_what_is_of_these_data()
        publish(self.site, self.known, self._facts(), made_in=lambda: self.temporary, checksums=self.checksums)
        if event == "run ended" and self._tasks:
            # Results of pages that failed are kept: what they lack may be the page alone.
            standing = self.known.pages.values()
            executed = {entry["execution_key"] for entry in standing} | {page.execution_key for page in self.pages}
            self.cache.sweep(executed, {entry["key"] for entry in standing})
        failed = sum(result.status == "failed" for result in self.results.values())
        self.journal.write_all([*beginning, (event, {"failed": failed, **facts})])

    def _facts(self) -> Facts:
        def made_from() -> Mapping[str, Any]:
            from insight.reporting.site_made_from import made_from

            return made_from(store=self.store, root=self.root, studies={study_of(href) for href in self.known.pages})

        return Facts(self.data_hash, self.is_sample, self.register, made_from, self.releases)

    def _forget_what_is_gone(self) -> None:
        """A page that was not asked for, and that somebody has removed, leaves index and manifest."""
        asked = {page.href for page in self.pages}
        self.known.pages = {
            href: entry for href, entry in self.known.pages.items() if href in asked or (self.site.out / href).is_file()
        }

    def _know_what_is_of_these_data(self) -> None:
        """A page that was not asked for is of these data too where its study's inputs have not changed."""
        now: dict[str, set[str]] = {}
        for page in self.pages:
            now.setdefault(page.study, set()).add(page.data_hash)
        for href, entry in self.known.pages.items():
            if entry["data_hash"] and entry["data_hash"] in now.get(study_of(href), ()):
                self.known.pages[href] = {**entry, "store_hash": self.data_hash}

    def _say(self, result: Result | None) -> None:
        count = self._count
        if self._schedule is not None and monotonic() - self._left_at > _SAY_AGAIN:
            self._left = self._schedule.seconds_left(self._capacity)
            self._left_at = monotonic()
        made = count["done"] + count["rendered"]
        self.report(Progress(result, made, count["kept"], count["failed"], len(self.pages), self._left))


def _facts(task: Task, outcome: Outcome) -> dict[str, Any]:
    """What the journal says of a page that has come to an end."""
    return {
        "page": task.page.href,
        "status": outcome.status,
        "seconds": round(outcome.seconds, 3),
        "cpu_seconds": round(outcome.cpu_seconds, 3),
        "peak_bytes": outcome.peak_bytes,
        "cell": outcome.cell,
        "exception": outcome.exception,
        "signal": outcome.signal,
        "attempts": task.attempts,
    }
