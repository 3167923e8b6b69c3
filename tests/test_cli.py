"""The commands as a user types them: words, exit codes, and nothing left behind by bad input."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from insight import cli
from insight.__main__ import main
from insight.api import _command
from insight.config import load_config
from insight.errors import UsageError
from insight.reporting.plan import choose_areas, parse_settings


def insight(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
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
def project(tmp_path: Path, root: Path) -> Path:
    """A folder like the project's own, with its own output and store."""
    raw = (root / "data" / "raw" / "sample").as_posix()
    text = f'raw = "{raw}"\nhome_region = "X12000001"\nout = "site"\nprocessed = "processed"\n'
    (tmp_path / "insight.toml").write_text(text, encoding="utf-8")
    (tmp_path / "notebooks").symlink_to(root / "notebooks")
    return tmp_path


def test_help_names_the_commands(tmp_path: Path) -> None:
    done = insight("--help", cwd=tmp_path)
    assert done.returncode == 0
    for verb in ("build", "run", "list", "config"):
        assert verb in done.stdout


def test_config_says_where_each_value_came_from(project: Path) -> None:
    done = insight("config", "--out", "elsewhere", cwd=project, INSIGHT_PROCESSED="mine")
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
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_use_is_said_in_words_and_runs_nothing(
    project: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    done = insight(*words, cwd=project)
    assert done.returncode == code, done.stderr + done.stdout
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / "site").exists() or not list((project / "site").glob("*/*.html"))


def test_a_refused_file_leaves_store_and_site_as_they_were(project: Path, root: Path) -> None:
    raw = project / "raw"
    raw.mkdir()
    for path in (root / "data" / "raw" / "sample").iterdir():
        (raw / path.name).write_bytes(path.read_bytes())
    assert insight("build", "--raw", "raw", cwd=project).returncode == 0
    before = {path: path.read_bytes() for path in (project / "processed").rglob("*") if path.is_file()}
    (raw / "workforce.csv").write_text("<!DOCTYPE html><html><body>Sign in</body></html>", encoding="utf-8")
    done = insight("run", "--raw", "raw", cwd=project)
    assert done.returncode == 3
    assert "web page" in done.stderr
    after = {path: path.read_bytes() for path in (project / "processed").rglob("*") if path.is_file()}
    assert after == before
    assert not (project / "site").exists()


def test_pages_never_go_into_the_raw_folder(project: Path, root: Path) -> None:
    raw = shutil.copytree(root / "data" / "raw" / "sample", project / "raw")
    before = sorted(raw.iterdir())
    done = insight("run", "--raw", "raw", "--out", "raw/site", cwd=project)
    assert done.returncode == 2
    assert "only read" in done.stderr
    assert sorted(raw.iterdir()) == before


def test_the_command_that_reruns_failures_can_be_pasted_as_it_stands(tmp_path: Path) -> None:
    out = str(tmp_path / "a b$HOME 'c' \"d\" {e} %f")
    said = _command(load_config(flags={"out": out}, start=tmp_path), ("caseload_turnover",), ("lag_years=1 2",))
    expected = ["python", "-m", "insight", "run", "caseload_turnover", "--out", out, "--set", "lag_years=1 2"]
    assert shlex.split(said) == expected


def test_the_terminal_is_given_back_when_a_run_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []
    monkeypatch.setattr(cli._Lines, "close", lambda self: closed.append(True))
    with pytest.raises(UsageError):
        cli.run(studies=["no_such_study"], authority=["no such place"], region="and a region")
    assert closed == [True]


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
