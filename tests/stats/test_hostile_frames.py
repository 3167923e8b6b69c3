"""Whatever the frame, the answer is a fit or an error in words."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insight.errors import InsightError
from insight.stats import (
    between_within,
    first_differences,
    lsdv_regression,
    poisson_regression,
    restricted_wild_bootstrap,
    split_panel_jackknife,
    within_deviation_groups,
    within_regression,
)

ONE = {"outcome": "y", "regressors": ("x",), "unit": "unit", "period": "year"}
CALLS: dict[str, Callable[[pd.DataFrame], object]] = {
    "within": lambda frame: within_regression(frame, **ONE),
    "within, two": lambda frame: within_regression(frame, **ONE | {"regressors": ("x", "z")}),
    "jackknife": lambda frame: within_regression(frame, **ONE, errors="CRV3"),
    "weighted": lambda frame: within_regression(frame, **ONE, weights="z", errors="CRV3"),
    "pooled": lambda frame: within_regression(frame, **ONE | {"unit": None, "period": None, "cluster": "unit"}),
    "dummies": lambda frame: lsdv_regression(frame, **ONE),
    "poisson": lambda frame: poisson_regression(frame, **ONE | {"outcome": "count"}),
    "poisson, offset": lambda frame: poisson_regression(frame, **ONE | {"outcome": "count"}, offset="z"),
    "differences": lambda frame: first_differences(frame, **ONE),
    "split": lambda frame: split_panel_jackknife(frame, **ONE),
    "mundlak": lambda frame: between_within(frame, **ONE),
    "wild": lambda frame: restricted_wild_bootstrap(frame, **ONE, seed=1, draws=199),
    "fifths": lambda frame: within_deviation_groups(
        frame, outcome="y", regressor="x", unit="unit", period="year", groups=2
    ),
}


def _regular(units: int, years: int) -> pd.DataFrame:
    generator = np.random.default_rng(units * 100 + years)
    frame = pd.DataFrame({"unit": np.repeat(np.arange(units), years), "year": np.tile(np.arange(years), units)})
    size = len(frame)
    return frame.assign(
        x=generator.normal(size=size),
        z=generator.normal(size=size),
        y=generator.normal(size=size),
        count=generator.poisson(3, size=size).astype(float),
    )


FRAMES = {
    "empty": _regular(0, 0),
    "one row": _regular(1, 1),
    "one unit": _regular(1, 8),
    "one year": _regular(20, 1),
    "two units": _regular(2, 2),
    "three units, two years": _regular(3, 2),
    "ten units, two years": _regular(10, 2),
    "all missing": _regular(12, 4).assign(x=np.nan),
    "constant x": _regular(12, 4).assign(x=3.3),
    "constant y": _regular(12, 4).assign(y=0.1, count=7.0),
    "x is the unit": _regular(12, 4).assign(x=lambda f: f["unit"] / 3),
    "x is the year": _regular(12, 4).assign(x=lambda f: f["year"] * 1e6),
    "x varies in one unit": _regular(12, 4).assign(x=lambda f: f["x"].where(f["unit"] == 3, 0.0)),
    "x varies in one row": _regular(12, 4).assign(x=lambda f: (f.index == 17) * 1.0),
    "y is x": _regular(12, 4).assign(y=lambda f: f["x"], count=lambda f: f["x"].abs()),
    "z is x": _regular(12, 4).assign(z=lambda f: 1 - 2 * f["x"]),
    "no count": _regular(12, 4).assign(count=0.0),
    "one count": _regular(12, 4).assign(count=lambda f: (f.index == 17) * 1.0),
    "separated": _regular(12, 4).assign(count=lambda f: f["count"] * (f["x"] > 0)),
    "negative count": _regular(12, 4).assign(count=-1.0),
    "infinite": _regular(12, 4).assign(y=np.inf),
    "huge": _regular(12, 4).assign(x=lambda f: f["x"] * 1e150, y=lambda f: f["y"] * 1e-150),
    "too large": _regular(12, 4).assign(x=lambda f: f["x"] * 1e250, y=lambda f: f["y"] * 1e250),
    "text": _regular(12, 4).assign(y="many"),
    "doubled": pd.concat([_regular(12, 4)] * 2),
    "disconnected": _regular(12, 4).assign(year=lambda f: f["year"] + 10 * (f["unit"] % 6)),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("frame", FRAMES)
def test_a_hostile_frame_gives_finite_numbers_or_an_error_in_words(frame: str, call: str) -> None:
    before = FRAMES[frame].copy(deep=True)
    try:
        found = CALLS[call](FRAMES[frame])
    except InsightError as error:
        assert error.found
        assert error.todo
    else:
        for one in found if isinstance(found, tuple) else (found,):
            numbers = (getattr(one, name, None) for name in ("coef", "mean", "std_error", "p_value"))
            assert all(math.isfinite(number) for number in numbers if number is not None)
    pd.testing.assert_frame_equal(FRAMES[frame], before)


NUMBERS = st.sampled_from([0.0, 1.0, 1.0, 2.0, -1.5, 0.3, 1e-9, 1e9, math.nan, math.inf])
ROWS = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 4), NUMBERS, NUMBERS, NUMBERS, st.integers(0, 5)), max_size=45
)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS)
def test_any_small_frame_gives_finite_numbers_or_an_error_in_words(rows: list[tuple[float, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=["unit", "year", "x", "z", "y", "count"]).astype({"x": float})
    for call in CALLS.values():
        try:
            found = call(frame)
        except InsightError:
            continue
        for one in found if isinstance(found, tuple) else (found,):
            numbers = (getattr(one, name, None) for name in ("coef", "mean", "std_error", "p_value"))
            assert all(math.isfinite(number) for number in numbers if number is not None)
