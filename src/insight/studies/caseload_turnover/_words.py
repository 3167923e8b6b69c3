"""The national answer in words, by rule from the numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from insight.core.estimate import Estimate
from insight.core.finding import Verdict
from insight.core.missing import Status, in_words
from insight.core.panel import Panel
from insight.studies._words import could_be, interval, names, number
from insight.studies.caseload_turnover._here import Here
from insight.studies.caseload_turnover._national import National

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


def answer(national: National, *, margin_percent: float, lag_years: int = 1) -> Answer:
    """The verdict that three measures of turnover give, and its sentences.

    ``margin_percent`` is the share of mean turnover that three cases more or fewer must move to matter; it was set
    before the numbers were seen; ``lag_years`` says when cases are counted.
    """
    three = [national.estimate(key) for key in ("lag_opening", "lag_published", "lag_mean_stock")]
    opening, published, _ = three
    span = f"{national.first_year} to {national.last_year}"
    if any(estimate.excludes_null is None for estimate in three) or national.mean_turnover is None:
        return Answer("not_estimable", (f"The data for {span} do not allow an answer.", _why_none(three)))
    if len({_direction(estimate) for estimate in three}) > 1:
        return Answer("depends_on_measure", (_depends(three), _opening(opening, lag_years), _by_published(published)))
    margin = small_below(national, margin_percent)
    is_small = all(_inside(estimate, margin) for estimate in three)
    if opening.excludes_null:
        agree = "All three ways of counting turnover agree."
        size = f"It is below {number(margin)}, the size called too small to matter beforehand." if is_small else _ONLY
        return Answer(
            "effect_up" if _direction(opening) == "more" else "effect_down", (_opening(opening, lag_years), agree, size)
        )
    if is_small:
        larger = f"no association larger than {number(margin)} leavers per 100 workers for {_ONE}"
        return Answer("no_effect_larger_than", (f"The figures for {span} show {larger}.", _opening(opening, lag_years)))
    return Answer("cannot_tell", (f"The data for {span} cannot tell.", _opening(opening, lag_years)))


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


def _opening(opening: Estimate, lag_years: int) -> str:
    """What went with one more case; where the interval spans zero, what the difference could be."""
    if not opening.excludes_null:
        return f"For {_ONE} the difference {could_be(opening, 'leavers per 100 workers')}."
    when = {1: "at the start of a year", 2: "a year before the start"}.get(lag_years, "two years before the start")
    return f"One more case per worker {when} went with {_size(opening)} leavers per 100 workers {interval(opening)}."


def _size(estimate: Estimate) -> str:
    more = "more" if (estimate.value or 0.0) >= 0 else "fewer"
    return f"{number(abs(estimate.value or 0.0), 2)} {more}"


def _depends(three: list[Estimate]) -> str:
    directions = {_direction(estimate) for estimate in three}
    if directions >= {"more", "fewer"}:
        return "It depends on how turnover is counted, down to the direction."
    unclear = sum(_direction(estimate) == "none" for estimate in three)
    return f"It depends on how turnover is counted: by {_COUNTS[unclear]} of three ways it could be nothing."


def _by_published(published: Estimate) -> str:
    if published.excludes_null:
        return f"By published turnover it is {_size(published)} {interval(published)}."
    return f"By published turnover it {could_be(published, 'leavers per 100')}."


def _why_none(three: list[Estimate]) -> str:
    missing = next((estimate for estimate in three if estimate.value is None), None)
    return "There are too few figures." if missing is None else missing.method[0].upper() + missing.method[1:] + "."


def about_here(here: Here, panel: Panel) -> tuple[str, ...]:
    """Paragraphs about one authority: what its figures are, where it stands, and what could not be done.

    ``here.area`` is the unit that reports, which is the joint return for its members.
    """
    name = "the joint return" if here.is_joint else here.asked.name
    found = {estimate.key: estimate for estimate in here.estimates}
    return tuple(
        paragraph
        for paragraph in (
            _what_it_is(here, panel),
            _caseload(name, here),
            _turnover(name, here, found.get("area_turnover_opening")),
            _counted_otherwise(here),
            _doubts(here),
            _change(name, found.get("area_change"), found.get("alike_change")),
        )
        if paragraph
    )


def _what_it_is(here: Here, panel: Panel) -> str:
    asked = here.asked
    if here.is_joint:
        return (
            f"{asked.name} reports its workforce together with others, as {here.reported_as}. "
            "The figures below are those of the joint return."
        )
    if asked.is_abolished and asked.end is not None:
        heirs = names([panel.register.get(code).name for code in asked.successors])
        ended = f"{asked.end.day} {asked.end:%B %Y}"
        return f"{asked.name} was abolished on {ended}; {heirs} took over. This page is its history."
    if asked.start is not None and asked.predecessors:
        before = names([panel.register.get(code).name for code in asked.predecessors])
        began = f"{asked.start.day} {asked.start:%B %Y}"
        return f"{asked.name} began on {began}, in place of {before}. Its figures start there."
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
        return f"{gap} {_start(name)} had {value}.".strip()
    lowest, highest = there["caseload_fte"].min(), there["caseload_fte"].max()
    span = f"between {number(lowest)} and {number(highest)} since {int(there.iloc[0]['time_period'])}"
    return f"{gap} {_start(name)} had {value}, and {span}.".strip()


def _turnover(name: str, here: Here, turnover: Estimate | None) -> str:
    if here.place is None or turnover is None or turnover.value is None:
        if here.rows.empty:
            return ""
        if here.rows["is_tiny"].any():
            return f"With so few social workers, one leaver moves the turnover of {name} too far for a comparison."
        return "Its place among others cannot be given: no year has both its leavers and its opening headcount."
    place = here.place
    # Some who left had joined during the year, so leavers are not a part of those in post at its start.
    count = f"{number(place.events, 0)} people left, for {number(place.denominator, 0)} in post at its start"
    rate = f"{number(turnover.value)} per 100 {interval(turnover, 1)}"
    return (
        f"In the year to September {place.places.year}, {count}: {rate}. "
        f"That is {_gap(turnover.value, place.places.centre)}, and {turnover.band}. "
        f"Ordered from the lowest, its place is {_place(turnover.rank)} of {turnover.rank_of}, "
        f"and could be anywhere from {_place(turnover.rank_low)} to {_place(turnover.rank_high)}."
    )


def _counted_otherwise(here: Here) -> str:
    """Turnover of the same year as charts and other pages count it, so that nobody takes it for a contradiction."""
    if here.place is None:
        return ""
    year = here.place.places.year
    row = here.rows[here.rows["time_period"] == year].iloc[0]
    opening, published = float(row["turnover_opening"]), float(row["turnover_published"])
    said = []
    if not math.isnan(opening):
        said.append(f"In full-time equivalents, as in the chart, it is {number(opening)}.")
    if not math.isnan(published):
        said.append(f"As published, over those in post at the year's end, it is {number(published)}.")
    known = here.rows.dropna(subset=["turnover_published"])
    if not known.empty:
        # A return that looks partial has no place here, and yet is the newest published figure.
        newest = known.sort_values("time_period").iloc[-1]
        then, shown = int(newest["time_period"]), number(float(newest["turnover_published"]))
        said.append(
            "Other pages show this." if then == year else f"Other pages show the published figure of {then}: {shown}."
        )
    return " ".join(["That turnover counts people.", *said]) if said else ""


def _doubts(here: Here) -> str:
    """Why the newest year has no place and no change, where a return behind it looks partial."""
    if here.rows.empty or not here.rows.iloc[-1]["flag"]:
        return ""
    last = here.rows.iloc[-1]
    return f"The year {int(last['time_period'])} has no place and no change here, because of {last['flag']}."


def _gap(value: float, centre: float) -> str:
    """The distance from the centre, from the numbers as they are shown."""
    distance = round(round(value, 1) - round(centre, 1), 1)
    if distance == 0:
        return f"the same as the {number(centre)} of all authorities together"
    more = "more" if distance > 0 else "fewer"
    return f"{number(abs(distance))} {more} than the {number(centre)} of all authorities together"


def _place(rank: float | None) -> str:
    """A place; tied ones may end in a half."""
    return f"{rank or 0:g}"


def _start(name: str) -> str:
    return name[:1].upper() + name[1:]


def _change(name: str, change: Estimate | None, alike: Estimate | None) -> str:
    if change is None or change.value is None or alike is None or alike.value is None:
        return ""
    return (
        f"{change.term}: {_signed(change.value)} leavers per 100 workers in {name}. Authorities that started alike "
        f"changed by {_signed(alike.value)} on average. That holds what changed everywhere, and regression to the "
        "mean: ordinary years tend to follow extreme ones."
    )


def _signed(value: float) -> str:
    text = number(value)
    return f"+{text}" if value > 0 and not text.startswith("0.0") else text
