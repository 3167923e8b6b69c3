"""What goes into the gate: tables, drawings and notes that nobody has seen yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

Kind = Literal["text", "number", "period"]


@dataclass(frozen=True)
class Column:
    """A column of a result.

    Parameters
    ----------
    key : str
        The frame's column. A column ``<key>__status`` beside it, where there is one, says why a cell has no value.
    label : str
        The heading, with its unit.
    computed_from : tuple of str
        Keys of the columns that the number was computed from; where the status of one of them hides its value, the
        gate refuses a number here.
    is_count : bool
        Whether the number counts people or events, so that a small one may point at somebody.
    """

    key: str
    label: str
    kind: Kind = "number"
    decimals: int = 1
    computed_from: tuple[str, ...] = ()
    is_count: bool = False


@dataclass(frozen=True, eq=False)
class TableResult:
    """A table before the gate: rows of a frame, and the columns to show in their order.

    The first column names the row. Missing numbers need their reason in ``<key>__status``.
    """

    name: str
    caption: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()
    is_sample: bool = False


@dataclass(frozen=True, eq=False)
class Drawing:
    """A chart before the gate: finished SVG, the table of what it shows, and words for those who do not see it."""

    name: str
    title: str
    subtitle: str
    svg: str
    alt: str
    table: TableResult
    axes: Any = None
    is_sample: bool = False


@dataclass(frozen=True)
class NoteResult:
    """Paragraphs before the gate."""

    paragraphs: tuple[str, ...]
    tone: Literal["information", "warning"] = "information"
    is_sample: bool = False


@dataclass(frozen=True)
class CardResult:
    """A titled list of facts before the gate.

    ``record`` is the machine-readable finding that the page's record is made of; only findings have one.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...] = ()
    record: Mapping[str, Any] | None = field(default=None)
    is_sample: bool = False
