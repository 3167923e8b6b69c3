"""The restricted wild cluster bootstrap: its reference is wildboottest, its definition a loop."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from insight.errors import NotEnoughData, UsageError
from insight.stats import restricted_wild_bootstrap, within_regression
from insight.stats.wild_bootstrap import _edge

MakePanel = Callable[..., pd.DataFrame]
QUESTION = {"outcome": "y", "regressors": ("x", "other"), "unit": "unit", "period": "year"}


def _few(make_panel: MakePanel, units: int, effect: float = 0.15) -> pd.DataFrame:
    return make_panel(units=units, effect=effect, seed=4)


def _with_dummies(frame: pd.DataFrame) -> pd.DataFrame:
    ones = pd.get_dummies(frame[["unit", "year"]].astype("category"), dtype=float)
    return pd.concat([frame[["x", "other"]], ones.drop(columns=[ones.columns[-1]])], axis="columns")


def _reference(frame: pd.DataFrame, draws: int) -> tuple[float, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # wildboottest and numba warn of their own future
        from statsmodels.regression.linear_model import OLS
        from wildboottest.wildboottest import wildboottest

        found = wildboottest(
            OLS(frame["y"], _with_dummies(frame)),
            param="x",
            B=draws,
            cluster=pd.Series(pd.factorize(frame["unit"])[0], index=frame.index),
            bootstrap_type="11",
            impose_null=True,
            seed=12,
            parallel=False,
            show=False,
        )
    return float(found["p-value"].iloc[0]), float(found["statistic"].iloc[0])


@pytest.mark.parametrize("units", [6, 8, 11])
def test_enumerated_p_values_equal_those_of_wildboottest(make_panel: MakePanel, units: int) -> None:
    frame = _few(make_panel, units)
    ours = restricted_wild_bootstrap(frame, **QUESTION, seed=1)
    p, _ = _reference(frame, draws=9999)
    assert ours.is_enumerated
    assert ours.draws == 2 ** (units - 1)
    # The reference counts draws strictly beyond the data; ours also counts the pattern that is the data itself.
    assert ours.p_value - ours.smallest_p <= p + 1e-12
    assert ours.p_value == pytest.approx(p, abs=1.01 * ours.smallest_p)


def test_drawn_p_values_agree_with_wildboottest_within_chance(make_panel: MakePanel) -> None:
    frame = _few(make_panel, 30, effect=0.05)
    ours = restricted_wild_bootstrap(frame, **QUESTION, seed=1)
    p, _ = _reference(frame, draws=9999)
    assert not ours.is_enumerated
    assert ours.p_value == pytest.approx(p, abs=4 * np.sqrt(2 * p * (1 - p) / 9999) + 1e-4)


@pytest.mark.parametrize(
    "how",
    [{}, {"weights": "weight"}, {"absorb": ("half", "year")}, {"unit": None, "cluster": "unit"}, {"cluster": "half"}],
)
def test_the_fast_algebra_equals_a_plain_loop_over_all_patterns(make_panel: MakePanel, how: dict[str, object]) -> None:
    frame = _few(make_panel, 6)
    frame["half"] = np.where(frame["unit"] < "unit 003", "a", "b")
    if how.get("cluster") == "half":
        frame["half"] = frame["year"] % 5  # clusters in which no effect is nested
    spec = QUESTION | how
    null = 0.1
    found = restricted_wild_bootstrap(frame, **spec, null=null, seed=1)
    root = np.sqrt(frame["weight"].to_numpy()) if "weights" in how else np.ones(len(frame))
    effects = [] if spec["unit"] is None else [frame["unit"]]
    effects.append(frame["half"].astype(str) + frame["year"].astype(str) if "absorb" in how else frame["year"])
    others = np.column_stack([pd.get_dummies(effect, dtype=float) for effect in effects] + [frame["other"]])
    others, x, y = (root[:, None] * others, root * frame["x"].to_numpy(), root * frame["y"].to_numpy())
    clusters = pd.factorize(frame[spec.get("cluster", "unit")])[0]
    count = clusters.max() + 1
    full = np.column_stack([x, others])
    inverse = np.linalg.pinv(full.T @ full)

    def statistic(outcome: np.ndarray) -> float:
        coefs = inverse @ full.T @ outcome
        residuals = outcome - full @ coefs
        scores = np.array([full[clusters == g].T @ residuals[clusters == g] for g in range(count)])
        return float((coefs[0] - null) / np.sqrt((inverse @ scores.T @ scores @ inverse)[0, 0]))

    restricted = others @ np.linalg.pinv(others) @ (y - null * x)
    residuals = y - null * x - restricted
    observed = statistic(y)
    patterns = [np.array(pattern) for pattern in itertools.product([1.0, -1.0], repeat=count)]
    drawn = np.array([statistic(null * x + restricted + pattern[clusters] * residuals) for pattern in patterns])
    assert found.statistic == pytest.approx(observed, rel=1e-7)
    assert found.p_value == pytest.approx(np.mean(np.abs(drawn) >= abs(observed) * (1 - 1e-7)))


def test_the_ends_of_the_interval_are_where_the_test_begins_to_reject(make_panel: MakePanel) -> None:
    frame = _few(make_panel, 12)
    found = restricted_wild_bootstrap(frame, **QUESTION, seed=1)
    assert found.low is not None
    assert found.high is not None
    width = found.high - found.low
    for end, outward in ((found.low, -1), (found.high, 1)):
        inside = restricted_wild_bootstrap(frame, **QUESTION, seed=1, null=end - outward * width / 1e4)
        outside = restricted_wild_bootstrap(frame, **QUESTION, seed=1, null=end + outward * width / 1e4)
        assert inside.p_value > 0.05 >= outside.p_value


def test_with_five_clusters_no_value_can_be_excluded_at_five_per_cent(make_panel: MakePanel) -> None:
    found = restricted_wild_bootstrap(_few(make_panel, 5, effect=3.0), **QUESTION, seed=1)
    assert (found.low, found.high, found.smallest_p) == (None, None, 1 / 16)


def test_a_side_on_which_the_test_never_rejects_has_no_end() -> None:
    estimate = SimpleNamespace(coef=1.0, std_error=0.5)
    assert _edge(lambda value: 0.5, estimate, +1, 0.95) is None
    assert _edge(lambda value: 0.5 if value < 3 else 0.01, estimate, +1, 0.95) == pytest.approx(3)


def test_the_same_seed_gives_the_same_draws_and_the_estimate_is_that_of_the_regression(panel: pd.DataFrame) -> None:
    first, second = (restricted_wild_bootstrap(panel, **QUESTION, seed=7, draws=999) for _ in range(2))
    assert first == second
    assert first.coef == pytest.approx(within_regression(panel, **QUESTION).coef, rel=1e-9)
    other = restricted_wild_bootstrap(panel, **QUESTION, seed=7, draws=999, term="other")
    assert other.coef == pytest.approx(within_regression(panel, **QUESTION).of("other").coef, rel=1e-9)


def test_what_it_cannot_do_is_refused_in_words(panel: pd.DataFrame) -> None:
    for wrong in ({"term": "absent"}, {"draws": 10}, {"null": float("nan")}, {"regressors": ()}, {"level": 2.0}):
        with pytest.raises(UsageError):
            restricted_wild_bootstrap(panel, **QUESTION | wrong, seed=1)
    with pytest.raises(NotEnoughData):
        restricted_wild_bootstrap(panel[panel["unit"] < "unit 002"], **QUESTION, seed=1)


def test_under_the_null_it_rejects_about_as_often_as_it_says() -> None:
    rejections = 0
    for seed in range(200):
        generator = np.random.default_rng(seed)
        units, periods = 10, 6
        walk = generator.normal(size=(2, units, periods)).cumsum(axis=2)
        frame = pd.DataFrame({"unit": np.repeat(np.arange(units), periods), "year": np.tile(np.arange(periods), units)})
        frame["x"], frame["y"] = walk[0].reshape(-1), walk[1].reshape(-1)
        found = restricted_wild_bootstrap(frame, outcome="y", regressors=["x"], unit="unit", period="year", seed=1)
        rejections += found.p_value <= 0.05
    assert 0.01 <= rejections / 200 <= 0.09
