"""The rules on how many treated units an inference needs, and the clustered errors that they allow."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from insight.errors import MethodRefused, NotEnoughData, UsageError
from insight.stats.clustered_change import clustered_change
from insight.stats.few_treated import (
    count_clusters,
    inference_for,
    needs_rescaling,
    refuse_cluster_errors,
    smallest_possible_p,
)

COLUMNS = {"outcome": "y", "unit": "site", "period": "month", "cohort": "start"}


@pytest.mark.parametrize("n_treated", [0, 1, 3, 5])
def test_a_clustered_error_with_three_treated_units_is_refused_with_the_alternative(n_treated: int) -> None:
    with pytest.raises(MethodRefused) as refusal:
        refuse_cluster_errors(n_treated, 40, method="a CRV3 error")
    assert refusal.value.found.startswith(f"{n_treated} treated among 40 units")
    assert "permutation of units" in refusal.value.todo
    assert "collapsed change with the pooled t" in refusal.value.todo


def test_six_treated_units_are_enough_for_a_clustered_error() -> None:
    refuse_cluster_errors(6, 40, method="a CRV3 error")


@pytest.mark.parametrize(
    ("n_treated", "n_controls", "headline", "beside"),
    [
        (1, 39, "permutation", ("collapsed change",)),
        (5, 135, "permutation", ("collapsed change",)),
        (6, 34, "permutation", ("collapsed change", "CRV3", "restricted wild bootstrap")),
        (14, 100, "permutation", ("collapsed change", "CRV3", "restricted wild bootstrap")),
        (15, 14, "permutation", ("collapsed change", "CRV3", "restricted wild bootstrap")),
        (15, 15, "either", ("permutation", "collapsed change", "CRV3", "restricted wild bootstrap", "CRV1")),
        (4, 0, "none", ()),
    ],
)
def test_what_leads_and_what_stands_beside_it_follow_the_number_of_treated_units(
    n_treated: int, n_controls: int, headline: str, beside: tuple[str, ...]
) -> None:
    found = inference_for(n_treated, n_controls)
    assert (found.headline, found.beside) == (headline, beside)
    assert not set(found.beside) & set(found.refused)
    assert {"default standard error", "HAC"} <= set(found.refused)
    assert all(len(sentence.split()) < 25 for sentence in found.words)


def test_clusters_counted_apart_decide_whether_errors_by_cluster_may_lead() -> None:
    assert inference_for(20, 60, n_clusters=29).headline == "permutation"
    assert inference_for(20, 60, n_clusters=30).headline == "either"


def test_a_claim_at_5_per_cent_with_one_treated_of_nineteen_is_refused() -> None:
    short, enough = inference_for(1, 18), inference_for(1, 19)
    assert short.smallest_p == 1 / 19
    assert not short.can_reach_level
    with pytest.raises(MethodRefused) as refusal:
        short.require_level()
    assert "smallest possible p of 0.0526" in refusal.value.found
    assert enough.can_reach_level
    enough.require_level()
    assert inference_for(1, 18, level=0.9).can_reach_level


def test_one_unit_alone_is_a_description_and_not_an_effect() -> None:
    alone, all_treated = inference_for(1, 0), inference_for(7, 0)
    assert "description, not effect" in alone.words[0]
    assert "Every unit is treated" in all_treated.words[0]
    for each in (alone, all_treated):
        assert (each.smallest_p, each.can_reach_level) == (None, False)
        with pytest.raises(MethodRefused):
            each.require_level()


def test_counts_that_are_none_are_refused_in_words() -> None:
    with pytest.raises(NotEnoughData):
        inference_for(0, 5)
    with pytest.raises(UsageError):
        inference_for(1, -1)
    with pytest.raises(UsageError):
        inference_for(1, 5, level=95)


def test_the_smallest_p_is_one_over_the_ways_to_choose() -> None:
    assert smallest_possible_p(1, 38) == 1 / 39
    assert smallest_possible_p(3, 37) == 1 / 9880
    assert smallest_possible_p(4, 4) == 2 / 70
    assert smallest_possible_p(1, 1) == 1.0


def test_sites_that_share_a_start_in_one_group_count_as_one_cluster() -> None:
    groups = ["north", "north", "north", "south", "south", None, None]
    starts = [3, 3, 5, 3, np.inf, 3, 3]
    assert count_clusters(groups=groups, starts=starts) == 5
    months = pd.Series(pd.PeriodIndex(["2023-01", "2023-01", None], freq="M"))
    assert count_clusters(groups=["a", "a", "b"], starts=months) == 1
    with pytest.raises(UsageError):
        count_clusters(groups=["a"], starts=[1, 2])


def test_rescaling_is_needed_below_half_the_median_of_the_controls() -> None:
    assert needs_rescaling(24.0, [10, 50, 400])
    assert not needs_rescaling(25.0, [10, 50, np.nan, 400])
    with pytest.raises(NotEnoughData):
        needs_rescaling(np.nan, [10])
    with pytest.raises(NotEnoughData):
        needs_rescaling(1.0, [])


def sites(*, n_treated: int = 8, units: int = 14, effect: float = -0.2, staggered: bool = False) -> pd.DataFrame:
    generator = np.random.default_rng(6)
    frame = pd.DataFrame({"site": np.repeat(np.arange(units), 12), "month": np.tile(np.arange(12), units)})
    start = np.where(np.arange(units) < n_treated, 7.0, np.inf)
    if staggered:
        start[: n_treated // 2] = 5
    frame["start"] = start[frame["site"]]
    is_on = frame["month"] >= frame["start"]
    frame["children"] = generator.integers(80, 300, size=units)[frame["site"]].astype(float)
    noise = generator.normal(scale=0.1, size=len(frame)) + generator.normal(size=12)[frame["month"]] / 10
    frame["y"] = frame["children"] * np.exp(effect * is_on + noise)
    frame["place"] = "place " + (frame["site"] // 2).astype(str)
    frame["is_on"] = is_on.astype(float)
    return frame


def by_wildboottest(frame: pd.DataFrame, outcome: str, others: pd.DataFrame, param: str) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # wildboottest and numba warn of their own future
        from statsmodels.regression.linear_model import OLS
        from wildboottest.wildboottest import wildboottest

        found = wildboottest(
            OLS(frame[outcome], pd.concat([frame[[param]], others], axis="columns")),
            param=param,
            B=9999,
            cluster=pd.Series(pd.factorize(frame["site"])[0], index=frame.index),
            bootstrap_type="11",
            impose_null=True,
            seed=12,
            parallel=False,
            show=False,
        )
    return float(found["p-value"].iloc[0])


def test_the_bootstrap_of_log_rates_equals_that_of_wildboottest() -> None:
    frame = sites(n_treated=6, units=12, effect=-0.05, staggered=True)
    found = clustered_change(frame, **COLUMNS, exposure="children", log=True, form="panel", errors="wild", seed=1)
    frame["log_rate"] = np.log(frame["y"] / frame["children"])
    effects = pd.get_dummies(frame[["site", "month"]].astype("category"), dtype=float).iloc[:, :-1]
    p = by_wildboottest(frame, "log_rate", effects, "is_on")
    assert found.smallest_p == 1 / 2**11
    assert found.p_value == pytest.approx(p, abs=1.01 * found.smallest_p)


def test_the_bootstrap_of_collapsed_changes_equals_that_of_wildboottest() -> None:
    frame = sites(n_treated=6, units=12, effect=-0.02)
    found = clustered_change(frame, **COLUMNS, exposure="children", log=True, errors="wild", seed=1)
    collapsed = found.cells.assign(is_on=found.cells["is_treated"].astype(float), constant=1.0)
    p = by_wildboottest(collapsed.rename(columns={"unit": "site"}), "value", collapsed[["constant"]], "is_on")
    assert found.p_value == pytest.approx(p, abs=1.01 / 2**11)


def test_the_jackknife_of_collapsed_changes_is_the_hc3_error_of_statsmodels() -> None:
    from statsmodels.regression.linear_model import OLS

    found = clustered_change(sites(), **COLUMNS, exposure="children", log=True)
    cells = found.cells
    design = np.column_stack([cells["is_treated"].astype(float), np.ones(len(cells))])
    # With one row per cluster the jackknife around the full fit is HC3 but for the factor (n - 1) / n.
    reference = OLS(cells["value"], design).fit(cov_type="HC3")
    n = len(cells)
    assert found.log_std_error == pytest.approx(float(np.sqrt((n - 1) / n)) * reference.bse.iloc[0], rel=1e-9)
    assert found.estimate.value == pytest.approx(np.exp(reference.params.iloc[0]))
    assert (found.n_treated_clusters, found.n_clusters, found.estimate.scale) == (8, 14, "ratio")
    assert found.estimate.low is not None
    assert found.estimate.low < np.exp(-0.2) < (found.estimate.high or 0)


def test_a_balanced_panel_with_one_start_gives_the_collapsed_coefficient() -> None:
    collapsed = clustered_change(sites(), **COLUMNS)
    panel = clustered_change(sites(), **COLUMNS, form="panel")
    assert panel.estimate.value == pytest.approx(collapsed.estimate.value)
    assert panel.estimate.std_error == pytest.approx(collapsed.estimate.std_error)
    assert (collapsed.estimate.scale, collapsed.log_std_error) == ("difference", None)


def test_sites_of_one_place_count_once_towards_the_six() -> None:
    with pytest.raises(MethodRefused) as refusal:
        clustered_change(sites(n_treated=8), **COLUMNS, cluster="place")
    assert refusal.value.found.startswith("4 treated among 7")
    found = clustered_change(sites(n_treated=12, units=24), **COLUMNS, cluster="place")
    assert (found.n_treated_clusters, found.n_clusters) == (6, 12)


def test_with_three_treated_units_both_errors_are_refused() -> None:
    for errors in ("CRV3", "wild"):
        with pytest.raises(MethodRefused):
            clustered_change(sites(n_treated=3), **COLUMNS, errors=errors, seed=1)


def test_what_cannot_be_compared_is_refused_in_words() -> None:
    frame = sites()
    for n_treated in (0, 14):
        with pytest.raises(NotEnoughData):
            clustered_change(sites(n_treated=n_treated), **COLUMNS)
    for wrong in ({"errors": "HAC"}, {"form": "both"}, {"errors": "wild"}, {"cluster": "absent"}):
        with pytest.raises(UsageError):
            clustered_change(frame, **COLUMNS, **wrong)
    with pytest.raises(UsageError):
        clustered_change(sites(staggered=True), **COLUMNS)
    with pytest.raises(UsageError):
        clustered_change(frame.assign(place=frame["month"]), **COLUMNS, cluster="place")
    with pytest.raises(NotEnoughData):
        clustered_change(frame.assign(y=0.0), **COLUMNS, log=True)
    with pytest.raises(NotEnoughData):
        clustered_change(frame[(frame["month"] >= 7) == (frame["site"] < 8)], **COLUMNS)


def test_a_unit_without_a_number_on_one_side_is_named() -> None:
    frame = sites()
    found = clustered_change(frame[(frame["site"] != 13) | (frame["month"] < 7)], **COLUMNS)
    assert [each.unit for each in found.left_out] == [13]
    assert found.estimate.n_units == 13
