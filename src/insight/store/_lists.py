"""Lists beside the figures of a file: programmes, judgements, aims, and what its figures measure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from insight.core.aims import Aim
from insight.core.indicator import Indicator
from insight.core.judgements import Judgement
from insight.core.period import PeriodKind
from insight.core.programmes import Programme
from insight.sources import Reading
from insight.store._manifest import damaged

KINDS: Mapping[str, type] = {
    "aims": Aim,
    "indicators": Indicator,
    "judgements": Judgement,
    "programmes": Programme,
}


def lists_of(reading: Reading) -> dict[str, bytes]:
    """The bytes of each list that a reading has, by its kind."""
    found = {kind: getattr(reading, kind) for kind in KINDS}
    return {kind: _bytes(several) for kind, several in found.items() if several}


def read_list(path: Path, size: int, kind: str) -> list[Any]:
    """The entries of one list.

    Raises
    ------
    StoreDamaged
        If the part is missing, of another size than its manifest says, or not what it should be.
    """
    try:
        data = path.read_bytes()
    except OSError:
        raise damaged(f"the part {path.name[:12]}… is missing") from None
    if len(data) != size:
        raise damaged(f"the part {path.name[:12]}… has {len(data):,} bytes; its manifest says {size:,}")
    try:
        return [_entry(kind, row) for row in json.loads(data)]
    except (ValueError, TypeError) as fault:
        raise damaged(f"the part {path.name[:12]}… cannot be read ({type(fault).__name__})") from None


def _bytes(several: Sequence[Any]) -> bytes:
    rows = [asdict(each) for each in several]
    return (json.dumps(rows, ensure_ascii=False, indent=0, sort_keys=True, allow_nan=False) + "\n").encode("utf-8")


def _entry(kind: str, row: dict[str, Any]) -> Any:
    if kind == "indicators":
        row = {**row, "period_kind": PeriodKind(row["period_kind"]), "caveats": tuple(row["caveats"])}
    return KINDS[kind](**row)
