"""Paragraphs: what is known of the authority, what is measured, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from insight.core.missing import Status, in_words
from insight.core.panel import Panel
from insight.core.source import Source
from insight.studies._benchmarks import Cell, Change
from insight.studies._words import ELSEWHERE, names, number
from insight.studies.indicator_profile._profile import Profile, band_of, gap_estimate
from insight.studies.indicator_profile._standing import AN_AMOUNT
from insight.studies.indicator_profile._words import (
    NO_DIFFERENCE,
    at,
    difference,
    figure,
    gap_words,
    in_sentence,
    trend_words,
)

_MOST_DOUBTS = 4
_BETTER = {
    "higher": "Higher is better.",
    "lower": "Lower is better.",
    "neither": "Neither way is better.",
}


def about_here(profile: Profile, panel: Panel) -> tuple[str, ...]:
    """Where the authority stands: gaps first, then places; then what changed, and what cannot be said."""
    paragraphs = (
        _who(profile, panel),
        _newest(profile),
        _parts(profile),
        ELSEWHERE.get(profile.indicator.key, "") if profile.own is not None else "",
        *_gaps(profile),
        _place(profile),
        _quarter(profile),
        _funnel(profile),
        trend_words(profile),
        *(_change(profile, change) for change in profile.changes),
    )
    return tuple(text for text in paragraphs if text)


def _who(profile: Profile, panel: Panel) -> str:
    asked, unit = profile.asked, profile.unit
    if unit.level == "nation" and asked.level != "nation":
        return f"The publisher gives this for {unit.name} and for no authority. The figures below are {unit.name}'s."
    if unit.level == "joint" and unit.code != asked.code:
        return f"{asked.name} reports together with others, as {unit.name}. The figures are those of the joint return."
    if asked.is_abolished and asked.end is not None:
        heirs = names([panel.register.get(code).name for code in asked.successors])
        return f"{asked.name} was abolished on {asked.end.day} {asked.end:%B %Y}; {heirs} took over."
    if asked.start is not None and asked.predecessors:
        before = names([panel.register.get(code).name for code in asked.predecessors])
        return f"{asked.name} began on {asked.start.day} {asked.start:%B %Y}, in place of {before}."
    return ""


def _newest(profile: Profile) -> str:
    """Whether the newest figure is there, and whether its return looks whole."""
    own, newest = profile.own, profile.newest
    if own is None or newest is None:
        return ""
    when = at(profile.measure.when(own.period))
    if own.doubt and profile.is_amount:
        return f"The figure {when} may be of a partial return: {own.doubt}."
    if own.doubt:
        return f"The figure {when} is shown and has no place: {own.doubt}."
    if own.period < newest:
        last = profile.measure.cell(profile.unit.code, newest)
        gone = at(profile.measure.when(newest))
        none = f"{profile.unit.name} has none ({in_words(last.status)})"
        return f"Others have a figure {gone}. {none}, so its last is {when}."
    return ""


def _parts(profile: Profile) -> str:
    """Counts beside rates."""
    own = profile.own
    if own is None or len(profile.parts) < 2:
        return ""
    said = []
    for part in profile.parts:
        value = part.cell(own.area, own.period).value
        if value is None:
            return ""
        said.append(f"{in_sentence(part.indicator.title)}: {figure(value, part.indicator)}")
    return f"Behind the figure: {said[0]}; {said[1]}."


def _gaps(profile: Profile) -> list[str]:
    if profile.is_amount:
        return []
    said = []
    for bench in profile.benches:
        if bench.value is None:
            said.append(f"There is no figure for {bench.words}: {in_words(bench.status)}.")
            continue
        absent = f" Not in it: {names(list(bench.absent))}." if bench.absent and bench.kind != "neighbours" else ""
        said.append(f"{gap_words(profile, bench, gap_estimate(profile, bench))}{absent}")
    return said


def _place(profile: Profile) -> str:
    standing, own = profile.standing, profile.own
    if standing is None or own is None:
        return ""
    row = standing.of(own.area)
    if profile.is_amount:
        return f"It has no place among others: {AN_AMOUNT}."
    if row is None:
        return f"It has no place among others: {standing.left_out.get(own.area, 'there is no number')}."
    first = "lowest" if standing.order == "low first" else "highest"
    place = f"Ordered from the {first}, its place is {row['rank']:g} of {row['of']}"
    if row["rank_low"] is None:
        return f"{place}. How far chance moves it cannot be said: {standing.no_interval}."
    zero = " It stands at an end that no redraw moves, so that is too narrow." if row["is_zero"] else ""
    return f"{place}, and could be anywhere from {row['rank_low']:g} to {row['rank_high']:g}.{zero}"


def _quarter(profile: Profile) -> str:
    standing, own = profile.standing, profile.own
    row = standing.of(own.area) if standing is not None and own is not None else None
    if standing is None or row is None:
        return ""
    if row["quarter"] is None:
        why = standing.no_quarters
        return "" if why in ("", AN_AMOUNT) else f"It is in no quarter: {why}."
    tied = "" if row["quarter"] == row["strict"] else " By the other rule for figures at a cut it is in the next one."
    return f"It is {row['quarter_words']}.{tied}"


def _funnel(profile: Profile) -> str:
    standing, own = profile.standing, profile.own
    row = standing.of(own.area) if standing is not None and own is not None else None
    if row is None or row["z"] is None:
        return ""
    return f"For its size, the figure is {band_of(row['z'])}."


def _change(profile: Profile, change: Change) -> str:
    """A change, in one breath with that of those which started alike."""
    if change.value is None:
        return ""
    since = at(profile.measure.when(change.start))
    moved = difference(change.value, profile.indicator)
    what = f"It is {moved} {f'from that {since}' if moved == NO_DIFFERENCE else f'than {since}'}"
    back = _drift(profile, change)
    if not change.may_say_moved:
        return f"{what}. That is not called a move: {change.reason}. {back}"
    if change.alike is None:
        return f"{what}. It cannot be held against others: {change.reason}. {back}"
    alike = change.alike
    mean = difference(alike.peer_change.value or 0.0, profile.indicator)
    return f"{what}. The {len(alike.peers)} that started alike were {mean} on average. {back}"


def _drift(profile: Profile, change: Change) -> str:
    """Regression to the mean, named beside every change; a start in an outer fifth of all units is said to be one.

    An amount lies there by the size of its area, which is nothing unusual.
    """
    usual, measure = "Part of any change may be a drift back to the usual: regression to the mean.", profile.measure
    if profile.is_amount:
        return usual
    starts = measure.values(change.start, measure.units(change.start))
    known = sorted(value for value in starts.values() if value is not None)
    own, end = starts.get(profile.unit.code), len(known) // 5
    if own is not None and end and not known[end] <= own <= known[-1 - end]:
        return "It started in an outer fifth of all, and such figures tend to drift back: regression to the mean."
    return usual


def about_measure(profile: Profile, sources: Sequence[Source]) -> tuple[str, ...]:
    """What is measured: definition, unit, timing, which way is better, parts, breakdowns, caveats, source."""
    indicator = profile.indicator
    unit = {"fte": "full-time equivalents"}.get(indicator.unit, indicator.unit)
    paragraphs = [
        f"{indicator.title}. Unit: {unit}. Measured: {indicator.period_kind.value}. {_BETTER[indicator.direction]}",
        f"In the publisher's words: {indicator.definition}" if indicator.definition else "",
        f"The publisher files it under {indicator.topic}." if indicator.topic else "",
    ]
    if len(profile.parts) == 2:
        part, whole = (in_sentence(each.indicator.title) for each in profile.parts)
        paragraphs.append(f"It is made of two published figures: {part}, over {whole}.")
    if profile.measure.breakdown:
        others = f" There are also: {names(list(profile.others), most=8)}." if profile.others else ""
        paragraphs.append(f"Shown: {profile.measure.breakdown}.{others}")
    paragraphs += [f"Caveat: {caveat}" for caveat in indicator.caveats]
    for source in sources:
        if source.key == indicator.source:
            published = f", published {source.published}" if source.published else ""
            paragraphs.append(f"Source: {source.publisher}, {source.title}, release {source.release}{published}.")
            paragraphs += [f"Known of this source: {problem}" for problem in source.known_problems]
    return tuple(text for text in paragraphs if text)


def missing_words(profile: Profile) -> tuple[str, ...]:
    """Every period without a number, by its reason; and every figure whose return looks partial."""
    name, measure = profile.unit.name, profile.measure
    gone: dict[str, list[Cell]] = defaultdict(list)
    for cell in profile.cells:
        if cell.value is None:
            gone[in_words(Status(cell.status))].append(cell)
    said = [
        f"{name}, {why}: {names([measure.when(cell.period).in_words for cell in cells], most=12)}."
        for why, cells in gone.items()
    ]
    if not said:
        said.append(f"No period of {name} is without a number.")
    doubtful = [cell for cell in profile.cells if cell.doubt and cell.value is not None]
    if len(doubtful) <= _MOST_DOUBTS:
        said += [f"The return {at(measure.when(cell.period))} may be partial: {cell.doubt}." for cell in doubtful]
    else:
        listed = names([measure.when(cell.period).in_words for cell in reversed(doubtful)], most=_MOST_DOUBTS)
        said.append(f"{len(doubtful)} returns may be partial, the newest first: {listed}.")
    standing = profile.standing
    if standing is not None and standing.left_out:
        reasons: dict[str, list[str]] = defaultdict(list)
        for code in standing.left_out:
            cell = measure.cell(code, standing.period)
            reasons[in_words(cell.status) if cell.value is None else "the return may be partial"].append(
                measure.register.get(code).name
            )
        when = at(measure.when(standing.period))
        who = "; ".join(f"{why}: {names(sorted(several), most=6)}" for why, several in reasons.items())
        counted = f"{number(standing.n_units, 0)} units have a figure that counts, {len(standing.left_out)} have none"
        said.append(f"{when[:1].upper()}{when[1:]} {counted}. {who[:1].upper()}{who[1:]}.")
    return tuple(said)
