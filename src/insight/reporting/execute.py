"""One job, done in this process: never raises, never writes outside its temporary folder and the store's memory."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from insight import warm
from insight.core.whole import flush
from insight.errors import (
    DisclosureBlocked,
    FileTrouble,
    InsightError,
    PageFailed,
    TimedOut,
    UndeclaredRead,
    UnexpectedError,
)
from insight.reads import VARIABLE, Allowed, strangers, watched
from insight.reporting.ended import called, kernel_died, out_of_memory, timed_out, unexpected
from insight.reporting.job import Isolation, Job, Outcome
from insight.reporting.limits import Limits, OutOfTime

_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
_OUR_MESSAGE = re.compile(r"E\d{3} ")
_OF_MEMORY = {"MemoryError", "_ArrayMemoryError", "ArrowMemoryError"}
_DEAD_KERNEL = "DeadKernelError"
_KERNEL_ALLOWANCE = 3 * 1024**3


class _CellFailed(Exception):
    """An error in words, and the code cell that it comes from, counted from 1."""

    def __init__(self, error: InsightError, cell: int | None, exception: str) -> None:
        super().__init__(str(error))
        self.error, self.cell, self.exception = error, cell, exception


def run_job(job: Job, *, isolation: Isolation) -> Outcome:
    """Do a job in this process, or with ``kernel`` in a kernel that this process starts.

    Parameters
    ----------
    isolation : "fork", "kernel" or "none"
        "fork" says that this process is thrown away afterwards, or only renders; with "none" its state is put back.

    Returns
    -------
    Outcome
        With finished files in the job's temporary folder, or with the reason why there are none.
    """
    started, cpu = perf_counter(), process_time()
    made: dict[str, Any] = {}
    try:
        _KINDS[job.kind](job, isolation, made)
        ended: dict[str, Any] = {"status": "done"}
    except _CellFailed as failed:
        ended = _words(failed.error) | {"cell": failed.cell, "exception": failed.exception}
        if failed.exception == _DEAD_KERNEL:
            ended["status"] = "died"
    except InsightError as error:
        ended = _words(error)
    except (Exception, SystemExit, OutOfTime) as error:  # noqa: BLE001 - the wall: only this page is lost, no data shown
        ended = _words(_of_any(job, error)) | {"exception": type(error).__name__}
    if ended["status"] != "done":
        # Results that no page can be made of may be of a bad moment; kept, they would be taken again by the next run.
        made = {name: value for name, value in made.items() if name == "stderr"}
    return Outcome(seconds=perf_counter() - started, cpu_seconds=process_time() - cpu, **made, **ended)


def _words(error: InsightError) -> dict[str, Any]:
    return {"status": "timeout" if isinstance(error, TimedOut) else "failed", "reason": str(error)}


def _of_any(job: Job, error: BaseException) -> InsightError:
    """Any fault in words."""
    if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
        return FileTrouble.of(f"making {called(job)}", error)
    if isinstance(error, MemoryError):
        return out_of_memory(job)
    if isinstance(error, OutOfTime):
        return timed_out(job, None, is_cell=error.is_cell)
    return unexpected(job, error)


def _prepare(job: Job, isolation: Isolation, made: dict[str, Any]) -> None:
    """Compute what no page's authority changes, so that every page of the study finds it in the store's memory."""
    from insight import store, studies

    here: Isolation = "none" if isolation == "kernel" else isolation
    with _surroundings(job, here, job.temporary), Limits(job).page():
        study = studies.find(job.study)
        # What the notebooks load for the study, so that they find what is remembered here.
        panel = store.load_panel(job.store, needs=study.needs_for(job.parameters))
        study.prepare(panel, study.parameters.model_validate(dict(job.parameters)))


def _page(job: Job, isolation: Isolation, made: dict[str, Any]) -> None:
    """Execute the notebook, keep its results, and make page and record of them."""
    from insight.reporting import results

    job.temporary.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="page-", dir=job.temporary))
    try:
        log = folder / "reads.log"
        executed = _execute(job, isolation, folder, _allowed(job, log, folder))
        _require_declared(job, log)
        made["stderr"] = results.error_words(executed)
        kept = results.take(executed, job.execution_key)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    path = _file(job, ".results.json")
    path.write_bytes(kept)
    made["results"] = path
    _render(job, kept, made)


def _from_results(job: Job, isolation: Isolation, made: dict[str, Any]) -> None:
    """Make page and record from results that are there."""
    if job.results is None:
        raise ValueError("a job to render needs results")
    _render(job, job.results.read_bytes(), made)


_KINDS = {"prepare": _prepare, "page": _page, "render": _from_results}


def _file(job: Job, ending: str) -> Path:
    return job.temporary / f"{job.area}-{job.name or job.study}{ending}"


def _allowed(job: Job, log: Path, folder: Path) -> Allowed:
    """What this page's cells may read: what the study declares, beside what belongs to the machine."""
    store = job.store
    files = [store / "manifest.json", job.root / "insight.toml", *(store / name for name in job.inputs)]
    register = register_part(store)
    if register:
        files.append(store / register)
    return Allowed.of(log=log, files=files, own=(folder, store / "derived"))


def register_part(store: Path) -> str:
    """The store's own register of areas, relative to the store; empty where it uses the packaged one."""
    try:
        return _register_part(store, (store / "manifest.json").stat().st_mtime_ns)
    except FileNotFoundError:
        return ""


@lru_cache(maxsize=16)
def _register_part(store: Path, changed: int) -> str:
    from insight.store import read_manifest

    part = read_manifest(store)["register"]["part"]
    return f"parts/{part}" if part else ""


def _require_declared(job: Job, log: Path) -> None:
    read, written = strangers(log)
    if read or written:
        what = "a file that the study does not declare" if read else "a file written outside the page's own folder"
        raise UndeclaredRead(
            f"running {called(job)}",
            found=f"{what}: {', '.join((read or written)[:5])}",
            todo="take the figures from the panel, or declare the indicator in the study's `needs`",
        )


@contextmanager
def _surroundings(job: Job, isolation: Isolation, folder: Path) -> Iterator[None]:
    """Folder, environment and random numbers as a page finds them; without a process to throw away, put back."""
    if isolation == "kernel":
        yield
        return
    from insight.reporting.state import put_back

    with put_back() if isolation == "none" else nullcontext():
        os.environ.update({"INSIGHT_STORE": str(job.store), "INSIGHT_OFFLINE": "1", "TMPDIR": str(folder)})
        tempfile.tempdir = str(folder)
        os.chdir(job.root)
        warm.seed(job.seed)
        yield


@contextmanager
def _environment(own: dict[str, str]) -> Iterator[None]:
    # Settled now, or this process would keep the page's folder for its own.
    tempfile.gettempdir()
    before = dict(os.environ)
    os.environ.update(own)
    try:
        yield
    finally:
        for name in own:
            os.environ.pop(name, None)
        os.environ.update(before)


def read_notebook(path: Path) -> Any:
    """A notebook without outputs, as its cells stand in the file."""
    import nbformat

    text = path.read_text(encoding="utf-8")
    notebook = nbformat.v4.reads(text) if '"nbformat": 4' in text else nbformat.reads(text, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _parametrised(job: Job, engine: str) -> Any:
    """The source with the job's parameters put in by papermill; names come from the study's model alone."""
    from papermill.parameterize import parameterize_notebook

    notebook = read_notebook(job.notebook)
    _require_names(job)
    notebook.metadata["papermill"] = {"parameters": {}}
    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])
    return parameterize_notebook(
        notebook, dict(job.parameters), kernel_name="python3", language="python", engine_name=engine
    )


def _require_names(job: Job) -> None:
    """papermill writes names into the code as they are; so a name that is not one of the study's goes no further."""
    from insight import studies
    from insight.errors import UsageError

    known = studies.find(job.study).parameters.model_fields
    if set(job.parameters) - set(known):
        raise UsageError(
            f"setting the parameters of {called(job)}",
            found="a name that the study does not have",
            todo=f"set only {', '.join(known)}",
        )


def _execute(job: Job, isolation: Isolation, folder: Path, allowed: Allowed) -> Any:
    # papermill and its parts warn of their own deprecations; a page's own warnings come from its cells.
    with warnings.catch_warnings(), warm.lean_imports():
        warnings.simplefilter("ignore")
        from papermill.engines import papermill_engines
        from papermill.exceptions import PapermillExecutionError
        from papermill.execute import raise_for_execution_errors

        from insight.reporting import engine

        name = engine.IN_KERNEL if isolation == "kernel" else engine.IN_PROCESS
        notebook = _parametrised(job, name)
    run = _in_kernel if isolation == "kernel" else _in_process
    with _surroundings(job, isolation, folder):
        executed = run(job, papermill_engines.get_engine(name), notebook, folder, allowed)
    try:
        raise_for_execution_errors(executed, None)
    except PapermillExecutionError as error:
        raise _failed_cell(job, executed, error) from None
    return executed


def _in_process(job: Job, engine: Any, notebook: Any, folder: Path, allowed: Allowed) -> Any:
    limits = Limits(job)
    try:
        with watched(allowed), limits.page():
            engine.execute_notebook(
                notebook, "python3", progress_bar=False, around_cell=limits.cell, folder=folder, is_for_page=True
            )
    except OutOfTime as limit:
        raise _timed_out_cell(job, notebook, limit) from None
    if limits.passed is not None:
        raise _timed_out_cell(job, notebook, limits.passed)
    return notebook


def _in_kernel(job: Job, engine: Any, notebook: Any, folder: Path, allowed: Allowed) -> Any:
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    from insight.reporting.limits import start_of_child

    watch = folder / "watch.json"
    allowed.write(watch)
    own = {
        "INSIGHT_STORE": str(job.store),
        "INSIGHT_OFFLINE": "1",
        # The kernel's connection file and IPython's profile, with its history, go with the run, not to the home.
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
        "TMPDIR": str(folder),
        VARIABLE: str(watch),
    }
    memory = job.memory_bytes + _KERNEL_ALLOWANCE if job.memory_bytes else 0
    try:
        with _environment(own):
            engine.execute_notebook(
                notebook,
                "python3",
                progress_bar=False,
                cell_seconds=job.cell_seconds,
                page_seconds=job.page_seconds,
                start={"cwd": str(job.root), **start_of_child(memory)},
                extra_arguments=(
                    # A loopback port with a signing key: the kernel's own warning about it would reach the console.
                    "--IPKernelApp.log_level=50",
                    "--HistoryManager.hist_file=:memory:",
                    f"--IPKernelApp.exec_lines={_first_line(job)}",
                ),
            )
    except DeadKernelError:
        raise _CellFailed(kernel_died(job), _running_cell(notebook), _DEAD_KERNEL) from None
    except CellTimeoutError:
        raise _timed_out_cell(job, notebook, OutOfTime(is_cell=job.cell_seconds < job.page_seconds)) from None
    return notebook


def _first_line(job: Job) -> str:
    """What a kernel runs before the first cell: the watch, and the seeds; it leaves no name behind."""
    return f"__import__('insight.warm').warm.seed({job.seed}); __import__('insight.reads').reads.watch_if_asked()"


def _timed_out_cell(job: Job, notebook: Any, limit: OutOfTime) -> _CellFailed:
    cell = _running_cell(notebook)
    return _CellFailed(timed_out(job, cell, is_cell=limit.is_cell), cell, "TimedOut")


def _running_cell(notebook: Any) -> int | None:
    """The last code cell that was begun, counted from 1 as the source has them."""
    from insight.reporting.results import code_cells

    begun = [n for n, cell in enumerate(code_cells(notebook), start=1) if cell.metadata.papermill.get("start_time")]
    return begun[-1] if begun else None


def _failed_cell(job: Job, notebook: Any, error: Any) -> _CellFailed:
    """Our own errors speak for themselves; of any other only the kind is shown, because its text may hold data."""
    cell = _running_cell(notebook)
    asked = f"running cell {cell} of {called(job)}"
    said = " ".join(str(error.evalue).split())
    words: InsightError
    if said.startswith(DisclosureBlocked.code):
        words = DisclosureBlocked(asked, found=said, todo="show the result without the number that is named")
    elif _OUR_MESSAGE.match(said):
        words = PageFailed(asked, found=said, todo="mend what is named, then run this page again")
    elif error.ename in _OF_MEMORY:
        words = out_of_memory(job)
    else:
        fingerprint = hashlib.sha256(f"{job.study}|{cell}|{error.ename}".encode()).hexdigest()[:12]
        words = UnexpectedError(
            asked,
            found=f"an unexpected {error.ename} ({fingerprint})",
            todo="open the notebook in JupyterLab with the same parameters to see it, and report the fingerprint",
        )
    return _CellFailed(words, cell, str(error.ename))


def _render(job: Job, kept: bytes, made: dict[str, Any]) -> None:
    from insight import __version__
    from insight.reporting.record import write_record
    from insight.reporting.render import PageContext, render
    from insight.reporting.results import put
    from insight.studies import find

    context = PageContext(
        study_title=find(job.study).title,
        study=job.study,
        area=job.area,
        area_name=job.area_name,
        region_name=job.region_name,
        parameters=dict(job.parameters),
        package_version=__version__,
        data_hash=job.data_hash,
        key=job.key,
    )
    page = render(put(kept, read_notebook(job.notebook), execution_key=job.execution_key), context)
    html, record = _file(job, ".html"), _file(job, ".json")
    html.write_bytes(page.html.encode())
    write_record(record, page.record)
    # Here and not where they are put in place: one page waits for the disk while the next is made.
    flush(html)
    flush(record)
    made.update(html=html, record=record)
