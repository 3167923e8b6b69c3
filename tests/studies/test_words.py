"""Every combination of three intervals gives the verdict and the words that the rules say."""

from __future__ import annotations

import itertools

import pytest

from insight.core.estimate import Estimate
from insight.studies.caseload_turnover._national import National
from insight.studies.caseload_turnover._words import answer

# value, low, high
UP, DOWN = (0.5, 0.2, 0.7), (-0.5, -0.7, -0.2)
AROUND, WIDE, BIG = (0.1, -0.3, 0.5), (1.0, -4.0, 6.0), (4.0, 3.0, 5.0)
NONE = (None, None, None)
CASES = {"up": UP, "down": DOWN, "around": AROUND, "wide": WIDE, "big": BIG, "none": NONE}


def national(opening: str, published: str, mean_stock: str) -> National:
    several = zip(("lag_opening", "lag_published", "lag_mean_stock"), (opening, published, mean_stock), strict=True)
    estimates = tuple(
        Estimate(
            key,
            "term",
            *CASES[name][:1],
            "unit",
            "difference",
            "too few rows",
            low=CASES[name][1],
            high=CASES[name][2],
            null=0.0,
        )
        for key, name in several
    )
    return National(estimates, {}, [], [], 16.0, 2018, 2025, 100, 20, 100)


def expected(names: tuple[str, str, str]) -> str:
    if "none" in names:
        return "not_estimable"
    sides = {{"up": 1, "big": 1, "down": -1}.get(name, 0) for name in names}
    if len(sides) > 1:
        return "depends_on_measure"
    if sides == {1}:
        return "effect_up"
    if sides == {-1}:
        return "effect_down"
    # 15% of a mean turnover of 16 is 2.4, for three cases, so 0.8 for one: "around" lies inside, "wide" does not.
    return "cannot_tell" if "wide" in names else "no_effect_larger_than"


@pytest.mark.parametrize("names", list(itertools.product(CASES, repeat=3)), ids="-".join)
def test_the_verdict_follows_from_the_three_intervals(names: tuple[str, str, str]) -> None:
    found = answer(national(*names), margin_percent=15)
    assert found.verdict == expected(names)
    text = " ".join(found.words)
    assert len(text.split()) <= 60
    assert "improved" not in text and "significant" not in text


def test_a_difference_that_may_be_nothing_is_said_as_such() -> None:
    words = " ".join(answer(national("wide", "wide", "wide"), margin_percent=15).words)
    assert "cannot tell" in words
    assert "could be nothing, could be up to 6.00 more or 4.00 fewer" in words


def test_a_small_difference_is_called_small_by_the_margin_set_beforehand() -> None:
    assert "below 0.8" in " ".join(answer(national("up", "up", "up"), margin_percent=15).words)
    assert "below" not in " ".join(answer(national("big", "big", "big"), margin_percent=15).words)


def test_fewer_leavers_are_said_without_a_minus_sign() -> None:
    words = answer(national("down", "down", "down"), margin_percent=15).words
    assert words[0].startswith("One more case per worker at the start of a year went with 0.50 fewer leavers")


@pytest.mark.parametrize("names", [("around", "up", "up"), ("wide", "down", "up"), ("around", "around", "around")])
def test_a_leading_number_that_may_be_nothing_is_never_said_to_go_with_more(names: tuple[str, str, str]) -> None:
    words = " ".join(answer(national(*names), margin_percent=15).words)
    assert "went with" not in words
    assert "For one more case per worker the difference could be nothing" in words


def test_the_published_measure_has_the_unit_of_the_others() -> None:
    assert (
        "0.50 more or 0.30 fewer leavers per 100." in answer(national("up", "around", "up"), margin_percent=15).words[2]
    )
    assert "0.50 fewer (95%" in answer(national("up", "down", "up"), margin_percent=15).words[2]


def test_the_words_say_when_cases_were_counted() -> None:
    for lag, when in ((1, "at the start of a year"), (2, "a year before the start"), (3, "two years before the start")):
        words = answer(national("up", "up", "up"), margin_percent=15, lag_years=lag).words
        assert words[0].startswith(f"One more case per worker {when} went with 0.50 more")


def test_the_margin_is_a_parameter() -> None:
    assert answer(national("around", "around", "around"), margin_percent=1).verdict == "cannot_tell"
