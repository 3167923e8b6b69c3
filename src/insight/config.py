"""Settings: flags win over the environment, that over ``insight.toml``, that over defaults."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from insight.errors import UsageError

FILE = "insight.toml"
DEFAULTS = {
    "raw": "data/raw/sample",
    "home_region": "",
    "out": "reports",
    "processed": "data/processed",
    "cell_seconds": "600",
    "page_seconds": "1200",
    "page_memory_mb": "4096",
    "fetch_hosts": "",
    "browser": "",
}
_PATHS = {"raw", "out", "processed"}


@dataclass(frozen=True)
class Setting:
    """A value and where it came from."""

    value: str
    origin: str


@dataclass(frozen=True)
class Config:
    """Everything a command needs to know; ``root`` is the folder of ``insight.toml``, or the current one."""

    root: Path
    settings: Mapping[str, Setting]

    def _path(self, name: str) -> Path:
        return (self.root / self.settings[name].value).resolve()

    @property
    def raw(self) -> Path:
        """The folder of published files."""
        return self._path("raw")

    @property
    def out(self) -> Path:
        """Where pages go."""
        return self._path("out")

    @property
    def processed(self) -> Path:
        """Where stores are built, one per raw folder."""
        return self._path("processed")

    @property
    def cards(self) -> list[Path]:
        """The project's provenance cards."""
        return sorted((self.root / "data" / "raw").glob("*.toml"))

    @property
    def facts(self) -> list[Path]:
        """The project's own lists, of programmes and of aims, which are read beside a raw folder."""
        kept = self.root / "data" / "raw"
        return [*sorted(kept.glob("programmes.csv")), *sorted(kept.glob("aims/*.toml"))]

    @property
    def limits(self) -> tuple[float, float, int]:
        """What one page may use: seconds of a cell, seconds of a page, bytes of memory.

        Raises
        ------
        UsageError
            If one of the three is not a whole number above zero.
        """
        cell, page, memory = (self._whole(name) for name in ("cell_seconds", "page_seconds", "page_memory_mb"))
        return float(cell), float(page), memory * 1024**2

    def _whole(self, name: str) -> int:
        setting = self.settings[name]
        if not setting.value.isdecimal() or not 0 < int(setting.value) < 10**9:
            raise UsageError(
                f"reading the setting {name} ({setting.origin})",
                found=f"{setting.value[:40]!r}",
                todo='give a whole number above zero, as text: "600"',
            )
        return int(setting.value)

    @property
    def home_region(self) -> str:
        """Code or name of the region that is run when nothing else is asked for."""
        return self.settings["home_region"].value


def find_root(start: Path | None = None) -> Path:
    """The nearest folder at or above ``start`` with an ``insight.toml``; else ``start`` itself."""
    here = (start or Path.cwd()).resolve()
    return next((folder for folder in (here, *here.parents) if (folder / FILE).is_file()), here)


def load_config(*, flags: Mapping[str, str | None] | None = None, start: Path | None = None) -> Config:
    """Settings in force.

    Parameters
    ----------
    flags : mapping, optional
        Values from the command line; a path is relative to the current folder. None means not given.
    start : Path, optional
        Where to begin looking for ``insight.toml``.

    Raises
    ------
    UsageError
        If the file is not readable as TOML, has a setting that does not exist, or a path is none.
    """
    root = find_root(start)
    settings = {name: Setting(value, "default") for name, value in DEFAULTS.items()}
    for name, value in _from_file(root / FILE).items():
        _require_path(name, value, FILE)
        settings[name] = Setting(value, FILE)
    for name in DEFAULTS:
        variable = f"INSIGHT_{name.upper()}"
        if os.environ.get(variable):
            origin = f"environment variable {variable}"
            settings[name] = Setting(_from_here(name, os.environ[variable], origin), origin)
    for name, given in (flags or {}).items():
        if given is not None:
            origin = f"flag --{name.replace('_', '-')}"
            settings[name] = Setting(_from_here(name, given, origin), origin)
    return Config(root, settings)


def _from_here(name: str, value: str, origin: str) -> str:
    _require_path(name, value, origin)
    return str(Path(value).resolve()) if name in _PATHS else value


def _require_path(name: str, value: str, origin: str) -> None:
    """Refuse a path that is empty, which would mean the current folder, or that no folder can have."""
    if name not in _PATHS:
        return
    try:
        if not value:
            raise ValueError
        Path(value).resolve()
    except (OSError, RuntimeError, ValueError):
        raise UsageError(
            f"reading the setting {name} ({origin})",
            found="nothing" if not value else "a path that leads nowhere",
            todo="give the path of a folder",
        ) from None


def _from_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"reading {FILE}", found=f"not TOML: {error}", todo="mend the line, or delete the file"
        ) from None
    unknown = sorted(set(read) - set(DEFAULTS))
    if unknown or not all(isinstance(value, str) for value in read.values()):
        raise UsageError(
            f"reading {FILE}",
            found=f"unknown setting {', '.join(unknown)}" if unknown else "a value that is not text",
            todo=f"use only {', '.join(DEFAULTS)}, each as text in quotes",
        )
    return read
