"""Executed results by what they were made from, and what the standing pages were made from.

``<out>/.insight/results/<first two>/<execution key>-<checksum>.json`` holds what the cells gave; a file whose content
does not have the checksum of its name is damaged, and is made again. ``<out>/.insight/parts/<first two>/<key>.json``
holds what the key of a page was made of. Nothing is ever changed in place, so any number may read and write at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from insight.core.fingerprint import canonical, file_sha256
from insight.core.whole import UNFINISHED, put_whole, write_whole
from insight.reporting.folder import Site

_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
_CHECKSUM = 16


class Cache:
    """The results and parts under ``<out>/.insight``."""

    def __init__(self, out: Path) -> None:
        self._results, self._parts = out / ".insight" / "results", out / ".insight" / "parts"

    def results(self, execution_key: str) -> Path | None:
        """Results that are there and whole; a damaged file is removed."""
        if not _KEY.fullmatch(execution_key):
            return None
        for path in _beginning_with(f"{execution_key}-", _folder(self._results, execution_key)):
            try:
                if path.name == _name(execution_key, file_sha256(path)):
                    return path
            except OSError:
                continue
            with suppress(OSError):
                path.unlink(missing_ok=True)
        return None

    def keep(self, execution_key: str, results: Path) -> None:
        """Move finished results in.

        Raises
        ------
        OSError
            If they cannot be put there; what was there stays.
        """
        if _KEY.fullmatch(execution_key):
            name = _name(execution_key, file_sha256(results))
            # Not waiting for the disk: damage is noticed by the checksum.
            put_whole(results, _folder(self._results, execution_key) / name, durable=False)

    def keep_parts(self, key: str, parts: Mapping[str, Any]) -> None:
        """Remember what a page's key was made of.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        if _KEY.fullmatch(key):
            content = canonical({"key": key, "parts": dict(parts)})
            data = content.encode("utf-8", "surrogatepass")
            write_whole(_folder(self._parts, key) / f"{key}.json", data, durable=False)

    def parts(self, key: str) -> Mapping[str, Any] | None:
        """What a page's key was made of; None where that is not known."""
        if not _KEY.fullmatch(key):
            return None
        try:
            content = json.loads((_folder(self._parts, key) / f"{key}.json").read_bytes())
        except (OSError, ValueError):
            return None
        if not isinstance(content, dict) or content.get("key") != key or not isinstance(content.get("parts"), dict):
            return None
        parts: Mapping[str, Any] = content["parts"]
        return parts

    def sweep(self, execution_keys: Collection[str], keys: Collection[str]) -> None:
        """Remove what none of these keys refers to, and what was never finished."""
        for path in [*self._results.glob("*/*"), *self._parts.glob("*/*")]:
            wanted, own = (
                (execution_keys, path.stem.rpartition("-")[0])
                if path.parent.parent == self._results
                else (keys, path.stem)
            )
            if own not in wanted or path.name.startswith(UNFINISHED):
                with suppress(OSError):
                    path.unlink(missing_ok=True)


def parts_of(out: Path, href: str) -> Mapping[str, Any] | None:
    """What the page that stands at an address now was made from; None where none stands or it is not known.

    Parameters
    ----------
    out : Path
        The site's folder.
    href : str
        The page as seen from it: ``E06000051/caseload_turnover.html``.
    """
    entry = Site(out).known().pages.get(href)
    return Cache(out).parts(entry["key"]) if entry and (out / href).is_file() else None


def _folder(place: Path, key: str) -> Path:
    return place / key[:2]


def _beginning_with(start: str, folder: Path) -> list[Path]:
    # A pattern would be compiled anew for each of a thousand keys.
    try:
        return sorted(path for path in folder.iterdir() if path.name.startswith(start))
    except OSError:
        return []


def _name(execution_key: str, checksum: str) -> str:
    return f"{execution_key}-{checksum[:_CHECKSUM]}.json"
