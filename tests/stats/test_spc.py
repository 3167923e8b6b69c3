"""Control charts: limits that stay, marks that rest on named points, and what forbids them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from insight.errors import NotEnoughData, UsageError
from insight.stats import ControlChart, Mark, chart_preconditions, control_chart, remove_season, run_chart
from insight.stats.spc_rules import find_marks


def marks(values: list[float], *, low: float = -3.0, high: float = 3.0) -> list[tuple[str, str, tuple[int, ...]]]:
    """Rule, direction and points, on a chart around 0."""
    n = len(values)
    lines = (np.zeros(n), np.full(n, low), np.full(n, high))
    found = find_marks(np.array(values, dtype=float), *lines, tuple(f"week {number}" for number in range(n)))
    return [(mark.rule, mark.direction, mark.points) for mark in found]


def calm(n: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(50, 5, size=n)


def chart(values: Any, **how: Any) -> ControlChart:
    frame = pd.DataFrame({"period": range(len(values)), "value": np.asarray(values, dtype=float)})
    return control_chart(frame, **{"value": "value", "period": "period", "frequency": "weekly"} | how)


def test_six_on_one_side_are_no_shift_and_seven_are() -> None:
    """The cases of NHSRplotthedots' own tests: 6, then 6 and one below, then 8 and one below."""
    assert marks([0.1, 0.3] * 3) == []
    assert marks([0.1, 0.3] * 3 + [-0.1]) == []
    assert marks([0.1, 0.3] * 4 + [-0.1]) == [("shift", "up", tuple(range(8)))]
    assert marks([-0.1, -0.3] * 4 + [0.1]) == [("shift", "down", tuple(range(8)))]


def test_a_point_on_the_centre_ends_a_shift() -> None:
    assert marks([0.1, 0.3, 0.1, 0.0, 0.1, 0.3, 0.1, 0.3]) == []


def test_six_that_rise_are_no_trend_and_seven_are() -> None:
    """NHSRplotthedots: 1:6 no, c(1:3, 3:6) no, 1:7 yes, 7:1 yes, and within longer series."""

    def trends(values: list[float]) -> list[tuple[str, tuple[int, ...]]]:
        return [(direction, points) for rule, direction, points in marks(values, low=-99, high=99) if rule == "trend"]

    assert trends([1, 2, 3, 4, 5, 6]) == []
    assert trends([1, 2, 3, 3, 4, 5, 6]) == []
    assert trends([1, 2, 3, 4, 5, 6, 7]) == [("up", tuple(range(7)))]
    assert trends([7, 6, 5, 4, 3, 2, 1]) == [("down", tuple(range(7)))]
    assert trends([2, 1, 2, 3, 4, 5, 6, 7, 3]) == [("up", tuple(range(1, 8)))]


def test_a_point_outside_is_marked_and_one_at_the_limit_is_not() -> None:
    assert marks([0.1, 3.1, -0.1]) == [("outside the limits", "up", (1,))]
    assert marks([0.1, -3.1, -0.1]) == [("outside the limits", "down", (1,))]
    assert marks([0.1, 3.0, -0.1]) == []


def test_two_of_three_near_the_same_limit() -> None:
    """NHSRplotthedots: (near, not, near), (not, near, near), (near, near, not) yes; (near, not, not, near) no."""
    assert marks([2.5, 0.5, 2.5]) == [("near a limit", "up", (0, 2))]
    assert marks([0.5, 2.5, 2.5]) == [("near a limit", "up", (1, 2))]
    assert marks([-2.5, -2.5, -0.5]) == [("near a limit", "down", (0, 1))]
    assert marks([2.5, 0.5, 0.5, 2.5]) == []
    assert marks([2.5, 0.5, -2.5]) == []
    assert marks([2.0, 0.5, 2.0]) == []


def test_marks_near_a_limit_that_share_points_are_one() -> None:
    assert marks([0.5, 2.5, 2.5, 0.5, 2.5]) == [("near a limit", "up", (1, 2, 4))]


def test_a_gap_ends_every_run() -> None:
    nan = float("nan")
    assert marks([0.1, 0.3, 0.1, 0.3, nan, 0.1, 0.3, 0.1, 0.3]) == []
    assert [rule for rule, *_ in marks([1, 2, 3, 4, nan, 5, 6, 7, 8], high=99) if rule == "trend"] == []
    assert marks([2.5, nan, 2.5]) == []


def test_a_mark_names_its_rule_and_its_points() -> None:
    values = np.concatenate([calm(24), [90.0]])
    found = chart(values).marks[-1]
    assert isinstance(found, Mark)
    assert (found.rule, found.periods) == ("outside the limits", (24,))
    assert found.words == "24 lies above the upper limit."


def test_later_points_never_move_the_limits() -> None:
    early = chart(calm(24), baseline=15)
    later = chart(np.concatenate([calm(24), np.full(30, 500.0) + calm(30)]), baseline=15)
    for name in ("centre", "low", "high"):
        assert later.cells[name].unique().tolist() == early.cells[name].unique().tolist()


def test_limits_of_single_values_by_hand() -> None:
    values = [10, 12, 11, 13, 12, 14, 10, 12, 11, 13, 12, 14, 30]
    found = chart(values)
    ranges = [2, 1, 2, 1, 2, 4, 2, 1, 2, 1, 2]
    assert found.centre == 12
    assert found.mean_range == pytest.approx(sum(ranges) / 11)
    assert found.cells["high"].iloc[0] == pytest.approx(12 + 2.66 * sum(ranges) / 11)
    assert found.range_limit == pytest.approx(3.267 * sum(ranges) / 11)
    assert found.cells["moving_range"].iloc[-1] == 16


def test_screening_leaves_a_wild_range_out_and_says_so() -> None:
    values = [10, 12, 11, 13, 12, 60, 61, 60, 62, 61, 63, 62]
    plain, screened = chart(values), chart(values, screen=True)
    ranges = [2, 1, 2, 1, 1, 1, 2, 1, 2, 1]
    assert (plain.n_screened, screened.n_screened) == (0, 1)
    assert screened.mean_range == pytest.approx(sum(ranges) / 10)
    assert "screened" in screened.method
    assert "not screened" in plain.method
    assert any("do not count" in note for note in screened.notes)


def test_shares_and_rates_are_given_per_so_many() -> None:
    generator = np.random.default_rng(2)
    frame = pd.DataFrame({"period": range(24), "n": generator.integers(80, 120, 24)})
    frame["value"] = generator.binomial(frame["n"], 0.2)
    call: dict[str, Any] = {"value": "value", "period": "period", "frequency": "weekly", "denominator": "n"}
    one, hundred = (control_chart(frame, **call, kind="p", multiplier=factor) for factor in (1, 100))
    assert hundred.centre == pytest.approx(100 * one.centre)
    assert hundred.cells["high"].to_numpy() == pytest.approx(100 * one.cells["high"].to_numpy())
    assert hundred.sigma_z == one.sigma_z
    assert one.cells["high"].is_unique == frame["n"].is_unique


def test_more_variation_than_chance_is_said_and_laneys_chart_takes_it_in() -> None:
    generator = np.random.default_rng(3)
    frame = pd.DataFrame({"period": range(40), "n": 5000})
    frame["value"] = generator.binomial(5000, generator.normal(0.3, 0.03, size=40))
    call: dict[str, Any] = {"value": "value", "period": "period", "frequency": "weekly", "denominator": "n"}
    plain: Any = control_chart(frame, **call, kind="p", baseline=30)
    prime = control_chart(frame, **call, kind="p_prime", baseline=30)
    assert plain.sigma_z > 3
    assert any("use p'" in note for note in plain.notes)
    outside = [(each.cells["value"] > each.cells["high"]).sum() for each in (plain, prime)]
    assert outside[0] >= 5
    assert outside[1] == 0


def test_calm_series_are_rarely_marked() -> None:
    """200 calm series of 30: the four rules together mark few points, and no chart is without its reasons."""
    charts = [chart(calm(30, seed), baseline=30) for seed in range(200)]
    allowed = [each for each in charts if not each.reasons]
    assert len(allowed) > 170
    assert np.mean([len(each.marks) for each in allowed]) < 0.6
    assert all(not each.marks for each in charts if each.reasons)


def test_a_lasting_change_is_marked() -> None:
    found = chart(np.concatenate([calm(24), calm(12) + 12]), baseline=24)
    assert any(mark.rule == "shift" and mark.direction == "up" for mark in found.marks)


@pytest.mark.parametrize(
    ("n", "how", "part"),
    [
        (19, {}, "at least 20"),
        (24, {"frequency": "annual"}, "run chart"),
        (24, {"frequency": "quarterly"}, "run chart"),
        (20, {"frequency": "monthly"}, "Fewer than two years"),
    ],
)
def test_what_is_too_short_or_too_rare_gets_limits_and_no_marks(n: int, how: dict[str, Any], part: str) -> None:
    values = np.concatenate([calm(n - 1), [900.0]])
    found = chart(values, **how)
    assert found.marks == ()
    assert any(part in reason for reason in found.reasons)
    assert found.cells["high"].notna().all()


def test_points_that_remember_are_not_marked() -> None:
    generator = np.random.default_rng(4)
    series = np.zeros(150)
    for place in range(1, 150):
        series[place] = 0.8 * series[place - 1] + generator.normal()
    found = chart(series, baseline=150)
    assert found.preconditions.autocorrelation == pytest.approx(0.8, abs=0.15)
    assert any("depend on each other" in reason for reason in found.reasons)
    assert found.marks == ()


def test_a_change_after_the_baseline_is_not_taken_for_memory() -> None:
    found = chart_preconditions(np.concatenate([calm(20), calm(20) + 40]), frequency="weekly", baseline=20)
    assert found.are_met


def test_ljung_and_box_are_those_of_statsmodels() -> None:
    from statsmodels.stats.diagnostic import acorr_ljungbox
    from statsmodels.tsa.stattools import acf

    series = calm(30)
    found = chart_preconditions(series, frequency="weekly", baseline=30)
    assert found.autocorrelation == pytest.approx(acf(series, nlags=1)[1])
    assert found.autocorrelation_p == pytest.approx(acorr_ljungbox(series, lags=[1])["lb_pvalue"].iloc[0])


def monthly(years: int, seed: int = 6) -> tuple[np.ndarray, np.ndarray]:
    months = np.tile(np.arange(1, 13), years)
    return calm(12 * years, seed) + np.where(months == 8, -40.0, 0.0), months


def test_a_season_forbids_marks_until_it_is_taken_out() -> None:
    values, months = monthly(4)
    frame = pd.DataFrame({"period": range(48), "value": values, "month": months})
    call: dict[str, Any] = {"value": "value", "period": "period", "frequency": "monthly", "baseline": 36}
    found: Any = control_chart(frame, **call, season="month")
    assert any("months differ" in reason for reason in found.reasons)
    assert found.preconditions.season_p < 1e-6
    frame["value"] = remove_season(values, seasons=months, fitted_on=36)
    freed = control_chart(frame, **call, season_removed=True)
    assert not any("month" in reason for reason in freed.reasons)
    assert abs(freed.cells["value"][months == 8].mean() - freed.cells["value"].mean()) < 5


def test_the_season_is_taken_out_and_the_mean_and_the_change_stay() -> None:
    """Season known, a line, no noise: what is left is the line."""
    months, line = np.tile(np.arange(12), 3), 100 + 0.5 * np.arange(36)
    season = np.sin(np.arange(12)) - np.sin(np.arange(12)).mean()
    left = remove_season(line + 10 * season[months], seasons=months)
    assert left == pytest.approx(line)
    frozen = remove_season(line + 10 * season[months] + 30 * (np.arange(36) >= 24), seasons=months, fitted_on=24)
    assert frozen[24:] - line[24:] == pytest.approx(np.full(12, 30.0))


def test_what_a_season_was_learnt_from_is_too_quiet_to_set_limits() -> None:
    """Noise of standard deviation 1, no season, no change; 400 simulated series of 120 months.

    Eleven differences between months take 11 of 24 degrees of freedom: sqrt(13 / 24) = 0.74 is left. A month's effect
    learnt from two values adds half a variance to every later one: sqrt(1.5) = 1.22. Learnt from five years before, it
    adds a fifth to the baseline and to what comes after alike: sqrt(1.2) = 1.10.
    """
    months, noise = np.tile(np.arange(12), 10), np.random.default_rng(12).normal(size=(400, 120))
    inside = np.array([remove_season(row, seasons=months, fitted_on=24) for row in noise])
    assert inside[:, :24].std() == pytest.approx(np.sqrt(13 / 24), abs=0.02)
    assert inside[:, 24:48].std() == pytest.approx(np.sqrt(1.5), abs=0.05)
    before = np.array([remove_season(row, seasons=months, fitted_on=60) for row in noise])
    assert before[:, 60:84].std() == pytest.approx(np.sqrt(1.2), abs=0.02)
    assert before[:, 84:].std() == pytest.approx(before[:, 60:84].std(), abs=0.03)


def test_a_season_of_one_year_cannot_be_learnt() -> None:
    with pytest.raises(UsageError, match="two whole years"):
        remove_season(calm(24), seasons=np.tile(np.arange(12), 2), fitted_on=12)


def test_f_test_of_the_season_as_in_statsmodels() -> None:
    import statsmodels.formula.api as smf

    values, months = monthly(3)
    frame = pd.DataFrame({"y": values, "m": months, "t": np.arange(36)})
    full, line = smf.ols("y ~ C(m) + t", frame).fit(), smf.ols("y ~ t", frame).fit()
    found = chart_preconditions(values, frequency="monthly", seasons=months)
    assert found.season_p == pytest.approx(full.compare_f_test(line)[1])


def test_a_month_without_a_value_stays_as_a_gap() -> None:
    values = calm(30)
    values[20] = np.nan
    found = chart(values)
    assert found.cells["value"].isna().sum() == 1
    assert found.cells["moving_range"].isna().sum() == 3
    assert any("1 periods have no value" in note for note in found.notes)


@pytest.mark.parametrize(
    ("values", "how", "error"),
    [
        (calm(11), {}, NotEnoughData),
        (calm(30), {"baseline": 8}, NotEnoughData),
        (np.full(30, 3.0), {}, NotEnoughData),
        (calm(30), {"kind": "p"}, UsageError),
        (calm(30), {"kind": "c"}, UsageError),
        (calm(30), {"value": "y"}, UsageError),
        (calm(30), {"frequency": "daily"}, UsageError),
        (calm(30), {"multiplier": 0}, UsageError),
    ],
)
def test_a_wrong_call_is_refused(values: np.ndarray, how: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        chart(values, **how)


def test_counts_that_cannot_be_are_refused() -> None:
    for value, size in ((12, 10), (-1, 10), (3, 0)):
        frame = pd.DataFrame({"period": range(24), "value": [2.0] * 23 + [value], "n": [10.0] * 23 + [size]})
        with pytest.raises(UsageError):
            control_chart(frame, value="value", period="period", denominator="n", kind="p", frequency="weekly")


def test_a_period_twice_is_refused() -> None:
    frame = pd.DataFrame({"period": [1, 1], "value": [2.0, 3.0]})
    with pytest.raises(UsageError, match="twice"):
        control_chart(frame, value="value", period="period", frequency="weekly")
    with pytest.raises(UsageError, match="twice"):
        run_chart(frame, value="value", period="period")


def test_an_annual_series_gets_its_median_and_no_signal() -> None:
    frame = pd.DataFrame({"year": [2021, 2019, 2020, 2022, 2023], "value": [15, 11, np.nan, 13, 20]})
    before = frame.copy(deep=True)
    found = run_chart(frame, value="value", period="year")
    assert found.cells["period"].tolist() == [2019, 2020, 2021, 2022, 2023]
    assert found.cells["side"].tolist() == ["below", "", "above", "below", "above"]
    assert (found.median, found.n_points, found.n_missing, found.n_above, found.n_below) == (14, 4, 1, 2, 2)
    assert found.words == "The last of 4 points lies above the median; so few points allow no signal."
    pd.testing.assert_frame_equal(frame, before)


def test_one_point_is_no_run_chart() -> None:
    with pytest.raises(NotEnoughData):
        run_chart(pd.DataFrame({"year": [1, 2], "value": [1.0, np.nan]}), value="value", period="year")
