"""One module per question. Adding a module adds a study: it is found by scan.

``insight.studies.caseload_turnover`` is the study's function; its module is of the same name.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from types import ModuleType
from typing import Any

from insight.errors import UnknownStudy
from insight.studies._study import STUDY, Study

__all__ = ["Study", "find", "names"]


def names() -> tuple[str, ...]:
    """Every study, alphabetically; nothing is imported."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


def find(name: str) -> Study:
    """The study of this name.

    Raises
    ------
    UnknownStudy
        Naming the studies there are.
    """
    if name not in names():
        raise UnknownStudy(
            f"looking for the study {name[:60]!r}", found="no such study", todo=f"use one of: {', '.join(names())}"
        )
    module = importlib.import_module(f"{__name__}.{name}")
    study: Study = getattr(vars(module)[name], STUDY)
    return study


class _Studies(ModuleType):
    """Shows each study's function under its name, where Python would show the module of that name."""

    def __setattr__(self, name: str, value: Any) -> None:
        function = getattr(value, name, None) if isinstance(value, ModuleType) else None
        super().__setattr__(name, function if hasattr(function, STUDY) else value)


def __getattr__(name: str) -> Any:
    if name.startswith("_") or name not in names():
        raise AttributeError(f"no study {name!r}; there are {', '.join(names())}")
    importlib.import_module(f"{__name__}.{name}")
    return vars(sys.modules[__name__])[name]


def __dir__() -> list[str]:
    return sorted([*__all__, *names()])


sys.modules[__name__].__class__ = _Studies
