"""The study on the real figures against a second computation that shares no code with it.

``independent_caseload_turnover.py`` (numpy, pandas and scipy: projections and scoring written out) made
``data/caseload_turnover_2025.json`` from the published file; both are in this folder. Tolerance: its rounding, 1e-6,
and for the Poisson models 2e-6, where two ways of iterating stop.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

import insight as ins
from insight.core.estimate import Estimate
from insight.studies import find

EXPECTED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "caseload_turnover_2025.json").read_text(encoding="utf-8")
)["estimates"]
# Our key, their key, their term.
LINEAR = [
    (key, key, "caseload_lag1")
    for key in (
        "lag_opening",
        "lag_published",
        "lag_mean_stock",
        "with_agency",
        "weighted",
        "region_year",
        "all_authorities",
        "first_differences",
        "early_half",
        "late_half",
        "two_lags",
        "region_only",
    )
]
POISSON = [
    ("leavers_poisson_opening", "leavers_poisson_opening_on_linear_rows", 1.0),
    ("leavers_poisson_closing", "leavers_poisson_closing_on_linear_rows", 1.0),
    ("leavers_poisson_free", "leavers_poisson_free_headcount_on_linear_rows", 1.0),
    ("free_denominator", "free_denominator_on_linear_rows", math.log(1.1)),
]
pytestmark = pytest.mark.published


@pytest.fixture(scope="module")
def estimates(published_store: Path) -> dict[str, Estimate]:
    panel = ins.load_panel(published_store, indicators=find("caseload_turnover").needs)
    finding = ins.studies.caseload_turnover(panel, authority="Shropshire")
    return {estimate.key: estimate for estimate in finding.estimates}


@pytest.mark.parametrize(("key", "theirs", "term"), LINEAR, ids=[key for key, _, _ in LINEAR])
def test_a_linear_estimate_equals_the_independent_one(
    estimates: dict[str, Estimate], key: str, theirs: str, term: str
) -> None:
    ours, expected = estimates[key], EXPECTED[theirs]["terms"][term]
    assert ours.value == pytest.approx(expected["coefficient"], abs=1e-6)
    assert ours.std_error == pytest.approx(expected["std_error"], abs=1e-6)
    assert (ours.low, ours.high) == pytest.approx((expected["low"], expected["high"]), abs=1e-6)
    assert (ours.n_rows, ours.n_units) == (EXPECTED[theirs]["rows"], EXPECTED[theirs]["units"])


@pytest.mark.parametrize(("key", "theirs", "change"), POISSON, ids=[key for key, _, _ in POISSON])
def test_a_rate_ratio_equals_the_independent_one(
    estimates: dict[str, Estimate], key: str, theirs: str, change: float
) -> None:
    ours, expected = estimates[key], next(iter(EXPECTED[theirs]["terms"].values()))
    assert ours.value == pytest.approx(math.exp(change * expected["coefficient"]), abs=2e-6)
    assert ours.std_error == pytest.approx(change * expected["std_error"], abs=2e-6)
    assert ours.low == pytest.approx(math.exp(change * expected["low"]), abs=2e-6)
    assert ours.high == pytest.approx(math.exp(change * expected["high"]), abs=2e-6)


def test_the_joint_test_of_the_leads_equals_the_independent_one(estimates: dict[str, Estimate]) -> None:
    # Published beside the estimates: F(2, 148) = 0.303696, p = 0.738544.
    assert estimates["leads"].value == pytest.approx(0.738544, abs=1e-6)


def test_within_equals_the_headline_and_between_has_the_other_sign(estimates: dict[str, Estimate]) -> None:
    # Ours takes the panel's gaps into account, so `within` is the headline exactly. The independent one uses plain
    # means of an unbalanced panel, so it comes near: 0.0073 apart within, 0.021 between.
    assert estimates["within"].value == pytest.approx(estimates["lag_opening"].value, abs=1e-9)
    plain = EXPECTED["within"]["terms"]["caseload_lag1"]["coefficient"]
    assert estimates["within"].value == pytest.approx(plain, abs=0.01)
    between = EXPECTED["between"]["terms"]["caseload_lag1"]["coefficient"]
    assert estimates["between"].value == pytest.approx(between, abs=0.03)


def test_the_half_panel_jackknife_comes_near_the_independent_one(estimates: dict[str, Estimate]) -> None:
    # The halves weigh their rows a little differently: 0.2941 and 0.2939.
    expected = EXPECTED["split_panel_jackknife"]["terms"]["caseload_lag1"]["coefficient"]
    assert estimates["split_panel_jackknife"].value == pytest.approx(expected, abs=1e-3)
