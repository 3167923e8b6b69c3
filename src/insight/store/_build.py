"""From a raw folder to a store: all of it, or nothing changes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from insight.core.described import Described, Description
from insight.core.fingerprint import Checksums, file_sha256
from insight.core.html import SAMPLE_BANNER
from insight.errors import InsightError, UsageError
from insight.store._cards import Card, read_cards
from insight.store._inputs import inputs_hash, leftovers, parts_are_whole
from insight.store._manifest import CURRENT, DERIVED, VINTAGE, Manifest, read_manifest, write_manifest
from insight.store._register import Known, choose_register, is_register
from insight.store._scan import Checksum, Folder, RawFile, facts_of, scan

if TYPE_CHECKING:
    from insight.core.register import Register

LOCK_SECONDS = 120.0
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, repr=False)
class BuildReport(Described):
    """What a build did.

    Parameters
    ----------
    store : Path
        The folder to give to ``load_panel``.
    manifest : dict
        What is in the store; the same as ``manifest.json``.
    files_read : int
        Files that were parsed; unchanged ones are not.
    is_changed : bool
        Whether the store differs from what it was.
    """

    store: Path
    manifest: Manifest
    files_read: int
    is_changed: bool

    @property
    def is_sample(self) -> bool:
        """Whether the areas are invented."""
        return bool(self.manifest["is_sample"])

    def describe(self) -> Description:
        """Releases, vintages, what was set aside, and how the totals compare."""
        files = self.manifest["files"]
        facts = [
            (f"{file['source']}, {file['role']}", f"release {file['release']}: {file['path']}")
            for file in files
            if file["role"] in (CURRENT, VINTAGE)
        ]
        facts += [
            (f"set aside from {file['path']}", f"{entry['count']}: {entry['reason']}")
            for file in files
            for entry in file.get("set_aside", ())
        ]
        kinds = {
            name: sum(len(t[name]) for t in self.manifest["totals"]) for name in ("equal", "differs", "not_comparable")
        }
        facts += [
            ("other files, left alone", str(sum(file["role"] == "left alone" for file in files))),
            (
                "published totals",
                f"{kinds['equal']} equal to their sums, {kinds['differs']} differ, "
                f"{kinds['not_comparable']} not comparable because a member has no figure",
            ),
            ("files read now", str(self.files_read)),
        ]
        return Description("Store of published figures", tuple(facts), banner=SAMPLE_BANNER if self.is_sample else None)


def raw_id(raw: Path) -> str:
    """The name of a raw folder's store: its own name, and a mark of where it lies.

    Examples
    --------
    >>> raw_id(Path("/somewhere/Published files"))[:16]
    'published-files-'
    """
    place = raw.resolve()
    slug = _NOT_PLAIN.sub("-", place.name.lower()).strip("-")[:40] or "raw"
    return f"{slug}-{sha256(os.fsencode(place.as_posix())).hexdigest()[:8]}"


def build(
    raw: Path,
    processed: Path,
    *,
    register: Register | None = None,
    cards: Sequence[Path] = (),
    facts: Sequence[Path] = (),
) -> BuildReport:
    """Read every published file of a folder into its store.

    Files are known by their columns. The newest release of a source is current, older ones are vintages; identical
    files are read once; files that are not ours are listed and left alone. Input that was read before is not read
    again. The manifest is put in place last: until then, and if anything fails, the store is what it was.

    Parameters
    ----------
    raw : Path
        Searched in depth. Its own register of areas, if it has one, is used for it alone.
    processed : Path
        Where stores are kept; this one is ``processed / raw_id(raw)``.
    register : Register, optional
        Instead of the folder's own or the packaged one; ``load_panel`` then needs it too.
    cards : sequence of Path
        Provenance cards; a card belongs to the file with its checksum.
    facts : sequence of Path
        Files outside the raw folder that are read too, such as the project's own list of programmes: only where the
        packaged register is used, and where the folder has no file of the same source and series. A list of aims is a
        series for each region, so an own list replaces the project's list of that region alone.

    Raises
    ------
    UsageError
        If there is no such folder, or another build of it does not end.
    SourceRefused
        For the first file that cannot be taken in, or if there is no file to take in.
    RegisterError
        If the folder's own register contradicts itself.
    """
    store = processed / raw_id(raw)
    checksums = Checksums(processed / f".{store.name}.checksums.json")
    folder = scan(raw, besides=processed, checksum=checksums.sha256)
    known_cards = read_cards(cards)
    known = choose_register([file for file in folder.files if is_register(file.path)], register)
    beside = facts_of(facts, checksums.sha256) if known.is_packaged else ()
    inputs = inputs_hash(folder, known, known_cards, beside)
    old = _old_manifest(store)
    if old and _is_current(store, old, inputs, checksums.sha256) and not leftovers(store, old):
        checksums.save()
        return BuildReport(store, old, files_read=0, is_changed=False)
    processed.mkdir(parents=True, exist_ok=True)
    with _alone(processed / f".{store.name}.lock"):
        # Another build may have ended while this one waited.
        old = _old_manifest(store)
        if old and _is_current(store, old, inputs, file_sha256):
            # A build that was cut off after its manifest stood has left its sweeping to this one.
            _sweep(store, old, is_new=False)
            return BuildReport(store, old, files_read=0, is_changed=False)
        return _renew(store, folder, known, known_cards, beside, inputs, old)


def _is_current(store: Path, old: Manifest, inputs: str, checksum: Checksum) -> bool:
    return bool(old["inputs"] == inputs and parts_are_whole(store, old, checksum))


def _renew(
    store: Path,
    folder: Folder,
    known: Known,
    cards: Mapping[str, Card],
    beside: Sequence[RawFile],
    inputs: str,
    old: Manifest | None,
) -> BuildReport:
    """Read what is new, and put the manifest in place."""
    # Tables and their libraries are loaded only now: most commands find a store that is current.
    from insight.store._assemble import assemble
    from insight.store._take_in import take_in

    taken = take_in(folder, known, store, old, beside)
    manifest = assemble(taken, folder, known, cards, store) | {"inputs": inputs}
    write_manifest(store, manifest)
    _sweep(store, manifest, is_new=not old or old["data_hash"] != manifest["data_hash"])
    return BuildReport(store, manifest, files_read=sum(each.is_new for each in taken), is_changed=manifest != old)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold the lock of a store; a second build waits."""
    from filelock import FileLock, Timeout

    held = FileLock(lock)
    try:
        held.acquire(timeout=LOCK_SECONDS)
    except Timeout:
        raise UsageError(
            "building the store",
            found=f"another build of the same folder, still running after {LOCK_SECONDS:.0f} seconds",
            todo="wait until it ends; if none is running, delete the .lock file beside the store",
        ) from None
    try:
        yield
    finally:
        held.release()


def _old_manifest(store: Path) -> Manifest | None:
    try:
        return read_manifest(store)
    except InsightError:
        # No store, or a damaged one: everything is read again.
        return None


def _sweep(store: Path, manifest: Manifest, *, is_new: bool) -> None:
    """Remove parts that the manifest no longer names, and results computed from other data."""
    derived = (store / DERIVED).glob("*") if is_new else ()
    for path in [*leftovers(store, manifest), *derived]:
        path.unlink(missing_ok=True)
