"""How heavy `import insight` and `insight --help` are, as ratios to a Python that does nothing.

Run ``python benchmarks/light_imports.py``. Rounds alternate between the commands, and the medians are compared, so that
a busy machine slows all of them alike.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from time import perf_counter

ROUNDS = 15
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import insight": [sys.executable, "-c", "import insight"],
    "insight --help": [sys.executable, "-m", "insight", "--help"],
    "import pandas": [sys.executable, "-c", "import pandas"],
}


def seconds(command: list[str]) -> float:
    """Wall time of one run of a command."""
    started = perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return perf_counter() - started


def main() -> None:
    """Print medians and ratios."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, command in COMMANDS.items():
            times[name].append(seconds(command))
    base = median(times["python -c pass"])
    for name, several in times.items():
        print(f"{name:16} {median(several):.3f} s  {median(several) / base:5.1f} x")


if __name__ == "__main__":
    main()
