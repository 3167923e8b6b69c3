"""Interruptions: asked for politely, and put off for as long as one page is put in place."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_POLITE = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGBREAK", "SIGHUP") if hasattr(signal, name))


@contextmanager
def terminable() -> Iterator[None]:
    """Within this, being asked to end is what Ctrl-C is: a KeyboardInterrupt. For the command line alone."""
    if not _is_main():
        yield
        return
    # A signal that is ignored stays so: nohup means it.
    wanted = [number for number in _POLITE if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, _interrupt) for number in wanted}
    try:
        yield
    finally:
        _restore(before)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put an interruption off until the end of this block; a second one is not put off."""
    if not _is_main():
        yield
        return
    waiting: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        if waiting:
            raise KeyboardInterrupt
        waiting.append(number)

    # Only signals that Python handles: the others end the process as they always do.
    wanted = [number for number in (signal.SIGINT, *_POLITE) if callable(signal.getsignal(number))]
    before = {number: signal.signal(number, hold) for number in wanted}
    try:
        yield
    finally:
        _restore(before)
    if waiting:
        raise KeyboardInterrupt


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _restore(before: dict[int, Any]) -> None:
    for number, handler in before.items():
        # None stands for a handler that Python did not install and cannot put back.
        signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()
