"""A forked copy of the warm parent becomes a kernel that cannot be told from a freshly started one."""

from __future__ import annotations

import atexit
import ctypes
import importlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from ipykernel.kernelapp import IPKernelApp

from insight import warm

_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def become_kernel(
    arguments: Sequence[str], environment: Mapping[str, str], folder: str, streams: Sequence[int], rc_file: str
) -> NoReturn:
    """Run a kernel in this forked process until it is shut down; never returns.

    Parameters
    ----------
    arguments : sequence of str
        What follows the launcher on a kernel's command line.
    environment : mapping of str to str
        The kernel's whole environment.
    folder : str
        Its working directory.
    streams : sequence of int
        File descriptors of its output and its errors.
    rc_file : str
        The settings file that matplotlib read in the parent.
    """
    code = 1
    try:
        _own_process(os.getppid())
        _own_surroundings(environment, folder, streams)
        _own_libraries(rc_file)
        code = _run(arguments)
    except BaseException:  # noqa: BLE001  a forked copy must never go on with its parent's work
        traceback.print_exc(file=sys.__stderr__)
    finally:
        _finish(code)


def _own_process(parent: int) -> None:
    """A session of its own, the usual signals, and an end no later than the parent's."""
    os.setsid()
    for name, handler in (("SIGCHLD", signal.SIG_DFL), ("SIGINT", signal.default_int_handler)):
        signal.signal(getattr(signal, name), handler)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _own_surroundings(environment: Mapping[str, str], folder: str, streams: Sequence[int]) -> None:
    """Environment, working directory and streams as the kernel's starter wants them."""
    for stream, number in zip(streams, (1, 2), strict=True):
        os.dup2(stream, number)
    for stream in streams:
        os.close(stream)
    os.environ.clear()
    os.environ.update(environment)
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    if hasattr(time, "tzset"):
        time.tzset()
    os.chdir(folder)


def _own_libraries(rc_file: str) -> None:
    """What a fresh process decides when it imports: random numbers, settings and the backend of plots."""
    numbers = sys.modules.get("numpy.random")
    if numbers is not None:
        # The global generator was copied by the fork: all kernels would draw the same numbers.
        numbers.seed()
    plots: Any = sys.modules.get("matplotlib")
    if plots is None:
        return
    own_file = plots.matplotlib_fname()
    if own_file != rc_file:
        read = plots.rc_params_from_file(own_file)
        settings = {name: read[name] for name in read if name != "backend"}
        plots.rcParams.update(settings)
        plots.rcParamsOrig.update(settings)
    plots.rcParams["backend"] = os.environ.get("MPLBACKEND") or warm.ENVIRONMENT["MPLBACKEND"]


def _run(arguments: Sequence[str]) -> int:
    """The kernel itself; the code it ends with."""
    sys.argv = [str(importlib.import_module("ipykernel_launcher").__file__), *arguments]
    # The default was read from the environment when the class was made, in the parent.
    app: Any = IPKernelApp.instance(parent_handle=os.getppid())
    try:
        app.initialize(list(arguments))
        app.start()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def _finish(code: int) -> NoReturn:
    """End as an interpreter does, save for taking hundreds of shared modules apart one by one."""
    steps: list[Callable[[], object]] = [
        threading._shutdown,  # type: ignore[attr-defined]  # waits for threads that are not daemons
        atexit._run_exitfuncs,
        sys.stdout.flush,
        sys.stderr.flush,
    ]
    for step in steps:
        with suppress(BaseException):
            step()
    os._exit(code)
