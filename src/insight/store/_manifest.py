"""The manifest: what was read from which file, and what became of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from insight.errors import StoreDamaged, StoreMissing
from insight.store._atomic import write_whole

FORMAT = 3
NAME = "manifest.json"
PARTS = "parts"
DERIVED = "derived"
CURRENT, VINTAGE, COPY, REGISTER, LEFT_ALONE = "current", "vintage", "copy", "register", "left alone"
# Lists that come only where a study or a caller names them, and with the whole store; programmes always come.
LISTS_BY_NAME = ("aims", "flags", "judgements")
# "parts of turnover_rate_fte" stands for the indicators that it is made of, as the manifest says.
PARTS_OF = "parts of "
AIMS = "the aims"
_KEYS = ("data_hash", "files", "flags", "inputs", "is_sample", "made_of", "reader", "register", "revisions", "totals")
Manifest = dict[str, Any]


def read_manifest(store: Path) -> Manifest:
    """The manifest of a store.

    Raises
    ------
    StoreMissing
        If nothing was built there.
    StoreDamaged
        If the manifest is not readable, or was written by a newer version.
    """
    path = store / NAME
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise StoreMissing(
            "opening the store of published figures",
            found=f"no manifest in the folder {store.name}",
            todo="run: insight build --raw FOLDER",
        ) from None
    except (OSError, ValueError) as fault:
        raise damaged(f"a manifest that cannot be read ({type(fault).__name__})") from None
    if not isinstance(content, dict) or not isinstance(content.get("format"), int):
        raise damaged("a manifest without its format")
    if content["format"] != FORMAT:
        raise damaged(f"a manifest of format {content['format']}; this version reads format {FORMAT}")
    if not set(_KEYS) <= set(content):
        raise damaged(f"a manifest without {', '.join(sorted(set(_KEYS) - set(content)))}")
    return content


def write_manifest(store: Path, manifest: Mapping[str, Any]) -> None:
    """Put the manifest in place, whole, last of all."""
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    write_whole(store / NAME, (text + "\n").encode("utf-8"))


def hash_of(content: object) -> str:
    """SHA-256 of plain JSON content, in its one canonical spelling."""
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def damaged(found: str) -> StoreDamaged:
    """The refusal of a store whose manifest and files disagree."""
    return StoreDamaged(
        "opening the store of published figures",
        found=found,
        todo="build it again: insight build --raw FOLDER (the raw files are untouched)",
    )
