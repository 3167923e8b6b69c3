"""The within regression, against a second program and against its own definition."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

from insight.errors import MethodRefused, NotEnoughData, UsageError
from insight.stats import Fit, joint_test, lsdv_regression, within_regression

QUESTION = {"outcome": "y", "regressors": ("x", "other"), "unit": "unit", "period": "year"}


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"weights": "weight"},
        {"absorb": ("block", "year")},
        {"unit": None, "cluster": "unit"},
        {"unit": None, "period": None, "cluster": "unit"},
        {"cluster": "unit", "period": None},
    ],
)
def test_dummies_and_demeaning_give_the_same_coefficients(panel: pd.DataFrame, how: dict[str, object]) -> None:
    within, dummies = within_regression(panel, **QUESTION | how), lsdv_regression(panel, **QUESTION | how)
    assert within.coefs == pytest.approx(dummies.coefs, abs=1e-8)


def test_counting_nested_dummies_enlarges_errors_by_the_expected_factor(panel: pd.DataFrame) -> None:
    within, dummies = within_regression(panel, **QUESTION), lsdv_regression(panel, **QUESTION)
    n, units, years, regressors = within.n_rows, within.n_units, panel["year"].nunique(), 2
    not_counted = n - (regressors + 1 + years - 1)
    counted = not_counted - (units - 1)
    assert np.asarray(dummies.vcov) == pytest.approx(np.asarray(within.vcov) * not_counted / counted, rel=1e-8)
    assert 1.05 < dummies.std_error / within.std_error < 1.09


def test_with_interacted_effects_only_nested_ones_are_not_counted(panel: pd.DataFrame) -> None:
    how = QUESTION | {"absorb": ("block", "year")}
    within, dummies = within_regression(panel, **how), lsdv_regression(panel, **how)
    n, units, cells, blocks, regressors = within.n_rows, within.n_units, 4 * 8, 4, 2
    # Unit dummies already span the blocks, so all blocks but one repeat.
    ratio = (n - (regressors + 1 + cells - 1)) / (n - (regressors + units + cells - blocks))
    assert dummies.std_error**2 / within.std_error**2 == pytest.approx(ratio, rel=1e-8)


@pytest.mark.parametrize("how", [{}, {"weights": "weight"}, {"absorb": ("block", "year")}, {"period": None}])
def test_errors_equal_those_of_pyfixest_itself(panel: pd.DataFrame, how: dict[str, object]) -> None:
    import pyfixest

    second = {None: "", ("block", "year"): "+ block^year"}[how.get("absorb")]
    second = second or ("" if "period" in how else "+ year")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pyfixest.feols(
            f"y ~ x + other | unit {second}",
            panel.assign(unit=pd.factorize(panel["unit"])[0], block=pd.factorize(panel["block"])[0]),
            vcov={"CRV1": "unit"},
            weights=how.get("weights"),
            ssc=pyfixest.ssc(k_fixef="nonnested"),
        )
        ours = within_regression(panel, **QUESTION | how)
        interval = theirs.confint()
    assert ours.coefs == pytest.approx(theirs.coef().to_numpy(), rel=1e-8)
    assert ours.of("x").std_error == pytest.approx(theirs.se()["x"], rel=1e-6)
    assert (ours.low, ours.high) == pytest.approx(tuple(interval.loc["x"]), rel=1e-6)
    assert ours.of("other").p_value == pytest.approx(theirs.pvalue()["other"], rel=1e-4)


@pytest.mark.parametrize("weights", [None, "weight"])
def test_the_jackknife_equals_that_of_pyfixest(panel: pd.DataFrame, weights: str | None) -> None:
    import pyfixest

    few = panel[panel["unit"] < "unit 014"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pyfixest.feols(
            "y ~ x + other | unit + year",
            few.assign(unit=pd.factorize(few["unit"])[0]),
            vcov={"CRV3": "unit"},
            weights=weights,
            ssc=pyfixest.ssc(k_adj=False, G_adj=False),
        )
    ours = within_regression(few, **QUESTION, weights=weights, errors="CRV3")
    # Without its small-sample factor pyfixest gives the bare sum of squares, and with it a larger one than the paper's.
    assert np.asarray(ours.vcov) == pytest.approx(theirs._vcov * 13 / 14, rel=1e-6)
    assert ours.dof == 13


def test_the_jackknife_is_what_leaving_each_cluster_out_says(panel: pd.DataFrame) -> None:
    few = panel[panel["unit"] < "unit 012"]
    whole = within_regression(few, **QUESTION, errors="CRV3")
    units = sorted(few["unit"].unique())
    changes = [
        np.asarray(within_regression(few[few["unit"] != unit], **QUESTION, errors="CRV3").coefs) - whole.coefs
        for unit in units
    ]
    expected = (len(units) - 1) / len(units) * sum(np.outer(change, change) for change in changes)
    assert np.asarray(whole.vcov) == pytest.approx(expected, rel=1e-8)


def test_the_jackknife_over_blocks_that_hold_no_effect_is_exact_too(panel: pd.DataFrame) -> None:
    how = {"outcome": "y", "regressors": ("x",), "unit": None, "period": "year", "cluster": "block", "errors": "CRV3"}
    whole = within_regression(panel, **how)
    blocks = sorted(panel["block"].unique())
    changes = [within_regression(panel[panel["block"] != block], **how).coef - whole.coef for block in blocks]
    assert whole.std_error**2 == pytest.approx(3 / 4 * sum(change**2 for change in changes), rel=1e-8)


def test_singletons_are_left_out_and_counted(panel: pd.DataFrame) -> None:
    alone = panel.iloc[[0]].assign(unit="alone", y=1000.0)
    year_of_its_own = panel.iloc[[1]].assign(year=1950)
    fit = within_regression(pd.concat([panel, alone, year_of_its_own]), **QUESTION)
    assert (fit.n_dropped_singletons, fit.n_rows, fit.n_rows_before_singletons) == (2, len(panel), len(panel) + 2)
    assert fit.coefs == pytest.approx(within_regression(panel, **QUESTION).coefs, rel=1e-10)


def test_leaving_a_singleton_out_can_make_another() -> None:
    rows = [("a", 1), ("a", 2), ("b", 2), ("b", 3), ("c", 4), ("c", 1), ("d", 5), ("d", 6), ("d", 1), ("e", 1)]
    from insight.stats.rows import Specification, complete_rows, without_singletons

    frame = pd.DataFrame(rows, columns=["unit", "year"]).assign(x=0.0, y=0.0)
    left = without_singletons(complete_rows(frame, Specification("y", ("x",), "unit", "year")))
    # 3, 4, 5, 6 and e go first; then b and c have one row each, then year 2, then a, then d.
    assert (left.n_rows, left.n_singletons) == (0, len(rows))


def test_missing_values_are_left_out_and_counted_and_the_frame_stays_as_it_was(panel: pd.DataFrame) -> None:
    holed = panel.assign(x=panel["x"].astype("Float64"))
    holed.loc[3, "x"] = pd.NA
    holed.loc[4, "y"] = np.inf
    holed.loc[5, "unit"] = None
    before = holed.copy(deep=True)
    fit = within_regression(holed, **QUESTION)
    pd.testing.assert_frame_equal(holed, before)
    assert fit.n_missing == 3
    assert fit.coefs == pytest.approx(within_regression(panel.drop(index=[3, 4, 5]), **QUESTION).coefs, rel=1e-10)


def test_the_order_and_labels_of_rows_do_not_matter(panel: pd.DataFrame) -> None:
    shuffled = panel.sample(frac=1, random_state=5)
    assert within_regression(shuffled, **QUESTION).vcov[0] == pytest.approx(
        within_regression(panel, **QUESTION).vcov[0], rel=1e-9
    )


def test_column_names_need_not_be_formulas(panel: pd.DataFrame) -> None:
    odd = panel.rename(columns={"x": "cases per worker (30 Sept) + C(1)", "y": "rate, %"})
    fit = within_regression(
        odd, outcome="rate, %", regressors=["cases per worker (30 Sept) + C(1)"], unit="unit", period="year"
    )
    plain = within_regression(panel, outcome="y", regressors=["x"], unit="unit", period="year")
    assert fit.coef == pytest.approx(plain.coef, rel=1e-12)


def test_a_small_unit_of_measurement_changes_nothing_but_the_unit(panel: pd.DataFrame) -> None:
    plain = within_regression(panel, **QUESTION)
    fine = within_regression(panel.assign(x=panel["x"] * 1e-7 + 3), **QUESTION)
    assert fine.coef * 1e-7 == pytest.approx(plain.coef, rel=1e-6)
    assert fine.of("x").p_value == pytest.approx(plain.of("x").p_value, rel=1e-4)


def test_few_clusters_refuse_crv1_and_name_the_alternatives(panel: pd.DataFrame) -> None:
    few = panel[panel["unit"] < "unit 009"]
    with pytest.raises(MethodRefused, match=r"CRV3.*restricted_wild_bootstrap"):
        within_regression(few, **QUESTION)
    assert within_regression(few, **QUESTION, errors="CRV3").n_clusters == 9
    with pytest.raises(NotEnoughData, match="2 clusters"):
        within_regression(panel[panel["unit"] < "unit 002"], **QUESTION, errors="CRV3")


def test_a_collinear_or_constant_column_is_refused_in_words(panel: pd.DataFrame) -> None:
    with pytest.raises(NotEnoughData, match="move together"):
        within_regression(panel.assign(other=panel["x"] * 2 + panel["year"]), **QUESTION)
    with pytest.raises(NotEnoughData, match="'other' does not vary"):
        within_regression(panel.assign(other=pd.factorize(panel["unit"])[0]), **QUESTION)
    with pytest.raises(NotEnoughData, match="'y' does not vary"):
        within_regression(panel.assign(y=0.1), **QUESTION)
    with pytest.raises(NotEnoughData, match="fitted exactly"):
        within_regression(panel.assign(y=panel["x"]), **QUESTION)


def test_a_wrong_call_is_refused_in_words(panel: pd.DataFrame) -> None:
    wrong = [
        {"outcome": "absent"},
        {"regressors": ()},
        {"regressors": ("x", "x")},
        {"regressors": ("unit",)},
        {"unit": None},
        {"weights": "other"},
        {"errors": "HC1"},
        {"level": 95},
        {"absorb": ()},
    ]
    for how in wrong:
        with pytest.raises(UsageError):
            within_regression(panel, **QUESTION | how).low  # noqa: B018 - the interval is where the level is used


def test_a_joint_test_of_one_term_is_its_t_test_squared(panel: pd.DataFrame) -> None:
    fit = within_regression(panel, **QUESTION)
    found = joint_test(fit, ["other"])
    other = fit.of("other")
    assert found.statistic == pytest.approx((other.coef / other.std_error) ** 2)
    assert found.p == pytest.approx(other.p_value)


def test_a_joint_test_of_two_terms_equals_statsmodels(panel: pd.DataFrame) -> None:
    import statsmodels.api as sm

    fit = within_regression(panel, outcome="y", regressors=["x", "other"], unit=None, period=None, cluster="unit")
    theirs = sm.OLS(panel["y"], sm.add_constant(panel[["x", "other"]])).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(panel["unit"])[0]}, use_t=True
    )
    expected = theirs.f_test(np.eye(3)[1:])
    found = joint_test(fit, ["x", "other"])
    assert found.statistic == pytest.approx(float(expected.fvalue), rel=1e-8)
    assert found.p == pytest.approx(float(expected.pvalue), rel=1e-6)
    assert (found.dof_numerator, found.dof_denominator) == (2, fit.n_clusters - 1)


def test_a_joint_test_needs_terms_that_can_be_told_apart() -> None:
    fit = Fit(("a", "b"), (1.0, 1.0), ((1.0, 1.0), (1.0, 1.0)), 0.95, 9, 50, 10, 10, 0, 0, 0, "by hand")
    with pytest.raises(NotEnoughData):
        joint_test(fit, ["a", "b"])
    for terms in ([], ["a", "a"], ["c"]):
        with pytest.raises(UsageError):
            joint_test(fit, terms)


def test_importing_the_package_loads_no_heavy_library() -> None:
    import subprocess
    import sys

    code = "import sys, insight.stats; print({'scipy', 'statsmodels', 'pyfixest', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "set()"


def test_loading_pyfixest_leaves_everybodys_logging_as_it_was() -> None:
    code = (
        "import logging\nfrom insight.stats.two_way import load_pyfixest\n"
        "load_pyfixest().feols\nprint(logging.getLogger().handlers, logging.getLogger().level)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[] 30"
