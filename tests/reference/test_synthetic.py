"""Synthetic control and synthetic difference-in-differences against published figures and another program."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insight.stats.panel_matrix import panel_matrix
from insight.stats.synthetic_blocks import METHODS, Method, synthetic_blocks
from insight.stats.synthetic_control import SyntheticControl, synthetic_control
from insight.stats.synthetic_did import SyntheticDid, synthetic_did
from insight.stats.synthetic_panel import CompletePanel, complete_panel
from insight.stats.synthetic_predictors import Predictor

pytestmark = pytest.mark.published

COLUMNS = {"outcome": "PacksPerCapita", "unit": "State", "period": "Year", "cohort": "start"}

# Importance of each year's sales as synth2 for Stata prints it (a regression of outcomes on predictors), with the
# weights and the error before 1989 that it finds: tutorial of Mendez (2026), "Synthetic Difference-in-Differences
# (SDID) in Stata", carlos-mendez.org/post/stata_sdid, log of the run.
STATA_IMPORTANCE = [
    *(0.0575, 0.0630, 0.0775, 0.0762, 0.0718, 0.0725, 0.0802, 0.0696, 0.0589, 0.0514),
    *(0.0466, 0.0431, 0.0432, 0.0391, 0.0311, 0.0288, 0.0289, 0.0288, 0.0317),
]
STATA_WEIGHTS = {
    "Utah": 0.394,
    "Montana": 0.232,
    "Nevada": 0.205,
    "Connecticut": 0.109,
    "New Hampshire": 0.045,
    "Colorado": 0.015,
}


@pytest.fixture(scope="module")
def california(test_data: Path) -> pd.DataFrame:
    """Packs of cigarettes per head in 39 states, 1970 to 2000; Proposition 99 from 1989."""
    frame = pd.read_csv(test_data / "reference" / "california_prop99.csv", sep=";")
    return frame.assign(start=np.where(frame["State"] == "California", 1989.0, np.nan))


@pytest.fixture(scope="module")
def paper(california: pd.DataFrame) -> dict[Method, SyntheticDid]:
    """The paper's estimators as published."""
    return {method: synthetic_did(california, **COLUMNS, method=method, placebos=False) for method in METHODS}


@pytest.fixture(scope="module")
def to_the_end(california: pd.DataFrame) -> dict[Method, SyntheticDid]:
    """The paper's estimators with exact weights, and every control once."""
    return {method: synthetic_did(california, **COLUMNS, method=method, solver="exact") for method in METHODS}


@pytest.fixture(scope="module")
def exact(california: pd.DataFrame) -> SyntheticControl:
    """Synthetic control with exact weights."""
    return synthetic_control(california, **COLUMNS, solver="exact")


@pytest.fixture(scope="module")
def panel(california: pd.DataFrame) -> CompletePanel:
    """The same as a matrix."""
    return complete_panel(panel_matrix(california, **COLUMNS))


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # R synthdid 0.0.9 and Stata sdid print -15.60383, -19.61966 and -27.34911; rounded, the first three columns of
        # Table 1 of Arkhangelsky et al. (2021). The fourth is its column DIFP, -11.1.
        ("synthetic_did", pytest.approx(-15.60383, abs=1e-4)),
        ("synthetic_control", pytest.approx(-19.61966, abs=1e-4)),
        ("did", pytest.approx(-27.34911, abs=1e-4)),
        ("demeaned_synthetic_control", pytest.approx(-11.1, abs=0.05)),
    ],
)
def test_effects_are_those_of_table_1(paper: dict[Method, SyntheticDid], method: Method, expected: object) -> None:
    assert paper[method].estimate.value == expected


@pytest.mark.parametrize(("method", "rank"), [("synthetic_did", 2), ("synthetic_control", 3), ("did", 4)])
def test_placebo_ranks_among_39_states_are_the_published_ones(
    to_the_end: dict[Method, SyntheticDid], method: Method, rank: int
) -> None:
    found = to_the_end[method]
    assert found.p_value == pytest.approx(rank / 39)
    assert found.smallest_p == pytest.approx(1 / 39)
    assert len(found.placebos.table) == 38


def test_placebo_ranks_do_not_depend_on_where_the_search_stops(california: pd.DataFrame) -> None:
    found = synthetic_did(california, **COLUMNS, method="synthetic_control")
    assert found.p_value == pytest.approx(3 / 39)


@pytest.mark.parametrize(
    ("method", "expected"),
    [("synthetic_did", 8.4), ("synthetic_control", 9.9), ("did", 17.7), ("demeaned_synthetic_control", 9.5)],
)
def test_placebo_standard_errors_are_near_those_of_table_1(
    to_the_end: dict[Method, SyntheticDid], method: Method, expected: float
) -> None:
    # Table 1 draws 200 of the 38 controls at random; every control once leaves out that noise. Other draws of the
    # same error for synthetic DiD in print: 9.88 (Stata, Mendez 2026), 10.05 (vignette of R's causalverse).
    assert to_the_end[method].placebos.std_error == pytest.approx(expected, abs=1.5)


@pytest.mark.parametrize(("method", "expected"), [("synthetic_control", -21.7), ("demeaned_synthetic_control", -16.1)])
def test_a_ridge_gives_the_regularised_columns_of_the_papers_code(
    panel: CompletePanel, method: Method, expected: float
) -> None:
    # SC_REG and DIFP_REG of the vignette "synthdid paper results", ridge (1 x 12) ** 0.25 noise levels.
    blocks = synthetic_blocks(
        panel.values, start=19, sets=[panel.treated], donors=panel.is_control, method=method, ridge=12**0.25
    )
    assert blocks.effects[0] == pytest.approx(expected, abs=0.05)


def test_unit_and_time_weights_are_those_of_the_papers_tables(paper: dict[Method, SyntheticDid]) -> None:
    # Tables 7 and 8 as printed to two decimals by the vignette "synthdid paper results"; Nevada by summary() of R.
    weights = paper["synthetic_did"].weights.set_index("unit")["weight"]
    printed = {"Nevada": 0.124, "Connecticut": 0.08, "Delaware": 0.07, "Colorado": 0.06, "Illinois": 0.05, "Utah": 0.04}
    for state, expected in printed.items():
        assert weights[state] == pytest.approx(expected, abs=0.006)
    assert weights[["Alabama", "Kentucky", "Wyoming", "Rhode Island"]].max() < 0.005
    times = paper["synthetic_did"].time_weights.set_index("period")["weight"]
    assert times[[1986, 1987, 1988]].round(2).tolist() == [0.37, 0.21, 0.43]
    assert times.loc[:1985].max() == pytest.approx(0.0, abs=1e-6)
    control = paper["synthetic_control"].weights.set_index("unit")["weight"]
    for state, expected in {
        "Utah": 0.40,
        "Montana": 0.23,
        "Nevada": 0.20,
        "Connecticut": 0.10,
        "Colorado": 0.01,
    }.items():
        assert control[state] == pytest.approx(expected, abs=0.006)


def test_the_expected_path_is_that_of_stata(paper: dict[Method, SyntheticDid]) -> None:
    # Column sdid_cf of the log of the Stata run (Mendez 2026).
    expected = {1970: 116.5335, 1980: 120.0172, 1988: 91.14898, 1989: 87.24498, 1994: 74.70623, 2000: 66.08488}
    cells = paper["synthetic_did"].cells.set_index("period")["expected"]
    assert cells[list(expected)].tolist() == pytest.approx(list(expected.values()), abs=1e-3)


def test_a_placebo_date_gives_the_effects_of_r(panel: CompletePanel) -> None:
    # synthdid_placebo() of R synthdid 0.0.9: 19 years before 1989, of which 11 before the placebo date, with the ridge
    # of the full estimate: -1.667416; for did_estimate -11.00774.
    values, noise = panel.values, np.diff(panel.values[panel.is_control][:, :19], axis=1).std(ddof=1)
    short = np.diff(values[panel.is_control][:, :11], axis=1).std(ddof=1)
    given = {"start": 11, "sets": [panel.treated], "donors": panel.is_control, "solver": "published"}
    placebo = synthetic_blocks(values[:, :19], **given, ridge=12**0.25 * noise / short)
    assert placebo.effects[0] == pytest.approx(-1.667416, abs=1e-3)
    assert synthetic_blocks(values[:, :19], **given, method="did").effects[0] == pytest.approx(-11.00774, abs=1e-4)


def test_exact_weights_meet_the_years_before_better_than_the_published_search(
    exact: SyntheticControl, paper: dict[Method, SyntheticDid]
) -> None:
    # The published -19.62 comes from a search stopped early; Stata's synth2 and we go on to the optimum.
    assert exact.pre_error == pytest.approx(1.65640, abs=1e-5)  # Root Mean Squared Error printed by synth2
    assert exact.pre_error < paper["synthetic_control"].pre_error - 0.005
    assert exact.estimate.value == pytest.approx(-19.5136, abs=1e-3)
    found = exact.weights.set_index("unit")["weight"]
    assert found[list(STATA_WEIGHTS)].tolist() == pytest.approx(list(STATA_WEIGHTS.values()), abs=6e-4)
    assert found.sum() == pytest.approx(found[list(STATA_WEIGHTS)].sum(), abs=1e-6)
    assert exact.p_value == pytest.approx(3 / 39)
    assert exact.placebos.p_error_ratio == pytest.approx(3 / 39)  # 0.0769 by synth2


def test_the_default_without_predictors_is_the_published_search(california: pd.DataFrame) -> None:
    # Arkhangelsky et al. (2021), table 1: -19.6; their software prints -19.61966.
    found = synthetic_control(california, **COLUMNS, placebos=False)
    assert found.estimate.value == pytest.approx(-19.620, abs=0.01)
    assert found.weights["weight"].min() >= 0
    assert found.weights["weight"].sum() == pytest.approx(1)


def test_predictors_with_statas_importance_give_statas_weights(california: pd.DataFrame) -> None:
    years = [Predictor("PacksPerCapita", periods=(year,)) for year in range(1970, 1989)]
    found = synthetic_control(california, **COLUMNS, predictors=years, importance=STATA_IMPORTANCE, placebos=False)
    weights = found.weights.set_index("unit")["weight"]
    assert weights[list(STATA_WEIGHTS)].tolist() == pytest.approx(list(STATA_WEIGHTS.values()), abs=6e-4)
    assert found.pre_error == pytest.approx(1.65640, abs=1e-4)
    synthetic = found.predictors.set_index("predictor")["synthetic"]
    # Three rows of synth2's table of balance, which rests on weights rounded to three decimals.
    assert synthetic["PacksPerCapita (1970)"] == pytest.approx(117.3614, abs=0.07)
    assert synthetic["PacksPerCapita (1980)"] == pytest.approx(120.1817, abs=0.07)
    assert synthetic["PacksPerCapita (1988)"] == pytest.approx(91.9269, abs=0.07)
    # Rounded weights give synth2 a mean gap of -19.4814.
    assert found.estimate.value == pytest.approx(-19.4814, abs=0.04)


def test_searched_importance_is_no_worse_than_that_of_stata(california: pd.DataFrame) -> None:
    years = [Predictor("PacksPerCapita", periods=(year,)) for year in range(1970, 1989, 3)]
    found = synthetic_control(california, **COLUMNS, predictors=years, placebos=False)
    equal = synthetic_control(california, **COLUMNS, predictors=years, importance=[1.0] * 7, placebos=False)
    assert 1.6564 < found.pre_error < equal.pre_error


@pytest.mark.parametrize("method", ["synthetic_did", "synthetic_control", "did"])
def test_another_program_gives_the_same_effect_and_weights(
    panel: CompletePanel, paper: dict[Method, SyntheticDid], method: Method
) -> None:
    other = pytest.importorskip("synthdid", reason="second opinion: synthdid-py 0.1.0")
    values = np.vstack([panel.values[panel.is_control], panel.values[panel.treated]])
    estimator = {
        "synthetic_did": other.synthdid_estimate,
        "synthetic_control": other.sc_estimate,
        "did": other.did_estimate,
    }[method]
    theirs = estimator(values, 38, 19)
    assert paper[method].estimate.value == pytest.approx(float(theirs), abs=1e-6)
    controls = [unit for unit, is_control in zip(panel.units, panel.is_control, strict=True) if is_control]
    ours = paper[method].weights.set_index("unit")["weight"][controls]
    np.testing.assert_allclose(ours, theirs.weights.omega, atol=1e-5)


def test_another_program_agrees_where_starts_differ(california: pd.DataFrame) -> None:
    other = pytest.importorskip("synthdid", reason="second opinion: synthdid-py 0.1.0")
    starts = {"California": 1989.0, "Nevada": 1992.0}
    frame = california.assign(start=california["State"].map(starts))
    frame["treated"] = (frame["Year"] >= frame["start"]).astype(int)
    theirs = other.staggered_synthdid_estimate(
        frame, unit="State", time="Year", outcome="PacksPerCapita", treatment="treated"
    )
    ours = synthetic_did(frame, **COLUMNS, placebos=False)
    assert ours.estimate.value == pytest.approx(float(theirs), abs=1e-6)
