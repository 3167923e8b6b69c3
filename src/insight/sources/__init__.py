"""Readers of published files: one module for each family of files, found by looking into this folder.

A module without a leading underscore is a source. It has ``SOURCE``, ``INDICATORS``, ``LAYOUTS`` and ``read``.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Protocol, cast

from insight.core.indicator import Indicator
from insight.core.register import Register
from insight.core.source import Source
from insight.sources._layout import Layout
from insight.sources._left_alone import why_left_alone
from insight.sources._name import code_in_name
from insight.sources._reading import Reading, SetAside
from insight.sources._recognise import recognise

__all__ = [
    "Layout",
    "Reading",
    "SetAside",
    "SourceModule",
    "all_indicators",
    "all_sources",
    "code_in_name",
    "source_of",
    "why_left_alone",
]


class SourceModule(Protocol):
    """What every module of this folder offers.

    These may be left out: ``COMPANION`` is the key of a source whose file is needed to understand this one's; such a
    module has ``read_with`` instead of ``read``. ``IS_BY_NAME`` says that the figures come only to those who name what
    they want of them. ``claims`` knows a file that has no columns to know it by.
    """

    SOURCE: Source
    INDICATORS: tuple[Indicator, ...]
    LAYOUTS: tuple[Layout, ...]
    COMPANION: str
    IS_BY_NAME: bool

    def claims(self, path: Path) -> bool:
        """Whether a file is this source's."""
        ...

    def read(self, path: Path, register: Register) -> Reading:
        """Read one file of the source."""
        ...

    def read_with(self, path: Path, register: Register, measures: tuple[Indicator, ...]) -> Reading:
        """Read one file of the source, knowing what its companion says."""
        ...


@cache
def all_sources() -> Mapping[str, SourceModule]:
    """Every source by its key, in order of key."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_"))
    modules: list[ModuleType] = [import_module(f"{__name__}.{name}") for name in names]
    for module in modules:
        for name, default in (("COMPANION", ""), ("IS_BY_NAME", False), ("claims", _claims_nothing)):
            vars(module).setdefault(name, default)
    return {module.SOURCE.key: cast(SourceModule, module) for module in modules}


def _claims_nothing(path: Path) -> bool:
    return False


def all_indicators() -> dict[str, Indicator]:
    """Every indicator of every source by its key."""
    return {indicator.key: indicator for module in all_sources().values() for indicator in module.INDICATORS}


def source_of(path: Path) -> SourceModule | None:
    """The source that a file belongs to by its columns and never by its name, or None for a file of no source.

    Raises
    ------
    SourceRefused
        If the file resembles a layout without equalling it, or is not what its name promises.
    """
    modules = list(all_sources().values())
    for module in modules:
        if module.claims(path):
            return module
    found = recognise(path, [layout for module in modules for layout in module.LAYOUTS])
    return next((module for module in modules if found and found.layout in module.LAYOUTS), None)
