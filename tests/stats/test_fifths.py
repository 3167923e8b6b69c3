"""Within-deviations, plain and by groups."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from insight.errors import NotEnoughData, UsageError
from insight.stats import within_deviation_groups, within_deviations, within_regression

QUESTION = {"outcome": "y", "regressor": "x", "unit": "unit", "period": "year"}


@pytest.mark.parametrize("how", [{}, {"weights": "weight"}, {"absorb": ("block", "year")}])
def test_the_line_through_the_scatter_is_the_within_regression(panel: pd.DataFrame, how: dict[str, object]) -> None:
    found = within_deviations(panel, **QUESTION | how)
    fit = within_regression(panel, outcome="y", regressors=["x"], unit="unit", period="year", **how)
    assert found.slope == pytest.approx(fit.coef, rel=1e-9)
    assert (found.n_rows, found.n_units, len(found.frame)) == (fit.n_rows, fit.n_units, fit.n_rows)


def test_deviations_average_to_zero_in_every_unit_and_every_year(panel: pd.DataFrame) -> None:
    found = within_deviations(panel, **QUESTION).frame
    for column in ("unit", "year"):
        means = found.groupby(column)[["outcome_deviation", "regressor_deviation"]].mean()
        assert np.abs(means.to_numpy()).max() < 1e-9


def test_deviations_keep_the_unit_and_year_that_they_belong_to(panel: pd.DataFrame) -> None:
    holed = panel.assign(y=panel["y"].where(panel.index != 7)).set_index(panel.index + 100)
    found = within_deviations(holed, **QUESTION).frame
    assert found[["unit", "year"]].to_numpy().tolist() == panel.drop(index=7)[["unit", "year"]].to_numpy().tolist()


def test_fifths_are_equal_groups_in_order_and_their_means_follow_the_line(panel: pd.DataFrame) -> None:
    fifths = within_deviation_groups(panel, **QUESTION)
    assert [fifth.group for fifth in fifths] == [1, 2, 3, 4, 5]
    assert sum(fifth.n_rows for fifth in fifths) == len(panel)
    assert max(fifth.n_rows for fifth in fifths) - min(fifth.n_rows for fifth in fifths) <= 1
    assert all(one.regressor_high <= two.regressor_low for one, two in itertools.pairwise(fifths))
    assert [fifth.mean for fifth in fifths] == sorted(fifth.mean for fifth in fifths)
    assert all(fifth.low < fifth.mean < fifth.high for fifth in fifths)
    slope = within_deviations(panel, **QUESTION).slope
    for fifth in fifths:
        assert fifth.low < slope * fifth.regressor_mean < fifth.high


def test_the_interval_of_a_group_is_that_of_a_clustered_mean(panel: pd.DataFrame) -> None:
    from statsmodels.regression.linear_model import OLS

    scatter = within_deviations(panel, **QUESTION).frame
    third = within_deviation_groups(panel, **QUESTION)[2]
    chosen = scatter[scatter["regressor_deviation"].between(third.regressor_low, third.regressor_high)]
    theirs = OLS(chosen["outcome_deviation"], np.ones(len(chosen))).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(chosen["unit"])[0], "use_correction": False}
    )
    groups = chosen["unit"].nunique()
    assert third.mean == pytest.approx(float(theirs.params.iloc[0]))
    assert third.std_error == pytest.approx(float(theirs.bse.iloc[0]) * np.sqrt(groups / (groups - 1)), rel=1e-9)


def test_groups_that_cannot_be_made_are_refused(panel: pd.DataFrame) -> None:
    rare = panel.assign(x=(panel.index == 5) * 1.0 + (panel["unit"] == "unit 009") * panel["year"])
    with pytest.raises(NotEnoughData):
        within_deviation_groups(rare, **QUESTION, groups=150)
    for how in ({"groups": 1}, {"level": 95}):
        with pytest.raises(UsageError):
            within_deviation_groups(panel, **QUESTION | how)
