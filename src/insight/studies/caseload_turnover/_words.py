"""The national answer in words, by rule from the numbers."""

from __future__ import annotations

from dataclasses import dataclass

from insight.core.estimate import Estimate
from insight.core.finding import Verdict
from insight.core.missing import Status, in_words
from insight.core.panel import Panel
from insight.studies._words import could_be, interval, names, number
from insight.studies.caseload_turnover._here import Here
from insight.studies.caseload_turnover._models import National

_ONE = "one more case per worker"
_ONLY = "It is an association."
MARGIN_CASES = 3
_COUNTS = ("none", "one", "two", "all")
DOES_NOT_SHOW = (
    "What changing caseloads would bring: no authority changed them at random, so this is an association.",
    "Why anyone left: pay, managers, inspections and house prices are not in these figures.",
    "What happens inside one authority: the number describes authorities across the country.",
)


@dataclass(frozen=True)
class Answer:
    """Verdict and sentences."""

    verdict: Verdict
    words: tuple[str, ...]


def answer(national: National, *, margin_percent: float) -> Answer:
    """The verdict that three measures of turnover give, and its sentences.

    ``margin_percent`` is the share of mean turnover that three cases more or fewer must move to matter; it was set
    before the numbers were seen.
    """
    three = [national.estimate(key) for key in ("lag_opening", "lag_published", "lag_mean_stock")]
    opening, published, _ = three
    span = f"{national.first_year} to {national.last_year}"
    if any(estimate.excludes_null is None for estimate in three) or national.mean_turnover is None:
        return Answer("not_estimable", (f"The data for {span} do not allow an answer.", _why_none(three)))
    if len({_direction(estimate) for estimate in three}) > 1:
        return Answer("depends_on_measure", (_depends(three), _went_with(opening), _by_published(published)))
    margin = small_below(national, margin_percent)
    is_small = all(_inside(estimate, margin) for estimate in three)
    if opening.excludes_null:
        agree = "All three ways of counting turnover agree."
        size = f"It is below {number(margin)}, the size called too small to matter beforehand." if is_small else _ONLY
        return Answer(
            "effect_up" if _direction(opening) == "more" else "effect_down", (_went_with(opening), agree, size)
        )
    if is_small:
        larger = f"no association larger than {number(margin)} leavers per 100 workers for {_ONE}"
        return Answer("no_effect_larger_than", (f"The figures for {span} show {larger}.", _went_with(opening)))
    unsure = f"For {_ONE} the difference {could_be(opening, 'leavers per 100 workers')}."
    return Answer("cannot_tell", (f"The data for {span} cannot tell.", unsure))


def small_below(national: National, margin_percent: float) -> float:
    """The size below which an association counts as too small to matter, in leavers per 100 workers for one case.

    Three cases more or fewer are a large change for an authority: about as far as the lowest and the highest fifth of
    its years lie from the middle.
    """
    return (national.mean_turnover or 0.0) * margin_percent / 100 / MARGIN_CASES


def _direction(estimate: Estimate) -> str:
    """Which side of zero the whole interval lies on; "none" where it spans zero."""
    if not estimate.excludes_null:
        return "none"
    return "more" if (estimate.low or 0.0) > 0 else "fewer"


def _inside(estimate: Estimate, margin: float) -> bool:
    return estimate.low is not None and estimate.high is not None and -margin < estimate.low and estimate.high < margin


def _went_with(opening: Estimate) -> str:
    more = "more" if (opening.value or 0.0) >= 0 else "fewer"
    size = number(abs(opening.value or 0.0), 2)
    start = "One more case per worker at the start of a year went with"
    return f"{start} {size} {more} leavers per 100 workers {interval(opening)}."


def _depends(three: list[Estimate]) -> str:
    directions = {_direction(estimate) for estimate in three}
    if directions >= {"more", "fewer"}:
        return "The answer depends on how turnover is counted, down to its direction."
    unclear = sum(_direction(estimate) == "none" for estimate in three)
    return f"The answer depends on how turnover is counted: by {_COUNTS[unclear]} of three ways it could be nothing."


def _by_published(published: Estimate) -> str:
    if published.excludes_null:
        size = number(published.value or 0.0, 2)
        return f"By the published measure it is {size} {interval(published)}."
    return f"By the published measure it {could_be(published, 'leavers')}."


def _why_none(three: list[Estimate]) -> str:
    missing = next((estimate for estimate in three if estimate.value is None), None)
    return "There are too few figures." if missing is None else missing.method[0].upper() + missing.method[1:] + "."


def about_here(here: Here, panel: Panel) -> tuple[str, ...]:
    """Paragraphs about one authority: what its figures are, where it stands, and what could not be done.

    ``here.area`` is the unit that reports, which is the joint return for its members.
    """
    name = here.asked.name
    found = {estimate.key: estimate for estimate in here.estimates}
    return tuple(
        paragraph
        for paragraph in (
            _what_it_is(here, panel),
            _caseload(name, here),
            _turnover(name, here, found.get("area_turnover_opening")),
            _moved(name, found.get("area_change"), found.get("alike_change")),
        )
        if paragraph
    )


def _what_it_is(here: Here, panel: Panel) -> str:
    asked = here.asked
    if here.is_joint:
        return (
            f"{asked.name} reports its workforce together with others, as {here.reported_as}. "
            "Every figure here is of both."
        )
    if asked.is_abolished and asked.end is not None:
        heirs = names([panel.register.get(code).name for code in asked.successors])
        ended = f"{asked.end.day} {asked.end:%B %Y}"
        return f"{asked.name} was abolished on {ended}; {heirs} took over. This page is its history."
    return ""


def _caseload(name: str, here: Here) -> str:
    rows = here.rows
    if rows.empty:
        return f"The workforce figures have no row for {name}, so nothing can be said about it here."
    there = rows[rows["caseload_fte"].notna()]
    last = rows.iloc[-1]
    year = int(last["time_period"])
    hidden = "" if last["caseload_fte__status"] == Status.VALUE.value else in_words(last["caseload_fte__status"])
    gap = f"The caseload of {year} has no number ({hidden})." if hidden else ""
    if there.empty:
        return f"{gap} No other year has one."
    newest = there.iloc[-1]
    value = f"{number(float(newest['caseload_fte']))} cases per worker on 30 September {int(newest['time_period'])}"
    if len(there) == 1:
        return f"{gap} {name} had {value}.".strip()
    lowest, highest = there["caseload_fte"].min(), there["caseload_fte"].max()
    span = f"between {number(lowest)} and {number(highest)} since {int(there.iloc[0]['time_period'])}"
    return f"{gap} {name} had {value}, and {span}.".strip()


def _turnover(name: str, here: Here, turnover: Estimate | None) -> str:
    if here.place is None or turnover is None or turnover.value is None:
        if here.rows.empty:
            return ""
        if here.rows["is_tiny"].any():
            return f"With so few social workers, one leaver moves the turnover of {name} too far for a comparison."
        return "Its place among others cannot be given: no year has both its leavers and its opening headcount."
    row = here.place.rows[here.place.rows["area"] == here.area.code].iloc[0]
    count = f"{number(row['events'], 0)} of {number(row['denominator'], 0)} people in post at the start left"
    rate = f"{number(turnover.value)} per 100 {interval(turnover, 1)}"
    return (
        f"In the year to September {here.place.year}, {count}: {rate}. That is {turnover.band}. "
        f"Ordered from the lowest, its place is {number(turnover.rank or 0, 0)} of {turnover.rank_of}, "
        f"and could be anywhere from {number(turnover.rank_low or 0, 0)} to {number(turnover.rank_high or 0, 0)}."
    )


def _moved(name: str, change: Estimate | None, alike: Estimate | None) -> str:
    if change is None or change.value is None or alike is None or alike.value is None:
        return ""
    return (
        f"{change.term}: {_signed(change.value)} leavers per 100 workers in {name}. Authorities that started alike "
        f"moved by {_signed(alike.value)} on average. Extreme years tend to be followed by ordinary ones."
    )


def _signed(value: float) -> str:
    text = number(value)
    return f"+{text}" if value > 0 and not text.startswith("0.0") else text
