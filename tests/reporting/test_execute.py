"""One job in this process: words for every fault, no data in them, nothing left behind."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from insight.core.display import MIME
from insight.errors import PageRefused
from insight.reporting import execute, results
from insight.reporting.job import Isolation, Job, Outcome
from tests.reporting.making_jobs import LOAD, PARAMETERS, job_of, write_notebook

pytestmark = pytest.mark.filterwarnings("ignore")  # of papermill's and the kernel's own parts

Run = Callable[..., Outcome]


@pytest.fixture
def run(root: Path, sample_store: Path, tmp_path: Path) -> Run:
    """Runs these cells without fork, in this very process, unless told otherwise."""

    def do(*cells: str, isolation: Isolation = "none", **more: Any) -> Outcome:
        job = job_of(cells, **{"store": sample_store, "root": root, "temporary": tmp_path, **more})
        return execute.run_job(job, isolation=isolation)

    return do


def test_an_unknown_error_is_shown_by_its_kind_without_its_words(run: Run) -> None:
    outcome = run("# Title", "1;", "raise KeyError('Zzyzx Canary')")
    assert outcome.status == "failed"
    assert outcome.reason.startswith("E900 running cell 3 of caseload_turnover for Abbotsmere")
    assert "an unexpected KeyError" in outcome.reason
    assert (outcome.cell, outcome.exception) == (3, "KeyError")
    assert "Zzyzx" not in str(outcome) + outcome.to_json()


def test_our_own_errors_speak_for_themselves(run: Run) -> None:
    outcome = run(LOAD, "panel.select('no_such_thing')")
    assert outcome.reason.startswith("E701 running cell 3")
    assert "E120" in outcome.reason


def test_the_gate_keeps_its_own_code(run: Run) -> None:
    code = "from insight.errors import DisclosureBlocked\nraise DisclosureBlocked('x', found='y', todo='z')"
    assert run(code).reason.startswith("E600 running cell 2")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_disk_that_refuses_is_said_so(run: Run, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(self: Path, data: bytes) -> None:
        raise OSError(number, "no room")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    outcome = run("1;")
    assert outcome.reason.startswith("E800 making caseload_turnover for Abbotsmere")


def test_a_notebook_that_is_none_fails_in_words(run: Run, tmp_path: Path, root: Path, sample_store: Path) -> None:
    broken = tmp_path / "broken.ipynb"
    broken.write_text("{", encoding="utf-8")
    job = job_of(broken, store=sample_store, root=root, temporary=tmp_path)
    assert execute.run_job(job, isolation="none").reason.startswith("E900")


def test_nothing_is_kept_of_a_page_that_is_refused(run: Run) -> None:
    outcome = run("# Title", "print('Zzyzx')")
    assert "printed text" in outcome.reason
    assert "cell 3" in outcome.reason
    assert (outcome.html, outcome.record, outcome.results) == (None, None, None)


def test_of_the_error_stream_kinds_and_lines_are_told_and_no_text(run: Run) -> None:
    lines = ["<ipython-input-3-0a1b>:2: UserWarning: Zzyzx aged 7", "/srv/x.csv: Zzyzx"]
    outcome = run("# Title", "1 + 1;", f"import sys\nprint(*{lines!r}, sep='\\n', file=sys.stderr)")
    assert outcome.stderr == "cell 3: 2 lines, UserWarning"


def test_a_leftover_output_in_the_source_never_reaches_a_page(run: Run, tmp_path: Path, root: Path) -> None:
    import nbformat
    from nbformat.v4 import new_output

    path = write_notebook(tmp_path / "old.ipynb", ("# Title", "1;"))
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].outputs = [new_output("stream", text="old")]
    nbformat.write(notebook, path)
    assert all(cell.get("outputs", []) == [] for cell in execute.read_notebook(path).cells)


@pytest.mark.parametrize("code", ["__import__('os').kill(__import__('os').getpid(), 9)", "__import__('os')._exit(0)"])
def test_a_kernel_that_dies_is_told_which_papermill_calls_completed(run: Run, code: str) -> None:
    outcome = run("# Title", "1;", code, "1;", isolation="kernel")
    assert outcome.status == "died"
    assert outcome.reason.startswith("E704")
    assert "kernel died" in outcome.reason
    assert outcome.cell == 3


def test_a_kernel_keeps_to_the_limits(run: Run) -> None:
    hanging = run("import time\ntime.sleep(60)", isolation="kernel", cell_seconds=1.0)
    assert hanging.status == "timeout"
    assert "E703 running cell 2" in hanging.reason


def test_results_are_small_and_plain(root: Path, tmp_path: Path) -> None:
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    typed = {MIME: {"kind": "note", "b": 1, "a": [1.5, None]}, "text/html": "<p>", "text/plain": "x"}
    cells = [
        new_code_cell("a", outputs=[new_output("execute_result", data=typed, execution_count=4)]),
        new_code_cell("b", metadata={"tags": ["injected-parameters"]}),
        new_code_cell("c", outputs=[new_output("stream", text="Zzyzx"), new_output("stream", name="stderr", text="e")]),
        new_code_cell("d", outputs=[new_output("display_data", data={"image/png": "AAAA", "text/plain": "x"})]),
        new_code_cell("e", outputs=[new_output("display_data", data={**typed, "image/png": "AAAA"})]),
    ]
    kept = json.loads(results.take(new_notebook(cells=cells), "k"))
    assert (kept["format"], kept["execution_key"]) == (1, "k")
    plain = {MIME: typed[MIME]}
    assert kept["outputs"] == [
        [{"output_type": "execute_result", "data": plain}],
        [{"output_type": "stream", "name": "stdout", "text": ""}],
        [{"output_type": "display_data", "data": {"image/png": "", "text/plain": ""}}],
        [{"output_type": "display_data", "data": {**plain, "image/png": ""}}],
    ]
    source = new_notebook(cells=[new_code_cell(text) for text in "acde"])
    put = results.put(json.dumps(kept).encode(), source, execution_key="k")
    assert put.cells[0].outputs[0].data[MIME]["a"] == [1.5, None]
    assert isinstance(put.cells[0].outputs[0], nbformat.NotebookNode)


@pytest.mark.parametrize(
    "damaged", [b"", b"{", b"[]", b'{"format": 2}', b'{"format": 1, "execution_key": "other", "outputs": [[]]}']
)
def test_damaged_results_are_refused(damaged: bytes, tmp_path: Path) -> None:
    notebook = execute.read_notebook(write_notebook(tmp_path / "x.ipynb", ("# Title",)))
    with pytest.raises(PageRefused, match="stored results"):
        results.put(damaged, notebook, execution_key="k")


def test_prose_may_change_between_a_run_and_its_page(tmp_path: Path) -> None:
    before = execute.read_notebook(write_notebook(tmp_path / "x.ipynb", ("# One", "1", "2")))
    after = execute.read_notebook(write_notebook(tmp_path / "y.ipynb", ("# Other", "# More", "1", "# And more", "2")))
    kept = results.take(before, "k")
    assert results.put(kept, after, execution_key="k") is after


def test_a_job_crosses_a_pipe_whole(root: Path, sample_store: Path, tmp_path: Path) -> None:
    job = job_of(("1;",), store=sample_store, root=root, temporary=tmp_path, results=tmp_path / "r.json")
    assert Job.from_json(job.to_json()) == job
    assert Job.from_json(replace(job, results=None).to_json()).results is None
    outcome = Outcome("failed", reason="two\nlines", cell=3, html=tmp_path / "x")
    assert Outcome.from_json(outcome.to_json()) == outcome
    assert "\n" not in job.to_json() + outcome.to_json()
    assert PARAMETERS.startswith("authority")
