"""What a published number cannot be, whatever its file says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NoReturn

from insight.core.area import shown
from insight.core.indicator import Indicator
from insight.core.missing import Status
from insight.errors import RuleBroken, SourceChanged
from insight.sources._cell import Cell
from insight.sources._filters import FilteredLayout
from insight.sources._layout import Layout, Measure

# Parts and shares are each rounded, so a part may exceed its whole by a rounding step.
_ROUNDING_SLACK = 0.1 + 1e-9
_SAME_UNIT = (0.8, 1.25)
_ENOUGH_ROWS = 5
_NO_CELL = Cell(None, "", Status.NO_ROW)


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a file, placed and typed: its line, area, period and cells by column.

    ``year`` is the label of the row's period as a number; ``breakdown`` the part that the whole row speaks of, if any.
    ``lines`` has the line of each cell where the record was put together from several rows.
    """

    line: int
    area: str
    year: int
    cells: Mapping[str, Cell]
    breakdown: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    def line_of(self, column: str) -> int:
        """The line on which a cell stands."""
        return self.lines.get(column, self.line)


def require_rules(records: Sequence[Record], layout: Layout, indicators: Mapping[str, Indicator], file: str) -> None:
    """Check every value of a file.

    No value is above its ceiling, or negative but for scores; a count is whole; a part is no larger than its whole; a
    share stands over something. Published shares are compared with their parts as a whole, to see a change of unit;
    single shares may differ from their parts, because a publisher withholds one authority's part and not another's.

    Raises
    ------
    RuleBroken
        Naming column and line.
    SourceChanged
        If a share is in another unit than before.
    """
    shares = _shares(layout, indicators)
    signed = layout.signed if isinstance(layout, FilteredLayout) else ()
    for record in records:
        for measure in layout.measures:
            _require_bounds(record, measure, indicators[measure.indicator], signed, file)
        for share in shares:
            _require_share(record, share, indicators[share.indicator], layout, file)
    for share in shares:
        _require_unit(records, share, indicators[share.indicator], layout, file)


def _shares(layout: Layout, indicators: Mapping[str, Indicator]) -> list[Measure]:
    there = set(layout.column_of)
    return [
        measure
        for measure in layout.measures
        if {indicators[measure.indicator].numerator, indicators[measure.indicator].denominator} <= there
    ]


def _require_bounds(record: Record, measure: Measure, indicator: Indicator, signed: Collection[str], file: str) -> None:
    value = record.cells[measure.column].value
    if value is None:
        return
    if value < 0 and measure.column not in signed:
        _refuse(record, measure.column, file, "a negative number")
    if measure.is_above_zero and value == 0:
        _refuse(record, measure.column, file, "a population of 0, over which nothing can be divided")
    if measure.ceiling is not None and value > measure.ceiling:
        _refuse(record, measure.column, file, f"a value above {measure.ceiling:g}")
    if indicator.unit == "count" and value != int(value):
        _refuse(record, measure.column, file, "a count that is not a whole number")


def _require_share(record: Record, measure: Measure, indicator: Indicator, layout: Layout, file: str) -> None:
    share, part, whole = _parts(record, indicator, layout)
    if share is None:
        return
    if whole == 0 and not (layout.prints_zero_over_zero and share == 0):
        _refuse(record, measure.column, file, f"a value over a {indicator.denominator} of 0")
    if measure.ceiling is not None and part is not None and whole is not None and part > whole + _ROUNDING_SLACK:
        _refuse(record, measure.column, file, f"{indicator.numerator} is larger than {indicator.denominator}")


def _require_unit(records: Sequence[Record], measure: Measure, indicator: Indicator, layout: Layout, file: str) -> None:
    times = 100.0 if indicator.unit == "percent" else 1.0
    ratios = []
    for record in records:
        share, part, whole = _parts(record, indicator, layout)
        if share is not None and part and whole:
            ratios.append(share / (times * part / whole))
    if len(ratios) >= _ENOUGH_ROWS and not _SAME_UNIT[0] <= median(ratios) <= _SAME_UNIT[1]:
        raise SourceChanged(
            f"reading {shown(file)}, column {shown(measure.column)}",
            found=f"values about {median(ratios):.2g} times what their own parts give as {indicator.unit}",
            todo="the unit or the definition has changed: read the release's notes and add a layout for it",
        )


def _parts(record: Record, indicator: Indicator, layout: Layout) -> tuple[float | None, float | None, float | None]:
    keys = (indicator.key, indicator.numerator or "", indicator.denominator or "")
    share, part, whole = (record.cells.get(layout.column_of.get(key, ""), _NO_CELL).value for key in keys)
    return share, part, whole


def _refuse(record: Record, column: str, file: str, found: str) -> NoReturn:
    raise RuleBroken(
        f"reading {shown(file)}, line {record.line_of(column)}, column {shown(column)}",
        found=found,
        todo="compare the cell with the publisher's file; if it was printed so, tell them and leave the file out",
    )
