"""What is asked of a worker and what it answers, as plain data that crosses a pipe as one line of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from insight.core.fingerprint import canonical

Kind = Literal["prepare", "page", "render"]
Isolation = Literal["fork", "kernel", "none"]
Status = Literal["done", "failed", "died", "timeout"]
ISOLATIONS: tuple[Isolation, ...] = get_args(Isolation)
_JOB_PATHS = ("notebook", "store", "root", "temporary", "results")
_OUTCOME_PATHS = ("html", "record", "results")


@dataclass(frozen=True)
class PageLimits:
    """What one page may use: seconds of a cell, seconds of the page, bytes above what a warm worker has (0: no end)."""

    cell_seconds: float = 600.0
    page_seconds: float = 1200.0
    memory_bytes: int = 4 * 1024**3


@dataclass(frozen=True)
class Job:
    """One piece of work, a pure function of what stands here and of the files it names.

    Parameters
    ----------
    kind : "prepare", "page" or "render"
        Compute what a study's pages share; execute and render a page; render it from stored results.
    notebook, store, root, temporary : Path
        On this machine; they reach no output. ``temporary`` is the only folder that may be written, beside the store's
        memory of shared results.
    key, execution_key : str
        SHA-256 of all that the page, or its results, are made from.
    data_hash : str
        SHA-256 of the declared inputs.
    inputs : tuple of str
        The store's files that the study declares, relative to the store.
    results : Path, optional
        Executed outputs that are already there; for "render".
    seed : int
        For the global generators, so that no two authorities share their numbers by chance of a fork.
    cell_seconds, page_seconds, memory_bytes
        See ``PageLimits``.
    name : str
        The page's name without its ending, where it is not the study's.
    """

    kind: Kind
    study: str
    area: str
    area_name: str
    region_name: str
    parameters: Mapping[str, Any]
    key: str
    execution_key: str
    data_hash: str
    notebook: Path
    store: Path
    root: Path
    temporary: Path
    inputs: tuple[str, ...] = ()
    results: Path | None = None
    seed: int = 0
    cell_seconds: float = PageLimits.cell_seconds
    page_seconds: float = PageLimits.page_seconds
    memory_bytes: int = PageLimits.memory_bytes
    name: str = ""

    def to_json(self) -> str:
        """One line."""
        return _line(asdict(self), _JOB_PATHS)

    @classmethod
    def from_json(cls, line: str) -> Job:
        """The job that a line says."""
        read = _read(line, _JOB_PATHS)
        return cls(**{**read, "inputs": tuple(read["inputs"])})


@dataclass(frozen=True)
class Outcome:
    """What became of a job: finished files in the temporary folder, or the reason why there are none.

    ``status`` is "died" where the process ended before it could answer (signal, lost worker), "timeout" where it was
    ended because of its time. ``reason`` is an error in words, with its code. ``cell`` counts code cells from 1.
    ``results`` are the executed outputs.
    """

    status: Status
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    html: Path | None = None
    record: Path | None = None
    results: Path | None = None
    reason: str = ""
    cell: int | None = None
    exception: str = ""
    signal: int | None = None
    stderr: str = field(default="", repr=False)

    @property
    def is_done(self) -> bool:
        """Whether the job gave what was asked."""
        return self.status == "done"

    def to_json(self) -> str:
        """One line."""
        return _line(asdict(self), _OUTCOME_PATHS)

    @classmethod
    def from_json(cls, line: str) -> Outcome:
        """The outcome that a line says."""
        return cls(**_read(line, _OUTCOME_PATHS))


class Crew(Protocol):
    """Those who do jobs: processes of this machine, or of a cluster."""

    @property
    def capacity(self) -> int:
        """Jobs that run at the same time; more may be submitted, they wait."""

    def submit(self, job: Job) -> Future[Outcome]:
        """Do a job; the future gives an outcome and never raises for a fault of the job."""

    def close(self) -> None:
        """End every worker and its children at once and wait until they are gone; may be called twice."""


def _line(content: dict[str, Any], paths: tuple[str, ...]) -> str:
    return canonical({**content, **{name: str(content[name]) if content[name] else None for name in paths}})


def _read(line: str, paths: tuple[str, ...]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(line)
    return {**read, **{name: Path(read[name]) for name in paths if read[name]}}
