"""Which files a page may read, and a watch that notes every other one.

A page is not made again when a file changes that its study does not declare. So what the cells open is compared with
what may be opened, and a stranger fails the page. Python's own audit events are watched: a library that opens files in
compiled code must announce them with ``sys.audit("open", path, "r", 0)``, as the store does.
"""

from __future__ import annotations

import json
import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

VARIABLE = "INSIGHT_WATCH"
"""Names a file that :meth:`Allowed.write` made; a process that finds it set when it starts watches itself."""

# Joined from parts where the whole would read as the path of somebody's machine.
_ELSEWHERE = (("opt", "homebrew"), ("private", "etc"), ("private", "var", "db", "timezone"))
_SYSTEM = (
    *("/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev", "/run/systemd/resolve", "/System", "/Library"),
    *("/".join(("", *parts)) for parts in _ELSEWHERE),
)
_IN_HOME = (
    ".fonts",
    ".local/share/fonts",
    ".config/matplotlib",
    ".cache/matplotlib",
    ".matplotlib",
    ".cache/fontconfig",
)
_COMPILED = "__pycache__"


@dataclass(frozen=True)
class Allowed:
    """Files and folders that cells may read, folders that they may write, and where strangers are noted.

    All paths are absolute and have no links in them.
    """

    log: str
    files: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    _known: dict[tuple[str, bool], bool] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(
        cls, *, log: Path, files: Iterable[Path] = (), folders: Iterable[Path] = (), own: Iterable[Path] = ()
    ) -> Allowed:
        """What a page may do: read ``files`` and what lies in ``folders``, read and write in ``own``."""
        return cls(
            log=_real(log),
            files=frozenset(_real(path) for path in files),
            folders=tuple(_real(path) for path in folders),
            own=tuple(_real(path) for path in own),
        )

    def permits(self, path: str, *, writing: bool) -> bool:
        """Whether a path may be opened so."""
        known = os.path.abspath(path), writing  # noqa: PTH100 - no link is followed, and no file is looked at
        if known not in self._known:
            real = _real(path)
            judged = self._judge(real, writing)
            if not judged or os.path.exists(real):  # noqa: PTH110 - what is not there yet may be a stranger later
                self._known[known] = judged
            return judged
        return self._known[known]

    def _judge(self, real: str, writing: bool) -> bool:
        if _within(real, (*self.own, *_caches())) or real == self.log:
            return True
        if writing:
            return os.path.basename(os.path.dirname(real)) == _COMPILED and _within(real, installed())  # noqa: PTH119, PTH120
        return real in self.files or _within(real, (*self.folders, *installed(), *_SYSTEM)) or not os.path.isfile(real)  # noqa: PTH113

    def write(self, path: Path) -> None:
        """For another process, see ``VARIABLE``."""
        plain = {"log": self.log, "files": sorted(self.files), "folders": self.folders, "own": self.own}
        path.write_text(json.dumps(plain), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Allowed:
        """What ``write`` wrote."""
        plain = json.loads(path.read_text(encoding="utf-8"))
        return cls(plain["log"], frozenset(plain["files"]), tuple(plain["folders"]), tuple(plain["own"]))


def _real(path: Path | str) -> str:
    return os.path.normcase(os.path.realpath(path))


def _within(real: str, folders: Iterable[str]) -> bool:
    return any(real == folder or real.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)


@cache
def installed() -> tuple[str, ...]:
    """The folders of the interpreter, of its libraries and of this package."""
    places = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, *sysconfig.get_paths().values()}
    places |= {*site.getsitepackages(), site.getusersitepackages(), str(Path(__file__).resolve().parent)}
    windows = os.environ.get("WINDIR")
    return tuple(sorted({_real(place) for place in places if place} | ({_real(windows)} if windows else set())))


@cache
def _caches() -> tuple[str, ...]:
    """Where libraries keep what they may rebuild at any time: fonts and matplotlib's settings."""
    places = [os.environ[name] for name in ("MPLCONFIGDIR",) if os.environ.get(name)]
    home = Path.home()
    local = os.environ.get("LOCALAPPDATA")
    places += [str(home / name) for name in _IN_HOME] + ([str(Path(local) / "matplotlib")] if local else [])
    return tuple(_real(place) for place in places)


class _Watch:
    """The one hook of this process, and what it watches for at the moment: hooks cannot be taken back."""

    def __init__(self) -> None:
        self.allowed: Allowed | None = None
        self._is_set = False

    def start(self, allowed: Allowed) -> None:
        if not self._is_set:
            sys.addaudithook(self._hook)
            self._is_set = True
        self.allowed = allowed

    def _hook(self, event: str, details: tuple[Any, ...]) -> None:
        if event not in ("open", "sqlite3.connect") or self.allowed is None:
            return
        path = details[0]
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if isinstance(path, os.PathLike):
            path = os.fspath(path)
        if not isinstance(path, str) or path == ":memory:":
            return
        try:
            writing = _is_writing(details)
            if not self.allowed.permits(path, writing=writing):
                _note(self.allowed.log, path, "w" if writing else "r")
        except (OSError, ValueError):
            pass  # a path that no system can have opens nothing


def _is_writing(details: tuple[Any, ...]) -> bool:
    mode, flags = (*details[1:3], None, None)[:2]
    if isinstance(mode, str):
        return bool(set(mode) & set("wax+"))
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _note(log: str, path: str, how: str) -> None:
    """One line: how, and the file's name without its folders. Whole lines, whoever else is writing."""
    line = f"{how} {os.path.basename(path)}\n".encode("utf-8", errors="replace")  # noqa: PTH119
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)


_WATCH = _Watch()


@contextmanager
def watched(allowed: Allowed) -> Iterator[None]:
    """Note, for a while, every file that this process opens and may not."""
    _WATCH.start(allowed)
    try:
        yield
    finally:
        _WATCH.allowed = None


def watch_if_asked() -> None:
    """Watch this process from now on, where the environment asks for it."""
    path = os.environ.get(VARIABLE)
    if path:
        _WATCH.start(Allowed.read(Path(path)))


def strangers(log: Path) -> tuple[list[str], list[str]]:
    """Names of files that were read, and that were written, without leave; sorted, each once."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return [], []
    return tuple(sorted({line[2:] for line in lines if line[:2] == how}) for how in ("r ", "w "))  # type: ignore[return-value]
