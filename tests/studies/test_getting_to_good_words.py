"""Every combination of two medians gives the verdict and the words that the rules say."""

from __future__ import annotations

import itertools
import re
from datetime import date

import pytest

from insight.core.estimate import Estimate
from insight.core.finding import headline_text
from insight.studies.getting_to_good._words import compare, does_not_show, side_of, span

# value, low, high: where the whole interval lies beside 3 to 5 years.
MEDIANS = {
    "longer": (7.3, 6.4, 8.1),
    "longer, no end": (7.3, 6.4, None),
    "longer, not reached": (None, 5.2, None),
    "shorter": (2.0, 1.5, 2.5),
    "shorter, no beginning": (2.0, None, 2.5),
    "as said": (4.0, 3.5, 4.5),
    "around the low end": (3.0, 2.0, 4.0),
    "around the high end": (5.5, 2.9, 7.2),
    "no end": (4.0, 3.5, None),
    "no interval": (4.0, None, None),
    "none": (None, None, None),
}
SIDES = {
    "longer": "longer",
    "longer, no end": "longer",
    "longer, not reached": "longer",
    "shorter": "shorter",
    "shorter, no beginning": "shorter",
    "as said": "as_said",
    "around the low end": "open",
    "around the high end": "open",
    "no end": "open",
    "no interval": "open",
    "none": "none",
}
VERDICTS = {
    "longer": "effect_up",
    "shorter": "effect_down",
    "as_said": "no_effect_larger_than",
    "open": "cannot_tell",
}
SHARE = Estimate("share_3_to_5_years", "t", 16.9, "percent", "percent", "m", low=8.3, high=28.1)
NO_SHARE = Estimate("share_3_to_5_years", "t", None, "percent", "percent", "not given")


def median(name: str) -> Estimate:
    value, low, high = MEDIANS[name]
    return Estimate("key", "term", value, "years", "years", "not given: no event", low=low, high=high)


@pytest.mark.parametrize("name", MEDIANS)
def test_a_median_lies_where_its_whole_interval_lies(name: str) -> None:
    assert side_of(median(name)) == SIDES[name]


@pytest.mark.parametrize(("published", "changed"), list(itertools.product(MEDIANS, repeat=2)))
@pytest.mark.parametrize("took", [0, 9])
def test_the_verdict_follows_from_both_medians(published: str, changed: str, took: int) -> None:
    found = compare(median(published), median(changed), SHARE, took=took)
    sides = SIDES[published], SIDES[changed]
    if "none" in sides:
        assert found.verdict == "not_estimable"
    else:
        assert found.verdict == (VERDICTS[sides[0]] if sides[0] == sides[1] else "depends_on_measure")
    text = " ".join(found.words)
    assert len(text.split()) <= 60
    assert all(len(sentence.split()) < 25 for sentence in found.words)
    assert not re.search(r"\b(improved|significant|only|proves|drives|works|wrong|None|nan)\b", text)


@pytest.mark.parametrize("published", MEDIANS)
def test_a_longer_median_never_refutes_that_it_can_take_so_long(published: str) -> None:
    if published == "none":
        return
    words = compare(median(published), median("longer"), SHARE, took=9).words
    assert words[-1] == "Some take 3 to 5 years: 9 did; of all, an estimated 17% (8 to 28)."
    none = compare(median(published), median("longer"), SHARE, took=0).words[-1]
    assert none == "No authority that got to Good took 3 to 5 years."
    for took in (1, 2):
        found = compare(median(published), median("longer"), NO_SHARE, took=took)
        assert found.words[-1] == f"Some take 3 to 5 years: {took} did."


def test_both_medians_are_said_with_their_intervals() -> None:
    words = compare(median("longer"), median("around the high end"), SHARE, took=9).words
    assert words[0] == "Half had a published Good within 7.3 years of being rated Inadequate (95% interval 6.4 to 8.1)."
    assert words[1] == "Services change before reports say so: half within 5.5 years (2.9 to 7.2)."
    assert words[2] == "Against 3 to 5 years: longer until the report, unclear until the change."


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("longer", "Either way, half need longer than 3 to 5 years."),
        ("shorter", "Either way, half need less than 3 to 5 years."),
        ("as said", "Either way, half need 3 to 5 years."),
        ("no end", "Whether half need 3 to 5 years cannot be told either way."),
    ],
)
def test_what_both_agree_on_is_said_once(name: str, words: str) -> None:
    assert compare(median(name), median(name), SHARE, took=9).words[2] == words


def test_a_median_that_is_not_reached_has_an_interval_without_an_end() -> None:
    words = compare(median("longer, not reached"), median("longer, not reached"), SHARE, took=9).words
    assert words[0] == "Fewer than half have had a published Good so far (95% interval 5.2 or more)."
    assert words[1].endswith("no number for half (5.2 or more).")


def test_an_open_end_is_said_in_words() -> None:
    assert span(median("longer, no end")) == "(6.4 or more)"
    assert span(median("shorter, no beginning")) == "(up to 2.5)"
    assert span(median("none")) == "(no interval)"


def test_a_card_says_an_open_end_as_sentences_do() -> None:
    assert headline_text(median("longer, no end")) == "7.30 years (95% interval 6.40 or more)"
    assert headline_text(median("shorter, no beginning")) == "2.00 years (95% interval up to 2.50)"
    assert headline_text(median("longer")) == "7.30 years (95% interval 6.40 to 8.10)"
    assert headline_text(median("no interval")) == "4.00 years, without an interval"


def test_the_reason_for_no_answer_is_said() -> None:
    assert compare(median("none"), median("longer"), SHARE, took=0).words[-1] == "Not given: no event."


def test_that_grades_have_ended_is_said_where_they_have() -> None:
    assert not any("no overall grade" in each for each in does_not_show(None))
    assert does_not_show(date(2026, 4, 27))[-1].startswith("Inspections from 27 April 2026 give no overall grade")
    assert all(len(each.split()) < 25 for each in does_not_show(date(2026, 4, 27)))
