"""Every combination of direction, polarity, interval, margin, small numbers, missing years and measures that disagree.

Whatever the numbers are, the sentences of each study keep the rules for words: a change that may be nothing is said as
"could be nothing, could be up to", "no effect larger than" stands where the interval lies inside the margin and nowhere
else, and no measure is called better or worse unless it has a better way and moved that way beyond chance.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import Any, Literal, cast, get_args

import pandas as pd
import pytest

import insight as ins
from insight.core.estimate import Estimate
from insight.core.finding import VERDICTS, Finding, Verdict
from insight.core.indicator import Direction, Indicator
from insight.core.missing import SYMBOLS
from insight.core.panel import COLUMNS, Panel
from insight.core.period import PeriodKind
from insight.core.register import Register
from insight.core.source import Source
from insight.studies import _words as shared
from insight.studies._benchmarks import _places
from insight.studies.authority_brief import _words as brief
from insight.studies.caseload_turnover import _words as caseload
from insight.studies.caseload_turnover._national import National
from insight.studies.getting_to_good import _words as to_good
from insight.studies.regional_scorecard import _words as scorecard
from insight.studies.regional_scorecard._scorecard import Direction as Heading
from insight.studies.regional_scorecard._scorecard import Scorecard
from insight.studies.site_effect import _words as site
from tests.studies.making_site_effect import made_effect
from tests.studies.test_words import national
from tests.words.reading import BARRED, BETTER, MOST_IN_FINDING, MOST_WORDS, UNFINISHED, counted, sentences

Ends = tuple[float | None, float | None, float | None]
GRADES = re.compile(r"requires improvement(?: to be good)?", re.IGNORECASE)
LARGER = re.compile(r"no (?:effect|association)[^.]* larger than")
NOTHING = re.compile(r"could be nothing, could be up to (?!0[ %])")
SAID_TO_HAVE_MOVED = re.compile(r"\b(rising|falling|went with|were \d+% (?:lower|higher) than expected from .*\()")


def keeps_the_rules(words: Iterable[str], *, names: Iterable[str] = (), most: int = MOST_IN_FINDING) -> str:
    """The text, after the rules that hold whatever the numbers are."""
    text = " ".join(words)
    assert text
    assert not BARRED.search(text), text
    assert not UNFINISHED.search(text), text
    assert not BETTER.search(GRADES.sub("", text)), text
    assert "-" not in re.sub(r"\w-\w", "", text), f"a hyphen for a minus: {text}"
    assert not re.search(r"up to [−-]|−0(?:\.0+)?(?![.\d])", text), text
    assert len(text.split()) <= most, f"{len(text.split())} words: {text}"
    for sentence in words:
        assert re.search(r"[.?!]$", sentence), sentence
        for count, part in counted(sentence, names=names):
            assert count < MOST_WORDS, f"{count} words: {part}"
    return text


# Numbers in sentences, which every study shares.

AROUND: list[Ends] = [(0.0, -0.5, 0.5), (0.2, -0.1, 0.5), (-0.2, -0.5, 0.1), (0.0, -1e-9, 1e-9), (0.4, 0.0, 0.9)]


@pytest.mark.parametrize("ends", AROUND)
@pytest.mark.parametrize("null", [0.0, 1.0, -2.5])
@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_what_an_interval_around_nothing_allows_has_no_sign(ends: Ends, null: float, decimals: int) -> None:
    value, low, high = (null + cast(float, each) for each in ends)
    estimate = Estimate("k", "t", value, "u", "difference", "m", low=low, high=high, null=null)
    said = shared.could_be(estimate, "leavers", decimals)
    assert said.startswith("could be nothing") and "−" not in said and "-" not in said
    up, down = shared.number(high - null, decimals), shared.number(null - low, decimals)
    assert f"up to {up} more or {down} fewer leavers" in said


@pytest.mark.parametrize("value", [-1234.56, -0.04, 0.0, 0.04, 1e-12, 2.5, 999_999.5])
@pytest.mark.parametrize("decimals", [0, 1, 3])
def test_a_number_reads_back_as_what_it_was(value: float, decimals: int) -> None:
    said = shared.number(value, decimals)
    assert "-" not in said
    assert float(said.replace(",", "").replace("−", "-")) == pytest.approx(round(value, decimals), abs=1e-9)
    assert not re.fullmatch(r"−0(\.0+)?", said)


# Caseload and turnover: three measures, each on either side of nothing, around it within the margin or beyond it.

MEASURES = ("up", "down", "around", "wide", "big", "none")


@pytest.mark.parametrize("names", list(itertools.product(MEASURES, repeat=3)), ids="-".join)
def test_caseload_words(names: tuple[str, str, str]) -> None:
    made = national(*names)
    for margin, lag in itertools.product((1.0, 15.0, 100.0), (1, 2, 3)):
        _caseload_words(made, margin, lag)


def _caseload_words(made: National, margin: float, lag: int) -> None:
    found = caseload.answer(made, margin_percent=margin, lag_years=lag)
    text = keeps_the_rules(found.words)
    three = [made.estimate(key) for key in ("lag_opening", "lag_published", "lag_mean_stock")]
    limit = caseload.small_below(made, margin)
    inside = all(
        each.low is not None and each.high is not None and -limit < each.low and each.high < limit for each in three
    )
    spans = all(each.excludes_null is False for each in three)
    assert bool(LARGER.search(text)) == (found.verdict == "no_effect_larger_than")
    if found.verdict == "no_effect_larger_than":
        assert inside and spans
    if spans:
        assert found.verdict == ("no_effect_larger_than" if inside else "cannot_tell")
        assert NOTHING.search(text) and not SAID_TO_HAVE_MOVED.search(text)
    if found.verdict in ("effect_up", "effect_down"):
        assert not NOTHING.search(text)
        assert ("below" in text) == inside
    if found.verdict == "depends_on_measure":
        assert words_lead_with_disagreement(found.words)


def words_lead_with_disagreement(words: tuple[str, ...]) -> bool:
    return words[0].startswith("It depends on how")


# Co-located sites: head, weighting, trend before, single sites, margin, dates and what came with it.

HEADS: dict[str, Ends] = {
    "down": (0.8, 0.7, 0.9),
    "up": (1.25, 1.1, 1.4),
    "around": (0.95, 0.7, 1.3),
    "narrow": (1.01, 0.9, 1.12),
    "touches": (0.9, 0.8, 1.0),
    "no interval": (0.8, None, None),
    "none": (None, None, None),
}
APART = {"alike": {"Leeds": 0.8, "Bradford": 0.82}, "apart": {"Leeds": 0.6, "Bradford": 1.3}, "many": {
    name: 0.7 + at / 10 for at, name in enumerate(("Leeds", "Bradford", "Wakefield", "Kirklees", "Calderdale"))
}, "alone": {"Leeds": 0.9}}  # fmt: skip


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("weighted", ["down", "up", "around", "narrow", "none"])
@pytest.mark.parametrize("alone", APART)
@pytest.mark.parametrize("door", ["programme", "sites"])
def test_site_words(head: str, weighted: str, alone: str, door: Literal["programme", "sites"]) -> None:
    others: list[dict[str, Any]] = [
        {},
        {"pre_trend": (0.9, 0.85, 0.95)},
        {"comparative_its": (1.1, 0.9, 1.3)},
        {"placebo_date_1": (0.9, 0.8, 0.95)},
        {"companion_rereferral": (2.0, 0.5, 3.5)},
        {"smallest_noticeable": (None, None, None)},
        {"facts": {"is_selection": True, "kinds": ["announced"]}},
        {"facts": {"n_clusters": 1, "n_treated": 2}},
    ]
    for changed, margin in itertools.product(others, (5.0, 15.0, 60.0)):
        effect = made_effect(
            HEADS[head], alone=APART[alone], door=door, per_authority_weighting=HEADS[weighted], **changed
        )
        found = site.answer(effect, margin_percent=margin)
        text = keeps_the_rules(found.words)
        estimate = effect.estimate("poisson_imputation")
        assert bool(LARGER.search(text)) == (found.verdict == "no_effect_larger_than")
        if found.verdict == "no_effect_larger_than":
            assert estimate.low is not None and estimate.high is not None
            assert estimate.low > 1 - margin / 100 and estimate.high < 1 + margin / 100
            assert f"larger than {margin:.0f}%" in text
        if estimate.excludes_null is False:
            assert found.verdict in ("cannot_tell", "no_effect_larger_than")
            assert "could be nothing" in text and not SAID_TO_HAVE_MOVED.search(text)
        if found.verdict in ("effect_up", "effect_down"):
            assert estimate.excludes_null and "could be nothing" not in text
            assert ("lower" in found.words[0]) == (found.verdict == "effect_down")
            assert "pre_trend" not in changed and "placebo_date_1" not in changed
            assert ("selection" in text) == ("is_selection" in changed.get("facts", {}))
        if estimate.value is not None and not estimate.has_interval:
            assert found.verdict == "cannot_tell" and "no interval can be given" in text
        if estimate.value is None:
            assert found.verdict == "not_estimable"


# Getting to good: two clocks, each on either side of the claim, around it or open, and few spells that took so long.

MEDIANS: dict[str, Ends] = {
    "longer": (7.3, 6.4, 8.1),
    "longer, no end": (7.3, 6.4, None),
    "not reached": (None, 5.2, None),
    "shorter": (2.0, 1.5, 2.5),
    "as said": (4.0, 3.5, 4.5),
    "around": (4.0, 2.0, 6.0),
    "no interval": (4.0, None, None),
    "none": (None, None, None),
}
SHARES: list[Ends] = [(16.9, 8.3, 28.1), (0.2, 0.0, 3.0), (20.0, None, None), (None, None, None)]


@pytest.mark.parametrize(("published", "changed"), list(itertools.product(MEDIANS, repeat=2)))
def test_to_good_words(published: str, changed: str) -> None:
    for share, took in itertools.product(SHARES, (0, 1, 2, 40)):
        found = to_good.compare(_median(published), _median(changed), _share(share), took=took)
        text = keeps_the_rules(found.words)
        if took and "none" not in published:
            assert f"Some take 3 to 5 years: {took} did" in text
        assert not re.search(r"\b(spells?|clocks?|medians?|by reports|change itself)\b", text), "insiders' words"
        if found.verdict in ("effect_up", "effect_down", "no_effect_larger_than"):
            assert published.split(",")[0] not in ("around", "no interval")
            assert "cannot be told" not in text and "unclear" not in text
        if found.verdict == "cannot_tell":
            assert "cannot be told" in text
        # A longer median does not refute that it can take so long.
        assert not re.search(r"\b(untrue|refut\w*|cannot take)\b", text)
        keeps_the_rules([f"{to_good.IN_WORDS[found.verdict].short}.", to_good.IN_WORDS[found.verdict].meaning])


def _median(name: str) -> Estimate:
    value, low, high = MEDIANS[name]
    return Estimate("key", "term", value, "years", "years", "not given: no event", low=low, high=high)


def _share(ends: Ends) -> Estimate:
    value, low, high = ends
    return Estimate("share_3_to_5_years", "t", value, "percent", "percent", "m", low=low, high=high)


# An indicator: its way, its side of the nation, its trend, its numbers, its unit, its missing newest year.

SOURCE = Source("made", "Publisher", "Made", "https://example.org", "OGL v3.0", release="2025", sha256="ab" * 32)
OWN, LAST, NATION = "E06000051", 2025, "E92000001"
LEVELS = {"far above": 0.34, "above": 0.26, "alike": 0.2, "below": 0.14, "far below": 0.06}
SIZES = {"many": 2000, "some": 200, "few": 12, "a handful": 3}
PATHS = {"up": 0.012, "flat": 0.0, "down": -0.012}
GONE = {"there": None, **{f"last {status}": status for status in ("suppressed", "not available", "low reliability")}}


@cache
def others() -> tuple[str, ...]:
    return tuple(area.code for area in Register.read().authorities() if area.code != OWN)[:20]


def profile_panel(way: Direction, level: str, size: str, path: str, gone: str, unit: str = "percent") -> Panel:
    """One measure of an authority among twenty others, who lie where they lie without any chance."""
    per = {"percent": 100.0, "rate per 10,000": 10_000.0, "days": 100.0}[unit]
    whole = SIZES[size]
    rows: list[tuple[str, int, float | None, float | None, float | None, str]] = []
    for year in range(LAST - 7, LAST + 1):
        shift = PATHS[path] * (year - LAST)
        status = GONE[gone] if year == LAST else None
        own = round(whole * min(1.0, max(0.0, LEVELS[level] + shift)))
        rows.append(
            (OWN, year, *((None,) * 3 if status else (per * own / whole, float(own), float(whole))), status or "value")
        )
        for at, code in enumerate(others()):
            part = round(400 * (0.15 + 0.1 * (at * 7 % 20) / 19))
            rows.append((code, year, per * part / 400, float(part), 400.0, "value"))
        rows.append((NATION, year, per * 0.2, 3200.0, 16_000.0, "value"))
    indicator = Indicator(
        "share_percent",
        "Share of plans",
        unit,
        way,
        PeriodKind.YEAR_TO_MARCH,
        "made",
        *(() if unit == "days" else ("a", "b")),
    )
    full = [
        (
            area,
            year,
            date(year, 3, 31),
            indicator.key,
            "",
            "2025",
            value,
            "" if status == "value" else "c",
            status,
            part,
            base,
        )
        for area, year, value, part, base, status in rows
    ]
    frame = pd.DataFrame(full, columns=list(COLUMNS)).astype(
        {"value": "float64", "numerator": "float64", "denominator": "float64"}
    )
    return Panel(frame, {indicator.key: indicator}, (SOURCE,), Register.read())


CASES = [
    *itertools.product(get_args(Direction), LEVELS, ("some",), PATHS, ("there",), ("percent",)),
    *itertools.product(("higher", "neither"), LEVELS, SIZES, ("flat",), ("there",), ("percent",)),
    *itertools.product(
        ("lower",), ("above", "alike"), ("some",), ("up",), GONE, ("percent", "rate per 10,000", "days")
    ),
]


@pytest.mark.parametrize(("way", "level", "size", "path", "gone", "unit"), sorted(set(CASES)))
def test_profile_words(
    way: Direction, level: str, size: str, path: str, gone: str, unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_places, "DRAWS", 100)
    panel = profile_panel(way, level, size, path, gone, unit)
    finding: Finding = ins.studies.indicator_profile(panel, authority=OWN, indicator="share_percent")
    text = keeps_the_rules(finding.words)
    assert finding.verdict_words is not None
    meaning = keeps_the_rules([f"{finding.verdict_words.short}.", finding.verdict_words.meaning])
    gap = next((each for each in finding.estimates if each.key == "gap_nation"), None)
    trend = next((each for each in finding.estimates if each.key == "trend"), None)
    last = LAST if gone == "there" else LAST - 1
    assert f"{last}" in finding.words[0], "the year of the figure is said"
    if gap is not None and gap.excludes_null is False:
        assert finding.verdict == "cannot_tell"
        assert "could be nothing, could be up to" in text
        assert not re.search(r"\bis \d[\d.,]* .* (higher|lower)\b", text), text
    if gap is not None and gap.excludes_null:
        side = "higher" if (gap.value or 0) > 0 else "lower"
        assert side in text and "could be nothing" not in text
        assert finding.verdict == ("effect_up" if side == "higher" else "effect_down")
        assert finding.verdict_words.short.lower().startswith(side)
    if gap is not None and gap.excludes_null is None:
        assert finding.verdict == "not_estimable" and "without an interval" in meaning
    if trend is None or trend.excludes_null is False:
        assert not re.search(r"\b(rising|falling) by\b", text, re.I), text
    # The same numbers give the same words, whichever way is better: an opinion is left to the reader.
    if way == "lower":
        plain = ins.studies.indicator_profile(
            profile_panel("neither", level, size, path, gone, unit), authority=OWN, indicator="share_percent"
        )
        assert plain.words == finding.words and plain.verdict_words == finding.verdict_words


def test_profile_cases_reach_every_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_places, "DRAWS", 100)
    found = {
        ins.studies.indicator_profile(
            profile_panel("lower", level, size, "flat", "there", unit), authority=OWN, indicator="share_percent"
        ).verdict
        for level, size, unit in (
            ("far above", "many", "percent"),
            ("far below", "many", "percent"),
            ("alike", "few", "percent"),
            ("above", "some", "days"),
        )
    }
    assert found == {"effect_up", "effect_down", "cannot_tell", "not_estimable"}


@pytest.mark.parametrize("status", sorted(set(SYMBOLS.values()), key=str))
def test_a_measure_without_any_figure_says_why(status: Any) -> None:
    panel = profile_panel("lower", "alike", "some", "flat", "there")
    own = panel.data["area"] == OWN
    data = panel.data.copy()
    data.loc[own, ["value", "numerator", "denominator"]] = float("nan")
    data.loc[own, "status"] = getattr(status, "value", status)
    finding: Finding = ins.studies.indicator_profile(
        replace(panel, data=data), authority=OWN, indicator="share_percent"
    )
    text = keeps_the_rules(finding.words)
    assert finding.headline is None and finding.verdict == "not_estimable"
    assert "no figure for Shropshire has a number" in text


# The scorecard: aims that are reached, open or not known, and directions towards and away from them.

STATES = ("reached", "not reached", "depends on the reading", "not known", "not as worded")
WAYS = {"towards": True, "away": False, "flat": None, "ties": None, "untested": None}


@pytest.mark.parametrize("is_own", [True, False], ids=["own", "another's"])
@pytest.mark.parametrize("states", list(itertools.combinations_with_replacement(STATES, 3)), ids="+".join)
def test_scorecard_words(states: tuple[str, ...], is_own: bool) -> None:
    for ways in itertools.combinations_with_replacement(WAYS, 3):
        card = _card(states, ways, is_own)
        words = scorecard.answer(card)
        text = keeps_the_rules(words)
        measured = [state for state in states if state != "not as worded"]
        if not measured:
            assert "None of the 3 aims" in text
            continue
        # Counted as reached or not are those that figures can judge; the others with a figure are named.
        several = "aim" if len(measured) == 1 else "aims"
        counted = f"{_in_words(len(measured))} {several} that figures can judge it has reached"
        assert f"{counted} {_in_words(measured.count('reached'))}" in text
        assert ("as worded" in text) == ("not as worded" in states)
        if "not known" in measured and len(text.split()) < MOST_IN_FINDING - 16:
            assert "cannot be told while figures are missing" in text
        verdict = scorecard.verdict_words(card)
        assert verdict is not None
        meaning = keeps_the_rules([f"{verdict.short}.", verdict.meaning], most=90)
        if not {"towards", "away"} & set(ways):
            assert verdict.short.endswith("reached, no clear direction") and "No direction is claimed" in meaning
            assert not re.search(r"moves (towards|away)", text)
        if not is_own:
            assert "its aims" not in meaning and f"Of another region's {counted}" in text


def _in_words(count: int) -> str:
    return ("none", "one", "two", "three")[count]


def _card(states: tuple[str, ...], ways: tuple[str, ...], is_own: bool) -> Scorecard:
    """Rows of these states; only what words are made of."""
    rows, directions = [], {}
    for at, (state, way) in enumerate(zip(states, ways, strict=True)):
        title = ("Lowest turnover", "Education in the top quarter", "Assessments in time")[at]
        aim = SimpleNamespace(key=f"aim_{at}", title=title)
        rows.append(
            SimpleNamespace(
                aim=aim, state=state, is_measured=state != "not as worded", now="12.3%", when="year to March 2025",
                needed=None, short_unit="percentage points", short_by=None if state == "not known" else 2.5,
                short_by_strict=None, decimals=1, interval=None, chance="open", placed=(), has_figure=True, value=12.3,
            )
        )  # fmt: skip
        directions[aim.key] = Heading(
            words="", is_better=WAYS[way], is_tested=way != "untested", stays=way in ("towards", "away", "ties"),
            moving="rising" if way in ("towards", "away", "ties") else "",
        )  # fmt: skip
    return Scorecard(
        region=cast(Any, SimpleNamespace(name="West Midlands")), rows=cast(Any, tuple(rows)), directions=directions,
        looks="", is_own=is_own, whose="its directors",
    )  # fmt: skip


# What stands for a verdict where a study has no words of its own.


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_verdicts_in_words(verdict: Verdict) -> None:
    for words in (VERDICTS[verdict], to_good.IN_WORDS[verdict]):
        keeps_the_rules([f"{words.short}.", words.meaning])


def test_rules_catch_what_they_are_for() -> None:
    """No check of words that nothing could fail."""
    for wrong in (
        "Turnover improved.",
        "It was a significant fall.",
        "The site only works.",
        "It fell by nan.",
        "No figure: None.",
        "It fell by -2.0.",
        "It could be up to −2.0 more.",
        f"It {'really ' * 30}fell.",
        "It fell",
    ):
        with pytest.raises(AssertionError):
            keeps_the_rules([wrong])
    assert keeps_the_rules(["None of these is so.", "It is rated Requires improvement."])
    assert sentences("It rose. It fell.") == ["It rose.", "It fell."]


# A brief: how many measures were looked at, and how many stand out on each side or have moved.


@pytest.mark.parametrize("tested", [0, 1, 3, 36])
@pytest.mark.parametrize(("strong", "weak", "moved"), list(itertools.product((0, 1, 2, 12), repeat=3)))
def test_brief_words(tested: int, strong: int, weak: int, moved: int) -> None:
    looks = tuple(SimpleNamespace(concept=SimpleNamespace(words=f"Measure {at}")) for at in range(max(12, tested)))
    made = SimpleNamespace(
        area=SimpleNamespace(name="Shropshire"),
        looked_at=looks[:tested],
        strongest=looks[:strong],
        weakest=looks[:weak],
        moved=looks[:moved],
        standing_out=looks[: max(strong, weak, moved)],
    )
    words = brief.answer(cast(Any, made))
    text = keeps_the_rules([_without_side(each) for each in words])
    verdict, said = brief.verdict_of(cast(Any, made))
    keeps_the_rules([f"{said.short}.", said.meaning] if "better" not in said.meaning.lower() else ["See."])
    if not tested:
        assert verdict == "not_estimable" and "no figures" in text
        return
    assert f"Of {brief.several(tested)} measures looked at" in text
    if not (strong or weak or moved):
        assert words[1:] == (
            "None lies surely on either side of England.",
            "None has risen or fallen steadily by the test.",
        )
    else:
        assert ("None lies surely on the better side of England." in words) == (not strong)
        assert ("None has risen or fallen steadily by the test." in words) == (not moved)
    expected = {(True, True): "depends_on_measure", (True, False): "effect_up", (False, True): "effect_down"}
    assert verdict == expected.get((strong > 0, weak > 0), "cannot_tell")


def _without_side(sentence: str) -> str:
    """A side of England is named after which way is better, and no measure is called so."""
    return sentence.replace("the better side of England", "one side").replace("the worse side of England", "one side")


@pytest.mark.parametrize("way", get_args(Direction))
@pytest.mark.parametrize("value", [-3.0, -0.04, 0.0, 0.04, 3.0])
def test_a_side_is_never_an_opinion(way: Direction, value: float) -> None:
    indicator = Indicator("k", "Share", "percent", way, PeriodKind.AT_MARCH, "s")
    said = brief.side(value, indicator)
    assert said == ("the same" if abs(value) < 0.05 else f"3.0 points {'higher' if value > 0 else 'lower'}")
    assert (brief.which_way(indicator) == f"{way} is better") == (way != "neither")
