"""Parts: the typed rows of one file, as Parquet, one row group for each indicator."""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from insight.core.neighbours import Neighbour
from insight.sources import Reading
from insight.store._lists import lists_of
from insight.store._manifest import damaged

_TEXT = pa.dictionary(pa.int32(), pa.string())
ROWS = pa.schema(
    [
        ("area", _TEXT),
        ("time_period", pa.int64()),
        ("period_end", pa.date32()),
        ("indicator", _TEXT),
        ("breakdown", _TEXT),
        ("value", pa.float64()),
        ("symbol", _TEXT),
        ("status", _TEXT),
        ("numerator", pa.float64()),
        ("denominator", pa.float64()),
    ]
)
_NEIGHBOURS = pa.schema(
    [
        ("area", pa.string()),
        ("model_year", pa.int64()),
        ("rank", pa.int64()),
        ("neighbour", pa.string()),
        ("closeness", pa.string()),
    ]
)


def part_of(reading: Reading) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of a part, and the indicators of its row groups in their order.

    The release is not in the part: a later re-issue of the same release changes how it is called.
    """
    made = io.BytesIO()
    if reading.neighbours:
        rows = [{name: getattr(each, name) for name in _NEIGHBOURS.names} for each in reading.neighbours]
        pq.write_table(pa.Table.from_pylist(rows, schema=_NEIGHBOURS), made)
        return made.getvalue(), ()
    keys: list[str] = []
    with pq.ParquetWriter(made, ROWS) as writer:
        # Grouped once: a table of hundreds of indicators has too many rows to be searched for each of them.
        for key, group in reading.rows[list(ROWS.names)].groupby("indicator", sort=True):
            writer.write_table(pa.Table.from_pandas(group, schema=ROWS, preserve_index=False))
            keys.append(str(key))
    return made.getvalue(), tuple(keys)


def content_hash(reading: Reading) -> str:
    """SHA-256 of what a reading says, whatever its file's format and the version of Parquet."""
    columns = ("\n".join(map(str, reading.rows[name].astype(object).tolist())) for name in ROWS.names)
    said = "\n".join(hashlib.sha256(column.encode()).hexdigest() for column in columns)
    near = "\n".join(repr((n.area, n.model_year, n.rank, n.neighbour, n.closeness)) for n in reading.neighbours)
    lists = [f"{kind}\n{hashlib.sha256(data).hexdigest()}" for kind, data in sorted(lists_of(reading).items())]
    return hashlib.sha256("\n\n".join([said, near, *lists]).encode()).hexdigest()


def read_rows(path: Path, size: int, groups: Sequence[int] | None = None) -> pa.Table:
    """The rows of a part, or those of some of its row groups.

    Raises
    ------
    StoreDamaged
        If the part is missing, of another size than its manifest says, or no Parquet.
    """
    _require_size(path, size)
    # Arrow opens files without Python's knowledge; whoever watches what is read is told here.
    sys.audit("open", str(path), "r", 0)
    try:
        # Threads would not outlive a fork, and a page is made in a forked process; the parts are small.
        with pq.ParquetFile(path, pre_buffer=False) as file:
            wanted = range(file.num_row_groups) if groups is None else groups
            return file.read_row_groups(list(wanted), use_threads=False)
    except (OSError, pa.ArrowException) as fault:
        raise damaged(f"the part {path.name[:12]}… cannot be read ({type(fault).__name__})") from None


def read_neighbours(path: Path, size: int) -> list[Neighbour]:
    """The neighbours of a part; raises as ``read_rows``."""
    columns = read_rows(path, size).to_pydict()
    return [Neighbour(*values) for values in zip(*(columns[name] for name in _NEIGHBOURS.names), strict=True)]


def as_frame(table: pa.Table) -> pd.DataFrame:
    """Rows with plain text columns and dates as dates."""
    plain = [
        pa.field(f.name, pa.string()) if pa.types.is_dictionary(f.type) else pa.field(f.name, f.type)
        for f in table.schema
    ]
    frame: pd.DataFrame = table.cast(pa.schema(plain)).to_pandas(use_threads=False, date_as_object=True)
    return frame


def _require_size(path: Path, size: int) -> None:
    try:
        found = path.stat().st_size
    except OSError:
        raise damaged(f"the part {path.name[:12]}… is missing") from None
    if found != size:
        raise damaged(f"the part {path.name[:12]}… has {found:,} bytes; its manifest says {size:,}")
