"""Is the smallest noticeable change what textbooks, other programs and simulations say?"""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, ttest_ind

from insight.errors import InsightError, NotEnoughData, UsageError
from insight.stats.collapsed_change import collapsed_change
from insight.stats.own_history import own_history
from insight.stats.panel_matrix import PanelMatrix
from insight.stats.power import in_words, noticeable_multiple, smallest_noticeable
from insight.stats.power_simulation import simulate_power
from insight.stats.pseudo_treatment import changed_counts, permuted, pooled_t

COLUMNS = {"outcome": "count", "unit": "site", "period": "month"}


def counts_frame(*, n_units: int, n_periods: int, noise: float, seed: int, mean: float = 2000.0) -> pd.DataFrame:
    """Counts whose log changes between spans of months are close to normal: one shock per unit and month."""
    rng = np.random.default_rng(seed)
    rates = mean * np.exp(noise * rng.normal(size=(n_units, n_periods)))
    return pd.DataFrame(
        {
            "site": np.repeat([f"s{i:03d}" for i in range(n_units)], n_periods),
            "month": np.tile(np.arange(n_periods), n_units),
            "count": rng.poisson(rates).ravel(),
        }
    )


def test_the_multiple_is_that_of_the_textbook() -> None:
    """Bloom (1995), Evaluation Review 19: for power 80%, 2.80 at two-sided 5% and 2.49 at one-sided 5%."""
    assert noticeable_multiple() == pytest.approx(2.80, abs=0.005)
    assert noticeable_multiple(level=0.90) == pytest.approx(2.49, abs=0.005)
    assert noticeable_multiple(power=0.9) == pytest.approx(3.24, abs=0.005)


@pytest.mark.parametrize("n_each", [10, 30, 200])
def test_the_multiple_agrees_with_the_power_of_a_t_test(n_each: int) -> None:
    """statsmodels inverts the noncentral t: the sum of two quantiles differs by under 1% from 18 degrees on."""
    power = pytest.importorskip("statsmodels.stats.power")
    exact = power.TTestIndPower().solve_power(nobs1=n_each, alpha=0.05, power=0.8)
    closed = noticeable_multiple(dof=2 * n_each - 2) * math.sqrt(2 / n_each)
    assert closed == pytest.approx(exact, rel=0.01)


def test_placebos_that_are_normal_give_the_same_by_the_closed_form_and_by_the_placebo_test() -> None:
    draws = np.random.default_rng(1).normal(scale=0.1, size=40_000)
    closed = smallest_noticeable(draws)
    counted = smallest_noticeable(draws, method="empirical")
    # Two quantiles from 40,000 draws, each with an error of about 0.001.
    assert math.log(counted.fall.value) == pytest.approx(math.log(closed.fall.value), abs=0.004)
    assert math.log(counted.rise.value) == pytest.approx(math.log(closed.rise.value), abs=0.004)
    assert closed.placebo_sd == pytest.approx(0.1, rel=0.02)


def test_the_placebo_test_notices_the_smallest_fall_as_often_as_it_says() -> None:
    draws = np.random.default_rng(2).standard_t(3, size=199) * 0.1
    found = smallest_noticeable(draws, method="empirical")
    size = -math.log(found.fall.value)

    def share(effect: float) -> float:
        shifted = draws - effect
        p_values = np.array([(1 + (np.abs(draws) >= abs(each)).sum()) / 200 for each in shifted])
        return float(((p_values <= 0.05 + 1e-12) & (shifted < 0)).mean())

    assert share(size + 1e-9) >= 0.8
    assert share(size - 1e-6) < 0.8


def test_too_few_placebos_notice_nothing_however_large() -> None:
    found = smallest_noticeable(np.linspace(-0.2, 0.2, 18), method="empirical")
    assert found.fall.value is None
    assert found.rise.value is None
    assert "1/19" in found.fall.method
    assert found.words.startswith("No fall up to 90% would be noticed (8 times in 10).")
    assert smallest_noticeable(np.linspace(-0.2, 0.2, 19), method="empirical").fall.value is not None


def test_noise_that_hides_everything_is_said_so() -> None:
    found = smallest_noticeable(np.random.default_rng(3).normal(scale=2.0, size=50))
    assert found.fall.value is None
    assert found.words == (
        "No fall up to 90% would be noticed (8 times in 10). No rise up to 900% would be noticed (8 times in 10)."
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ratio": 0.69}, "The smallest fall we would notice (8 times in 10) is 31%."),
        ({"ratio": 0.6899}, "The smallest fall we would notice (8 times in 10) is 32%."),
        (
            {"ratio": 1.5, "direction": "rise", "power": 0.9},
            "The smallest rise we would notice (9 times in 10) is 50%.",
        ),
        ({"ratio": 0.5, "power": 0.85}, "The smallest fall we would notice (85% of the time) is 50%."),
        ({"ratio": None, "limit": 0.5}, "No fall up to 50% would be noticed (8 times in 10)."),
    ],
)
def test_the_sentence_never_promises_more_than_was_found(given: dict[str, Any], said: str) -> None:
    assert in_words(given.pop("ratio"), **given) == said


def test_a_fall_is_not_said_with_a_ratio_above_one() -> None:
    with pytest.raises(UsageError):
        in_words(1.2)


@pytest.mark.parametrize(
    ("placebos", "change", "error"),
    [
        ([0.1, 0.2], {}, NotEnoughData),
        ([], {}, NotEnoughData),
        ([0.1, 0.1, 0.1], {}, NotEnoughData),
        ([0.1, math.nan, 0.3], {}, UsageError),
        ([0.1, 0.2, 0.3], {"power": 1.0}, UsageError),
        ([0.1, 0.2, 0.3], {"level": 0.0}, UsageError),
        ([0.1, 0.2, 0.3], {"dof": 0}, UsageError),
        ([0.1, 0.2, 0.3], {"method": "guess"}, UsageError),
    ],
)
def test_placebos_that_cannot_be_used_are_refused(
    placebos: list[float], change: dict[str, Any], error: type[InsightError]
) -> None:
    with pytest.raises(error):
        smallest_noticeable(placebos, **change)


@pytest.mark.parametrize("tests", ["permutation", "t"])
def test_the_simulation_agrees_with_the_closed_form_where_noise_is_normal(tests: Any) -> None:
    frame = counts_frame(n_units=60, n_periods=24, noise=0.3, seed=5)
    found = simulate_power(frame, **COLUMNS, n_treated=4, pre=12, post=6, seed=6, n_draws=500, tests=tests)
    error = found.smallest.placebo_sd * math.sqrt(1 / 4 + 1 / 56)
    expected = noticeable_multiple(dof=58) * error
    # At power 80% a Monte Carlo error of 1.8 points is 0.064 standard errors of the effect; three of them, and the
    # noise that thinning itself brings.
    assert -math.log(found.smallest.fall.value) == pytest.approx(expected, abs=0.25 * error)
    for effect in (0.75, 0.8):
        row = found.curve.set_index("effect").loc[effect]
        expected_power = norm.cdf(-math.log(effect) / error - norm.ppf(0.975))
        assert row["power"] == pytest.approx(expected_power, abs=3 * row["mc_error"] + 0.03)
    assert 0.02 <= found.size <= 0.09


def test_one_treated_among_fewer_than_twenty_can_notice_nothing_at_five_percent() -> None:
    frame = counts_frame(n_units=14, n_periods=20, noise=0.1, seed=7)
    found = simulate_power(frame, **COLUMNS, n_treated=1, pre=9, post=6, seed=8, n_draws=50)
    assert found.curve["power"].max() == 0
    assert found.smallest_p == pytest.approx(1 / 14)
    assert found.words == "Nothing can be noticed at the 95% level: the smallest possible p is 0.071."
    assert simulate_power(frame, **COLUMNS, n_treated=1, pre=9, post=6, seed=8, n_draws=50, level=0.9).size > 0


def test_the_same_seed_gives_the_same_curve_and_another_does_not() -> None:
    frame = counts_frame(n_units=30, n_periods=20, noise=0.2, seed=9)
    options = {"n_treated": 2, "pre": 9, "post": 6, "n_draws": 60}
    first = simulate_power(frame, **COLUMNS, **options, seed=1)
    again = simulate_power(frame.sample(frac=1, random_state=1), **COLUMNS, **options, seed=1)
    other = simulate_power(frame, **COLUMNS, **options, seed=2)
    assert first.curve.equals(again.curve)
    assert not first.curve.equals(other.curve)


def test_nothing_from_the_first_start_on_is_used() -> None:
    frame = counts_frame(n_units=20, n_periods=30, noise=0.2, seed=10)
    frame["cohort"] = np.where(frame["site"] == "s000", 22.0, np.nan)
    options = {"n_treated": 1, "pre": 9, "post": 6, "n_draws": 40, "seed": 1, "level": 0.9}
    found = simulate_power(frame, **COLUMNS, **options, cohort="cohort")
    earlier = simulate_power(frame[frame["month"] < 22], **COLUMNS, **options)
    assert found.curve.equals(earlier.curve)
    assert max(found.cells["start"]) == 16


def test_starts_can_be_chosen() -> None:
    frame = counts_frame(n_units=20, n_periods=30, noise=0.2, seed=10)
    options = {"n_treated": 1, "pre": 9, "post": 6, "n_draws": 20, "seed": 1, "level": 0.9}
    found = simulate_power(frame, **COLUMNS, **options, starts=[12, 20])
    assert sorted(set(found.cells["start"])) == [12, 20]
    assert found.n_starts == 2


def test_only_falls_are_spoken_of_where_only_falls_were_tried() -> None:
    frame = counts_frame(n_units=30, n_periods=20, noise=0.1, seed=11)
    found = simulate_power(frame, **COLUMNS, n_treated=3, pre=9, post=6, seed=1, n_draws=60, effects=[0.5, 0.9])
    assert list(found.curve["effect"]) == [0.5, 0.9, 1.0]
    assert "rise" not in found.words


def test_ones_own_estimator_gives_the_same_power_as_the_one_built_in() -> None:
    frame = counts_frame(n_units=25, n_periods=24, noise=0.2, seed=12)
    options = {"n_treated": 3, "pre": 12, "post": 6, "n_draws": 40, "effects": [0.8], "seed": 3}

    def own(matrix: PanelMatrix) -> tuple[float, float]:
        n_units, n_periods = matrix.outcome.shape
        tidy = pd.DataFrame(
            {
                "site": np.repeat(matrix.units, n_periods),
                "month": np.tile(matrix.periods, n_units),
                "count": matrix.outcome.ravel(),
                "cohort": np.repeat(
                    [matrix.periods[int(s)] if np.isfinite(s) else np.nan for s in matrix.start], n_periods
                ),
            }
        )
        found = collapsed_change(tidy, **COLUMNS, cohort="cohort")
        return found.log_change, found.p_value

    given = simulate_power(frame, **COLUMNS, **options, estimator=own)
    built_in = simulate_power(frame, **COLUMNS, **options, tests="t")
    # The same draws of starts are not used, so both have the Monte Carlo error of 40 draws.
    assert given.curve["power"].to_numpy() == pytest.approx(built_in.curve["power"].to_numpy(), abs=0.3)
    assert given.smallest_p is None


def test_the_permutation_p_is_that_of_every_arrangement_counted() -> None:
    changes = np.random.default_rng(13).normal(size=(1, 7))
    sets = np.array(list(combinations(range(7), 2)))
    difference, p_value = permuted(changes, np.array([0, 3]), sets)
    slow = [abs(changes[0, list(s)].mean() - np.delete(changes[0], list(s)).mean()) for s in sets]
    actual = changes[0, [0, 3]].mean() - np.delete(changes[0], [0, 3]).mean()
    assert difference[0] == pytest.approx(actual)
    assert p_value[0] == pytest.approx(np.mean(np.array(slow) >= abs(actual) - 1e-12))


def test_the_pooled_t_is_that_of_scipy() -> None:
    changes = np.random.default_rng(14).normal(size=(2, 12))
    difference, p_values = pooled_t(changes, np.array([1, 5, 6]))
    others = [i for i in range(12) if i not in (1, 5, 6)]
    for row in range(2):
        expected = ttest_ind(changes[row, [1, 5, 6]], changes[row, others])
        assert p_values[row] == pytest.approx(expected.pvalue)
        assert np.sign(difference[row]) == np.sign(expected.statistic)


def test_thinning_and_adding_change_the_mean_by_the_effect_and_keep_a_poisson_variance() -> None:
    rng = np.random.default_rng(15)
    counts = rng.poisson(50.0, size=40_000)
    for effect in (0.6, 1.0, 1.4):
        changed = changed_counts(counts, effect, rng)
        assert changed.mean() == pytest.approx(50 * effect, rel=0.005)
    assert changed_counts(counts, 0.6, rng).var() == pytest.approx(30.0, rel=0.03)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"n_treated": 0}, UsageError),
        ({"n_treated": 9}, NotEnoughData),
        ({"pre": 30}, NotEnoughData),
        ({"gap": -1}, UsageError),
        ({"n_draws": 0}, UsageError),
        ({"effects": [0.0]}, UsageError),
        ({"tests": "guess"}, UsageError),
        ({"starts": [99]}, UsageError),
        ({"starts": [0]}, NotEnoughData),
        ({"season": "absent"}, UsageError),
        ({"outcome": "absent"}, UsageError),
        ({"level": 1.5}, UsageError),
        ({"power": 0.0}, UsageError),
    ],
)
def test_a_design_that_cannot_be_simulated_is_refused(change: dict[str, Any], error: type[InsightError]) -> None:
    frame = counts_frame(n_units=10, n_periods=20, noise=0.2, seed=16)
    given = {**COLUMNS, "n_treated": 2, "pre": 6, "post": 6, "seed": 1, "n_draws": 5} | change
    with pytest.raises(error):
        simulate_power(frame, **given)


@pytest.mark.parametrize("hostile", ["empty", "one unit", "all zero", "fractions", "all treated from the first"])
def test_a_frame_that_gives_nothing_is_refused_in_words(hostile: str) -> None:
    frame = counts_frame(n_units=10, n_periods=20, noise=0.2, seed=17).assign(cohort=np.nan)
    cases = {
        "empty": frame.iloc[:0],
        "one unit": frame[frame["site"] == "s000"],
        "all zero": frame.assign(count=0),
        "fractions": frame.assign(count=frame["count"] + 0.5),
        "all treated from the first": frame.assign(month=frame["month"] + 1, cohort=1),
    }
    with pytest.raises(InsightError):
        simulate_power(cases[hostile], **COLUMNS, cohort="cohort", n_treated=1, pre=6, post=6, seed=1, n_draws=5)


def test_one_series_is_judged_by_its_own_past() -> None:
    quiet = counts_frame(n_units=12, n_periods=72, noise=0.05, seed=18)
    loud = counts_frame(n_units=12, n_periods=72, noise=0.6, seed=19)
    frame = pd.concat([quiet[quiet["site"] != "s003"], loud[loud["site"] == "s003"]], ignore_index=True)
    found = {name: own_history(frame, **COLUMNS, focal=name, pre=12, post=6, gap=2) for name in ("s002", "s003")}
    assert found["s002"].smallest.fall.value > found["s003"].smallest.fall.value
    assert found["s002"].n_apart == 9  # starts at 14, 20, ..., 62, and 66 is the last that fits
    assert found["s002"].n_comparisons == 11
    cells = found["s002"].cells
    assert len(cells) == 72 - 6 - 14 + 1
    assert np.allclose(cells["difference"], cells["log_change"] - cells["comparison"])
    assert found["s002"].words.startswith("The smallest fall we would notice")


def test_a_series_without_others_stands_alone() -> None:
    frame = counts_frame(n_units=1, n_periods=60, noise=0.1, seed=20)
    found = own_history(frame, **COLUMNS, focal="s000", pre=12, post=6)
    assert (found.cells["comparison"] == 0).all()
    assert found.n_comparisons == 0


@pytest.mark.parametrize(
    ("change", "error"),
    [({"focal": "nobody"}, UsageError), ({"pre": 0}, UsageError), ({"post": 12}, NotEnoughData)],
)
def test_a_series_that_cannot_be_judged_is_refused(change: dict[str, Any], error: type[InsightError]) -> None:
    frame = counts_frame(n_units=3, n_periods=30, noise=0.1, seed=21)
    with pytest.raises(error):
        own_history(frame, **({**COLUMNS, "focal": "s000", "pre": 9, "post": 6} | change))


@pytest.fixture(scope="module")
def published_months(test_data: Path) -> pd.DataFrame:
    folder = test_data / "published" / "dfe" / "cin-2024-release"
    wide = pd.read_csv(folder / "c6_children_in_need_referrals_by_month_2013_to_2024.csv", dtype=str)
    wide = wide[wide["geographic_level"] == "Local authority"]
    names = list(wide.columns[-12:])
    tidy = wide.melt(id_vars=["time_period", "new_la_code"], value_vars=names, var_name="name", value_name="count")
    place = tidy["name"].map({name: i for i, name in enumerate(names)})
    tidy = tidy.assign(
        site=tidy["new_la_code"],
        season=place,
        month=(tidy["time_period"].astype(int) - 2013) * 12 + place,
        count=pd.to_numeric(tidy["count"], errors="coerce"),
    )
    return tidy[["site", "month", "season", "count"]]


@pytest.mark.published
def test_changes_of_real_authorities_vary_as_was_measured(published_months: pd.DataFrame) -> None:
    """About 0.19 for nine months from July 2023 (the 136th month) against the three years before, months matched.

    Over all starts since 2015 it is 0.23: the years of the pandemic are in them.
    """
    latest = simulate_power(
        published_months,
        **COLUMNS,
        season="season",
        n_treated=3,
        pre=36,
        post=9,
        seed=1,
        n_draws=1,
        starts=[135],
    )
    assert latest.smallest.placebo_sd == pytest.approx(0.19, abs=0.015)


@pytest.mark.published
@pytest.mark.parametrize(("n_treated", "effect", "noticed"), [(1, 0.6, 2 / 3), (3, 0.75, 0.6), (3, 0.7, 0.8)])
def test_real_authorities_give_the_power_that_was_measured(
    published_months: pd.DataFrame, n_treated: int, effect: float, noticed: float
) -> None:
    """One alone finds a fall of 40% two times in three; three find 25% about 60% of the time and 30% about 80%.

    Tolerance 0.1: a Monte Carlo error of 0.025 (400 draws, here and there), and the choice of authorities and spans.
    """
    found = simulate_power(
        published_months,
        **COLUMNS,
        season="season",
        n_treated=n_treated,
        pre=36,
        post=9,
        seed=2024,
        n_draws=400,
        effects=[effect],
        tests="t",
    )
    assert found.curve.set_index("effect").loc[effect, "power"] == pytest.approx(noticed, abs=0.1)
