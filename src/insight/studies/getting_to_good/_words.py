"""The national answer in words, by rule from the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from insight.core.estimate import Estimate
from insight.core.finding import Verdict, VerdictWords, ends_text
from insight.studies._words import interval, number
from insight.studies.getting_to_good._national import CHANGE, CLAIM, HEADLINE, National

Side = Literal["longer", "shorter", "as_said", "open", "none"]
_LOW, _HIGH = CLAIM
_CLAIM = f"{_LOW:g} to {_HIGH:g} years"
_VERDICTS: dict[Side, Verdict] = {
    "longer": "effect_up",
    "shorter": "effect_down",
    "as_said": "no_effect_larger_than",
    "open": "cannot_tell",
    "none": "not_estimable",
}
IN_WORDS: dict[Verdict, VerdictWords] = {
    "effect_up": VerdictWords("Longer than that", f"To the report and to the change, half need longer than {_CLAIM}."),
    "effect_down": VerdictWords("Shorter than that", f"To the report and to the change, half need less than {_CLAIM}."),
    "no_effect_larger_than": VerdictWords("As long as that", f"To the report and to the change, half need {_CLAIM}."),
    "cannot_tell": VerdictWords("Cannot tell", f"The data fit {_CLAIM}, and they also fit another answer."),
    "depends_on_measure": VerdictWords(
        "Depends on the day counted", "Counted to the report of a Good, and to the change before it, answers differ."
    ),
    "not_estimable": VerdictWords("Could not be estimated", "The judgements do not hold enough to give a number."),
}
_SIDES: dict[Side, str] = {
    "longer": "longer",
    "shorter": "shorter",
    "as_said": "equal",
    "open": "unclear",
}


@dataclass(frozen=True)
class Answer:
    """Verdict and sentences."""

    verdict: Verdict
    words: tuple[str, ...]


def answer(national: National) -> Answer:
    """The verdict that both clocks give on the claim of 3 to 5 years, and its sentences."""
    return compare(
        national.estimate(HEADLINE),
        national.estimate(CHANGE),
        national.estimate("share_3_to_5_years"),
        took=national.counted["took_3_to_5"],
    )


def compare(published: Estimate, changed: Estimate, share: Estimate, *, took: int) -> Answer:
    """The claim beside the median of each clock, and beside the share of spells that took so long.

    Parameters
    ----------
    published, changed : Estimate
        Median years to a published Good, and to the change itself.
    share : Estimate
        Percent of all spells that take as long as the claim says, as the curve estimates it.
    took : int
        Finished spells that did.
    """
    sides = side_of(published), side_of(changed)
    if sides[0] == "none":
        return Answer("not_estimable", ("The judgements do not allow an answer.", f"{_capital(published.method)}."))
    first = _published(published)
    if sides[1] == "none":
        return Answer("not_estimable", (first, "When services had become Good cannot be told.", _can(share, took)))
    verdict = _VERDICTS[sides[0]] if sides[0] == sides[1] else "depends_on_measure"
    return Answer(verdict, (first, _changed(changed), _beside(*sides), _can(share, took)))


def side_of(median: Estimate) -> Side:
    """Where the whole interval of a median lies beside the claim; an end that is open reaches for ever.

    "as_said" is inside the claim, "open" is partly inside and partly not, and "none" is without any number.
    """
    if median.value is None and median.low is None:
        return "none"
    low = 0.0 if median.low is None else median.low
    if low > _HIGH:
        return "longer"
    if median.high is None:
        return "open"
    if median.high < _LOW:
        return "shorter"
    return "as_said" if low >= _LOW and median.high <= _HIGH else "open"


def span(estimate: Estimate, *, decimals: int = 1, level: bool = False) -> str:
    """The interval in brackets, with an open end in words.

    >>> span(Estimate("k", "t", 7.25, "years", "years", "m", low=6.4, high=8.1))
    '(6.4 to 8.1)'
    >>> span(Estimate("k", "t", None, "years", "years", "m", low=6.4), level=True)
    '(95% interval 6.4 or more)'
    """
    if level:
        return interval(estimate, decimals)
    ends = ends_text(*(None if end is None else number(end, decimals) for end in (estimate.low, estimate.high)))
    return f"({ends})" if ends else "(no interval)"


def _published(median: Estimate) -> str:
    if median.value is None:
        return f"Fewer than half have had a published Good so far {span(median, level=True)}."
    years = number(median.value)
    return f"Half had a published Good within {years} years of being rated Inadequate {span(median, level=True)}."


def _changed(median: Estimate) -> str:
    if median.value is None:
        return f"Services change before reports say so: no number for half {span(median)}."
    half = f"half within {number(median.value)} years {span(median)}"
    return f"Services change before reports say so: {half}."


def _beside(published: Side, changed: Side) -> str:
    """Both numbers beside the claim."""
    if published == changed:
        together = {
            "longer": f"Either way, half need longer than {_CLAIM}.",
            "shorter": f"Either way, half need less than {_CLAIM}.",
            "as_said": f"Either way, half need {_CLAIM}.",
        }
        return together.get(published, f"Whether half need {_CLAIM} cannot be told either way.")
    return f"Against {_CLAIM}: {_SIDES[published]} until the report, {_SIDES[changed]} until the change."


def _can(share: Estimate, took: int) -> str:
    """A longer median does not refute that it can take so long; a single spell shows that it can."""
    if not took:
        return f"No authority that got to Good took {_CLAIM}."
    did = f"Some take {_CLAIM}: {took} did"
    if share.value is None:
        return f"{did}."
    return f"{did}; of all, an estimated {number(share.value, 0)}% {span(share, decimals=0)}."


def does_not_show(since: date | None) -> tuple[str, ...]:
    """What no number here says; ``since`` is the first inspection of those that give no grade."""
    general = (
        "How long any one authority will take: the numbers describe past spells.",
        "What made services better: the dates of reports say nothing about it.",
        "On which day services changed: an inspection finds it later, often years later.",
    )
    return general if since is None else (*general, no_longer(since))


def no_longer(since: date) -> str:
    """That grades have ended.

    >>> no_longer(date(2026, 4, 27))
    'Inspections from 27 April 2026 give no overall grade, so a Good may no longer be awarded.'
    """
    return f"Inspections from {day_words(since)} give no overall grade, so a Good may no longer be awarded."


def day_words(day: date) -> str:
    """A day in a sentence.

    >>> day_words(date(2023, 7, 14))
    '14 July 2023'
    """
    return f"{day.day} {day:%B %Y}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
