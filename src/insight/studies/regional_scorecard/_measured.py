"""Aims that an indicator stands for: the best region, the best quarter, nobody in the worst one, or a share."""

from __future__ import annotations

from dataclasses import replace

from insight.core.aims import Aim
from insight.core.area import Area
from insight.core.panel import Panel
from insight.errors import PanelError
from insight.studies._benchmarks import (
    Line,
    Measure,
    Places,
    combined,
    counts_of,
    like_for_like,
    line_of,
    measure,
    places_of,
    points_at_somebody,
    quarters_of,
    together,
    with_regions,
)
from insight.studies._words import names, number
from insight.studies.regional_scorecard._judged import standing_of_shares
from insight.studies.regional_scorecard._row import RANK_SEED, Member, Row, Standing, State, several, without_figure

WORST = 4


def measured_row(panel: Panel, aim: Aim, region: Area) -> Row:
    """The row of an aim that one or several indicators stand for."""
    absent = [key for key in aim.measures if key not in panel.indicators]
    if absent:
        return without_figure(aim, f"the data at hand do not hold what stands for it: {names(absent)}")
    try:
        found = combined([measure(panel, key) for key in aim.measures], title=_title(panel, aim))
    except PanelError as error:
        return without_figure(aim, f"what stands for it cannot be used: {error.found}")
    whole = with_regions(found)
    period = whole.newest([region.code])
    if period is None:
        return without_figure(aim, f"no figure of {region.name} is published, nor of all its authorities")
    if whole.indicator.direction == "neither":
        return without_figure(
            aim, f"neither way is better by {whole.indicator.title}, so no aim can be held against it"
        )
    kinds = {"best_region": _best_region, "best_quarter": _best_quarter, "none_in_worst_quarter": _none_in_worst}
    return kinds.get(aim.rule, _share)(_Look(panel, aim, region, whole, period))


class _Look:
    """One measure of one region in one period, and what all kinds of aims say of it."""

    def __init__(self, panel: Panel, aim: Aim, region: Area, whole: Measure, period: int) -> None:
        self.panel, self.aim, self.region, self.measure, self.period = panel, aim, region, whole, period
        self.is_higher_better = whole.indicator.direction == "higher"
        self.codes = [each.code for each in panel.register.regions]
        self.own = whole.cell(region.code, period).value or 0.0

    @property
    def units(self) -> tuple[str, ...]:
        """Members of the region as they report, each once."""
        return self.measure.units(self.period, region=self.region.code)

    @property
    def nation(self) -> str:
        return self.panel.register.nation.name

    def name(self, code: str) -> str:
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
        return max(0.0, target - self.own if self.is_higher_better else self.own - target)

    def places(self) -> Places:
        return places_of(self.measure, self.period, seed=RANK_SEED, among=self.codes)

    def row(self, state: State, **rest: object) -> Row:
        nation = self.measure.cell(self.panel.register.nation.code, self.period).value
        made = Row(
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
        return replace(made, **rest)  # type: ignore[arg-type]  # fields of Row by their names

    def member(self, code: str) -> Member:
        cell = self.measure.cell(code, self.period)
        return Member(code, self.name(code), cell.value, cell.status, cell.doubt)

    def regions(self) -> dict[str, float]:
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
        said = [self.aim.reason] if self.aim.reason else []
        both, without = like_for_like(self.measure, self.period, region=self.region.code)
        is_safe = not points_at_somebody(self.measure, self.period, without)
        if both and without and is_safe and self.measure.indicator.unit == "percent":
            now, how = together(self.measure, both, self.period)
            before, _ = together(self.measure, both, self.period - self.measure.a_year)
            if now is not None and before is not None:
                said.append(
                    f"For the {several(len(both), 'members')} with whole figures in both years it was "
                    f"{self.figure(before)}, then {self.figure(now)} ({how}); without {names(self.reasons(without))}."
                )
        return tuple(said)

    def reasons(self, codes: list[str]) -> list[str]:
        cells = {code: [self.measure.cell(code, period) for period in self.years] for code in codes}
        found = {code: next((cell.doubt for cell in both if cell.doubt), "no number") for code, both in cells.items()}
        return [f"{self.name(code)} ({why})" for code, why in found.items()]

    @property
    def years(self) -> tuple[int, int]:
        return self.period, self.period - self.measure.a_year

    def gap_line(self) -> Line:
        """The region's figure less the nation's, year by year."""
        own = line_of(self.measure, self.region.code)
        nation = dict(line_of(self.measure, self.panel.register.nation.code).points)
        # Differences of figures with few decimals carry noise in the last digits, which would break ties.
        points = tuple((year, round(value - nation[year], 9)) for year, value in own.points if year in nation)
        return Line(points, own.unit, own.better, own.left_out, own.reason)


def _best_region(look: _Look) -> Row:
    places = look.places()
    place = places.of(look.region.code)
    values = look.regions()
    best = max(values.values()) if look.is_higher_better else min(values.values())
    first = sorted(look.name(code) for code, value in values.items() if value == best)
    gap = look.own - best
    is_first = place is not None and place.rank == 1
    beyond = "below" if look.is_higher_better else "above"
    amount = look.in_counts(gap)
    away = f"{look.distance(gap)} {beyond} {names(first)}{f': {amount}' if amount else ''}"
    shared = f"none, but shared with {names([name for name in first if name != look.region.name])}"
    return look.row(
        "reached" if is_first else "not reached",
        target=f"the {'highest' if look.is_higher_better else 'lowest'} of {len(values)} regions: {look.figure(best)}",
        distance=away if gap else "none" if is_first else shared,
        short_by=abs(gap),
        mark=None if is_first else (f"best region, {first[0]}" if len(first) == 1 else "best regions", best),
        short_unit=look.measure.unit_of_change,
        may_be_reached=is_first or (place is not None and place.low == 1),
        is_surely_reached=is_first and (place is None or place.high in (1, None)),
        standing=_standing(places, look.region.code),
        no_standing=places.why_not(look.region.code),
        line=look.gap_line(),
        line_words=f"its gap to {look.nation}",
    )


def _standing(places: Places, code: str) -> Standing | None:
    place = places.of(code)
    if place is None:
        return None
    return Standing(place.rank, place.low, place.high, place.of, place.is_zero, places.method)


def _best_quarter(look: _Look) -> Row:
    places = look.places()
    among_regions, everyone = places.quarters, quarters_of(look.measure, look.period)
    if among_regions.best_cut is None or everyone.best_cut is None:
        return without_figure(look.aim, f"no quarters can be made: {among_regions.reason or everyone.reason}")
    own = among_regions.of(look.region.code)
    is_in_regions = own.number == 1
    is_in_authorities = look.own > everyone.best_cut if look.is_higher_better else look.own <= everyone.best_cut
    inside = everyone.members(1, look.units)
    strict = everyone.members(1, look.units, strict=True)
    state: State = "reached" if is_in_regions and is_in_authorities else "not reached"
    if is_in_regions != is_in_authorities or (is_in_regions and own.is_tied):
        state = "depends on the reading"
    than = "above" if look.is_higher_better else "up to"
    cuts = among_regions.best_cut, everyone.best_cut
    readings = [look.short_of(cut) for cut in cuts]
    place = places.of(look.region.code)
    # So many regions can lie beyond the cut of the best quarter: two of nine.
    room = max(1, (len(places.places) - 1) // 4)
    return look.row(
        state,
        target=f"{than} {look.figure(cuts[0])} among regions, {than} {look.figure(cuts[1])} among authorities",
        distance=f"{_to_cut(look, readings[0], is_in_regions)} among regions; "
        f"{_to_cut(look, readings[1], is_in_authorities)} among authorities",
        short_by=readings[0],
        mark=("cut of the best quarter", cuts[1]),
        short_unit=look.measure.unit_of_change,
        may_be_reached=state == "reached" or (place is not None and place.low is not None and place.low <= room),
        is_surely_reached=state == "reached" and (place is None or place.high is None or place.high <= room),
        standing=_standing(places, look.region.code),
        no_standing=places.why_not(look.region.code),
        line=look.gap_line(),
        line_words=f"its gap to {look.nation}",
        know=(
            *look.know(),
            f"{several(len(inside), 'authorities')} of its {len(look.units)} in the best quarter of all"
            f"{_by_strict_rule(len(inside), len(strict))}: {names([look.name(code) for code in inside], 9) or 'none'}.",
            "A top quarter can be read in two ways: the region among nine, or its figure among all authorities.",
        ),
    )


def _to_cut(look: _Look, short: float, is_inside: bool) -> str:
    if is_inside:
        return "inside"
    return look.distance(short) if short > 0 else "at the cut, not beyond it"


def _by_strict_rule(usual: int, strict: int) -> str:
    return "" if usual == strict else f" ({strict} if figures at the cut count the other way)"


def _none_in_worst(look: _Look) -> Row:
    everyone = quarters_of(look.measure, look.period)
    if everyone.cuts is None:
        return without_figure(look.aim, f"no quarters can be made: {everyone.reason}")
    inside = everyone.members(WORST, look.units)
    strict = everyone.members(WORST, look.units, strict=True)
    counts = [len(inside), len(strict)]
    state: State = "reached" if not any(counts) else "not reached" if all(counts) else "depends on the reading"
    shares = {code: _in_worst(look.measure, look.period, code) for code in look.codes}
    known = {code: pair for code, pair in shares.items() if pair[1]}
    standing, why = standing_of_shares(known, look.region.code, order="low first")
    placed = [code for code in look.units if everyone.of(code).number is not None]
    points = [(period, _in_worst(look.measure, period, look.region.code)) for period in look.measure.periods]
    line = Line(tuple((period, float(part)) for period, (part, whole) in points if whole), "authorities", "lower")
    whole = several(len(placed), "authorities")
    listed = names([look.name(code) for code in inside], 14) or "none"
    return look.row(
        state,
        target="0 authorities",
        now=f"{len(inside)} of {whole}",
        distance=f"{len(inside)} fewer of {whole}{_by_strict_rule(*counts)}" if inside else "none",
        value=float(len(inside)),
        unit="authorities",
        interval=None,
        short_by=float(len(inside)),
        short_unit="authorities",
        may_be_reached=0 in counts,
        is_surely_reached=not any(counts),
        standing=standing,
        no_standing=why,
        line=line,
        line_words="the number of its authorities in the worst quarter",
        method="quarters of all authorities with a number, cuts by linear interpolation, ties on the lower side",
        know=(
            *look.know(),
            f"In the worst quarter of {len(everyone.usual)}: {listed}.",
            everyone.words,
        ),
    )


def _in_worst(whole: Measure, period: int, region: str) -> tuple[int, int]:
    """How many members of a region are in the worst quarter of all authorities, and how many have a quarter."""
    everyone = quarters_of(whole, period)
    units = [code for code in whole.units(period, region=region) if everyone.of(code).number is not None]
    return len(everyone.members(WORST, units)), len(units)


def _share(look: _Look) -> Row:
    target = float(look.aim.target)
    short, places = look.short_of(target), look.places()
    state: State = "reached" if not short else "not reached"
    if look.aim.rule == "stands_in_at_least":
        state = "not as worded"
    amount = look.in_counts(short) if short else ""
    least = "at least" if look.is_higher_better else "at most"
    over = f"none: {look.figure(look.own)}, where {least} {look.figure(target)} is the aim"
    return look.row(
        state,
        target=f"{least} {look.figure(target)}",
        mark=("aim", target),
        distance=f"{look.distance(short)}{f': {amount}' if amount else ''}" if short else over,
        short_by=short,
        short_unit=look.measure.unit_of_change,
        may_be_reached=state == "reached",
        is_surely_reached=state == "reached",
        standing=_standing(places, look.region.code),
        no_standing=places.why_not(look.region.code),
        line=line_of(look.measure, look.region.code),
        line_words="its figure",
    )


def _title(panel: Panel, aim: Aim) -> str:
    first, *rest = (panel.indicator(key).title for key in aim.measures)
    return " and ".join([first, *(f"{title[:1].lower()}{title[1:]}" for title in rest)])
