"""Does this machine have what a run needs? Looked at before a batch, not found out in the middle of it.

Nothing is imported that a check does not need, and nothing leaves the machine unless that is asked for.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insight.errors import NotReady
from insight.warm import can_fork

if TYPE_CHECKING:
    from insight.config import Config
    from insight.reporting.job import Isolation

PACKAGE = "insight"
KERNEL = "python3"
PYTHON = "python"
"""How commands to paste call the Python that runs this one, as every other command of these pages does."""
MEMORY_BYTES = 600_000_000
"""What two pages at a time need, with some to spare."""
DISK_BYTES = 500_000_000
"""A site of every authority, its stored results, and a second copy while pages are put in place."""
INNER_PATH = 110
"""Characters of the longest path inside an output folder."""
INNER_STORE_PATH = 140
"""The same inside the folder of the stores: a store's name, its parts, and a checksum."""
PATH_LIMIT = 260
"""Characters of a path on Windows, where long paths are not switched on."""

_ASKED: Mapping[str, str] = {
    "fork": "getting ready to run in forked processes",
    "kernel": "getting ready to run with real kernels",
    "none": "getting ready to run without kernels",
}
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*(?:\[[^]]*\])?\s*\(?([^;)]*)\)?\s*(?:;\s*(.*))?")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; ``is_ok`` is None where it was not, and ``found`` then says why."""

    name: str
    is_ok: bool | None
    found: str
    todo: str = ""

    def line(self) -> str:
        """The check on one line, and below it what to do."""
        state = {True: "ok", False: "wrong", None: "not looked at"}[self.is_ok]
        return f"{state:13}  {self.name}: {self.found}" + (f"\n{'':15}do: {self.todo}" if self.todo else "")


def require_ready(isolation: Isolation) -> None:
    """Refuse to begin a batch that this machine cannot do; a few milliseconds.

    Raises
    ------
    NotReady
        Naming everything that is missing, with the line that mends it.
    """
    wrong = [check for check in _needed(isolation) if check.is_ok is False]
    if wrong:
        raise NotReady(
            _ASKED[isolation],
            found="; ".join(f"{check.name}: {check.found}" for check in wrong),
            todo="; then: ".join(check.todo for check in wrong),
        )


def look(config: Config, *, isolation: Isolation | None = None, network: bool = False) -> tuple[Check, ...]:
    """Everything that can be looked at here, for the isolation asked for or for all that this system has.

    Parameters
    ----------
    network : bool
        Ask the publishers' hosts whether they answer; without it, nothing leaves the machine.
    """
    from insight.reporting.doctor_files import open_files, unfinished
    from insight.reporting.doctor_network import certificates, hosts, proxies

    fork = can_run_forked()
    if isolation is None and not fork.is_ok:
        fork = Check(fork.name, None, f"{fork.found}; --isolation kernel and none work here")
    skipped = "not needed for the isolation asked for"
    return (
        python_version(),
        libraries(),
        fork if isolation in (None, "fork") else Check(fork.name, None, skipped),
        *(kernel_checks() if isolation in (None, "kernel") else (Check("kernel", None, skipped),)),
        dask_library(),
        memory(),
        raw_folder(config.raw),
        open_files(config.raw),
        unfinished(config.raw, config.root / "data" / "raw" / "published"),
        notebooks(config.root),
        writable(config.out),
        free_space(config.out),
        path_length(config.out),
        path_length(config.processed, what="path length of stores", inner=INNER_STORE_PATH),
        synchronised(config.out),
        synchronised(config.processed, what="store", label="OneDrive and stores"),
        proxies(),
        certificates(),
        *hosts(network=network),
    )


def _needed(isolation: Isolation) -> Iterable[Check]:
    yield python_version()
    yield libraries()
    if isolation == "fork":
        yield can_run_forked()
    if isolation == "kernel":
        yield from kernel_checks()


def python_version() -> Check:
    """At least what the package declares."""
    found = ".".join(str(part) for part in sys.version_info[:3])
    wanted = _declared("Requires-Python")
    if wanted and not _satisfies(found, wanted[0]):
        return Check(
            "Python", False, f"{found}, {_in_words(wanted[0])}", "install that version and set up again with it"
        )
    return Check("Python", True, found)


def libraries() -> Check:
    """Every library that the package requires is installed, and neither older nor newer than it can use."""
    required = [spec for spec in map(_requirement, _declared("Requires-Dist")) if spec and not spec[2]]
    if not required:
        return Check("libraries", None, "insight itself is not installed, so it does not say what it needs")
    lacking = []
    for name, wanted, _ in required:
        version = _version(name)
        if version is None:
            lacking.append((name, wanted, f"{name} is not installed"))
        elif not _satisfies(version, wanted):
            lacking.append((name, wanted, f"{name} is {version}, {_in_words(wanted)}"))
    if not lacking:
        return Check("libraries", True, f"all {len(required)} are installed")
    return Check("libraries", False, "; ".join(words for _, _, words in lacking), _pip(lacking))


def dask_library() -> Check:
    """The extra library for a cluster; a run on this machine does without it."""
    extras = [spec for spec in map(_requirement, _declared("Requires-Dist")) if spec and spec[2] == "dask"]
    lacking = [(name, wanted, "") for name, wanted, _ in extras if _version(name) is None]
    if lacking:
        return Check("dask", None, f"not installed; needed for --executor dask alone: {_pip(lacking)}")
    return Check("dask", True if extras else None, "installed" if extras else "the package does not ask for it")


def can_run_forked() -> Check:
    """Whether a warm process may be forked here."""
    if can_fork():
        return Check("fork", True, "this system can")
    return Check("fork", False, "not safe on this system", "add --isolation kernel; or none, which opens no port")


def kernel_checks() -> tuple[Check, ...]:
    """What real kernels need: one that starts this very Python, and a port to speak over."""
    return (kernel_spec(), loopback_port())


def kernel_spec() -> Check:
    """The kernel that notebooks name starts this very interpreter, not an older or a foreign one."""
    again = f"install it again: {PYTHON} -m ipykernel install"
    if importlib.util.find_spec("ipykernel") is None or importlib.util.find_spec("jupyter_core") is None:
        return Check("kernel", False, f"no Jupyter kernel named {KERNEL}", f'{PYTHON} -m pip install "ipykernel"')
    from jupyter_core.paths import jupyter_path

    folders = [Path(folder) for folder in jupyter_path("kernels")]
    found = next((folder for folder in folders if (folder / KERNEL / "kernel.json").is_file()), None)
    if found is None:
        return Check("kernel", True, "the one that ipykernel brings with it")
    own = Path(sys.prefix) / "share" / "jupyter" / "kernels"
    # The first folder wins, so a kernel installed behind the one that was found would change nothing.
    is_first = own in folders and folders.index(own) <= folders.index(found)
    mend = f"{again} {'--sys-prefix' if is_first else '--user'}"
    try:
        argv = json.loads((found / KERNEL / "kernel.json").read_text(encoding="utf-8"))["argv"]
        starts = str(argv[0])
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return Check("kernel", False, f"the file of the Jupyter kernel {KERNEL} is damaged", mend)
    if _is_this_python(starts):
        return Check("kernel", True, f"{KERNEL} starts this Python")
    is_there = shutil.which(starts) is not None
    words = "another Python than this one" if is_there else "a Python that is no longer there"
    return Check("kernel", False, f"the Jupyter kernel {KERNEL} starts {words}", mend)


def loopback_port() -> Check:
    """A port that only this machine sees can be opened and reached."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 2):
            return Check("port", True, "one that only this machine sees can be opened")
    except OSError:
        return Check("port", False, "none can be opened, not even for this machine alone", "add --isolation none")


def memory() -> Check:
    """Memory that is free for pages."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return Check("memory", None, "this system does not say it where this looks")
    if free < MEMORY_BYTES:
        return Check("memory", False, f"{_size(free)} free", "close other programs, or add --jobs 1")
    return Check("memory", True, f"{_size(free)} free")


def raw_folder(folder: Path) -> Check:
    """The folder of published files is there and holds something."""
    count = sum(1 for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
    if not count:
        return Check("raw folder", False, "no files in it", "put the published files there, or name it with --raw")
    return Check("raw folder", True, f"{count:,} files")


def notebooks(root: Path) -> Check:
    """The notebooks that pages are made from."""
    count = len(list((root / "notebooks").glob("*.ipynb")))
    if not count:
        return Check("notebooks", False, "none here", "run from the project's folder, where insight.toml is")
    return Check("notebooks", True, f"{count}")


def writable(out: Path) -> Check:
    """The output folder can be written, or made."""
    place = _standing(out)
    if not place.is_dir():
        return Check("output folder", False, "a file stands in its place", "choose another --out")
    try:
        with tempfile.TemporaryFile(dir=place):
            return Check("output folder", True, "can be written" if place == out else "can be made")
    except OSError as fault:
        return Check(
            "output folder", False, f"the system says: {fault.strerror}", "choose as --out one that you may write"
        )


def free_space(out: Path) -> Check:
    """Room for a site of every authority."""
    try:
        free = shutil.disk_usage(_standing(out)).free
    except OSError as fault:
        return Check("free space", None, f"the system says: {fault.strerror}")
    if free < DISK_BYTES:
        return Check("free space", False, _size(free), f"make room: {_size(DISK_BYTES)} are enough for every authority")
    return Check("free space", True, _size(free))


def path_length(
    folder: Path,
    *,
    what: str = "path length",
    inner: int = INNER_PATH,
    is_windows: bool = os.name == "nt",
    has_long_paths: bool | None = None,
) -> Check:
    """Whether every file of a site, or of the stores, has a path that the system takes."""
    if not is_windows:
        return Check(what, None, "only Windows limits it")
    longest = len(str(folder)) + inner
    if longest < PATH_LIMIT or (_has_long_paths() if has_long_paths is None else has_long_paths):
        return Check(what, True, f"at most {longest} characters")
    found = f"up to {longest} characters, where this system takes {PATH_LIMIT - 1}"
    return Check(what, False, found, "choose a folder nearer to the top of the drive: --out, or the project's own")


def synchronised(
    out: Path, *, what: str = "output", label: str = "OneDrive", environment: Mapping[str, str] = os.environ
) -> Check:
    """Whether OneDrive copies a folder while it is being written."""
    homes = [Path(value) for name, value in environment.items() if name.upper().startswith("ONEDRIVE") and value]
    is_inside = any(out.is_relative_to(home) for home in homes if home.is_absolute())
    if is_inside or any(re.match(r"onedrive(\b|_)", part, re.IGNORECASE) for part in out.parts):
        found = f"the {what} folder is one; a file that it holds is tried again. Where a run is slow, pause it"
        return Check(label, True, found)
    return Check(label, True, f"the {what} folder is none of its folders")


def _declared(field: str) -> list[str]:
    """The lines of a field of the package's own metadata; none where it is not installed."""
    return re.findall(rf"^{field}:\s*(.+?)\s*$", _header(PACKAGE), re.MULTILINE)


def _version(name: str) -> str | None:
    found = re.search(r"^Version:\s*(\S+)", _header(name), re.MULTILINE)
    return found[1] if found else None


def _header(name: str) -> str:
    """The fields of a distribution, without its description: reading that as a mail costs ten times as much."""
    with suppress(metadata.PackageNotFoundError):
        distribution = metadata.distribution(name)
        text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
        return text.partition("\n\n")[0]
    return ""


def _requirement(line: str) -> tuple[str, str, str] | None:
    """Name, version wanted, extra ("" for none); None where it is for another system."""
    found = _REQUIREMENT.fullmatch(line.strip())
    if found is None:
        return None
    name, wanted, marker = found[1], found[2].replace(" ", ""), found[3] or ""
    extra = re.fullmatch(r"extra\s*==\s*['\"]([\w-]+)['\"]", marker.strip())
    return (name, wanted, extra[1] if extra else "") if extra or not marker else None


def _satisfies(version: str, wanted: str) -> bool:
    """Whether a version lies within ``>=`` and ``<`` bounds; other signs are left to the installer."""
    have = _numbers(version)
    for bound in filter(None, wanted.split(",")):
        if bound.startswith(">=") and have < _numbers(bound[2:]):
            return False
        if bound.startswith("<") and not bound.startswith("<=") and have >= _numbers(bound[1:]):
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, without zeros at the end: 2.0 and 2 are one version."""
    numbers = [int(part) for part in re.findall(r"\d+", re.match(r"[\d.]*", version.strip())[0])]  # type: ignore[index]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _in_words(wanted: str) -> str:
    """``>=2,<3`` as a person says it."""
    signs = {">=": "at least", "<": "below"}
    bounds = [re.fullmatch(r"(>=|<)(.+)", bound) for bound in sorted(wanted.split(","), reverse=True)]
    return " and ".join(f"{signs[bound[1]]} {bound[2]}" for bound in bounds if bound) + " is needed"


def _pip(lacking: Iterable[tuple[str, str, Any]]) -> str:
    return " ".join([PYTHON, "-m pip install", *(f'"{name}{wanted}"' for name, wanted, _ in lacking)])


def _is_this_python(starts: str) -> bool:
    """Whether a kernel's command is this interpreter: the same folder, since links of an environment lead elsewhere."""
    if starts in {"python", f"python{sys.version_info[0]}", f"python{sys.version_info[0]}.{sys.version_info[1]}"}:
        return True  # Jupyter puts its own interpreter in the place of these words.
    path = shutil.which(starts)
    return path is not None and _folder(path) == _folder(sys.executable)


def _folder(path: str) -> str:
    return os.path.normcase(Path(path).parent.resolve())


def _standing(path: Path) -> Path:
    """The nearest place at or above a path that is there."""
    return next((place for place in (path, *path.parents) if place.exists()), path)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _has_long_paths() -> bool:
    """Whether this Windows has been told to allow them."""
    if sys.platform != "win32":
        return True
    import winreg

    with (
        suppress(OSError),
        winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key,
    ):
        return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])
    return False
