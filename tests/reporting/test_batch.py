"""The batch: nothing rerun that did not change, nothing lost by another's failure, the same bytes every time."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import nbformat
import pytest
from filelock import FileLock

from insight import store as stores
from insight.core.register import Register
from insight.errors import UsageError
from insight.reporting.batch import Batch, _put, plan, run_batch
from insight.reporting.execute import Outcome
from insight.reporting.folder import Site
from insight.reporting.journal import Journal
from insight.reporting.plan import Page

# An ordinary authority, a member of a joint return, one that was abolished, a tiny one.
AREAS = ("X06000001", "X06000048", "X10000001", "X06000054")


def run(root: Path, store: Path, out: Path, areas: tuple[str, ...], *, jobs: int = 2) -> Batch:
    register = stores.load_register(store)
    data_hash = stores.read_manifest(store)["data_hash"]
    chosen = [register.authority(code, abolished=True) for code in areas]
    pages = plan(["caseload_turnover"], chosen, settings={}, root=root, data_hash=data_hash)
    return run_batch(
        pages, store=store, root=root, out=out, register=register, data_hash=data_hash, jobs=jobs, command="again"
    )


def events(out: Path, name: str) -> list[str]:
    return [str(event["page"]) for event in Journal(out).read() if event["event"] == name]


def bytes_of(out: Path) -> dict[str, bytes]:
    """Every published file; what lies under ``.insight`` has clock times and is not published."""
    files = sorted(path for path in out.rglob("*") if path.is_file() and ".insight" not in path.parts)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


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
        assert f'href="{code}/caseload_turnover.html"' in index


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


def test_a_page_of_earlier_data_is_marked_in_the_index(
    site: Path, root: Path, sample_store: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(site, tmp_path / "out")
    register = stores.load_register(sample_store)
    assert "Made from earlier data" not in (out / "index.html").read_text(encoding="utf-8")
    run_batch([], store=sample_store, root=root, out=out, register=register, data_hash="newer", jobs=1)
    assert (out / "index.html").read_text(encoding="utf-8").count("Made from earlier data") == len(AREAS)


def test_a_damaged_page_is_made_again(site: Path, root: Path, sample_store: Path, tmp_path: Path) -> None:
    out = shutil.copytree(site, tmp_path / "out")
    page = out / AREAS[0] / "caseload_turnover.html"
    whole = page.read_bytes()
    page.write_bytes(whole[:1000])
    batch = run(root, sample_store, out, AREAS[:1])
    assert [result.status for result in batch.results] == ["done"]
    assert page.read_bytes() == whole


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"pages": {"x": 1}, "is_sample": true}', None])
def test_a_damaged_manifest_is_made_again_from_what_stands(
    site: Path, root: Path, sample_store: Path, tmp_path: Path, damage: str | None
) -> None:
    out = shutil.copytree(site, tmp_path / "out")
    whole = (out / "manifest.json").read_bytes()
    (out / "manifest.json").unlink() if damage is None else (out / "manifest.json").write_text(damage, encoding="utf-8")
    read = Site(out).manifest()
    assert read["is_sample"] is True
    before = json.loads(whole)["pages"]
    assert read["pages"] == {href: {**entry, "key": ""} for href, entry in before.items()}
    with pytest.raises(UsageError, match="pages of sample data"):
        run_batch([], store=sample_store, root=root, out=out, register=Register.read(), data_hash="", jobs=1)


def test_pages_that_a_killed_run_finished_are_not_made_again(
    site: Path, root: Path, sample_store: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(site, tmp_path / "out")
    (out / "manifest.json").unlink()
    journal = out / ".insight" / "journal.jsonl"
    journal.write_text("".join(journal.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    batch = run(root, sample_store, out, AREAS)
    assert [result.status for result in batch.results] == ["kept"] * len(AREAS)
    assert bytes_of(out) == bytes_of(site)


def test_a_page_that_is_gone_or_of_no_area_leaves_the_index(
    site: Path, root: Path, sample_store: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(site, tmp_path / "out")
    manifest = json.loads((out / "manifest.json").read_bytes())
    manifest["pages"]["../../passwd.html"] = manifest["pages"]["Z99/x.html"] = {
        "key": "",
        "html_sha256": "",
        "record_sha256": "",
    }
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (out / AREAS[1] / "caseload_turnover.html").unlink()
    run(root, sample_store, out, AREAS[:1])
    left = json.loads((out / "manifest.json").read_bytes())["pages"]
    assert sorted(left) == sorted(f"{code}/caseload_turnover.html" for code in (AREAS[0], *AREAS[2:]))


def test_a_page_that_cannot_be_put_in_place_fails_alone(tmp_path: Path) -> None:
    finished = tmp_path / "finished.html"
    finished.write_text("a page", encoding="utf-8")
    (tmp_path / "X06000001").write_text("a file where the folder should be", encoding="utf-8")
    page = Page("caseload_turnover", "X06000001", "Ashquarry", "Middlemarch", {}, "key")
    outcome = Outcome("caseload_turnover", "X06000001", 1.0, html=finished, record=finished)
    result, made = _put(Site(tmp_path), page, outcome)
    assert (result.status, made) == ("failed", {})
    assert "E800" in result.reason and str(tmp_path) not in result.reason


def test_a_worker_ends_when_the_process_that_started_it_was_killed() -> None:
    code = (
        "import os, signal\n"
        "from insight.reporting.batch import _pool\n"
        "pool = _pool(1)\n"
        "print(pool.submit(os.getpid).result(), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    # The worker holds this pipe open: without an end of its own, the call would wait until its time is up.
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert done.stdout.strip().isdigit()


def test_a_study_named_twice_is_run_once(root: Path, sample_store: Path) -> None:
    area = stores.load_register(sample_store).authority("X06000001")
    assert len(plan(["caseload_turnover"] * 2, [area], settings={}, root=root, data_hash="d")) == 1


def with_cell(root: Path, folder: Path, code: str) -> Path:
    """A project whose notebook has one more cell at its end."""
    (folder / "notebooks").mkdir(parents=True)
    notebook = nbformat.read(root / "notebooks" / "caseload_turnover.ipynb", as_version=4)
    notebook.cells = [*notebook.cells[:4], nbformat.v4.new_code_cell(code)]
    nbformat.write(notebook, folder / "notebooks" / "caseload_turnover.ipynb")
    return folder


def test_one_pages_failure_loses_no_other_and_keeps_the_last_good_page(
    site: Path, root: Path, sample_store: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(site, tmp_path / "out")
    good = (out / "X06000054" / "caseload_turnover.html").read_bytes()
    code = "assert authority != 'X06000054', 'Zzyzx Canary, born 1 April 2019'"
    batch = run(with_cell(root, tmp_path / "root", code), sample_store, out, ("X06000001", "X06000054"))
    assert [result.status for result in batch.results] == ["done", "failed"]
    assert batch.exit_code == 1
    assert (out / "X06000054" / "caseload_turnover.html").read_bytes() == good
    reason = batch.failures[0].reason
    assert "E900" in reason and "cell" in reason and "AssertionError" in reason
    for path in out.rglob("*"):
        if path.is_file():
            assert b"Zzyzx" not in path.read_bytes(), path


def test_a_page_that_the_gate_holds_back_has_an_exit_code_of_its_own(
    root: Path, sample_store: Path, tmp_path: Path
) -> None:
    code = "__import__('insight.disclosure').disclosure.release(finding, policy='open')"
    batch = run(with_cell(root, tmp_path / "root", code), sample_store, tmp_path / "out", ("X06000054",))
    assert batch.exit_code == 4
    assert "no such policy" in batch.failures[0].reason


def test_a_killed_kernel_fails_its_own_page(root: Path, sample_store: Path, tmp_path: Path) -> None:
    code = "__import__('os').kill(__import__('os').getpid(), 9 * (authority == 'X06000054'));"
    changed = with_cell(root, tmp_path / "root", code)
    batch = run(changed, sample_store, tmp_path / "out", ("X06000054", "X06000039"))
    killed, other = batch.results
    assert "kernel died" in killed.reason
    assert other.status == "done"
    assert not list((tmp_path / "out" / ".insight").glob("run-*"))


def test_what_a_killed_run_left_is_swept_and_never_shown(
    site: Path, root: Path, sample_store: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(site, tmp_path / "out")
    leftover = out / ".insight" / "run-killed"
    leftover.mkdir()
    (leftover / "X06000001-caseload_turnover.html").write_text("half a page", encoding="utf-8")
    run(root, sample_store, out, AREAS[:1])
    assert not leftover.exists()
    assert "half a page" not in (out / "index.html").read_text(encoding="utf-8")


def test_the_journal_passes_over_a_half_written_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write("run started", pages=1)
    with journal.path.open("a", encoding="utf-8") as stream:
        stream.write('{"event": "page sta')
    assert [event["event"] for event in journal.read()] == ["run started"]


def test_invented_and_real_figures_never_stand_in_one_site(site: Path, root: Path, sample_store: Path) -> None:
    real = Register.read()
    with pytest.raises(UsageError, match="pages of sample data"):
        run_batch([], store=sample_store, root=root, out=site, register=real, data_hash="", jobs=1)


def test_a_second_run_into_the_same_folder_is_refused_while_the_first_writes(
    root: Path, sample_store: Path, tmp_path: Path
) -> None:
    (tmp_path / ".insight").mkdir()
    with FileLock(tmp_path / ".insight" / "run.lock"), pytest.raises(UsageError, match="another run"):
        run(root, sample_store, tmp_path, AREAS[:1])


def test_another_parameter_makes_another_page(root: Path, sample_store: Path) -> None:
    register = stores.load_register(sample_store)
    area = register.authority("X06000001")
    one, two = (
        plan(["caseload_turnover"], [area], settings=settings, root=root, data_hash="d")[0]
        for settings in ({}, {"lag_years": "2"})
    )
    assert one.key != two.key
    assert one.href == two.href == "X06000001/caseload_turnover.html"
    assert replace(one, key=two.key, parameters=two.parameters) == two


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"lag_years": "0"}, "lag_years"),
        ({"lag_years": "two"}, "lag_years"),
        ({"lag_yeras": "1"}, "lag_yeras"),
        ({"margin_percent": "nan"}, "margin_percent"),
        ({"authority": "X06000001"}, "--authority"),
        ({"lag_years": '1"; import os'}, "lag_years"),
        ({"lag_years": "1" * 1_000_000}, "lag_years"),
    ],
)
def test_wrong_parameters_stop_before_anything_runs(
    root: Path, sample_store: Path, settings: dict[str, str], words: str
) -> None:
    area = stores.load_register(sample_store).authority("X06000001")
    with pytest.raises(UsageError, match=words) as raised:
        plan(["caseload_turnover"], [area], settings=settings, root=root, data_hash="d")
    assert len(str(raised.value)) < 2000
