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
        with self.path.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(line + "\n")
            stream.flush()
            os.fsync(stream.fileno())

    def read(self) -> Iterator[dict[str, Any]]:
        """Every whole line; a last line that a power cut left half written is passed over."""
        if not self.path.exists():
            return
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue
