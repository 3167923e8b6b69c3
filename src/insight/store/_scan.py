"""Which files a raw folder holds, in depth, without leaving it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from insight.core.area import shown
from insight.core.fingerprint import file_sha256
from insight.errors import SourceRefused, UsageError

Checksum = Callable[[Path], str]


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


def scan(raw: Path, *, besides: Path, checksum: Checksum = file_sha256) -> Folder:
    """Every file in depth, but for hidden ones, open-file markers and what lies in ``besides``.

    Links to folders are never followed, links to files only where they stay within the raw folder.

    Raises
    ------
    UsageError
        If the raw folder is none.
    SourceRefused
        If a file in it cannot be opened.
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
            if path.is_symlink() and not _leads_within(path, root):
                links.append(_name(path, root))
            elif path.is_file():
                files.append(_file(path, _name(path, root), checksum))
    return Folder(tuple(sorted(files, key=lambda file: file.name)), tuple(sorted(links)))


def facts_of(paths: Sequence[Path], checksum: Checksum = file_sha256) -> tuple[RawFile, ...]:
    """Files that lie outside the raw folder, in order of name; their names say so.

    Raises
    ------
    SourceRefused
        If one cannot be opened.
    """
    # The colon keeps such a name apart from the paths within the raw folder.
    return tuple(sorted((_file(path, f"facts: {path.name}", checksum) for path in paths), key=lambda file: file.name))


def _file(path: Path, name: str, checksum: Checksum) -> RawFile:
    try:
        return RawFile(path, name, path.stat().st_size, checksum(path))
    except OSError as fault:
        raise SourceRefused(
            f"reading {shown(name)}",
            found=f"a file that cannot be opened; the system says: {fault.strerror}",
            todo="close the program that has it open, ask for permission to read it, or move it out of the raw folder",
        ) from None


def _leads_within(link: Path, root: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):
        # It leads to nothing, or round in a circle.
        return False


def _name(path: Path, root: Path) -> str:
    # A name in another encoding than the system's is written with escapes, or no manifest could hold it.
    return path.relative_to(root).as_posix().encode("utf-8", "backslashreplace").decode("utf-8")


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$"))
