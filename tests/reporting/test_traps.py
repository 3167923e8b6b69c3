"""The traps that warm, forked execution was measured to have, each under its number; we found the last ourselves."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import papermill

from insight import warm
from insight.reporting.crew import local_crew
from insight.reporting.job import Crew, Outcome
from tests.reporting.making_jobs import job_of, write_notebook

PLOTS = (
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.figure()\nplt.plot([2, 1]);",
    "fig, axes = plt.subplots()\naxes.bar([1], [2])\nplt.show()",
    "plt.plot([3])\n'beside'",
    "plt.plot([1])\nplt.close('all')",
)
IMAGES = [2, 1, 1, 0]

needs_fork = pytest.mark.skipif(not warm.can_fork(), reason="forking is for Linux")


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    made = local_crew("fork" if warm.can_fork() else "none", 2)
    yield made
    made.close()


def in_python(code: str, *, environment: dict[str, str] | None = None) -> str:
    """What a program of its own prints; it has the environment of a warm parent."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)],
        env={**warm.environment(), **(environment or {})},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return run.stdout


def images(notebook: Any) -> list[int]:
    """How many pictures each of the cells of PLOTS put out."""
    cells = [cell for cell in notebook.cells if cell.source in PLOTS]
    return [sum("image/png" in output.get("data", {}) for output in cell.outputs) for cell in cells]


@pytest.fixture(scope="module")
def plots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_notebook(tmp_path_factory.mktemp("plots") / "plots.ipynb", PLOTS)


@pytest.mark.filterwarnings("ignore")
def test_trap_1_a_real_kernel_shows_this_many_figures(plots: Path) -> None:
    notebook = papermill.execute_notebook(
        str(plots), None, progress_bar=False, extra_arguments=["--IPKernelApp.log_level=50"]
    )
    assert images(notebook) == IMAGES


RUN_TWICE = """
    import json, os
    {before}
    from insight.reporting.shell import fresh_shell
    def images():
        with fresh_shell() as shell:
            shown = [shell.run(cell)[0] for cell in json.loads(os.environ["CELLS"])]
        return [sum("image/png" in o.get("data", {{}}) for o in outputs) for outputs in shown]
    print(json.dumps([images(), images()]))
"""


@pytest.mark.parametrize(
    ("case", "before"),
    [
        ("1a_pyplot_imported_before_the_variable_is_set", "import matplotlib.pyplot"),
        (
            "1a_another_back_end_chosen_before",
            "import matplotlib.pyplot as plt; plt.switch_backend('agg')",
        ),
        ("1b_interactive_mode_off", "import matplotlib; matplotlib.interactive(False)"),
        ("1c_a_second_shell_in_the_same_process", ""),
    ],
)
def test_trap_1_no_figure_is_lost(case: str, before: str) -> None:
    environment = {"CELLS": json.dumps(PLOTS), "MPLBACKEND": "agg"}
    said = in_python(RUN_TWICE.format(before=before), environment=environment)
    assert json.loads(said) == [IMAGES, IMAGES], case


@pytest.fixture(scope="module")
def reported(crew: Crew, root: Path, sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Runs cells in a child of the warm parent; the last cell's text comes back as an error of ours."""
    folder = tmp_path_factory.mktemp("reported")

    def run(*cells: str, **more: Any) -> Outcome:
        name = f"page-{len(list(folder.glob('*.ipynb')))}"
        job = job_of(cells, store=sample_store, root=root, temporary=folder, name=name, **more)
        return crew.submit(job).result(timeout=120)

    return run


SAY = "from insight.errors import UsageError\nraise UsageError('saying', found=str({}), todo='read')"


def test_trap_1_a_stray_figure_fails_the_page_and_names_the_cell(reported: Any) -> None:
    outcome = reported("# Title", "import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert outcome.status == "failed"
    assert "image/png" in outcome.reason
    assert "cell 3" in outcome.reason


def test_trap_2_the_libraries_start_no_thread_when_they_are_imported() -> None:
    code = """
        from insight import studies, warm
        from insight.reporting.worker import PAGES
        import pandas, pyarrow.parquet
        warm.load((*PAGES, "matplotlib.pyplot", "statsmodels.api", "pyfixest", "scipy.stats"))
        [studies.find(name) for name in studies.names()]
        print(warm.threads())
    """
    assert in_python(code).strip() in ("1", "0" if not warm.can_fork() else "1")
    assert warm.ENVIRONMENT["JE_ARROW_MALLOC_CONF"] == "background_thread:false"
    assert warm.ENVIRONMENT["OPENBLAS_NUM_THREADS"] == "1"


@needs_fork
def test_trap_3_a_panel_is_read_without_a_thread(sample_store: Path) -> None:
    code = """
        import os
        from pathlib import Path
        from insight import store, studies, warm
        store.hold(Path(os.environ["STORE"]), studies.find("caseload_turnover").needs)
        print(warm.threads())
    """
    assert in_python(code, environment={"STORE": str(sample_store)}).strip() == "1"


@needs_fork
def test_trap_3_a_warm_parent_with_a_second_thread_does_not_fork() -> None:
    code = """
        import threading, time
        from insight.reporting.zygote import Zygote
        class Answers:
            def send(self, **said):
                print(said)
        threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
        Zygote(Answers())._require_one_thread("somelibrary.part")
        print("forked")
    """
    run = subprocess.run(
        [sys.executable, "-u", "-c", textwrap.dedent(code)], env=warm.environment(), capture_output=True, text=True
    )
    assert run.stdout.strip() == "{'threads': 'somelibrary'}"


@needs_fork
def test_trap_3_one_thread_is_asserted_before_each_fork() -> None:
    code = """
        import threading, time
        from pathlib import Path
        from types import SimpleNamespace
        from insight.reporting import zygote
        class Answers:
            def send(self, **said):
                print(said)
        zygote.hold = lambda job: threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
        parent = zygote.Zygote(Answers())
        parent._ready = {"render", "run"}
        parent._fork(1, SimpleNamespace(kind="page", store=Path("nowhere"), study="x"))
        print("forked")
    """
    run = subprocess.run(
        [sys.executable, "-u", "-c", textwrap.dedent(code)], env=warm.environment(), capture_output=True, text=True
    )
    assert run.stdout.strip() == "{'threads': 'what a panel is read with'}", run.stderr


def test_trap_4_history_is_in_memory_and_a_semicolon_still_hides(reported: Any) -> None:
    code = """
        from insight.reporting.shell import fresh_shell
        from insight import warm
        with fresh_shell() as shell:
            shown = [len(shell.run(cell)[0]) for cell in ("1;", "1", "'a;b' ;  # words", "1 # ;")]
            kept = shell.history_manager.hist_file
        print(shown, kept, warm.threads() or 1)
    """
    assert in_python(code).strip() == "[0, 1, 0, 1] :memory: 1"


@needs_fork
def test_trap_5_a_child_finds_ready_what_an_earlier_child_had_to_import(reported: Any) -> None:
    code = "import sys\nwas_there = 'wave' in sys.modules\nimport wave"
    first = reported(code, SAY.format("was_there"))
    assert "False" in first.reason
    second = reported(code, SAY.format("was_there"))
    assert "True" in second.reason


@needs_fork
def test_trap_5_the_rehearsal_leaves_no_setting_and_no_figure() -> None:
    code = """
        import json, sys
        from insight import warm
        from insight.reporting.templating import environment
        from insight.reporting.worker import PAGES
        from insight.reporting.zygote import warm_templates, warm_up
        from insight.charts import lettering
        import matplotlib as mpl
        import matplotlib.pyplot as plt
        warm.load(PAGES)
        before = dict(mpl.rcParams)
        warm_templates()
        warm_up()
        print(json.dumps([
            {name for name in before if mpl.rcParams[name] != before[name]} == set(),
            plt.get_fignums(),
            "page.html" in [name for _, name in environment().cache.keys()],
            lettering._advance.cache_info().currsize > 50,
        ]))
    """
    assert json.loads(in_python(code)) == [True, [], True, True]


def test_trap_5_settings_of_one_page_do_not_reach_the_next(reported: Any) -> None:
    reported("import matplotlib as mpl\nmpl.rcParams['font.size'] = 77", "1")
    said = reported("import matplotlib as mpl", SAY.format("mpl.rcParams['font.size']"))
    assert "77" not in said.reason
    assert "10.0" in said.reason


def test_trap_6_random_numbers_come_from_the_seed_and_not_from_the_fork(reported: Any) -> None:
    cells = ("import random\nimport numpy as np", SAY.format("(random.random(), float(np.random.rand()))"))
    one, again, two = (reported(*cells, seed=seed).reason for seed in (1, 1, 2))
    assert one == again
    assert one != two


def test_trap_7_a_name_that_is_no_parameter_never_reaches_the_code(reported: Any, tmp_path: Path) -> None:
    told = tmp_path / "told"
    name = f"lag_years=1;open({str(told)!r}, 'w') #"
    outcome = reported("1;", parameters={"authority": "X06000001", name: 1})
    assert outcome.status == "failed"
    assert outcome.reason.startswith("E400")
    assert not told.exists()


def test_trap_7_a_value_stays_a_value(reported: Any) -> None:
    value = '"; import os; os._exit(3); "\n\\'
    outcome = reported("1;", SAY.format("authority[:13]"), parameters={"authority": value})
    assert "; import os;" in outcome.reason


def test_trap_8_nbval_runs_lax(root: Path) -> None:
    options = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert "--nbval-lax" in options["addopts"]
    assert "--nbval" not in options["addopts"]


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's list of sockets")
@pytest.mark.parametrize("isolation", ["fork", "none"])
def test_trap_9_no_port_is_opened(isolation: Any, crew: Crew, root: Path, sample_store: Path, tmp_path: Path) -> None:
    code = textwrap.dedent("""
        import os
        opened = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")]
        own = {os.readlink(path) for path in opened if os.path.islink(path)}
        tables = [line.split() for t in ("tcp", "tcp6", "udp", "udp6") for line in list(open(f"/proc/net/{t}"))[1:]]
        ports = [row[1] for row in tables if f"socket:[{row[9]}]" in own]
        sockets = [name for name in own if name.startswith("socket:")]
        said = (len(ports), len(sockets))
    """)
    job = job_of((code, SAY.format("said")), store=sample_store, root=root, temporary=tmp_path)
    if isolation == "fork":
        outcome = crew.submit(job).result(timeout=120)
    else:
        other = local_crew("none", 1)
        outcome = other.submit(job).result(timeout=120)
        other.close()
    assert "(0, 0)" in outcome.reason


@needs_fork
def test_trap_10_models_fit_in_children_of_a_warm_parent(reported: Any) -> None:
    code = textwrap.dedent("""
        import numpy as np
        import pandas as pd
        import pyfixest as pf
        import statsmodels.formula.api as smf
        rng = np.random.default_rng(1)
        data = pd.DataFrame({"y": rng.normal(size=300), "x": rng.normal(size=300), "unit": np.arange(300) % 20})
        one = pf.feols("y ~ x | unit", data=data, vcov={"CRV1": "unit"}).coef()["x"]
        two = smf.ols("y ~ x + C(unit)", data=data).fit().params["x"]
    """)
    said = SAY.format("abs(one - two) < 1e-6")
    for _ in range(2):  # the second child is forked from a parent that has imported what the first one fitted with
        outcome = reported(code, said, page_seconds=60.0)
        assert "True" in outcome.reason, outcome.reason


@needs_fork
def test_trap_10_the_parent_still_has_one_thread(crew: Crew, reported: Any) -> None:
    outcome = reported("import os", SAY.format("('threads', len(os.listdir(f'/proc/{os.getppid()}/task')))"))
    assert "('threads', 1)" in outcome.reason


@needs_fork
def test_trap_11_no_file_stays_open_whose_place_children_would_share(sample_store: Path) -> None:
    # A font that was open in the parent gave broken letters where two children read it at the same time.
    code = """
        import os, stat
        from pathlib import Path
        from insight import store, studies, warm
        from insight.reporting.worker import PAGES
        from insight.reporting.zygote import warm_templates, warm_up
        warm.load((*PAGES, "matplotlib.pyplot", "statsmodels.api", "pyfixest", "scipy.stats"))
        for name in studies.names():
            store.hold(Path(os.environ["STORE"]), studies.find(name).needs)
        warm_templates()
        warm_up()
        for name in os.listdir("/proc/self/fd"):
            try:
                if int(name) > 2 and stat.S_ISREG(os.fstat(int(name)).st_mode):
                    print(os.readlink(f"/proc/self/fd/{name}"))
            except OSError:
                pass
    """
    assert in_python(code, environment={"STORE": str(sample_store)}) == ""
