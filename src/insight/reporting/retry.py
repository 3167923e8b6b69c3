"""What the last run asked for, and which of its pages are still to be made: from the journal alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insight.errors import UsageError
from insight.reporting.journal import Journal


@dataclass(frozen=True)
class LastRequest:
    """The last run of an output folder, as far as it was not done.

    Parameters
    ----------
    request : mapping
        What was asked for, as it was given to ``run_batch``.
    pages : tuple of str
        The addresses, in the site, of the pages that failed, were interrupted or never finished, in the order asked;
        none where the last run made every page.
    """

    request: Mapping[str, Any]
    pages: tuple[str, ...]


def last_request(out: Path) -> LastRequest:
    """What the last run asked for, with the pages that it did not make.

    Raises
    ------
    UsageError
        If no run has written there, or its journal cannot be read.
    """
    try:
        events = Journal(out).last_run()
    except OSError as fault:
        raise UsageError(
            "looking for the last run",
            found=f"a journal that cannot be read: {fault.strerror or type(fault).__name__}",
            todo="name the pages with: insight run",
        ) from None
    if not events or not isinstance(events[0].get("request"), dict) or not _is_list_of_text(events[0].get("todo")):
        raise UsageError(
            "looking for the last run",
            found="none in this output folder",
            todo="name the pages with: insight run; or give the folder of the last run as --out",
        )
    done = {str(event.get("page")) for event in events if event["event"] == "page done"}
    left = tuple(href for href in events[0]["todo"] if href not in done)
    return LastRequest(events[0]["request"], left)


def _is_list_of_text(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(each, str) for each in found)
