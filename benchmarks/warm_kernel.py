"""How long a person waits for a kernel: seconds from the request until the libraries are imported.

Run ``python benchmarks/warm_kernel.py``. Rounds alternate between an ordinary kernel and a warm one, and the medians
are compared. The warm parent is loaded before, as it is while a Jupyter server starts; what that takes is printed too.
A client waits 0.2 seconds in silence before it calls a kernel ready; they are part of every figure.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from statistics import median

from jupyter_client.manager import start_new_kernel

from insight.kernel import owner

ROUNDS = 5
IMPORTS = "import insight, pandas, statsmodels.api, seaborn, matplotlib.pyplot"
KERNELS = ("python3", "insight")


def seconds(name: str) -> tuple[float, float, float]:
    """From the request to ready, to imported; and for a restart until ready again."""
    started = time.perf_counter()
    manager, client = start_new_kernel(kernel_name=name)
    ready = time.perf_counter() - started
    client.execute_interactive(IMPORTS)
    imported = time.perf_counter() - started
    started = time.perf_counter()
    manager.restart_kernel(now=True)
    client.wait_for_ready()
    restarted = time.perf_counter() - started
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    return ready, imported, restarted


def shared_megabytes(pid: int) -> tuple[float, float]:
    """Resident memory of a process, and its fair share of what it has in common with others."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines[1:]}
    return sizes["Rss"], sizes["Pss"]


def main() -> None:
    """Print medians and their ratio."""
    # Sources that change meanwhile would give a new parent in the middle of the rounds.
    known = owner.fingerprint()
    owner.fingerprint = lambda: known
    started = time.perf_counter()
    seconds("insight")
    print(f"load {os.getloadavg()[0]:.1f}; first warm kernel, with the loading of its parent: {_since(started)}")
    rounds: dict[str, list[tuple[float, float, float]]] = {name: [] for name in KERNELS}
    for _ in range(ROUNDS):
        for name in KERNELS:
            rounds[name].append(seconds(name))
    middle = {name: [median(times) for times in zip(*several, strict=True)] for name, several in rounds.items()}
    for place, what in enumerate(("ready", "imports done", "restarted")):
        usual, ready = (middle[name][place] for name in KERNELS)
        print(f"{what:13} python3 {usual:.2f} s, insight {ready:.2f} s, ratio {usual / ready:.1f}")
    print(f"load {os.getloadavg()[0]:.1f}")
    manager, client = start_new_kernel(kernel_name="insight")
    parent = owner.current()
    if parent is not None and Path("/proc/self/smaps_rollup").exists():
        client.execute_interactive(IMPORTS)
        for what, pid in (("parent", parent.process.pid), ("one kernel", manager.provisioner.process.pid)):
            resident, share = shared_megabytes(pid)
            print(f"memory of {what}: {resident:.0f} MB resident, {share:.0f} MB as its share")
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def _since(started: float) -> str:
    return f"{time.perf_counter() - started:.1f} s"


if __name__ == "__main__":
    main()
