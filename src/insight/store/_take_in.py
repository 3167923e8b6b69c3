"""Reading the files of a raw folder, those not read before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from insight.core.area import shown
from insight.core.fingerprint import file_sha256, package_fingerprint
from insight.errors import SourceRefused
from insight.sources import Reading, source_of
from insight.store._atomic import write_whole
from insight.store._cards import Card
from insight.store._manifest import PARTS, Manifest, hash_of
from insight.store._parts import content_hash, part_of
from insight.store._register import Known
from insight.store._scan import Folder, RawFile

_ENTRY = (
    "source",
    "layout",
    "period",
    "rows",
    "indicators",
    "part",
    "part_bytes",
    "part_sha256",
    "content",
    "encoding",
    "notes",
    "rows_read",
    "rows_kept",
    "set_aside",
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A raw file and what is known of it: an entry of the manifest, or None for a file that is not ours."""

    file: RawFile
    entry: Mapping[str, Any] | None
    is_new: bool


def reader_version() -> str:
    """The fingerprint of everything that decides how a file is read."""
    return package_fingerprint("sources", "core", "store", "errors.py")


def inputs_hash(folder: Folder, known: Known, cards: Mapping[str, Card]) -> str:
    """One hash over files, register, cards and reader: equal inputs give an equal manifest."""
    files = [[file.name, file.sha256] for file in folder.files]
    said = {sha: [card.release, card.published] for sha, card in cards.items()}
    return hash_of([files, list(folder.links), known.identity, said, reader_version()])


def parts_are_whole(store: Path, manifest: Manifest) -> bool:
    """Whether every part that a manifest names is there, byte for byte."""
    register = manifest["register"]
    parts = {file["part"]: file["part_sha256"] for file in manifest["files"] if file.get("part")}
    parts |= {register["part"]: register["sha256"]} if register["part"] else {}
    return all(_is_whole(store / PARTS / name, checksum) for name, checksum in parts.items())


def take_in(folder: Folder, known: Known, cards: Mapping[str, Card], store: Path, old: Manifest | None) -> list[Taken]:
    """What each file is, reading those that the old manifest does not know with the same reader and register.

    Raises
    ------
    SourceRefused
        For the first file that cannot be taken in.
    """
    memory = _memory(old, known, store)
    seen: dict[str, Taken] = {}
    taken = []
    for file in folder.files:
        key = (file.sha256, file.path.suffix.lower())
        if known.file is not None and file.sha256 == known.file.sha256:
            entry, is_new = None, False
        elif file.sha256 in seen and seen[file.sha256].entry is not None:
            entry, is_new = seen[file.sha256].entry, False
        elif key in memory:
            entry, is_new = memory[key], False
        else:
            entry = _read(file, known, store)
            is_new = entry is not None
        taken.append(Taken(file, entry, is_new))
        seen.setdefault(file.sha256, taken[-1])
    if known.file is not None:
        write_whole(store / PARTS / known.part, known.file.path.read_bytes())
    if not any(each.entry for each in taken):
        raise SourceRefused(
            "building the store",
            found=f"no published file of a known layout among {len(folder.files)} files",
            todo="check the folder; the files are known by their columns, whatever they are called",
        )
    return taken


def _memory(old: Manifest | None, known: Known, store: Path) -> dict[tuple[str, str], Mapping[str, Any] | None]:
    """What the last build knew of a file, by checksum and ending (an ending is a promise that is checked)."""
    if old is None or old["reader"] != reader_version() or old["register"]["sha256"] != known.identity:
        return {}
    entries: dict[tuple[str, str], Mapping[str, Any] | None] = {}
    for file in old["files"]:
        key = (file.get("sha256", ""), Path(file["path"]).suffix.lower())
        if "part" not in file:
            entries[key] = None
        elif _is_whole(store / PARTS / file["part"], file["part_sha256"]):
            entries[key] = {name: file[name] for name in _ENTRY}
    return entries


def _read(file: RawFile, known: Known, store: Path) -> Mapping[str, Any] | None:
    module = source_of(file.path)
    if module is None:
        return None
    reading = module.read(file.path, known.register)
    if file_sha256(file.path) != file.sha256:
        raise SourceRefused(
            f"reading {shown(file.name)}",
            found="a file that changed while it was being read",
            todo="close the program that writes it, and build again",
        )
    data, keys = part_of(reading)
    part = f"{hash_of([file.sha256, known.identity, reader_version()])}.parquet"
    write_whole(store / PARTS / part, data)
    return _entry(reading, part, keys, store)


def _entry(reading: Reading, part: str, keys: Sequence[str], store: Path) -> dict[str, Any]:
    path = store / PARTS / part
    return {
        "source": reading.source,
        "layout": reading.layout,
        "period": reading.release,
        "rows": "neighbours" if reading.neighbours else "panel",
        "indicators": list(keys),
        "part": part,
        "part_bytes": path.stat().st_size,
        "part_sha256": file_sha256(path),
        "content": content_hash(reading),
        "encoding": reading.encoding,
        "notes": list(reading.notes),
        "rows_read": reading.rows_read,
        "rows_kept": reading.rows_kept,
        "set_aside": [{**asdict(each), "names": list(each.names)} for each in reading.set_aside],
    }


def _is_whole(path: Path, checksum: str) -> bool:
    return path.is_file() and file_sha256(path) == checksum
