"""Which files a raw folder holds, in depth, without leaving it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from insight.core.area import shown
from insight.core.fingerprint import file_sha256
from insight.errors import UsageError


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file of the raw folder; ``name`` is its path within the folder, with forward slashes."""

    path: Path
    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of a raw folder in order of name, and the links that were not followed."""

    files: tuple[RawFile, ...]
    links: tuple[str, ...]


def scan(raw: Path, *, besides: Path) -> Folder:
    """Every file in depth, but for hidden ones, open-file markers and what lies in ``besides``.

    Links to folders are never followed, links to files only where they stay within the raw folder.

    Raises
    ------
    UsageError
        If the raw folder is none.
    """
    if not raw.is_dir():
        raise UsageError(
            "looking for raw files",
            found=f"no folder called {shown(raw.name)!r} there",
            todo="give the folder that holds the published files",
        )
    root, outside = raw.resolve(), besides.resolve()
    files: list[RawFile] = []
    links: list[str] = []
    for folder, subfolders, names in os.walk(root, followlinks=False):
        here = Path(folder)
        links += [_name(here / each, root) for each in subfolders if (here / each).is_symlink()]
        subfolders[:] = sorted(each for each in subfolders if not _is_hidden(each) and (here / each) != outside)
        for each in names:
            path = here / each
            if _is_hidden(each):
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                links.append(_name(path, root))
            elif path.is_file():
                files.append(RawFile(path, _name(path, root), path.stat().st_size, file_sha256(path)))
    return Folder(tuple(sorted(files, key=lambda file: file.name)), tuple(sorted(links)))


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$"))
