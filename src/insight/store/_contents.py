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
    """An indicator of the current release: its first and last period as labelled, and where it comes from.

    ``parts`` are its breakdowns, in order.
    """

    indicator: Indicator
    first: int
    last: int
    source: str
    release: str
    parts: tuple[str, ...] = ()


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
                    tuple(sorted({*held.parts, *other.parts})),
                )
    return tuple(sorted(found.values(), key=lambda held: (held.source, held.indicator.key)))


def _of_file(store: Path, file: Mapping[str, Any]) -> list[Held]:
    listed = file["lists"].get("indicators")
    own = read_list(store / PARTS / listed["part"], listed["bytes"], "indicators") if listed else []
    known = all_indicators() | {each.key: each for each in own}
    modules = all_sources()
    if file["source"] not in modules:
        raise damaged(f"rows of a source that this version does not know: {file['source']}")
    groups = _groups(store / PARTS / file["part"])
    return [
        Held(known[key], first, last, modules[file["source"]].SOURCE.title, file["release"], parts)
        for key, (first, last, parts) in zip(file["indicators"], groups, strict=True)
    ]


def _groups(path: Path) -> list[tuple[int, int, tuple[str, ...]]]:
    """First and last period and the breakdowns of each row group, which is one indicator's.

    Parquet notes the bounds of every column; breakdowns are read only where there are any.
    """
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            period, breakdown = (file.schema_arrow.names.index(name) for name in ("time_period", "breakdown"))
            found = []
            for place in range(file.num_row_groups):
                group = file.metadata.row_group(place)
                years, has_parts = group.column(period).statistics, group.column(breakdown).statistics.max != ""
                found.append((years.min, years.max, _parts(file, place) if has_parts else ()))
            return found
    except (OSError, pa.ArrowException) as fault:
        raise damaged(f"the part {path.name[:12]}… cannot be read ({type(fault).__name__})") from None


def _parts(file: pq.ParquetFile, place: int) -> tuple[str, ...]:
    column = file.read_row_group(place, columns=["breakdown"], use_threads=False)["breakdown"]
    return tuple(sorted(part for part in column.unique().to_pylist() if part))
