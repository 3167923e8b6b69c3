"""Workers: the same bytes whatever the isolation, and no page that harms another."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from insight import studies, warm
from insight.core.fingerprint import canonical
from insight.reporting.crew import LocalCrew, local_crew
from insight.reporting.job import Crew, Isolation, Job, Outcome
from insight.reporting.limits import children_of
from tests.reporting.making_jobs import AREA, ISOLATIONS, REGION, job_of

needs_fork = pytest.mark.skipif(not warm.can_fork(), reason="forking is for Linux")
pytestmark = needs_fork


@pytest.fixture(scope="module")
def crews() -> Iterator[dict[Isolation, Crew]]:
    """One crew of each isolation; workers start when they are first needed."""
    made = {isolation: local_crew(isolation, 2 if isolation == "fork" else 1) for isolation in ISOLATIONS}
    yield made
    for crew in made.values():
        crew.close()


Make = Callable[..., Job]


@pytest.fixture
def make(root: Path, sample_store: Path, tmp_path: Path) -> Make:
    """Jobs in a folder of the test's own, for notebooks of these cells."""

    def job(*cells: str, **more: Any) -> Job:
        name = f"page-{len(list(tmp_path.glob('*.ipynb')))}"
        return job_of(cells, **{"store": sample_store, "root": root, "temporary": tmp_path, "name": name, **more})

    return job


def said(value: str) -> str:
    """A cell that reports a value in the words of an error of ours."""
    return f"from insight.errors import UsageError\nraise UsageError('saying', found=str({value}), todo='read')"


# One study of authorities and one of regions: each further notebook is run by the tests of payloads.
@pytest.mark.parametrize("study", ["caseload_turnover", "regional_scorecard"])
def test_page_record_and_results_are_the_same_bytes_whatever_the_isolation(
    study: str, crews: dict[Isolation, Crew], root: Path, sample_store: Path, tmp_path: Path
) -> None:
    made: dict[str, Outcome] = {}
    area, name = REGION if studies.find(study).per == "region" else (AREA, "Abbotsmere")
    for isolation, crew in crews.items():
        job = job_of(
            root / "notebooks" / f"{study}.ipynb",
            area=area,
            area_name=name,
            store=sample_store,
            root=root,
            temporary=tmp_path / isolation,
            study=study,
            parameters=studies.find(study).parameters_for(area, {}),
        )
        made[isolation] = crew.submit(job).result(timeout=300)
        assert made[isolation].is_done, made[isolation]
    for kind in ("html", "record", "results"):
        contents = {getattr(outcome, kind).read_bytes() for outcome in made.values()}
        assert len(contents) == 1, kind
    again = replace(job, kind="render", results=made["fork"].results, temporary=tmp_path / "again")
    again.temporary.mkdir()
    rendered = crews["fork"].submit(again).result(timeout=60)
    assert rendered.html is not None
    assert rendered.html.read_bytes() == made["fork"].html.read_bytes()  # type: ignore[union-attr]
    assert str(root).encode() not in made["fork"].results.read_bytes()  # type: ignore[union-attr]
    assert sorted(path.suffix for path in (tmp_path / "fork").iterdir()) == [".html", ".json", ".json"]


@pytest.fixture
def rendering(root: Path, sample_store: Path, tmp_path: Path) -> Callable[..., Job]:
    """Jobs that only render, from results that stand in a file or in what a test puts in its place."""
    results = tmp_path / "page.results.json"
    results.write_bytes(_RESULTS)

    def job(name: str, **more: Any) -> Job:
        made = job_of(
            ("# How do caseloads relate to turnover?",),
            **{"store": sample_store, "root": root, "temporary": tmp_path / name, "kind": "render", "results": results},
            **more,
        )
        return replace(made, name=name)

    return job


_RESULTS = canonical({"format": 1, "execution_key": "cd" * 32, "outputs": [[]]}).encode() + b"\n"


def renderers(crew: Crew) -> set[int]:
    """Processes that the warm parents of a crew have."""
    assert isinstance(crew, LocalCrew)
    return {child for worker in crew._workers for child in children_of(worker.process.pid)}


def wait_for(look: Callable[[], Any], seconds: float = 30.0) -> Any:
    """What a look gives as soon as it gives something."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return seen


def _open_for_reader(pipe: Path) -> int:
    try:
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return 0  # nobody reads yet


def test_renderers_stay_and_are_replaced_where_they_end(rendering: Callable[..., Job]) -> None:
    crew = local_crew("fork", 2)
    try:
        asked = [crew.submit(rendering(f"page-{number}")) for number in range(6)]
        # Without a finding there is no page; what matters here is who says so.
        reasons = [future.result(timeout=60).reason for future in asked]
        assert len(set(reasons)) == 1
        assert "no cells that end with a finding" in reasons[0]
        stayed = renderers(crew)
        assert 1 <= len(stayed) <= 2
        assert crew.submit(rendering("again")).result(timeout=60).reason == reasons[0]
        assert renderers(crew) == stayed
        for process in stayed:
            os.kill(process, signal.SIGKILL)
        wait_for(lambda: not renderers(crew))
        assert crew.submit(rendering("after")).result(timeout=60).reason == reasons[0]
    finally:
        crew.close()


def test_a_renderer_that_hangs_or_dies_costs_its_own_page(rendering: Callable[..., Job], tmp_path: Path) -> None:
    never = tmp_path / "never"
    os.mkfifo(never)  # reading it waits for a writer that does not come
    crew = local_crew("fork", 2)
    try:
        plain = crew.submit(rendering("plain")).result(timeout=60)
        hung = crew.submit(replace(rendering("hung"), results=never, page_seconds=1.0))
        assert crew.submit(rendering("beside")).result(timeout=60).reason == plain.reason
        assert hung.result(timeout=60).status == "timeout"
        killed = crew.submit(replace(rendering("killed"), results=never))
        writing = wait_for(lambda: _open_for_reader(never))
        for process in renderers(crew):
            os.kill(process, signal.SIGKILL)
        os.close(writing)
        assert killed.result(timeout=60).status == "died"
        assert crew.submit(rendering("after")).result(timeout=60).reason == plain.reason
    finally:
        crew.close()


LEAVE = """\
import os, sys, warnings, random
import numpy as np, pandas as pd, matplotlib as mpl
import insight as ins
pd.set_option("display.max_rows", 7)
ins.studies.left_behind = 1
import textwrap
textwrap.dedent = None
textwrap.added = 1
mpl.rcParams["font.size"] = 77
sys.path.append("/nowhere")
os.environ["LEFT_BEHIND"] = "1"
os.chdir("/")
np.set_printoptions(precision=1)
warnings.simplefilter("error")
import builtins
builtins.left_behind = 1
rows = ins.load_panel(for_study="caseload_turnover").data
rows["value"] = -7.0
left = 1;"""
LOOK = """\
import os, sys, warnings, textwrap, builtins
import numpy as np, pandas as pd, matplotlib as mpl
import insight as ins
seen = (
    pd.get_option("display.max_rows"), hasattr(ins.studies, "left_behind"), textwrap.dedent is None,
    hasattr(textwrap, "added"), mpl.rcParams["font.size"], "/nowhere" in sys.path, os.environ.get("LEFT_BEHIND"),
    os.path.exists("insight.toml"), np.get_printoptions()["precision"], warnings.filters[0][0] == "error",
    hasattr(builtins, "left_behind"), "left" in globals(),
    bool((ins.load_panel(for_study="caseload_turnover").data["value"] == -7.0).any()),
)"""
UNTOUCHED = "(60, False, False, False, 10.0, False, None, True, 8, False, False, False, False)"


@pytest.mark.parametrize("isolation", ["fork", "none"])
def test_what_one_page_sets_the_next_does_not_see(
    isolation: Isolation, crews: dict[Isolation, Crew], make: Make
) -> None:
    crew = crews[isolation]
    first = crew.submit(make("import insight as ins\nins.studies.names()", LEAVE)).result(timeout=120)
    assert "no cells that end with a finding" in first.reason or "text/plain" in first.reason, first.reason
    seen = crew.submit(make(LOOK, said("seen"))).result(timeout=120)
    assert UNTOUCHED in seen.reason


FAULTS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "a segfault": ("import ctypes\nctypes.string_at(0)", {}, "died", "signal 11"),
    "a hard exit": ("import os\nos._exit(9)", {}, "died", "ended with code 9"),
    "a kill": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", {}, "died", "too little memory"),
    "sys.exit": ("import sys\nsys.exit(3)", {}, "failed", "SystemExit"),
    "an exception": ("raise KeyError('Zzyzx Canary')", {}, "failed", "an unexpected KeyError"),
    "a hanging cell": ("import time\ntime.sleep(600)", {"cell_seconds": 0.5}, "timeout", "E703 running cell 2"),
    "a hanging page": (
        "import time\ntime.sleep(600)",
        {"page_seconds": 1.0},
        "timeout",
        "a page that ran for over 1 s",
    ),
    "an endless loop": ("while True:\n    pass", {"cell_seconds": 0.5}, "timeout", "a cell that ran for over 0.5 s"),
    "a loop that takes no hint": (
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
        {"page_seconds": 0.5},
        "timeout",
        "E703",
    ),
    "a memory bomb": ("x = bytearray(8 * 1024**3)", {"memory_bytes": 512 * 1024**2}, "failed", "E704"),
    "an array bomb": (
        "import numpy as np\nx = np.ones(10**9)",
        {"memory_bytes": 512 * 1024**2},
        "failed",
        "more memory wanted than there is or a page may have (536.9 MB); the notebook has",
    ),
    "an unknown name": ("no_such_name", {}, "failed", "an unexpected NameError"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_costs_only_its_own_page(fault: str, crews: dict[Isolation, Crew], make: Make) -> None:
    code, limits, status, words = FAULTS[fault]
    bad, good = make(code, **limits), make(said("'unharmed'"))
    crew = crews["fork"]
    futures = [crew.submit(job) for job in (bad, good)]
    outcome, other = (future.result(timeout=60) for future in futures)
    assert outcome.status == status
    assert words in outcome.reason
    assert "Zzyzx" not in str(outcome)
    assert outcome.html is outcome.record is None
    assert "unharmed" in other.reason
    leftover = [path for path in bad.temporary.iterdir() if path.is_dir()]
    assert status in ("died", "timeout") or leftover == []


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # Reaped or not, a process that has ended is gone.
    stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_programs_that_a_page_has_started_are_gone_after_it(
    isolation: Isolation, crews: dict[Isolation, Crew], make: Make, tmp_path: Path
) -> None:
    code = (
        "import subprocess, sys\n"
        "program = [sys.executable, '-c', 'import time; time.sleep(300)']\n"
        "kept = subprocess.Popen(program)\n"
        "away = subprocess.Popen(program, start_new_session=True)\n"
    )
    job = make(code, said("('pids', kept.pid, away.pid)"))
    reason = crews[isolation].submit(job).result(timeout=120).reason
    assert "('pids', " in reason, reason
    numbers = [int(text) for text in reason.partition("('pids', ")[2].partition(")")[0].split(",")]
    assert len(numbers) == 2
    deadline = time.monotonic() + 5
    while any(map(is_alive, numbers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [is_alive(number) for number in numbers] == [False, False]


def test_an_outcome_says_what_it_cost(crews: dict[Isolation, Crew], make: Make) -> None:
    code = "import time\nstarted = time.process_time()\nwhile time.process_time() < started + 0.2:\n    pass"
    outcome = crews["fork"].submit(make(code)).result(timeout=60)
    assert 0.2 < outcome.cpu_seconds < 5
    assert outcome.seconds >= 0.2
    assert 50 * 2**20 < outcome.peak_bytes < 2**31


def test_to_prepare_is_a_job_and_keeps_its_results_in_the_stores_memory(
    crews: dict[Isolation, Crew], make: Make, sample_store: Path, tmp_path: Path
) -> None:
    own = tmp_path / "store"
    shutil.copytree(sample_store, own, ignore=shutil.ignore_patterns("derived"))
    outcome = crews["fork"].submit(make("1;", kind="prepare", store=own)).result(timeout=120)
    assert outcome.is_done, outcome
    assert outcome.html is None
    assert list((own / "derived").iterdir())


def test_a_print_past_python_does_not_break_the_answers(crews: dict[Isolation, Crew], make: Make) -> None:
    for isolation in ("fork", "none"):
        code = "import os\nos.write(1, b'{\"id\": 1}\\n')\nos.system('echo nonsense');"
        outcome = crews[isolation].submit(make("# T", code)).result(timeout=120)
        assert "printed text" in outcome.reason
