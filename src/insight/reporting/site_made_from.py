"""What a site was made from, as its manifest says it: enough to make the same again, and to notice what differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from insight import __version__
from insight.core.fingerprint import LIBRARIES, file_sha256, package_fingerprint, versions
from insight.errors import StoreDamaged, StoreMissing
from insight.reporting.keys import RENDERING_LIBRARIES

LOCK = "requirements.lock"


def made_from(*, store: Path, root: Path, studies: Iterable[str]) -> Mapping[str, Any]:
    """Package, libraries, lock, notebooks and raw files, in plain JSON.

    Parameters
    ----------
    store : Path
        Its manifest names the raw files that it was built from.
    root : Path
        The project's folder.
    studies : names
        Whose notebooks count.

    Returns
    -------
    mapping
        ``package`` (version and fingerprint), ``libraries`` (versions), ``lock`` (SHA-256, empty without a lock),
        ``notebooks`` (SHA-256 by name) and ``raw`` (name, SHA-256, source, release of each file that was read).
    """
    notebooks = ((name, root / "notebooks" / f"{name}.ipynb") for name in sorted(set(studies)))
    lock = root / LOCK
    return {
        "package": {"version": __version__, "fingerprint": package_fingerprint()},
        "libraries": {**versions((*LIBRARIES, *RENDERING_LIBRARIES))},
        "lock": file_sha256(lock) if lock.is_file() else "",
        "notebooks": {name: file_sha256(path) for name, path in notebooks if path.is_file()},
        "raw": _raw_of(store),
    }


def _raw_of(store: Path) -> list[dict[str, str]]:
    """The raw files of a store; none where the store is gone, which is no reason to leave a site without manifest."""
    from insight.store import read_manifest

    try:
        return raw_files(read_manifest(store)["files"])
    except (StoreMissing, StoreDamaged):
        return []


def raw_files(files: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The files that a store was built from, in order of name; what was left alone is none of them."""
    read = (file for file in files if file["role"] != "left alone")
    rows = (
        {
            "file": str(file["path"]),
            "sha256": str(file["sha256"]),
            "source": str(file.get("source") or file["role"]),
            "release": str(file.get("release") or ""),
            "role": str(file["role"]),
        }
        for file in read
    )
    return sorted(rows, key=lambda row: (row["file"], row["sha256"]))
