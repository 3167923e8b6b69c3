"""Results that do not depend on the authority, computed once for the same data and the same package."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from insight.core.fingerprint import versions
from insight.store._atomic import write_whole
from insight.store._inputs import bearing
from insight.store._manifest import DERIVED, hash_of

_BEAR = ("charts/", "core/", "disclosure/", "errors.py", "sources/", "stats/", "store/", "studies/")


@lru_cache(maxsize=1)
def made_by() -> str:
    """One hash of the package's sources and of the libraries that results are computed with."""
    return hash_of([bearing(*_BEAR), dict(versions())])


@dataclass(frozen=True)
class Memory:
    """Keeps plain JSON results in a store's folder; see ``core.panel.Remember``.

    The key is name, parameters, the hash of the panel's data and what it is computed with, so a panel that was loaded
    in part does not meet the results of the whole.
    """

    store: Path
    data_hash: str

    def __call__(self, name: str, parameters: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
        """The kept result, or a new one, which is kept if the folder can be written."""
        key = hash_of([name, dict(parameters), self.data_hash, made_by()])
        path = self.store / DERIVED / f"{key}.json"
        try:
            return json.loads(path.read_bytes())
        except (OSError, ValueError):
            text = json.dumps(compute(), ensure_ascii=False, allow_nan=False)
        # A result that cannot be kept is still right; it is computed again next time.
        with suppress(OSError):
            write_whole(path, text.encode("utf-8"))
        return json.loads(text)
