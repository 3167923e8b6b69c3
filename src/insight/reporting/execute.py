"""One page from one notebook, in a process of its own: never raises, never writes outside its temporary folder."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import tempfile
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from insight.errors import DisclosureBlocked, FileTrouble, InsightError, PageFailed, UnexpectedError

CELL_SECONDS = 600
_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
_OUR_MESSAGE = re.compile(r"E\d{3} ")


@dataclass(frozen=True)
class Job:
    """All that a page is made of. ``store`` and ``notebook`` are paths on this machine and reach no output."""

    notebook: Path
    store: Path
    root: Path
    temporary: Path
    study: str
    area: str
    area_name: str
    region_name: str
    parameters: Mapping[str, Any]
    key: str
    data_hash: str


@dataclass(frozen=True)
class Outcome:
    """What became of a job: two finished files in the temporary folder, or the reason why there are none."""

    study: str
    area: str
    seconds: float
    html: Path | None = None
    record: Path | None = None
    reason: str = ""
    stderr: str = field(default="", repr=False)

    @property
    def is_done(self) -> bool:
        """Whether there is a page."""
        return self.html is not None


def run_page(job: Job) -> Outcome:
    """Execute the notebook with papermill, check and render its typed outputs, and write page and record."""
    started = perf_counter()
    try:
        notebook = _execute(job)
        html, record, stderr = _render(job, notebook)
    except InsightError as error:
        return Outcome(job.study, job.area, perf_counter() - started, reason=str(error))
    except Exception as error:  # noqa: BLE001 - the wall: whatever fails, only this page is lost, and no data is shown
        if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
            trouble = FileTrouble.of(f"making {job.study} for {job.area_name}", error)
            return Outcome(job.study, job.area, perf_counter() - started, reason=str(trouble))
        return Outcome(job.study, job.area, perf_counter() - started, reason=str(_unexpected(job, error)))
    return Outcome(job.study, job.area, perf_counter() - started, html=html, record=record, stderr=stderr)


def prepare_study(job: Job) -> str:
    """Compute what no page's authority changes, so that every page finds it ready; returns a reason if it failed."""
    from insight import studies
    from insight.store import load_panel

    try:
        study = studies.find(job.study)
        panel = load_panel(job.store)  # as the notebooks do, so that they find what is remembered here
        study.prepare(panel, study.parameters.model_validate(dict(job.parameters)))
    except InsightError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - as above; the pages will say what is wrong one by one
        return str(_unexpected(job, error))
    return ""


def _unexpected(job: Job, error: Exception) -> UnexpectedError:
    """A fault in words: its kind and a fingerprint of where it happened, but not its message, which may hold data."""
    places = [f"{Path(frame.filename).name}:{frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    fingerprint = hashlib.sha256("|".join([type(error).__name__, *places]).encode()).hexdigest()[:12]
    return UnexpectedError(
        f"making {job.study} for {job.area_name}",
        found=f"an unexpected {type(error).__name__} in {places[-1] if places else 'no known place'} ({fingerprint})",
        todo="open the notebook in JupyterLab with the same parameters to see it, and report the fingerprint",
    )


def _execute(job: Job) -> Any:
    import nbformat
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    # papermill and its parts warn of their own deprecations; a page's own warnings come from its kernel instead.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import papermill
        from papermill.exceptions import PapermillExecutionError

        source = nbformat.read(job.notebook, as_version=4)
        for cell in source.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        logging.getLogger("papermill").setLevel(logging.WARNING)
        with tempfile.TemporaryDirectory(dir=job.temporary) as folder:
            # The kernel's connection file and IPython's profile, with its history, go with the run, not to the home.
            own = {"JUPYTER_RUNTIME_DIR": f"{folder}/runtime", "IPYTHONDIR": f"{folder}/ipython"}
            os.environ.update({"INSIGHT_STORE": str(job.store), "INSIGHT_OFFLINE": "1", **own})
            stripped = Path(folder) / "notebook.ipynb"
            nbformat.write(source, stripped)
            try:
                return papermill.execute_notebook(
                    str(stripped).replace("{", "{{").replace("}", "}}"),  # papermill formats its paths
                    None,
                    parameters=dict(job.parameters),
                    kernel_name="python3",
                    progress_bar=False,
                    log_output=False,
                    cwd=str(job.root),
                    request_save_on_cell_execute=False,
                    execution_timeout=CELL_SECONDS,
                    # A loopback port with a signing key: the kernel's own warning about it would reach the console.
                    extra_arguments=["--IPKernelApp.log_level=50"],
                )
            except PapermillExecutionError as error:
                raise _failed_cell(job, error) from None
            except DeadKernelError:
                raise PageFailed(
                    f"running {job.study} for {job.area_name}",
                    found="the kernel died before the notebook ended; too little memory is the usual reason",
                    todo="run this page again with --jobs 1",
                ) from None
            except CellTimeoutError:
                raise PageFailed(
                    f"running {job.study} for {job.area_name}",
                    found=f"a cell that ran for over {CELL_SECONDS} seconds",
                    todo="run this page again, and open the notebook in JupyterLab if it happens twice",
                ) from None


def _failed_cell(job: Job, error: Any) -> InsightError:
    """Our own errors speak for themselves; of any other only the kind is shown, because its text may hold data."""
    if str(error.evalue).startswith(DisclosureBlocked.code):
        return DisclosureBlocked(
            f"running cell {error.exec_count} of {job.study} for {job.area_name}",
            found=" ".join(str(error.evalue).split()),
            todo="show the result without the number that is named",
        )
    if _OUR_MESSAGE.match(str(error.evalue)):
        return PageFailed(
            f"running cell {error.exec_count} of {job.study} for {job.area_name}",
            found=" ".join(str(error.evalue).split()),
            todo="mend what is named, then run this page again",
        )
    fingerprint = hashlib.sha256(f"{job.study}|{error.exec_count}|{error.ename}".encode()).hexdigest()[:12]
    return UnexpectedError(
        f"running cell {error.exec_count} of {job.study} for {job.area_name}",
        found=f"an unexpected {error.ename} ({fingerprint})",
        todo="open the notebook in JupyterLab with the same parameters to see it, and report the fingerprint",
    )


def _render(job: Job, notebook: Any) -> tuple[Path, Path, str]:
    from insight import __version__
    from insight.reporting.record import write_record
    from insight.reporting.render import PageContext, render
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
    page = render(notebook, context)
    html = job.temporary / f"{job.area}-{job.study}.html"
    html.write_bytes(page.html.encode())
    record = html.with_suffix(".json")
    write_record(record, page.record)
    return html, record, page.stderr
