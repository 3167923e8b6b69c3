"""Staggered starts against published numbers.

The county data are those of the R package ``did``: teen employment and minimum wages, 500 counties, 2003 to 2007
(Callaway & Sant'Anna 2021). Unless said, the numbers come from its documentation, or from tables of its output (R,
``att_gt`` and ``aggte`` with ``bstrap = FALSE``) that the Python package csdid keeps for its own tests
(d2cml-ai/csdid, ``test_csdid/r_ref``: ref_attgt, ref_aggte, ref_pretest and ref_gaps). They are cut to six decimals.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insight.stats.callaway_santanna import callaway_santanna
from insight.stats.goodman_bacon import goodman_bacon
from insight.stats.static_effects import static_two_way
from insight.stats.sun_abraham import sun_abraham

WHERE = {"outcome": "lemp", "unit": "countyreal", "period": "year", "cohort": "first_treat"}

CELLS = [(2004, year) for year in range(2004, 2008)] + [
    (cohort, year) for cohort in (2006, 2007) for year in range(2004, 2008)
]
# (ATT, standard error) in the order of CELLS.
NEVER = [
    (-0.010503, 0.023251),
    (-0.070423, 0.030985),
    (-0.137259, 0.036436),
    (-0.100811, 0.034359),
    (0.006520, 0.023327),
    (-0.002751, 0.019559),
    (-0.004595, 0.017755),
    (-0.041224, 0.020229),
    (0.030507, 0.015034),
    (-0.002726, 0.016396),
    (-0.031087, 0.017878),
    (-0.026054, 0.016655),
]
NOT_YET = [
    (-0.019372, 0.022310),
    (-0.078319, 0.030390),
    (-0.136274, 0.035403),
    (-0.100811, 0.034359),
    (-0.002563, 0.022530),
    (-0.001939, 0.019042),
    (0.004661, 0.016336),
    (-0.041224, 0.020229),
    (0.029759, 0.014534),
    (-0.002411, 0.016031),
    (-0.031087, 0.017878),
    (-0.026054, 0.016655),
]
WITH_POPULATION = [
    (-0.014911, 0.022056),
    (-0.076996, 0.028360),
    (-0.141080, 0.034836),
    (-0.107544, 0.032738),
    (-0.002066, 0.022122),
    (-0.006968, 0.018346),
    (0.000766, 0.019196),
    (-0.041536, 0.019717),
    (0.026366, 0.014019),
    (-0.004760, 0.015670),
    (-0.028502, 0.018132),
    (-0.028789, 0.016168),
]


@pytest.fixture(scope="module")
def counties(test_data: Path) -> pd.DataFrame:
    """mpdta; a county never treated has first_treat 0."""
    return pd.read_csv(test_data / "reference" / "mpdta.csv")


@pytest.mark.published
@pytest.mark.parametrize(
    ("how", "expected", "wald", "p"),
    [
        ({}, NEVER, 7.791237, 0.16812),
        ({"control": "not_yet_treated"}, NOT_YET, 7.790928, 0.16814),
        ({"covariates": ["lpop"], "method": "outcome_regression"}, WITH_POPULATION, 6.861275, 0.23116),
    ],
)
def test_group_time_effects_errors_and_the_pre_test_of_did(
    counties: pd.DataFrame, how: dict[str, object], expected: list[tuple[float, float]], wald: float, p: float
) -> None:
    """ref_attgt and ref_pretest: scenarios mpdta_nev_dr, mpdta_nyt_dr, mpdta_nev_reg_cov; tolerance 1e-6."""
    found = callaway_santanna(counties, **WHERE, **how)
    rows = found.group_time
    assert list(zip(rows["cohort"], rows["period"], strict=True)) == CELLS
    assert rows["att"].tolist() == pytest.approx([att for att, _ in expected], abs=1e-6)
    assert rows["std_error"].tolist() == pytest.approx([error for _, error in expected], abs=1e-6)
    assert found.pre_trend is not None
    assert (found.pre_trend.statistic, found.pre_trend.p) == pytest.approx((wald, p), abs=6e-6)
    assert found.pre_trend.dof == 5


@pytest.mark.published
@pytest.mark.parametrize(
    ("control", "expected", "p"),
    [
        (
            "never_treated",
            "-.0145 -.0764 -.1404 -.1069 -.0005 -.0062 .0010 -.0413 .0267 -.0046 -.0284 -.0288",
            0.23267,
        ),
        (
            "not_yet_treated",
            "-.0212 -.0816 -.1382 -.1069 -.0075 -.0046 .0087 -.0413 .0269 -.0042 -.0284 -.0288",
            0.23326,
        ),
    ],
)
def test_doubly_robust_effects_given_population(counties: pd.DataFrame, control: str, expected: str, p: float) -> None:
    """Reference manual of did 2.1, examples of att_gt with xformla = ~lpop; half a unit of the last printed digit."""
    found = callaway_santanna(counties, **WHERE, covariates=["lpop"], control=control)
    assert found.group_time["att"].tolist() == pytest.approx([float(each) for each in expected.split()], abs=5e-5)
    assert found.pre_trend is not None and found.pre_trend.p == pytest.approx(p, abs=5e-6)


@pytest.mark.published
@pytest.mark.parametrize("method", ["doubly_robust", "outcome_regression", "inverse_probability"])
def test_without_covariates_every_method_is_the_same(counties: pd.DataFrame, method: str) -> None:
    """ref_aggte: scenarios mpdta_nev_dr and mpdta_nev_ipw are equal."""
    found = callaway_santanna(counties, **WHERE, method=method)
    assert (found.estimate.value, found.estimate.std_error) == pytest.approx((-0.039951, 0.012034), abs=1e-6)


@pytest.mark.published
@pytest.mark.parametrize(
    ("how", "kind", "overall", "parts"),
    [
        ({}, "simple", (-0.039951, 0.012034), {"all": (-0.039951, 0.012034)}),
        (
            {},
            "group",
            (-0.031018, 0.012446),
            {2004: (-0.079749, 0.026368), 2006: (-0.022910, 0.016703), 2007: (-0.026054, 0.016655)},
        ),
        (
            {},
            "calendar",
            (-0.041700, 0.015972),
            {
                2004: (-0.010503, 0.023251),
                2005: (-0.070423, 0.030985),
                2006: (-0.048816, 0.020126),
                2007: (-0.037059, 0.013747),
            },
        ),
        (
            {},
            "dynamic",
            (-0.077240, 0.019965),
            {
                -3: (0.030507, 0.015034),
                -2: (-0.000563, 0.013292),
                -1: (-0.024459, 0.014236),
                0: (-0.019932, 0.011826),
                1: (-0.050957, 0.016893),
                2: (-0.137259, 0.036436),
                3: (-0.100811, 0.034359),
            },
        ),
        (
            {"control": "not_yet_treated"},
            "calendar",
            (-0.044267, 0.015571),
            {
                2004: (-0.019372, 0.022310),
                2005: (-0.078319, 0.030390),
                2006: (-0.042318, 0.019056),
                2007: (-0.037059, 0.013747),
            },
        ),
        (
            {"control": "not_yet_treated"},
            "dynamic",
            (-0.077399, 0.019560),
            {
                -3: (0.029759, 0.014534),
                -2: (-0.002446, 0.013120),
                -1: (-0.024269, 0.014464),
                0: (-0.018922, 0.012045),
                1: (-0.053589, 0.016946),
                2: (-0.136274, 0.035403),
                3: (-0.100811, 0.034359),
            },
        ),
        (
            {"covariates": ["lpop"], "method": "outcome_regression"},
            "group",
            (-0.032929, 0.011860),
            {2004: (-0.085133, 0.024251), 2006: (-0.020385, 0.017403), 2007: (-0.028789, 0.016168)},
        ),
    ],
)
def test_summaries_of_did(
    counties: pd.DataFrame,
    how: dict[str, object],
    kind: str,
    overall: tuple[float, float],
    parts: dict[object, tuple[float, float]],
) -> None:
    """ref_aggte; tolerance 1e-6. The rows without further choices are those of the documentation, to four decimals."""
    found = callaway_santanna(counties, **WHERE, **how).aggregate(kind)
    assert (found.estimate.value, found.estimate.std_error) == pytest.approx(overall, abs=1e-6)
    label = found.parts.columns[0]
    assert found.parts[label].tolist() == list(parts)
    assert found.parts["att"].tolist() == pytest.approx([att for att, _ in parts.values()], abs=1e-6)
    assert found.parts["std_error"].tolist() == pytest.approx([error for _, error in parts.values()], abs=1e-6)


@pytest.mark.published
def test_a_balanced_window_of_did(counties: pd.DataFrame) -> None:
    """Vignette "Getting started with the did package", aggte(type = "dynamic", balance_e = 1); its errors are drawn."""
    found = callaway_santanna(counties, **WHERE).aggregate("dynamic", balance=1)
    assert found.estimate.value == pytest.approx(-0.0288, abs=5e-5)
    assert found.estimate.std_error == pytest.approx(0.0135, rel=0.1)
    assert found.parts["event_time"].tolist() == [-2, -1, 0, 1]
    assert found.parts["att"].tolist() == pytest.approx([0.0065, -0.0028, -0.0066, -0.0510], abs=5e-5)


@pytest.mark.published
def test_a_universal_base_of_did(counties: pd.DataFrame) -> None:
    """ref_gaps, scenario universal; the base itself is zero without an error."""
    expected = {
        (2004, 2003): (0.0, np.nan),
        (2006, 2003): (-0.003769, 0.031342),
        (2006, 2004): (0.002751, 0.019559),
        (2006, 2005): (0.0, np.nan),
        (2007, 2003): (0.003306, 0.024452),
        (2007, 2004): (0.033813, 0.021129),
        (2007, 2005): (0.031087, 0.017878),
        (2007, 2006): (0.0, np.nan),
        (2007, 2007): (-0.026054, 0.016655),
    }
    rows = callaway_santanna(counties, **WHERE, base="universal").group_time.set_index(["cohort", "period"])
    for cell, numbers in expected.items():
        assert rows.loc[cell, ["att", "std_error"]].tolist() == pytest.approx(numbers, abs=1e-6, nan_ok=True)


@pytest.mark.published
def test_a_year_of_anticipation_of_did(counties: pd.DataFrame) -> None:
    """ref_gaps, scenario anticipation1: the cohort of 2004 has no clean year and is left out."""
    expected = {
        (2006, 2004): (0.006520, 0.023327),
        (2006, 2005): (-0.002751, 0.019559),
        (2006, 2006): (-0.007345, 0.022943),
        (2006, 2007): (-0.043975, 0.026579),
        (2007, 2004): (0.030507, 0.015034),
        (2007, 2005): (-0.002726, 0.016396),
        (2007, 2006): (-0.031087, 0.017878),
        (2007, 2007): (-0.057142, 0.020210),
    }
    found = callaway_santanna(counties, **WHERE, anticipation=1)
    rows = found.group_time.set_index(["cohort", "period"])
    assert list(rows.index) == list(expected)
    for cell, numbers in expected.items():
        assert rows.loc[cell, ["att", "std_error"]].tolist() == pytest.approx(numbers, abs=1e-6)
    assert len(found.left_out) == 20


@pytest.mark.published
def test_the_static_coefficient_of_the_counties(counties: pd.DataFrame) -> None:
    """Two-way fixed effects, errors clustered by county: -0.0365 (0.0133); half a unit of the last digit, twice."""
    found = static_two_way(counties, **WHERE).estimate
    assert found.value == pytest.approx(-0.0365, abs=1e-4)
    assert found.std_error == pytest.approx(0.0133, abs=1e-4)


@pytest.mark.published
def test_sun_abraham_of_the_counties_after_the_start_is_callaway_santanna(counties: pd.DataFrame) -> None:
    """On a balanced panel with never-treated units the two are the same from the start on: did's effects once more."""
    found = sun_abraham(counties, **WHERE)
    events = found.events.set_index("event_time")["att"]
    assert events.loc[0:].tolist() == pytest.approx([-0.019932, -0.050957, -0.137259, -0.100811], abs=1e-6)
    assert found.estimate.value == pytest.approx(-0.039951, abs=1e-6)


@pytest.mark.published
def test_the_parts_of_the_counties_static_coefficient_equal_diff_diff(counties: pd.DataFrame) -> None:
    """diff-diff 3.13.0, exact weights."""
    import diff_diff

    second = diff_diff.BaconDecomposition(weights="exact").fit(
        counties, outcome="lemp", unit="countyreal", time="year", first_treat="first_treat"
    )
    found = goodman_bacon(counties, **WHERE)
    kinds = found.kinds.set_index("kind")["weight"]
    assert kinds["treated vs never"] == pytest.approx(second.total_weight_treated_vs_never, abs=1e-9)
    assert found.forbidden_weight == pytest.approx(second.total_weight_later_vs_earlier, abs=1e-9)
    assert found.estimate.value == pytest.approx(static_two_way(counties, **WHERE).estimate.value, abs=1e-10)


def test_statas_bacondecomp_of_three_units() -> None:
    """Naqvi, "Difference-in-differences" notes, page on the Bacon decomposition (asjadnaqvi/DiD, updated May 2024).

    Three units in ten periods: one never treated, one from 5 on with an effect of 2, one from 8 on with an effect of 4.
    Stata prints D = 2.909091; Early_v_Late 2 with weight .18181818, Late_v_Early 4 with .13636363, Never_v_timing
    2.9333333 with .68181818.
    """
    unit, period = np.repeat([1, 2, 3], 10), np.tile(np.arange(1, 11), 3)
    start = np.repeat([np.inf, 5, 8], 10)
    frame = pd.DataFrame({"unit": unit, "t": period, "start": start})
    frame["y"] = np.where(period >= start, np.repeat([0.0, 2.0, 4.0], 10), 0.0)
    found = goodman_bacon(frame, outcome="y", unit="unit", period="t", cohort="start")
    assert found.estimate.value == pytest.approx(2.909091, abs=5e-7)
    kinds = found.kinds.set_index("kind")
    expected = {
        "earlier vs later": (2.0, 0.18181818),
        "later vs earlier (already treated)": (4.0, 0.13636363),
        "treated vs never": (2.9333333, 0.68181818),
    }
    for kind, (effect, weight) in expected.items():
        assert kinds.loc[kind, ["estimate", "weight"]].tolist() == pytest.approx([effect, weight], abs=5e-7)
