"""Whether a store is what its raw folder would give again; no table is read for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from insight.core.fingerprint import file_sha256, fingerprint_of, package_files
from insight.store._atomic import UNFINISHED
from insight.store._cards import Card
from insight.store._manifest import DERIVED, PARTS, Manifest, hash_of
from insight.store._register import Known
from insight.store._scan import Folder, RawFile

# What `insight check` says of one file: no build and no page uses these.
_SPEAKS = ("store/_check.py", "store/_check_rows.py", "store/_looks.py")


def reader_version() -> str:
    """The fingerprint of everything that decides how a file is read."""
    return bearing("core/", "errors.py", "sources/", "store/")


def bearing(*parts: str) -> str:
    """The fingerprint of parts of the package, named by how their paths begin, without the words of a check."""
    return fingerprint_of(
        {path: sha256 for path, sha256 in package_files().items() if path.startswith(parts) and path not in _SPEAKS}
    )


def inputs_hash(folder: Folder, known: Known, cards: Mapping[str, Card], facts: Sequence[RawFile] = ()) -> str:
    """One hash over files, register, cards and reader: equal inputs give an equal manifest."""
    files = [[file.name, file.sha256] for file in (*folder.files, *facts)]
    said = {sha: [card.release, card.published] for sha, card in cards.items()}
    return hash_of([files, list(folder.links), known.identity, said, reader_version()])


def parts_are_whole(store: Path, manifest: Manifest, checksum: Callable[[Path], str] = file_sha256) -> bool:
    """Whether every part that a manifest names is there, byte for byte."""
    register = manifest["register"]
    parts = {name: expected for file in manifest["files"] for name, expected in parts_in(file)}
    parts |= {register["part"]: register["sha256"]} if register["part"] else {}
    return all(is_whole(store / PARTS / name, expected, checksum) for name, expected in parts.items())


def is_whole(path: Path, expected: str, checksum: Callable[[Path], str] = file_sha256) -> bool:
    """Whether a file is there with these bytes."""
    try:
        return checksum(path) == expected
    except OSError:
        return False


def parts_in(file: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and checksum of each part of one file's entry."""
    parts = [(file["part"], file["part_sha256"])] if file.get("part") else []
    return parts + [(listed["part"], listed["sha256"]) for listed in file.get("lists", {}).values()]


def named_parts(manifest: Manifest) -> set[str]:
    """The names of every part that a manifest speaks of."""
    return {name for file in manifest["files"] for name, _ in parts_in(file)} | {manifest["register"]["part"]}


def leftovers(store: Path, manifest: Manifest) -> list[Path]:
    """What a build that was cut off has left: parts that no manifest names, and unfinished files."""
    named = named_parts(manifest)
    unnamed = [path for path in (store / PARTS).glob("*") if path.name not in named]
    unfinished = [*store.glob(f"{UNFINISHED}*"), *(store / DERIVED).glob(f"{UNFINISHED}*")]
    return sorted([*unnamed, *unfinished])
