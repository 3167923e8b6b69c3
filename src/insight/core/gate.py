"""The one door between results and display objects.

Views of the nouns call :func:`release`; the gate itself lives in ``insight.disclosure``, which ``core`` may not import,
so the public shell installs it here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from insight.errors import DisclosureBlocked

if TYPE_CHECKING:
    from insight.core.display import Display

Gate = Callable[[Any, str], "Display"]
_loader: list[Callable[[], Gate]] = []


def install(loader: Callable[[], Gate]) -> None:
    """Set how the gate is found; the last one installed is used."""
    _loader[:] = [loader]


def release(result: object, policy: str = "published") -> Display:
    """Send a result through the gate.

    Raises
    ------
    DisclosureBlocked
        If no gate stands, or the gate holds the result back.
    """
    if not _loader:
        raise DisclosureBlocked("showing a result", found="no disclosure gate", todo="import insight first")
    return _loader[0]()(result, policy)
