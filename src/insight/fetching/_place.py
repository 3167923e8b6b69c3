"""A finished file into its place, and the one that stood there kept under the name of its release."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from insight.core.fingerprint import file_sha256
from insight.core.whole import put_whole, write_whole
from insight.fetching._cards import FetchCard

NOTEBOOK = ".fetched.json"
"""What was fetched into a folder: hidden, so that no store reads it; it may be deleted."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of one file that was fetched."""

    sha256: str
    release: str
    published: str
    address: str


class Facts:
    """What was fetched into a folder, by the name of the file."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NOTEBOOK
        self._known = _read(self._path)

    def of(self, file: str) -> Fact | None:
        """What is known of a file."""
        return self._known.get(file)

    def keep(self, file: str, fact: Fact) -> None:
        """Write one more down."""
        self._known = {**self._known, file: fact}
        plain = {name: asdict(each) for name, each in self._known.items()}
        write_whole(self._path, (json.dumps(plain, indent=1, sort_keys=True) + "\n").encode("utf-8"))


def _read(path: Path) -> dict[str, Fact]:
    try:
        return {str(name): Fact(**each) for name, each in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def put(made: Path, target: Path, *, cards: Sequence[FetchCard], facts: Facts) -> str:
    """Put a finished file in place; gives the name under which an older one is kept, or "".

    The older one is copied first, so that there is no moment without a file.

    Raises
    ------
    OSError
        In the system's words; what stood in its place is then still there.
    """
    kept = ""
    if target.is_file():
        old = file_sha256(target)
        if old == file_sha256(made):
            made.unlink()
            return ""
        kept = _kept_name(target, old, _releases(cards, facts, target.name))
        if not (target.parent / kept).exists():
            write_whole(target.parent / kept, target.read_bytes())
    put_whole(made, target)
    return kept


def _releases(cards: Sequence[FetchCard], facts: Facts, file: str) -> Mapping[str, tuple[str, str]]:
    """Release and day of publication by checksum: of the cards, and of what was fetched before."""
    known = {card.sha256: (card.release, card.published) for card in cards if card.sha256}
    fact = facts.of(file)
    return {**known, fact.sha256: (fact.release, fact.published)} if fact else known


def _kept_name(target: Path, sha256: str, releases: Mapping[str, tuple[str, str]]) -> str:
    """``<name>_release-<release>``, with the day of publication where it is known, for a store tells issues by it."""
    release, published = releases.get(sha256, ("", ""))
    words = f"_release-{_NOT_PLAIN.sub('-', release).strip('-') or 'unknown'}"
    words += f"_published-{published}" if _DAY.fullmatch(published) else ""
    plain = f"{target.stem}{words}{target.suffix}"
    other = target.parent / plain
    if other.exists() and file_sha256(other) != sha256:
        return f"{target.stem}{words}_{sha256[:8]}{target.suffix}"
    return plain
