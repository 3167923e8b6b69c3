"""Files that are there whole or not at all: the one way in which any file of ours is put in place.

Whatever is written passes through ``_fill``, whatever is put in place through ``_rename``: tests let the disk fill up,
the power fail and other programs hold files there.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

UNFINISHED = ".unfinished-"
"""How the name of a file begins that is not yet in place; what a killed program left may be removed."""

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC})
_HELD = {errno.EACCES, errno.EPERM, errno.EBUSY, getattr(errno, "ETXTBSY", errno.EBUSY)}
_TRIES = 5
_FIRST_WAIT = 0.05


def write_whole(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Put a file in place in one step: written beside it, flushed to the disk, then renamed.

    The old file stays until the new one is complete, and stays if anything fails; nothing half written stays.

    Parameters
    ----------
    durable : bool
        Wait for the disk. Without it, a power cut may leave an empty file: for what is checked and made again.

    Raises
    ------
    OSError
        In the system's words; where there is no room, with the bytes that are needed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{UNFINISHED}{secrets.token_hex(6)}")
    try:
        with made.open("xb", buffering=0) as file:
            _fill(file, data, durable=durable)
        _rename(made, path)
    except BaseException:
        _remove(made)
        raise
    if durable:
        settle(path.parent)


def put_whole(source: Path, target: Path, *, durable: bool = True) -> None:
    """Move a finished file into place in one step, after its content has reached the disk.

    Parameters
    ----------
    durable : bool
        As for ``write_whole``. Whoever puts several files in one folder may call ``settle`` once.

    Raises
    ------
    OSError
        In the system's words. The finished file is then where it was, and so is what stood in its place.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if durable:
        flush(source)
    try:
        _rename(source, target)
    except OSError as fault:
        if fault.errno != errno.EXDEV:
            raise
        write_whole(target, source.read_bytes(), durable=durable)
        _remove(source)
    else:
        if durable:
            settle(target.parent)


def append_whole(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Append to a file, all or nothing as far as this process lives; a power cut may leave a part of it.

    Parameters
    ----------
    durable : bool
        Wait until it has reached the disk.

    Raises
    ------
    OSError
        As for ``write_whole``.
    """
    with path.open("ab", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        try:
            _fill(file, data, durable=durable)
        except BaseException:
            with suppress(OSError):
                file.truncate(end)
            raise


def flush(path: Path) -> None:
    """Wait until a file's content has reached the disk.

    Raises
    ------
    OSError
        If it cannot.
    """
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def settle(folder: Path) -> None:
    """Make renames in a folder last through a power cut; where the system has no such thing, it does so by itself."""
    if os.name != "posix":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def free_bytes(folder: Path) -> int | None:
    """Room on the disk of a folder; None where the system does not say."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _fill(file: BinaryIO, data: bytes, *, durable: bool = True) -> None:
    left = memoryview(data)
    try:
        while left:
            left = left[file.write(left) :]
        if durable:
            os.fsync(file.fileno())
    except OSError as fault:
        raise _with_bytes(fault, len(data)) from None


def _with_bytes(fault: OSError, needed: int) -> OSError:
    if fault.errno not in NO_ROOM:
        return fault
    return OSError(fault.errno, f"{fault.strerror}; {needed:,} bytes are needed")


def _rename(made: Path, path: Path) -> None:
    # Windows, a synchronised folder or a share refuse while another program has the old file open; mostly for an
    # instant, so waiting a little helps. The whole wait stays under a second.
    for attempt in range(_TRIES):
        try:
            made.replace(path)
        except OSError as fault:
            if fault.errno not in _HELD or attempt == _TRIES - 1:
                raise
            time.sleep(_FIRST_WAIT * 2**attempt)
        else:
            return


def _remove(made: Path) -> None:
    # The fault that led here is the one to be told.
    with suppress(OSError):
        made.unlink(missing_ok=True)
