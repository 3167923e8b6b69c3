"""The study on the real figures against a second computation that shares no code with it.

``independent_site_effect.py`` (numpy, pandas and scipy: every fit written out) made
``data/independent_site_effect.json`` from the published files; both are in this folder. Tolerance: 1e-6 for closed
forms and imputation, 1e-4 where donors are weighed by an optimiser, and for random placebo sets what 999 draws allow.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import insight as ins
from insight.core.estimate import Estimate

EXPECTED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "independent_site_effect.json").read_text(encoding="utf-8")
)["estimates"]
WEIGHED = ("synthetic_control", "synthetic_did")
DRAWN = "poisson_imputation_with_own_placebos"
PLAIN = sorted(set(EXPECTED) - {*WEIGHED, DRAWN})
ALONE = [key for key in PLAIN if key.startswith("treated_")]
pytestmark = pytest.mark.published


@pytest.fixture(scope="module")
def estimates(published_store: Path) -> dict[str, Estimate]:
    # The whole store: the yearly designs need more than the indicators that the study cannot do without.
    finding = ins.studies.site_effect(ins.load_panel(published_store), authority="Dorset")
    return {estimate.key: estimate for estimate in finding.estimates}


@pytest.mark.parametrize("key", PLAIN)
def test_a_design_equals_the_independent_one(estimates: dict[str, Estimate], key: str) -> None:
    ours, expected = estimates[key], EXPECTED[key]
    assert ours.value == pytest.approx(expected["estimate"], abs=1e-6)
    assert ours.n_units == expected["treated"] + expected["donors"]


@pytest.mark.parametrize("key", WEIGHED)
def test_a_design_that_weighs_donors_equals_the_independent_one(estimates: dict[str, Estimate], key: str) -> None:
    ours, expected = estimates[key], EXPECTED[key]
    assert ours.value == pytest.approx(expected["estimate"], abs=1e-4)
    assert ours.n_units == expected["treated"] + expected["donors"]


@pytest.mark.parametrize("key", ALONE)
def test_the_interval_of_one_treated_unit_equals_the_independent_one(estimates: dict[str, Estimate], key: str) -> None:
    # Every donor of its size third is a placebo, so nothing is drawn.
    ours, expected = estimates[key], EXPECTED[key]
    assert (ours.low, ours.high) == pytest.approx((expected["low"], expected["high"]), abs=1e-6)


def test_the_place_of_dorset_among_its_size_equals_the_independent_one(estimates: dict[str, Estimate]) -> None:
    ours, expected = estimates["treated_E06000059"], EXPECTED["treated_E06000059"]
    assert ours.rank_of is not None
    assert ours.rank_of == expected["placebos"] + 1
    assert ours.rank == pytest.approx(expected["p"] * ours.rank_of, abs=1e-6)


def test_the_interval_from_drawn_sets_comes_near_one_from_other_draws(estimates: dict[str, Estimate]) -> None:
    ours, expected = estimates["poisson_imputation"], EXPECTED[DRAWN]
    assert (ours.low, ours.high) == pytest.approx((expected["low"], expected["high"]), abs=0.03)
    # Two sets of 999 draws: a standard deviation of 0.022 between their shares.
    assert estimates["p_permutation"].value == pytest.approx(expected["p"], abs=0.07)
