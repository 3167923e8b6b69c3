"""The commands as a user types them: words, exit codes, and nothing left behind by bad input."""

from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from insight import cli
from insight.__main__ import main
from insight.config import DEFAULTS, load_config
from insight.core.described import Described, Description
from insight.errors import FileTrouble, NotReady, UsageError
from insight.fetching import Reached
from insight.reporting import doctor
from insight.reporting.plan import choose_areas, parse_settings
from tests.fetching.server import Server, running, whole


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What it said to a program."""
        return [json.loads(line) for line in self.stdout.splitlines()]


Call = Callable[..., Said]


@pytest.fixture()
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], project: Path) -> Call:
    """Call a command in this process, from the project's folder."""

    def called(*words: str) -> Said:
        monkeypatch.chdir(project)
        monkeypatch.setattr(sys, "argv", ["insight", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        return Said(code if isinstance(code, int) else int(bool(code)), *capsys.readouterr())

    return called


def insight(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Call a command as a process of its own, which takes a second."""
    return subprocess.run(
        [sys.executable, "-m", "insight", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@pytest.fixture()
def project(tmp_path: Path, root: Path, sample_store: Path) -> Path:
    """A folder like the project's own, with its own output and a store that is built."""
    raw, processed = (root / "data" / "raw" / "sample").as_posix(), sample_store.parent.as_posix()
    text = f'raw = "{raw}"\nhome_region = "X12000001"\nout = "site"\nprocessed = "{processed}"\n'
    (tmp_path / "insight.toml").write_text(text, encoding="utf-8")
    (tmp_path / "notebooks").symlink_to(root / "notebooks")
    return tmp_path


SLOW = {
    "rich",
    "pandas",
    "numpy",
    "pyarrow",
    "pydantic",
    "papermill",
    "nbformat",
    "jinja2",
    "matplotlib",
    "distributed",
    "httpx",
}


def loaded_by(*words: str, cwd: Path) -> set[str]:
    """The libraries that a command of its own process has loaded at its end; the command must end well."""
    look = "import atexit, sys; atexit.register(lambda: print(*{name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", f"{look}; from insight.__main__ import main; main()", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_help_names_the_commands_and_loads_nothing_that_is_slow(call: Call, tmp_path: Path) -> None:
    said = call("--help").stdout
    for verb in ("fetch", "check", "build", "run", "retry", "why", "list", "config", "doctor"):
        assert f"\n  {verb} " in said
    assert not SLOW & loaded_by("--help", cwd=tmp_path)


def test_help_says_in_plain_words_what_each_way_of_running_is_for(call: Call) -> None:
    words = " ".join(call("run", "--help").stdout.split())
    assert "fork: the quickest, on Linux" in words
    assert "kernel: a real Jupyter kernel" in words
    assert "none: no kernel and no port, for locked- down machines" in words or "for locked-down machines" in words


def test_config_says_where_each_value_came_from(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHT_PROCESSED", "mine")
    done = call("config", "--out", "elsewhere")
    assert "home_region = X12000001  [insight.toml]" in done.stdout
    assert "[flag --out]" in done.stdout
    assert "[environment variable INSIGHT_PROCESSED]" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("run", "--authority", "Ashqarry"), 2, "Ashquarry"),
        (("run", "--authority", "Marr"), 2, "E102"),
        (("run", "caseload"), 2, "caseload_turnover"),
        (("run", "--set", "lag_years=zero"), 2, "lag_years"),
        (("run", "--set", "lag_years"), 2, "NAME=VALUE"),
        (("run", "--region", "West Midlands"), 2, "E101"),
        (("run", "--all", "--region", "Middlemarch"), 2, "more than one"),
        (("run", "--authority", "../../etc/passwd"), 2, "E101"),
        (("run", "--authority", "con"), 2, "E101"),
        (("build", "--raw", "no-such-folder"), 2, "no-such-folder"),
        (("run", "--region", ""), 2, "E101"),
        (("run", "--raw", ""), 2, "flag --raw"),
        (("run", "--out", ""), 2, "flag --out"),
        (("run", "--out", "insight.toml"), 2, "output folder"),
        (("run", "--out", "insight.toml/site"), 2, "output folder"),
        (("run", "--out", "x" * 300), 2, "output folder"),
        (("run", "--isolation", "docker"), 2, "fork, kernel or none"),
        (("run", "--executor", "slurm"), 2, "local or dask"),
        (("run", "--executor", "dask"), 2, "--scheduler ADDRESS"),
        (("run", "--scheduler", "tcp://127.0.0.1:1"), 2, "--executor dask"),
        (("retry", "--executor", "dask"), 2, "--scheduler ADDRESS"),
        (("retry", "--isolation", ""), 2, "fork, kernel or none"),
        (("doctor", "--isolation", "docker"), 2, "fork, kernel or none"),
        (("run", "--jobs", "0"), 2, "--jobs"),
        (("run", "--jobs", "many"), 2, "from 1 to 64"),
        (("run", "--jobs", "65"), 2, "from 1 to 64"),
        (("run", "--jobs", "²"), 2, "from 1 to 64"),
        (("why", "caseload_turnover"), 2, "--authority"),
        (("fetch", "no_such_card"), 2, "none in data/raw"),
        (("fetch", "--raw", ""), 2, "flag --raw"),
        (("check", "no-such-file.csv"), 2, "no such file"),
        (("check", "notebooks"), 2, "a folder"),
        (("check",), 2, "FILE"),
        (("rum",), 2, "run"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_use_is_said_in_words_and_runs_nothing(
    project: Path, call: Call, words: tuple[str, ...], code: int, says: str
) -> None:
    done = call(*words)
    assert done.returncode == code, done.stderr + done.stdout
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / "site").exists() or not list((project / "site").glob("*/*.html"))


def test_a_refused_file_leaves_store_and_site_as_they_were(
    monkeypatch: pytest.MonkeyPatch, project: Path, call: Call, root: Path
) -> None:
    monkeypatch.setenv("INSIGHT_PROCESSED", str(project / "processed"))
    raw = project / "raw"
    raw.mkdir()
    for path in (root / "data" / "raw" / "sample").iterdir():
        (raw / path.name).write_bytes(path.read_bytes())
    assert call("build", "--raw", "raw").returncode == 0
    before = {path: path.read_bytes() for path in (project / "processed").rglob("*") if path.is_file()}
    (raw / "workforce.csv").write_text("<!DOCTYPE html><html><body>Sign in</body></html>", encoding="utf-8")
    done = call("run", "--raw", "raw")
    assert done.returncode == 3
    assert "web page" in done.stderr
    after = {path: path.read_bytes() for path in (project / "processed").rglob("*") if path.is_file()}
    assert after == before
    assert not (project / "site").exists()


@pytest.fixture()
def cards(project: Path, root: Path) -> Path:
    """The project with its cards, and no proxy of this machine."""
    folder = project / "data" / "raw"
    folder.mkdir(parents=True)
    for path in (root / "data" / "raw").glob("*.toml"):
        shutil.copy(path, folder / path.name)
    return folder


@pytest.fixture()
def publisher(cards: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server on this machine that insight.toml allows, and a card of a file on it."""
    monkeypatch.setitem(DEFAULTS, "fetch_hosts", "")
    for name in [name for name in os.environ if name.upper().endswith("_PROXY")]:
        monkeypatch.delenv(name)
    server = Server()
    with running(server):
        monkeypatch.setenv("INSIGHT_FETCH_HOSTS", server.origin)
        text = f'title = "Cases"\nfile = "cases.csv"\nrelease = "2025"\n[fetch]\nurl = "{server.origin}/cases.csv"\n'
        (cards / "cases.toml").write_text(text, encoding="utf-8")
        yield server


def test_a_fetch_puts_a_file_beside_the_sample_and_says_what_is_next(
    publisher: Server, call: Call, project: Path
) -> None:
    publisher.tell("/cases.csv", whole(b"time_period,cases\n2025,1\n"))
    done = call("fetch", "cases")
    assert done.returncode == 0, done.stderr
    folder = os.path.join("data", "raw", "published")  # noqa: PTH118
    assert (project / folder / "cases.csv").read_bytes() == b"time_period,cases\n2025,1\n"
    assert "cases: cases.csv from 127.0.0.1\n1 fetched\n" in done.stdout
    assert done.stdout.endswith(f"next: python -m insight build --raw {folder}\n")
    assert call("fetch", "cases").stdout == "1 here already\n"
    assert len(publisher.asked) == 1
    assert call("fetch", "cases", "--again").returncode == 0
    assert len(publisher.asked) == 2


def test_a_program_reads_what_was_fetched_and_why_not(publisher: Server, call: Call) -> None:
    publisher.tell("/cases.csv", whole(b"<html><title>Sign in</title>", "text/html"))
    done = call("fetch", "cases", "section_47_2024", "--json", "--raw", "mine")
    first, second, summary = done.objects
    assert (first["status"], first["code"], second["status"]) == ("refused", "E202", "by hand")
    assert (summary["event"], summary["exit_code"], done.returncode) == ("summary", 3, 3)
    assert "python -m insight fetch cases section_47_2024 --raw mine\n" in done.stderr
    done = call("fetch", "no_such_card", "--json")
    (error,) = done.objects
    assert (error["event"], error["code"], done.returncode) == ("error", "E400", 2)


def test_a_file_without_a_known_address_is_told_with_its_page(cards: Path, call: Call) -> None:
    done = call("fetch", "section_47_2024", "--raw", "mine")
    assert done.returncode == 1
    assert "To take by hand, into mine:" in done.stdout
    assert "find-statistics/characteristics-of-children-in-need" in done.stdout
    assert "save as: c4_children_in_need_section_47s_and_icpcs_2013_to_2024.csv (release 2024)" in done.stdout


def test_nothing_is_fetched_into_the_sample(cards: Path, call: Call, root: Path) -> None:
    done = call("fetch", "section_47_2024", "--raw", str(root / "data" / "raw" / "sample"))
    assert done.returncode == 2
    assert "a register of areas of its own" in done.stderr


def test_a_fetch_that_is_stopped_says_how_to_go_on(
    publisher: Server, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("insight.fetching._plan.download", stop)
    done = call("fetch", "cases")
    assert done.returncode == 130
    assert "stopped; go on with: python -m insight fetch cases\n" in done.stdout


def test_check_says_what_a_file_is(project: Path, call: Call, root: Path) -> None:
    shutil.copytree(root / "data" / "raw" / "sample", project / "mine")
    done = call("check", "mine/sample_sn_model_2025_wide.csv")
    assert done.returncode == 0, done.stderr
    assert "what it is: Children's services statistical neighbours" in done.stdout
    (project / "x.csv").write_text("<!DOCTYPE html><title>Sign in</title>", encoding="utf-8")
    done = call("check", "x.csv")
    assert done.returncode == 3
    assert "this is a web page, not data" in done.stdout


def test_doctor_asks_nobody_unless_told_to(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def reach() -> tuple[Reached, ...]:
        asked.append(True)
        return (Reached("files.example", False, "did not answer in time", "ask"),)

    monkeypatch.setattr("insight.fetching.reach", reach)
    assert "not looked at  publishers: asked only with --network\n" in call("doctor", "--isolation", "none").stdout
    assert not asked
    done = call("doctor", "--isolation", "none", "--network")
    assert (asked, done.returncode) == ([True], 2)
    assert "wrong          files.example: did not answer in time\n" in done.stdout


def test_pages_never_go_into_the_raw_folder(project: Path, call: Call, root: Path) -> None:
    raw = shutil.copytree(root / "data" / "raw" / "sample", project / "raw")
    before = sorted(raw.iterdir())
    done = call("run", "--raw", "raw", "--out", "raw/site")
    assert done.returncode == 2
    assert "only read" in done.stderr
    assert sorted(raw.iterdir()) == before


def test_the_command_that_goes_on_can_be_pasted_as_it_stands(tmp_path: Path) -> None:
    out = str(tmp_path / "a b$HOME 'c' \"d\" {e} %f")
    said = cli._command("retry", scheduler="tcp://h:1", raw=None, out=out, isolation="none")
    expected = ["python", "-m", "insight", "retry", "--out", out, "--isolation", "none"]
    assert shlex.split(said) == [*expected, "--executor", "dask", "--scheduler", "tcp://h:1"]


class Page:
    """A page and what became of it, as a batch says it."""

    def __init__(self, area: str, status: str, reason: str = "") -> None:
        self.page = SimpleNamespace(
            area=area, area_name="Ashquarry", study="site_effect", href=f"{area}/site_effect.html"
        )
        self.status, self.reason, self.attempts = status, reason, 1
        self.seconds, self.cpu_seconds, self.peak_bytes = 1.0, 0.5, 1000


def ends(
    monkeypatch: pytest.MonkeyPatch, verb: str, *pages: Page, code: int, interrupted: bool = False
) -> dict[str, Any]:
    """Let a verb end with these pages; what it was asked is in the mapping."""
    asked: dict[str, Any] = {}

    def ended(config: object, *names: object, report: Callable[[object], None], **given: object) -> object:
        asked.update(given, names=names, report=report)
        failures = tuple(page for page in pages if page.status == "failed")
        for number, page in enumerate(pages, 1):
            failed = int(page.status == "failed")
            counts = {"done": number - failed, "kept": 0, "failed": failed, "of": len(pages), "seconds_left": None}
            report(SimpleNamespace(result=page, **counts))
        return SimpleNamespace(results=pages, failures=failures, interrupted=interrupted, exit_code=code, taken_away=())

    monkeypatch.setattr(f"insight.api.{verb}", ended, raising=False)
    return asked


def test_flags_reach_the_batch(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    asked = ends(monkeypatch, "run_pages", code=0)
    flags = ("--isolation", "none", "--executor", "dask", "--scheduler", "tcp://127.0.0.1:1", "--jobs", "3")
    call("run", "site_effect", "--authority", "A", "--authority", "B", "--set", "x=1", *flags)
    assert asked["names"] == (("site_effect",),)
    assert (asked["authorities"], asked["settings"]) == (("A", "B"), ("x=1",))
    assert (asked["isolation"], asked["scheduler"], asked["jobs"]) == ("none", "tcp://127.0.0.1:1", 3)
    call("run")
    assert (asked["isolation"], asked["scheduler"], asked["jobs"]) == (None, None, 2)
    assert (asked["authorities"], asked["regions"], asked["everything"]) == ((), (), False)


@pytest.mark.parametrize("verb", ["run", "retry"])
def test_failures_are_listed_with_the_command_that_makes_them(
    monkeypatch: pytest.MonkeyPatch, call: Call, verb: str
) -> None:
    failed = Page("X1", "failed", "E701 running\n  found: cell 4\n  next:  look")
    asked = ends(monkeypatch, f"{verb}_pages", Page("X2", "done"), failed, code=1)
    done = call(verb, "--out", "my site", "--isolation", "none")
    assert done.returncode == 1
    assert "1 made, 0 unchanged, 1 failed" in done.stdout
    assert "  python -m insight retry --out 'my site' --isolation none\n" in done.stdout
    assert f"site: {os.path.join('my site', 'index.html')}" in done.stdout  # noqa: PTH118
    assert asked["jobs"] == 2


def test_the_exit_code_is_the_batchs(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    for code in (0, 1, 4):
        ends(monkeypatch, "run_pages", code=code)
        assert call("run").returncode == code


def test_a_program_reads_one_object_per_line(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    ends(monkeypatch, "run_pages", Page("X1", "done"), Page("X2", "failed", "E701 \x1b[31mno"), code=1)
    done = call("run", "--json", "--out", "my site")
    first, second, summary = done.objects
    assert (first["event"], first["page"], first["status"]) == ("page", "X1/site_effect.html", "done")
    assert second["reason"] == "E701 no"
    assert (summary["event"], summary["exit_code"], summary["site"]) == ("summary", 1, "my site")
    assert summary["manifest"] == "manifest.json"
    assert "insight retry" in done.stderr
    assert call("run", "--json").objects[-1]["site"] == "site", "as insight.toml says it"


def test_a_program_reads_why_nothing_ran(call: Call) -> None:
    done = call("run", "--json", "--isolation", "docker")
    (error,) = done.objects
    assert (error["event"], error["code"], error["exit_code"]) == ("error", "E400", 2)
    assert "E400" in done.stderr


def test_a_stopped_run_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    stopped = Page("X1", "failed", "interrupted before it was made")
    ends(monkeypatch, "run_pages", stopped, code=130, interrupted=True)
    done = call("run", "--raw", "data")
    assert done.returncode == 130
    assert "resume with: python -m insight retry --raw data\n" in done.stdout


@pytest.fixture()
def left(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was said by a command that ended at once."""
    words: list[str] = []

    def leave(code: int, said: str) -> None:
        words.append(said)
        raise SystemExit(code)

    monkeypatch.setattr(cli, "_leave", leave)
    return words


def test_a_second_ctrl_c_ends_at_once(monkeypatch: pytest.MonkeyPatch, call: Call, left: list[str]) -> None:
    def impatient(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("insight.api.run_pages", impatient)
    monkeypatch.setattr("sys.argv", ["insight", "run", "--out", "o"])
    assert call("run", "--out", "o").returncode == 130
    # Nothing may have been written down yet that a retry could go on with.
    assert left == ["stopped; resume with: python -m insight run --out o"]


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking")
def test_being_asked_to_end_is_what_ctrl_c_is(monkeypatch: pytest.MonkeyPatch, call: Call, left: list[str]) -> None:
    def asked_to_end(*given: object, **named: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("the signal was not heard")

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("insight.api.run_pages", asked_to_end)
    assert call("run").returncode == 130
    assert left
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_terminal_is_given_back_however_a_run_ends(
    monkeypatch: pytest.MonkeyPatch, call: Call, left: list[str]
) -> None:
    from insight.reporting.progress import Lines

    closed: list[bool] = []
    monkeypatch.setattr(Lines, "close", lambda self: closed.append(True))
    faults = (UsageError("a", found="b", todo="c"), KeyboardInterrupt(), FileTrouble("a", found="b", todo="c"))
    for fault in faults:

        def fail(*given: object, fault: BaseException = fault, **named: object) -> None:
            raise fault

        monkeypatch.setattr("insight.api.run_pages", fail)
        call("run")
    assert closed == [True] * len(faults)


def test_why_says_what_it_was_told(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    class Why(Described):
        def describe(self) -> Description:
            return Description("would be made again", (("data", "chan\x1b[31mged"),))

    asked: dict[str, Any] = {}

    def why(config: object, study: str, **given: object) -> Why:
        asked.update(given, study=study)
        return Why()

    monkeypatch.setattr("insight.api.why", why, raising=False)
    done = call("why", "--authority", "Ashquarry", "site_effect", "--set", "x=1")
    assert done.stdout == "would be made again\n  data: changed\n"
    assert asked == {"study": "site_effect", "authority": "Ashquarry", "settings": ("x=1",)}


def test_doctor_ends_well_where_all_is_there_and_names_what_is_not(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    done = call("doctor", "--isolation", "none")
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("\nready\n")
    assert "not looked at  kernel: not needed" in done.stdout
    monkeypatch.setattr(doctor, "libraries", lambda: doctor.Check("libraries", False, "pandas is not there", "get it"))
    done = call("doctor")
    assert done.returncode == 2
    assert "wrong          libraries: pandas is not there\n               do: get it\n" in done.stdout


def test_a_library_that_is_gone_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("INSIGHT_DEBUG", raising=False)
    monkeypatch.setitem(sys.modules, "insight.cli", None)
    monkeypatch.delattr("insight.cli")
    monkeypatch.setattr("builtins.__import__", _without("insight.cli", "typer"))
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == NotReady.exit_code
    assert "E802" in said and "typer" in said and "pip install" in said


def _without(module: str, lacking: str) -> Callable[..., object]:
    real = __import__

    def importing(name: str, *given: Any, **named: Any) -> object:
        if name == module:
            raise ModuleNotFoundError(f"No module named {lacking!r}", name=lacking)
        return real(name, *given, **named)

    return importing


def test_a_run_a_second_run_and_why_from_the_real_thing(project: Path, call: Call) -> None:
    words = ("run", "caseload_turnover", "--authority", "Ashquarry", "--out", "my site")
    first = call(*words, "--json")
    assert first.returncode == 0, first.stderr
    page, summary = first.objects
    assert (page["page"], page["status"]) == ("X06000001/caseload_turnover.html", "done")
    assert page["cpu_seconds"] > 0 and page["attempts"] == 1
    assert (summary["done"], summary["site"]) == (1, "my site")
    assert (project / summary["site"] / summary["manifest"]).is_file()
    assert [each["status"] for each in call(*words, "--json").objects[:-1]] == ["kept"]
    why = call("why", "caseload_turnover", "--authority", "Ashquarry", "--out", "my site")
    assert why.returncode == 0 and "the page is current" in why.stdout
    loaded_by(*words, cwd=project)  # plans once for itself: its search path is not the one of the tests
    assert not SLOW & loaded_by(*words, cwd=project), "a run with nothing to do loads nothing that is slow"


@pytest.mark.skipif(os.name == "nt", reason="a closed pipe is another error there")
def test_a_reader_who_has_gone_gets_no_traceback(project: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "insight", "config"], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    _, stderr = process.communicate(timeout=60)
    assert stderr == b""
    assert process.returncode == 0


def test_a_fault_of_the_disk_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*, standalone_mode: bool) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/somewhere/secret/file.csv")

    monkeypatch.delenv("INSIGHT_DEBUG", raising=False)
    monkeypatch.setattr(cli, "app", refuse)
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert "E800" in said and "file.csv" in said and "Permission denied" in said
    assert "somewhere" not in said


def test_the_console_of_an_old_code_page_is_no_obstacle(project: Path) -> None:
    done = insight("list", cwd=project, PYTHONUTF8="0", PYTHONIOENCODING="cp1252")
    assert done.returncode == 0, done.stderr


def test_flags_win_over_environment_over_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHT_OUT", str(project / "from-environment"))
    assert load_config(start=project).out == project / "from-environment"
    assert load_config(flags={"out": str(project / "flag")}, start=project).out == project / "flag"
    assert load_config(start=project).home_region == "X12000001"


@pytest.mark.parametrize(
    "text", ["raw = 1", "raw = ''", 'out = "\\u0000"', "rwa = 'x'", "raw = [", "[table]\nraw = 'x'"]
)
def test_a_wrong_setting_is_said_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "insight.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"insight\.toml"):
        load_config(start=tmp_path)


def test_a_name_may_be_set_once() -> None:
    assert parse_settings(["a=1", "b=x=y"]) == {"a": "1", "b": "x=y"}
    for wrong in (["a=1", "a=2"], ["a"], ["a b=1"], ["la_code=1;import os #=x"[:7] + " =1"]):
        with pytest.raises(UsageError):
            parse_settings(wrong)


def test_without_a_selection_the_home_region_is_run() -> None:
    from insight.core.register import Register

    register = Register.read()
    assert len(choose_areas(register, home_region="West Midlands")) == 14
    assert len(choose_areas(register, everything=True)) == 153
    assert [area.name for area in choose_areas(register, authorities=["Northamptonshire"])] == ["Northamptonshire"]
    with pytest.raises(UsageError, match="home region"):
        choose_areas(register)
