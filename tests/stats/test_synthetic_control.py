"""Synthetic control on invented panels: known effects, hostile frames, placebo ranks."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.errors import InsightError, MethodRefused, NotEnoughData, UsageError
from insight.stats.panel_matrix import panel_matrix
from insight.stats.synthetic_blocks import synthetic_blocks
from insight.stats.synthetic_control import synthetic_control
from insight.stats.synthetic_panel import complete_panel
from insight.stats.synthetic_placebo import placebo_sets
from insight.stats.synthetic_predictors import Predictor
from tests.stats.synthetic_frames import COLUMNS, factor_frame


def test_a_known_fall_is_found_as_a_rate_ratio() -> None:
    frame = factor_frame(units=40, effect=math.log(0.7), noise=0.02)
    found = synthetic_control(frame, **COLUMNS, scale="log")
    assert found.estimate.scale == "ratio"
    assert found.estimate.null == 1.0
    assert found.estimate.value == pytest.approx(0.7, abs=0.05)
    assert found.estimate.low is not None
    assert found.estimate.low < 0.7 < found.estimate.high < 1
    assert found.p_value == found.smallest_p == pytest.approx(1 / 40)
    assert found.log_std_error == found.placebos.std_error


def test_without_an_effect_the_interval_holds_no_change() -> None:
    found = synthetic_control(factor_frame(units=30, effect=0.0), **COLUMNS, scale="log")
    assert found.estimate.low < 1 < found.estimate.high


def test_a_donor_with_the_treated_path_gets_all_the_weight_and_leaves_no_gap() -> None:
    frame = factor_frame()
    twin = frame[frame["site"] == "site 00"].assign(site="twin", start=np.nan)
    found = synthetic_control(pd.concat([frame, twin]), **COLUMNS)
    assert found.weights.iloc[0].to_dict() == {"treated": "site 00", "unit": "twin", "weight": pytest.approx(1.0)}
    assert found.pre_error == pytest.approx(0.0, abs=1e-6)
    assert found.estimate.value == pytest.approx(0.0, abs=1e-5)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000))
def test_weights_are_a_mixture_and_the_order_of_rows_does_not_matter(seed: int) -> None:
    frame = factor_frame(seed=seed)
    found = synthetic_control(frame, **COLUMNS, placebos=False)
    assert (found.weights["weight"] >= 0).all()
    assert found.weights["weight"].sum() == pytest.approx(1.0)
    shuffled = frame.sample(frac=1, random_state=seed)
    again = synthetic_control(shuffled, **COLUMNS, placebos=False)
    assert again.estimate.value == found.estimate.value


def test_cells_add_up_to_the_estimate_and_the_error_before() -> None:
    found = synthetic_control(factor_frame(effect=0.4), **COLUMNS, placebos=False)
    cells = found.cells
    np.testing.assert_allclose(cells["gap"], cells["observed"] - cells["expected"])
    assert cells.loc[cells["is_treated"], "gap"].mean() == pytest.approx(found.estimate.value)
    before = cells[~cells["is_treated"]]
    assert found.pre_error == pytest.approx(math.sqrt((before["gap"] ** 2).mean()))
    assert found.relative_pre_error == pytest.approx(found.pre_error / before["observed"].mean())


def test_an_exposure_turns_counts_into_rates() -> None:
    frame = factor_frame(effect=0.3)
    by_rate = synthetic_control(frame, **COLUMNS, scale="log")
    by_count = synthetic_control(frame, **{**COLUMNS, "outcome": "count"}, exposure="children", scale="log")
    assert by_count.estimate.value == pytest.approx(by_rate.estimate.value)


def test_several_treated_units_have_a_mixture_each_and_are_averaged() -> None:
    frame = factor_frame(units=20, starts=(16.0, 12.0, 16.0), effect=math.log(0.8))
    found = synthetic_control(frame, **COLUMNS, scale="log", draws=500)
    assert [each.key for each in found.estimates] == [f"synthetic_control_site 0{number}" for number in (1, 0, 2)]
    logs = [math.log(each.value) for each in found.estimates]
    assert math.log(found.estimate.value) == pytest.approx(np.mean(logs))
    assert found.units["start"].tolist() == [12, 16, 16]
    assert len(found.placebos.table) == 500
    assert found.smallest_p == pytest.approx(1 / 501)
    assert found.estimates[0].low is None  # 17 controls cannot reach 5%
    again = synthetic_control(frame, **COLUMNS, scale="log", draws=500)
    pd.testing.assert_frame_equal(again.placebos.table, found.placebos.table)


def test_the_average_of_units_with_one_start_can_have_one_mixture() -> None:
    frame = factor_frame(starts=(16.0, 16.0), effect=0.2)
    found = synthetic_control(frame, **COLUMNS, combine="average", draws=100)
    assert found.weights["treated"].unique().tolist() == ["average of 2 units"]
    assert len(found.placebos.table) == math.comb(12, 2)
    assert found.placebos.is_enumerated
    with pytest.raises(MethodRefused):
        synthetic_control(factor_frame(starts=(16.0, 12.0)), **COLUMNS, combine="average")


def test_predictors_are_met_and_their_importance_sums_to_one() -> None:
    frame = factor_frame(units=20, periods=16, starts=(12.0,))
    wanted = [Predictor("rate", periods=(2, 6)), Predictor("rate", first=8), "children"]
    found = synthetic_control(frame, **COLUMNS, predictors=wanted, placebos=False)
    assert found.predictors["predictor"].tolist() == ["rate (2, 6)", "rate (8-)", "children"]
    assert found.predictors["importance"].sum() == pytest.approx(1.0)
    path_only = synthetic_control(frame, **COLUMNS, placebos=False)
    assert path_only.pre_error <= found.pre_error + 1e-9
    fixed = synthetic_control(frame, **COLUMNS, predictors=wanted, importance=[0, 0, 1], placebos=False)
    children = fixed.predictors.set_index("predictor").loc["children"]
    assert children["synthetic"] == pytest.approx(children["observed"], rel=1e-4)
    assert found.pre_error <= fixed.pre_error + 1e-9


def test_units_that_cannot_be_compared_are_left_out_by_name() -> None:
    frame = factor_frame(starts=(16.0, 1.0))
    frame = frame[~((frame["site"] == "site 05") & (frame["month"] == 3))]
    frame.loc[(frame["site"] == "site 06") & (frame["month"] == 4), "rate"] = 0.0
    found = synthetic_control(frame, **COLUMNS, scale="log", placebos=False)
    reasons = {each.unit: each.reason for each in found.left_out}
    assert reasons["site 01"] == "fewer than 2 periods before its start"
    assert reasons["site 05"] == "no number in 1 of 24 periods"
    assert reasons["site 06"] == "a value of zero or less, which has no logarithm"
    assert not found.weights["unit"].isin(reasons).any()


def test_two_controls_are_enough_for_a_mixture_and_too_few_for_a_rank() -> None:
    found = synthetic_control(factor_frame(units=3), **COLUMNS)
    assert found.placebos is None
    assert found.estimate.low is None
    assert "no placebos" in found.estimate.method


def hostile() -> list[tuple[str, pd.DataFrame, dict[str, object], type[InsightError]]]:
    frame = factor_frame()
    everyone = frame.assign(start=16)
    return [
        ("empty", frame.iloc[:0], {}, NotEnoughData),
        ("one unit", frame[frame["site"] == "site 00"], {}, NotEnoughData),
        ("all treated", everyone, {}, NotEnoughData),
        ("nobody treated", frame.assign(start=np.nan), {}, NotEnoughData),
        (
            "start after the data",
            frame.assign(start=frame["start"].where(frame["start"].isna(), 99)),
            {},
            NotEnoughData,
        ),
        (
            "start at the first period",
            frame.assign(start=frame["start"].where(frame["start"].isna(), 0)),
            {},
            NotEnoughData,
        ),
        ("treated unit with a gap", frame.drop(frame.index[3]), {}, NotEnoughData),
        ("all zero in logs", frame.assign(rate=0.0), {"scale": "log"}, NotEnoughData),
        ("unknown column", frame, {"exposure": "people"}, UsageError),
        ("unknown scale", frame, {"scale": "root"}, UsageError),
        ("unknown way to combine", frame, {"combine": "sum"}, UsageError),
        ("unknown solver", frame, {"solver": "fast"}, UsageError),
        ("a level of 95", frame, {"level": 95}, UsageError),
        ("no draw", frame, {"draws": 0}, UsageError),
        ("absent predictor", frame, {"predictors": ["income"]}, UsageError),
        ("predictor after the start", frame, {"predictors": [Predictor("rate", first=20)]}, UsageError),
        ("predictor in other terms", frame, {"predictors": [Predictor("rate", first="x")]}, UsageError),
        ("importance alone", frame, {"importance": [1.0]}, UsageError),
        ("negative importance", frame, {"predictors": ["rate"], "importance": [-1.0]}, UsageError),
        ("stopped search of predictors", frame, {"predictors": ["rate"], "solver": "published"}, UsageError),
    ]


@pytest.mark.parametrize(("frame", "options", "error"), [each[1:] for each in hostile()], ids=[e[0] for e in hostile()])
def test_a_frame_or_option_that_cannot_be_used_is_refused_in_words(
    frame: pd.DataFrame, options: dict[str, object], error: type[InsightError]
) -> None:
    with pytest.raises(error):
        synthetic_control(frame, **COLUMNS, **options)


def test_zero_counts_on_the_level_scale_are_numbers_like_others() -> None:
    frame = factor_frame()
    frame.loc[frame["month"].isin([4, 18]), "rate"] = 0.0
    found = synthetic_control(frame, **COLUMNS)
    assert math.isfinite(found.estimate.value)


def test_every_control_is_a_placebo_once_and_small_sets_are_enumerated() -> None:
    sets, is_enumerated = placebo_sets(np.arange(30), starts=(5,), draws=3, seed=0)
    assert is_enumerated
    assert sets[:, 0].tolist() == list(range(30))
    sets, is_enumerated = placebo_sets(np.arange(5), starts=(5, 7), draws=50, seed=0)
    assert is_enumerated
    assert len({tuple(each) for each in sets.tolist()}) == 20  # who starts first matters
    sets, is_enumerated = placebo_sets(np.arange(40), starts=(5, 5, 5), draws=50, seed=0)
    assert not is_enumerated
    assert all(len(set(each)) == 3 for each in sets.tolist())


def test_the_matrix_function_gives_what_the_frame_function_gives() -> None:
    frame = factor_frame(effect=0.2)
    panel = complete_panel(panel_matrix(frame, **COLUMNS), scale="log")
    blocks = synthetic_blocks(
        panel.values, start=16, sets=[panel.treated], donors=panel.is_control, method="synthetic_control"
    )
    found = synthetic_control(frame, **COLUMNS, scale="log", placebos=False, solver="exact")
    assert math.exp(blocks.effects[0]) == pytest.approx(found.estimate.value)


def test_the_frame_is_left_as_it_was() -> None:
    frame = factor_frame()
    before = frame.copy(deep=True)
    synthetic_control(frame, **COLUMNS)
    pd.testing.assert_frame_equal(frame, before)
