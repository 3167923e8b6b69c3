"""The store: published files, read once, checked and kept as Parquet with a manifest.

``build`` fills it from a raw folder, ``load_panel`` gives its rows, ``revisions`` what a publisher changed afterwards.
Nothing heavy is imported until a name is used: a build of an unchanged folder reads no table.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from insight.store._build import BuildReport, build, raw_id
    from insight.store._contents import Held, contents
    from insight.store._load import flags, hold, load_panel, revisions
    from insight.store._manifest import read_manifest
    from insight.store._register import load_register
    from insight.store._select import Input, Selection, select

__all__ = [
    "BuildReport",
    "Held",
    "Input",
    "Selection",
    "build",
    "contents",
    "flags",
    "hold",
    "load_panel",
    "load_register",
    "raw_id",
    "read_manifest",
    "revisions",
    "select",
]
_HOMES = {
    "_build": ("BuildReport", "build", "raw_id"),
    "_contents": ("Held", "contents"),
    "_load": ("flags", "hold", "load_panel", "revisions"),
    "_manifest": ("read_manifest",),
    "_register": ("load_register",),
    "_select": ("Input", "Selection", "select"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"the store has no {name!r}; it has {', '.join(__all__)}")
    return getattr(importlib.import_module(f"insight.store.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
