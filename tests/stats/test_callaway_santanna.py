"""Callaway-Sant'Anna: against a second program, against its own definition, and against known effects."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insight.errors import InsightError, MethodRefused, NotEnoughData, UsageError
from insight.stats.callaway_santanna import callaway_santanna
from tests.staggered_panels import COLUMNS, for_the_second_opinion, staggered_panel, with_dates

THEIRS = {"outcome": "y", "unit": "unit", "time": "year", "first_treat": "start"}
METHODS = {"doubly_robust": "dr", "outcome_regression": "reg", "inverse_probability": "ipw"}


@pytest.mark.parametrize("control", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize(
    ("method", "covariates", "tolerance"),
    [
        ("doubly_robust", [], 1e-9),
        ("outcome_regression", [], 1e-9),
        ("inverse_probability", [], 1e-9),
        ("outcome_regression", ["x"], 1e-9),
        ("inverse_probability", ["x"], 1e-5),
        ("doubly_robust", ["x"], 0.05),
    ],
)
def test_effects_and_errors_equal_those_of_diff_diff(
    control: str, method: str, covariates: list[str], tolerance: float
) -> None:
    """diff-diff 3.13.0, its trimming of propensity scores set aside; its logit stops earlier than ours.

    Its doubly robust weights of the controls do not add up to one, as the paper's do, so there it is only close.
    """
    import diff_diff

    frame = staggered_panel()
    second = diff_diff.CallawaySantAnna(control_group=control, estimation_method=METHODS[method], pscore_trim=1e-9).fit(
        for_the_second_opinion(frame), **THEIRS, covariates=covariates or None
    )
    found = callaway_santanna(frame, **COLUMNS, control=control, method=method, covariates=covariates)
    rows = found.group_time.set_index(["cohort", "period"])
    assert len(second.group_time_effects) == len(rows)
    for cell, numbers in second.group_time_effects.items():
        assert rows.loc[cell, "att"] == pytest.approx(numbers["effect"], abs=tolerance)
        assert rows.loc[cell, "std_error"] == pytest.approx(numbers["se"], rel=tolerance)
    assert found.estimate.value == pytest.approx(second.overall_att, abs=tolerance)
    assert found.estimate.std_error == pytest.approx(second.overall_se, rel=tolerance)
    events = second.aggregate("event_study").to_dataframe().set_index("event_time")
    parts = found.aggregate("dynamic").parts.set_index("event_time")
    shared = [event for event in parts.index if event in events.index]
    assert {0, 1, 2, 3} <= set(shared)
    assert parts.loc[shared, "att"].to_numpy() == pytest.approx(events.loc[shared, "att"].to_numpy(), abs=tolerance)
    assert parts.loc[shared, "std_error"].to_numpy() == pytest.approx(
        events.loc[shared, "se"].to_numpy(), rel=tolerance
    )


def test_doubly_robust_effects_are_the_papers_formula_on_statsmodels_fits() -> None:
    """Sant'Anna & Zhao (2020): weights of the controls add up to one; logit and least squares by statsmodels."""
    import statsmodels.api as sm

    frame = staggered_panel()
    wide = frame.pivot(index="unit", columns="year", values="y")
    unit = frame.groupby("unit")[["start", "x"]].first()
    rows = callaway_santanna(frame, **COLUMNS, covariates=["x"]).group_time.set_index(["cohort", "period"])
    for cohort, period in rows.index:
        used = unit["start"].isna() | (unit["start"] == cohort)
        treated = (unit.loc[used, "start"] == cohort).to_numpy(dtype=float)
        design = sm.add_constant(unit.loc[used, "x"].to_numpy())
        change = (wide[period] - wide[min(period, cohort) - 1])[used].to_numpy()
        score = sm.Logit(treated, design).fit(disp=0, tol=1e-14).predict()
        left = change - sm.OLS(change[treated == 0], design[treated == 0]).fit().predict(design)
        expected = left[treated == 1].mean() - np.average(left, weights=(1 - treated) * score / (1 - score))
        assert rows.loc[(cohort, period), "att"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.filterwarnings("ignore:Unbalanced panel detected:UserWarning")
def test_an_unbalanced_panel_equals_that_of_diff_diff() -> None:
    """A comparison uses the units that are seen in both its periods."""
    import diff_diff

    frame = staggered_panel().drop(index=range(0, 630, 11))
    second = diff_diff.CallawaySantAnna().fit(for_the_second_opinion(frame), **THEIRS)
    rows = callaway_santanna(frame, **COLUMNS).group_time.set_index(["cohort", "period"])
    for cell, numbers in second.group_time_effects.items():
        assert rows.loc[cell, "att"] == pytest.approx(numbers["effect"], abs=1e-10)
        assert rows.loc[cell, "std_error"] == pytest.approx(numbers["se"], rel=1e-9)


def test_clustered_errors_equal_those_of_diff_diff_but_for_its_factor() -> None:
    """diff-diff multiplies by the root of G / (G - 1), which the paper does not."""
    import diff_diff

    frame = staggered_panel()
    second = diff_diff.CallawaySantAnna(cluster="block").fit(for_the_second_opinion(frame), **THEIRS)
    rows = callaway_santanna(frame, **COLUMNS, cluster="block").group_time.set_index(["cohort", "period"])
    for cell, numbers in second.group_time_effects.items():
        assert rows.loc[cell, "std_error"] * np.sqrt(30 / 29) == pytest.approx(numbers["se"], rel=1e-9)


def test_an_effect_without_covariates_is_a_difference_of_mean_changes() -> None:
    frame = staggered_panel()
    wide = frame.pivot(index="unit", columns="year", values="y")
    start = frame.groupby("unit")["start"].first()
    change = wide[2015] - wide[2013]
    expected = change[start == 2014].mean() - change[start.isna()].mean()
    rows = callaway_santanna(frame, **COLUMNS).group_time.set_index(["cohort", "period"])
    assert rows.loc[(2014, 2015), "att"] == pytest.approx(expected, rel=1e-12)
    later = change[start.isna() | (start > 2015)].mean()
    rows = callaway_santanna(frame, **COLUMNS, control="not_yet_treated").group_time.set_index(["cohort", "period"])
    assert rows.loc[(2014, 2015), "att"] == pytest.approx(change[start == 2014].mean() - later, rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_cells_average_to_the_effects(method: str) -> None:
    found = callaway_santanna(staggered_panel(), **COLUMNS, method=method, covariates=["x"], weights="weight")
    weight = staggered_panel().groupby("unit")["weight"].first()
    cells = found.cells.assign(weight=found.cells["unit"].map(weight))
    cells["weighted"] = cells["weight"] * cells["difference"]
    sums = cells.groupby(["cohort", "period"])[["weighted", "weight"]].sum()
    rows = found.group_time.query("event_time >= 0").set_index(["cohort", "period"]).sort_index()
    assert (sums["weighted"] / sums["weight"]).to_numpy() == pytest.approx(rows["att"].to_numpy(), abs=1e-10)


def test_covariates_take_out_a_trend_that_depends_on_them() -> None:
    frame = staggered_panel(units=600, seed=3)
    plain = callaway_santanna(frame, **COLUMNS).estimate
    assert plain.low is not None and plain.low > 2.1
    for method in METHODS:
        adjusted = callaway_santanna(frame, **COLUMNS, covariates=["x"], method=method).estimate
        assert adjusted.value == pytest.approx(2.0, abs=0.25)


def test_a_known_growing_effect_is_found_without_noise() -> None:
    frame = staggered_panel(noise=0.0, growth=0.5)
    frame["y"] -= 0.3 * frame["x"] * (frame["year"] - 2010)
    found = callaway_santanna(frame, **COLUMNS)
    parts = found.aggregate("dynamic").parts.set_index("event_time")
    expected = np.where(parts.index >= 0, 2 + 0.5 * parts.index, 0.0)
    assert parts["att"].to_numpy() == pytest.approx(expected, abs=1e-10)
    assert found.estimate.std_error is None or found.estimate.std_error > 1e-3  # cohorts differ in length of exposure


def test_a_weight_of_two_is_two_units() -> None:
    frame = staggered_panel()
    chosen = frame["unit"] < "unit 030"
    twice = pd.concat([frame, frame[chosen].assign(unit=lambda rows: rows["unit"] + " again")])
    weighted = callaway_santanna(frame.assign(weight=np.where(chosen, 2.0, 1.0)), **COLUMNS, weights="weight")
    doubled = callaway_santanna(twice, **COLUMNS)
    for kind in ("simple", "group", "calendar", "dynamic"):
        one, other = weighted.aggregate(kind), doubled.aggregate(kind)
        assert one.estimate.value == pytest.approx(other.estimate.value, rel=1e-10)
        assert one.parts["att"].to_numpy() == pytest.approx(other.parts["att"].to_numpy(), rel=1e-9)


def test_influence_has_mean_zero_and_gives_the_errors() -> None:
    found = callaway_santanna(staggered_panel(), **COLUMNS, covariates=["x"])
    assert found.influence.mean(axis=0) == pytest.approx(0, abs=1e-9)
    n_units = len(found.units)
    errors = np.sqrt((found.influence**2).sum(axis=0)) / n_units
    assert errors == pytest.approx(found.group_time["std_error"].to_numpy(), rel=1e-9)
    dynamic = found.aggregate("dynamic")
    assert np.sqrt(np.diag(dynamic.covariance)) == pytest.approx(dynamic.parts["std_error"].to_numpy(), rel=1e-9)
    overall = np.sqrt((dynamic.overall_influence**2).sum()) / n_units
    assert dynamic.estimate.std_error == pytest.approx(overall, rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("control", ["never_treated", "not_yet_treated"])
def test_influence_is_what_a_little_more_weight_on_a_unit_changes(method: str, control: str) -> None:
    """The definition: N times the derivative by the unit's weight, estimated models and shares included."""
    frame = staggered_panel(units=70)
    how = COLUMNS | {"covariates": ["x"], "method": method, "control": control, "weights": "weight"}
    whole = callaway_santanna(frame.assign(weight=1.0), **how)
    kinds = {kind: whole.aggregate(kind) for kind in ("simple", "group", "calendar", "dynamic")}
    for place in (0, 13, 44):
        step = 1e-5
        sides = []
        for sign in (1, -1):
            weight = np.where(frame["unit"] == f"unit {place:03d}", 1 + sign * step, 1.0)
            sides.append(callaway_santanna(frame.assign(weight=weight), **how | {"errors": "none"}))
        slope = (sides[0].group_time["att"] - sides[1].group_time["att"]) / (2 * step)
        assert whole.influence[place] == pytest.approx(70 * slope.to_numpy(), abs=1e-4)
        for kind, found in kinds.items():
            ends = [side.aggregate(kind).estimate.value for side in sides]
            slope = (ends[0] - ends[1]) / (2 * step)
            assert found.overall_influence[place] == pytest.approx(70 * slope, abs=1e-4)


def test_bootstrap_errors_are_close_to_analytic_ones_and_repeat() -> None:
    frame = staggered_panel(units=300)
    analytic = callaway_santanna(frame, **COLUMNS).aggregate("dynamic")
    drawn = [callaway_santanna(frame, **COLUMNS, errors="bootstrap", seed=5).aggregate("dynamic") for _ in range(2)]
    ratio = drawn[0].parts["std_error"] / analytic.parts["std_error"]
    assert ratio.to_numpy() == pytest.approx(1, abs=0.15)
    pd.testing.assert_frame_equal(drawn[0].parts, drawn[1].parts)


def test_uniform_bands_are_wider_than_intervals_and_cover_all_periods_at_once() -> None:
    covered = []
    for seed in range(40):
        frame = staggered_panel(seed=seed, units=200, effect=0.0)
        frame["y"] -= 0.3 * frame["x"] * (frame["year"] - 2010)
        found = callaway_santanna(frame, **COLUMNS, n_draws=199).aggregate("dynamic")
        parts = found.parts
        assert (parts["band_high"] - parts["band_low"] >= parts["high"] - parts["low"]).all()
        assert found.critical_value is not None and 1.96 < found.critical_value < 4
        covered.append(bool(((parts["band_low"] <= 0) & (parts["band_high"] >= 0)).all()))
    assert np.mean(covered) >= 0.85


def test_a_pre_trend_is_seen_and_no_trend_is_not() -> None:
    frame = staggered_panel(units=300)
    drifting = frame.assign(y=frame["y"] + (frame["year"] - 2010) * frame["start"].notna())
    seen = callaway_santanna(drifting, **COLUMNS, covariates=["x"]).pre_trend
    unseen = callaway_santanna(frame, **COLUMNS, covariates=["x"]).pre_trend
    assert seen is not None and unseen is not None
    assert seen.p < 0.01 < 0.05 < unseen.p
    assert unseen.dof == 2 + 3 + 5


def test_anticipation_moves_the_base_and_leaves_out_who_has_none() -> None:
    frame = staggered_panel(starts=(2011, 2013, 2014))
    found = callaway_santanna(frame, **COLUMNS, anticipation=1)
    wide = frame.pivot(index="unit", columns="year", values="y")
    start = frame.groupby("unit")["start"].first()
    change = wide[2014] - wide[2011]
    expected = change[start == 2013].mean() - change[start.isna()].mean()
    rows = found.group_time.set_index(["cohort", "period"])
    assert rows.loc[(2013, 2014), "att"] == pytest.approx(expected, rel=1e-12)
    assert {one.unit for one in found.left_out} == set(start.index[start == 2011])
    assert found.pre_trend is not None and found.pre_trend.dof == 1 + 2


def test_units_treated_from_the_first_period_are_left_out_and_named() -> None:
    found = callaway_santanna(staggered_panel(starts=(2010, 2013)), **COLUMNS)
    assert len(found.left_out) == 23
    assert {(one.period, one.reason) for one in found.left_out} == {(None, "treated in the first period")}
    assert len(found.units) == 67


def test_a_start_after_the_data_is_a_control() -> None:
    frame = staggered_panel()
    later = callaway_santanna(frame.assign(start=frame["start"].fillna(2020.0)), **COLUMNS)
    infinite = callaway_santanna(frame.assign(start=frame["start"].fillna(np.inf)), **COLUMNS)
    for found in (later, infinite):
        pd.testing.assert_frame_equal(found.group_time, callaway_santanna(frame, **COLUMNS).group_time)


def test_dates_and_strings_and_gaps_between_periods_are_the_same_panel() -> None:
    frame = staggered_panel()
    expected = callaway_santanna(frame, **COLUMNS).group_time.drop(columns=["cohort", "period"])
    dates = with_dates(frame)
    names = frame.assign(
        year="y" + frame["year"].astype(str),
        start=frame["start"].map(lambda year: None if np.isnan(year) else f"y{year:.0f}"),
    )
    skipping = frame.assign(year=2 * frame["year"], start=2 * frame["start"])
    for other in (dates, names, skipping):
        found = callaway_santanna(other.sample(frac=1, random_state=1), **COLUMNS).group_time
        pd.testing.assert_frame_equal(found.drop(columns=["cohort", "period"]), expected)
    assert callaway_santanna(dates, **COLUMNS).group_time["cohort"].iloc[0] == pd.Timestamp("2013-01-01")


def test_a_balanced_window_rests_on_cohorts_that_are_seen_long_enough() -> None:
    found = callaway_santanna(staggered_panel(), **COLUMNS)
    balanced = found.aggregate("dynamic", balance=1)
    assert balanced.parts.query("0 <= event_time")["n_treated"].tolist() == [30, 30]
    assert balanced.parts["event_time"].max() == 1
    cut = found.aggregate("dynamic", min_event=-1, max_event=2)
    assert cut.parts["event_time"].tolist() == [-1, 0, 1, 2]
    whole = found.aggregate("dynamic").parts.set_index("event_time")
    assert cut.parts["att"].tolist() == whole.loc[-1:2, "att"].tolist()


def test_without_errors_there_is_an_estimate_and_no_interval() -> None:
    frame = staggered_panel()
    bare, full = callaway_santanna(frame, **COLUMNS, errors="none"), callaway_santanna(frame, **COLUMNS)
    assert bare.estimate.value == full.estimate.value
    assert (bare.estimate.std_error, bare.estimate.low, bare.estimate.high) == (None, None, None)
    assert "no interval" in bare.estimate.method
    assert bare.pre_trend is None
    dynamic = bare.aggregate("dynamic")
    assert dynamic.parts["att"].tolist() == full.aggregate("dynamic").parts["att"].tolist()
    assert dynamic.parts[["std_error", "low", "high", "band_low", "band_high"]].isna().all(axis=None)


def test_fewer_than_six_treated_units_have_no_error_and_are_told_of_permutation() -> None:
    frame = staggered_panel(treated_share=5 / 90)
    for errors in ("analytic", "bootstrap"):
        with pytest.raises(MethodRefused, match="permutation"):
            callaway_santanna(frame, **COLUMNS, errors=errors)
    assert callaway_santanna(frame, **COLUMNS, errors="none").estimate.value is not None


def test_treated_units_in_few_clusters_count_as_few() -> None:
    frame = staggered_panel()
    codes = frame["unit"].str[-3:].astype(int)
    grouped = frame.assign(area=np.where(frame["start"].notna(), "one area", codes.astype(str)))
    with pytest.raises(MethodRefused, match="1 treated"):
        callaway_santanna(grouped, **COLUMNS, cluster="area")


def test_few_controls_have_no_error_either() -> None:
    frame = staggered_panel(treated_share=86 / 90)
    with pytest.raises(MethodRefused, match="4 controls"):
        callaway_santanna(frame, **COLUMNS)


def test_an_effect_that_rests_on_few_treated_units_has_no_interval_of_its_own() -> None:
    frame = staggered_panel(treated_share=0.1, starts=(2013, 2013, 2014, 2013, 2013))
    found = callaway_santanna(frame, **COLUMNS)
    by_cohort = found.group_time.groupby("cohort")["std_error"].count()
    assert by_cohort.loc[2014] == 0 < by_cohort.loc[2013]
    assert found.estimate.has_interval
    parts = found.aggregate("group").parts.set_index("cohort")
    assert np.isnan(parts.loc[2014, "low"]) and np.isfinite(parts.loc[2013, "low"])
    words = " ".join(found.notes)
    assert "Cohort 2014 has only 2 units" in words
    assert "fewer than 6 treated units and have no interval" in words
    assert "With 9 treated units these errors run small" in words


def test_without_never_treated_units_later_starters_are_the_controls() -> None:
    frame = staggered_panel()
    frame = frame[frame["start"].notna()]
    with pytest.raises(NotEnoughData, match="not_yet_treated"):
        callaway_santanna(frame, **COLUMNS)
    found = callaway_santanna(frame, **COLUMNS, control="not_yet_treated")
    estimated = found.group_time.dropna(subset=["att"])
    assert set(estimated.query("event_time >= 0")["period"]) == {2013, 2014, 2015}
    assert any("every unit is treated by then" in note for note in found.notes)
    assert found.group_time.loc[found.group_time["att"].isna(), "reason"].notna().all()


def test_groups_that_do_not_overlap_are_refused_in_words() -> None:
    frame = staggered_panel()
    apart = frame.assign(x=frame["x"] + 100.0 * frame["start"].notna())
    with pytest.raises(NotEnoughData, match="no overlap"):
        callaway_santanna(apart, **COLUMNS, covariates=["x"])
    with pytest.raises(NotEnoughData, match="does not vary"):
        callaway_santanna(frame.assign(x=1.0), **COLUMNS, covariates=["x"])
    with pytest.raises(NotEnoughData, match="too alike"):
        callaway_santanna(
            frame.assign(z=3 - 2 * frame["x"]), **COLUMNS, covariates=["x", "z"], method="outcome_regression"
        )


def test_the_frame_stays_as_it_was() -> None:
    frame = staggered_panel()
    before = frame.copy(deep=True)
    callaway_santanna(frame, **COLUMNS, covariates=["x"], weights="weight", cluster="block")
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    "how",
    [
        {"control": "nobody"},
        {"base": "first"},
        {"method": "dr"},
        {"errors": "HC1"},
        {"anticipation": -1},
        {"anticipation": 0.5},
        {"level": 95},
        {"n_draws": 9},
        {"cluster": "absent"},
        {"cluster": "year"},
        {"covariates": ["absent"]},
        {"covariates": ["block"]},
        {"outcome": "block"},
        {"cohort": "block"},
        {"weights": "y", "outcome": "absent"},
    ],
)
def test_a_wrong_call_is_refused_in_words(how: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        callaway_santanna(staggered_panel(), **COLUMNS | how)


def test_a_wrong_summary_is_refused_in_words() -> None:
    found = callaway_santanna(staggered_panel(), **COLUMNS)
    for how in ({"kind": "all"}, {"kind": "group", "balance": 1}, {"kind": "simple", "min_event": 0}):
        with pytest.raises(UsageError):
            found.aggregate(**how)
    with pytest.raises(UsageError):
        found.aggregate("dynamic", balance=-1)
    with pytest.raises(NotEnoughData):
        found.aggregate("dynamic", min_event=-3, max_event=-1)


FRAMES = {
    "empty": staggered_panel().iloc[:0],
    "one row": staggered_panel().iloc[:1],
    "one unit": staggered_panel().iloc[:7],
    "one period": staggered_panel().query("year == 2014"),
    "all treated at once": staggered_panel(treated_share=1.0, starts=(2013,)),
    "all treated from the first": staggered_panel(treated_share=1.0, starts=(2010,)),
    "nobody treated": staggered_panel(treated_share=0.0),
    "all start later": staggered_panel(starts=(2030,)),
    "no variation": staggered_panel().assign(y=0.1),
    "all missing": staggered_panel().assign(y=np.nan),
    "huge": staggered_panel().assign(y=lambda rows: rows["y"] * 1e150),
    "tiny": staggered_panel().assign(y=lambda rows: rows["y"] * 1e-150),
    "doubled": pd.concat([staggered_panel()] * 2),
    "no base period": staggered_panel(starts=(2013,)).query("year != 2012 or start != start"),
    "one treated, one control": staggered_panel(units=2, starts=(2013,)),
    "never in two periods": staggered_panel().query("start == start or year == 2010"),
}


@pytest.mark.parametrize("how", [{}, {"errors": "none"}, {"covariates": ["x"], "control": "not_yet_treated"}])
@pytest.mark.parametrize("name", FRAMES)
def test_a_hostile_frame_gives_finite_numbers_or_an_error_in_words(name: str, how: dict[str, object]) -> None:
    try:
        found = callaway_santanna(FRAMES[name], **COLUMNS | how)
    except InsightError as error:
        assert error.found and error.todo
        return
    assert found.estimate.value is not None
    for kind in ("group", "calendar", "dynamic"):
        assert np.isfinite(found.aggregate(kind).parts["att"]).all()
