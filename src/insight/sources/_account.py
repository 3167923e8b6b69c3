"""What was set aside while a file was read, and why: no row disappears."""

from __future__ import annotations

from collections import Counter, defaultdict

from insight.sources._reading import SetAside


class Account:
    """Counts rows by the reason why they were set aside, with the names of their areas, and keeps notes."""

    def __init__(self, blank_lines: int, footnotes: int) -> None:
        self._counts: Counter[str] = Counter({"blank line": blank_lines, "footnote below the table": footnotes})
        self._names: dict[str, set[str]] = defaultdict(set)
        self.notes: list[str] = []

    def set_aside(self, reason: str, name: str) -> None:
        """Count one more row."""
        self._counts[reason] += 1
        self._names[reason].add(name)

    def entries(self) -> tuple[SetAside, ...]:
        """Every reason that was met, in order."""
        kept = sorted((reason, count) for reason, count in self._counts.items() if count)
        return tuple(SetAside(reason, count, tuple(sorted(self._names[reason]))) for reason, count in kept)
