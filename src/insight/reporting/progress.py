"""What a batch says while it runs: a bar on a terminal, plain lines without one, JSON for programs.

No reporter can fail a batch: a character that the console lacks is escaped, and a reader who has gone is not missed.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from insight.errors import InsightError
    from insight.reporting.batch import Batch
    from insight.reporting.result import Progress, Result

STATUSES = ("done", "rendered", "kept", "failed")
MANIFEST = "manifest.json"
LISTED = 20
"""Failures that the closing words list; each was said when it happened, and the index of the site names all."""
REDRAWS = 2
"""Redraws of the bar in a second."""

# Whole sequences first (colours, titles, links), so that nothing of them is left; then every other control character.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b.?"
)


def printable(text: str) -> str:
    """Text without terminal escape codes or control characters, whatever a file put into a name; lines stay lines."""
    return "".join(mark for mark in _ESCAPES.sub("", text) if mark.isprintable() or mark in "\n\t")


def one_line(text: str) -> str:
    """A text on one line, for places where a second line would look like another message."""
    return " ".join(printable(text).split())


def time_left(seconds: float) -> str:
    """A rough time in words: nobody plans by the second, and a number that jumps is not believed."""
    if seconds < 50:
        return f"about {max(5, round(seconds / 5) * 5)} seconds left"
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return f"about {minutes} minute{'s' if minutes > 1 else ''} left"
    return f"about {seconds / 3600:.1f} hours left"


class Voice:
    """A stream that never fails: what its encoding lacks is escaped, and once nobody reads it falls silent."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.is_heard = True

    @property
    def encoding(self) -> str:
        """The stream's own."""
        return self._stream.encoding or "ascii"

    def isatty(self) -> bool:
        """Whether a person looks at it."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The stream's own descriptor."""
        return self._stream.fileno()

    def write(self, text: str) -> int:
        """Write what can be written; gives the length of the whole text."""
        if self.is_heard:
            try:
                self._stream.write(text.encode(self.encoding, "backslashreplace").decode(self.encoding))
            except (OSError, ValueError):
                self._fall_silent()
        return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        if self.is_heard:
            try:
                self._stream.flush()
            except (OSError, ValueError):
                self._fall_silent()

    def say(self, text: str = "") -> None:
        """One line or several, handed on at once, without escape codes."""
        self.write(f"{printable(text)}\n")
        self.flush()

    def _fall_silent(self) -> None:
        self.is_heard = False
        # What is still buffered would fail once more, loudly, when the interpreter ends.
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


class Reporter(Protocol):
    """Hears of every page as it is settled, and of the batch at its end."""

    def __call__(self, progress: Progress) -> None:
        """A page was settled, or time has passed."""

    def close(self) -> None:
        """Give the terminal back; may be called twice."""

    def finish(self, batch: Batch) -> None:
        """The closing words; after ``close``."""

    def refuse(self, error: InsightError) -> None:
        """The batch did not begin, or broke off; the words themselves are the command's."""


def choose(*, as_json: bool, site: str, resume: str) -> Reporter:
    """The reporter for this console.

    Parameters
    ----------
    as_json : bool
        One JSON object per line on standard output, all words on standard error.
    site : str
        The output folder as the user gave it.
    resume : str
        The command that goes on where this run ends.
    """
    if as_json:
        return JsonLines(sys.stdout, Voice(sys.stderr), site=site, resume=resume)
    voice = Voice(sys.stdout)
    if voice.isatty() and os.environ.get("TERM") not in ("dumb", "unknown"):
        return Bar(voice, site=site, resume=resume)
    return Lines(voice, site=site, resume=resume)


class Lines:
    """One plain line per page that was made or failed; those that stay as they are share one line."""

    def __init__(self, voice: Voice, *, site: str, resume: str) -> None:
        self._voice, self._site, self._resume = voice, site, resume
        self._has_begun = False

    def __call__(self, progress: Progress) -> None:
        if not self._has_begun and _has_work(progress):
            self._has_begun = True
            self._voice.say(_beginning(progress))
        if progress.result is not None and progress.result.status != "kept":
            self._voice.say(_line(progress, progress.result))

    def close(self) -> None:
        """Nothing to put away."""

    def finish(self, batch: Batch) -> None:
        """What was made, what was not and why, the command that goes on, and where the site is."""
        for line in closing_words(batch, site=self._site, resume=self._resume):
            self._voice.say(line)

    def refuse(self, error: InsightError) -> None:
        """Nothing to add."""


class Bar(Lines):
    """One bar for the batch, and each failure as a line above it.

    A run that finds nothing to do draws nothing and loads nothing.
    """

    _bar: RichProgress | None = None
    _task: TaskID

    def __call__(self, progress: Progress) -> None:
        result = progress.result
        if self._bar is None:
            if not _has_work(progress):
                return
            self._bar = self._begin(progress)
        self._bar.update(self._task, total=progress.of, completed=_settled(progress), facts=_facts(progress))
        if result is not None and result.status == "failed":
            line = printable(_line(progress, result))
            self._bar.console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def close(self) -> None:
        """Give the terminal back."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _begin(self, progress: Progress) -> RichProgress:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as RichProgress

        columns = (TextColumn("pages"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[facts]}"))
        # A voice has all that a console asks of a stream.
        console = Console(file=self._voice)  # type: ignore[arg-type]
        bar = RichProgress(
            *columns, console=console, refresh_per_second=REDRAWS, redirect_stdout=False, redirect_stderr=False
        )
        self._task = bar.add_task("pages", total=progress.of, facts="")
        bar.start()
        return bar


class JsonLines:
    """One JSON object per line for each page, a summary last; nothing else reaches standard output.

    Whatever else this process or its workers write to standard output goes to standard error until ``close``.
    """

    def __init__(self, stream: TextIO, voice: Voice, *, site: str, resume: str) -> None:
        self._voice, self._site, self._resume = voice, site, resume
        self._told: set[str] = set()
        self._stream, self._own = stream, _set_apart(stream)
        self._out = Voice(self._own or stream)

    def __call__(self, progress: Progress) -> None:
        # Pages that stay are told at the end, together: a program waits for those that change.
        if progress.result is not None and progress.result.status != "kept":
            self._page(progress.result)

    def close(self) -> None:
        """Nothing to give back before the closing words."""

    def finish(self, batch: Batch) -> None:
        """Pages not yet told of, then the summary; the closing words on standard error."""
        for result in batch.results:
            if result.page.href not in self._told:
                self._page(result)
        counts = Counter[str](result.status for result in batch.results)
        self._tell(
            event="summary",
            pages=len(batch.results),
            **{status: counts[status] for status in STATUSES},
            interrupted=batch.interrupted,
            exit_code=batch.exit_code,
            site=printable(self._site),
            manifest=MANIFEST,
        )
        self._end()
        for line in closing_words(batch, site=self._site, resume=self._resume):
            self._voice.say(line)

    def refuse(self, error: InsightError) -> None:
        """The error as an object; its words go to standard error."""
        words = {"asked": error.asked, "found": error.found, "next": error.todo}
        said = {name: printable(text) for name, text in words.items()}
        self._tell(event="error", code=error.code, exit_code=error.exit_code, **said)
        self._end()

    def _page(self, result: Result) -> None:
        self._told.add(result.page.href)
        self._tell(
            event="page",
            area=result.page.area,
            study=result.page.study,
            page=result.page.href,
            status=result.status,
            seconds=round(result.seconds, 3),
            cpu_seconds=round(result.cpu_seconds, 3),
            peak_bytes=result.peak_bytes,
            attempts=result.attempts,
            reason=printable(result.reason),
        )

    def _tell(self, **facts: object) -> None:
        self._out.write(json.dumps(facts) + "\n")
        self._out.flush()

    def _end(self) -> None:
        """Give standard output back."""
        if self._own is not None:
            os.dup2(self._own.fileno(), self._stream.fileno())
            self._own.close()
            self._own = None
            self._out = Voice(self._stream)


def _set_apart(stream: TextIO) -> TextIO | None:
    """A stream of our own to where standard output leads, while descriptor 1 leads to standard error."""
    try:
        if stream.fileno() != 1:
            return None
        stream.flush()
        own = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
        os.dup2(2, 1)
    except (OSError, ValueError):
        return None
    return own


def closing_words(batch: Batch, *, site: str, resume: str) -> Iterator[str]:
    """What was made, what was not and why, the command that goes on, and where the site is; line by line."""
    counts = Counter[str](result.status for result in batch.results)
    stopped = [result for result in batch.failures if _was_stopped(batch, result)]
    failed = [result for result in batch.failures if not _was_stopped(batch, result)]
    again = f", {counts['rendered']:,} rendered again" if counts["rendered"] else ""
    end = f", {len(stopped):,} not made" if stopped else ""
    yield f"{counts['done']:,} made{again}, {counts['kept']:,} unchanged, {len(failed):,} failed{end}"
    if batch.taken_away:
        yield from batch.taken_away.lines
    if failed:
        yield "\nFailed:"
        for result in failed[:LISTED]:
            yield f"  {result.page.area}  {one_line(result.page.area_name)}  {result.page.study}"
            yield from (f"      {line.strip()}" for line in printable(result.reason).splitlines())
        if len(failed) > LISTED:
            yield f"  and {len(failed) - LISTED:,} more; the index of the site names every one"
    if batch.interrupted:
        yield f"\nstopped; resume with: {resume}"
    elif failed:
        yield f"\nTo run {'these' if len(failed) > 1 else 'this'} again:\n  {resume}"
    yield f"site: {os.path.join(site, 'index.html')}"  # noqa: PTH118 - the words that the user gave


def _was_stopped(batch: Batch, result: Result) -> bool:
    """Whether a page is missing only because the run was stopped before its turn or its end."""
    return batch.interrupted and result.reason.startswith("interrupted")


def _has_work(progress: Progress) -> bool:
    """Whether a page was made or failed, or, once those that stay are counted, is still to be made."""
    if progress.result is None:
        return _settled(progress) < progress.of
    return progress.result.status != "kept"


def _settled(progress: Progress) -> int:
    return progress.done + progress.kept + progress.failed


def _beginning(progress: Progress) -> str:
    """How much there is to do, said once."""
    todo = "1 page to make" if progress.of == 1 else f"{progress.of:,} pages to make"
    if progress.kept:
        todo = f"{progress.kept:,} of {progress.of:,} pages unchanged, {progress.of - progress.kept:,} to make"
    return todo + (f", {time_left(progress.seconds_left)}" if progress.seconds_left is not None else "")


def _facts(progress: Progress) -> str:
    """What stands beside the bar."""
    facts = [f"{progress.failed:,} failed"] if progress.failed else []
    facts += [f"{progress.kept:,} unchanged"] if progress.kept else []
    if progress.seconds_left is not None and _settled(progress) < progress.of:
        facts.append(time_left(progress.seconds_left))
    return ", ".join(facts)


def _line(progress: Progress, result: Result) -> str:
    page = result.page
    reason = result.reason.partition("\n")[0]
    what = f"[{_settled(progress)}/{progress.of}] {result.status:8} {page.area} {page.area_name}, {page.study}"
    return one_line(f"{what} ({result.seconds:.1f} s)" + (f": {reason}" if reason else ""))
