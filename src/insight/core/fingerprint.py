"""Checksums: of files, of the package itself, of plain content; and the versions of the libraries that were used."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from insight.core.whole import write_whole

_PACKAGE = Path(__file__).resolve().parents[1]
# A file that was written just now may be written again within one tick of the file system's clock.
_SETTLED_NS = 2_000_000_000
LIBRARIES = ("matplotlib", "numpy", "pandas", "pyarrow", "pyfixest", "scipy", "seaborn", "statsmodels")
"""Those whose version may change a number or a picture."""

_Mark = tuple[int, int, int, int]


# Beyond what JSON escapes by itself: those that a terminal obeys, or that turn the direction of the text after them.
_UNSEEN = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def seen(text: str) -> str:
    """JSON with every character that works unseen by its number; it says the same.

    >>> seen('{"name": "a\u202eb"}')
    '{"name": "a\\\\u202eb"}'
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def canonical(content: object) -> str:
    """Content as JSON text with the same bytes every time."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def content_sha256(content: object) -> str:
    """SHA-256 of plain JSON content, in hexadecimal.

    >>> content_sha256({"a": 1, "b": 2}) == content_sha256({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(canonical(content).encode("utf-8", "surrogatepass")).hexdigest()


def file_sha256(path: Path | str) -> str:
    """SHA-256 of a file's bytes, in hexadecimal.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Checksums:
    """Checksums of files, remembered for as long as size, times and inode stay the same.

    A file younger than two seconds is not remembered: it may change again without a sign. The memory is one small JSON
    file that may be deleted at any time; one that cannot be read is empty, one that cannot be written is not kept.

    Parameters
    ----------
    memory : Path
        Where the checksums are kept. What lies below the folder above it, as a site around its hidden folder, is named
        from there: a site that is copied as a whole says nothing of the machine that it was made on.
    """

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        self._above = os.path.join(memory.absolute().parent.parent, "")  # noqa: PTH118 - with the mark at its end
        # An earlier version named every file in full.
        self._known = {name.removeprefix(self._above): known for name, known in _read_memory(memory).items()}
        self._is_changed = False

    def sha256(self, path: Path | str) -> str:
        """SHA-256 of a file's bytes, in hexadecimal.

        Raises
        ------
        OSError
            If the file cannot be read.
        """
        file = Path(path).absolute()
        name, mark = str(file).removeprefix(self._above), _mark(file)
        known = self._known.get(name)
        if known is not None and known[0] == mark:
            return known[1]
        checksum = file_sha256(file)
        # The clock is asked for trust alone; it reaches no output.
        is_settled = time.time_ns() - max(mark[1], mark[2]) > _SETTLED_NS
        if is_settled and _mark(file) == mark:
            self._known[name] = (mark, checksum)
            self._is_changed = True
        return checksum

    def save(self) -> None:
        """Keep what was learnt, without the files that are gone."""
        if not self._is_changed:
            return
        there = {
            name: [*mark, checksum]
            for name, (mark, checksum) in self._known.items()
            if Path(self._above, name).exists()
        }
        with suppress(OSError):
            write_whole(self._memory, canonical(there).encode("utf-8", "surrogatepass"))
            self._is_changed = False


def _mark(file: Path) -> _Mark:
    found = file.stat()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def _read_memory(memory: Path) -> dict[str, tuple[_Mark, str]]:
    try:
        read = json.loads(memory.read_bytes())
        return {str(name): ((int(a), int(b), int(c), int(d)), str(e)) for name, (a, b, c, d, e) in read.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


@lru_cache(maxsize=1)
def package_files() -> Mapping[str, str]:
    """SHA-256 of every packaged file by its path within the package, in order; kept for the life of the process.

    Every packaged file counts, not the modules alone: the register and the templates change pages as code does.
    Compiled and hidden files do not.
    """
    found: dict[str, str] = {}
    for folder, subfolders, names in os.walk(_PACKAGE):
        subfolders[:] = [each for each in subfolders if each != "__pycache__" and not each.startswith(".")]
        for file in (Path(folder, name) for name in names if not name.startswith(".")):
            found[file.relative_to(_PACKAGE).as_posix()] = hashlib.sha256(file.read_bytes()).hexdigest()
    return dict(sorted(found.items()))


def package_fingerprint(*parts: str) -> str:
    """SHA-256 over the package's files: their paths and bytes, in order of path.

    Parameters
    ----------
    *parts : str
        Folders or files within the package, such as ``"core"`` or ``"errors.py"``; none means the whole package.
    """
    chosen = {path: checksum for path, checksum in package_files().items() if not parts or _is_of(path, parts)}
    return fingerprint_of(chosen)


def fingerprint_of(files: Mapping[str, str]) -> str:
    """SHA-256 over paths and checksums, in order of path."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path}\0{files[path]}\n".encode())
    return digest.hexdigest()


def _is_of(path: str, parts: Iterable[str]) -> bool:
    return any(path == part or path.startswith(f"{part}/") for part in parts)


@lru_cache(maxsize=8)
def versions(names: tuple[str, ...] = LIBRARIES) -> Mapping[str, str]:
    """The versions of Python and of installed libraries by name; "none" where one is not installed."""
    # 35 ms, which a command that has nothing to do does not pay.
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def installation_mark() -> str:
    """A mark that changes when a library is installed, upgraded or removed; much quicker than its versions.

    Each version has a folder of its own beside the library, so a change of version changes the folder that holds both.
    """
    # The current folder holds no libraries, and changes with every file that is put there.
    folders = [Path(place) for place in sys.path if place and Path(place) != Path.cwd()]
    places = [[str(folder), folder.stat().st_mtime_ns] for folder in folders if folder.is_dir()]
    return content_sha256([sys.version, places])
