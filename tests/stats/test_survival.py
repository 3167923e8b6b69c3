"""Survival, against slow plain versions and by its edges."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from insight.errors import InsightError, NotEnoughData, UsageError
from insight.stats.survival import cox, kaplan_meier, log_rank

TIMES = {"duration": "time", "event": "ended"}


def spells(*, seed: int = 1, n: int = 60, ratio: float = 2.0) -> pd.DataFrame:
    """Whole months to an event, many tied, some cut short, some seen late; the true hazard ratio of x is ``ratio``."""
    generator = np.random.default_rng(seed)
    x = generator.integers(0, 2, n)
    length = np.ceil(generator.exponential(12 / ratio**x))
    cut = np.ceil(generator.uniform(3, 30, n))
    return pd.DataFrame(
        {
            "time": np.minimum(length, cut),
            "ended": (length <= cut).astype(int),
            "seen_from": np.where(generator.uniform(size=n) < 0.3, 1.0, 0.0),
            "x": x,
            "z": generator.normal(size=n),
            "place": generator.choice(["north", "south", "west"], n),
        }
    )


def test_the_curve_is_the_product_over_the_people_at_risk() -> None:
    frame = spells().query("seen_from < time")
    curve = kaplan_meier(frame, **TIMES, entry="seen_from").cells
    chance = 1.0
    for row in curve.itertuples():
        at_risk = ((frame["seen_from"] < row.time) & (frame["time"] >= row.time)).sum()
        died = ((frame["time"] == row.time) & (frame["ended"] == 1)).sum()
        chance *= 1 - died / at_risk
        assert (row.at_risk, row.events) == (at_risk, died)
        assert row.survival == pytest.approx(chance)


def test_bands_are_symmetric_on_their_own_scale() -> None:
    frame = spells()
    for conf_type, bend in {"log": np.log, "log_log": lambda s: np.log(-np.log(s)), "plain": lambda s: s}.items():
        cells = kaplan_meier(frame, **TIMES, conf_type=conf_type).cells.query("0 < low and high < 1")
        middle = (bend(cells["low"]) + bend(cells["high"])) / 2
        assert list(middle) == pytest.approx(list(bend(cells["survival"])))
        assert len(cells) > 5


def test_a_curve_flat_at_one_half_has_the_middle_as_median() -> None:
    frame = pd.DataFrame({"time": [1, 2, 3, 4, 6, 8], "ended": [1, 1, 1, 0, 1, 1]})
    assert kaplan_meier(frame, **TIMES).median.value == pytest.approx((3 + 6) / 2)


def test_a_curve_that_stays_above_one_half_has_no_median() -> None:
    frame = pd.DataFrame({"time": [1, 5, 5, 5], "ended": [1, 0, 0, 0]})
    median = kaplan_meier(frame, **TIMES).median
    assert median.value is None
    assert "stays above 0.5" in median.method


def test_the_chance_by_a_time_ends_where_nobody_was_seen() -> None:
    curve = kaplan_meier(spells(), **TIMES, unit="months")
    assert curve.at(0.5).value == 100.0
    assert curve.at(curve.last + 1).value is None
    assert "so long" in curve.at(curve.last + 1).method
    row = curve.cells.iloc[3]
    assert curve.at(row["time"]).value == pytest.approx(100 * row["survival"])
    assert curve.quantile(0.25).value <= curve.median.value
    with pytest.raises(UsageError):
        curve.quantile(1.0)


def test_few_at_risk_and_late_entry_are_said() -> None:
    frame = spells().query("seen_from < time")
    notes = " ".join(kaplan_meier(frame, **TIMES, entry="seen_from").notes)
    assert "fewer than 10 at risk" in notes
    assert "only from some time after" in notes
    early = pd.DataFrame({"time": [1, 9, 9], "ended": [1, 1, 1], "seen_from": [0, 2, 2]})
    assert any("cannot rise again" in note for note in kaplan_meier(early, **TIMES, entry="seen_from").notes)


def test_the_log_rank_test_agrees_with_a_second_program() -> None:
    from statsmodels.duration.survfunc import survdiff

    frame = spells()
    for group, strata in (("x", None), ("place", None), ("x", "place")):
        ours = log_rank(frame, **TIMES, group=group, strata=strata)
        theirs = survdiff(frame["time"], frame["ended"], frame[group], strata=None if strata is None else frame[strata])
        assert (ours.statistic, ours.p) == pytest.approx(theirs)
        assert ours.cells["observed"].sum() == pytest.approx(ours.cells["expected"].sum())


def test_the_log_rank_test_with_delayed_entry_agrees_with_a_second_program() -> None:
    from statsmodels.duration.survfunc import survdiff

    frame = spells().query("seen_from < time")
    ours = log_rank(frame, **TIMES, group="x", entry="seen_from")
    theirs = survdiff(
        frame["time"].to_numpy(), frame["ended"].to_numpy(), frame["x"].to_numpy(), entry=frame["seen_from"].to_numpy()
    )
    assert (ours.statistic, ours.p) == pytest.approx(theirs)


def _efron(coef: float, frame: pd.DataFrame) -> float:
    """Efron's partial log likelihood of one covariate, with entry, by its definition."""
    total = 0.0
    for time in sorted(set(frame.loc[frame["ended"] == 1, "time"])):
        risk = frame[(frame["seen_from"] < time) & (frame["time"] >= time)]
        died = risk[(risk["time"] == time) & (risk["ended"] == 1)]
        everyone, dying = np.exp(coef * risk["x"]).sum(), np.exp(coef * died["x"]).sum()
        total += coef * died["x"].sum()
        total -= sum(math.log(everyone - part / len(died) * dying) for part in range(len(died)))
    return total


def test_cox_regression_maximises_the_likelihood_written_out() -> None:
    frame = spells().query("seen_from < time")
    fit = cox(frame, **TIMES, covariates=["x"], entry="seen_from")
    best = _efron(fit.coefs[0], frame)
    assert fit.log_likelihood == pytest.approx(best)
    assert all(_efron(fit.coefs[0] + step, frame) < best for step in (-1e-3, 1e-3))
    curvature = (2 * best - _efron(fit.coefs[0] + 1e-3, frame) - _efron(fit.coefs[0] - 1e-3, frame)) / 1e-6
    assert fit.std_errors[0] == pytest.approx(curvature**-0.5, rel=1e-3)


def test_cox_regression_finds_a_known_ratio() -> None:
    low, high = (
        cox(spells(seed=3, n=2000), **TIMES, covariates=["x", "z"]).estimate.as_dict()[k] for k in ("low", "high")
    )
    assert low < 2.0 < high
    assert high / low < 1.4


def test_units_of_a_covariate_and_strata_are_harmless() -> None:
    frame = spells(n=200)
    plain = cox(frame, **TIMES, covariates=["z"], strata="place")
    large = cox(frame.assign(z=1e6 * frame["z"] + 1e8), **TIMES, covariates=["z"], strata="place")
    assert large.coefs[0] * 1e6 == pytest.approx(plain.coefs[0], rel=1e-5)
    assert "strata place" in plain.method


def test_rows_that_cannot_be_used_are_named() -> None:
    frame = spells(n=20).astype({"time": float, "ended": float, "place": object})
    frame.loc[3, "time"] = np.nan
    frame.loc[4, "ended"] = np.nan
    frame.loc[5, "place"] = None
    frame.loc[6, "seen_from"] = frame.loc[6, "time"]
    before = frame.copy()
    found = {each.unit: each.reason for each in log_rank(frame, **TIMES, group="place", entry="seen_from").left_out}
    assert {3: "no usable time", 4: "no usable ended", 5: "no place"}.items() <= found.items()
    assert found[6] == "entry not before its end"
    pd.testing.assert_frame_equal(frame, before)


def test_what_cannot_be_had_is_refused_in_words() -> None:
    frame = spells()
    with pytest.raises(NotEnoughData, match="no event"):
        kaplan_meier(frame.assign(ended=0), **TIMES)
    with pytest.raises(UsageError, match="not 0 or 1"):
        kaplan_meier(frame.assign(ended=2), **TIMES)
    with pytest.raises(UsageError, match="column"):
        kaplan_meier(frame, duration="length", event="ended")
    with pytest.raises(UsageError, match="conf_type"):
        kaplan_meier(frame, **TIMES, conf_type="wald")
    with pytest.raises(NotEnoughData, match="two groups"):
        log_rank(frame.assign(x=1), **TIMES, group="x")
    with pytest.raises(NotEnoughData, match="beside another"):
        log_rank(pd.DataFrame({"time": [5, 1], "ended": [1, 0], "x": [0, 1]}), **TIMES, group="x")
    with pytest.raises(UsageError, match="ties"):
        cox(frame, **TIMES, covariates=["x"], ties="exact")
    with pytest.raises(NotEnoughData, match="move together"):
        cox(frame.assign(w=2 * frame["z"]), **TIMES, covariates=["z", "w"])
    with pytest.raises(NotEnoughData, match="do not vary"):
        cox(frame.assign(z=1.0), **TIMES, covariates=["z"])
    with pytest.raises(NotEnoughData):
        cox(frame.assign(w=frame["ended"] * (100 - frame["time"])), **TIMES, covariates=["w"])
    for size in (0, 1, 2):
        with pytest.raises(InsightError):
            cox(frame.head(size), **TIMES, covariates=["x"])
