"""The rows of the interactive tool as places in lists: which area, which measure in which year, which cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from insight.core.area import Area, shown
from insight.core.indicator import Indicator
from insight.core.period import Period
from insight.core.register import Register
from insight.errors import DuplicateKey, PeriodError, RuleBroken, UnknownSymbol
from insight.sources._account import Account
from insight.sources._cell import Cell
from insight.sources._lait_cells import cells_of, is_signed
from insight.sources._lait_places import place_of
from insight.sources._lait_table import MEASURE, NAME, NUMBER, REGION, VALUES, YEARS, LongTable
from insight.sources._lait_words import key_of
from insight.sources._lait_years import Years, kind_with, marks_in_words, years_of
from insight.sources._twice import refuse_twice

Places = NDArray[np.intp]
Flags = NDArray[np.bool_]
_NO_YEAR = "0"


@dataclass(frozen=True, slots=True)
class Series:
    """A measure in one year: its place among the indicators, and the period."""

    indicator: int
    years: Years
    period: Period


@dataclass(frozen=True)
class Rows:
    """Every row that has an area and a measure in a year, in the order of the file.

    ``row`` is its number in the file, from 0; ``area``, ``series`` and ``cell`` are places in the lists of that name.
    """

    file: str
    areas: tuple[Area, ...]
    indicators: tuple[Indicator, ...]
    all_series: tuple[Series, ...]
    cells: tuple[Cell, ...]
    row: Places
    area: Places
    series: Places
    cell: Places

    def only(self, kept: Flags) -> Rows:
        """Some of the rows."""
        names = ("row", "area", "series", "cell")
        return replace(self, **{name: getattr(self, name)[kept] for name in names})

    @property
    def has_value(self) -> Flags:
        """Whether each row has a figure."""
        return np.array([cell.value is not None for cell in self.cells], dtype=bool)[self.cell]

    @property
    def measure(self) -> Places:
        """The place of each row's indicator."""
        return np.array([each.indicator for each in self.all_series], dtype=np.intp)[self.series]


def rows_of(table: LongTable, known: Mapping[str, Indicator], register: Register, account: Account) -> Rows:
    """Place every row; parts of regions, years that say nothing and unknown measures are set aside.

    Raises
    ------
    SourceRefused
        If a place, a year or a cell is not known, or two rows claim one place.
    """
    cells = tuple(cells_of(table))
    areas, area = _areas(table, register)
    indicators, all_series, series = _series(table, known, account)
    for place, name in enumerate(table.columns[NAME].texts):
        is_part = (area < 0) & (series >= 0) & (table.columns[NAME].codes == place)
        _set_aside(account, "part of a region, whose own row covers it", name, int(is_part.sum()))
    codes = table.columns[VALUES].codes
    every = Rows(table.file, areas, indicators, all_series, cells, np.arange(table.rows), area, series, codes)
    rows = every.only((area >= 0) & (series >= 0))
    _require_one_each(rows)
    return rows


def _areas(table: LongTable, register: Register) -> tuple[tuple[Area, ...], Places]:
    """The areas in order of code, and the place of each row's own; -1 for a part of a region."""
    numbers, names, regions = (table.columns[column] for column in (NUMBER, NAME, REGION))
    each = (numbers.codes * len(names.texts) + names.codes) * len(regions.texts) + regions.codes
    first, which = np.unique(each, return_index=True, return_inverse=True)[1:]
    found = [
        place_of(
            numbers.texts[numbers.codes[row]],
            names.texts[names.codes[row]],
            regions.texts[regions.codes[row]],
            register,
            table.file,
        )
        for row in first
    ]
    areas = tuple(sorted({area.code: area for area in found if area}.values(), key=lambda area: area.code))
    place = {area.code: number for number, area in enumerate(areas)}
    return areas, np.array([place[area.code] if area else -1 for area in found], dtype=np.intp)[which]


def _series(
    table: LongTable, known: Mapping[str, Indicator], account: Account
) -> tuple[tuple[Indicator, ...], tuple[Series, ...], Places]:
    """The measures in order of key, each measure's years, and the place of each row's own; -1 where there is none."""
    measures, spellings = table.columns[MEASURE], table.columns[YEARS]
    each = measures.codes * len(spellings.texts) + spellings.codes
    first, which, counts = np.unique(each, return_index=True, return_inverse=True, return_counts=True)[1:]
    years: dict[str, dict[int, Years]] = {}
    for place, row in enumerate(first):
        short, text = measures.texts[measures.codes[row]], spellings.texts[spellings.codes[row]]
        key = key_of(short)
        if key not in known:
            _set_aside(account, "a measure that the dictionary does not explain", short, int(counts[place]))
        elif text == _NO_YEAR:
            _set_aside(account, 'the year is written "0", which says none', known[key].title, int(counts[place]))
        else:
            years.setdefault(key, {})[place] = _years(text, int(row), table.file)
    indicators: list[Indicator] = []
    all_series: list[Series] = []
    own = np.full(len(first), -1, dtype=np.intp)
    for key in sorted(years):
        _require_one_spelling(list(years[key].values()), known[key], table.file)
        indicator = _as_used(known[key], list(years[key].values()), table.file)
        for place, found in years[key].items():
            own[place] = len(all_series)
            all_series.append(Series(len(indicators), found, _period(found, indicator, table.file)))
        indicators.append(indicator)
    return tuple(indicators), tuple(all_series), own[which]


def _set_aside(account: Account, reason: str, name: str, count: int) -> None:
    for _ in range(count):
        account.set_aside(reason, name)


def _years(text: str, row: int, file: str) -> Years:
    found = years_of(text)
    if found is None:
        raise UnknownSymbol(
            f"reading {shown(file)}, row {row + 1}, column {YEARS}",
            found=f"{shown(text)!r}, which is no way of writing a year that is known here",
            todo="look up what it means in the tool before adding it",
        )
    return found


def _require_one_spelling(years: list[Years], indicator: Indicator, file: str) -> None:
    labels = [each.label for each in years]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise DuplicateKey(
            f"reading {shown(file)}: {shown(indicator.title)}",
            found=f"the year {twice[0]} in two spellings",
            todo="use the publisher's file as it was issued: nothing says which of the two is meant",
        )


def _as_used(indicator: Indicator, years: list[Years], file: str) -> Indicator:
    """The measure with the length of its years, and what the publisher marks of them."""
    lengths = {each.is_three for each in years}
    kind = kind_with(indicator.period_kind, is_three=lengths == {True})
    if len(lengths) > 1 or kind is None:
        raise RuleBroken(
            f"reading {shown(file)}: {shown(indicator.title)}",
            found="years of another length than the measure's own",
            todo="look up in the tool what its years are before adding them",
        )
    marks = marks_in_words(sorted(years, key=lambda each: each.label))
    return replace(indicator, period_kind=kind, caveats=(*indicator.caveats, *([marks] if marks else [])))


def _period(years: Years, indicator: Indicator, file: str) -> Period:
    try:
        return Period.of(str(years.label), indicator.period_kind)
    except PeriodError as error:
        raise RuleBroken(
            f"reading {shown(file)}: {shown(indicator.title)}", found=error.found, todo=error.todo
        ) from None


def _require_one_each(rows: Rows) -> None:
    each = rows.area * len(rows.all_series) + rows.series
    counts = np.unique(each, return_counts=True)[1]
    if counts.size and counts.max() > 1:
        places, first = np.unique(each, return_index=True)
        again = int(np.setdiff1d(np.arange(len(each)), first)[0])
        before = int(first[np.searchsorted(places, each[again])])
        area, series = rows.areas[rows.area[again]], rows.all_series[rows.series[again]]
        lines = f"rows {rows.row[before] + 1} and {rows.row[again] + 1}"
        title = shown(rows.indicators[series.indicator].title)
        refuse_twice(f"{lines} both claim {area.name} in {series.years.label}", rows.file, where=f": {title}")


def require_possible(rows: Rows) -> None:
    """Refuse a share, a count or a rate below 0. Counts need not be whole: pupils may be full-time equivalents.

    Raises
    ------
    RuleBroken
        With the row and the title of the measure.
    """
    values = np.array([np.nan if cell.value is None else cell.value for cell in rows.cells])[rows.cell]
    may_be_negative = np.array([is_signed(each) for each in rows.indicators], dtype=bool)[rows.measure]
    wrong = np.flatnonzero((values < 0) & ~may_be_negative)
    if wrong.size:
        title = rows.indicators[rows.measure[wrong[0]]].title
        raise RuleBroken(
            f"reading {shown(rows.file)}, row {rows.row[wrong[0]] + 1}: {shown(title)}",
            found="a negative number",
            todo="compare the cell with the publisher's file; if it was printed so, tell them and leave the file out",
        )
