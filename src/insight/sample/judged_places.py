"""The inspections of the sample's own areas: the simulated ones, and what was made by hand.

Made by hand:

- The abolished authority is Inadequate in its first inspection under SIF, and Requires improvement in all later ones:
  a spell that ends with the authority and not with a Good.
- Its successors are first inspected one to four years after they began.
- The tiny Isles of Sorrel have parts without a grade before 2018.
- The two areas that nobody had inspected for the longest are inspected once more on 27 April 2026, the first day on
  which an inspection has no overall grade.
- Three files that tell of the same inspections differ in four places: see ``Oddities``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from insight.core.judged import GOOD, INADEQUATE, REQUIRES_IMPROVEMENT
from insight.sample import places
from insight.sample.judgements import PARTS, STANDARD, UNGRADED_FROM, Inspection, inspections_of
from insight.sample.places import Place

LEAVERS_FROM = date(2023, 1, 1)  # since then there is a grade for care leavers of their own
HISTORY_UNTIL, HISTORY_ISSUED = (date(2023, 3, 31), date(2023, 4, 30)), date(2023, 7, 6)
OUTCOMES_UNTIL, OUTCOMES_ISSUED = (date(2025, 3, 31), date(2025, 6, 30)), date(2025, 9, 25)
_UNGRADED, _UNGRADED_PUBLISHED = 2, date(2026, 6, 17)
_SUCCESSORS_FROM, _ABOLISHED_LAST = date(2022, 4, 1), date(2021, 3, 31)
History = Mapping[Place, tuple[Inspection, ...]]


@dataclass(frozen=True, slots=True)
class Oddities:
    """The areas in which the three files differ.

    Parameters
    ----------
    other_leavers_grade : Place
        Its newest inspection has another grade for care leavers in the overview.
    other_day : Place
        Its newest report is two days later in the overview.
    no_kind : Place
        The overview knows neither the kind nor the day of its newest inspection.
    earlier_day : Place
        Its first ILACS report is three days earlier in the edition of 2023.
    """

    other_leavers_grade: Place
    other_day: Place
    no_kind: Place
    earlier_day: Place


def judged_places(seed: int) -> History:
    """Every inspection of every area, in order; nothing is left out for its day."""
    found: dict[Place, tuple[Inspection, ...]] = {}
    for number, one in enumerate(places.PLACES):
        if one in places.SUCCESSORS:
            found[one] = inspections_of(seed, number, first=_SUCCESSORS_FROM)
        else:
            found[one] = inspections_of(seed, number)
    for one in waiting_longest(found):
        parts = found[one][-1].parts
        found[one] += (Inspection("ILACS", STANDARD, UNGRADED_FROM, _UNGRADED_PUBLISHED, "", parts),)
    found[places.ABOLISHED] = _abolished(inspections_of(seed, len(places.PLACES)))
    return found


def waiting_longest(history: History) -> tuple[Place, ...]:
    """The two authorities whose newest inspection with a grade is the oldest."""
    graded = {one: [each for each in several if each.grade] for one, several in history.items()}
    living = [one for one in places.PLACES if graded[one] and one not in places.SUCCESSORS]
    return tuple(sorted(living, key=lambda one: (graded[one][-1].inspected, one.code))[:_UNGRADED])


def until(several: tuple[Inspection, ...], last: tuple[date, date]) -> tuple[Inspection, ...]:
    """Those that began and were published by these two days."""
    return tuple(each for each in several if each.inspected <= last[0] and each.published <= last[1])


def oddities(history: History) -> Oddities:
    """Where the files differ: the first areas of the register that can."""
    settled = [
        one
        for one in places.PLACES
        if LEAVERS_FROM <= history[one][-1].inspected <= OUTCOMES_UNTIL[0]
        and history[one][-1].published <= OUTCOMES_UNTIL[1]
    ]
    graded = [one for one in settled if history[one][-1].parts["leavers"] in (GOOD, REQUIRES_IMPROVEMENT)]
    others = [one for one in settled if one != graded[0]]
    early = [
        one
        for one in places.PLACES
        if one not in (graded[0], *others[:2])
        and any(each.framework == "ILACS" for each in until(history[one], HISTORY_UNTIL))
    ]
    return Oddities(graded[0], others[0], others[1], early[0])


def as_in_overview(one: Place, newest: Inspection, odd: Oddities) -> Inspection:
    """A newest inspection as the file of the third party tells it."""
    if one == odd.other_leavers_grade:
        other = REQUIRES_IMPROVEMENT if newest.parts["leavers"] == GOOD else GOOD
        newest = replace(newest, parts={**newest.parts, "leavers": other})
    if one == odd.other_day:
        newest = replace(newest, published=newest.published + timedelta(days=2))
    return newest


def _abolished(several: tuple[Inspection, ...]) -> tuple[Inspection, ...]:
    made: list[Inspection] = []
    for each in several:
        if each.published > _ABOLISHED_LAST:
            break
        if each.framework in ("SIF", "ILACS"):
            is_first = not any(other.framework == "SIF" for other in made)
            grade = INADEQUATE if is_first else REQUIRES_IMPROVEMENT
            kind = STANDARD if each.framework == "ILACS" else ""
            each = replace(each, kind=kind, grade=grade, parts=dict.fromkeys(PARTS, grade))
        made.append(each)
    return tuple(made)
