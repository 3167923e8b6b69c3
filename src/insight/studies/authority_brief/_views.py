"""The chart of a brief: every measure that was tested beside England, by how far it lies from it."""

from __future__ import annotations

import pandas as pd

from insight import charts
from insight.core.missing import Status
from insight.core.results import Column, Drawing, TableResult
from insight.studies.authority_brief._looks import Brief, Look

VALUE = Status.VALUE.value
SURE = " (sure)"
"""Behind the name of a measure that stays after many looks."""


def england_chart(brief: Brief, *, is_sample: bool) -> Drawing:
    """Distances from England in one unit for all measures, the better side on the right.

    A Drawing without a picture says why there is none.
    """
    rows = [row for row in (_row(brief, look) for look in brief.looks) if row is not None]
    if not rows:
        return _words_alone(is_sample)
    rows.sort(key=lambda row: -float(row["value"]))
    right, left = (
        sum(str(row["label"]).endswith(SURE) and sign * float(row["value"]) > 0 for row in rows) for sign in (1, -1)
    )
    return charts.forest_chart(
        pd.DataFrame(rows).assign(status=VALUE),
        name="england",
        title=f"{brief.area.name}: of {len(rows)} tested figures, {right} {_lie(right)} surely on the better side of "
        f"England and {left} on the worse side of England",
        subtitle="Newest figure of each measure tested beside England; “sure” marks what is left after many looks",
        x_label="Distance from England: 1 is the ordinary spread between authorities",
        lower_words="the other side",
        higher_words="the better side",
        decimals=1,
        notes=(
            "The spread is that of the middle half of all authorities. The title counts the points marked “sure”; "
            "without the mark, a side is no finding.",
        ),
        is_sample=is_sample,
    )


def _words_alone(is_sample: bool) -> Drawing:
    why = "No measure could be tested beside England. The tables on this page show what there is."
    column = Column("reason", "Why there is no chart", kind="text")
    table = TableResult("england", column.label, pd.DataFrame({"reason": [why]}), (column,), is_sample=is_sample)
    return Drawing("england", "No chart", why, "", why, table, is_sample=is_sample)


def _lie(count: int) -> str:
    return "lies" if count == 1 else "lie"


def _row(brief: Brief, look: Look) -> dict[str, str | float] | None:
    spread = None if look.standing is None else look.standing.spread
    better = look.measure.indicator.direction
    if look.gap is None or look.row is None or not spread or look.england is None or look.level_p is None:
        return None
    sign = 1.0 if better == "higher" else -1.0
    ends = [sign * ((end or 0.0) - look.england) / spread for end in (look.apart.low, look.apart.high)]
    label = f"{look.concept.words}{SURE}" if brief.stands_apart(look) else look.concept.words
    return {"label": label, "value": sign * look.gap / spread, "low": min(ends), "high": max(ends)}
