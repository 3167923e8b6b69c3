"""The answer in words, by rule from the rows; gaps come before ranks."""

from __future__ import annotations

from insight.core.finding import Verdict, VerdictWords
from insight.studies._words import names, number
from insight.studies.regional_scorecard._row import Row, several
from insight.studies.regional_scorecard._scorecard import Scorecard

DOES_NOT_SHOW = (
    "Why a figure is as it is, or what the region did about it.",
    "Aims without a public measure: nothing here says whether they are reached.",
    "The service that a child meets: a region's figure is made of many places.",
)
IN_WORDS: dict[Verdict, VerdictWords] = {
    "effect_up": VerdictWords("Towards its aims", "Tests show movement towards aims, and none away."),
    "effect_down": VerdictWords("Away from its aims", "Tests show movement away from aims, and none towards."),
    "depends_on_measure": VerdictWords("Both ways", "Tests show one aim coming nearer and another moving away."),
    "cannot_tell": VerdictWords("Cannot tell", "No test shows a direction, which does not mean that nothing moves."),
}
_MOST_NAMES = 2
MOST_WORDS = 60
BETTER = 3
"""Good, on the scale of the strip: 4 is Outstanding."""


def answer(card: Scorecard) -> tuple[str, ...]:
    """What is reached, what is nearest, where things are heading."""
    name = card.region.name
    if not card.rows:
        return (f"No list of aims is at hand for {name}, so there is nothing to hold figures against.",)
    if not card.measured:
        return (f"None of the {len(card.rows)} aims can be held against public figures of {name}.",)
    n, reached = f"{_count(len(card.measured))} aim{'' if len(card.measured) == 1 else 's'}", card.reached
    listed = f": {names([_lowered(row) for row in reached], _MOST_NAMES)}" if reached else ""
    first = f"{name} has reached {_count(len(reached))} of its {n} that public figures can measure{listed}."
    if not card.is_own:
        first = f"Of another region's {n} that figures can measure it has reached {_count(len(reached))}{listed}."
    parts = [_number(card), first, *_open(card), *_nearest(card), _heading(card), *_rest(card)]
    parts = [part for part in parts if part]
    # The table says it all: what is said last here can be left to it.
    for spare in (*_rest(card), *_open(card), *_nearest(card)):
        if sum(len(part.split()) for part in parts) > MOST_WORDS:
            parts.remove(spare)
    return tuple(parts)


def _number(card: Scorecard) -> str:
    """What the number beside these words is."""
    row = card.headline_row
    if row is None:
        return ""
    if row.sign_test is None:
        return f"{row.aim.title}: {row.now}, {row.when}."
    good = [member for member in row.members if member.value is not None and member.value >= BETTER]
    graded = [member for member in row.members if member.value is not None]
    needed = len(good) + round(row.short_by or 0.0)
    met = f"; the aim needs {needed}" if row.short_by else ", as many as the aim needs"
    return f"{len(good)} of {several(len(graded), 'authorities')} are Good or Outstanding{met}."


def _open(card: Scorecard) -> list[str]:
    unclear = [row for row in card.measured if row.state == "depends on the reading"]
    return [f"One depends on how it is read: {_lowered(unclear[0])}."] if len(unclear) == 1 else []


def _nearest(card: Scorecard) -> list[str]:
    """The next aim of the list that is not reached, in natural units."""
    away = [row for row in card.measured if row.state == "not reached" and row is not card.headline_row]
    if not away:
        return []
    counted = [row for row in away if row.short_unit == "authorities"]
    row = (counted or away)[0]
    return [f"{row.aim.title}: {_short(row)}."]


def _short(row: Row) -> str:
    if row.short_unit == "authorities":
        more = "more" if row.sign_test is not None else "fewer"
        return f"{number(row.short_by or 0.0, 0)} {more} of {several(len(row.members), 'authorities')} would reach it"
    shown = number(row.short_by or 0.0, row.decimals)
    return f"{shown} {row.short_unit} away" if row.short_by else "at the cut, and not beyond it"


def _heading(card: Scorecard) -> str:
    towards, away = card.heading(True), card.heading(False)
    tested = sum(direction.is_tested for direction in card.directions.values())
    if not tested:
        return ""
    if not towards and not away:
        return f"Of {_count(tested)} test{'' if tested == 1 else 's'} none shows a direction."
    said = [
        f"{_count(len(rows))} {'moves' if len(rows) == 1 else 'move'} {way}"
        for rows, way in ((towards, "towards its aim"), (away, "away"))
        if rows
    ]
    return f"By tests over the years, {' and '.join(said)}."


def _rest(card: Scorecard) -> list[str]:
    rest = len(card.rows) - len(card.measured)
    return [f"{_count(rest).capitalize()} more cannot be measured as worded."] if rest else []


def _count(n: int) -> str:
    words = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[n] if n < len(words) else number(n, 0)


def _lowered(row: Row) -> str:
    return f"{row.aim.title[:1].lower()}{row.aim.title[1:]}"
