"""What a page costs, beside the stock tools and beside a plain script, and what a batch of all England costs.

    python benchmarks/batch.py                 every section, into benchmarks/results.md (about 40 minutes)
    python benchmarks/batch.py pages kernels   these sections anew

Sections: ``limit`` (a page against a plain script, paired in children of one warm parent), ``pages`` (whole commands
and stock tools at equal numbers of pages, alternating), ``kernels`` (the warm kernel), ``england`` (the published
files: every authority, every study), ``growth`` (cost of a page as pages grow), ``unchanged`` (a site of over a
thousand pages: nothing changed, a word changed, a template changed).

Everything runs on the same notebooks, with the shared results of each study at hand and one thread for each process.
Seconds are those of this machine; the ratios are what to read.
"""

from __future__ import annotations

import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
STUDIES = ("caseload_turnover", "site_effect")
ROUNDS = 3
STOCK_PAGES = 6
MANY = 14
COPIES = 8


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds of something and all of its descendants; peak of their proportional memory, in bytes."""

    cpu: float
    wall: float
    peak: int = 0
    pages: int = 1

    def per_page(self) -> tuple[float, float]:
        return self.cpu / self.pages, self.wall / self.pages


def command(words: list[str], *, pages: int = 1, watch: bool = False, **settings: str) -> Cost:
    """Run a command to its end; its descendants count as they are waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    environment = {**os.environ, **ONE_THREAD, **settings}
    process = subprocess.Popen(
        words, cwd=settings.get("PWD", ROOT), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    peak: list[int] = []
    watcher = threading.Thread(target=_watch, args=(process, peak), daemon=True)
    if watch:
        watcher.start()
    said = process.communicate()[1].decode(errors="replace")
    wall = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}:\n{said[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, wall, max(peak, default=0), pages)


def _watch(process: subprocess.Popen[bytes], peak: list[int]) -> None:
    """Sum of the proportional set sizes of a process and its descendants, every fifth of a second."""
    while process.poll() is None:
        peak.append(sum(map(_proportional, _family(process.pid))))
        time.sleep(0.2)


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _family(int(child))


def _proportional(pid: int) -> int:
    try:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="insight-benchmark-") as name:
        yield Path(name)


def insight(*words: str, pages: int = 1, watch: bool = False, **settings: str) -> Cost:
    return command([sys.executable, "-m", "insight", *words], pages=pages, watch=watch, **settings)


def store_of(raw: Path) -> tuple[Path, Path]:
    """Processed folder and store of a raw folder, built and with every study's shared results."""
    from insight.config import load_config
    from insight.store import raw_id

    insight("build", "--raw", str(raw))
    processed = load_config(start=ROOT).processed
    return processed, processed / raw_id(raw)


def authorities(store: Path) -> list[str]:
    from insight.store import load_register

    return [area.code for area in load_register(store).authorities()]


def median(values: list[float]) -> float:
    return statistics.median(values)


# Sections. Each gives lines of Markdown.


def limit() -> list[str]:
    """A page against a plain script of the same cells, in children of one warm parent, in turns."""
    words = [sys.executable, str(Path(__file__).with_name("_limit.py")), str(store_of(ROOT / "data/raw/sample")[1])]
    said = subprocess.run(
        words, cwd=ROOT, env={**os.environ, **_warm_environment()}, capture_output=True, text=True, check=True
    )
    return ["## A page against a plain script (goal 1)", "", *said.stdout.splitlines(), ""]


def _warm_environment() -> dict[str, str]:
    from insight.warm import ENVIRONMENT

    return dict(ENVIRONMENT)


def pages() -> list[str]:
    """Whole commands and stock tools at equal numbers of pages."""
    store = store_of(ROOT / "data/raw/sample")[1]
    codes = authorities(store)
    few, many = codes[:STOCK_PAGES], codes[:MANY]
    ways: dict[str, Callable[[], Cost]] = {
        "papermill + jupyter nbconvert, commands": lambda: _stock_commands(store, few[:2]),
        "papermill + HTMLExporter, one process": lambda: _stock_pool(store, few, jobs=0),
        "papermill + HTMLExporter, pool of 2": lambda: _stock_pool(store, many, jobs=2),
        "insight run (fork, 2 jobs)": lambda: _ours(many, "fork"),
        "insight run --isolation none": lambda: _ours(many, "none"),
        "insight run --isolation kernel": lambda: _ours(many, "kernel"),
    }
    _ours(many[:1], "fork")  # so that shared results are there for everybody
    found: dict[str, list[Cost]] = {name: [] for name in ways}
    for number in range(ROUNDS):
        order = list(ways) if number % 2 == 0 else list(ways)[::-1]
        for name in order:
            found[name].append(ways[name]())
    ours = "insight run (fork, 2 jobs)"
    lines = [
        "## Pages beside the stock tools (goals 2, 3, 9)",
        "",
        f"Sample data, both studies, {ROUNDS} rounds in turns; medians per page, start-up included.",
        "Ratios are medians of paired rounds against `insight run`.",
        "",
        "| way | pages a round | CPU s | wall s | CPU ratio | wall ratio | peak MB |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, costs in found.items():
        cpu, wall = (median([cost.per_page()[at] for cost in costs]) for at in (0, 1))
        ratios = [
            median(
                [theirs.per_page()[at] / mine.per_page()[at] for theirs, mine in zip(costs, found[ours], strict=True)]
            )
            for at in (0, 1)
        ]
        peak = max(cost.peak for cost in costs) / 1e6
        lines.append(
            f"| {name} | {costs[0].pages} | {cpu:.2f} | {wall:.2f} | {ratios[0]:.1f} | {ratios[1]:.1f} | "
            f"{f'{peak:.0f}' if peak else ''} |"
        )
    return [*lines, ""]


def _ours(codes: list[str], isolation: str) -> Cost:
    with folder() as out:
        chosen = [word for code in codes for word in ("--authority", code)]
        return insight(
            "run", *chosen, "--out", str(out), "--isolation", isolation, pages=len(codes) * len(STUDIES), watch=True
        )


def _stock_commands(store: Path, codes: list[str]) -> Cost:
    cpu = wall = 0.0
    with folder() as out:
        for code in codes:
            for study in STUDIES:
                executed = out / f"{code}-{study}.ipynb"
                notebook = ROOT / "notebooks" / f"{study}.ipynb"
                run = [sys.executable, "-m", "papermill", str(notebook), str(executed), "-p", "authority", code]
                convert = [sys.executable, "-m", "nbconvert", "--to", "html", "--no-input", str(executed)]
                for words in (run, convert):
                    cost = command(words, INSIGHT_STORE=str(store))
                    cpu, wall = cpu + cost.cpu, wall + cost.wall
    return Cost(cpu, wall, pages=len(codes) * len(STUDIES))


def _stock_pool(store: Path, codes: list[str], *, jobs: int) -> Cost:
    words = [sys.executable, str(Path(__file__).with_name("_stock.py")), str(jobs), *codes]
    return command(words, pages=len(codes) * len(STUDIES), watch=True, INSIGHT_STORE=str(store))


def kernels() -> list[str]:
    """The warm kernel against python3."""
    said = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("warm_kernel.py"))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return ["## From request to imports done (goal 8)", "", "```", *said.stdout.splitlines(), "```", ""]


def published() -> Path:
    found = Path(os.environ.get("INSIGHT_TEST_DATA", "../shared/data"))
    found = (found if found.is_absolute() else ROOT / found) / "published"
    if not found.is_dir():
        raise SystemExit("the published files are not at INSIGHT_TEST_DATA")
    return found


def england() -> list[str]:
    """Every authority, every study, from the published files: once, for real."""
    raw = published()
    _, store = store_of(raw)
    codes = authorities(store)
    shutil.rmtree(store / "derived", ignore_errors=True)
    with folder() as out:
        first = insight("run", "--all", "--raw", str(raw), "--out", str(out), pages=len(codes) * 2, watch=True)
        made = len(list(out.glob("[!.]*/*.json")))
        size = sum(path.stat().st_size for path in out.glob("*/*.html"))
        again = insight("run", "--all", "--raw", str(raw), "--out", str(out), pages=len(codes) * 2)
    return [
        "## England, every study, from the published files (goal 4)",
        "",
        "Nothing at hand but the store: the shared results are computed too. 2 jobs.",
        "",
        "| pages | wall s | wall s per page | CPU s per page | peak MB | kB per page | again, nothing changed, s |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        f"| {made} | {first.wall:.0f} | {first.wall / made:.2f} | {first.cpu / made:.2f} | {first.peak / 1e6:.0f} | "
        f"{size / made / 1e3:.0f} | {again.wall:.2f} |",
        "",
    ]


def growth() -> list[str]:
    """Cost of a page as the number of pages grows."""
    raw = published()
    _, store = store_of(raw)
    codes = authorities(store)
    lines = [
        "## Cost of a page as pages grow",
        "",
        "Published files, shared results at hand, whole commands, 2 jobs.",
        "",
        "| pages | wall s | wall s per page | CPU s per page | peak MB |",
        "| --- | --- | --- | --- | --- |",
    ]
    for count in (1, 14, 153, 306):
        studies = STUDIES if count > 153 else STUDIES[:1]
        chosen = codes[: count // len(studies)]
        words = [word for code in chosen for word in ("--authority", code)]
        with folder() as out:
            cost = insight("run", *studies, *words, "--raw", str(raw), "--out", str(out), pages=count, watch=True)
        cpu, wall = cost.per_page()
        lines.append(f"| {count} | {cost.wall:.1f} | {wall:.2f} | {cpu:.2f} | {cost.peak / 1e6:.0f} |")
    return [*lines, ""]


def unchanged() -> list[str]:
    """A site of over a thousand pages: nothing changed, one word changed, a template changed, twice from nothing."""
    raw = published()
    with folder() as place:
        project = _copies(place)
        settings = {"PYTHONPATH": str(project / "src"), "PWD": str(project)}
        out = project / "site"
        words = ("run", "--all", "--raw", str(raw), "--out", str(out))
        first = insight(*words, **settings)
        count = len(list(out.glob("[!.]*/*.json")))
        quiet = median([insight(*words, **settings).wall for _ in range(5)])
        notebooks = sorted((project / "notebooks").glob("*.ipynb"))
        for notebook in notebooks:
            text = notebook.read_text(encoding="utf-8")
            notebook.write_text(text.replace("Councils say", "Many councils say"), encoding="utf-8")
        worded = insight(*words, **settings).wall
        template = project / "src/insight/reporting/templates/base.html"
        template.write_text(template.read_text(encoding="utf-8").replace("<main", "<main  ", 1), encoding="utf-8")
        templated = insight(*words, **settings).wall
    return [
        "## A site of over a thousand pages (goals 5, 6)",
        "",
        f"The published files and {COPIES} studies ({COPIES} copies of one under other names): {count} pages, made in "
        f"{first.wall:.0f} s. Whole commands.",
        "",
        "| what changed | wall s | |",
        "| --- | --- | --- |",
        f"| nothing (median of 5) | {quiet:.2f} | nothing is made |",
        f"| one word of each notebook | {worded:.1f} | rendered, not run |",
        f"| a template | {templated:.1f} | rendered, not run |",
        "",
    ]


def _copies(place: Path) -> Path:
    """A project with copies of one study under other names, so that a site has over a thousand pages."""
    for name in ("src", "notebooks", "data"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__", "processed"))
    for name in ("insight.toml", "requirements.lock"):
        shutil.copy(ROOT / name, place / name)
    studies = place / "src/insight/studies"
    shutil.rmtree(studies / "site_effect")
    (place / "notebooks/site_effect.ipynb").unlink()
    for number in range(2, COPIES + 1):
        name = f"caseload_turnover_{number}"
        shutil.copytree(studies / "caseload_turnover", studies / name)
        notebook = place / "notebooks" / f"{name}.ipynb"
        shutil.copy(place / "notebooks/caseload_turnover.ipynb", notebook)
        for path in (*(studies / name).glob("*.py"), notebook):
            text = path.read_text(encoding="utf-8")
            path.write_text(re.sub(r"\bcaseload_turnover\b", name, text), encoding="utf-8")
    return place


SECTIONS: dict[str, Callable[[], list[str]]] = {
    "limit": limit,
    "pages": pages,
    "kernels": kernels,
    "england": england,
    "growth": growth,
    "unchanged": unchanged,
}


def machine() -> str:
    from importlib.metadata import version

    libraries = ", ".join(f"{name} {version(name)}" for name in ("papermill", "nbconvert", "ipykernel", "pandas"))
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {libraries}."


def main() -> None:
    chosen = sys.argv[1:] or list(SECTIONS)
    if unknown := set(chosen) - set(SECTIONS):
        raise SystemExit(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    results = Path(__file__).with_name("results.md")
    kept = dict(_PART.findall(results.read_text(encoding="utf-8"))) if results.is_file() else {}
    for name in chosen:
        print(f"{name} …", file=sys.stderr, flush=True)
        load = "Load of the machine when this began: {:.2f} over a minute, {:.2f} over five.".format(*os.getloadavg())
        lines = SECTIONS[name]()
        kept[name] = "\n".join([*lines, load, ""])
        print(kept[name], flush=True)
        parts = [f"<!-- {name} -->\n{kept[name]}<!-- end -->\n" for name in SECTIONS if name in kept]
        head = [
            "# What a batch costs",
            "",
            "Written by `python benchmarks/batch.py`; read the ratios.",
            "",
            machine(),
            "",
        ]
        results.write_text("\n".join(head) + "\n".join(["", *parts]), encoding="utf-8")


_PART = re.compile(r"<!-- (\w+) -->\n(.*?)<!-- end -->\n", re.DOTALL)


if __name__ == "__main__":
    main()
