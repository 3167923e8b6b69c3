"""Checksums: of a file, and of the package itself."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def file_sha256(path: Path | str) -> str:
    """SHA-256 of a file's bytes, in hexadecimal.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=16)
def package_fingerprint(*parts: str) -> str:
    """SHA-256 over the package's files: their paths and bytes, in order of path.

    Every packaged file counts, not the modules alone: the register and the templates change pages as code does.
    Compiled files do not. The answer is kept for the life of the process.

    Parameters
    ----------
    *parts : str
        Folders or files within the package, such as ``"core"`` or ``"errors.py"``; none means the whole package.
    """
    wanted = [_PACKAGE / part for part in parts] or [_PACKAGE]
    files = {path for place in wanted for path in (place.rglob("*") if place.is_dir() else [place])}
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.relative_to(_PACKAGE).as_posix()):
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
            digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()
