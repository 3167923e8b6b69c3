"""First differences, the split-panel jackknife and Mundlak's regression."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from insight.errors import NotEnoughData, UsageError
from insight.stats import between_within, first_differences, joint_test, split_panel_jackknife, within_regression

MakePanel = Callable[..., pd.DataFrame]
QUESTION = {"outcome": "y", "regressors": ("x", "other"), "unit": "unit", "period": "year"}


def test_with_two_periods_first_differences_are_the_within_regression(make_panel: MakePanel) -> None:
    frame = make_panel(periods=2, keep=1.0)
    assert first_differences(frame, **QUESTION).coefs == pytest.approx(
        within_regression(frame, **QUESTION).coefs, rel=1e-8
    )


def test_a_difference_is_to_the_period_before_and_not_to_the_row_before() -> None:
    generator = np.random.default_rng(3)
    frame = pd.DataFrame({"unit": np.repeat(np.arange(20), 4), "year": np.tile([2001, 2002, 2004, 2005], 20)})
    frame["x"] = generator.normal(size=80)
    frame["y"] = 2 * frame["x"] + generator.normal(size=80)
    fit = first_differences(frame, outcome="y", regressors=["x"], unit="unit", period="year")
    assert (fit.n_rows, fit.n_missing, fit.n_units) == (40, 40, 20)
    wide = frame.pivot(index="unit", columns="year")
    by_hand = pd.concat(
        pd.DataFrame({name: wide[name][late] - wide[name][late - 1] for name in ("x", "y")}).assign(year=late)
        for late in (2002, 2005)
    )
    centred = by_hand[["x", "y"]] - by_hand.groupby("year")[["x", "y"]].transform("mean")
    assert fit.coef == pytest.approx((centred["x"] * centred["y"]).sum() / (centred["x"] ** 2).sum(), rel=1e-10)


def test_periods_two_apart_are_consecutive_when_the_step_says_so(panel: pd.DataFrame) -> None:
    doubled = panel.assign(year=panel["year"] * 2)
    with pytest.raises(NotEnoughData):
        first_differences(doubled, **QUESTION)
    assert first_differences(doubled, **QUESTION, step=2).coef == first_differences(panel, **QUESTION).coef


def test_differences_need_whole_numbers_and_one_row_per_unit_and_period(panel: pd.DataFrame) -> None:
    with pytest.raises(UsageError, match="two rows"):
        first_differences(pd.concat([panel, panel.iloc[[0]]]), **QUESTION)
    with pytest.raises(UsageError, match="whole number"):
        first_differences(panel.assign(year=panel["year"] + 0.5), **QUESTION)
    with pytest.raises(UsageError):
        first_differences(panel.assign(year=panel["year"].map(str) + " to date"), **QUESTION)
    with pytest.raises(UsageError, match="absent"):
        first_differences(panel.drop(columns="year"), **QUESTION)
    mixed = panel.assign(year=[year if year < 2014 else str(year) for year in panel["year"]])
    with pytest.raises(UsageError, match="put in order"):
        split_panel_jackknife(mixed, **QUESTION)


def _halves_by_hand(frame: pd.DataFrame, cut: int) -> np.ndarray:
    early, late = frame[frame["year"] < cut], frame[frame["year"] >= cut]
    fits = [(len(half), np.asarray(within_regression(half, **QUESTION).coefs)) for half in (early, late)]
    return sum(n * coefs for n, coefs in fits) / sum(n for n, _ in fits)


def test_the_split_panel_jackknife_is_twice_the_whole_less_the_halves(make_panel: MakePanel) -> None:
    frame = make_panel(keep=1.0)
    expected = 2 * np.asarray(within_regression(frame, **QUESTION).coefs) - _halves_by_hand(frame, 2014)
    assert split_panel_jackknife(frame, **QUESTION).coefs == pytest.approx(expected, rel=1e-8)


def test_an_odd_number_of_periods_is_cut_both_ways(make_panel: MakePanel) -> None:
    frame = make_panel(keep=1.0, periods=7)
    halves = (_halves_by_hand(frame, 2013) + _halves_by_hand(frame, 2014)) / 2
    expected = 2 * np.asarray(within_regression(frame, **QUESTION).coefs) - halves
    assert split_panel_jackknife(frame, **QUESTION).coefs == pytest.approx(expected, rel=1e-8)


def test_an_unbalanced_panel_is_cut_at_one_period_common_to_all(panel: pd.DataFrame) -> None:
    fit = split_panel_jackknife(panel, **QUESTION)
    assert "cut after 4 of 8 periods" in fit.method
    assert fit.n_rows == len(panel)


def test_feedback_from_the_outcome_biases_the_within_estimate_and_the_jackknife_takes_most_of_it_out() -> None:
    """True coefficient of the lagged outcome 0.5; the within estimate is about (1 + 0.5) / T too low (Nickell 1981)."""
    units, periods, truth = 150, 10, 0.5
    errors: dict[str, list[float]] = {"within": [], "jackknife": []}
    for seed in range(12):
        generator = np.random.default_rng(seed)
        outcome = np.zeros((units, periods + 21))
        level = generator.normal(size=units)
        for step in range(1, periods + 21):
            outcome[:, step] = truth * outcome[:, step - 1] + level + generator.normal(size=units)
        frame = pd.DataFrame(
            {
                "unit": np.repeat(np.arange(units), periods),
                "year": np.tile(np.arange(periods), units),
                "y": outcome[:, -periods:].reshape(-1),
                "before": outcome[:, -periods - 1 : -1].reshape(-1),
            }
        )
        how = {"outcome": "y", "regressors": ("before",), "unit": "unit", "period": "year"}
        errors["within"].append(within_regression(frame, **how).coef - truth)
        errors["jackknife"].append(split_panel_jackknife(frame, **how).coef - truth)
    assert np.mean(errors["within"]) == pytest.approx(-0.15, abs=0.04)
    assert abs(np.mean(errors["jackknife"])) < 0.3 * abs(np.mean(errors["within"]))


def test_the_analytic_error_of_the_jackknife_agrees_with_a_bootstrap_of_units(
    make_panel: MakePanel,
) -> None:
    frame = make_panel(units=60, keep=1.0)
    how = {"outcome": "y", "regressors": ("x",), "unit": "unit", "period": "year"}
    generator = np.random.default_rng(11)
    parts = [part for _, part in frame.groupby("unit")]
    drawn = []
    for _ in range(100):
        chosen = generator.integers(0, len(parts), size=len(parts))
        again = pd.concat([parts[place].assign(unit=number) for number, place in enumerate(chosen)])
        drawn.append(split_panel_jackknife(again, **how).coef)
    assert split_panel_jackknife(frame, **how).std_error == pytest.approx(float(np.std(drawn)), rel=0.2)


def test_the_jackknife_needs_two_periods_in_each_half(make_panel: MakePanel) -> None:
    with pytest.raises(NotEnoughData, match="3 periods"):
        split_panel_jackknife(make_panel(periods=3, keep=1.0), **QUESTION)
    still = make_panel(periods=6, keep=1.0)
    still["x"] = still["x"].where(still["year"] >= 2013, 1.0)
    with pytest.raises(NotEnoughData, match="'x' does not vary"):
        split_panel_jackknife(still, **QUESTION)


@pytest.mark.parametrize("keep", [1.0, 0.9])
def test_the_within_part_of_mundlak_is_the_fixed_effects_estimate(make_panel: MakePanel, keep: float) -> None:
    frame = make_panel(keep=keep)
    both, within = between_within(frame, **QUESTION), within_regression(frame, **QUESTION)
    assert (both.of("x within").coef, both.of("other within").coef) == pytest.approx(within.coefs, abs=1e-8)
    # The same scores; only the count of columns in the small-sample factor differs.
    assert both.of("x within").std_error == pytest.approx(within.std_error, rel=0.05)


def test_the_between_part_of_mundlak_is_the_regression_of_means_when_balanced(
    make_panel: MakePanel,
) -> None:
    frame = make_panel(keep=1.0)
    fit = between_within(frame, outcome="y", regressors=["x"], unit="unit", period="year")
    means = frame.groupby("unit")[["x", "y"]].mean()
    slope = np.polyfit(means["x"], means["y"], 1)[0]
    assert fit.of("x between").coef == pytest.approx(slope, rel=1e-8)
    assert fit.of("x between").coef > fit.of("x within").coef + 0.3  # units with a high x have a high y anyway
    assert joint_test(fit, ["x within", "x between"]).p < 0.01


def test_between_needs_units_that_differ(make_panel: MakePanel) -> None:
    frame = make_panel(keep=1.0)
    frame["x"] -= frame.groupby("unit")["x"].transform("mean")
    with pytest.raises(NotEnoughData, match="do not vary between units"):
        between_within(frame, **QUESTION)
