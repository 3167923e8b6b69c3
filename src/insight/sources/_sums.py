"""Parts against their whole, row by row: the months of a year, the sources of a year's referrals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from insight.core.area import shown
from insight.core.indicator import Indicator
from insight.core.register import Register
from insight.errors import RuleBroken
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
    if not layout.whole:
        return ()
    short = []
    for record in records:
        values = [record.cells[measure.column].value for measure in layout.measures]
        whole = record.cells[layout.whole].value
        known = [value for value in values if value is not None]
        if whole is None or len(known) < len(values):
            continue
        level = register.get(record.area).level
        step = max(indicators[measure.indicator].rounding for measure in layout.measures)
        slack = (len(values) + 1) * step / 2 if level in ("region", "nation") else 0.0
        is_short = sum(known) < whole - slack
        if sum(known) > whole + slack or (is_short and not layout.has_other_parts):
            raise RuleBroken(
                f"reading {shown(file)}, line {record.line}, column {shown(layout.whole)}",
                found=f"a whole that is {'more' if is_short else 'less'} than the sum of its parts",
                todo="compare the row with the publisher's file; if it was printed so, tell them and leave the file "
                "out",
            )
        if is_short and level == "authority":
            short.append(f"{register.get(record.area).name} {record.year}")
    return (f"parts that add up to less than their whole: {', '.join(sorted(short))}",) if short else ()
