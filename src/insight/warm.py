"""What every process that is forked from needs: libraries loaded, no thread, nothing that has run.

Importing is safe before a fork; running is not: one model fit leaves threads behind, and a child that fits then waits
for them for ever. So a warm parent imports and never calls, and one thread is asserted before each fork.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ENVIRONMENT: Mapping[str, str] = {
    # Arrow's allocator and the linear-algebra libraries would start threads when they are imported.
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    # Read when matplotlib is imported, which may be long before a page draws: its figures then become outputs.
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    # One order of sets everywhere.
    "PYTHONHASHSEED": "0",
}
"""Set before the interpreter of a warm parent starts."""

LIBRARIES = ("pandas", "pyarrow.parquet", "matplotlib.figure", "matplotlib.backends.backend_svg", "insight.studies")
"""What every page needs."""


def can_fork() -> bool:
    """Whether forking a warm parent is safe on this system: Linux only."""
    return sys.platform == "linux"


@contextmanager
def lean_imports() -> Iterator[None]:
    """Import without a part that nobody here uses and that costs as much as everything else together.

    nbformat needs jsonschema, which makes a grammar of international web addresses from its text each time that it is
    imported, where the package for it is there; no notebook is checked for them.
    """
    name = "rfc3987_syntax"
    hidden = sys.modules.setdefault(name, None) is None  # type: ignore[arg-type]  # as the import system has it
    try:
        yield
    finally:
        if hidden:
            sys.modules.pop(name, None)


def load(modules: Iterable[str] = LIBRARIES) -> None:
    """Import modules, and put what they made out of the collector's way so that children share it.

    A module that is not there is passed over: the page that needs it says so in its own name.
    """
    with lean_imports():
        for name in modules:
            with suppress(ImportError):
                importlib.import_module(name)
    settle()


def settle() -> None:
    """Put everything that there is out of the collector's way, so that children share it unwritten."""
    gc.collect()
    gc.freeze()


def threads() -> int:
    """Threads of this process as the system counts them; 1 is what a fork needs."""
    tasks = Path("/proc/self/task")
    return sum(1 for _ in tasks.iterdir()) if tasks.is_dir() else 0


def environment() -> dict[str, str]:
    """The environment to start a warm parent with: this process's own, and what must stand before the first import."""
    return {**os.environ, **ENVIRONMENT}


def seed(number: int) -> None:
    """Start Python's and numpy's global random numbers anew; children of one fork would all share the parent's."""
    import random

    random.seed(number)
    numpy_random = importlib.import_module("numpy.random")
    numpy_random.seed(number % 2**32)
