"""The answer in words, by rule from the rows; gaps come before ranks."""

from __future__ import annotations

from insight.core.finding import VerdictWords
from insight.studies._words import names, number
from insight.studies.regional_scorecard._row import Row, lowered, several, upper
from insight.studies.regional_scorecard._scorecard import Scorecard

DOES_NOT_SHOW = (
    "Why a figure is as it is, or what the region did about it.",
    "Aims without a public measure: nothing here says whether they are reached.",
    "The service that a child meets: a region's figure is made of many places.",
)
_MOST_NAMES = 2
MOST_WORDS = 60
BETTER = 3
"""Good, on the scale of the strip: 4 is Outstanding."""


def verdict_words(card: Scorecard) -> VerdictWords | None:
    """The verdict for people: it tells movement, and whose aims these are; None where nothing is measured."""
    if card.verdict == "not_estimable":
        return None
    towards, away = card.heading(True), card.heading(False)
    whose = "its aims" if card.is_own else "another region's aims"
    if towards and away:
        short = f"Towards some of {whose}, away from others"
    elif towards or away:
        short = f"Moving {'towards' if towards else 'away from'} {_count(len(towards or away))} of {whose}"
    elif card.measured:
        several = len(card.measured)
        aims = "aim" if several == 1 else "aims"
        short = f"{upper(_count(len(card.reached)))} of {_count(several)} {aims} reached, no clear direction"
    else:
        short = "Cannot tell"
    said = [_moves(row, card) for row in (*towards, *away)]
    if not said:
        said = ["No direction is claimed, which does not mean that nothing moves.", *_nearly(card)]
    return VerdictWords(short, " ".join([*said, "Tests tell movement, not whether an aim is reached."]))


def _moves(row: Row, card: Scorecard) -> str:
    direction = card.directions[row.aim.key]
    return f"{row.aim.title}: {direction.moving}, {'towards' if direction.is_better else 'away from'} the aim."


def _nearly(card: Scorecard) -> list[str]:
    """Rows whose test stays after many looks, and whose slope may yet be 0."""
    found = [(row.aim.title, card.directions[row.aim.key]) for row in card.rows]
    return [
        f"{title}: {direction.moving} by the test, but figures that tie let the slope be 0."
        for title, direction in found
        if direction.stays and direction.is_better is None
    ]


def answer(card: Scorecard) -> tuple[str, ...]:
    """What is reached, where things are heading, what is nearest."""
    name = card.region.name
    if not card.rows:
        return (f"No list of aims is at hand for {name}, so there is nothing to hold figures against.",)
    if not card.measured:
        return (f"None of the {len(card.rows)} aims can be judged by public figures of {name}.", *_not_judged(card))
    several, reached = len(card.measured), card.reached
    n = f"{_count(several)} aim{'' if several == 1 else 's'}"
    listed = f": {names([lowered(row.aim.title) for row in reached], _MOST_NAMES)}" if reached else ""
    whose = "its" if card.is_own else "another region's"
    first = f"Of {whose} {n} that figures can judge it has reached {_count(len(reached))}{listed}."
    where = (*_not_judged(card), *_unknown(card), *_unclear(card), *_nearest(card))
    parts = [part for part in (_number(card), first, *where, _heading(card), *_rest(card)) if part]
    # The table says it all: what is said last here can be left to it.
    for spare in (*_rest(card), *_unclear(card), *_nearest(card), *_unknown(card)):
        if sum(len(part.split()) for part in parts) > MOST_WORDS:
            parts.remove(spare)
    return tuple(parts)


def _stands_in(card: Scorecard) -> list[Row]:
    """Rows with a figure that cannot say whether the aim is reached: of a measure that stands in."""
    return [row for row in card.with_figures if not row.is_measured]


def _not_judged(card: Scorecard) -> list[str]:
    """Which rows show a figure and are counted neither as reached nor as missed."""
    rows = [lowered(row.aim.title) for row in _stands_in(card)]
    if not rows:
        return []
    figures, aims = ("figure", "that aim") if len(rows) == 1 else ("figures", "those aims")
    return [f"The {figures} for {names(rows, _MOST_NAMES)} cannot judge {aims} as worded."]


def _number(card: Scorecard) -> str:
    """What the number beside these words is."""
    row = card.headline_row
    if row is None:
        return ""
    if row.needed is None:
        return f"{row.aim.title}: {row.now}, {row.when}."
    good = [member for member in row.placed if member.value is not None and member.value >= BETTER]
    whole = several(len(row.placed), "authorities")
    share = number(row.value or 0.0, row.figure_decimals)
    return f"{len(good)} of {whole} ({share}%) are Good or Outstanding; the aim needs {row.needed}."


def _unknown(card: Scorecard) -> list[str]:
    rows = [lowered(row.aim.title) for row in card.measured if row.state == "not known"]
    return [f"{upper(_count(len(rows)))} cannot be told while figures are missing: {names(rows)}."] if rows else []


def _unclear(card: Scorecard) -> list[str]:
    rows = [row for row in card.measured if row.state == "depends on the reading"]
    return [f"One depends on how it is read: {lowered(rows[0].aim.title)}."] if len(rows) == 1 else []


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
        more = "more" if row.needed is not None else "fewer"
        other = row.short_by_strict
        tie = "" if other is None else f" ({number(other, 0)} if ties count the other way)"
        whole = several(len(row.placed), "authorities")
        return f"{number(row.short_by or 0.0, 0)} {more} of {whole} would reach it{tie}"
    shown = number(row.short_by or 0.0, row.decimals)
    return f"{shown} {row.short_unit} away" if row.short_by else "at the cut, and not beyond it"


def _heading(card: Scorecard) -> str:
    """What tests of direction find, with the measure that moves; those that stay and are not claimed are said."""
    moving = [*card.heading(True), *card.heading(False)]
    tested = sum(direction.is_tested for direction in card.directions.values())
    if not tested:
        return ""
    tests = f"{_count(tested)} test{'' if tested == 1 else 's'}"
    if len(moving) == 1:
        way = "towards" if card.heading(True) else "away from"
        what = f"{lowered(moving[0].aim.title)}, {card.directions[moving[0].aim.key].moving}"
        return f"By {'the' if tested == 1 else 'one of'} {tests} it moves {way} an aim: {what}."
    if moving:
        ways = [f"{_count(len(rows))} {way}" for way in ("towards", "away") if (rows := card.heading(way == "towards"))]
        return f"By {tests} of direction, aims that move: {' and '.join(ways)}."
    stay = sum(direction.stays for direction in card.directions.values())
    if not stay:
        return f"Of {tests} of direction none finds any."
    found = f"the {tests}" if tested == 1 else f"{_count(stay)} of {tests}"
    return f"No direction is claimed; {found} {'finds' if stay == 1 else 'find'} movement whose slope may be 0."


def _rest(card: Scorecard) -> list[str]:
    rest = len(card.rows) - len(card.with_figures)
    return [f"{_count(rest).capitalize()} more {'has' if rest == 1 else 'have'} no public figure."] if rest else []


def _count(n: int) -> str:
    words = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[n] if n < len(words) else number(n, 0)
