"""Reading the files of a raw folder, those not read before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from insight.core.area import shown
from insight.core.fingerprint import file_sha256
from insight.errors import SourceRefused
from insight.sources import Reading, SourceModule, all_sources, code_in_name, source_of
from insight.store._atomic import write_whole
from insight.store._inputs import is_whole, parts_in, reader_version
from insight.store._lists import lists_of, read_list
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
    "series",
    "lists",
    "is_by_name",
    "companion",
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

    Files of facts are read after the folder's own, and only where the folder has no file of the same source and series.

    Raises
    ------
    SourceRefused
        For the first file that cannot be taken in.
    """
    taker = _Taker(known, store, _memory(old, known, store))
    taken = taker.take_all(folder.files)
    if known.file is not None:
        write_whole(store / PARTS / known.part, known.file.path.read_bytes())
    if not any(each.entry for each in taken):
        raise SourceRefused(
            "building the store",
            found=f"no published file of a known layout among {len(folder.files)} files",
            todo="check the folder; the files are known by their columns, whatever they are called",
        )
    own = {(each.entry["source"], each.entry["series"]) for each in taken if each.entry}
    beside = taker.take_all(facts)
    return taken + [each for each in beside if each.entry and (each.entry["source"], each.entry["series"]) not in own]


class _Taker:
    """Reads each different file once, and none that the last build knew."""

    def __init__(self, known: Known, store: Path, memory: Mapping[_Key, Mapping[str, Any] | None]) -> None:
        self._known, self._store, self._memory = known, store, memory
        self._seen: dict[tuple[str, str], Taken] = {}

    def take_all(self, files: Sequence[RawFile]) -> list[Taken]:
        """What each file is, in the order given; one that is understood only with another is read after it."""
        taken = {file.name: found for file in files if (found := self._take(file, None)) is not None}
        listing = [each for each in taken.values() if each.entry and "indicators" in each.entry["lists"]]
        # Of several releases of a companion the newest counts.
        listing.sort(key=lambda each: (str(each.entry["period"]) if each.entry else "", each.file.name))
        companions = {each.entry["source"]: each for each in listing if each.entry}
        for file in files:
            if file.name not in taken and (late := self._take(file, companions)) is not None:
                taken[file.name] = late
        return [taken[file.name] for file in files]

    def _take(self, file: RawFile, companions: Mapping[str, Taken] | None) -> Taken | None:
        """What a file is; None for one that needs a companion, as long as those are not known."""
        content = (file.sha256, code_in_name(file.name))
        if self._known.file is not None and file.sha256 == self._known.file.sha256:
            return Taken(file, None, False)
        if content in self._seen and self._seen[content].entry is not None:
            return Taken(file, self._seen[content].entry, False)
        key = (*content, file.path.suffix.lower())
        remembered = self._memory.get(key)
        module = all_sources()[remembered["source"]] if remembered else None
        if key not in self._memory:
            module = source_of(file.path)
        wanted = module.COMPANION if module is not None else ""
        if wanted and companions is None:
            return None
        companion = companions.get(wanted) if wanted and companions else None
        is_known = key in self._memory and (not wanted or (remembered or {}).get("companion") == _sha256(companion))
        entry = remembered if is_known else _read(file, module, companion, self._known, self._store)
        taken = Taken(file, entry, entry is not None and not is_known)
        self._seen.setdefault(content, taken)
        return taken


def _sha256(companion: Taken | None) -> str:
    return companion.file.sha256 if companion else ""


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


def _read(
    file: RawFile, module: SourceModule | None, companion: Taken | None, known: Known, store: Path
) -> Mapping[str, Any] | None:
    if module is None:
        return None
    reading = _reading(file, module, companion, known, store)
    if file_sha256(file.path) != file.sha256:
        raise SourceRefused(
            f"reading {shown(file.name)}",
            found="a file that changed while it was being read",
            todo="close the program that writes it, and build again",
        )
    data, keys = part_of(reading)
    name = hash_of([file.sha256, code_in_name(file.name), known.identity, reader_version(), _sha256(companion)])
    part = f"{name}.parquet"
    write_whole(store / PARTS / part, data)
    return {
        **_entry(reading, part, keys, store),
        "lists": {kind: _write(data, f"{name}.{kind}.json", store) for kind, data in lists_of(reading).items()},
        "is_by_name": module.IS_BY_NAME,
        "companion": _sha256(companion),
    }


def _reading(file: RawFile, module: SourceModule, companion: Taken | None, known: Known, store: Path) -> Reading:
    if not module.COMPANION:
        return module.read(file.path, known.register)
    if companion is None or companion.entry is None:
        title = all_sources()[module.COMPANION].SOURCE.title
        raise SourceRefused(
            f"reading {shown(file.name)}",
            found="a table whose measures another file explains, and no such file",
            todo=f"put this beside it: {title}",
        )
    listed = companion.entry["lists"]["indicators"]
    measures = read_list(store / PARTS / listed["part"], listed["bytes"], "indicators")
    return module.read_with(file.path, known.register, tuple(measures))


def _write(data: bytes, part: str, store: Path) -> dict[str, Any]:
    """A list's own part."""
    path = store / PARTS / part
    write_whole(path, data)
    return {"part": part, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


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
