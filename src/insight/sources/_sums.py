"""Parts against their whole, row by row: the months of a year, the sources of a year's referrals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from insight.core.area import shown
from insight.core.indicator import Indicator
from insight.core.register import Register
from insight.errors import RuleBroken
from insight.sources._filters import FilteredLayout
from insight.sources._layout import Layout
from insight.sources._rules import Record


def require_sums(
    records: Sequence[Record], layout: Layout, indicators: Mapping[str, Indicator], register: Register, file: str
) -> tuple[str, ...]:
    """Check that the parts of each row add up to its whole, and say in notes where they fall short.

    Exact for an authority; for a region or the nation within half a rounding step of every figure. A row with a hidden
    part, or a hidden whole, is not checked: the difference would be the hidden figure.

    Raises
    ------
    RuleBroken
        Where the parts are more than their whole, or fall short of it in a layout that knows no other parts.
    """
    wholes = dict(layout.sums) if isinstance(layout, FilteredLayout) else {}
    if layout.whole:
        wholes[layout.whole] = tuple(measure.column for measure in layout.measures)
    step = max(indicators[measure.indicator].rounding for measure in layout.measures)
    short = []
    for record in records:
        area = register.get(record.area)
        for whole, parts in wholes.items():
            found = _against_whole(record, whole, parts, step if area.level in ("region", "nation") else 0.0)
            if found > 0 or (found < 0 and not layout.has_other_parts):
                raise RuleBroken(
                    f"reading {shown(file)}, line {record.line_of(whole)}, column {shown(whole)}",
                    found=f"a whole that is {'more' if found < 0 else 'less'} than the sum of its parts",
                    todo="compare the row with the publisher's file; if it was printed so, tell them and leave the "
                    "file out",
                )
            if found < 0 and area.level == "authority":
                short.append(f"{area.name} {record.year}")
    listed = ", ".join(sorted(set(short)))
    return (f"parts that add up to less than their whole: {listed}",) if short else ()


def _against_whole(record: Record, whole: str, parts: Sequence[str], step: float) -> int:
    """1 where the parts are more than their whole, -1 where they are less; 0 where equal, or where one is hidden."""
    values = [record.cells[part].value for part in parts]
    known = [value for value in values if value is not None]
    total = record.cells[whole].value
    if total is None or len(known) < len(values):
        return 0
    slack = (len(values) + 1) * step / 2
    return int(sum(known) > total + slack) - int(sum(known) < total - slack)
