"""Reading the files of a raw folder, those not read before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from insight.core.area import shown
from insight.core.fingerprint import file_sha256
from insight.errors import SourceRefused
from insight.sources import Reading, code_in_name, source_of
from insight.store._atomic import write_whole
from insight.store._inputs import is_whole, parts_in, reader_version
from insight.store._manifest import PARTS, Manifest, hash_of
from insight.store._parts import content_hash, part_of, programmes_part_of
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
    "series",
    "programmes",
)


# Checksum, code in the name, ending.
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """A raw file and what is known of it: an entry of the manifest, or None for a file that is not ours."""

    file: RawFile
    entry: Mapping[str, Any] | None
    is_new: bool


def take_in(
    folder: Folder, known: Known, store: Path, old: Manifest | None, facts: Sequence[RawFile] = ()
) -> list[Taken]:
    """What each file is, reading those that the old manifest does not know with the same reader and register.

    Files of facts are read after the folder's own, and only where the folder has no file of the same source.

    Raises
    ------
    SourceRefused
        For the first file that cannot be taken in.
    """
    taker = _Taker(known, store, _memory(old, known, store))
    taken = [taker.take(file) for file in folder.files]
    if known.file is not None:
        write_whole(store / PARTS / known.part, known.file.path.read_bytes())
    if not any(each.entry for each in taken):
        raise SourceRefused(
            "building the store",
            found=f"no published file of a known layout among {len(folder.files)} files",
            todo="check the folder; the files are known by their columns, whatever they are called",
        )
    own = {each.entry["source"] for each in taken if each.entry}
    beside = [taker.take(file) for file in facts]
    return taken + [each for each in beside if each.entry and each.entry["source"] not in own]


class _Taker:
    """Reads each different file once, and none that the last build knew."""

    def __init__(self, known: Known, store: Path, memory: Mapping[_Key, Mapping[str, Any] | None]) -> None:
        self._known, self._store, self._memory = known, store, memory
        self._seen: dict[tuple[str, str], Taken] = {}

    def take(self, file: RawFile) -> Taken:
        """What a file is."""
        content = (file.sha256, code_in_name(file.name))
        key = (*content, file.path.suffix.lower())
        if self._known.file is not None and file.sha256 == self._known.file.sha256:
            taken = Taken(file, None, False)
        elif content in self._seen and self._seen[content].entry is not None:
            taken = Taken(file, self._seen[content].entry, False)
        elif key in self._memory:
            taken = Taken(file, self._memory[key], False)
        else:
            entry = _read(file, self._known, self._store)
            taken = Taken(file, entry, entry is not None)
        self._seen.setdefault(content, taken)
        return taken


def _memory(old: Manifest | None, known: Known, store: Path) -> dict[_Key, Mapping[str, Any] | None]:
    """What the last build knew of a file, by checksum, by the code in its name, and by its ending.

    An ending is a promise that is checked, and a code may say whose file it is.
    """
    if old is None or old["reader"] != reader_version() or old["register"]["sha256"] != known.identity:
        return {}
    entries: dict[_Key, Mapping[str, Any] | None] = {}
    for file in old["files"]:
        key = (file.get("sha256", ""), code_in_name(file["path"]), Path(file["path"]).suffix.lower())
        if "part" not in file:
            entries[key] = None
        elif all(is_whole(store / PARTS / name, checksum) for name, checksum in parts_in(file)):
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
    name = hash_of([file.sha256, code_in_name(file.name), known.identity, reader_version()])
    part = f"{name}.parquet"
    write_whole(store / PARTS / part, data)
    beside = _write_programmes(reading, f"{name}.programmes.parquet", store)
    return {**_entry(reading, part, keys, store), "programmes": beside}


def _write_programmes(reading: Reading, part: str, store: Path) -> dict[str, Any] | None:
    """The part that holds a reading's programmes, or None where it has none."""
    if not reading.programmes:
        return None
    path = store / PARTS / part
    write_whole(path, programmes_part_of(reading.programmes))
    return {"part": part, "bytes": path.stat().st_size, "sha256": file_sha256(path)}


def _entry(reading: Reading, part: str, keys: Sequence[str], store: Path) -> dict[str, Any]:
    path = store / PARTS / part
    return {
        "source": reading.source,
        "layout": reading.layout,
        "period": reading.release,
        "rows": "neighbours" if reading.neighbours else "panel" if keys else "none",
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
        "series": reading.series,
    }
