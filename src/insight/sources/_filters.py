"""Layouts with several rows for one place and year, told apart by filters.

A filter is a breakdown, or it chooses the measure. "Children looked after, by age" has one row for each age, and the
age is the part of the indicator that the row speaks of. "Children who started, who left" has one row for each, and
these are different indicators: their rows become the columns of one record, called "count of started".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property

from insight.core.period import PeriodKind
from insight.sources._layout import Layout, Measure

Named = Mapping[str, str]


@dataclass(frozen=True)
class FilteredLayout(Layout):
    """A layout with filters; without any of these it is a plain one.

    Parameters
    ----------
    parts : mapping of column to the publisher's values, each with its words
        Filters that are breakdowns; "" is the whole. Parts of several filters are joined by commas.
    spread : tuple of str
        Filters whose values choose the measure: see ``chosen``.
    marks : mapping of column to its values
        Columns that say something of the figures without dividing them, such as "Revised"; they are noted by year.
    aside : mapping of column to the values of rows to set aside, each with the reason
    unread : tuple of str
        Columns that are known and not read.
    signed : tuple of str
        Columns, as the measures call them, whose numbers may be below zero.
    sums : mapping of a column to the columns that are its parts
        As ``whole``, for a whole that is kept, or that only some of the measures are parts of.
    placed_at : PeriodKind or None
        When the areas of a row existed, where that is not the end of its period.
    lists_other_areas : bool
        Whether areas have rows, without a figure, in years when they did not exist.
    common : tuple of str
        Columns that many files have: sharing them is no resemblance.
    series : str
        Which of a source's files, where it has several.
    in_convention : callable or None
        Gives what a row says elsewhere or otherwise under the names of the convention.
    """

    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    spread: tuple[str, ...] = ()
    marks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aside: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()
    sums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    placed_at: PeriodKind | None = None
    lists_other_areas: bool = False
    common: tuple[str, ...] = ()
    series: str = ""
    in_convention: Callable[[Named], Named] | None = None

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Every column of numbers as the file calls it."""
        known = {*self.geography, *self.constants, *self.parts, *self.spread, *self.marks, *self.aside, *self.unread}
        return tuple(column for column in self.columns if column not in known)

    @cached_property
    def cells(self) -> frozenset[str]:
        """Every cell of a record: the measures, and the wholes that they are parts of."""
        wholes = [*([self.whole] if self.whole else []), *self.sums]
        return frozenset([*(measure.column for measure in self.measures), *wholes])

    def resembles(self, header: tuple[str, ...]) -> bool:
        """Whether a header shares at least half of the columns that are neither geography nor common to many files."""
        return self._compared.resembles(header)

    @cached_property
    def _compared(self) -> Layout:
        return Layout(self.name, self.columns, (*self.geography, *self.common))

    def cell_of(self, column: str, row: Named) -> str:
        """The name under which a record keeps a column's cell of this row."""
        return named_cell(column, *(row[each] for each in self.spread)) if self.spread else column


def with_filters(layout: Layout) -> FilteredLayout:
    """Any layout, as one with filters."""
    if isinstance(layout, FilteredLayout):
        return layout
    # Everything that is not where, when or always the same is a number in a plain layout.
    return FilteredLayout(**{each.name: getattr(layout, each.name) for each in fields(Layout)})


def named_cell(column: str, *values: str) -> str:
    """A column's cell in the row with these values of the filters that choose the measure.

    >>> named_cell("number", "Total children")
    'number of Total children'
    """
    return f"{column} of {', '.join(values)}"


def chosen(column: str, indicator: str, *values: str, ceiling: float | None = None, breakdown: str = "") -> Measure:
    """A measure that is a column in the rows with these values of the filters that choose the measure."""
    return Measure(named_cell(column, *values), indicator, ceiling=ceiling, breakdown=breakdown)
