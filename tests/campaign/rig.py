"""A small project in which anything can be made to go wrong, and the audit of what is left afterwards."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from insight.core.fingerprint import file_sha256
from insight.reporting.journal import Journal
from insight.reporting.record import Record

STUDY = "caseload_turnover"
HOME = tuple(f"X060000{number:02}" for number in range(1, 15))
FAULTS = "INSIGHT_CAMPAIGN_FAULTS"
MARK = "INSIGHT_CAMPAIGN_MARK"
# What a cell does in the page that is picked; the code cells are the same for every page, and so are their keys.
PAGE_FAULTS = {
    "raises": "raise ValueError('Zzyzx Canary')",
    "is killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "breaks off": "import os; os._exit(9)",
    "ends itself": "import sys; sys.exit(3)",
    "breaks memory": "import ctypes; ctypes.string_at(0)",
    "hangs": "import time; time.sleep(3600)",
    "never ends": "while True: pass",
    "takes all memory": "hoard = [bytearray(64 << 20) for _ in range(4096)]",
    "prints for ever": "import sys\nfor _ in range(20_000): sys.stdout.write('x' * 5_000)",
    "leaves a child": "import subprocess; subprocess.Popen(['sleep', '3600'])",
}
# A child that is left behind is no fault of the page; it must only be gone with it.
HARMLESS = {"leaves a child"}


@dataclass(frozen=True)
class Project:
    """A project's folder with a quick notebook, and where its sites go."""

    folder: Path

    def command(self, *words: str, out: Path) -> list[str]:
        return [sys.executable, "-m", "insight", *words, "--out", str(out)]

    def environment(self, faults: Mapping[str, str], mark: str) -> dict[str, str]:
        return {**os.environ, FAULTS: json.dumps(dict(faults)), MARK: mark, "PYTHONUTF8": "1"}

    def run(self, out: Path, *words: str, faults: Mapping[str, str] | None = None, mark: str = "") -> Ended:
        """A batch to its end, however that comes."""
        return self.start(out, *words, faults=faults or {}, mark=mark).end()

    def start(self, out: Path, *words: str, faults: Mapping[str, str], mark: str) -> Running:
        chosen = words or ("run", STUDY)
        process = subprocess.Popen(
            self.command(*chosen, out=out),
            cwd=self.folder,
            env=self.environment(faults, mark),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        return Running(process, out)


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    said: str


@dataclass
class Running:
    """A batch that is under way."""

    process: subprocess.Popen[str]
    out: Path

    def until(self, pages: int, *, seconds: float = 60.0) -> None:
        """Wait until so many pages are done, or the batch has ended."""
        limit = time.monotonic() + seconds
        while self.process.poll() is None and done_in(self.out) < pages and time.monotonic() < limit:
            time.sleep(0.01)

    def send(self, number: int) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)

    def end(self, *, seconds: float = 120.0) -> Ended:
        said, errors = self.process.communicate(timeout=seconds)
        return Ended(self.process.returncode, said + errors)


def done_in(out: Path) -> int:
    """Pages that the run under way has put in place, as its journal says."""
    events = Journal(out).cut_off() if (out / ".insight").is_dir() else []
    return sum(event["event"] == "page done" for event in events)


def make_project(root: Path, folder: Path, processed: Path) -> Project:
    """The sample's home region and one quick notebook with a place for faults."""
    (folder / "notebooks").mkdir(parents=True)
    raw = (root / "data" / "raw" / "sample").as_posix()
    settings = f'raw = "{raw}"\nhome_region = "X12000001"\nprocessed = "{processed.as_posix()}"\n'
    (folder / "insight.toml").write_text(settings, encoding="utf-8")
    notebook = nbformat.read(root / "notebooks" / f"{STUDY}.ipynb", as_version=4)
    cells = notebook.cells[:4]
    fault = nbformat.v4.new_code_cell(
        f'exec(__import__("json").loads(__import__("os").environ.get("{FAULTS}", "{{}}")).get(authority, ""))',
        id="fault",
    )
    notebook.cells = [*cells[:3], fault, cells[3]]
    nbformat.write(notebook, folder / "notebooks" / f"{STUDY}.ipynb")
    return Project(folder)


def published(out: Path) -> dict[str, bytes]:
    """Every file of a site but what lies under ``.insight``."""
    files = (path for path in out.rglob("*") if path.is_file() and ".insight" not in path.parts)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def marked(mark: str) -> list[int]:
    """Processes that carry this mark in their environment and are still there."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (place / "environ").read_bytes():
                found.append(int(place.name))
        except OSError:
            continue
    return found


def gone(mark: str, *, seconds: float = 5.0) -> bool:
    """Whether every process of a batch has ended, within a while."""
    limit = time.monotonic() + seconds
    while marked(mark):
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


def audit(out: Path, reference: Mapping[str, bytes]) -> list[str]:
    """What is not as it must be in a folder after a batch, however the batch ended.

    Every page that the manifest lists is whole, has a record of the documented form, and is the same bytes as in a site
    that met no fault, unless it carries a notice. The set of reports is that of the journal's successes.
    """
    wrong: list[str] = []
    if not (out / "manifest.json").is_file():
        pages: dict[str, dict[str, str]] = {}
    else:
        pages = json.loads((out / "manifest.json").read_bytes())["pages"]
    for href, entry in pages.items():
        html, record = out / href, (out / href).with_suffix(".json")
        if not html.is_file() or not record.is_file():
            wrong.append(f"{href} is listed and not there")
            continue
        if file_sha256(html) != entry["html_sha256"] or file_sha256(record) != entry["record_sha256"]:
            wrong.append(f"{href} differs from its manifest")
        Record.model_validate_json(record.read_bytes())
        if not entry.get("notice") and html.read_bytes() != reference[href]:
            wrong.append(f"{href} differs from a page made without a fault")
    wrong += [f"{path} is a file that nobody ordered" for path in published(out) if not _is_expected(path, reference)]
    succeeded = _successes(out)
    if (out / "manifest.json").is_file() and succeeded is not None and succeeded != set(pages):
        wrong.append(f"journal and manifest disagree over {sorted(succeeded ^ set(pages))}")
    if any(b"Zzyzx" in content for content in every_file(out).values()):
        wrong.append("a value of the data stands in a file")
    return wrong


def every_file(out: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def _is_expected(path: str, reference: Mapping[str, bytes]) -> bool:
    return path in reference


def _successes(out: Path) -> set[str] | None:
    """Pages that the journal says were put in place; None while a killed run has not been taken stock of."""
    events = list(Journal(out).read())
    if not events or events[-1]["event"] not in ("run ended", "run interrupted"):
        return None
    return {str(event["page"]) for event in events if event["event"] == "page done"}


@dataclass
class Dice:
    """Seeded choices."""

    seed: int
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def faults(self, kinds: Sequence[str]) -> dict[str, str]:
        """One to three pages and what goes wrong in each."""
        picked = self.random.sample(HOME, self.random.randint(1, 3))
        return {area: self.random.choice(list(kinds)) for area in picked}


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path | None]:
    """A file system of this size; None where this user may not make one."""
    folder.mkdir(parents=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    try:
        yield folder if made.returncode == 0 else None
    finally:
        if made.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=False)


STOPS = {
    "Ctrl-C": (signal.SIGINT,),
    "Ctrl-C twice": (signal.SIGINT, signal.SIGINT),
    "asked to end": (signal.SIGTERM,),
    "killed": (signal.SIGKILL,),
}
