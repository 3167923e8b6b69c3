"""One indicator, laid out by unit and period, with what speaks against a figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from insight.core.indicator import Indicator
from insight.core.missing import Status
from insight.core.neighbours import Neighbours
from insight.core.panel import Panel
from insight.core.period import Period, steps_in_a_year
from insight.core.register import Register
from insight.errors import PanelError
from insight.studies._benchmarks._returns import jumps, volumes_of, withheld_as_unreliable

TOTAL = "Total"
_UNRELIABLE = "part of the return was withheld as unreliable"


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of one unit and period, as published.

    ``value`` is None exactly where ``status`` is not "value". ``doubt`` says why the return behind it looks partial; it
    is "" for one that looks whole. Such a figure is shown and never ranked.
    """

    area: str
    period: int
    value: float | None
    status: str
    symbol: str
    numerator: float | None
    denominator: float | None
    doubt: str

    @property
    def is_sound(self) -> bool:
        """Whether there is a number, of a return that looks whole."""
        return self.value is not None and not self.doubt


@dataclass(frozen=True, eq=False)
class Measure:
    """One indicator of every area.

    Parameters
    ----------
    indicator : Indicator
    breakdown : str
        Which of the indicator's breakdowns; "" where it has none.
    cells : mapping of (area, period) to Cell
        Of every level; a cell that the publisher has no row for is not in it.
    register : Register
    neighbours : Neighbours
    """

    indicator: Indicator
    breakdown: str
    cells: Mapping[tuple[str, int], Cell]
    register: Register
    neighbours: Neighbours

    @cached_property
    def periods(self) -> tuple[int, ...]:
        """Every period with a row, oldest first."""
        return tuple(sorted({period for _, period in self.cells}))

    @cached_property
    def areas(self) -> frozenset[str]:
        """Every area with a row, of any level."""
        return frozenset(area for area, _ in self.cells)

    @property
    def a_year(self) -> int:
        """By how much the label of a period grows in a year."""
        return steps_in_a_year(self.indicator.period_kind)

    @property
    def unit_of_change(self) -> str:
        """The unit of a difference: percentage points of a share."""
        return "percentage points" if self.indicator.unit == "percent" else self.indicator.unit

    def cell(self, area: str, period: int) -> Cell:
        """The figure of an area; status "no row" where the publisher has none."""
        return self.cells.get((area, period)) or Cell(area, period, None, Status.NO_ROW.value, "", None, None, "")

    def series(self, area: str) -> tuple[Cell, ...]:
        """The figures of an area over every period, oldest first."""
        return tuple(self.cell(area, period) for period in self.periods)

    def when(self, period: int) -> Period:
        """The period of a label."""
        return Period.of(str(period), self.indicator.period_kind)

    def newest(self, areas: Iterable[str] | None = None) -> int | None:
        """The newest period in which any of some areas has a number; of all areas where none are named."""
        wanted = None if areas is None else set(areas)
        there = [
            period
            for (area, period), cell in self.cells.items()
            if cell.value is not None and (wanted is None or area in wanted)
        ]
        return max(there, default=None)

    def unit_of(self, code: str) -> str:
        """The unit whose figures are an authority's: the joint return where it has none of its own, else itself."""
        if code in self.areas:
            return code
        joints = [unit.code for unit in self.register.joints if code in unit.members]
        return next((joint for joint in joints if joint in self.areas), code)

    def units(self, period: int, *, region: str | None = None) -> tuple[str, ...]:
        """Authorities and joint returns with a row in a period, in order of code, each authority counted once.

        A joint return that has a row stands for its members. ``region`` is a code.
        """
        there = [self.register.get(area) for area, label in self.cells if label == period]
        local = [area for area in there if area.level in ("authority", "joint")]
        joined = {code for area in local for code in area.members}
        chosen = [area for area in local if area.code not in joined]
        return tuple(sorted(area.code for area in chosen if region is None or area.region_code == region))

    def expected(self, period: int, *, region: str | None = None) -> tuple[str, ...]:
        """Units that should have a figure: those with a row, and authorities of that day that no row speaks for."""
        units = self.units(period, region=region)
        spoken = {member for code in units for member in (code, *self.register.get(code).members)}
        day = self.when(period).end
        living = self.register.authorities(region=region, on=day)
        return tuple(sorted({*units, *(area.code for area in living if area.code not in spoken)}))

    def values(self, period: int, areas: Iterable[str]) -> dict[str, float | None]:
        """The numbers of some areas; None where there is none, or where the return looks partial."""
        cells = {area: self.cell(area, period) for area in areas}
        return {area: cell.value if cell.is_sound else None for area, cell in cells.items()}


def measure(panel: Panel, key: str, *, breakdown: str | None = None) -> Measure:
    """Lay out one indicator of a panel.

    Parameters
    ----------
    panel : Panel
        Of one release. Further indicators of the same return in it help to see that a return is partial.
    key : str
    breakdown : str, optional
        Without it the total: the breakdown "" or "Total", or the one that there is.

    Raises
    ------
    PanelError
        If the panel lacks the indicator or the breakdown, there are several and none is the total, or the panel holds
        more than one release.
    """
    indicator = panel.indicator(key)
    rows = panel.data
    rows = rows[rows["indicator"] == key]
    chosen = _breakdown(key, sorted(rows["breakdown"].unique().tolist()), breakdown)
    rows = rows[rows["breakdown"] == chosen]
    if rows.duplicated(["area", "time_period"]).any():
        raise PanelError(
            f"laying out {key!r}",
            found="more than one release of it",
            todo="load the panel without vintages",
        )
    doubts = _doubts(panel, indicator, rows)
    return Measure(indicator, chosen, _cells(rows, doubts), panel.register, panel.neighbours)


def breakdowns(panel: Panel, key: str) -> tuple[str, ...]:
    """The breakdowns of an indicator in a panel, in order of their names."""
    rows = panel.data
    return tuple(sorted(rows.loc[rows["indicator"] == panel.indicator(key).key, "breakdown"].unique().tolist()))


def _breakdown(key: str, there: list[str], wanted: str | None) -> str:
    if wanted is None:
        totals = [name for name in ("", TOTAL) if name in there]
        if totals or len(there) < 2:
            return (totals or there or [""])[0]
    elif wanted in there:
        return wanted
    raise PanelError(
        f"choosing a breakdown of {key!r}",
        found=f"{len(there)} breakdowns: {', '.join(map(repr, there[:8]))}",
        todo="name one of them",
    )


def _doubts(panel: Panel, indicator: Indicator, rows: pd.DataFrame) -> dict[tuple[str, int], str]:
    found = jumps(indicator, volumes_of(indicator, rows))
    found = {key: words for key, words in found.items() if _is_local(panel, key[0])}
    low = withheld_as_unreliable(panel, indicator)
    cells = zip(rows["area"], rows["time_period"].tolist(), strict=True)
    return found | {cell: _UNRELIABLE for cell in cells if cell in low}


def _is_local(panel: Panel, code: str) -> bool:
    return panel.register.get(code).level in ("authority", "joint")


def _cells(rows: pd.DataFrame, doubts: Mapping[tuple[str, int], str]) -> dict[tuple[str, int], Cell]:
    names = ("area", "time_period", "value", "status", "symbol", "numerator", "denominator")
    made = {}
    for area, period, value, status, symbol, part, whole in zip(*(rows[name].tolist() for name in names), strict=True):
        cell = Cell(
            area,
            int(period),
            _or_none(value),
            str(status),
            str(symbol),
            _or_none(part),
            _or_none(whole),
            doubts.get((area, int(period)), ""),
        )
        made[area, int(period)] = cell
    return made


def _or_none(value: float | None) -> float | None:
    return None if value is None or value != value else float(value)
