"""The engine's outputs are those of a real kernel, with nothing of a kernel running."""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import papermill
    from papermill.engines import papermill_engines

    from insight.reporting import engine
    from insight.reporting.shell import DROPPED, STREAM_LIMIT, Shell, fresh_shell

from tests.reporting.making_jobs import write_notebook

pytestmark = pytest.mark.filterwarnings("ignore")  # of papermill's and the kernel's own parts

CELLS = (
    "# Words",
    "1 + 1",
    "1 + 1;",
    "'semicolon; inside'",
    "x = 3\nx",
    "print('one'); print('two')",
    "import sys\nprint('to the error stream', file=sys.stderr)",
    "import pandas as pd\npd.DataFrame({'a': [1, 2]})",
    "from IPython.display import display, HTML, Markdown, clear_output, update_display\ndisplay(HTML('<b>x</b>'), 2)",
    "display('first', display_id='d'); update_display('second', display_id='d')",
    "print('gone'); clear_output(); print('stays')",
    "print('gone too'); clear_output(wait=True); print('stays too')",
    "float('nan'), (1, 2), {'a': {1}}",
    "%%capture\nprint('caught')",
    "%time 0;",
    "_",
    "Out[3]",
    "import asyncio\nawait asyncio.sleep(0)\n'waited'",
    "class Typed:\n    def _repr_mimebundle_(self, include=None, exclude=None):\n"
    "        return {'application/vnd.insight+json': {'n': 1, 't': (1, 2)}, 'text/html': '<p>'}\n"
    "    def __repr__(self):\n        return 'typed'\nTyped()",
    "class Bytes:\n    def _repr_png_(self):\n        return b'\\x89PNG'\n"
    "    def __repr__(self):\n        return 'bytes'\nBytes()",
    "import os\nos.system('echo from a program');",
    "",
    "1\n2\n3",
    "1 / 0",
    "'never reached'",
)


def executed(cells: tuple[str, ...], folder: Path, name: str | None) -> Any:
    """The notebook after a run; ``name`` is the engine's, None papermill's own with a real kernel."""
    path = write_notebook(folder / f"{name}.ipynb", cells)
    try:
        return papermill.execute_notebook(
            str(path),
            str(folder / f"{name}-out.ipynb"),
            engine_name=name,
            progress_bar=False,
            parameters={"authority": "Z"},
            **({"folder": folder} if name else {"extra_arguments": ["--IPKernelApp.log_level=50"]}),
        )
    except papermill.PapermillExecutionError:
        read = nbformat.read(folder / f"{name}-out.ipynb", as_version=4)
        read.cells = [cell for cell in read.cells if "papermill-error-cell-tag" not in cell.metadata.get("tags", [])]
        return read


def plain(notebook: Any) -> list[Any]:
    """Outputs and counts of every code cell; of a traceback only that there is one, of streams the whole text."""
    cells = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        outputs: list[Any] = []
        for output in cell.outputs:
            shown = dict(output)
            if shown["output_type"] == "error":
                shown["traceback"] = bool(shown["traceback"])
            if outputs and shown.get("name") and outputs[-1].get("name") == shown["name"]:
                outputs[-1]["text"] += shown["text"]
            else:
                outputs.append(shown)
        cells.append((cell.source, cell.execution_count, outputs))
    return cells


def states(notebook: Any) -> list[Any]:
    """papermill's own words on each cell."""
    return [(cell.metadata.papermill.status, cell.metadata.papermill.exception) for cell in notebook.cells]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """The same notebook, run by a real kernel and by the engine."""
    folder = tmp_path_factory.mktemp("pair")
    with pytest.MonkeyPatch.context() as patch:
        # Under pytest a kernel does not look at what programs print.
        patch.delenv("PYTEST_CURRENT_TEST", raising=False)
        real = executed(CELLS, folder, None)
    return real, executed(CELLS, folder, engine.IN_PROCESS)


def test_outputs_are_those_of_a_real_kernel_cell_by_cell(pair: tuple[Any, Any]) -> None:
    real, own = map(plain, pair)
    assert len(real) == len(own)
    for one, two in zip(real, own, strict=True):
        if "os.system" in one[0] and not one[2]:
            continue  # whether a kernel sees what a program prints depends on the time it has
        if "%time" in one[0]:
            assert [o["name"] for o in one[2]] == [o["name"] for o in two[2]] == ["stdout"]
            continue
        assert one == two


def test_papermills_metadata_are_its_own(pair: tuple[Any, Any]) -> None:
    real, own = pair
    assert states(real) == states(own)
    assert own.metadata.papermill.exception is True
    failed = next(cell for cell in own.cells if cell.source == "1 / 0")
    assert failed.metadata.papermill.status == "failed"
    assert own.cells[-1].metadata.papermill.status == "pending"
    assert own.metadata.papermill.parameters == {"authority": "Z"}


def test_papermill_knows_the_engine_by_its_name() -> None:
    assert papermill_engines.get_engine("insight") is engine.InsightEngine


def test_the_process_is_left_as_it_was(tmp_path: Path) -> None:
    before = sys.stdout, sys.stderr, sys.displayhook, sys.excepthook, sys.modules["__main__"], list(sys.path)
    executed(("import sys\nsys.path.append('/nowhere')\nprint(1)",), tmp_path, engine.IN_PROCESS)
    assert before == (sys.stdout, sys.stderr, sys.displayhook, sys.excepthook, sys.modules["__main__"], list(sys.path))
    assert not Shell.initialized()


def test_a_second_shell_knows_nothing_of_the_first() -> None:
    with fresh_shell() as shell:
        shell.run("left_behind = 1")
    with fresh_shell() as shell:
        outputs, count, error = shell.run("left_behind")
    assert count == 1
    assert isinstance(error, NameError)
    assert outputs[0]["ename"] == "NameError"


def test_a_hundred_megabytes_of_print_are_capped_in_little_time() -> None:
    source = "for _ in range(200_000):\n    print('x' * 499)\nprint('after')"
    started = time.process_time()
    with fresh_shell() as shell:
        outputs, _, error = shell.run(source)
    assert error is None
    assert time.process_time() - started < 5
    (output,) = outputs
    assert output["text"].endswith(DROPPED)
    assert len(output["text"]) == STREAM_LIMIT + len(DROPPED)
    assert "after" not in output["text"]


def test_a_kernel_keeps_to_the_same_cap(tmp_path: Path) -> None:
    notebook = executed(("print('x' * 3_000_000)\nprint('after')", "2 + 2"), tmp_path, engine.IN_KERNEL)
    printed = "".join(output.text for output in notebook.cells[-2].outputs)
    assert printed.endswith(DROPPED)
    assert len(printed) == STREAM_LIMIT + len(DROPPED)
    assert notebook.cells[-1].outputs[0].data == {"text/plain": "4"}


def test_what_a_library_prints_past_python_is_an_output_too(tmp_path: Path) -> None:
    code = "import os\nos.write(1, b'past python\\n');\nos.write(2, b'and its errors\\n');"
    notebook = executed((code, "os.write(1, b'again');"), tmp_path, engine.IN_PROCESS)
    first, second = (plain(notebook)[n][2] for n in (-2, -1))
    assert [(o["name"], o["text"]) for o in first] == [("stdout", "past python\n"), ("stderr", "and its errors\n")]
    assert [o["text"] for o in second] == ["again"]


def test_an_output_that_cannot_be_shown_fails_its_cell(tmp_path: Path) -> None:
    code = "class Broken:\n    def _repr_html_(self):\n        raise ValueError('no')\nBroken()"
    notebook = executed((code, "1"), tmp_path, engine.IN_PROCESS)
    assert plain(notebook)[-2][2][0]["output_type"] == "error"
    assert plain(notebook)[-1][2] == []
