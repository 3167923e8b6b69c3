"""Figures and findings in words, by rule: how much, which way, and which way is better."""

from __future__ import annotations

import re

from insight.core.finding import Verdict, VerdictWords
from insight.core.indicator import Indicator
from insight.core.period import Period
from insight.studies._benchmarks import Measure
from insight.studies._words import number
from insight.studies.authority_brief._looks import NEITHER, PARTIAL, Brief, Look

_AFTER = {"percent": "%", "percentage points": " points", "cases per worker": " cases", "score per pupil": " points"}
_RATE = re.compile(r"rate (per [0-9,]+)")
_MOVED = "risen or fallen steadily by the test"
_WORDS_BEHIND = re.compile(r"[^ ]+( .+)")
_COUNTS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def amount(value: float, unit: str, decimals: int) -> str:
    """A figure with its unit, as short as a table needs it.

    >>> amount(12.34, "percent", 1), amount(-0.52, "percentage points", 2), amount(330.0, "rate per 10,000", 1)
    ('12.3%', '−0.52 points', '330.0 per 10,000')
    """
    text = number(value, decimals)
    rate = _RATE.match(unit)
    if rate:
        return f"{text} {rate[1]}"
    if unit == "pounds per week":
        return f"£{text}".replace("£−", "−£") + " a week"
    return f"{text}{_AFTER.get(unit, f' {unit}')}"


def figure(value: float | None, measure: Measure) -> str:
    """A figure of a measure; "none" without one."""
    indicator = measure.indicator
    return "none" if value is None else amount(value, indicator.unit, indicator.decimals)


def unit_once(first: str, between: str, second: str) -> str:
    """Two figures in one cell; a unit of words stands behind the second alone.

    >>> unit_once("453.8 per 10,000", " to ", "570.7 per 10,000"), unit_once("20.7%", "; ", "no list")
    ('453.8 to 570.7 per 10,000', '20.7%; no list')
    """
    unit = _WORDS_BEHIND.fullmatch(second)
    return f"{first.removesuffix(unit[1]) if unit else first}{between}{second}"


def between(low: float | None, high: float | None, decimals: int) -> str:
    """An interval as a table has it: " (11.0 to 13.4)", or nothing.

    >>> between(1.0, 2.25, 1), between(None, 2.0, 1)
    (' (1.0 to 2.2)', '')
    """
    return "" if low is None or high is None else f" ({number(low, decimals)} to {number(high, decimals)})"


def side(value: float, indicator: Indicator) -> str:
    """Which way a difference goes, and how far, judged on the figure as it is shown.

    >>> from insight.core.period import PeriodKind
    >>> share = Indicator("k", "Share", "percent", "lower", PeriodKind.AT_MARCH, "s")
    >>> side(-2.04, share), side(0.01, share)
    ('2.0 points lower', 'the same')
    """
    if round(value, indicator.decimals) == 0:
        return "the same"
    unit = "percentage points" if indicator.unit == "percent" else indicator.unit
    return f"{amount(abs(value), unit, indicator.decimals)} {'higher' if value > 0 else 'lower'}"


def which_way(indicator: Indicator) -> str:
    """Which way is better, as the end of a sentence."""
    return NEITHER if indicator.direction == "neither" else f"{indicator.direction} is better"


def short_when(period: Period) -> str:
    """A period as a narrow column has it.

    >>> from insight.core.period import PeriodKind
    >>> short_when(Period.of("2025", PeriodKind.YEAR_TO_MARCH)), short_when(Period.of("2025", PeriodKind.AT_MARCH))
    ('year to March 2025', 'March 2025')
    """
    words = re.sub(
        r"\b(?:in the |at |the )?(year to )?(?:[0-9]{1,2} )?([A-Z][a-z]+ [0-9]{4})\b", r"\1\2", period.in_words
    )
    return words.removeprefix("at ").removeprefix("in ")


def year_of(period: Period) -> str:
    """The year of a period, as it stands in brackets behind a figure.

    >>> from insight.core.period import PeriodKind
    >>> year_of(Period.of("2024", PeriodKind.AT_MARCH)), year_of(Period.of("2024", PeriodKind.ACADEMIC_YEAR))
    ('2024', '2023/24')
    """
    return period.in_words.rpartition(" ")[2]


def beside_england(look: Look) -> str:
    """How far from England, and which way is better."""
    return "" if look.gap is None else f"{side(look.gap, look.measure.indicator)}; {which_way(look.measure.indicator)}"


def place(look: Look) -> str:
    """Its place with the interval; "none" without one."""
    row = look.row
    if row is None:
        return "none"
    ends = f" ({row['rank_low']:g} to {row['rank_high']:g})" if row["rank_low"] is not None else ""
    return f"{row['rank']:g} of {row['of']}{ends}"


def counted(look: Look) -> str:
    """The counts behind the figure."""
    cell = look.cell
    if cell is None or cell.value is None or cell.numerator is None:
        return "not published with it"
    one, other = look.concept.counted
    part = number(cell.numerator, 0)
    if cell.denominator is None or not other:
        return f"{part} {one or 'counted'}"
    whole = number(cell.denominator, 0)
    # What a share is of, its name says.
    return (
        f"{part} of {whole} {other}" if look.measure.indicator.unit == "percent" else f"{part} {one}, {whole} {other}"
    )


def level_result(brief: Brief, look: Look) -> str:
    """What came of the test beside England."""
    indicator = look.measure.indicator
    if look.value is None:
        return "no figure"
    if indicator.direction == "neither":
        return NEITHER
    if look.apart.p is None:
        return f"not tested: {PARTIAL if look.cell is not None and look.cell.doubt else look.apart.reason}"
    if brief.stands_apart(look) and look.gap:
        return f"surely {'higher' if look.gap > 0 else 'lower'}; {which_way(indicator)}"
    return "not surely different"


def trend_result(brief: Brief, look: Look) -> str:
    """What came of the test of a rise or fall; where none is listed, the reason."""
    return brief.why_unmoved(look) or brief.trend(look).towards


def several(count: int) -> str:
    """A small count in words.

    >>> several(3), several(28)
    ('three', '28')
    """
    return _COUNTS[count] if count < len(_COUNTS) else number(count, 0)


def verdict_of(brief: Brief) -> tuple[Verdict, VerdictWords]:
    """Which of the three lists have anything in them."""
    if not brief.looked_at:
        return "not_estimable", VerdictWords("Nothing could be looked at", "No measure has figures enough for a test.")
    strong, weak = bool(brief.strongest), bool(brief.weakest)
    if strong and weak:
        words = "Some measures surely lie on the better side of England, and some on the worse side of England."
        return "depends_on_measure", VerdictWords("Both sides of England", words)
    if strong:
        words = "Some measures surely lie on the better side of England, and none on the worse side of England."
        return "effect_up", VerdictWords("On the better side of England, where sure", words)
    if weak:
        words = "Some measures surely lie on the worse side of England, and none on the better one."
        return "effect_down", VerdictWords("On the worse side of England, where sure", words)
    if brief.moved:
        return "cannot_tell", VerdictWords(
            "Movement alone", "Some figures moved, by a test. None surely differs from England's."
        )
    return "cannot_tell", VerdictWords("Nothing stands out", "That is no proof that all is alike.")


def answer(brief: Brief) -> tuple[str, ...]:
    """The first screen: how many were looked at, how many stand out, and the first of each list."""
    if not brief.looked_at:
        return (f"{brief.area.name} has no figures that could be looked at.",)
    n, out = len(brief.looked_at), len(brief.standing_out)
    verb = "stands out" if out == 1 else "stand out"
    first = f"Of {several(n)} measures looked at, {several(out)} {verb}, after allowing for so many looks."
    if not out:
        return (first, "None lies surely on either side of England.", f"None has {_MOVED}.")
    lists = (
        (("lies", "lie"), "surely on the better side of England", brief.strongest),
        (("lies", "lie"), "surely on the worse side of England", brief.weakest),
        (("has", "have"), _MOVED, brief.moved),
    )
    return (first, *(_listed(verbs, words, found) for verbs, words, found in lists))


def _listed(verbs: tuple[str, str], words: str, looks: tuple[Look, ...]) -> str:
    """How many, and the first of them."""
    said = f"{upper_first(several(len(looks)))} {verbs[len(looks) > 1]} {words}"
    if not looks:
        return f"None {verbs[0]} {words}."
    first = lower_first(looks[0].concept.words)
    return f"{said}, led by {first}." if len(looks) > 1 else f"{said}: {first}."


def upper_first(words: str) -> str:
    """A sentence's beginning; what follows stays as it is.

    >>> upper_first("lower than England")
    'Lower than England'
    """
    return words[:1].upper() + words[1:]


def lower_first(words: str) -> str:
    """A title inside a sentence."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words
