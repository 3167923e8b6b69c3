"""Files of what is open at 31 March by how long it has been open: a whole, and a count and a share for each band."""

from __future__ import annotations

from insight.core.indicator import Indicator
from insight.core.period import PeriodKind
from insight.sources._ees import filtered_layout
from insight.sources._filters import FilteredLayout
from insight.sources._indicator import Maker
from insight.sources._layout import Measure

_BANDS = {
    "3_months_or_less": "3 months or less",
    "more_than_3_months_6_months": "More than 3 to 6 months",
    "more_than_6_months_less_than_1_year": "More than 6 months, less than 1 year",
    "1_year_less_than_2_years": "1 year, less than 2 years",
}
_LONGEST = "2 years or more"
_CAVEAT = "How long it has been open so far, not how long it will last."


def duration_indicators(source: str, *, count: str, percent: str, what: str) -> tuple[Indicator, ...]:
    """Count and share by band; ``what`` is what is open, as a title says it."""
    maker = Maker(source, PeriodKind.AT_MARCH)
    return (
        maker.count(count, f"{what} at 31 March, by how long open", _CAVEAT),
        maker.percent(percent, f"Share of {what[0].lower()}{what[1:]} at 31 March, by how long open", _CAVEAT),
    )


def duration_layout(
    name: str, *, category: str, whole: str, longest: str, count: str, percent: str, total: str | None = None
) -> FilteredLayout:
    """A layout of these files; ``total`` is the indicator of the whole, where no other table has it."""
    bands = {**_BANDS, longest: _LONGEST}
    both = [
        measure
        for column, words in bands.items()
        for measure in (
            Measure(column, count, breakdown=words),
            Measure(f"{column}_percent", percent, ceiling=100.0, breakdown=words),
        )
    ]
    return filtered_layout(
        name,
        [*([Measure(whole, total)] if total else []), *both],
        columns=("category", whole, *(measure.column for measure in both)),
        constants={"category": category},
        sums={whole: tuple(bands)},
        row_kind=PeriodKind.YEAR_TO_MARCH,
    )
