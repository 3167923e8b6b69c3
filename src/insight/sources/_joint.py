"""Joint returns that a file prints in the row of one member."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from insight.core.area import shown
from insight.core.indicator import Indicator
from insight.core.missing import Status
from insight.core.period import Period
from insight.core.register import Register
from insight.errors import GeographyConflict
from insight.sources._account import Account
from insight.sources._layout import Layout
from insight.sources._rules import Record


def joint_rows(
    records: Iterable[Record],
    register: Register,
    indicators: Mapping[str, Indicator],
    layout: Layout,
    file: str,
    account: Account,
) -> list[Record]:
    """Put a joint return's figures under its own code, where the file has them in one member's row."""
    kind = layout.row_kind or indicators[layout.measures[0].indicator].period_kind
    kept: list[Record] = []
    holders: dict[tuple[str, int, str], int] = {}
    for record in records:
        area, end = register.get(record.area), Period.of(str(record.year), kind).end
        unit = register.joint_of(area.code, on=end) if area.level == "authority" else None
        if unit is None:
            kept.append(record)
        elif all(cell.status is Status.NOT_APPLICABLE for cell in record.cells.values()):
            account.set_aside("in a joint return, whose figures stand in another member's row", area.name)
        elif (unit.code, record.year, record.breakdown) in holders:
            raise GeographyConflict(
                f"reading {shown(file)}, line {record.line}",
                found=f"figures for two members of {unit.name} in {record.year} "
                f"(the other on line {holders[unit.code, record.year, record.breakdown]})",
                todo="the register says that they make one return: correct the file or the register",
            )
        else:
            holders[unit.code, record.year, record.breakdown] = record.line
            kept.append(replace(record, area=unit.code))
    if holders:
        account.notes.append(f"{len(holders)} rows of a joint return stood under one member's name")
    return kept
