"""From typed records to the rows of a panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from insight.core.indicator import Indicator
from insight.core.missing import Status
from insight.core.panel import COLUMNS, KEY
from insight.core.period import Period
from insight.sources._cell import Cell
from insight.sources._layout import Layout
from insight.sources._rules import Record

_NO_CELL = Cell(None, "", Status.NO_ROW)


def frame_of(
    records: Sequence[Record], layout: Layout, indicators: Mapping[str, Indicator], release: str
) -> pd.DataFrame:
    """One row per area, period and measure, with the panel's columns, in the order of its key."""
    periods = _periods(records, layout, indicators)
    rows = [
        (
            record.area,
            int(periods[measure.column, record.year].label),
            periods[measure.column, record.year].end,
            measure.indicator,
            record.breakdown or measure.breakdown,
            release,
            record.cells[measure.column].value,
            record.cells[measure.column].symbol,
            record.cells[measure.column].status.value,
            *_both_parts(record, indicators[measure.indicator], layout),
        )
        for record in records
        for measure in layout.measures
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in ("value", "numerator", "denominator"):
        frame[column] = frame[column].astype("float64")
    return frame.sort_values(list(KEY), kind="stable", ignore_index=True)


def _periods(
    records: Sequence[Record], layout: Layout, indicators: Mapping[str, Indicator]
) -> dict[tuple[str, int], Period]:
    """The period of each column in each of the rows' years."""
    years = {record.year for record in records}
    found = {}
    for measure in layout.measures:
        own = indicators[measure.indicator].period_kind
        for year in years:
            found[measure.column, year] = measure.period(year, layout.row_kind or own, own)
    return found


def _both_parts(record: Record, indicator: Indicator, layout: Layout) -> tuple[float | None, float | None]:
    """Numerator and denominator, or neither: one without the other would invite a subtraction."""
    if indicator.numerator is None or indicator.denominator is None:
        return None, None
    columns = (layout.column_of.get(key, "") for key in (indicator.numerator, indicator.denominator))
    part, whole = (record.cells.get(column, _NO_CELL).value for column in columns)
    return (part, whole) if part is not None and whole is not None else (None, None)
