"""Many pages: kept, rendered or executed, each put in place whole, none lost by another's failure."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from insight.core.described import Described, Description
from insight.core.register import Register
from insight.errors import DisclosureBlocked, FileTrouble
from insight.reporting.folder import Site
from insight.reporting.job import Crew, PageLimits
from insight.reporting.lock import held
from insight.reporting.making import Making
from insight.reporting.plan import Page
from insight.reporting.result import Progress, Report, Result, ResultStatus
from insight.reporting.site_files import TakenAway
from insight.reporting.site_freshness import Cards, Known

__all__ = ["Batch", "Progress", "Report", "Result", "ResultStatus", "run_batch"]


@dataclass(frozen=True, repr=False)
class Batch(Described):
    """Every page that was asked for, in the order asked.

    ``resume`` is the command that makes what is missing, empty where nothing is. ``taken_away`` are the workbooks and
    PDFs that were removed because pages of theirs have changed, and those that could not be.
    """

    out: Path
    results: tuple[Result, ...]
    interrupted: bool = field(default=False)
    resume: str = ""
    taken_away: TakenAway = TakenAway()  # noqa: RUF009 - frozen

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
        facts += tuple(("further files", line) for line in self.taken_away.lines)
        count = {each: sum(r.status == each for r in self.results) for each in ("done", "rendered", "kept", "failed")}
        again = f", {count['rendered']} rendered again" if count["rendered"] else ""
        title = f"{count['done']} pages made{again}, {count['kept']} unchanged, {count['failed']} failed"
        return Description(title, facts, note=f"next: {self.resume}" if self.resume else None)


def run_batch(
    pages: Sequence[Page],
    *,
    store: Path,
    root: Path,
    out: Path,
    register: Callable[[], Register],
    data_hash: str,
    is_sample: bool,
    crew: Callable[[], Crew],
    request: Mapping[str, Any] | None = None,
    report: Report = lambda progress: None,
    limits: PageLimits = PageLimits(),  # noqa: B008 - frozen
    releases: Known = Cards(),  # noqa: B008 - frozen
) -> Batch:
    """Make the pages that are not current, then index and manifest.

    Parameters
    ----------
    register, crew : callables
        Asked for only if something is to be made.
    data_hash : str
        SHA-256 of all data in the store.
    is_sample : bool
        Whether the store is of invented data.
    request : mapping, optional
        What was asked for, in plain JSON, for ``insight retry``; ``flags``, a list of words, go with its command.
    limits : PageLimits
        What one page may use.
    releases : known releases
        Which releases of the sources there are, so that pages of old figures say that they are.
    report : callable
        Called once when the kept pages are known, then after each page that was made or failed.

    Raises
    ------
    FolderHeld
        If another run holds the folder.
    UsageError
        If the folder cannot be written, or it holds pages of the other kind (sample or real).
    FileTrouble
        If the disk fills up where no page can go on; finished pages are kept.
    InsightError
        If the crew as a whole cannot go on; finished pages are kept.
    """
    asked = dict(request or {})
    with held(out):
        try:
            making = Making(
                tuple(pages),
                store,
                root,
                Site(out),
                register,
                data_hash,
                is_sample,
                crew,
                report,
                asked,
                limits,
                releases,
            )
            try:
                is_interrupted = making.run()
            finally:
                making.tidy()
        except OSError as fault:
            raise FileTrouble.of("writing into the output folder", fault) from None
    results = tuple(making.results[page.href] for page in making.pages)
    is_whole = not is_interrupted and all(result.status != "failed" for result in results)
    resume = "" if is_whole else _retry(asked)
    return Batch(out, results, is_interrupted, resume, TakenAway.by(making.known))


def _retry(request: Mapping[str, Any]) -> str:
    flags = request.get("flags")
    words = ["python", "-m", "insight", "retry", *(map(str, flags) if isinstance(flags, list | tuple) else ())]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
