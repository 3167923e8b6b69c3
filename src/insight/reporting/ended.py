"""Words for what ended a page. Nothing heavy is imported here."""

from __future__ import annotations

import hashlib
import signal
import traceback
from pathlib import Path

from insight.errors import ProcessDied, TimedOut, UnexpectedError
from insight.reporting.job import Job, Outcome

_TODO = "close other programs, then run: insight retry --jobs 1"


def called(job: Job) -> str:
    """What a job makes, in words."""
    return f"{job.study} for {job.area_name}"


def died(job: Job, code: int) -> Outcome:
    """The outcome of a job whose process ended with a code; a negative one is a signal."""
    number = -code if code < 0 else None
    how = f"was ended by signal {number}" if number else f"ended with code {code} before it had answered"
    if number == getattr(signal, "SIGKILL", 9):
        how += f"; too little memory is the usual reason ({given(job)})"
    reason = ProcessDied(f"making {called(job)}", found=f"its process {how}", todo=_TODO)
    return Outcome("died", reason=str(reason), signal=number)


def late(job: Job) -> Outcome:
    """The outcome of a job whose process was ended because of its time."""
    return Outcome("timeout", reason=str(timed_out(job, None, is_cell=False)))


def timed_out(job: Job, cell: int | None, *, is_cell: bool) -> TimedOut:
    """The words for a cell, or a page, that ran for longer than it may."""
    what, seconds = ("cell", job.cell_seconds) if is_cell else ("page", job.page_seconds)
    return TimedOut(
        f"running cell {cell} of {called(job)}" if cell else f"running {called(job)}",
        found=f"a {what} that ran for over {seconds:g} seconds",
        todo="run this page again, and open the notebook in JupyterLab if it happens twice",
    )


def kernel_died(job: Job) -> ProcessDied:
    """The words for a kernel that ended, whose end papermill alone would call completed."""
    return ProcessDied(
        f"running {called(job)}",
        found="the kernel died before the notebook ended; too little memory is the usual reason",
        todo=_TODO,
    )


def unexpected(job: Job, error: BaseException) -> UnexpectedError:
    """A fault in words: its kind and a fingerprint of where it happened, but not its message, which may hold data."""
    places = [f"{Path(frame.filename).name}:{frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    fingerprint = hashlib.sha256("|".join([type(error).__name__, *places]).encode()).hexdigest()[:12]
    return UnexpectedError(
        f"making {called(job)}",
        found=f"an unexpected {type(error).__name__} in {places[-1] if places else 'no known place'} ({fingerprint})",
        todo="open the notebook in JupyterLab with the same parameters to see it, and report the fingerprint",
    )


def out_of_memory(job: Job) -> ProcessDied:
    """The words for a job that wanted more memory than there is, with the sizes of what it was given."""
    limit = f" or a page may have ({size(job.memory_bytes)})" if job.memory_bytes else ""
    return ProcessDied(
        f"making {called(job)}", found=f"more memory wanted than there is{limit}; {given(job)}", todo=_TODO
    )


def given(job: Job) -> str:
    """How large the notebook and the declared inputs are."""
    inputs = sum(_bytes_of(job.store / name) for name in job.inputs)
    return f"the notebook has {size(_bytes_of(job.notebook))}, its declared inputs {size(inputs)}"


def size(count: int) -> str:
    """A number of bytes, short.

    >>> size(1_234_567)
    '1.2 MB'
    """
    for unit, of in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= of:
            return f"{count / of:.1f} {unit}"
    return f"{count} bytes"


def _bytes_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
