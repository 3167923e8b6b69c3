"""The state of a process, kept and put back, where many pages are made in one process without fork.

What is put back: working folder, environment, search path, standard streams, random numbers, warnings' filters, options
of pandas, numpy and matplotlib, open figures, and public attributes of modules that were there before. A class or an
object that a page changes within a module stays changed: only a process of its own undoes everything.
"""

from __future__ import annotations

import gc
import importlib
import os
import random
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


@contextmanager
def put_back() -> Iterator[None]:
    """Leave this process as it was found."""
    _close_figures()
    before = _State()
    try:
        yield
    finally:
        before.restore()
        _close_figures()
        gc.collect()


class _State:
    def __init__(self) -> None:
        self.folder = os.getcwd()  # noqa: PTH109
        self.environment = dict(os.environ)
        owners: tuple[list[Any], ...] = (sys.path, sys.meta_path, sys.path_hooks, sys.argv)
        self.lists = [(owner, list(owner)) for owner in owners]
        self.hooks = {name: getattr(sys, name) for name in ("stdout", "stderr", "displayhook", "excepthook")}
        self.recursion = sys.getrecursionlimit()
        self.filters = list(warnings.filters)
        self.temporary = tempfile.tempdir
        self.random = random.getstate()
        self.alarm = signal.getsignal(signal.SIGALRM) if hasattr(signal, "SIGALRM") else None
        self.of_libraries = _libraries()
        self.modules = {
            name: (module, _public(module))
            for name, module in sys.modules.items()
            if isinstance(module, ModuleType) and name not in ("sys", "__main__", __name__)
        }

    def restore(self) -> None:
        os.chdir(self.folder)
        for name in set(os.environ) - set(self.environment):
            del os.environ[name]
        os.environ.update(self.environment)
        for owner, content in self.lists:
            owner[:] = content
        for name, value in self.hooks.items():
            setattr(sys, name, value)
        sys.setrecursionlimit(self.recursion)
        warnings.filters[:] = self.filters  # type: ignore[index]  # it is a list, whatever its type says
        tempfile.tempdir = self.temporary
        random.setstate(self.random)
        if self.alarm is not None:
            signal.signal(signal.SIGALRM, self.alarm)
        for module, attributes in self.modules.values():
            _restore_public(module, attributes)
        for name, (module, _) in self.modules.items():
            sys.modules[name] = module
        _restore_libraries(self.of_libraries)


def _public(module: ModuleType) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if not name.startswith("_")}


def _restore_public(module: ModuleType, before: dict[str, Any]) -> None:
    now = vars(module)
    for name, value in before.items():
        if now.get(name, module) is not value:
            now[name] = value
    if len(now) <= len(before):
        return
    for name in [name for name in now if not name.startswith("_") and name not in before]:
        # What an import has put there meanwhile stays: importing again would not put it there again.
        if not isinstance(now[name], ModuleType) and f"{module.__name__}.{name}" not in sys.modules:
            del now[name]


def _libraries() -> dict[str, Any]:
    """Settings of libraries, as far as they are loaded."""
    kept: dict[str, Any] = {}
    if pandas := sys.modules.get("pandas"):
        kept["pandas"] = _pandas_options(pandas)
    if numpy := sys.modules.get("numpy"):
        kept["numpy"] = numpy.get_printoptions(), numpy.geterr(), numpy.random.get_state(legacy=False)
    if matplotlib := sys.modules.get("matplotlib"):
        kept["matplotlib"] = dict.copy(matplotlib.rcParams), matplotlib.is_interactive()
    return kept


def _restore_libraries(kept: dict[str, Any]) -> None:
    if "pandas" in kept:
        pandas = sys.modules["pandas"]
        now = _pandas_options(pandas)
        for name, value in kept["pandas"].items():
            if now.get(name) != value:
                pandas.set_option(name, value)
    if "numpy" in kept:
        numpy = sys.modules["numpy"]
        options, errors, generator = kept["numpy"]
        numpy.set_printoptions(**options)
        numpy.seterr(**errors)
        numpy.random.set_state(generator)
    if "matplotlib" in kept:
        matplotlib = sys.modules["matplotlib"]
        settings, interactive = kept["matplotlib"]
        dict.update(matplotlib.rcParams, settings)
        matplotlib.interactive(interactive)


def _pandas_options(pandas: ModuleType) -> dict[str, Any]:
    config: Any = importlib.import_module("pandas._config.config")
    # A deprecated option warns when it is looked at, and has no effect.
    names = [name for name in config._registered_options if name not in config._deprecated_options]
    return {name: pandas.get_option(name) for name in names}


def _close_figures() -> None:
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
