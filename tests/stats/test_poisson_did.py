"""Poisson difference-in-differences, against pyfixest, statsmodels and arithmetic."""

from __future__ import annotations

import math
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

from insight.errors import InsightError, MethodRefused, NotEnoughData, UsageError
from insight.stats.poisson_did import poisson_did, ratio_of_ratios
from tests.stats.count_panels import COLUMNS, draw_counts

COMMON = {"starts": (15, 15, 15, 15)}


def _fepois(frame: pd.DataFrame, effects: str):
    import pyfixest

    data = frame.assign(
        s=pd.factorize(frame["site"])[0],
        c=pd.factorize(frame["site"].astype(str) + frame["calendar"].astype(str))[0],
        o=np.log(frame["exposure"]),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyfixest calls pandas in ways that it warns of
        return pyfixest.fepois(
            f"events ~ treated | {effects}",
            data,
            offset="o",
            vcov={"CRV1": "s"},
            iwls_tol=1e-11,
            demeaner=pyfixest.MapDemeaner(fixef_tol=1e-12, fixef_maxiter=100_000),
        )


@pytest.mark.parametrize(("season", "effects"), [(None, "s + month"), ("calendar", "c + month")])
@pytest.mark.parametrize("keep", [1.0, 0.8])
def test_the_coefficient_is_that_of_fepois(season: str | None, effects: str, keep: float) -> None:
    frame = draw_counts(keep=keep, starts=(15, 15, 20, 24, 18, 21))
    ours = poisson_did(frame, **COLUMNS, exposure="exposure", season=season, errors="CRV1")
    theirs = _fepois(frame, effects)
    assert ours.log_ratio == pytest.approx(float(theirs.coef().iloc[0]), abs=1e-8)
    assert ours.log_std_error == pytest.approx(float(theirs.se().iloc[0]), rel=0.02)  # its small-sample factor differs
    fitted = pd.Series(np.asarray(theirs.predict(type="response")))
    assert ours.cells["fitted"].sum() == pytest.approx(fitted.sum())
    if keep == 1.0:
        assert ours.cells["fitted"].to_numpy() == pytest.approx(fitted.to_numpy(), rel=1e-7)


def test_coefficient_and_error_are_those_of_a_glm_with_dummies() -> None:
    import statsmodels.api as sm

    frame = draw_counts(units=14, periods=16, starts=(8, 8, 9, 10, 8, 11))
    ours = poisson_did(frame, **COLUMNS, exposure="exposure", errors="CRV1")
    ones = pd.get_dummies(frame[["site", "month"]].astype("category"), dtype=float)
    design = np.column_stack([frame["treated"], ones.drop(columns=ones.columns[-1])])
    model = sm.GLM(frame["events"], design, family=sm.families.Poisson(), offset=np.log(frame["exposure"]))
    groups = pd.factorize(frame["site"])[0]
    theirs = model.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}, tol=1e-12)
    g, n = 14, len(frame)
    factor = g / (g - 1) * (n - 1) / (n - (1 + 1 + 15))
    assert ours.log_ratio == pytest.approx(theirs.params.iloc[0], abs=1e-8)
    assert ours.log_std_error == pytest.approx(math.sqrt(theirs.cov_params().iloc[0, 0] * factor), rel=1e-5)


def test_with_one_start_and_no_exposure_the_coefficient_is_the_ratio_of_ratios() -> None:
    frame = draw_counts(**COMMON)
    identity = ratio_of_ratios(frame, **COLUMNS)
    total = frame.assign(is_treated=frame["site"] < "site 04", after=frame["month"] > 15).pivot_table(
        index="is_treated", columns="after", values="events", aggfunc="sum"
    )
    by_hand = (total.loc[True, True] / total.loc[True, False]) / (total.loc[False, True] / total.loc[False, False])
    assert identity.is_poisson_did
    assert identity.estimate.value == pytest.approx(by_hand, rel=1e-12)
    assert identity.log_ratio == pytest.approx(poisson_did(frame, **COLUMNS).log_ratio, abs=1e-8)


def test_the_identity_holds_with_an_exposure_of_three_factors_and_says_when_it_does_not() -> None:
    frame = draw_counts(**COMMON)
    of_unit = 50 + 10 * pd.factorize(frame["site"])[0]
    of_period = 1 + 0.02 * frame["month"]
    of_group_and_span = np.where((frame["site"] < "site 04") & (frame["month"] > 15), 1.3, 1.0)
    separable = frame.assign(exposure=of_unit * of_period * of_group_and_span)
    identity = ratio_of_ratios(separable, **COLUMNS, exposure="exposure")
    assert identity.is_poisson_did
    assert identity.log_ratio == pytest.approx(
        poisson_did(separable, **COLUMNS, exposure="exposure").log_ratio, abs=1e-8
    )
    other = ratio_of_ratios(frame, **COLUMNS, exposure="exposure")
    assert not other.is_poisson_did
    assert abs(other.log_ratio - poisson_did(frame, **COLUMNS, exposure="exposure").log_ratio) > 1e-5


@pytest.mark.parametrize(
    ("frame", "error", "words"),
    [
        (draw_counts(), UsageError, "different starts"),
        (draw_counts(**COMMON).iloc[1:], UsageError, "cells missing"),
        (draw_counts(starts=()), NotEnoughData, "0 treated"),
        (draw_counts(starts=(15,) * 20), NotEnoughData, "20 treated"),
        (draw_counts(starts=(0,) * 4), NotEnoughData, "no event, or no period"),
        (draw_counts(**COMMON).assign(events=0), NotEnoughData, "no event"),
    ],
)
def test_a_ratio_of_ratios_that_there_is_not_is_refused_in_words(
    frame: pd.DataFrame, error: type[InsightError], words: str
) -> None:
    with pytest.raises(error, match=words):
        ratio_of_ratios(frame, **COLUMNS)


def test_without_errors_there_is_no_interval_and_it_says_so() -> None:
    found = poisson_did(draw_counts(starts=(15,)), **COLUMNS, exposure="exposure")
    assert not found.estimate.has_interval
    assert found.log_std_error is None
    assert "no interval of its own" in found.estimate.method
    assert (found.n_treated, found.n_controls) == (1, 19)


def test_clustered_errors_are_refused_with_few_treated_units_and_the_alternative_is_named() -> None:
    with pytest.raises(MethodRefused, match="permutation"):
        poisson_did(draw_counts(), **COLUMNS, errors="CRV1")
    six = draw_counts(starts=(15,) * 6)
    with pytest.raises(MethodRefused, match="3 treated"):
        poisson_did(six, **COLUMNS, errors="CRV1", cluster="group")
    with pytest.raises(MethodRefused, match="CRV1"):
        poisson_did(draw_counts(units=8, starts=(15,) * 6), **COLUMNS, errors="CRV1")
    found = poisson_did(six, **COLUMNS, errors="CRV1")
    assert found.estimate.low < found.estimate.value < found.estimate.high
    assert 0 <= found.p_value <= 1


def test_the_counterfactual_is_the_fit_without_the_effect() -> None:
    found = poisson_did(draw_counts(), **COLUMNS, exposure="exposure")
    cells = found.cells
    ratio = cells["fitted"] / cells["counterfactual"]
    assert ratio[cells["is_treated"]].to_numpy() == pytest.approx(found.estimate.value)
    assert ratio[~cells["is_treated"]].to_numpy() == pytest.approx(1.0)
    sums = cells.groupby("unit")[["observed", "fitted"]].sum()
    assert sums["observed"].to_numpy() == pytest.approx(sums["fitted"].to_numpy())


def test_units_that_say_nothing_are_left_out_by_name() -> None:
    frame = draw_counts(starts=(0, 15, 15))
    frame.loc[frame["site"] == "site 10", "events"] = 0
    frame.loc[(frame["site"] == "site 11") & (frame["month"] > 1), "events"] = np.nan
    found = poisson_did(frame, **COLUMNS)
    reasons = {each.unit: each.reason for each in found.left_out if each.period is None}
    assert "treated in every period" in reasons["site 00"]
    assert "no event" in reasons["site 10"]
    assert "site 11" in reasons
    assert "site 00" not in set(found.cells["unit"])


def test_a_period_without_events_is_left_out_by_name() -> None:
    frame = draw_counts()
    frame.loc[frame["month"] == 3, "events"] = 0
    found = poisson_did(frame, **COLUMNS)
    assert {each.period for each in found.left_out} == {3}
    assert len(found.left_out) == 20


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (draw_counts(starts=()), "no treated unit"),
        (draw_counts(starts=(0,) * 4), "no treated unit"),
        (draw_counts(starts=(0,) * 20), "no unit with periods before"),
        (draw_counts(starts=(15,) * 20), "does not vary"),
        (draw_counts(units=1, starts=(15,)), "no unit and period"),
        (draw_counts().assign(events=0), "no unit and period"),
        (draw_counts().assign(events=lambda data: data["events"].where(data["treated"] == 0, 0)), "no event"),
        (draw_counts().assign(events=np.nan), "no complete row"),
        (draw_counts().iloc[:0], "no complete row"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(frame: pd.DataFrame, words: str) -> None:
    with pytest.raises(NotEnoughData, match=words):
        poisson_did(frame, **COLUMNS)


def test_arguments_that_cannot_be_used_are_refused_in_words() -> None:
    frame = draw_counts()
    with pytest.raises(UsageError, match="errors"):
        poisson_did(frame, **COLUMNS, errors="HC1")
    with pytest.raises(UsageError, match="level"):
        poisson_did(frame, **COLUMNS, level=95)
    with pytest.raises(UsageError, match="season"):
        poisson_did(frame, **COLUMNS, season="nowhere")
    with pytest.raises(UsageError, match="more than one"):
        poisson_did(frame, **COLUMNS, season="events")
    with pytest.raises(UsageError, match="cluster"):
        poisson_did(frame, **COLUMNS, cluster="calendar")
    with pytest.raises(UsageError, match="negative"):
        poisson_did(frame.assign(events=-1), **COLUMNS)


def test_a_season_that_is_the_period_leaves_nothing() -> None:
    with pytest.raises(NotEnoughData):
        poisson_did(draw_counts(), **COLUMNS, season="month")


def test_an_estimate_or_interval_on_its_way_to_infinity_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules[poisson_did.__module__]
    frame = draw_counts(starts=(15,) * 6)
    monkeypatch.setattr(module, "fit_counts", lambda _: (np.array([-40.0]), np.eye(1)))
    with pytest.raises(NotEnoughData, match="does not settle"):
        poisson_did(frame, **COLUMNS)
    monkeypatch.setattr(module, "fit_counts", lambda _: (np.array([-0.1]), 1e4 * np.eye(1)))
    with pytest.raises(NotEnoughData, match="too wide"):
        poisson_did(frame, **COLUMNS, errors="CRV1")
