"""One indicator of one authority: its figures, what they are held against, and what can be said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from insight.core.area import Area
from insight.core.estimate import Estimate
from insight.core.indicator import Indicator
from insight.core.panel import Panel
from insight.core.period import PeriodKind
from insight.errors import NotEnoughData, PanelError
from insight.studies._benchmarks import (
    Benchmark,
    Cell,
    Change,
    Measure,
    benchmarks,
    breakdowns,
    change_of,
    is_amount,
    measure,
)
from insight.studies.indicator_profile._standing import Standing, standing_of

if TYPE_CHECKING:
    from insight.stats.trend_test import TrendTest

SPANS = (1, 5)
"""Years over which a change is looked at."""
INNER = 2.0
"""The inner limits of the funnel, in standard deviations."""
MONTHS_HAVE_SEASONS = "months have seasons, which the test of trend does not know"


@dataclass(frozen=True, eq=False)
class Profile:
    """All that a page says.

    Parameters
    ----------
    measure : Measure
    asked, unit : Area
        The area asked about, and the one whose figures are shown: its joint return, or the nation where no authority
        has figures.
    cells : tuple of Cell
        The unit's, over the periods in which it existed, oldest first.
    own : Cell or None
        The newest of them with a number.
    newest : int or None
        The newest period in which any authority, or else the nation, has a number.
    parts : tuple of Measure
        What the indicator is made of, numerator first, where the panel holds it.
    others : tuple of str
        Further breakdowns, for pages of their own.
    benches : tuple of Benchmark
        In the period of ``own``.
    standing : Standing or None
        Of every unit in that period.
    trend : TrendTest or None
        None with ``no_trend``.
    trend_span : str
        What it rests on: "in 8 yearly figures, 2016 to 2025".
    changes : tuple of Change
        Over ``SPANS``, up to the period of ``own``.
    is_amount : bool
        Whether the figure grows with the size of an area.
    """

    measure: Measure
    asked: Area
    unit: Area
    cells: tuple[Cell, ...]
    own: Cell | None
    newest: int | None
    parts: tuple[Measure, ...]
    others: tuple[str, ...]
    benches: tuple[Benchmark, ...]
    standing: Standing | None
    trend: TrendTest | None
    trend_span: str
    no_trend: str
    changes: tuple[Change, ...]
    is_amount: bool

    @property
    def indicator(self) -> Indicator:
        """What is measured."""
        return self.measure.indicator

    @property
    def label(self) -> str:
        """What is measured, with the breakdown where there is one."""
        return ", ".join(part for part in (self.indicator.title, self.measure.breakdown) if part)

    @property
    def short_label(self) -> str:
        """The same for headings, which have little room."""
        return ", ".join(part for part in (self.indicator.short_title, self.measure.breakdown) if part)

    @property
    def slope_decimals(self) -> int:
        """Decimals of a change a year: a small part of a share, and whole numbers of an amount."""
        return self.indicator.decimals + (0 if self.is_amount else 1)

    @property
    def is_by_month(self) -> bool:
        """Whether the figures are of months."""
        return self.indicator.period_kind is PeriodKind.MONTH

    @property
    def is_national(self) -> bool:
        """Whether the figures are the nation's, since no authority has any."""
        return self.unit.level == "nation"

    def bench(self, kind: str) -> Benchmark | None:
        """The first benchmark of a kind."""
        return next((each for each in self.benches if each.kind == kind), None)

    @property
    def neighbours(self) -> tuple[str, ...]:
        """Codes of the statistical neighbours of the newest model, as they report."""
        listed = self.measure.neighbours.of(self.asked.code)
        units = dict.fromkeys(self.measure.unit_of(code) for code in listed)
        return tuple(code for code in units if code != self.unit.code)

    @property
    def locals(self) -> tuple[str, ...]:
        """Every authority and joint return that ever has a row, in order of code."""
        codes = {code for code, _ in self.measure.cells}
        return tuple(sorted(code for code in codes if self.measure.register.get(code).level in ("authority", "joint")))


def profile_of(panel: Panel, area: Area, *, key: str, breakdown: str = "") -> Profile:
    """Everything about one indicator of one area.

    Raises
    ------
    PanelError
        If the panel lacks the indicator or the breakdown.
    """
    found, others = _laid_out(panel, key, breakdown)
    unit = panel.register.get(found.unit_of(area.code))
    nation = panel.register.nation
    local = [code for code, _ in found.cells if panel.register.get(code).level in ("authority", "joint")]
    newest = found.newest(local) if local else found.newest()
    if not local and unit.level != "nation":
        unit = nation
    cells = tuple(cell for cell in found.series(unit.code) if unit.exists_on(found.when(cell.period).end))
    own = next((cell for cell in reversed(cells) if cell.value is not None), None)
    is_local = own is not None and unit.level in ("authority", "joint")
    trend, span, why = _trend(found, cells, amount=is_amount(found))
    return Profile(
        measure=found,
        asked=area,
        unit=unit,
        cells=cells,
        own=own,
        newest=newest,
        parts=_parts(panel, found),
        others=others,
        benches=benchmarks(found, area.code, own.period) if own is not None and is_local else (),
        standing=standing_of(panel, found, own.period) if own is not None and is_local else None,
        trend=trend,
        trend_span=span,
        no_trend=why,
        changes=tuple(change_of(found, unit.code, own.period, years=years) for years in SPANS)
        if own is not None and is_local
        else (),
        is_amount=is_amount(found),
    )


def standing_periods(panel: Panel, key: str, breakdown: str = "") -> tuple[Measure, tuple[int, ...]]:
    """The indicator, and the periods in which some unit's page says where it stands: its newest with a number."""
    found, _ = _laid_out(panel, key, breakdown)
    newest: dict[str, int] = {}
    for (code, period), cell in found.cells.items():
        if cell.value is not None and panel.register.get(code).level in ("authority", "joint"):
            newest[code] = max(period, newest.get(code, period))
    return found, tuple(sorted(set(newest.values())))


def _laid_out(panel: Panel, key: str, breakdown: str) -> tuple[Measure, tuple[str, ...]]:
    """The indicator by its total, the breakdown asked for, or the first there is; and the names of the others."""
    if key not in panel.indicators:
        raise PanelError(
            f"looking for the indicator {key[:60]!r}",
            found="no figure of it in this store",
            todo='find its key with ins.indicators("a few words")',
        )
    there = breakdowns(panel, key)
    chosen = breakdown or next((name for name in ("", "Total") if name in there), there[0] if there else "")
    found = measure(panel, key, breakdown=chosen if there else None)
    return found, tuple(name for name in there if name != chosen)


def _parts(panel: Panel, found: Measure) -> tuple[Measure, ...]:
    made = []
    for key in (found.indicator.numerator, found.indicator.denominator):
        if key is None or key not in panel.indicators:
            continue
        try:
            made.append(measure(panel, key, breakdown=found.breakdown))
        except PanelError:  # a part that is not broken down in the same way
            continue
    return tuple(made)


def _trend(found: Measure, cells: Sequence[Cell], *, amount: bool) -> tuple[TrendTest | None, str, str]:
    """A test over the figures of whole returns, what it rests on, and why there is none.

    An amount that jumps is itself what is tested, so none is left out.
    """
    from insight.stats.trend_test import trend_test

    if found.indicator.period_kind is PeriodKind.MONTH:
        return None, "", MONTHS_HAVE_SEASONS
    used = [cell for cell in cells if cell.value is not None and (amount or cell.is_sound)]
    span = " to ".join(found.when(cell.period).label for cell in (*used[:1], *used[-1:]))
    try:
        test = trend_test(
            [cell.value for cell in used if cell.value is not None],
            times=[float(cell.period) for cell in used],
            unit=difference_unit(found.indicator),
            term=f"Change a year, {span}" if used else "Change a year",
        )
    except NotEnoughData:
        few = len(used) < 4
        several = "one yearly figure is" if len(used) == 1 else f"{len(used)} yearly figures are"
        return None, "", f"{several} too few" if few else "the figure never changed"
    return test, f"in {test.n_values} yearly figures, {span}", ""


def difference_unit(indicator: Indicator) -> str:
    """The unit of a difference: shares differ by percentage points."""
    return "percentage points" if indicator.unit == "percent" else indicator.unit


def estimates_of(profile: Profile) -> tuple[Estimate, ...]:
    """The figure, the gap to each benchmark, the changes and the trend, each with its interval or why it has none."""
    own = profile.own
    if own is None or own.value is None:
        return ()
    made = [_figure(profile, own)]
    if not profile.is_amount:
        made += [gap_estimate(profile, bench) for bench in profile.benches if bench.gap is not None]
    for change in profile.changes:
        if change.value is not None:
            made += _change_estimates(profile, change)
    if profile.trend is not None:
        made.append(replace(profile.trend.slope, decimals=profile.slope_decimals))
    return tuple(made)


def _figure(profile: Profile, own: Cell) -> Estimate:
    row = profile.standing.of(own.area) if profile.standing else None
    when = profile.measure.when(own.period).in_words
    method = why_no_interval(profile)
    if row is not None and row["low"] is not None:
        method = f"as published; interval: {row['how']}"
    return Estimate(
        key="figure",
        term=f"{profile.unit.name}, {when}",
        value=own.value,
        unit=profile.indicator.unit,
        scale="percent" if profile.indicator.unit == "percent" else "count",
        method=method,
        low=row["low"] if row else None,
        high=row["high"] if row else None,
        rank=row["rank"] if row else None,
        rank_low=row["rank_low"] if row else None,
        rank_high=row["rank_high"] if row else None,
        rank_of=row["of"] if row and row["rank"] is not None else None,
        band=band_of(row["z"]) if row and row["z"] is not None else None,
        decimals=profile.indicator.decimals,
    )


def why_no_interval(profile: Profile) -> str:
    """Why the newest figure has no interval, as a method says it."""
    own, standing = profile.own, profile.standing
    if standing is None or own is None:
        return "as published; no interval: it is a figure of the whole nation"
    if own.doubt:
        return f"as published; no interval: {own.doubt}"
    row = standing.of(own.area)
    why = standing.no_interval or (row["how"] if row else "") or "the counts behind it are not published"
    return f"as published; no interval: {why}"


def gap_estimate(profile: Profile, bench: Benchmark) -> Estimate:
    """The figure less a benchmark; its interval is that of the figure alone, the benchmark being taken as it is."""
    own = profile.own
    row = profile.standing.of(own.area) if own is not None and profile.standing else None
    has_interval = row is not None and row["low"] is not None and bench.value is not None
    return Estimate(
        key=f"gap_{bench.key}",
        term=f"Gap to {bench.words}",
        value=bench.gap,
        unit=difference_unit(profile.indicator),
        scale="difference",
        method=f"figure less {bench.method}; interval of the figure alone"
        if has_interval
        else why_no_interval(profile).replace("as published", f"figure less {bench.method}"),
        low=row["low"] - bench.value if has_interval and row is not None else None,
        high=row["high"] - bench.value if has_interval and row is not None else None,
        null=0.0,
        n_units=len(bench.members) or None,
        decimals=profile.indicator.decimals,
    )


def _change_estimates(profile: Profile, change: Change) -> list[Estimate]:
    years = (change.end - change.start) // profile.measure.a_year
    span = "since the year before" if years == 1 else f"over {years} years"
    unit = difference_unit(profile.indicator)
    made = [
        Estimate(
            key=f"change_{years}",
            term=f"Change {span}",
            value=change.value,
            unit=unit,
            scale="difference",
            method="difference of the two published figures"
            + ("" if change.may_say_moved else f"; not called a move: {change.reason}"),
            null=0.0,
        )
    ]
    if change.alike is None:
        return made
    peers, expected = change.alike.peer_change, change.alike.expected
    for key, found, term in (("alike", peers, "units that started alike"), ("expected", expected, "such a start")):
        words = f"Mean change of {term} {span}" if key == "alike" else f"Change to expect of {term} {span}"
        made.append(
            Estimate(
                key=f"{key}_{years}",
                term=words,
                value=found.value,
                unit=unit,
                scale="difference",
                method=found.method,
                std_error=found.std_error,
                low=found.low,
                high=found.high,
                n_units=found.n_units,
            )
        )
    return made


def band_of(z: float) -> str:
    """Where a distance from the funnel's centre, in standard deviations, lies."""
    side = "above" if z > 0 else "below"
    if abs(z) < INNER:
        return "inside the limits: what chance and the ordinary spread between areas allow"
    if abs(z) < 3:
        return f"{side} the inner limits and inside the outer ones"
    return f"{side} the outer limits, which is a reason to look closer and no verdict"
