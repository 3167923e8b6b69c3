"""Synthetic difference-in-differences on invented panels: invariances, known effects, several starts."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insight.errors import InsightError, NotEnoughData, UsageError
from insight.stats.synthetic_blocks import METHODS, Solver, synthetic_blocks
from insight.stats.synthetic_did import synthetic_did
from insight.stats.synthetic_placebo import synthetic_effects
from tests.stats.synthetic_frames import COLUMNS, factor_frame

EXACT: Solver = "exact"


def test_a_known_fall_is_found_as_a_rate_ratio_whatever_the_level() -> None:
    frame = factor_frame(units=40, effect=math.log(0.7), noise=0.02)
    frame.loc[frame["site"] == "site 00", "rate"] *= 5  # outside the range of the others: the constant takes it up
    found = synthetic_did(frame, **COLUMNS, scale="log", solver=EXACT)
    assert found.estimate.value == pytest.approx(0.7, abs=0.05)
    assert found.estimate.high < 1
    assert found.estimate.term == "Synthetic difference-in-differences"


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000), st.floats(-5, 5))
def test_constants_of_units_periods_and_all_change_nothing_but_the_treated_part(seed: int, shift: float) -> None:
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(12, 18)).cumsum(axis=1)
    donors = np.arange(12) >= 2

    def effect(matrix: np.ndarray, ridge: float | None = None) -> float:
        return float(synthetic_blocks(matrix, start=11, sets=[[0, 1]], donors=donors, ridge=ridge).effects[0])

    base = effect(values)
    assert effect(values + shift) == pytest.approx(base, abs=1e-7)
    assert effect(values + generator.normal(size=(12, 1))) == pytest.approx(base, abs=1e-6)
    # The paper's ridge rests on the changes from period to period, which a shared path is part of.
    shared = values + generator.normal(size=(1, 18))
    assert effect(shared, ridge=0.0) == pytest.approx(effect(values, ridge=0.0), abs=1e-4)
    added = values.copy()
    added[:2, 11:] += shift
    assert effect(added) == pytest.approx(base + shift, abs=1e-7)
    order = generator.permutation(12)
    moved = synthetic_blocks(values[order], start=11, sets=[np.argsort(order)[:2]], donors=donors[order])
    assert float(moved.effects[0]) == pytest.approx(base, abs=1e-6)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(METHODS))
def test_unit_and_time_weights_are_mixtures(seed: int, method: str) -> None:
    found = synthetic_did(factor_frame(seed=seed), **COLUMNS, method=method, solver=EXACT, placebos=False)
    assert (found.weights["weight"] >= 0).all()
    assert found.weights["weight"].sum() == pytest.approx(1.0)
    assert (found.time_weights["weight"] >= 0).all()
    assert found.time_weights["weight"].sum() == pytest.approx(0.0 if method == "synthetic_control" else 1.0)


def test_weighted_two_way_regression_gives_the_same_effect() -> None:
    frame = factor_frame(effect=0.3)
    found = synthetic_did(frame, **COLUMNS, scale="log", solver=EXACT, placebos=False)
    omega = found.weights.set_index("unit")["weight"].to_dict() | {"site 00": 1.0}
    lam = found.time_weights.set_index("period")["weight"].to_dict() | dict.fromkeys(range(16, 24), 1 / 8)
    weight = np.sqrt(frame["site"].map(omega) * frame["month"].map(lam)).to_numpy()
    dummies = pd.get_dummies(frame[["site", "month"]].astype(str), dtype=float).to_numpy()
    is_treated = ((frame["site"] == "site 00") & (frame["month"] >= 16)).to_numpy(dtype=float)
    columns = np.column_stack([is_treated, dummies]) * weight[:, None]
    coef = np.linalg.lstsq(columns, np.log(frame["rate"].to_numpy()) * weight, rcond=None)[0][0]
    assert math.log(found.estimate.value) == pytest.approx(coef, abs=1e-8)


def test_equal_weights_are_the_difference_of_four_means() -> None:
    frame = factor_frame(effect=0.3)
    found = synthetic_did(frame, **COLUMNS, method="did", placebos=False)
    means = frame.groupby([frame["site"] == "site 00", frame["month"] >= 16])["rate"].mean()
    by_hand = (means[True, True] - means[True, False]) - (means[False, True] - means[False, False])
    assert found.estimate.value == pytest.approx(by_hand)
    assert found.estimate.term == "Difference-in-differences"


def test_several_starts_are_blocks_weighted_by_treated_cells() -> None:
    frame = factor_frame(units=16, starts=(16.0, 12.0, 16.0), effect=-0.3, noise=0.02)
    found = synthetic_did(frame, **COLUMNS, scale="log", draws=60, solver=EXACT)
    assert found.units["start"].tolist() == [12, 16]
    assert found.units["share"].tolist() == pytest.approx([12 / 28, 16 / 28])
    assert math.log(found.estimate.value) == pytest.approx((found.units["effect"] * found.units["share"]).sum())
    assert found.estimate.value == pytest.approx(math.exp(-0.3), abs=0.06)
    assert len(found.placebos.table) == 60
    assert "seed 0" in found.estimate.method
    # A block never counts units of another block among its donors.
    assert not found.weights["unit"].isin(["site 00", "site 01", "site 02"]).any()


def test_one_set_of_units_is_compared_as_the_blocks_one_by_one() -> None:
    values = np.random.default_rng(4).normal(size=(10, 15)).cumsum(axis=1)
    donors = np.arange(10) >= 2
    together = synthetic_effects(values, starts=(9, 6), sets=[[0, 1]], donors=donors)
    late = synthetic_blocks(values, start=9, sets=[[0]], donors=donors).effects[0]
    early = synthetic_blocks(values, start=6, sets=[[1]], donors=donors).effects[0]
    assert together.effects[0] == pytest.approx((6 * late + 9 * early) / 15)
    with pytest.raises(UsageError):
        synthetic_effects(values, starts=(9,), sets=[[0, 1]], donors=donors)


def test_the_stopped_search_steps_many_problems_as_it_steps_one() -> None:
    values = np.random.default_rng(4).normal(size=(8, 12)).cumsum(axis=1)
    donors = np.ones(8, dtype=bool)
    together = synthetic_blocks(values, start=8, sets=np.arange(8)[:, None], donors=donors, solver="published")
    alone = [
        synthetic_blocks(values, start=8, sets=[[place]], donors=donors, solver="published").effects[0]
        for place in (0, 5)
    ]
    np.testing.assert_allclose(together.effects[[0, 5]], alone, atol=1e-8)
    exact = synthetic_blocks(values, start=8, sets=np.arange(8)[:, None], donors=donors)
    np.testing.assert_allclose(together.effects, exact.effects, atol=0.02)


@pytest.mark.parametrize(
    ("change", "options", "error"),
    [
        ({"start": np.nan}, {}, NotEnoughData),
        ({"start": 16}, {}, NotEnoughData),
        ({}, {"method": "matching"}, UsageError),
        ({}, {"ridge": -1.0}, UsageError),
        ({"rate": -1.0}, {"scale": "log"}, NotEnoughData),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(
    change: dict[str, object], options: dict[str, object], error: type[InsightError]
) -> None:
    with pytest.raises(error):
        synthetic_did(factor_frame().assign(**change), **COLUMNS, solver=EXACT, **options)


def test_a_matrix_with_gaps_or_a_start_outside_it_is_refused() -> None:
    donors = np.ones(5, dtype=bool)
    with pytest.raises(UsageError):
        synthetic_blocks(np.full((5, 6), np.nan), start=3, sets=[[0]], donors=donors)
    with pytest.raises(UsageError):
        synthetic_blocks(np.ones((5, 6)), start=6, sets=[[0]], donors=donors)
    with pytest.raises(NotEnoughData):
        synthetic_blocks(np.ones((5, 6)), start=1, sets=[[0]], donors=donors)


def test_units_that_never_change_give_no_effect_and_no_traceback() -> None:
    for solver in ("exact", "published"):
        blocks = synthetic_blocks(np.ones((5, 6)), start=3, sets=[[0]], donors=np.ones(5, dtype=bool), solver=solver)
        assert blocks.effects[0] == 0.0
