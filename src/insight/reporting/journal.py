"""What happened, in order: one line of JSON per event, appended and flushed to disk.

The journal is the truth about a run. It lives under ``<out>/.insight/`` with everything else that has a clock time in
it, and is never packed or uploaded. Its numbers and times never go back, even where the machine's clock does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from insight.core.fingerprint import canonical, seen
from insight.core.whole import append_whole

Event = Literal[
    "run started",
    "pages kept",
    "page started",
    "page done",
    "page failed",
    "page warned",
    "run ended",
    "run interrupted",
]
ENDS = ("run ended", "run interrupted")
_TAIL = 1 << 16


class Journal:
    """Appends events to ``journal.jsonl`` of an output folder. One process writes, any number may read.

    An event has ``number`` (1, 2, ...), ``time`` (UTC, ISO 8601), ``event``, and its own facts: those of a page have
    ``page`` (its address in the site), and where they apply ``key``, ``seconds``, ``cpu_seconds``, ``peak_bytes``,
    ``status``, ``reason``, ``cell``, ``exception``, ``signal``, ``attempts``.
    """

    def __init__(self, out: Path) -> None:
        self.path = out / ".insight" / "journal.jsonl"
        self._number: int | None = None
        self._time = ""
        self._needs_newline = False

    def write(self, event: Event, *, durable: bool = True, **facts: Any) -> None:
        """Append one event; ``durable`` waits until it is on disk.

        Raises
        ------
        OSError
            If it cannot be written; the journal is then as it was.
        """
        self.write_all([(event, facts)], durable=durable)

    def write_all(self, events: Iterable[tuple[Event, Mapping[str, Any]]], *, durable: bool = True) -> None:
        """Append several events in one step.

        Raises
        ------
        OSError
            If they cannot be written; the journal is then as it was.
        """
        number, stamp = self._place()
        lines = []
        for event, facts in events:
            number += 1
            stamp = max(stamp, _now())
            lines.append(seen(canonical({"event": event, "number": number, "time": stamp, **facts})))
        text = "".join(f"{line}\n" for line in lines)
        # A line that a power cut left half written must not swallow the next one.
        data = (b"\n" if self._needs_newline else b"") + text.encode("utf-8", "replace")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._number = None  # until it is known that the line stands
        append_whole(self.path, data, durable=durable)
        self._number, self._time, self._needs_newline = number, stamp, False

    def read(self) -> Iterator[dict[str, Any]]:
        """Every whole line; a line that a power cut left half written is passed over."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return
        for line in content.split(b"\n"):
            if event := _event(line):
                yield event

    def last(self) -> dict[str, Any] | None:
        """The last whole line, found from the end: a long journal costs no more than a short one."""
        try:
            with self.path.open("rb") as stream:
                end = stream.seek(0, os.SEEK_END)
                size = _TAIL
                while True:
                    start = max(0, end - size)
                    stream.seek(start)
                    lines = stream.read(end - start).split(b"\n")
                    for line in reversed(lines[1:] if start else lines):
                        if event := _event(line):
                            return event
                    if not start:
                        return None
                    size *= 4
        except FileNotFoundError:
            return None

    def cut_off(self) -> list[dict[str, Any]]:
        """The events since the last run that could say that it ended: those of runs that were killed."""
        last = self.last()
        if last is None or last["event"] in ENDS:
            return []
        events: list[dict[str, Any]] = []
        for event in self.read():
            if event["event"] in ENDS:
                events = []
            else:
                events.append(event)
        return events

    def last_run(self) -> list[dict[str, Any]]:
        """The events of the last run that was started here."""
        events: list[dict[str, Any]] = []
        for event in self.read():
            if event["event"] == "run started":
                events = []
            events.append(event)
        return events if events and events[0]["event"] == "run started" else []

    def seconds(self) -> dict[str, float]:
        """How long each page took when it was last executed, by its address in the site."""
        return {
            event["page"]: float(event["seconds"])
            for event in self.read()
            if event["event"] == "page done"
            and event.get("made") == "executed"
            and isinstance(event.get("page"), str)
            and isinstance(event.get("seconds"), int | float)
        }

    def _place(self) -> tuple[int, str]:
        """Number and time of the last event."""
        if self._number is None:
            last = self.last() or {}
            number, stamp = last.get("number"), last.get("time")
            self._number = number if isinstance(number, int) else 0
            self._time = stamp if isinstance(stamp, str) and _is_stamp(stamp) else ""
            self._needs_newline = _is_cut(self.path)
        return self._number, self._time


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _is_stamp(text: str) -> bool:
    # Of one length, so that the order of the texts is the order of the times.
    try:
        return datetime.fromisoformat(text).tzinfo is not None and len(text) == len(_now())
    except ValueError:
        return False


def _is_cut(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            end = stream.seek(0, os.SEEK_END)
            return bool(end) and stream.seek(end - 1) >= 0 and stream.read() != b"\n"
    except FileNotFoundError:
        return False
