"""Questions about English children's services, answered from published statistics.

>>> import insight as ins
>>> ins.authority("Hull").code
'E06000010'
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from insight.core import gate as _gate

if TYPE_CHECKING:
    from insight import charts, studies
    from insight.api import authority, indicators, load_panel, pack, region, revisions, run, verify
    from insight.lab import choose, publish

__version__ = "0.1.0"
__all__ = [
    "authority",
    "charts",
    "choose",
    "indicators",
    "load_panel",
    "pack",
    "publish",
    "region",
    "revisions",
    "run",
    "studies",
    "verify",
]

_MODULES = {"charts", "studies"}
_LAB = {"choose", "publish"}

if os.environ.get("INSIGHT_OFFLINE"):
    from insight.offline import refuse_network

    refuse_network()

_gate.install(lambda: importlib.import_module("insight.disclosure").release)


def __getattr__(name: str) -> Any:
    # Imports wait until a name is used, so that `import insight` and `insight --help` stay light.
    if name in _MODULES:
        return importlib.import_module(f"insight.{name}")
    if name in __all__:
        return getattr(importlib.import_module("insight.lab" if name in _LAB else "insight.api"), name)
    raise AttributeError(f"insight has no {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
