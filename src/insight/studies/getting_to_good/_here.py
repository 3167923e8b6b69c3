"""One authority: its reports, its spells, where they stand among all, and those beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from insight.core.area import Area
from insight.core.estimate import Estimate
from insight.core.judgements import GRADES, INADEQUATE
from insight.core.panel import Panel
from insight.studies._words import names, number
from insight.studies.getting_to_good._national import National
from insight.studies.getting_to_good._spells import ABOLISHED, NEWEST, UNGRADED, Report, Spell
from insight.studies.getting_to_good._words import day_words, no_longer, span


@dataclass(frozen=True, eq=False)
class Here:
    """What the page of one authority needs beside the national model."""

    area: Area
    reports: tuple[Report, ...]
    latest: Report | None
    spells: tuple[Spell, ...]
    neighbours: tuple[str, ...]
    neighbours_model: int | None
    estimates: tuple[Estimate, ...]

    @property
    def spell(self) -> Spell | None:
        """The newest spell."""
        return self.spells[-1] if self.spells else None

    def estimate(self, key: str) -> Estimate | None:
        """The authority's own estimate with this key."""
        return next((each for each in self.estimates if each.key == key), None)


def look_at(panel: Panel, national: National, code: str) -> Here:
    """Gather an authority's own numbers; nothing national is computed.

    Raises
    ------
    UnknownArea
        If the code is in no register.
    """
    area = panel.register.get(code)
    spells = national.spells_of(area.code)
    years = panel.neighbours.model_years
    neighbours = panel.neighbours.of(area.code)
    return Here(
        area=area,
        reports=national.of(area.code),
        latest=national.latest(area.code),
        spells=spells,
        neighbours=neighbours,
        neighbours_model=years[0] if neighbours else None,
        estimates=tuple(_estimates(national, spells[-1])) if spells else (),
    )


def _estimates(national: National, spell: Spell) -> Iterable[Estimate]:
    words = {True: "Years from Inadequate to the published Good", False: "Years without a published Good so far"}
    yield Estimate(
        "area_spell_years",
        words[spell.is_good],
        spell.years,
        "years",
        "years",
        f"from {day_words(spell.start)} to {day_words(spell.end)}; one spell, counted in days, has no interval",
        n_rows=1,
        n_units=1,
        n_authorities=1,
    )
    step = national.good_by(spell.years)
    yield Estimate(
        "area_share_good_as_soon",
        "Spells with a published Good within as many years",
        0.0 if step is None else 100 - step.value,
        "percent",
        "percent",
        "the national curve at this spell's years" + ("; before its first event" if step is None else ""),
        low=None if step is None or step.high is None else 100 - step.high,
        high=None if step is None or step.low is None else 100 - step.low,
        n_rows=len(national.spells),
        n_units=len(national.spells),
    )
    if not spell.is_good:
        yield national.chances[spell.area]


def about_here(here: Here, panel: Panel, national: National) -> tuple[str, ...]:
    """Paragraphs about one authority: what it is, its newest grade, and its spells."""
    several = (_what_it_is(here, panel), _newest(here, national), *_spells(here, national))
    return tuple(paragraph for paragraph in several if paragraph)


def _what_it_is(here: Here, panel: Panel) -> str:
    area = here.area
    if area.is_abolished and area.end is not None:
        heirs = names([panel.register.get(code).name for code in area.successors])
        return (
            f"{area.name} was abolished on {day_words(area.end)}; {heirs} took over. "
            "This page is its history. Its successors begin without one."
        )
    if area.start is not None and area.predecessors:
        before = names([panel.register.get(code).name for code in area.predecessors])
        return f"{area.name} began on {day_words(area.start)}, in place of {before}. It began without judgements."
    if area.members:
        members = names([panel.register.get(code).name for code in area.members])
        return f"{area.name} is a joint return. Its members are inspected each for itself: {members}."
    return ""


def _newest(here: Here, national: National) -> str:
    name, newest = here.area.name, here.latest
    if newest is None:
        return f"No inspection of all services has given {name} an overall grade."
    words = f"The newest overall grade of {name} is {newest.grade}, published on {day_words(newest.published)}."
    after = [each for each in here.reports if not each.grade and each.published > newest.published]
    if after:
        words += f" The report of {day_words(after[-1].published)} gave no overall grade."
        if national.ungraded_since is not None:
            words += f" {no_longer(national.ungraded_since)}"
    return words


def _spells(here: Here, national: National) -> Iterable[str]:
    name = here.area.name
    if not here.spells:
        what = "has not been Inadequate in these reports" if here.latest else "has no report with a grade"
        yield f"{name} {what}, so it has no time to Good of its own. The numbers on this page are those of others."
        return
    if len(here.spells) > 1:
        yield f"{name} came to be Inadequate {len(here.spells)} times. The table shows them all; this is the newest."
    spell = here.spells[-1]
    yield _spell(name, spell)
    share = here.estimate("area_share_good_as_soon")
    if share is not None and share.value is not None:
        part = "None at all had a published Good within as many years."
        if share.value > 0:
            some = f"an estimated {number(share.value, 0)}% {span(share, decimals=0)}"
            part = f"Of all rated Inadequate, {some} had a published Good within as many years."
        yield f"{part} {_among(spell, national.spells)}"


def _spell(name: str, spell: Spell) -> str:
    start, end, years = day_words(spell.start), day_words(spell.end), number(spell.years)
    if spell.is_good:
        return f"{name} was published as Inadequate on {start} and as {spell.grade} on {end}: {years} years later."
    words = f"{name} was published as Inadequate on {start} and had no Good by {end}, {years} years later."
    if spell.cut == ABOLISHED:
        return f"{words} It was then abolished, so how long it would have taken is not known."
    if spell.cut == UNGRADED:
        return f"{words} That is its last report with a grade, so it is followed until then."
    if spell.grade != INADEQUATE:
        return f"{words} Its newest grade in that time is {spell.grade}."
    return f"{words} Its newest grade is still {INADEQUATE}."


def _among(spell: Spell, spells: Iterable[Spell]) -> str:
    others = [each for each in spells if (each.area, each.start) != (spell.area, spell.start)]
    if spell.is_good:
        finished = [each for each in others if each.is_good]
        quicker = sum(each.years < spell.years for each in finished)
        return f"Of {len(finished)} others that got from Inadequate to Good, {quicker} were quicker."
    still = [each for each in others if each.cut == NEWEST]
    longer = sum(each.years > spell.years for each in still)
    return f"Of {len(still)} others that still have no published Good, {longer} have waited longer."


def about_ahead(here: Here, national: National) -> tuple[str, ...]:
    """What became of others that had got as far, for who wants it, and what it cannot mean."""
    spell, chance = here.spell, here.estimate("area_chance_two_years")
    if spell is None or spell.is_good or chance is None:
        return (f"{here.area.name} is not waiting for a Good after Inadequate, so there is nothing to look ahead to.",)
    if chance.value is None:
        return (f"No number is given for the next two years: {chance.method.removeprefix('not given: ')}.",)
    first = (
        f"{chance.n_rows} others had waited {number(spell.years)} years, with the same newest grade then. "
        f"Within two more years {number(chance.value, 0)}% of them had a published Good {span(chance, decimals=0)}."
    )
    second = "It says what became of others, and is no forecast for one authority."
    return (first, second, *([] if national.ungraded_since is None else [no_longer(national.ungraded_since)]))


def grades_of(national: National, codes: Iterable[str]) -> dict[str, int]:
    """How many of some areas have each newest grade, and how many have none."""
    counts = dict.fromkeys((*GRADES, ""), 0)
    for code in codes:
        newest = national.latest(code)
        counts[newest.grade if newest else ""] += 1
    return counts
