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
from insight.reporting.journal import ENDS, Journal
from insight.reporting.notice import OPEN, without_notice
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

    def use(self, version: int) -> None:
        """From now on every page has other code, and another key, than in the other versions."""
        path = self.folder / "notebooks" / f"{STUDY}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        (fault,) = (cell for cell in notebook.cells if cell.id == "fault")
        fault.source = f"{_FAULT}  # version {version}"
        nbformat.write(notebook, path)

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
        """Wait until so many pages are done, or the batch has ended; at least until the program itself has begun."""
        limit = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < limit:
            # Before that, Python is busy with itself, and answers an interruption in its own words.
            if done_in(self.out) >= pages and _cpu_seconds(self.process.pid) > _STARTING:
                return
            time.sleep(0.01)

    def send(self, number: int) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)

    def end(self, *, seconds: float = 120.0) -> Ended:
        said, errors = self.process.communicate(timeout=seconds)
        return Ended(self.process.returncode, said + errors)


_STARTING = 0.3


def _cpu_seconds(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
    notebook.cells = [*cells[:3], nbformat.v4.new_code_cell(_FAULT, id="fault"), cells[3]]
    nbformat.write(notebook, folder / "notebooks" / f"{STUDY}.ipynb")
    return Project(folder)


_FAULT = f'exec(__import__("json").loads(__import__("os").environ.get("{FAULTS}", "{{}}")).get(authority, ""))'


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


def audit(out: Path, references: Sequence[Mapping[str, bytes]]) -> list[str]:
    """What is not as it must be in a folder after a batch, however the batch ended.

    Every page that stands is the same bytes as in one of the sites that met no fault, but for a notice, or says that it
    could not be made. What the manifest lists is there and has a record of the documented form; where the run came to
    its end, with these checksums. No page that stood before is lost.
    """
    wrong: list[str] = []
    stands = published(out)
    for path, content in stands.items():
        if is_around(path):
            # It says what stands, so it differs where a page is missing.
            if not content.rstrip().endswith(b"</html>"):
                wrong.append(f"{path} is half a page")
        elif path not in references[0]:
            wrong.append(f"{path} is a file that nobody ordered")
        elif "/" in path and not _is_whole(path, content, references):
            wrong.append(f"{path} is of no run without a fault")
    pages = json.loads(stands["manifest.json"])["pages"] if "manifest.json" in stands else {}
    is_ended = _is_ended(out)
    for href, entry in pages.items():
        html, record = out / href, (out / href).with_suffix(".json")
        if not html.is_file() or not record.is_file():
            wrong.append(f"{href} is listed and not there")
            continue
        Record.model_validate_json(record.read_bytes())
        if is_ended and (file_sha256(html), file_sha256(record)) != (entry["html_sha256"], entry["record_sha256"]):
            wrong.append(f"{href} differs from its manifest")
    good = {path for path, content in stands.items() if path.endswith(".html") and OPEN in content}
    if is_ended and pages and good != set(pages):
        wrong.append(f"pages and manifest disagree over {sorted(good ^ set(pages))}")
    if any(b"Zzyzx" in content for content in every_file(out).values()):
        wrong.append("a value of the data stands in a file")
    return wrong


def of_studies(out: Path) -> list[Path]:
    """The pages of studies that stand in a site."""
    pages = [path.relative_to(out).as_posix() for path in out.glob("*/*.html")]
    return [out / path for path in sorted(pages) if not is_around(path)]


def is_around(path: str) -> bool:
    """Whether it is a page of the site and of no study."""
    first, _, rest = path.partition("/")
    return path.endswith(".html") and (not rest or rest == "index.html" or first in ("methods", "questions"))


def _is_whole(path: str, content: bytes, references: Sequence[Mapping[str, bytes]]) -> bool:
    if path.endswith(".html") and OPEN not in content:
        return b"could not be made" in content and content.rstrip().endswith(b"</html>")
    plain = without_notice(content)
    return any(plain == without_notice(reference[path]) for reference in references)


def every_file(out: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def _is_ended(out: Path) -> bool:
    """Whether the last run could say that it ended; a killed one leaves the manifest to the next."""
    last = Journal(out).last()
    return last is not None and last["event"] in ENDS


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
