"""A page reads what its study declares, and any other file fails it, by its name alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from insight import warm
from insight.reads import Allowed, strangers, watched
from insight.reporting.crew import local_crew
from insight.reporting.job import Crew, Isolation
from tests.reporting.making_jobs import ISOLATIONS, LOAD, STUDY, job_of


@pytest.fixture
def allowed(tmp_path: Path) -> Allowed:
    for name in ("own", "folder", "outside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file.txt").write_text("x", encoding="utf-8")
    return Allowed.of(
        log=tmp_path / "own" / "reads.log",
        files=[tmp_path / "declared.txt"],
        folders=[tmp_path / "folder"],
        own=[tmp_path / "own"],
    )


def test_what_is_declared_or_installed_may_be_read(allowed: Allowed, tmp_path: Path) -> None:
    (tmp_path / "declared.txt").write_text("x", encoding="utf-8")
    with watched(allowed):
        for path in (tmp_path / "declared.txt", tmp_path / "folder" / "file.txt", Path(os.__file__), Path(__file__)):
            path.read_bytes()
        (tmp_path / "own" / "new.txt").write_text("x", encoding="utf-8")
        assert not (tmp_path / "absent.txt").exists()
        with pytest.raises(FileNotFoundError):
            (tmp_path / "absent.txt").read_bytes()
    read, written = strangers(tmp_path / "own" / "reads.log")
    assert read == [Path(__file__).name]
    assert written == []


def test_a_stranger_is_noted_by_its_name_alone(allowed: Allowed, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    with watched(allowed):
        (outside / "file.txt").read_bytes()
        os.close(os.open(outside / "file.txt", os.O_RDONLY))
        (outside / "written.txt").write_text("x", encoding="utf-8")
        (tmp_path / "folder" / "also.txt").write_text("x", encoding="utf-8")
    (outside / "file.txt").read_bytes()
    log = tmp_path / "own" / "reads.log"
    assert strangers(log) == (["file.txt"], ["also.txt", "written.txt"])
    assert str(tmp_path) not in log.read_text(encoding="utf-8")


def test_neither_a_link_nor_a_way_round_hides_a_stranger(allowed: Allowed, tmp_path: Path) -> None:
    link = tmp_path / "own" / "link.txt"
    link.symlink_to(tmp_path / "outside" / "file.txt")
    with watched(allowed):
        link.read_bytes()
        (tmp_path / "own" / ".." / "outside" / "file.txt").read_bytes()
    assert strangers(tmp_path / "own" / "reads.log")[0] == ["file.txt", "link.txt"]


def test_a_library_that_opens_files_itself_can_announce_them(allowed: Allowed, tmp_path: Path) -> None:
    with watched(allowed):
        sys.audit("open", str(tmp_path / "outside" / "file.txt"), "r", 0)
    assert strangers(tmp_path / "own" / "reads.log")[0] == ["file.txt"]


def test_what_may_be_read_crosses_to_another_process_whole(allowed: Allowed, tmp_path: Path) -> None:
    allowed.write(tmp_path / "watch.json")
    assert Allowed.read(tmp_path / "watch.json") == allowed


@pytest.fixture(scope="module", params=ISOLATIONS)
def crew(request: pytest.FixtureRequest) -> Iterator[Crew]:
    isolation: Isolation = request.param
    if isolation == "fork" and not warm.can_fork():
        pytest.skip("forking is for Linux")
    made = local_crew(isolation, 1)
    yield made
    made.close()


READ = "open({path!r}){way}.read();"


@pytest.mark.parametrize("first", ["", "import insight as ins\n"])
def test_a_page_that_reads_an_undeclared_file_fails_in_every_isolation(
    first: str, crew: Crew, root: Path, sample_store: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "elsewhere" / "notes.csv"
    notes.parent.mkdir()
    notes.write_text("a,b\n", encoding="utf-8")
    cells = (f"{first}text = open({str(notes)!r}).read();", "1;")
    job = job_of(cells, store=sample_store, root=root, temporary=tmp_path / "run")
    outcome = crew.submit(job).result(timeout=120)
    assert outcome.status == "failed"
    assert outcome.reason.startswith("E702 running caseload_turnover for Abbotsmere")
    assert "notes.csv" in outcome.reason
    assert str(tmp_path) not in outcome.reason
    assert outcome.results is None


def test_a_page_that_reads_its_panel_alone_is_made_in_every_isolation(
    crew: Crew, root: Path, sample_store: Path, tmp_path: Path
) -> None:
    job = job_of((LOAD, "panel"), store=sample_store, root=root, temporary=tmp_path)
    outcome = crew.submit(job).result(timeout=120)
    assert "no cells that end with a finding" in outcome.reason


def test_a_part_that_is_not_declared_fails_the_page(crew: Crew, root: Path, sample_store: Path, tmp_path: Path) -> None:
    code = LOAD.replace(f'for_study="{STUDY}"', "")
    job = replace(job_of((code, "panel"), store=sample_store, root=root, temporary=tmp_path), inputs=())
    outcome = crew.submit(job).result(timeout=120)
    assert outcome.reason.startswith("E702")
    assert ".parquet" in outcome.reason
