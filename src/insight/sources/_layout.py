"""The layouts of published files, and how near a header comes to one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, lru_cache

from insight.core.missing import Status
from insight.core.period import Period, PeriodKind

_SEPARATION = re.compile(r"[\s_\-]+")


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of numbers, the indicator that it is, and the bounds that its values keep.

    ``ceiling`` is the largest value there can be; ``is_above_zero`` refuses 0 too. ``month`` (1 to 12) is the month of
    the row's year that the column holds; ``breakdown`` the part of the indicator that it is. Without them the column is
    the whole of its indicator in the row's own period.
    """

    column: str
    indicator: str
    ceiling: float | None = None
    is_above_zero: bool = False
    month: int | None = None
    breakdown: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether the column is the whole of its indicator."""
        return self.month is None and not self.breakdown

    def period(self, year: int, row_kind: PeriodKind, own_kind: PeriodKind) -> Period:
        """The period of a cell: the row's year, or the month of that year.

        Parameters
        ----------
        year : int
            The row's label.
        row_kind : PeriodKind
            What that label stands for.
        own_kind : PeriodKind
            The indicator's own kind.
        """
        if self.month is None:
            return Period.of(str(year), own_kind)
        whole = Period.of(str(year), row_kind)
        of_year = whole.start.year if self.month >= whole.start.month else whole.end.year
        return Period.of(f"{of_year}{self.month:02}", own_kind)


@dataclass(frozen=True)
class Layout:
    """One way in which a publisher has laid out one kind of file.

    Parameters
    ----------
    name : str
    columns : tuple of str
        Every column, in the publisher's order.
    geography : tuple of str
        The columns that say where and when; they do not count when two layouts are compared.
    measures : tuple of Measure
    constants : mapping of column to its only value
        A second value would mean rows of several kinds, which would count people twice.
    symbols : mapping of symbol to Status
    takes_thousands : bool
        Whether numbers are grouped, as in ``1,234``.
    has_joint_under_member : bool
        Whether a joint return stands in the row of one member, while the others have ``z`` or no row.
    prints_zero_over_zero : bool
        Whether a share of nothing is printed as 0 rather than as a symbol.
    is_positional : bool
        Whether names repeat, so that the order of the columns is their meaning.
    release : str
        The release, where no column says it.
    whole : str
        A column of which all measures are the parts. It is checked and not kept: another table has it.
    has_other_parts : bool
        Whether the parts may fall short of the whole, because some belong to none of them.
    row_kind : PeriodKind or None
        What the label of a row stands for, where its measures have periods of their own.
    sheet : str
        A regular expression for the name of the worksheet, where the file is a workbook; its header may stand below
        title rows, and white space in its column names counts once.
    has_more : bool
        Whether there are further columns, which are not read.
    """

    name: str
    columns: tuple[str, ...]
    geography: tuple[str, ...]
    measures: tuple[Measure, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    symbols: Mapping[str, Status] = field(default_factory=dict)
    takes_thousands: bool = False
    has_joint_under_member: bool = False
    prints_zero_over_zero: bool = False
    is_positional: bool = False
    release: str = ""
    whole: str = ""
    has_other_parts: bool = False
    row_kind: PeriodKind | None = None
    sheet: str = ""
    has_more: bool = False

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Every column of numbers: the measures and the whole that they are parts of."""
        return (*(measure.column for measure in self.measures), *([self.whole] if self.whole else []))

    @cached_property
    def column_of(self) -> Mapping[str, str]:
        """The column of each indicator that stands whole in one column."""
        return {measure.indicator: measure.column for measure in self.measures if measure.is_plain}

    def equals(self, header: tuple[str, ...]) -> bool:
        """Whether a header is this layout's; the order counts only where names repeat."""
        named = without_blank_end(header)
        if self.has_more:
            return set(named) >= set(self.columns)
        return named == self.columns if self.is_positional else set(named) == set(self.columns)

    def resembles(self, header: tuple[str, ...]) -> bool:
        """Whether a header shares at least half of the columns that are not geography.

        Case, spaces, hyphens and underscores do not count. One shared name in a layout of two is no resemblance unless
        it is half of the header as well: ``population_estimate`` stands in many files.
        """
        if 2 * len(header) < len(self.columns) - len(self.geography):
            return False
        own, theirs = ({_plain(name) for name in names} for names in (self.columns, header))
        where = {_plain(name) for name in self.geography}
        shared = len((own - where) & theirs)
        is_half = shared > 0 and 2 * shared >= len(own - where)
        return is_half and (shared > 1 or 2 * shared >= len(theirs - where - {""}))

    def nearness(self, header: tuple[str, ...]) -> float:
        """The share of this layout's columns that the header has, for choosing between two layouts it resembles."""
        theirs = {_plain(name) for name in header}
        return sum(_plain(name) in theirs for name in set(self.columns)) / len(set(self.columns))

    def difference(self, header: tuple[str, ...]) -> str:
        """What the header lacks, what it has more, and which columns look renamed."""
        missing = [name for name in dict.fromkeys(self.columns) if name not in header]
        new = [name for name in dict.fromkeys(without_blank_end(header)) if name not in self.columns]
        renamed = {old: found for old in missing if (found := _renamed(old, new))}
        spelt = {old: found for old, found in renamed.items() if _plain(old) == _plain(found)}
        parts = [
            _listed("missing", [name for name in missing if name not in renamed]),
            _listed("new", [name for name in new if name not in renamed.values()]),
            _listed(
                "perhaps renamed", [f"{old!r} to {found!r}" for old, found in renamed.items() if old not in spelt], ""
            ),
            _listed("spelt otherwise", [f"{found!r} for {old!r}" for old, found in spelt.items()], ""),
        ]
        return "; ".join(part for part in parts if part) or "the same names in another order"


def without_blank_end(header: tuple[str, ...]) -> tuple[str, ...]:
    """The header without the blank columns that trailing separators make.

    Examples
    --------
    >>> without_blank_end(("la_name", "cases", "", " "))
    ('la_name', 'cases')
    """
    width = len(header)
    while width and not header[width - 1].strip():
        width -= 1
    return header[:width]


def repeated(header: Iterable[str]) -> list[str]:
    """The names that stand in a header more than once."""
    return sorted(name for name, count in Counter(header).items() if count > 1)


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return _SEPARATION.sub("_", name.strip().casefold())


def _renamed(old: str, new: list[str]) -> str | None:
    same = [name for name in new if _plain(name) == _plain(old)]
    return next(iter(same or get_close_matches(old, new, n=1, cutoff=0.75)), None)


def _listed(what: str, names: list[str], quote: str = "'", limit: int = 12) -> str:
    if not names:
        return ""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return f"{what}: {', '.join(f'{quote}{name[:60]}{quote}' for name in names[:limit])}{more}"
