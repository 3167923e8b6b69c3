"""From a raw folder to a store: all of it, or nothing changes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout

from insight.core.described import Described, Description
from insight.core.html import SAMPLE_BANNER
from insight.core.register import Register
from insight.errors import InsightError, UsageError
from insight.store._assemble import assemble
from insight.store._atomic import UNFINISHED
from insight.store._cards import read_cards
from insight.store._manifest import CURRENT, DERIVED, PARTS, VINTAGE, Manifest, read_manifest, write_manifest
from insight.store._register import choose_register, is_register
from insight.store._scan import facts_of, scan
from insight.store._take_in import inputs_hash, named_parts, parts_are_whole, take_in

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
        packaged register is used, and where the folder has no file of the same source.

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
    folder = scan(raw, besides=processed)
    known_cards = read_cards(cards)
    processed.mkdir(parents=True, exist_ok=True)
    with _alone(processed / f".{store.name}.lock"):
        old = _old_manifest(store)
        registers = [file for file in folder.files if is_register(file.path)]
        known = choose_register(registers, register)
        beside = facts_of(facts) if known.is_packaged else ()
        inputs = inputs_hash(folder, known, known_cards, beside)
        if old and old["inputs"] == inputs and parts_are_whole(store, old):
            # A build that was cut off after its manifest stood has left its sweeping to this one.
            _sweep(store, old, is_new=False)
            return BuildReport(store, old, files_read=0, is_changed=False)
        taken = take_in(folder, known, store, old, beside)
        manifest = assemble(taken, folder, known, known_cards, store) | {"inputs": inputs}
        write_manifest(store, manifest)
        _sweep(store, manifest, is_new=not old or old["data_hash"] != manifest["data_hash"])
    return BuildReport(store, manifest, files_read=sum(each.is_new for each in taken), is_changed=manifest != old)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold the lock of a store; a second build waits."""
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
    named = named_parts(manifest)
    for path in sorted((store / PARTS).glob("*")):
        if path.name not in named:
            path.unlink(missing_ok=True)
    for path in sorted(store.glob(f"{UNFINISHED}*")):
        path.unlink(missing_ok=True)
    for path in sorted((store / DERIVED).glob("*")):
        if is_new or path.name.startswith(UNFINISHED):
            path.unlink(missing_ok=True)
