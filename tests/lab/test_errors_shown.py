"""An error that a person can mend is shown in a notebook as its message, and never with a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from insight.errors import SiteDamaged, UnknownArea

pytestmark = pytest.mark.filterwarnings("ignore")  # of the shell's own parts

CELLS = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("import insight as ins")
shell.run_cell("ins.authority('Leads')")
shell.run_cell("ins.publish(ins.choose(study='getting_to_good'))")
shell.run_cell("1 / 0")
"""


def test_a_call_that_cannot_be_done_shows_its_message_alone(root: Path, tmp_path: Path) -> None:
    around = {**os.environ, "IPYTHONDIR": str(tmp_path), "INSIGHT_OUT": str(tmp_path / "site"), "NO_COLOR": "1"}
    line = [sys.executable, "-c", CELLS]
    ended = subprocess.run(line, cwd=root, env=around, capture_output=True, text=True, check=False)
    # The rule above a traceback begins what is none of ours, which keeps it.
    ours, _, other = re.sub(r"\x1b\[[0-9;]*m", "", ended.stdout).partition("---")
    lines = ours.splitlines()
    assert [text[:9] for text in lines] == [
        "E101 look",
        "  found: ",
        "  next:  ",
        "E400 choo",
        "  found: ",
        "  next:  ",
    ]
    assert lines[0].endswith("looking for the authority 'Leads'")
    assert "ZeroDivisionError" in other and "Traceback" in other


def test_the_shell_of_a_batch_keeps_the_error_and_its_words() -> None:
    from insight.reporting.shell import fresh_shell

    with fresh_shell() as shell:
        outputs, _, error = shell.run(
            "from insight.errors import UnknownArea\nraise UnknownArea('a', found='b', todo='c')"
        )
    assert isinstance(error, UnknownArea)
    (shown,) = outputs
    assert (shown["output_type"], shown["ename"], shown["evalue"]) == ("error", "UnknownArea", str(error))
    assert shown["traceback"] == str(error).splitlines() == ["E101 a", "  found: b", "  next:  c"]


def test_no_terminal_code_works_in_a_message() -> None:
    error = SiteDamaged("reading \x1b[31mred", found="x\x07\u202ey", todo="go on")
    lines = error._render_traceback_()
    assert lines == ["E805 reading \ufffd[31mred", "  found: x\ufffd\ufffdy", "  next:  go on"]
