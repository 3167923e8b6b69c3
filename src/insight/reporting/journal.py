"""What happened, in order: one line of JSON per event, appended and flushed to disk.

The journal is the truth about a run. It lives under ``<out>/.insight/`` with everything else that has a clock time in
it, and is never packed or uploaded.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from insight.core.display import canonical

Event = Literal[
    "run started",
    "page started",
    "page done",
    "page failed",
    "page kept",
    "page warned",
    "run ended",
    "run interrupted",
]


class Journal:
    """Appends events to ``journal.jsonl`` of an output folder."""

    def __init__(self, out: Path) -> None:
        self.path = out / ".insight" / "journal.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)

    def write(self, event: Event, **facts: str | int | float | None) -> None:
        """Append one event with its time, and wait until it is on disk."""
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = canonical({"event": event, "time": stamp, **facts})
        with self.path.open("ab+") as stream:
            if (end := stream.seek(0, os.SEEK_END)) and stream.seek(end - 1) >= 0 and stream.read() != b"\n":
                # A line that a power cut left half written must not swallow this one.
                stream.write(b"\n")
            stream.write(line.encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())

    def read(self) -> Iterator[dict[str, Any]]:
        """Every whole line; a last line that a power cut left half written is passed over."""
        if not self.path.exists():
            return
        for line in self.path.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                event = json.loads(line)
            except json.JSONDecodeError:
                continue
            if isinstance(event, dict) and "event" in event:
                yield event

    def cut_off(self) -> list[dict[str, Any]]:
        """The events since the last run that could say that it ended: those of runs that were killed."""
        events: list[dict[str, Any]] = []
        for event in self.read():
            events = [] if event["event"] in ("run ended", "run interrupted") else [*events, event]
        return events
