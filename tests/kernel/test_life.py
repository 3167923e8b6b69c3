"""How warm kernels are interrupted, restarted, killed and ended."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from jupyter_client.manager import start_new_async_kernel

from insight import warm
from insight.kernel import owner
from tests.kernel.session import Session, runs, within

Begin = Callable[..., Session]


def threads_of(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def test_a_kernel_is_forked_from_a_parent_with_one_thread(begin: Begin) -> None:
    kernel = begin()
    assert isinstance(kernel.process, owner.Kernel)
    parent = owner.current()
    assert parent is not None
    assert int(kernel.said("import os; print(os.getppid())")) == parent.process.pid
    assert threads_of(parent.process.pid) == 1
    assert kernel.said("import sys; print(all(m in sys.modules for m in ['insight', 'seaborn', 'statsmodels.api']))")


def test_a_running_cell_can_be_interrupted(begin: Begin) -> None:
    kernel = begin()
    asked = kernel.client.execute("import time; print('begun', flush=True); time.sleep(60)")
    # Told that the cell was taken in, the kernel may not run it yet.
    while kernel.client.get_iopub_msg(timeout=10)["msg_type"] != "stream":
        pass
    kernel.manager.interrupt_kernel()
    reply = kernel.client.get_shell_msg(timeout=10)
    assert reply["parent_header"]["msg_id"] == asked
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert kernel.said("print('still here')") == "still here"


def test_a_restart_is_quick_and_forgets_everything(begin: Begin) -> None:
    kernel = begin()
    before = kernel.process.pid
    kernel.run("import pandas as pd\nkept = 1\npd.options.display.max_rows = 7\npd.kept = 1")
    parent = int(kernel.said("import os; print(os.getppid())"))
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=30)
    assert isinstance(kernel.process, owner.Kernel), "forked from the same warm parent, not started anew"
    assert int(kernel.said("import os; print(os.getppid())")) == parent
    assert kernel.process.pid != before
    assert not runs(before)
    question = "print('kept' in dir(), hasattr(pd, 'kept'), pd.options.display.max_rows)"
    assert kernel.said(f"import pandas as pd\n{question}") == "False False 60"


def test_two_kernels_share_nothing(begin: Begin) -> None:
    first, second = begin(), begin()
    first.run("import pandas as pd, numpy as np\npd.kept = 1\nimport os\nos.environ['KEPT'] = '1'")
    assert second.said("import pandas as pd, os\nprint(hasattr(pd, 'kept'), 'KEPT' in os.environ)") == "False False"
    draw = "import numpy as np, random\nprint(np.random.rand(), random.random())"
    drawn = {number for kernel in (first, second) for number in kernel.said(draw).split()}
    assert len(drawn) == 4


def test_a_kernel_killed_from_outside_is_noticed(begin: Begin) -> None:
    kernel = begin()
    os.kill(kernel.process.pid, signal.SIGKILL)
    assert within(5, lambda: not kernel.manager.is_alive())
    assert kernel.process.poll() == -signal.SIGKILL
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=30)
    assert kernel.said("print(1)") == "1"


def test_a_polite_shutdown_leaves_no_process(begin: Begin, tmp_path: Path) -> None:
    kernel = begin()
    pid = kernel.process.pid
    ended = tmp_path / "ended"
    kernel.run(f"import atexit, pathlib\n_ = atexit.register(pathlib.Path({str(ended)!r}).touch)")
    kernel.manager.shutdown_kernel()
    assert not runs(pid)
    assert ended.exists()


def test_a_kernel_takes_what_it_started_with_it(begin: Begin) -> None:
    kernel = begin()
    sleeper = int(kernel.said("import subprocess\nprint(subprocess.Popen(['sleep', '60']).pid)"))
    kernel.manager.shutdown_kernel(now=True)
    assert within(5, lambda: not runs(sleeper))


def test_a_kernel_has_the_folder_environment_and_streams_it_was_given(begin: Begin, tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log:
        kernel = begin(cwd=str(tmp_path), env={**os.environ, "GIVEN": "yes"}, stderr=log)
    assert isinstance(kernel.process, owner.Kernel)
    kernel.run("import sys, os\n_ = sys.__stderr__.write('to the log\\n')\nsys.__stderr__.flush()")
    assert kernel.said("print(os.getcwd(), os.environ['GIVEN'])") == f"{tmp_path} yes"
    assert "to the log" in (tmp_path / "log").read_text()


def test_a_settings_file_beside_the_notebook_is_read(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 7\n")
    kernel = begin(cwd=str(tmp_path))
    question = "import matplotlib as m\nprint(m.rcParams['lines.linewidth'], m.get_backend())"
    assert kernel.said(question) == "7.0 module://matplotlib_inline.backend_inline"


def test_a_backend_that_was_asked_for_is_kept(begin: Begin) -> None:
    kernel = begin(env={**os.environ, "MPLBACKEND": "svg"})
    assert kernel.said("import matplotlib.pyplot as plt\nplt.figure()\nprint(plt.get_backend())") == "svg"


def test_a_server_starts_warm_kernels(begin: Begin) -> None:
    async def life() -> tuple[bool, bool]:
        manager, client = await start_new_async_kernel(kernel_name="insight")
        forked = isinstance(manager.provisioner.process, owner.Kernel)  # type: ignore[union-attr]
        client.stop_channels()
        await manager.shutdown_kernel()
        return forked, await manager.is_alive()

    assert asyncio.run(life()) == (True, False)


OWNER = """
import sys, time
from insight.kernel import owner
from jupyter_client.manager import start_new_kernel
owner.WarmParent.__init__.__defaults__ = (("ipykernel_launcher",),)
manager, client = start_new_kernel(kernel_name="insight")
kernel = manager.provisioner.process
client.execute_interactive(
    "import subprocess; print(subprocess.Popen(['sleep', '60']).pid)",
    output_hook=lambda m: print(kernel.pid, owner.current().process.pid, m["content"]["text"].strip(), flush=True)
    if m["msg_type"] == "stream" else None,
)
if len(sys.argv) > 1:
    sys.exit()
time.sleep(60)
"""


def test_nothing_outlives_an_owner_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pids = [int(word) for word in process.stdout.readline().split()]
        assert len(pids) == 3
        assert all(map(runs, pids))
        process.kill()
    assert within(5, lambda: not any(map(runs, pids)))


def test_nothing_outlives_an_owner_that_forgets_its_kernels() -> None:
    script = [sys.executable, "-W", "error", "-c", OWNER, "leave"]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    assert len(done.stdout.split()) == 3
    assert "still running" not in done.stderr
    assert "socket.socket" not in done.stderr
    assert not any(runs(int(word)) for word in done.stdout.split())


def test_the_time_of_a_fork_is_not_spent_on_imports(begin: Begin) -> None:
    kernel = begin()
    code = "import time\nt = time.process_time()\nimport insight, pandas, statsmodels.api, seaborn, matplotlib.pyplot"
    assert float(kernel.said(f"{code}\nprint(time.process_time() - t)")) < 0.1
    assert warm.can_fork()
