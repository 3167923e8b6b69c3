"""What programs and libraries print past Python, kept from the terminal and from the worker's answers."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

NAMES = {1: "stdout", 2: "stderr"}


class Descriptors:
    """Files that stand in for the descriptors 1 and 2, and how far each has been read."""

    def __init__(self, files: dict[int, BinaryIO]) -> None:
        self._files = files
        self._read = dict.fromkeys(files, 0)

    def taken(self, limit: int) -> Iterator[tuple[str, str]]:
        """What came since the last time, as pairs of stream and text; of each at most ``limit`` bytes and one."""
        for number, file in self._files.items():
            size = os.fstat(file.fileno()).st_size
            if size > self._read[number]:
                file.seek(self._read[number])
                text = file.read(min(limit + 1, size - self._read[number])).decode("utf-8", errors="replace")
                # The writer stands at the file's end, wherever we have read; so the file is emptied for both.
                file.truncate(0)
                self._read[number] = 0
                yield NAMES[number], text


@contextmanager
def redirected(folder: Path) -> Iterator[Descriptors]:
    """Descriptors 1 and 2 lead into files in a folder for a while; where they are closed, nothing is redirected."""
    with ExitStack() as stack:
        files: dict[int, BinaryIO] = {}
        for number in NAMES:
            try:
                saved = os.dup(number)
            except OSError:
                continue
            file = stack.enter_context(tempfile.TemporaryFile(dir=folder))
            # Writes always go to the end, so that emptying the file leaves no hole.
            _append(file)
            os.dup2(file.fileno(), number)
            stack.callback(_restore, number, saved)
            files[number] = file
        yield Descriptors(files)


def _append(file: object) -> None:
    if sys.platform != "win32":
        import fcntl

        number = file.fileno()  # type: ignore[attr-defined]
        fcntl.fcntl(number, fcntl.F_SETFL, fcntl.fcntl(number, fcntl.F_GETFL) | os.O_APPEND)


def _restore(number: int, saved: int) -> None:
    os.dup2(saved, number)
    os.close(saved)
