"""Who does what next: the longest first, what pages share before the pages, one more try for those that died."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace

from insight.errors import InsightError, ProcessDied
from insight.reporting.folder import study_of
from insight.reporting.job import Crew, Job, Outcome
from insight.reporting.plan import Page

# Windows does not let Ctrl-C interrupt a wait, so no wait is long.
_LOOK_UP = 0.25
_TRIES = 2


@dataclass
class Task:
    """A page to make, and how far that has come."""

    page: Page
    job: Job
    shared: str = ""
    """Names the preparation that it needs; empty where it needs none."""
    attempts: int = 0


@dataclass
class Estimate:
    """How long pages take: as they took before, else as their study does on average, else as all do.

    Parameters
    ----------
    past : mapping
        Seconds by the page's address.
    """

    past: Mapping[str, float]
    _means: dict[str, tuple[float, int]] = field(default_factory=dict)
    _took: float = 0.0
    _thought: float = 0.0

    def __post_init__(self) -> None:
        for href, seconds in self.past.items():
            self._add(study_of(href), seconds)

    def of(self, task: Task) -> float | None:
        """Seconds of one page; None where nothing like it has been timed."""
        if task.job.kind == "page" and task.page.href in self.past:
            return self.past[task.page.href]
        total, number = self._means.get(_kind(task)) or self._means.get("", (0.0, 0))
        return total / number if number else None

    def learn(self, task: Task, seconds: float) -> None:
        """Take in what a page has really taken."""
        expected = self.of(task)
        if expected:
            self._took, self._thought = self._took + seconds, self._thought + expected
        self._add(_kind(task), seconds)

    def left(self, tasks: Iterable[Task], capacity: int) -> float | None:
        """Seconds until these are done; None where that is not known."""
        expected = [self.of(task) for task in tasks]
        known = [seconds for seconds in expected if seconds is not None]
        if len(known) < len(expected):
            return None
        # A slow hour slows every page alike.
        pace = min(4.0, max(0.25, self._took / self._thought)) if self._thought > 0 else 1.0
        return sum(known) / max(1, capacity) * pace

    def _add(self, kind: str, seconds: float) -> None:
        for name in (kind, ""):
            total, number = self._means.get(name, (0.0, 0))
            self._means[name] = (total + seconds, number + 1)


class Schedule:
    """Gives tasks to a crew, and outcomes back as they come.

    Parameters
    ----------
    tasks : sequence of Task
        The pages to make.
    shared : mapping
        The preparations that tasks name, each once.
    estimate : Estimate
    started : callable
        Called when a page is given to the crew.
    died : callable
        Called when the process of a page has died and the page will be tried once more.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        shared: Mapping[str, Job],
        estimate: Estimate,
        *,
        started: Callable[[Task], None],
        died: Callable[[Task, Outcome], None],
    ) -> None:
        order = {id(task): number for number, task in enumerate(tasks)}
        self.waiting = sorted(tasks, key=lambda task: (-(estimate.of(task) or 0.0), order[id(task)]))
        work: dict[str, float] = {}
        for task in tasks:
            work[task.shared] = work.get(task.shared, 0.0) + (estimate.of(task) or 1.0)
        self._shared = sorted(((name, job) for name, job in shared.items()), key=lambda item: -work.get(item[0], 0.0))
        self._not_ready = set(shared)
        self._again: list[Task] = []
        self._estimate = estimate
        self._started, self._died = started, died
        self._running: dict[Future[Outcome], Task | str] = {}

    @property
    def unfinished(self) -> list[Task]:
        """Pages that have no outcome yet."""
        running = [item for item in self._running.values() if isinstance(item, Task)]
        return [*running, *self.waiting, *self._again]

    def seconds_left(self, capacity: int) -> float | None:
        """Expected until every page has an outcome; None where that is not known."""
        return self._estimate.left(self.unfinished, capacity)

    def outcomes(self, crew: Crew) -> Iterator[tuple[Task, Outcome]]:
        """Every page with its outcome, in the order in which they come.

        Raises
        ------
        InsightError
            If the crew as a whole cannot go on.
        """
        while True:
            self._give(crew)
            if not self._running:
                return
            finished, _ = wait(self._running, timeout=_LOOK_UP, return_when=FIRST_COMPLETED)
            # In the order in which they were given, so that equal runs go alike.
            for future in [each for each in self._running if each in finished]:
                item = self._running.pop(future)
                outcome = _outcome(future)
                if isinstance(item, str):
                    # Where a preparation failed, each page meets the same fault and says so in its own name.
                    self._not_ready.discard(item)
                    continue
                if outcome.status == "died" and item.attempts < _TRIES:
                    self._again.append(item)
                    self._died(item, outcome)
                    continue
                yield item, _in_words(item, outcome)

    def _give(self, crew: Crew) -> None:
        # One more than can run, so that nobody waits for us; not all, so that an interruption has little to undo.
        while len(self._running) <= crew.capacity + crew.capacity // 4:
            if self._shared:
                name, job = self._shared.pop(0)
                self._running[crew.submit(job)] = name
                continue
            task = self._next()
            if task is None:
                return
            task.attempts += 1
            self._started(task)
            self._running[crew.submit(task.job)] = task

    def _next(self) -> Task | None:
        for number, task in enumerate(self.waiting):
            if task.shared not in self._not_ready:
                return self.waiting.pop(number)
        # A page whose process died runs last and alone: what killed it cannot take another with it, and what it died of
        # may have been the company.
        return self._again.pop(0) if self._again and not self._running and not self.waiting else None


def _kind(task: Task) -> str:
    return task.page.study if task.job.kind == "page" else f"{task.job.kind} {task.page.study}"


def _outcome(future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except InsightError:
        raise
    except Exception as fault:  # noqa: BLE001 - a crew that breaks its word costs this page, not the batch
        return Outcome("died", exception=type(fault).__name__)


def _in_words(task: Task, outcome: Outcome) -> Outcome:
    if outcome.status != "died":
        return outcome
    if outcome.reason:
        # Those who watched the process know more of its end than a signal says.
        return replace(outcome, reason=outcome.reason.replace("found: ", "found: twice, ", 1))
    how = f"was ended by signal {outcome.signal}" if outcome.signal else "ended before it could answer"
    died = ProcessDied(
        f"making {task.page.study} for {task.page.area_name}",
        found=f"its process {how}, twice; too little memory is the usual reason",
        todo="close other programs, then run: insight retry --jobs 1",
    )
    return replace(outcome, reason=str(died))
