"""The register that a store's codes belong to: the packaged one, the raw folder's own, or the caller's."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from insight.core.fingerprint import file_sha256, package_fingerprint
from insight.errors import ReleaseConflict
from insight.store._manifest import PARTS, Manifest, damaged, read_manifest
from insight.store._scan import RawFile

if TYPE_CHECKING:
    from insight.core.register import Register

_LONGEST_HEADER = 200


@dataclass(frozen=True)
class Known:
    """What identifies a register, and where it is: a raw file, the caller's own, or else the package."""

    identity: str
    file: RawFile | None = None
    given: Register | None = None

    @property
    def is_packaged(self) -> bool:
        """Whether it is the package's own."""
        return self.file is None and self.given is None

    @cached_property
    def register(self) -> Register:
        """The register itself, read when it is first asked for.

        Raises
        ------
        RegisterError
            If it contradicts itself.
        """
        from insight.core.register import Register

        return self.given or Register.read(self.file.path if self.file else None)

    @property
    def part(self) -> str:
        """The name under which the store keeps the raw folder's own register."""
        return f"{self.identity}.csv" if self.file else ""


def is_register(path: Path) -> bool:
    """Whether a file is a register of areas, by its columns."""
    from insight.core.register_facts import COLUMNS

    with path.open("rb") as file:
        first = file.readline(_LONGEST_HEADER).decode("utf-8-sig", errors="replace").strip()
    try:
        header = next(csv.reader([first]), [])
    except csv.Error:
        return False
    return tuple(header[: len(COLUMNS)]) == COLUMNS and header[len(COLUMNS) :] in ([], ["note"])


def choose_register(found: Sequence[RawFile], given: Register | None) -> Known:
    """The caller's register, or the raw folder's own, or the packaged one.

    Raises
    ------
    ReleaseConflict
        If the folder has two different registers.
    """
    if given is not None:
        return Known(_identity(given), given=given)
    different = {file.sha256: file for file in reversed(found)}
    if len(different) > 1:
        raise ReleaseConflict(
            "choosing the register of areas",
            found=f"two that differ: {' and '.join(sorted(file.name for file in different.values()))}",
            todo="keep one of them in the raw folder",
        )
    for file in different.values():
        return Known(file.sha256, file)
    return Known(package_fingerprint("core/authorities.csv"))


def register_of(manifest: Manifest, store: Path, given: Register | None) -> Register:
    """The register that a store was built with.

    Raises
    ------
    StoreDamaged
        If it cannot be had, or is another one now.
    """
    identity, part = manifest["register"]["sha256"], manifest["register"]["part"]
    if part:
        path = store / PARTS / part
        if not path.is_file() or file_sha256(path) != identity:
            raise damaged("the store's own register of areas is missing or was changed")
        from insight.core.register import Register

        return Register.read(path)
    known = choose_register([], given)
    if known.identity != identity:
        raise damaged("a store built with another register of areas")
    return known.register


def load_register(store: Path) -> Register:
    """The register of areas that a store's figures speak of.

    Raises
    ------
    StoreMissing, StoreDamaged
        If nothing was built there, or its register was changed.
    """
    return register_of(read_manifest(store), store, None)


def _identity(register: Register) -> str:
    areas = "\n".join(f"{area.code}\t{area.describe().as_text()}" for area in register.areas)
    return hashlib.sha256(f"{areas}\n{register.names}\n{register.parts}".encode()).hexdigest()
