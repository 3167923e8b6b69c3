"""Aims that an indicator stands for: the best region, the best quarter, nobody in the worst one, or a share."""

from __future__ import annotations

from dataclasses import replace

from insight.core.aims import Aim
from insight.core.area import Area
from insight.core.missing import Status
from insight.core.panel import Panel
from insight.errors import PanelError
from insight.stats.quarters import is_above
from insight.studies._benchmarks import (
    Line,
    Measure,
    Place,
    Places,
    Quarters,
    combined,
    line_of,
    measure,
    quarters_of,
    with_regions,
)
from insight.studies._words import names
from insight.studies.regional_scorecard._judged import standing_of_shares
from insight.studies.regional_scorecard._look import Look
from insight.studies.regional_scorecard._row import (
    Chance,
    Reading,
    Row,
    Standing,
    State,
    lowered,
    several,
    upper,
    without_figure,
)

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
    return kinds.get(aim.rule, _share)(Look(panel, aim, region, whole, period))


def _best_region(look: Look) -> Row:
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
    return replace(
        look.row("reached" if is_first else "not reached"),
        target=f"the {'highest' if look.is_higher_better else 'lowest'} of {len(values)} regions: {look.figure(best)}",
        distance=away if gap else "none" if is_first else shared,
        short_by=abs(gap),
        mark=None if is_first else (f"best region, {first[0]}" if len(first) == 1 else "best regions", best),
        short_unit=look.measure.unit_of_change,
        chance=_chance(place, 1),
        standing=_standing(places, look.region.code),
        no_standing=places.why_not(look.region.code),
        line=(line := look.gap_line()),
        line_words=f"its gap to {look.nation}",
        line_note=look.own_words(line),
    )


def _chance(place: Place | None, room: float) -> Chance:
    """Whether the interval of a place lies on both sides of the last that the aim allows."""
    if place is None or place.low is None or place.high is None:
        return "not known"
    return "settled" if place.high <= room or place.low > room else "open"


def _standing(places: Places, code: str) -> Standing | None:
    place = places.of(code)
    if place is None:
        return None
    return Standing(place.rank, place.low, place.high, place.of, place.is_zero, places.method)


def _best_quarter(look: Look) -> Row:
    places = look.places()
    among_regions, everyone = places.quarters, quarters_of(look.measure, look.period)
    if among_regions.best_cut is None or everyone.best_cut is None:
        return without_figure(look.aim, f"no quarters can be made: {among_regions.reason or everyone.reason}")
    own = among_regions.of(look.region.code)
    is_in_regions = own.number == 1
    # As in quarters themselves: a figure at a cut counts with the lower ones.
    is_over = is_above(look.own, everyone.best_cut)
    is_in_authorities = is_over if look.is_higher_better else not is_over
    inside = everyone.members(1, look.units)
    strict = everyone.members(1, look.units, strict=True)
    state: State = "reached" if is_in_regions and is_in_authorities else "not reached"
    if is_in_regions != is_in_authorities or (is_in_regions and own.is_tied):
        state = "depends on the reading"
    than = "above" if look.is_higher_better else "up to"
    cuts = among_regions.best_cut, everyone.best_cut
    readings = (
        _reading(look, "regions", cuts[0], is_in_regions),
        _reading(look, "authorities", cuts[1], is_in_authorities),
    )
    place = places.of(look.region.code)
    # So many regions can lie beyond the cut of the best quarter: two of nine.
    room = max(1, (len(places.places) - 1) // 4)
    return replace(
        look.row(state),
        target=f"{than} {look.figure(cuts[0])} among regions, {than} {look.figure(cuts[1])} among authorities",
        distance="; ".join(f"{reading.away} {reading.words}" for reading in readings),
        short_by=max(reading.short_by for reading in readings),
        readings=readings,
        mark=("cut of the best quarter", cuts[1]),
        short_unit=look.measure.unit_of_change,
        chance=_of_both(_chance(place, room), look.chance(cuts[1])),
        standing=_standing(places, look.region.code),
        no_standing=places.why_not(look.region.code),
        line=(line := look.gap_line()),
        line_words=f"its gap to {look.nation}",
        line_note=look.own_words(line),
        know=(
            *look.know(),
            f"{several(len(inside), 'authorities')} of its {len(look.units)} in the best quarter of all"
            f"{_by_strict_rule(len(inside), len(strict))}: {names([look.name(code) for code in inside], 9) or 'none'}.",
            "A top quarter can be read in two ways: the region among nine, or its figure among all authorities.",
        ),
    )


def _of_both(one: Chance, other: Chance) -> Chance:
    """Whether chance could change an answer that hangs on two things."""
    return "open" if "open" in (one, other) else "not known" if "not known" in (one, other) else "settled"


def _reading(look: Look, among: str, cut: float, is_inside: bool) -> Reading:
    short = look.short_of(cut)
    away = "inside" if is_inside else look.distance(short) if short > 0 else "at the cut, not beyond it"
    return Reading(among, f"among {among}", short, away)


def _by_strict_rule(usual: int, strict: int) -> str:
    return "" if usual == strict else f" ({strict} if figures at the cut count the other way)"


def _none_in_worst(look: Look) -> Row:
    everyone = quarters_of(look.measure, look.period)
    if everyone.cuts is None:
        return without_figure(look.aim, f"no quarters can be made: {everyone.reason}")
    inside = everyone.members(WORST, look.units)
    counts = [len(inside), len(everyone.members(WORST, look.units, strict=True))]
    members = tuple(replace(look.member(code), is_placed=everyone.of(code).number is not None) for code in look.units)
    placed = [member for member in members if member.is_placed]
    # One to which the measure does not apply is in no quarter, and nothing is unknown of it.
    unplaced = [each.name for each in members if each not in placed and each.status != Status.NOT_APPLICABLE.value]
    whole = several(len(placed), "authorities")
    missing = f"no quarter for {names(unplaced)}" if unplaced else ""
    listed = names([look.name(code) for code in inside], 14) or "none"
    state: State = "not reached" if all(counts) else "depends on the reading"
    if not any(counts):
        state = "not known" if unplaced else "reached"
    untold = ", so nobody can say that none is in the worst one" if state == "not known" else ""
    standing, why = _standing_in_worst(look)
    points = [(period, _in_worst(look.measure, period, look.region.code)) for period in look.measure.periods]
    line = Line(tuple((period, float(part)) for period, (part, known) in points if known), "authorities", "lower")
    distance = f"{counts[0]} fewer of {whole}{_by_strict_rule(*counts)}"
    return replace(
        look.row(state),
        target="0 authorities",
        now=f"{counts[0]} of {whole}{_beside_all(everyone, counts[0], len(placed))}",
        distance=distance if any(counts) else f"none of {whole}, {missing}" if unplaced else "none",
        value=float(counts[0]),
        figure=f"Number of its authorities in the worst quarter by {lowered(look.measure.indicator.title)}",
        unit="authorities",
        interval=None,
        members=members,
        short_by=None if state == "not known" else float(counts[0]),
        short_by_strict=float(counts[1]) if counts[0] != counts[1] else None,
        short_unit="authorities",
        chance="not known",
        standing=standing,
        no_standing=why,
        line=line,
        line_words="the number of its authorities in the worst quarter",
        method="quarters of all authorities with a number, cuts by linear interpolation, ties on the lower side; "
        "no interval: how far chance moves a quarter is not known",
        know=(
            *look.know(),
            f"In the worst quarter of {len(everyone.usual)}: {listed}.",
            _size_of_worst(everyone),
            *([f"{upper(missing)}{untold}."] if unplaced else []),
        ),
    )


def _beside_all(everyone: Quarters, part: int, whole: int) -> str:
    """The share of the region's authorities in the worst quarter, beside that of all, which ties may make larger."""
    share = 100 * len(everyone.members(WORST)) / len(everyone.usual)
    return f" ({100 * part / whole:.0f}%; {share:.0f}% of all count there)" if whole else ""


def _standing_in_worst(look: Look) -> tuple[Standing | None, str]:
    shares = {code: _in_worst(look.measure, look.period, code) for code in look.codes}
    known = {code: pair for code, pair in shares.items() if pair[1]}
    return standing_of_shares(known, look.region.code, order="low first")


def _size_of_worst(everyone: Quarters) -> str:
    """How many are in the worst quarter of all, which is more than a quarter where many tie at its cut."""
    usual, strict = (len(everyone.members(WORST, strict=rule)) for rule in (False, True))
    n = len(everyone.usual)
    share = f"{usual} of {n} authorities ({100 * usual / n:.0f}%) count as the worst quarter"
    if usual == strict:
        return f"{share}; none lies at its cut."
    return f"{share}, since {abs(usual - strict)} lie at its cut; by the other rule {strict} do."


def _in_worst(whole: Measure, period: int, region: str) -> tuple[int, int]:
    """How many members of a region are in the worst quarter of all authorities, and how many have a quarter."""
    everyone = quarters_of(whole, period)
    units = [code for code in whole.units(period, region=region) if everyone.of(code).number is not None]
    return len(everyone.members(WORST, units)), len(units)


def _share(look: Look) -> Row:
    target = float(look.aim.target)
    short, places = look.short_of(target), look.places()
    state: State = "reached" if not short else "not reached"
    if look.aim.rule == "stands_in_at_least":
        state = "not as worded"
    amount = look.in_counts(short) if short else ""
    least = "at least" if look.is_higher_better else "at most"
    over = f"none: {look.figure(look.own)}, where {least} {look.figure(target)} is the aim"
    return replace(
        look.row(state),
        target=f"{least} {look.figure(target)}",
        mark=("aim", target),
        distance=f"{look.distance(short)}{f': {amount}' if amount else ''}" if short else over,
        short_by=short,
        short_unit=look.measure.unit_of_change,
        chance=look.chance(target),
        standing=_standing(places, look.region.code),
        no_standing=places.why_not(look.region.code),
        line=line_of(look.measure, look.region.code),
        line_words="its figure",
    )


def _title(panel: Panel, aim: Aim) -> str:
    first, *rest = (panel.indicator(key).title for key in aim.measures)
    return " and ".join([first, *map(lowered, rest)])
