"""What became of each page, and how far a batch has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from insight.reporting.plan import Page

ResultStatus = Literal["done", "rendered", "kept", "failed"]


@dataclass(frozen=True)
class Result:
    """One page of a batch and what became of it.

    Parameters
    ----------
    status : "done", "rendered", "kept" or "failed"
        Done: executed. Rendered: made from results that were there. Kept: nothing had changed.
    seconds, cpu_seconds : float
    peak_bytes : int
        Memory of the process that made it.
    reason : str
        Why it failed, in words.
    attempts : int
        How often it was begun.
    """

    page: Page
    status: ResultStatus
    seconds: float = 0.0
    reason: str = ""
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    attempts: int = 0


@dataclass(frozen=True)
class Progress:
    """How far a batch has come.

    Parameters
    ----------
    result : Result, optional
        The page that was settled just now; none at the start, when all kept pages are counted at once.
    done, kept, failed, of : int
        Pages; ``done`` counts executed and rendered ones.
    seconds_left : float, optional
        Expected until the end; none where nothing is known.
    """

    result: Result | None
    done: int
    kept: int
    failed: int
    of: int
    seconds_left: float | None = None


Report = Callable[[Progress], None]
