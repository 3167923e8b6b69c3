"""Comparative interrupted series: against a slow plain version, known truth, and by its edges."""

from __future__ import annotations

import math
import time

import numpy as np
import pandas as pd
import pytest

from insight.errors import InsightError, NotEnoughData, UsageError
from insight.stats.comparative_series import comparative_series, comparative_steps, staggered_steps
from insight.stats.panel_matrix import panel_matrix

ASK = {"outcome": "count", "unit": "unit", "period": "month", "cohort": "start", "exposure": "people"}
T0 = 36


def panel(
    *, seed: int = 1, units: int = 20, months: int = 48, treated: int = 3, effect: float = 0.8, mean: float = 60
) -> pd.DataFrame:
    """Counts with season, shared shocks and a trend of each unit's own; the first ``treated`` change from month 36."""
    generator = np.random.default_rng(seed)
    unit, month = np.repeat(np.arange(units), months), np.tile(np.arange(months), units)
    is_treated = unit < treated
    shock = generator.normal(size=months) * 0.05
    log_rate = (
        generator.normal(size=units)[unit] * 0.4
        + generator.normal(size=units)[unit] * 0.003 * month
        + 0.2 * np.sin(2 * np.pi * month / 12)
        + shock[month]
        + math.log(effect) * (is_treated & (month >= T0))
    )
    people = generator.integers(800, 1200, units)[unit]
    return pd.DataFrame(
        {
            "unit": [f"unit {number:02d}" for number in unit],
            "month": month,
            "start": np.where(is_treated, float(T0), np.nan),
            "people": people,
            "count": generator.poisson(mean * people / 1000 * np.exp(log_rate)),
        }
    )


def _plain(frame: pd.DataFrame, treated: set[str], *, weighting: str = "event", start: int = T0) -> float:
    """The step by loops and ordinary least squares."""
    import statsmodels.api as sm

    differences = []
    for _, rows in frame.groupby("month"):
        logs = []
        for part in (rows[rows["unit"].isin(treated)], rows[~rows["unit"].isin(treated)]):
            rate = np.log(part["count"] / part["people"]).mean()
            logs.append(np.log(part["count"].sum() / part["people"].sum()) if weighting == "event" else rate)
        differences.append(logs[0] - logs[1])
    months = np.arange(len(differences))
    design = np.column_stack([np.ones(len(months)), months - start, months >= start]).astype(float)
    return float(sm.OLS(np.array(differences), design).fit().params[2])


@pytest.mark.parametrize("weighting", ["event", "unit"])
def test_the_step_equals_the_plain_version(weighting: str) -> None:
    frame = panel()
    fit = comparative_series(frame, **ASK, weighting=weighting)
    assert fit.step == pytest.approx(_plain(frame, {"unit 00", "unit 01", "unit 02"}, weighting=weighting))
    assert fit.estimate.value == pytest.approx(math.exp(fit.step))
    assert not fit.estimate.has_interval
    assert len(fit.controls) == 17


def test_many_assignments_at_once_equal_one_at_a_time() -> None:
    frame = panel(treated=0)
    matrix = panel_matrix(frame, outcome="count", unit="unit", period="month", exposure="people")
    generator = np.random.default_rng(3)
    chosen = np.zeros((5, 20), dtype=bool)
    for row in chosen:
        row[generator.choice(20, 2, replace=False)] = True
    for weighting in ("event", "unit"):
        steps = comparative_steps(matrix, start=T0, assignments=chosen, weighting=weighting)
        plain = [
            _plain(frame, {matrix.units[place] for place in np.flatnonzero(row)}, weighting=weighting) for row in chosen
        ]
        assert list(steps) == pytest.approx(plain)


def test_a_thousand_assignments_take_less_than_a_second() -> None:
    frame = panel(units=150, treated=0)
    matrix = panel_matrix(frame, outcome="count", unit="unit", period="month")
    generator = np.random.default_rng(4)
    chosen = np.array([generator.permutation(150) < 3 for _ in range(999)])
    begun = time.process_time()
    steps = comparative_steps(matrix, start=T0, assignments=chosen)
    assert time.process_time() - begun < 1.0
    assert np.isfinite(steps).all()


def test_with_one_start_the_staggered_version_is_the_same() -> None:
    frame = panel(treated=0)
    matrix = panel_matrix(frame, outcome="count", unit="unit", period="month")
    chosen = np.arange(20)[None, :] < np.array([[2], [5]])
    starts = np.where(chosen, float(T0), np.inf)
    one, other = (
        comparative_steps(matrix, start=T0, assignments=chosen, pre=24, gap=3),
        staggered_steps(matrix, starts=starts, pre=24, gap=3),
    )
    assert list(one) == pytest.approx(list(other))


def test_staggered_starts_are_fitted_apart_and_averaged() -> None:
    frame = panel()
    frame.loc[frame["unit"] == "unit 00", "start"] = 30.0
    frame.loc[frame["unit"] == "unit 01", "start"] = 40.0
    by_units = comparative_series(frame, **ASK, weighting="unit")
    alone = [math.log(each.value) for each in by_units.by_unit]
    assert [each.key for each in by_units.by_unit] == ["treated_unit 00", "treated_unit 01", "treated_unit 02"]
    assert by_units.step == pytest.approx(np.mean(alone))
    assert sorted(by_units.cells["start"].unique()) == [30, 36, 40]
    by_events = comparative_series(frame, **ASK)
    weights = [
        frame.loc[(frame["unit"] == unit) & (frame["month"] < start), "count"].mean()
        for unit, start in (("unit 00", 30), ("unit 01", 40), ("unit 02", 36))
    ]
    assert by_events.step == pytest.approx(
        np.average([math.log(each.value) for each in by_events.by_unit], weights=weights)
    )


def _selected_panel(seed: int) -> tuple[float, float]:
    """Log errors of the level comparison and of the comparative series, three of forty chosen on a rising trend."""
    generator = np.random.default_rng(seed)
    months = np.arange(60)
    slopes = generator.normal(scale=0.003, size=40)
    noise = np.zeros((40, 60))
    for month in range(60):
        noise[:, month] = 0.3 * (noise[:, month - 1] if month else 0) + generator.normal(scale=0.05, size=40)
    log_mean = np.log(generator.uniform(20, 100, 40))[:, None] + slopes[:, None] * months + noise
    log_mean += 0.15 * np.sin(2 * np.pi * months / 12)
    chosen = np.zeros(40, dtype=bool)
    chosen[np.argsort(slopes)[-3:]] = True
    truth = math.log(0.85)
    counts = generator.poisson(np.exp(log_mean + truth * (chosen[:, None] & (months >= 42))))
    frame = pd.DataFrame(
        {"unit": np.repeat(np.arange(40), 60), "month": np.tile(months, 40), "count": counts.reshape(-1)}
    )
    matrix = panel_matrix(frame, outcome="count", unit="unit", period="month")
    level, trended = (
        comparative_steps(matrix, start=42, assignments=chosen[None, :], trend=trend)[0] for trend in (False, True)
    )
    return level - truth, trended - truth


def test_sites_chosen_on_a_rising_trend_bias_the_level_but_not_the_comparative_series() -> None:
    level, trended = np.array([_selected_panel(seed) for seed in range(60)]).T
    assert level.mean() > 0.08
    assert abs(trended.mean()) < 3 * trended.std() / math.sqrt(60)
    assert abs(trended.mean()) < 0.03


def test_an_effect_that_is_there_is_found_among_placebos() -> None:
    fit = comparative_series(panel(effect=0.6, mean=200), **ASK, inference="permutation", draws=300, seed=7)
    assert fit.placebo_test is not None
    assert len(fit.placebos) == 300
    assert fit.estimate.high < 1.0
    assert fit.placebo_test.p_value < 0.02
    assert "300 choices" in fit.method


def test_few_choices_are_enumerated_and_the_smallest_p_is_stated() -> None:
    fit = comparative_series(panel(treated=1), **ASK, inference="permutation")
    assert fit.placebo_test is not None
    assert len(fit.placebos) == 19
    assert fit.placebo_test.smallest_p == pytest.approx(1 / 20)
    matrix = panel_matrix(
        panel(treated=1), outcome="count", unit="unit", period="month", cohort="start", exposure="people"
    )
    chosen = np.eye(20, dtype=bool)[1:]
    expected = comparative_steps(matrix, start=T0, assignments=chosen)
    assert sorted(fit.placebos) == pytest.approx(sorted(expected))


def test_choices_of_staggered_starts_count_orders_that_differ() -> None:
    frame = panel(treated=2, units=6)
    frame.loc[frame["unit"] == "unit 00", "start"] = 30.0
    assert len(comparative_series(frame, **ASK, inference="permutation").placebos) == 4 * 3
    with pytest.raises(UsageError, match="seed"):
        comparative_series(frame, **ASK, inference="permutation", draws=5)
    again = [
        comparative_series(frame, **ASK, inference="permutation", draws=5, seed=1).placebos.tolist() for _ in range(2)
    ]
    assert again[0] == again[1]


def test_a_season_that_only_the_treated_have_needs_dummies() -> None:
    frame = panel(effect=1.0, mean=5000)
    winter = (frame["month"] % 12 >= 6) & frame["start"].notna()
    frame["count"] = np.where(winter, 1.5 * frame["count"], frame["count"])
    frame = frame[frame["month"] < 42].assign(of_year=lambda f: f["month"] % 12)
    plain, numbered, named = (comparative_series(frame, **ASK, season=each).step for each in (None, 12, "of_year"))
    assert numbered == pytest.approx(named)
    assert abs(numbered) < 0.05 < abs(plain)


def test_the_window_leaves_out_what_it_is_told() -> None:
    cells = comparative_series(panel(), **ASK, pre=12, gap=3).cells
    before = cells.loc[~cells["is_after"], "event_time"]
    assert (before.min(), before.max()) == (-15, -4)
    assert cells["event_time"].max() == 11


def test_the_cells_give_the_step_back() -> None:
    fit = comparative_series(panel(), **ASK)
    cells = fit.cells
    assert list(np.log(cells["treated_rate"] / cells["control_rate"])) == pytest.approx(list(cells["difference"]))
    gone = np.log(cells["observed"] / cells["expected"]) - (cells["difference"] - cells["fitted"])
    assert list(gone) == pytest.approx(list(fit.step * cells["is_after"]), abs=1e-12)


def test_months_without_events_are_pooled_and_said() -> None:
    frame = panel()
    frame.loc[(frame["unit"] == "unit 10") & (frame["month"] == 5), "count"] = 0
    frame.loc[(frame["unit"] == "unit 11") & (frame["month"] == 9), "count"] = 0
    fit = comparative_series(frame, **ASK, weighting="unit")
    assert any("2 units have a period without events" in note for note in fit.notes)
    pooled = frame[frame["unit"].isin(["unit 10", "unit 11"])].groupby("month")[["count", "people"]].sum()
    single = frame[frame["start"].isna() & ~frame["unit"].isin(["unit 10", "unit 11"])]
    logs = np.log(single["count"] / single["people"]).groupby(single["month"]).sum()
    expected = np.exp((logs + 2 * np.log(pooled["count"] / pooled["people"])) / 17)
    assert list(fit.cells["control_rate"]) == pytest.approx(list(expected))


def test_what_is_left_out_is_named() -> None:
    frame = panel()
    gone = ((frame["unit"] == "unit 00") & (frame["month"] == 4)) | (
        (frame["unit"] == "unit 09") & (frame["month"] == 7)
    )
    frame = frame[~gone]
    frame.loc[frame["unit"] == "unit 12", "start"] = 0.0
    frame.loc[frame["unit"] == "unit 13", "start"] = -5.0
    before = frame.copy()
    fit = comparative_series(frame, **ASK)
    reasons = {(each.unit, each.period): each.reason for each in fit.left_out}
    assert reasons[None, 4] == "a treated unit has no number"
    assert reasons["unit 09", None] == "a control that lacks a period of the window"
    assert reasons["unit 12", None] == reasons["unit 13", None] == "treated in every period"
    assert not {"unit 09", "unit 12", "unit 13"} & set(fit.controls)
    assert 4 not in set(fit.cells["period"])
    pd.testing.assert_frame_equal(frame, before)


def test_a_treated_unit_without_a_number_of_its_own_says_why() -> None:
    frame = panel()
    frame.loc[(frame["unit"] == "unit 00") & (frame["month"] == 4), "count"] = 0
    fit = comparative_series(frame, **ASK)
    assert fit.by_unit[0].value is None
    assert "without events" in fit.by_unit[0].method
    assert fit.estimate.value is not None


def test_an_assignment_that_cannot_be_fitted_has_no_number() -> None:
    frame = panel(treated=0).astype({"count": float})
    frame.loc[(frame["unit"] == "unit 00") & (frame["month"] == 4), "count"] = np.nan
    frame.loc[frame["unit"] == "unit 01", "count"] = 0
    matrix = panel_matrix(frame, outcome="count", unit="unit", period="month")
    steps = comparative_steps(matrix, start=T0, assignments=np.vstack([np.eye(20), np.ones(20), np.zeros(20)]) > 0)
    assert list(np.flatnonzero(np.isnan(steps))) == [0, 1, 20, 21]


@pytest.mark.parametrize("size", [0, 1, 3])
def test_too_little_is_refused_in_words(size: int) -> None:
    with pytest.raises(InsightError):
        comparative_series(panel().head(size), **ASK)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"start": np.nan}, NotEnoughData, "no unit"),
        ({"start": 99.0}, NotEnoughData, "no unit"),
        ({"start": 36.0}, NotEnoughData, "all 20 units treated"),
        ({"count": 0}, NotEnoughData, "without any event"),
        ({"count": -1}, UsageError, "negative"),
        ({"people": np.nan}, NotEnoughData, "no complete row"),
    ],
)
def test_frames_without_a_comparison_are_refused_in_words(
    change: dict[str, object], error: type[InsightError], words: str
) -> None:
    with pytest.raises(error, match=words):
        comparative_series(panel().assign(**change), **ASK)


@pytest.mark.parametrize(
    "options",
    [
        {"weighting": "size"},
        {"scale": "log"},
        {"gap": -1},
        {"pre": 0},
        {"trend": False, "slope": True},
        {"inference": "bootstrap"},
        {"season": "quarter"},
        {"season": 1},
        {"season": "unit"},
        {"level": 2},
    ],
)
def test_options_that_cannot_be_used_are_refused_in_words(options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        comparative_series(panel(), **ASK | options)


def test_windows_that_are_too_short_are_refused_in_words() -> None:
    with pytest.raises(NotEnoughData, match="before"):
        comparative_series(panel(), **ASK, gap=36)
    with pytest.raises(NotEnoughData, match="1 periods before"):
        comparative_series(panel().query("month < 37"), **ASK, pre=1)
    with pytest.raises(NotEnoughData, match="2 controls for 3 treated"):
        comparative_series(panel(units=5), **ASK, inference="permutation")
    matrix = panel_matrix(panel(), outcome="count", unit="unit", period="month")
    with pytest.raises(NotEnoughData, match="outside"):
        comparative_steps(matrix, start=48, assignments=np.eye(20, dtype=bool))
