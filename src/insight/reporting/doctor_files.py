"""What lies in the raw folder that a build or a fetch should know of: open files, and downloads that were stopped."""

from __future__ import annotations

import os
from pathlib import Path

from insight.reporting.doctor import PYTHON, Check


def open_files(folder: Path, *, is_windows: bool = os.name == "nt") -> Check:
    """Files that a spreadsheet program seems to have open: on Windows nobody else may read those."""
    found = sorted(path.name for path in folder.rglob("*") if path.name.startswith(("~$", ".~lock.")))
    if not found:
        return Check("open files", True, "no spreadsheet program has one of the raw files open")
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    words = f"a spreadsheet program seems to have {len(found)} open: {', '.join(found[:3])}{more}"
    mend = "close them there; if no such program runs, delete these marks"
    return Check("open files", False, words, mend) if is_windows else Check("open files", True, f"{words}; {mend}")


def unfinished(*folders: Path) -> Check:
    """Downloads that were stopped."""
    parts = {path for folder in folders for path in folder.glob(".fetching-*") if path.name != ".fetching-lock"}
    count = sum(path.suffix not in (".json", ".whole") and path.stat().st_size > 0 for path in parts)
    found = f"{count} to go on with: {PYTHON} -m insight fetch" if count else "none unfinished"
    return Check("downloads", True, found)
