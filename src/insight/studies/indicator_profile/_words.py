"""The finding in words, by rule from the numbers: the figure, the gap, the trend."""

from __future__ import annotations

import re
from dataclasses import dataclass

from insight.core.estimate import Estimate
from insight.core.finding import Verdict, VerdictWords
from insight.core.indicator import Indicator
from insight.core.missing import in_words
from insight.core.period import Period, PeriodKind
from insight.studies._benchmarks import Benchmark, Cell
from insight.studies._words import interval, number
from insight.studies.indicator_profile._profile import INNER, Profile, difference_unit

_UNITS = {"percent": "%", "fte": " full-time equivalents", "count": ""}
_POUNDS = {"pounds": "", "pounds per week": " a week", "thousand pounds": " thousand"}
_RATE = re.compile(r"rate (per [0-9,]+)")
LEVEL = 0.05
BY_CHANCE = (
    "Among 20 measures that stand still, such a test finds about one moving by chance, "
    "more where years resemble the one before."
)
MOST_WORDS = 60
NO_DIFFERENCE = "no different"


@dataclass(frozen=True)
class Answer:
    """Verdict, its number, and sentences."""

    verdict: Verdict
    in_words: VerdictWords
    headline: Estimate | None
    words: tuple[str, ...]


def answer(profile: Profile, estimates: tuple[Estimate, ...]) -> Answer:
    """The first screen: the figure, the gap to the nation or, for an amount, the trend; and what came of it.

    The verdict is of the headline: above (``effect_up``) or below where its whole interval is, ``cannot_tell`` where
    the interval holds no difference, ``not_estimable`` without an interval.
    """
    own = profile.own
    if own is None or own.value is None:
        none = VerdictWords("No figure", "There is no number to hold against anything.")
        return Answer("not_estimable", none, None, (_nothing(profile), *_nation_alone(profile)))
    found = {estimate.key: estimate for estimate in estimates}
    headline = found.get("gap_nation") or found.get("trend") or found["figure"]
    words = _first_words(profile, own, found)
    # A figure of the nation says nothing of the authority that was asked about.
    if profile.is_national and profile.asked.level != "nation":
        name = profile.unit.name
        alone = VerdictWords(f"A figure of {name} alone", "It says nothing of this authority.")
        return Answer("not_estimable", alone, None, words)
    verdict = _verdict(headline)
    return Answer(verdict, _verdict_words(profile, verdict, headline), headline, words)


def _first_words(profile: Profile, own: Cell, found: dict[str, Estimate]) -> tuple[str, ...]:
    trend = trend_words(profile, brief=True)
    words = _fitted([_figure(profile, own, found["figure"]), _beside(profile, found), trend])
    return _fitted([*words, BY_CHANCE]) if is_moving(profile) and trend in words else words


def _fitted(sentences: list[str]) -> tuple[str, ...]:
    """The sentences that the first screen has room for; the others stand in the note on the authority."""
    kept: list[str] = []
    for text in sentences:
        if text and (not kept or sum(len(each.split()) for each in (*kept, text)) <= MOST_WORDS):
            kept.append(text)
    return tuple(kept)


def _verdict(headline: Estimate) -> Verdict:
    if headline.excludes_null is None:
        return "not_estimable"
    if not headline.excludes_null:
        return "cannot_tell"
    return "effect_up" if (headline.value or 0.0) > (headline.null or 0.0) else "effect_down"


def _verdict_words(profile: Profile, verdict: Verdict, headline: Estimate) -> VerdictWords:
    """The verdict for people: of a gap, of a trend, or of a figure that stands by itself."""
    is_trend, unsure = headline.key == "trend", "How far chance moves it cannot be said."
    if verdict == "not_estimable":
        what = {"trend": "trend", "figure": "figure"}.get(headline.key, "gap")
        return VerdictWords(f"A {what} without an interval", unsure)
    if verdict == "cannot_tell":
        if is_trend:
            return VerdictWords("No steady trend shown", "That is no proof that there is none.")
        return VerdictWords("No gap that can be told from chance", "Such figures vary by as much anyway.")
    is_up, nation = verdict == "effect_up", profile.measure.register.nation.name
    if is_trend:
        meaning = f"The test finds a steady trend. {BY_CHANCE} It says nothing of why."
        return VerdictWords(f"{'Rising' if is_up else 'Falling'}, tested by itself", meaning)
    side = "above" if is_up else "below"
    short = f"{'Higher' if is_up else 'Lower'} than {nation}"
    inside = " For its size the figure is inside the funnel's limits." if _is_inside(profile) else ""
    return VerdictWords(short, f"The whole interval of the gap lies {side} nothing.{inside} It says nothing of why.")


def _is_inside(profile: Profile) -> bool:
    """Whether the figure is within the ordinary spread of units of its size."""
    row = profile.standing.of(profile.unit.code) if profile.standing else None
    return row is not None and row["z"] is not None and abs(row["z"]) < INNER


def figure(value: float, indicator: Indicator) -> str:
    """A figure with its unit, as a sentence has it.

    >>> from insight.core.period import PeriodKind
    >>> share = Indicator("k", "Share", "percent", "lower", PeriodKind.AT_MARCH, "s")
    >>> figure(12.34, share), difference(-1.0, share)
    ('12.3%', '1.0 percentage points lower')
    """
    return _with_unit(number(value, indicator.decimals), indicator.unit)


def _with_unit(text: str, unit: str) -> str:
    before = "£" if unit in _POUNDS else ""
    after = {**_UNITS, **_POUNDS}.get(unit, f" {unit.removeprefix('rate ')}")
    return f"{before}{text}{after}".replace("£−", "−£")


def size(value: float, indicator: Indicator, *, decimals: int | None = None) -> str:
    """The size of a difference, with its unit and without its sign.

    >>> from insight.core.period import PeriodKind
    >>> size(-2.0, Indicator("k", "R", "rate per 1,000 live births", "lower", PeriodKind.CALENDAR_YEAR, "s"))
    '2.0 per 1,000'
    """
    text = number(abs(value), indicator.decimals if decimals is None else decimals)
    unit = difference_unit(indicator)
    if unit == "percentage points":
        return f"{text} percentage point{'' if text == '1' else 's'}"
    of_so_many = _RATE.match(unit)
    return f"{text} {of_so_many[1]}" if of_so_many else _with_unit(text, unit)


def difference(value: float, indicator: Indicator) -> str:
    """A difference in words, judged on the figure as it is shown."""
    if round(value, indicator.decimals) == 0:
        return NO_DIFFERENCE
    return f"{size(value, indicator)} {'higher' if value > 0 else 'lower'}"


def beside(value: float, indicator: Indicator, other: str) -> str:
    """A difference, and what from: "1.2 points higher than England", "no different from England"."""
    words = difference(value, indicator)
    return f"{words} {'from' if words == NO_DIFFERENCE else 'than'} {other}"


def in_sentence(title: str) -> str:
    """A title inside a sentence: its first letter is small, unless the word is all capitals or has a digit.

    >>> in_sentence("Social workers in post (FTE)"), in_sentence("A-level entries"), in_sentence("SEN support")
    ('social workers in post (FTE)', 'A-level entries', 'SEN support')
    """
    return title if len(title) > 1 and not title[1].islower() and title[1] != " " else title[:1].lower() + title[1:]


def at(period: Period) -> str:
    """When, as a sentence goes on: "at 31 March 2025", "in the year to 31 March 2025", "in April 2023"."""
    words = period.in_words
    if period.kind is PeriodKind.MONTH:
        return f"in {words}"
    return words if words.startswith(("at ", "in ")) else f"in the {words}"


def _figure(profile: Profile, own: Cell, estimate: Estimate) -> str:
    when = profile.measure.when(own.period).in_words
    ends = f" {interval(estimate, profile.indicator.decimals)}" if estimate.has_interval else ""
    what = figure(own.value or 0.0, profile.indicator)
    return f"{profile.label}: {what} in {profile.unit.name}, {when}{ends}."


def _beside(profile: Profile, found: dict[str, Estimate]) -> str:
    bench, gap = profile.bench("nation"), found.get("gap_nation")
    if bench is None or bench.value is None or gap is None:
        return ""
    return gap_words(profile, bench, gap)


def gap_words(profile: Profile, bench: Benchmark, gap: Estimate) -> str:
    """The gap to a benchmark; what it could be, where its interval holds no difference."""
    indicator = profile.indicator
    how = " (simple mean)" if bench.method.startswith("simple mean") else ""
    theirs = f"{bench.words} had {figure(bench.value or 0.0, indicator)}{how}"
    theirs = theirs[:1].upper() + theirs[1:]
    ends = f" {interval(gap, indicator.decimals)}" if gap.has_interval else ""
    if gap.excludes_null is False and gap.low is not None and gap.high is not None:
        up, down = size(max(gap.high, 0.0), indicator), number(abs(min(gap.low, 0.0)), indicator.decimals)
        return f"{theirs}. The gap could be nothing, could be up to {up} above it or {down} below."
    if round(gap.value or 0.0, indicator.decimals) == 0:
        if not gap.excludes_null:
            return f"{theirs}: no different."
        side = "above" if (gap.value or 0.0) > 0 else "below"
        return f"{theirs}. {profile.unit.name} is {side} it by less than is shown{ends}."
    return f"{theirs}. {profile.unit.name} is {difference(gap.value or 0.0, indicator)}{ends}."


def is_moving(profile: Profile) -> bool:
    """Whether the test of this one measure finds a steady rise or fall."""
    test = profile.trend
    return test is not None and test.p <= LEVEL and bool(test.s) and test.slope.excludes_null is not False


def trend_words(profile: Profile, *, brief: bool = False) -> str:
    """What the test of a steady rise or fall says, and what it cannot: it looks at this measure and at no other."""
    test = profile.trend
    if test is None:
        return "" if brief else f"No trend was tested: {profile.no_trend}."
    span = profile.trend_span
    if is_moving(profile):
        slope = size(test.slope.value or 0.0, profile.indicator, decimals=profile.slope_decimals)
        said = f"Tested by itself, it is {test.direction} by {slope} a year {span} ({p_words(test.p)})."
        return said if brief else f"{said} {BY_CHANCE} A brief of many measures asks more before it calls one moving."
    if test.smallest_p > LEVEL:
        return f"A trend could not be shown {span}: too few figures."
    proof = "" if brief else " That is no proof that there is none."
    return f"No steady trend is shown {span} ({p_words(test.p)}).{proof}"


def p_words(p: float) -> str:
    """A p-value that is never printed as zero.

    >>> p_words(0.00002), p_words(0.0312), p_words(0.47)
    ('p below 0.001', 'p 0.031', 'p 0.47')
    """
    return "p below 0.001" if p < 0.001 else f"p {number(p, 3 if p < 0.1 else 2)}"


def _nothing(profile: Profile) -> str:
    name, label = profile.asked.name, profile.label
    if not profile.cells or all(cell.status == "no row" for cell in profile.cells):
        return f"{label}: the publisher has no figure for {name}."
    reasons = list(dict.fromkeys(in_words(cell.status) for cell in profile.cells if cell.value is None))
    return f"{label}: no figure for {name} has a number ({' or '.join(reasons)})."


def _nation_alone(profile: Profile) -> tuple[str, ...]:
    """The nation's newest figure, where the area has none."""
    nation = profile.measure.register.nation
    newest = profile.measure.newest([nation.code])
    if newest is None:
        return ()
    value = profile.measure.cell(nation.code, newest).value or 0.0
    when = profile.measure.when(newest).in_words
    return (f"{nation.name} had {figure(value, profile.indicator)}, {when}.",)
