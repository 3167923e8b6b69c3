"""What a store holds, indicator by indicator, without reading a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from insight.core.indicator import Indicator
from insight.sources import all_indicators, all_sources
from insight.store._lists import read_list
from insight.store._manifest import CURRENT, PARTS, damaged, read_manifest


@dataclass(frozen=True, slots=True)
class Held:
    """An indicator of the current release: its first and last period as labelled, and where it comes from."""

    indicator: Indicator
    first: int
    last: int
    source: str
    release: str


def contents(store: Path) -> tuple[Held, ...]:
    """Every indicator of a store's current releases, in order of source and key; tables that come by name too.

    Raises
    ------
    StoreMissing, StoreDamaged
        If nothing was built there, or the manifest and the parts disagree.
    """
    found: dict[str, Held] = {}
    for file in read_manifest(store)["files"]:
        if file["role"] == CURRENT and file["indicators"]:
            for held in _of_file(store, file):
                other = found.get(held.indicator.key, held)
                # One authority's own file stands beside another's.
                found[held.indicator.key] = Held(
                    held.indicator,
                    min(held.first, other.first),
                    max(held.last, other.last),
                    held.source,
                    max(held.release, other.release),
                )
    return tuple(sorted(found.values(), key=lambda held: (held.source, held.indicator.key)))


def _of_file(store: Path, file: Mapping[str, Any]) -> list[Held]:
    listed = file["lists"].get("indicators")
    own = read_list(store / PARTS / listed["part"], listed["bytes"], "indicators") if listed else []
    known = all_indicators() | {each.key: each for each in own}
    title = all_sources()[file["source"]].SOURCE.title
    spans = _spans(store / PARTS / file["part"])
    return [
        Held(known[key], *span, title, file["release"]) for key, span in zip(file["indicators"], spans, strict=True)
    ]


def _spans(path: Path) -> list[tuple[int, int]]:
    """First and last period of each row group, which is one indicator's, from what Parquet notes of it."""
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            column = file.schema_arrow.names.index("time_period")
            groups = [file.metadata.row_group(place).column(column) for place in range(file.num_row_groups)]
            return [(group.statistics.min, group.statistics.max) for group in groups]
    except (OSError, pa.ArrowException) as fault:
        raise damaged(f"the part {path.name[:12]}… cannot be read ({type(fault).__name__})") from None
