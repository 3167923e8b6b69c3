"""One measure of one region in one period, and what all kinds of aims say of it."""

from __future__ import annotations

from insight.core.aims import Aim
from insight.core.area import Area
from insight.core.panel import Panel
from insight.stats.quarters import is_above
from insight.studies._benchmarks import (
    Line,
    Measure,
    Places,
    counts_of,
    like_for_like,
    line_of,
    places_of,
    points_at_somebody,
    together,
)
from insight.studies._words import ELSEWHERE, names, number
from insight.studies.regional_scorecard._row import RANK_SEED, Chance, Member, Row, State, several


class Look:
    """One measure of one region in one period, and what all kinds of aims say of it."""

    def __init__(self, panel: Panel, aim: Aim, region: Area, whole: Measure, period: int) -> None:
        self.panel, self.aim, self.region, self.measure, self.period = panel, aim, region, whole, period
        self.is_higher_better = whole.indicator.direction == "higher"
        self.codes = [each.code for each in panel.register.regions]
        self.own = whole.cell(region.code, period).value or 0.0

    @property
    def units(self) -> tuple[str, ...]:
        """Members of the region as they report, each once, also those that the publisher has no row for."""
        return self.measure.expected(self.period, region=self.region.code)

    @property
    def nation(self) -> str:
        """Name of the nation."""
        return self.panel.register.nation.name

    def name(self, code: str) -> str:
        """Name of an area, by its code."""
        return self.panel.register.get(code).name

    def figure(self, value: float) -> str:
        """A value with its unit, as tables show it."""
        indicator = self.measure.indicator
        unit = "%" if indicator.unit == "percent" else f" {indicator.unit}"
        return f"{number(value, indicator.decimals)}{unit}"

    def distance(self, gap: float) -> str:
        """A gap in the unit of a change, from the figures as they are shown."""
        indicator = self.measure.indicator
        shown = number(abs(gap), indicator.decimals)
        unit = self.measure.unit_of_change
        return f"{shown} {'percentage point' if unit == 'percentage points' and shown == '1' else unit}"

    def in_counts(self, gap: float) -> str:
        """What a gap amounts to in what the measure counts; "" where that is not published."""
        size = self.measure.cell(self.region.code, self.period).denominator
        if not self.aim.counts or not size or self.measure.indicator.unit != "percent":
            return ""
        fewer = "more" if self.is_higher_better else "fewer"
        return f"about {number(abs(gap) / 100 * size, 0)} {fewer} {self.aim.counts}"

    def short_of(self, target: float) -> float:
        """How far the region's figure is from a target, 0 where it is as good."""
        high, low = (target, self.own) if self.is_higher_better else (self.own, target)
        return high - low if is_above(high, low) else 0.0

    def chance(self, target: float) -> Chance:
        """Whether chance could carry the region's figure over a target."""
        interval = self.interval()
        if interval is None:
            return "not known"
        return "open" if interval[0] <= target <= interval[1] else "settled"

    def places(self) -> Places:
        """Places of the regions among each other."""
        return places_of(self.measure, self.period, seed=RANK_SEED, among=self.codes)

    def row(self, state: State) -> Row:
        """The row as far as every kind of aim has it; the caller replaces what its own kind knows."""
        nation = self.measure.cell(self.panel.register.nation.code, self.period).value
        return Row(
            self.aim,
            state,
            self.measure.indicator.title,
            when=self.measure.when(self.period).in_words,
            unit=self.measure.indicator.unit,
            value=self.own,
            now=self.figure(self.own),
            members=tuple(self.member(code) for code in self.units),
            regions=self.regions(),
            nation=nation,
            decimals=self.measure.indicator.decimals,
            interval=self.interval(),
            know=self.know(),
        )

    def member(self, code: str) -> Member:
        """A member as its row in the table needs it."""
        cell = self.measure.cell(code, self.period)
        authorities = len(self.panel.register.get(code).members) or 1
        return Member(code, self.name(code), cell.value, cell.status, cell.doubt, authorities)

    def regions(self) -> dict[str, float]:
        """Values of the regions that have one, by code."""
        cells = {code: self.measure.cell(code, self.period).value for code in self.codes}
        return {code: value for code, value in cells.items() if value is not None}

    def interval(self) -> tuple[float, float, str] | None:
        """Low, high and method of the region's figure; None where its counts are not published.

        Counts vary as much more than chance as they do among authorities, so fewer of them are taken to speak.
        """
        from insight.stats.intervals import rate_interval, share_interval

        counts = counts_of(self.measure, self.period, among=[self.region.code])
        if not counts.areas:
            return None
        spread = counts_of(self.measure, self.period).dispersion
        pair = counts.events[0] / spread, counts.sizes[0] / spread
        of = share_interval if counts.kind == "proportion" else rate_interval
        found = of(*pair, multiplier=counts.scale)
        how = f"{found.method}, for a variance {spread:.2f} times that of chance"
        return min(found.low, self.own), max(found.high, self.own), how

    def know(self) -> tuple[str, ...]:
        """What the measure leaves out, and what the region's figure is for the members with whole returns."""
        elsewhere = ELSEWHERE.get(self.measure.indicator.key, "")
        said = [sentence for sentence in (self.aim.reason, elsewhere) if sentence]
        both, without = like_for_like(self.measure, self.period, region=self.region.code)
        is_safe = not points_at_somebody(self.measure, self.period, without)
        if both and without and is_safe and self.measure.indicator.unit == "percent":
            now, how = together(self.measure, both, self.period)
            before, _ = together(self.measure, both, self.period - self.measure.a_year)
            if now is not None and before is not None:
                said.append(
                    f"For the {several(len(both), 'members')} with whole returns in both years it was "
                    f"{self.figure(before)}, then {self.figure(now)} ({how}); without {names(self.reasons(without))}."
                )
        return tuple(said)

    def reasons(self, codes: list[str]) -> list[str]:
        """Members with why they cannot be followed, in words."""
        return [f"{self.name(code)} ({self.reason(code)})" for code in codes]

    def reason(self, code: str) -> str:
        """Why a member cannot be followed over two years, and of which year that is."""
        cells = {self.measure.when(period).label: self.measure.cell(code, period) for period in self.years}
        doubts = [f"{year}: {cell.doubt}" for year, cell in cells.items() if cell.doubt]
        without = [year for year, cell in cells.items() if cell.value is None]
        return next(iter(doubts), "no number" if len(without) > 1 else f"{''.join(without)}: no number")

    @property
    def years(self) -> tuple[int, int]:
        """The period and the one a year before."""
        return self.period, self.period - self.measure.a_year

    def gap_line(self) -> Line:
        """The region's figure less the nation's, year by year."""
        own = line_of(self.measure, self.region.code)
        nation = dict(line_of(self.measure, self.panel.register.nation.code).points)
        # Differences of figures with few decimals carry noise in the last digits, which would break ties.
        points = tuple((year, round(value - nation[year], 9)) for year, value in own.points if year in nation)
        return Line(points, own.unit, own.better, own.left_out, own.reason, self.nation)

    def own_words(self, line: Line) -> str:
        """The region's own figure at both ends of a line, which a gap does not show; "" where one is missing."""
        ends = [line.points[place][0] for place in (0, -1)] if line.points else []
        known = [(self.measure.when(year).label, self.measure.cell(self.region.code, year).value) for year in ends]
        shown = [f"{self.figure(value)} in {label}" for label, value in known if value is not None]
        return f"The region's own figure was {shown[0]} and {shown[1]}." if len(set(shown)) == 2 else ""
