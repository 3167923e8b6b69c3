"""Clustered errors and Poisson rate ratios against published numbers.

Nothing here was made by the project's own code. Petersen's and Grunfeld's data come with statsmodels and are read from
the installed package; they are not copied.
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from insight.stats import poisson_regression, within_regression


@pytest.fixture(scope="module")
def petersen() -> pd.DataFrame:
    """500 firms in 10 years, simulated by Petersen (2009), Rev Financial Studies 22, 435-480."""
    place = files("statsmodels.stats.tests").joinpath("test_data.txt")
    if not place.is_file():
        pytest.skip("this statsmodels comes without Petersen's data")
    with place.open(encoding="utf-8") as text:
        return pd.read_csv(text, sep=r"\s+", header=None, names=["firm", "year", "x", "y"])


@pytest.fixture(scope="module")
def grunfeld() -> pd.DataFrame:
    """Ten firms in 20 years, as Stata has them (without American Steel)."""
    from statsmodels.datasets import grunfeld as source

    frame = source.load_pandas().data
    return frame[frame["firm"] != "American Steel"].reset_index(drop=True)


@pytest.mark.parametrize(("cluster", "std_error"), [("firm", 0.050596), ("year", 0.033389)])
def test_petersens_table_of_clustered_errors(petersen: pd.DataFrame, cluster: str, std_error: float) -> None:
    """Petersen's page of test results: coefficient 1.034833; tolerance half a unit of the last printed digit."""
    fit = within_regression(petersen, outcome="y", regressors=["x"], unit=None, period=None, cluster=cluster)
    assert fit.coef == pytest.approx(1.034833, abs=5e-7)
    assert fit.std_error == pytest.approx(std_error, abs=5e-7)


def test_statas_clustered_regression_of_grunfelds_data(grunfeld: pd.DataFrame) -> None:
    """Stata: regress invest mvalue kstock, vce(cluster company); as kept among the reference results of statsmodels."""
    from statsmodels.regression.tests.results import results_grunfeld_ols_robust_cluster as reference

    table = np.asarray(reference.results_cluster.params_table)
    fit = within_regression(
        grunfeld, outcome="invest", regressors=["value", "capital"], unit=None, period=None, cluster="firm"
    )
    for row, term in enumerate(("value", "capital")):
        found = fit.of(term)
        ours = (found.coef, found.std_error, found.p_value, found.low, found.high)
        # Stata keeps data in single precision, which moves the seventh digit.
        assert ours == pytest.approx(table[row, [0, 1, 3, 4, 5]], rel=2e-6)
    assert fit.dof == 9


def test_statas_fixed_effects_with_clustered_errors_of_grunfelds_data(grunfeld: pd.DataFrame) -> None:
    """Stata: xtreg invest mvalue kstock, fe vce(cluster company), to the printed digits.

    Firm effects lie inside the clusters and are not counted; a program that counts them prints larger errors.
    """
    fit = within_regression(grunfeld, outcome="invest", regressors=["value", "capital"], unit="firm", period=None)
    assert fit.coefs == pytest.approx((0.1101238, 0.3100653), abs=5.5e-8)
    assert (fit.of("value").std_error, fit.of("capital").std_error) == pytest.approx((0.0151945, 0.0527518), abs=5.5e-8)


def test_statas_poisson_example_with_exposure() -> None:
    """Deaths of British doctors (Doll & Hill 1966), Stata: poisson deaths smokes i.agecat, exposure(pyears) irr.

    Stata prints a rate ratio of 1.425519. The age groups are the effects taken out; errors are not compared, because
    Stata's are not clustered.
    """
    smokers = ([32, 104, 206, 186, 102], [52407, 43248, 28612, 12663, 5317])
    others = ([2, 12, 28, 28, 31], [18790, 10673, 5710, 2585, 1462])
    frame = pd.DataFrame(
        {
            "deaths": smokers[0] + others[0],
            "log_years": np.log(smokers[1] + others[1]),
            "smokes": [1] * 5 + [0] * 5,
            "age": [1, 2, 3, 4, 5] * 2,
            "row": range(10),
        }
    )
    fit = poisson_regression(
        frame, outcome="deaths", regressors=["smokes"], unit="age", period=None, cluster="row", offset="log_years"
    )
    assert fit.ratio().value == pytest.approx(1.425519, abs=5e-7)
