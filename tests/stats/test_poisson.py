"""Poisson regression, against a second program."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from insight.errors import MethodRefused, NotEnoughData, UsageError
from insight.stats import poisson_regression

QUESTION = {
    "outcome": "count",
    "regressors": ("x", "other"),
    "unit": "unit",
    "period": "year",
    "offset": "log_exposure",
}


def _glm(frame: pd.DataFrame, offset: str | None):
    import statsmodels.api as sm

    ones = pd.get_dummies(frame[["unit", "year"]].astype("category"), dtype=float)
    design = np.column_stack([frame[["x", "other"]], ones.drop(columns=ones.columns[-1])])
    model = sm.GLM(
        frame["count"],
        design,
        family=sm.families.Poisson(),
        offset=None if offset is None else frame[offset],
    )
    groups = pd.factorize(frame["unit"])[0]
    return model.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}, tol=1e-12)


@pytest.mark.parametrize("offset", ["log_exposure", None])
def test_coefficients_and_errors_equal_those_of_a_glm_with_dummies(panel: pd.DataFrame, offset: str | None) -> None:
    ours, theirs = poisson_regression(panel, **QUESTION | {"offset": offset}), _glm(panel, offset)
    assert ours.coefs == pytest.approx(tuple(theirs.params)[:2], abs=1e-6)
    g, n, years = ours.n_clusters, ours.n_rows, panel["year"].nunique()
    factor = g / (g - 1) * (n - 1) / (n - (2 + 1 + years - 1))
    expected = np.asarray(theirs.cov_params())[:2, :2] * factor
    assert np.asarray(ours.vcov) == pytest.approx(expected, rel=1e-5)


def test_with_two_periods_and_two_groups_the_rate_ratio_is_the_ratio_of_ratios() -> None:
    rows = [
        (unit, year, count)
        for unit in range(12)
        for year, count in ((0, 20 + unit), (1, (30 + 2 * unit) if unit < 5 else (15 + unit)))
    ]
    frame = pd.DataFrame(rows, columns=["unit", "year", "count"])
    frame["treated_after"] = ((frame["unit"] < 5) & (frame["year"] == 1)).astype(float)
    fit = poisson_regression(frame, outcome="count", regressors=["treated_after"], unit="unit", period="year")
    totals = frame.assign(treated=frame["unit"] < 5).groupby(["treated", "year"])["count"].sum()
    expected = (totals[True, 1] / totals[True, 0]) / (totals[False, 1] / totals[False, 0])
    assert fit.ratio().value == pytest.approx(expected, rel=1e-8)


def test_a_rate_ratio_is_the_coefficient_and_interval_raised(panel: pd.DataFrame) -> None:
    fit = poisson_regression(panel, **QUESTION)
    ratio = fit.ratio("x")
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx(tuple(map(math.exp, (fit.coef, fit.low, fit.high))))
    assert ratio.low < math.exp(0.03) < ratio.high


def test_units_and_years_without_events_are_left_out_and_counted(panel: pd.DataFrame) -> None:
    silent = panel[panel["unit"] == "unit 003"].assign(unit="silent", count=0)
    quiet_year = panel[panel["year"] == 2012].assign(year=1999, count=0)
    fit = poisson_regression(pd.concat([panel, silent, quiet_year]), **QUESTION)
    assert fit.n_dropped_zeros == len(silent) + len(quiet_year)
    assert fit.coefs == pytest.approx(poisson_regression(panel, **QUESTION).coefs, rel=1e-8)


def test_large_and_small_units_of_measurement_do_not_upset_it(panel: pd.DataFrame) -> None:
    plain = poisson_regression(panel, **QUESTION)
    large = poisson_regression(panel.assign(x=panel["x"] * 1e6 + 1e7), **QUESTION)
    assert large.coef * 1e6 == pytest.approx(plain.coef, rel=1e-6)


def test_what_it_cannot_do_is_refused_in_words(panel: pd.DataFrame) -> None:
    with pytest.raises(UsageError, match="negative"):
        poisson_regression(panel.assign(count=-1), **QUESTION)
    with pytest.raises(NotEnoughData):
        poisson_regression(panel.assign(count=0), **QUESTION)
    with pytest.raises(NotEnoughData, match="move together"):
        poisson_regression(panel.assign(other=panel["x"]), **QUESTION)
    with pytest.raises(MethodRefused):
        poisson_regression(panel[panel["unit"] < "unit 009"], **QUESTION)
    fit = poisson_regression(panel.assign(other=panel["other"] * 1e-4), **QUESTION)
    with pytest.raises(NotEnoughData, match="log scale"):
        fit.ratio("other")


def test_an_estimate_that_does_not_settle_or_a_dropped_term_is_refused_in_words(
    panel: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyfixest
    from pyfixest.errors import NonConvergenceError

    def unsettled(*_: object, **__: object) -> None:
        raise NonConvergenceError("200 iterations")

    monkeypatch.setattr(pyfixest, "fepois", unsettled)
    with pytest.raises(NotEnoughData, match="do not settle"):
        poisson_regression(panel, **QUESTION)
    monkeypatch.setattr(pyfixest, "fepois", lambda *_, **__: SimpleNamespace(_coefnames=["x0"]))
    with pytest.raises(NotEnoughData, match="moves together"):
        poisson_regression(panel, **QUESTION)
    gone = SimpleNamespace(_coefnames=["x0", "x1"], _beta_hat=[np.nan, 1.0], _vcov=np.eye(2))
    monkeypatch.setattr(pyfixest, "fepois", lambda *_, **__: gone)
    with pytest.raises(NotEnoughData, match="not finite"):
        poisson_regression(panel, **QUESTION)
