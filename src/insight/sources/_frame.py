"""From typed records to the rows of a panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from insight.core.indicator import Indicator
from insight.core.missing import Status
from insight.core.panel import COLUMNS, KEY
from insight.core.period import Period
from insight.sources._cell import Cell
from insight.sources._layout import Layout
from insight.sources._rules import Record


def frame_of(
    records: Sequence[Record], layout: Layout, indicators: Mapping[str, Indicator], release: str
) -> pd.DataFrame:
    """One row per area, period and measure, with the panel's columns, in the order of its key."""
    keys = [measure.indicator for measure in layout.measures]
    ends: dict[tuple[str, int], date] = {
        (key, year): Period.of(str(year), indicators[key].period_kind).end
        for key in keys
        for year in {record.year for record in records}
    }
    rows = [
        (
            record.area,
            record.year,
            ends[key, record.year],
            key,
            "",
            release,
            record.cells[key].value,
            record.cells[key].symbol,
            record.cells[key].status.value,
            *_both_parts(record, indicators[key]),
        )
        for record in records
        for key in keys
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in ("value", "numerator", "denominator"):
        frame[column] = frame[column].astype("float64")
    return frame.sort_values(list(KEY), kind="stable", ignore_index=True)


def _both_parts(record: Record, indicator: Indicator) -> tuple[float | None, float | None]:
    """Numerator and denominator, or neither: one without the other would invite a subtraction."""
    if indicator.numerator is None or indicator.denominator is None:
        return None, None
    missing = Cell(None, "", Status.NO_ROW)
    part, whole = (record.cells.get(key, missing).value for key in (indicator.numerator, indicator.denominator))
    return (part, whole) if part is not None and whole is not None else (None, None)
