"""The static coefficient: what it is, and what it is labelled as."""

from __future__ import annotations

import numpy as np
import pytest

from insight.errors import MethodRefused, NotEnoughData, UsageError
from insight.stats.static_effects import static_two_way
from insight.stats.two_way import within_regression
from tests.staggered_panels import COLUMNS, staggered_panel


@pytest.mark.parametrize("weights", [None, "weight"])
def test_it_is_the_coefficient_of_a_regression_on_being_treated(weights: str | None) -> None:
    frame = staggered_panel().drop(index=range(0, 630, 9))
    frame["treated"] = (frame["year"] >= frame["start"]).astype(float)
    fit = within_regression(frame, outcome="y", regressors=["treated"], unit="unit", period="year", weights=weights)
    found = static_two_way(frame, **COLUMNS, weights=weights).estimate
    assert found.value == pytest.approx(fit.coef, rel=1e-8)
    assert (found.std_error, found.low, found.high) == pytest.approx((fit.std_error, fit.low, fit.high), rel=1e-6)
    assert (found.n_rows, found.n_units) == (fit.n_rows, fit.n_units)


def test_it_says_that_it_is_for_comparison_only() -> None:
    found = static_two_way(staggered_panel(), **COLUMNS)
    assert "for comparison only" in found.estimate.method
    assert "forbidden comparisons" in found.estimate.method


def test_weights_of_the_cells_make_the_coefficient_and_some_are_negative() -> None:
    found = static_two_way(staggered_panel(starts=(2011, 2015), treated_share=0.9), **COLUMNS)
    cells = found.cells
    assert float(cells["weight"] @ cells["observed"]) == pytest.approx(found.estimate.value, rel=1e-12)
    assert cells.loc[cells["is_treated"], "weight"].sum() == pytest.approx(1)
    assert found.negative_share > 0.1
    assert static_two_way(staggered_panel(starts=(2013,)), **COLUMNS).negative_share == 0


def test_a_growing_effect_is_missed_as_the_literature_warns() -> None:
    frame = staggered_panel(noise=0.0, effect=1.0, growth=2.0, starts=(2011, 2014), treated_share=0.9)
    frame["y"] -= 0.3 * frame["x"] * (frame["year"] - 2010)
    treated = frame["year"] >= frame["start"]
    true = float((1 + 2 * (frame["year"] - frame["start"]))[treated].mean())
    found = static_two_way(frame, **COLUMNS).estimate
    assert found.value is not None and found.value < 0.6 * true


def test_few_treated_units_are_refused_and_no_interval_is_always_allowed() -> None:
    frame = staggered_panel(treated_share=5 / 90)
    with pytest.raises(MethodRefused, match="permutation"):
        static_two_way(frame, **COLUMNS)
    found = static_two_way(frame, **COLUMNS, errors="none")
    assert found.estimate.value is not None and not found.estimate.has_interval


def test_a_hostile_frame_or_a_wrong_call_is_answered_in_words() -> None:
    frame = staggered_panel()
    for how in ({"errors": "HC1"}, {"level": 0}, {"cluster": "absent"}):
        with pytest.raises(UsageError):
            static_two_way(frame, **COLUMNS | how)
    hostile = [
        frame.iloc[:0],
        frame.iloc[:7],
        frame.query("year == 2014"),
        frame.assign(y=np.nan),
        staggered_panel(treated_share=0.0),
        staggered_panel(treated_share=1.0, starts=(2013,)),
    ]
    for one in hostile:
        with pytest.raises(NotEnoughData):
            static_two_way(one, **COLUMNS, errors="none")
