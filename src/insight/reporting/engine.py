"""papermill's engines for pages: cells in this very process, or in a real kernel under the same limits."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from nbformat import NotebookNode


def __getattr__(name: str) -> Any:
    # papermill looks for its engines while it is imported, which may be three lines below: then ours is not there yet.
    # It is registered at the end of this module.
    if name == "InsightEngine":
        return None
    raise AttributeError(f"{__name__} has no {name!r}")


from papermill.clientwrap import PapermillNotebookClient  # noqa: E402
from papermill.engines import Engine, NBClientEngine, papermill_engines  # noqa: E402

from insight.reporting.descriptors import redirected  # noqa: E402
from insight.reporting.shell import STREAM_LIMIT, Cap, Outputs, fresh_shell  # noqa: E402

IN_PROCESS = "insight"
IN_KERNEL = "insight-kernel"
_SKIPPED = "skip-execution"
_MAY_RAISE = "raises-exception"


class InsightEngine(Engine):  # type: ignore[misc]  # papermill has no types
    """Runs a notebook's cells in an IPython shell of this process."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        around_cell: Callable[[], Any] = nullcontext,
        folder: Path | None = None,
        is_for_page: bool = False,
        **kwargs: Any,
    ) -> None:
        """Run each code cell and stop at the first that fails, as papermill's own engine does.

        Parameters
        ----------
        around_cell : callable
            Gives a context that each cell runs in, for its limits.
        folder : Path, optional
            Where text that passes Python by is kept until the cell ends; without it, it goes where it goes.
        is_for_page : bool
            Leave out what a display object shows in JupyterLab alone.
        """
        with redirected(folder) if folder else nullcontext() as descriptors, fresh_shell() as shell:
            shell.is_for_page = is_for_page
            for index, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, index)
                try:
                    if cell.cell_type != "code" or not cell.source.strip() or _SKIPPED in cell.metadata.get("tags", ()):
                        continue
                    with around_cell():
                        outputs, cell.execution_count, error = shell.run(cell.source)
                    if descriptors is not None:
                        outputs = _with_descriptors(outputs, descriptors)
                    cell.outputs = [NotebookNode(output) for output in outputs]
                    if error is not None and _MAY_RAISE not in cell.metadata.get("tags", ()):
                        nb_man.cell_exception(cell, cell_index=index, exception=error)
                        break
                finally:
                    nb_man.cell_complete(cell, cell_index=index)


def _with_descriptors(outputs: list[dict[str, Any]], descriptors: Any) -> list[dict[str, Any]]:
    """Outputs of a cell and after them what was printed past Python, under the same limit."""
    together: Outputs | None = None
    for name, text in descriptors.taken(STREAM_LIMIT):
        together = together or _again(outputs)
        together.stream(name, text)
    return together.finished() if together else outputs


def _again(outputs: list[dict[str, Any]]) -> Outputs:
    made = Outputs()
    for output in outputs:
        if output["output_type"] == "stream":
            made.stream(output["name"], output["text"])
        else:
            made.add(output)
    return made


class _Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """papermill's client of a kernel, with printed text capped as it arrives and a limit for the whole notebook."""

    def __init__(self, nb_man: Any, *, cell_seconds: float, page_seconds: float, start: Any, **kwargs: Any) -> None:
        super().__init__(nb_man, **kwargs)
        self._cell_seconds = cell_seconds
        self._deadline = time.monotonic() + page_seconds
        self._start = start
        self._caps: dict[int, Cap] = defaultdict(Cap)

    def execute(self, **kwargs: Any) -> Any:
        return super().execute(**{**self._start, **kwargs})

    def _get_timeout(self, cell: Any) -> float:
        return max(0.1, min(self._cell_seconds, self._deadline - time.monotonic()))

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        if msg["msg_type"] == "stream":
            content = msg["content"]
            content["text"] = self._caps[cell_index](content["name"], content["text"])
            if not content["text"]:
                return None
        return super().process_message(msg, cell, cell_index)


class KernelEngine(NBClientEngine):  # type: ignore[misc]  # papermill has no types
    """Runs a notebook in a real kernel."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        cell_seconds: float = 600.0,
        page_seconds: float = 1200.0,
        extra_arguments: tuple[str, ...] = (),
        start: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Run the cells; ``start`` is handed to whoever starts the kernel's process."""
        client = _Client(
            nb_man,
            cell_seconds=cell_seconds,
            page_seconds=page_seconds,
            start=start or {},
            kernel_name=kernel_name,
            startup_timeout=60,
            # A kernel that has printed a hundred megabytes needs a while until all of it has arrived.
            iopub_timeout=120,
            # Nothing in it is worth waiting for, and killing its process group leaves none behind.
            shutdown_kernel="immediate",
            extra_arguments=list(extra_arguments),
        )
        client.execute()


papermill_engines.register(IN_PROCESS, InsightEngine)
papermill_engines.register(IN_KERNEL, KernelEngine)
