"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

UNFINISHED = ".unfinished-"
_TRIES = 5


def write_whole(path: Path, data: bytes) -> None:
    """Put a file in place in one step: written beside it, flushed to the disk, then renamed.

    The old file stays until the new one is complete, and stays if anything fails.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=UNFINISHED, dir=path.parent)
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _replace(made, path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


def _replace(made: Path, path: Path) -> None:
    # Windows refuses while another program reads the old file; it is read in milliseconds, so waiting helps.
    for attempt in range(_TRIES):
        try:
            made.replace(path)
        except PermissionError:
            if attempt == _TRIES - 1:
                raise
            time.sleep(0.05 * 2**attempt)
        else:
            return
