"""The unfinished part of a download: hidden in the target folder, with a small file that says what it is a part of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from insight.core.whole import write_whole

PREFIX = ".fetching-"
"""How the name of an unfinished download begins; a store never reads a hidden file."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a part is a part of.

    Parameters
    ----------
    address : str
    validator : str
        What the server tells one state of the file from another by: a strong ETag or the time of its last change; ""
        where it gives neither, and the part cannot be gone on with.
    length : int or None
        Bytes of the whole, where the server said so.
    coding : str
        How the bytes are packed for the way: "gzip" or "".
    """

    address: str
    validator: str
    length: int | None
    coding: str


@dataclass(frozen=True, slots=True)
class Part:
    """The two hidden files of one download."""

    folder: Path
    key: str

    @property
    def path(self) -> Path:
        """What has arrived so far."""
        return self.folder / f"{PREFIX}{self.key}"

    @property
    def _note(self) -> Path:
        return self.folder / f"{PREFIX}{self.key}.json"

    @property
    def size(self) -> int:
        """Bytes that have arrived."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def held(self, address: str) -> Held | None:
        """What the part is of, if it can be gone on with from this address."""
        try:
            held = Held(**json.loads(self._note.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        is_sound = isinstance(held.length, int | None) and isinstance(held.validator, str)
        return held if is_sound and held.address == address and held.validator and self.size else None

    def begin(self, held: Held) -> None:
        """Start anew: an empty part, and what it will be of."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.forget()
        write_whole(self._note, json.dumps(asdict(held), sort_keys=True).encode("utf-8"), durable=False)
        self.path.touch()

    def add(self, chunks: Iterable[bytes]) -> None:
        """Append what arrives, chunk by chunk; what was written stays, whatever happens."""
        with self.path.open("ab", buffering=0) as file:
            for chunk in chunks:
                _write(file, chunk)

    def forget(self) -> None:
        """Remove the part."""
        for path in (self.path, self._note):
            with suppress(FileNotFoundError):
                path.unlink()


def _write(file: BinaryIO, chunk: bytes) -> None:
    left = memoryview(chunk)
    while left:
        left = left[file.write(left) :]
