"""The verdict follows from the numbers by rule, and what a page says keeps to the rules for words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from insight.core.finding import Finding
from insight.studies.site_effect._words import answer, checks, could_be, does_not_show, size_of
from tests.studies.making_site_effect import found, made_effect
from tests.words.reading import sentences as parts_of

DOWN, UP = (0.8, 0.7, 0.9), (1.25, 1.1, 1.4)
AROUND, NARROW, NO_INTERVAL, NONE = (0.95, 0.7, 1.3), (1.01, 0.9, 1.12), (0.8, None, None), (None, None, None)
BARRED = re.compile(r"\b(improve\w*|proves?|drives?|works|wrong|only|significant\w*|nan|None|inf)\b")
MOST_WORDS = 25


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, "effect_down"),
        ({"head": UP, "alone": {"Leeds": 1.2, "Bradford": 1.3}}, "effect_up"),
        ({"head": AROUND}, "cannot_tell"),
        ({"head": NARROW, "alone": {"Leeds": 1.0}}, "no_effect_larger_than"),
        ({"head": NO_INTERVAL}, "cannot_tell"),
        ({"head": NONE}, "not_estimable"),
        # The other weighting does not bear it out.
        ({"per_authority_weighting": AROUND}, "depends_on_measure"),
        ({"per_authority_weighting": UP}, "depends_on_measure"),
        ({"head": NARROW, "per_authority_weighting": (1.05, 0.8, 1.3), "alone": {"Leeds": 1.0}}, "cannot_tell"),
        # Treated ones on both sides.
        ({"alone": {"Leeds": 0.6, "Bradford": 1.2}}, "depends_on_measure"),
        ({"head": AROUND, "alone": {"Leeds": 0.6, "Bradford": 1.2}}, "cannot_tell"),
        ({"alone": {"Leeds": 0.6, "Bradford": 1.02}}, "effect_down"),
        # Another path before the start, or one that carried on.
        ({"pre_trend": (0.9, 0.85, 0.95)}, "depends_on_measure"),
        ({"comparative_its": (1.1, 0.9, 1.3)}, "depends_on_measure"),
        ({"comparative_its": NONE}, "effect_down"),
        ({"placebo_date_1": (0.9, 0.8, 0.95)}, "depends_on_measure"),
        # What came with it.
        ({"companion_rereferral": (2.0, 0.5, 3.5)}, "depends_on_measure"),
        ({"companion_rereferral": (2.0, -0.5, 4.5)}, "effect_down"),
        (
            {"head": UP, "alone": {"Leeds": 1.2}, "companion_rereferral": (2.0, 0.5, 3.5)},
            "effect_up",
        ),
        ({"facts": {"is_selection": True, "kinds": ["funded"]}}, "effect_down"),
    ],
)
@pytest.mark.parametrize("door", ["programme", "sites"])
def test_the_verdict_follows_from_the_numbers(changed: dict[str, object], verdict: str, door: str) -> None:
    effect = made_effect(**{"head": DOWN, **changed}, door=door)  # type: ignore[arg-type]  # by name
    made = answer(effect, margin_percent=15)
    assert made.verdict == verdict
    text = " ".join(made.words)
    assert len(text.split()) <= 60
    assert not BARRED.search(text), text
    assert checks(effect, margin_percent=15) if effect.estimate("poisson_imputation").value is not None else True


def test_the_margin_is_a_parameter() -> None:
    effect = made_effect(NARROW, alone={"Leeds": 1.0})
    assert answer(effect, margin_percent=20).verdict == "no_effect_larger_than"
    assert answer(effect, margin_percent=5).verdict == "cannot_tell"
    assert "20%" in answer(effect, margin_percent=20).words[0]


def test_a_change_that_may_be_nothing_is_said_as_such() -> None:
    text = " ".join(answer(made_effect(AROUND), margin_percent=15).words)
    assert "cannot tell" in text
    assert "could be nothing, could be up to 30% fewer or 30% more referrals" in text


def test_no_pooled_change_leads_where_treated_ones_differ() -> None:
    words = answer(made_effect(AROUND, alone={"Leeds": 0.6, "Bradford": 1.2}), margin_percent=15).words
    assert "Leeds 40% lower" in words[1] and "Bradford 20% higher" in words[1]


def test_a_fall_with_more_repeats_is_never_headed_as_a_fall() -> None:
    words = answer(made_effect(companion_rereferral=(2.0, 0.5, 3.5)), margin_percent=15).words
    assert "repeats" in words[0]
    assert "lower" not in words[0]


def test_without_an_interval_the_words_say_what_could_be_reached() -> None:
    effect = made_effect(NO_INTERVAL, alone={"Leeds": 0.8}, p_smallest=(0.1, None, None), facts={"n_placebos": 9})
    text = " ".join(answer(effect, margin_percent=15).words)
    assert "cannot tell" in text and "no interval can be given" in text
    rank = next(check for check in checks(effect, margin_percent=15) if "unusual" in check.name)
    assert "0.100" in rank.meaning


def test_a_start_that_is_not_the_day_of_going_live_may_be_selection() -> None:
    effect = made_effect(facts={"is_selection": True, "kinds": ["announced"]})
    assert "selection" in " ".join(answer(effect, margin_percent=15).words)
    start = checks(effect, margin_percent=15)[0]
    assert start.passed is False and "announced" in start.meaning


@pytest.mark.parametrize(("value", "words"), [(0.83, "17% lower"), (1.22, "22% higher"), (0.9996, "the same")])
def test_a_ratio_is_said_as_a_change(value: float, words: str) -> None:
    assert size_of(value) == words


def test_what_could_be_never_has_a_minus_sign() -> None:
    for ends in ((0.7, 1.3), (0.95, 1.9), (0.999, 1.2), (0.5, 1.001)):
        made = could_be(made_effect((1.0, *ends)).estimate("poisson_imputation"))
        assert "-" not in made and "−" not in made
        assert "up to 0%" not in made, made


def sentences(finding: Finding) -> Iterator[str]:
    """Every sentence of the page in running text; text in brackets belongs to its sentence."""
    texts = [*finding.words, *finding.does_not_show, *finding.caveats]
    texts += [check.meaning for check in finding.all_checks]
    texts += [paragraph for note in finding.notes.values() for paragraph in note.paragraphs]
    for text in texts:
        yield from (part for part in re.split(r"(?<=[.!?])\s+(?=[A-Z0-9])", text) if part)


PAGES = [
    ("X06000001", {}),  # untreated
    ("X06000012", {}),  # treated
    ("X06000017", {}),  # in another programme
    ("X06000046", {}),  # hidden months
    ("X06000059", {}),  # began in 2021
    ("X10000001", {}),  # abolished
    ("X06000005", {"design": "sites"}),
    ("X06000007", {"design": "sites"}),
    ("X06000001", {"programme": "Pathfinder, wave 2"}),
]


@pytest.mark.parametrize(("authority", "parameters"), PAGES)
def test_sentences_are_short_and_plain(sample_store: Path, authority: str, parameters: dict[str, str]) -> None:
    finding = found(sample_store, authority, **parameters)
    assert len(" ".join(finding.words).split()) <= 60
    for sentence in sentences(finding):
        assert not BARRED.search(sentence), sentence
        assert len(sentence.split()) <= MOST_WORDS, f"{len(sentence.split())} words: {sentence}"


def here_of(store: Path, authority: str, **parameters: str) -> tuple[str, ...]:
    return tuple(found(store, authority, **parameters).notes["here"].paragraphs)


def test_the_change_of_an_untreated_county_stands_beside_what_it_cannot_show(sample_store: Path) -> None:
    (paragraph,) = [text for text in here_of(sample_store, "X06000001") if text.startswith("Referrals were")]
    assert says_it_in_short_sentences(paragraph)


def says_it_in_short_sentences(paragraph: str) -> bool:
    """What was found, that it could be nothing, and what it cannot show: each by itself, without insiders' words."""
    found, nothing, *_, last = parts_of(paragraph)
    assert re.fullmatch(r"Referrals were \d+% (lower|higher) than expected from the other authorities \(.*\)\.", found)
    assert nothing == "It could be nothing." and "treated" not in paragraph and "total" not in paragraph
    return last == "These are all its referrals, so they cannot show what one site did."


def test_the_number_of_the_first_screen_is_named_in_plain_words(sample_store: Path) -> None:
    headline = found(sample_store, "X06000001").headline
    assert headline is not None and "Poisson imputation" in headline.method
    assert headline.term == "Compared with the other authorities, every referral counted alike"


@pytest.mark.published
def test_the_page_of_shropshire_says_what_its_figures_cannot_show(published_store: Path) -> None:
    paragraphs = here_of(published_store, "Shropshire")
    (paragraph,) = [text for text in paragraphs if text.startswith("Referrals were")]
    assert says_it_in_short_sentences(paragraph)
    assert "regression to the mean" in " ".join(paragraphs)
    assert "smallest fall we would notice" in " ".join(paragraphs)


def test_an_abolished_authority_is_called_that(sample_store: Path) -> None:
    text = " ".join(here_of(sample_store, "X10000001"))
    assert "ended on 31 March 2021" in text and "East Wessen" in text


def test_an_authority_with_hidden_months_is_not_told_that_its_history_is_short(sample_store: Path) -> None:
    text = " ".join(here_of(sample_store, "X06000046"))
    assert re.search(r"\b2 of \d+ months without a number", text)
    assert "too short" not in text


def test_an_authority_of_another_programme_is_not_told_that_its_history_is_short(sample_store: Path) -> None:
    text = " ".join(here_of(sample_store, "X06000017"))
    assert "Rising pilot" in text
    assert "too short" not in text


def test_what_the_page_does_not_show_is_said_for_each_door() -> None:
    assert "totals of whole authorities" in " ".join(does_not_show(made_effect()))
    assert "from one site to the next" in " ".join(does_not_show(made_effect(door="sites")))


def test_the_page_of_sites_speaks_of_sites(sample_store: Path) -> None:
    finding = found(sample_store, "X06000005", design="sites")
    texts = [*finding.words, *(check.meaning for check in finding.all_checks)]
    texts += [f"{estimate.term} {estimate.method}" for estimate in finding.estimates]
    for text in texts:
        assert "areas of other programmes" not in text.lower(), text
        assert "authorities" not in text, text
