"""The published sensitivity analysis of Benzarti & Carloni (2019), and a second program's answers.

Coefficients and covariance are those that R's HonestDiD carries as ``BCdata_EventStudy`` (profits of French
restaurants after the VAT cut of 2009), to the ten digits printed in ``test/reference.jl`` of eohne/HonestDiD.jl.
Expected values are R's own output: ``FLCI_BC`` and ``M_UPPERBOUND`` there, and ``tests/r_test_results.json`` of
anzonyquispe/honestdid (``createSensitivityResults`` and ``createSensitivityResults_relativeMagnitudes``, defaults).

R finds the fixed-length interval's critical value from a million simulated draws and its weights by a search over a
grid, so its third or fourth digit is noise: tolerance 1e-3 (a hundredth of the intervals' length). Its sets over
relative magnitudes are read off 1000 points 40 standard errors wide: tolerance one step, 40 x 0.018973 / 999 = 7.6e-4,
outwards only, as a set's end lies between the outermost point kept and the next.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from insight.stats.relative_magnitudes import relative_magnitudes
from insight.stats.sensitivity import smoothness_intervals

COEFS = np.array(
    [
        6.696351804e-3,
        0.02934503369,
        -6.472972222e-3,
        0.0730149895,
        0.1959611177,
        0.3120639026,
        0.2395415455,
        0.1260425001,
    ]
)
# Upper triangle, by rows.
UPPER = [
    [
        8.428358124e-4,
        4.768686777e-4,
        2.618051076e-4,
        2.354220342e-4,
        1.676371467e-4,
        1.128707663e-4,
        1.992816215e-5,
        -1.368265366e-4,
    ],
    [6.425420288e-4, 3.987425007e-4, 2.435515198e-4, 2.201960306e-4, 1.804591157e-4, 3.84376508e-5, -2.960421989e-5],
    [5.229949602e-4, 2.11768609e-4, 1.840722252e-4, 1.45852784e-4, 7.005197403e-5, 5.952994979e-5],
    [3.089595411e-4, 1.197866077e-4, 1.334081317e-4, 1.016335009e-4, 1.079051726e-4],
    [3.59970436e-4, 2.478818642e-4, 1.749579242e-4, 1.654256921e-4],
    [4.263949813e-4, 2.171437809e-4, 2.892747871e-4],
    [4.886697861e-4, 3.805322049e-4],
    [7.61739444e-4],
]
GRID_STEP = 40 * 0.018972886 / 999

FIXED_LENGTH = {
    0.0: (0.131411316, 0.2161696482),
    0.01: (0.1549652670807741, 0.2703845303265206),
    0.02: (0.17730108790014376, 0.31595646819476952),
    0.03: (0.18940446443439926, 0.34854775003919292),
    0.1: (0.1194440001, 0.4185082143),
    0.2: (0.01944400015, 0.5185082143),
}
RELATIVE = {
    0.5: (0.11812948578177346, 0.27158386602562062),
    1.0: (0.06723125075039843, 0.31868372530838568),
    1.5: (0.013294315120135292, 0.36958196033976071),
    # The upper end of the fourth is the end of R's grid, 20 standard errors, and not of the set.
    2.0: (-0.042161970809571847, None),
}


@pytest.fixture(scope="module")
def vcov() -> np.ndarray:
    matrix = np.zeros((8, 8))
    for row, numbers in enumerate(UPPER):
        matrix[row, row:] = matrix[row:, row] = numbers
    return matrix


@pytest.mark.parametrize("bend", FIXED_LENGTH)
def test_the_fixed_length_interval_is_the_published_one(vcov: np.ndarray, bend: float) -> None:
    found = smoothness_intervals(COEFS, vcov=vcov, n_pre=4, grid=[bend]).estimates[0]
    assert (found.low, found.high) == pytest.approx(FIXED_LENGTH[bend], abs=1e-3)


def test_the_plain_interval_is_the_published_one(vcov: np.ndarray) -> None:
    plain = smoothness_intervals(COEFS, vcov=vcov, n_pre=4, grid=[0.0]).plain
    assert (plain.low, plain.high) == pytest.approx((0.15877494280765, 0.233147292681241), abs=1e-8)


def test_the_weights_at_a_large_bend_are_the_published_ones(vcov: np.ndarray) -> None:
    found = smoothness_intervals(COEFS, vcov=vcov, n_pre=4, grid=[0.1]).intervals[0]
    assert found.before == pytest.approx((0.0, 0.0, 0.0, 1.0), abs=1e-6)


def test_the_largest_bend_before_the_start_has_the_published_upper_limit(vcov: np.ndarray) -> None:
    found = smoothness_intervals(COEFS, vcov=vcov, n_pre=4, grid=[0.0])
    assert found.largest_bend_before_upper == pytest.approx(0.202169869297069, abs=1e-9)


@pytest.mark.parametrize("multiple", RELATIVE)
def test_the_set_over_relative_magnitudes_is_the_published_one(vcov: np.ndarray, multiple: float) -> None:
    low, high = RELATIVE[multiple]
    found = relative_magnitudes(COEFS, vcov=vcov, n_pre=4, grid=[multiple]).estimates[0]
    assert low - GRID_STEP <= found.low <= low + 1e-4
    if high is not None:
        assert high - 1e-4 <= found.high <= high + GRID_STEP


def test_no_relative_departure_at_all_gives_the_plain_interval(vcov: np.ndarray) -> None:
    found = relative_magnitudes(COEFS, vcov=vcov, n_pre=4, grid=[0.0])
    assert (found.estimates[0].low, found.estimates[0].high) == pytest.approx(
        (0.15877494280765, 0.233147292681241), abs=1e-6
    )


@pytest.mark.parametrize(
    ("weights", "bend"),
    [((1.0, 0, 0, 0), 0.0), ((0.25,) * 4, 0.0), ((0, 0, 0, 1.0), 0.0), ((1.0, 0, 0, 0), 0.01), ((0.25,) * 4, 0.03)],
)
def test_a_second_program_finds_the_same_fixed_length_interval(
    vcov: np.ndarray, weights: tuple[float, ...], bend: float
) -> None:
    """diff-diff 3.13.0, which uses the exact quantile and seeks the least bias at each noise: tolerance 1e-5."""
    other = second_program(vcov, method="smoothness", size=bend, weights=weights)
    found = smoothness_intervals(COEFS, vcov=vcov, n_pre=4, weights=weights, grid=[bend]).estimates[0]
    assert (found.low, found.high) == pytest.approx((other.ci_lb, other.ci_ub), abs=1e-5)
    # Ours is the shortest there is; a search may stop a little before it.
    assert found.high - found.low <= other.ci_ub - other.ci_lb + 1e-7


@pytest.mark.parametrize("multiple", [0.5, 1.0, 2.0])
def test_a_second_program_finds_the_same_identified_set(vcov: np.ndarray, multiple: float) -> None:
    """diff-diff 3.13.0, by linear programmes. Its confidence set is not compared: it is narrower than R's."""
    weights = (0.25, 0.25, 0.25, 0.25)
    other = second_program(vcov, method="relative_magnitude", size=multiple, weights=weights)
    found = relative_magnitudes(COEFS, vcov=vcov, n_pre=4, weights=weights, grid=[multiple]).identified[0]
    assert (found.low, found.high) == pytest.approx((other.lb, other.ub), abs=1e-9)


def second_program(vcov: np.ndarray, *, method: str, size: float, weights: tuple[float, ...]) -> Any:
    honest = pytest.importorskip("diff_diff.honest_did")
    results = pytest.importorskip("diff_diff.results")
    times = [-5, -4, -3, -2, 0, 1, 2, 3]
    effects = {
        time: results.PeriodEffect(time, COEFS[i], float(np.sqrt(vcov[i, i])), 0.0, 0.0, (0.0, 0.0))
        for i, time in enumerate(times)
    }
    study = results.MultiPeriodDiDResults(
        effects,
        0.0,
        0.0,
        0.0,
        0.0,
        (0.0, 0.0),
        100,
        10,
        10,
        times[:4],
        times[4:],
        vcov=vcov,
        interaction_indices={time: i for i, time in enumerate(times)},
        reference_period=-1,
    )
    return honest.HonestDiD(method=method, M=size, l_vec=np.array(weights, dtype=float)).fit(study)
