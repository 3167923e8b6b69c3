"""The batch: nothing rerun that did not change, nothing lost by another's failure, the same bytes every time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import nbformat
import pytest

from insight import store as stores
from insight.reporting.batch import Batch, run_batch
from insight.reporting.crew import default_isolation, local_crew
from insight.reporting.journal import Journal
from insight.reporting.notice import without_notice
from insight.reporting.plan import plan
from tests.reporting.fake_crew import bytes_of

# An ordinary authority, a member of a joint return, one that was abolished, a tiny one.
AREAS = ("X06000001", "X06000048", "X10000001", "X06000054")


def run(root: Path, store: Path, out: Path, areas: tuple[str, ...], *, jobs: int = 2) -> Batch:
    register = stores.load_register(store)
    manifest = stores.read_manifest(store)
    chosen = [register.authority(code, abolished=True) for code in areas]
    return run_batch(
        plan(["caseload_turnover"], chosen, settings={}, root=root, store=store),
        store=store,
        root=root,
        out=out,
        register=lambda: register,
        data_hash=manifest["data_hash"],
        is_sample=manifest["is_sample"],
        crew=lambda: local_crew(default_isolation(), jobs),
    )


@pytest.fixture(scope="module")
def site(root: Path, sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    batch = run(root, sample_store, out, AREAS)
    assert batch.exit_code == 0, repr(batch)
    return out


def test_every_page_has_its_record_and_the_index_lists_them(site: Path) -> None:
    index = (site / "index.html").read_text(encoding="utf-8")
    for code in AREAS:
        assert (site / code / "caseload_turnover.html").is_file()
        assert f'href="{code}/index.html"' in index
        own = (site / code / "index.html").read_text(encoding="utf-8")
        assert 'href="caseload_turnover.html"' in own


def test_records_keep_to_the_documented_schema(site: Path, root: Path) -> None:
    schema = json.loads((root / "docs" / "record.schema.json").read_text(encoding="utf-8"))
    for code in AREAS:
        record = json.loads((site / code / "caseload_turnover.json").read_text(encoding="utf-8"))
        jsonschema.validate(record, schema)
        assert record["parameters"]["authority"] == code
        assert record["is_sample"] is True


def test_pages_make_no_request_and_name_no_machine(site: Path, root: Path) -> None:
    for name, content in bytes_of(site).items():
        text = content.decode()
        if name.endswith(".html"):
            assert "default-src 'none'" in text.replace("&#39;", "'")
            assert "SAMPLE DATA" in text
        for forbidden in ('src="http', "@import", "url(http", str(root), str(Path.home())):
            assert forbidden not in text, f"{forbidden} in {name}"


def test_two_runs_give_the_same_bytes(site: Path, root: Path, sample_store: Path, tmp_path: Path) -> None:
    shutil.rmtree(sample_store / "derived", ignore_errors=True)
    run(root, sample_store, tmp_path / "again", AREAS[:2], jobs=1)
    first, second = bytes_of(site), bytes_of(tmp_path / "again")
    for name in (f"{code}/caseload_turnover{end}" for code in AREAS[:2] for end in (".html", ".json")):
        assert first[name] == second[name], name


def test_nothing_is_rerun_that_did_not_change(site: Path, root: Path, sample_store: Path, tmp_path: Path) -> None:
    out = shutil.copytree(site, tmp_path / "out")
    before = bytes_of(out)
    batch = run(root, sample_store, out, AREAS)
    assert [result.status for result in batch.results] == ["kept"] * len(AREAS)
    assert bytes_of(out) == before


def test_another_wording_renders_without_executing(site: Path, root: Path, sample_store: Path, tmp_path: Path) -> None:
    out = shutil.copytree(site, tmp_path / "out")
    project = tmp_path / "root"
    (project / "notebooks").mkdir(parents=True)
    notebook = nbformat.read(root / "notebooks" / "caseload_turnover.ipynb", as_version=4)
    prose = next(cell for cell in notebook.cells[1:] if cell.cell_type == "markdown")
    prose.source += "\n\nOne more sentence for everybody."
    nbformat.write(notebook, project / "notebooks" / "caseload_turnover.ipynb")
    batch = run(project, sample_store, out, AREAS)
    assert [result.status for result in batch.results] == ["rendered"] * len(AREAS), repr(batch)
    for code in AREAS:
        html = (out / code / "caseload_turnover.html").read_text(encoding="utf-8")
        before = (site / code / "caseload_turnover.html").read_text(encoding="utf-8")
        assert html.count("One more sentence for everybody.") == 1
        assert html.count("<svg") == before.count("<svg") > 0


ILL = """
import os, signal
import insight.disclosure
assert authority != "X06000054", "Zzyzx Canary, born 1 April 2019"
if authority == "X10000001":
    os.kill(os.getpid(), signal.SIGKILL)
if authority == "X06000048":
    insight.disclosure.release(finding, policy="open")
"""
"""Fails on one page, dies on another, asks the gate for what it refuses on a third, and is well on the first."""


@pytest.fixture(scope="module")
def ill(site: Path, root: Path, sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """A run of an ill notebook into a site whose pages were all good."""
    folder = tmp_path_factory.mktemp("ill")
    (folder / "notebooks").mkdir()
    notebook = nbformat.read(root / "notebooks" / "caseload_turnover.ipynb", as_version=4)
    notebook.cells += [nbformat.v4.new_code_cell(ILL.strip())]
    nbformat.write(notebook, folder / "notebooks" / "caseload_turnover.ipynb")
    out = shutil.copytree(site, folder / "out")
    return run(folder, sample_store, out, AREAS)


def test_one_pages_failure_loses_no_other_and_keeps_the_last_good_page(ill: Batch, site: Path) -> None:
    assert [result.status for result in ill.results] == ["done", "failed", "failed", "failed"], repr(ill)
    for result in ill.failures:
        left = (ill.out / result.page.href).read_bytes()
        assert without_notice(left) == (site / result.page.href).read_bytes()
        assert b"This page could not be made anew" in left


def test_a_cell_that_raises_is_named_without_a_word_of_its_data(ill: Batch) -> None:
    reason = ill.results[3].reason
    assert "E900" in reason and "cell" in reason and "AssertionError" in reason
    for path in ill.out.rglob("*"):
        if path.is_file():
            assert b"Zzyzx" not in path.read_bytes(), path


def test_a_page_that_the_gate_holds_back_has_an_exit_code_of_its_own(ill: Batch) -> None:
    assert ill.exit_code == 4
    assert "no such policy" in ill.results[1].reason


def test_a_page_whose_process_is_killed_fails_alone_after_two_tries(ill: Batch) -> None:
    killed = ill.results[2]
    assert "E704" in killed.reason and "twice" in killed.reason
    assert killed.attempts == 2
    assert not list((ill.out / ".insight").glob("run-*"))
    statuses = [event["status"] for event in Journal(ill.out).last_run() if event["event"] == "page failed"]
    assert sorted(statuses) == ["died", "failed", "failed"]
